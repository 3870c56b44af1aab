--- "Did you mean" for names that are not known.
-- @module mistral.workflows.suggest

local core = require "mistral.workflows.core"

--- The text that refuses a name, with the known name it was probably meant to be, or all of them.
-- @param what what the name is of: "option"
-- @param name the unknown name
-- @param known table whose keys are the known names
return function(what, name, known)
  local best, best_distance, all = nil, 4, {}
  for candidate in pairs(known) do
    all[#all + 1] = candidate
    local distance = core.distance(tostring(name), candidate)
    if distance < best_distance or (distance == best_distance and best and candidate < best) then
      best, best_distance = candidate, distance
    end
  end
  if best then return ("unknown %s '%s'; did you mean '%s'?"):format(what, tostring(name), best) end
  table.sort(all)
  return ("unknown %s '%s'; known are %s"):format(what, tostring(name), table.concat(all, ", "))
end
