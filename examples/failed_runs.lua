--- Reports the runs that failed within the last day, workflow by workflow, with the reason of each.
--
--     MISTRAL_API_KEY=... lua examples/failed_runs.lua

local workflows = require "mistral.workflows"

local client = workflows.new()
local DAY = 24 * 60 * 60

-- The message of the last failure event of an execution.
local function reason_of(run)
  local reason = run.status
  for event in client.events:each { workflow_exec_id = run.execution_id, limit = 1000 } do
    if event.event_type == "WORKFLOW_EXECUTION_FAILED" and event.workflow_exec_id == run.execution_id then
      reason = event.attributes.failure.message
    end
  end
  return reason
end

local function report()
  local runs = {}
  for run in client.runs:each {
    status = { "FAILED", "TIMED_OUT" },
    start_time_after = os.date("!%Y-%m-%dT%H:%M:%SZ", os.time() - DAY),
    page_size = 200,
  } do
    runs[#runs + 1] = run
  end

  -- The reasons are asked for side by side.
  local reasons = client:map(runs, reason_of)

  table.sort(runs, function(a, b)
    if a.workflow_name ~= b.workflow_name then return a.workflow_name < b.workflow_name end
    return a.start_time < b.start_time
  end)
  local reason_by_run = {}
  for index, run in ipairs(runs) do reason_by_run[run] = reasons[index] end
  return runs, reason_by_run
end

local ok, runs, reasons = pcall(report)
client:close()
if not ok then
  io.stderr:write("failed_runs: ", tostring(runs), "\n")
  os.exit(1)
end
print(#runs .. " runs failed within the last day")
local workflow
for _, run in ipairs(runs) do
  if run.workflow_name ~= workflow then
    workflow = run.workflow_name
    print("\n" .. workflow)
  end
  print(("  %s  %s  %s"):format(run.start_time, run.execution_id, reasons[run]))
end
