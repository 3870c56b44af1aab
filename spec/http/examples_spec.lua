-- The examples run as a user runs them.

local lua = require "spec.support.lua"
local process = require "spec.support.process"
local sandbox = require "spec.support.sandbox"

local function assert_holds(output, ...)
  for _, expected in ipairs { ... } do
    assert(output:find(expected, 1, true), ("%q is missing in:\n%s"):format(expected, output))
  end
end

describe("each example", function()
  it("is run by a spec", function()
    for name in process.output("ls examples"):gmatch "[^\n]+" do
      local specs = process.output(("grep -rlwF %s spec"):format(process.quote(name)))
      assert.not_equal("", specs, name .. " is run by none")
    end
  end)
end)

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
      ["no-such-workflow"] = "quickstart: execute 'no-such-workflow': HTTP 404",
      ["fail"] = "the execution FAILED: boom",
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

describe("of the examples,", function()
  local server, client

  setup(function()
    server = sandbox.start()
    client = server:client()
  end)

  teardown(function()
    client:close()
    server:stop()
  end)

  local function run(arguments)
    return lua.run("examples/" .. arguments, { MISTRAL_API_KEY = sandbox.key, MISTRAL_SERVER_URL = server.url })
  end

  local function succeed(arguments)
    local output, status = run(arguments)
    assert.equal(0, status, output)
    return output
  end

  local function start(workflow, input)
    return assert(client.workflows:execute(workflow, { input = input })).execution_id
  end

  it("follow.lua shows events as they come, and the state of a task", function()
    local output = succeed [[follow.lua tokens '{"count": 5, "interval": 0.001}']]
    assert_holds(output, "WORKFLOW_EXECUTION_STARTED", "CUSTOM_TASK_IN_PROGRESS", '"text":"The cat', "result {",
      "WORKFLOW_EXECUTION_COMPLETED")
    assert_holds(run "follow.lua fail", "follow: wait '", "the execution FAILED: boom")
    assert_holds(run "follow.lua", "name a workflow")
  end)

  it("approve.lua sends the signal and shows the result", function()
    assert_holds(succeed("approve.lua " .. start "approval"), '{"approved":true}')
    assert_holds(succeed("approve.lua " .. start "approval" .. " no"), '{"approved":false}')
    assert_holds(run "approve.lua nobody", "approve: signal 'nobody': HTTP 404")
  end)

  it("fan_out.lua runs many and keeps their order", function()
    local output = succeed [[fan_out.lua echo '{"n":1}' '{"n":2}' '{"n":3}']]
    assert.equal('1\t{"n":1}\n2\t{"n":2}\n3\t{"n":3}\n', output)
    local status
    output, status = run [[fan_out.lua strict '{"n":1}' '{"n":"two"}']]
    assert.equal(1, status)
    assert_holds(output, "1\t{", "2\tfailed: run 'strict': HTTP 422")
  end)

  it("tail_logs.lua follows the log to the end of the execution", function()
    local output = succeed("tail_logs.lua " .. start("slow", { seconds = 0.5 }))
    assert_holds(output, "INFO ")
    assert(select(2, output:gsub("\n", "")) >= 2, output)
    assert_holds(run "tail_logs.lua nobody", "tail_logs: stream_logs 'nobody': HTTP 404")
  end)

  it("nightly.lua makes a schedule once", function()
    for _ = 1, 2 do
      local output = succeed "nightly.lua hello"
      assert_holds(output, "nightly-hello runs next at")
      assert.equal(3, select(2, output:gsub("T03:00:00", "")))
    end
    local count = 0
    for schedule in client.schedules:each() do
      if schedule.schedule_id == "nightly-hello" then count = count + 1 end
    end
    assert.equal(1, count)
    assert_holds(run "nightly.lua no-such-workflow", "nightly: schedules:create: HTTP 404")
  end)

  it("failed_runs.lua gives the reasons", function()
    client.workflows:run("fail", { input = { message = "out of paper" } })
    local output = succeed "failed_runs.lua"
    assert_holds(output, " runs failed within the last day", "\nfail\n", "out of paper")
    assert(tonumber(output:match "^(%d+) runs") > 1)
  end)
end)
