--- Schedules.

local calendar = require "sandbox.calendar"
local catalogue = require "sandbox.catalogue"
local clock = require "sandbox.clock"
local execute = require "sandbox.api.execute"
local fail = require "sandbox.fail"
local identifier = require "sandbox.identifier"
local json = require "sandbox.json"
local page = require "sandbox.page"
local registrations = require "sandbox.api.registrations"
local schedules = require "sandbox.schedules"
local store = require "sandbox.store"
local workflows = require "sandbox.api.workflows"

local api = {}

local object, null = json.object, json.null

local SHOWN = 10

local members = { "input", "calendars", "intervals", "cron_expressions", "skip", "start_at", "end_at", "jitter",
  "time_zone_name", "policy", "max_executions" }

-- Views: everything that was left out is shown with its default.

local function range(first, last)
  return json.list { object("start", first, "end", last, "step", 0) }
end

local field_defaults = { second = range(0, 0), minute = range(0, 0), hour = range(0, 0), day_of_month = range(1, 31),
  month = range(1, 12), year = json.empty_array, day_of_week = range(0, 6) }

local function ranges_view(given, default)
  if not json.is_array(given) then
    return default
  end
  local list = {}
  for index, entry in ipairs(given) do
    list[index] = object("start", entry.start, "end", entry["end"] or 0, "step", entry.step or 0)
  end
  return json.array(list)
end

local function calendar_view(given)
  local parts = {}
  for _, field in ipairs { "second", "minute", "hour", "day_of_month", "month", "year", "day_of_week" } do
    parts[#parts + 1] = field
    parts[#parts + 1] = ranges_view(given[field], field_defaults[field])
  end
  parts[#parts + 1], parts[#parts + 2] = "comment", given.comment or null
  return object(unpack(parts))
end

local function each(list, view)
  local views = {}
  for index, item in ipairs(json.is_array(list) and list or {}) do
    views[index] = view(item)
  end
  return json.array(views)
end

local function interval_view(given)
  return object("every", given.every, "offset", given.offset or null)
end

local function itself(value)
  return value
end

local function policy_view(policy)
  policy = json.is_object(policy) and policy or {}
  return object("catchup_window_seconds", policy.catchup_window_seconds or 31536000, "overlap", policy.overlap or 1,
    "pause_on_failure", policy.pause_on_failure or false)
end

local function or_null(value)
  return value == nil and null or value
end

local function view(schedule)
  local definition = schedules.definition(schedule)
  return object("input", json.raw(schedule.input), "calendars", each(definition.calendars, calendar_view),
    "intervals", each(definition.intervals, interval_view),
    "cron_expressions", each(definition.cron_expressions, itself),
    "skip", each(definition.skip, calendar_view),
    "start_at", clock.text_or_null(calendar.moment(definition.start_at)),
    "end_at", clock.text_or_null(calendar.moment(definition.end_at)), "jitter", or_null(definition.jitter),
    "time_zone_name", or_null(definition.time_zone_name), "policy", policy_view(definition.policy),
    "schedule_id", schedule.id, "remaining_executions", or_null(schedule.remaining), "workflow_name", schedule.workflow,
    "deployment_name", or_null(schedule.deployment), "paused", schedule.paused, "note", or_null(schedule.note),
    "future_executions", each(json.list(schedule.paused and {} or schedules.upcoming(schedule, SHOWN)), function(time)
      return object("scheduled_at", clock.text(time))
    end),
    "recent_executions", each(json.list(schedule.recent), function(entry)
      return object("scheduled_at", clock.text(entry.scheduled), "started_at", clock.text(entry.started),
        "execution_id", entry.id)
    end))
end

-- Reading

--- The schedule of a path value; raises 404.
function api.find(request)
  return schedules.find(request.path.schedule_id) or fail.coded(404, "WF_1201", "Schedule not found")
end

local function wanted(schedule, query)
  return (not query.workflow_name or query.workflow_name == schedule.workflow)
    and (not query.user_id or query.user_id == "current" or query.user_id == catalogue.user_id)
    and (not query.status or (query.status == "paused") == schedule.paused)
    and (not query.search or schedule.workflow:lower():sub(1, #query.search) == query.search:lower())
end

function api.list(request)
  local query, found = request.query, {}
  for _, schedule in ipairs(schedules.all()) do
    if wanted(schedule, query) then
      found[#found + 1] = schedule
    end
  end
  local items, next_token = page.cut(found, query.page_size, query.next_page_token, "next_page_token",
    function(schedule) return schedule.id end, view)
  return 200, object("schedules", items, "next_page_token", next_token)
end

function api.get(request)
  return 200, view(api.find(request))
end

-- Writing

local function given(value)
  return value ~= null and value or nil
end

local function check_plan(definition)
  local plan, problem = calendar.plan(definition)
  if not plan then
    fail.coded(422, "WF_1200", "Invalid schedule: " .. problem)
  end
end

local function target(body)
  local name = given(body.workflow_identifier)
  local registration = given(body.workflow_registration_id) or given(body.workflow_version_id)
  if (name and registration) or not (name or registration) then
    fail.invalid { fail.problem("value_error", { "body" },
      "Value error, exactly one of workflow_identifier and workflow_registration_id is required", null) }
  elseif name then
    return workflows.find(name), 0
  end
  local fact = catalogue.registration_facts(registrations.find(registration))
  return catalogue.workflows()[fact.index], fact.revision, fact.deployment
end

function api.create(request)
  local body = request.body
  local definition = body.schedule
  local workflow, revision, deployment = target(body)
  execute.check_open(workflow)
  deployment = execute.deployment(workflow,
    given(body.deployment_name) or given(body.workflow_task_queue) or deployment)
  execute.check_input(workflow, revision, given(definition.input), json.encode(definition.input))
  check_plan(definition)
  local id = given(body.schedule_id) or given(definition.schedule_id) or
    identifier.uuid("schedule/" .. store.count "schedules made" .. "/" .. clock.now())
  -- One that has this identifier is replaced; what it has done and whether it is paused stay.
  local schedule = schedules.find(id) or { id = id, paused = false, recent = {}, running = {}, waiting = {} }
  schedule.workflow, schedule.deployment, schedule.definition = workflow.name, deployment, json.encode(definition)
  schedule.input, schedule.remaining = json.encode(definition.input), given(definition.max_executions)
  schedules.put(schedule)
  return 201, object("schedule_id", id)
end

--- PATCH: members that are given replace the stored ones; null takes them away.
function api.update(request)
  local schedule = api.find(request)
  local definition, changes = schedules.definition(schedule), request.body.schedule
  for _, name in ipairs(members) do
    if changes[name] ~= nil then
      definition[name] = changes[name]
    end
  end
  check_plan(definition)
  execute.check_input(catalogue.workflow(schedule.workflow), 0, given(definition.input), json.encode(definition.input))
  schedule.definition, schedule.input = json.encode(definition), json.encode(definition.input)
  if changes.max_executions ~= nil then
    schedule.remaining = given(changes.max_executions)
  end
  schedules.put(schedule)
  return 200, object("schedule_id", schedule.id)
end

function api.delete(request)
  schedules.delete(api.find(request))
  return 204
end

function api.pause(request)
  schedules.pause(api.find(request), true, given(request.body.note))
  return 204
end

function api.resume(request)
  schedules.pause(api.find(request), false, given(request.body.note))
  return 204
end

function api.trigger(request)
  schedules.trigger(api.find(request), given(request.body.overlap))
  return 204
end

return api
