--- Answers as they may be: whatever the service sends in a place, it is shown and breaks nothing.
-- @module mistral.workflows.cli.reading

local core = require "mistral.workflows.core"
local text = require "mistral.workflows.cli.text"

local reading = {}

local null = core.json.null

--- The member of an item that a path names, nil for none and for null.
function reading.value(item, path)
  for name in path:gmatch "[^.]+" do
    if type(item) ~= "table" then return nil end
    item = item[name]
  end
  if item ~= null then return item end
end

-- The item with only the member that the names from `place` on lead to; lists are entered item by item.
local function branch(item, names, place, picked)
  if place > #names or type(item) ~= "table" then return item end
  if #item > 0 then
    local list = type(picked) == "table" and picked or {}
    for index, each in ipairs(item) do list[index] = branch(each, names, place, list[index]) end
    return list
  end
  local object, name = type(picked) == "table" and picked or {}, names[place]
  object[name] = branch(item[name], names, place + 1, object[name])
  return object
end

--- The members of an item that the paths name, in their places.
function reading.pick(item, paths)
  local picked = {}
  for _, path in ipairs(paths) do
    local names = {}
    for name in path:gmatch "[^.]+" do names[#names + 1] = name end
    picked = branch(item, names, 1, picked)
  end
  return picked
end

--- A value as text, the same each time; nil and null are "".
function reading.text(value)
  if value == nil or value == null then return "" end
  if type(value) == "table" then return (core.json.encode(value, { sort_keys = true })) end
  return tostring(value)
end

--- A value as text on one line, which may go to a terminal.
function reading.line(value) return text.clean(reading.text(value)) end

--- A list, an empty one for anything else.
function reading.list(value) return type(value) == "table" and value or {} end

--- The members of a list that are objects or lists themselves.
function reading.objects(value)
  local objects = {}
  for _, item in ipairs(reading.list(value)) do
    if type(item) == "table" then objects[#objects + 1] = item end
  end
  return objects
end

--- The texts of a list with `separator` between them.
function reading.join(value, separator)
  local words = {}
  for index, item in ipairs(reading.list(value)) do words[index] = reading.text(item) end
  return table.concat(words, separator)
end

-- What is larger is no count, no time and no length.
local LARGEST = 1e18

--- A number, nil for anything else.
function reading.number(value)
  if type(value) == "number" and value >= -LARGEST and value <= LARGEST then return value end
end

return reading
