-- client.executions:get.

local examples = require "spec.support.examples"
local misuse = require "spec.support.misuse"
local sandbox = require "spec.support.sandbox"
local wire = require "spec.support.wire"
local workflows = require "mistral.workflows"

local null = workflows.null

describe("client.executions:get", function()
  local server, client

  setup(function()
    server = sandbox.start { SANDBOX_REGISTRATIONS = 100 }
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

  it("reads an execution that ended", function()
    assert(client.workflows:execute("hello", { execution_id = "greet", input = { name = "you" },
      wait_for_result = true }))
    local execution = assert(client.executions:get("greet"))
    wire.check(server, { method = "GET", uri = "/v1/workflows/executions/greet" })
    assert.equal("greet", execution.execution_id)
    assert.equal("greet", execution.root_execution_id)
    assert.equal("hello", execution.workflow_name)
    assert.equal("COMPLETED", execution.status)
    assert.same({ message = "Hello, you!" }, execution.result)
    assert.equal(null, execution.parent_execution_id)
    assert.truthy(execution.start_time:match "^%d%d%d%d%-%d%d%-%d%dT")
    assert.truthy(execution.end_time:match "^%d%d%d%d%-%d%d%-%d%dT")
  end)

  it("reads an execution that runs", function()
    assert(client.workflows:execute("forever", { execution_id = "on" }))
    local execution = assert(client.executions:get("on"))
    assert.equal("RUNNING", execution.status)
    assert.equal(null, execution.end_time)
    assert.equal(null, execution.result)
  end)

  it("sends its parameter", function()
    assert(client.workflows:execute("forever", { execution_id = "keys" }))
    assert.same({}, assert(client.executions:get("keys", { include_search_keys = true })).search_keys)
    wire.check(server, { method = "GET", uri = "/v1/workflows/executions/keys?include_search_keys=true" })
  end)

  it("returns the reference's example", function()
    local expected = examples.serve(server, "GET", "/v1/workflows/executions/ipsum%20eiusmod", "execution")
    assert.same(expected, (assert(client.executions:get("ipsum eiusmod"))))
  end)

  it("passes on statuses and members that it does not know", function()
    server:fixture { path = "/v1/workflows/executions/new", body = '{"status":"DREAMING","mood":{"level":3}}' }
    assert.same({ status = "DREAMING", mood = { level = 3 } }, (assert(client.executions:get("new"))))
  end)

  it("returns an error with the service's code for one that is not there", function()
    local execution, err = client.executions:get("nobody")
    assert.is_nil(execution)
    assert.equal("http", err.kind)
    assert.equal(404, err.status)
    assert.equal("WF_1100", err.code)
    assert.equal("HTTP 404: Workflow execution not found", err.message)
    assert.same({ detail = "Workflow execution not found", code = "WF_1100" }, err.detail)
  end)

  it("encodes ids, and refuses those that would change the route", function()
    client.executions:get("a/b?c#d%e \195\169")
    wire.check(server, { method = "GET", uri = "/v1/workflows/executions/a%2Fb%3Fc%23d%25e%20%C3%A9" })
    client.executions:get("runs")
    wire.check(server, { method = "GET", uri = "/v1/workflows/executions/runs" })
    local before = wire.count(server)
    for _, value in ipairs { "", ".", ".." } do
      assert.truthy(misuse.invalid(function() return client.executions:get(value) end):find "^execution_id ")
    end
    assert.equal(before, wire.count(server))
  end)
end)
