-- The timers of the built-in loop, and what a task leaves there.

local scheduler = require "mistral.workflows.loop.scheduler"
local timers = require "mistral.workflows.loop.timers"

local function due(heap, now)
  local list = {}
  for task in heap:due(now) do list[#list + 1] = task end
  return list
end

describe("timers", function()
  local heap

  before_each(function() heap = timers.new() end)

  it("are empty at first", function()
    assert.is_nil(heap:next())
    assert.same({}, due(heap, 1e9))
  end)

  it("come in the order of their times", function()
    for _, time in ipairs { 5, 1, 4, 2, 3 } do heap:add(time, "task " .. time) end
    assert.equal(1, heap:next())
    assert.same({ "task 1", "task 2", "task 3" }, due(heap, 3))
    assert.equal(4, heap:next())
    assert.same({}, due(heap, 3.9))
    assert.same({ "task 4", "task 5" }, due(heap, 5))
    assert.is_nil(heap:next())
  end)

  it("may be cancelled", function()
    local first, second = heap:add(1, "first"), heap:add(2, "second")
    heap:add(3, "third")
    first.task = nil
    assert.equal(2, heap:next())
    second.task = nil
    assert.same({ "third" }, due(heap, 9))
    assert.is_nil(heap:next())
  end)

  it("may be added while others are taken", function()
    heap:add(1, "a")
    local seen = {}
    for task in heap:due(5) do
      seen[#seen + 1] = task
      if #seen < 4 then heap:add(#seen + 1, task .. "'") end
    end
    assert.same({ "a", "a'", "a''", "a'''" }, seen)
  end)

  it("keep order whatever is added and cancelled", function()
    local seed = 12345
    local function random(limit)
      seed = (seed * 1103515245 + 12345) % 2147483648
      return seed % limit
    end
    local live, last = {}, 0
    for _ = 1, 3000 do
      local action = random(4)
      if action < 2 then
        local time = last + random(100)
        live[heap:add(time, { time = time })] = time
      elseif action == 2 then
        local timer = next(live)
        if timer then
          timer.task, live[timer] = nil, nil
        end
      else
        local now = last + random(20)
        for task in heap:due(now) do
          assert.truthy(task.time >= last and task.time <= now)
          last = task.time
        end
        last = now
        for timer, time in pairs(live) do
          if time <= now then live[timer] = nil end
        end
      end
      local earliest
      for _, time in pairs(live) do earliest = math.min(earliest or time, time) end
      assert.equal(earliest, heap:next())
    end
  end)

  it("go with the task that is cancelled", function()
    local loop = scheduler.new()
    local task = loop:spawn(function() scheduler.sleep(scheduler.current(), 3600) end)
    assert.is_number(loop:step())
    scheduler.cancel(task)
    assert.is_nil(loop:step())
  end)
end)

describe("a task", function()
  it("that waits no longer is not counted among those who wait", function()
    local loop, client, key = scheduler.new(), { hub = { waiters = {} } }, {}
    loop:spawn(function() scheduler.await(scheduler.current(), client, key, nil) end)
    loop:step()
    assert.equal(1, loop.waiting[client])
    client.hub.waiters[key]:signal()
    loop:step()
    assert.same({}, loop.waiting)
    assert.same({}, client.hub.waiters)
  end)

  it("goes on once, however often it is signalled", function()
    local loop, client, key, times = scheduler.new(), { hub = { waiters = {} } }, {}, 0
    local task = loop:spawn(function()
      while true do
        scheduler.await(scheduler.current(), client, key, nil)
        times = times + 1
      end
    end)
    loop:step()
    task:signal()
    task:signal()
    loop:step()
    assert.equal(1, times)
    scheduler.cancel(task)
  end)
end)
