-- The descriptors of clients: given back, and what happens where there are none left.

local clients = require "spec.support.clients"
local fault = require "spec.support.fault"
local lua = require "spec.support.lua"
local process = require "spec.support.process"

local function collect()
  collectgarbage()
  collectgarbage()
end

describe("the descriptors of a client:", function()
  local server

  setup(function() server = fault.start() end)
  teardown(function() server:stop() end)
  before_each(function() server:reset() end)

  local function tls(options)
    options.server_url, options.ca_file = server.tls_url, server.ca_file
    return options
  end

  -- Sockets, epoll sets, timers, files; not the pipe of this very question.
  local function open_files()
    local pipe, count = io.popen "ls -l /proc/$PPID/fd | grep -v pipe:", 0
    for _ in pipe:lines() do count = count + 1 end
    pipe:close()
    return count
  end

  it("it gives back all that it has opened when it is closed, not when it is collected", function()
    collect()
    local before, kept = open_files(), {}
    for _, options in ipairs { {}, tls {} } do
      for _, watched in ipairs { false, true } do
        local client = clients.new(server, options)
        if watched then client.handle:pollfd() end
        assert(client:whoami())
        client:close()
        client.handle:give_back()
        kept[#kept + 1] = client
      end
    end
    collect() -- the pipe of the count before
    assert.equal(before, open_files())
    assert.equal(4, #kept)
  end)

  describe("where too many files are open", function()
    local function run(code)
      local variables = {}
      for name, value in pairs(lua.variables()) do variables[#variables + 1] = process.quote(name .. "=" .. value) end
      return process.output(("ulimit -n 60; env %s %s -e %s 2>&1"):format(table.concat(variables, " "), lua.command,
        process.quote(([[
          local workflows = require "mistral.workflows"
          local URL = %q
          local function new(url)
            return workflows.new { api_key = "key-of-a-test", server_url = url or URL, retry = false, timeout = 10 }
          end
          %s]]):format(server.url, code))))
    end

    it("collects the clients that were dropped, and goes on", function()
      for _, url in ipairs { "URL", "(URL:gsub('127.0.0.1', 'localhost'))" } do
        assert.equal("300", run(([[
          collectgarbage "stop"
          local done = 0
          for _ = 1, 300 do
            if new(%s):whoami() then done = done + 1 end
          end
          print(done)]]):format(url)))
      end
    end)

    it("collects them for a descriptor, too", function()
      local done = run [[
        collectgarbage "stop"
        local done = 0
        for _ = 1, 300 do
          if new():pollable():pollfd() then done = done + 1 end
        end
        print(done)]]
      assert.truthy(tonumber(done) > 250, done)
    end)

    it("has one for a loop as soon as something else can be collected, and none before", function()
      assert.equal("nil\nnil\nnumber", run [[
        local client, another, kept = new(), new(), {}
        local file = io.open "/dev/null"
        while file do
          kept[#kept + 1] = file
          file = io.open "/dev/null"
        end
        print(client.handle:pollfd())
        table.remove(kept):close()
        print(client.handle:pollfd())
        kept[#kept + 1] = io.open "/dev/null"
        kept = nil
        print(type(another.handle:pollfd()))]])
    end)

    it("says so when all are in use", function()
      local output = run [[
        local kept, client, value, err = {}, new(), nil, nil
        repeat
          kept[#kept + 1] = client
          client = new()
          value, err = client:whoami()
        until not value
        print(err.kind, err.reason, err.retryable)
        print(err.message)
        for index = 1, 3 do kept[index]:close() end
        print(client:whoami() ~= nil)]]
      assert.truthy(output:find("connect\tdescriptors\ttrue", 1, true), output)
      assert.truthy(output:find("too many files are open", 1, true), output)
      assert.truthy(output:find "true$", output)
    end)
  end)

  it("it leaves no file open", function()
    collect()
    local before = open_files()
    for _ = 1, 20 do
      local client = clients.new(server, tls {})
      client:pollable():pollfd()
      assert(client:whoami())
      client:close()
      clients.new(server):whoami()
    end
    collect()
    assert.truthy(open_files() <= before + 1)
  end)
end)
