local clients = require "spec.support.clients"
local core = require "mistral.workflows.core"
local fault = require "spec.support.fault"
local retry = require "mistral.workflows.retry"

local RESET = { actions = { { "reset" } } }

local function respond(status, headers)
  return { respond = { status = status, headers = headers } }
end

-- One call of an operation of each kind.
local safe = {
  ["GET /v1/workflows/workers/whoami"] = function(client, options) return client:whoami(options) end,
  ["PUT /v1/workflows/w "] = function(client, options) return client.workflows:update("w", { tags = {} }, options) end,
  ["DELETE /v1/workflows/schedules/s"] = function(client, options) return client.schedules:delete("s", options) end,
  ["POST /v1/workflows/executions/e/cancel"] = function(client, options)
    return client.executions:cancel("e", options)
  end,
  ["POST /v1/workflows/executions/e/queries"] = function(client, options)
    return client.executions:query("e", { name = "q" }, options)
  end,
}
local unsafe = {
  ["POST /v1/workflows/executions/e/signals"] = function(client, options)
    return client.executions:signal("e", { name = "s" }, options)
  end,
  ["POST /v1/workflows/executions/e/updates"] = function(client, options)
    return client.executions:update("e", { name = "u" }, options)
  end,
  ["POST /v1/workflows/executions/e/reset"] = function(client, options)
    return client.executions:reset("e", { event_id = 3 }, options)
  end,
  ["POST /v1/workflows/schedules "] = function(client, options)
    return client.schedules:create({ schedule = { input = {} } }, options)
  end,
  ["POST /v1/workflows/schedules/s/trigger"] = function(client, options)
    return client.schedules:trigger("s", {}, options)
  end,
  ["POST /v1/workflows/deployments "] = function(client, options)
    return client.deployments:create({ name = "d", spec = { github_url = "u" } }, options)
  end,
  ["POST /v1/workflows/deployments/d/restart"] = function(client, options)
    return client.deployments:restart("d", options)
  end,
  ["POST /v1/workflows/w/execute"] = function(client, options)
    return client.workflows:execute("w", { execution_id = false }, options)
  end,
}

