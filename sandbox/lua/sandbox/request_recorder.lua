--- Requests as the server saw them, for tests. A ring in shared memory; off until it is switched on.

local body = require "sandbox.body"
local json = require "sandbox.json"
local store = require "sandbox.store"

local request_recorder = {}

local ring = ngx.shared.record
local KEEP = 2000
local BODY = 64 * 1024

function request_recorder.switch(on)
  store.set("record", on)
end

--- Notes the present request, if recording is on.
function request_recorder.request()
  if not store.setting "record" then
    return
  end
  local text = body.text()
  local number = ring:incr("last", 1, 0)
  ring:delete("status:" .. (number - KEEP))
  ring:set(number % KEEP, json.object("number", number, "method", ngx.req.get_method(), "uri", ngx.var.request_uri,
    "protocol", ngx.var.server_protocol, "headers", ngx.req.get_headers(0),
    "body", text and text:sub(1, BODY), "connection", tonumber(ngx.var.connection),
    "connection_requests", tonumber(ngx.var.connection_requests))[1])
  ngx.ctx.record = number
end

--- Notes the status that the request was answered with.
function request_recorder.status(status)
  if ngx.ctx.record then
    ring:set("status:" .. ngx.ctx.record, status)
  end
end

--- The last `count` requests, oldest first, as a raw array.
function request_recorder.list(count)
  local last = ring:get "last" or 0
  local list = {}
  for number = math.max(1, last - math.min(count, KEEP) + 1), last do
    local text = ring:get(number % KEEP)
    if text then
      local status = ring:get("status:" .. number)
      list[#list + 1] = json.raw(text:sub(1, -2) .. ',"status":' .. json.encode(status) .. "}")
    end
  end
  return json.array(list)
end

function request_recorder.clear()
  ring:flush_all()
end

return request_recorder
