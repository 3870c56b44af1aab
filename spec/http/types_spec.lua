-- What the service answers has the types that editors are told of: no member without a type, none of a wrong one.

local annotations = require "spec.support.annotations"
local operation_cases = require "spec.support.operation_cases"
local operations = require "spec.support.operations"
local sandbox = require "spec.support.sandbox"
local testing = require "mistral.workflows.testing"
local walk_names = require "mistral.workflows.method".walk_names
local workflows = require "mistral.workflows"

local types = annotations.read "lua/mistral/workflows/types.lua"

local function class(name) return "mistral.workflows." .. name end

local function assert_fits(kind, value)
  assert.equal("", table.concat(types:violations(kind, value), "\n"))
end

-- The class of the events of a type: CUSTOM_TASK_STARTED has CustomTaskStarted.
local function event_class(event_type)
  return class((event_type:lower():gsub("_?(%a+)", function(word) return word:sub(1, 1):upper() .. word:sub(2) end)))
end

describe("the comparison of a value with a type", function()
  local resources = class "DeploymentResources"
  local policy = { overlap = 1, pause_on_failure = false }

  it("finds nothing wrong where there is nothing", function()
    assert_fits(resources, { replicas = 3, cpu_limit = workflows.null })
    assert_fits(class "RunPage", { executions = {}, next_page_token = "x" })
    assert_fits(class "TimeSeriesMetric", { value = { { 1, 0.5 }, { 2, 3 } } })
    assert_fits(class "BatchAnswer", { results = { ["some id"] = { status = "success", error = workflows.null } } })
    assert_fits(class "SchedulePolicy", policy)
  end)

  it("finds what is unknown, missing, or of a wrong type, however deep", function()
    for kind, case in pairs {
      DeploymentResources = { { replica = 3 },
        "answer.replica: mistral.workflows.DeploymentResources has no such member" },
      ScheduleAnswer = { {}, "answer.schedule_id: missing in a mistral.workflows.ScheduleAnswer" },
      ScheduleInterval = { { every = 5 }, "answer.every: a number, not a string" },
      EventPage = { { events = { workflows.null } }, "answer.events[1]: a userdata, not a mistral.workflows.AnyEvent" },
      QueryAnswer = { "text", "answer: a string, not a mistral.workflows.QueryAnswer" },
      TimeSeriesMetric = { { value = { { 1.5, 2 } } }, "answer.value[1].1: a number, not a integer" },
      BatchAnswer = { { results = { x = { status = true } } }, "answer.results[x].status: a boolean, not a string" },
      SignalAnswer = { { message = workflows.null }, "answer.message: a userdata, not a string" },
    } do
      assert.same({ case[2] }, types:violations(class(kind), case[1]))
    end
  end)
end)

describe("the types for tests", function()
  it("have an answer to each operation, and no other", function()
    local known = {}
    for _, operation in ipairs(operations) do known[operation.name] = true end
    for name in pairs(types.classes[class "testing.Answers"].fields) do
      assert.is_true(known[name], name)
      known[name] = nil
    end
    assert.is_nil(next(known))
  end)

  it("are those of what was asked", function()
    local client = testing.client { list_runs = { executions = {} }, execute_workflow = {} }
    assert(client.runs:list { status = { "FAILED", "CANCELED" }, page_size = 5 })
    client.workflows:execute("hello", { input = { name = "Ada" } })
    for _, request in ipairs(client.requests) do assert_fits(class "testing.Request", request) end
    assert.equal(2, #client.requests)
    client:close()
  end)
end)

describe("the type of", function()
  local server, client, cases, make

  setup(function()
    server = sandbox.start { SANDBOX_REGISTRATIONS = 100 }
    client = server:client()
    cases, make = operation_cases(server, client)
  end)
  before_each(function() server:reset() end)
  teardown(function()
    client:close()
    server:stop()
  end)

  -- The result of a method of an operation, and the type of it.
  local function call(operation, method)
    local case = assert(cases[operation.name])
    local path_value = case.path and case.path()
    local given = case.ids and case.ids() or case.table
    if type(given) == "function" then given = given(path_value) end
    local resource, verb = operation.call:match "^(.*):(.*)$"
    method = method or verb
    local object = resource == "" and client or client[resource]
    local kind = types.returns[(resource == "" and "Client" or resource) .. ":" .. method]
    if path_value then return kind, object[method](object, path_value, given) end
    return kind, object[method](object, given)
  end

  for _, operation in ipairs(operations) do
    if operation.response ~= "events" then
      it("what " .. operation.name .. " answers", function()
        local kind, answer, err = call(operation)
        assert(answer ~= nil, err)
        if operation.response == "none" then assert.is_true(answer) else assert_fits(kind, answer) end
      end)
    end
    if operation.paging then
      it("each item of " .. operation.name, function()
        make.schedule()
        assert(client.workflows:run("hello", { execution_id = "op-1" }))
        local kind, walk = call(operation, (walk_names(operation.call:match ":(.*)$")))
        local count = 0
        for item in walk do
          count = count + 1
          assert_fits(annotations.given(kind), item)
        end
        assert(count > 0)
      end)
    end
  end

  it("each event of the streams", function()
    local id = make.finished()
    for name, stream in pairs {
      ["executions:stream"] = client.executions:stream(id),
      ["executions:stream_logs"] = client.executions:stream_logs(id, { after = 0 }),
      ["deployments:stream_logs"] = client.deployments:stream_logs("default", { after = 0 }),
      ["events:stream"] = client.events:stream { start_seq = 0, workflow_name = "hello" },
    } do
      local kind = annotations.given(types.returns[name])
      for _ = 1, 2 do assert_fits(kind, stream()) end
      stream:close()
    end
  end)

  it("every event, of all types", function()
    local seen = {}
    local function look(filter)
      for event in client.events:each(filter) do
        seen[event.event_type] = true
        assert_fits(class "WorkflowEvent", event)
        assert_fits(event_class(event.event_type), event)
      end
    end
    for run in client.runs:each { page_size = 250 } do look { workflow_exec_id = run.execution_id } end
    for _, workflow in ipairs { "hello", "slow", "fail", "tree", "tokens", "document", "troubles", "generations" } do
      local id = assert(client.workflows:execute(workflow)).execution_id
      client.executions:wait(id)
      look { root_workflow_exec_id = id }
    end
    for _, literal in ipairs(types.aliases[class "EventType"]) do
      if literal.kind == "literal" then assert.is_true(seen[literal.value], literal.value) end
    end
  end)
end)
