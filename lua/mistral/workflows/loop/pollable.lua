--- What an outside loop waits for: one descriptor for all sockets and timers of a client.
-- @module mistral.workflows.loop.pollable

local pollable = {}

local handles = setmetatable({}, { __mode = "k" }) -- pollable -> handle

--- Makes the object that `client:pollable()` returns, and adapters get. It has these three methods and nothing else:
--
-- * `pollfd()`: a descriptor that is readable exactly when there is work; nil where the platform has none
-- * `events()`: "r"
-- * `timeout()`: the seconds until there is work even if the descriptor stays silent, or nil
function pollable.new(handle)
  local self = {
    pollfd = function() return handle:pollfd() end,
    events = function() return "r" end,
    timeout = function() return handle:timeout() end,
  }
  handles[self] = handle
  return self
end

--- The handle behind it, for the library's own adapters.
function pollable.handle(self)
  return handles[self]
end

return pollable
