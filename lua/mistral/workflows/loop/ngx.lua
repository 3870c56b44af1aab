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

local adapter = {}

-- Longer than anything that is waited for: a time-out would be logged as an error.
local LONG_SECONDS = 86400
-- Descriptors tell the end of a wait in time; the semaphore's own limit is only a bound.
local SEMAPHORE_SECONDS = 3600

local bells = setmetatable({}, { __mode = "k" }) -- pollable -> { waker, pool } or { ticks = true }

--- Every context of nginx that can yield is good; that is asked before.
function adapter.is_running()
  return ngx.get_phase ~= nil and ngx.sleep ~= nil
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
  local socket
  socket, problem = connect(bell)
  if not socket then return nil, problem end
  local accepted
  accepted, problem = waker:accept()
  if not accepted then return nil, problem end
  bell.socket = socket
  return bell
end

-- What rings when the pollable has work. The socket of an earlier pump waits in nginx's pool.
local function bell_of(pollable)
  local bell = bells[pollable]
  if bell and bell.socket then return bell end
  if bell and bell.waker then
    bell.socket = connect(bell)
    if bell.socket then return bell end
    bell.waker:close()
  end
  if not (bell and bell.ticks) then
    local problem
    bell, problem = make_bell(pollable)
    if not bell then
      ngx.log(ngx.WARN, "mistral.workflows: no waker thread (", problem, "), looking once in a millisecond instead")
      bell = { ticks = true }
    end
    bells[pollable] = bell
  end
  return bell
end

local function wait_for_bell(pollable)
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

-- Only the pump has the socket; a request that could not get one looks by itself.
function adapter.wait(pollable, deadline)
  if ngx.get_phase() == "timer" and not deadline then
    wait_for_bell(pollable)
  else
    ngx.sleep(tick(deadline))
  end
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

function adapter.condition()
  return setmetatable({ semaphore = semaphores.new() }, condition_metatable)
end

function condition_methods:wait(deadline)
  self.semaphore:wait(deadline and math.max(0, deadline - core.now()) or SEMAPHORE_SECONDS)
end

function condition_methods:signal()
  if self.semaphore:count() <= 0 then self.semaphore:post(1) end
end

return adapter
