--- Has a workflow run each night at three, and shows when it will.
--
--     MISTRAL_API_KEY=... lua examples/nightly.lua WORKFLOW [TIME-ZONE]

local workflows = require "mistral.workflows"

local function check(value, err)
  if value == nil then
    io.stderr:write("nightly: ", tostring(err), "\n")
    os.exit(1)
  end
  return value
end

local workflow = check(arg[1], "name a workflow")
local client = workflows.new()

-- By its name the schedule is found again: run this twice, and the second time it is changed and not doubled.
local id = "nightly-" .. workflow
local plan = {
  input = {},
  cron_expressions = { "0 3 * * *" }, -- minute, hour, day of the month, month, day of the week
  time_zone_name = arg[2] or "UTC",
  policy = { overlap = 1 }, -- SKIP: none is started while the last one still runs
}

local schedule, err = client.schedules:get(id)
if schedule then
  check(client.schedules:update(id, { schedule = plan }))
elseif err.status == 404 then
  check(client.schedules:create { schedule_id = id, workflow_identifier = workflow, schedule = plan })
else
  check(nil, err)
end

schedule = check(client.schedules:get(id))
print(id .. " runs next at")
for index = 1, math.min(3, #schedule.future_executions) do
  print("  " .. schedule.future_executions[index].scheduled_at)
end
client:close()
