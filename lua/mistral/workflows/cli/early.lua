--- What the tool uses and the library does not have yet: raw answers and `fields`. Goes away piece by piece as
-- the library gets them.
-- @module mistral.workflows.cli.early

local core = require "mistral.workflows.core"
local reading = require "mistral.workflows.cli.reading"
local status = require "mistral.workflows.status"

local early = {}

local unpack = table.unpack or unpack -- luacheck: ignore 113 143 (one of them, by version)

local later = { raw = true, fields = true }

local event_metatable = {
  __index = function(event, name)
    local detail = status.event_of(rawget(event, "data"))
    return detail and detail[name]
  end,
}

-- The options without those that are for here, and those.
local function without_later(options)
  if type(options) ~= "table" or options[1] ~= nil then return options, {} end
  local kept, taken = {}, {}
  for name, value in pairs(options) do
    if later[name] then taken[name] = value else kept[name] = value end
  end
  local on_event = kept.on_event
  if on_event then kept.on_event = function(event) on_event(setmetatable(event, event_metatable)) end end
  return kept, taken
end

local function given(value, taken)
  if taken.raw and value ~= nil then return core.json.encode(value) end
  return taken.fields and type(value) == "table" and reading.pick(value, taken.fields) or value
end

local function walk(iterator, state, control, taken)
  return function()
    local item = given(iterator(state, control), taken)
    return type(item) == "table" and item.data ~= nil and item.event and setmetatable(item, event_metatable) or item
  end
end

local function wrap(method, name)
  return function(self, ...)
    local arguments, count = { ... }, select("#", ...)
    local taken
    arguments[count], taken = without_later(arguments[count])
    if next(taken) and next(arguments[count]) == nil then arguments[count] = nil end
    if name:find "each" or name:find "^stream" then
      local iterator, state, control = method(self, unpack(arguments, 1, count))
      return walk(iterator, state, control, taken)
    end
    local value, err = method(self, unpack(arguments, 1, count))
    if not name:find "pages$" then value = given(value, taken) end
    return value, err
  end
end

--- Makes a client as the library will.
function early.new(new, options)
  local client = new(options)
  local whoami = client.whoami
  client.whoami = wrap(whoami, "whoami")
  for name, resource in pairs(client) do
    local metatable = type(resource) == "table" and getmetatable(resource)
    if metatable and rawget(resource, "client") == client then
      local methods = metatable.__index
      client[name] = setmetatable({ client = client }, {
        __index = function(_, verb)
          return methods[verb] and wrap(methods[verb], verb)
        end,
      })
    end
  end
  return client
end

return early
