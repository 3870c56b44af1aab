-- Who carries the tasks of a client, and who drives it, in a loop that may fail to run what it accepts. The loop is one
-- of the test, whose clock does not wait.

local core = require "mistral.workflows.core"
local loop = require "mistral.workflows.loop"
local workflows = require "mistral.workflows"

local now = workflows.now

describe("in a loop", function()
  local threads, client, accept, answer_seconds, began, spawned, polls, waited

  local function passed() return now() - began end

  local function near(expected)
    assert.truthy(passed() >= expected - 0.1 and passed() < expected + 1, passed())
  end

  -- What the loop makes of `spawn`.
  local policies = {
    runs = function(fn) threads[#threads + 1] = coroutine.create(fn) end,
    forgets = function() end,
    refuses = function() return false end,
  }

  local function wait(deadline)
    local wake = now() + 0.1
    coroutine.yield(deadline and math.min(deadline, wake) or wake)
  end

  local condition = {}
  condition.__index = condition

  function condition:wait(deadline)
    while not self.signalled and (not deadline or now() < deadline) do wait(deadline) end
  end

  function condition:signal() self.signalled = true end

  local adapter = {
    wait = function(_, deadline)
      waited[coroutine.running()] = true
      polls = polls + 1
      wait(deadline)
    end,
    sleep = function(seconds)
      local wake = now() + seconds
      repeat wait(wake) until now() >= wake
    end,
    spawn = function(fn)
      spawned[#spawned + 1] = passed()
      return policies[accept](fn)
    end,
  }

  local with_conditions = setmetatable({
    condition = function() return setmetatable({}, condition) end,
  }, { __index = adapter })

  -- Runs a function in a coroutine of the loop, and the loop until it has ended.
  local function run(fn)
    local main = coroutine.create(fn)
    threads[#threads + 1] = main
    while coroutine.status(main) ~= "dead" do
      local wake = math.huge
      for index = #threads, 1, -1 do
        local thread = threads[index]
        local ok, at = coroutine.resume(thread)
        if not ok then error(at, 0) end
        if coroutine.status(thread) == "dead" then table.remove(threads, index) else wake = math.min(wake, at) end
      end
      if coroutine.status(main) ~= "dead" then core.skip(math.max(0, wake - now())) end
    end
  end

  local function new(chosen)
    client = workflows.new {
      api_key = "key", server_url = "https://workflows.test", loop = chosen,
      transport = function()
        client:sleep(answer_seconds)
        return { status = 200, body = '{"workflow":{"name":"w"}}' }
      end,
    }
  end

  local function call() assert(client.workflows:get "w") end

  -- A task that counts seconds.
  local function tick()
    local state = { ticks = 0 }
    state.task = loop.spawn(client, function()
      while true do
        client:sleep(1)
        state.ticks = state.ticks + 1
      end
    end)
    return state
  end

  before_each(function()
    threads, waited, spawned, polls, accept, answer_seconds, began = {}, {}, {}, 0, "runs", 0.2, now()
  end)

  after_each(function()
    client:close()
    client = nil
  end)

  for name, chosen in pairs { ["three functions"] = adapter, conditions = with_conditions } do
    describe("with " .. name .. ",", function()
      it("the loop carries the tasks", function()
        new(chosen)
        run(function()
          call()
          near(0.2)
          assert.equal(chosen == adapter and 1 or 2, #spawned)
        end)
      end)

      it("whoever waits runs the tasks where the loop takes none, until it does", function()
        new(chosen)
        accept = "refuses"
        run(function()
          call()
          near(0.2)
          local refused = #spawned
          assert.truthy(refused >= 1)
          accept = "runs"
          call()
          near(0.4)
          assert.truthy(#spawned > refused)
        end)
      end)

      it("a task that it did not take at first is carried when it takes others", function()
        new(chosen)
        accept = "refuses"
        run(function()
          local ticking = tick()
          call()
          accept = "runs"
          call()
          local before = ticking.ticks
          adapter.sleep(5) -- nobody waits for the client
          assert.truthy(ticking.ticks >= before + 4, ticking.ticks - before)
          ticking.task:cancel()
        end)
      end)

      it("whoever waits runs the tasks after a second where the loop has taken them and does not run them", function()
        new(chosen)
        accept = "forgets"
        run(function()
          call()
          near(1.2)
        end)
      end)

      it("a task that began in time is left to the loop, however long it takes", function()
        new(chosen)
        local is_over, thread, own = false, nil, nil
        run(function()
          own = coroutine.running()
          loop.spawn(client, function()
            thread = coroutine.running()
            while not is_over do client:sleep(0.3) end
          end)
          call()
          client:sleep(5)
          for _ = 1, 3 do call() end
          is_over = true
          near(5.8)
        end)
        assert.are_not.equal(own, thread)
        if chosen ~= adapter then assert.is_nil(waited[own]) end
      end)
    end)
  end

  it("with conditions, another driver is asked for ten seconds after one that did not begin; nobody spins meanwhile",
    function()
      new(with_conditions)
      accept, answer_seconds = "forgets", 25
      run(call)
      near(26) -- the task begins after a second
      assert.equal(4, #spawned) -- the carrier of the task, and three drivers
      for index, expected in ipairs { 0, 0, 10, 20 } do
        assert.truthy(spawned[index] >= expected and spawned[index] < expected + 0.5, spawned[index])
      end
      assert.truthy(polls < 300, polls)
    end)

  it("one who sleeps runs the tasks that the loop does not", function()
    new(adapter)
    accept = "refuses"
    local ticking
    run(function()
      ticking = tick()
      client:sleep(4.5)
      ticking.task:cancel()
    end)
    assert.equal(4, ticking.ticks)
    near(4.5)
  end)
end)
