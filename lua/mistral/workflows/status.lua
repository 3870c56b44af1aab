--- What the statuses and events of an execution mean.
-- @module mistral.workflows.status

local status = {}

local final = { COMPLETED = true, FAILED = true, CANCELED = true, TERMINATED = true, TIMED_OUT = true }

local end_events = {
  WORKFLOW_EXECUTION_COMPLETED = true,
  WORKFLOW_EXECUTION_FAILED = true,
  WORKFLOW_EXECUTION_CANCELED = true,
}

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

--- True when the payload of a stream says that the execution `id` itself, not one of its children, ended.
function status.ends(payload, id)
  local event = status.event_of(payload)
  return event ~= nil and end_events[event.event_type] == true and event.workflow_exec_id == id
end

--- The failure message in an event, or nil.
function status.failure_message(event)
  local attributes = event and event.event_type == "WORKFLOW_EXECUTION_FAILED" and event.attributes
  local failure = type(attributes) == "table" and attributes.failure
  local message = type(failure) == "table" and failure.message
  return type(message) == "string" and message or nil
end

return status
