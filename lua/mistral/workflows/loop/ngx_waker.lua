--- Tells nginx that clients have work: one thread and one socket for all clients of a worker.
--
-- nginx can wait for sockets of its own only. The thread (`core.waker`) waits for the descriptors of the clients and
-- writes the names of those that are readable to a unix socket, which one timer context reads: the reader. It is there
-- while anything is in flight, for a context that stays would hold up a worker that is told to leave.
-- @module mistral.workflows.loop.ngx_waker

local core = require "mistral.workflows.core"
local coroutines = require "mistral.workflows.loop.coroutines"
local tick = require "mistral.workflows.loop.tick"

local ngx = ngx -- luacheck: ignore 113

local status = coroutines.status

local ngx_waker = {}

-- Longer than anything that is waited for: a time-out would be logged as an error.
local LONG_SECONDS = 86400
-- How long the reader may take to begin before another one is asked for.
local BEGIN_SECONDS = 1
-- How often the collector is helped while something is in flight, and by how much.
local COLLECT_SECONDS, COLLECT_KILOBYTES = 1, 1024
-- What the thread writes: a name has 8 bytes, that of nothing is of zeros.
local NAME_BYTES, NO_NAME = 8, ("\0"):rep(8)

local clients = setmetatable({}, { __mode = "k" }) -- pollable -> { name, descriptor, turn }
local turning, last_name = {}, 0 -- name -> the same, of those that are in flight

local waker, pool -- the thread; the name of nginx's pool, which keeps the socket while there is no reader
local rings = false -- the name of nothing is on the way
local NO_READER = { asked = -BEGIN_SECONDS } -- asked: when; thread: its coroutine, once it has begun
local reader = NO_READER
local warned = false

-- In its pool nginx closes the socket of a worker that leaves.
local function connect()
  local socket = ngx.socket.tcp()
  socket:settimeouts(1000, 1000, LONG_SECONDS * 1000)
  local connected, problem = socket:connect("unix:" .. waker:path(), { pool = pool, pool_size = 1 })
  if not connected then return nil, problem end
  return socket
end

local function close_waker()
  if waker then waker:close() end
  waker, rings = nil, false
end

-- The socket of a new waker; or nil and why there is none.
local function start_waker()
  local socket, accepted, problem
  waker, problem = core.waker()
  if not waker then return nil, problem end
  pool = "mistral-workflows-" .. core.random(8)
  socket, problem = connect()
  if socket then accepted, problem = waker:accept() end
  if accepted then return socket end
  close_waker()
  return nil, problem
end

-- The socket that the last reader has left, or a new one. Nil where there is none.
local function open_socket()
  local socket = waker and not ngx.worker.exiting() and connect()
  if socket then return socket end
  close_waker()
  local problem = "the platform has no pollable descriptor"
  if select(2, next(turning)).descriptor then socket, problem = start_waker() end
  if not socket and not warned then
    warned = true
    ngx.log(ngx.WARN, "mistral.workflows: no waker thread (", problem, "), looking once in a millisecond instead")
  end
  return socket
end

local look

-- Asks to be told when there is something to do for the client.
local function ask(client)
  if waker and not waker:watch(client.descriptor, client.name) then
    ngx.timer.at(tick(), function() look(client) end)
  end
end

-- Lets a client do what is due.
function look(client)
  if turning[client.name] ~= client then return end
  if client.turn() then return ask(client) end
  turning[client.name], client.turn = nil, nil -- which would keep a client that was dropped
end

local function look_at_all()
  local all = {}
  for _, client in pairs(turning) do all[#all + 1] = client end
  for _, client in ipairs(all) do look(client) end
end

-- Waits for what the thread writes, or where there is none for a millisecond. Returns false when the thread is gone.
local function read_one(socket)
  if not socket then
    ngx.sleep(tick())
    look_at_all()
    return true
  end
  local name = socket:receive(NAME_BYTES)
  local client = turning[name]
  if name == NO_NAME then rings = false end
  if client then look(client) end
  return name ~= nil
end

-- nginx drops the coroutines of an aborted request and tells nobody; what they held, an open stream say, is closed
-- when it is collected, and until then keeps a worker from leaving. An idle worker makes no garbage and so would not
-- collect any.
local function help_collector()
  while true do
    ngx.sleep(COLLECT_SECONDS)
    if ngx.worker.exiting() then collectgarbage() else collectgarbage("step", COLLECT_KILOBYTES) end
  end
end

local function read(self)
  if reader ~= self then return end -- begins too late
  self.thread = coroutine.running()
  local helper = ngx.thread.spawn(help_collector)
  while next(turning) do
    local socket = open_socket()
    look_at_all() -- before this, nothing of theirs is watched
    local is_open = true
    while is_open and (next(turning) or rings) do is_open = read_one(socket) end
    if socket and not (is_open and socket:setkeepalive(0, 1)) then
      socket:close()
      close_waker()
    end
  end
  ngx.thread.kill(helper)
  reader = NO_READER
end

-- Is there a reader? Nil: there will be; false: there cannot be one now.
local function ensure_reader()
  if reader.thread and status(reader.thread) ~= "dead" then return true end
  if not reader.thread and core.now() < reader.asked + BEGIN_SECONDS then return nil end
  local new = { asked = core.now(), thread = nil }
  reader = new
  if not ngx.timer.at(0, function() read(new) end) then return false end
end

--- Calls `turn()` whenever the pollable has work, until it returns false; see `watch` of an adapter.
function ngx_waker.watch(pollable, turn)
  local client = clients[pollable]
  if not client then
    last_name = last_name + 1
    client = { name = ("%08x"):format(last_name), descriptor = pollable:pollfd() }
    clients[pollable] = client
  end
  client.turn = turn
  turning[client.name] = client
  local begun = ensure_reader()
  if begun then ask(client) end
  return begun
end

--- The client is being closed: nothing of it is needed any longer, and with the last one no thread.
function ngx_waker.release(pollable)
  local client = clients[pollable]
  if not client then return end
  clients[pollable], turning[client.name] = nil, nil
  if not next(clients) then return close_waker() end
  if not waker then return end
  waker:forget(client.descriptor)
  -- A reader has nothing to wait for any longer.
  if not next(turning) and reader.thread and not rings then rings = waker:ring() == true end
end

return ngx_waker