describe("a retry", function()
  local server, loop

  setup(function() server = fault.start() end)
  teardown(function() server:stop() end)
  before_each(function()
    server:reset()
    loop = clients.impatient_loop()
  end)

  -- Calls with four attempts and without pauses.
  local function call(operation, steps, options, call_options)
    if steps then server:script(steps) end
    local all = { retry = { attempts = 4 }, loop = loop }
    for name, value in pairs(options or {}) do all[name] = value end
    return clients.use(server, all, function(client) return operation(client, call_options) end)
  end

  local whoami = safe["GET /v1/workflows/workers/whoami"]

  describe("of a safe operation", function()
    for prefix, operation in pairs(safe) do
      it("follows every passing failure: " .. prefix, function()
        local failures = { respond(408), respond(429), respond(500), respond(502), respond(503), respond(504), RESET,
          { actions = { { "close" } } },
          { actions = { { "send", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{" }, { "close" } } } }
        for index, failure in ipairs(failures) do
          server:reset()
          local value, err = call(operation, { failure })
          assert.is_nil(err)
          assert.truthy(value)
          assert.equal(2, clients.count(server, prefix), "failure " .. index)
        end
        assert.equal(#failures, #loop.slept)
      end)
    end

    it("follows an attempt whose time ran out", function()
      assert.truthy((call(whoami, { { actions = { { "hang" } } } }, { timeout = 0.2 })))
      assert.equal(2, clients.count(server, "GET"))
    end)

    for _, status in ipairs { 400, 401, 403, 404, 409, 422, 501, 301, 302, 307 } do
      it("does not follow " .. status, function()
        local _, err = call(whoami, { respond(status) })
        assert.equal(status, err.status)
        assert.equal(1, err.attempts)
        assert.is_false(err.retryable)
        assert.equal(1, server:stats().requests)
      end)
    end

    it("does not follow an answer that is no JSON", function()
      local _, err = call(whoami, { { respond = { body = "<html>" } } })
      assert.equal("decode", err.kind)
      assert.equal(1, server:stats().requests)
    end)
  end)

  describe("of an unsafe operation", function()
    for prefix, operation in pairs(unsafe) do
      it("never follows an unknown outcome: " .. prefix, function()
        local failures = { respond(408), respond(500), respond(502), respond(503), respond(504), RESET,
          { actions = { { "close" } } }, { on = "headers", actions = { { "close" } } } }
        for index, failure in ipairs(failures) do
          server:reset()
          local value, err = call(operation, { failure })
          assert.is_nil(value)
          assert.equal(1, err.attempts)
          assert.is_false(err.retryable)
          assert.equal(1, clients.count(server, prefix), "failure " .. index)
          assert.equal(1, server:stats().requests)
        end
        assert.same({}, loop.slept)
      end)

      it("follows a refusal before acting: " .. prefix, function()
        for _, failure in ipairs { respond(429), respond(429, { ["Retry-After"] = "1" }),
          respond(503, { ["Retry-After"] = "1" }) } do
          server:reset()
          local value = call(operation, { failure })
          assert.truthy(value)
          assert.equal(2, clients.count(server, prefix))
        end
      end)

      it("follows a connection that was never made: " .. prefix, function()
        local _, err = call(operation, nil, { server_url = server.refused })
        assert.equal("connect", err.kind)
        assert.equal(4, err.attempts)
        assert.is_true(err.retryable)
        assert.equal(3, #loop.slept)
      end)
    end
  end)

  describe("pauses", function()
    it("a random time up to base * 2^(n-1), at most cap", function()
      local policy = { attempts = 10, base = 0.5, cap = 3, budget = 1000 }
      local failure = { kind = "network" }
      for attempt, limit in ipairs { 0.5, 1, 2, 3, 3 } do
        local least, most, sum = math.huge, 0, 0
        for _ = 1, 400 do
          local delay = retry.delay(policy, attempt, failure, core.now())
          least, most, sum = math.min(least, delay), math.max(most, delay), sum + delay
        end
        assert.truthy(least >= 0 and least < limit * 0.1)
        assert.truthy(most <= limit and most > limit * 0.9)
        assert.truthy(math.abs(sum / 400 - limit / 2) < limit * 0.12)
      end
    end)

    it("before every attempt but the first", function()
      local _, err = call(whoami, { RESET, RESET, RESET, RESET }, { retry = { attempts = 4, base = 1, cap = 2 } })
      assert.equal(4, err.attempts)
      assert.equal(3, #loop.slept)
      for index, limit in ipairs { 1, 2, 2 } do assert.truthy(loop.slept[index] <= limit) end
    end)

    it("as long as Retry-After says in seconds", function()
      for _, status in ipairs { 429, 503, 502 } do
        call(whoami, { respond(status, { ["Retry-After"] = "7" }) })
        assert.equal(7, table.remove(loop.slept))
      end
    end)

    it("until the date that Retry-After says", function()
      call(whoami, { respond(429, { ["Retry-After"] = os.date("!%a, %d %b %Y %H:%M:%S GMT", os.time() + 20) }) })
      assert.truthy(loop.slept[1] > 15 and loop.slept[1] <= 20)
    end)

    it("until that date by the service's own clock, which may differ from this machine's", function()
      local function date(seconds) return os.date("!%a, %d %b %Y %H:%M:%S GMT", seconds) end
      for _, skew in ipairs { -3600, 3600, 86400 * 400 } do
        local now = os.time() + skew
        call(whoami, { respond(429, { Date = date(now), ["Retry-After"] = date(now + 20) }) })
        assert.equal(20, table.remove(loop.slept))
      end
    end)

    it("as ever when Retry-After is past, 0, negative or nonsense", function()
      for _, text in ipairs { "Wed, 21 Oct 2015 07:28:00 GMT", "0", "-5", "soon", "1e9", "" } do
        server:reset()
        assert.truthy((call(whoami, { respond(503, { ["Retry-After"] = text }) })))
        assert.truthy(table.remove(loop.slept) <= 0.5)
      end
    end)

    it("not at all when Retry-After passes the budget: the error comes at once and tells it", function()
      for _, text in ipairs { "121", "86400", "99999999999999999999", ("9"):rep(150) } do
        server:reset()
        local _, err = call(whoami, { respond(429, { ["Retry-After"] = text }) })
        assert.equal("http", err.kind)
        assert.equal(429, err.status)
        assert.equal(1, err.attempts)
        assert.truthy(math.abs(err.retry_after / tonumber(text) - 1) < 1e-9)
        assert.truthy(tostring(err):find(("wait %g seconds"):format(tonumber(text)), 1, true))
        assert.is_true(err.retryable)
      end
      assert.same({}, loop.slept)
    end)

    it("within the budget in all", function()
      local _, err = call(whoami, { respond(503, { ["Retry-After"] = "6" }) },
        { retry = { attempts = 100, budget = 5 } })
      assert.equal(1, err.attempts)
    end)
  end)

  it("has the client's number of attempts", function()
    for _ = 1, 9 do server:script(respond(503)) end
    local _, err = call(whoami, nil, { retry = { attempts = 7 } })
    assert.equal(7, err.attempts)
    assert.truthy(tostring(err):find("7 attempts", 1, true))
    assert.equal(7, server:stats().requests)
  end)

  it("does not happen with retry = false, of the client or of a call", function()
    for _, options in ipairs { { retry = false }, { retry = { attempts = 1 } } } do
      server:reset()
      local _, err = call(whoami, { respond(503) }, options)
      assert.equal(1, err.attempts)
    end
    server:reset()
    local _, err = call(whoami, { respond(429) }, nil, { retry = false })
    assert.equal(1, err.attempts)
    assert.equal(1, server:stats().requests)
  end)

  it("can be set for a call, where what is left out comes from the client", function()
    for _ = 1, 9 do server:script(respond(503)) end
    local _, err = call(whoami, nil, { retry = { attempts = 2, base = 4, cap = 4 } }, { retry = { attempts = 5 } })
    assert.equal(5, err.attempts)
    local most = 0
    for _, seconds in ipairs(loop.slept) do most = math.max(most, seconds) end
    assert.truthy(most > 0.5)
  end)

  it("asks an api_key function for a key each time", function()
    local count = 0
    local function api_key()
      count = count + 1
      return ("key-number-%d"):format(count)
    end
    call(whoami, { respond(503), respond(429) }, { api_key = api_key })
    for index, request in ipairs(server:log()) do
      assert.equal("Bearer key-number-" .. index, clients.header(request, "Authorization"))
    end
    assert.equal(3, server:stats().requests)
  end)

  it("sends the same request, body included", function()
    call(unsafe["POST /v1/workflows/executions/e/signals"], { respond(429), respond(429) })
    local log = server:log()
    assert.equal(3, #log)
    for _, request in ipairs(log) do
      assert.equal(log[1].request_line, request.request_line)
      assert.equal('{"name":"s"}', request.body)
    end
  end)

  describe("by libcurl, of a kept connection that dies before the first byte of an answer,", function()
    -- One good call, then the same connection takes the next request and dies.
    local function twice(operation)
      server:script { { respond = {} }, RESET }
      return clients.use(server, { retry = false }, function(client)
        assert(client:whoami())
        return operation(client)
      end)
    end

    for prefix, operation in pairs(safe) do
      it("happens once, at once, when it is safe: " .. prefix, function()
        local value = twice(operation)
        assert.truthy(value)
        assert.equal(prefix:find "whoami" and 3 or 2, clients.count(server, prefix))
      end)
    end

    for prefix, operation in pairs(unsafe) do
      it("never happens when it is not: " .. prefix, function()
        local value, err = twice(operation)
        assert.is_nil(value)
        assert.equal("network", err.kind)
        assert.equal(1, clients.count(server, prefix))
      end)
    end
  end)

  describe("429 with Retry-After", function()
    local busy = { respond = { status = 429, body = "{}", headers = { ["Retry-After"] = "1" } } }

    it("holds back the other calls of the client", function()
      server:script { busy }
      local client = clients.new(server, { retry = { attempts = 4 } })
      local seen
      local results, errors = client:gather {
        function() return client.workflows:get "first" end,
        function()
          repeat client:sleep(0.02) until server:stats().requests > 0
          client:sleep(0.1)
          return client.workflows:get "second"
        end,
        function()
          client:sleep(0.6)
          seen = server:stats().requests
          return true
        end,
      }
      assert.is_nil(errors)
      assert.equal(3, #results)
      assert.equal(1, seen)
      assert.equal(3, server:stats().requests)
      client:close()
    end)

    it("ends a call that would have to wait for too long, with the time that is left", function()
      busy.respond.headers["Retry-After"] = "1000"
      server:script { busy }
      local client = clients.new(server, { retry = { attempts = 4 } })
      local _, err = client.workflows:get "first"
      assert.same({ "http", 429, 1000 }, { err.kind, err.status, err.retry_after })
      local started = core.now()
      _, err = client.workflows:get("second", { deadline = 0.5 })
      assert.same({ "http", 429, 0 }, { err.kind, err.status, err.attempts })
      assert.truthy(err.retry_after > 990 and err.retry_after <= 1000)
      assert.is_true(err.retryable)
      assert.truthy(core.now() - started < 0.5)
      assert.equal(1, server:stats().requests)
      local _, other = clients.use(server, {}, function(another) return another.workflows:get "third" end)
      assert.is_nil(other) -- another client is not held back
      client:close()
    end)
  end)
end)
