local clients = require "spec.support.clients"
local fault = require "spec.support.fault"
local misuse = require "spec.support.misuse"
local workflows = require "mistral.workflows"
local writings = require "spec.support.writings"

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

  -- A client with the key; what it observes is looked at.
  local function use(options, fn)
    local all = { api_key = KEY, observer = function(info) seen[#seen + 1] = info end }
    for name, value in pairs(options or {}) do all[name] = value end
    return clients.use(server, all, fn)
  end

  local JSON_KEY = KEY:gsub("/", "\\/"):gsub("s", "\\u0073")

  it("are cut out of a cursor that is repeated, and of the path that the observer gets", function()
    local page = { respond = { body = ('{"workflows":[{}],"next_cursor":"%s"}'):format(JSON_KEY) } }
    server:script { page, page }
    use({}, function(client)
      local ok, err = pcall(function()
        for _ in client.workflows:each() do end
      end)
      assert.is_false(ok)
      assert.equal("decode", check(err).kind)
      assert.equal("***", err.cursor)
      assert.truthy(seen[2].path:find("cursor=***", 1, true))
    end)
    assert.truthy(server:log()[2].request_line:find("cursor=sk-%2Fsecret", 1, true)) -- the service gets its own
  end)

  it("are cut out of the cursor of a page that failed", function()
    server:script {
      { respond = { body = ('{"workflows":[{}],"next_cursor":"%s"}'):format(JSON_KEY) } },
      { respond = { status = 400 } },
    }
    use({}, function(client)
      local ok, err = pcall(function()
        for _ in client.workflows:pages() do end
      end)
      assert.is_false(ok)
      assert.equal("http", check(err).kind)
      assert.equal("***", err.cursor)
    end)
  end)

  it("are cut out of an execution that goes on, and of one that failed", function()
    for status, kind in pairs { RUNNING = "timeout", FAILED = "execution" } do
      server:reset()
      local step = { path = "/v1/workflows/executions/e", respond = {
        body = ('{"execution_id":"e","status":"%s","result":{"%s":["%s"]}}'):format(status, JSON_KEY, KEY) } }
      local steps = {}
      for index = 1, 50 do steps[index] = step end
      server:script(steps)
      use({}, function(client)
        local _, err = client.executions:wait("e", { timeout = 0.2, poll = { min = 0.05, max = 0.05 } })
        assert.equal(kind, check(err).kind)
        assert.same({ ["***"] = { "***" } }, err.execution.result)
      end)
    end
  end)

  it("are cut out of the part of a batch that was done", function()
    local ids = {}
    for index = 1, 101 do ids[index] = "i" .. index end
    server:script {
      { respond = { body = ('{"results":{"%s":{"status":"%s"}}}'):format(KEY, JSON_KEY) } },
      { respond = { status = 400 } },
    }
    use({}, function(client)
      local _, err = client.executions:cancel_many(ids)
      assert.same({ results = { ["***"] = { status = "***" } } }, check(err).partial)
    end)
  end)

  it("are cut out of what a program asked for", function()
    for _, id in ipairs { KEY, ("x"):rep(70) .. KEY } do
      server:respond(404, "{}")
      use({}, function(client)
        local _, err = client.executions:get(id)
        assert.equal("http", check(err).kind)
      end)
    end
    use({}, function(client)
      local _, err = client.workflows:get("\255" .. KEY)
      assert.equal("invalid", check(err).kind)
    end)
  end)

  it("are cut out of the place that a redirect leads to", function()
    for _, place in ipairs { "https://other.example/?key=" .. KEY, "/?key=" .. KEY:gsub("%W", "%%%%2f") } do
      whoami { respond = { status = 307, body = "", headers = { Location = place } } }
    end
  end)

  it("of a function are so as long as seven others came after", function()
    local number, list = 0, {}
    local function next_key()
      number = number + 1
      return ("rotating-key-%d-0123456789"):format(number)
    end
    for index = 1, 8 do
      list[index] = next_key()
      server:respond(400, table.concat(list, " "))
    end
    number = 0
    clients.use(server, { api_key = next_key }, function(client)
      for index = 1, 8 do
        local _, err = client:whoami()
        assert.equal(("*** "):rep(index - 1) .. "***", err.body)
      end
    end)
  end)

  describe("are cut out of what is cut in the middle of them:", function()
    local function respond(body, path, kind)
      local headers = { ["Content-Type"] = kind or "application/json" }
      server:script { path = path, respond = { body = body, headers = headers } }
    end

    local function walk(client)
      return pcall(function()
        for _ in client.workflows:each() do end
      end)
    end

    local function follow(client)
      return pcall(function()
        for _ in client.executions:stream "e" do error "no event was sent" end
      end)
    end

    -- what is cut, from and to how many bytes before a secret, and what makes the error of a text
    for _, case in ipairs {
      { "a cursor that is repeated", 150, 220, function(text)
        for _ = 1, 2 do respond(('{"workflows":[],"next_cursor":"%s"}'):format(text)) end
        return use({}, walk)
      end },
      { "a cursor that is none", 60, 220, function(text)
        respond(('{"workflows":[],"next_cursor":{"a":"%s"}}'):format(text))
        return use({}, walk)
      end },
      { "an answer of another shape", 60, 220, function(text)
        respond(('{"detail":"%s","%s":1}'):format(text, text))
        return use({}, function(client) return client.executions:pending_inputs "e" end)
      end },
      { "faults of a request", 60, 420, function(text)
        return nil, whoami { respond = { status = 500,
          body = ('{"detail":[{"loc":["%s"],"msg":"%s"}],"code":"%s"}'):format(text, text, text) } }
      end },
      { "a message", 3950, 4020, function(text)
        return nil, whoami { respond = { status = 500, body = ('{"detail":"%s"}'):format(text) } }
      end },
      { "the reason of an error event", 60, 120, function(text)
        respond(('event: error\ndata: {"error":"x","reason":"%s"}\n\n'):format(text), nil, "text/event-stream")
        return use({}, follow)
      end },
      { "the message of an error event", 3950, 4020, function(text)
        respond(('event: error\ndata: {"error":"%s"}\n\n'):format(text), nil, "text/event-stream")
        return use({}, follow)
      end },
      { "why an input was refused", 3950, 4020, function(text)
        respond(('{"result":{"error":"%s"}}'):format(text))
        return use({}, function(client) return client.executions:submit_input("e", "t", {}) end)
      end },
      { "why an execution failed", 3950, 4020, function(text)
        local event = '{"event_type":"WORKFLOW_EXECUTION_FAILED","workflow_exec_id":"e","attributes":{"failure":' ..
          ('{"message":"%s"}}}'):format(text)
        respond('{"status":"FAILED"}', "/v1/workflows/executions/e")
        respond('{"status":"FAILED"}', "/v1/workflows/executions/e")
        respond(('{"events":[%s]}'):format(event), "/v1/workflows/events/list")
        return use({}, function(client) return client.executions:wait("e", { timeout = 5 }) end)
      end },
    } do
      it(case[1], function()
        for size = case[2], case[3], 5 do
          server:reset()
          seen = {}
          local _, err = case[4](("x"):rep(size) .. KEY)
          check(err)
        end
      end)
    end
  end)

  it("are cut out of a text of JSON with bytes behind it", function()
    for _, status in ipairs { 500, 200 } do
      local body = ('{"detail":"%s"} trailing'):format(JSON_KEY)
      local err = whoami { respond = { status = status, body = body } }
      assert.equal('{"detail":"***"} trailing', err.body)
    end
  end)

  it("of random characters are cut out of errors in all ways to write them", function()
    for seed = 1, 8 do
      math.randomseed(seed)
      local key = writings.random_key()
      local echoed = {}
      for index, writing in ipairs(writings.all) do echoed[index] = writing[2](key) end
      for _, body in ipairs {
        workflows.json.encode { detail = workflows.array(echoed), [echoed[2]] = { [echoed[3]] = echoed[4] } },
        "<html>" .. table.concat(echoed, "\n") .. "</html>",
      } do
        server:respond(400, body, { ["X-Request-Id"] = echoed[3], ["Location"] = echoed[2] })
        local _, err = clients.use(server, { api_key = key }, function(client) return client:whoami() end)
        local function look(value)
          if type(value) == "table" then
            for name, item in next, value do
              look(name)
              look(item)
            end
          elseif type(value) == "string" then
            for index, text in ipairs(echoed) do
              assert(not value:find(text, 1, true), ("%s: %s: %s"):format(key, writings.all[index][1], value))
            end
          end
        end
        look(err)
        look(tostring(err))
        assert.truthy(err.body:find("***", 1, true))
      end
    end
  end)

  it("are cut out of the errors of workflows.fold, which knows no client", function()
    use({}, function()
      for _, patch in ipairs {
        KEY, { KEY }, { a = KEY }, { { op = KEY, path = "/a" } }, { { op = "add", path = KEY, value = 1 } },
        { { op = "remove", path = "/" .. ("x"):rep(190) .. KEY } }, { { op = ("x"):rep(190) .. KEY, path = "/a" } },
      } do
        local ok, err = pcall(workflows.fold, {}, { type = "json_patch", value = patch })
        assert.is_false(ok)
        check(err)
      end
    end)
  end)

  it("come in answers and events as the service sent them", function()
    server:script {
      { respond = { body = ('{"workflow":"%s"}'):format(KEY) } },
      { respond = { headers = { ["Content-Type"] = "text/event-stream" }, body = "data: " .. KEY .. "\n\n" } },
    }
    use({}, function(client)
      assert.same({ workflow = KEY }, (client.workflows:get "w"))
      local stream = client.executions:stream_logs "e"
      assert.equal(KEY, stream().data)
      stream:close()
    end)
  end)

  -- Looks for the key in all that can be reached without the debug library.
  local function find_all(value, path, visited)
    if type(value) == "string" then
      for _, secret in ipairs { KEY, PASSWORD, (PASSWORD:gsub("/", "%%2F")) } do
        assert.is_nil(value:find(secret, 1, true), path)
      end
      return
    end
    local metatable = getmetatable(value)
    if metatable and not visited[metatable] then find_all(metatable, path .. " (metatable)", visited) end
    if type(value) ~= "table" or visited[value] then return end
    visited[value] = true
    for key, item in next, value do
      find_all(key, path .. " (key)", visited)
      find_all(item, path .. "." .. tostring(key), visited)
    end
  end

  it("cannot be reached from a client or what it hands out", function()
    local page = { path = "/v1/workflows?", respond = { body = '{"workflows":[{"id":1}],"next_cursor":null}' } }
    for _, key in ipairs { KEY, function() return KEY end } do
      use({ api_key = key, proxy = proxy }, function(client)
        local stream = client.executions:stream "e"
        local logs = client.deployments:stream_logs "d"
        server:script { page, page }
        local items, pages = client.workflows:each { limit = 1 }, client.workflows:pages { limit = 1 }
        items()
        pages()
        local _, err = client.executions:get "e"
        local things = { client, stream, logs, items, pages, err, client:pollable(), seen, { client:whoami() },
          { client:map({ 1 }, function() return client.executions:stream "f" end) } }
        find_all(things, "things", {})
        local loaded = {}
        for name, module in pairs(package.loaded) do
          if name:find "^mistral%.workflows" then loaded[name] = module end
        end
        find_all(loaded, "modules", {})
        for _, text in ipairs { tostring(client), tostring(stream), tostring(items) } do find_all(text, "text", {}) end
      end)
    end
  end)

  it("of an api_key function that fails are not shown by this library", function()
    local err = whoami(nil, { api_key = function() return nil end })
    assert.equal("connect", err.kind)
    assert.equal(0, server:stats().connections)
  end)
end)
