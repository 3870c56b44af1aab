--- The events of one execution as a list, wherever they come from.

local event_log = require "sandbox.event_log"
local events = require "sandbox.events"
local past_events = require "sandbox.past_events"

local execution_events = {}

--- A function that returns the next event of an execution's own (not its children's) from `sequence` on, or nil if
-- there is none yet.
function execution_events.follow(id, sequence)
  local following = event_log.follow(id, sequence)
  return function()
    local current = following()
    while current do
      local event = events.read(current)
      if event and event.run.id == id then
        return event
      end
      current = following()
    end
  end
end

--- All events of a run's execution so far. Runs that were continued are included, runs before a fresh start are not.
function execution_events.of(run)
  if run.historic then
    return past_events.of(run)
  end
  local list = {}
  for event in execution_events.follow(run.id, run.first_sequence) do
    list[#list + 1] = event
  end
  return list
end

return execution_events
