--- The state of custom tasks, from their events.
--
-- A custom task tells its state in the payloads of its events: `{ type = "json", value = ... }` is the whole of it,
-- `{ type = "json_patch", value = { ... } }` is a list of changes: add, replace and remove (RFC 6902), and append,
-- which lengthens a text. Paths are JSON pointers (RFC 6901); "", "/" and an empty list are the root.
--
-- A call takes a time that grows like the changes and the tables and texts on the way to them, which are copied once;
-- all others are shared with the state before. Where each event has one change, each costs a copy of those: keep what
-- is large out of the way of what changes often.
-- @module mistral.workflows.fold

local core = require "mistral.workflows.core"
local answers = require "mistral.workflows.answers"
local errors = require "mistral.workflows.errors"
local secrets = require "mistral.workflows.secrets"
local new_sequence = require("mistral.workflows.sequence").new
local status = require "mistral.workflows.status"

local null = core.json.null
local array_metatable = getmetatable(core.json.array {})

-- Mistakes in a patch are raised as this, to be told from mistakes in the code.
local problem_metatable = {}

local LONGEST_WORD = 200 -- of the service's in a message

local function refuse(text, word)
  error(setmetatable({ text = text, word = word }, problem_metatable), 0)
end

-- A text that is lengthened piece by piece, as long as a call works on it.
local rope_metatable = {}

local function is_rope(value)
  return getmetatable(value) == rope_metatable
end

-- An insertion or removal with more items than this behind it is not done in the array itself.
local MOST_MOVED = 128

-- What a call works on. Nothing that the caller has is changed: each table is copied once, when it is first changed.
local methods = {}
local edit_metatable = { __index = methods }

local function new_edit(state)
  local root = { state = state }
  return setmetatable({
    root = root,
    owned = { [root] = true }, -- the tables that were made in this call
    sequences = {}, -- array -> the items that it is to have
    with_ropes = {}, -- the tables that hold ropes
  }, edit_metatable)
end

function methods:get(parent, key)
  local sequence = self.sequences[parent]
  if sequence then return sequence:get(key) end
  return parent[key]
end

function methods:set(parent, key, value)
  local sequence = self.sequences[parent]
  if sequence then return sequence:set(key, value) end
  parent[key] = value
end

function methods:is_array(value)
  return self.sequences[value] ~= nil or getmetatable(value) == array_metatable or #value > 0
end

function methods:length(array)
  local sequence = self.sequences[array]
  return sequence and sequence:size() or #array
end

-- Calls `table.insert`, `table.remove` or what a sequence has in their place.
function methods:move(name, array, index, ...)
  local sequence = self.sequences[array]
  if not sequence and #array - index > MOST_MOVED then
    sequence = new_sequence(array)
    self.sequences[array] = sequence
  end
  if sequence then
    sequence[name](sequence, index, ...)
  else
    table[name](array, index, ...)
  end
end

-- The table at `key` of `parent`, made this call's own.
function methods:own(parent, key)
  local value = self:get(parent, key)
  if self.owned[value] then return value end
  local copy = {}
  for name, item in next, value do copy[name] = item end
  local metatable = getmetatable(value)
  if type(metatable) == "table" then setmetatable(copy, metatable) end
  self.owned[copy] = true
  self:set(parent, key, copy)
  return copy
end

-- The state as plain tables and texts.
function methods:result()
  for array, sequence in next, self.sequences do sequence:copy_to(array) end
  for parent in next, self.with_ropes do
    for key, item in next, parent do
      if is_rope(item) then parent[key] = table.concat(item) end
    end
  end
  return self.root.state
end

local function kind_of(value)
  if value == nil then return "nothing" end
  return value == null and "null" or "a " .. type(value)
end

