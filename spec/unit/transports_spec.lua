-- Answers of a transport and of a testing client: what is taken for one, and what is told of everything else.

local core = require "mistral.workflows.core"
local testing = require "mistral.workflows.testing"
local workflows = require "mistral.workflows"

describe("a transport", function()
  local client

  after_each(function()
    if client then client:close() end
    client = nil
  end)

  -- The answer to whoami of a client with this transport.
  local function ask(transport, options)
    local all = { server_url = "https://workflows.test", retry = false, transport = transport }
    for name, value in pairs(options or {}) do all[name] = value end
    client = workflows.new(all)
    return client:whoami()
  end

  local function check(expected, transport, kind)
    local answer, err = ask(transport)
    assert.is_nil(answer)
    assert.same({ kind or "network", expected }, { err.kind, err.cause.message })
    client:close()
  end

  it("must give a table with a status, and is told what it gave instead", function()
    for expected, given in pairs {
      ["the transport gave a string, not a table"] = "text", ["the transport gave a number, not a table"] = 5,
      ["the transport gave a boolean, not a table"] = false,
      ["the transport gave no status"] = {}, ["the transport gave no status "] = { status = "200" },
      ["the transport gave no status  "] = { status = 200.5 }, ["the transport gave no status   "] = { status = 99 },
      ["the transport gave no status    "] = { status = 1000 },
      ["the transport's headers are a string, not a table"] = { status = 200, headers = "X: 1" },
      ["the transport's body is a number"] = { status = 200, body = 5 },
      ["the transport's body is a boolean"] = { status = 200, body = true },
    } do
      check((expected:gsub(" +$", "")), function() return given end)
    end
    check("the transport gave no answer", function() end)
    check("the connection closed before the header was complete", function() return { status = 100 } end)
    check("the transport gave a piece that is no text", function()
      return { status = 200, body = function() return 5 end }
    end)
    local answer, err = ask(function() return { status = 200, body = { print } } end)
    assert.is_nil(answer)
    assert.truthy(err.cause.message:find "^the transport's body: .*function", err.cause.message)
  end)

  it("may not give a table that holds itself", function()
    local node = {}
    node.children = { node }
    client = testing.client { get_workflow_execution_trace_summary = { span_tree = node } }
    local answer, err = client.executions:trace_summary("e", { retry = false })
    assert.is_nil(answer)
    assert.equal("network", err.kind)
    assert.truthy(err.cause.message:find "^the transport's body: ", err.cause.message)
  end)

  it("gives any status of three digits", function()
    for _, status in ipairs { 400, 404, 599, 600, 999 } do
      local _, err = ask(function() return { status = status, body = "no" } end)
      assert.same({ "http", status }, { err.kind, err.status })
      client:close()
    end
    for _, status in ipairs { 200, 299 } do
      assert.same({ a = 1 }, ask(function() return { status = status, body = { a = 1 } } end))
      client:close()
    end
  end)

  it("fails in one of three ways, with what it says", function()
    for kind, expected in pairs { network = "network", connect = "connect", timeout = "timeout", http = "network" } do
      check("it rains", function() return nil, { kind = kind, message = "it rains" } end, expected)
    end
    check("it rains", function() return nil, "it rains" end)
    check("it rains", function() return nil, { message = "it rains" } end)
    check("it rains", function() error("it rains", 0) end)
    check("5", function() return nil, 5 end)
    check("false", function() return nil, false end)
    check("an object", function()
      return nil, setmetatable({ kind = "connect" }, { __tostring = function() return "an object" end })
    end, "connect")
    check("cut", function() return { status = 200, body = function() return nil, "cut" end } end)
    check("cut", function() return { status = 200, body = function() return nil, { message = "cut" } end } end)
    check("cut", function() return { status = 200, body = function() error("cut", 0) end } end)
  end)

  it("gives large texts whole, in one piece or in many", function()
    for _, size in ipairs { 65535, 65536, 65537, 131072, 131073, 1e6 } do
      local body = '{"a":"' .. ("x"):rep(size - 8) .. '"}'
      assert.equal(size, #body)
      assert.equal(size - 8, #assert(ask(function() return { status = 200, body = body } end)).a)
      client:close()
      local from = 1
      local answer = assert(ask(function()
        return { status = 200, body = function()
          if from > #body then return nil end
          local piece = body:sub(from, from + 70000 - 1)
          from = from + 70000
          return piece
        end }
      end))
      assert.equal(size - 8, #answer.a)
      client:close()
    end
  end)

  it("that waits does not keep a stream that the program has dropped", function()
    local asked, gone = 0, setmetatable({}, { __mode = "k" })
    client = testing.client {}
    client.options.transport = function()
      local marker = {}
      gone[marker] = true
      return { status = 200, body = function()
        asked = asked + 1
        client:sleep(1)
        return marker and ""
      end }
    end
    do
      local stream = client.events:stream()
      assert.same({ nil, "timeout" }, { stream:next(5) })
    end
    for _ = 1, 4 do collectgarbage() end
    client:sleep(5)
    local before = asked
    client:sleep(20)
    assert.equal(before, asked)
  end)
end)

describe("testing.client", function()
  local client

  local function new(answers, options)
    client = testing.client(answers, options)
    return client
  end

  after_each(function()
    if client then client:close() end
    client = nil
  end)

  it("drops and refuses as it says, before and within an answer", function()
    new({
      get_worker_info = "drop", get_workflow = "refuse",
      stream = { { event_type = "X" }, "drop" }, get_workflow_execution = { status = "RUNNING" },
    }, { retry = false })
    local function told(_, err) return { err.kind, err.cause.message } end
    assert.same({ "network", "the connection was dropped (by a test)" }, told(client:whoami()))
    assert.same({ "connect", "the connection was refused (by a test)" }, told(client.workflows:get "a"))
    local stream = client.executions:stream "e"
    assert.equal("X", stream().event_type)
    local ok, err = pcall(stream)
    assert.is_false(ok)
    assert.same({ "network", "the connection was dropped (by a test)" }, { err.kind, err.cause.message })
  end)

  it("says what its answers lack, word for word, with status 501", function()
    new({
      get_workflow = function() return "dropp" end, get_run = function() return { status = "RUNNING" }, 200 end,
      list_runs = function() error("oops", 0) end, get_worker_info = function() end,
    }, { retry = { attempts = 3 } })
    local function told(_, err)
      assert.same({ "http", 501, 1 }, { err.kind, err.status, err.attempts })
      return err.message:gsub("^HTTP 501: testing.client: ", "")
    end
    local no_status = ' gave %q, which is no status; it gives a status and a body, a body alone, "drop", "refuse" or '
      .. '"timeout"'
    assert.equal("get_workflow" .. no_status:gsub("%%q", "'dropp'"), (told(client.workflows:get "a")))
    assert.equal("get_worker_info" .. no_status:gsub("%%q", "'nil'"), (told(client:whoami())))
    assert.equal("get_run gave a table and a number; the status comes first", (told(client.runs:get "a")))
    assert.equal("list_runs failed: oops", (told(client.runs:list())))
    assert.equal("nothing answers get_workflows; add get_workflows = function(request) return 200, { ... } end",
      (told(client.workflows:list())))
  end)

  it("gives a request with all that a test may want to see", function()
    local seen
    new({ signal_workflow_execution = function(request)
      seen = request
      return 204
    end, list_runs = function(request)
      seen = request
      return { executions = {} }
    end }, { headers = { ["X-Team"] = "desk" } })
    assert(client.executions:signal("a b/c", { name = "go", input = { 1 } }))
    assert.same({
      operation = "signal_workflow_execution", method = "POST", path = "/v1/workflows/executions/a%20b%2Fc/signals",
      path_value = "a b/c", params = {}, json = { name = "go", input = { 1 } }, body = seen.body,
      url = "https://workflows.test/v1/workflows/executions/a%20b%2Fc/signals", headers = seen.headers,
    }, seen)
    assert.equal("desk", seen.headers["X-Team"])
    assert.equal(seen, client.requests[1])
    for name in pairs(seen.headers) do assert.are_not.equal("authorization", name:lower()) end
    assert(client.runs:list { status = { "FAILED", "RUNNING", "COMPLETED" }, search = "a=b&c" })
    assert.same({ status = { "FAILED", "RUNNING", "COMPLETED" }, search = "a=b&c" }, seen.params)
    assert.is_nil(seen.json)
    assert.is_nil(seen.path_value)
    assert(client.runs:list { search = "", page_size = 1 })
    assert.same({ search = "", page_size = "1" }, seen.params)
    assert(client.runs:list { search = "" })
    assert.same({ search = "" }, seen.params)
    assert.truthy(client.requests[2].query:find("search=a%3Db%26c", 1, true), client.requests[2].query)
  end)

  it("answers with a table, with and without a status, text, and header lines", function()
    local answers = {
      { { namespace = "a" } }, { 200, { namespace = "b" } }, { 201, '{"namespace":"c"}' },
      { { namespace = "d" }, { ["X-Request-Id"] = "r" } }, { 404, { detail = "no" }, { ["X-Request-Id"] = "r" } },
    }
    local number = 0
    new({ get_worker_info = function()
      number = number + 1
      return answers[number][1], answers[number][2], answers[number][3]
    end }, { observer = function(info) answers[number].id = info.request_id end })
    for index, name in ipairs { "a", "b", "c", "d" } do
      assert.equal(name, assert(client:whoami()).namespace)
      assert.equal(index == 4 and "r" or nil, answers[index].id)
    end
    local _, err = client:whoami()
    assert.same({ 404, "r", "HTTP 404: no" }, { err.status, err.request_id, err.message })
  end)

  it("puts workflow events into the envelope of a stream, with what they have", function()
    new {
      stream = { { event_type = "A" }, { event_type = "B", workflow_exec_id = "child", attributes = { 1 } },
        { broker_sequence = 9, data = { event_type = "C" } }, "timeout" },
      get_stream_events = { { event_type = "A" }, "timeout" },
      get_workflow_execution = { execution_id = "e", status = "RUNNING" },
    }
    local stream = client.executions:stream "e"
    local found = {}
    for index = 1, 3 do
      local one = stream:next(1)
      found[index] = { one.broker_sequence, one.id, one.event_type, one.workflow_exec_id or "none" }
    end
    assert.same({ { 1, "1", "A", "e" }, { 2, "2", "B", "child" }, { 9, "9", "C", "none" } }, found)
    stream:close()
    client:close()
    new { stream_workflow_execution_logs = { { event_type = "A" }, "timeout" } }
    stream = client.executions:stream_logs "e"
    local one = stream:next(1)
    assert.same({ "A", 1 }, { one.event_type, one.broker_sequence })
    assert.is_nil(one.workflow_exec_id)
    stream:close()
    local given = { event_type = "A" }
    client:close()
    new { get_stream_events = { given, "timeout" } }
    stream = client.events:stream()
    assert.is_nil(stream:next(1).workflow_exec_id)
    assert.same({ event_type = "A" }, given)
    stream:close()
  end)

  it("refuses a stream with a status like anything else", function()
    new { get_stream_events = function() return 403, { detail = "no" } end }
    local ok, err = pcall(client.events:stream())
    assert.is_false(ok)
    assert.same({ "http", 403, "HTTP 403: no; the key has no permission for this" },
      { err.kind, err.status, err.message })
  end)

  it("is silent for longer than any attempt lasts", function()
    new({ get_worker_info = "timeout" }, { retry = false, timeout = 9e8 })
    local before = workflows.now()
    assert.equal("timeout", select(2, client:whoami()).kind)
    assert.truthy(workflows.now() - before >= 9e8)
    client:close()
    new({ get_worker_info = "timeout" }, { retry = false, timeout = 1e10 })
    assert.same({ "network", "the connection was dropped (by a test)" }, (function(_, err)
      return { err.kind, err.cause.message }
    end)(client:whoami()))
  end)

  it("is asked for what cannot happen, and says so", function()
    new {}
    local handle = client.handle
    assert.same({ false, "the testing client waits for something that cannot happen" },
      { pcall(client.options.loop.wait, client:pollable(), nil) })
    local before = workflows.now()
    client.options.loop.wait(client:pollable(), before + 50)
    assert.truthy(workflows.now() >= before + 50 and workflows.now() < before + 51)
    assert.equal(false, client.options.loop.yields)
    assert.equal(core.skip, client.options.loop.sleep)
    assert.is_false(handle:closed())
  end)

  it("has a server and a key of its own, unless it is given others", function()
    local key
    new { get_worker_info = {} }
    local transport = client.options.transport
    client.options.transport = function(request)
      key = request.headers.Authorization
      return transport(request)
    end
    assert(client:whoami())
    assert.same({ "Bearer the-key-of-a-testing-client", "https://workflows.test" }, { key, client.options.server_url })
    client:close()
    new({}, { server_url = "https://other.test", timeout = 7 })
    assert.same({ "https://other.test", 7 }, { client.options.server_url, client.options.timeout })
  end)
end)

describe("testing.error", function()
  it("takes every kind, with a message of its own and what retries it", function()
    for kind, retryable in pairs {
      connect = true, timeout = true, network = true, http = false, decode = false, too_large = false, stream = false,
      cancelled = false, execution = false, invalid = false,
    } do
      assert.same({
        kind = kind, attempts = 1, retryable = retryable,
        message = ("an error of kind %s (made by a test)"):format(kind),
      }, setmetatable(testing.error { kind = kind }, nil))
    end
  end)

  it("keeps what it is given, and judges by it whether it passes", function()
    for retryable, list in pairs {
      [true] = {
        { status = 429 }, { status = 503 }, { status = 503, retry_after = 1 }, { status = 500 }, { status = 408 },
      },
      [false] = { { status = 400 }, { status = 404 }, { status = 501 }, { status = 500, retryable = false } },
    } do
      for _, given in ipairs(list) do
        given.kind = "http"
        assert.equal(retryable, testing.error(given).retryable)
      end
    end
    assert.is_false(testing.error({ kind = "connect", reason = "expired" }).retryable)
    assert.is_true(testing.error({ kind = "decode", retryable = true }).retryable)
    local err = testing.error { kind = "http", status = 404, message = "m", attempts = 7, code = "c", call = "x" }
    assert.same({ "m", 7, "c", "x: m (c, 7 attempts)" }, { err.message, err.attempts, err.code, tostring(err) })
  end)
end)
