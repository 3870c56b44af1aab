-- One event connection: when it gives up, what it takes and what it drops, and what the observer hears of it.

local clocked = require "spec.support.clocked"
local connection = require "mistral.workflows.connection"
local loop = require "mistral.workflows.loop"
local rows = require "mistral.workflows.rows"
local workflows = require "mistral.workflows"

local near, passed = clocked.near, clocked.passed

describe("an event connection", function()
  local client, opened

  -- @param connections list: what each one gives, as in a testing client; the last one again and again
  local function new(connections, options, answers)
    opened = {}
    local function give(request)
      opened[#opened + 1] = { at = passed(), params = request.params, headers = request.headers }
      local given = connections[math.min(#opened, #connections)]
      if type(given) == "function" then return given(request) end
      return given
    end
    local all = {
      stream = give, get_stream_events = give, stream_workflow_execution_logs = give,
      get_workflow_execution = { execution_id = "e", status = "RUNNING" },
    }
    for name, answer in pairs(answers or {}) do all[name] = answer end
    client = clocked.client(all, options)
    return client
  end

  after_each(clocked.close)

  local function text(data, id, more)
    return ("%s%sdata: %s\n\n"):format(id and "id: " .. id .. "\n" or "", more or "", data)
  end

  -- The events of all executions, until there is none for so many seconds.
  local function read(count, options, params)
    local stream, list = client.events:stream(params, options), {}
    local ok, err = pcall(function()
      for _ = 1, count do
        local one = stream:next(1000)
        if not one then break end
        list[#list + 1] = one
      end
    end)
    stream:close()
    return list, not ok and err or nil
  end

  describe("that brings nothing", function()
    local last = { text('{"broker_sequence":1}', "1"), "timeout" }

    -- How many are opened, and the error, where each but the last one gives the same.
    local function open_again(given, policy, count)
      local connections = {}
      for index = 1, count do connections[index] = given end
      connections[count + 1] = last
      new(connections, { idle_timeout = 100 })
      local _, err = read(1, { retry = policy })
      local result = { #opened, err and err.kind, err and err.attempts }
      client:close()
      return result
    end

    it("is a failure, unless it lived for more than ten seconds after the service began to answer", function()
      local policy = { attempts = 2, base = 0 }
      assert.same({ 2, "network", 2 }, open_again({ 8, "drop" }, policy, 5))
      assert.same({ 6 }, open_again({ 12, "drop" }, policy, 5))
      assert.same({ 2, "network", 2 }, open_again(function()
        client:sleep(15)
        return "drop"
      end, policy, 5))
      assert.same({ 2, "http", 2 }, open_again(function()
        client:sleep(15)
        return 503, {}
      end, policy, 5))
    end)

    it("is given up after the budget where the service does not answer, and only there", function()
      local policy = { attempts = 100, base = 0, cap = 0, budget = 12 }
      assert.same({ 4, "network", 4 }, open_again(function()
        client:sleep(5)
        return "drop"
      end, policy, 9))
      assert.same({ 10 }, open_again({ 5, "drop" }, policy, 9))
    end)

    it("ends without an error where the service ends it, and no other is wanted", function()
      assert.same({ 1 }, open_again({ ": bye\n" }, false, 5))
      assert.same({ 1 }, open_again({ ": bye\n" }, { attempts = 1 }, 5))
      assert.same({ 4 }, open_again({ ": bye\n" }, { attempts = 2, base = 0 }, 3))
    end)

    it("ends with what will not pass", function()
      for _, status in ipairs { 400, 401, 403, 404, 422, 501 } do
        assert.same({ 1, "http", 1 }, open_again(function() return status, {} end, { attempts = 9, base = 0 }, 5))
      end
      for _, status in ipairs { 408, 429, 500, 502, 503, 504 } do
        assert.same({ 3, "http", 3 }, open_again(function() return status, {} end, { attempts = 3, base = 0 }, 5))
      end
      assert.same({ 3, "connect", 3 }, open_again("refuse", { attempts = 3, base = 0 }, 5))
    end)

    it("may be opened as often as one likes", function()
      assert.same({ 1100, "network", 1100 }, open_again("drop", { attempts = 1100, base = 0 }, 1200))
    end)

    it("is opened after pauses that double, up to cap, from the first failure on", function()
      local most = {}
      for _ = 1, 40 do
        new { "drop" }
        read(1, { retry = { attempts = 5, base = 10, cap = 30, budget = 1000 } })
        assert.equal(5, #opened)
        for index = 2, 5 do
          most[index - 1] = math.max(most[index - 1] or 0, opened[index].at - opened[index - 1].at)
        end
        client:close()
      end
      for index, bound in ipairs { 10, 20, 30, 30 } do
        assert.truthy(most[index] > bound * 0.6 and most[index] <= bound + 0.8, ("%d: %g"):format(index, most[index]))
      end
    end)
  end)

  it("that brought something is opened at once, also where the pauses are long", function()
    new({ { text('{"broker_sequence":1}'), "drop" }, { text('{"broker_sequence":2}'), "timeout" } })
    local list = read(2, { retry = { attempts = 2, base = 100, cap = 100 } })
    assert.equal(2, #list)
    near(0, passed())
  end)

  it("with values that are too large ends with an error that says so", function()
    local long = text('{"broker_sequence":1,"list":[' .. ("[],"):rep(900) .. "[]]}")
    new({ { long, "timeout" }, { text('{"broker_sequence":2}'), "timeout" } }, { max_response_bytes = 4000 })
    local _, err = read(1, { retry = { attempts = 3, base = 0, cap = 7 } })
    assert.same({ "too_large", "value", "get_stream_events", 1 },
      { err.kind, err.reason, err.operation, err.attempts })
    assert.equal("the values of the answer need more memory than 4 times max_response_bytes = 4000", err.message)
    assert.equal(0, client.handle:running())
    client:close()
    local fine = text('{"broker_sequence":1,"list":[' .. ("[],"):rep(90) .. "[]]}") -- about twice as much as the limit
    new({ { fine, "timeout" } }, { max_response_bytes = 4000 })
    assert.equal(91, #read(1)[1].list)
  end)

  it("takes whatever is in a frame: JSON of any kind, or text", function()
    local frames = {}
    for index, data in ipairs { "5", "true", "null", '"text"', "[1]", "{}", "no JSON" } do
      frames[index] = text(data, tostring(index), "event: e" .. index .. "\n")
    end
    frames[#frames + 1] = "timeout"
    new { frames }
    local list = read(7)
    local found = {}
    for index, one in ipairs(list) do
      found[index] = one.data
      assert.same({ "e" .. index, tostring(index) }, { one.event, one.id })
      assert.is_nil(one.broker_sequence)
    end
    assert.same({ 5, true, workflows.null, "text", { 1 }, {}, "no JSON" }, found)
    client:close()
    new { frames }
    local stream = client.executions:stream "e"
    for index = 1, 7 do assert.equal("e" .. index, stream:next(1).event) end
    stream:close()
  end)

  it("has facts of an event where the payload holds one, and none where it holds something else", function()
    local frames = {}
    for index, inner in ipairs { "5", '"text"', "true", "null", '{"event_type":"inner"}' } do
      frames[index] = text(('{"broker_sequence":%d,"stream":"s","data":%s}'):format(index, inner))
    end
    frames[#frames + 1] = "timeout"
    new { frames }
    local stream = client.executions:stream "e"
    for index = 1, 5 do assert.equal(index, stream:next(1).broker_sequence) end
    stream:close()
    client:close()
    new { frames }
    local list = read(5)
    for index, one in ipairs(list) do
      assert.equal(index == 5 and "inner" or nil, one.event_type)
      assert.same({ "s", index }, { one.stream, one.broker_sequence })
      assert.is_nil(one.len)
    end
    assert.equal(5, #list)
  end)

  it("gives events that tell what they are", function()
    new { { text('{"broker_sequence":1}', "1"), text('{"broker_sequence":2}', "2", "retry: 0\n"), "timeout" } }
    local list = read(2)
    assert.is_nil(list[1].retry)
    assert.equal(0, list[2].retry)
    assert.equal("mistral.workflows.event", getmetatable(list[1]).__name)
    client:close()
    new { { text('{"broker_sequence":1}', "1"), "timeout" } }
    list = read(1, { raw = true })
    assert.equal("mistral.workflows.event", getmetatable(list[1]).__name)
    assert.equal('{"broker_sequence":1}', list[1].data)
    assert.equal(1, list[1].broker_sequence)
  end)

  it("goes on behind an id that is 1024 bytes long, and no longer one", function()
    for size, expected in pairs { [1024] = ("x"):rep(1024), [1025] = "first" } do
      new { { text("{}", "first"), text("{}", ("x"):rep(size)), "drop" }, { text("{}", "z"), "timeout" } }
      read(3)
      assert.equal(expected, opened[2].headers["Last-Event-ID"])
      client:close()
    end
  end)

  it("goes on behind no id that a header line cannot carry", function()
    for id, expected in pairs { ["a\tb"] = "first", ["a\127b"] = "first", ["caf\195\169"] = "caf\195\169",
      ["caf\233"] = "first", ["a b"] = "a b" } do
      new { { text("{}", "first"), text("{}", id), "drop" }, { text("{}", "z"), "timeout" } }
      read(3)
      assert.equal(expected, opened[2].headers["Last-Event-ID"])
      client:close()
    end
  end)

  it("asks for the events behind the last one it took, by the highest sequence", function()
    new {
      { text '{"broker_sequence":0}', text '{"broker_sequence":7}', text '{"broker_sequence":7}',
        text '{"broker_sequence":6}', "drop" },
      { text '{"broker_sequence":7}', text '{"broker_sequence":8}', "timeout" },
    }
    local list = read(3, { headers = { ["Last-Event-ID"] = "5", ["X-Team"] = "desk" } }, { scope = "*" })
    assert.same({ 0, 7, 8 }, { list[1].broker_sequence, list[2].broker_sequence, list[3].broker_sequence })
    assert.same({ "5", "desk" }, { opened[1].headers["Last-Event-ID"], opened[1].headers["X-Team"] })
    assert.same({ nil, "desk" }, { opened[2].headers["Last-Event-ID"], opened[2].headers["X-Team"] })
    assert.same({ "*", "8" }, { opened[2].params.scope, opened[2].params.start_seq })
    assert.is_nil(opened[1].params.start_seq)
  end)

  it("goes on behind an id in place of the header line of the caller, also of an empty one", function()
    for _, given in ipairs { "5", "" } do
      new { { text("{}", "first"), "drop" }, { text("{}", "z"), "timeout" } }
      local lines
      local transport = client.options.transport
      client.options.transport = function(request)
        lines = 0
        for name in pairs(request.headers) do
          if name:lower() == "last-event-id" then lines = lines + 1 end
        end
        return transport(request)
      end
      read(2, { headers = { ["last-event-id"] = given } })
      assert.same({ "first", 1 }, { opened[2].headers["Last-Event-ID"], lines })
      client:close()
    end
  end)

  it("gives all that has no sequence to count with, and the others once", function()
    local frames = {}
    for index, sequence in ipairs { "5", "4.5", "-1", "9007199254740992", '"7"', "6", "6.5", "null", "6", "5", "7" } do
      frames[index] = text(('{"broker_sequence":%s}'):format(sequence))
    end
    frames[#frames + 1] = "timeout"
    new { frames }
    local found = {}
    for index, one in ipairs(read(9)) do found[index] = one.data.broker_sequence end
    assert.same({ 5, 4.5, -1, 2 ^ 53, "7", 6, 6.5, workflows.null, 7 }, found)
  end)

  it("gives a record that comes again at the start of the next connection once, and later ones each time", function()
    local a, b = text('{"n":1}', "1"), text('{"n":2}', "2")
    new { { a, a, "drop" }, { a, a, b, b, "drop" }, { text('{"n":2}', "3"), a, "timeout" } }
    local found = {}
    for index, one in ipairs(read(6)) do found[index] = one.data.n .. " " .. one.id end
    assert.same({ "1 1", "1 1", "2 2", "2 2", "2 3", "1 1" }, found)
  end)

  it("gives what was cut off only where it is whole, and does not come again", function()
    local first, cut = text('{"n":1}', "1"), '{"n":2'
    local function numbers(retry, ...)
      new { ... }
      local found = {}
      for index, one in ipairs(read(3, { retry = retry })) do found[index] = one.data.n or one.data end
      client:close()
      return found
    end
    assert.same({ 1 }, numbers(false, { first .. "data: " .. cut }))
    assert.same({ 1, 2 }, numbers(false, { first .. "data: " .. cut .. "}" }))
    assert.same({ 1, 2, 3 }, numbers(nil, { first .. "id: 2\ndata: " .. cut .. "}" },
      { text(cut .. "}", "2"), text('{"n":3}', "3"), "timeout" }))
    assert.same({ 1, 2, 3 }, numbers(nil, { first .. "id: 2\ndata: " .. cut },
      { text(cut .. "}", "2"), text('{"n":3}', "3"), "timeout" }))
  end)

  it("leaves the table of the caller alone, and is not changed with it", function()
    new { { text '{"broker_sequence":1}', "drop" }, { text '{"broker_sequence":2}', "timeout" } }
    local params = { scope = "*" }
    local stream = client.events:stream(params)
    stream:next()
    params.scope = "workflow"
    stream:next()
    stream:close()
    assert.same({ scope = "workflow" }, params)
    assert.same({ "*", "*" }, { opened[1].params.scope, opened[2].params.scope })
    assert.equal("2", opened[2].params.start_seq)
  end)

  it("waits as the stream last asked, also where that is not at all", function()
    new {
      { text('{"broker_sequence":1}', "1", "retry: 9000\n"), "drop" },
      { text('{"broker_sequence":2}', "2", "retry: 0\n"), "drop" }, { text '{"broker_sequence":3}', "timeout" },
    }
    assert.equal(3, #read(3))
    near(9, opened[2].at)
    near(9, opened[3].at)
  end)

  it("is not bound by the time-outs of plain calls", function()
    new({ { 30, text '{"broker_sequence":1}', 30, text '{"broker_sequence":2}', "timeout" } }, { timeout = 20 })
    assert.equal(2, #read(2))
    assert.equal(1, #opened)
  end)

  it("names the execution in the error of a later connection", function()
    new { { text '{"broker_sequence":1}', "drop" }, function() return 403, {} end }
    local stream = client.executions:stream "e"
    assert.equal(1, stream().broker_sequence)
    local ok, err = pcall(stream)
    assert.is_false(ok)
    assert.same({ 403, "e", "stream 'e'", 2 }, { err.status, err.execution_id, err.call, err.attempts })
  end)

  it("is told of to the observer once, with what became of it", function()
    local seen = {}
    local function note(info)
      if info.operation == "get_stream_events" then
        seen[#seen + 1] = ("%s %s"):format(info.status or "none", info.error or "fine")
      end
    end
    new({
      function() return 503, {} end, { 31 }, { text '{"broker_sequence":1}' },
      { text '{"broker_sequence":2}', "timeout" },
      { 'event: error\ndata: {"message":"no"}\n\n', "timeout" },
    }, { observer = note, idle_timeout = 30 })
    local _, err = read(3, { retry = { attempts = 3, base = 0 } })
    assert.equal("the service ended the stream: no", err.message)
    assert.same({ "503 http", "200 timeout", "200 fine", "200 timeout", "200 stream" }, seen)
  end)

  it("is not told of where it was left because there is nothing more to come", function()
    local seen = {}
    new({ { text '{"broker_sequence":1}', "timeout" }, { "timeout" } }, { observer = function(info)
      if info.operation == "stream" then seen[#seen + 1] = info end
    end }, { get_workflow_execution = function()
      return { execution_id = "e", status = passed() < 9 and "RUNNING" or "TERMINATED" }
    end })
    local count = 0
    for _ in client.executions:stream "e" do count = count + 1 end
    assert.same({ 1, 2, 0 }, { count, #opened, #seen })
  end)

  it("of an execution ends at once with each of the three events of an end", function()
    for event_type, status in pairs {
      WORKFLOW_EXECUTION_COMPLETED = "COMPLETED", WORKFLOW_EXECUTION_FAILED = "FAILED",
      WORKFLOW_EXECUTION_CANCELED = "CANCELED",
    } do
      new({ { { event_type = event_type }, "timeout" } }, {}, {
        get_workflow_execution = { execution_id = "e", status = status },
      })
      local count = 0
      for _ in client.executions:stream "e" do count = count + 1 end
      assert.equal(1, count)
      near(0, passed())
      client:close()
    end
  end)

  it("that ends with an error says how often it was opened", function()
    new { { text '{"broker_sequence":1}', "drop" }, { 'event: error\ndata: {"reason":"r"}\n\n', "timeout" } }
    local _, err = read(2)
    assert.same({ "stream", "r", true, "get_stream_events", "events:stream" },
      { err.kind, err.reason, err.retryable, err.operation, err.call })
    assert.same({ reason = "r" }, err.detail)
    assert.equal('{"reason":"r"}', err.body)
    assert.is_nil(err.execution_id)
  end)

  it("is left where nothing comes for as long as idle_timeout, not earlier", function()
    new({ { 6, text '{"broker_sequence":1}', 6, text '{"broker_sequence":2}', "timeout" } }, { idle_timeout = 7 })
    local list, err = read(3, { retry = false })
    assert.equal(2, #list)
    assert.same({ "timeout", "idle", "nothing came for 7 seconds (idle_timeout)" },
      { err.kind, err.phase, err.message })
    near(19, passed())
  end)

  it("skips what is larger than a bound, and gives at once what follows", function()
    new { { text('{"broker_sequence":1}', "1") .. text('{"broker_sequence":2,"text":"' .. ("x"):rep(200) .. '"}', "2")
      .. text('{"broker_sequence":3}', "3"), "drop" }, { text('{"broker_sequence":4}', "4"), "timeout" } }
    local definition = { row = rows.by_name.stream, title = "stream" }
    local one = assert(connection.open(client, definition, {}, "e", {}, { event_bytes = 100 }))
    local found = {}
    while #found < 3 do
      local event = one:step()
      if event then
        found[#found + 1] = event.broker_sequence
      elseif one:transfer() then
        loop.await(client, one:transfer(), one:due())
      end
    end
    assert.same({ 1, 3, 4 }, found)
    assert.same({ 1, 2, 1 }, { one.skipped, one.opened, one.overs })
    near(0, passed())
    one:close()
    one:close()
    assert.is_nil(one:transfer())
    assert.equal(math.huge, one:due())
    assert.equal(0, client.handle:running())
  end)

  it("is opened again where the observer has raised an error at its end", function()
    new({ { text '{"broker_sequence":1}' }, { text '{"broker_sequence":2}', "timeout" } }, {
      observer = function() error("no", 0) end,
    })
    local one = assert(connection.open(client, { row = rows.by_name.stream, title = "stream" }, {}, "e", {}, {}))
    local found = {}
    for _ = 1, 50 do
      local ok, event = pcall(one.step, one)
      found[#found + 1] = ok and event and event.broker_sequence or not ok and event or nil
      if one:transfer() and #found < 3 then loop.await(client, one:transfer(), one:due()) end
    end
    assert.same({ 1, "no", 2 }, found)
    assert.is_nil(one.err)
    one:close()
  end)

  it("of a client that was closed meanwhile is over", function()
    new { function() return 503, {}, { ["Retry-After"] = "30" } end }
    local stream = client.events:stream()
    assert.same({ nil, "timeout" }, { stream:next(1) })
    client:close()
    local ok, err = pcall(stream.next, stream, 100)
    assert.is_false(ok)
    assert.same({ "cancelled", "cancelled by the program" }, { err.kind, err.message })
    near(1, passed())
  end)

  it("that ended with an error event is closed before the next one is opened", function()
    local most = 0
    local broken = { text '{"broker_sequence":1}', 'event: error\ndata: {"message":"no"}\n\n', "timeout" }
    new({ broken, broken, broken, { "timeout" } }, {}, { get_workflow_execution = function()
      most = math.max(most, client.handle:running())
      return { execution_id = "e", status = passed() < 30 and "RUNNING" or "COMPLETED" }
    end })
    assert(client.executions:wait("e", { on_event = function() end, timeout = 90 }))
    assert.equal(4, #opened)
    assert.equal(2, most)
  end)

  it("must have a table of parameters", function()
    new { {} }
    for _, wrong in ipairs { 5, "x", true } do
      local ok, message = pcall(client.events.stream, client.events, wrong)
      assert.is_false(ok)
      assert.equal("events:stream: the parameters must be a table, not a " .. type(wrong), message:match "events:.*")
    end
  end)
end)
