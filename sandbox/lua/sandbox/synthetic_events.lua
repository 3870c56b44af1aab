--- Made-up events in any number: written when they are read, never stored.

local json = require "sandbox.json"

local synthetic_events = {}

local format = string.format

local task = { id = "synthetic-1", name = "synthetic" }

--- The record of a span of events of a run from the time `at` on; the text of each is `size` bytes long.
function synthetic_events.span(run, at, size)
  local value = json.object("text", ("x"):rep(size), "index", 0)
  local attributes = json.object("custom_task_id", task.id, "custom_task_type", task.name, "payload",
    json.object("type", "json", "value", value))
  return { run = run.run, at = at, attributes = attributes[1]:match('^(.*"index":)0') }
end

--- One event of a span; they are a microsecond apart.
function synthetic_events.event(span, sequence)
  local place = sequence - span.first
  return { sequence = sequence, type = "CUSTOM_TASK_IN_PROGRESS", stream = task.name, activity_id = task.id,
    activity_name = task.name, run_id = span.run, at = span.at + place / 1000000,
    id = format("%08x-0000-4000-8000-%012x", sequence, place), attributes = span.attributes .. place .. "}}}" }
end

return synthetic_events
