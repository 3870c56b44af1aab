--- Calls that can fail, of functions that may yield.
--
-- PUC Lua 5.1 cannot yield out of pcall. There such a function runs in a coroutine of its own, an inner one, whose
-- yields are passed on. Loops and the built-in scheduler know the coroutine around it only: that one waits on behalf of
-- the inner one, by what `inner.outward` has made.
-- @module mistral.workflows.loop.inner

local core = require "mistral.workflows.core"

local inner = {}

local pcall_yields = coroutine.wrap(function() return (pcall(coroutine.yield, true)) end)()

-- What an inner coroutine yields that wants a function called in the one around it.
local OUTWARD = {}
-- Weak in both directions: the coroutine around holds the inner one.
local around = setmetatable({}, { __mode = "kv" }) -- inner coroutine -> the outermost one around it

-- @param thread an inner coroutine, which returned or yielded the rest
local function pass(thread, ok, ...)
  if not ok or coroutine.status(thread) == "dead" then return ok, ... end
  if (...) == OUTWARD then return pass(thread, coroutine.resume(thread, inner.call_outside(select(2, ...)))) end
  return pass(thread, coroutine.resume(thread, coroutine.yield(...)))
end

local function call_in_coroutine(fn, ...)
  local thread = coroutine.create(fn)
  around[thread] = inner.outermost()
  return pass(thread, coroutine.resume(thread, ...))
end

--- Calls a function as pcall does; what it waits for lets others go on.
function inner.pcall(fn, ...)
  if pcall_yields or not core.yieldable() then return pcall(fn, ...) end
  return call_in_coroutine(fn, ...)
end

--- What a function of the program raised, as text, whatever it is.
function inner.told(problem)
  local ok, text = pcall(tostring, problem)
  return ok and type(text) == "string" and text or ("a %s that cannot be shown"):format(type(problem))
end

--- The coroutine that loops know: the running one, or the outermost one around it.
function inner.outermost()
  local running = coroutine.running()
  return running and around[running] or running
end

--- Calls a function of the library, which suspends the running coroutine, where loops know that.
function inner.call_outside(fn, ...)
  if not around[coroutine.running() or fn] or not core.yieldable() then return fn(...) end
  return coroutine.yield(OUTWARD, fn, ...)
end

--- Makes a function of one that suspends the running coroutine: it can be called in an inner one, too.
function inner.outward(fn)
  if pcall_yields then return fn end
  return function(...) return inner.call_outside(fn, ...) end
end

return inner
