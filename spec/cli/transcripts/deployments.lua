-- Answers for the commands in deployments.txt.

local function problem(status, detail)
  return function() return status, { detail = detail } end
end

local page = [[{"deployments":[
{"name":"east","is_active":true,"active_worker_count":2,"worker_count":3,"location":{"location_type":"k8s"},
"updated_at":"2026-01-31T11:58:00Z","managed":{"status":{"phase":"Running"}}},
{"name":"a-name-that-is-longer-than-others","is_active":false,"updated_at":"2026-01-01T11:58:00Z"}]}]]

local crew = [[{"workers":[
{"name":"east-worker-1","is_active":true,"location":{"location_type":"k8s","k8s_cluster":"blue"},
"updated_at":"2026-01-31T11:58:00Z","created_at":"2026-01-31T10:00:00Z"},
{"name":"east-worker-2","is_active":false,"location":{"location_type":"local"}}]}]]

local records = [[{"results":[
{"timestamp":"2026-01-31T11:58:00Z","severity_text":"INFO","body":"b","log_attributes":{"worker_name":"w\t1"}},
{"timestamp":"2026-01-31T11:58:01Z","severity_text":"ERROR","body":"c"}]}]]

local moved = '{"name":"east","status":{"phase":"Sca\\tling"}}'

-- A live list has no end: the key loses its permission.
local connections = 0
local function live()
  connections = connections + 1
  if connections % 2 == 0 then return 403, { detail = "not yours" } end
  return 200, {
    'data: {"timestamp":"T","severity_text":"WARN","body":"live","log_attributes":{"worker_name":"w"}}\n\n',
  }
end

return {
  usual = {
    list_deployments = page, list_deployment_workers = crew, get_deployment_logs = records,
    stream_deployment_logs = live,
    start_deployment = moved, stop_deployment = moved, restart_deployment = '{"name":"east"}',
  },
  none = {
    list_deployments = '{"deployments":[]}', list_deployment_workers = '{"workers":[]}',
    stop_deployment = problem(409, "is no managed deployment"),
  },
}
