--- Calls functions while something is open, which may wait.
-- @module mistral.workflows.guard

local inner = require "mistral.workflows.loop.inner"

local guard = {}

local function settle(object, ok, ...)
  if ok then return ... end
  object:close()
  error((...), 0)
end

--- Calls a function, of the program or of the library. Where it raises an error, `object:close()` comes before the
-- error goes on.
function guard.call(object, fn, ...)
  return settle(object, inner.pcall(fn, ...))
end

return guard
