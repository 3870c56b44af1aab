-- Answers for the commands in following.txt.

local function event(number, kind, id, more)
  local data = '{"event_type":"%s","workflow_exec_id":"%s","workflow_name":"slow"%s}'
  return ('id: %d\ndata: {"broker_sequence":%d,"data":%s}\n\n'):format(number, number,
    data:format(kind, id, more or ""))
end

local endings = {
  bad = { "WORKFLOW_EXECUTION_FAILED", ',"attributes":{"failure":{"message":"boom"}}' },
  stopped = { "WORKFLOW_EXECUTION_CANCELED" },
}

local function stream(request)
  local id = request.path_value
  local ending = endings[id] or { "WORKFLOW_EXECUTION_COMPLETED" }
  if request.params.last_event_id then return 200, { event(4, ending[1], id, ending[2]) } end
  return 200, {
    event(1, "WORKFLOW_EXECUTION_STARTED", id,
      ',"event_timestamp":1769860800500000000,"attributes":{"input":{"type":"json","value":{"n":1}}}'),
    event(2, "CUSTOM_TASK_COMPLETED", id, ',"attributes":{"custom_task_type":"copy","custom_task_id":"t"}'),
    event(3, ending[1], id, ending[2]),
  }
end

local statuses = { bad = "FAILED", stopped = "CANCELED", late = "TIMED_OUT" }

local function execution(request)
  local id = request.path_value
  if id == "nosuch" then return 404, { detail = "Workflow execution not found" } end
  return 200, ('{"execution_id":"%s","status":"%s"}'):format(id, statuses[id] or "COMPLETED")
end

local records = [[{"results":[
{"timestamp":"2026-01-31T11:58:00Z","severity_text":"INFO","body":"begins"},
{"timestamp":"2026-01-31T11:58:01Z","severity_text":"ERROR","body":"fails\nhere"},7]}]]

-- A live list has no end here: the key loses its permission.
local connections = 0
local function live()
  connections = connections + 1
  if connections % 2 == 0 then return 403, { detail = "not yours" } end
  return 200, { 'data: {"timestamp":"2026-01-31T11:58:00Z","severity_text":"WARN","body":"live"}\n\n' }
end

return {
  usual = {
    stream = stream, get_workflow_execution = execution, get_workflow_execution_logs = records,
    stream_workflow_execution_logs = live,
  },
}
