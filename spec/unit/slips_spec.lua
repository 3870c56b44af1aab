-- The commonest slips of people who begin, and what they are told.

local workflows = require "mistral.workflows"

local compile = rawget(_G, "loadstring") or load

local slips = {
  -- what a program says, and what it is told
  { 'client.workflows:run("slow", { seconds = 1 })',
    "workflows:run: unknown name 'seconds'; the input goes into input = { ... }" },
  { 'client.workflows:execute("hello", { name = "Ada" })',
    "workflows:execute: unknown name 'name'; the input goes into input = { ... }" },
  { 'client.executions:signal("id", { name = "approve", approved = true })',
    "executions:signal: unknown name 'approved'; the input goes into input = { ... }" },
  { 'client.executions:signal("id", { signal = "approve" })',
    "executions:signal: unknown name 'signal'; did you mean 'name'?" },
  { 'client.workflows:run("slow", { timeout = 5 })',
    "workflows:run: unknown name 'timeout'; timeout is an option: third argument" },
  { 'client.executions:get("id", { timeout = 5 })',
    "executions:get: unknown name 'timeout'; timeout is an option: third argument" },
  { "client.runs:each { deadline = 5 }", "runs:each: unknown name 'deadline'; deadline is an option: second argument" },
  { "client.runs:list { limit = 5 }", "runs:list: unknown name 'limit'; did you mean 'page_size'?" },
  { "client.runs:each { limit = 5 }", "runs:each: unknown name 'limit'; did you mean 'page_size'?" },
  { "client.workflows:list { page_size = 5 }", "workflows:list: unknown name 'page_size'; did you mean 'limit'?" },
  { 'client.runs:list { workflow = "hello" }',
    "runs:list: unknown name 'workflow'; did you mean 'workflow_identifier'?" },
  { 'client.workflows:update("hello", { name = "Hello" })',
    "workflows:update: unknown name 'name'; did you mean 'display_name'?" },
  { 'client.events:list { execution_id = "id" }',
    "events:list: unknown name 'execution_id'; did you mean 'workflow_exec_id'?" },
  { 'client.schedules:create { workflow_identifier = "w", schedule = { input = {}, cron = "0 3 * * *" } }',
    "schedules:create: schedule.cron: unknown name; did you mean 'cron_expressions'?" },
  { 'client.schedules:create { workflow_identifier = "w", cron_expressions = { "0 3 * * *" } }',
    "schedules:create: unknown name 'cron_expressions'; it goes into schedule = { ... }" },
  { 'client.schedules:create { workflow_identifier = "w", schedule = { cron_expressions = { "0 3 * * *" } } }',
    "schedules:create: 'schedule.input' is required (what the workflow gets; {} for none)" },
  { 'client.schedules:create { workflow_identifier = "w", schedule = { input = {}, calendars = { { hour = 3 } } } }',
    "schedules:create: 'schedule.calendars[1].hour' must be a list of tables, not a number, as { { start = ... } } "
      .. "(default 0)" },
  { 'client.schedules:create { workflow_identifier = "w", schedule = { input = {}, '
      .. 'calendars = { { hour = { { start = 3, stop = 4 } } } } } }',
    'schedules:create: schedule.calendars[1].hour[1].stop: unknown name; did you mean ["end"]?' },
  { 'client.schedules:create { workflow_identifier = "w", schedule = { input = {}, intervals = { { every = 60 } } } }',
    "schedules:create: 'schedule.intervals[1].every' must be a string, not a number (ISO 8601 duration, as PT15M)" },
  { 'client.schedules:trigger("id", { overlap = "SKIP" })',
    "schedules:trigger: 'overlap' must be an integer, not a string (1 SKIP, 2 BUFFER_ONE, 3 BUFFER_ALL, "
      .. "4 CANCEL_OTHER, 5 TERMINATE_OTHER, 6 ALLOW_ALL)" },
  { 'client.schedules:pause("id", "until noon")',
    "schedules:pause: the body must be a table, not a string, as { note = ... }" },
  { 'client.executions:signal("id", "approve", { approved = true })',
    "executions:signal: the body must be a table, not a string, as { name = ... }" },
  { 'client.executions:query("id", "state")',
    "executions:query: the body must be a table, not a string, as { name = ... }" },
  { 'client.workflows:run("hello", "Ada")',
    "workflows:run: the body must be a table, not a string, as { input = ... }" },
  { 'client.executions:reset "id"', "executions:reset: 'event_id' is required (of a workflow-task-completed event)" },
  { 'client.executions:get { execution_id = "id", status = "FAILED" }',
    "executions:get: execution_id must be a string, not a table: pass its execution_id" },
  { 'client.workflows:run { id = "id", name = "hello" }',
    "workflows:run: workflow_identifier must be a string, not a table: pass its id" },
  { "client.executions:get()", "executions:get: execution_id must be a string, not nil" },
  { 'client.executions:wait("id", {}, { timeout = 5 })', "executions:wait: too many arguments; the options come last" },
  { 'client.executions:as_completed({ "id" }, {}, { timeout = 5 })',
    "executions:as_completed: too many arguments; the options come last" },
  { "client.runs:each({}, { deadline = 5 }, {})", "runs:each: too many arguments; the options come last" },
  { 'client.workflows:get("hello", { 5 })', "workflows:get: the options need names, as timeout = 5" },
  { 'client.executions:cancel_many { { execution_id = "id" } }',
    "executions:cancel_many: id 1 must be a string, not a table: pass its execution_id" },
  { 'client.executions:as_completed { { execution_id = "id" } }',
    "executions:as_completed: id 1 must be a string, not a table: pass its execution_id" },
  { "client.executions:cancel_many()", "executions:cancel_many: the ids must be a list of strings, not nil" },
  { 'client.runs:list { start_time_after = os.date("*t") }',
    "runs:list: 'start_time_after' must be an RFC 3339 date-time or a number of seconds since 1970, not a table" },
  { 'client.runs:list { workflow_identifer = "w" }',
    "runs:list: unknown name 'workflow_identifer'; did you mean 'workflow_identifier'?" },
  { "client.workflows:list { li = 5 }", "workflows:list: unknown name 'li'; known are status, include_shared, "
    .. "available_in_chat_assistant, deployment_name, deployment_status, archived, tags, sort_by, order, cursor, "
    .. "limit, active_only, search" },
  { "client.executions:list {}", "client.executions: unknown method 'list'; see client.runs:list" },
  { 'client.executions:restart "id"', "client.executions: unknown method 'restart'; see client.executions:reset" },
  { 'client.executions:retry "id"', "client.executions: unknown method 'retry'; see client.executions:reset" },
  { "client.executions:each()", "client.executions: unknown method 'each'; see client.runs:each" },
  { 'client.executions:run "hello"', "client.executions: unknown method 'run'; see client.workflows:run" },
  { 'client.executions:cancle "id"', "client.executions: unknown method 'cancle'; did you mean 'cancel'?" },
  { 'client.executions:pending "id"', "client.executions: unknown method 'pending'; did you mean 'pending_inputs'?" },
  { 'client.executions:wait_for "id"', "client.executions: unknown method 'wait_for'; did you mean 'wait'?" },
  { 'client.executions:result "id"', "client.executions: unknown method 'result'; see client.executions:wait" },
  { 'client.workflows:start "hello"', "client.workflows: unknown method 'start'; see client.workflows:execute" },
  { 'client.workflows:wait "id"', "client.workflows: unknown method 'wait'; see client.executions:wait" },
  { 'client.workflows:stream_logs "id"',
    "client.workflows: unknown method 'stream_logs'; see client.deployments:stream_logs, "
      .. "client.executions:stream_logs" },
  { "client.runs:lisst()", "client.runs: unknown method 'lisst'; did you mean 'list'?" },
  { "client.runs:frobnicate()",
    "client.runs: unknown method 'frobnicate'; known are each, get, history, list, pages" },
  { "client.workflows:map()", "client.workflows: unknown method 'map'; see client:map" },
  { "client.execution:get 'id'", "client: unknown name 'execution'; did you mean 'executions'?" },
  { "client.workflow:get 'id'", "client: unknown name 'workflow'; did you mean 'workflows'?" },
  { 'client:run "hello"', "client: unknown name 'run'; see client.workflows:run" },
  { 'client:wait "id"', "client: unknown name 'wait'; see client.executions:wait" },
  { 'client.workflows:run("hello", nil, { input = {} })',
    "workflows:run: unknown option 'input'; it goes into the table before the options" },
  { 'client.workflows:execute("hello", {}, { execution_id = "mine" })',
    "workflows:execute: unknown option 'execution_id'; it goes into the table before the options" },
  { "client.runs:each(nil, { page_size = 5 })",
    "runs:each: unknown option 'page_size'; it goes into the table before the options" },
  { 'client.schedules:create({}, { schedule = {} })',
    "schedules:create: unknown option 'schedule'; it goes into the table before the options" },
  { 'client.workflows:execute("hello", {}, { on_event = print })',
    "workflows:execute: unknown option 'on_event'; it is an option of run and wait" },
  { 'client.executions:wait("id", { join = true })',
    "executions:wait: unknown option 'join'; it is an option of run" },
  { 'client.workflows:get("hello", nil, { api_key = "x" })',
    "workflows:get: unknown option 'api_key'; it is an option of workflows.new" },
  { 'client.executions:wait("id", { interval = 1 })',
    "executions:wait: unknown option 'interval'; did you mean 'poll'?" },
}

