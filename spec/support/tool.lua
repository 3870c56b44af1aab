--- Runs the command line tool as a user would, in a process of its own.
--
--     local out, status, err = tool.run(server, "list --json")

local lua = require "spec.support.lua"
local process = require "spec.support.process"
local sandbox = require "spec.support.sandbox"

local tool = {}

--- The shell text that runs it, in any directory.
tool.command = lua.command .. " " .. process.output "pwd" .. "/bin/mistral-workflows"

local cleared = { "MISTRAL_API_KEY", "MISTRAL_SA_TOKEN_PATH", "MISTRAL_SERVER_URL", "NO_COLOR", "COLUMNS" }

--- The variables for the tool: exactly those that a test means to set, and UTC.
-- @param server a sandbox, or nil
-- @param environment table of variables that differ, or nil
function tool.variables(server, environment)
  local variables = lua.variables { TZ = "UTC", LANG = "C.UTF-8" }
  if server then variables.MISTRAL_SERVER_URL, variables.MISTRAL_API_KEY = server.url, sandbox.key end
  for name, value in pairs(environment or {}) do variables[name] = value end
  return variables
end

--- Shell text in which `mwf` is the tool, and `$MWF` where it must be the process itself: in front of `&`.
-- @param text what the shell does
function tool.shell_text(server, text, environment)
  local words = { "unset " .. table.concat(cleared, " ") .. ";" }
  for name, value in pairs(tool.variables(server, environment)) do
    words[#words + 1] = ("export %s=%s;"):format(name, process.quote(value))
  end
  return ("%s MWF=%s; mwf() { $MWF \"$@\"; }; %s"):format(table.concat(words, " "), process.quote(tool.command), text)
end

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "*a"
  file:close()
  return text
end

--- Runs shell text in which `mwf` is the tool.
-- @param server a sandbox, or nil
-- @param text for /bin/sh
-- @param environment table of variables that differ, or nil
-- @return standard output, exit status, standard error
function tool.shell(server, text, environment)
  local directory = process.output "mktemp -d"
  local out, err = directory .. "/out", directory .. "/err"
  local status = process.output(("(%s) </dev/null >%s 2>%s; echo $?"):format(
    tool.shell_text(server, text, environment), out, err))
  local written, said = read(out), read(err)
  os.execute("rm -rf " .. directory)
  return written, tonumber(status), said
end

--- Runs the tool.
-- @param arguments shell text
-- @return standard output, exit status, standard error
function tool.run(server, arguments, environment)
  return tool.shell(server, "mwf " .. arguments, environment)
end

--- The lines of a text.
function tool.lines(text)
  local lines = {}
  for line in text:gmatch "([^\n]*)\n" do lines[#lines + 1] = line end
  return lines
end

return tool
