-- client.workflows: reading, changing, archiving and executing one workflow.

local examples = require "spec.support.examples"
local misuse = require "spec.support.misuse"
local sandbox = require "spec.support.sandbox"
local wire = require "spec.support.wire"
local workflows = require "mistral.workflows"

local null = workflows.null

describe("client.workflows", function()
  local server, client

  setup(function()
    server = sandbox.start()
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

  describe("get", function()
    it("asks for a workflow by its name", function()
      local answer = assert(client.workflows:get("hello"))
      wire.check(server, { method = "GET", uri = "/v1/workflows/hello" })
      local workflow = answer.workflow
      assert.truthy(workflow.id:match "^%x+%-%x+%-%x+%-%x+%-%x+$")
      assert.same({
        active = true, archived = false, available_in_chat_assistant = false, is_technical = false,
        customer_id = workflow.customer_id, description = "Greets; done at once.", display_name = "Hello",
        id = workflow.id, name = "hello", shared_namespace = null, tags = { "sandbox" }, type = "code",
        workspace_id = workflow.workspace_id,
      }, workflow)
    end)

    it("asks for a workflow by its id", function()
      local id = assert(client.workflows:get("echo")).workflow.id
      assert.equal("echo", assert(client.workflows:get(id)).workflow.name)
      wire.check(server, { method = "GET", uri = "/v1/workflows/" .. id })
    end)

    it("returns the reference's example", function()
      local expected = examples.serve(server, "GET", "/v1/workflows/some-name", "workflow")
      assert.same(expected, (assert(client.workflows:get("some-name"))))
    end)

    it("returns nil and an error for a workflow that is not there", function()
      server:control("POST", "switch?x_request_id=on")
      local answer, err = client.workflows:get("nobody")
      assert.is_nil(answer)
      assert.is_true(workflows.is_error(err))
      assert.equal("http", err.kind)
      assert.equal(404, err.status)
      assert.equal("get_workflow", err.operation)
      assert.equal("HTTP 404: Workflow 'nobody' not found", err.message)
      assert.truthy(err.request_id:match "^%x+$")
    end)

    it("takes options in the table's place and after it", function()
      local options = { headers = { ["X-Trace"] = "7" } }
      assert(client.workflows:get("hello", options))
      assert.equal("7", wire.check(server, { method = "GET", uri = "/v1/workflows/hello" })["x-trace"])
      assert(client.workflows:get("hello", nil, options))
      assert.equal("7", wire.check(server, { method = "GET", uri = "/v1/workflows/hello" })["x-trace"])
    end)
  end)

  describe("update", function()
    it("sends the changes and nothing else", function()
      local answer = assert(client.workflows:update("hello", { display_name = "Guten Tag", tags = { "a", "b" } }))
      wire.check(server, { method = "PUT", uri = "/v1/workflows/hello",
        body = { display_name = "Guten Tag", tags = { "a", "b" } } })
      assert.equal("Guten Tag", answer.workflow.display_name)
      assert.same({ "a", "b" }, answer.workflow.tags)
      assert.equal("Greets; done at once.", answer.workflow.description)
    end)

    it("sends null for null, false for false and [] for an empty array", function()
      local answer = assert(client.workflows:update("hello",
        { description = null, available_in_chat_assistant = false, tags = workflows.array {} }))
      assert.equal('{"available_in_chat_assistant":false,"description":null,"tags":[]}',
        (server:last_request().body:gsub("^{(.*)}$", function(members)
          local list = {}
          for member in members:gmatch "[^,]+" do list[#list + 1] = member end
          table.sort(list)
          return "{" .. table.concat(list, ",") .. "}"
        end)))
      assert.equal(null, answer.workflow.description)
      assert.same({}, answer.workflow.tags)
    end)

    it("sends {} when there are no changes", function()
      assert(client.workflows:update("hello"))
      assert.equal("{}", server:last_request().body)
      assert(client.workflows:update("hello", {}))
      assert.equal("{}", server:last_request().body)
    end)

    it("returns the reference's examples", function()
      for _, name in ipairs { "workflow", "no_workflow" } do
        local expected = examples.serve(server, "PUT", "/v1/workflows/some-name", name)
        assert.same(expected, (assert(client.workflows:update("some-name", {}))))
      end
    end)

    it("leaves the caller's table as it was", function()
      local changes = { tags = { "x" }, description = null }
      assert(client.workflows:update("hello", changes))
      assert.same({ tags = { "x" }, description = null }, changes)
      assert.is_nil(getmetatable(changes))
      assert.is_nil(getmetatable(changes.tags))
    end)
  end)

  for verb, archived in pairs { archive = true, unarchive = false } do
    describe(verb, function()
      it("sends a PUT without a body", function()
        local answer = assert(client.workflows[verb](client.workflows, "echo"))
        wire.check(server, { method = "PUT", uri = "/v1/workflows/echo/" .. verb })
        assert.equal("echo", answer.workflow.name)
        assert.equal(archived, answer.workflow.archived)
      end)

      it("returns the reference's examples", function()
        for _, name in ipairs { "workflow", "no_workflow" } do
          local expected = examples.serve(server, "PUT", "/v1/workflows/some-name/" .. verb, name)
          assert.same(expected, (assert(client.workflows[verb](client.workflows, "some-name"))))
        end
      end)
    end)
  end

  describe("execute", function()
    it("sends the request and returns the execution", function()
      local answer = assert(client.workflows:execute("echo", { execution_id = "one", input = { n = 3, list = { "a" } },
        custom_tracing_attributes = { team = "blue" }, force_new_trace = true }))
      wire.check(server, { method = "POST", uri = "/v1/workflows/echo/execute", body = { execution_id = "one",
        input = { n = 3, list = { "a" } }, custom_tracing_attributes = { team = "blue" }, force_new_trace = true } })
      assert.equal("one", answer.execution_id)
      assert.equal("one", answer.root_execution_id)
      assert.equal("echo", answer.workflow_name)
    end)

    it("chooses an execution id when the caller gave none", function()
      local answer = assert(client.workflows:execute("echo", {}))
      local sent = workflows.json.decode(server:last_request().body)
      assert.same({ execution_id = answer.execution_id }, sent)
      assert.truthy(answer.execution_id:match "^%x+$")
      assert.equal(32, #answer.execution_id)
      assert.not_equal(answer.execution_id, assert(client.workflows:execute("echo")).execution_id)
    end)

    it("leaves the id to the service when it is false", function()
      local request = { execution_id = false }
      local answer = assert(client.workflows:execute("echo", request))
      assert.equal("{}", server:last_request().body)
      assert.is_string(answer.execution_id)
      assert.same({ execution_id = false }, request)
    end)

    it("returns the synchronous answer", function()
      local answer = assert(client.workflows:execute("echo",
        { execution_id = "sync", input = { a = 1 }, wait_for_result = true, timeout_seconds = 5 }))
      assert.same({ workflow_name = "echo", execution_id = "sync", result = { a = 1 } }, answer)
    end)

    it("returns the reference's example", function()
      local expected = examples.serve(server, "POST", "/v1/workflows/some-name/execute", "execution")
      assert.same(expected, (assert(client.workflows:execute("some-name", { input = {} }))))
    end)

    it("returns the service's refusals", function()
      assert(client.workflows:execute("forever", { execution_id = "busy" }))
      local cases = {
        { "forever", { execution_id = "busy" }, 409, "WF_1101", "busy" },
        { "ambiguous", {}, 409, "AMBIGUOUS_WORKFLOW", "blue, green" },
        { "retired", {}, 409, nil, "archived" },
        { "strict", { input = { n = "x" } }, 422, nil, "Invalid input" },
        { "hello", { execution_id = "not good" }, 422, nil, "body%.execution_id: String should match" },
        { "nobody", {}, 404, nil, "nobody" },
      }
      for _, case in ipairs(cases) do
        local answer, err = client.workflows:execute(case[1], case[2])
        assert.is_nil(answer)
        assert.equal(case[3], err.status)
        assert.equal(case[4], err.code)
        assert.truthy(err.message:find(case[5]), err.message)
        assert.equal(1, err.attempts)
        assert.is_string(err.execution_id)
      end
    end)
  end)

  describe("path values", function()
    local encoded = {
      ["a b"] = "a%20b",
      ["a/b"] = "a%2Fb",
      ["50%"] = "50%25",
      ["%2F"] = "%252F",
      ["what?"] = "what%3F",
      ["a#b"] = "a%23b",
      ["caf\195\169"] = "caf%C3%A9",
      ["\n\240\159\154\128"] = "%0A%F0%9F%9A%80",
      ["..."] = "...",
      ["../runs"] = "..%2Fruns",
      ["a+b&c=d;e:f@g"] = "a%2Bb%26c%3Dd%3Be%3Af%40g",
      ["-._~09AZaz"] = "-._~09AZaz",
    }

    local fixed_words = {
      "runs", "schedules", "registrations", "deployments", "executions", "events", "workers", "archive", "unarchive",
    }

    it("are percent-encoded outside the unreserved set", function()
      for value, text in pairs(encoded) do
        client.workflows:get(value)
        wire.check(server, { method = "GET", uri = "/v1/workflows/" .. text })
      end
    end)

    it("are decoded to the same bytes by the service", function()
      for _, value in ipairs { "a b", "a/b", "50%", "%2F", "what?", "a#b", "caf\195\169", "a+b" } do
        local _, err = client.workflows:get(value)
        assert.equal(("Workflow '%s' not found"):format(value), err.detail.detail)
      end
    end)

    it("that would change the route are refused, and nothing is sent", function()
      local before = wire.count(server)
      local calls = {
        function(value) return client.workflows:get(value) end,
        function(value) return client.workflows:update(value, {}) end,
        function(value) return client.workflows:archive(value) end,
        function(value) return client.workflows:unarchive(value) end,
        function(value) return client.workflows:execute(value, {}) end,
        function(value) return client.workflows:run(value, {}) end,
      }
      for _, call in ipairs(calls) do
        assert.truthy(misuse.invalid(call, ".."):find "must not be '%.%.': it would change the path of the request")
        assert.truthy(misuse.invalid(call, "."):find "must not be '%.'")
        assert.truthy(misuse.invalid(call, ""):find "workflow_identifier is empty")
        for _, word in ipairs(fixed_words) do
          local message = misuse.invalid(call, word)
          assert.truthy(message:find("'" .. word .. "' is a route of the service", 1, true), message)
          assert.truthy(message:find "address the workflow by its id", message)
        end
      end
      assert.equal(before, wire.count(server))
    end)

    it("of another type are refused", function()
      for _, value in ipairs { 5, true, {} } do
        assert.equal("workflows:get: workflow_identifier must be a string, not a " .. type(value),
          misuse.message(function() client.workflows:get(value) end))
      end
      assert.equal("workflows:get: workflow_identifier must be a string, not nil",
        misuse.message(function() client.workflows:get() end))
    end)
  end)

  describe("names and types of a body", function()
    it("are checked, and nothing is sent", function()
      local before = wire.count(server)
      local cases = {
        { { displayname = "x" }, "unknown name 'displayname'; did you mean 'display_name'?" },
        { { completely_other = 1 }, "unknown name 'completely_other'; known are " },
        { { [1] = "x" }, "names must be strings, not a number" },
        { { display_name = 5 }, "'display_name' must be a string, not a number" },
        { { tags = "x" }, "'tags' must be a list of strings, not a string" },
        { { available_in_chat_assistant = "no" }, "'available_in_chat_assistant' must be a boolean, not a string" },
        { "text", "the body must be a table, not a string" },
      }
      for _, case in ipairs(cases) do
        local message = misuse.message(function() client.workflows:update("hello", case[1]) end)
        assert.truthy(message:find("workflows:update: " .. case[2], 1, true), message)
      end
      local message = misuse.message(function() client.workflows:execute("hello", { inputs = {} }) end)
      assert.equal("workflows:execute: unknown name 'inputs'; did you mean 'input'?", message)
      message = misuse.invalid(function() return client.workflows:execute("hello", { input = { a = { print } } }) end)
      assert.truthy(message:find "input%.a%[1%]", message)
      message = misuse.message(function() client.workflows:execute("hello", "world") end)
      assert.equal("workflows:execute: the body must be a table, not a string, as { input = ... }", message)
      assert.equal(before, wire.count(server))
    end)
  end)
end)
