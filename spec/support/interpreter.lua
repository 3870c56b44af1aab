--- Runs Lua in a process of its own.

local process = require "spec.support.process"

local interpreter = {}

-- The names of all variables that the library reads, so that a test sets exactly what it means to.
local cleared = { "MISTRAL_API_KEY", "MISTRAL_SERVER_URL", "SSL_CERT_FILE", "MISTRAL_WORKFLOWS_BACKEND" }

--- The command that runs the present Lua.
function interpreter.command()
  local index = 0
  while arg[index - 1] do index = index - 1 end
  return arg[index]
end

--- Runs a piece of code.
-- @param environment table of variables, or nil
-- @return all that it wrote, on both outputs
function interpreter.run(environment, code)
  local command = "env"
  for _, name in ipairs(cleared) do command = command .. " -u " .. name end
  for name, value in pairs(environment or {}) do
    command = ("%s %s"):format(command, process.quote(name .. "=" .. value))
  end
  return process.output(("%s %s -e %s 2>&1"):format(command, interpreter.command(), process.quote(code)))
end

return interpreter
