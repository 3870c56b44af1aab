-- Errors of event streams: what ends one, and what is told of it.

local fault = require "spec.support.fault"
local frames = require "spec.support.frames"
local workflows = require "mistral.workflows"

local EVENTS = "/v1/workflows/events/stream"
local EXECUTION = "/v1/workflows/executions/x/stream"

describe("an event stream", function()
  local server, client

  setup(function() server = fault.start() end)
  teardown(function() server:stop() end)

  before_each(function() server:reset() end)
  after_each(function()
    if client then client:close() end
    client = nil
  end)

  local function open(steps, options)
    client = frames.client(server, steps, options)
    return client
  end

  local function lines() return frames.asked(server) end

  describe("raises", function()
    local function failure_of(stream)
      local ok, err = pcall(function() repeat until not stream() end)
      assert.is_false(ok)
      assert(workflows.is_error(err), tostring(err))
      assert.is_nil(stream())
      return err
    end

    for name, case in pairs {
      ["the service's error"] = { 'data: {"error":"it broke","reason":"read_error"}', "it broke", "read_error" },
      ["a reason that is new"] = { 'data: {"error":"it broke","reason":"moon"}', "it broke", "moon" },
      ["an error without a reason"] = { 'data: {"error":"it broke"}', "it broke", "stream_error" },
      ["an error that is no JSON"] = { "data: it broke", "it broke", "stream_error" },
      ["an error with a raw line end in its text"] = {
        'data: {"error":"it\ndata: broke","reason":"internal_error"}', "it\nbroke", "internal_error" },
    } do
      it(name, function()
        local stream = open({
          frames.step(EXECUTION, frames.event(1), "event: error\n", case[1], "\n\n", frames.event(2)),
        }).executions:stream "x"
        assert.same({ 1 }, frames.take(stream, 1))
        local err = failure_of(stream)
        assert.equal("stream", err.kind)
        assert.equal("the service ended the stream: " .. case[2], err.message)
        assert.equal(case[3], err.reason)
        assert.equal("stream", err.operation)
        assert.equal("x", err.execution_id)
        assert.equal(1, #lines())
      end)
    end

    it("a refusal of the key that is all there is", function()
      for _, key in ipairs { "key-number-one", function() return "key-number-one" end } do
        server:reset()
        local err = failure_of(open({ { respond = { status = 401 } } }, { api_key = key }).events:stream())
        assert.same({ "http", 401 }, { err.kind, err.status })
        assert.equal(1, #lines())
        client:close()
      end
      local count = 0
      server:reset()
      local refused = { respond = { status = 401 } }
      local err = failure_of(open({ refused, refused, refused }, { api_key = function()
        count = count + 1
        return "key-number-" .. count
      end }).events:stream())
      assert.same({ "http", 401 }, { err.kind, err.status })
      assert.equal(2, #lines())
    end)

    it("ordinary errors before the stream starts", function()
      local stream = open({ { respond = { status = 404, body = '{"detail":"gone","code":"WF_1100"}' } } })
        .executions:stream "x"
      local err = failure_of(stream)
      assert.same({ "http", 404, "WF_1100" }, { err.kind, err.status, err.code })
      client:close()
      assert.equal(1, server:stats().requests) -- nothing is asked about what has failed

      stream = open({ { respond = { status = 503 } } }, { retry = false }).events:stream()
      err = failure_of(stream)
      assert.same({ "http", 503, 1 }, { err.kind, err.status, err.attempts })
      client:close()

      stream = open({ { respond = { status = 503 } }, { respond = { status = 503 } }, { respond = { status = 503 } },
        { respond = { status = 503 } } }).events:stream()
      err = failure_of(stream)
      assert.same({ "http", 503, 4 }, { err.kind, err.status, err.attempts })
    end)

    it("the failure of connections that bring nothing, after as many as a call has attempts", function()
      local cut = { actions = { { "send", frames.chunked }, { "reset" } } }
      local stream = open({ frames.step(EVENTS, frames.event(1)), cut, cut,
        { actions = { { "send", frames.chunked }, { "chunk", frames.event(2) }, { "reset" } } },
        cut, cut, cut, cut }).events:stream()
      assert.same({ 1, 2 }, frames.take(stream, 2))
      local err = failure_of(stream)
      assert.same({ "network", 4 }, { err.kind, err.attempts })
      assert.equal(7, #lines())
    end)

    it("the silence of a service that does not even begin", function()
      local silent = { actions = { { "hang" } } }
      local stream = open({ silent, silent, silent, silent }, { idle_timeout = 0.1 }).events:stream()
      local err = failure_of(stream)
      assert.same({ "timeout", "idle", 4 }, { err.kind, err.phase, err.attempts })
    end)

    it("the first failure, and silence, where nothing is to be repeated", function()
      local stream = open({ { actions = { { "send", frames.chunked }, { "chunk", frames.event(1) }, { "reset" } } } },
        { retry = false }).events:stream()
      assert.same({ 1 }, frames.take(stream, 1))
      assert.equal("network", failure_of(stream).kind)
      client:close()
      stream = open({ { actions = { { "send", frames.head .. frames.event(1) }, { "hang" } } } },
        { retry = false, idle_timeout = 0.2 }).events:stream()
      assert.same({ 1 }, frames.take(stream, 1))
      local err = failure_of(stream)
      assert.same({ "timeout", "idle" }, { err.kind, err.phase })
      client:close()
      stream = open({ frames.step(EVENTS, frames.event(1)) }, { retry = false }).events:stream()
      assert.same({ 1 }, frames.take(stream, 2))
    end)

    it("too_large for one event above max_response_bytes, and for no number of smaller ones", function()
      local stream = open({ { actions = {
        { "send", frames.head }, { "repeat", 'data: "' .. ("x"):rep(9000) .. '"\n\n', 30 },
        { "send", 'data: "' .. ("y"):rep(11000) .. '"\n\n' }, { "hang" },
      } } }, { max_response_bytes = 10000 }).events:stream()
      for _ = 1, 30 do assert.equal(9000, #stream().data) end
      local err = failure_of(stream)
      assert.equal("too_large", err.kind)
      assert.truthy(err.message:find("max_response_bytes = 10000", 1, true))
      assert(server:wait "closed")
    end)

    it("too_large for an event whose values need more than 4 times max_response_bytes", function()
      local function event(count) return 'data: {"x":[' .. ("[],"):rep(count) .. "0]}\n\n" end
      local stream = open({ { actions = { { "send", frames.head .. event(300) .. event(3000) }, { "hang" } } } },
        { max_response_bytes = 10000 }).events:stream()
      assert.equal(301, #stream().data.x)
      local err = failure_of(stream)
      assert.same({ "too_large", "value" }, { err.kind, err.reason })
      assert.truthy(err.message:find("4 times max_response_bytes = 10000", 1, true))
      assert(server:wait "closed")
    end)

    it("too_large for an event without an end", function()
      local stream = open({ { actions = { { "send", frames.head .. "data: " }, { "endless", ("x"):rep(4096) } } } },
        { max_response_bytes = 100000 }).events:stream()
      assert.equal("too_large", failure_of(stream).kind)
      assert(server:wait "closed")
    end)

    it("cancelled when the client is closed", function()
      open({ { actions = { { "send", frames.head .. frames.event(1) }, { "hang" } } } })
      local stream = client.events:stream()
      assert.same({ 1 }, frames.take(stream, 1))
      client:close()
      assert.equal("cancelled", failure_of(stream).kind)
    end)
  end)

  it("passes over what is too large where a limit is set, and goes on behind it", function()
    local connection, loop = require "mistral.workflows.connection", require "mistral.workflows.loop"
    local rows = require "mistral.workflows.rows"
    local big = 'id: big\ndata: "' .. ("x"):rep(5000) .. '"\n\n'
    open { { actions = { { "send", frames.head .. frames.event(1) .. big .. frames.event(2) .. big }, { "close" } } },
      frames.step(EVENTS, frames.event(3)) }
    local opened = connection.open(client, { row = rows.by_name.get_stream_events, title = "stream" }, {}, nil, {},
      { event_bytes = 1000 })
    local list = {}
    while #list < 3 and not opened.err do
      local event = opened:step()
      list[#list + 1] = event and event.broker_sequence
      if not event then loop.await_any(client, { opened:transfer() }, nil, workflows.now() + 0.05) end
    end
    assert.is_nil(opened.err)
    opened:close()
    assert.same({ 1, 2, 3 }, list)
    assert.equal(2, opened.skipped)
    assert.equal(EVENTS .. "?start_seq=3", lines()[2])
  end)
end)
