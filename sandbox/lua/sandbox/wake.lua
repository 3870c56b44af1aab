--- Waiting for something to happen to an execution.

local semaphore = require "ngx.semaphore"

local wake = {}

-- By key. A place lives as long as somebody listens.
local places = setmetatable({}, { __mode = "v" })

local methods = {}
local metatable = { __name = "sandbox.listener", __index = methods }

--- Listens to `key`: an execution identifier, or "*" for all.
function wake.listen(key)
  local place = places[key]
  if not place then
    place = { gate = semaphore.new(), signals = 0 }
    places[key] = place
  end
  return setmetatable({ place = place, heard = place.signals }, metatable)
end

--- Waits until there was a signal since the last wait ended, at most `timeout` seconds.
function methods:wait(timeout)
  local place = self.place
  if place.signals == self.heard then
    place.gate:wait(math.max(timeout, 0.001))
  end
  self.heard = place.signals
end

local function post(key)
  local place = places[key]
  if place then
    place.signals = place.signals + 1
    local waiting = -place.gate:count()
    if waiting > 0 then
      place.gate:post(waiting)
    end
  end
end

--- Wakes those of this worker who listen to these keys and those who listen to everything.
function wake.signal(key, other)
  post(key)
  if other ~= key then
    post(other)
  end
  post "*"
end

return wake
