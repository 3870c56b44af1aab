--- Figures about the runs of a workflow.

local clock = require "sandbox.clock"
local fail = require "sandbox.fail"
local json = require "sandbox.json"
local runs = require "sandbox.api.runs"
local workflows = require "sandbox.api.workflows"

local metrics = {}

local BUCKET = 3600

local function scalar(value)
  return json.object("value", value)
end

-- Mean duration in milliseconds per hour, oldest first.
local function latency_over_time(found)
  local buckets, times = {}, {}
  for _, run in ipairs(found) do
    if run.finish then
      local time = math.floor(run.start / BUCKET) * BUCKET
      if not buckets[time] then
        buckets[time] = { count = 0, total = 0 }
        times[#times + 1] = time
      end
      buckets[time].count = buckets[time].count + 1
      buckets[time].total = buckets[time].total + (run.finish - run.start) * 1000
    end
  end
  table.sort(times)
  local points = {}
  for index, time in ipairs(times) do
    local mean = buckets[time].total / buckets[time].count
    points[index] = json.list { clock.milliseconds(time), math.floor(mean * 1000 + 0.5) / 1000 }
  end
  return json.array(points)
end

function metrics.get(request)
  local name, query = request.path.workflow_name, request.query
  local workflow = workflows.find(name)
  if workflow.name ~= name then
    fail.plain(404, ("Workflow '%s' not found"):format(name))
  end
  local found = {}
  for run in runs.select { workflow_identifier = workflow.name, start_time_after = query.start_time,
    start_time_before = query.end_time, include_internal = true } do
    found[#found + 1] = run
  end
  local succeeded, failed, ended, total = 0, 0, 0, 0
  for _, run in ipairs(found) do
    succeeded = succeeded + (run.status == "COMPLETED" and 1 or 0)
    failed = failed + ((run.status == "FAILED" or run.status == "TIMED_OUT") and 1 or 0)
    if run.finish then
      ended, total = ended + 1, total + (run.finish - run.start) * 1000
    end
  end
  return 200, json.object("execution_count", scalar(#found), "success_count", scalar(succeeded),
    "error_count", scalar(failed),
    "average_latency_ms", scalar(ended > 0 and math.floor(total / ended * 100) / 100 or 0),
    "latency_over_time", json.object("value", latency_over_time(found)),
    "retry_rate", scalar(#found > 0 and math.floor(failed / #found * 1000) / 1000 or 0))
end

return metrics
