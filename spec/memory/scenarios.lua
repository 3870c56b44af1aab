--- What is done with memory that ends: each operation may fail in any way; then the check must succeed.

local core = require "mistral.workflows.core"
local workflows = require "mistral.workflows"
local sandbox = require "spec.support.sandbox"

local server = sandbox.start { SANDBOX_REGISTRATIONS = 12 }
local options = { api_key = sandbox.key, server_url = server.url, timeout = 10, retry = false }

local client = workflows.new(options)
local text = [[{"a":[1,2.5,"x\u0000y",null,true,{"b":12345678901234567890,"c":{}}],"d":"é","e":[[],{}]}]]
local value = assert(workflows.json.decode(text))

local function works()
  local answer = assert(client.workflows:get("hello"))
  assert(answer.workflow.name == "hello")
end

works()

local scenarios = { server = server } -- it ends when nothing refers to it

local function scenario(name, operation, check)
  scenarios[#scenarios + 1] = { name = name, operation = operation, check = check or works }
end

scenario("decode", function() assert(workflows.json.decode(text)) end)
scenario("encode", function() assert(workflows.json.encode(value)) end)
scenario("encode in lines and in order", function()
  assert(workflows.json.encode(value, { indent = 2, sort_keys = true }))
end)
scenario("new and close", function()
  local made = workflows.new(options)
  made:close()
end)
scenario("new and collect", function() workflows.new(options) end)
scenario("a call on a new client", function()
  local made = workflows.new(options)
  assert(made.workflows:get("hello"))
  made:close()
end)
scenario("get", function() assert(client.workflows:get("hello")) end)
scenario("an error answer", function()
  local answer, err = client.workflows:get("nope")
  assert(answer == nil and err.status == 404, tostring(err))
end)
scenario("list with parameters", function()
  local parameters = { limit = 3, active_only = true, workflow_search = "h" }
  assert(client.registrations:list(parameters, { headers = { ["X-A"] = "b" } }))
end)
scenario("fields", function()
  local wanted = { fields = { "id", { "workflow", "name" }, "definition.signals.name" } }
  local page = assert(client.registrations:list({ limit = 4 }, wanted))
  assert(page.workflow_registrations[4].id)
end)
scenario("raw", function()
  local count = 0
  for item in client.registrations:each({ limit = 8 }, { raw = true }) do count = count + #item end
  assert(count > 0)
end)
scenario("execute", function() assert(client.workflows:execute("echo", { input = { a = 1, b = { 2, 3 } } })) end)
scenario("a schedule", function()
  assert(client.schedules:create { schedule_id = "s", workflow_identifier = "hello", schedule = { input = {},
    calendars = { { hour = { { start = 3, ["end"] = 5 } } } }, start_at = 1.5, policy = { overlap = 1 } } })
end)
scenario("bodies and paths that are refused", function()
  assert(not pcall(client.schedules.create, client.schedules, { schedule = { input = {}, cron = "x" } }))
  assert(not pcall(client.schedules.create, client.schedules, { schedule = { input = {}, calendars = { 1 } } }))
  assert(not pcall(client.runs.list, client.runs, { nothing_like_it = 1 }))
  assert(core.check_field("get_workflow", { "workflow", "nam" }))
end)
scenario("the endpoint table and its schemas", function() assert(#core.endpoints(true) == 54) end)
scenario("each", function()
  local count = 0
  for _ in client.registrations:each { limit = 4 } do count = count + 1 end
  assert(count == 12)
end)
scenario("each, left early", function()
  local next_item = client.registrations:each { limit = 4 }
  assert(next_item())
end)
scenario("run with a stream", function()
  local request = { input = { count = 3, interval = 0.001 } }
  local result, err = client.workflows:run("tokens", request, { on_event = function() end })
  assert(result, tostring(err))
end)
scenario("map", function()
  local results, errors = client:map({ 1, 2, 3 }, function() return client.workflows:get("hello") end)
  assert(#results == 3 and not errors, errors and tostring(errors[1] or errors[2] or errors[3]))
end)
scenario("a transfer dropped while it runs", function()
  local transfer = core.get_workflow(client.handle, "hello")
  transfer:start(10, {})
end)
scenario("a second load of the module", function()
  package.loaded["mistral.workflows.core"] = nil
  local again = require "mistral.workflows.core"
  assert(again.json.decode "[1]")
end, function()
  package.loaded["mistral.workflows.core"] = core
  works()
end)

return scenarios
