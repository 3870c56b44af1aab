--- Lists of ids, as the methods for many take them.
-- @module mistral.workflows.ids

local ids = {}

-- The member of a table that was given in place of an id, in words.
local function advice(item)
  for _, name in ipairs { "execution_id", "id" } do
    if type(item) == "table" and type(rawget(item, name)) == "string" then return ": pass its " .. name end
  end
  return ""
end

--- Checks that the ids are a list of strings.
-- @return a copy; or nil and what is wrong
function ids.copy(given)
  if type(given) ~= "table" then
    return nil, "the ids must be a list of strings, not " .. (given == nil and "nil" or "a " .. type(given))
  end
  local copy, count = {}, 0
  for key, id in next, given do
    if type(key) ~= "number" then return nil, "the ids must be a plain list of strings" end
    if type(id) ~= "string" then
      return nil, ("id %s must be a string, not a %s%s"):format(tostring(key), type(id), advice(id))
    end
    copy[key], count = id, count + 1
  end
  for index = 1, count do
    if not copy[index] then return nil, "the list of ids has holes" end
  end
  return copy
end

return ids
