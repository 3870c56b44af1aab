-- Answers for the commands in interaction.txt.

local function problem(status, detail)
  return function() return status, { detail = detail } end
end

-- What __get_pending_inputs and other queries answer.
local pending = [[{"pending_inputs":[{"task_id":"t-1","label":"Approve\tit",
"input_schema":{"properties":{"approved":{"type":"boolean","description":"Yes or no, after a long look at it."}}}},
{"task_id":"t-2","label":"Say why","input_schema":null}]}]]

local function query(result)
  return function(request)
    return 200, ('{"query_name":"%s","result":%s}'):format(request.json.name, result)
  end
end

local outcomes = [[{"results":{"a":{"status":"success"},"b":{"status":"error","error":"it\nended"},
"c":{"status":"error"}}}]]

return {
  usual = {
    signal_workflow_execution = '{"message":"sent"}', query_workflow_execution = query '{"b":1,"a":2}',
    update_workflow_execution = '{"update_name":"add","result":5}',
    batch_cancel_workflow_executions = outcomes, batch_terminate_workflow_executions = outcomes,
    reset_workflow = function() return 204 end,
  },
  waiting = {
    list_runs = '{"executions":[{"execution_id":"e-1","workflow_name":"form","status":"RUNNING"}]}',
    query_workflow_execution = query(pending), update_workflow_execution = '{"update_name":"x","result":null}',
  },
  idle = {
    list_runs = '{"executions":[]}', query_workflow_execution = query '{"pending_inputs":[]}',
  },
  refusing = {
    list_runs = [[{"executions":[{"execution_id":"e-1","workflow_name":"form","status":"RUNNING"},
{"execution_id":"e-2","workflow_name":"form","status":"RUNNING"}]}]],
    query_workflow_execution = function(request)
      if request.path_value == "e-1" then return 403, { detail = "not\nyours" } end
      return query(pending)(request)
    end,
    signal_workflow_execution = problem(404, "Workflow execution not found"),
    update_workflow_execution = problem(422, "n: must be an integer"),
    batch_cancel_workflow_executions = problem(403, "not yours"), reset_workflow = problem(400, "no such event"),
  },
  silent = { query_workflow_execution = '{"query_name":"get"}', signal_workflow_execution = function() return 202 end },
}
