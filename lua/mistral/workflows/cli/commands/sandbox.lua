--- The command that starts the local service.

local core = require "mistral.workflows.core"
local problem = require "mistral.workflows.cli.problem"
local service = require "mistral.workflows.testing.service"
local waiting = require "mistral.workflows.cli.waiting"

local LOOK_SECONDS = 0.2

local function quote(value) return "'" .. value:gsub("'", "'\\''") .. "'" end

local function find()
  return service.command()
    or problem.failure "the local service is not installed; it is in the folder sandbox of the project's source"
end

-- The service ends when its standard input does, and so with this program, however that ends. It says that it has ended
-- by making a file.
local function start(_, args)
  local ended = os.tmpname()
  os.remove(ended)
  local port = args.port and ("SANDBOX_PORT=%d "):format(args.port) or ""
  local command = ("SANDBOX_UNTIL_EOF=1 %s%s; echo $? >%s"):format(port, find(), quote(ended))
  local pipe = assert(io.popen(command, "w"))
  local ok, err = pcall(function()
    while not core.is_readable(ended) do waiting.loop.sleep(LOOK_SECONDS) end
  end)
  pipe:close()
  local file = io.open(ended)
  local status = file and file:read "*l"
  if file then file:close() end
  os.remove(ended)
  if not ok then error(err, 0) end
  if status ~= "0" then return problem.status.failed end
end

local function to_port(value)
  local port = tonumber(value)
  if port and port % 1 == 0 and port > 0 and port < 65536 then return port end
  return nil, ("--port takes a number from 1 to 65535, not '%s'"):format(value)
end

return {
  title = "Local service",
  {
    name = "sandbox",
    summary = "Start a local service to try things on, and print what to export.",
    description = "It stays in the foreground; Ctrl-C ends it. It needs nginx with Lua, and says what to install.",
    options = {
      { name = "--port", argname = "N", convert = to_port, description = "On this port of the loopback interface." },
    },
    examples = { { "sandbox --port 8080" } },
    run = start,
  },
}
