--- The operations of the service: where they are, what they take, who handles them.

local deployment_logs = require "sandbox.api.deployment_logs"
local deployments = require "sandbox.api.deployments"
local event_list = require "sandbox.api.events"
local execute = require "sandbox.api.execute"
local executions = require "sandbox.api.executions"
local history = require "sandbox.api.history"
local interaction = require "sandbox.api.interaction"
local is = require "sandbox.parameters"
local logs = require "sandbox.api.logs"
local metrics = require "sandbox.api.metrics"
local registrations = require "sandbox.api.registrations"
local router = require "sandbox.router"
local runs = require "sandbox.api.runs"
local schedules = require "sandbox.api.schedules"
local streams = require "sandbox.api.streams"
local trace = require "sandbox.api.trace"
local workers = require "sandbox.api.workers"
local workflows = require "sandbox.api.workflows"

local function add(method, path, handler, options)
  local route = options or {}
  route.method, route.path, route.handler = method, path, handler
  router.add(route)
end

local STATUSES = { "RUNNING", "COMPLETED", "FAILED", "CANCELED", "TERMINATED", "CONTINUED_AS_NEW", "TIMED_OUT",
  "RETRYING_AFTER_ERROR" }
local EVENT_TYPES = { "WORKFLOW_EXECUTION_STARTED", "WORKFLOW_EXECUTION_COMPLETED", "WORKFLOW_EXECUTION_FAILED",
  "WORKFLOW_EXECUTION_CANCELED", "WORKFLOW_EXECUTION_CONTINUED_AS_NEW", "WORKFLOW_TASK_TIMED_OUT",
  "WORKFLOW_TASK_FAILED", "CUSTOM_TASK_STARTED", "CUSTOM_TASK_IN_PROGRESS", "CUSTOM_TASK_COMPLETED",
  "CUSTOM_TASK_FAILED", "CUSTOM_TASK_TIMED_OUT", "CUSTOM_TASK_CANCELED", "ACTIVITY_TASK_STARTED",
  "ACTIVITY_TASK_COMPLETED", "ACTIVITY_TASK_RETRYING", "ACTIVITY_TASK_FAILED" }
local SOURCES = { "DATABASE", "LIVE", "HYBRID" }
local ORDERS = { "asc", "desc" }

-- Workflows

add("GET", "/v1/workflows", workflows.list, { query = {
  status = is.many(is.one_of(STATUSES)), include_shared = is.boolean(true), available_in_chat_assistant = is.boolean(),
  deployment_name = is.many(is.text()), deployment_status = is.one_of { "active", "inactive" },
  archived = is.boolean(), tags = is.many(is.text()), sort_by = is.one_of { "display_name" },
  order = is.one_of(ORDERS, "asc"), cursor = is.text(), limit = is.integer(50, 1, 1000),
  active_only = is.boolean(false), search = is.text() } })
add("GET", "/v1/workflows/{workflow_identifier}", workflows.get)
add("PUT", "/v1/workflows/{workflow_identifier}", workflows.update, { body = {
  display_name = { type = "string?", max = 128 }, description = "string?", available_in_chat_assistant = "boolean?",
  tags = { type = "array?", items = { type = "string", max = 100 }, max = 1000 } } })
add("PUT", "/v1/workflows/{workflow_identifier}/archive", workflows.archive)
add("PUT", "/v1/workflows/{workflow_identifier}/unarchive", workflows.unarchive)

local workflow_ids = { workflow_ids = { type = "array!", max = 100, items = "uuid" } }
add("PUT", "/v1/workflows/archive", workflows.bulk_archive, { body = workflow_ids })
add("PUT", "/v1/workflows/unarchive", workflows.bulk_unarchive, { body = workflow_ids })

-- Registrations

