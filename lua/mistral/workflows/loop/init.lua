--- Chooses what a call does while it waits.
--
-- An adapter is a table of functions:
--
-- * `wait(pollable, deadline)`: returns when the pollable has work, or when the monotonic
--   time `deadline` (seconds, as of `workflows.now()`; nil: no limit) has come. It may return
--   early at any time. `pollable:pollfd()` is a descriptor that is readable when there is work
--   (nil where the platform has none), `pollable:timeout()` the seconds until there is work even
--   if the descriptor stays silent (or nil).
-- * `sleep(seconds)`
-- * `spawn(fn)`: runs fn in a coroutine of its own.
--
-- @module mistral.workflows.loop

local blocking = require "mistral.workflows.loop.blocking"

local loop = {}

--- The adapter for a call of this client that runs now.
function loop.current(client)
  local chosen = client.options.loop
  if type(chosen) == "table" then return chosen end
  return blocking
end

--- Lets time pass until the transfer may have made progress, or until `deadline`.
-- The caller looks at the transfer and comes back if nothing happened.
function loop.await(client, transfer, deadline)
  local handle = client.handle
  loop.current(client).wait(handle, deadline)
  handle:drive()
  return transfer
end

--- Sleeps without holding up what else the loop runs.
function loop.sleep(client, seconds)
  if seconds > 0 then loop.current(client).sleep(seconds) end
end

return loop
