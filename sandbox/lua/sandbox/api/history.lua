--- The engine's history of executions and runs, and going back in it.

local engine_history = require "sandbox.engine_history"
local executions = require "sandbox.api.executions"
local fail = require "sandbox.fail"
local json = require "sandbox.json"
local run_list = require "sandbox.api.runs"
local runs = require "sandbox.runs"

local history = {}

function history.of_execution(request)
  return 200, engine_history.view(executions.find(request.path.execution_id), request.query.decode_payloads)
end

function history.of_run(request)
  return 200, engine_history.view(run_list.find(request.path.run_id), request.query.decode_payloads)
end

--- POST /executions/{execution_id}/reset: the execution starts again as a new run.
function history.reset(request)
  local run = executions.find(request.path.execution_id)
  local points, wanted = engine_history.reset_points(run), request.body.event_id
  for _, point in ipairs(points) do
    if point == wanted then
      runs.restart(run, engine_history.kept(run, point, { signals = request.body.exclude_signals,
        updates = request.body.exclude_updates }))
      return 204
    end
  end
  fail.coded(422, "WF_1001",
    ("Event %s is not a workflow task completed event"):format(json.encode(request.body.event_id)),
    "valid_reset_events", json.array(points))
end

return history
