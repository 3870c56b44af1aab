--- Traces of an execution: whether there is one, its raw spans, their tree, and its events.

local clock = require "sandbox.clock"
local engine_history = require "sandbox.engine_history"
local events = require "sandbox.events"
local execution_events = require "sandbox.execution_events"
local executions = require "sandbox.api.executions"
local json = require "sandbox.json"
local store = require "sandbox.store"
local view = require "sandbox.run_view"

local trace = {}

local object, null = json.object, json.null

--- The trace that a run belongs to.
function trace.id(run)
  return run.trace or ngx.md5("trace/" .. run.first_run)
end

--- The span of a run, or of one of its tasks.
function trace.span_id(run, task)
  return ngx.md5("span/" .. run.run .. "/" .. (task or "")):sub(1, 16)
end

local function outcome_of(kind)
  return kind:match("_COMPLETED$") or kind:match("_FAILED$") or kind:match("_TIMED_OUT$") or kind:match("_CANCELED$")
end

-- The tasks (activities and custom tasks) of a run, in order: id, name, first, last (events), outcome, events.
local function tasks_of(run)
  local tasks, by_id = {}, {}
  for _, event in ipairs(execution_events.of(run)) do
    if event.activity_id ~= "" then
      local key = event.run_id .. "/" .. event.activity_id
      local task = by_id[key]
      if not task then
        task = { id = event.activity_id, name = event.activity_name, first = event, events = {} }
        by_id[key] = task
        tasks[#tasks + 1] = task
      end
      task.events[#task.events + 1] = event
      if outcome_of(event.type) then
        task.last, task.outcome = event, outcome_of(event.type):sub(2)
      end
    end
  end
  return tasks
end

-- False while the data of a run lag behind, which tests order.
local function has_data(run)
  return clock.now() - run.start >= (store.setting "trace_lag" or 0)
end

function trace.info(request)
  local run = executions.find(request.path.execution_id)
  local has = has_data(run)
  return 200, object("otel_trace_id", has and trace.id(run) or null, "has_trace_data", has)
end

-- Raw spans

local function attribute(key, value)
  if type(value) == "boolean" then
    return object("key", key, "value", object("boolValue", value))
  elseif type(value) == "number" then
    return object("key", key, "value", object("intValue", tostring(value)))
  end
  return object("key", key, "value", object("stringValue", value))
end

local function otel_events(of_task)
  local list = {}
  for index, event in ipairs(of_task) do
    list[index] = object("name", event.type, "timeUnixNano", events.nano(event), "attributes",
      json.list { attribute("event.sequence", event.sequence) })
  end
  return json.array(list)
end

local function otel_span(run, span)
  return object("traceId", trace.id(run), "spanId", span.id, "parentSpanId", span.parent, "name", span.name,
    "kind", span.kind, "startTimeUnixNano", span.start, "endTimeUnixNano", span.finish,
    "attributes", json.list { attribute("workflow.execution_id", run.id), attribute("workflow.attempt", 1) },
    "events", otel_events(span.events))
end

local function now_nano()
  return clock.nano(clock.now())
end

local function otel_spans(run)
  local root = trace.span_id(run)
  local spans = { otel_span(run, { id = root, parent = run.parent_span, name = "workflow:" .. run.workflow,
    kind = "SPAN_KIND_SERVER", start = clock.nano(run.start),
    finish = run.finish and clock.nano(run.finish) or now_nano(), events = {} }) }
  for _, task in ipairs(tasks_of(run)) do
    spans[#spans + 1] = otel_span(run, { id = trace.span_id(run, task.id), parent = root, name = task.name,
      kind = "SPAN_KIND_INTERNAL", start = events.nano(task.first),
      finish = task.last and events.nano(task.last) or now_nano(), events = task.events })
  end
  return json.array(spans)
end

function trace.otel(request)
  local run = executions.find(request.path.execution_id)
  local batch = object("resource", object("attributes", json.list { attribute("service.name", "workflows-worker"),
    attribute("deployment.name", run.deployment) }),
    "scopeSpans", json.list { object("scope", object("name", "mistralai.workflows"), "spans", otel_spans(run)) })
  if not has_data(run) then
    return 200, view.full(run, "data_source", "tempo", "otel_trace_id", null, "otel_trace_data", null)
  end
  return 200, view.full(run, "data_source", "tempo", "otel_trace_id", trace.id(run), "otel_trace_data",
    object("batches", json.list { batch }))
end

-- The tree

local function event_view(event)
  return object("type", "EVENT", "name", event.type, "id", event.run_id .. "/" .. event.sequence,
    "timestamp_unix_nano", json.raw(events.nano(event)), "attributes", object("event.sequence", event.sequence),
    "internal", false)
end

local function event_views(of_task)
  local list = {}
  for index, event in ipairs(of_task) do
    list[index] = event_view(event)
  end
  return json.array(list)
end

local function summary_span(id, name, start, finish, attributes, views, children)
  return object("span_id", id, "name", name, "start_time_unix_nano", json.raw(start),
    "end_time_unix_nano", finish and json.raw(finish) or null, "attributes", attributes, "events", views,
    "children", children)
end

function trace.summary(request)
  local run = executions.find(request.path.execution_id)
  local children, own = {}, {}
  for index, task in ipairs(tasks_of(run)) do
    children[index] = summary_span(trace.span_id(run, task.id), task.name, events.nano(task.first),
      task.last and events.nano(task.last), object("task.id", task.id, "task.outcome", task.outcome or null),
      event_views(task.events), json.empty_array)
  end
  for _, event in ipairs(execution_events.of(run)) do
    if event.activity_id == "" then
      own[#own + 1] = event
    end
  end
  local tree = summary_span(trace.span_id(run), "workflow:" .. run.workflow, clock.nano(run.start),
    run.finish and clock.nano(run.finish), object("workflow.name", run.workflow, "workflow.attempt", 1,
      "workflow.sampled", true), event_views(own), json.array(children))
  return 200, view.full(run, "span_tree", has_data(run) and tree or null)
end

-- The events

local function progress(run, task, event, status)
  local id = trace.span_id(run, task.id)
  return { id = id, nano = events.nano(event), view = object("type", "EVENT_PROGRESS", "name", task.name, "id", id,
    "timestamp_unix_nano", json.raw(events.nano(event)), "attributes", object("event.type", event.type),
    "internal", false, "status", status, "start_time_unix_ms", clock.milliseconds(task.first.at),
    "end_time_unix_ms", status ~= "RUNNING" and clock.milliseconds(event.at) or null,
    "error", status == "FAILED" and event.type or null) }
end

local function internal(event)
  return { id = tostring(event.id), nano = clock.nano(event.at), view = object("type", "EVENT", "name", event.type,
    "id", tostring(event.id), "timestamp_unix_nano", clock.nano_number(event.at), "attributes", json.empty_object,
    "internal", true) }
end

local function events_of(run, with_internal)
  local list = {}
  for _, task in ipairs(tasks_of(run)) do
    list[#list + 1] = progress(run, task, task.first, "RUNNING")
    if task.last then
      list[#list + 1] = progress(run, task, task.last, task.outcome == "COMPLETED" and "COMPLETED" or "FAILED")
    end
  end
  for _, event in ipairs(execution_events.of(run)) do
    if event.activity_id == "" then
      list[#list + 1] = { id = event.run_id .. "/" .. event.sequence, nano = events.nano(event),
        view = event_view(event) }
    end
  end
  if with_internal then
    for _, event in ipairs(engine_history.history(run)) do
      list[#list + 1] = internal(event)
    end
  end
  for index, event in ipairs(list) do
    event.place = index
  end
  table.sort(list, function(a, b) return a.nano < b.nano or (a.nano == b.nano and a.place < b.place) end)
  return list
end

-- Of events with one id only the last stays, at its own place.
local function merge(list)
  local last, merged = {}, {}
  for index, event in ipairs(list) do
    last[event.id] = index
  end
  for index, event in ipairs(list) do
    if last[event.id] == index then
      merged[#merged + 1] = event
    end
  end
  return merged
end

function trace.events(request)
  local run, query = executions.find(request.path.execution_id), request.query
  local list = events_of(run, query.include_internal_events)
  local views = {}
  for index, event in ipairs(query.merge_same_id_events and merge(list) or list) do
    views[index] = has_data(run) and event.view or nil
  end
  return 200, view.full(run, "events", json.array(views))
end

return trace
