local clients = require "spec.support.clients"
local core = require "mistral.workflows.core"
local fault = require "spec.support.fault"
local fork = require "spec.support.fork"
local interpreter = require "spec.support.interpreter"

local HANG = { actions = { { "hang" } } }
local HEAD = "HTTP/1.1 200 OK\r\n"

local function collect()
  collectgarbage()
  collectgarbage()
end

describe("a client", function()
  local server

  setup(function() server = fault.start() end)
  teardown(function() server:stop() end)
  before_each(function() server:reset() end)

  local function tls(options)
    options.server_url, options.ca_file = server.tls_url, server.ca_file
    return options
  end

  -- An attempt that the server has received and does not answer.
  local function hanging(client)
    server:script(HANG)
    local transfer = core.get_worker_info(client.handle)
    transfer:start(10, {})
    repeat client.handle:wait(core.now() + 0.02) until server:wait("request", 1, 0)
    return transfer
  end

  describe("after fork", function()
    -- Runs fn in a child process and returns the exit status: 0 when fn returned true.
    local function in_child(fn)
      local pid = fork.fork()
      if pid == 0 then
        local ok, result = pcall(fn)
        if not ok then io.stderr:write(tostring(result), "\n") end
        fork.leave(ok and result == true and 0 or 1)
      end
      return fork.wait(pid)
    end

    it("works in both processes, each with connections of its own", function()
      for _, options in ipairs { {}, tls {} } do
        server:reset()
        local client = clients.new(server, options)
        assert(client:whoami())
        assert.equal(0, in_child(function()
          return client:whoami() ~= nil and client.executions:signal("e", { name = "s" }) ~= nil
        end))
        assert(client:whoami())
        assert.equal(2, server:stats().connections)
        client:close()
      end
    end)

    it("leaves the parent's connections as they are when the child closes or collects it", function()
      for _, options in ipairs { {}, tls {} } do
        server:reset()
        local client = clients.new(server, options)
        assert(client:whoami())
        assert.equal(0, in_child(function()
          client:close()
          return true
        end))
        assert.equal(0, in_child(function()
          client = nil
          collect()
          return true
        end))
        assert(client:whoami())
        assert.equal(1, server:stats().connections)
        client:close()
      end
    end)

    it("leaves them as they are when the child exits", function()
      local output = interpreter.run(nil, ([[
        local fork = require "spec.support.fork"
        local reused
        local client = require("mistral.workflows").new {
          api_key = "key-of-a-test", server_url = %q, ca_file = %q, observer = function(info) reused = info.reused end,
        }
        assert(client:whoami())
        local pid = fork.fork()
        if pid == 0 then
          assert(client:whoami())
          os.exit(0, true)
        end
        print(fork.wait(pid), client:whoami() and reused)
      ]]):format(server.tls_url, server.ca_file))
      assert.equal("0\ttrue", output)
    end)

    it("gives the child descriptors of its own", function()
      local client = clients.new(server)
      local handle, transfer = client.handle, hanging(client)
      local copy = handle:duplicate()
      if not copy then return client:close() end -- a platform without descriptors
      assert.equal(0, in_child(function()
        local number = copy:pollfd()
        copy:close()
        local own = handle:duplicate()
        own:close()
        handle:close()
        handle:give_back()
        return number == nil
      end))
      assert.is_number(copy:pollfd())
      assert.is_false(transfer:done())
      copy:close()
      assert.is_nil(copy:pollfd())
      client:close()
    end)

    it("ends in the child what was under way, and goes on with it in the parent", function()
      local client = clients.new(server)
      server:script { actions = { { "gate", "go" }, { "send", HEAD .. "Content-Length: 2\r\n\r\n{}" }, { "keep" } } }
      local transfer = core.get_worker_info(client.handle)
      transfer:start(10, {})
      repeat client.handle:wait(core.now() + 0.02) until server:wait("request", 1, 0)
      assert.equal(0, in_child(function()
        client:drive()
        local _, failure = transfer:result()
        return failure.kind == "cancelled" and failure.reason == "fork" and client:whoami() ~= nil
      end))
      server:open "go"
      repeat client.handle:wait(core.now() + 0.02) until transfer:done()
      assert.same({}, (transfer:result()))
      client:close()
    end)
  end)

  it("ends a transfer whose time is over", function()
    local client = clients.new(server, { max_connections = 1 })
    local transfer = hanging(client)
    local queued = core.get_worker_info(client.handle)
    queued:start(10, {})
    queued:expire()
    transfer:expire()
    for phase, ended in pairs { response = transfer, connect = queued } do
      assert.is_true(ended:done())
      local value, failure = ended:result()
      assert.is_nil(value)
      assert.equal("timeout", failure.kind)
      assert.equal(phase, failure.phase)
      assert.equal("CURLE_OPERATION_TIMEDOUT", failure.cause.name)
      assert.equal(phase == "connect", failure.unsent)
    end
    transfer:expire()
    client:close()
  end)

  describe("cancels", function()
    it("a transfer, which may be started again", function()
      local client = clients.new(server)
      local transfer = hanging(client)
      transfer:cancel()
      assert.is_true(transfer:done())
      local _, failure = transfer:result()
      assert.equal("cancelled", failure.kind)
      assert(server:wait "closed")
      transfer:cancel()
      transfer:start(10, {})
      repeat client.handle:wait(core.now() + 0.02) until transfer:done()
      assert.truthy((transfer:result()))
      client:close()
    end)

    it("at every stage", function()
      local steps = {
        { on = "accept", actions = { { "hang" } } },
        { on = "headers", actions = { { "hang" } } },
        HANG,
        { actions = { { "send", "HTTP/1.1 2" }, { "hang" } } },
        { actions = { { "send", HEAD .. "Content-Length: 99\r\n\r\n{" }, { "hang" } } },
        { actions = { { "send", HEAD .. "Transfer-Encoding: chunked\r\n\r\n9\r\n{" }, { "hang" } } },
      }
      for _, options in ipairs { {}, tls {}, { server_url = server.silent_tcp }, { server_url = server.refused } } do
        for _, step in ipairs(steps) do
          for rounds = 0, 4 do
            server:reset()
            step.port = options.ca_file and "tls" or "plain"
            server:script(step)
            local client = clients.new(server, options)
            local transfer = core.get_worker_info(client.handle)
            transfer:start(10, {})
            for _ = 1, rounds do client.handle:wait(core.now() + 0.002) end
            transfer:cancel()
            assert.is_true(transfer:done())
            local value, failure = transfer:result()
            if value then -- the step went to the connection of the round before, which was accepted late
              assert.same({ ok = true }, value)
            else
              assert.truthy(failure.kind == "cancelled" or failure.kind == "connect")
            end
            client:close()
          end
        end
      end
    end)

    it("what is under way when it is closed", function()
      local client = clients.new(server)
      local transfer = hanging(client)
      client:close()
      assert.is_true(transfer:done())
      local _, failure = transfer:result()
      assert.equal("cancelled", failure.kind)
      assert(server:wait "closed")
    end)

    it("a transfer that is collected", function()
      local client = clients.new(server)
      hanging(client)
      collect()
      assert.equal(0, client.handle:running())
      assert(server:wait "closed")
      client:close()
    end)
  end)

  it("may be dropped before its transfers", function()
    local transfer
    do
      local client = clients.new(server)
      transfer = hanging(client)
    end
    collect()
    assert.is_boolean(transfer:done())
    transfer:cancel()
    assert.is_true(transfer:done())
    transfer = nil -- luacheck: ignore 311
    collect()
    assert(server:wait "closed")
  end)

  it("that is closed raises at the caller's line, and may be closed again", function()
    local client = clients.new(server)
    client:close()
    client:close()
    for _, call in ipairs {
      function() client:whoami() end,
      function() client.workflows:execute "w" end,
      function() client.workflows:list() end,
      function() client.executions:stream "e" end,
      function() client.executions:wait "e" end,
    } do
      local ok, message = pcall(call)
      assert.is_false(ok)
      assert.truthy(message:find "lifetime_spec.lua:%d+: ")
      assert.truthy(message:find("closed", 1, true))
    end
    assert.truthy(tostring(client):find("closed", 1, true))
  end)

  it("is closed at the end of its scope in Lua 5.4", function()
    local load_text = rawget(_G, "loadstring") or load
    local scope = load_text [[
      local new, fn = ...
      local client <close> = new()
      return fn(client)
    ]]
    if not scope then return end -- an older Lua
    assert.truthy((scope(function() return clients.new(server) end, function(client)
      local value = client:whoami()
      return value
    end)))
    assert(server:wait "closed")
  end)

  it("outlives the coroutine that made it", function()
    local client
    local thread = coroutine.create(function()
      client = clients.new(server, { loop = "blocking" })
      assert(client:whoami())
    end)
    assert(coroutine.resume(thread))
    thread = nil -- luacheck: ignore 311
    collect()
    assert.truthy((client:whoami()))
    assert.truthy((coroutine.wrap(function() return client:whoami() end)()))
    client:close()
    assert.equal(1, server:stats().connections)
  end)

  it("can be closed by its own observer", function()
    local client
    client = clients.new(server, { observer = function() client:close() end, retry = { attempts = 3, base = 0 } })
    assert.truthy((client:whoami()))
    client = clients.new(server, { observer = function() client:close() end, retry = { attempts = 3, base = 0 } })
    server:respond(503)
    local _, err = client:whoami()
    assert.equal("cancelled", err.kind)
  end)

  it("goes on after an error in its observer", function()
    local fails = true
    local client = clients.new(server, { observer = function() if fails then error "of the observer" end end })
    local ok, message = pcall(client.whoami, client)
    assert.is_false(ok)
    assert.truthy(tostring(message):find("of the observer", 1, true))
    fails = false
    assert.truthy((client:whoami()))
    client:close()
    assert.equal(1, server:stats().connections)
  end)

  describe("in coroutines of a loop", function()
    -- The smallest adapter: whoever waits yields.
    local adapter = {
      wait = function() coroutine.yield() end,
      sleep = function(seconds)
        local wake = core.now() + seconds
        repeat coroutine.yield() until core.now() >= wake
      end,
      spawn = function(fn) coroutine.wrap(fn)() end,
    }

    -- Resumes the coroutines in turn until all have ended; tick() runs between the rounds.
    local function run(client, threads, tick)
      local deadline = core.now() + 10
      local alive = true
      while alive do
        alive = false
        for _, thread in ipairs(threads) do
          if coroutine.status(thread) == "suspended" then
            assert(coroutine.resume(thread))
            alive = alive or coroutine.status(thread) == "suspended"
          end
        end
        if tick then tick() end
        if not client.handle:closed() then client.handle:wait(core.now() + 0.01) end
        assert(core.now() < deadline, "a coroutine did not end")
      end
    end

    it("is closed while another one calls: the call ends as cancelled", function()
      server:script { HANG }
      local client = clients.new(server, { loop = adapter })
      local err
      run(client, { coroutine.create(function() err = select(2, client:whoami()) end) }, function()
        if server:wait("request", 1, 0) then client:close() end
      end)
      assert.equal("cancelled", err.kind)
      assert.is_false(err.retryable)
      assert(server:wait "closed")
    end)

    it("is closed while another one sleeps before its next attempt", function()
      server:respond(503)
      local client = clients.new(server, { loop = adapter, retry = { attempts = 4, base = 0.4, cap = 0.4 } })
      local err, value
      run(client, { coroutine.create(function() value, err = client:whoami() end) }, function()
        if server:wait("request", 1, 0) then client:close() end
      end)
      assert.is_nil(value)
      assert.equal("cancelled", err.kind)
      assert.equal(1, server:stats().requests)
    end)

    it("forgets a coroutine that is dropped in the middle of a call", function()
      server:script { HANG }
      local client = clients.new(server, { loop = adapter })
      local thread = coroutine.create(function() client:whoami() end)
      assert(coroutine.resume(thread))
      repeat client.handle:wait(core.now() + 0.02) until server:wait("request", 1, 0)
      thread = nil -- luacheck: ignore 311
      collect()
      collect()
      assert.equal(0, client.handle:running())
      assert(server:wait "closed")
      client:close()
    end)

    it("is collected although the loop keeps the functions that it was given", function()
      local threads, kept
      local function watch(_, turn)
        kept = turn
        return true
      end
      for _, watched in ipairs { false, true } do
        local client = clients.new(server, { loop = {
          wait = adapter.wait, sleep = adapter.sleep, watch = watched and watch or nil,
          condition = function() return { wait = adapter.wait, signal = function() end } end,
          spawn = function(fn)
            kept, threads[2] = fn, coroutine.create(fn)
          end,
        } })
        local weak = setmetatable({ client.handle }, { __mode = "v" })
        threads = { coroutine.create(function() assert(client:whoami()) end) }
        run(client, threads, watched and function() kept() end)
        client, threads = nil, nil -- luacheck: ignore 311 331
        collect()
        assert.is_nil(weak[1])
        if watched then assert.is_false(kept()) end
      end
    end)

    it("is driven by who waits where the loop does not run what it has accepted", function()
      local waits = 0
      local client = clients.new(server, { loop = {
        wait = adapter.wait, sleep = adapter.sleep, spawn = function() end,
        condition = function()
          waits = waits + 1
          assert(waits < 10, "a driver that never begins is relied on")
          return { wait = function(_, deadline) adapter.sleep(deadline - core.now()) end, signal = function() end }
        end,
      } })
      local thread = coroutine.create(function() assert(client:whoami()) end)
      local deadline = core.now() + 10
      repeat
        assert(coroutine.resume(thread))
        core.sleep(0.005)
      until coroutine.status(thread) == "dead" or core.now() > deadline
      assert.equal("dead", coroutine.status(thread))
      client:close()
    end)

    it("serves many at the same time", function()
      local client = clients.new(server, { loop = adapter })
      local threads, values = {}, {}
      for index = 1, 20 do
        threads[index] = coroutine.create(function() values[index] = client:whoami() end)
      end
      run(client, threads)
      for index = 1, 20 do assert.truthy(values[index]) end
      client:close()
    end)
  end)

  it("leaves its code where a thread of libcurl may still run it, when its Lua state is closed", function()
    assert.equal("true", interpreter.run(nil, [[
      require "mistral.workflows.core"
      local registry = debug.getregistry()
      local all = registry._CLIBS -- of Lua 5.2 and later; others hold each library by its path
      if type(all) == "table" then
        getmetatable(all).__gc(all)
      else
        for name, library in pairs(registry) do
          if tostring(name):find "^LOADLIB: " then getmetatable(library).__gc(library) end
        end
      end
      print(io.open("/proc/self/maps"):read("*a"):find("core.so", 1, true) ~= nil)
      os.exit(0)
    ]]))
  end)
end)