-- Options that other libraries have.
local option_slips = {
  base_url = "server_url", url = "server_url", endpoint = "server_url", key = "api_key", token = "api_key",
  retries = "retry", max_retries = "retry", time_out = "timeout", tiemout = "timeout", timeouts = "timeout",
  verify = "insecure", proxies = "proxy", header = "headers",
}

describe("a slip", function()
  local client

  setup(function() client = workflows.new { api_key = "none", server_url = "http://127.0.0.1:9" } end)
  teardown(function() client:close() end)

  for _, slip in ipairs(slips) do
    it(slip[1] .. " says what was meant", function()
      local program = "local client = ...\nlocal result = " .. slip[1] .. "\nreturn result"
      local ok, message = pcall(assert(compile(program, "=program")), client)
      assert.is_false(ok)
      assert.equal("program:2: " .. slip[2], message)
    end)
  end

  for slip, meant in pairs(option_slips) do
    it(("in the option %s says what was meant"):format(slip), function()
      local ok, message = pcall(workflows.new, { [slip] = "x" })
      assert.is_false(ok)
      local expected = ("workflows.new: unknown option '%s'; did you mean '%s'?"):format(slip, meant)
      assert.truthy(message:find(expected, 1, true), message)
    end)
  end

  it("in workflows.new says what was meant, and shows no key", function()
    for expected, fn in pairs {
      ["workflows.new: call it with a dot: workflows.new { ... }"] = function() workflows:new {} end,
      ["workflows.new: the options must be a table, as { api_key = ... }"] = function() workflows.new "secret" end,
      ["workflows.new: the options need names, as timeout = 5"] = function() workflows.new { "secret" } end,
      ["workflows.new: unknown option 'deadline'; it is an option of a call"] = function()
        workflows.new { deadline = 5 }
      end,
      ["workflows.new: option 'api_key' must be a string or a function, not a number"] = function()
        workflows.new { api_key = 5 }
      end,
      ["workflows.new: option 'retry' has an unknown setting 'max_retries'; did you mean 'attempts'?"] = function()
        workflows.new { api_key = "none", retry = { max_retries = 3 } }
      end,
    } do
      local ok, message = pcall(fn)
      assert.is_false(ok)
      assert.equal(expected, (message:gsub("^.-:%d+: ", "")))
      assert.is_nil(message:find("secret", 1, true))
    end
  end)

  it("of ipairs over an iterator is raised where this Lua lets an iterator know", function()
    local knows = _VERSION >= "Lua 5.3"
    for _, make in ipairs {
      function() return client.runs:each() end, function() return client.workflows:pages() end,
      function() return client.executions:stream "id" end, function() return client.events:stream() end,
      function() return client.executions:as_completed { "id" } end, function() return client.executions:waiting() end,
    } do
      local iterator = make()
      local ok, message = pcall(function() for _ in ipairs(iterator) do error "it is no list" end end)
      assert.equal(not knows, ok)
      if knows then
        assert.truthy(message:find("slips_spec.lua:%d+: an iterator is no list: write `for item in iterator do`"))
      end
      iterator:close()
    end
  end)

  it("in a name that others ask for is none", function()
    assert.is_nil(client.pollfd)
    assert.is_nil(client.workflows.__name)
    assert.is_nil(client.executions[1])
  end)

  it("of names in place of ids comes back as an error", function()
    local answer, err = client.workflows:archive_many { "hello" }
    assert.is_nil(answer)
    assert.equal("invalid", err.kind)
    assert.truthy(err.message:find("'hello' is no UUID: ids are needed here, not names", 1, true))
  end)
end)
