--- How long to sleep between looks at a client that has no descriptor to wait for.
-- @module mistral.workflows.loop.tick

local core = require "mistral.workflows.core"

local TICK_SECONDS = 0.001

--- The seconds until the next look, or until `deadline`.
return function(deadline)
  if not deadline then return TICK_SECONDS end
  return math.max(0, math.min(TICK_SECONDS, deadline - core.now()))
end
