local clients = require "spec.support.clients"
local fault = require "spec.support.fault"
local interpreter = require "spec.support.interpreter"
local misuse = require "spec.support.misuse"
local process = require "spec.support.process"
local workflows = require "mistral.workflows"

local HEAD = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
local MIB = 1024 * 1024

describe("a limit", function()
  local server

  setup(function() server = fault.start() end)
  teardown(function() server:stop() end)
  before_each(function() server:reset() end)

  local function whoami(step, options)
    if step then server:script(step) end
    return clients.use(server, options, function(client) return client:whoami() end)
  end

  local function too_large(reason, step, options)
    local value, err = whoami(step, options)
    assert.is_nil(value)
    assert.equal("too_large", err.kind)
    assert.equal(reason, err.reason)
    assert.is_false(err.retryable)
    assert.equal(1, err.attempts)
    return err
  end

  -- The most memory, in MiB, that a process needed which makes one call.
  local function peak(step, options)
    if step then server:script(step) end
    local output = interpreter.run(nil, ([[
      local client = require("mistral.workflows").new {
        api_key = "key-of-a-test", server_url = %q, retry = false, timeout = 20, %s
      }
      local _, err = client:whoami()
      for line in io.lines "/proc/self/status" do
        local size = line:match "^VmHWM:%%s*(%%d+)"
        if size then print(err and err.kind or "success", size) end
      end
    ]]):format(server.url, options or ""))
    local kind, size = output:match "^(%S+)%s+(%d+)$"
    assert(kind, output)
    return kind, tonumber(size) / 1024
  end

  describe("of bodies", function()
    it("lets one of max_response_bytes pass, and no byte more", function()
      local body = '{"x":"' .. ("x"):rep(992) .. '"}'
      assert.truthy((whoami({ respond = { body = body } }, { max_response_bytes = 1000 })))
      for _, chunked in ipairs { false, true } do
        local err = too_large("body", { respond = { body = body, chunked = chunked } }, { max_response_bytes = 999 })
        assert.truthy(err.message:find("max_response_bytes = 999", 1, true))
      end
    end)

    it("ends an endless one", function()
      local kind, size = peak({ actions = { { "send", HEAD .. '\r\n"' }, { "endless", ("x"):rep(65536) } } },
        "max_response_bytes = 8 * 1024 * 1024")
      assert.equal("too_large", kind)
      assert.truthy(size < 60, ("needed %g MiB"):format(size))
    end)

    it("counts what is unpacked: 1 GB of zeros in gzip needs no memory", function()
      local kind, size = peak({ gzip_bomb = { size = 2 ^ 30 } }, "max_response_bytes = 8 * 1024 * 1024")
      assert.equal("too_large", kind)
      assert.truthy(size < 60, ("needed %g MiB"):format(size))
    end)

    it("is 64 MiB unless it was set", function()
      local kind, size = peak { gzip_bomb = { size = 2 ^ 30 } }
      assert.equal("too_large", kind)
      assert.truthy(size < 200, ("needed %g MiB"):format(size))
    end)

    it("believes no Content-Length", function()
      local kind, size = peak { actions = { { "send", HEAD .. "Content-Length: 99999999999999\r\n\r\n{}" },
        { "close" } } }
      assert.equal("network", kind)
      assert.truthy(size < 60, ("needed %g MiB"):format(size))
    end)

    it("holds for the values, too: they need 4 times as much at most", function()
      local options = { max_response_bytes = 100000 }
      local function body(element, count)
        return { respond = { body = '{"x":[' .. (element .. ","):rep(count) .. "0]}" } }
      end
      for _, element in ipairs { "[]", "{}", '{"a":[]}', "[[[[]]]]" } do
        assert.truthy((whoami(body(element, 200), options)))
        local err = too_large("value", body(element, math.floor(99000 / #element / 1.6)), options)
        assert.truthy(err.message:find("4 times max_response_bytes = 100000", 1, true))
      end
      local kind, size = peak(body("[]", 10 * MIB), "max_response_bytes = 32 * 1024 * 1024")
      assert.equal("too_large", kind)
      assert.truthy(size < 200, ("needed %g MiB"):format(size))
    end)

    it("does not try again", function()
      too_large("body", { respond = { body = '"' .. ("x"):rep(5000) .. '"' } },
        { max_response_bytes = 1000, retry = { attempts = 4 } })
      assert.equal(1, server:stats().requests)
    end)
  end)

  describe("of the bodies of errors", function()
    it("is 64 KiB, and the error is the status", function()
      for _, step in ipairs {
        { respond = { status = 422, body = ("x"):rep(70000) } },
        { actions = { { "send", "HTTP/1.1 422 No\r\n\r\n" }, { "endless", ("x"):rep(65536) } } },
        { gzip = { status = 422, body = ("x"):rep(5 * MIB) } },
      } do
        local _, err = whoami(step)
        assert.equal("http", err.kind)
        assert.equal(422, err.status)
        assert.equal(64 * 1024, #err.body)
        assert.truthy(#err.message < 500)
      end
    end)
  end)

  describe("of headers", function()
    it("ends a flood of them, and a line without end", function()
      too_large("header", { header_flood = {} })
      too_large("header", { actions = { { "send", "HTTP/1.1 200 OK\r\nX: " }, { "endless", ("x"):rep(4096) } } })
      too_large("header", { actions = { { "endless", "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" } } })
      too_large("header", { actions = { { "send", HEAD .. "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n" },
        { "endless", "X-Trailer: " .. ("x"):rep(500) .. "\r\n" } } })
    end)

    it("lets many pass", function()
      assert.truthy((whoami { header_flood = { count = 1000, size = 200 } }))
    end)
  end)
end)

describe("the client", function()
  local server, other

  setup(function()
    server = fault.start()
    other = fault.start()
  end)
  teardown(function()
    server:stop()
    other:stop()
  end)
  before_each(function()
    server:reset()
    other:reset()
  end)

  local function whoami(options)
    return clients.use(server, options, function(client) return client:whoami() end)
  end

  it("follows no redirect, so that the key goes nowhere else", function()
    for _, status in ipairs { 301, 302, 303, 307, 308 } do
      server:respond(status, "", { Location = other.url .. "/v1/workflows/workers/whoami" })
      local _, err = whoami()
      assert.equal("http", err.kind)
      assert.equal(status, err.status)
      assert.truthy(err.message:find "redirects are not followed")
      assert.is_false(err.retryable)
    end
    server:respond(302, "", { Location = "/elsewhere" })
    assert.is_nil((whoami()))
    assert.equal(6, server:stats().requests)
    assert.equal(0, other:stats().connections)
  end)

  it("keeps no cookies", function()
    server:respond(200, "{}", { ["Set-Cookie"] = "session=1; Path=/" })
    clients.use(server, nil, function(client)
      for _ = 1, 2 do assert(client:whoami()) end
    end)
    for _, request in ipairs(server:log()) do assert.is_nil(clients.header(request, "Cookie")) end
  end)

  it("reads no .netrc and no .curlrc", function()
    local home = process.output "mktemp -d"
    for name, text in pairs {
      [".netrc"] = "machine 127.0.0.1 login somebody password of-netrc\ndefault login somebody password of-netrc\n",
      [".curlrc"] = "header = \"X-Curlrc: yes\"\n",
    } do
      local file = assert(io.open(home .. "/" .. name, "w"))
      file:write(text)
      file:close()
    end
    os.execute("chmod 600 " .. home .. "/.netrc")
    assert.equal("true", interpreter.run({ HOME = home }, ([[
      local client = require("mistral.workflows").new { api_key = "key-of-a-test", server_url = %q }
      print((assert(client:whoami())).ok)]]):format(server.url)))
    os.execute("rm -r " .. home)
    local request = server:log()[1]
    assert.equal("Bearer key-of-a-test", clients.header(request, "Authorization"))
    assert.is_nil(clients.header(request, "X-Curlrc"))
  end)

  it("speaks only http and https", function()
    for _, url in ipairs { "ftp://127.0.0.1", "file:///etc/passwd", "gopher://127.0.0.1", "ws://127.0.0.1", "127.0.0.1",
      "", "http://" } do
      assert.truthy(misuse.message(function() workflows.new { api_key = clients.key, server_url = url } end)
        :find("server_url", 1, true), url)
    end
  end)

  it("sends the key over plain http only to this machine, unless it is allowed to", function()
    for _, host in ipairs { "api.mistral.ai", "127.0.0.1.example.com", "localhost.example.com", "10.0.0.1", "[::2]",
      "0.0.0.0" } do
      local message = misuse.message(function()
        workflows.new { api_key = clients.key, server_url = "http://" .. host }
      end)
      assert.truthy(message:find("allow_insecure_http", 1, true))
      workflows.new { api_key = clients.key, server_url = "http://" .. host, allow_insecure_http = true }:close()
    end
    for _, host in ipairs { "localhost", "127.0.0.1", "127.8.9.1:80", "[::1]:8080", "a.localhost" } do
      workflows.new { api_key = clients.key, server_url = "http://" .. host }:close()
    end
  end)

  it("takes no credentials, query or fragment in server_url", function()
    for _, url in ipairs { "https://user:secret@host", "https://host?x=1", "https://host#x", "https://ho st",
      "https://host\r\nX: y" } do
      local message = misuse.message(function() workflows.new { api_key = clients.key, server_url = url } end)
      assert.truthy(message:find("server_url", 1, true))
      assert.is_nil(message:find("secret", 1, true))
    end
  end)

  it("refuses control characters in all that becomes a header", function()
    for _, byte in ipairs { "\r", "\n", "\r\nX-Injected: 1", "\0", "\127" } do
      for option, value in pairs {
        api_key = clients.key .. byte, user_agent = "agent" .. byte, headers = { ["X-A"] = "a" .. byte },
      } do
        local message = misuse.message(function()
          local options = { api_key = clients.key, server_url = server.url }
          options[option] = value
          workflows.new(options)
        end)
        assert.truthy(message:find(option, 1, true))
        assert.is_nil(message:find(clients.key, 1, true))
      end
      assert.truthy(misuse.message(function()
        workflows.new { api_key = clients.key, headers = { ["X-A" .. byte] = "a" } }
      end):find("headers", 1, true))
      clients.use(server, nil, function(client)
        assert.truthy(misuse.message(function() client:whoami { headers = { ["X-A"] = "a" .. byte } } end)
          :find("headers", 1, true))
      end)
    end
    assert.equal(0, server:stats().requests)
  end)

  it("refuses a key with a line end that an api_key function gives, and does not show it", function()
    local _, err = whoami { api_key = function() return clients.key .. "\n" end }
    assert.truthy(err.message:find "control characters")
    assert.is_nil(tostring(err):find(clients.key, 1, true))
    assert.equal(0, server:stats().connections)
  end)

  it("encodes path values: none of them can add a header or another path", function()
    clients.use(server, nil, function(client)
      client.workflows:get "a\r\nX-Injected: 1\r\n\r\n/../b?c#d%2F"
    end)
    local request = server:log()[1]
    assert.equal("GET /v1/workflows/a%0D%0AX-Injected%3A%201%0D%0A%0D%0A%2F..%2Fb%3Fc%23d%252F HTTP/1.1",
      request.request_line)
    assert.is_nil(clients.header(request, "X-Injected"))
  end)
end)
