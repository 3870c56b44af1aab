--- Asks a person about everything that waits for human input, and hands on the answers.
--
--     MISTRAL_API_KEY=... lua examples/approval_bot.lua [WORKFLOW]
--
-- Answers are y, n, or anything else for later; a comment may follow. The inputs here are `{ approved, comment }`, as
-- those of the workflow `form` of the local service; what yours take is told by `pending.input_schema`.

local workflows = require "mistral.workflows"

io.stdout:setvbuf "no"

local client = workflows.new()
local problems = 0

local function complain(problem)
  problems = problems + 1
  io.stderr:write("approval_bot: ", tostring(problem), "\n")
end

-- What the person says: an input, or nil.
local function ask(execution, pending)
  io.write(("%s of %s: %s? "):format(execution.execution_id, execution.workflow_name, pending.label))
  local word, comment = (io.read "*l" or ""):match "^%s*(%S*)%s*(.-)%s*$"
  if word ~= "y" and word ~= "n" then return nil end
  return { approved = word == "y", comment = comment ~= "" and comment or nil }
end

local function answer(execution, pending)
  local input = ask(execution, pending)
  if not input then return print "later" end
  local taken, err = client.executions:submit_input(execution.execution_id, pending.task_id, input)
  if taken ~= nil then return print(input.approved and "approved" or "refused") end
  -- Somebody else may have answered meanwhile, or it has been cancelled.
  complain(err)
end

-- The next ones are asked for while the person thinks. Where one could not be asked, the list is empty.
local ok, problem = pcall(function()
  for execution, inputs, err in client.executions:waiting { workflow_identifier = arg[1] } do
    if err then complain(err) end
    for _, pending in ipairs(inputs) do answer(execution, pending) end
  end
end)
if not ok then complain(problem) end
client:close()
os.exit(problems == 0 and 0 or 1)
