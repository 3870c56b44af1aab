--- Runs examples/nginx/run for a test, which ends it however the test ends.

local process = require "spec.support.process"

local gateway = {}

-- Starts the program, hands on what it says as key=value lines, and ends it when standard input ends.
local SCRIPT = [[
exec 3<&0
mkfifo "$2/said"
"$1" >"$2/said" 3<&- & pid=$!
( cat <&3 >/dev/null; kill -TERM $pid ) & exec 3<&-
exec 5<"$2/said"
sed -n -e "s|^Sandbox: *|sandbox=|p" -e "s|^Gateway: *|url=|p" -e "s|^Log: *|log=|p" -e "/follow\//q" <&5 >"$2/ready"
wait $pid
]]

--- Starts it.
-- @param environment table of variables, or nil
-- @return a table with url, log, sandbox, and a function stop
function gateway.start(environment)
  local command = { "env" }
  for name, value in pairs(environment or {}) do command[#command + 1] = process.quote(name .. "=" .. value) end
  command[#command + 1] = "sh -c " .. process.quote(SCRIPT) .. " sh examples/nginx/run"
  local self = process.start("the gateway", table.concat(command, " "))
  function self.stop()
    if self.pipe then self.pipe:close() end
    self.pipe = nil
  end
  return self
end

return gateway
