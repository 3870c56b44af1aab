-- Waits of any length: no loop is asked for more than it can count.

local clients = require "spec.support.clients"
local fault = require "spec.support.fault"
local loop = require "mistral.workflows.loop"
local lua = require "spec.support.lua"
local maps = require "spec.support.maps"
local nginx = require "spec.support.nginx"
local process = require "spec.support.process"
local workflows = require "mistral.workflows"

local FAR = { 1e10, 1e30, math.huge }

describe("a wait for ever", function()
  local server, client

  setup(function() server = fault.start() end)

  before_each(function()
    server:reset()
    client = clients.new(server)
  end)

  after_each(function() client:close() end)

  teardown(function() server:stop() end)

  it("is a sleep that can be cancelled", function()
    for _, seconds in ipairs(FAR) do
      local ok, problem = pcall(client.gather, client, {
        function() loop.sleep(client, seconds) end,
        function()
          loop.sleep(client, 0.02)
          assert(client:whoami())
          error("enough", 0)
        end,
      })
      assert.same({ false, "enough" }, { ok, problem })
    end
    maps.assert_idle(client)
  end)

  it("is not cut short by a signal", function()
    local core = require "mistral.workflows.core"
    core.tool().catch_interrupts ""
    local file = assert(io.open("/proc/self/stat"))
    os.execute(("(sleep 0.1; kill -INT %s) &"):format(file:read "*n"))
    file:close()
    local began = workflows.now()
    client:sleep(0.5)
    assert.equal(1, core.tool().interrupts())
    assert.truthy(workflows.now() - began >= 0.45) -- libuv counts milliseconds
  end)

  it("is a sleep of a task, beside which others wait", function()
    for _, seconds in ipairs(FAR) do
      local task = loop.spawn(client, function() loop.sleep(client, seconds) end)
      loop.sleep(client, 0.02)
      assert(client:whoami())
      task:cancel()
    end
    maps.assert_idle(client)
  end)

  it("is a sleep in a coroutine of the loop", function()
    local spawn = loop.outer(client).spawn
    if not spawn then return end -- it would block
    local woken = 0
    for _, seconds in ipairs(FAR) do
      spawn(function()
        loop.sleep(client, seconds)
        woken = woken + 1
      end)
    end
    loop.sleep(client, 0.05)
    assert(client:whoami())
    assert.equal(0, woken)
  end)

  it("has a deadline that never comes", function()
    for _, seconds in ipairs(FAR) do
      if seconds < math.huge then assert(client:whoami { timeout = seconds, deadline = seconds }) end
      local key = {}
      loop.spawn(client, function()
        loop.sleep(client, 0.02)
        loop.signal(client, key)
      end)
      loop.await_signal(client, key, seconds)
    end
  end)

  it("takes no processor time", function()
    local path = os.tmpname()
    local file = assert(io.open(path, "w"))
    file:write(([[
      local workflows = require "mistral.workflows"
      local client = workflows.new { api_key = "key", server_url = %q, loop = "blocking",
        retry = { attempts = 3, base = 1e30, cap = 1e30, budget = 1e300 } }
      client:whoami()]]):format(server.refused))
    file:close()
    local pid = process.output(lua.command .. " " .. process.quote(path) .. " >/dev/null 2>&1 & echo $!")
    process.output "sleep 1"
    local ticks = nginx.is_alive(pid) and nginx.ticks(pid)
    process.output("kill -KILL " .. pid)
    os.remove(path)
    assert.is_number(ticks)
    assert.truthy(ticks < 30, ticks)
  end)
end)
