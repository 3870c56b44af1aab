-- The Lua blocks of docs/events.md are one program, which runs against the sandbox.

local lua = require "spec.support.lua"
local process = require "spec.support.process"
local sandbox = require "spec.support.sandbox"

describe("docs/events.md", function()
  local server, program

  setup(function()
    server = sandbox.start { SANDBOX_REGISTRATIONS = 100 }
    program = os.tmpname()
  end)
  teardown(function()
    server:stop()
    os.remove(program)
  end)

  it("holds a program that prints the events of executions", function()
    local file, out = assert(io.open("docs/events.md", "rb")), assert(io.open(program, "wb"))
    for block in file:read("*a"):gmatch "\n```lua\n(.-)```" do out:write(block, "\n") end
    file:close()
    out:close()
    local output, status = lua.run(process.quote(program),
      { MISTRAL_API_KEY = sandbox.key, MISTRAL_SERVER_URL = server.url })
    assert.equal(0, status, output)
    local events = { "WORKFLOW_EXECUTION_STARTED", "CUSTOM_TASK_STARTED" }
    for _ = 1, 4 do events[#events + 1] = "CUSTOM_TASK_IN_PROGRESS" end
    events[#events + 1] = "CUSTOM_TASK_COMPLETED"
    events[#events + 1] = "WORKFLOW_EXECUTION_COMPLETED"
    local expected = {}
    for _, how in ipairs { "streamed", "listed" } do
      for _, event in ipairs(events) do expected[#expected + 1] = how .. "\t" .. event end
    end
    expected[#expected + 1] = "state\tThe cat sat on the "
    expected[#expected + 1] = "asked\tApprove the order"
    expected[#expected + 1] = "sign in at\t(http://127.0.0.1)"
    assert.equal(table.concat(expected, "\n") .. "\n", (output:gsub("(http://127%.0%.0%.1):%S+", "(%1)")))
  end)
end)
