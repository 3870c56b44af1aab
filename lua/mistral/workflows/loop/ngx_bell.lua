--- Tells nginx that a client has work.
--
-- nginx can wait for sockets of its own only: a thread waits for the client's descriptor and writes a byte to a unix
-- socket that nginx reads.
-- @module mistral.workflows.loop.ngx_bell

local core = require "mistral.workflows.core"
local pollables = require "mistral.workflows.loop.pollable"

local ngx = ngx -- luacheck: ignore 113

local ngx_bell = {}

-- Longer than anything that is waited for: a time-out would be logged as an error.
local LONG_SECONDS = 86400

local bells = setmetatable({}, { __mode = "k" }) -- pollable -> { waker, path, pool, socket } or { silent = true }

local function connect(bell)
  local socket = ngx.socket.tcp()
  socket:settimeouts(1000, 1000, LONG_SECONDS * 1000)
  local connected, problem = socket:connect("unix:" .. bell.path, { pool = bell.pool, pool_size = 1 })
  if not connected then return nil, problem end
  return socket
end

local function make(pollable)
  local waker, problem = core.waker(pollables.handle(pollable))
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

-- The socket of an earlier pump waits in nginx's pool, which a worker that leaves closes.
local function bell_of(pollable)
  local bell = bells[pollable]
  if bell and (bell.socket or bell.silent) then return bell end
  if bell then
    bell.socket = not ngx.worker.exiting() and connect(bell)
    if bell.socket then return bell end
    bell.waker:close()
  end
  local problem
  bell, problem = make(pollable)
  if not bell then
    ngx.log(ngx.WARN, "mistral.workflows: no waker thread (", problem, "), looking once in a millisecond instead")
    bell = { silent = true }
  end
  bells[pollable] = bell
  return bell
end

--- Waits until the pollable has work. May be called by one coroutine at a time.
-- @return false, at once, where there is no thread to tell it
function ngx_bell.await(pollable)
  local bell = bell_of(pollable)
  if bell.silent then return false end
  bell.waker:arm()
  if not bell.socket:receive(1) then
    bell.socket:close()
    bell.waker:close()
    bells[pollable] = nil
  end
  return true
end

--- Puts the socket back into nginx's pool: one that is open would hold up the worker's exit.
function ngx_bell.release(pollable)
  local bell = bells[pollable]
  if not (bell and bell.socket) then return end
  bell.socket:setkeepalive(0, 1)
  bell.socket = nil
end

return ngx_bell
