-- Answers for the commands in workflows.txt.

local function problem(status, detail)
  return function() return status, { detail = detail } end
end

local hello = [[{"workflow":{"id":"w-1","name":"hello","display_name":"Hello","description":"Greets\tall.",
"active":true,"tags":["a","b"],"archived":true,"available_in_chat_assistant":true}}]]

local registration = [[{"workflow_registrations":[{"id":"r-1","deployment_name":"east","workflow":{"name":"hello"},
"compatible_with_chat_assistant":true,"definition":{"execution_timeout":3600,
"input_schema":{"properties":{"name":{"type":"string","description":"Who.","default":"world"},"n":{"type":"integer"}},
"required":["n"]},
"output_schema":{"properties":{"message":{"type":"string"}}},
"signals":[{"name":"stop","input_schema":null},{"name":"add","input_schema":{"properties":{
"by":{"type":"number","description":"By how much it is more."}}}}],
"queries":[{"name":"get"}],"updates":[{"name":"set"}]}},
{"id":"r-2","deployment_name":"west","workflow":{"name":"a long name of a workflow"},
"definition":{"execution_timeout":"x"}}]}]]

local page = [[{"workflows":[{"id":"w-1","name":"hello","display_name":"Hello","description":"Greets.","tags":["a","b"],
"archived":false},
{"id":"w-2","name":"retired-long-ago","display_name":"The retired one","description":"It did much when it was young.",
"tags":[],"archived":true}]}]]

local names = [[{"workflows":[{"name":"hello"},{"name":"echo"}]}]]

local ids = { hello = "00000000-0000-4000-8000-000000000001", echo = "00000000-0000-4000-8000-000000000002" }

local function by_name(request)
  local name = request.path_value
  if not ids[name] then return 404, { detail = "Workflow not found" } end
  return 200, ('{"workflow":{"id":"%s","name":"%s"}}'):format(ids[name], name)
end

return {
  usual = {
    get_workflows = page, get_workflow = hello, get_workflow_registrations = registration,
    update_workflow = '{"workflow":{"name":"hel\\tlo","tags":[]}}',
  },
  plain = {
    get_workflow = '{"workflow":{"id":"w-3","name":"plain","active":false,"tags":[],"archived":false}}',
    get_workflow_registrations = '{"workflow_registrations":[]}',
  },
  none = {
    get_workflows = '{"workflows":[]}', get_workflow = problem(404, "Workflow not found"),
    get_workflow_registrations = '{"workflow_registrations":[]}',
  },
  named = {
    get_workflows = names, get_workflow = by_name,
    bulk_archive_workflows = '{"archived":[{"name":"hello"},{"name":"e\\tcho"}],"errored":[]}',
    bulk_unarchive_workflows = '{"unarchived":[{"name":"echo"}],"errored":[]}',
  },
  refusing = {
    get_workflow = by_name,
    bulk_archive_workflows = '{"archived":[],"errored":[{"workflow_id":"w\\t1","message":"it\\nruns"}]}',
    update_workflow = problem(422, "display_name: too long"),
  },
  strange = {
    update_workflow = "null", get_workflow = '{"workflow":5}', get_workflow_registrations = problem(403, "not yours"),
  },
}
