--- The loop of a plain script: waiting blocks the program.
-- @module mistral.workflows.loop.blocking

local core = require "mistral.workflows.core"
local pollables = require "mistral.workflows.loop.pollable"

local blocking = { yields = false, drives = true }

--- Blocks until the client did something, or until the monotonic time `deadline`.
function blocking.wait(pollable, deadline)
  local was_running = pollables.handle(pollable):wait(deadline)
  if not was_running and deadline then blocking.sleep(deadline - core.now()) end
end

--- Blocks for a number of seconds.
function blocking.sleep(seconds)
  local wake = core.now() + seconds
  while core.now() < wake do core.sleep(wake - core.now()) end
end

return blocking
