-- client.registrations: listing, reading and executing registrations. Walking the list: pages_spec.lua.

local examples = require "spec.support.examples"
local misuse = require "spec.support.misuse"
local sandbox = require "spec.support.sandbox"
local wire = require "spec.support.wire"
local workflows = require "mistral.workflows"

local null = workflows.null
local UNKNOWN = "00000000-0000-4000-8000-000000000000"

describe("client.registrations", function()
  local server, client

  setup(function()
    server = sandbox.start { SANDBOX_REGISTRATIONS = 120 }
    client = server:client()
  end)

  before_each(function()
    server:reset()
    server:record()
  end)

  teardown(function()
    client:close()
    server:stop()
  end)

  -- The registration that runs a workflow.
  local function registration_of(name)
    local workflow = assert(client.workflows:get(name)).workflow
    local page = assert(client.registrations:list { workflow_id = workflow.id, active_only = true })
    return page.workflow_registrations[1], workflow
  end

  describe("list", function()
    it("asks without parameters", function()
      local page = assert(client.registrations:list())
      wire.check(server, { method = "GET", uri = "/v1/workflows/registrations" })
      assert.equal(50, #page.workflow_registrations)
      assert.is_string(page.next_cursor)
      assert.same(page.workflow_registrations, page.workflow_versions)
    end)

    it("gives registrations with their definitions", function()
      local registration, workflow = registration_of "hello"
      assert.equal(workflow.id, registration.workflow_id)
      assert.equal("default", registration.deployment_name)
      assert.equal("default", registration.task_queue)
      assert.equal(null, registration.workflow)
      local definition = registration.definition
      assert.equal("object", definition.input_schema.type)
      assert.same({ type = "string", description = "Whom to greet.", default = "world" },
        definition.input_schema.properties.name)
      assert.same({}, definition.signals)
    end)

    it("sends every parameter by its type", function()
      local all = {
        workflow_id = UNKNOWN, task_queue = "a b&c", active_only = true, include_shared = false,
        workflow_search = "caf\195\169=", archived = false, with_workflow = true, available_in_chat_assistant = false,
        limit = 7,
      }
      assert.same({}, assert(client.registrations:list(all)).workflow_registrations)
      wire.check(server, { method = "GET", uri = "/v1/workflows/registrations?workflow_id=" .. UNKNOWN ..
        "&task_queue=a%20b%26c&active_only=true&include_shared=false&workflow_search=caf%C3%A9%3D&archived=false" ..
        "&with_workflow=true&available_in_chat_assistant=false&limit=7" })
    end)

    it("leaves out nil and null, and sends the empty string", function()
      assert(client.registrations:list { archived = null, limit = null, workflow_search = "" })
      wire.check(server, { method = "GET", uri = "/v1/workflows/registrations?workflow_search=" })
    end)

    it("returns the reference's example", function()
      local expected = examples.serve(server, "GET", "/v1/workflows/registrations", "registrations")
      local page = assert(client.registrations:list())
      assert.same(expected, page)
      assert.equal('{"input_schema":[null]}', workflows.json.encode(page.workflow_registrations[1].definition))
    end)

    it("refuses names and types that the service does not know, and sends nothing", function()
      local before = wire.count(server)
      local cases = {
        { { something_else = true }, "registrations:list: unknown name 'something_else'; known are " },
        { { activeonly = true }, "registrations:list: unknown name 'activeonly'; did you mean 'active_only'?" },
        { { limit = "many" }, "registrations:list: 'limit' must be an integer, not a string" },
        { { limit = 1.5 }, "registrations:list: 'limit' must be an integer, not a number" },
        { { active_only = "true" }, "registrations:list: 'active_only' must be a boolean, not a string" },
        { { workflow_id = 5 }, "registrations:list: 'workflow_id' must be a string, not a number" },
        { 50, "registrations:list: the parameters must be a table, not a number" },
      }
      for _, case in ipairs(cases) do
        local message = misuse.message(function() client.registrations:list(case[1]) end)
        assert.equal(case[2], message:sub(1, #case[2]))
        message = misuse.message(function() client.registrations:each(case[1]) end)
        assert.equal((case[2]:gsub(":list:", ":each:")), message:sub(1, #case[2]))
      end
      assert.equal(before, wire.count(server))
    end)

    it("returns the service's list of what is wrong", function()
      local page, err = client.registrations:list { limit = 5000 }
      assert.is_nil(page)
      assert.equal(422, err.status)
      assert.truthy(err.message:find("query.limit: ", 1, true), err.message)
      assert.equal("limit", err.detail.detail[1].loc[2])
    end)
  end)

  describe("get", function()
    it("reads one", function()
      local listed = registration_of "hello"
      local answer = assert(client.registrations:get(listed.id))
      wire.check(server, { method = "GET", uri = "/v1/workflows/registrations/" .. listed.id })
      assert.same(answer.workflow_registration, answer.workflow_version)
      listed.active = true
      assert.same(listed, answer.workflow_registration)
    end)

    it("sends its parameters", function()
      local listed, workflow = registration_of "hello"
      local answer = assert(client.registrations:get(listed.id, { with_workflow = true, include_shared = false }))
      wire.check(server, { method = "GET",
        uri = "/v1/workflows/registrations/" .. listed.id .. "?with_workflow=true&include_shared=false" })
      assert.equal(workflow.id, answer.workflow_registration.workflow.id)
    end)

    it("returns the reference's example", function()
      local expected = examples.serve(server, "GET", "/v1/workflows/registrations/ipsum%20eiusmod", "registration")
      assert.same(expected, (assert(client.registrations:get("ipsum eiusmod"))))
    end)

    it("tells a malformed id from an unknown one", function()
      local _, err = client.registrations:get("runs")
      assert.equal(422, err.status)
      assert.truthy(err.message:find "path%.workflow_registration_id: ", err.message)
      _, err = client.registrations:get(UNKNOWN)
      assert.equal(404, err.status)
    end)

    it("refuses ids that would change the route", function()
      local before = wire.count(server)
      for _, value in ipairs { "", ".", ".." } do
        assert.truthy(misuse.invalid(function() return client.registrations:get(value) end)
          :find "^workflow_registration_id ")
        assert.truthy(misuse.invalid(function() return client.registrations:execute(value) end)
          :find "^workflow_registration_id ")
      end
      assert.equal(before, wire.count(server))
    end)
  end)

  describe("execute", function()
    it("sends the request and returns the execution", function()
      local listed = registration_of "echo"
      local request = { execution_id = "by-registration", input = { a = 1 } }
      local answer = assert(client.registrations:execute(listed.id, request))
      wire.check(server, { method = "POST", uri = "/v1/workflows/registrations/" .. listed.id .. "/execute",
        body = request })
      assert.equal("by-registration", answer.execution_id)
      assert.equal("echo", answer.workflow_name)
    end)

    it("returns the synchronous answer", function()
      local listed = registration_of "hello"
      assert.same({ workflow_name = "hello", execution_id = "sync", result = { message = "Hello, Lua!" } },
        (assert(client.registrations:execute(listed.id, { execution_id = "sync", input = { name = "Lua" },
          wait_for_result = true, timeout_seconds = 5 }))))
    end)

    it("returns the reference's example", function()
      local path = "/v1/workflows/registrations/" .. UNKNOWN .. "/execute"
      local expected = examples.serve(server, "POST", path, "execution")
      assert.same(expected, (assert(client.registrations:execute(UNKNOWN))))
    end)
  end)
end)
