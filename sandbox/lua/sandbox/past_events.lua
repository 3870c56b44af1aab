--- The events of a run from before the service started, written when they are asked for.

local clock = require "sandbox.clock"
local json = require "sandbox.json"
local lifecycle = require "sandbox.lifecycle"
local ordinary = require "sandbox.behaviours.ordinary"

local past_events = {}

local WHOLE = 0.6

local function entry(list, run, at, kind, attributes, task)
  local sequence = #list + 1
  list[sequence] = { sequence = sequence, at = clock.round(at), type = kind, run_id = run.run, run = run,
    stream = kind:find("^WORKFLOW") and "workflow" or "activity", activity_id = task and task.id or "",
    activity_name = task and task.name or "", attributes = json.encode(attributes) }
end

--- Events of a historic run, oldest first.
function past_events.of(run)
  local list, stretch = {}, (run.finish - run.start) / WHOLE
  entry(list, run, run.start, lifecycle.beginning(run))
  for index = 1, 6 do
    local step = ordinary.steps(run, index)
    if not step or step.finish or (run.status ~= "COMPLETED" and step.at > 0.3) then
      break
    end
    entry(list, run, run.start + step.at * stretch, step.emit, step.attributes, step.task)
  end
  if run.status == "FAILED" then
    entry(list, run, run.finish, "ACTIVITY_TASK_FAILED", json.object("task_id", "2", "activity_name", "call_model",
      "attempt", 3, "failure", json.object("message", run.failure)), { id = "2", name = "call_model" })
  end
  local kind, attributes = lifecycle.ending(run)
  if kind then
    entry(list, run, run.finish, kind, attributes)
  end
  return list
end

return past_events
