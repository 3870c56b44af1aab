--- The way of a request: recording, laid-down answers, the key, the route, its checks, its handler, the answer.

local body = require "sandbox.body"
local control = require "sandbox.control"
local fail = require "sandbox.fail"
local fixtures = require "sandbox.fixtures"
local parameters = require "sandbox.parameters"
local request_recorder = require "sandbox.request_recorder"
local router = require "sandbox.router"
local statistics = require "sandbox.statistics"
local store = require "sandbox.store"

require "sandbox.routes"
require "sandbox.control.errors"
require "sandbox.control.executions"
require "sandbox.control.streams"
require "sandbox.control.switches"

local app = {}

-- Bytes in a (nested) list of strings.
local function size(parts)
  if type(parts) == "string" then
    return #parts
  end
  local total = 0
  for index = 1, #parts do
    total = total + size(parts[index])
  end
  return total
end

--- Sends an answer. `content` is raw JSON (a list of strings, nested at will), or nil for none.
local function send(status, content, headers)
  ngx.status = status
  for name, value in pairs(headers or {}) do
    ngx.header[name] = value
  end
  if content then
    ngx.header.content_type = "application/json"
    ngx.header.content_length = size(content)
    ngx.print(content)
  else
    ngx.header.content_type = ""
    ngx.send_headers()
  end
end

local function check_key()
  local given = ngx.var.http_authorization or ""
  local key = given:match("^[Bb][Ee][Aa][Rr][Ee][Rr]%s+(%S+)%s*$")
  if not key or key == "wrong" then
    fail.gateway(401, "authentication_error", "unauthorized", "Unauthorized", { ["WWW-Authenticate"] = "Bearer" })
  end
end

local function wait()
  local seconds = (store.setting "delay" or 0) + (tonumber(ngx.var.http_x_sandbox_delay) or 0)
  if seconds > 0 then
    ngx.sleep(seconds)
  end
end

-- The gateway counts requests by the minute; a part of the answers tells how many are left.
local function budget()
  local left = 100000 - statistics.get "requests" % 100000
  ngx.header["X-RateLimit-Limit"], ngx.header["X-RateLimit-Remaining"] = 100000, left
end

local function serve(method, path)
  check_key()
  local route, values = router.find(method, path)
  if not route then
    if values then
      fail.plain(405, "Method Not Allowed", { Allow = values })
    end
    fail.plain(404, "Not Found")
  end
  parameters.path(values, route.parameters or {})
  local request = { path = values, query = parameters.query(ngx.var.args, route.query or {}) }
  if route.body then
    request.body, request.text = body.read(route.body, route.body_optional)
  end
  if method ~= "GET" then
    budget()
  end
  if method == "GET" then
    return route.handler(request)
  end
  -- What changes something is decided and done under one lock; what has to wait comes after it, as a function.
  local status, content = store.exclusively(route.handler, request)
  if type(status) == "function" then
    return status()
  end
  return status, content
end

local function answer_failure(problem)
  if not fail.is_failure(problem) then
    ngx.log(ngx.ERR, "handler failed: ", tostring(problem))
    problem = { status = 500, body = '{"detail":"An internal error occurred","code":"WF_1000"}' }
  end
  if ngx.headers_sent then
    return ngx.exit(ngx.ERROR)
  end
  send(problem.status, problem.body, problem.headers)
end

-- True for the first request of an HTTP/1.1 connection that is more than tests allow.
local function is_beyond_limit()
  local limit = store.setting "connections"
  return limit and ngx.req.http_version() < 2 and ngx.var.connection_requests == "1" and
    tonumber(ngx.var.connections_active) > limit
end

--- Answers the present request.
function app.handle()
  local method, path = ngx.req.get_method(), ngx.var.request_uri:match("^[^?]*")
  local served, status, content
  if path:sub(1, 10) == "/_sandbox/" then
    served, status, content = pcall(control.serve, method, path)
  else
    if is_beyond_limit() then
      return ngx.exit(444)
    end
    statistics.request()
    request_recorder.request()
    wait()
    local fixture = fixtures.take(method, path)
    if fixture then
      return fixtures.send(fixture)
    end
    served, status, content = pcall(serve, method, path)
  end
  if not served then
    answer_failure(status)
  elseif status then
    send(status, content)
  end
end

--- Before the head of any answer goes out.
function app.header()
  local id = ngx.var.request_id
  ngx.header["mistral-correlation-id"] = ngx.header["mistral-correlation-id"] or id
  ngx.header["x-kong-request-id"] = ngx.header["x-kong-request-id"] or id
  if store.setting "x_request_id" == "on" then
    ngx.header["x-request-id"] = ngx.header["x-request-id"] or id
  end
  request_recorder.status(ngx.status)
end

--- After the answer, or after the client left.
function app.finished()
  if ngx.ctx.streaming then
    statistics.count("open_streams", -1)
  end
end

return app
