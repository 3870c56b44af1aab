-- mistral.workflows.testing: a client without a network, whose clock does not wait; errors.

local lua = require "spec.support.lua"
local process = require "spec.support.process"
local testing = require "mistral.workflows.testing"
local workflows = require "mistral.workflows"

local unpack = table.unpack or unpack -- luacheck: ignore 113 143

local STEP_SECONDS = 5 -- generous: what would take minutes takes none of it

describe("testing.client", function()
  local client

  local function new(answers, options)
    client = testing.client(answers, options)
    return client
  end

  -- Nothing in the function waits, whatever time passes in it.
  local function at_once(fn)
    local started = os.time()
    fn()
    assert.truthy(os.time() - started <= STEP_SECONDS)
  end

  local function asked()
    local list = {}
    for _, request in ipairs(client.requests) do list[#list + 1] = request.operation end
    return table.concat(list, " ")
  end

  after_each(function()
    if client then client:close() end
    client = nil
  end)

  it("asks functions in place of the service, and records what was asked", function()
    new({
      get_workflow = function(request) return 200, { workflow = { name = request.path_value } } end,
      update_workflow = function(request) return { workflow = request.json } end,
    }, { api_key = "secret-key", headers = { ["X-Team"] = "desk" } })
    assert.equal("a/b", client.workflows:get("a/b").workflow.name)
    assert.equal("new", client.workflows:update("hello", { display_name = "new" }).workflow.display_name)
    assert.equal("get_workflow update_workflow", asked())
    local request = client.requests[2]
    assert.same({ "PUT", "/v1/workflows/hello", "hello", '{"display_name":"new"}' },
      { request.method, request.path, request.path_value, request.body })
    assert.same({ display_name = "new" }, request.json)
    assert.equal("desk", request.headers["X-Team"])
    for _, one in ipairs(client.requests) do
      for name, value in pairs(one.headers) do
        assert.not_equal("authorization", name:lower())
        assert.is_nil(value:find("secret-key", 1, true))
      end
    end
  end)

  it("depends on nothing in the environment", function()
    local output, status = lua.run(process.quote "-e" .. " " .. process.quote [[
      local client = require("mistral.workflows.testing").client { get_worker_info = { namespace = "n" } }
      print(assert(client:whoami()).namespace, client.requests[1].url)]],
      { MISTRAL_SA_TOKEN_PATH = "/nowhere", MISTRAL_API_KEY = "bad key\n", MISTRAL_SERVER_URL = "http://example.com/" })
    assert.equal("n\thttps://workflows.test/v1/workflows/workers/whoami\n", output)
    assert.equal(0, status)
  end)

  it("takes its key from where its options say", function()
    local _, err = new({ get_worker_info = {} }, { api_key_file = "/nowhere" }):whoami()
    assert.same({ "connect", 0 }, { err.kind, err.attempts })
    assert.truthy(err.message:find("/nowhere", 1, true))
  end)

  it("says in the error of run what becomes of an execution that takes too long", function()
    for on_timeout, expected in pairs {
      cancel = "the execution goes on after 60 seconds; it is asked to stop (on_timeout)",
      leave = 'the execution goes on after 60 seconds; executions:wait("mine") waits on',
    } do
      new {
        execute_workflow = { execution_id = "mine", status = "RUNNING" },
        get_workflow_execution = function(request)
          if request.path_value == "mine" and asked():find "execute" then return { status = "RUNNING" } end
          return 404, {}
        end,
        cancel_workflow_execution = function() return 204 end,
      }
      local _, err = client.workflows:run("w", { execution_id = "mine" }, { timeout = 60, on_timeout = on_timeout })
      assert.equal(expected, err.message)
      assert.equal(on_timeout == "cancel", asked():find("cancel_workflow_execution", 1, true) ~= nil)
    end
  end)

  it("reads the query", function()
    new { list_runs = { executions = {} } }
    assert(client.runs:list { status = { "FAILED", "TIMED_OUT" }, search = "a b&c", page_size = 7 })
    assert.same({ status = { "FAILED", "TIMED_OUT" }, search = "a b&c", page_size = "7" }, client.requests[1].params)
  end)

  it("walks pages and checks arguments as ever", function()
    new {
      get_workflows = function(request)
        if request.params.cursor == "2" then return 200, { workflows = { { name = "c" } } } end
        return 200, { workflows = { { name = "a" }, { name = "b" } }, next_cursor = "2" }
      end,
    }
    local names = {}
    for workflow in client.workflows:each() do names[#names + 1] = workflow.name end
    assert.same({ "a", "b", "c" }, names)
    local ok, message = pcall(function() client.workflows:list { limt = 1 } end)
    assert.is_false(ok)
    assert.truthy(message:find("testing_spec.lua:%d+: workflows:list: unknown name 'limt'; did you mean 'limit'?"))
  end)

  it("sends an empty table as a list where the service would", function()
    local empty = { workflows = {} }
    new {
      get_workflows = empty, list_runs = function() return 200, { executions = {} } end,
      bulk_archive_workflows = { archived = {}, errored = {} },
      query_workflow_execution = { query_name = "__get_pending_inputs", result = { pending_inputs = {} } },
      get_schedule = { calendars = { { hour = {} } }, policy = {}, input = {} },
    }
    for _ in client.workflows:each() do error "there are none" end
    for _ in client.runs:each() do error "there are none" end
    assert.is_nil(getmetatable(empty.workflows))
    assert.same({}, assert(client.workflows:archive_many { ("0"):rep(32) }).archived)
    assert.same({}, assert(client.executions:pending_inputs "id"))
    local text = assert(client.schedules:get("id", { raw = true }))
    assert.equal('{"calendars":[{"hour":[]}],"input":{},"policy":{}}',
      workflows.json.encode(workflows.json.decode(text), { sort_keys = true }):gsub("%s", ""))
  end)

  it("sends what a test has marked or made itself as it is", function()
    local marked = setmetatable({}, { __index = function() return nil end })
    new {
      get_workflows = { workflows = workflows.array { { name = "a", tags = marked } }, next_cursor = workflows.null },
      get_worker_info = { namespace = {} },
      get_workflow_events = { events = setmetatable({ {
        event_type = "CUSTOM_TASK_STARTED", attributes = { payload = { type = "json", encoding_options = {} } },
      } }, {}) },
    }
    assert.equal("{}", workflows.json.encode(client.events:list().events[1].attributes.payload.encoding_options))
    local page = client.workflows:list()
    assert.equal('{"next_cursor":null,"workflows":[{"name":"a","tags":{}}]}',
      workflows.json.encode(page, { sort_keys = true }):gsub("%s", ""))
    assert.equal('{"namespace":{}}', (workflows.json.encode(client:whoami())))
  end)

  it("sends empty lists as such however deep they are, and in events", function()
    new {
      get_workflow_events = { events = {
        { event_type = "CUSTOM_TASK_STARTED",
          attributes = { payload = { type = "json", value = {}, encoding_options = {} } } },
        { event_type = "WORKFLOW_EXECUTION_STARTED", workflow_exec_id = "e" },
      } },
      get_workflow_execution_trace_summary = { span_tree = { children = { { children = {}, events = {} } } } },
    }
    local events = client.events:list().events
    assert.equal(2, #events)
    assert.same({ event_type = "WORKFLOW_EXECUTION_STARTED", workflow_exec_id = "e" }, events[2])
    local payload = events[1].attributes.payload
    assert.equal("[]", workflows.json.encode(payload.encoding_options))
    assert.equal("{}", workflows.json.encode(payload.value))
    local child = client.executions:trace_summary("id").span_tree.children[1]
    assert.equal("[]", workflows.json.encode(child.children))
    assert.equal("[]", workflows.json.encode(child.events))
  end)

  it("takes drop, refuse and timeout in place of a function that always gives them", function()
    new({ get_workflow = "drop", list_runs = "refuse", get_worker_info = "timeout", get_run = "dropp" },
      { retry = false })
    local function kind(_, err) return err.kind end
    assert.same({ "network", "connect", "timeout" },
      { kind(client.workflows:get "a"), kind(client.runs:list()), kind(client:whoami()) })
    local _, err = client.runs:get "id"
    assert.truthy(err.message:find("get_run gave 'dropp', which is no status", 1, true), err.message)
  end)

  it("says what is missing, and tries no second time", function()
    new {
      get_workflow = function() error "not so" end, list_runs = function() return "dropp" end,
      get_run = function() return { status = "RUNNING" }, 200 end,
    }
    local _, err = client:whoami()
    assert.same({ "http", 501, 1 }, { err.kind, err.status, err.attempts })
    assert.truthy(err.message:find(
      "nothing answers get_worker_info; add get_worker_info = function(request) return 200, { ... } end", 1, true))
    _, err = client.workflows:get "hello"
    assert.truthy(err.message:find "get_workflow failed: .*testing_spec.lua:%d+: not so")
    _, err = client.runs:list()
    assert.truthy(err.message:find("list_runs gave 'dropp', which is no status", 1, true))
    _, err = client.runs:get "id"
    assert.truthy(err.message:find("get_run gave a table and a number; the status comes first", 1, true), err.message)
    assert.equal(4, #client.requests)
  end)

  it("shows what an assertion in an answer says", function()
    new { get_workflow = function(request) assert.equal("hello", request.path_value) end }
    local _, err = client.workflows:get "bye"
    assert.truthy(err.message:find("bye", 1, true), err.message)
  end)

  it("refuses what it does not know, at the caller's line", function()
    for expected, fn in pairs {
      ["testing.client: unknown operation 'get_workflw'; did you mean 'get_workflow'?"] = function()
        testing.client { get_workflw = {} }
      end,
      ["testing.client: the answer of get_workflow must be a function or a table, not a number"] = function()
        testing.client { get_workflow = 200 }
      end,
      ["testing.client: option 'transport' is the testing client's own"] = function()
        testing.client({}, { transport = print })
      end,
      ["testing.client: unknown option 'timout'; did you mean 'timeout'?"] = function()
        testing.client({}, { timout = 1 })
      end,
      ["testing.client: the answers must be a table"] = function() testing.client() end,
      ["testing.error: unknown kind 'htp'; did you mean 'http'?"] = function() testing.error { kind = "htp" } end,
      ['testing.error: a kind is needed, as { kind = "timeout" }'] = function() testing.error {} end,
      ['testing.error: the argument must be a table, as { kind = "timeout" }'] = function()
        testing.error "timeout"
      end,
    } do
      local ok, message = pcall(fn)
      assert.is_false(ok)
      assert.truthy(message:find(expected, 1, true), message)
      assert.truthy(message:find "^[^:]*testing_spec.lua:%d+: ", message)
    end
  end)

  it("drops, refuses, and gives status and headers; back-off passes at once", function()
    local answers = {
      { "drop" }, { "refuse" }, { 429, { message = "slow down" }, { ["Retry-After"] = "40" } },
      { 503, "busy", { "Retry-After: 30" } }, { 200, { workflow = { name = "hello" } } },
    }
    local count = 0
    new({
      get_workflow = function()
        count = count + 1
        return unpack(answers[count])
      end,
    }, { retry = { attempts = 5, budget = 1000 } })
    at_once(function()
      local before = workflows.now()
      assert.equal("hello", client.workflows:get("hello").workflow.name)
      assert.truthy(workflows.now() - before >= 70)
    end)
    assert.equal(5, #client.requests)
    count = 0
    local _, err = client.workflows:get("hello", { retry = false })
    assert.same({ "network", true }, { err.kind, err.retryable })
    _, err = client.workflows:get("hello", { retry = false })
    assert.equal("connect", err.kind)
    _, err = client.workflows:get("hello", { retry = false })
    assert.same({ 429, 40, "HTTP 429: slow down" }, { err.status, err.retry_after, err.message:sub(1, 19) })
  end)

  it("lets the time run out", function()
    new { get_workflow = function() return "timeout" end }
    at_once(function()
      local before = workflows.now()
      local _, err = client.workflows:get("hello", { timeout = 200, retry = false })
      assert.same({ "timeout", "response" }, { err.kind, err.phase })
      local took = workflows.now() - before
      assert.truthy(took >= 200 and took < 210, took)
      _, err = client.workflows:get("hello", { deadline = 30 })
      assert.equal("timeout", err.kind)
    end)
  end)

  it("sleeps at once, side by side and in an answer", function()
    new {
      get_workflow = function(request)
        client:sleep(100)
        return 200, { workflow = { name = request.path_value } }
      end,
    }
    at_once(function()
      local before = workflows.now()
      client:sleep(3600)
      assert.truthy(workflows.now() - before >= 3600)
      before = workflows.now()
      local order = {}
      client:map({ 300, 100, 200 }, function(seconds)
        client:sleep(seconds)
        order[#order + 1] = seconds
        return true
      end)
      assert.same({ 100, 200, 300 }, order)
      local took = workflows.now() - before
      assert.truthy(took >= 300 and took < 310, took)
      before = workflows.now()
      local names = client:map({ "a", "b", "c" }, function(name) return client.workflows:get(name).workflow.name end)
      assert.same({ "a", "b", "c" }, names)
      assert.truthy(workflows.now() - before >= 100)
    end)
  end)

  it("runs a workflow whose end is known by its status alone", function()
    local asks = 0
    new {
      execute_workflow = function(request)
        return 200, { execution_id = request.json.execution_id, workflow_name = "slow", status = "RUNNING" }
      end,
      get_workflow_execution = function(request)
        asks = asks + 1
        return 200, {
          execution_id = request.path_value, workflow_name = "slow", status = asks < 20 and "RUNNING" or "COMPLETED",
          result = asks >= 20 and { asks = asks } or nil,
        }
      end,
    }
    at_once(function()
      local result, execution = client.workflows:run("slow", { input = { seconds = 60 } })
      assert.same({ asks = 20 }, result)
      assert.equal("COMPLETED", execution.status)
    end)
    assert.same({ seconds = 60 }, client.requests[1].json.input)
  end)

  it("ends a wait after its time", function()
    new { get_workflow_execution = { execution_id = "e", workflow_name = "slow", status = "RUNNING" } }
    at_once(function()
      local before = workflows.now()
      local execution, err = client.executions:wait("e", { timeout = 600 })
      assert.is_nil(execution)
      assert.equal("timeout", err.kind)
      local took = workflows.now() - before
      assert.truthy(took >= 600 and took < 610, took)
    end)
  end)

  it("streams events, breaks off, falls silent and goes on", function()
    local streams, status = 0, "RUNNING"
    new {
      stream = function()
        streams = streams + 1
        if streams == 1 then return 200, { { event_type = "WORKFLOW_EXECUTION_STARTED" }, "drop" } end
        local events = { { event_type = "WORKFLOW_EXECUTION_STARTED" }, { event_type = "CUSTOM_TASK_STARTED" } }
        if streams == 2 then
          events[3] = "timeout"
        else
          status = "COMPLETED"
          events[3], events[4], events[5] = 30, ": a comment\n\n", { event_type = "WORKFLOW_EXECUTION_COMPLETED" }
        end
        return 200, events
      end,
      get_workflow_execution = function(request)
        return 200, { execution_id = request.path_value, workflow_name = "w", status = status }
      end,
    }
    at_once(function()
      local types = {}
      for event in client.executions:stream "e" do types[#types + 1] = event.event_type end
      assert.same({ "WORKFLOW_EXECUTION_STARTED", "CUSTOM_TASK_STARTED", "WORKFLOW_EXECUTION_COMPLETED" }, types)
      assert.equal(3, streams)
    end)
    local positions = {}
    for _, request in ipairs(client.requests) do
      if request.operation == "stream" then positions[#positions + 1] = request.params.last_event_id or "none" end
    end
    assert.same({ "none", "1", "2" }, positions)
  end)

  it("streams raw text and payloads as they are", function()
    new {
      stream_workflow_execution_logs = function()
        return 200, { { body = "one", severity_text = "INFO" }, "event: error\ndata: {\"error\":\"gone\"}\n\n" }
      end,
    }
    local stream = client.executions:stream_logs "e"
    local event = stream()
    assert.same({ "one", "1" }, { event.body, event.id })
    local ok, err = pcall(stream)
    assert.is_false(ok)
    assert.same({ "stream", "the service ended the stream: gone" }, { err.kind, err.message })
  end)

  it("is a client of a loop, in coroutines too", function()
    new { get_workflow = function() return "drop" end }
    at_once(function()
      local err
      local thread = coroutine.create(function() err = select(2, client.workflows:get "hello") end)
      assert(coroutine.resume(thread))
      assert.equal("dead", coroutine.status(thread))
      assert.same({ "network", 4 }, { err.kind, err.attempts })
    end)
  end)
end)

describe("testing.error", function()
  it("makes what calls return", function()
    local err = testing.error { kind = "http", status = 404, call = "get 'hello'", message = "HTTP 404: nothing" }
    assert.is_true(workflows.is_error(err))
    assert.equal("get 'hello': HTTP 404: nothing", tostring(err))
    assert.is_false(err.retryable)
    assert.equal("failed: get 'hello': HTTP 404: nothing", "failed: " .. err)
  end)

  it("knows which may succeed later", function()
    for kind, expected in pairs { connect = true, network = true, timeout = true, invalid = false, decode = false } do
      assert.equal(expected, testing.error({ kind = kind }).retryable, kind)
    end
    assert.is_true(testing.error({ kind = "http", status = 503 }).retryable)
    assert.is_false(testing.error({ kind = "network", retryable = false }).retryable)
  end)

  it("leaves the table of the caller alone", function()
    local fields = { kind = "timeout" }
    assert.truthy(testing.error(fields).message:find "timeout")
    assert.same({ kind = "timeout" }, fields)
  end)
end)
