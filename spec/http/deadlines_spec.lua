-- The option `deadline`: time for all that a method does, against a server that never answers, or not in time.

local clients = require "spec.support.clients"
local fault = require "spec.support.fault"
local workflows = require "mistral.workflows"

local EVENTS = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"

describe("a deadline", function()
  local server, client

  setup(function() server = fault.start() end)
  teardown(function() server:stop() end)

  before_each(function()
    server:reset()
    client = clients.new(server, { timeout = 30, retry = { attempts = 5, base = 0.01 } })
  end)

  after_each(function() client:close() end)

  local function never_answer(times)
    local steps = {}
    for index = 1, times or 40 do steps[index] = { actions = { { "hang" } } } end
    server:script(steps)
  end

  local function answer_after(seconds, body)
    server:script { actions = { { "sleep", seconds },
      { "send", ("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s"):format(#body, body) }, { "keep" } } }
  end

  -- Runs fn, which must end with an error when so many seconds are over, and not long after.
  local function ends_after(seconds, fn, kind)
    local began = workflows.now()
    local ok, value, err = pcall(fn)
    local took = workflows.now() - began
    if not ok then value, err = nil, value end
    assert.is_nil(value)
    assert.is_true(workflows.is_error(err), tostring(err))
    assert.equal(kind or "timeout", err.kind, tostring(err))
    assert.truthy(took > seconds - 0.02, ("ended after %g seconds"):format(took))
    assert.truthy(took < seconds + 2, ("ended after %g seconds"):format(took))
    return err
  end

  describe("of a walk", function()
    it("ends the wait for the first page", function()
      never_answer()
      for _, name in ipairs { "each", "pages" } do
        local err = ends_after(0.3, function()
          for _ in client.registrations[name](client.registrations, {}, { deadline = 0.3 }) do error "an item" end
        end)
        assert.equal("registrations:" .. name, err.call)
        assert.is_nil(err.cursor)
      end
      assert.equal(2, server:stats().requests)
    end)

    it("is shared by the pages, whether they are requested early or not, and by the retries", function()
      for _, prefetch in ipairs { true, false } do
        server:reset()
        answer_after(0.15, '{"workflow_registrations":[{"id":"a"}],"next_cursor":"2"}')
        server:respond(503)
        answer_after(0.15, '{"workflow_registrations":[{"id":"b"}],"next_cursor":"3"}')
        never_answer()
        local ids = {}
        local err = ends_after(0.6, function()
          local options = { deadline = 0.6, prefetch = prefetch }
          for item in client.registrations:each({}, options) do ids[#ids + 1] = item.id end
        end)
        assert.same({ "a", "b" }, ids)
        assert.equal("3", err.cursor)
        assert.equal(4, server:stats().requests)
      end
    end)

    it("counts the time of the loop body", function()
      answer_after(0, '{"workflow_registrations":[{"id":"a"}],"next_cursor":"2"}')
      local err = ends_after(0.3, function()
        for _ in client.registrations:each({}, { deadline = 0.2, prefetch = false }) do client:sleep(0.3) end
      end)
      assert.equal("registrations:each: the time is over (deadline); nothing was sent", tostring(err))
      assert.is_true(err.retryable)
      assert.equal(1, server:stats().requests)
    end)

    it("takes nothing away that arrived in time", function()
      answer_after(0, '{"workflow_registrations":[{"id":"a"}],"next_cursor":"2"}')
      answer_after(0, '{"workflow_registrations":[{"id":"b"}]}')
      local ids = {}
      for item in client.registrations:each({}, { deadline = 0.3 }) do
        ids[#ids + 1] = item.id
        if item.id == "a" then
          while client.handle:running() > 0 do client.handle:wait() end
          client:sleep(0.4)
        end
      end
      assert.same({ "a", "b" }, ids)
    end)
  end)

  describe("of calls on many ids", function()
    it("is shared by the requests", function()
      local ids = {}
      for index = 1, 350 do ids[index] = ("id-%d"):format(index) end
      for index = 1, 2 do answer_after(0.2, ('{"results":{"%d":{}}}'):format(index)) end
      never_answer()
      local err = ends_after(0.6, function() return client.executions:cancel_many(ids, { deadline = 0.6 }) end)
      assert.same({ results = { ["1"] = {}, ["2"] = {} } }, err.partial)
      assert.equal(3, server:stats().requests)
    end)
  end)

  describe("of run and wait", function()
    it("is the same as timeout, and the smaller one counts", function()
      local running = '{"execution_id":"e","status":"RUNNING"}'
      for _, options in ipairs { { deadline = 0.3 }, { timeout = 0.3 }, { deadline = 0.3, timeout = 20 },
        { deadline = 20, timeout = 0.3 } } do
        server:reset()
        server:script { path = "/v1/workflows/executions/e/stream", actions = { { "send", EVENTS }, { "hang" } } }
        for _ = 1, 3 do answer_after(0, running) end
        local err = ends_after(0.3, function() return client.executions:wait("e", options) end)
        assert.truthy(err.message:find("goes on after 0.3 seconds", 1, true))
        assert.same({ "e", "wait 'e'" }, { err.execution_id, err.call })
      end
    end)

    it("ends the first question", function()
      never_answer()
      ends_after(0.3, function() return client.executions:wait("e", { deadline = 0.3 }) end)
      assert.equal(1, server:stats().requests)
    end)

    it("is shared by the start and the question after an unknown outcome", function()
      server:script { actions = { { "sleep", 0.2 }, { "reset" } } }
      never_answer()
      local function run() return client.workflows:run("hello", {}, { deadline = 0.5 }) end
      local err = ends_after(0.5, run, "network") -- what has to be known: the outcome is not
      assert.equal("run 'hello'", err.call)
      assert.equal(2, server:stats().requests)
    end)

    it("is shared by the start and the wait", function()
      answer_after(0.2, '{"execution_id":"e","status":"RUNNING"}')
      never_answer()
      local err = ends_after(0.5, function() return client.workflows:run("hello", {}, { deadline = 0.5 }) end)
      assert.equal("e", err.execution_id)
      assert.truthy(server:stats().requests <= 3)
    end)
  end)

  describe("of a stream", function()
    it("ends the wait for its head", function()
      never_answer()
      local err = ends_after(0.3, function() return client.executions:stream("e", {}, { deadline = 0.3 })() end)
      assert.equal("stream 'e': the time is over (deadline)", tostring(err))
      assert.equal(1, server:stats().requests)
      assert(server:wait("closed", 1))
    end)

    it("ends the wait for events, though some came", function()
      server:script { actions = { { "send", EVENTS .. 'id: 1\ndata: {"broker_sequence":1}\n\n' }, { "hang" } } }
      local count = 0
      local err = ends_after(0.4, function()
        for _ in client.events:stream({}, { deadline = 0.4 }) do count = count + 1 end
      end)
      assert.equal(1, count)
      assert.equal("events:stream", err.call)
    end)

    it("ends the waits before connections, and the question for the status", function()
      local short = clients.new(server, { idle_timeout = 0.1, retry = { attempts = 5, base = 5, cap = 5 } })
      server:script { actions = { { "send", EVENTS .. "retry: 5000\n\n" }, { "hang" } } }
      never_answer()
      ends_after(0.5, function() return short.executions:stream("e", {}, { deadline = 0.5 })() end)
      assert.equal(2, server:stats().requests)
      server:reset()
      server:script { actions = { { "send", EVENTS .. "retry: 5000\n\n" }, { "close" } } }
      ends_after(0.5, function() return short.events:stream({}, { deadline = 0.5 })() end)
      assert.equal(1, server:stats().requests)
      short:close()
    end)

    it("is over for good", function()
      never_answer()
      local stream = client.events:stream({}, { deadline = 0.1 })
      ends_after(0.1, stream)
      assert.is_nil(stream())
    end)
  end)
end)
