--- The command that starts the local service.

local core = require "mistral.workflows.core"
local problem = require "mistral.workflows.cli.problem"
local screen = require "mistral.workflows.cli.screen"
local service = require "mistral.workflows.testing.service"
local waiting = require "mistral.workflows.cli.waiting"

local LOOK_SECONDS = 0.2

local function start(_, args)
  local server, reason = service.start { port = args.port }
  if not server then problem.failure("the local service: %s", reason) end
  screen.write("export MISTRAL_SERVER_URL=", server.url, "\nexport MISTRAL_API_KEY=sandbox\n")
  screen.note "a local service; Ctrl-C ends it"
  local _, err = pcall(function()
    while core.is_readable(server.log) do waiting.loop.sleep(LOOK_SECONDS) end
    problem.failure "the local service has ended"
  end)
  server:stop()
  error(err, 0)
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
