-- How event streams end: the whole of the errors, and the silences that tell that nothing more will come.

local clocked = require "spec.support.clocked"
local workflows = require "mistral.workflows"

local near, passed, noted = clocked.near, clocked.passed, clocked.noted

describe("an event stream", function()
  local client, opened

  -- @param connections list: what each connection gives; the last one again and again
  local function new(connections, status, options)
    opened = {}
    local function stream(request)
      opened[#opened + 1] = passed()
      local given = connections[math.min(#opened, #connections)]
      if type(given) == "function" then return given(request) end
      return given
    end
    client = clocked.client({
      stream = stream, get_stream_events = stream,
      get_workflow_execution = function(request)
        if type(status) == "function" then return status(request) end
        return 200, { execution_id = request.path_value, status = status or "RUNNING" }
      end,
    }, options)
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

  -- The sequences of its events, and the error with which it ends.
  local function read(options, params)
    local list, stream = {}, client.executions:stream("e", params, options)
    while true do
      local ok, one = pcall(stream.next, stream)
      if not ok then
        assert.is_nil(stream:next())
        assert.equal(0, client.handle:running())
        return list, one
      end
      if not one then return list end
      list[#list + 1] = one.broker_sequence
    end
  end

  -- Those of a stream that ends well.
  local function read_all(...)
    local list, err = read(...)
    assert.is_nil(err)
    return list
  end

  it("that is over at its deadline says so", function()
    new { { event(1), "timeout" } }
    local list, err = read { deadline = 12 }
    assert.same({ 1 }, list)
    assert.same({
      kind = "timeout", phase = "response", operation = "stream", call = "stream 'e'", attempts = 1, retryable = true,
      execution_id = "e", message = "the time is over (deadline)",
    }, err)
    near(12, passed())
    client:close()
    new { { event(1), "timeout" } }
    local stream = client.events:stream({ workflow_name = "w" }, { deadline = 3 })
    assert.equal(1, stream:next().broker_sequence)
    local ok
    ok, err = pcall(stream.next, stream)
    assert.is_false(ok)
    assert.same({
      kind = "timeout", phase = "response", operation = "get_stream_events", call = "events:stream", attempts = 1,
      retryable = true, message = "the time is over (deadline)",
    }, err)
  end)

  it("that is over at its deadline shows no key", function()
    local key = "the-key-0123456789"
    new({ { "timeout" } }, nil, { api_key = key })
    local _, err = pcall(client.executions:stream(key, nil, { deadline = 3 }))
    assert.equal("timeout", err.kind)
    for _, value in pairs(err) do assert.is_nil(tostring(value):find(key, 1, true)) end
  end)

  it("of which events are withheld says which can be had, and where", function()
    new({ { event(1), "timeout" } }, "COMPLETED", { idle_timeout = 10 })
    local list, err = read()
    assert.same({ 1 }, list)
    assert.same({
      kind = "stream", reason = "incomplete", operation = "stream", call = "stream 'e'", attempts = err.attempts,
      retryable = true, execution_id = "e", execution = { execution_id = "e", status = "COMPLETED" },
      message = "the execution has ended (COMPLETED), but not all events up to its end could be had; "
        .. 'client.events:each{ workflow_exec_id = "e" } reads the events that are stored',
    }, err)
  end)

  it("that is refused behind the end says why events are missing", function()
    local function refused() return 503, { detail = "full" }, { ["Retry-After"] = "7" } end
    new({ { event(1), 6, "drop" }, refused }, "COMPLETED")
    local list, err = read { retry = { attempts = 3, base = 0.1 } }
    assert.same({ 1 }, list)
    assert.same({ "stream", "incomplete", 3, 7, true },
      { err.kind, err.reason, err.attempts, err.retry_after, err.retryable })
    local why = " could be had (HTTP 503: full; it asks to wait 7 seconds (Retry-After)); client.events:each{"
    assert.truthy(err.message:find(why, 1, true), err.message)
  end)

  it("that may not be opened again says that it ended too early", function()
    new({ { event(1) } })
    local list, err = read { retry = false }
    assert.same({ 1 }, list)
    assert.same({ "stream", "incomplete", "RUNNING", "e" },
      { err.kind, err.reason, err.execution.status, err.execution_id })
    assert.equal(1, (err.message:find("the stream ended before the execution did, and retry = false; client.events", 1,
      true)), err.message)
  end)

  it("that may not be opened again waits for the status before it says so", function()
    new({ { event(1) } }, function(request)
      client:sleep(4)
      return 200, { execution_id = request.path_value, status = "TERMINATED" }
    end)
    local list, err = read { retry = false }
    assert.same({ 1 }, list)
    assert.is_nil(err)
    near(4, passed())
    client:close()
    new({ { event(1) } }, function() return 403, {} end)
    list, err = read { retry = false }
    assert.same({ { 1 }, "incomplete" }, { list, err.reason })
    near(0, passed())
  end)

  it("ends with an end event that is a millisecond older than the start, as times are rounded, and no older", function()
    for nanoseconds, seconds in pairs { [1.7e18 - 9e5] = 0, [1.7e18 - 1e8] = 3 } do
      local first, second = ending(1), ending(2)
      first.data.event_timestamp, second.data.event_timestamp = nanoseconds, workflows.time.format(1.7e9)
      new({ { first, 3, second, "timeout" } }, function()
        return 200, { execution_id = "e", status = "COMPLETED", start_time = workflows.time.format(1.7e9) }
      end)
      assert.equal(seconds == 0 and 1 or 2, #read_all())
      near(seconds, passed())
      client:close()
    end
  end)

  it("ends with an end event where nobody says when that was, or when the execution began", function()
    local start = workflows.time.format(1.7e9)
    for _, times in ipairs { { nil, start }, { 1, nil }, { "soon", start } } do
      local last = ending(1)
      last.data.event_timestamp = times[1]
      new({ { last, "timeout" } }, function()
        return 200, { execution_id = "e", status = "COMPLETED", start_time = times[2] }
      end)
      assert.same({ 1 }, read_all())
      near(0, passed())
      client:close()
    end
  end)

  it("ends two seconds after the last event where the end has none, over a connection that was opened behind it",
    function()
      new({ { event(1), "timeout" }, { 1.5, event(2), "timeout" } }, "TERMINATED")
      assert.same({ 1, 2 }, read_all())
      near(5, opened[2])
      near(8.5, passed())
      client:close()
      new({ { event(1), 1, event(2), "drop" }, { 1.5, event(3), "timeout" } }, "TERMINATED")
      assert.same({ 1, 2, 3 }, read_all())
      near(4.5, opened[3])
      near(6.5, passed())
    end)

  it("ends where a connection that was opened behind an end without an event is closed in order", function()
    new({ { event(1), 1, "drop" }, {}, {} }, "TERMINATED")
    assert.same({ 1 }, read_all { retry = { base = 0.01 } })
    near(3, passed())
  end)

  it("does not end with a connection that fails behind an end without an event, but with one that is silent", function()
    new({ { event(1), 1, "drop" }, "refuse", "refuse", { 1, event(2), "timeout" } }, "TERMINATED")
    assert.same({ 1, 2 }, read_all { retry = { base = 0.01 } })
    client:close()
    new({ { event(1), "timeout" } }, "TERMINATED", { idle_timeout = 1 })
    assert.same({ 1 }, read_all())
    near(3, passed(), 1)
  end)

  it("bears two times idle_timeout without an event, though the service sends comments", function()
    local comments = {}
    for index = 1, 40, 2 do comments[index], comments[index + 1] = 3, ": still here\n\n" end
    new({ comments }, "COMPLETED", { idle_timeout = 10 })
    local list, err = read()
    assert.same({ {}, "incomplete", 2 }, { list, err.reason, #opened })
    near(opened[2] + 10, passed())
  end)

  it("counts that time from the last event and from the end on", function()
    for event_at, end_at in pairs { [12] = 0, [3] = 13 } do
      local items = {}
      for seconds = 3, 90, 3 do
        items[#items + 1] = 3
        items[#items + 1] = seconds == event_at and event(1) or ": still here\n\n"
      end
      new({ items }, function()
        return 200, { execution_id = "e", status = passed() < end_at and "RUNNING" or "COMPLETED" }
      end, { idle_timeout = 10 })
      assert.equal("incomplete", select(2, read()).reason)
      assert.truthy(opened[2] >= 22 and opened[2] <= (event_at == 12 and 23 or 26), opened[2])
      client:close()
    end
  end)

  it("of a client that is closed after the end is cancelled, and misses nothing", function()
    new({ { event(1), "timeout" } }, "COMPLETED")
    local stream = client.executions:stream "e"
    local _, errors = client:gather {
      function() repeat until not stream:next() end,
      function()
        client:sleep(7)
        client:close()
      end,
    }
    assert.same({ "cancelled", "stream 'e'" }, { errors[1].kind, errors[1].call })
  end)

  it("bears two silences of idle_timeout for an end event that is missing, counted from the status on", function()
    new({ { event(1), "timeout" } }, function()
      return 200, { execution_id = "e", status = passed() < 8 and "RUNNING" or "COMPLETED" }
    end, { idle_timeout = 9 })
    local list, err = read()
    assert.same({ 1 }, list)
    assert.equal("incomplete", err.reason)
    near(9 + 9 + 9, passed(), 1)
  end)

  it("is over with its end event after idle_timeout where the status is not told, and no sooner", function()
    for _, at in ipairs { 2, 8 } do
      new({ { event(1), at, ending(2), "timeout" } }, function() return 503, {} end, { idle_timeout = 12 })
      assert.same({ 1, 2 }, read_all())
      near(at + 12, passed())
      client:close()
    end
  end)

  it("asks for the status each five seconds in which there is no event", function()
    local times = {}
    new({ { 7, event(1), "timeout" } }, noted(times, function()
      return 200, { execution_id = "e", status = "RUNNING" }
    end))
    local stream = client.executions:stream "e"
    assert.equal(1, stream:next().broker_sequence)
    assert.same({ nil, "timeout" }, { stream:next(14) })
    for index, expected in ipairs { 5, 12, 17 } do near(expected, times[index]) end
    assert.equal(3, #times)
  end)

  it("ends with its end event through filters that say nothing", function()
    for _, params in ipairs {
      { activity_name = workflows.null }, { activity_name = "" }, { activity_name = "*", workflow_event_types = "*" },
      { workflow_event_types = "WORKFLOW_EXECUTION_COMPLETED" }, { root_workflow_exec_id = "*" },
    } do
      new({ { ending(7), "timeout" } }, "COMPLETED")
      params.workflow_exec_id = "e"
      local stream = client.events:stream(params)
      assert.equal(7, stream:next().broker_sequence)
      assert.is_nil(stream:next())
      near(0, passed())
      client:close()
    end
  end)

  it("says what seconds are", function()
    new { { "timeout" } }
    local stream = client.executions:stream "e"
    for given, shown in pairs { ["1"] = "1", [true] = "true" } do
      local ok, message = pcall(stream.next, stream, given)
      assert.is_false(ok)
      assert.truthy(message:find("stream_outcomes_spec.lua:%d+: stream:next: the seconds must be a number, not "
        .. shown .. "$"), message)
    end
    stream:close()
  end)
end)
