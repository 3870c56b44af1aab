--- Events of executions as lines of text.
-- @module mistral.workflows.cli.events

local reading = require "mistral.workflows.cli.reading"
local screen = require "mistral.workflows.cli.screen"
local text = require "mistral.workflows.cli.text"
local time = require "mistral.workflows.cli.time"

local events = {}

--- "CUSTOM_TASK_IN_PROGRESS" -> "custom task in progress"
function events.name(event_type)
  return (reading.text(event_type):gsub("^WORKFLOW_EXECUTION_", "workflow_"):lower():gsub("_", " "))
end

local colours = {
  { "COMPLETED$", "green" }, { "FAILED$", "red" }, { "TIMED_OUT$", "red" }, { "CANCELED$", "yellow" },
  { "RETRYING$", "yellow" }, { "STARTED$", "cyan" },
}

local function colour_of(event_type)
  for _, pair in ipairs(colours) do
    if reading.text(event_type):find(pair[1]) then return pair[2] end
  end
end

--- What an event is about: the activity, the custom task, or the workflow.
function events.subject(event)
  local attributes = event.attributes or {}
  return reading.text(attributes.activity_name or attributes.custom_task_type or event.workflow_name)
end

-- What it says: why something failed, or what came in or out.
local function detail(event)
  local attributes = event.attributes or {}
  local failure = reading.value(attributes, "failure.message")
  if failure then return reading.text(failure) end
  local payload = attributes.payload or attributes.result or attributes.input
  if type(payload) == "table" and payload.value ~= nil then return reading.text(payload.value) end
  return reading.text(payload)
end

--- Seconds since 1970 of an event.
function events.moment(event)
  local nanoseconds = tonumber(event.event_timestamp)
  return nanoseconds and nanoseconds / 1e9
end

local function clock(moment, utc)
  if not moment then return "" end
  return ("%s.%03d"):format(time.clock(moment, utc, "%H:%M:%S"), math.floor(moment % 1 * 1000))
end

--- The line of an event.
-- @param label in front of it, or nil
function events.line(event, utc, label)
  local columns = screen.columns()
  local parts = {
    { clock(events.moment(event), utc), "dim" }, { label, "blue" },
    { events.name(event.event_type), colour_of(event.event_type), 26 }, { events.subject(event), "bold" },
    { detail(event) },
  }
  local shown, room = {}, columns
  for _, part in ipairs(parts) do
    if part[1] and part[1] ~= "" and (not columns or room > 0) then
      local value = text.clean(part[1])
      if columns then
        value = text.cut(part[3] and columns >= 100 and text.pad(value, part[3]) or value, room)
        room = room - text.width(value) - 2
      end
      shown[#shown + 1] = screen.paint(part[2], value)
    end
  end
  return table.concat(shown, columns and "  " or "\t")
end

return events
