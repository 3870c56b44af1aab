--- The first and the last event of a run.

local identifier = require "sandbox.identifier"
local json = require "sandbox.json"
local payloads = require "sandbox.payloads"

local lifecycle = {}

local object, null = json.object, json.null

local function payload(text)
  return object("type", "json", "value", json.raw(text or "null"))
end

local function task_id(run)
  return "workflow-task-" .. run.run:sub(1, 8)
end

local endings = {
  COMPLETED = { "WORKFLOW_EXECUTION_COMPLETED", function(run)
    return object("task_id", task_id(run), "result", payload(payloads.result(run)), "attempt", 1)
  end },
  FAILED = { "WORKFLOW_EXECUTION_FAILED", function(run)
    return object("task_id", task_id(run), "failure", object("message", run.failure), "attempt", 1)
  end },
  CANCELED = { "WORKFLOW_EXECUTION_CANCELED", function(run)
    return object("task_id", task_id(run), "reason", run.failure or null, "attempt", 1)
  end },
  CONTINUED_AS_NEW = { "WORKFLOW_EXECUTION_CONTINUED_AS_NEW", function(run)
    return object("task_id", task_id(run), "new_execution_run_id", identifier.engine_run(run.successor),
      "workflow_name", run.workflow, "input", payload(payloads.input(run)))
  end },
}

--- Type and attributes of the event that a run starts with.
function lifecycle.beginning(run)
  return "WORKFLOW_EXECUTION_STARTED", object("task_id", task_id(run), "workflow_name", run.workflow,
    "display_name", run.display_name, "input", payload(payloads.input(run)), "attempt", 1)
end

--- Type and attributes of the event that a run ended with. Nothing is sent when a run is terminated or times out.
function lifecycle.ending(run)
  local ending = endings[run.status]
  if ending then
    return ending[1], ending[2](run)
  end
end

return lifecycle
