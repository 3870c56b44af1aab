-- Event streams over time: what a connection that is over leads to, and when. The clock of a testing client does not
-- wait.

local clocked = require "spec.support.clocked"
local workflows = require "mistral.workflows"

local near, passed = clocked.near, clocked.passed

describe("a stream", function()
  local client, opened

  -- @param connections list: what each connection gives, one after the other: a list of events, or a function of the
  -- request; the last one again and again
  local function new(connections, answers, options)
    opened = {}
    local all = {
      stream = function(request)
        opened[#opened + 1] = { at = passed(), params = request.params, headers = request.headers }
        local given = connections[math.min(#opened, #connections)]
        if type(given) == "function" then return given(request) end
        return given
      end,
      get_workflow_execution = { execution_id = "e", status = "RUNNING" },
    }
    for name, answer in pairs(answers or {}) do all[name] = answer end
    client = clocked.client(all, options)
    return client
  end

  after_each(clocked.close)

  local function event(sequence, event_type, more)
    local inner = { event_type = event_type or "CUSTOM_TASK_IN_PROGRESS", workflow_exec_id = "e" }
    for name, value in pairs(more or {}) do inner[name] = value end
    return { broker_sequence = sequence, data = inner }
  end

  local function ending(sequence)
    return event(sequence, "WORKFLOW_EXECUTION_COMPLETED")
  end

  local function completed()
    return 200, { execution_id = "e", status = "COMPLETED" }
  end

  local function read(options, params)
    local list = {}
    local ok, err = pcall(function()
      for one in client.executions:stream("e", params, options) do list[#list + 1] = one.broker_sequence end
    end)
    return list, not ok and err or nil
  end

  it("goes on behind what was taken, and drops what comes twice", function()
    new({ { event(1), event(2), "drop" }, { event(2), event(2), event(3), ending(4), "timeout" } }, {
      get_workflow_execution = completed,
    })
    assert.same({ 1, 2, 3, 4 }, read())
    assert.equal(2, #opened)
    assert.is_nil(opened[1].headers["Last-Event-ID"])
    assert.equal("2", opened[2].params.last_event_id or tostring(opened[2].params.start_seq - 1))
    near(0, opened[2].at)
  end)

  it("knows what came already by sequences of more than 32 bits", function()
    local first, last = 2 ^ 53 - 3, 2 ^ 53 - 1
    local known = { event(first), event(first + 1) }
    new({ { known[1], known[2], "drop" }, { known[1], known[2], ending(last), "timeout" } }, {
      get_workflow_execution = completed,
    })
    assert.same({ first, first + 1, last }, read())
  end)

  it("goes on behind the sequence where an id is none that a request can carry", function()
    for _, id in ipairs { ("x"):rep(2000), "a\tb", "caf\233" } do
      new({ { ("id: %s\ndata: {\"broker_sequence\":8}\n\n"):format(id), "drop" }, { ending(9), "timeout" } },
        { get_workflow_execution = completed })
      assert.same({ 8, 9 }, read())
      assert.equal("8", opened[2].params.last_event_id)
      client:close()
    end
  end)

  it("waits longer after each connection that gave nothing, and no longer than cap", function()
    new({ "drop" })
    local list, err = read { retry = { attempts = 9, base = 1, cap = 3, budget = 1000 } }
    assert.same({}, list)
    assert.equal("network", err.kind)
    assert.equal(9, err.attempts)
    assert.equal(9, #opened)
    for index = 2, 9 do assert.truthy(opened[index].at - opened[index - 1].at <= 3.1) end
    assert.truthy(opened[9].at > 0.5)
  end)

  it("gives up after its budget", function()
    new { "drop" }
    local _, err = read { retry = { attempts = 1000, base = 2, cap = 2, budget = 20 } }
    assert.equal("network", err.kind)
    assert.truthy(passed() > 10 and passed() <= 20, passed())
  end)

  it("counts anew after a connection that gave something", function()
    local connections = {}
    for index = 1, 12 do connections[index] = index % 2 == 0 and { event(index), "drop" } or "drop" end
    connections[13] = { ending(13), "timeout" }
    new(connections, { get_workflow_execution = completed })
    assert.same({ 2, 4, 6, 8, 10, 12, 13 }, read { retry = { attempts = 3 } })
  end)

  it("opens no earlier than Retry-After says, nor than the stream's own retry", function()
    new({
      function() return 503, {}, { ["Retry-After"] = "8" } end,
      { 'retry: 6000\n\nid: 1\ndata: {"broker_sequence":1}\n\n', "drop" },
      { ending(2), "timeout" },
    }, { get_workflow_execution = completed })
    assert.same({ 1, 2 }, read())
    near(8, opened[2].at)
    near(6, opened[3].at - opened[2].at)
  end)

  it("does not wait longer than cap for the stream's own retry", function()
    new({ { 'retry: 900000000\n\nid: 1\ndata: {"broker_sequence":1}\n\n', "drop" }, { ending(2), "timeout" } },
      { get_workflow_execution = completed })
    assert.same({ 1, 2 }, read { retry = { cap = 20 } })
    near(20, opened[2].at)
  end)

  it("is opened again after idle_timeout of silence, as often as it takes", function()
    local connections = {}
    for index = 1, 10 do connections[index] = { "timeout" } end
    connections[11] = { ending(1), "timeout" }
    local kinds = {}
    new(connections, {
      get_workflow_execution = function()
        if #opened < 11 then return 200, { execution_id = "e", status = "RUNNING" } end
        return completed()
      end,
    }, { idle_timeout = 30, observer = function(info)
      if info.operation == "stream" then kinds[#kinds + 1] = info.error end
    end })
    assert.same({ 1 }, read { retry = { attempts = 3 } })
    assert.equal(11, #opened)
    for index = 2, 11 do near(30, opened[index].at - opened[index - 1].at, 3) end
    for _, kind in ipairs(kinds) do assert.equal("timeout", kind) end
    assert.truthy(#kinds >= 10, #kinds)
  end)

  it("of which one silence is enough ends with it", function()
    new({ { event(1), "timeout" } }, {}, { idle_timeout = 7, retry = false })
    local list, err = read()
    assert.same({ 1 }, list)
    assert.same({ "timeout", "idle" }, { err.kind, err.phase })
    near(7, passed())
    assert.equal(1, #opened)
  end)

  it("to which the service does not even answer is given up", function()
    new({ function() return "timeout" end }, {}, { idle_timeout = 5 })
    local _, err = read { retry = { attempts = 3, base = 0.01 } }
    assert.same({ "timeout", 3 }, { err.kind, err.attempts })
    near(15, passed(), 1)
  end)

  it("ends with an error event, which is not repeated", function()
    new { { event(1), "event: error\ndata: {\"reason\":\"overload\",\"message\":\"too much\"}\n\n", "timeout" } }
    local list, err = read()
    assert.same({ 1 }, list)
    assert.same({ "stream", "overload", true, "e" }, { err.kind, err.reason, err.retryable, err.execution_id })
    assert.equal(1, #opened)
  end)

  it("ends soon after an execution that has no end event", function()
    for _, status in ipairs { "TERMINATED", "TIMED_OUT" } do
      new({ { event(1), "timeout" } }, {
        get_workflow_execution = function()
          return 200, { execution_id = "e", status = passed() < 11 and "RUNNING" or status }
        end,
      })
      assert.same({ 1 }, read())
      assert.truthy(passed() >= 11 and passed() < 22, passed())
      client:close()
    end
  end)

  it("gives what comes within two seconds, each time, after an end without an event", function()
    new({ { event(1), "timeout" }, { 1, event(2), 1.5, event(3), "timeout" } }, {
      get_workflow_execution = function()
        return 200, { execution_id = "e", status = passed() < 9 and "RUNNING" or "TERMINATED" }
      end,
    })
    assert.same({ 1, 2, 3 }, read())
    near(opened[2].at + 4.5, passed(), 0.3)
  end)

  it("that may not be opened again and has ended before its end event says so", function()
    new({ { event(1) } }, { get_workflow_execution = completed })
    local list, err = read { retry = false }
    assert.same({ 1 }, list)
    assert.same({ "stream", "incomplete" }, { err.kind, err.reason })
    near(0, passed(), 0.5)
  end)

  it("that is closed by another coroutine is over for those who wait for it, also while it is not open", function()
    new { function() return 503, {}, { ["Retry-After"] = "30" } end }
    local stream = client.executions:stream "e"
    client:gather {
      function()
        assert.is_nil(stream:next())
        near(1, passed(), 0.3)
        return true
      end,
      function()
        client:sleep(1)
        stream:close()
      end,
    }
    near(1, passed(), 0.3)
  end)

  it("asks for the status every five seconds, and less where idle_timeout is less", function()
    for idle, seconds in pairs { [60] = 5, [2] = 2 } do
      local times = {}
      new({ { "timeout" } }, {
        get_workflow_execution = function()
          times[#times + 1] = passed()
          return 200, { execution_id = "e", status = "RUNNING" }
        end,
      }, { idle_timeout = idle })
      local stream = client.executions:stream "e"
      stream:next(19)
      assert.truthy(#times >= math.floor(19 / seconds) - 1, #times)
      stream:close()
      client:close()
    end
  end)

  it("of which events are withheld ends with an error that says so", function()
    new({ { event(1), "timeout" } }, { get_workflow_execution = completed }, { idle_timeout = 10 })
    local list, err = read()
    assert.same({ 1 }, list)
    assert.same({ "stream", "incomplete", "e", true }, { err.kind, err.reason, err.execution_id, err.retryable })
    assert.equal("COMPLETED", err.execution.status)
    assert.truthy(passed() >= 20 and passed() < 28, passed())
  end)

  it("is not over before an end event that comes after the status", function()
    new({ { event(1), 9, ending(2), "timeout" } }, { get_workflow_execution = completed })
    assert.same({ 1, 2 }, read())
    near(9, passed())
  end)

  it("goes on where an execution goes on in a newer run, however long that takes", function()
    new({ { event(1), 100, ending(2), "timeout" } }, {
      get_workflow_execution = function()
        return 200, { execution_id = "e", status = passed() < 100 and "CONTINUED_AS_NEW" or "COMPLETED" }
      end,
    }, { idle_timeout = 200 })
    assert.same({ 1, 2 }, read())
    near(100, passed())
  end)

  it("may be closed by the function that gives the key, and leaves nothing open", function()
    for closing = 2, 4 do
      local keys, stream = 0, nil
      new({ { event(1), "drop" }, { "timeout" } }, {}, { api_key = function()
        keys = keys + 1
        if keys == closing then stream:close() end
        return "the-key"
      end })
      stream = client.executions:stream "e"
      while stream:next() do assert.truthy(keys < closing) end
      assert.equal(closing, keys)
      assert.equal(0, client.handle:running())
      client:close()
    end
  end)

  it("is closed where the observer raises an error", function()
    new({ { event(1), "timeout" } }, {
      get_workflow_execution = function() return 200, { execution_id = "e", status = "RUNNING" } end,
    }, { observer = function() error("no", 0) end })
    local stream = client.executions:stream "e"
    assert.equal(1, stream:next(1).broker_sequence)
    assert.same({ false, "no" }, { pcall(stream.next, stream, 30) })
    assert.equal(0, client.handle:running())
    assert.is_nil(stream:next(1))
  end)

  it("bears silences between events that are missing, but not two in a row", function()
    new({ { event(1), "timeout" }, { event(2), "timeout" }, { event(3), "timeout" }, { ending(4), "timeout" } },
      { get_workflow_execution = completed }, { idle_timeout = 10 })
    assert.same({ 1, 2, 3, 4 }, read())
    near(30, passed(), 3)
  end)

  it("whose connection fails after the status has told the end says how", function()
    local broken = "event: error\ndata: {\"reason\":\"overload\"}\n\n"
    local function no_stream() return 200, "{}", { ["Content-Type"] = "application/json" } end
    for kind, connections in pairs {
      stream = { { event(1), 6, broken, "timeout" } }, decode = { { event(1), 6, "drop" }, no_stream },
    } do
      new(connections, { get_workflow_execution = completed })
      local list, err = read()
      assert.same({ 1 }, list)
      assert.equal(kind, err.kind)
      assert.are_not.equal("incomplete", err.reason)
      client:close()
    end
  end)

  it("ends with an end event that is a little older than the start, as times are rounded", function()
    local last = ending(1)
    last.data.event_timestamp = "1767225600000400000"
    new({ { last, "timeout" } }, {
      get_workflow_execution = { execution_id = "e", status = "COMPLETED", start_time = "2026-01-01T00:00:00.001Z" },
    })
    assert.same({ 1 }, read())
    near(0, passed())
  end)

  it("is not over with the end of a child", function()
    new({ { event(1, "WORKFLOW_EXECUTION_COMPLETED", { workflow_exec_id = "child" }), 4, ending(2), "timeout" } },
      { get_workflow_execution = completed })
    assert.same({ 1, 2 }, read())
    near(4, passed())
  end)

  it("is not over with an end event where a later run has begun", function()
    new({ { ending(1), event(2, "WORKFLOW_EXECUTION_STARTED"), 4, ending(3), "timeout" } },
      { get_workflow_execution = completed })
    assert.same({ 1, 2, 3 }, read())
    near(4, passed())
  end)

  it("is over with its end event where nobody can tell the status", function()
    new({ { event(1), 3, ending(2), "timeout" } }, { get_workflow_execution = function() return 403, {} end })
    assert.same({ 1, 2 }, read())
    near(3, passed())
  end)

  it("of which an event is too large says so, also where the service has closed it meanwhile", function()
    for _, last in ipairs { "timeout", ": the end\n" } do
      local text = ("data: %s\n\n"):format(("x"):rep(5000))
      new({ { 'data: {"broker_sequence":1}\n\n' .. text, last } }, {}, { max_response_bytes = 1000, retry = false })
      local list, err = read()
      assert.same({ 1 }, list)
      assert.same({ "too_large", "event", "e" }, { err.kind, err.reason, err.execution_id })
      client:close()
    end
  end)

  it("begins when the service wants requests of the client again", function()
    new({ { ending(1), "timeout" } }, {
      get_workflow_execution = completed,
      get_worker_info = function() return 429, {}, { ["Retry-After"] = "5" } end,
    })
    client:whoami { retry = false }
    assert.same({ 1 }, read())
    near(5, opened[1].at, 0.5)
  end)

  it("is over at its deadline", function()
    new { { event(1), "drop" }, { "timeout" } }
    local list, err = read { deadline = 12 }
    assert.same({ 1 }, list)
    assert.same({ "timeout", "e", true, 2 }, { err.kind, err.execution_id, err.retryable, err.attempts })
    near(12, passed())
    assert.equal(0, client.handle:running())
  end)

  it("gives what comes within a time, and goes on", function()
    new({ { 3, event(1), 3, ending(2), "timeout" } }, {
      get_workflow_execution = function()
        return 200, { execution_id = "e", status = passed() < 6 and "RUNNING" or "COMPLETED" }
      end,
    })
    local stream = client.executions:stream "e"
    local one, why = stream:next(1)
    assert.same({ nil, "timeout" }, { one, why })
    near(1, passed())
    assert.equal(1, stream:next(30).broker_sequence)
    near(3, passed())
    assert.equal(2, stream:next().broker_sequence)
    assert.is_nil(stream:next())
    assert.equal(0, client.handle:running())
    for _, wrong in ipairs { 0 / 0, "1" } do
      local ok, message = pcall(stream.next, stream, wrong)
      assert.is_false(ok)
      assert.truthy(message:find "the seconds must be a number")
    end
  end)

  it("gives to who asks again and again without waiting what has come", function()
    new { { event(1), event(2), "timeout" } }
    local stream, found = client.executions:stream "e", {}
    for _ = 1, 10 do found[#found + 1] = stream:next(0) end
    assert.same({ 1, 2 }, { found[1].broker_sequence, found[2].broker_sequence })
    near(0, passed())
    stream:close()
  end)

  it("of a function of map is closed when another one raises an error", function()
    new { { event(1), "timeout" } }
    local ok, problem = pcall(client.map, client, { "stream", "raise" }, function(what)
      if what == "stream" then
        local stream = client.executions:stream "e"
        repeat until not stream() -- no generic `for`, out of which Lua 5.1 cannot yield
      end
      client:sleep(3)
      error("no", 0)
    end)
    assert.same({ false, "no" }, { ok, problem })
    near(3, passed())
    assert.equal(0, client.handle:running())
  end)

  it("goes on with names that no sequence can have", function()
    for _, sequence in ipairs { 1.5, -1, "7", 2 ^ 53 } do
      local data = workflows.json.encode { broker_sequence = sequence }
      new({ { ("id: the-id\ndata: %s\n\n"):format(data), "drop" }, { ending(9), "timeout" } },
        { get_workflow_execution = completed })
      assert.equal(2, #read())
      assert.equal("the-id", opened[2].params.last_event_id)
      client:close()
    end
  end)

  it("has no id and no retry of an event but those of its frame", function()
    new { { 'data: {"broker_sequence":1,"id":"a","retry":5,"data":{"id":"b","retry":6,"more":7}}\n\n', "timeout" } }
    local one = client.executions:stream("e"):next(1)
    assert.is_nil(one.id)
    assert.is_nil(one.retry)
    assert.equal(7, one.more)
  end)

  it("has the facts of the frame where it is wanted as text, too", function()
    new { { 'event: named\nid: a\nretry: 500\ndata: {"broker_sequence": 1}\n\n', "timeout" } }
    local one = client.executions:stream("e", nil, { raw = true }):next(1)
    local own = {}
    for name, value in next, one do own[name] = value end
    assert.same({ data = '{"broker_sequence": 1}', event = "named", id = "a", retry = 500 }, own)
    assert.equal(1, one.broker_sequence)
  end)

  it("has the facts of an event under the service's names", function()
    new({ { { broker_sequence = 4, stream = "s", data = { event_type = "X", workflow_exec_id = "e", id = "inner" } },
      ending(5), "timeout" } }, { get_workflow_execution = completed })
    local stream = client.executions:stream "e"
    local one = stream:next()
    assert.same({ 4, "s", "X", "e" }, { one.broker_sequence, one.stream, one.event_type, one.workflow_exec_id })
    assert.equal("4", one.id)
    assert.is_nil(one.retry)
    assert.equal("message", one.event)
    stream:close()
  end)

  it("of all executions, which has no end of its own, goes on", function()
    local times = 0
    new({}, {
      get_stream_events = function()
        times = times + 1
        if times < 3 then return { event(times), "drop" } end
        return { event(3), "timeout" }
      end,
    })
    local stream = client.events:stream { scope = "workflow" }
    for sequence = 1, 3 do assert.equal(sequence, stream:next().broker_sequence) end
    assert.same({ nil, "timeout" }, { stream:next(200) })
    stream:close()
    for _, request in ipairs(client.requests) do assert.equal("get_stream_events", request.operation) end
    local last = client.requests[3].params
    assert.equal("3", last.start_seq)
  end)

  -- Where the end event comes through the filters it is the end; otherwise a while of silence tells that there is no
  -- more.
  describe("of chosen events", function()
    local types = { "WORKFLOW_EXECUTION_STARTED", "CUSTOM_TASK_IN_PROGRESS" }
    local cases = {
      { true, { workflow_exec_id = "e" } },
      { true, { root_workflow_exec_id = "e" } },
      { true, { workflow_exec_id = "e", activity_name = "*", workflow_name = "w", scope = "workflow", start_seq = 0 } },
      { true, { workflow_exec_id = "e", workflow_event_types = { types[1], "WORKFLOW_EXECUTION_COMPLETED" } } },
      { true, { workflow_exec_id = "e", workflow_event_types = { "*" } } },
      { false, { workflow_exec_id = "e", activity_name = "bake" } },
      { false, { workflow_exec_id = "e", scope = "activity" } },
      { false, { workflow_exec_id = "e", start_seq = 5 } },
      { false, { workflow_exec_id = "e", workflow_event_types = types } },
      { false, { workflow_exec_id = "e" }, { headers = { ["Last-Event-ID"] = "3", ["X-Team"] = "desk" } } },
    }
    for number, case in ipairs(cases) do
      it("ends " .. (case[1] and "with the end event" or "after a while of silence") .. ", case " .. number, function()
        local sent = {}
        new({}, {
          get_workflow_execution = completed,
          get_stream_events = function(request)
            sent[#sent + 1] = request
            if case[1] then return { ending(7), "timeout" } end
            return { event(7), "timeout" }
          end,
        })
        local found = 0
        for one in client.events:stream(case[2], case[3]) do
          found = found + 1
          assert.equal(7, one.broker_sequence)
        end
        assert.equal(1, found)
        if case[1] then near(0, passed()) else assert.truthy(passed() >= 2 and passed() < 9, passed()) end
        for _, request in ipairs(client.requests) do
          local headers = case[3] and case[3].headers or {}
          assert.equal(headers["X-Team"], request.headers["X-Team"])
          if request.operation == "get_workflow_execution" then assert.is_nil(request.headers["Last-Event-ID"]) end
        end
      end)
    end

    it("goes on for ever where it is of no single execution", function()
      for _, id in ipairs { "*", "" } do
        new({}, { get_stream_events = function() return { ending(7), "timeout" } end })
        local stream = client.events:stream { workflow_exec_id = id ~= "" and id or nil, workflow_name = "w" }
        assert.equal(7, stream:next().broker_sequence)
        assert.same({ nil, "timeout" }, { stream:next(100) })
        assert.same({ "get_stream_events" }, { client.requests[#client.requests].operation })
        stream:close()
        client:close()
      end
    end)

    it("of what is live now only does not wait for an end that may be over", function()
      new({ { "timeout" } }, { get_workflow_execution = completed })
      assert.same({}, (read(nil, { event_source = "LIVE" })))
      assert.truthy(passed() < 12, passed())
      assert.equal("LIVE", opened[1].params.event_source)
      client:close()
      new({ { ending(1), "timeout" } }, { get_workflow_execution = completed })
      assert.same({ 1 }, (read(nil, { start_seq = nil })))
      assert.equal("HYBRID", opened[1].params.event_source)
    end)
  end)
end)
