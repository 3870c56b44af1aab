--- The workflow engine's own history of a run: what `/history` answers and what `/reset` takes its event numbers from.

local clock = require "sandbox.clock"
local execution_events = require "sandbox.execution_events"
local identifier = require "sandbox.identifier"
local json = require "sandbox.json"
local payloads = require "sandbox.payloads"
local runs = require "sandbox.runs"

local engine_history = {}

local object = json.object

local ends = { COMPLETED = "COMPLETED", FAILED = "FAILED", CANCELED = "CANCELED", TERMINATED = "TERMINATED",
  TIMED_OUT = "TIMED_OUT", CONTINUED_AS_NEW = "CONTINUED_AS_NEW" }

-- Payloads are base64 text unless the caller wants to read them.
local function payload_list(text, decoded)
  text = text or "null"
  if decoded then
    return object("payloads", json.list { json.raw(text) })
  end
  return object("payloads", json.list { object("metadata", object("encoding", ngx.encode_base64 "json/plain"),
    "data", ngx.encode_base64(text)) })
end

local function member_name(kind)
  local name = kind:lower():gsub("_(%l)", string.upper)
  return name .. "EventAttributes"
end

local function add(list, at, kind, attributes)
  local id = #list + 1
  list[id] = { id = id, at = at, type = kind, attributes = attributes or json.empty_object }
end

local function add_workflow_task(list, at, run)
  add(list, at, "WORKFLOW_TASK_SCHEDULED", object("taskQueue", object("name", run.deployment), "attempt", 1))
  add(list, at, "WORKFLOW_TASK_STARTED", object("scheduledEventId", tostring(#list)))
  add(list, at, "WORKFLOW_TASK_COMPLETED", object("scheduledEventId", tostring(#list - 1), "startedEventId",
    tostring(#list)))
end

local function add_activity(list, event, run)
  add(list, event.at, "ACTIVITY_TASK_SCHEDULED", object("activityId", event.activity_id, "activityType",
    object("name", event.activity_name), "taskQueue", object("name", run.deployment)))
  add(list, event.at, "ACTIVITY_TASK_STARTED", object("scheduledEventId", tostring(#list), "attempt", 1))
  add(list, event.at, "ACTIVITY_TASK_COMPLETED", object("scheduledEventId", tostring(#list - 1), "startedEventId",
    tostring(#list)))
  add_workflow_task(list, event.at, run)
end

local function ending(run, decoded)
  if run.status == "COMPLETED" then
    return object("result", payload_list(payloads.result(run), decoded))
  elseif run.status == "FAILED" then
    return object("failure", object("message", run.failure, "source", "PythonSDK"))
  elseif run.status == "CONTINUED_AS_NEW" then
    return object("newExecutionRunId", identifier.engine_run(run.successor or run.run))
  end
end

local function add_received(list, item, run)
  if item.group == "signals" then
    add(list, item.at, "WORKFLOW_EXECUTION_SIGNALED", object("signalName", item.name))
  else
    add(list, item.at, "WORKFLOW_EXECUTION_UPDATE_ACCEPTED", object("protocolInstanceId", item.name))
  end
  list[#list].received = item
  add_workflow_task(list, item.at, run)
end

-- What a run did and was given, in the order of time.
local function happenings(run)
  local list = runs.received(run)
  for _, event in ipairs(execution_events.of(run)) do
    if event.run_id == run.run and event.type == "ACTIVITY_TASK_COMPLETED" then
      list[#list + 1] = event
    end
  end
  for index, item in ipairs(list) do
    item.place = index
  end
  table.sort(list, function(a, b) return a.at < b.at or (a.at == b.at and a.place < b.place) end)
  return list
end

--- The history so far: a list of { id, at, type, attributes }, and `received` where a signal or an update came.
function engine_history.history(run, decoded)
  local list = {}
  add(list, run.start, "WORKFLOW_EXECUTION_STARTED", object("workflowType", object("name", run.workflow),
    "taskQueue", object("name", run.deployment), "input", payload_list(payloads.input(run), decoded),
    "workflowId", run.id, "originalExecutionRunId", identifier.engine_run(run.run),
    "firstExecutionRunId", identifier.engine_run(run.first_run),
    "header", run.extensions and object("extensions", json.raw(run.extensions)), "attempt", 1))
  add_workflow_task(list, run.start, run)
  for _, item in ipairs(happenings(run)) do
    if item.group then
      add_received(list, item, run)
    else
      add_activity(list, item, run)
    end
  end
  if ends[run.status] then
    add(list, run.finish, "WORKFLOW_EXECUTION_" .. ends[run.status], ending(run, decoded))
  end
  return list
end

--- Numbers of the events that a run may be reset to.
function engine_history.reset_points(run)
  local points = {}
  for _, event in ipairs(engine_history.history(run)) do
    if event.type == "WORKFLOW_TASK_COMPLETED" then
      points[#points + 1] = event.id
    end
  end
  return points
end

--- The signals and updates that a run which was reset to an event is given again: those before, and those after of the
-- groups that are not excluded (a set).
function engine_history.kept(run, point, excluded)
  local list = {}
  for _, event in ipairs(engine_history.history(run)) do
    local item = event.received
    if item and (event.id < point or not excluded[item.group]) then
      list[#list + 1] = item
    end
  end
  return list
end

--- The history as the engine prints it.
function engine_history.view(run, decoded)
  local list = {}
  for index, event in ipairs(engine_history.history(run, decoded)) do
    list[index] = object("eventId", tostring(event.id), "eventTime", clock.text(event.at),
      "eventType", "EVENT_TYPE_" .. event.type, "taskId", tostring(1048576 + event.id),
      member_name(event.type), event.attributes)
  end
  return object("events", json.array(list))
end

return engine_history
