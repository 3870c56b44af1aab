-- A thousand calls at once over few connections.

local maps = require "spec.support.maps"
local sandbox = require "spec.support.sandbox"
local workflows = require "mistral.workflows"

local assert_idle, numbers = maps.assert_idle, maps.numbers

describe("many calls in flight", function()
  local COUNT = 1000
  local server

  setup(function() server = sandbox.start { SANDBOX_REGISTRATIONS = 10 } end)

  teardown(function() server:stop() end)

  -- Calls `count` times. The first ones, `held` of them, are answered late: with as many connections all others wait.
  local function run(client, count, held)
    local late = { headers = { ["X-Sandbox-Delay"] = "2" } }
    local now, most = 0, 0
    local results, errors = client:map(numbers(count), function(index)
      now = now + 1
      most = math.max(most, now)
      local options = index <= (held or 0) and late or nil
      local answer, err = client.workflows:get(index % 2 == 0 and "hello" or "echo", options)
      now = now - 1
      return answer and answer.workflow.name, err
    end, { concurrency = count })
    assert.is_nil(errors and tostring(select(2, next(errors))))
    for index = 1, count do assert.equal(index % 2 == 0 and "hello" or "echo", results[index]) end
    assert_idle(client)
    return most
  end

  it("share max_connections over HTTP/1.1", function()
    local client = server:client { max_connections = 10, timeout = 60 }
    server:reset()
    assert.equal(COUNT, run(client, COUNT, 10))
    local stats = server:stats()
    assert.truthy(stats.requests >= COUNT)
    assert.truthy(stats.connections <= 11, stats.connections) -- and the one that asks
    client:close()
  end)

  it("share few connections over HTTP/2", function()
    local client = server:client { server_url = server.tls_url, ca_file = server.ca_file, max_connections = 4,
      timeout = 60 }
    server:reset()
    run(client, COUNT)
    local stats = server:stats()
    assert.truthy(stats.requests >= COUNT)
    assert.truthy(stats.connections <= 5, stats.connections)
    client:close()
  end)

  it("are under way together over HTTP/2", function()
    local client = server:client { server_url = server.tls_url, ca_file = server.ca_file, max_connections = 2,
      timeout = 60 }
    local begun = workflows.now()
    run(client, 100, 100)
    assert.truthy(workflows.now() - begun < 40) -- two at a time take 100
    client:close()
  end)

  it("that wait are not sent any more when the map ends", function()
    local client = server:client { max_connections = 2 }
    server:reset()
    assert.has_error(function()
      client:map(numbers(200), function(index)
        if index == 200 then
          client:sleep(0.1)
          error("enough", 0)
        end
        client.workflows:get("hello", nil, { headers = { ["X-Sandbox-Delay"] = "2" } })
      end, { concurrency = 200 })
    end, "enough")
    assert(client:whoami())
    assert.truthy(server:stats().requests <= 4, server:stats().requests) -- and the two that ask
    assert_idle(client)
    client:close()
  end)

  it("are clean in 50 of 50 runs over HTTP/2", function()
    for _ = 1, 50 do
      local client = server:client { server_url = server.tls_url, ca_file = server.ca_file, retry = false }
      run(client, 60)
      client:close()
    end
  end)
end)
