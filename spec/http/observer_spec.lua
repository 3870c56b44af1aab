local clients = require "spec.support.clients"
local fault = require "spec.support.fault"
local lua = require "spec.support.lua"
local sandbox = require "spec.support.sandbox"

local timings = { "dns", "connect", "tls", "first_byte", "total" }

describe("the observer", function()
  local server, seen

  setup(function() server = fault.start() end)
  teardown(function() server:stop() end)
  before_each(function()
    server:reset()
    seen = {}
  end)

  local function use(options, fn)
    local all = { observer = function(info) seen[#seen + 1] = info end }
    for name, value in pairs(options or {}) do all[name] = value end
    return clients.use(server, all, fn)
  end

  it("gets the facts of an attempt", function()
    server:respond(200, '{"workflows":[]}', { ["X-Request-Id"] = "r-1" })
    use(nil, function(client) assert(client.workflows:list { limit = 5, search = "a b" }) end)
    local info = seen[1]
    assert.equal(1, #seen)
    assert.equal("get_workflows", info.operation)
    assert.equal("GET", info.method)
    assert.truthy(info.path:find "^/v1/workflows%?")
    assert.truthy(info.path:find("search=a%20b", 1, true))
    assert.equal(1, info.attempt)
    assert.equal(200, info.status)
    assert.equal("r-1", info.request_id)
    assert.equal("1.1", info.http_version)
    assert.is_false(info.reused)
    assert.is_nil(info.error)
    assert.truthy(info.bytes_in > 50)
    assert.truthy(info.bytes_out > 50)
    for _, name in ipairs(timings) do assert.is_number(info[name]) end
    assert.truthy(info.total >= info.first_byte)
    assert.truthy(info.first_byte > info.connect)
    assert.truthy(info.connect > info.dns)
    assert.equal(0, info.tls)
    assert.truthy(info.bytes_out > info.bytes_in, ("%d, %d"):format(info.bytes_out, info.bytes_in))
  end)

  it("gets no field that is not documented, and never the key", function()
    local documented = { operation = true, method = true, path = true, attempt = true, status = true, bytes_in = true,
      bytes_out = true, dns = true, connect = true, tls = true, first_byte = true, total = true, reused = true,
      http_version = true, request_id = true, error = true }
    server:script { { respond = { status = 503 } }, { actions = { { "close" } } } }
    use({ retry = { attempts = 3, base = 0 } }, function(client) assert(client:whoami()) end)
    for _, info in ipairs(seen) do
      for name, value in pairs(info) do
        assert.is_true(documented[name], name)
        assert.is_nil(tostring(value):find(clients.key, 1, true))
      end
    end
  end)

  it("is called once for each attempt, with what became of it", function()
    server:script { { respond = { status = 503 } }, { actions = { { "hang" } } } }
    use({ retry = { attempts = 3, base = 0 }, timeout = 0.2 }, function(client) assert(client:whoami()) end)
    assert.equal(3, #seen)
    for index, info in ipairs(seen) do assert.equal(index, info.attempt) end
    assert.equal(503, seen[1].status)
    assert.equal("http", seen[1].error)
    assert.is_nil(seen[2].status)
    assert.equal("timeout", seen[2].error)
    assert.truthy(seen[2].total >= 0.19)
    assert.equal(200, seen[3].status)
    assert.is_nil(seen[3].error)
  end)

  it("sees the questions before an execution is started, and after an unknown outcome", function()
    server:script { { respond = { status = 404 } }, { actions = { { "reset" } } },
      { respond = { body = '{"status":"RUNNING"}' } } }
    use(nil, function(client) assert(client.workflows:execute("w", { execution_id = "e" })) end)
    assert.same({ "get_workflow_execution", "http" }, { seen[1].operation, seen[1].error })
    assert.same({ "execute_workflow", "network" }, { seen[2].operation, seen[2].error })
    assert.same({ "get_workflow_execution" }, { seen[3].operation, seen[3].error })
    assert.equal("/v1/workflows/executions/e", seen[3].path)
  end)

  it("is told whether the connection was kept", function()
    use({ server_url = server.tls_url, ca_file = server.ca_file }, function(client)
      assert(client:whoami())
      assert(client:whoami())
    end)
    assert.is_false(seen[1].reused)
    assert.truthy(seen[1].tls > 0)
    assert.is_true(seen[2].reused)
  end)

  it("hears of a connection that was never made", function()
    use({ server_url = server.refused }, function(client) client:whoami() end)
    assert.equal("connect", seen[1].error)
    assert.is_nil(seen[1].status)
    assert.is_false(seen[1].reused)
    assert.equal(0, seen[1].bytes_in)
  end)

  it("hears of streams and of pages", function()
    server:script {
      { respond = { body = '{"workflows":[{"id":"a"}],"next_cursor":"c"}' } },
      { respond = { body = '{"workflows":[{"id":"b"}],"next_cursor":null}' } },
      { respond = { headers = { ["Content-Type"] = "text/event-stream" }, body = ": hello\n\n" } },
    }
    use(nil, function(client)
      for workflow in client.workflows:each() do assert.truthy(workflow.id) end
      pcall(client.executions:stream "e")
    end)
    assert.equal("get_workflows", seen[1].operation)
    assert.equal("get_workflows", seen[2].operation)
    assert.equal("stream", seen[3].operation)
    assert.equal(200, seen[3].status)
  end)
end)

describe("an example", function()
  local server

  setup(function() server = sandbox.start() end)
  teardown(function() server:stop() end)

  local function run(name)
    server:reset()
    server:record()
    local output, status = lua.run("examples/" .. name,
      { MISTRAL_API_KEY = sandbox.key, MISTRAL_SERVER_URL = server.url })
    assert.equal(0, status, output)
    assert.is_nil(output:find(sandbox.key, 1, true))
    return output
  end

  it("prints a log of requests", function()
    local output = run "observer_log.lua"
    assert.truthy(output:find("GET /v1/workflows?limit=3 -> 200, attempt 1", 1, true))
    assert.truthy(output:find("GET /v1/workflows/no-such-workflow -> 404 (http), attempt 1", 1, true))
    assert.truthy(output:find "ms: dns [%d.]+, connect [%d.]+, tls [%d.]+, first byte [%d.]+; new connection, HTTP/1.1")
    local first, second = output:find("new connection", 1, true), output:find("kept connection", 1, true)
    assert.truthy(first < second, output)
  end)

  it("sends a traceparent header", function()
    local output = run "observer_traceparent.lua"
    local requests = server:requests()
    assert.equal(2, #requests)
    for _, request in ipairs(requests) do
      local trace, span = request.headers.traceparent:match "^00%-(%x+)%-(%x+)%-01$"
      assert.equal(32, #trace)
      assert.equal(16, #span)
      assert.truthy(output:find(("trace %s span %s: get_workflow"):format(trace, span), 1, true))
    end
  end)
end)
