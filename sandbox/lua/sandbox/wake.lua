--- Waiting for something to happen to an execution.
--
-- Requests of this worker are woken at once. Other workers cannot be told, so with several workers waits are short and
-- whoever waits looks again.

local semaphore = require "ngx.semaphore"

local wake = {}

local CROSS_WORKER = 0.01

local waiting = {}

--- Waits until `key` (an execution identifier, or "*" for all) is signalled or `timeout` seconds have passed.
function wake.wait(key, timeout)
  if ngx.worker.count() > 1 then
    timeout = math.min(timeout, CROSS_WORKER)
  end
  local place = waiting[key]
  if not place then
    place = { count = 0, gate = semaphore.new() }
    waiting[key] = place
  end
  place.count = place.count + 1
  place.gate:wait(math.max(timeout, 0.001))
  place.count = place.count - 1
  if place.count == 0 and waiting[key] == place then
    waiting[key] = nil
  end
end

local function post(key)
  local place = waiting[key]
  if place then
    waiting[key] = nil
    place.gate:post(place.count)
  end
end

--- Wakes those who wait for these keys and those who wait for everything.
function wake.signal(key, other)
  post(key)
  if other and other ~= key then
    post(other)
  end
  post "*"
end

return wake
