--- Shows the log of an execution and goes on while it runs, like `tail -f`.
--
--     MISTRAL_API_KEY=... lua examples/tail_logs.lua EXECUTION-ID

local workflows = require "mistral.workflows"

io.stdout:setvbuf "line"

if not arg[1] then
  io.stderr:write "tail_logs: name an execution\n"
  os.exit(1)
end

local client = workflows.new()

-- An early `after` brings what was logged before, too. client.deployments:stream_logs(name) does the same for workers.
local ok, err = pcall(function()
  for event in client.executions:stream_logs(arg[1], { after = "2000-01-01T00:00:00Z" }) do
    local record = event.data
    print(("%s  %-5s  %s"):format(record.timestamp, record.severity_text, record.body))
  end
end)
client:close()
if not ok then
  io.stderr:write("tail_logs: ", tostring(err), "\n")
  os.exit(1)
end
