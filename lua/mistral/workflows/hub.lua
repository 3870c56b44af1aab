--- Lets many coroutines wait for transfers of one client.
--
-- Whoever drives the client hands the news on: `hub.distribute` wakes each coroutine whose transfer ended or
-- received something. With an adapter that has conditions, a pump (a coroutine of its own, there only while
-- something is in flight) waits for the client and all others wait for their condition. With an adapter of just
-- three functions, every coroutine waits for the client itself, and the descriptor is kept readable for those that
-- have not yet seen what another one received for them.
-- @module mistral.workflows.hub

local core = require "mistral.workflows.core"

local hub = {}

-- How long a pump may take to begin, and when to ask for another one after that. A loop may never run what it
-- accepted: nginx drops timers that are too many.
local BEGIN_SECONDS, AGAIN_SECONDS = 1, 10

-- In nginx, coroutine.status knows the coroutines of one request and calls all others dead.
local status = rawget(coroutine, "_status") or coroutine.status

local weak_keys, weak_values, weak = { __mode = "k" }, { __mode = "v" }, { __mode = "kv" }

--- The state that a client keeps for this module. Nothing in it keeps a coroutine that was given up alive.
function hub.new()
  return {
    waiters = setmetatable({}, weak_values), -- transfer key -> condition
    observers = setmetatable({}, weak), -- condition, signalled at any news -> itself
    polling = setmetatable({}, weak_values), -- transfer key -> { owed = boolean } of a coroutine that waits itself
    watching = setmetatable({}, weak), -- the same for coroutines that wait for any news -> itself
    pumps = setmetatable({}, weak_keys), -- owner -> coroutine of its pump, or until when it should have begun
  }
end

--- Wakes whoever waits for what has happened since the last time.
-- @return true if anything has
function hub.distribute(client)
  local state, handle = client.hub, client.handle
  local key = handle:ready()
  if not key then return false end
  repeat
    local waiter = state.waiters[key]
    if waiter then waiter:signal() end
    local poller = state.polling[key]
    if poller then poller.owed = true end
    key = handle:ready()
  until not key
  for observer in pairs(state.observers) do observer:signal() end
  for poller in pairs(state.watching) do poller.owed = true end
  return true
end

--- Does what is due and wakes whoever waits for it.
function hub.drive(client)
  client.handle:drive()
  hub.distribute(client)
end

local function pump(client, adapter, owner)
  local handle, pumps, watch = client.handle, client.hub.pumps, adapter.watch or adapter.wait
  pumps[owner] = coroutine.running()
  while handle:running() > 0 do
    watch(handle, nil)
    hub.drive(client)
  end
  pumps[owner] = nil
  if adapter.release then adapter.release(handle) end
end

-- A pump that raised an error is none.
local function is_alive(state)
  return type(state) == "thread" and status(state) ~= "dead"
end

local function start_pump(client, adapter, owner)
  local pumps = client.hub.pumps
  pumps[owner] = core.now() + BEGIN_SECONDS
  if adapter.spawn(function() pump(client, adapter, owner) end) == false then pumps[owner] = nil end
  return pumps[owner]
end

-- Returns false when there is no pump to rely on; otherwise true, and until when to wait for one that has not begun.
local function ensure_pump(client, adapter)
  local owner = adapter.owner and adapter.owner() or adapter
  local state = client.hub.pumps[owner]
  if client.handle:running() == 0 or is_alive(state) then return true end
  if type(state) ~= "number" or core.now() > state + AGAIN_SECONDS then state = start_pump(client, adapter, owner) end
  if type(state) ~= "number" then return state ~= nil end
  return core.now() < state, state
end

local function await_condition(client, adapter, transfer, deadline)
  local condition = adapter.condition()
  local key = transfer and transfer:key() or condition
  local waiting = transfer and client.hub.waiters or client.hub.observers
  waiting[key] = condition
  condition:wait(deadline)
  if waiting[key] == condition then waiting[key] = nil end
end

local function is_any_owed(pollers)
  for _, poller in pairs(pollers) do
    if poller.owed then return true end
  end
  return false
end

-- Lets those look who wait for the descriptor themselves: at what came for them, or at nothing being left to wait for.
local function nudge_others(client)
  local state, handle = client.hub, client.handle
  if is_any_owed(state.polling) or is_any_owed(state.watching) or (next(state.pumps) and handle:running() == 0) then
    handle:nudge()
  end
end

local function await_descriptor(client, adapter, transfer, deadline)
  local state, handle = client.hub, client.handle
  local poller = { owed = false }
  local key = transfer and transfer:key() or poller
  local waiting = transfer and state.polling or state.watching
  waiting[key] = poller
  adapter.wait(handle, deadline)
  hub.drive(client)
  if waiting[key] == poller then waiting[key] = nil end
  nudge_others(client)
end

local function await_here(client, adapter, deadline)
  adapter.wait(client.handle, deadline)
  hub.distribute(client)
  nudge_others(client)
end

--- Lets time pass until the transfer may have made progress, or until `deadline`; may return early.
-- @param transfer or nil: any progress of the client
function hub.await(client, adapter, transfer, deadline)
  -- Starting one transfer may have ended another. A closed client has ended all.
  if hub.distribute(client) or client.handle:closed() then return end
  if adapter.drives then return await_here(client, adapter, deadline) end
  local pumped, limit
  if adapter.condition then pumped, limit = ensure_pump(client, adapter) end
  if pumped then
    await_condition(client, adapter, transfer, limit and math.min(deadline or limit, limit) or deadline)
  else
    await_descriptor(client, adapter, transfer, deadline)
  end
end

return hub
