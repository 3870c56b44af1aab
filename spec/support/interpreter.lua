--- Runs a piece of Lua in a process of its own, with exactly the variables that a test means to set.

local lua = require "spec.support.lua"
local process = require "spec.support.process"

local interpreter = {}

-- The variables that the library reads; they are taken away unless a test gives them.
local cleared = { "MISTRAL_API_KEY", "MISTRAL_SERVER_URL", "SSL_CERT_FILE", "MISTRAL_WORKFLOWS_BACKEND" }

-- A module with sanitizers needs their library in front of all others (spec/run, SPEC_PRELOAD).
local function with_preload(environment)
  local preload = os.getenv "SPEC_PRELOAD"
  if not preload or preload == "" then return environment end
  local all = {}
  for name, value in pairs(environment) do all[name] = value end
  all.LD_PRELOAD = all.LD_PRELOAD and preload .. ":" .. all.LD_PRELOAD or preload
  return all
end

--- Runs a piece of code.
-- @param environment table of variables, or nil
-- @return all that it wrote, on both outputs, without the last line end
function interpreter.run(environment, code)
  local command = "env"
  for _, name in ipairs(cleared) do command = command .. " -u " .. name end
  for name, value in pairs(with_preload(environment or {})) do
    command = ("%s %s"):format(command, process.quote(name .. "=" .. value))
  end
  return process.output(("%s %s -e %s 2>&1"):format(command, lua.command, process.quote(code)))
end

return interpreter
