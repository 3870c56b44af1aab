--- The two streams of events.

local event_log = require "sandbox.event_log"
local events = require "sandbox.events"
local execution_events = require "sandbox.execution_events"
local executions = require "sandbox.api.executions"
local fail = require "sandbox.fail"
local runs = require "sandbox.runs"
local sse = require "sandbox.sse"

local streams = {}

local EVENT = "workflow.event"

-- Only these ends have an event; a stream of an execution that ended otherwise goes on in silence.
local told = { COMPLETED = true, FAILED = true, CANCELED = true }

local function number(text, where, name)
  local value = text:find("^%d+$") and tonumber(text)
  return value or fail.invalid { fail.problem("int_parsing", { where, name },
    "Input should be a valid integer, unable to parse string as an integer", text) }
end

--- The sequence of the event that the caller saw last, from the header or the query; nil if it names none.
function streams.last_seen(request)
  local header = ngx.var.http_last_event_id
  if header and header ~= "" then
    return number(header, "header", "last-event-id")
  end
  local text = request.query.last_event_id
  return text and text ~= "" and number(text, "query", "last_event_id") or nil
end

-- Events that are passed over before others have a turn.
local STRIDE = 500

-- Frames of the events that a function returns, one after the other.
local function frames(next_event, filter)
  return function()
    local event, passed = next_event(), 0
    while event do
      if not filter or events.wanted(event, filter) then
        return sse.frame(event.sequence, EVENT, events.payload(event))
      end
      passed = passed + 1
      if passed % STRIDE == 0 then
        ngx.sleep(0)
      end
      event = next_event()
    end
  end
end

--- A function that returns the next event of those whose sequences a function returns.
local function reading(following)
  return function()
    local sequence = following()
    return sequence and events.read(sequence)
  end
end

--- GET /executions/{execution_id}/stream: the execution with its children, to its end.
function streams.execution(request)
  local run = executions.find(request.path.execution_id)
  local source, id, last = request.query.event_source, run.id, streams.last_seen(request)
  local first = last and last + 1 or 1
  if source == "LIVE" and not last then
    first = run.historic and math.huge or event_log.last() + 1
  end
  sse.serve {
    next = frames(run.historic and execution_events.follow(run, first) or
      reading(event_log.follow(id, math.max(first, run.first_sequence)))),
    key = id,
    ended = function()
      run = runs.of_execution(id)
      return not run or source == "DATABASE" or told[run.status] or
        (run.status == "CONTINUED_AS_NEW" and not run.successor_at)
    end,
  }
end

local function filters(query)
  local filter = {}
  for name, value in pairs(query) do
    filter[name] = value
  end
  if query.workflow_event_types then
    filter.types = {}
    for _, kind in ipairs(query.workflow_event_types) do
      filter.types[kind] = true
    end
  end
  return filter
end

local function given(value)
  return value and value ~= "*" and value
end

--- GET /events/stream: everything that passes the filters, without an end.
function streams.all(request)
  local query, last = request.query, streams.last_seen(request)
  local first = last and last + 1 or math.max(query.start_seq, 1)
  local id = given(query.root_workflow_exec_id) or given(query.workflow_exec_id)
  if query.event_source == "LIVE" and not last and query.start_seq == 0 then
    first = event_log.last() + 1
  end
  local past = id and runs.of_past(id)
  sse.serve {
    next = frames(past and execution_events.follow(past, first) or
      reading(id and event_log.follow(id, first) or event_log.follow_all(first)), filters(query)), key = id or "*",
    ended = function() return query.event_source == "DATABASE" end,
  }
end

return streams
