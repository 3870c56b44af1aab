-- Answers for the commands in executions.txt.

local function problem(status, detail)
  return function() return status, { detail = detail } end
end

local page = [[{"executions":[
{"execution_id":"e-1","workflow_name":"hello","status":"COMPLETED","start_time":"2026-01-31T11:58:00Z",
"total_duration_ms":1500,"deployment_name":"east","run_id":"11111111-1111-1111-1111-111111111111"},
{"execution_id":"e-2","workflow_name":"slow","status":"RUNNING","start_time":"2026-01-31T11:00:00Z",
"total_duration_ms":null,"deployment_name":null,"run_id":"22222222-2222-2222-2222-222222222222"},
{"execution_id":"e-3","workflow_name":"fail","status":"FAILED","start_time":"2026-01-01T11:00:00Z"}]}]]

local whole = [[{"execution_id":"e-1","workflow_name":"hello","status":"FAILED","start_time":"2026-01-31T11:58:00Z",
"end_time":"2026-01-31T11:59:00Z","total_duration_ms":60000,"deployment_name":"east","run_id":"r-1",
"parent_execution_id":"e-0","root_execution_id":"e-9","result":{"b":1,"a":[2]}}]]

local events = [[{"events":[
{"eventId":"1","eventTime":"2026-01-31T11:58:00Z","eventType":"EVENT_TYPE_WORKFLOW_EXECUTION_STARTED",
"workflowExecutionStartedEventAttributes":{"a":1}},
{"eventId":"12","eventTime":"2026-01-31T11:58:01Z","eventType":"EVENT_TYPE_WORKFLOW_TASK_STARTED"},"x"]}]]

return {
  usual = { list_runs = page, get_workflow_execution = whole, get_workflow_execution_history = events },
  plain = {
    get_workflow_execution = [[{"execution_id":"e-2","workflow_name":"slow","status":"RUNNING",
"start_time":"2026-01-31T11:00:00Z","root_execution_id":"e-2","result":null}]],
  },
  done = { get_workflow_execution = '{"execution_id":"e-3","status":"COMPLETED","result":false}' },
  bare = { get_workflow_execution = '{"execution_id":"e-4","status":"COMPLETED"}' },
  none = {
    list_runs = '{"executions":[]}', get_workflow_execution = problem(404, "Workflow execution not found"),
    get_workflow_execution_history = '{"events":[]}',
  },
}
