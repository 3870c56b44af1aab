local clients = require "spec.support.clients"
local core = require "mistral.workflows.core"
local fault = require "spec.support.fault"
local interpreter = require "spec.support.interpreter"
local process = require "spec.support.process"
local sandbox = require "spec.support.sandbox"

-- Drives the client until fn() is true.
local function drive_until(client, fn)
  local deadline = core.now() + 10
  repeat
    client.handle:wait(core.now() + 0.02)
    client:drive()
    assert(core.now() < deadline, "nothing happened")
  until fn()
end

describe("connections", function()
  local server

  setup(function() server = fault.start() end)
  teardown(function() server:stop() end)
  before_each(function() server:reset() end)

  it("are kept: 200 calls need one", function()
    for _, options in ipairs { {}, { server_url = server.tls_url, ca_file = server.ca_file } } do
      server:reset()
      clients.use(server, options, function(client)
        for _ = 1, 200 do assert(client:whoami()) end
        for index = 1, 5 do assert(client.executions:signal("e" .. index, { name = "s" })) end
      end)
      assert.equal(1, server:stats().connections)
      assert.equal(205, server:stats().requests)
    end
  end)

  it("are kept after errors whose body was read", function()
    clients.use(server, nil, function(client)
      for _, status in ipairs { 404, 500, 422 } do
        server:respond(status, '{"detail":"no"}')
        assert.is_nil((client:whoami()))
      end
      assert(client:whoami())
    end)
    assert.equal(1, server:stats().connections)
  end)

  it("are not kept after a time-out or a body that was too large", function()
    server:script { { actions = { { "hang" } } }, { respond = { body = '"' .. ("x"):rep(99999) .. '"' } } }
    clients.use(server, { max_response_bytes = 1000 }, function(client)
      assert.is_nil((client:whoami { timeout = 0.2 }))
      assert.is_nil((client:whoami()))
      assert.truthy((client:whoami()))
    end)
    assert.equal(3, server:stats().connections)
  end)

  it("that the server closed while they were idle are not used again, by any operation", function()
    local operations = {
      function(client) return client:whoami() end,
      function(client) return client.executions:signal("e", { name = "s" }) end,
      function(client) return client.deployments:restart "d" end,
      function(client) return client.workflows:execute("w", { execution_id = false }) end,
    }
    for _, options in ipairs { {}, { server_url = server.tls_url, ca_file = server.ca_file } } do
      for index, operation in ipairs(operations) do
        server:reset()
        server:script { idle_close = { after = 0.01 } }
        clients.use(server, options, function(client)
          assert(client:whoami())
          assert(server:wait "finished")
          assert.truthy((operation(client)))
        end)
        assert.equal(2, server:stats().requests, "operation " .. index)
        assert.equal(2, server:stats().connections)
      end
    end
  end)

  it("that the server closed do not pile up", function()
    clients.use(server, { max_connections = 8 }, function(client)
      local pid = process.output "echo $PPID"
      for _ = 1, 3 do
        local transfers = {}
        for index = 1, 8 do
          server:script { idle_close = { after = 0.01 } }
          transfers[index] = core.get_worker_info(client.handle)
          transfers[index]:start(5, {})
        end
        drive_until(client, function()
          for _, transfer in ipairs(transfers) do
            if not transfer:done() then return false end
          end
          return true
        end)
      end
      assert(client:whoami())
      local port = ("%04X"):format(tonumber(server.url:match ":(%d+)$"))
      local waiting = 0
      for line in io.lines(("/proc/%s/net/tcp"):format(pid)) do
        local remote, state = line:match "^%s*%d+: %x+:%x+ %x+:(%x+) (%x+)"
        if remote == port and state == "08" then waiting = waiting + 1 end
      end
      assert.truthy(waiting <= 8, waiting .. " in CLOSE_WAIT")
    end)
  end)

  it("are never more than max_connections", function()
    clients.use(server, { max_connections = 3 }, function(client)
      local transfers = {}
      for index = 1, 12 do
        server:script { actions = { { "gate", "go" },
          { "send", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}" }, { "keep" } } }
        transfers[index] = core.get_worker_info(client.handle)
        transfers[index]:start(10, {})
      end
      drive_until(client, function() return server:wait("request", 3, 0) end)
      assert.equal(3, server:stats().connections)
      server:open "go"
      drive_until(client, function() return client.handle:running() == 0 end)
      for _, transfer in ipairs(transfers) do assert.truthy((transfer:result())) end
      assert.equal(3, server:stats().connections)
      assert.equal(12, server:stats().requests)
    end)
  end)

  it("are opened for calls at the same time, also before the first answer has come", function()
    for _, options in ipairs { {}, { server_url = server.tls_url, ca_file = server.ca_file } } do
      server:reset()
      server:script { { actions = { { "hang" } } }, { respond = { body = "{}" } } }
      clients.use(server, options, function(client)
        local hanging = core.get_worker_info(client.handle)
        hanging:start(10, {})
        drive_until(client, function() return server:wait("request", 1, 0) end)
        assert.same({}, (client:whoami { timeout = 3 }))
        assert.is_false(hanging:done())
      end)
      assert.equal(2, server:stats().connections)
    end
  end)

  it("of several clients are their own", function()
    local one, two = clients.new(server), clients.new(server)
    assert(one:whoami())
    assert(two:whoami())
    one:close()
    assert(two:whoami())
    two:close()
    assert.equal(2, server:stats().connections)
  end)

  it("are closed with the client, and when it is collected", function()
    local client = clients.new(server)
    assert(client:whoami())
    client:close()
    client:close()
    assert(server:wait("closed", 1))
    do
      local dropped = clients.new(server)
      assert(dropped:whoami())
    end
    collectgarbage()
    collectgarbage()
    assert(server:wait("closed", 2))
    assert.equal(0, server:stats().open)
  end)

  it("that the server resets do not end a process that has not touched SIGPIPE", function()
    local output = interpreter.run(nil, ([[
      local workflows = require "mistral.workflows"
      local head = "HTTP/1.1 200 OK\r\n"
      for _, url in ipairs { %q, %q } do
        for round = 1, 8 do
          local client = workflows.new { api_key = "key-of-a-test", server_url = url, ca_file = %q, retry = false }
          client:whoami()
          client.executions:signal("e", { name = "s", input = { text = ("x"):rep(4e6) } })
          client:whoami()
          client.executions:signal("e", { name = "s", input = { text = ("x"):rep(4e6) } })
          client:close()
        end
      end
      print "alive"
    ]]):format(server.url, server.tls_url, server.ca_file))
    assert.equal("alive", output)
  end)

  it("do so while the server resets at every stage", function()
    for index = 1, 24 do
      local stage = ({ "accept", "header", "headers", "request" })[index % 4 + 1]
      server:script { on = stage, actions = { { "reset" } } }
      server:script { on = stage, port = "tls", actions = { { "reset" } } }
      server:script { respond = { body = "{}" } }
      server:script { actions = { { "send", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}" }, { "reset" } } }
    end
    local output = interpreter.run(nil, ([[
      local workflows = require "mistral.workflows"
      for round = 1, 12 do
        for _, url in ipairs { %q, %q } do
          local client = workflows.new { api_key = "key-of-a-test", server_url = url, ca_file = %q, retry = false }
          for _ = 1, 3 do
            client:whoami()
            client.executions:signal("e", { name = "s", input = { text = ("x"):rep(4e5) } })
          end
          client:close()
        end
      end
      print "alive"
    ]]):format(server.url, server.tls_url, server.ca_file))
    assert.equal("alive", output)
  end)
end)

describe("HTTP/2", function()
  local server

  setup(function() server = sandbox.start() end)
  teardown(function() server:stop() end)

  local function version_of(options)
    local version
    options.server_url, options.ca_file = options.server_url or server.tls_url, server.ca_file
    options.observer = function(info) version = info.http_version end
    local client = server:client(options)
    assert(client:whoami())
    client:close()
    return version
  end

  it("is used where it is offered over TLS", function()
    assert.equal("2", version_of {})
    assert.equal("2", version_of { http_version = "2" })
    assert.equal("1.1", version_of { http_version = "1.1" })
    assert.equal("1.1", version_of { server_url = server.url })
  end)

  it("carries many calls at a time over one connection", function()
    server:reset()
    local client = server:client { server_url = server.tls_url, ca_file = server.ca_file }
    assert(client:whoami())
    local transfers = {}
    for index = 1, 50 do
      transfers[index] = core.get_worker_info(client.handle)
      transfers[index]:start(10, { "Authorization: Bearer " .. sandbox.key })
    end
    drive_until(client, function() return client.handle:running() == 0 end)
    for _, transfer in ipairs(transfers) do assert.truthy((transfer:result())) end
    client:close()
    assert.equal(1, server:stats().connections)
  end)
end)
