-- The Lua blocks of README.md are one program, which runs against the sandbox.

local pages = require "spec.support.pages"
local sandbox = require "spec.support.sandbox"

describe("README.md", function()
  local server

  setup(function() server = sandbox.start { SANDBOX_REGISTRATIONS = 300 } end)
  teardown(function() server:stop() end)

  it("begins with a block that works alone", function()
    local output, status = server:run(pages.blocks "README.md"[1])
    assert.equal("Hello, Ada!\n", output)
    assert.equal(0, status)
  end)

  it("holds a tour that works, and prints what its comments say", function()
    local list = pages.blocks "README.md"
    assert(#list >= 8, "blocks are missing")
    local output, status = server:run(table.concat(list, "\n"))
    assert.equal(0, status, output)
    for _, expected in ipairs {
      "Hello, Ada!\n", "%d+ registrations\n", "\nHello\n", "COMPLETED\t0%.5\n", "\nWORKFLOW_EXECUTION_STARTED\n",
      "\t?WORKFLOW_EXECUTION_COMPLETED\n", "get 'no%-such%-workflow': HTTP 404: Workflow .* not found",
      "\nhttp\t404\tfalse\n", "unknown name 'limt'; did you mean 'limit'%?", "Hello, Grace!\n",
    } do
      assert(output:find(expected), ("%s is missing in:\n%s"):format(expected, output))
    end
  end)
end)
