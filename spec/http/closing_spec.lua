-- What close() gives back, and when.

local clients = require "spec.support.clients"
local fault = require "spec.support.fault"
local loop = require "mistral.workflows.loop"
local maps = require "spec.support.maps"
local process = require "spec.support.process"

-- Sockets, epoll sets, timers; not the pipe of this very question.
local function open_files()
  return tonumber(process.output "ls -l /proc/$PPID/fd | grep -c -e socket: -e anon_inode:")
end

describe("close()", function()
  local server, before

  setup(function() server = fault.start() end)

  before_each(function()
    server:reset()
    maps.collect()
    maps.collect()
    before = open_files()
  end)

  teardown(function() server:stop() end)

  it("gives back all descriptors at once", function()
    for _ = 1, 3 do
      local client = clients.new(server)
      assert(client:whoami())
      assert(client:map(maps.numbers(5), function() return client:whoami() end))
      assert.truthy(open_files() > before)
      client:close()
      assert.equal(before, open_files())
      client:close()
    end
  end)

  it("gives back the descriptor that was asked for", function()
    local client = clients.new(server)
    if not client:pollable():pollfd() then return client:close() end
    assert(client:whoami())
    client:close()
    assert.equal(before, open_files())
    assert.is_nil(client:pollable():pollfd())
  end)

  local function hang()
    server:script { path = "/v1/workflows/silent", actions = { { "hang" } } }
  end

  it("gives them back at once when a call is in flight", function()
    hang()
    local client = clients.new(server)
    local results, errors = client:gather {
      function() return client.workflows:get "silent" end,
      function()
        while client.handle:running() == 0 do loop.sleep(client, 0.005) end
        loop.sleep(client, 0.02)
        client:close()
        assert.equal(before, open_files())
        return true
      end,
    }
    assert.same({ [2] = true }, results)
    assert.equal("cancelled", errors[1].kind)
    assert.equal(before, open_files())
  end)

  it("gives them back as soon as others in the loop have seen it", function()
    hang()
    local client, other, err = clients.new(server), clients.new(server), nil
    loop.spawn(other, function() err = select(2, client.workflows:get "silent") end)
    while client.handle:running() == 0 do loop.sleep(other, 0.005) end
    loop.sleep(other, 0.02)
    client:close()
    while not err do loop.sleep(other, 0.005) end
    assert.equal("cancelled", err.kind)
    loop.sleep(other, 0.02)
    other:close()
    assert.equal(before, open_files())
  end)

  it("lets a loop of the program's own go on to use the numbers", function()
    for _ = 1, 5 do
      local client = clients.new(server)
      assert(client:whoami())
      client:close()
      local another = clients.new(server)
      local results = another:map(maps.numbers(3), function() return another:whoami() end)
      assert.equal(3, #results)
      another:close()
    end
    assert.equal(before, open_files())
  end)
end)
