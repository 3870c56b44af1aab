--- Chooses what a call does while it waits.
--
-- An adapter is a table of functions:
--
-- * `wait(pollable, deadline)`: returns when the pollable has work, or when the monotonic time `deadline`
--   (seconds, as of `workflows.now()`; nil: no limit) has come. It may return early at any time.
--   `pollable:pollfd()` is a descriptor that is readable when there is work (nil where the platform has none),
--   `pollable:timeout()` the seconds until there is work even if the descriptor stays silent (or nil).
-- * `sleep(seconds, pollable)`
-- * `spawn(fn)`: runs fn in a coroutine of its own; returns false when that is not possible now.
--
-- That is enough; code that cannot yield does without the adapter and blocks. There may also be:
--
-- * `is_running()`: false where the adapter cannot be used, besides
-- * `drives`: true says that `wait` does what is due, as `client:drive()` would
-- * `yields`: false says that it does not yield but waits in some way of its own, which is good everywhere
--
-- An adapter of a loop that can wake a coroutine has more, which save work when many wait:
--
-- * `condition()`: an object with `wait(deadline)`, which suspends the coroutine, and `signal()`, which makes it go on
-- * `owner()`: what a coroutine made by `spawn` depends on, when a program can have several such loops
-- * `watch(pollable)`: like `wait` without a deadline, but only ever called by one coroutine an owner
-- * `release(pollable)`: nobody waits for the pollable any longer
--
-- @module mistral.workflows.loop

local core = require "mistral.workflows.core"
local blocking = require "mistral.workflows.loop.blocking"
local hub = require "mistral.workflows.hub"
local scheduler = require "mistral.workflows.scheduler"

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
  return blocking
end

--- The adapter around the built-in scheduler, for a call of this client that runs now.
-- Where an adapter cannot be used, in code that cannot yield above all, the call blocks.
function loop.outer(client)
  local chosen = client.options.loop
  local yieldable = core.yieldable()
  if chosen == "auto" then return yieldable and choose() or blocking end
  if type(chosen) == "string" then chosen = adapter(chosen) end
  if not yieldable and chosen.yields ~= false then return blocking end
  if chosen.is_running and not chosen.is_running() then return blocking end
  return chosen
end

--- Lets time pass until the transfer may have made progress, or until `deadline`.
-- The caller looks at the transfer and comes back if nothing happened.
function loop.await(client, transfer, deadline)
  local task = scheduler.current()
  if task then
    scheduler.await(task, client, transfer, deadline)
  else
    hub.await(client, loop.outer(client), transfer, deadline)
  end
end

--- Sleeps without holding up what else the loop runs.
function loop.sleep(client, seconds)
  if seconds <= 0 then return end
  local task = scheduler.current()
  if task then
    scheduler.sleep(task, seconds)
  else
    loop.outer(client).sleep(seconds, client.handle)
  end
end

return loop
