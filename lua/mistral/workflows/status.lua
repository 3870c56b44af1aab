--- What the statuses and events of an execution mean.
-- @module mistral.workflows.status

local status = {}

local final = { COMPLETED = true, FAILED = true, CANCELED = true, TERMINATED = true, TIMED_OUT = true }

local end_events = {
  WORKFLOW_EXECUTION_COMPLETED = "COMPLETED",
  WORKFLOW_EXECUTION_FAILED = "FAILED",
  WORKFLOW_EXECUTION_CANCELED = "CANCELED",
}

--- The statuses of which an event tells, each with its type. TERMINATED and TIMED_OUT have none.
status.with_event = {}
for event_type, value in pairs(end_events) do status.with_event[value] = event_type end

--- True for a status after which nothing more happens. RUNNING, RETRYING_AFTER_ERROR, CONTINUED_AS_NEW (the
-- execution goes on in a newer run), null and statuses this library does not know are not final.
function status.is_final(value)
  return final[value] == true
end

--- The workflow event in the payload of a stream, or nil.
function status.event_of(payload)
  local event = type(payload) == "table" and payload.data
  return type(event) == "table" and event or nil
end

--- The status that a workflow event tells as the end of its execution, or nil.
function status.end_of(event)
  return end_events[event.event_type]
end

--- Does a run of its execution begin with this workflow event?
function status.is_start(event)
  return event.event_type == "WORKFLOW_EXECUTION_STARTED"
end

--- The failure message in a workflow event, or nil.
function status.failure_message(event)
  local attributes = event.event_type == "WORKFLOW_EXECUTION_FAILED" and event.attributes
  local failure = type(attributes) == "table" and attributes.failure
  local message = type(failure) == "table" and failure.message
  return type(message) == "string" and message or nil
end

return status
