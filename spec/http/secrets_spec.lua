local clients = require "spec.support.clients"
local fault = require "spec.support.fault"
local misuse = require "spec.support.misuse"
local workflows = require "mistral.workflows"

local KEY = "sk-/secret+key=0123456789"
local PASSWORD = "pass/word-0123456789"
local PROXY_USER = "proxy-person"

describe("secrets", function()
  local server, proxy, seen

  setup(function()
    server = fault.start()
    proxy = server.proxy:gsub("//", "//" .. PROXY_USER .. ":" .. PASSWORD:gsub("/", "%%%%2F") .. "@")
  end)
  teardown(function() server:stop() end)
  before_each(function()
    server:reset()
    seen = {}
  end)

  local function find(value, path, visited)
    if type(value) == "string" then
      for _, secret in ipairs { KEY, PASSWORD, PROXY_USER, (PASSWORD:gsub("/", "%%2F")) } do
        assert.is_nil(value:find(secret, 1, true), path)
        assert.is_nil(value:find(secret:sub(1, 12), 1, true), path)
      end
    elseif type(value) == "table" and not visited[value] then
      visited[value] = true
      for key, item in next, value do
        find(key, path .. " (key)", visited)
        find(item, path .. "." .. tostring(key), visited)
      end
      find(getmetatable(value), path .. " (metatable)", visited)
    end
  end

  -- Nothing secret is in the error, however it is looked at, nor in what the observer saw.
  local function check(err)
    assert.is_true(workflows.is_error(err))
    find(err, "err", {})
    find(tostring(err), "tostring", {})
    find(seen, "observer", {})
    local _, trace = xpcall(function() error(err, 0) end, function(raised)
      return tostring(raised) .. debug.traceback(raised) .. debug.traceback(tostring(raised))
    end)
    find(trace, "traceback", {})
    find(workflows.json.encode { message = err.message, detail = err.detail, body = err.body }, "encoded", {})
    return err
  end

  local function whoami(step, options)
    if step then server:script(step) end
    local all = { api_key = KEY, observer = function(info) seen[#seen + 1] = info end }
    for name, value in pairs(options or {}) do all[name] = value end
    local value, err = clients.use(server, all, function(client)
      find(tostring(client), "client", {})
      return client:whoami()
    end)
    assert.is_nil(value)
    return check(err)
  end

  local echoes = {
    ["a page"] = { "<html>Bearer " .. KEY .. " is wrong</html>", "text/html" },
    ["a text"] = { "Authorization: Bearer " .. KEY, "text/plain" },
    ["a message"] = { ('{"detail":"the key %s is wrong","code":"%s"}'):format(KEY, KEY) },
    ["a list"] = { ('{"detail":[{"loc":["header","%s"],"msg":"%s","input":"Bearer %s"}]}'):format(KEY, KEY, KEY) },
    ["the keys of an object"] = { ('{"headers":{"%s":{"Bearer %s":[1]}}}'):format(KEY, KEY) },
    ["JSON escapes"] = { ('{"detail":"%s"}'):format(KEY:gsub("/", "\\/"):gsub("s", "\\u0073")) },
    ["a text that is cut in the middle of it"] = { ("x"):rep(64 * 1024 - 15) .. KEY .. KEY, "text/plain" },
    ["a text whose excerpt is cut in the middle of it"] = { ("y"):rep(190) .. KEY .. KEY, "text/plain" },
  }
  for name, echo in pairs(echoes) do
    it("are cut out of " .. name .. " that echoes them", function()
      for _, status in ipairs { 401, 500, 302 } do
        local err = whoami { respond = { status = status, body = echo[1],
          headers = { ["Content-Type"] = echo[2] or "application/json" } } }
        assert.equal(status, err.status)
        assert.truthy(err.body)
      end
    end)

    it("are cut out of a 200 with " .. name .. " that is not what was promised", function()
      local err = whoami { respond = { body = "!" .. echo[1], headers = { ["Content-Type"] = "text/html" } } }
      assert.equal("decode", err.kind)
    end)
  end

  it("are cut out of headers that echo them", function()
    for _, status in ipairs { 400, 200 } do
      whoami { respond = { status = status, body = "?", headers = { ["X-Request-Id"] = KEY, ["Content-Type"] = KEY,
        ["Retry-After"] = KEY } } }
    end
  end)

  it("are cut out of a body that is cut off", function()
    local err = whoami {
      actions = { { "send", "HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n" .. KEY }, { "close" } },
    }
    assert.equal("network", err.kind)
  end)

  it("are cut out of an error event", function()
    server:script { respond = { headers = { ["Content-Type"] = "text/event-stream" },
      body = ('event: error\ndata: {"error":"%s","reason":"%s"}\n\n'):format(KEY, KEY) } }
    clients.use(server, { api_key = KEY }, function(client)
      local ok, err = pcall(function()
        for _ in client.executions:stream "e" do error "no event was sent" end
      end)
      assert.is_false(ok)
      assert.equal("stream", err.kind)
      check(err)
    end)
  end)

  it("of a proxy are in no error, whatever is wrong with it", function()
    for _, options in ipairs {
      { proxy = proxy, server_url = server.tls_url },
      { proxy = proxy:gsub(":%d+$", ":1") },
      { proxy = proxy:gsub("@.*", "@proxy.invalid:3128") },
      { proxy = proxy:gsub(":%d+$", ":99999999") },
      { proxy = proxy:gsub("^http", "unheard-of") },
      { proxy = ("%s:%s@127.0.0.1:1"):format(PROXY_USER, PASSWORD) },
      { proxy = ("http://%s:%s@127.0.0.1:x"):format(PROXY_USER, PASSWORD) },
    } do
      whoami(nil, options)
    end
  end)

  it("of a proxy are cut out of an answer that echoes them", function()
    whoami({ respond = { status = 400, body = ("%s and %s"):format(PROXY_USER .. ":" .. PASSWORD, PASSWORD) } },
      { proxy = proxy })
  end)

  it("that begin with Bearer are hidden without it too", function()
    whoami({ respond = { status = 401, body = KEY } }, { api_key = "Bearer " .. KEY })
    assert.equal("Bearer " .. KEY, clients.header(server:log()[1], "Authorization"))
  end)

  it("are in no message about options, parameters or a closed client", function()
    for _, key in ipairs { KEY .. "\n", "\r\n" .. KEY, " " .. KEY, KEY .. "\0" } do
      find(misuse.message(function() workflows.new { api_key = key } end), "new", {})
    end
    find(misuse.message(function() workflows.new { api_key = KEY, proxy = proxy .. "\n" } end), "proxy", {})
    local url = "http://" .. KEY .. "@h"
    find(misuse.message(function() workflows.new { api_key = KEY, server_url = url } end), "url", {})
    local client = clients.new(server, { api_key = KEY, proxy = proxy })
    find(misuse.invalid(function() return client.workflows:get "" end), "path", {})
    client:close()
    find(misuse.message(function() client:whoami() end), "closed", {})
    find(tostring(client), "client", {})
  end)

  it("of an api_key function that fails are not shown by this library", function()
    local err = whoami(nil, { api_key = function() return nil end })
    assert.equal("connect", err.kind)
    assert.equal(0, server:stats().connections)
  end)
end)
