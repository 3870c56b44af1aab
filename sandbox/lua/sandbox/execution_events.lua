--- The events of one execution, wherever they come from: runs that it was continued from or reset from are included,
-- runs before a fresh start are not.

local event_log = require "sandbox.event_log"
local events = require "sandbox.events"
local past_events = require "sandbox.past_events"

local execution_events = {}

local MOST = 10000

-- Reads what a function returns the numbers of; children's events, which are in the same index, are left out.
local function reading(run, following)
  return function()
    local current = following()
    while current do
      local event = events.read(current)
      if event and event.run.id == run.id then
        return event
      end
      current = following()
    end
  end
end

local function reading_list(list, place, step)
  return function()
    place = place + step
    return list[place]
  end
end

--- A function that returns the next event from `sequence` on, or nil if there is none yet.
function execution_events.follow(run, sequence)
  if run.historic then
    return reading_list(past_events.of(run), sequence - 1, 1)
  end
  return reading(run, event_log.follow(run.id, math.max(sequence, run.first_sequence)))
end

--- A function that returns the events up to `sequence`, the newest first.
function execution_events.back(run, sequence)
  if run.historic then
    local list = past_events.of(run)
    return reading_list(list, math.min(sequence, #list) + 1, -1)
  end
  return reading(run, event_log.back(run.id, sequence, run.first_sequence))
end

--- The events of a run's execution so far, the first ten thousand.
function execution_events.of(run)
  local list, following = {}, execution_events.follow(run, 1)
  for event in following do
    list[#list + 1] = event
    if #list == MOST then
      break
    end
  end
  return list
end

return execution_events
