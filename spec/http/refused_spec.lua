-- HTTP/2 connections that a server ends while requests are on their way: none is acted upon twice, and none fails that
-- was merely refused.

local fault = require "spec.support.fault"
local nginx = require "spec.support.nginx"
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
  local server, url, ca

  setup(function()
    local faults = fault.start() -- makes the certificates
    ca = faults.ca_file
    faults:stop()
    local pem = ca:match "^(.*/)" .. "good.pem"
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

  it("uses one connection for signals that follow each other, until the server wants another one", function()
    local connections = 0
    local client = new { observer = function(info) if not info.reused then connections = connections + 1 end end }
    for number = 1, 100 do
      assert(client.executions:signal("e", { name = "s", input = { n = number } }, { retry = false }))
    end
    client:close()
    assert.equal("100 0", server:get "/count")
    assert.truthy(connections <= 7)
  end)
end)
