-- Answers for the commands in running.txt. The id of an execution says how it ends, and "x" what it gives.

local function problem(status, detail)
  return function() return status, { detail = detail } end
end

local endings = {
  failed = "FAILED", cancelled = "CANCELED", terminated = "TERMINATED", late = "TIMED_OUT", forever = "RUNNING",
}

local function execution(request)
  local id = request.path_value
  if id == "nosuch" then return 404, { detail = "Workflow execution not found" } end
  local result = endings[id] == "FAILED" and '{"error":"bo\\nom"}' or id == "null" and "null" or '{"b":1,"a":[2]}'
  return 200, ('{"execution_id":"%s","workflow_name":"hello","status":"%s","result":%s}'):format(id,
    endings[id] or "COMPLETED", result)
end

local function started(request)
  return 200, ('{"execution_id":"%s","workflow_name":"hello","status":"RUNNING"}'):format(request.json.execution_id)
end

local function stream(request)
  if endings[request.path_value] == "RUNNING" then return 200, { 600 } end
  return 200, {
    { event_type = "WORKFLOW_EXECUTION_STARTED" }, 1, { event_type = "WORKFLOW_EXECUTION_COMPLETED" },
  }
end

return {
  usual = { execute_workflow = started, get_workflow_execution = execution, stream = stream,
    batch_cancel_workflow_executions = '{"results":{}}', cancel_workflow_execution = function() return 202 end },
  refusing = {
    execute_workflow = problem(422, "n: must be an integer"), get_workflow_execution = problem(404, "not found"),
  },
  there = {
    execute_workflow = function() return 409, { detail = "exists", code = "WF_1101" } end,
    get_workflow_execution = execution, stream = stream,
  },
}
