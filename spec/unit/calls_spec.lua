-- Calls: what their errors hold, which time-outs hold, and what a service that wants no requests brings about.

local clocked = require "spec.support.clocked"
local workflows = require "mistral.workflows"

local near, noted, passed = clocked.near, clocked.noted, clocked.passed

describe("a call", function()
  local client

  local function new(answers, options)
    client = clocked.client(answers, options)
    return client
  end

  after_each(clocked.close)

  -- The fields of an error.
  local function fields(err)
    assert.is_true(workflows.is_error(err))
    return setmetatable(err, nil)
  end

  describe("has an error that says all about it,", function()
    it("where a value cannot be sent", function()
      new({}, { api_key = "secret-of-a-test" })
      assert.same({
        kind = "invalid", message = "workflow_identifier is empty", operation = "get_workflow", call = "get ''",
        attempts = 0, retryable = false,
      }, fields(select(2, client.workflows:get "")))
      local _, err = client.workflows:get "secret-of-a-test\255"
      assert.equal("get '***\255'", err.call)
      _, err = client.workflows:get(("x"):rep(75) .. "secret-of-a-test\255")
      assert.equal("get '" .. ("x"):rep(75) .. "***\255'", err.call)
      _, err = client.workflows:archive_many { "secret-of-a-test" }
      assert.truthy(err.message:find("'***' is no UUID", 1, true), err.message)
      assert.equal(0, #client.requests)
    end)

    it("where the service refuses it", function()
      local body = '{"detail":"none","code":"WF_1"}'
      new { get_workflow = function()
        return 404, body, { ["X-Request-Id"] = "r", ["Content-Type"] = "application/json" }
      end }
      assert.same({
        kind = "http", status = 404, code = "WF_1", message = "HTTP 404: none", operation = "get_workflow",
        call = "get 'hello'", attempts = 1, retryable = false, request_id = "r", content_type = "application/json",
        detail = { detail = "none", code = "WF_1" }, body = body,
      }, fields(select(2, client.workflows:get "hello")))
    end)

    it("where nothing is reached", function()
      new({ get_workflow = "refuse" }, { api_key = "secret-of-a-test", retry = false })
      local _, err = client.workflows:get(("x"):rep(75) .. "secret-of-a-test")
      assert.same({
        kind = "connect", operation = "get_workflow", call = "get '" .. ("x"):rep(75) .. "***'", attempts = 1,
        retryable = true, cause = { name = "CURLE_COULDNT_CONNECT", code = 7,
          message = "the connection was refused (by a test)" },
        message = "no connection to https://workflows.test: the connection was refused (by a test) "
          .. "(CURLE_COULDNT_CONNECT)",
      }, fields(err))
    end)

    it("where it is cancelled", function()
      new { get_workflows = { workflows = { { name = "a" } }, next_cursor = "2" } }
      local walk = client.workflows:each({}, { prefetch = false })
      assert.equal("a", walk().name)
      client:close()
      local ok, err = pcall(walk)
      assert.is_false(ok)
      assert.same({
        kind = "cancelled", message = "cancelled by the program", operation = "get_workflows", call = "workflows:each",
        attempts = 0, retryable = false, cursor = "2",
      }, fields(err))
    end)

    it("where an answer lacks what was promised", function()
      new { get_workflows = function(request)
        if request.params.search == "nothing" then return 204 end
        return 200, { workflows = "secret-of-a-test" }
      end }
      local function error_of(search)
        local ok, err = pcall(client.workflows:each { search = search })
        assert.is_false(ok)
        return fields(err)
      end
      assert.same({
        kind = "decode", status = 204, message = "the answer has no list 'workflows': HTTP 204 without content",
        operation = "get_workflows", call = "workflows:each", attempts = 1, retryable = false,
      }, error_of "nothing")
      assert.same({
        kind = "decode", status = 200,
        message = "the answer has no list 'workflows': {\"workflows\":\"secret-of-a-test\"}",
        operation = "get_workflows", call = "workflows:each", attempts = 1, retryable = false,
        detail = { workflows = "secret-of-a-test" },
      }, error_of "text")
      client:close()
      new({ get_workflows = function() return 200, { workflows = "secret-of-a-test" } end },
        { api_key = "secret-of-a-test" })
      local err = error_of "text"
      assert.same({ "the answer has no list 'workflows': {\"workflows\":\"***\"}", { workflows = "***" } },
        { err.message, err.detail })
    end)

    it("and whether another attempt may succeed", function()
      new({
        get_workflow = "drop", execute_workflow = "drop", signal_workflow_execution = "drop",
        get_workflow_execution = function() return 500, {} end,
      }, { retry = false })
      local function retryable(_, err) return err.retryable end
      assert.is_true(retryable(client.workflows:get "a"))
      assert.is_true(retryable(client.workflows:execute("a", {})))
      assert.is_false(retryable(client.workflows:execute("a", { execution_id = false })))
      assert.is_false(retryable(client.executions:signal("e", { name = "s" })))
    end)
  end)

  it("takes the time-out of the call, then of the client, and no more than is left until the deadline", function()
    for _, case in ipairs {
      { {}, nil, 300 }, { { timeout = 50 }, nil, 50 }, { { timeout = 50 }, { timeout = 70 }, 70 },
      { { timeout = 50 }, { deadline = 70 }, 50 }, { { timeout = 50 }, { deadline = 20 }, 20 },
      { {}, { timeout = 0.5, deadline = 100 }, 0.5 }, { {}, { timeout = 100, deadline = 0.5 }, 0.5 },
    } do
      new({ get_worker_info = "timeout" }, case[1])
      local options = { retry = false }
      for name, value in pairs(case[2] or {}) do options[name] = value end
      local _, err = client:whoami(options)
      assert.same({ "timeout", "response", 1 }, { err.kind, err.phase, err.attempts })
      near(case[3], passed())
      client:close()
    end
  end)

  it("is not made after its deadline", function()
    new { get_workflows = { workflows = { { name = "a" } }, next_cursor = "2" } }
    local walk = client.workflows:each({}, { prefetch = false, deadline = 10 })
    assert.equal("a", walk().name)
    client:sleep(10)
    local ok, err = pcall(walk)
    assert.is_false(ok)
    assert.same({ "timeout", "connect", 0, "the time is over (deadline); nothing was sent", "2" },
      { err.kind, err.phase, err.attempts, err.message, err.cursor })
    assert.equal(1, #client.requests)
  end)

  it("whose time is over between attempts has the failure of the last one", function()
    new { get_worker_info = function() return 503, { detail = "busy" } end }
    local loop = client.options.loop
    local sleep = loop.sleep
    function loop.sleep(seconds) sleep(seconds + 100) end
    local _, err = client:whoami { deadline = 50, retry = { base = 0.001 } }
    assert.same({ "http", 503, 1, "HTTP 503: busy" }, { err.kind, err.status, err.attempts, err.message })
    near(100, passed())
  end)

  it("that leaves a few milliseconds before its deadline makes no other attempt", function()
    local retry = require "mistral.workflows.retry"
    local policy = { attempts = 2, base = 0, cap = 0, budget = 10 }
    local now = workflows.now()
    assert.is_nil(retry.delay(policy, 1, {}, now, workflows.now() + 0.005))
    assert.equal(0, retry.delay(policy, 1, {}, now, workflows.now() + 5))
    assert.is_nil(retry.delay(policy, 2, {}, now, nil))
    assert.is_nil(retry.delay(policy, 1, { retry_after = 11 }, now, nil))
    assert.equal(9, retry.delay(policy, 1, { retry_after = 9 }, now, nil))
  end)

  it("is repeated after what was refused, and where it may be after what is not known", function()
    local retry = require "mistral.workflows.retry"
    local function http(status, seconds) return { kind = "http", status = status, retry_after = seconds } end
    local cases = { -- a failure, whether it was refused, whether it is not known what became of it
      { { kind = "connect", unsent = true }, true, false }, { { kind = "timeout", unsent = true }, true, false },
      { { kind = "network", unsent = true }, true, false }, { { kind = "cancelled", unsent = true }, false, false },
      { { kind = "connect", unsent = true, reason = "expired" }, false, false },
      { { kind = "connect", unsent = true, reason = "descriptors" }, true, false },
      { { kind = "network" }, false, true }, { { kind = "timeout" }, false, true },
      { { kind = "connect" }, false, false }, { { kind = "decode" }, false, false },
      { { kind = "too_large" }, false, false }, { { kind = "stream" }, false, false },
      { http(429), true, false }, { http(429, 5), true, false }, { http(503, 5), true, true },
      { http(503), false, true }, { http(500, 5), false, true }, { http(408), false, true }, { http(502), false, true },
      { http(504), false, true }, { http(501), false, false }, { http(505), false, false }, { http(400), false, false },
      { http(409), false, false }, { http(425), false, false }, { http(599), false, false },
    }
    for _, case in ipairs(cases) do
      local failure, refused, unknown = case[1], case[2], case[3]
      assert.same({ refused, unknown, refused or unknown, refused, refused }, {
        retry.was_refused(failure), retry.is_unknown(failure), retry.may_repeat("safe", failure),
        retry.may_repeat("refused", failure), retry.may_repeat("ask_first", failure),
      }, failure.kind .. " " .. tostring(failure.status))
    end
  end)

  it("waits between attempts for a random time below a bound that doubles, up to cap", function()
    local retry = require "mistral.workflows.retry"
    local policy, now = { attempts = 100, base = 1, cap = 6, budget = 1000 }, workflows.now()
    for attempt, bound in ipairs { 1, 2, 4, 6, 6 } do
      local least, most = math.huge, 0
      for _ = 1, 200 do
        local delay = retry.delay(policy, attempt, {}, now)
        least, most = math.min(least, delay), math.max(most, delay)
      end
      assert.truthy(least >= 0 and least < 0.1 * bound and most > 0.9 * bound and most <= bound,
        ("%d: %g to %g"):format(attempt, least, most))
    end
    assert.equal(0, retry.delay({ attempts = 1e9, base = 0, cap = 30, budget = 10 }, 1e6, {}, now))
  end)

  describe("after 429 with Retry-After of another one", function()
    local function refusing(status, headers)
      return {
        get_worker_info = function() return status, {}, headers end,
        get_workflow = { workflow = { name = "hello" } },
      }
    end

    it("is not sent before that, and says so where it must not wait", function()
      new(refusing(429, { ["Retry-After"] = "60" }))
      client:whoami { retry = false }
      local _, err = client.workflows:get("hello", { retry = false, timeout = 30 })
      assert.truthy(err.retry_after > 59 and err.retry_after <= 60, err.retry_after)
      err.retry_after = 60
      assert.same({
        kind = "http", status = 429, operation = "get_workflow", call = "get 'hello'", attempts = 0, retryable = true,
        retry_after = 60, message = "HTTP 429: the service wants no requests of this client for another 60 seconds "
          .. "(Retry-After of an earlier answer); nothing was sent",
      }, fields(err))
      assert.equal(1, #client.requests)
      client:sleep(60)
      assert(client.workflows:get("hello", { retry = false, timeout = 30 }))
    end)

    it("waits where its deadline leaves the time, or the time-out of an attempt", function()
      for _, options in ipairs { { deadline = 61, retry = false, timeout = 61 }, { retry = false, timeout = 61 },
        { retry = { budget = 61 }, timeout = 1 } } do
        new(refusing(429, { ["Retry-After"] = "60" }))
        client:whoami { retry = false }
        assert(client.workflows:get("hello", options))
        near(60, passed())
        client:close()
      end
    end)

    it("is made once more by the one that got it, without another wait", function()
      local times = {}
      new { get_worker_info = noted(times, function(_, number)
        if number == 1 then return 429, {}, { ["Retry-After"] = "20" } end
        return {}
      end) }
      assert(client:whoami())
      assert.equal(2, #times)
      near(20, times[2])
    end)

    it("is sent at once after other refusals, and by other clients", function()
      for _, case in ipairs { { 503, { ["Retry-After"] = "60" } }, { 429, {} } } do
        new(refusing(case[1], case[2]))
        client:whoami { retry = false }
        assert(client.workflows:get "hello")
        near(0, passed())
        client:close()
      end
      new(refusing(429, { ["Retry-After"] = "60" }))
      client:whoami { retry = false }
      local first = client
      new(refusing(200, {}))
      assert(client.workflows:get "hello")
      near(0, passed())
      first:close()
    end)
  end)

  it("that is repeated has its whole time again, and tells how often it was sent", function()
    local times = {}
    new({ get_worker_info = noted(times, "timeout") }, { timeout = 7 })
    local _, err = client:whoami { retry = { attempts = 3, base = 0 } }
    assert.same({ "timeout", 3, true }, { err.kind, err.attempts, err.retryable })
    assert.equal(3, #times)
    near(7, times[2])
    near(14, times[3])
    near(21, passed())
  end)

  it("is told of to the observer with each attempt, and with nothing else", function()
    local seen = {}
    new({ get_workflow = function()
      if #seen == 0 then return 503, {}, { ["X-Request-Id"] = "r1" } end
      return { workflow = {} }
    end }, { retry = { base = 0 }, observer = function(info) seen[#seen + 1] = info end })
    assert(client.workflows:get "a b")
    assert.equal(2, #seen)
    for index, info in ipairs(seen) do
      assert.same({ "get_workflow", "GET", "/v1/workflows/a%20b", index },
        { info.operation, info.method, info.path, info.attempt })
      for _, name in ipairs { "dns", "connect", "tls", "first_byte", "total", "bytes_in", "bytes_out" } do
        assert.is_number(info[name])
      end
    end
    assert.same({ 503, "http", "r1" }, { seen[1].status, seen[1].error, seen[1].request_id })
    assert.equal(200, seen[2].status)
    assert.is_nil(seen[2].error)
    assert.is_nil(seen[2].request_id)
  end)

  it("that an observer makes in turn, or that closes the client, is one like any other", function()
    local inner
    new({ get_worker_info = { namespace = "n" }, get_workflow = { workflow = {} } }, { observer = function(info)
      if info.operation == "get_workflow" then inner = client:whoami() end
    end })
    assert(client.workflows:get "a")
    assert.equal("n", inner.namespace)
  end)
end)