local registration_id = { workflow_registration_id = is.uuid() }
add("GET", "/v1/workflows/registrations", registrations.list, { query = {
  workflow_id = is.uuid(), task_queue = is.text(), active_only = is.boolean(false), include_shared = is.boolean(true),
  workflow_search = is.text(), archived = is.boolean(), with_workflow = is.boolean(false),
  available_in_chat_assistant = is.boolean(), limit = is.integer(50, 1, 1000), cursor = is.text() } })
add("GET", "/v1/workflows/registrations/{workflow_registration_id}", registrations.get, {
  parameters = registration_id, query = { with_workflow = is.boolean(false), include_shared = is.boolean(true) } })

-- Execute

local encoded_input = { type = "object?", members = { b64payload = "string!", empty = "boolean",
  encoding_options = { type = "array", items = { type = "string",
    values = { offloaded = true, encrypted = true, ["encrypted-partial"] = true, compressed = true },
    expected = "'offloaded', 'encrypted', 'encrypted-partial' or 'compressed'" } } } }
local execution = { execution_id = { type = "string?", min = 1, max = 256 }, input = "object?",
  encoded_input = encoded_input, wait_for_result = "boolean", timeout_seconds = "number?",
  custom_tracing_attributes = { type = "object?", map = "string" }, force_new_trace = "boolean",
  extensions = "object?", task_queue = "string?", deployment_name = "string?", traceparent = "string?" }
add("POST", "/v1/workflows/{workflow_identifier}/execute", execute.by_workflow, { body = execution })
add("POST", "/v1/workflows/registrations/{workflow_registration_id}/execute", execute.by_registration, {
  parameters = registration_id, body = execution })

-- Executions

local execution_ids = { execution_ids = { type = "array!", min = 1, max = 100, items = "string" } }
add("GET", "/v1/workflows/executions/{execution_id}", executions.get, { query = {
  include_search_keys = is.boolean(false) } })
add("POST", "/v1/workflows/executions/{execution_id}/cancel", executions.cancel)
add("POST", "/v1/workflows/executions/{execution_id}/terminate", executions.terminate)
add("POST", "/v1/workflows/executions/cancel", executions.batch_cancel, { body = execution_ids })
add("POST", "/v1/workflows/executions/terminate", executions.batch_terminate, { body = execution_ids })


add("GET", "/v1/workflows/executions/{execution_id}/history", history.of_execution, { query = {
  decode_payloads = is.boolean(false) } })
add("POST", "/v1/workflows/executions/{execution_id}/reset", history.reset, { body = {
  event_id = "integer!", reason = "string?", exclude_signals = "boolean", exclude_updates = "boolean" } })

local invocation = { name = "string!", input = "object?" }
add("POST", "/v1/workflows/executions/{execution_id}/signals", interaction.signal, { body = invocation })
add("POST", "/v1/workflows/executions/{execution_id}/queries", interaction.query, { body = invocation })
add("POST", "/v1/workflows/executions/{execution_id}/updates", interaction.update, { body = invocation })

add("GET", "/v1/workflows/executions/{execution_id}/trace/info", trace.info)
add("GET", "/v1/workflows/executions/{execution_id}/trace/otel", trace.otel)
add("GET", "/v1/workflows/executions/{execution_id}/trace/summary", trace.summary)
add("GET", "/v1/workflows/executions/{execution_id}/trace/events", trace.events, { query = {
  merge_same_id_events = is.boolean(false), include_internal_events = is.boolean(false) } })

add("GET", "/v1/workflows/executions/{execution_id}/stream", streams.execution, { query = {
  event_source = is.one_of(SOURCES), last_event_id = is.text() } })
add("GET", "/v1/workflows/executions/{execution_id}/logs", logs.list, { query = {
  run_id = is.uuid(), activity_id = is.pattern("^%d+$", "^\\d+$"), after = is.datetime(), before = is.datetime(),
  order = is.one_of(ORDERS, "asc"), cursor = is.text(), limit = is.integer(50, 1, 100) } })
