--- The loop of a plain script: waiting blocks the program.
-- @module mistral.workflows.loop.blocking

local core = require "mistral.workflows.core"
local pollables = require "mistral.workflows.loop.pollable"

local blocking = { yields = false, drives = true }

--- Blocks until the client did something, or until the monotonic time `deadline`.
function blocking.wait(pollable, deadline)
  local handle = pollables.handle(pollable)
  if handle:running() > 0 or not deadline then return handle:wait(deadline) end
  blocking.sleep(deadline - core.now()) -- nothing is under way that could end earlier
end

--- Blocks for a number of seconds.
function blocking.sleep(seconds)
  local wake = core.now() + seconds
  while core.now() < wake do core.sleep(wake - core.now()) end
end

return blocking
