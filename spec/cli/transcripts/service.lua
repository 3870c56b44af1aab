-- Answers for the commands in service.txt, and for command lines that are wrong.

local function problem(status, detail)
  return function() return status, { detail = detail } end
end

local many = {}
for index = 1, 1001 do many[index] = ('{"name":"w-%d"}'):format(index) end

local registrations = [[{"workflow_registrations":[
{"workflow":{"name":"zeta"},"definition":{"input_schema":{"properties":{"n":{"type":"integer"}},"required":["n"]},
"output_schema":{"properties":{"message":{"type":"string"}}},
"signals":[{"name":"stop","input_schema":{"properties":{"why":{"type":"string"}}}}],
"queries":[{"name":"get it","output_schema":{"properties":{"n":{"type":"integer"}}}}],
"updates":[{"name":"add","input_schema":{"properties":{"n":{"type":"number"}}},"output_schema":{"type":"number"}}]}},
{"workflow":{"name":"zeta"},"definition":{"input_schema":{"properties":{"older":{"type":"integer"}}}}},
{"workflow":{"name":"alpha-1"},"definition":{}},{"workflow":{"name":""},"definition":{}}]}]]

return {
  usual = {
    get_worker_info = '{"namespace":"team","scheduler_url":"s.test:443","tls":true}',
    get_workflows = '{"workflows":[{"name":"hello"},{"name":"e\\tcho"}]}',
    list_deployments = '{"deployments":[{"name":"east"}]}', get_schedules = '{"schedules":[{"schedule_id":"nine"}]}',
    get_workflow_registrations = registrations, get_workflow = '{"workflow":{"name":"zeta"}}',
  },
  plain = { get_worker_info = '{"namespace":"team","scheduler_url":"s.test:443","tls":false}' },
  many = { get_workflows = '{"workflows":[' .. table.concat(many, ",") .. "]}" },
  down = {
    get_worker_info = problem(401, "wrong\nkey"), get_workflows = problem(503, "down"),
    get_workflow = problem(404, "Workflow not found"),
  },
  away = { get_worker_info = "refuse" },
  bare = { get_workflow_registrations = '{"workflow_registrations":[]}' },
}
