-- Tasks of a client in loops that the spec itself runs.

local clients = require "spec.support.clients"
local fault = require "spec.support.fault"
local loop = require "mistral.workflows.loop"
local maps = require "spec.support.maps"
local workflows = require "mistral.workflows"

local ANSWER = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"

describe("a task of a client in a controller of cqueues", function()
  if not pcall(require, "cqueues") then return end
  local cqueues = require "cqueues"
  local server

  setup(function() server = fault.start() end)
  before_each(function() server:reset() end)
  teardown(function() server:stop() end)

  -- A call that takes so many seconds.
  local function slow_call(client, seconds)
    server:script { path = "/v1/workflows/slow", actions = { { "sleep", seconds }, { "send", ANSWER }, { "keep" } } }
    return client.workflows:get "slow"
  end

  it("goes on in another one, and without one", function()
    local ticks, own = 0, clients.new(server, { loop = "cqueues" })
    local task
    local one = cqueues.new()
    one:wrap(function()
      task = loop.spawn(own, function()
        while true do
          loop.sleep(own, 0.01)
          ticks = ticks + 1
        end
      end)
      assert(own:whoami())
      loop.sleep(own, 0.1)
    end)
    while ticks < 3 do assert(one:step(0.1)) end
    -- From here on nobody looks after the first one.
    local two, seen = cqueues.new(), ticks
    two:wrap(function() assert(slow_call(own, 0.3)) end)
    while ticks < seen + 3 do assert(two:step(0.1)) end
    seen = ticks
    assert(slow_call(own, 0.3)) -- blocks
    assert.truthy(ticks > seen + 3)
    task:cancel()
    own:close()
    assert(one:loop(5))
    assert(two:loop(5))
    assert.same({ 0, 0 }, { one:count(), two:count() })
  end)

  it("may wait in the ways of cqueues too, which holds up no other", function()
    local own, order = clients.new(server, { loop = "cqueues" }), {}
    local controller = cqueues.new()
    controller:wrap(function()
      for index, seconds in ipairs { 0.3, 0.05 } do
        loop.spawn(own, function()
          cqueues.sleep(seconds)
          order[#order + 1] = index
        end)
      end
      for _ = 1, 50 do
        assert(own:whoami())
        cqueues.sleep(0.01)
      end
      order[#order + 1] = "calls"
    end)
    assert(controller:loop(10))
    assert.same({ 2, 1, "calls" }, order)
    maps.assert_idle(own)
    own:close()
  end)

  it("is carried where the adapter has three functions only", function()
    local own = clients.new(server, { loop = {
      wait = function(pollable, deadline)
        if not pollable:pollfd() then return cqueues.sleep(0.001) end
        cqueues.poll(pollable, deadline and math.max(0, deadline - workflows.now()))
      end,
      sleep = cqueues.sleep,
      spawn = function(fn) cqueues.running():wrap(fn) end,
    } })
    local controller, done = cqueues.new(), {}
    controller:wrap(function()
      for index = 1, 3 do
        loop.spawn(own, function()
          assert(own:whoami())
          loop.sleep(own, 0.01 * index)
          cqueues.sleep(0.01)
          done[#done + 1] = index
        end)
      end
      assert(slow_call(own, 0.5))
    end)
    assert(controller:loop(10))
    assert.equal(3, #done)
    maps.assert_idle(own)
    own:close()
  end)

  it("leaves nobody behind that waits when it has ended", function()
    local own = clients.new(server, { loop = "cqueues" })
    local controller, done = cqueues.new(), false
    controller:wrap(function()
      loop.spawn(own, function()
        loop.sleep(own, 0.1)
        done = true
      end)
      loop.sleep(own, 0.02) -- nothing is in flight
    end)
    assert(controller:loop(5))
    assert.is_true(done)
    assert.equal(0, controller:count())
    own:close()
  end)
end)

describe("a coroutine in a loop of luv", function()
  if not pcall(require, "luv") then return end
  local uv = require "luv"
  local new_timer = uv.new_timer

  after_each(function() uv.new_timer = new_timer end)

  it("that raises an error raises it once, and holds up no other one, where such errors are caught", function()
    local raised, ended = {}, {}
    local function caught(fn)
      if #raised == 10 then return end -- it would go on for ever
      local ok, problem = pcall(fn)
      if not ok then raised[#raised + 1] = problem end
    end
    function uv.new_timer()
      local timer = new_timer()
      return {
        start = function(_, first, again, fn) timer:start(first, again, function() caught(fn) end) end,
        close = function() timer:close() end,
      }
    end
    local client = workflows.new { api_key = "key", server_url = "http://127.0.0.1:9", loop = "luv" }
    for index = 1, 4 do
      coroutine.wrap(function()
        client:sleep(0.02)
        ended[#ended + 1] = index
        if index == 2 then error("boom", 0) end
      end)()
    end
    uv.run()
    client:close()
    assert.equal(1, #raised)
    assert.truthy(raised[1]:find "boom")
    assert.same({ 1, 2, 3, 4 }, ended)
  end)
end)
