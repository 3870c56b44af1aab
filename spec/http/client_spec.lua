-- The client object: its life, its connections, what it sends with every request.

local interpreter = require "spec.support.interpreter"
local misuse = require "spec.support.misuse"
local sandbox = require "spec.support.sandbox"
local workflows = require "mistral.workflows"

local SECRET = "another-key-9876543210"

local function collect()
  collectgarbage()
  collectgarbage()
end

describe("a client", function()
  local server

  setup(function() server = sandbox.start { SANDBOX_REGISTRATIONS = 100 } end)

  before_each(function()
    server:reset()
    server:record()
  end)

  teardown(function() server:stop() end)

  describe("that is closed", function()
    it("raises at the caller's line", function()
      local client = server:client()
      assert(client.workflows:get "hello")
      client:close()
      local calls = {
        ["workflows:get"] = function() client.workflows:get "hello" end,
        ["workflows:execute"] = function() client.workflows:execute("hello", {}) end,
        ["workflows:run"] = function() client.workflows:run("hello", {}) end,
        ["registrations:each"] = function() client.registrations:each() end,
        ["executions:wait"] = function() client.executions:wait "x" end,
        ["executions:stream"] = function() client.executions:stream "x" end,
        ["executions:cancel_many"] = function() client.executions:cancel_many { "x" } end,
        ["client:whoami"] = function() client:whoami() end,
      }
      for name, call in pairs(calls) do assert.equal(name .. ": the client is closed", misuse.message(call)) end
    end)

    it("may be closed again", function()
      local client = server:client()
      client:close()
      client:close()
      client = server:client()
      assert(client.workflows:get "hello")
      client:close()
      client:close()
      assert.is_true(client.handle:closed())
      collect()
    end)

    it("ends what it was doing", function()
      local client = server:client { headers = { ["X-Sandbox-Delay"] = "30" } }
      local each = client.registrations:each()
      assert.equal(1, client.handle:running())
      client:close()
      assert.equal(0, client.handle:running())
      local ok, err = pcall(each)
      assert.is_false(ok)
      assert.equal("cancelled", err.kind)
    end)

    it("is closed by the end of its scope on Lua 5.4", function()
      if _VERSION ~= "Lua 5.4" then return end
      local client = server:client()
      assert(load([[ local scoped <close> = ... ]]))(client)
      assert.is_true(client.handle:closed())
    end)
  end)

  it("shows the server and nothing secret", function()
    local client = server:client { api_key = SECRET, proxy = "http://user:" .. SECRET .. "@127.0.0.1:1" }
    assert.equal(("mistral.workflows.client(%s)"):format(server.url), tostring(client))
    client:close()
    assert.equal(("mistral.workflows.client(%s, closed)"):format(server.url), tostring(client))
    for _, name in ipairs { "workflows", "registrations", "executions", "handle" } do
      assert.is_nil(tostring(client[name]):find(SECRET, 1, true))
    end
  end)

  it("never prints its key, even when the service echoes it", function()
    local client = server:client { api_key = SECRET }
    server:fixture { path = "/v1/workflows/x", status = 403,
      body = ('{"detail":"key %s","inner":[{"%s":1}]}'):format(SECRET, SECRET) }
    local _, err = client.workflows:get "x"
    assert.equal("HTTP 403: key ***; the key has no permission for this", err.message)
    assert.is_nil((workflows.json.encode(err.detail) .. err.body .. tostring(err)):find(SECRET, 1, true))
    client:close()
  end)

  it("tells its observer of every attempt, without the key", function()
    local seen = {}
    local client = server:client { api_key = SECRET, retry = { attempts = 2, base = 0 },
      observer = function(attempt) seen[#seen + 1] = attempt end }
    server:fixture { path = "/v1/workflows/a%20b", status = 503, body = "{}" }
    client.workflows:get "a b"
    assert.equal(2, #seen)
    for index, attempt in ipairs(seen) do
      assert.equal("get_workflow", attempt.operation)
      assert.equal("GET", attempt.method)
      assert.equal("/v1/workflows/a%20b", attempt.path)
      assert.equal(index, attempt.attempt)
      assert.equal(index == 1 and 503 or 404, attempt.status)
      assert.equal("http", attempt.error)
      assert.equal(index == 2, attempt.reused)
      for name, value in pairs(attempt) do
        assert.is_nil(tostring(name):find(SECRET, 1, true) or tostring(value):find(SECRET, 1, true))
      end
    end
    client:close()
  end)

  describe("that is dropped", function()
    it("is collected, with its connections", function()
      local watch = setmetatable({}, { __mode = "k" })
      do
        local client = server:client()
        assert(client.workflows:get "hello")
        watch[client] = true
      end
      collect()
      assert.is_nil(next(watch))
    end)

    it("may be dropped with transfers in flight", function()
      for _ = 1, 10 do
        local client = server:client { headers = { ["X-Sandbox-Delay"] = "30" } }
        for _ = 1, 5 do client.registrations:each() end
        assert.equal(5, client.handle:running())
      end
      collect()
    end)

    it("may go before its walk", function()
      local client = server:client { headers = { ["X-Sandbox-Delay"] = "0.1" } }
      local each = client.registrations:each { limit = 10 }
      client = nil -- luacheck: ignore
      collect()
      assert.is_string(each().id)
    end)

    it("may outlive its transfers", function()
      local client = server:client { headers = { ["X-Sandbox-Delay"] = "30" } }
      for _ = 1, 5 do client.registrations:each() end
      collect()
      assert.equal(0, client.handle:running())
      client:close()
    end)
  end)

  it("works after the coroutine that made it is gone", function()
    local client = coroutine.wrap(function()
      local made = server:client { loop = "blocking" }
      assert(made.workflows:get "hello")
      return made
    end)()
    collect()
    assert(client.workflows:get "hello")
    client:close()
  end)

  it("does not disturb another one", function()
    local clients = {}
    for index = 1, 5 do clients[index] = server:client { api_key = "client-key-" .. index } end
    for index, client in ipairs(clients) do
      assert(client.workflows:get "hello")
      assert.equal("Bearer client-key-" .. index, server:last_request().headers.authorization)
    end
    clients[1]:close()
    assert(clients[2].workflows:get "hello")
    assert.equal(5, server:stats().connections)
    for _, client in ipairs(clients) do client:close() end
  end)

  it("makes 1,000 calls on one connection", function()
    local client = server:client()
    for index = 1, 1000 do
      if index % 10 == 0 then
        assert(client.workflows:execute("hello", {}))
      else
        assert(client.workflows:get "hello")
      end
    end
    local stats = server:stats()
    assert.equal(1000, stats.requests)
    assert.equal(1, stats.connections)
    client:close()
  end)

  it("goes on after the core module was opened again", function()
    local client = server:client()
    local core = package.loaded["mistral.workflows.core"]
    package.loaded["mistral.workflows.core"] = nil
    local again = require "mistral.workflows.core"
    package.loaded["mistral.workflows.core"] = core
    assert.not_equal(core, again)
    assert(client.workflows:get "hello")
    assert.equal(core.json.null, again.json.null)
    client:close()
  end)

  describe("with an api_key function", function()
    it("asks for a key for every attempt", function()
      local calls = 0
      local client = server:client { retry = { attempts = 3, base = 0 }, api_key = function()
        calls = calls + 1
        return "rotating-key-" .. calls
      end }
      server:fixture { path = "/v1/workflows/hello", status = 503, times = 2, body = "{}" }
      assert(client.workflows:get "hello")
      local keys = {}
      for index, request in ipairs(server:requests()) do keys[index] = request.headers.authorization end
      assert.same({ "Bearer rotating-key-1", "Bearer rotating-key-2", "Bearer rotating-key-3" }, keys)
      client:close()
    end)

    it("returns an error that does not show what the function returned", function()
      for _, value in ipairs { SECRET .. "\n", "", 5, false } do
        local client = server:client { api_key = function() return value end }
        local answer, err = client.workflows:get "hello"
        assert.is_nil(answer)
        assert.is_true(workflows.is_error(err))
        assert.truthy(err.message:find "the key that the api_key function returned", err.message)
        assert.is_nil(tostring(err):find(SECRET, 1, true))
        client:close()
      end
      assert.equal(0, server:stats().requests)
    end)

    it("returns an error when the function raises", function()
      local client = server:client { api_key = function() error("the vault is shut", 0) end }
      local _, err = client.workflows:get "hello"
      assert.equal("api_key function failed: the vault is shut", err.message)
      local ok, raised = pcall(client.registrations:each())
      assert.is_false(ok)
      assert.equal(err.message, raised.message)
      client:close()
    end)
  end)

  it("sends a key that begins with Bearer as it is", function()
    local client = server:client { api_key = "bearer my-key" }
    assert(client.workflows:get "hello")
    assert.equal("bearer my-key", server:last_request().headers.authorization)
    client:close()
  end)

  it("sends its headers and those of the call", function()
    local client = server:client { headers = { ["X-Client"] = "a", ["X-Empty"] = "", ["X-Number"] = 5 },
      user_agent = "mine/1" }
    assert(client.workflows:get("hello", nil, { headers = { ["X-Call"] = "b c" } }))
    local headers = server:last_request().headers
    assert.equal("a", headers["x-client"])
    assert.equal("", headers["x-empty"])
    assert.equal("5", headers["x-number"])
    assert.equal("b c", headers["x-call"])
    assert.equal("mine/1", headers["user-agent"])
    assert(client.workflows:get "hello")
    assert.is_nil(server:last_request().headers["x-call"])
    client:close()
  end)

  it("sends to a server_url with a path", function()
    local client = server:client { server_url = server.url .. "/prefix/" }
    local _, err = client.workflows:get "hello"
    assert.equal(404, err.status)
    assert.equal("/prefix/v1/workflows/hello", server:last_request().uri)
    client:close()
  end)

  it("accepts times that are longer than libcurl's", function()
    local client = server:client { timeout = 1e12, connect_timeout = 1e12 }
    assert(client.workflows:get "hello")
    client:close()
    client = server:client { connect_timeout = 5 }
    assert(client.workflows:get("hello", nil, { timeout = 1e300 }))
    client:close()
  end)

  it("accepts numbers that are larger than libcurl's", function()
    local client = server:client { max_connections = 2 ^ 40, max_response_bytes = 2 ^ 52 }
    local function whoami() return client:whoami() end
    local results, errors = client:gather { whoami, whoami }
    assert.is_nil(errors)
    assert.equal(2, #results)
    client:close()
  end)

  it("ends an attempt when its time is over", function()
    local client = server:client { headers = { ["X-Sandbox-Delay"] = "30" }, retry = false }
    local _, err = client.workflows:get("hello", nil, { timeout = 0.1 })
    assert.equal("timeout", err.kind)
    assert.equal("response", err.phase)
    client:close()
  end)

  it("with open parameters lets unknown names through", function()
    local client = server:client { parameters = "open" }
    client.registrations:list { brand_new = "a b", flag = true, number = 5, list = { "x", "y" }, limit = 1 }
    local query = server:last_request().uri:match "?(.*)$"
    local parts = {}
    for part in query:gmatch "[^&]+" do parts[#parts + 1] = part end
    table.sort(parts)
    assert.same({ "brand_new=a%20b", "flag=true", "limit=1", "list=x", "list=y", "number=5" }, parts)
    client.workflows:update("hello", { brand_new = { deep = true } })
    assert.equal('{"brand_new":{"deep":true}}', server:last_request().body)
    assert.equal("registrations:list: 'limit' must be an integer, not a string (1 to 1000, default 50)",
      misuse.message(function() client.registrations:list { limit = "x" } end))
    client:close()
  end)

  describe("called with a dot", function()
    it("says so", function()
      local client = server:client()
      assert.equal("workflows:get: call it with a colon: client.workflows:get(...)",
        misuse.message(function() client.workflows.get "hello" end))
      assert.equal("registrations:list: call it with a colon: client.registrations:list(...)",
        misuse.message(function() client.registrations.list() end))
      assert.equal("client:whoami: call it with a colon: client:whoami(...)",
        misuse.message(function() client.whoami() end))
      assert.equal("registrations:each: call it with a colon: client.registrations:each(...)",
        misuse.message(function() client.registrations.each {} end))
      assert.equal("workflows:run: call it with a colon: client.workflows:run(...)",
        misuse.message(function() client.workflows.run "hello" end))
      assert.equal("executions:wait: call it with a colon: client.executions:wait(...)",
        misuse.message(function() client.executions.wait() end))
      client:close()
    end)
  end)

  it("creates no global variables", function()
    local output = interpreter.run({ SERVER = server.url }, [[
      local before = {}
      for name in pairs(_G) do before[name] = true end
      local workflows = require "mistral.workflows"
      local client = workflows.new { api_key = "any-key", server_url = os.getenv "SERVER", timeout = 20 }
      assert(client.workflows:run("hello", {}))
      for _ in client.registrations:each() do end
      print(client.workflows:get "nobody")
      client:close()
      for name in pairs(_G) do if not before[name] then print("global", name) end end
      print "end"
    ]])
    assert.is_nil(output:find "global\t", output)
    assert.truthy(output:find "nobody' not found.*\nend$", output)
  end)

  describe("over TLS", function()
    local function tls(options)
      options.server_url = server.tls_url
      return server:client(options)
    end

    it("speaks HTTP/2 to a server that it can trust", function()
      local client = tls { ca_file = server.ca_file }
      assert.equal("hello", assert(client.workflows:get "hello").workflow.name)
      assert.equal("HTTP/2.0", server:last_request().protocol)
      client:close()
      client = tls { ca_file = server.ca_file, http_version = "2" }
      assert(client.workflows:get "hello")
      assert.equal("HTTP/2.0", server:last_request().protocol)
      client:close()
    end)

    it("speaks HTTP/1.1 where that is asked for", function()
      local client = tls { ca_file = server.ca_file, http_version = "1.1" }
      assert(client.workflows:get "hello")
      assert.equal("HTTP/1.1", server:last_request().protocol)
      client:close()
    end)

    it("refuses a server that it cannot trust", function()
      local client = tls { retry = { attempts = 3, base = 0 } }
      local answer, err = client.workflows:get "hello"
      assert.is_nil(answer)
      assert.equal("connect", err.kind)
      assert.equal("unknown issuer", err.reason)
      assert.equal(1, err.attempts)
      assert.truthy(err.message:find "set ca_file", err.message)
      assert.equal(0, server:stats().requests)
      client:close()
      client = tls { insecure = true }
      assert(client.workflows:get "hello")
      client:close()
    end)
  end)
end)
