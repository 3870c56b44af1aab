--- One execution: its state, and how to end it.

local fail = require "sandbox.fail"
local json = require "sandbox.json"
local runs = require "sandbox.runs"
local view = require "sandbox.run_view"

local executions = {}

--- The newest run of the execution of a path value; raises 404.
function executions.find(id)
  return runs.of_execution(id) or fail.coded(404, "WF_1100", "Workflow execution not found")
end

--- The same, but raises 409 when the execution is closed.
function executions.find_open(id)
  local run = executions.find(id)
  if runs.is_closed(run) then
    fail.coded(409, "WF_1102", "Workflow execution is closed", "status", view.status(run))
  end
  return run
end

function executions.get(request)
  local run = executions.find(request.path.execution_id)
  local search_keys = request.query.include_search_keys and (run.search_keys or json.empty_object)
  return 200, view.full(run, "search_keys", search_keys or nil)
end

function executions.cancel(request)
  runs.finish(executions.find_open(request.path.execution_id), "CANCELED")
  return 204
end

function executions.terminate(request)
  runs.finish(executions.find_open(request.path.execution_id), "TERMINATED")
  return 204
end

local function each(status)
  return function(request)
    local results = {}
    for _, id in ipairs(request.body.execution_ids) do
      local run = runs.of_execution(id)
      if not run then
        results[id] = json.object("status", "error", "error", "Workflow execution not found")
      elseif runs.is_closed(run) then
        results[id] = json.object("status", "error", "error", "Workflow execution is closed: " .. run.status)
      else
        runs.finish(run, status)
        results[id] = json.object("status", "success", "error", json.null)
      end
    end
    return 200, json.object("results", results)
  end
end

executions.batch_cancel, executions.batch_terminate = each "CANCELED", each "TERMINATED"

return executions
