--- Approves (or refuses) what an execution waits for, by a signal, and shows what comes of it.
--
--     MISTRAL_API_KEY=... lua examples/approve.lua EXECUTION-ID [no]
--
-- The name of the signal and its input are the workflow's own: here `approve` with `{ approved = true }`. Registrations
-- list them in `definition.signals`.

local workflows = require "mistral.workflows"

local function check(value, err)
  if value == nil then
    io.stderr:write("approve: ", tostring(err), "\n")
    os.exit(1)
  end
  return value
end

local id = check(arg[1], "name an execution")
local client = workflows.new()

-- A signal is accepted at once; what the workflow makes of it shows later. After an unknown outcome it is not sent
-- again, for it might arrive twice.
check(client.executions:signal(id, { name = "approve", input = { approved = arg[2] ~= "no" } }))

local execution, err = client.executions:wait(id, { timeout = 60 })
if err and err.kind == "timeout" then
  print "it goes on; ask again later"
else
  print(workflows.json.encode(check(execution, err).result))
end
client:close()
