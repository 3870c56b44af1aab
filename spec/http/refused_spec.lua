-- HTTP/2 connections that a server ends while requests are on their way: none is acted upon twice, and none fails that
-- was merely refused.

local fault = require "spec.support.fault"
local nginx = require "spec.support.nginx"
local process = require "spec.support.process"
local workflows = require "mistral.workflows"

-- Counts what it acts upon, by the number in the body; after 20 requests it wants another connection.
local HTTP = [[
  lua_shared_dict acted 10m;
  lua_shared_dict started 10m;
  keepalive_requests 20;
  ssl_certificate %s; ssl_certificate_key %s;
  server {
    listen unix:@DIR@/https.socket ssl http2;
    listen 127.0.0.1:%d ssl http2;
    location / {
      content_by_lua_block {
        ngx.req.read_body()
        local body = ngx.req.get_body_data() or ""
        local number, id = body:match '"n":(%%d+)', body:match '"execution_id":"([^"]+)"'
        local asked = ngx.var.uri:match "/executions/(%%x+)$"
        if number then ngx.shared.acted:incr(number, 1, 0) end
        if id then ngx.shared.started:set(id, true) end
        ngx.header["Content-Type"] = "application/json"
        if asked and not ngx.shared.started:get(asked) then ngx.status = 404 end
        if ngx.req.get_method() == "GET" then ngx.sleep(0.002) end
        ngx.print('{"status":"RUNNING","execution_id":"', asked or id or "e", '"}')
      }
    }
  }
]]

local COUNT = [[
  content_by_lua_block {
    local total, twice = 0, 0
    for _, key in ipairs(ngx.shared.acted:get_keys(0)) do
      total = total + 1
      if ngx.shared.acted:get(key) > 1 then twice = twice + 1 end
    end
    ngx.shared.acted:flush_all()
    ngx.shared.acted:flush_expired()
    ngx.print(total, " ", twice)
  }
]]

describe("HTTP/2 that refuses requests", function()
  local server, url, ca, pem

  setup(function()
    local faults = fault.start() -- makes the certificates
    ca = faults.ca_file
    faults:stop()
    pem = ca:match "^(.*/)" .. "good.pem"
    local port = tonumber(faults.tls_url:match ":(%d+)") -- nobody's any more
    server = nginx.start { http = HTTP:format(pem, pem, port), locations = { ["/count"] = COUNT } }
    url = "https://localhost:" .. port
  end)
  teardown(function() server:stop() end)
  before_each(function() server:get "/count" end)

  local function new(options)
    local all = { api_key = "key-of-a-test", server_url = url, ca_file = ca, timeout = 60 }
    for name, value in pairs(options or {}) do all[name] = value end
    return workflows.new(all)
  end

  -- Calls fn(number) for so many numbers, some at a time, with reads in between.
  local function calls(client, count, concurrency, fn)
    local numbers = {}
    for number = 1, count do numbers[number] = number end
    local _, errors = client:map(numbers, function(number)
      if number % 3 == 0 then client.workflows:get "w" end
      return fn(number)
    end, { concurrency = concurrency })
    local first = errors and select(2, next(errors))
    assert.is_nil(first and tostring(first))
  end

  for name, options in pairs { any = {}, few = { max_connections = 3 }, ["HTTP/2"] = { http_version = "2" } } do
    it("acts once upon each of many signals that go out together, over connections: " .. name, function()
      local client, count = new(options), name == "any" and 2000 or 500
      calls(client, count, 50, function(number)
        return client.executions:signal("e", { name = "s", input = { n = number } }, { retry = false })
      end)
      client:close()
      assert.equal(count .. " 0", server:get "/count")
    end)
  end

  it("starts each of 1,000 executions once, whoever chose its id", function()
    local client = new()
    calls(client, 1000, 50, function(number)
      local mine = number % 2 == 0
      return client.workflows:execute("w", { input = { n = number }, execution_id = not mine and false or nil },
        { retry = not mine and false or nil })
    end)
    client:close()
    assert.equal("1000 0", server:get "/count")
  end)

  -- Calls fn(client) with a server of its own that refuses some requests; gives what it tells of itself at the end.
  local function with_refusing(how, every, fn)
    local refusing = process.start("the refusing server", ("PATH=/usr/bin:$PATH python3 %s %s %s %d"):format(
      "spec/support/refusing_server.py", process.quote(pem), how, every))
    local client = new { server_url = refusing.url, retry = { base = 0.01 } }
    local ok, problem = pcall(fn, client)
    local done = ok and client:whoami()
    client:close()
    refusing.pipe:close()
    if not ok then error(problem, 0) end
    return done
  end

  local function signal(client, number)
    return client.executions:signal("e", { name = "s", input = { n = number } })
  end

  local function execute(client, number)
    return client.workflows:execute("w", { execution_id = false, input = { n = number } })
  end

  for _, case in ipairs { { "reset", 3 }, { "goaway", 3 }, { "any-reset", 3 }, { "any-reset", 2 } } do
    it(("sends each of 60 requests that follow each other once: %s, every %d"):format(case[1], case[2]), function()
      local done = with_refusing(case[1], case[2], function(client)
        for number = 1, 60, 2 do
          assert(signal(client, number))
          assert(client.executions:get "e")
          assert(execute(client, number + 1))
          assert(client.executions:get "e")
        end
      end)
      assert.same({ 60, 0 }, { done.acted, done.twice })
      assert.truthy(done.refused > 0)
    end)
  end

  for _, how in ipairs { "reset", "goaway" } do
    it("sends each of 500 signals once, with reads beside them: " .. how, function()
      local done = with_refusing(how, 7, function(client)
        calls(client, 500, 50, function(number) return signal(client, number) end)
      end)
      assert.same({ 500, 0 }, { done.acted, done.twice })
      assert.truthy(done.refused > 0)
    end)
  end

  it("does not keep reads from being sent again, for as long as a client lives", function()
    with_refusing("reset", 2, function(client)
      for _ = 1, 60 do assert(client.executions:get("e", nil, { retry = false })) end
    end)
  end)

  it("is told as what it is where there is no other attempt", function()
    with_refusing("any-reset", 1, function(client)
      local refused
      for _ = 1, 10 do -- what was refused before its body went, libcurl sends again, and gives up: that stays unknown
        local _, err = client.executions:signal("e", { name = "s" }, { retry = false })
        assert.equal("network", err.kind)
        if err.retryable then refused = err.message end
      end
      assert(refused and refused:find("refused", 1, true) and not refused:find("unknown", 1, true), refused)
    end)
  end)
end)