add("GET", "/v1/workflows/executions/{execution_id}/logs/stream", logs.stream, { query = {
  run_id = is.uuid(), activity_id = is.pattern("^%d+$", "^\\d+$"), after = is.datetime(), last_event_id = is.text() } })

-- Runs and metrics

local run_id = { run_id = is.uuid() }
add("GET", "/v1/workflows/runs", runs.list, { query = {
  workflow_identifier = is.text(), root_execution_id = is.text(), search = is.text(),
  status = is.many(is.one_of(STATUSES)), deployment_name = is.text(), sort_by = is.one_of { "start_time", "end_time" },
  order = is.one_of(ORDERS, "desc"), start_time_after = is.datetime(), start_time_before = is.datetime(),
  end_time_after = is.datetime(), end_time_before = is.datetime(), user_id = is.text(),
  workflow_tags = is.many(is.text(), 20), include_internal = is.boolean(true), page_size = is.integer(50, 1, 1000),
  next_page_token = is.text(), search_key = is.many(is.pattern("^[^:]+:.+$", "^[^:]+:.+$"), 3) } })
add("GET", "/v1/workflows/runs/{run_id}", runs.get, { parameters = run_id })
add("GET", "/v1/workflows/runs/{run_id}/history", history.of_run, { parameters = run_id, query = {
  decode_payloads = is.boolean(false) } })
add("GET", "/v1/workflows/{workflow_name}/metrics", metrics.get, { query = {
  start_time = is.datetime(), end_time = is.datetime() } })

-- Schedules

local function ranges(low, high)
  local number = { type = "integer", low = 0, high = high }
  return { type = "array", max = 100, items = { type = "object", members = { ["end"] = number,
    start = { type = "integer!", low = low, high = high }, step = number } } }
end
local calendars = { type = "array", max = 100, items = { type = "object", members = { second = ranges(0, 59),
  minute = ranges(0, 59), hour = ranges(0, 23), day_of_month = ranges(1, 31), month = ranges(1, 12),
  year = ranges(1970, 2200), day_of_week = ranges(0, 6), comment = "string?" } } }
local OVERLAPS = { values = { true, true, true, true, true, true }, expected = "1, 2, 3, 4, 5 or 6" }
local function overlap(kind)
  return { type = kind, values = OVERLAPS.values, expected = OVERLAPS.expected }
end
local schedule_id = { type = "string?", min = 1, max = 256 }
local function schedule_members(input)
  return { input = input, calendars = calendars, skip = calendars, jitter = "duration?", time_zone_name = "string?",
    intervals = { type = "array", max = 100, items = { type = "object", members = { every = "duration!",
      offset = "duration?" } } },
    cron_expressions = { type = "array", max = 100, items = { type = "string", max = 1000 } },
    start_at = "datetime?", end_at = "datetime?",
    policy = { type = "object", members = { overlap = overlap "integer", pause_on_failure = "boolean",
      catchup_window_seconds = { type = "integer", low = 0 } } },
    max_executions = { type = "integer?", low = 0 }, schedule_id = schedule_id }
end
local note = { note = "string?" }
add("GET", "/v1/workflows/schedules", schedules.list, { query = {
  workflow_name = is.text(), user_id = is.text(), status = is.one_of { "active", "paused" }, search = is.text(),
  page_size = is.integer(nil, 1, 1000), next_page_token = is.text() } })
add("POST", "/v1/workflows/schedules", schedules.create, { body = {
  schedule = { type = "object!", members = schedule_members "any!" }, workflow_registration_id = "uuid?",
  workflow_version_id = "uuid?", workflow_identifier = "string?", workflow_task_queue = "string?",
  schedule_id = schedule_id, deployment_name = "string?" } })
add("GET", "/v1/workflows/schedules/{schedule_id}", schedules.get)
add("PATCH", "/v1/workflows/schedules/{schedule_id}", schedules.update, { body = {
  schedule = { type = "object!", members = schedule_members "any" } } })
