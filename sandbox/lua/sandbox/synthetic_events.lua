--- Made-up events in any number: written when they are read, never stored.
--
-- A span is kept as the texts that all its events share; what differs is put between them.

local clock = require "sandbox.clock"
local json = require "sandbox.json"

local synthetic_events = { kind = "CUSTOM_TASK_IN_PROGRESS" }

local format = string.format

--- A span to store. `header`, `envelope` and `event` belong to an event of the kind above whose attributes are null and
-- whose sequence is 0; `size` is the length of each event's text.
function synthetic_events.span(header, envelope, event, at, size)
  local value = json.object("text", ("x"):rep(size), "index", 0)
  local attributes = json.object("custom_task_id", "synthetic-1", "custom_task_type", "synthetic", "payload",
    json.object("type", "json", "value", value))
  return { header = header, envelope = envelope:gsub("0$", ""), at = at,
    event = event:match('^{"event_id":"[^"]*","event_timestamp":%d+(,.*"attributes":)'),
    payload = attributes[1]:match('^(.*"index":)0') }
end

--- Header, envelope and JSON of one event of a span; events are a microsecond apart.
function synthetic_events.entry(span, sequence)
  local place = sequence - span.first
  local text = format('{"event_id":"%08x-0000-4000-8000-%012x","event_timestamp":%s%s%s%d}}}}', sequence, place,
    clock.nano(span.at + place / 1000000, sequence), span.event, span.payload, place)
  return span.header, span.envelope .. sequence, text
end

return synthetic_events
