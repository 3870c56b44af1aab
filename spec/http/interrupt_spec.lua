-- SIGINT in the middle of calls, with the standalone interpreter.

local core = require "mistral.workflows.core"
local lua = require "spec.support.lua"
local player = require "spec.support.player"
local process = require "spec.support.process"
local workflows = require "mistral.workflows"

-- Waits in a call, tells how that ended, and what is still open; and then waits once more.
local PROGRAM = [[
local workflows = require "mistral.workflows"
io.stdout:setvbuf "no"
local client = workflows.new { api_key = "a-key-of-the-player", server_url = "%s" }
local request, waits = { execution_id = "mine" }, {}
function waits.run()
  client.workflows:run("w", request, { on_start = function(execution) print("started " .. execution.execution_id) end })
end
function waits.map() client:map({ "mine" }, function() waits.run() end) end
function waits.wait_for_events() client.executions:wait("forever", { on_event = function() end }) end
function waits.stream() for _ in client.executions:stream "forever" do end end
function waits.as_completed() for _ in client.executions:as_completed { "forever" } do end end
function waits.sleep() client:sleep(60) end
print("pid " .. assert(io.open "/proc/self/stat"):read "*n")
local ok, problem = pcall(waits["%s"])
print(ok, (tostring(problem):gsub("^.*: ", "")))
collectgarbage()
print("status " .. tostring((client.executions:get "mine" or {}).status))
print "again"
pcall(waits.sleep)
pcall(waits.sleep)
print "not reached"
]]

describe("SIGINT", function()
  local server, file

  setup(function()
    server = player.start()
    file = process.output "mktemp":gsub("%s+$", "")
  end)
  teardown(function()
    server:stop()
    os.remove(file)
    os.remove(file .. ".lua")
  end)
  before_each(function()
    server:reset()
    server:play({ forever = { events = 2, seconds = 600 } }, { script = { events = 2, seconds = 600 } })
  end)

  local function output()
    local handle = assert(io.open(file))
    local text = handle:read "*a"
    handle:close()
    return text
  end

  local function await_output(pattern)
    local limit = workflows.now() + 20
    while not output():find(pattern) do
      assert(workflows.now() < limit, output())
      core.sleep(0.02)
    end
    return output():match(pattern)
  end

  local function start(wait)
    local program = file .. ".lua"
    local handle = assert(io.open(program, "w"))
    handle:write(PROGRAM:format(server.url, wait))
    handle:close()
    local variables = {}
    for name, value in pairs(lua.variables()) do variables[#variables + 1] = name .. "=" .. process.quote(value) end
    process.output(("env %s %s %s >%s 2>&1 & true"):format(table.concat(variables, " "), lua.command, program, file))
    return await_output "pid (%d+)"
  end

  -- What each asks for while it waits.
  local waits = {
    run = "stream", map = "stream", wait_for_events = "stream", stream = "stream", as_completed = "status",
    sleep = false,
  }

  for wait, kind in pairs(waits) do
    it(("in %s raises an error at once, a second one ends the program"):format(wait), function()
      local pid = start(wait)
      if kind then
        local limit = workflows.now() + 20
        repeat
          core.sleep(0.05)
          assert(workflows.now() < limit)
        until (server:stats().counters[kind] or 0) > 0
      end
      core.sleep(0.1)
      local began = workflows.now()
      os.execute("kill -INT " .. pid)
      await_output "false%s+interrupted!"
      assert.truthy(workflows.now() - began < 3)
      await_output "again"
      if wait == "run" or wait == "map" then
        assert.truthy(output():find "started mine")
        assert.truthy(output():find "status RUNNING")
      end
      os.execute("kill -INT " .. pid)
      local limit = workflows.now() + 10
      while process.output(("kill -0 %s 2>/dev/null && echo there"):format(pid)):find "there" do
        assert(workflows.now() < limit)
        core.sleep(0.05)
      end
      assert.is_nil(output():find "not reached")
    end)
  end
end)
