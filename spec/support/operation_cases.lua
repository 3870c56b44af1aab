--- Each operation once, against the sandbox: what it is called with, and what comes back.
--
-- By operation: `path`, a function that makes the path value; `table`, the query or the body, or a function of the path
-- value that makes it; `ids`, a function that makes the ids of a call on many; `query`, what of it must be in the
-- request line; `has`, the types of members of the answer. Streams: `has` of the first event.

local schedule = { input = {}, cron_expressions = { "0 3 * * *" } }

-- What makes things to ask for.
local function makers(server, client)
  local started = 0

  -- A new execution of a workflow, by its id.
  local function fresh(workflow)
    started = started + 1
    local id = ("%s-%d"):format(workflow, started)
    return assert(client.workflows:execute(workflow, { execution_id = id })).execution_id
  end

  local function running() return fresh "forever" end
  local function counter() return fresh "counter" end
  local function finished()
    local id = fresh "hello"
    assert(client.executions:wait(id))
    return id
  end

  local function a_run()
    return assert(client.executions:get(running())).run_id
  end

  local function a_schedule()
    return assert(client.schedules:create { workflow_identifier = "hello", schedule = schedule }).schedule_id
  end

  local function a_registration()
    return server:control("GET", "registrations?n=1")[1]
  end

  local function workflow_id()
    return assert(client.workflows:get "hello").workflow.id
  end

  -- The one deployment that can be changed, as it was at first.
  local function managed()
    server:reset()
    return "managed-ocr"
  end

  -- The id of an event to which the execution can be reset.
  local function reset_event(id)
    for _, event in ipairs(assert(client.executions:trace_events(id, { include_internal_events = true })).events) do
      if event.name:find "WORKFLOW_TASK_COMPLETED" or event.name:find "WorkflowTaskCompleted" then
        return tonumber(event.id)
      end
    end
    local _, err = client.executions:reset(id, { event_id = 1 })
    return err.detail.valid_reset_events[1]
  end

  return { running = running, counter = counter, finished = finished, run = a_run, schedule = a_schedule,
    registration = a_registration, workflow_id = workflow_id, managed = managed, reset_event = reset_event }
end

