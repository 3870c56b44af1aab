--- Waits in a thread of copas (https://github.com/lunarmodules/copas).
--
-- copas waits for LuaSocket objects only; what it gets here looks like one. Versions that can wake a thread
-- (`copas.wakeup`) let one thread wait for all. In older ones each waits for a descriptor of its own, because
-- LuaSocket's select reports one object a descriptor; it becomes readable at the deadline too, for want of timers.
-- @module mistral.workflows.loop.copas

local core = require "mistral.workflows.core"
local copas = require "copas"
local pollables = require "mistral.workflows.loop.pollable"

local adapter = {}

local socket_methods = {}
local socket_metatable = { __index = socket_methods }

function socket_methods:getfd() return self.descriptor:pollfd() end
function socket_methods:dirty() return false end -- luacheck: ignore 212
function socket_methods:settimeout() end -- luacheck: ignore 212
function socket_methods:close() end -- luacheck: ignore 212

-- copas calls it before it waits and when select says that there is something to read.
function socket_methods:receive()
  if self.waited then return "", nil, "" end
  self.waited = true
  return nil, "timeout", ""
end

-- Only newer versions tell whether copas runs; with an older one `loop = "copas"` has to be said.
if copas.gettraceback then
  function adapter.is_running()
    return copas.running == true
  end
end

function adapter.wait(pollable, deadline)
  local handle = pollables.handle(pollable)
  if handle:closed() then return end
  local descriptor = handle:duplicate(deadline)
  if not descriptor then error("the copas loop needs a platform with pollable descriptors (Linux)", 0) end
  copas.receive(setmetatable({ descriptor = descriptor }, socket_metatable), 1)
  descriptor:close()
end

function adapter.sleep(seconds, pollable)
  if copas.pause then return copas.pause(seconds) end
  local wake = core.now() + seconds
  while core.now() < wake and not pollables.handle(pollable):closed() do adapter.wait(pollable, wake) end
end

function adapter.spawn(fn)
  copas.addthread(fn)
end

if copas.wakeup and copas.pauseforever then
  local condition_methods = {}
  local condition_metatable = { __index = condition_methods }

  function adapter.condition()
    return setmetatable({}, condition_metatable)
  end

  function condition_methods:wait(deadline)
    if self.signalled then return end
    self.thread = coroutine.running()
    if deadline then
      copas.pause(math.max(0, deadline - core.now()))
    else
      copas.pauseforever()
    end
    self.thread = nil
  end

  function condition_methods:signal()
    self.signalled = true
    if self.thread then copas.wakeup(self.thread) end
  end
end

return adapter
