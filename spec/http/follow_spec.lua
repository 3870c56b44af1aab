-- Executions that are followed: where they end, who waits, what the program's functions do meanwhile.

local player = require "spec.support.player"
local workflows = require "mistral.workflows"

local events_of, check_events = player.events_of, player.check_events

describe("following executions:", function()
  local server, client

  setup(function() server = player.start() end)
  teardown(function() server:stop() end)

  before_each(function() server:reset() end)
  after_each(function()
    if client then client:close() end
    client = nil
  end)

  local function open(options)
    client = server:client({ idle_timeout = 0.5, retry = { attempts = 8, base = 0.01, cap = 0.05 } }, options)
    return client
  end

  it("an end event that comes after the status is waited for", function()
    open { idle_timeout = 5 }
    server:play({ e = { events = 5, status_lag = -2 } }, { heartbeat = 0.1 })
    local count = 0
    for _ in client.executions:stream "e" do count = count + 1 end
    assert.equal(5, count)
  end)

  it("events that cannot be had are an error, not an end", function()
    open { idle_timeout = 0.3 }
    server:play({ e = { events = 5 } }, { withheld = { "WORKFLOW_EXECUTION_COMPLETED" } })
    local count = 0
    local ok, err = pcall(function()
      for _ in client.executions:stream "e" do count = count + 1 end
    end)
    assert.is_false(ok)
    assert.same({ "stream", "incomplete", "e", 4 }, { err.kind, err.reason, err.execution_id, count })
    local list = {}
    local execution, problem, gap = client.executions:wait("e", {
      on_event = function(event) list[#list + 1] = event end,
    })
    assert.equal("COMPLETED", execution.status)
    assert.is_nil(problem)
    assert.same({ "stream", "incomplete", 4 }, { gap.kind, gap.reason, #list })
    local result, _, run_gap = client.workflows:run("w", {}, { on_event = function() end })
    assert.is_table(result)
    assert.equal("incomplete", run_gap.reason)
  end)

  it("a stream ends soon after an execution was TERMINATED", function()
    open { idle_timeout = 30 }
    server:play({ e = { events = 3, seconds = 60 } }, { heartbeat = 0.2 })
    local list, ended_at = {}, nil
    client:gather {
      function()
        for event in client.executions:stream "e" do
          list[#list + 1] = event
          if #list == 2 then
            server:end_as("e", "TERMINATED")
            ended_at = workflows.now()
          end
        end
        return true
      end,
    }
    assert.equal(2, #list)
    assert.truthy(workflows.now() - ended_at < 15)
  end)

  it("the end of an earlier run does not end it", function()
    open()
    server:play({ e = { events = 4, status = "FAILED" } })
    for _ in client.executions:stream "e" do end -- luacheck: ignore 542
    server:again("e", { events = 4, interval = 0.05, status = "COMPLETED" })
    local types = {}
    for event in client.executions:stream "e" do types[#types + 1] = event.event_type end
    assert.equal(8, #types)
    assert.same({ "WORKFLOW_EXECUTION_FAILED", "WORKFLOW_EXECUTION_COMPLETED" }, { types[4], types[8] })
    assert.equal("COMPLETED", assert(client.executions:wait "e").status)
  end)

  it("a service that does not tell the status holds up nothing", function()
    open()
    server:play({ e = { events = 20, interval = 0.02 } },
      { drops = { "abort", "clean" }, seed = 2, trouble = { status = "silence" } })
    local list, stream = {}, client.executions:stream "e"
    for _ = 1, 20 do list[#list + 1] = assert(stream:next(5)) end
    check_events("e", list, 20, true)
    server:set { trouble = {} }
    assert.is_nil(stream:next(30))
    stream:close()
  end)

  it("stream:next gives up after its time, and goes on", function()
    open { idle_timeout = 30 }
    server:play { e = { events = 3, interval = 1 } }
    local stream = client.executions:stream "e"
    assert.equal("WORKFLOW_EXECUTION_STARTED", stream:next(5).event_type)
    assert.same({ nil, "timeout" }, { stream:next(0) })
    assert.same({ nil, "timeout" }, { stream:next(0.05) })
    assert.equal(2, stream:next(10).attributes.number)
    assert.equal("WORKFLOW_EXECUTION_COMPLETED", stream:next(10).event_type)
    assert.same({}, { stream:next(10) })
    assert.has_error(function() stream:next "soon" end)
  end)

  it("stream:next(0) polls", function()
    open()
    server:play { e = { events = 3 } }
    local stream, count, began = client.executions:stream "e", 0, workflows.now()
    while count < 3 and workflows.now() < began + 20 do
      if stream:next(0) then count = count + 1 end
    end
    assert.equal(3, count)
  end)

  it("several may wait for the next event of one stream", function()
    open()
    server:play { e = { events = 20, interval = 0.01 } }
    local stream, count, began = client.executions:stream "e", 0, workflows.now()
    local function take()
      while stream:next(20) do count = count + 1 end
      return true
    end
    client:gather { take, take, take }
    assert.equal(20, count)
    assert.truthy(workflows.now() - began < 10)
  end)

  it("who waits for the next event of a stream gets it, though another one waited later and took one", function()
    open { idle_timeout = 30 }
    server:play { e = { events = 4, interval = 0.3, seconds = 60 } }
    local stream, began, lasted = client.executions:stream "e", workflows.now(), nil
    client:gather {
      function()
        for _ = 1, 2 do assert(stream:next(20)) end
        lasted = workflows.now() - began
        return true
      end,
      function()
        client:sleep(0.1)
        assert(stream:next(20))
        client:sleep(6)
        return true
      end,
    }
    assert.truthy(lasted < 4, lasted)
    stream:close()
  end)

  it("a stream can be closed while somebody waits for its next event", function()
    open { idle_timeout = 30 }
    server:play { e = { events = 3, seconds = 60 } }
    local stream, list = client.executions:stream "e", nil
    client:gather {
      function()
        list = events_of(stream)
        return true
      end,
      function()
        client:sleep(0.3)
        stream:close()
        return true
      end,
    }
    assert.equal(2, #list)
    assert.is_nil(stream())
    assert.equal(0, client.handle:running())
  end)

  it("an error in on_event leaves nothing open", function()
    open { max_connections = 4 }
    server:play({ e = { events = 3, seconds = 30 } }, { heartbeat = 0.1 })
    for _ = 1, 8 do
      local ok, problem = pcall(function()
        client.executions:wait("e", { on_event = function() error("mine", 0) end })
      end)
      assert.same({ false, "mine" }, { ok, problem })
    end
    assert.truthy(client.executions:get "e")
    assert.equal(0, client.handle:running())
  end)

  it("an error of the observer leaves nothing open", function()
    local raise = false
    open { max_connections = 4, observer = function() if raise then error("mine", 0) end end }
    server:play({ e = { events = 3, seconds = 30 } }, { heartbeat = 0.1 })
    raise = true
    local function wait()
      client.executions:wait("e", { timeout = 20, on_event = function() end })
    end
    local streams = {}
    local function follow()
      local stream = client.executions:stream "e"
      streams[#streams + 1] = stream
      events_of(stream)
    end
    for index = 1, 16 do
      local ok, problem = pcall(index <= 8 and wait or follow)
      assert.same({ false, "mine" }, { ok, problem })
    end
    raise = false
    assert.truthy(client.executions:get "e")
    assert.equal(0, client.handle:running())
  end)

  it("a service that is away for a while does not end a wait", function()
    open { retry = false }
    server:play({ e = { events = 3, seconds = 3 } }, { trouble = { status = 502, stream = 502 } })
    local execution
    client:gather {
      function()
        execution = client.executions:wait("e", { timeout = 60 })
        return true
      end,
      function()
        client:sleep(4)
        server:set { trouble = {} }
        return true
      end,
    }
    assert.equal("COMPLETED", execution.status)
  end)

  it("a final status wins over a time-out", function()
    open()
    server:play({ e = { events = 2, seconds = 0.8, status = "TERMINATED" } }, { trouble = { stream = 404 } })
    local _, err = client.executions:wait("e", { timeout = 2, poll = { min = 1.9, max = 5 } })
    assert.same({ "execution", "TERMINATED" }, { err.kind, err.status })
  end)
end)
