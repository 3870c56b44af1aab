--- What the tool uses and the library does not have yet: raw answers, `fields`, `join`, `on_start`, `as_completed`, key
-- files. Goes away piece by piece as the library gets them.
-- @module mistral.workflows.cli.early

local core = require "mistral.workflows.core"
local status = require "mistral.workflows.status"

local early = {}

local unpack = table.unpack or unpack -- luacheck: ignore 113 143 (one of them, by version)

local later = { raw = true, fields = true, join = true, on_start = true }

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

local function walk(iterator, state, control, taken)
  return function()
    local item = iterator(state, control)
    if item == nil then return nil end
    if taken.raw then return core.json.encode(item) end
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
    if taken.raw and value ~= nil then return core.json.encode(value) end
    return value, err
  end
end

local function run(self, target, request, options)
  local client = self.client
  local execution = options.join and client.executions:get(request.execution_id)
  local err
  if not execution then execution, err = client.workflows:execute(target, request) end
  if not execution and options.join and err.code == "WF_1101" then
    execution = client.executions:get(request.execution_id)
  end
  if not execution then return nil, err end
  if options.on_start then options.on_start(execution) end
  local ended
  ended, err = client.executions:wait(request.execution_id, options)
  if not ended then return nil, err end
  if ended.result == nil then return core.json.null, ended end
  return ended.result, ended
end

local function as_completed(self, ids, options)
  local done, queue = 0, {}
  local waiting = coroutine.wrap(function()
    self.client:map(ids, function(id)
      local execution, err = self.client.executions:wait(id, options)
      queue[#queue + 1] = { execution or err.execution or { execution_id = id }, err }
      coroutine.yield()
    end, { concurrency = #ids })
  end)
  return function()
    while done == #queue do
      if done == #ids then return nil end
      waiting()
    end
    done = done + 1
    return queue[done][1], queue[done][2]
  end
end

--- Makes a client as the library will.
function early.new(new, options)
  local given = {}
  for name, value in pairs(options) do given[name] = value end
  if given.api_key_file then
    local path = given.api_key_file
    given.api_key_file = nil
    given.api_key = function()
      local file = assert(io.open(path))
      local key = file:read "*l"
      file:close()
      return key
    end
  end
  local client = new(given)
  local whoami = client.whoami
  client.whoami = wrap(whoami, "whoami")
  for name, resource in pairs(client) do
    local metatable = type(resource) == "table" and getmetatable(resource)
    if metatable and rawget(resource, "client") == client then
      local methods = metatable.__index
      client[name] = setmetatable({ client = client }, {
        __index = function(_, verb)
          if verb == "run" then return run end
          if verb == "as_completed" then return as_completed end
          return methods[verb] and wrap(methods[verb], verb)
        end,
      })
    end
  end
  return client
end

return early
