--- The state of custom tasks, from their events.
--
-- A custom task tells its state in the payloads of its events: `{ type = "json", value = ... }` is the whole state,
-- A custom task tells its state in the payloads of its events: `{ type = "json", value = ... }` is the whole of it,
-- which lengthens a text. Paths are JSON pointers (RFC 6901); "", "/" and an empty list are the root.
-- @module mistral.workflows.fold

local core = require "mistral.workflows.core"
local status = require "mistral.workflows.status"

local null = core.json.null
local array_metatable = getmetatable(core.json.array {})

-- Mistakes in a patch are raised as this, to be told from mistakes in the code.
local problem_metatable = {}

local function refuse(text, ...)
  error(setmetatable({ text = text:format(...) }, problem_metatable), 0)
end

local function is_array(value)
  return getmetatable(value) == array_metatable or #value > 0
end

local function copy_of(value)
  local copy = {}
  for key, item in next, value do copy[key] = item end
  return setmetatable(copy, getmetatable(value))
end

-- The names in a path. "~1" stands for a slash and "~0" for a tilde.
local function names_of(path)
  if path == "" or path == "/" or (type(path) == "table" and next(path) == nil) then return {} end
  if type(path) ~= "string" then refuse("a path is text, not a %s", type(path)) end
  if path:sub(1, 1) ~= "/" then refuse "a path begins with a slash" end
  local names = {}
  for name in path:gmatch "/([^/]*)" do
    if name:find "~[^01]" or name:find "~$" then refuse("'~' stands before 0 or 1 only") end
    names[#names + 1] = name:gsub("~1", "/"):gsub("~0", "~")
  end
  return names
end

-- The key in `parent` that a name in a path means; `room` is 1 where an item may be added behind the last one.
local function key_of(parent, name, room)
  if not is_array(parent) then return name end
  if name == "-" and room == 1 then return #parent + 1 end
  if not name:find "^%d+$" or name:find "^0%d" then refuse("'%s' is no index of an array", name) end
  local index = tonumber(name) + 1
  if index > #parent + room then refuse("the array has %d items only", #parent) end
  return index
end

local function check_present(parent, key)
  if parent[key] == nil then refuse("there is no '%s'", tostring(key)) end
end

-- What an operation does to the member `key` of the copy `parent`.
local operations = {}

function operations.add(parent, key, value)
  if is_array(parent) and type(key) == "number" then
    table.insert(parent, key, value)
  else
    parent[key] = value
  end
end

function operations.replace(parent, key, value)
  check_present(parent, key)
  parent[key] = value
end

function operations.remove(parent, key)
  check_present(parent, key)
  if type(key) == "number" then table.remove(parent, key) else parent[key] = nil end
end

function operations.append(parent, key, value)
  local text = parent[key]
  check_present(parent, key)
  if type(text) ~= "string" then
    refuse("only text can be lengthened, not %s", text == null and "null" or "a " .. type(text))
  end
  if type(value) ~= "string" then refuse("only text can be appended, not a %s", type(value)) end
  parent[key] = text .. value
end

-- The state after one operation. Copies the tables on the way to the place, and shares all others.
local function change(state, names, depth, op, value)
  if type(state) ~= "table" then
    refuse("there is no '%s' in %s", names[depth], state == nil and "an empty state" or "a single value")
  end
  local copy, last = copy_of(state), depth == #names
  local key = key_of(copy, names[depth], last and op == "add" and 1 or 0)
  if last then
    operations[op](copy, key, value)
  else
    check_present(copy, key)
    copy[key] = change(copy[key], names, depth + 1, op, value)
  end
  return copy
end

local function apply(state, patch)
  local op, value = patch.op, patch.value
  if not operations[op] then refuse "the operation is unknown" end
  if value == nil and op ~= "remove" then refuse "there is no value" end
  local names = names_of(patch.path)
  if #names > 0 then return change(state, names, 1, op, value) end
  local root = { state = state }
  if op == "add" or state == nil and op == "replace" then
    root.state = value
  else
    operations[op](root, "state", value)
  end
  return root.state
end

local function describe(path)
  return type(path) == "table" and "" or tostring(path)
end

local function apply_all(state, patches)
  if type(patches) ~= "table" then error("workflows.fold: the patch is no list: is it encrypted?", 3) end
  for index, patch in ipairs(patches) do
    if type(patch) ~= "table" then error(("workflows.fold: item %d of the patch is no object"):format(index), 3) end
    local ok, result = pcall(apply, state, patch)
    if not ok then
      if getmetatable(result) ~= problem_metatable then error(result, 0) end
      error(("workflows.fold: %s '%s': %s"):format(tostring(patch.op), describe(patch.path), result.text), 3)
    end
    state = result
  end
  return state
end

-- The payload in what a caller has: an event of a stream, what it carries, a workflow event, or the payload itself.
local function payload_of(event)
  for _ = 1, 3 do
    if type(event) ~= "table" then return nil end
    local attributes = event.attributes
    if type(attributes) == "table" then return attributes.payload end
    if event.type ~= nil and event.value ~= nil then return event end
    event = status.event_of(event)
  end
  return nil
end

--- The state of a custom task after an event.
--
-- Several tasks in one execution have a state each:
--
--     local states = {}
--     for event in client.executions:stream(id) do
--       local attributes = event.data.data.attributes
--       local task = attributes.custom_task_id
--       if task then states[task] = workflows.fold(states[task], event) end
--     end
--
-- @param state the result of the last call, nil at first; not changed
-- @param event an event of a stream or of `client.events`, or the payload in it; not changed
-- @return the new state; the given one when the event tells no state. Raises an error that names the operation and the
-- path when a patch does not fit the state.
return function(state, event)
  local payload = payload_of(event)
  if type(payload) ~= "table" then return state end
  if payload.type == "json" then return payload.value end
  if payload.type == "json_patch" then return (apply_all(state, payload.value)) end
  return state
end
