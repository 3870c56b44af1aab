-- The options of a client and of a call.

local core = require "mistral.workflows.core"
local interpreter = require "spec.support.interpreter"
local misuse = require "spec.support.misuse"
local workflows = require "mistral.workflows"

local KEY = "key-0123456789-secret"
local HERE = debug.getinfo(1, "S").source:match "^@(.*)$"

local function new(options)
  local all = { api_key = KEY, server_url = "http://127.0.0.1:1" }
  for name, value in pairs(options or {}) do all[name] = value end
  return workflows.new(all)
end

-- What workflows.new says about options.
local function refusal(options)
  local message = misuse.message(function()
    local all = { api_key = KEY }
    for name, value in pairs(options) do all[name] = value end
    workflows.new(all)
  end)
  assert.is_nil(message:find(KEY, 1, true))
  return message
end

describe("the options of a client", function()
  it("have the documented defaults", function()
    local output = interpreter.run({ MISTRAL_API_KEY = KEY }, [[
      local workflows = require "mistral.workflows"
      local o = workflows.new().options
      print(o.server_url, o.timeout, o.connect_timeout, o.idle_timeout, o.max_response_bytes, o.max_connections)
      print(o.retry.attempts, o.retry.base, o.retry.cap, o.retry.budget)
      print(o.http_version, o.insecure, o.loop, o.parameters, o.allow_insecure_http, o.observer, o.proxy, #o.headers)
      print(o.user_agent)
    ]])
    local lines = {}
    for line in output:gmatch "[^\n]+" do lines[#lines + 1] = line end
    assert.equal("https://api.mistral.ai\t300\t10\t60\t67108864\t64", lines[1])
    assert.equal("4\t0.5\t30\t120", lines[2])
    assert.equal("auto\tfalse\tauto\tstrict\tfalse\tnil\tnil\t0", lines[3])
    assert.truthy(lines[4]:find "^mistral%-workflows%-lua/%d+%.%d+%.%d+ %(Lua 5%.%d; libcurl/[%w.-]+%)$")
  end)

  it("may be anything that is allowed", function()
    local given = {
      api_key = function() return KEY end, server_url = "https://example.com/prefix/", timeout = 0.5,
      connect_timeout = 1, idle_timeout = 2.5, retry = { attempts = 1 }, max_response_bytes = 1, max_connections = 1,
      http_version = "2", proxy = "http://proxy:3128", no_proxy = "*", ca_file = HERE, ca_path = "/",
      client_cert = HERE, client_key = HERE, insecure = true,
      headers = { ["X-One"] = "1", ["X-Two"] = 2 }, user_agent = "mine/1",
      loop = "blocking", observer = function() end, transport = function() end, parameters = "open",
      allow_insecure_http = true,
    }
    local copy = {}
    for name, value in pairs(given) do copy[name] = value end
    local client = workflows.new(given)
    assert.same(copy, given)
    assert.equal("https://example.com/prefix", client.options.server_url)
    client:close()
  end)

  it("are refused by name and with what they must be", function()
    local seconds, text = "must be a positive number of seconds", "must be a string without control characters"
    local one = "must be a whole number, at least 1"
    local cases = {
      server_url = { [5] = text, [""] = text, ["http://a\n"] = text },
      allow_insecure_http = { ["yes"] = "must be true or false" },
      timeout = { ["5"] = seconds, [0] = seconds, [-1] = seconds, [math.huge] = seconds },
      connect_timeout = { [0] = seconds, [true] = seconds },
      idle_timeout = { [0] = seconds, [false] = seconds },
      retry = { [true] = false, [3] = "must be false or a table", ["no"] = "must be false or a table" },
      max_response_bytes = { [0] = one, [1.5] = one, ["1"] = one, [2 ^ 60] = one },
      max_connections = { [0] = one, [-3] = one, [math.huge] = one },
      http_version = { ["3"] = "must be auto or 1.1 or 2", [2] = "must be auto or 1.1 or 2" },
      proxy = { [5] = text, ["a\r\nb"] = text },
      no_proxy = { [true] = text },
      ca_file = { ["/nowhere/ca.pem"] = "names '/nowhere/ca.pem', which is not there", [1] = text },
      ca_path = { ["/nowhere"] = "names '/nowhere', which is not there" },
      client_cert = { ["/nowhere/c"] = "names '/nowhere/c', which is not there" },
      client_key = { ["/nowhere/k"] = "names '/nowhere/k', which is not there" },
      insecure = { [1] = "must be true or false" },
      headers = { ["X: 1"] = "must be a table of names and values" },
      user_agent = { [""] = text, ["a\0b"] = text },
      loop = { uv = "must be auto or blocking or cqueues or luv or copas or ngx", [5] = "must be the name of a loop" },
      observer = { ["print"] = "must be a function", [true] = "must be a function" },
      transport = { ["print"] = "must be a function", [5] = "must be a function" },
      parameters = { ["loose"] = "must be strict or open", [true] = "must be strict or open" },
    }
    for name, values in pairs(cases) do
      for value, problem in pairs(values) do
        if problem then
          local expected = ("workflows.new: option '%s' %s"):format(name, problem)
          assert.equal(expected, refusal({ [name] = value }):sub(1, #expected))
        end
      end
    end
    assert.truthy(refusal({ timeout = 0 / 0 }):find "option 'timeout' must be a positive")
    assert.truthy(refusal({ loop = { wait = print } }):find "option 'loop' must be the name of a loop or an adapter")
    assert.truthy(refusal({ observer = {} }):find "option 'observer' must be a function")
  end)

  it("may say that there is no proxy, whatever the environment says", function()
    new({ proxy = "", no_proxy = "" }):close()
  end)

  it("must be a table", function()
    assert.equal("workflows.new: the options must be a table, as { api_key = ... }",
      misuse.message(function() workflows.new("key") end))
  end)

  it("that are unknown are refused with the name that was probably meant", function()
    assert.equal("workflows.new: unknown option 'apikey'; did you mean 'api_key'?", refusal { apikey = "x" })
    assert.equal("workflows.new: unknown option 'time_out'; did you mean 'timeout'?", refusal { time_out = 5 })
    assert.truthy(refusal({ completely_unknown = 1 }):find "known are allow_insecure_http, api_key, api_key_file, ")
    assert.equal("workflows.new: the options need names, as timeout = 5", refusal { [1] = "x" })
  end)

  describe("api_key", function()
    it("is asked for without being shown", function()
      local cases = {
        [""] = "is missing or empty",
        ["secret-text\n"] = "holds control characters",
        ["secret\0text"] = "holds control characters",
        [" secret-text"] = "begins or ends with a space",
        ["secret-text "] = "begins or ends with a space",
      }
      for key, problem in pairs(cases) do
        local message = misuse.message(function() workflows.new { api_key = key } end)
        assert.equal(("workflows.new: option 'api_key' %s"):format(problem),
          (message:gsub(" %(a line end from a file%?%)$", "")))
        assert.is_nil(message:find "secret")
      end
      for _, key in ipairs { 5, true, {} } do
        assert.truthy(misuse.message(function() workflows.new { api_key = key } end):find "api_key")
      end
    end)

    it("is missed when neither the option nor the environment has one", function()
      for _, environment in ipairs { {}, { MISTRAL_API_KEY = "" } } do
        local output = interpreter.run(environment, [[
          local ok, message = pcall(function() require "mistral.workflows".new() end)
          print(ok, message)
        ]])
        assert.truthy(output:find "^false\t.*:1: workflows%.new: api_key is missing or empty: ", output)
        assert.truthy(output:find "pass api_key or set MISTRAL_API_KEY$", output)
      end
    end)

    it("of the environment is checked like the option", function()
      local output = interpreter.run({ MISTRAL_API_KEY = "secret-text\n" },
        [[print(pcall(require("mistral.workflows").new))]])
      assert.truthy(output:find "^false\t.*api_key holds control characters")
      assert.is_nil(output:find "secret")
    end)

    it("may be in a file, which the environment may name, too; one that is given goes first", function()
      local environment = { MISTRAL_SA_TOKEN_PATH = "/nowhere/token", MISTRAL_API_KEY = KEY }
      local function told(options)
        return interpreter.run(environment, ([[
          local options = { %s }
          options.server_url, options.retry = "http://127.0.0.1:1", false
          local client = require "mistral.workflows".new(options)
          print(select(2, client:whoami()).message, client.options.api_key, client.options.api_key_file)
        ]]):format(options))
      end
      assert.truthy(told(""):find "^api_key_file cannot be read: /nowhere/token: .*\tnil\tnil$")
      assert.truthy(told("api_key_file = '/elsewhere/token'")
        :find "^api_key_file cannot be read: /elsewhere/token: .*\tnil\tnil$")
      assert.truthy(told("api_key = 'key-of-a-test'"):find "^no connection to http://127.0.0.1:1: ")
      assert.truthy(told("api_key = 'key-of-a-test', api_key_file = '/elsewhere'"):find "^no connection to ")
      environment.MISTRAL_SA_TOKEN_PATH = ""
      assert.truthy(told(""):find "^no connection to ")
    end)

    it("may be missing where a transport needs none", function()
      local output = interpreter.run({}, [[
        local seen
        local client = require "mistral.workflows".new {
          transport = function(request)
            seen = request.headers.Authorization
            return { status = 200, body = "{}" }
          end,
        }
        print(client:whoami(), seen)
      ]])
      assert.truthy(output:find "^table: .*\tnil$", output)
    end)

    it("may begin with Bearer", function()
      new({ api_key = "Bearer " .. KEY }):close()
    end)
  end)

  describe("server_url", function()
    it("may be http for loopback hosts only", function()
      for _, url in ipairs { "http://localhost", "http://localhost:80/", "http://127.0.0.1:8080", "http://127.9.9.9",
        "http://[::1]:99", "http://sandbox.localhost", "https://api.mistral.ai", "https://10.0.0.1/prefix" } do
        workflows.new({ api_key = KEY, server_url = url }):close()
      end
      for _, url in ipairs { "http://api.mistral.ai", "http://10.0.0.1", "http://127.0.0.1.example.com",
        "http://localhost.example.com", "http://[::2]", "HTTP://example.com" } do
        assert.equal("workflows.new: option 'server_url' would send the API key unencrypted; " ..
          "use https://, or set allow_insecure_http = true", refusal { server_url = url })
        workflows.new({ api_key = KEY, server_url = url, allow_insecure_http = true }):close()
      end
    end)

    it("must be a URL that requests can be made of", function()
      local cases = {
        ["ftp://example.com"] = "must begin with https://",
        ["file:///etc/passwd"] = "must begin with https://",
        ["https://user:password@example.com"] = "must not hold a user name or password",
        ["https://example.com/?a=b"] = "must not hold a query or fragment",
        ["https://example.com/#x"] = "must not hold a query or fragment",
        ["https://exa mple.com"] = "must not hold spaces",
        ["api.mistral.ai"] = "must begin with https://",
        ["http:/localhost"] = "must begin with https://",
        ["http:///localhost"] = "is not a URL",
        ["https://example.com/#"] = "must not hold a query or fragment",
        ["https://example.com/?"] = "must not hold a query or fragment",
        ["http://127.999"] = "names a host that is neither a name nor a whole IP address",
        ["https://"] = "is not a URL",
      }
      for url, problem in pairs(cases) do
        local message = refusal { server_url = url }
        assert.truthy(message:find("option 'server_url' " .. problem, 1, true), url .. ": " .. message)
        assert.is_nil(message:find("password@", 1, true))
      end
      assert.equal("must not hold NUL bytes", core.check_server "http://localhost\0.example.com")
    end)

    it("is taken from the environment, and the option goes first", function()
      local environment = { MISTRAL_API_KEY = KEY, MISTRAL_SERVER_URL = "https://from.environment/" }
      local code = [[
        local workflows = require "mistral.workflows"
        print(workflows.new())
        print(workflows.new { server_url = "https://from.option" })
      ]]
      assert.equal("mistral.workflows.client(https://from.environment)\n" ..
        "mistral.workflows.client(https://from.option)", interpreter.run(environment, code))
      environment.MISTRAL_SERVER_URL = ""
      assert.truthy(interpreter.run(environment, code):find("(https://api.mistral.ai)", 1, true))
      environment.MISTRAL_SERVER_URL = "http://from.environment"
      assert.truthy(interpreter.run(environment, code):find "option 'server_url' would send the API key unencrypted")
    end)
  end)

  it("take a CA bundle from the environment", function()
    local code = [[print(require("mistral.workflows").new().options.ca_file)]]
    assert.equal("/a/bundle.pem", interpreter.run({ MISTRAL_API_KEY = KEY, SSL_CERT_FILE = "/a/bundle.pem" }, code))
    assert.equal("nil", interpreter.run({ MISTRAL_API_KEY = KEY, SSL_CERT_FILE = "" }, code))
  end)

  describe("retry", function()
    it("keeps the default of what is left out", function()
      local client = new { retry = { attempts = 2 } }
      assert.same({ attempts = 2, base = 0.5, cap = 30, budget = 120 }, client.options.retry)
      client:close()
      client = new { retry = { base = 0, cap = 0, budget = 0 } }
      assert.same({ attempts = 4, base = 0, cap = 0, budget = 0 }, client.options.retry)
      client:close()
      client = new { retry = false }
      assert.equal(1, client.options.retry.attempts)
      client:close()
    end)

    it("names the setting that is wrong", function()
      local cases = {
        { { attempts = 0 }, "attempts must be a whole number, at least 1" },
        { { attempts = 1.5 }, "attempts must be a whole number" },
        { { base = -1 }, "base must be a positive number" },
        { { cap = "30" }, "cap must be a positive number" },
        { { budget = math.huge }, "budget must be a positive number" },
        { { attempt = 3 }, "has an unknown setting 'attempt'; did you mean 'attempts'?" },
      }
      for _, case in ipairs(cases) do
        local expected = "workflows.new: option 'retry' " .. case[2]
        assert.equal(expected, refusal({ retry = case[1] }):sub(1, #expected))
      end
    end)
  end)

  describe("headers", function()
    it("must be names and values that can be sent", function()
      local cases = {
        { { ["X Y"] = "1" }, 'holds a name that is not a header name: "X Y"' },
        { { [1] = "X-One: 1" }, "holds a name that is not a header name" },
        { { [""] = "1" }, "holds a name that is not a header name" },
        { { ["X-One"] = true }, "must hold strings without control characters; X-One does not" },
        { { ["X-One"] = "a\r\nX-Two: b" }, "must hold strings without control characters; X-One does not" },
        { { ["X-One"] = "a\0b" }, "must hold strings without control characters; X-One does not" },
        { { A = ("x"):rep(1e5), B = ("x"):rep(262144 - 1e5 - 5) }, "have more than 262144 bytes" },
      }
      for _, name in ipairs { "Authorization", "accept", "CONTENT-TYPE", "Content-Length", "Expect",
        "Transfer-Encoding" } do
        cases[#cases + 1] = { { [name] = "x" }, ("must not hold %s: the library sets it"):format(name) }
      end
      for _, case in ipairs(cases) do
        local expected = "workflows.new: option 'headers' " .. case[2]
        assert.equal(expected, refusal({ headers = case[1] }):sub(1, #expected))
      end
    end)

    it("and texts may be as large as can be sent", function()
      local largest = { api_key = "key-of-a-test", headers = { A = ("x"):rep(1e5), B = ("x"):rep(262144 - 1e5 - 6) },
        user_agent = ("x"):rep(65536) }
      workflows.new(largest):close()
      largest.user_agent = largest.user_agent .. "x"
      assert.equal("workflows.new: option 'user_agent' has more than 65536 bytes", refusal(largest))
    end)

    it("are sent in the order of their names", function()
      local headers, expected = {}, {}
      for index = 10, 29 do
        headers["X-" .. index] = "a"
        expected[#expected + 1] = ("X-%d: a"):format(index)
      end
      local client = workflows.new { api_key = "key-of-a-test", headers = headers }
      assert.same(expected, client.options.headers)
      client:close()
    end)
  end)

  it("may be an object that can be called where a function is wanted", function()
    local object = setmetatable({}, { __call = function() end })
    local client = new { observer = object, transport = object }
    assert.same({ object, object }, { client.options.observer, client.options.transport })
    client:close()
    for _, wrong in ipairs { setmetatable({}, {}), setmetatable({}, { __metatable = "closed" }), 5 } do
      assert.equal("workflows.new: option 'observer' must be a function", refusal { observer = wrong })
    end
  end)

  describe("loop", function()
    it("may be an adapter", function()
      local adapter = { wait = function() end, sleep = function() end, spawn = function() end }
      local client = new { loop = adapter }
      assert.equal(adapter, client.options.loop)
      client:close()
    end)
  end)
end)

describe("the options of a call", function()
  local client

  before_each(function() client = new() end)
  after_each(function() client:close() end)

  it("are refused at the caller's line, before anything is sent", function()
    local cases = {
      { { timeout = 0 }, "option 'timeout' must be a positive number of seconds" },
      { { timeout = "5" }, "option 'timeout' must be a positive number of seconds" },
      { { retry = 3 }, "option 'retry' must be false or a table { attempts, base, cap, budget }" },
      { { retry = { attempts = 0 } }, "option 'retry' attempts must be a whole number, at least 1" },
      { { headers = { Authorization = "x" } }, "option 'headers' must not hold Authorization: the library sets it" },
      { { headers = "X: 1" }, "option 'headers' must be a table of names and values" },
      { { timeouts = 5 }, "unknown option 'timeouts'; did you mean 'timeout'?" },
      { "5", "the options must be a table, not a string" },
    }
    for _, case in ipairs(cases) do
      assert.equal("workflows:get: " .. case[2],
        misuse.message(function() client.workflows:get("hello", nil, case[1]) end))
      assert.equal("workflows:execute: " .. case[2],
        misuse.message(function() client.workflows:execute("hello", {}, case[1]) end))
      assert.equal("registrations:each: " .. case[2],
        misuse.message(function() client.registrations:each({}, case[1]) end))
    end
  end)

  it("change the client's retries for this call", function()
    local refused = new { retry = { attempts = 3, base = 0 } }
    local _, err = refused.workflows:get "hello"
    assert.equal("connect", err.kind)
    assert.equal(3, err.attempts)
    _, err = refused.workflows:get("hello", nil, { retry = { attempts = 2 } })
    assert.equal(2, err.attempts)
    _, err = refused.workflows:get("hello", nil, { retry = false })
    assert.equal(1, err.attempts)
    refused:close()
  end)

  it("are few where many executions are waited for", function()
    for _, options in ipairs { { timeout = 5 }, { deadline = 5 }, { retry = false }, { headers = {} } } do
      client.executions:as_completed({ "e" }, options):close()
    end
    for name, value in pairs { poll = {}, on_event = print, join = true, prefetch = true, fields = {} } do
      local message = misuse.message(function() client.executions:as_completed({ "e" }, { [name] = value }) end)
      assert.truthy(message:find("executions:as_completed: unknown option '" .. name, 1, true), message)
    end
  end)

  it("are not changed", function()
    local options = { timeout = 5, retry = { attempts = 1 }, headers = { ["X-One"] = "1" } }
    client.workflows:get("hello", nil, options)
    assert.same({ timeout = 5, retry = { attempts = 1 }, headers = { ["X-One"] = "1" } }, options)
  end)
end)
