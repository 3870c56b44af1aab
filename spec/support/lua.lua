--- Runs Lua programs with the interpreter that runs the tests.

local process = require "spec.support.process"

local lua = {}

--- The command of this interpreter: lua5.4, lua5.3, lua5.1 or luajit.
lua.command = rawget(_G, "jit") and "luajit" or "lua" .. _VERSION:match "[%d.]+"

--- What LUA is for the Makefile.
lua.name = rawget(_G, "jit") and "luajit" or _VERSION:match "[%d.]+"

--- Runs a shell command.
-- @param command text
-- @param environment table of variables, or nil
-- @return its output, standard error included, and its exit status
function lua.shell(command, environment)
  local variables = {}
  for name, value in pairs(environment or {}) do
    variables[#variables + 1] = ("%s=%s"):format(name, process.quote(value))
  end
  local export = #variables > 0 and "export " .. table.concat(variables, " ") or ":"
  local text = process.output(("exec 2>&1; %s; (%s) </dev/null; echo \"status=$?\""):format(export, command))
  local output, status = text:match "^(.*)status=(%d+)$"
  return output, tonumber(status)
end

--- The variables for a Lua that loads the module. A module with sanitizers needs their library in front of all others
-- (spec/run, SPEC_PRELOAD).
-- @param environment table of variables, or nil
function lua.variables(environment)
  local all, preload = {}, os.getenv "SPEC_PRELOAD"
  for name, value in pairs(environment or {}) do all[name] = value end
  if preload and preload ~= "" then all.LD_PRELOAD = all.LD_PRELOAD and preload .. ":" .. all.LD_PRELOAD or preload end
  return all
end

--- Runs a program.
-- @param arguments shell text: the file and its arguments
-- @param environment table of variables, or nil
-- @return its output, standard error included, and its exit status
function lua.run(arguments, environment)
  return lua.shell(lua.command .. " " .. arguments, lua.variables(environment))
end

return lua
