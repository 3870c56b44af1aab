-- What a request holds below its top level: what is refused as misuse, what cannot be sent, and what is sent.

local clients = require "spec.support.clients"
local core = require "mistral.workflows.core"
local fault = require "spec.support.fault"
local workflows = require "mistral.workflows"

local function schedule(members)
  members.input = members.input or {}
  return { workflow_identifier = "w", schedule = members }
end

describe("a body", function()
  local server, client

  setup(function()
    server = fault.start()
    client = clients.new(server)
  end)
  teardown(function()
    client:close()
    server:stop()
  end)
  before_each(function() server:reset() end)

  -- The JSON text that was sent last.
  local function sent()
    local log = server:log()
    return log[#log].body
  end

  -- { beginning of the message, operation, arguments... }: none of them is sent; `kind` is nil for misuse.
  local function refused(cases, kind)
    for _, case in ipairs(cases) do
      local transfer, message, found = core[case[2]](client.handle, case[3], case[4])
      assert.is_nil(transfer, case[1])
      assert.equal(case[1], message:sub(1, #case[1]))
      assert.equal(kind, found)
    end
    assert.equal(0, server:stats().requests)
  end

  it("has known names at every level", function()
    refused {
      { "schedule.cron: unknown name; did you mean 'cron_expressions'?", "schedule_workflow",
        schedule { cron = "0 3 * * *" } },
      { "schedule.timezone: unknown name; did you mean 'time_zone_name'?", "schedule_workflow",
        schedule { timezone = "Europe/Paris" } },
      { "schedule.policy.overlaps: unknown name; did you mean 'overlap'?", "update_schedule", "s",
        { schedule = { policy = { overlaps = 1 } } } },
      { "schedule.calendars[2].hours: unknown name; did you mean 'hour'?", "schedule_workflow",
        schedule { calendars = { { hour = {} }, { hours = {} } } } },
      { 'schedule.calendars[1].hour[2].to: unknown name; did you mean ["end"]?', "schedule_workflow",
        schedule { calendars = { { hour = { { start = 1 }, { start = 9, to = 17 } } } } } },
      { "schedule.intervals[1].evry: unknown name; did you mean 'every'?", "schedule_workflow",
        schedule { intervals = { { evry = "PT1H" } } } },
      { "spec.branch: unknown name; did you mean 'revision'?", "create_deployment",
        { name = "n", spec = { github_url = "u", branch = "main" } } },
      { "spec.secret: unknown name; known are github_url, revision, entrypoint, working_dir, backend_spec",
        "create_deployment", { name = "n", spec = { github_url = "u", secret = "s" } } },
      { "spec.backend_spec.kind: unknown name; known are type, build_directory, dockerfile_path, entrypoint, "
        .. "working_dir", "create_deployment",
        { name = "n", spec = { github_url = "u", backend_spec = { type = "koyeb", kind = 1 } } } },
      { "resources.cpu: unknown name; did you mean 'cpu_request'?", "update_deployment", "n",
        { resources = { cpu = "1" } } },
      { "encoded_input.b64: unknown name; did you mean 'b64payload'?", "execute_workflow", "w",
        { encoded_input = { b64 = "" } } },
      { "schedule: names must be strings, not a number", "schedule_workflow", { schedule = { "0 3 * * *" } } },
      { "schedule: the name that begins with 'jitter' holds a NUL byte", "schedule_workflow",
        schedule { ["jitter\0"] = "PT1S" } },
    }
  end)

  it("has the types of its schema at every level", function()
    refused {
      { "'schedule' must be a table, not a string", "schedule_workflow", { schedule = "0 3 * * *" } },
      { "'schedule.cron_expressions' must be a list of strings, not a string", "schedule_workflow",
        schedule { cron_expressions = "0 3 * * *" } },
      { "'schedule.cron_expressions' must be a list of strings; item 2 is a number", "schedule_workflow",
        schedule { cron_expressions = { "0 3 * * *", 5 } } },
      { "'schedule.cron_expressions' must be a list of strings; item 1 is null", "schedule_workflow",
        schedule { cron_expressions = { workflows.null } } },
      { "'schedule.calendars' must be a list of tables, not a table with names", "schedule_workflow",
        schedule { calendars = { hour = { { start = 3 } } } } },
      { "'schedule.calendars[1].hour' must be a list of tables; item 1 is a number", "schedule_workflow",
        schedule { calendars = { { hour = { 3 } } } } },
      { "'schedule.calendars[1].hour[1].start' must be an integer, not a string", "schedule_workflow",
        schedule { calendars = { { hour = { { start = "three" } } } } } },
      { "'schedule.start_at' must be an RFC 3339 date-time or a number of seconds since 1970, not a boolean",
        "schedule_workflow", schedule { start_at = true } },
      { "'schedule.policy.pause_on_failure' must be a boolean, not a string", "schedule_workflow",
        schedule { policy = { pause_on_failure = "yes" } } },
      { "'custom_tracing_attributes.team' must be a string, not a number", "execute_workflow", "w",
        { custom_tracing_attributes = { team = 7 } } },
      { "custom_tracing_attributes: names must be strings, not a number", "execute_workflow", "w",
        { custom_tracing_attributes = { "team" } } },
      { "'tags' must be a list of strings; item 1 is a table", "update_workflow", "w", { tags = { {} } } },
      { "'execution_ids' must be a list of strings; item 2 is a boolean", "batch_cancel_workflow_executions",
        { execution_ids = { "a", true } } },
    }
  end)

  it("has what is required of it", function()
    refused {
      { "'name' is required", "signal_workflow_execution", "e", {} },
      { "'name' is required", "query_workflow_execution", "e" },
      { "'schedule' is required", "schedule_workflow", { workflow_identifier = "w" } },
      { "'schedule.input' is required", "schedule_workflow", { schedule = { cron_expressions = { "0 3 * * *" } } } },
      { "'schedule.intervals[1].every' is required", "schedule_workflow", schedule { intervals = { {} } } },
      { "'schedule.skip[1].month[1].start' is required", "schedule_workflow",
        schedule { skip = { { month = { { ["end"] = 3 } } } } } },
      { "'spec.github_url' is required", "create_deployment", { name = "n", spec = {} } },
      { "'event_id' is required", "reset_workflow", "e", { reason = "r" } },
    }
  end)

  it("is told what it may look like, and what the reference says of it", function()
    refused {
      { "'schedule' must be a table, not a string, as { input = ... }", "schedule_workflow", { schedule = "3" } },
      { "'schedule.calendars[1].hour' must be a list of tables; item 1 is a number, as { { start = ... } }",
        "schedule_workflow", schedule { calendars = { { hour = { 3 } } } } },
      { "'schedule.intervals' must be a list of tables, not a string, as { { every = ... } }", "schedule_workflow",
        schedule { intervals = "PT1H" } },
      { "'spec.backend_spec' must be a table, not a string, as { type = ... }", "create_deployment",
        { name = "n", spec = { github_url = "u", backend_spec = "koyeb" } } },
      { "'schedule.jitter' must be a string, not a number (ISO 8601 duration by which starts are spread)",
        "schedule_workflow", schedule { jitter = 5 } },
      { "the body must be a table, not a string, as { name = ..., spec = ... }", "create_deployment", "n" },
      { "the body must be a table, not a string, as { event_id = ... }", "reset_workflow", "e", "4" },
    }
  end)

  it("that has the required members and no more is sent", function()
    assert(client.schedules:update("s", { schedule = {} }))
    assert.equal('{"schedule":{}}', sent())
    assert(client.deployments:update("n", { spec = {} }))
    assert.equal('{"spec":{}}', sent())
  end)

  it("has nothing that JSON cannot hold, at every level", function()
    local null_of_dkjson = setmetatable({}, { __tojson = function() return "null" end })
    local foreign = "a table that another library writes as JSON in a way of its own is not JSON here"
    refused({
      { "schedule.cron_expressions[1]: invalid UTF-8 in a string", "schedule_workflow",
        schedule { cron_expressions = { "\255" } } },
      { "schedule.cron_expressions: a sparse array is not JSON", "schedule_workflow",
        schedule { cron_expressions = { "a", nil, "c" } } },
      { "schedule.input.f: a function is not JSON", "schedule_workflow", schedule { input = { f = print } } },
      { "schedule.input.n: " .. foreign, "schedule_workflow", schedule { input = { n = null_of_dkjson } } },
      { "schedule.cron_expressions: " .. foreign, "schedule_workflow", schedule { cron_expressions = null_of_dkjson } },
      { "schedule: " .. foreign, "schedule_workflow", { schedule = null_of_dkjson } },
      { "custom_tracing_attributes: " .. foreign, "execute_workflow", "w",
        { custom_tracing_attributes = null_of_dkjson } },
      { foreign, "execute_workflow", "w", null_of_dkjson },
      { "schedule.start_at: not a time of the years 0 to 9999", "schedule_workflow", schedule { start_at = 1e300 } },
      { "schedule.end_at: not a time of the years 0 to 9999", "schedule_workflow", schedule { end_at = 0 / 0 } },
      { "workflow_ids[2]: 'hello' is no UUID: ids are needed here, not names", "bulk_archive_workflows",
        { workflow_ids = { "00000000-0000-4000-8000-000000000001", "hello" } } },
      { "custom_tracing_attributes.a: invalid UTF-8 in a string", "execute_workflow", "w",
        { custom_tracing_attributes = { a = "\255" } } },
    }, "invalid")
  end)

  it("that is open takes unknown names at every level, and still no wrong types", function()
    local open = clients.new(server, { parameters = "open" })
    assert(open.schedules:create { later = { 1 }, schedule = { input = {}, cron = "x",
      intervals = { { every = "PT1H", until_then = true } } } })
    assert.same({ later = { 1 }, schedule = { input = {}, cron = "x",
      intervals = { { every = "PT1H", until_then = true } } } }, workflows.json.decode(sent()))
    local transfer, message = core.schedule_workflow(open.handle, schedule { cron = 1, policy = { overlap = "x" } })
    assert.is_nil(transfer)
    local expected = "'schedule.policy.overlap' must be an integer, not a string (1 SKIP, "
    assert.equal(expected, message:sub(1, #expected))
    open:close()
  end)

  it("is written in the order of its schema", function()
    assert(client.schedules:create { schedule_id = "s", workflow_identifier = "w", schedule = {
      policy = { overlap = 2, catchup_window_seconds = 60 }, input = { a = 1 }, cron_expressions = { "0 3 * * *" },
      time_zone_name = "Europe/Paris", calendars = { { hour = { { step = 2, start = 9, ["end"] = 17 } } } } } })
    assert.equal('{"schedule":{"input":{"a":1},"calendars":[{"hour":[{"start":9,"end":17,"step":2}]}],'
      .. '"cron_expressions":["0 3 * * *"],"time_zone_name":"Europe/Paris",'
      .. '"policy":{"catchup_window_seconds":60,"overlap":2}},"workflow_identifier":"w","schedule_id":"s"}', sent())
  end)

  it("has empty lists as lists, and empty tables as objects", function()
    assert(client.schedules:create(schedule { calendars = {}, skip = { { hour = {} } }, policy = {} }))
    assert.equal('{"schedule":{"input":{},"calendars":[],"skip":[{"hour":[]}],"policy":{}},'
      .. '"workflow_identifier":"w"}', sent())
  end)

  it("has null wherever the caller says null", function()
    assert(client.schedules:update("s", { schedule = { input = workflows.null, policy = workflows.null,
      calendars = workflows.null, start_at = workflows.null } }))
    assert.equal('{"schedule":{"input":null,"calendars":null,"start_at":null,"policy":null}}', sent())
  end)

  it("takes seconds since 1970 for a date-time, and text as it is", function()
    assert(client.schedules:create(schedule { start_at = 1764064800, end_at = 1764064800.25 }))
    assert.truthy(sent():find('"start_at":"2025-11-25T10:00:00Z","end_at":"2025-11-25T10:00:00.250000Z"', 1, true))
    assert(client.schedules:create(schedule { start_at = "2025-11-25 10:00+01:00" }))
    assert.truthy(sent():find('"start_at":"2025-11-25 10:00+01:00"', 1, true))
  end)

  it("has integers as integers, whatever number holds them", function()
    assert(client.executions:reset("e", { event_id = 7.0 }))
    assert.equal('{"event_id":7}', sent())
    assert(client.executions:reset("e", { event_id = "9223372036854775807" }))
    assert.equal('{"event_id":9223372036854775807}', sent())
  end)

  it("leaves the caller's tables as they are", function()
    local members = { input = {}, calendars = {}, start_at = 0 }
    assert(client.schedules:create { schedule = members })
    assert.same({ input = {}, calendars = {}, start_at = 0 }, members)
    assert.is_nil(getmetatable(members.calendars))
  end)
end)

describe("a query", function()
  local server, client

  setup(function()
    server = fault.start()
    client = clients.new(server)
  end)
  teardown(function()
    client:close()
    server:stop()
  end)
  before_each(function() server:reset() end)

  it("takes seconds since 1970 for a date-time, and text as it is", function()
    assert(client.runs:list { start_time_after = 0, end_time_before = "2026-01-01T00:00:00Z" })
    assert.truthy(server:log()[1].request_line:find("start_time_after=1970-01-01T00%3A00%3A00Z", 1, true))
    assert.truthy(server:log()[1].request_line:find("end_time_before=2026-01-01T00%3A00%3A00Z", 1, true))
    local transfer, message = core.list_runs(client.handle, { start_time_after = {} })
    assert.is_nil(transfer)
    assert.equal("'start_time_after' must be an RFC 3339 date-time or a number of seconds since 1970, not a table",
      message)
    local _, problem, kind = core.list_runs(client.handle, { start_time_after = 1 / 0 })
    assert.equal("start_time_after: not a time of the years 0 to 9999", problem)
    assert.equal("invalid", kind)
  end)

  it("says what an unknown name was meant for", function()
    local cases = {
      { "unknown name 'limit'; did you mean 'page_size'?", "list_runs", { limit = 5 } },
      { "unknown name 'workflow'; did you mean 'workflow_identifier'?", "list_runs", { workflow = "w" } },
      { "unknown name 'timeout'; timeout is an option: second argument", "list_runs", { timeout = 5 } },
      { "unknown name 'timeout'; timeout is an option: third argument", "get_workflow_execution", "e",
        { timeout = 5 } },
      { "unknown name 'timeout'; timeout is an option: third argument", "execute_workflow", "w", { timeout = 5 } },
      { "unknown name 'seconds'; the input goes into input = { ... }", "execute_workflow", "w", { seconds = 1 } },
      { "unknown name 'approved'; the input goes into input = { ... }", "signal_workflow_execution", "e",
        { name = "approve", approved = true } },
      { "unknown name 'cron_expressions'; it goes into schedule = { ... }", "schedule_workflow",
        { workflow_identifier = "w", cron_expressions = {} } },
    }
    for _, case in ipairs(cases) do
      local transfer, message, kind = core[case[2]](client.handle, case[3], case[4])
      assert.is_nil(transfer)
      assert.equal(case[1], message)
      assert.is_nil(kind)
    end
  end)

  it("that is open takes numbers, booleans, texts and lists under unknown names", function()
    local open = clients.new(server, { parameters = "open" })
    assert(open.runs:list { ratio = 0.5, count = 3, flag = false, list = { "a", "b" } })
    local target = server:log()[1].request_line
    for _, part in ipairs { "ratio=0.5", "count=3", "flag=false", "list=a&list=b" } do
      assert(target:find(part, 1, true), target)
    end
    open:close()
  end)
end)
