--- The events of one execution as a list, wherever they come from.

local event_log = require "sandbox.event_log"
local events = require "sandbox.events"
local past_events = require "sandbox.past_events"

local execution_events = {}

--- A function that returns the next event of an execution's own (not its children's) from `sequence` on, or nil if
-- there is none yet. An event is a table: the facts of its header, `sequence`, `at` (seconds) and `text` (JSON).
function execution_events.follow(id, sequence)
  local following = event_log.follow(id, sequence)
  return function()
    while true do
      local current = following()
      if not current then
        return nil
      end
      local header, _, text = event_log.read(current)
      local event = events.facts(header)
      if event.workflow_exec_id == id then
        event.sequence, event.text = current, text
        event.nano = text:match('"event_timestamp":(%d+)')
        event.at = tonumber(event.nano) / 1e9
        return event
      end
    end
  end
end

--- All events of a run's execution so far. Runs that were continued are included, runs before a fresh start are not.
function execution_events.of(run)
  local list = {}
  if run.historic then
    list = past_events.of(run)
    for _, event in ipairs(list) do
      event.nano = event.text:match('"event_timestamp":(%d+)')
    end
    return list
  end
  local following = execution_events.follow(run.id, run.first_sequence)
  local event = following()
  while event do
    list[#list + 1] = event
    event = following()
  end
  return list
end

return execution_events
