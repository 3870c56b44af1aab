--- Waits in a coroutine of a cqueues controller (https://github.com/wahern/cqueues).
-- @module mistral.workflows.loop.cqueues

local core = require "mistral.workflows.core"
local conditions = require "cqueues.condition"
local cqueues = require "cqueues"
local tick = require "mistral.workflows.loop.tick"

local adapter = {}

local condition_methods = {}
local condition_metatable = { __index = condition_methods }

local function seconds_until(deadline)
  return deadline and math.max(0, deadline - core.now())
end

--- Does a controller run this coroutine?
function adapter.is_running()
  local controller, in_coroutine = cqueues.running()
  return controller ~= nil and in_coroutine
end

function adapter.wait(pollable, deadline)
  if pollable:pollfd() then
    cqueues.poll(pollable, seconds_until(deadline))
  else
    cqueues.sleep(tick(deadline))
  end
end

function adapter.sleep(seconds)
  cqueues.sleep(seconds)
end

function adapter.spawn(fn)
  cqueues.running():wrap(fn)
end

--- cqueues remembers which descriptors it has asked the system to watch.
function adapter.release(pollable)
  local descriptor = pollable:pollfd()
  if descriptor then cqueues.cancel(descriptor) end
end

--- Each controller needs a driver of its own.
function adapter.owner()
  return (cqueues.running())
end

function adapter.condition()
  return setmetatable({ condition = conditions.new() }, condition_metatable)
end

function condition_methods:wait(deadline)
  if not self.signalled then self.condition:wait(seconds_until(deadline)) end
end

function condition_methods:signal()
  self.signalled = true
  self.condition:signal()
end

return adapter