-- The names in a path. "~1" stands for a slash and "~0" for a tilde.
local function names_of(path)
  if path == "" or path == "/" or (type(path) == "table" and next(path) == nil) then return {} end
  if type(path) ~= "string" then refuse("a path is text, not %s", kind_of(path)) end
  if path:sub(1, 1) ~= "/" then refuse "a path begins with a slash" end
  local names = {}
  for name in path:gmatch "/([^/]*)" do
    if name:find "~[^01]" or name:find "~$" then refuse("'~' stands before 0 or 1 only") end
    names[#names + 1] = name:gsub("~1", "/"):gsub("~0", "~")
  end
  return names
end

-- The key in `parent` that a name in a path means; `room` is 1 where an item may be added behind the last one.
local function key_of(edit, parent, name, room)
  if not edit:is_array(parent) then return name end
  local length = edit:length(parent)
  if name == "-" and room == 1 then return length + 1 end
  if not name:find "^%d+$" or name:find "^0%d" then refuse("'%s' is no index of an array", name) end
  local index = tonumber(name) -- from 0; the largest integer has no successor
  if index >= length + room then refuse("the array has %s items only", length) end
  return index + 1
end

local function present(edit, parent, key)
  local value = edit:get(parent, key)
  if value == nil then refuse("there is no '%s'", tostring(key)) end
  return value
end

-- What an operation does to the member `key` of `parent`.
local operations = {}

function operations.add(edit, parent, key, value)
  if type(key) == "number" then
    edit:move("insert", parent, key, value)
  else
    parent[key] = value
  end
end

function operations.replace(edit, parent, key, value)
  present(edit, parent, key)
  edit:set(parent, key, value)
end

function operations.remove(edit, parent, key)
  present(edit, parent, key)
  if type(key) == "number" then edit:move("remove", parent, key) else parent[key] = nil end
end

function operations.append(edit, parent, key, value)
  local text = present(edit, parent, key)
  if not is_rope(text) and type(text) ~= "string" then
    refuse("only text can be lengthened, not %s", kind_of(text))
  end
  if type(value) ~= "string" then refuse("only text can be appended, not %s", kind_of(value)) end
  if not is_rope(text) then
    text = setmetatable({ text }, rope_metatable)
    edit:set(parent, key, text)
    edit.with_ropes[parent] = true
  end
  text[#text + 1] = value
end

local function apply(edit, patch)
  local op, value = patch.op, patch.value
  if not operations[op] then refuse "the operation is unknown" end
  if value == nil and op ~= "remove" then refuse "there is no value" end
  local names = names_of(patch.path)
  local parent, key = edit.root, "state"
  if #names == 0 and op == "replace" then op = "add" end -- also where there is no state yet
  for depth, name in ipairs(names) do
    local inner = edit:get(parent, key)
    if type(inner) ~= "table" or is_rope(inner) then
      refuse("there is no '%s' in " .. (inner == nil and "an empty state" or "a single value"), name)
    end
    parent = edit:own(parent, key)
    local is_last = depth == #names
    key = key_of(edit, parent, name, is_last and op == "add" and 1 or 0)
    if not is_last then present(edit, parent, key) end
  end
  operations[op](edit, parent, key, value)
end

-- What the service wrote, as a part of a message.
local function shown(word)
  if word == nil or type(word) == "table" then return "" end
  if word == null then return "null" end
  return answers.shortened(tostring(secrets.hide_all(word)), LONGEST_WORD)
end

-- A patch is the service's: what is wrong with it is no mistake of the program.
local function fail(message, ...)
  error(errors.new {
    kind = "decode", operation = "fold", call = "workflows.fold", attempts = 0, message = message:format(...),
  }, 0)
end

local function apply_all(state, patches)
  if type(patches) ~= "table" or (next(patches) ~= nil and #patches == 0) then
    fail("the patch is no list: is it encrypted? %s", answers.shown(secrets.hide_all(patches)))
  end
  local edit = new_edit(state)
  for index, patch in ipairs(patches) do
    if type(patch) ~= "table" then
      fail("item %d of the patch is no object: %s", index, answers.shown(secrets.hide_all(patch)))
    end
    local ok, problem = pcall(apply, edit, patch)
    if not ok then
      if getmetatable(problem) ~= problem_metatable then error(problem, 0) end
      fail("%s '%s': " .. problem.text, shown(patch.op), shown(patch.path), problem.word and shown(problem.word))
    end
  end
  return edit:result()
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
-- @return the new state; the given one when the event tells no state. Raises an error object of kind decode that names
-- the operation and the path when a patch does not fit the state.
return function(state, event)
  local payload = payload_of(event)
  if type(payload) ~= "table" then return state end
  if payload.type == "json" then return payload.value end
  if payload.type == "json_patch" then return (apply_all(state, payload.value)) end
  return state
end
