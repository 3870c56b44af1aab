--- Events: how they are stored and written, and which ones a listener asked for.
--
-- An event is a table: sequence, type, stream, activity_id and activity_name (empty if it is about no task), run_id,
-- run (facts of its run), at (seconds), attributes (JSON text). What is the same for all events of a run is not stored.

local clock = require "sandbox.clock"
local event_log = require "sandbox.event_log"
local identifier = require "sandbox.identifier"
local json = require "sandbox.json"
local run_index = require "sandbox.run_index"
local synthetic_events = require "sandbox.synthetic_events"
local wake = require "sandbox.wake"

local events = {}

local object, null = json.object, json.null

-- What all events of a run share, kept in the table of its facts: members of the event, and of the envelope around it.

local function members_of(run)
  if not run.event_members then
    run.event_members = object("root_workflow_exec_id", run.root, "parent_workflow_exec_id", run.parent or null,
      "continued_run_id", identifier.engine_run(run.continued) or null,
      "first_execution_run_id", identifier.engine_run(run.first_run), "schedule_id", run.schedule or null,
      "chain_run_id", identifier.engine_run(run.first_run),
      "workflow_exec_id", run.id, "workflow_run_id", identifier.engine_run(run.run), "workflow_name", run.workflow,
      "event_type", "")[1]:sub(2, -3)
  end
  return run.event_members
end

--- The metadata of a run's events.
function events.metadata(run)
  local metadata = { deployment_name = run.deployment, environment = "sandbox" }
  for name, value in pairs(run.tracing or {}) do
    metadata[name] = value
  end
  return metadata
end

local function envelope_of(run)
  if not run.envelope then
    run.envelope = object("workflow_context", object("namespace", "sandbox", "workflow_name", run.workflow,
      "workflow_exec_id", run.id, "parent_workflow_exec_id", run.parent or null, "root_workflow_exec_id", run.root),
      "metadata", events.metadata(run), "broker_sequence", 0)[1]:sub(2, -3)
  end
  return run.envelope
end

--- The digits of an event's time.
function events.nano(event)
  return clock.nano(event.at, event.sequence)
end

--- An event as JSON text.
function events.text(event)
  local id = event.id or identifier.uuid("event/" .. event.run_id .. "/" .. event.sequence)
  return table.concat { '{"event_id":"', id, '","event_timestamp":', events.nano(event), ",", members_of(event.run),
    event.type, '","attributes":', event.attributes, "}" }
end

--- The payload of a stream's frame.
function events.payload(event)
  return table.concat { '{"stream":"', event.stream, '","timestamp":"', clock.text(event.at), '",',
    envelope_of(event.run), event.sequence, ',"data":', events.text(event), "}" }
end

--- Appends an event of a run, within a change. `options`: `stream` (topic), `task` (id and name of an activity or
-- custom task).
function events.append(run, at, kind, attributes, options)
  local stream = options and options.stream or (kind:find("^WORKFLOW") and "workflow" or "activity")
  local task = options and options.task or {}
  event_log.append({ run.id, run.root }, table.concat({ kind, stream, task.id or "", task.name or "", run.run,
    ("%.6f"):format(at), json.encode(attributes) }, "\t"))
  wake.signal(run.id, run.root)
end

local LINE = "^([^\t]*)\t([^\t]*)\t([^\t]*)\t([^\t]*)\t([^\t]*)\t([^\t]*)\t(.*)$"

--- The event of a sequence, or nil if there is none (yet).
function events.read(sequence)
  local text, span = event_log.read(sequence)
  local event
  if text then
    local kind, stream, id, name, run_id, at, attributes = text:match(LINE)
    event = { sequence = sequence, type = kind, stream = stream, activity_id = id, activity_name = name,
      run_id = run_id, at = tonumber(at), attributes = attributes }
  elseif span then
    event = synthetic_events.event(span, sequence)
  else
    return nil
  end
  event.run = run_index.facts(event.run_id)
  return event.run and event
end

local function has_metadata(run, wanted)
  local metadata = events.metadata(run)
  for name, value in pairs(wanted) do
    if metadata[name] ~= value then
      return false
    end
  end
  return true
end

local function fits(value, wanted)
  return not wanted or wanted == "*" or wanted == value
end

--- True when an event passes the filters of `/events/stream`; `query.types` is a set.
function events.wanted(event, query)
  local run = event.run
  return (not query.types or query.types[event.type] == true)
    and fits(run.workflow, query.workflow_name) and fits(run.id, query.workflow_exec_id)
    and fits(run.root, query.root_workflow_exec_id) and fits(run.parent, query.parent_workflow_exec_id)
    and fits(event.stream, query.stream) and fits(event.activity_id, query.activity_id)
    and fits(event.activity_name, query.activity_name)
    and fits(event.type:find("^WORKFLOW") and "workflow" or "activity", query.scope)
    and (not query.metadata_filters or has_metadata(run, query.metadata_filters))
end

return events
