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

local function failed_runs()
  local runs = {}
  for run in client.runs:each {
    status = { "FAILED", "TIMED_OUT" }, start_time_after = os.time() - DAY, page_size = 200,
  } do
    runs[#runs + 1] = run
  end
  table.sort(runs, function(a, b)
    if a.workflow_name ~= b.workflow_name then return a.workflow_name < b.workflow_name end
    return a.start_time < b.start_time
  end)
  return runs
end

-- A walk raises what it cannot mend.
local ok, runs = pcall(failed_runs)
if not ok then
  io.stderr:write("failed_runs: ", tostring(runs), "\n")
  os.exit(1)
end

-- The reasons are asked for side by side. Inside map, what a walk raises is the error of its item.
local reasons, errors = client:map(runs, reason_of)
client:close()

print(#runs .. " runs failed within the last day")
local workflow
for index, run in ipairs(runs) do
  if run.workflow_name ~= workflow then
    workflow = run.workflow_name
    print("\n" .. workflow)
  end
  print(("  %s  %s  %s"):format(run.start_time, run.execution_id, reasons[index] or ("unknown: " .. errors[index])))
end
if errors then os.exit(1) end
