--- What the ordinary workflows of the catalogue do: two activities, the first sometimes tried twice, then a result.
-- Their signals are accepted and change nothing.

local identifier = require "sandbox.identifier"
local json = require "sandbox.json"

local object = json.object

local ordinary = {}

local function activity(at, number, name, what, ...)
  local id = tostring(number)
  return { at = at, emit = "ACTIVITY_TASK_" .. what, task = { id = id, name = name },
    attributes = object("task_id", id, "activity_name", name, ...) }
end

local function whole(value)
  return object("type", "json", "value", value)
end

local function result(run)
  return object("summary", "Done by the sandbox.", "confidence", identifier.between(run.run, 70, 99) / 100,
    "items", json.empty_array, "tokens_used", identifier.between(run.run .. "/tokens", 400, 9000))
end

local function is_tried_twice(run)
  return identifier.fraction(run.run .. "/retry") < 0.2
end

function ordinary.steps(run, index)
  if index >= 2 and not is_tried_twice(run) then
    index = index + 1
  end
  if index == 1 then
    return activity(0.02, 1, "fetch_document", "STARTED", "input", whole(json.empty_object))
  elseif index == 2 then
    return activity(0.08, 1, "fetch_document", "RETRYING", "attempt", 1, "failure",
      object("message", "connection reset by peer"))
  elseif index == 3 then
    return activity(0.15, 1, "fetch_document", "COMPLETED", "result", whole(object("bytes", 48213)))
  elseif index == 4 then
    return activity(0.2, 2, "call_model", "STARTED", "input", whole(object("model", "mistral-medium-latest")))
  elseif index == 5 then
    return activity(0.55, 2, "call_model", "COMPLETED", "result", whole(result(run)))
  elseif index == 6 then
    return { at = 0.6, finish = "COMPLETED", result = result(run) }
  end
end

local STEPS = 6

ordinary.signals = { pause = { handle = function() end }, resume = { handle = function() end } }
ordinary.queries = { progress = { handle = function(run) return math.min(1, (run.next - 1) / STEPS) end } }

return ordinary
