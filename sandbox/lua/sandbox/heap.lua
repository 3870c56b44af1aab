--- A queue of things by time: the earliest comes first.

local heap = {}

local methods = {}
local metatable = { __name = "sandbox.heap", __index = methods }

function heap.new()
  return setmetatable({ times = {}, items = {}, count = 0 }, metatable)
end

function methods:push(time, item)
  local times, items, place = self.times, self.items, self.count + 1
  self.count = place
  while place > 1 do
    local above = (place - place % 2) / 2
    if times[above] <= time then
      break
    end
    times[place], items[place] = times[above], items[above]
    place = above
  end
  times[place], items[place] = time, item
end

--- The time of the earliest item, or nil.
function methods:time()
  return self.times[1]
end

--- Takes the earliest item out.
function methods:pop()
  local times, items, count = self.times, self.items, self.count
  local first, time, item = items[1], times[count], items[count]
  times[count], items[count] = nil, nil
  count = count - 1
  self.count = count
  if count == 0 then
    return first
  end
  local place = 1
  while true do
    local below = place * 2
    if below < count and times[below + 1] < times[below] then
      below = below + 1
    end
    if below > count or times[below] >= time then
      break
    end
    times[place], items[place] = times[below], items[below]
    place = below
  end
  times[place], items[place] = time, item
  return first
end

return heap
