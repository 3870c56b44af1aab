local clients = require "spec.support.clients"
local core = require "mistral.workflows.core"
local fault = require "spec.support.fault"
local interpreter = require "spec.support.interpreter"

local HEAD = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"

describe("time", function()
  local server

  setup(function() server = fault.start() end)
  teardown(function() server:stop() end)
  before_each(function() server:reset() end)

  -- Runs fn(client), which must fail with kind "timeout" no sooner than `least` seconds and long before the server
  -- would let it go on. `work`: seconds that what is sent may take to be made, on a slow machine.
  local function timed_out(phase, least, options, fn, work)
    local started = core.now()
    local value, err = clients.use(server, options, fn or function(client) return client:whoami() end)
    local took = core.now() - started
    assert.is_nil(value)
    assert.equal("timeout", err.kind)
    if phase then assert.equal(phase, err.phase) end
    assert.equal("CURLE_OPERATION_TIMEDOUT", err.cause.name)
    assert.truthy(took >= least - 0.01, ("ended after %g seconds"):format(took))
    assert.truthy(took < least + 3 + (work or 0), ("took %g seconds"):format(took))
    return err
  end

  it("to connect is bounded by connect_timeout, the TLS handshake included", function()
    local err = timed_out("connect", 0.2, { server_url = server.silent_tcp, connect_timeout = 0.2 })
    assert.truthy(err.message:find("connect_timeout", 1, true))
    assert.is_true(err.retryable)
  end)

  it("to connect is bounded by timeout when that is shorter", function()
    timed_out("connect", 0.2, { server_url = server.silent_tcp, timeout = 0.2 })
  end)

  it("that ran out while connecting is tried again for every operation", function()
    local loop = clients.impatient_loop()
    local err = timed_out("connect", 0.3, { server_url = server.silent_tcp, connect_timeout = 0.1, loop = loop,
      retry = { attempts = 3 } }, function(client) return client.executions:signal("e", { name = "s" }) end)
    assert.equal(3, err.attempts)
    assert.equal(2, #loop.slept)
  end)

  it("of less than a millisecond is one, and no lack of a bound", function()
    timed_out("connect", 0, { server_url = server.silent_tcp, timeout = 0.0001, retry = false })
    timed_out("connect", 0, { server_url = server.silent_tcp, connect_timeout = 0.0001, retry = false })
  end)

  it("of an attempt is bounded while the server is silent", function()
    server:script { actions = { { "hang" } } }
    local err = timed_out("response", 0.2, { timeout = 0.2 })
    assert.equal(1, err.attempts)
    assert.is_nil(err.status)
  end)

  it("of a wait is its own, or without a limit that of the attempts", function()
    for _, limit in ipairs { false, 10 } do
      server:script { actions = { { "hang" } } }
      clients.use(server, {}, function(client)
        local transfer, waits = core.get_worker_info(client.handle), 0
        transfer:start(0.2, {})
        while not transfer:done() do
          client.handle:wait(limit and core.now() + limit or nil)
          waits = waits + 1
        end
        assert.truthy(waits < 50, waits)
      end)
    end
  end)

  it("of an attempt has no limit where that is 0", function()
    server:script { { actions = { { "sleep", 0.1 }, { "send", HEAD .. "Content-Length: 2\r\n\r\n{}" } } } }
    clients.use(server, {}, function(client)
      local transfer = core.get_worker_info(client.handle)
      transfer:start(0, {})
      while not transfer:done() do client.handle:wait() end
      assert.same({}, (transfer:result()))
    end)
  end)

  it("until something is due is told in seconds, and none passes while nothing is", function()
    server:script { actions = { { "hang" } } }
    clients.use(server, {}, function(client)
      local transfer = core.get_worker_info(client.handle)
      transfer:start(1000, {})
      while server:stats().requests == 0 do client.handle:wait(core.now() + 0.01) end
      local began = core.now()
      for _ = 1, 10 do client.handle:drive() end
      assert.truthy(core.now() - began < 5)
      local left = client.handle:timeout()
      assert.truthy(left > 0 and left <= 1000, left)
    end)
  end)

  it("of an attempt is bounded while a header or a body dribbles", function()
    server:script { actions = { { "dribble", HEAD:rep(20), 0.05 } } }
    timed_out("response", 0.3, { timeout = 0.3 })
    server:script { actions = { { "send", HEAD .. "Content-Length: 1000\r\n\r\n" }, { "endless", " ", 0.05 } } }
    local err = timed_out("response", 0.3, { timeout = 0.3 })
    assert.equal(200, err.status)
  end)

  it("of an attempt is bounded while the server does not read the upload", function()
    server:script { on = "headers", actions = { { "sleep", 30 } } }
    timed_out("response", 0.3, { timeout = 0.3 }, function(client)
      return client.executions:signal("e", { name = "s", input = { text = ("x"):rep(20 * 1024 * 1024) } })
    end, 15)
  end)

  it("of an attempt may be too short for anything", function()
    local url = server.silent_tcp:gsub("https", "http")
    for _ = 1, 10 do timed_out(nil, 0, { server_url = url, timeout = 0.002 }) end
  end)

  it("can be set for a call", function()
    server:script { actions = { { "hang" } } }
    timed_out("response", 0.2, nil, function(client) return client:whoami { timeout = 0.2 } end)
  end)

  it("out of an operation that is not safe to repeat says so and is not sent again", function()
    server:script { actions = { { "hang" } } }
    local err = timed_out("response", 0.2, { timeout = 0.2, retry = { attempts = 4 } },
      function(client) return client.executions:signal("e", { name = "s" }) end)
    assert.truthy(err.message:find "unknown")
    assert.is_false(err.retryable)
    assert.equal(1, err.attempts)
    assert.equal(1, server:stats().requests)
  end)

  it("of a call waits for no connection of the pool longer than an attempt may last", function()
    server:script { actions = { { "hang" } } }
    local client = clients.new(server, { max_connections = 1 })
    local first = core.get_worker_info(client.handle)
    first:start(10, {})
    repeat client.handle:wait(core.now() + 0.02) until server:wait("request", 1, 0)
    local started = core.now()
    local value, err = client:whoami { timeout = 0.2 }
    assert.is_nil(value)
    assert.equal("timeout", err.kind)
    assert.equal("connect", err.phase)
    assert.truthy(core.now() - started < 3)
    assert.equal(1, server:stats().requests)
    client:close()
  end)

  describe("of a call, its deadline,", function()
    it("ends an attempt", function()
      server:script { actions = { { "hang" } } }
      timed_out("response", 0.2, { retry = { attempts = 4 } }, function(client)
        return client:whoami { deadline = 0.2 }
      end)
    end)

    it("is counted from the start of the call over all attempts", function()
      for _ = 1, 4 do server:script { actions = { { "hang" } } } end
      local err = timed_out("response", 0.5, { retry = { attempts = 4, base = 0 } }, function(client)
        return client:whoami { timeout = 0.2, deadline = 0.5 }
      end)
      -- Two where an attempt takes long to begin, four where the last one has what is left of a millisecond.
      assert.truthy(err.attempts >= 2 and err.attempts <= 4, err.attempts)
    end)

    it("leaves no attempt to be made after it: the error comes at once", function()
      local loop = clients.impatient_loop()
      server:respond(503, nil, { ["Retry-After"] = "60" })
      local _, err = clients.use(server, { retry = { attempts = 4 }, loop = loop }, function(client)
        return client:whoami { deadline = 30 }
      end)
      assert.equal("http", err.kind)
      assert.equal(1, err.attempts)
      assert.equal(60, err.retry_after)
      assert.same({}, loop.slept)
    end)

    it("is kept by a pause before the next attempt", function()
      local started = core.now()
      for _ = 1, 20 do server:respond(503) end
      local _, err = clients.use(server, { retry = { attempts = 20, base = 0.3, cap = 0.3 } }, function(client)
        return client:whoami { deadline = 0.5 }
      end)
      assert.equal(503, err.status)
      assert.truthy(core.now() - started < 3)
    end)

    it("holds in the queue, while connecting and in the handshake", function()
      timed_out("connect", 0.2, { server_url = server.silent_tcp, retry = { attempts = 4 } }, function(client)
        return client:whoami { deadline = 0.2 }
      end)
    end)
  end)

  describe("in a resolver that hangs", function()
    -- build/spec/slow_resolver.so answers for slow.example after 3 seconds.
    local function run(code)
      local output = interpreter.run({ LD_PRELOAD = "build/spec/slow_resolver.so" }, [[
        local core = require "mistral.workflows.core"
        local client = require("mistral.workflows").new {
          api_key = "key-of-a-test", server_url = "https://slow.example", retry = false,
        }
        local function starts()
          local transfer = core.get_worker_info(client.handle)
          transfer:start(100, {})
          client.handle:wait(core.now() + 0.05)
          assert(not transfer:done())
          return transfer
        end
        local transfer
      ]] .. code)
      return output
    end

    it("is not in use without the library that these tests preload", function()
      assert.equal("slow", run [[
        local started = core.now()
        client:whoami()
        print(core.now() - started > 2.9 and "slow" or "fast: run make spec-libraries")
        client:close()
      ]])
    end)

    it("ends the call in time", function()
      local started = core.now()
      assert.equal("timeout connect", run [[
        local _, err = client:whoami { timeout = 0.2 }
        print(err.kind, err.phase)
        client:close()
      ]]:gsub("\t", " "))
      assert.truthy(core.now() - started < 2)
    end)

    it("holds neither cancel, close, collection nor the end of the program", function()
      local started = core.now()
      assert.equal("cancelled", run [[
        transfer = starts()
        transfer:cancel()
        local _, failure = transfer:result()
        print(failure.kind)
        transfer = starts()
        transfer = nil
        collectgarbage()
        collectgarbage()
        transfer = starts()
        client:close()
      ]])
      assert.truthy(core.now() - started < 2)
    end)
  end)
end)
