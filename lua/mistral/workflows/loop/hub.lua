--- Who waits for a client, and who lets them go on. Whatever waits is told of with these words:
--
-- * An **adapter** is what an event loop can do (`mistral.workflows.loop.adapter`); blocking is one of them.
-- * The **pollable** of a client has a descriptor that is readable when there is work. To **drive** the client is to
--   do that work, which never waits, and to **deliver** what came of it: to signal whoever waits for it. To **nudge**
--   it is to make the descriptor readable, so that all look who wait for that.
-- * A **condition** is what one coroutine waits for: `wait(deadline)` suspends it, `signal()` makes it go on. Many
--   loops have their own; for the others there is the **poller**, which waits for the descriptor and drives the client
--   itself. A coroutine of the built-in scheduler is a condition too.
-- * Conditions of a loop need a **driver**, one in each loop while something is in flight: it alone waits for the
--   descriptor there, and drives.
-- * The **tasks** of a client (`mistral.workflows.loop.tasks`) go on while anybody waits for it: a coroutine of the
--   loop carries each of them, or, where there is none, those who wait run them meanwhile.
--
-- @module mistral.workflows.loop.hub

local core = require "mistral.workflows.core"
local coroutines = require "mistral.workflows.loop.coroutines"
local inner = require "mistral.workflows.loop.inner"
local pollables = require "mistral.workflows.loop.pollable"

local hub = {}

-- How long a driver may take to begin, and when to ask for another one after that. A loop may never run what it
-- accepted: nginx drops timers that are too many.
local BEGIN_SECONDS, AGAIN_SECONDS = 1, 10
-- Several clients have no common descriptor: a poller looks at each in turn, for this long.
local SLICE_SECONDS = 0.001
-- The longest wait that a loop is asked for, 23 days: milliseconds of it fit into 32 bits, which some count with.
local LONGEST_SECONDS = 2e6

local status, type = coroutines.status, type

local weak_keys, weak_values = { __mode = "k" }, { __mode = "v" }

--- The state that a client keeps for this module. Nothing in it keeps a coroutine that was given up alive.
function hub.new(handle)
  return {
    pollable = pollables.new(handle),
    waiters = setmetatable({}, weak_values), -- what is waited for: the key of a transfer, or a table -> condition
    unseen = setmetatable({}, weak_keys), -- pollers that were signalled while they waited -> true
    places = setmetatable({}, weak_keys), -- what a loop's coroutines depend on -> what it runs for this client
    tasks = {}, last_task = 0, -- number -> task
    news = 0, -- how often something was delivered
    polling = 0, -- how many wait for the descriptor themselves
    is_shared = false, -- others than one who blocks have waited, and may want to be woken
  }
end

--- What an outside loop waits for.
function hub.pollable(client)
  return client.hub.pollable
end

local function earlier(a, b)
  return a and b and math.min(a, b) or a or b
end

local function bounded(deadline)
  return math.min(deadline, core.now() + LONGEST_SECONDS)
end

local function deliver(client)
  local state, handle = client.hub, client.handle
  local key = handle:ready()
  if not key then return false end
  state.news = state.news + 1
  repeat
    local condition = state.waiters[key]
    if condition then condition:signal() end
    key = handle:ready()
  until not key
  return true
end

local function needs_driver(client)
  return client.handle:running() > 0 or next(client.hub.tasks) ~= nil
end

-- Lets those look who wait for the descriptor: pollers with news, and drivers that are needed no longer.
local function wake_others(client)
  local state = client.hub
  local wake = next(state.unseen) ~= nil
  if not wake and next(state.places) and not needs_driver(client) then
    for _, place in pairs(state.places) do wake = wake or place.driver ~= nil end
  end
  if wake then client.handle:nudge() end
end

--- Wakes whoever waits for what has happened since the last time.
-- @return true if anything has
function hub.deliver(client)
  if not deliver(client) then return false end
  wake_others(client)
  return true
end

--- Does what is due and wakes whoever waits for it.
function hub.drive(client)
  client.handle:drive()
  deliver(client)
  wake_others(client)
end

--- Wakes whoever waits for `key`, a table.
function hub.signal(client, key)
  local state = client.hub
  local condition = state.waiters[key]
  state.news = state.news + 1
  if condition then condition:signal() end
end

-- The descriptor of a closed client is closed too when nobody waits for it any longer.
local function give_back(client)
  local state = client.hub
  if state.polling > 0 then return end
  for _, place in pairs(state.places) do
    if place.driver then return end
  end
  client.handle:give_back()
end

local function wait_for_descriptor(client, adapter, deadline)
  local state = client.hub
  state.polling = state.polling + 1
  adapter.wait(state.pollable, deadline and bounded(deadline))
  state.polling = state.polling - 1
  if not adapter.drives then client.handle:drive() end
end

