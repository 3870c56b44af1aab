--- Waits in nginx with lua-nginx-module (OpenResty) without blocking the worker.
--
-- One timer context, there only while something is in flight, drives the client for all requests of the worker. It
-- waits for the client's bell or, where none can be had, looks once in a millisecond.
-- @module mistral.workflows.loop.ngx

local core = require "mistral.workflows.core"
local ngx_bell = require "mistral.workflows.loop.ngx_bell"
local pollables = require "mistral.workflows.loop.pollable"
local semaphores = require "ngx.semaphore"
local tick = require "mistral.workflows.loop.tick"

local ngx = ngx -- luacheck: ignore 113
local get_phase = ngx.get_phase

local adapter = {}

-- Descriptors tell the end of a wait in time; the semaphore's own limit is only a bound.
local SEMAPHORE_SECONDS = 3600
-- How often the collector is helped while something is in flight, and by how much.
local COLLECT_SECONDS, COLLECT_KILOBYTES = 1, 1024

local collect_at = 0

-- A coroutine made in another phase can yield too, but nginx would not come back to it.
local phases = {}
for _, phase in ipairs {
  "rewrite", "access", "content", "timer", "ssl_cert", "ssl_session_fetch", "ssl_client_hello",
} do
  phases[phase] = true
end

--- Can a call that is made now wait?
function adapter.is_running()
  return phases[get_phase()] == true
end

-- nginx drops the coroutines of an aborted request and tells nobody; what they held, an open stream say, is closed
-- when it is collected, and until then keeps a worker from leaving. An idle worker makes no garbage and so would not
-- collect any.
local function help_collector(pollable)
  local now = core.now()
  if now >= collect_at then
    collect_at = now + COLLECT_SECONDS
    if ngx.worker.exiting() then collectgarbage() else collectgarbage("step", COLLECT_KILOBYTES) end
  end
  pollables.handle(pollable):alarm(collect_at)
end

--- Waits where there is no driver.
function adapter.wait(_, deadline)
  ngx.sleep(tick(deadline))
end

--- Drives in a timer context, which alone has the socket.
function adapter.watch(pollable, turn)
  local function run()
    while turn() do
      help_collector(pollable)
      if not ngx_bell.await(pollable) then ngx.sleep(tick()) end
    end
    ngx_bell.release(pollable)
  end
  if not ngx.timer.at(0, run) then return false end
end

function adapter.sleep(seconds)
  ngx.sleep(seconds)
end

function adapter.spawn(fn)
  return ngx.timer.at(0, fn) ~= nil
end

local condition_methods = {}
local condition_metatable = { __index = condition_methods }
local spare_conditions = {}

function adapter.condition()
  local last = #spare_conditions
  local condition = spare_conditions[last]
  if condition then
    spare_conditions[last] = nil
    return condition
  end
  return setmetatable({ semaphore = semaphores.new(), signalled = false }, condition_metatable)
end

--- Waits once; afterwards the condition may be another's as soon as the caller yields.
function condition_methods:wait(deadline)
  local seconds = deadline and math.max(0.001, deadline - core.now()) or SEMAPHORE_SECONDS
  local taken = self.semaphore:wait(seconds)
  if taken or not self.signalled then
    self.signalled = false
    spare_conditions[#spare_conditions + 1] = self
  end
end

function condition_methods:signal()
  if not self.signalled then
    self.signalled = true
    self.semaphore:post(1)
  end
end

return adapter
