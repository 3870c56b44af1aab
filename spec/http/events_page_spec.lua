-- The Lua blocks of docs/events.md are one program, which runs against the sandbox.

local pages = require "spec.support.pages"
local sandbox = require "spec.support.sandbox"

describe("docs/events.md", function()
  local server

  setup(function() server = sandbox.start { SANDBOX_REGISTRATIONS = 100 } end)
  teardown(function() server:stop() end)

  it("holds a program that prints the events of executions", function()
    local output, status = server:run(table.concat(pages.blocks "docs/events.md", "\n"))
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
