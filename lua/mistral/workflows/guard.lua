--- Calls functions of the program while something is open.
-- @module mistral.workflows.guard

local core = require "mistral.workflows.core"

-- PUC Lua 5.1 cannot yield out of pcall.
local pcall_yields = coroutine.wrap(function() return (pcall(coroutine.yield, true)) end)()

-- Calls fn in a coroutine, whose yields are passed on.
local function call_in_coroutine(fn, ...)
  local thread = coroutine.create(fn)
  local function pass(ok, ...)
    if not ok or coroutine.status(thread) == "dead" then return ok, ... end
    return pass(coroutine.resume(thread, coroutine.yield(...)))
  end
  return pass(coroutine.resume(thread, ...))
end

local function protected(fn, ...)
  if pcall_yields or not core.yieldable() then return pcall(fn, ...) end
  return call_in_coroutine(fn, ...)
end

local function settle(object, ok, ...)
  if ok then return ... end
  object:close()
  error((...), 0)
end

local guard = {}

--- Calls a function of the program, which may yield. Where it raises an error, `object:close()` comes before the error
-- goes on.
function guard.call(object, fn, ...)
  return settle(object, protected(fn, ...))
end

--- The same for a function of the library, which waits. Where PUC Lua 5.1 can yield, nothing is guarded: the loop knows
-- the coroutine.
function guard.wait(object, fn, ...)
  if not pcall_yields and core.yieldable() then return fn(...) end
  return settle(object, pcall(fn, ...))
end

return guard
