--- Shows what several executions do, a line for each change, and how they ended.
--
--     MISTRAL_API_KEY=... lua examples/dashboard.lua EXECUTION-ID...

local workflows = require "mistral.workflows"

io.stdout:setvbuf "line"

if not arg[1] then
  io.stderr:write "dashboard: name executions\n"
  os.exit(1)
end

local client = workflows.new()
local start = workflows.now()

local function show(id, text)
  print(("%6.1f s  %-36s  %s"):format(workflows.now() - start, id, text))
end

-- Follows one: each in a coroutine of its own, where the streams of the others go on.
local function follow(id)
  local states = {}
  for event in client.executions:stream(id) do
    local attributes = workflows.value(event.attributes, {})
    local task = attributes.custom_task_id
    if task then
      states[task] = workflows.fold(states[task], event)
      local state = workflows.json.encode(states[task], { sort_keys = true })
      show(id, ("%s %s"):format(attributes.custom_task_type, state))
    elseif event.event_type ~= "WORKFLOW_EXECUTION_STARTED" then
      show(id, event.event_type)
    end
  end
  return client.executions:wait(id)
end

-- What a stream raises, and what `wait` returns, is the error of its execution; the others go on.
local executions, errors = client:map(arg, follow, { concurrency = #arg })
client:close()

print ""
for index, id in ipairs(arg) do
  local execution = executions[index]
  local took = execution and ("in %.1f s"):format(
    workflows.time.parse(execution.end_time) - workflows.time.parse(execution.start_time))
  print(("%-36s  %s"):format(id, execution and execution.status .. " " .. took or tostring(errors[index])))
end
os.exit(errors and 1 or 0)
