--- Chooses what a call does while it waits. How it waits is told in `mistral.workflows.loop.hub`.
-- @module mistral.workflows.loop

local core = require "mistral.workflows.core"
local blocking = require "mistral.workflows.loop.blocking"
local hub = require "mistral.workflows.loop.hub"
local inner = require "mistral.workflows.loop.inner"
local later = require "mistral.workflows.later"
local scheduler = require "mistral.workflows.loop.scheduler"

local loop = {}

-- Names of the adapters in the order in which "auto" asks them whether they run here.
local automatic = { "ngx", "cqueues", "copas" }
local adapters = {}

local function adapter(name)
  if not adapters[name] then adapters[name] = require("mistral.workflows.loop." .. name) end
  return adapters[name]
end

local function is_loaded(name)
  if name == "ngx" then return rawget(_G, "ngx") ~= nil end
  return package.loaded[name] ~= nil
end

local function choose()
  for _, name in ipairs(automatic) do
    local is_running = is_loaded(name) and adapter(name).is_running
    if is_running and is_running() then return adapter(name) end
  end
end

local function outer(client, yieldable)
  local chosen = client.options.loop
  if chosen == "auto" then return yieldable and choose() or blocking end
  if type(chosen) == "string" then chosen = adapter(chosen) end
  if not yieldable and chosen.yields ~= false then return blocking end
  if chosen.is_running and not chosen.is_running() then return blocking end
  return chosen
end

outer = inner.outward(outer)

--- The adapter around the built-in scheduler, for a call of this client that runs now.
-- Where an adapter cannot be used, in code that cannot yield above all, the call blocks.
function loop.outer(client)
  return outer(client, core.yieldable())
end

-- What waits: the task of the built-in scheduler that runs now, or nil and the adapter.
local function waiter(client)
  local yieldable = core.yieldable()
  local task = yieldable and scheduler.running()
  if task then return task end
  return nil, outer(client, yieldable)
end

local function await(client, keys, deadline, owner)
  local task, around = waiter(client)
  if task then
    scheduler.await(task, client, keys, deadline, owner)
  else
    hub.await(client, around, keys, deadline)
  end
end

--- Lets time pass until the transfer may have made progress, or until the monotonic time `deadline`.
-- The caller has looked at the transfer, looks again, and comes back if nothing happened.
function loop.await(client, transfer, deadline)
  local task, around = waiter(client)
  if task then
    scheduler.await(task, client, transfer:key(), deadline, transfer)
  elseif not hub.wait_here(client, around, deadline) then
    hub.await(client, around, transfer:key(), deadline)
  end
end

--- Lets time pass until `loop.signal` is called for the table `key`, or until `deadline`; may return early, and does so
-- when the client is closed. One at a time may wait for a key.
-- @param owner see `loop.await_any`
function loop.await_signal(client, key, deadline, owner)
  if client.handle:closed() then return end
  await(client, key, deadline, owner)
end

--- The same for several transfers, and for `loop.signal` with the table `key`, where there is one.
-- @param transfers list
-- @param owner of the transfers: it is cancelled when the caller is, as a task of `map` can be
function loop.await_any(client, transfers, key, deadline, owner)
  if client.handle:closed() then return end
  local keys = { is_list = true }
  for index = 1, #transfers do keys[index] = transfers[index]:key() end
  keys[#keys + 1] = key
  await(client, keys, deadline, owner)
end

--- Ends the wait for `key`, if there is one.
loop.signal = hub.signal

--- Sleeps without holding up what else the loop runs.
function loop.sleep(client, seconds)
  if seconds <= 0 then return end
  local task = scheduler.current()
  if task then return scheduler.sleep(task, seconds) end
  hub.sleep(client, loop.outer(client), seconds)
end

-- How often whoever waits for long looks whether the process is leaving.
local LEAVE_SECONDS = 1

local function worker()
  local ngx = rawget(_G, "ngx")
  return ngx and ngx.worker
end

--- Is the process about to leave, as a worker of nginx does at a reload? Then nobody should wait for long.
function loop.is_leaving()
  local found = worker()
  return found ~= nil and found.exiting()
end

--- Until when to wait at a time, where the process might leave meanwhile.
-- @param deadline monotonic seconds, or nil
function loop.glance(deadline)
  return worker() and math.min(deadline or math.huge, core.now() + LEAVE_SECONDS) or deadline
end

--- Runs a function in a task of its own, which goes on while anybody waits for the client.
-- @param failed called with the error that fn raises; nil: it is written to the error output
-- @return an object with `cancel()`
loop.spawn = later("loop.tasks").spawn

return loop
