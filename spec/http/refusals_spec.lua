-- What run, wait, as_completed, streams and walks do when one of the requests that they make gets silence, a slow
-- answer, a cut one, none, or a refusal: how it ends, how long it takes, and how often what is asked.

local player = require "spec.support.player"
local workflows = require "mistral.workflows"

local ATTEMPT_SECONDS = 0.2
local FOREVER = 10 ^ 6

describe("troubles at each request:", function()
  local server, client

  setup(function() server = player.start() end)
  teardown(function() server:stop() end)
  after_each(function()
    if client then client:close() end
    client = nil
  end)

  -- What each method does with the execution "e", which ends after a while: an outcome, and an error object or nil.
  local methods = {}

  function methods.run(limit)
    local result, execution = client.workflows:run("w", {}, { timeout = limit })
    return result and result.done == execution.execution_id and "result" or nil, not result and execution or nil
  end

  function methods.execute()
    local execution, err = client.workflows:execute("w", { execution_id = "mine" })
    return execution and execution.execution_id, err
  end

  function methods.wait(limit)
    local execution, err = client.executions:wait("e", { timeout = limit })
    return execution and execution.status, err
  end

  function methods.wait_for_events(limit)
    local count = 0
    local execution, err, gap = client.executions:wait("e", {
      timeout = limit, on_event = function() count = count + 1 end,
    })
    return execution and execution.status .. " " .. count, err or gap
  end

  function methods.as_completed(limit)
    local problem
    local list, iterator = {}, client.executions:as_completed({ "e", "f" }, { timeout = limit })
    for index = 1, 3 do -- not by a generic `for`, out of which Lua 5.1 cannot yield
      local execution, err = iterator()
      list[index] = execution and execution.execution_id .. " " .. tostring(execution.status) or nil
      problem = problem or err
    end
    table.sort(list)
    return not problem and table.concat(list, ", ") or nil, problem
  end

  function methods.stream()
    local count, stream = 0, client.executions:stream "e"
    local ok, problem = pcall(function()
      while stream:next(9) do count = count + 1 end
    end)
    return ok and count .. " events" or nil, not ok and problem or nil
  end

  function methods.walk()
    local count, walk = 0, client.events:each { workflow_exec_id = "e" }
    local ok, problem = pcall(function()
      while walk() do count = count + 1 end
    end)
    return ok and count >= 3 and "events" or nil, not ok and problem or nil
  end

  local all = { run = "result", execute = "mine", wait = "COMPLETED", wait_for_events = "COMPLETED 4",
    as_completed = "e COMPLETED, f COMPLETED", stream = "4 events", walk = "events" }

  -- Method, kind of request, troubles, how often each; then the outcome, or the kind and the reason, phase or status of
  -- the error; how often what was asked: a number, or { least, most }; and the seconds that it takes at most. Where a
  -- connection that is used again is reset, libcurl asks once more by itself.
  local cases = {
    { "run", "execute", { 502, 429, "reset", "silence" }, 2, true, { execute = 3, started = 1, status = { 1, 4 } }, 4 },
    { "run", "execute", { "cut", "slow" }, 1, true, { execute = 1, started = 1, status = { 1, 3 } }, 4 },
    { "execute", "execute", { 502, 503, "silence", "reset" }, 2, true, { execute = 3, started = 1, status = 3 }, 4 },
    { "execute", "execute", { "cut" }, 2, true, { execute = 1, started = 1, status = 2 }, 4 },
    { "execute", "execute", { "slow" }, 2, true, { execute = 1, started = 1, status = 1 }, 4 },
    { "execute", "status", { 502, 429, "silence", "reset" }, 2, true, { execute = 1, started = 1, status = 3 }, 4 },
    { "wait", "status", { 502, 429, "silence", "reset", "cut", "slow" }, 2, true,
      { status = { 2, 4 }, stream = 1 }, 4 },
    { "wait", "stream", { 502, "silence", "reset", "cut", "slow" }, 2, true,
      { status = { 2, 6 }, stream = { 1, 4 } }, 4 },
    { "wait_for_events", "status", { 502, "silence", "reset" }, 2, true, { status = { 2, 4 }, stream = 1 }, 4 },
    { "wait_for_events", "stream", { 404, 502, "silence", "reset", "cut" }, 2, true,
      { status = { 2, 6 }, stream = { 3, 4 } }, 5 },
    { "wait_for_events", "stream", { 204, "page" }, 1, true, { status = { 2, 4 }, stream = 2 }, 10 },
    { "as_completed", "status", { 502, "silence", "reset", "cut", "slow" }, 2, true,
      { status = { 4, 9 }, stream = { 0, 2 }, events_stream = { 0, 1 }, runs = { 0, 1 } }, 8 },
    { "stream", "stream", { 502, 429, "silence", "reset", "cut" }, 2, true,
      { stream = { 3, 4 }, status = { 1, 5 } }, 5 },
    { "stream", "status", { 502, 429, "silence", "reset", "cut", "slow" }, 2, true,
      { stream = 1, status = { 1, 5 } }, 6 },
    { "walk", "events", { 502, 429, "silence", "reset", "cut" }, 2, true, { events = 3 }, 4 },
    { "walk", "events", { "slow" }, 2, true, { events = 1 }, 4 },

    { "run", "execute", { 502 }, FOREVER, { "http", 502 }, { execute = 3, status = 3 }, 4 },
    { "run", "execute", { 429 }, FOREVER, { "http", 429 }, { execute = 3 }, 4 },
    { "run", "execute", { "silence" }, FOREVER, { "timeout", "response" }, { execute = 3, status = 3 }, 6 },
    { "run", "execute", { "reset" }, FOREVER, { "network" }, { execute = { 3, 5 }, status = 3 }, 4 },
    { "run", "execute", { 401, 422 }, FOREVER, { "http" }, { execute = 1 }, 2 },
    { "run", "execute", { "page" }, FOREVER, { "decode" }, { execute = 1 }, 2 },
    { "run", "status", { 502, "silence" }, FOREVER, { "timeout", "response" },
      { execute = 1, started = 1, status = { 1, 9 }, stream = { 1, 2 } }, 5 },
    { "execute", "status", { 502 }, FOREVER, { "http", 502 }, { status = 3, execute = 0 }, 4 },
    { "execute", "status", { "silence" }, FOREVER, { "timeout", "response" }, { status = 3, execute = 0 }, 4 },
    { "execute", "status", { 204, "page" }, FOREVER, { "decode" }, { status = 1, execute = 0 }, 2 },
    { "wait", "status", { 503, "reset" }, FOREVER, { "timeout", "response" }, { status =
      { 3, 12 }, stream = { 0, 2 } }, 5 },
    { "wait", "status", { 401, 404 }, FOREVER, { "http" }, { status = 1 }, 2 },
    { "wait", "status", { "page", 204 }, FOREVER, { "decode" }, { status = 1 }, 2 },
    { "wait", "stream", { 401, 503, 204, "page", "silence", "reset", "cut" }, FOREVER, true,
      { status = { 2, 8 }, stream = { 1, 9 } }, 5 },
    { "wait_for_events", "stream", { 503, "page", "silence" }, FOREVER, { "stream", "incomplete" },
      { status = { 2, 8 }, stream = { 1, 12 } }, 5 },
    { "as_completed", "status", { 502, "silence" }, FOREVER, { "timeout", "response" }, { status = { 8, 24 } }, 6 },
    { "as_completed", "status", { 401, 404 }, FOREVER, { "http" }, { status = 2 }, 2 },
    { "as_completed", "status", { "page", 204 }, FOREVER, { "decode" }, { status = 2 }, 2 },
    { "as_completed", "stream", { 503 }, FOREVER, true, { status = { 4, 6 }, runs = { 1, 2 }, events_stream = 0 }, 9 },
    { "as_completed", "events_stream", { 204 }, FOREVER, true,
      { status = { 4, 6 }, runs = { 1, 2 }, events_stream = { 1, 3 } }, 9 },
    { "as_completed", "runs", { 503, "page" }, FOREVER, true,
      { status = { 4, 6 }, runs = { 0, 1 }, events_stream = 1 }, 9 },
    { "stream", "stream", { 502 }, FOREVER, { "http", 502 }, { stream = 3 }, 3 },
    { "stream", "stream", { 401, 403, 404, 422 }, FOREVER, { "http" }, { stream = 1 }, 2 },
    { "stream", "stream", { "silence" }, FOREVER, { "timeout", "idle" }, { stream = 3 }, 4 },
    { "stream", "stream", { "reset", "cut" }, FOREVER, { "network" }, { stream = { 3, 5 } }, 3 },
    { "stream", "stream", { 204, "page" }, FOREVER, { "decode" }, { stream = 1 }, 2 },
    { "stream", "status", { 401, 404, 204, "page" }, FOREVER, true, { stream = 1, status = 1 }, 4 },
    { "stream", "status", { 502, "silence", "reset" }, FOREVER, true, { stream = 1, status = { 1, 8 } }, 8 },
    { "walk", "events", { 502 }, FOREVER, { "http", 502 }, { events = 3 }, 4 },
    { "walk", "events", { "silence" }, FOREVER, { "timeout", "response" }, { events = 3 }, 4 },
    { "walk", "events", { "reset", "cut" }, FOREVER, { "network" }, { events = { 3, 5 } }, 4 },
    { "walk", "events", { 401, 403, 404, 422 }, FOREVER, { "http" }, { events = 1 }, 2 },
    { "walk", "events", { 204, "page" }, FOREVER, { "decode" }, { events = 1 }, 2 },
  }

  local function open()
    client = workflows.new {
      api_key = "a-key-of-the-player", server_url = server.url, timeout = ATTEMPT_SECONDS,
      idle_timeout = ATTEMPT_SECONDS, retry = { attempts = 3, base = 0.01, cap = 0.05, budget = 10 },
    }
  end

  local function check_counts(wanted, counters, text)
    for kind, count in pairs(wanted) do
      local least, most = count, count
      if type(count) == "table" then least, most = count[1], count[2] end
      local found = counters[kind] or 0
      assert(found >= least and found <= most, ("%s: %d of %s"):format(text, found, kind))
    end
  end

  local function check(case, trouble)
    local name, kind, times, outcome, counts, seconds = case[1], case[2], case[4], case[5], case[6], case[7]
    local text = ("%s, %s at %s, %s"):format(name, trouble, kind, times == FOREVER and "always" or times .. " times")
    server:reset()
    local ends = outcome == true or outcome[2] == "incomplete"
    local script = { workflow = "w", events = 4, seconds = ends and 0.2 or 60 }
    server:play({ e = script, f = script }, {
      trouble = { [kind] = trouble }, trouble_times = times, script = script, heartbeat = 0.1, slow_seconds = 0.1,
    })
    open()
    local began = workflows.now()
    local value, err = methods[name](outcome == true and 9 or 2)
    local lasted = workflows.now() - began
    if outcome == true then
      assert.is_nil(err, text .. ": " .. tostring(err))
      assert.equal(all[name], value, text)
    else
      assert.truthy(workflows.is_error(err), text .. ": " .. tostring(value))
      assert.equal(outcome[1], err.kind, text)
      assert.truthy(outcome[2] == nil or outcome[2] == (err.status or err.reason or err.phase), text)
    end
    check_counts(counts, server:stats().counters, text)
    assert(lasted < seconds, ("%s: %.1f seconds"):format(text, lasted))
    client:close()
  end

  for _, case in ipairs(cases) do
    it(("%s, at %s: %s, %s"):format(case[1], case[2], table.concat(case[3], ", "),
      case[4] == FOREVER and "always" or "a while"), function()
      for _, trouble in ipairs(case[3]) do check(case, trouble) end
    end)
  end
end)