-- Those tasks of the clients that are not in the set, to which they are added.
local function new_tasks(clients, known)
  local list = {}
  for _, client in ipairs(clients) do
    for _, task in pairs(client.hub.tasks) do
      if not known[task] then list[#list + 1] = task end
      known[task] = true
    end
  end
  return list
end

-- Runs the tasks of the clients here, and adds the clients that these wait for. Returns when to run them again.
local function run_tasks(clients, adapter)
  local known, again = {}, nil
  for _, client in ipairs(clients) do known[client] = true end
  local tasks = new_tasks(clients, known)
  while tasks[1] do
    for _, task in ipairs(tasks) do
      again = earlier(again, task:step(adapter))
      for client in pairs(task:clients()) do
        if not known[client] then clients[#clients + 1] = client end
        known[client] = true
      end
    end
    tasks = new_tasks(clients, known) -- running one may have added others
  end
  return again
end

local poller_methods = {}
local poller_metatable = { __index = poller_methods }

-- @param clients list; the poller's own
-- @param carried false: no coroutine of the loop carries their tasks
local function new_poller(clients, adapter, carried)
  return setmetatable({ clients = clients, adapter = adapter, carried = carried, signalled = false, waits = false },
    poller_metatable)
end

function poller_methods:signal()
  self.signalled = true
  if not self.waits then return end
  for _, client in ipairs(self.clients) do
    client.hub.unseen[self] = true
    client.handle:nudge()
  end
end

function poller_methods:wait(deadline)
  local clients, adapter = self.clients, self.adapter
  if not self.carried then
    deadline = earlier(deadline, run_tasks(clients, adapter))
    for _, client in ipairs(clients) do
      if deliver(client) then deadline = core.now() end -- a task may go on
    end
  end
  if #clients > 1 then deadline = earlier(deadline, core.now() + SLICE_SECONDS) end
  for _, client in ipairs(clients) do
    if self.signalled or client.handle:closed() then break end
    self.waits = true
    wait_for_descriptor(client, adapter, deadline)
    self.waits = false
    deliver(client)
  end
  for _, client in ipairs(clients) do
    client.hub.unseen[self] = nil
    wake_others(client)
    if client.handle:closed() then give_back(client) end
  end
end

-- A driver that raised an error is none.
local function is_alive(driver)
  local thread = driver.thread[1]
  return thread == true or (thread ~= nil and status(thread) ~= "dead")
end

local function begin(driver)
  driver.begun, driver.thread[1] = true, coroutine.running() or true
end

-- Does what is due. Returns false at the driver's end, when it lets the client go: code that LuaJIT has compiled may
-- keep a closure that it met, and with it the driver, for ever.
local function turn(driver)
  local client, place = driver.client, driver.place
  if not client then return false end
  begin(driver)
  client.handle:drive()
  deliver(client)
  local goes_on = place.driver == driver and needs_driver(client)
  if not goes_on then driver.client = nil end
  if not goes_on and place.driver == driver then place.driver = nil end
  wake_others(client)
  if client.handle:closed() then give_back(client) end
  return goes_on
end

local function turn_until_end(driver, adapter)
  local pollable = driver.client.hub.pollable
  begin(driver)
  repeat adapter.wait(pollable, nil) until not turn(driver)
end

local function start_driver(client, adapter, place)
  local thread = setmetatable({}, weak_values) -- its coroutine, or true where it has none
  local driver = { client = client, place = place, asked = core.now(), begun = false, thread = thread }
  place.driver = driver
  if adapter.watch then
    local begun = adapter.watch(client.hub.pollable, function() return turn(driver) end)
    if begun then driver.begun, thread[1] = true, true end
    return begun ~= false
  end
  return adapter.spawn(function() turn_until_end(driver, adapter) end) ~= false
end

-- Returns false when there is no driver to rely on; otherwise true, and until when to wait for one that has not begun.
local function ensure_driver(client, adapter, place)
  local driver = place.driver
  if not needs_driver(client) or (driver and is_alive(driver)) then return true end
  if not driver or driver.begun or core.now() > driver.asked + AGAIN_SECONDS then
    if not start_driver(client, adapter, place) then
      place.driver = nil
      return false
    end
    driver = place.driver
    if not driver or driver.begun then return true end
  end
  local limit = driver.asked + BEGIN_SECONDS
  if core.now() >= limit then return false end
  return true, limit
end

local function carry(task, number, adapter, place)
  place.unbegun[number] = core.now() + BEGIN_SECONDS
  return adapter.spawn(function()
    place.unbegun[number] = nil
    task:carry(adapter)
  end) ~= false
end

-- Returns false when a task is not carried; otherwise true, and until when to wait for a carrier that has not begun.
local function ensure_carriers(client, adapter, place)
  local state, limit = client.hub, nil
  while place.carried < state.last_task do
    local task = state.tasks[place.carried + 1]
    place.carried = place.carried + 1
    if task and not carry(task, place.carried, adapter, place) then
      place.carried = place.carried - 1
      return false
    end
  end
  for number, until_when in pairs(place.unbegun) do
    if not state.tasks[number] then
      place.unbegun[number] = nil
    elseif core.now() >= until_when then
      return false
    else
      limit = earlier(limit, until_when)
    end
  end
  return true, limit
end

-- Sees to it that the loop runs what the client needs. Returns whether it carries the tasks, whether it has a driver,
-- and until when to wait for what has not begun.
local function ensure(client, adapter)
  local places, owner = client.hub.places, adapter.owner and adapter.owner() or adapter
  local place = places[owner]
  if not place then
    -- the number of the last task that is carried; number -> until when to wait for a carrier
    place = { adapter = adapter, driver = nil, carried = 0, unbegun = {} }
    places[owner] = place
  end
  local carried, carrier_limit = ensure_carriers(client, adapter, place)
  if not adapter.condition then return carried, false, carrier_limit end
  local driven, driver_limit = ensure_driver(client, adapter, place)
  return carried, driven, earlier(carrier_limit, driver_limit)
end

-- The same for several clients. Returns nil when there was news meanwhile: some loops run at once what they are given.
local function ensure_all(clients, adapter)
  if adapter.yields == false then return false, false end
  local all_carried, all_driven, limit = true, adapter.condition ~= nil, nil
  for _, client in ipairs(clients) do
    local before = client.hub.news
    local carried, driven, until_when = ensure(client, adapter)
    if client.hub.news ~= before then return nil end
    all_carried, all_driven = all_carried and carried, all_driven and driven
    limit = earlier(limit, until_when)
  end
  return all_carried, all_driven, limit
end

--- Lets a condition be signalled by way of `registry[key]`.
-- @param keys one key, of a transfer or a table that is signalled; or a list of keys, marked by `is_list`
function hub.register(registry, keys, condition)
  if type(keys) ~= "table" or not keys.is_list then
    registry[keys] = condition
    return
  end
  for index = 1, #keys do registry[keys[index]] = condition end
end

--- Takes that back.
function hub.deregister(registry, keys, condition)
  if type(keys) ~= "table" or not keys.is_list then
    if registry[keys] == condition then registry[keys] = nil end
    return
  end
  for index = 1, #keys do
    if registry[keys[index]] == condition then registry[keys[index]] = nil end
  end
end

--- Suspends the caller until it is signalled by way of the registry, where its condition stands meanwhile, or until
-- `deadline`; may return early.
-- @param clients list of those whose news may signal it
-- @param keys see `hub.register`
function hub.suspend(clients, adapter, registry, keys, deadline)
  local carried, driven, limit = ensure_all(clients, adapter)
  if carried == nil then return end
  for _, client in ipairs(clients) do client.hub.is_shared = true end
  local condition = carried and driven and adapter.condition() or new_poller(clients, adapter, carried)
  hub.register(registry, keys, condition)
  deadline = earlier(deadline, limit)
  condition:wait(deadline and bounded(deadline))
  hub.deregister(registry, keys, condition)
end

hub.suspend = inner.outward(hub.suspend)

--- Waits where nobody else can run meanwhile. Returns false, at once, where others can.
function hub.wait_here(client, adapter, deadline)
  local state = client.hub
  if adapter.yields ~= false or state.last_task > 0 and next(state.tasks) then return false end
  wait_for_descriptor(client, adapter, deadline)
  if state.is_shared then
    deliver(client)
    wake_others(client)
  end
  return true
end

--- Lets time pass until what the keys stand for may have made progress, or until `deadline`; may return early.
-- @param keys see `hub.register`
function hub.await(client, adapter, keys, deadline)
  -- Starting one transfer may have ended another. A closed client has ended all.
  if hub.deliver(client) or client.handle:closed() then return end
  if hub.wait_here(client, adapter, deadline) then return end
  hub.suspend({ client }, adapter, client.hub.waiters, keys, deadline)
end

--- Lets so many seconds pass.
function hub.sleep(client, adapter, seconds)
  seconds = math.min(seconds, LONGEST_SECONDS)
  if not next(client.hub.tasks) or ensure_all({ client }, adapter) ~= false then
    return adapter.sleep(seconds, client.hub.pollable)
  end
  local wake = core.now() + seconds
  repeat new_poller({ client }, adapter, false):wait(wake) until core.now() >= wake
end

hub.sleep = inner.outward(hub.sleep)

-- Lets all who wait for anything of a closed client see that it is.
local function wake_all(client)
  local conditions = {}
  for _, condition in pairs(client.hub.waiters) do conditions[#conditions + 1] = condition end
  for _, condition in ipairs(conditions) do condition:signal() end
end

--- Cancels what is in flight, ends the tasks, closes all connections, and gives the descriptor back.
function hub.close(client)
  local state = client.hub
  for _, place in pairs(state.places) do
    if place.adapter.release then
      place.adapter.release(state.pollable)
      place.driver = nil
    end
  end
  client.handle:close()
  hub.deliver(client)
  wake_all(client)
  local number, task = next(state.tasks)
  while number do
    state.tasks[number] = nil
    task:cancel()
    number, task = next(state.tasks)
  end
  give_back(client)
end

return hub
