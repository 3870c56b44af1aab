--- Times in order: a binary heap.
-- @module mistral.workflows.loop.timers

local timers = {}

local methods = {}
local metatable = { __name = "mistral.workflows.loop.timers", __index = methods }

--- Makes an empty heap.
function timers.new()
  return setmetatable({ count = 0 }, metatable)
end

local function sift_up(heap, index)
  local timer = heap[index]
  while index > 1 do
    local parent = math.floor(index / 2)
    if heap[parent].time <= timer.time then break end
    heap[index] = heap[parent]
    index = parent
  end
  heap[index] = timer
end

local function sift_down(heap, index)
  local timer = heap[index]
  while true do
    local child = index * 2
    if child > heap.count then break end
    if child < heap.count and heap[child + 1].time < heap[child].time then child = child + 1 end
    if heap[child].time >= timer.time then break end
    heap[index] = heap[child]
    index = child
  end
  heap[index] = timer
end

local function remove_first(heap)
  local last = heap[heap.count]
  heap[heap.count] = nil
  heap.count = heap.count - 1
  if heap.count > 0 then
    heap[1] = last
    sift_down(heap, 1)
  end
end

-- A timer whose task was taken away counts no longer.
local function drop_cancelled(heap)
  while heap.count > 0 and not heap[1].task do remove_first(heap) end
end

--- Adds a time.
-- @param time monotonic seconds
-- @param task what is due then
-- @return the timer; clear its field `task` to cancel it
function methods:add(time, task)
  local timer = { time = time, task = task }
  self.count = self.count + 1
  self[self.count] = timer
  sift_up(self, self.count)
  return timer
end

--- The earliest time, or nil.
function methods:next()
  drop_cancelled(self)
  return self.count > 0 and self[1].time or nil
end

--- Iterates over what is due at `now`, and takes it out.
function methods:due(now)
  return function()
    drop_cancelled(self)
    if self.count == 0 or self[1].time > now then return nil end
    local task = self[1].task
    remove_first(self)
    return task
  end
end

return timers