add("DELETE", "/v1/workflows/schedules/{schedule_id}", schedules.delete)
add("POST", "/v1/workflows/schedules/{schedule_id}/pause", schedules.pause, { body = note, body_optional = true })
add("POST", "/v1/workflows/schedules/{schedule_id}/resume", schedules.resume, { body = note, body_optional = true })
add("POST", "/v1/workflows/schedules/{schedule_id}/trigger", schedules.trigger, {
  body = { overlap = overlap "integer?" }, body_optional = true })

-- Deployments and workers

local function spec_members(github_url)
  return { github_url = github_url, revision = "string?", entrypoint = "string?", working_dir = "string?",
    backend_spec = "object?" }
end
local resources = { type = "object?", members = { replicas = { type = "integer?", low = 0, high = 1000 },
  cpu_request = "string?", cpu_limit = "string?", memory_request = "string?", memory_limit = "string?" } }
add("GET", "/v1/workflows/deployments", deployments.list, { query = {
  active_only = is.boolean(true), is_hardened = is.boolean(), workflow_name = is.text(), search = is.text(),
  order_by = is.one_of { "updated_at", "created_at" }, order = is.one_of(ORDERS, "desc"),
  limit = is.integer(nil, 1, 100), cursor = is.text(), workspace_id = is.uuid(), created_by = is.text(),
  location_types = is.many(is.one_of { "local", "k8s", "managed" }) } })
add("POST", "/v1/workflows/deployments", deployments.create, { body = { name = "string!",
  spec = { type = "object!", members = spec_members "string!" }, resources = resources, hardened = "boolean" } })
add("GET", "/v1/workflows/deployments/{name}", deployments.get, { query = { workflow_name = is.text() } })
add("PATCH", "/v1/workflows/deployments/{name}", deployments.update, { body = {
  spec = { type = "object?", members = spec_members "string?" }, resources = resources } })
add("DELETE", "/v1/workflows/deployments/{name}", deployments.delete)
add("POST", "/v1/workflows/deployments/{name}/start", deployments.start)
add("POST", "/v1/workflows/deployments/{name}/stop", deployments.stop)
add("POST", "/v1/workflows/deployments/{name}/restart", deployments.restart)
add("GET", "/v1/workflows/deployments/{name}/workers", deployments.workers, { query = {
  worker_status = is.one_of { "active", "inactive" }, limit = is.integer(50, 1, 100), cursor = is.text() } })
add("GET", "/v1/workflows/deployments/{name}/logs", deployment_logs.list, { query = {
  worker_name = is.text(), workflow_name = is.text(), after = is.datetime(), before = is.datetime(),
  order = is.one_of(ORDERS, "asc"), cursor = is.text(), limit = is.integer(50, 1, 100) } })
add("GET", "/v1/workflows/deployments/{name}/logs/stream", deployment_logs.stream, { query = {
  worker_name = is.text(), workflow_name = is.text(), after = is.datetime(), last_event_id = is.text() } })
add("GET", "/v1/workflows/workers/whoami", workers.whoami)

-- Events

add("GET", "/v1/workflows/events/list", event_list.list, { query = {
  root_workflow_exec_id = is.text(), workflow_exec_id = is.text(), workflow_run_id = is.text(),
  limit = is.integer(100, 1, 1000), cursor = is.text() } })
add("GET", "/v1/workflows/events/stream", streams.all, { query = {
  scope = is.one_of({ "activity", "workflow", "*" }, "*"), activity_name = is.text "*", activity_id = is.text "*",
  workflow_name = is.text "*", workflow_exec_id = is.text "*", root_workflow_exec_id = is.text "*",
  parent_workflow_exec_id = is.text "*", stream = is.text "*", start_seq = is.integer(0),
  metadata_filters = is.object(), workflow_event_types = is.many(is.one_of(EVENT_TYPES)),
  event_source = is.one_of(SOURCES), last_event_id = is.text() } })

router.sort()
