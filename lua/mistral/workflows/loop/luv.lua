--- Waits in a coroutine of a program that runs a libuv loop (https://github.com/luvit/luv).
-- @module mistral.workflows.loop.luv

local core = require "mistral.workflows.core"
local tick = require "mistral.workflows.loop.tick"
local uv = require "luv"

local adapter = {}

local condition_methods = {}
local condition_metatable = { __index = condition_methods }

local polls = setmetatable({}, { __mode = "k" }) -- pollable -> its poll handle, while a pump runs

local suspended = {} -- luacheck: ignore 241 (keeps the coroutines that wait: nothing else may)
local pending, flush_planned = {}, false

local function go_on(thread)
  local ok, problem = coroutine.resume(thread)
  if not ok then error(debug.traceback(thread, tostring(problem)), 0) end
end

-- Runs coroutines from the loop and not from each other, so that an error ends none but its own.
local function flush()
  local threads = pending
  pending, flush_planned = {}, false
  for index = 1, #threads do
    local ok, problem = pcall(go_on, threads[index])
    if not ok then
      for rest = index + 1, #threads do pending[#pending + 1] = threads[rest] end
      if #pending > 0 then adapter.plan_flush() end
      error(problem, 0)
    end
  end
end

--- Lets the coroutines in the list go on in the next turn of the loop.
function adapter.plan_flush()
  if flush_planned then return end
  flush_planned = true
  local timer = uv.new_timer()
  timer:start(0, 0, function()
    timer:close()
    flush()
  end)
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
    pending[#pending + 1] = thread
    adapter.plan_flush()
  end
  local timer = milliseconds and uv.new_timer()
  if timer then timer:start(milliseconds, 0, wake) end
  if begin then begin(wake) end
  suspended[thread] = true
  coroutine.yield()
  suspended[thread] = nil
  if timer then timer:close() end
end

function adapter.sleep(seconds)
  suspend(math.ceil(seconds * 1000))
end

function adapter.wait(pollable, deadline)
  local descriptor = pollable:pollfd()
  if not descriptor then return adapter.sleep(tick(deadline)) end
  local poll = polls[pollable]
  if not poll then
    poll = assert(uv.new_poll(descriptor))
    polls[pollable] = poll
  end
  suspend(milliseconds_until(deadline), function(wake) poll:start("r", wake) end)
  poll:stop()
end

function adapter.release(pollable)
  local poll = polls[pollable]
  polls[pollable] = nil
  if poll and not poll:is_closing() then poll:close() end
end

function adapter.spawn(fn)
  pending[#pending + 1] = coroutine.create(fn)
  adapter.plan_flush()
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
