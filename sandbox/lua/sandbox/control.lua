--- The control interface: what tests use beside the API itself, under /_sandbox/. No key is asked for.

local body = require "sandbox.body"
local catalogue = require "sandbox.catalogue"
local fail = require "sandbox.fail"
local fixtures = require "sandbox.fixtures"
local json = require "sandbox.json"
local parameters = require "sandbox.parameters"
local request_recorder = require "sandbox.request_recorder"
local reset = require "sandbox.reset"
local statistics = require "sandbox.statistics"
local store = require "sandbox.store"

local control = {}

local object = json.object
local done = object("ok", true)

local handlers = {}

handlers["GET requests"] = function(query)
  return request_recorder.list(tonumber(query.n) or 100)
end

handlers["DELETE requests"] = function()
  request_recorder.clear()
  return done
end

handlers["POST record"] = function(query)
  request_recorder.switch(query.on ~= "0")
  return done
end

handlers["DELETE record"] = handlers["DELETE requests"]

handlers["GET stats"] = function()
  return object("connections", statistics.get "connections", "requests", statistics.get "requests",
    "open_streams", statistics.get "open_streams", "executions_started", statistics.get "executions_started")
end

handlers["GET memory"] = function()
  local dictionaries = {}
  for _, name in ipairs { "state", "events", "control", "record" } do
    local dictionary = ngx.shared[name]
    dictionaries[name] = object("size", dictionary:capacity(), "free", dictionary:free_space())
  end
  return json.raw(json.encode(dictionaries))
end

handlers["GET worker"] = function()
  return object("worker", ngx.worker.id())
end

handlers["POST reset"] = function()
  reset.run()
  return done
end

handlers["POST fixture"] = function(_, text)
  local given = json.decode(text or "")
  if type(given) ~= "table" then
    fail.plain(422, "A fixture is a JSON object, or an array of them")
  end
  for _, fixture in ipairs(json.is_array(given) and given or { given }) do
    fixtures.add(fixture)
  end
  return done
end

handlers["DELETE fixture"] = function()
  fixtures.clear()
  return done
end

handlers["POST delay"] = function(query)
  store.set("delay", tonumber(query.seconds) or 0)
  return done
end

-- How `workflow_versions` relates to `workflow_registrations` in lists: same, differ or absent.
handlers["POST versions"] = function(query)
  store.set("versions", query.mode)
  return done
end

-- All registrations in the order of the list, from `first` on.
handlers["GET registrations"] = function(query)
  local list, first = {}, tonumber(query.first) or 1
  for number = first, math.min(first + (tonumber(query.n) or catalogue.count) - 1, catalogue.count) do
    list[#list + 1] = catalogue.registration_id(number)
  end
  return json.array(list)
end

handlers["GET workflows"] = function()
  local list = {}
  for index, workflow in ipairs(catalogue.workflows()) do
    list[index] = object("id", workflow.id, "name", workflow.name)
  end
  return json.array(list)
end

control.done = done

--- Adds what is to be done at a reset.
control.at_reset = reset.also

--- Adds a request: "METHOD name", a function of the query and the body's text that returns raw JSON.
function control.add(key, handler)
  handlers[key] = handler
end

function control.serve(method, path)
  local handler = handlers[method .. " " .. path:sub(11)]
  if not handler then
    fail.plain(404, "No such control request")
  end
  local query = {}
  for name, values in pairs(parameters.parse(ngx.var.args)) do
    query[name] = values[#values]
  end
  if method == "GET" then
    return 200, handler(query)
  end
  return 200, store.exclusively(handler, query, body.text())
end

return control
