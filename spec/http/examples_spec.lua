-- The examples run as a user runs them.

local lua = require "spec.support.lua"
local sandbox = require "spec.support.sandbox"

local function assert_holds(output, ...)
  for _, expected in ipairs { ... } do
    assert(output:find(expected, 1, true), ("%q is missing in:\n%s"):format(expected, output))
  end
end

describe("examples/quickstart.lua", function()
  local server

  setup(function() server = sandbox.start() end)
  teardown(function() server:stop() end)

  local function run(arguments, changes)
    local environment = { MISTRAL_API_KEY = sandbox.key, MISTRAL_SERVER_URL = server.url }
    for name, value in pairs(changes or {}) do environment[name] = value end
    return lua.run("examples/quickstart.lua " .. arguments, environment)
  end

  it("walks registrations, runs a workflow and shows its result and an error", function()
    local output, status = run [[slow '{"seconds": 0.3}']]
    assert.equal(0, status, output)
    assert_holds(output, "page 1", "100 so far", "page 5", "500 so far", "RUNNING", "event WORKFLOW_EXECUTION_STARTED",
      "COMPLETED", '{"seconds":0.3}', "HTTP 404", "err.status      404")
    assert.is_nil(output:find "\27")
    assert.is_nil(output:find(sandbox.key, 1, true))
  end)

  it("starts nothing when no workflow is named", function()
    server:reset()
    local output, status = run ""
    assert.equal(0, status, output)
    assert_holds(output, "Name one to run it", "HTTP 404")
    assert.equal(0, server:stats().executions_started)
  end)

  it("says what went wrong on one line and ends with status 1", function()
    for arguments, expected in pairs {
      ["no-such-workflow"] = "quickstart: execute_workflow: http: HTTP 404",
      ["fail"] = "the execution ended FAILED: boom",
      ["slow '{'"] = "quickstart: the input is not JSON",
    } do
      local output, status = run(arguments)
      assert_holds(output, expected)
      assert.equal(1, status)
      assert.is_nil(output:find("traceback", 1, true))
    end
  end)

  it("explains a missing or broken key", function()
    local output, status = run("", { MISTRAL_API_KEY = "" })
    assert_holds(output, "set MISTRAL_API_KEY", "make demo")
    assert.equal(1, status)
    output, status = run("", { MISTRAL_API_KEY = "secret-key\n" })
    assert_holds(output, "control characters")
    assert.is_nil(output:find("secret", 1, true))
    assert.equal(1, status)
  end)

  it("works over a service without registrations", function()
    server:fixture { method = "GET", path = "/v1/workflows/registrations", status = 200, times = 1,
      headers = { ["content-type"] = "application/json" },
      body = '{"workflow_registrations":[],"workflow_versions":[],"next_cursor":null}' }
    local output, status = run ""
    assert.equal(0, status, output)
    assert_holds(output, "There are none yet")
  end)
end)
