--- Lets many coroutines wait for transfers of one client.
--
-- Whoever drives the client hands the news on: `hub.distribute` wakes each coroutine whose transfer ended or
-- received something. With an adapter that has conditions, a pump (a coroutine of its own, there only while
-- something is in flight) waits for the client and all others wait for their condition. With an adapter of just
-- three functions, every coroutine waits for the client itself, and the descriptor is kept readable for those that
-- have not yet seen what another one received for them.
-- @module mistral.workflows.hub

local hub = {}

local weak_values = { __mode = "v" }

--- The state that a client keeps for this module.
function hub.new()
  return {
    waiters = setmetatable({}, weak_values), -- transfer key -> condition
    polling = setmetatable({}, weak_values), -- transfer key -> { owed = boolean } of a coroutine that waits itself
    observers = setmetatable({}, weak_values), -- conditions signalled at any news
    pumps = setmetatable({}, { __mode = "k" }), -- owner -> its pump runs
  }
end

--- Wakes whoever waits for what has happened since the last time.
function hub.distribute(client)
  local state, handle = client.hub, client.handle
  local key = handle:ready()
  while key do
    local waiter = state.waiters[key]
    if waiter then waiter:signal() end
    local poller = state.polling[key]
    if poller then poller.owed = true end
    key = handle:ready()
  end
  for _, observer in pairs(state.observers) do observer:signal() end
end

--- Does what is due and wakes whoever waits for it.
function hub.drive(client)
  client.handle:drive()
  hub.distribute(client)
end

local function pump(client, adapter, owner)
  local handle = client.handle
  while handle:running() > 0 do
    adapter.wait(handle, nil)
    hub.drive(client)
  end
  client.hub.pumps[owner] = nil
  if adapter.release then adapter.release(handle) end
end

-- False when the adapter could not start a pump.
local function ensure_pump(client, adapter)
  local pumps = client.hub.pumps
  local owner = adapter.owner and adapter.owner() or adapter
  if not pumps[owner] and client.handle:running() > 0 then
    pumps[owner] = true
    if adapter.spawn(function() pump(client, adapter, owner) end) == false then
      pumps[owner] = nil
      return false
    end
  end
  return true
end

local function await_condition(client, adapter, transfer, deadline)
  local condition = adapter.condition()
  local key = transfer and transfer:key() or condition
  local waiting = transfer and client.hub.waiters or client.hub.observers
  waiting[key] = condition
  condition:wait(deadline)
  if waiting[key] == condition then waiting[key] = nil end
end

local function await_descriptor(client, adapter, transfer, deadline)
  local polling, handle = client.hub.polling, client.handle
  local poller = { owed = false }
  local key = transfer and transfer:key() or poller
  polling[key] = poller
  adapter.wait(handle, deadline)
  hub.drive(client)
  polling[key] = nil
  for _, other in pairs(polling) do
    if other.owed then
      handle:nudge()
      return
    end
  end
end

--- Lets time pass until the transfer may have made progress, or until `deadline`; may return early.
-- @param transfer or nil: any progress of the client
function hub.await(client, adapter, transfer, deadline)
  if adapter.condition and ensure_pump(client, adapter) then
    await_condition(client, adapter, transfer, deadline)
  else
    await_descriptor(client, adapter, transfer, deadline)
  end
end

return hub
