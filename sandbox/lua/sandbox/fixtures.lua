--- Answers that tests lay down in advance: the next requests for a path get them, whatever the service would say.

local json = require "sandbox.json"
local store = require "sandbox.store"

local fixtures = {}

local control = ngx.shared.control

local function key_of(method, path)
  return "fixture:" .. method .. " " .. path
end

--- Adds one: method, path, status, headers, body, times (negative: for ever), delay.
function fixtures.add(fixture)
  local key = key_of((fixture.method or "*"):upper(), fixture.path or "*")
  fixture.times = fixture.times or 1
  if fixture.times == 0 then
    return
  end
  if type(fixture.body) == "table" then
    fixture.body = json.encode(fixture.body)
  end
  local keys = json.unpack(control:get "fixtures" or "{}")
  keys[key] = true
  store.set("fixtures", json.pack(keys))
  if not control:rpush(key, json.pack(fixture)) then
    store.refuse(control)
  end
end

function fixtures.clear()
  for key in pairs(json.unpack(control:get "fixtures" or "{}")) do
    control:delete(key)
  end
  control:delete "fixtures"
end

local function take(key)
  local text = control:lpop(key)
  if not text then
    return nil
  end
  local fixture = json.unpack(text)
  if fixture.times ~= 1 then
    fixture.times = fixture.times - 1
    control:lpush(key, json.pack(fixture))
  end
  return fixture
end

--- The answer laid down for a request, or nil.
function fixtures.take(method, path)
  if not store.setting "fixtures" then
    return nil
  end
  return store.exclusively(function()
    return take(key_of(method, path)) or take(key_of("*", path)) or take(key_of(method, "*")) or
      take(key_of("*", "*"))
  end)
end

--- Sends one.
function fixtures.send(fixture)
  if fixture.delay and fixture.delay > 0 then
    ngx.sleep(fixture.delay)
  end
  ngx.status = fixture.status or 200
  local text = fixture.body_base64 and ngx.decode_base64(fixture.body_base64) or fixture.body or ""
  ngx.header.content_length = #text
  for name, value in pairs(fixture.headers or {}) do
    ngx.header[name] = value
  end
  ngx.print(text)
  ngx.eof()
end

return fixtures
