--- The coroutines of tasks, which may begin in one place and go on in another.
--
-- nginx knows the coroutines of one request only; it keeps what Lua has under other names. There, what a coroutine asks
-- of nginx is asked for the request that it belongs to, which is that in which it was made and may be gone when the
-- coroutine goes on: it has to be handed to the request that runs it.
-- @module mistral.workflows.loop.coroutines

local coroutines = {
  create = rawget(coroutine, "_create") or coroutine.create,
  resume = rawget(coroutine, "_resume") or coroutine.resume,
  yield = rawget(coroutine, "_yield") or coroutine.yield,
  status = rawget(coroutine, "_status") or coroutine.status,
  --- Lets a task wait until it is resumed, here or elsewhere.
  park = coroutine.yield,
  --- Ends a coroutine that is suspended, where Lua can.
  close = coroutine.close or function() end, -- luacheck: ignore 143 (Lua 5.4)
}

if not rawget(_G, "ngx") then return coroutines end

-- How nginx finds the request: by a pointer in OpenResty's LuaJIT, by the table of global variables in others.
local has_pointer, request = pcall(require, "thread.exdata")
if not has_pointer then
  function request(new)
    if new then setfenv(0, new) end -- luacheck: ignore 113
    return getfenv(0) -- luacheck: ignore 113
  end
end

local create, resume, yield = coroutines.create, coroutines.resume, coroutines.yield
local current -- the request of whoever resumes

local function join()
  if current ~= nil then request(current) end
end

function coroutines.create(fn)
  return create(function()
    join()
    return fn()
  end)
end

function coroutines.resume(thread, ...)
  current = request()
  return resume(thread, ...)
end

function coroutines.park(...)
  yield(...)
  join()
end

return coroutines
