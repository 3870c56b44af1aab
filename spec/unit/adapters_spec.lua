-- What each adapter of a loop does by itself, as mistral.workflows.loop.adapter says.

local core = require "mistral.workflows.core"
local workflows = require "mistral.workflows"

local now = workflows.now

-- How a function is run inside each loop.
local runners = {}

function runners.cqueues()
  local cqueues = require "cqueues"
  return function(fn)
    local controller = cqueues.new()
    controller:wrap(fn)
    assert(controller:loop(10))
  end
end

function runners.luv()
  local uv = require "luv"
  return function(fn)
    coroutine.wrap(fn)()
    uv.run()
  end
end

function runners.copas()
  local copas = require "copas"
  return function(fn)
    local done = false
    copas.addthread(function()
      fn()
      done = true
    end)
    local limit = now() + 10
    while not done and now() < limit do copas.step(0.01) end
  end
end

for _, name in ipairs { "cqueues", "luv", "copas" } do
  local is_there = pcall(require, name)
  if name == "copas" and os.getenv "MISTRAL_WORKFLOWS_BACKEND" == "poll" then is_there = false end
  describe("the adapter of " .. name, function()
    if not is_there then return end
    local adapter, run = require("mistral.workflows.loop." .. name), runners[name]()
    local client

    before_each(function()
      client = workflows.new { api_key = "key", server_url = "http://127.0.0.1:9", transport = function() end }
    end)

    after_each(function() client:close() end)

    -- Runs it in the loop, and to its end.
    local function inside(fn)
      local is_over = false
      run(function()
        fn()
        is_over = true
      end)
      assert.is_true(is_over)
    end

    -- How long a function takes, and whether another coroutine went on meanwhile.
    local function timed(fn, ...)
      local went_on, began = false, now()
      adapter.spawn(function()
        adapter.sleep(0.005, client:pollable())
        went_on = true
      end)
      fn(...)
      return now() - began, went_on
    end

    -- Sleeps until something is so, and calls a function before each look.
    local function await(is_so, before)
      local limit = now() + 5
      repeat
        if before then before() end
        adapter.sleep(0.005, client:pollable())
      until is_so() or now() >= limit
      assert.truthy(is_so())
    end

    it("sleeps for as long as it is asked to, and lets others go on", function()
      inside(function()
        local seconds, went_on
        for _ = 1, 20 do -- of two whose time is over on a busy machine, any may come first
          seconds, went_on = timed(adapter.sleep, 0.05, client:pollable())
          assert.truthy(seconds >= 0.049 and seconds < 2, seconds)
          if went_on then break end
        end
        assert.is_true(went_on)
      end)
    end)

    it("sleeps for as long after the program was busy", function()
      inside(function()
        core.sleep(0.05)
        local seconds = timed(adapter.sleep, 0.05, client:pollable())
        assert.truthy(seconds >= 0.049 and seconds < 2, seconds)
      end)
    end)

    it("waits no longer than it is asked to, and lets others go on", function()
      inside(function()
        local went_on, wake = false, now() + 0.05
        adapter.spawn(function() went_on = true end)
        repeat adapter.wait(client:pollable(), wake) until now() >= wake and (went_on or now() >= wake + 2)
        assert.is_true(went_on)
        assert.truthy(now() < wake + 2)
        adapter.wait(client:pollable(), now() - 5) -- its time is over
        assert.truthy(now() < wake + 2)
      end)
    end)

    it("is asked whether it runs where it can tell", function()
      if not adapter.is_running then return end
      assert.is_false(adapter.is_running())
      inside(function()
        assert.is_true(adapter.is_running())
        if name ~= "cqueues" then return end
        local is_running
        coroutine.wrap(function() is_running = adapter.is_running() end)() -- which cqueues would not come back to
        assert.is_false(is_running)
      end)
    end)

    it("tells loops apart of which there can be several", function()
      if not adapter.owner then return end
      local first, second, third
      inside(function()
        first, second = adapter.owner(), adapter.owner()
        inside(function() third = adapter.owner() end)
      end)
      assert.is_true(first ~= nil and third ~= nil and first == second and first ~= third)
    end)

    it("waits no longer than until there is work", function()
      inside(function()
        adapter.spawn(function()
          adapter.sleep(0.02, client:pollable())
          client.handle:nudge()
        end)
        assert.truthy(timed(adapter.wait, client:pollable(), now() + 5) < 2)
      end)
    end)

    if not adapter.condition then return end

    it("has conditions that last until a time", function()
      inside(function()
        local condition = adapter.condition()
        local seconds = timed(condition.wait, condition, now() + 0.05)
        assert.truthy(seconds >= 0.045 and seconds < 2, seconds)
        condition:signal() -- to nobody
        condition = adapter.condition()
        assert.truthy(timed(condition.wait, condition, now() - 5) < 2)
      end)
    end)

    it("has conditions that last until a signal, also where that comes first, or twice", function()
      local began_at = now()
      for _, deadline in ipairs { 0, 5 } do
        local function limit() return deadline > 0 and now() + deadline or nil end
        inside(function()
          local condition = adapter.condition()
          condition:signal()
          condition:signal()
          assert.truthy(timed(condition.wait, condition, limit()) < 2)
          condition = adapter.condition()
          adapter.spawn(function()
            adapter.sleep(0.02, client:pollable())
            condition:signal()
            condition:signal()
          end)
          local seconds = timed(condition.wait, condition, limit())
          assert.truthy(seconds >= 0.019 and seconds < 2, seconds)
        end)
      end
      assert.truthy(now() - began_at < 4) -- no timer keeps the loop any longer
    end)

    it("has a condition for each that waits", function()
      inside(function()
        local first, second, order = adapter.condition(), adapter.condition(), {}
        for index, condition in ipairs { first, second } do
          adapter.spawn(function()
            condition:wait(now() + 5)
            order[#order + 1] = index
          end)
        end
        adapter.sleep(0.02, client:pollable())
        assert.same({}, order)
        second:signal()
        await(function() return #order == 1 end)
        assert.same({ 2 }, order)
        first:signal()
        await(function() return #order == 2 end)
        assert.same({ 2, 1 }, order)
      end)
    end)

    if not adapter.watch then return end

    it("watches nothing where there is nothing to do", function()
      local turns = 0
      inside(function()
        adapter.watch(client:pollable(), function()
          turns = turns + 1
          return false
        end)
      end)
      assert.equal(1, turns)
    end)

    it("watches the pollable until it is told that this is over, or until it is released", function()
      inside(function()
        local turns = 0
        adapter.watch(client:pollable(), function()
          turns = turns + 1
          client:drive()
          return turns < 3
        end)
        local function nudge() client.handle:nudge() end
        await(function() return turns == 3 end, nudge)
        for _ = 1, 3 do
          nudge()
          adapter.sleep(0.005)
        end
        assert.equal(3, turns)
        adapter.watch(client:pollable(), function()
          turns = turns + 1
          client:drive()
          return true
        end)
        await(function() return turns >= 4 end)
        local before = turns
        adapter.release(client:pollable())
        nudge()
        adapter.sleep(0.01)
        assert.equal(before, turns)
        adapter.release(client:pollable()) -- may come again
      end)
    end)
  end)
end
