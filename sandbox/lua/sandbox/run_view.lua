--- Runs as the service shows them.

local clock = require "sandbox.clock"
local json = require "sandbox.json"
local payloads = require "sandbox.payloads"
local run_index = require "sandbox.run_index"
local store = require "sandbox.store"

local view = {}

local null = json.null

--- The status as it is answered.
function view.status(run)
  local status = run_index.status(run)
  return status == "null" and null or status
end

--- Members of an execution without its result, as arguments for json.object. `run_id` takes the place of the run's.
function view.members(run, run_id)
  return "workflow_name", run.workflow, "workflow_id", run.workflow_id, "deployment_name", run.deployment,
    "execution_id", run.id, "parent_execution_id", run.parent or null, "root_execution_id", run.root,
    "run_id", run_id or run.run,
    "user_id", run.user, "status", view.status(run), "start_time", clock.text(run.start),
    "end_time", clock.text_or_null(run.finish),
    "total_duration_ms", run.finish and clock.milliseconds(run.finish - run.start) or null
end

--- An entry of the run list.
function view.brief(run)
  return json.object(view.members(run))
end

-- json.object takes pairs, so members go last; JSON does not care about the order.

--- The execution with its result and further members.
function view.full(run, ...)
  local hidden = run.finish and store.setting "run_id" == "null" and null or nil
  local text = json.object(view.members(run, hidden))[1]
  local more = json.object("result", json.raw(payloads.result(run) or "null"), ...)[1]
  return json.raw(text:sub(1, -2) .. "," .. more:sub(2))
end

--- What a synchronous execute answers.
function view.outcome(run)
  return json.object("workflow_name", run.workflow, "execution_id", run.id,
    "result", json.raw(payloads.result(run) or "null"))
end

return view
