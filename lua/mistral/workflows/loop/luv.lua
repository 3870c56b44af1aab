--- Waits in a coroutine of a program that runs a libuv loop (https://github.com/luvit/luv).
-- @module mistral.workflows.loop.luv

local core = require "mistral.workflows.core"
local tick = require "mistral.workflows.loop.tick"
local uv = require "luv"

local adapter = {}

local condition_methods = {}
local condition_metatable = { __index = condition_methods }

local watches = setmetatable({}, { __mode = "k" }) -- pollable -> the handle of libuv that watches it

local suspended = {} -- luacheck: ignore 241 (keeps the coroutines that wait: nothing else may)
local pending, flush_planned = {}, false

local function go_on(thread)
  local ok, problem = coroutine.resume(thread)
  if not ok then error(debug.traceback(thread, tostring(problem)), 0) end
end

local function call_from_loop(fn)
  local timer = uv.new_timer()
  timer:start(0, 0, function()
    timer:close()
    fn()
  end)
end

-- Lets a coroutine go on in the next turn of the loop: from there and not from another coroutine, so that an error ends
-- none but its own.
local flush
local function plan(thread)
  pending[#pending + 1] = thread
  if flush_planned then return end
  flush_planned = true
  call_from_loop(flush)
end

function flush()
  local threads = pending
  pending, flush_planned = {}, false
  for index = 1, #threads do
    local ok, problem = pcall(go_on, threads[index])
    if not ok then
      for rest = index + 1, #threads do plan(threads[rest]) end
      error(problem, 0)
    end
  end
end

local function milliseconds_until(deadline)
  return deadline and math.max(0, math.ceil((deadline - core.now()) * 1000))
end

-- Suspends the running coroutine until `wake` is called, by what `begin(wake)` sets up, or until the time is over.
local function suspend(milliseconds, begin)
  local thread, woken = coroutine.running(), false
  local function wake()
    if woken then return end
    woken = true
    plan(thread)
  end
  local timer = milliseconds and uv.new_timer()
  if timer then
    uv.update_time() -- libuv counts from when it last looked at the clock
    timer:start(milliseconds, 0, wake)
  end
  if begin then begin(wake) end
  suspended[thread] = true
  coroutine.yield()
  suspended[thread] = nil
  if timer then timer:close() end
end

function adapter.sleep(seconds)
  suspend(math.ceil(seconds * 1000))
end

function adapter.spawn(fn)
  plan(coroutine.create(fn))
end

--- Waits where there is no driver: looks once in a millisecond.
function adapter.wait(_, deadline)
  adapter.sleep(tick(deadline))
end

--- Watches the descriptor from the loop, without a coroutine; where there is none, looks once in a millisecond.
function adapter.watch(pollable, turn)
  call_from_loop(function()
    if not turn() then return end
    local descriptor = pollable:pollfd()
    local handle = descriptor and assert(uv.new_poll(descriptor)) or uv.new_timer()
    watches[pollable] = handle
    local function look()
      if not turn() then adapter.release(pollable) end
    end
    if descriptor then handle:start("r", look) else handle:start(1, 1, look) end
  end)
end

function adapter.release(pollable)
  local handle = watches[pollable]
  watches[pollable] = nil
  if handle then handle:close() end
end

function adapter.condition()
  return setmetatable({}, condition_metatable)
end

function condition_methods:wait(deadline)
  if self.signalled then return end
  suspend(milliseconds_until(deadline), function(wake) self.wake = wake end)
end

function condition_methods:signal()
  self.signalled = true
  if self.wake then self.wake() end
end

return adapter
