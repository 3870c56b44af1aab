--- Runs a piece of Lua in a process of its own, with exactly the variables that a test means to set.

local lua = require "spec.support.lua"
local process = require "spec.support.process"

local interpreter = {}

-- The variables that the library reads; they are taken away unless a test gives them.
local cleared = { "MISTRAL_API_KEY", "MISTRAL_SERVER_URL", "SSL_CERT_FILE", "MISTRAL_WORKFLOWS_BACKEND" }

--- Runs a piece of code.
-- @param environment table of variables, or nil
-- @param before command of the shell that comes first, or nil
-- @return all that it wrote, on both outputs, without the last line end
function interpreter.run(environment, code, before)
  local command = before and before .. "; env" or "env"
  for _, name in ipairs(cleared) do command = command .. " -u " .. name end
  for name, value in pairs(lua.variables(environment)) do
    command = ("%s %s"):format(command, process.quote(name .. "=" .. value))
  end
  return process.output(("%s %s -e %s 2>&1"):format(command, lua.command, process.quote(code)))
end

return interpreter
