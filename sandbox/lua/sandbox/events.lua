--- Events: how they are written, and which ones a listener asked for.

local clock = require "sandbox.clock"
local event_log = require "sandbox.event_log"
local identifier = require "sandbox.identifier"
local json = require "sandbox.json"
local wake = require "sandbox.wake"

local events = {}

local object, null = json.object, json.null

--- The workflow engine's own identifier of a run, which is not the run's identifier in this service.
function events.engine_run(run_id)
  return run_id and identifier.uuid("engine/" .. run_id)
end

--- The event as JSON (raw). `salt` sets the last digits of the time stamp and the event's identifier.
function events.write(run, at, kind, attributes, salt)
  return object("event_id", identifier.uuid("event/" .. run.run .. "/" .. salt),
    "event_timestamp", clock.nano_number(at, salt),
    "root_workflow_exec_id", run.root, "parent_workflow_exec_id", run.parent or null,
    "continued_run_id", events.engine_run(run.continued) or null,
    "first_execution_run_id", events.engine_run(run.first_run), "schedule_id", run.schedule or null,
    "chain_run_id", events.engine_run(run.first_run),
    "workflow_exec_id", run.id, "workflow_run_id", events.engine_run(run.run), "workflow_name", run.workflow,
    "event_type", kind, "attributes", attributes)
end

--- The envelope around the event, but for its `data`: open JSON text that `events.payload` closes.
function events.envelope(run, at, stream, sequence)
  local metadata = { deployment_name = run.deployment, environment = "sandbox" }
  for name, value in pairs(run.tracing or {}) do
    metadata[name] = value
  end
  local text = object("stream", stream, "timestamp", clock.text(at),
    "workflow_context", object("namespace", "sandbox", "workflow_name", run.workflow, "workflow_exec_id", run.id,
      "parent_workflow_exec_id", run.parent or null, "root_workflow_exec_id", run.root),
    "metadata", metadata, "broker_sequence", sequence)[1]
  return text:sub(1, -2), metadata
end

--- The payload of a stream's frame.
function events.payload(envelope, text)
  return envelope .. ',"data":' .. text .. "}"
end

local FIELDS = { "type", "scope", "workflow_exec_id", "root_workflow_exec_id", "parent_workflow_exec_id",
  "workflow_name", "stream", "activity_id", "activity_name", "run", "metadata" }

--- What listeners filter by, as one line.
function events.header(run, kind, stream, task, metadata)
  return table.concat({ kind, kind:find("^WORKFLOW") and "workflow" or "activity", run.id, run.root, run.parent or "",
    run.workflow, stream, task.id or "", task.name or "", run.run, json.pack(metadata) }, "\t")
end

--- Reads a header back into a table.
function events.facts(header)
  local facts, index = {}, 0
  for field in (header .. "\t"):gmatch("([^\t]*)\t") do
    index = index + 1
    facts[FIELDS[index]] = field
  end
  return facts
end

--- Appends an event of a run. `options`: `stream` (topic), `task` (id and name of an activity or custom task).
function events.append(run, at, kind, attributes, options)
  options = options or {}
  local stream = options.stream or (kind:find("^WORKFLOW") and "workflow" or "activity")
  event_log.append({ run.id, run.root }, function(sequence)
    local envelope, metadata = events.envelope(run, at, stream, sequence)
    return events.header(run, kind, stream, options.task or {}, metadata), envelope,
      events.write(run, at, kind, attributes, sequence)[1]
  end)
  wake.signal(run.id, run.root)
end

local PLAIN = { "workflow_name", "workflow_exec_id", "root_workflow_exec_id", "parent_workflow_exec_id", "stream",
  "activity_id", "activity_name", "scope" }

local function has_metadata(facts, wanted)
  local metadata = json.unpack(facts.metadata)
  for name, value in pairs(wanted) do
    if metadata[name] ~= value then
      return false
    end
  end
  return true
end

--- True when a header passes the filters of `/events/stream`.
function events.wanted(header, query)
  local facts = events.facts(header)
  for _, name in ipairs(PLAIN) do
    local wanted = query[name]
    if wanted and wanted ~= "*" and wanted ~= facts[name] then
      return false
    end
  end
  if query.types and not query.types[facts.type] then
    return false
  end
  return not query.metadata_filters or has_metadata(facts, query.metadata_filters)
end

return events
