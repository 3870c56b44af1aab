-- The examples run as a user runs them.

local lua = require "spec.support.lua"
local process = require "spec.support.process"
local sandbox = require "spec.support.sandbox"
local workflows = require "mistral.workflows"

local unpack = table.unpack or unpack -- luacheck: ignore 113 143

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
    assert(output:find " s +COMPLETED\n", output)
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
    local expected, text = { "WORKFLOW_EXECUTION_STARTED   tokens", 'CUSTOM_TASK_STARTED          {"text":""}' }, ""
    for _, word in ipairs { "The ", "cat ", "sat ", "on ", "the " } do
      text = text .. word
      expected[#expected + 1] = ('CUSTOM_TASK_IN_PROGRESS      {"text":"%s"}'):format(text)
    end
    expected[#expected + 1] = ('CUSTOM_TASK_COMPLETED        {"text":"%s"}'):format(text)
    expected[#expected + 1] = "WORKFLOW_EXECUTION_COMPLETED tokens\nresult {"
    assert_holds(output, table.concat(expected, "\n"))
    assert_holds(run "follow.lua fail", "follow: wait '", "the execution FAILED: boom")
    assert_holds(run "follow.lua", "name a workflow")
  end)

  it("approve.lua sends the signal and shows the result", function()
    assert.equal('{"approved":true}\n', succeed("approve.lua " .. start "approval"))
    assert.equal('{"approved":false}\n', succeed("approve.lua " .. start "approval" .. " no"))
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
    local id = start("slow", { seconds = 0.5 })
    local output = succeed("tail_logs.lua " .. id)
    local lines = {}
    for record in client.executions:each_log(id, { order = "asc" }) do
      lines[#lines + 1] = ("%s  %-5s  %s\n"):format(record.timestamp, record.severity_text, record.body)
    end
    assert.truthy(#lines >= 2)
    assert.equal(table.concat(lines), output)
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
    assert_holds(succeed "nightly.lua hello America/New_York", ":00:00.000000Z")
    assert.equal("America/New_York", client.schedules:get("nightly-hello").time_zone_name)
    assert_holds(run "nightly.lua no-such-workflow", "nightly: schedules:create: HTTP 404")
  end)

  it("approval_bot.lua asks about all that waits, and hands on the answers", function()
    local ids = { start "form", start "form", start "form" }
    for _ = 1, 3 do start "forever" end
    -- The newest comes first.
    local output, status = lua.shell(("printf 'y  fine by me\\nperhaps\\nn\\n' | %s examples/approval_bot.lua form")
      :format(lua.command), lua.variables { MISTRAL_API_KEY = sandbox.key, MISTRAL_SERVER_URL = server.url })
    assert.equal(0, status, output)
    local label = client.executions:pending_inputs(ids[2])[1].label
    local question = "%s of form: " .. label .. "? %s\n"
    assert.equal(question:format(ids[3], "approved") .. question:format(ids[2], "later")
      .. question:format(ids[1], "refused"), output)
    assert.same({ submitted = { approved = true, comment = "fine by me" } },
      assert(client.executions:wait(ids[3], { timeout = 10 })).result)
    assert.same({ submitted = { approved = false } }, assert(client.executions:wait(ids[1], { timeout = 10 })).result)
    assert.equal("RUNNING", client.executions:get(ids[2]).status)
    assert.equal("", succeed "approval_bot.lua hello")
    server:reset()
    assert.equal("", succeed "approval_bot.lua")
  end)

  it("approval_bot.lua goes on when one cannot be asked", function()
    local ids = { start "form", start "form" }
    server:fixture { method = "POST", path = ("/v1/workflows/executions/%s/queries"):format(ids[2]), status = 403,
      body = { detail = "not yours" } }
    local output, status = lua.shell(("echo y | %s examples/approval_bot.lua form"):format(lua.command),
      lua.variables { MISTRAL_API_KEY = sandbox.key, MISTRAL_SERVER_URL = server.url })
    assert.equal(1, status, output)
    assert_holds(output, "approval_bot: executions:waiting", "HTTP 403: not yours", "approved")
    server:reset()
  end)

  it("dashboard.lua shows several at a time, and how each ended", function()
    local ids = { start("slow", { seconds = 0.4 }), start("fail", { after = 0.2 }), "nobody" }
    local output, status = run("dashboard.lua " .. table.concat(ids, " "))
    assert.equal(1, status, output)
    local lines = {}
    for line in output:gmatch "([^\n]*)\n" do lines[#lines + 1] = line end
    local ends = {}
    for index = 1, 3 do ends[index] = lines[#lines - 3 + index]:gsub("%s+", " ") end
    assert.equal("", lines[#lines - 3])
    assert.truthy(ends[1]:find(ids[1] .. " COMPLETED in 0.%d s"), output)
    assert.truthy(ends[2]:find(ids[2] .. " wait '" .. ids[2] .. "': the execution FAILED: boom", 1, true), output)
    assert.truthy(ends[3]:find("nobody stream 'nobody': HTTP 404", 1, true), output)
    local changes = { [ids[1]] = {}, [ids[2]] = {} }
    for index = 1, #lines - 4 do
      local id, text = lines[index]:match "^ *%d+%.%d s  (%S+) +(.*)$"
      table.insert(changes[id], text)
    end
    assert.equal("WORKFLOW_EXECUTION_COMPLETED", changes[ids[1]][#changes[ids[1]]])
    assert.truthy(changes[ids[1]][1]:find '^progress {')
    assert.equal("WORKFLOW_EXECUTION_FAILED", changes[ids[2]][#changes[ids[2]]])
    assert_holds(succeed("dashboard.lua " .. start("tokens", { count = 3 })), 'token {"text":"The cat sat "}')
    assert_holds(run "dashboard.lua", "dashboard: name executions")
  end)

  it("cron.lua tells by its exit status what happened", function()
    local function outcome(arguments)
      local output, status = run("cron.lua " .. arguments)
      return status, output
    end
    assert.same({ 0, "" }, { outcome [[hello '{"name":"Ada"}']] })
    local status, output = outcome "fail"
    assert.equal(1, status)
    assert_holds(output, "cron: run 'fail': the execution FAILED: boom")
    status, output = outcome "no-such-workflow"
    assert.equal(1, status)
    assert_holds(output, "HTTP 404")
    for _, arguments in ipairs { "", "hello {", "hello '{}' soon", "hello '{}' 0" } do
      status, output = outcome(arguments)
      assert.equal(64, status, output)
    end
    status, output = outcome [[slow '{"seconds":60}' 0.5]]
    assert.equal(124, status, output)
    local id = output:match(("%x"):rep(32))
    assert.equal("CANCELED", select(2, client.executions:wait(id, { timeout = 10 })).status)
    assert.same({ 0, "" }, { outcome "hello '{}' 60 once" })
    local started = client.executions:get("once").start_time
    assert.same({ 0, "" }, { outcome "hello '{}' 60 once" })
    assert.equal(started, client.executions:get("once").start_time)
    server:fixture { method = "POST", path = "/v1/workflows/hello/execute", status = 429, times = 4,
      body = { message = "slow down" } }
    status, output = outcome "hello"
    assert.equal(75, status, output)
    server:fixture { method = "*", path = "*", status = 200, times = -1,
      body = { workflow_name = "hello", execution_id = "e", status = "COMPLETED", result = false } }
    assert.same({ 0, "" }, { outcome "hello" })
    server:reset()
  end)

  it("cron.lua asks the execution to stop when it is interrupted", function()
    server:reset()
    local variables = lua.variables { MISTRAL_API_KEY = sandbox.key, MISTRAL_SERVER_URL = server.url }
    local output, status = lua.shell(([[
      %s examples/cron.lua slow '{"seconds":60}' &
      until curl --noproxy '*' -s %s/_sandbox/stats | grep -q '"executions_started":1'; do sleep 0.02; done
      kill -INT $!
      wait $!]]):format(lua.command, server.url), variables)
    assert.equal(130, status, output)
    local id = output:match "^cron: interrupted; the execution (%x+) was asked to stop\n$"
    assert.equal("CANCELED", select(2, client.executions:wait(id, { timeout = 10 })).status)
  end)

  it("unit_test.lua passes", function() assert.equal("ok\n", succeed "unit_test.lua") end)

  it("failed_runs.lua gives each run its own reason, in order", function()
    local expected = {}
    for index = 1, 3 do
      local reason = "out of paper " .. index
      local _, err = client.workflows:run("fail", { input = { message = reason } })
      expected[index] = err.execution_id .. "  " .. reason
    end
    local output = succeed "failed_runs.lua"
    assert_holds(output, " runs failed within the last day")
    local runs, workflows_seen, group, last = {}, {}, nil, nil
    for line in output:gmatch "[^\n]+" do
      local began, rest = line:match "^  (%S+)  (.*)$"
      if began then
        assert.is_true(last == nil or last <= began, output)
        last, runs[#runs + 1] = began, rest
        if group == "fail" then workflows_seen[#workflows_seen + 1] = rest end
      elseif runs[1] or line:find "^%S+$" then
        assert.is_true(group == nil or group < line, output)
        group, last = line, nil
      end
    end
    local count, day = 0, 24 * 60 * 60
    for _ in client.runs:each { status = { "FAILED", "TIMED_OUT" }, start_time_after = os.time() - day } do
      count = count + 1
    end
    assert.equal(count, #runs)
    assert.equal(count, tonumber(output:match "^(%d+) runs"))
    -- Those of the spec are the newest.
    assert.same(expected, { unpack(workflows_seen, #workflows_seen - 2) })
    for _, shown in ipairs(runs) do
      local id, reason = shown:match "^(%S+)  (.*)$"
      local message
      for event in client.events:each { workflow_exec_id = id, limit = 1000 } do
        local failure = event.workflow_exec_id == id and (event.attributes or {}).failure
        if event.event_type == "WORKFLOW_EXECUTION_FAILED" and failure then message = failure.message end
      end
      assert.equal(message or "TIMED_OUT", reason)
    end
  end)

  it("failed_runs.lua shows the runs whose reason cannot be had", function()
    local err = select(2, client.workflows:run("fail", { input = { message = "gone" } }))
    for _, detail in ipairs { "not yours", "nor theirs" } do
      server:fixture { method = "GET", path = "/v1/workflows/events/list", status = 403, times = 1,
        body = { detail = detail } }
    end
    local output, status = run "failed_runs.lua"
    assert.equal(1, status, output)
    for _, detail in ipairs { "not yours", "nor theirs" } do
      assert.equal(1, select(2, output:gsub("  unknown: events:each: HTTP 403: " .. detail, "")), output)
    end
    assert_holds(output, err.execution_id)
  end)
end)

describe("examples/batch.lua", function()
  local server, client, directory

  setup(function()
    server = sandbox.start { SANDBOX_REGISTRATIONS = 10 }
    client = server:client()
    directory = process.output "mktemp -d"
  end)

  teardown(function()
    client:close()
    server:stop()
    os.execute("rm -rf " .. process.quote(directory))
  end)

  before_each(function()
    server:reset()
    os.remove(directory .. "/journal")
  end)

  local function write_inputs(text)
    local file = assert(io.open(directory .. "/inputs", "wb"))
    file:write(text)
    file:close()
  end

  local function run(workflow, prefix)
    return lua.shell(("cd %s && %s %s %s/examples/batch.lua %s inputs journal 16"):format(directory, prefix or "",
      lua.command, process.output "pwd", workflow),
      lua.variables { MISTRAL_API_KEY = sandbox.key, MISTRAL_SERVER_URL = server.url })
  end

  -- The lists of ids and of ends in the journal, by line.
  local function journal()
    local ids, ends = {}, {}
    for text in io.lines(directory .. "/journal") do
      local entry = workflows.json.decode(text)
      if entry then
        local list = entry.id and ids or ends
        list[entry.line] = list[entry.line] or {}
        table.insert(list[entry.line], entry.id or entry)
      end
    end
    return ids, ends
  end

  it("starts each input once, however often it is killed", function()
    local count, lines = 200, {}
    for line = 1, count do lines[line] = ('{"seconds":0.1,"line":%d}\n'):format(line) end
    write_inputs(table.concat(lines))
    local kills, output, status = { KILL = 0, INT = 0 }, nil, nil
    for start = 1, 60 do
      local signal = start % 2 == 0 and "INT" or "KILL"
      local seconds = start < 60 and 0.15 + start * 0.02 + math.random() * 0.3 or 60
      output, status = run("slow", ("timeout -s %s -k 10 %.3f"):format(signal, seconds))
      if status == 0 then break end
      kills[signal] = kills[signal] + 1
    end
    assert.equal(0, status, output)
    assert_holds(output, "200 of 200 ended, 0 of them failed")
    assert.is_true(kills.KILL > 0 and kills.INT > 0, "it was not killed")
    assert.equal(count, server:stats().executions_started)
    local ids, ends = journal()
    local seen = {}
    for line = 1, count do
      assert.equal(1, #ids[line])
      assert.is_nil(seen[ids[line][1]])
      seen[ids[line][1]] = true
      assert.equal(1, #ends[line])
    end
    for run_found in client.runs:each { workflow_identifier = "slow", page_size = 500 } do
      seen[run_found.execution_id] = nil
    end
    assert.is_nil(next(seen))
  end)

  it("tells which failed, and does not start them once more", function()
    write_inputs '{"n":1}\n{"n":"two"}\n{"n":3}\n'
    for _ = 1, 2 do
      local output, status = run "strict"
      assert.equal(3, status, output)
      assert_holds(output, "line 2: run 'strict': HTTP 422", "3 of 3 ended, 1 of them failed")
      assert.equal(2, server:stats().executions_started)
    end
  end)

  it("leaves what may succeed later to the next start", function()
    write_inputs '{"n":1}\n{"n":2}\n'
    server:fixture { method = "POST", path = "/v1/workflows/strict/execute", status = 403, times = 2,
      body = { detail = "not now" } }
    local output, status = run "strict"
    assert.equal(1, status, output)
    assert_holds(output, "0 of 2 ended", "HTTP 403: not now", "start it again to go on")
    output, status = run "strict"
    assert.equal(0, status, output)
    assert.equal(2, server:stats().executions_started)
  end)

  it("goes on behind a line that was cut off, and refuses what it cannot read", function()
    write_inputs '{"n":1}\n'
    local file = assert(io.open(directory .. "/journal", "wb"))
    file:write '{"line":1,"id":"a-'
    file:close()
    local output, status = run "strict"
    assert.equal(0, status, output)
    assert.equal(1, #journal()[1])
    write_inputs '{"n":1}\n{"n":'
    output, status = run "strict"
    assert.equal(1, status, output)
    assert_holds(output, "batch: line 2 of inputs: ")
  end)
end)
