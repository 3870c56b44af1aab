--- Runs a workflow for each of many inputs, some at a time, and collects the results.
--
--     MISTRAL_API_KEY=... lua examples/fan_out.lua WORKFLOW INPUT-AS-JSON...

local workflows = require "mistral.workflows"

local function check(value, err)
  if value == nil then
    io.stderr:write("fan_out: ", tostring(err), "\n")
    os.exit(1)
  end
  return value
end

local workflow, inputs = check(arg[1], "name a workflow"), {}
for index = 2, #arg do inputs[index - 1] = check(workflows.json.decode(arg[index])) end

local client = workflows.new()

-- Inside map every method lets the other calls go on while it waits.
local results, errors = client:map(inputs, function(input)
  return client.workflows:run(workflow, { input = input }, { timeout = 600 })
end, { concurrency = 8 })

for index in ipairs(inputs) do
  local result = results[index]
  print(index, result ~= nil and workflows.json.encode(result) or "failed: " .. tostring(errors[index]))
end
client:close()
if errors then os.exit(1) end
