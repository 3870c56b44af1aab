--- Runs a workflow and shows what happens while it happens.
--
--     MISTRAL_API_KEY=... lua examples/follow.lua WORKFLOW [INPUT-AS-JSON]

local workflows = require "mistral.workflows"

io.stdout:setvbuf "line"

local function check(value, err)
  if value == nil then
    io.stderr:write("follow: ", tostring(err), "\n")
    os.exit(1)
  end
  return value
end

local workflow = check(arg[1], "name a workflow")
local input = check(workflows.json.decode(arg[2] or "{}"))

local client = workflows.new()
local execution = check(client.workflows:execute(workflow, { input = input }))
print("execution " .. execution.execution_id)

-- The loop ends after the execution's own end. Dropped connections are mended inside: each event comes once.
local states = {}
for event in client.executions:stream(execution.execution_id) do
  local task = workflows.value(event.attributes, {}).custom_task_id
  if task then
    -- The first event of a task has all of its state, later ones may have just what changed.
    states[task] = workflows.fold(states[task], event)
    print(("%-28s %s"):format(event.event_type, workflows.json.encode(states[task]) or ""))
  else
    print(("%-28s %s"):format(event.event_type, event.workflow_name))
  end
end

local ended = check(client.executions:wait(execution.execution_id))
print("result " .. workflows.json.encode(ended.result))
client:close()
