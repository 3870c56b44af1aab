-- Event streams over connections that break, fall silent and repeat themselves.

local clients = require "spec.support.clients"
local core = require "mistral.workflows.core"
local fault = require "spec.support.fault"
local frames = require "spec.support.frames"
local workflows = require "mistral.workflows"

local EVENTS = "/v1/workflows/events/stream"
local EXECUTION = "/v1/workflows/executions/x/stream"
local LOGS = "/v1/workflows/executions/x/logs/stream"
local fast = { attempts = 4, base = 0.01, cap = 0.05 }

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

  local function header_of(number, name)
    return clients.header(server:log()[number], name)
  end

  it("delivers an event before the next one is sent", function()
    local stream = open({ { actions = {
      { "send", frames.head .. frames.event(1) }, { "gate", "second" }, { "send", frames.event(2) }, { "close" },
    } } }).events:stream()
    assert.equal(1, stream().data.broker_sequence)
    server:open "second"
    assert.equal(2, stream().data.broker_sequence)
  end)

  it("gives data, name, id and retry of a frame", function()
    local stream = open({ frames.step(EVENTS, 'id: a\nevent: e\nretry: 20\ndata: {"list":[],"none":null}\n\n',
      "data: no JSON\n\n", "id:\ndata: 1.0\n\n") }).events:stream()
    local event = stream()
    assert.same({ list = {}, none = workflows.null }, event.data)
    assert.same({ "a", "e", 20 }, { event.id, event.event, event.retry })
    assert.same({ data = "no JSON", event = "message", id = "a", retry = 20 }, stream())
    event = stream()
    assert.equal(1, event.data)
    assert.is_nil(event.id)
  end)

  it("keeps integers exact", function()
    local stream = open({ frames.step(EVENTS, 'data: {"event_timestamp":1764000000123456789}\n\n') }).events:stream()
    assert.equal("1764000000123456789", tostring(stream().data.event_timestamp))
  end)

  describe("goes on", function()
    it("behind the last sequence, and drops what it has delivered", function()
      local stream = open({
        { actions = { { "send", frames.head .. frames.events(1, 3) }, { "reset" } } },
        frames.step(EVENTS, frames.events(2, 5)),
        frames.step(EVENTS, frames.events(6, 6), frames.events(6, 7)),
      }).events:stream { workflow_name = "w" }
      assert.same({ 1, 2, 3, 4, 5, 6, 7 }, frames.take(stream, 7))
      assert.same({ EVENTS .. "?workflow_name=w", EVENTS .. "?workflow_name=w&start_seq=4",
        EVENTS .. "?workflow_name=w&start_seq=6" }, lines())
    end)

    it("from the caller's start_seq until something was delivered", function()
      local stream = open({ frames.step(EVENTS), frames.step(EVENTS, frames.event(8)), frames.step(EVENTS,
        frames.event(9)) }).events:stream { start_seq = 7 }
      assert.same({ 8, 9 }, frames.take(stream, 2))
      assert.same({ EVENTS .. "?start_seq=7", EVENTS .. "?start_seq=7", EVENTS .. "?start_seq=9" }, lines())
    end)

    it("behind the last id", function()
      local stream = open({
        frames.step(EXECUTION, frames.event(1, "a-1"), frames.event(2, "b/2")),
        frames.step(EXECUTION, frames.event(3, "c")),
      }).executions:stream("x", { last_event_id = "z" })
      assert.same({ 1, 2, 3 }, frames.take(stream, 3))
      assert.same({ EXECUTION .. "?event_source=HYBRID&last_event_id=z",
        EXECUTION .. "?event_source=HYBRID&last_event_id=b%2F2" }, lines())
    end)

    it("behind the last sequence where frames have no ids", function()
      local stream = open({
        frames.step(EXECUTION, frames.events(1, 2)), frames.step(EXECUTION, frames.event(3)),
      }).executions:stream "x"
      assert.same({ 1, 2, 3 }, frames.take(stream, 3))
      assert.same({ EXECUTION .. "?event_source=HYBRID", EXECUTION .. "?event_source=HYBRID&last_event_id=2" }, lines())
    end)

    it("with the header where there is an id and no sequence", function()
      local stream = open({
        frames.step(EVENTS, "id: seven\ndata: {}\n\n"), frames.step(EVENTS, "data: {}\n\n"),
      }).events:stream({}, { headers = { ["Last-Event-ID"] = "three", ["X-Own"] = "kept" } })
      assert.equal("seven", stream().id)
      assert.is_table(stream().data)
      assert.equal("three", header_of(1, "Last-Event-ID"))
      assert.equal("seven", header_of(2, "Last-Event-ID"))
      assert.equal("kept", header_of(2, "X-Own"))
      assert.same({ EVENTS, EVENTS }, lines())
    end)

    it("without the caller's header where a parameter tells the place", function()
      local stream = open({
        frames.step(EXECUTION, frames.event(4, "4")), frames.step(EXECUTION, frames.event(5, "5")),
      }).executions:stream("x", nil, { headers = { ["last-event-id"] = "3" } })
      assert.same({ 4, 5 }, frames.take(stream, 2))
      assert.equal("3", header_of(1, "Last-Event-ID"))
      for index, request in ipairs(server:log()) do
        if index > 1 then assert.is_nil(clients.header(request, "Last-Event-ID")) end
      end
    end)

    it("with log records, of which a service may repeat the last", function()
      local stream = open({
        frames.step(LOGS, frames.log "1", frames.log "2"),
        frames.step(LOGS, frames.log "2", frames.log "3"),
      }).executions:stream_logs("x", { after = "2026-01-01T00:00:00Z" })
      local bodies = {}
      for index = 1, 3 do bodies[index] = stream().data.body end
      assert.same({ "line 1", "line 2", "line 3" }, bodies)
      assert.truthy(lines()[2]:find("last_event_id=2", 1, true))
    end)

    it("behind ids that are no single word", function()
      local stream = open({
        frames.step(LOGS, frames.log "2026-01-01 00:00 é"), frames.step(LOGS, frames.log "2"),
        frames.step(LOGS, "id: \255\ndata: {}\n\n"), frames.step(LOGS, frames.log "3"),
      }).executions:stream_logs "x"
      for _ = 1, 4 do assert.is_table(stream().data) end
      assert.same({ LOGS, LOGS .. "?last_event_id=2026-01-01%2000%3A00%20%C3%A9", LOGS .. "?last_event_id=2",
        LOGS .. "?last_event_id=2" }, lines())
    end)

    it("with a key that is renewed", function()
      local keys = { "key-number-one", "key-number-two" }
      for _, policy in ipairs { fast, false } do
        local asked = 0
        server:reset()
        local stream = open({ { respond = { status = 401 } }, frames.step(EVENTS, frames.event(1)) }, {
          retry = policy, api_key = function()
            asked = asked + 1
            return keys[math.min(asked, 2)]
          end,
        }).events:stream()
        assert.same({ 1 }, frames.take(stream, 1))
        assert.equal("Bearer key-number-two", header_of(2, "Authorization"))
        client:close()
      end
    end)

    it("with what was missed, where only live events were asked for", function()
      local stream = open({
        frames.step(EXECUTION, frames.event(1)), frames.step(EXECUTION, frames.event(2)),
      }).executions:stream("x", { event_source = "LIVE" })
      assert.same({ 1, 2 }, frames.take(stream, 2))
      assert.same({ EXECUTION .. "?event_source=LIVE", EXECUTION .. "?event_source=HYBRID&last_event_id=1" }, lines())
    end)

    it("after a cut, with an event that was cut off", function()
      local whole = frames.event(2)
      for _, cut in ipairs { { "reset" }, { "close" } } do
        server:reset()
        local stream = open({
          { actions = { { "send", frames.head .. frames.event(1) .. whole:sub(1, -20) }, cut } },
          frames.step(EVENTS, whole, frames.event(3)),
        }).events:stream()
        assert.same({ 1, 2, 3 }, frames.take(stream, 3))
        assert.truthy(lines()[2]:find "start_seq=2")
        client:close()
      end
    end)

    it("with a last event that lacks only its blank line", function()
      local stream = open({
        frames.step(EVENTS, (frames.event(1):gsub("\n\n$", ""))), frames.step(EVENTS, frames.event(2)),
      }).events:stream()
      assert.same({ 1, 2 }, frames.take(stream, 2))
    end)

    it("after the time that the service asks for", function()
      local stream = open({
        frames.step(EVENTS, "retry: 300\n", frames.event(1)), frames.step(EVENTS, frames.event(2)),
      }, { retry = { attempts = 4, base = 0.01, cap = 1 } }).events:stream()
      local started = workflows.now()
      assert.same({ 1, 2 }, frames.take(stream, 2))
      assert(workflows.now() - started >= 0.3)
    end)

    it("at the latest after retry.cap, however long the service asks to wait", function()
      local stream = open({
        frames.step(EVENTS, "retry: 999999999\n", frames.event(1)), frames.step(EVENTS, frames.event(2)),
      }).events:stream()
      local started = workflows.now()
      assert.same({ 1, 2 }, frames.take(stream, 2))
      assert(workflows.now() - started < 5)
    end)

    it("with a second log record of the same id", function()
      local record = 'id: 1\nevent: log\ndata: {"body":"%s"}\n\n'
      local stream = open({ frames.step(LOGS, record:format "first"), frames.step(LOGS, record:format "second") })
        .executions:stream_logs "x"
      assert.same({ "first", "second" }, { stream().body, stream().body })
    end)

    it("behind the last id that can be sent, where there are longer ones: what followed it comes again", function()
      local long = ("x"):rep(1025)
      local stream = open({
        frames.step(LOGS, frames.log "1", frames.log(long)), frames.step(LOGS, frames.log(long), frames.log "3"),
        frames.step(LOGS, frames.log "4"),
      }).executions:stream_logs "x"
      local list = {}
      for index = 1, 5 do list[index] = stream().id end
      assert.same({ "1", long, long, "3", "4" }, list)
      stream:close()
      local asked = lines()
      assert.truthy(asked[2]:find("last_event_id=1$"))
      assert.truthy(asked[3]:find("last_event_id=3$"))
    end)

    it("with a log record that was cut off before its id", function()
      local stream = open({
        frames.step(LOGS, frames.log "1", 'event: log\ndata: {"body":"line 2"}\n'),
        frames.step(LOGS, frames.log "2", frames.log "3"),
      }).executions:stream_logs "x"
      assert.same({ "line 1", "line 2", "line 3" }, { stream().body, stream().body, stream().body })
    end)

    it("after answers without a stream", function()
      local stream = open({ { respond = { status = 503 } },
        frames.step(EVENTS, frames.event(1)), { respond = { status = 502 } }, { actions = { { "reset" } } },
        frames.step(EVENTS, frames.event(2)) }).events:stream()
      assert.same({ 1, 2 }, frames.take(stream, 2))
      assert.equal(5, #lines())
    end)

    it("but not after a success that is no stream", function()
      local function html(headers) return { respond = { headers = headers, body = "<p>Please sign in</p>" } } end
      local answers = {
        { html { ["Content-Type"] = "text/html" }, "text/html) is no event stream: Please sign in" },
        { { respond = { headers = { ["Content-Type"] = "application/json" }, body = '{"error":"x"}' } },
          'application/json) is no event stream: {"error":"x"}' },
        { { respond = { status = 204 } }, "(HTTP 204, " },
        { html { ["Content-Type"] = "text/event-stream", ["Content-Encoding"] = "gzip" },
          "cannot be read: its content encoding 'gzip' was not asked for" },
      }
      for _, answer in ipairs(answers) do
        server:reset()
        if client then client:close() end
        local ok, err = pcall(open { answer[1] }.events:stream())
        assert.is_false(ok)
        assert.equal("decode", err.kind)
        assert.truthy(err.message:find(answer[2], 1, true), err.message)
        assert.equal(1, #lines())
      end
    end)

    it("through 50 drops at random places, with each of 5,000 events once and in order", function()
      local steps, next_one, random = {}, 1, 20261124
      local function below(limit)
        random = (random * 16807) % 2147483647
        return random % limit
      end
      local endings = { "reset", "close", "half_close" }
      for drop = 1, 50 do
        local last = math.min(next_one + below(200), 4949 + drop)
        local text = frames.events(math.max(1, next_one - below(5)), last)
        local rest = frames.event(last + 1)
        steps[drop] = { actions = {
          { "send", frames.chunked }, { "chunk", text .. rest:sub(1, below(#rest)) }, { endings[below(3) + 1] },
        } }
        next_one = last + 1
      end
      steps[51] = frames.step(EVENTS, frames.events(next_one, 5000))
      local stream = open(steps).events:stream()
      local list = frames.take(stream, 5000)
      stream:close()
      for index = 1, 5000 do assert(list[index] == index, index) end
      assert.equal(51, #lines())
    end)
  end)

  describe("is kept alive", function()
    for name, text in pairs { comments = ": alive\n\n", ["frames without data"] = "retry: 10\n\nid: 4\n\nevent: e\n\n",
      ["single bytes"] = "\n" } do
      it("by " .. name, function()
        local stream = open({ { actions = {
          { "send", frames.head }, { "repeat", text, 6, 0.15 }, { "send", frames.event(1) }, { "close" },
        } } }, { idle_timeout = 0.5 }).events:stream()
        assert.same({ 1 }, frames.take(stream, 1))
        assert.equal(1, #lines())
      end)
    end

    it("for longer than the time-outs of plain calls", function()
      local stream = open({ { actions = {
        { "send", frames.head }, { "repeat", frames.event(1), 5, 0.1 }, { "send", frames.event(2) }, { "close" },
      } } }, { timeout = 0.1 }).events:stream({}, { timeout = 0.1 })
      assert.same({ 1, 2 }, frames.take(stream, 2))
      assert.equal(1, #lines())
    end)
  end)

  it("is not dropped where the program was busy while something came", function()
    local stream = open({ { actions = {
      { "send", frames.head .. frames.event(1) }, { "sleep", 0.1 }, { "send", frames.event(2) }, { "hang" },
    } } }, { idle_timeout = 0.3 }).events:stream()
    assert.same({ 1 }, frames.take(stream, 1))
    core.sleep(0.6)
    assert.same({ 2 }, frames.take(stream, 1))
    assert.equal(1, #lines())
    stream:close()
  end)

  it("is dropped and opened again when it falls silent", function()
    local stream = open({
      { actions = { { "hang" } } },
      { actions = { { "send", frames.head .. frames.event(1) }, { "hang" } } },
      frames.step(EVENTS, frames.event(2)),
    }, { idle_timeout = 0.2 }).events:stream()
    assert.same({ 1, 2 }, frames.take(stream, 2))
    assert(server:wait("closed", 2))
    assert.equal(EVENTS .. "?start_seq=2", lines()[3])
  end)

  describe("is left", function()
    local hanging = { actions = { { "send", frames.head .. frames.event(1) }, { "hang" } } }

    it("by close, which may be called again", function()
      local stream = open({ hanging }).events:stream()
      assert.same({ 1 }, frames.take(stream, 1))
      stream:close()
      stream:close()
      assert.is_nil(stream())
      assert(server:wait "closed")
    end)

    it("by collection", function()
      open({ hanging })
      local stream = client.events:stream()
      assert.same({ 1 }, frames.take(stream, 1))
      stream = nil -- luacheck: ignore 311
      collectgarbage()
      collectgarbage()
      assert(server:wait "closed")
    end)

    it("by a break out of the loop, in Lua 5.4 at once", function()
      open({ hanging })
      for event in client.events:stream() do -- luacheck: ignore 512
        assert.equal(1, event.data.broker_sequence)
        break
      end
      if _VERSION ~= "Lua 5.4" then
        collectgarbage()
        collectgarbage()
      end
      assert(server:wait "closed")
    end)

    it("by an error in the loop", function()
      open({ hanging })
      assert.is_false(pcall(function()
        for _ in client.events:stream() do error "enough" end
      end))
      if _VERSION ~= "Lua 5.4" then
        collectgarbage()
        collectgarbage()
      end
      assert(server:wait "closed")
    end)
  end)

  it("lets others work while it waits", function()
    open({
      { path = EXECUTION, actions = { { "send", frames.head }, { "gate", "go" }, { "send", frames.event(1) },
        { "hang" } } },
      { path = EVENTS, actions = { { "send", frames.head }, { "gate", "go" }, { "send", frames.event(2) },
        { "hang" } } },
    })
    local results = client:gather {
      function() return client.executions:stream("x")().data.broker_sequence end,
      function() return client.events:stream()().data.broker_sequence end,
      function()
        assert(client.workflows:get "w")
        server:open "go"
        return true
      end,
    }
    assert.same({ 1, 2, true }, results)
  end)

  it("checks its arguments at the caller's line", function()
    open({})
    local misuse = require "spec.support.misuse"
    assert.truthy(misuse.message(function() client.events:stream("x") end):find "must be a table")
    assert.truthy(misuse.message(function() client.events:stream { start = 1 } end):find "start")
    assert.truthy(misuse.message(function() client.executions:stream(5) end):find "execution_id")
    local ok, err = pcall(client.executions:stream "")
    assert.is_false(ok)
    assert.same({ "invalid", "stream '': execution_id is empty" }, { err.kind, tostring(err) })
    assert.equal(0, server:stats().requests)
  end)
end)
