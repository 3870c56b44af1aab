--- Waits in nginx with lua-nginx-module (OpenResty) without blocking the worker.
--
-- One timer context, there only while something is in flight, drives the client for all requests of the worker. nginx
-- can wait for sockets of its own only: a thread waits for the client's descriptor and writes a byte to a unix socket
-- that nginx reads. Where no thread can be had, the timer context looks once in a millisecond.
-- @module mistral.workflows.loop.ngx

local core = require "mistral.workflows.core"
local semaphores = require "ngx.semaphore"
local tick = require "mistral.workflows.loop.tick"

local ngx = ngx -- luacheck: ignore 113
local get_phase = ngx.get_phase

local adapter = {}

-- Longer than anything that is waited for: a time-out would be logged as an error.
local LONG_SECONDS = 86400
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

local bells = setmetatable({}, { __mode = "k" }) -- pollable -> { waker, path, pool, socket } or { ticks = true }

--- Can a call that is made now wait?
function adapter.is_running()
  return phases[get_phase()] == true
end

local function connect(bell)
  local socket = ngx.socket.tcp()
  socket:settimeouts(1000, 1000, LONG_SECONDS * 1000)
  local connected, problem = socket:connect("unix:" .. bell.path, { pool = bell.pool, pool_size = 1 })
  if not connected then return nil, problem end
  return socket
end

local function make_bell(pollable)
  local waker, problem = core.waker(pollable)
  if not waker then return nil, problem end
  local bell = { waker = waker, path = waker:path(), pool = "mistral-workflows-" .. core.random(8) }
  local socket, accepted
  socket, problem = connect(bell)
  if socket then accepted, problem = waker:accept() end
  if not accepted then
    waker:close()
    return nil, problem
  end
  bell.socket = socket
  return bell
end

-- What rings when the pollable has work. The socket of an earlier pump waits in nginx's pool, which a worker that
-- leaves closes.
local function bell_of(pollable)
  local bell = bells[pollable]
  if bell and (bell.socket or bell.ticks) then return bell end
  if bell then
    bell.socket = not ngx.worker.exiting() and connect(bell)
    if bell.socket then return bell end
    bell.waker:close()
  end
  local problem
  bell, problem = make_bell(pollable)
  if not bell then
    ngx.log(ngx.WARN, "mistral.workflows: no waker thread (", problem, "), looking once in a millisecond instead")
    bell = { ticks = true }
  end
  bells[pollable] = bell
  return bell
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
  pollable:alarm(collect_at)
end

--- Waits as the pump, which alone has the socket.
function adapter.watch(pollable)
  help_collector(pollable)
  local bell = bell_of(pollable)
  if bell.ticks then
    ngx.sleep(tick())
    return
  end
  bell.waker:arm()
  if not bell.socket:receive(1) then
    bell.socket:close()
    bell.waker:close()
    bells[pollable] = nil
  end
end

--- Waits where there is no pump.
function adapter.wait(_, deadline)
  ngx.sleep(tick(deadline))
end

--- Puts the socket back into nginx's pool: one that is open would hold up the worker's exit.
function adapter.release(pollable)
  local bell = bells[pollable]
  if not (bell and bell.socket) then return end
  bell.socket:setkeepalive(0, 1)
  bell.socket = nil
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
