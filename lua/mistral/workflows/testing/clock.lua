--- The loop of a testing client: nobody waits. Where the client would, the clock of the library is set forward to the
-- moment at which there is something to do, so that back-off, polls and time-outs happen as they would, and at once.
-- @module mistral.workflows.testing.clock

local core = require "mistral.workflows.core"
local blocking = require "mistral.workflows.loop.blocking"
local pollables = require "mistral.workflows.loop.pollable"

--- Makes a loop adapter.
-- @param handle a function that gives the handle of the testing client; other clients, which a test may use beside it,
-- really wait
return function(handle)
  local clock = { yields = false, sleep = core.skip }

  function clock.wait(pollable, deadline)
    if pollables.handle(pollable) ~= handle() then return blocking.wait(pollable, deadline) end
    if not deadline then error("the testing client waits for something that cannot happen", 0) end
    core.skip(deadline - core.now())
  end

  return clock
end