--- @param server a sandbox, with whose registrations and workflows the calls are made
-- @param client of it
-- @return the cases by operation, and functions that make things to ask for: an execution that has `finished`, ...
return function(server, client)
  local make = makers(server, client)
  return {
    get_workflows = { table = { status = { "RUNNING", "FAILED" }, archived = false, limit = 2 },
      query = "?status=RUNNING&status=FAILED&archived=false&limit=2", has = { workflows = "table" } },
    get_workflow = { path = function() return "hello" end, has = { workflow = "table" } },
    update_workflow = { path = function() return "echo" end, table = { description = "It answers.", tags = { "a" } },
      has = { workflow = "table" } },
    archive_workflow = { path = function() return "echo" end, has = { workflow = "table" } },
    unarchive_workflow = { path = function() return "echo" end, has = { workflow = "table" } },
    bulk_archive_workflows = { ids = function() return { make.workflow_id() } end,
      has = { archived = "table", errored = "table" } },
    bulk_unarchive_workflows = { ids = function() return { make.workflow_id() } end,
      has = { unarchived = "table", errored = "table" } },
    execute_workflow = { path = function() return "hello" end,
      table = { execution_id = "op-1", input = { name = "x" } },
      has = { execution_id = "string", status = "string", workflow_name = "string" } },
    get_workflow_metrics = { path = function() return "hello" end, table = { start_time = "2026-01-01T00:00:00Z" },
      query = "?start_time=2026-01-01T00%3A00%3A00Z",
      has = { execution_count = "table", latency_over_time = "table" } },
    get_workflow_registrations = { table = { limit = 3, with_workflow = true }, query = "?with_workflow=true&limit=3",
      has = { workflow_registrations = "table", next_cursor = "string" } },
    get_workflow_registration = { path = make.registration,
      table = { with_workflow = true }, query = "?with_workflow=true",
      has = { workflow_registration = "table" } },
    execute_workflow_registration = { path = make.registration, table = { execution_id = "op-2", input = {} },
      has = { execution_id = "string", status = "string" } },
    get_workflow_execution = { path = make.finished, table = { include_search_keys = true },
      query = "?include_search_keys=true", has = { result = "table", status = "string", run_id = "string" } },
    get_workflow_execution_history = { path = make.finished, table = { decode_payloads = true },
      query = "?decode_payloads=true", has = {} },
    signal_workflow_execution = { path = make.counter, table = { name = "add", input = { n = 2 } },
      has = { message = "string" } },
    query_workflow_execution = { path = make.counter, table = { name = "get" },
      has = { query_name = "string", result = "number" } },
    update_workflow_execution = { path = make.counter, table = { name = "add", input = { n = 3 } },
      has = { update_name = "string", result = "number" } },
    cancel_workflow_execution = { path = make.running },
    terminate_workflow_execution = { path = make.running },
    reset_workflow = { path = make.finished, table = function(id)
      return { event_id = make.reset_event(id), reason = "once more", exclude_signals = true }
    end },
    batch_cancel_workflow_executions = { ids = function() return { make.running(), make.running() } end,
      has = { results = "table" } },
    batch_terminate_workflow_executions = { ids = function() return { make.running(), make.running() } end,
      has = { results = "table" } },
    get_workflow_execution_trace_info = { path = make.finished, has = { has_trace_data = "boolean" } },
    get_workflow_execution_trace_otel = { path = make.finished, has = { execution_id = "string" } },
    get_workflow_execution_trace_summary = { path = make.finished, has = { span_tree = "table" } },
    get_workflow_execution_trace_events = { path = make.finished, table = { merge_same_id_events = true },
      query = "?merge_same_id_events=true", has = { events = "table" } },
    stream = { path = make.running, table = { event_source = "HYBRID" }, query = "?event_source=HYBRID",
      has = { broker_sequence = "number", data = "table" } },
    get_workflow_execution_logs = { path = make.finished,
      table = { order = "asc", limit = 5 }, query = "?order=asc&limit=5",
      has = { results = "table" } },
    stream_workflow_execution_logs = { path = make.finished, table = { after = "2026-01-01T00:00:00Z" },
      query = "?after=2026-01-01T00%3A00%3A00Z", has = { timestamp = "string", body = "string" } },
    list_runs = { table = { status = { "FAILED", "TIMED_OUT" }, order = "desc", page_size = 5 },
      query = "?status=FAILED&status=TIMED_OUT&order=desc&page_size=5", has = { executions = "table" } },
    get_run = { path = make.run, has = { execution_id = "string", status = "string" } },
    get_run_history = { path = make.run,
      table = { decode_payloads = false }, query = "?decode_payloads=false", has = {} },
    get_schedules = { table = { status = "active", page_size = 7 }, query = "?status=active&page_size=7",
      has = { schedules = "table" } },
    schedule_workflow = { table = { workflow_identifier = "hello", schedule = schedule, schedule_id = "nightly" },
      has = { schedule_id = "string" } },
    get_schedule = { path = make.schedule, has = { schedule_id = "string", recent_executions = "table" } },
    update_schedule = { path = make.schedule, table = { schedule = { input = {}, cron_expressions = { "0 4 * * *" } } },
      has = { schedule_id = "string" } },
    unschedule_workflow = { path = make.schedule },
    pause_schedule = { path = make.schedule, table = { note = "holiday" } },
    resume_schedule = { path = make.schedule, table = { note = "back" } },
    trigger_schedule = { path = make.schedule, table = { overlap = 6 } },
    list_deployments = { table = { active_only = false, location_types = { "local", "managed" }, limit = 9 },
      query = "?active_only=false&limit=9&location_types=local&location_types=managed",
      has = { deployments = "table" } },
    create_deployment = { table = { name = "fresh", spec = { github_url = "https://github.com/example/workers" } },
      has = { name = "string" } },
    get_deployment = { path = function() return "default" end, table = { workflow_name = "hello" },
      query = "?workflow_name=hello", has = { name = "string" } },
    update_deployment = { path = make.managed, table = { resources = {} },
      has = { name = "string" } },
    start_deployment = { path = make.managed, has = { name = "string" } },
    stop_deployment = { path = make.managed, has = { name = "string" } },
    restart_deployment = { path = make.managed, has = { name = "string" } },
    delete_deployment = { path = make.managed, has = { name = "string" } },
    list_deployment_workers = { path = function() return "default" end, table = { worker_status = "active", limit = 5 },
      query = "?worker_status=active&limit=5", has = { workers = "table" } },
    get_deployment_logs = { path = function() return "default" end, table = { order = "desc", limit = 5 },
      query = "?order=desc&limit=5", has = { results = "table" } },
    stream_deployment_logs = { path = function() return "default" end, table = { after = "2026-01-01T00:00:00Z" },
      query = "?after=2026-01-01T00%3A00%3A00Z", has = { timestamp = "string", body = "string" } },
    get_workflow_events = {
      table = { workflow_exec_id = "op-1", limit = 10 }, query = "?workflow_exec_id=op-1&limit=10",
      has = { events = "table" } },
    get_stream_events = { table = { workflow_name = "hello", metadata_filters = { tier = "gold" }, start_seq = 0 },
      query = "?workflow_name=hello&start_seq=0&metadata_filters=%7B%22tier%22%3A%22gold%22%7D" },
    get_worker_info = { has = { scheduler_url = "string", namespace = "string" } },
  }, make
end
