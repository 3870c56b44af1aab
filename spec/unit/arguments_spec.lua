-- What requests are made of arguments, to the byte, and what is said of those that fit nowhere. Nothing is sent.

local core = require "mistral.workflows.core"
local workflows = require "mistral.workflows"

local null = workflows.null
local URL = "http://127.0.0.1:9"

describe("arguments", function()
  local strict, open

  setup(function()
    strict = workflows.new { api_key = "none", server_url = URL }
    open = workflows.new { api_key = "none", server_url = URL, parameters = "open" }
  end)
  teardown(function()
    strict:close()
    open:close()
  end)

  local function request(client, operation, ...)
    local transfer, message = core[operation](client.handle, ...)
    assert(transfer, message)
    transfer:start_fed()
    local made = transfer:request {}
    transfer:cancel()
    return made
  end

  local function query(client, ...) return request(client, ...).query end
  local function body(client, ...) return request(client, ...).body end

  -- Each case: the whole message, "invalid" or nil, operation and arguments.
  local function refused(client, cases)
    for _, case in ipairs(cases) do
      local transfer, message, kind = core[case[3]](client.handle, case[4], case[5])
      assert.is_nil(transfer, case[1])
      assert.equal(case[1], message)
      assert.equal(case[2] or nil, kind, message)
    end
  end

  it("of a query are written in the order of the table, each as its type is", function()
    assert.equal("status=RUNNING&archived=false&tags=a%20b&tags=%26%3D%2F%C3%A9&limit=5&active_only=true"
      .. "&search=~a.b_c-d", query(strict, "get_workflows", {
        search = "~a.b_c-d", active_only = true, archived = false, limit = 5.0, tags = { "a b", "&=/\195\169" },
        status = "RUNNING", cursor = null, order = nil,
      }))
    assert.equal("start_time_after=1970-01-01T00%3A00%3A00.500000Z&end_time_before=now&page_size=9007199254740993",
      query(strict, "list_runs", { page_size = "9007199254740993", start_time_after = 0.5, end_time_before = "now" }))
    assert.equal("metadata_filters=%7B%22a%22%3A%5B1%2C%22%2B%22%5D%7D",
      query(strict, "get_stream_events", { metadata_filters = { a = { 1, "+" } } }))
    assert.is_nil(request(strict, "get_stream_events", { metadata_filters = { a = 1 } }).body)
    for _, nothing in ipairs { {}, { tags = {} }, { limit = null } } do
      assert.is_nil(query(strict, "get_workflows", nothing))
    end
    assert.is_nil(query(strict, "get_workflows"))
    assert.equal("/v1/workflows/a%20%2F%3F%23b", request(strict, "get_workflow", "a /?#b").path)
  end)

  it("of a query that is open are as their types in Lua suggest", function()
    for expected, value in pairs {
      ["later=0.5"] = 0.5, ["later=7"] = 7, ["later=true"] = true, ["later=text"] = "text", ["later=1e%2B300"] = 1e300,
      ["later=a&later=b"] = { "a", "b" }, ["later=-3"] = -3,
    } do
      assert.equal(expected, query(open, "list_runs", { later = value }))
    end
    assert.is_nil(query(open, "list_runs", { later = null }))
    assert.equal("page_size=5&later=1", query(open, "list_runs", { later = 1, page_size = 5 }))
    refused(open, {
      { "'later' is not a finite number", "invalid", "list_runs", { later = math.huge } },
      { "'later' is not a finite number", "invalid", "list_runs", { later = 0 / 0 } },
      { "'later' is not valid UTF-8", "invalid", "list_runs", { later = "\255" } },
      { "'later' must be a string, not a function", nil, "list_runs", { later = print } },
      { "'later' must be a list of strings; item 1 is a number", nil, "list_runs", { later = { 1 } } },
      { "names must be strings, not a boolean", nil, "list_runs", { [true] = 1 } },
    })
  end)

  it("of a query are told by their own names, whatever stood before them", function()
    refused(strict, {
      { "'end_time_after' must be an RFC 3339 date-time or a number of seconds since 1970, not a boolean "
        .. "(without those that run)", nil, "list_runs", { start_time_after = 0, end_time_after = true } },
      { "end_time_after: not a time of the years 0 to 9999", "invalid", "list_runs",
        { start_time_after = 0, end_time_after = 1e300 } },
      { "'workflow_tags' must be a list of strings; item 2 is null", nil, "list_runs",
        { search = "a", workflow_tags = { "a", null } } },
      { "'metadata_filters' must be a table, not a string", nil, "get_stream_events",
        { metadata_filters = "a" } },
      { "metadata_filters.b: NaN is not JSON", "invalid", "get_stream_events",
        { metadata_filters = { b = 0 / 0 }, scope = "*" } },
      { "unknown name 'limitt'; did you mean 'limit'?", nil, "get_workflows", { limitt = 1 } },
      { "the parameters must be a table, not a string", nil, "get_workflows", "x" },
      { "unknown name 'abcdefgh'; this operation takes no parameters", nil, "get_worker_info", { abcdefgh = 1 } },
    })
  end)

  it("of a path are texts that can stand there", function()
    local reserved = "workflow_identifier 'runs' is a route of the service: /v1/workflows/runs is another operation; "
      .. "address the workflow by its id"
    refused(strict, {
      { "workflow_identifier is empty", "invalid", "get_workflow", "" },
      { "workflow_identifier must not be '.': it would change the path of the request", "invalid", "get_workflow",
        "." },
      { "execution_id must not be '..': it would change the path of the request", "invalid",
        "get_workflow_execution", ".." },
      { "workflow_identifier is not valid UTF-8", "invalid", "get_workflow", "\128" },
      { reserved, "invalid", "get_workflow", "runs" },
      { "workflow_identifier must be a string, not a boolean", nil, "get_workflow", true },
      { "workflow_identifier must be a string, not null", nil, "get_workflow", null },
      { "workflow_identifier must be a string, not nil", nil, "get_workflow" },
      { "workflow_identifier must be a string, not a table: pass its id", nil, "get_workflow", { id = "i" } },
      { "workflow_identifier must be a string, not a table: pass its workflow_identifier", nil, "get_workflow",
        { id = "i", workflow_identifier = "w" } },
      { "workflow_identifier must be a string, not a table", nil, "get_workflow", { id = 5 } },
      { "workflow_identifier must be a string, not a table", nil, "get_workflow", {} },
    })
    for _, fine in ipairs { "...", ".a", "a.", "run", "runs2" } do
      assert.equal("/v1/workflows/" .. fine, request(strict, "get_workflow", fine).path)
    end
  end)

  it("that are integers are whole, of 64 bits or 53, and may be their digits", function()
    for expected, value in pairs {
      ["7"] = 7.0, ["-7"] = -7, ["9007199254740992"] = 2 ^ 53, ["-9007199254740992"] = -2 ^ 53, ["0"] = "0",
      ["-0"] = "-0", ["-5"] = "-5", ["12345678901234567890"] = "12345678901234567890",
      ["-1234567890123456789"] = "-1234567890123456789",
    } do
      assert.equal(('{"event_id":%s}'):format(expected), body(strict, "reset_workflow", "e", { event_id = value }))
    end
    local said = "'event_id' must be an integer, not a %s (of a workflow-task-completed event)"
    for _, value in ipairs {
      2 ^ 53 + 2, -2 ^ 53 - 2, 0.5, math.huge, -math.huge, 0 / 0, "", "-", "00", "-00", "01", "1 ", "0x1",
      "123456789012345678901", true, {},
    } do
      refused(strict, { { said:format(type(value)), nil, "reset_workflow", "e", { event_id = value } } })
    end
  end)

  it("of a body are written in the order of the schema, then what is unknown", function()
    assert.equal("{}", body(strict, "execute_workflow", "w"))
    assert.equal("{}", body(strict, "execute_workflow", "w", {}))
    assert.equal('{"execution_id":"e","input":{"a":[]},"timeout_seconds":0.5,"custom_tracing_attributes":{"team":"t"}}',
      body(strict, "execute_workflow", "w", {
        timeout_seconds = 0.5, execution_id = "e", custom_tracing_attributes = { team = "t" },
        input = { a = workflows.array() },
      }))
    assert.equal('{"event_id":1,"later":"event_id"}',
      body(open, "reset_workflow", "e", { event_id = 1, later = "event_id" }))
    assert.equal('{"tags":["a"],"later":{"a":null}}',
      body(open, "update_workflow", "w", { tags = { "a" }, later = { a = null } }))
    assert.equal('{"later":false}', body(open, "update_workflow", "w", { later = false }))
    refused(open, {
      { "later: a function is not JSON", "invalid", "update_workflow", "w", { later = print } },
      { "later.a[2]: invalid UTF-8 in a string", "invalid", "update_workflow", "w",
        { later = { a = { "b", "\255" } } } },
      { "schedule.later.a: NaN is not JSON", "invalid", "schedule_workflow",
        { workflow_identifier = "w", schedule = { input = {}, later = { a = 0 / 0 } } } },
      { "names must be strings, not a number", nil, "update_workflow", "w", { "x" } },
    })
  end)

  it("of a body are told by where they stand, whatever stood before them", function()
    local function schedule(members)
      members.input = {}
      return { workflow_identifier = "w", schedule = members }
    end
    refused(strict, {
      { "'schedule.calendars[2].hour[2].step' must be an integer, not a boolean (0: every one)", nil,
        "schedule_workflow", schedule { calendars = { { hour = { { start = 1 } } },
          { minute = { { start = 1 } }, hour = { { start = 1 }, { start = 2, step = false } } } } } },
      { "'schedule.policy.overlap' must be an integer, not a boolean (1 SKIP, 2 BUFFER_ONE, 3 BUFFER_ALL, "
        .. "4 CANCEL_OTHER, 5 TERMINATE_OTHER, 6 ALLOW_ALL; default 1)", nil, "schedule_workflow",
        schedule { calendars = { {} }, policy = { overlap = true } } },
      { "custom_tracing_attributes: names must be strings, not a boolean", nil, "execute_workflow", "w",
        { custom_tracing_attributes = { [true] = "a" } } },
      { "schedule.cron_expressions: a sparse array is not JSON", "invalid", "schedule_workflow",
        schedule { cron_expressions = { [2] = "a" } } },
      { "'tags' must be a list of strings, not a table with names (replace those there are)", nil, "update_workflow",
        "w", { tags = { a = "b" } } },
      { "'tags' must be a list of strings, not a string (replace those there are)", nil, "update_workflow", "w",
        { tags = "a" } },
      { "'custom_tracing_attributes' must be a table of strings, not a string", nil, "execute_workflow", "w",
        { custom_tracing_attributes = "a" } },
      { "the body must be a table, not a string", nil, "update_workflow", "w", "tags" },
      { "schedule.qqqqqqq: unknown name; known are input, max_executions, schedule_id, calendars, intervals, "
        .. "cron_expressions, skip, start_at, end_at, jitter, time_zone_name, policy", nil, "schedule_workflow",
        { schedule = { qqqqqqq = 1 } } },
      { "'timeout_seconds' must be a number, not a string (seconds the service waits at most; with wait_for_result)",
        nil, "execute_workflow", "w", { timeout_seconds = "5" } },
      { "'wait_for_result' must be a boolean, not a number", nil, "execute_workflow", "w", { wait_for_result = 1 } },
      { "'schedule' must be a table, not a number, as { input = ... }", nil, "update_schedule", "s", { schedule = 5 } },
    })
    local many = {}
    for number = 1, 30 do many["k" .. number] = "v" end
    many.wrong = 5
    refused(strict, {
      { "'custom_tracing_attributes.wrong' must be a string, not a number", nil, "execute_workflow", "w",
        { custom_tracing_attributes = many } },
      { "custom_tracing_attributes: invalid UTF-8 in a string", "invalid", "execute_workflow", "w",
        { custom_tracing_attributes = { ["\255"] = "a" } } },
    })
    many.wrong = print
    refused(open, {
      { "wrong: a function is not JSON", "invalid", "update_workflow", "w", many },
      { "\255: invalid UTF-8 in a string", "invalid", "update_workflow", "w", { ["\255"] = "a" } },
    })
    local long = ("k"):rep(300)
    local transfer, message = core.execute_workflow(strict.handle, "w",
      { custom_tracing_attributes = { [long] = 5 } })
    assert.is_nil(transfer)
    assert.equal(("'%s' must be a string, not a number"):format(
      ("custom_tracing_attributes." .. long):sub(1, 255)), message)
  end)

  it("fill a request up to its limits", function()
    local rest = 2 ^ 20 - #(URL .. "/v1/workflows?search=")
    assert.equal(rest, #query(strict, "get_workflows", { search = ("x"):rep(rest) }) - #"search=")
    refused(strict, {
      { "the query is too large", "invalid", "get_workflows", { search = ("x"):rep(rest + 1) } },
      { "the query is too large", "invalid", "get_workflows", { tags = { "a", ("x"):rep(rest) } } },
      { "the query is too large", "invalid", "list_runs", { start_time_after = 0, search = ("x"):rep(2 ^ 20) } },
      { "larger than 1048576 bytes", "invalid", "get_stream_events",
        { metadata_filters = { a = ("x"):rep(2 ^ 20) } } },
      { "the path is too large", "invalid", "get_workflow", ("x"):rep(2 ^ 20 - #(URL .. "/v1/workflows/") + 1) },
    })
  end)
end)
