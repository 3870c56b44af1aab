--- "Did you mean" for names that are not known.
-- @module mistral.workflows.suggest

local core = require "mistral.workflows.core"

local LONGEST_DISTANCE = 3
local LEAST_PREFIX = 4

-- How far apart two names are; the beginning of a name is near to it.
local function distance_of(name, candidate)
  local length = math.min(#name, #candidate)
  if length >= LEAST_PREFIX and name:sub(1, length) == candidate:sub(1, length) then return 1 end
  return core.distance(name, candidate)
end

--- The text that refuses a name, with the known name it was probably meant to be, or all of them.
-- @param what what the name is of: "option"
-- @param name the unknown name
-- @param known table whose keys are the known names
-- @param meant known names by what others call them, or nil
return function(what, name, known, meant)
  name = tostring(name)
  local best, best_distance, all = nil, math.min(LONGEST_DISTANCE, math.ceil(#name / 2)) + 1, {}
  for candidate in pairs(known) do
    all[#all + 1] = candidate
    local distance = meant and meant[name] == candidate and 0 or distance_of(name, candidate)
    if distance < best_distance or (distance == best_distance and best and candidate < best) then
      best, best_distance = candidate, distance
    end
  end
  if best then return ("unknown %s '%s'; did you mean '%s'?"):format(what, name, best) end
  table.sort(all)
  return ("unknown %s '%s'; known are %s"):format(what, name, table.concat(all, ", "))
end
