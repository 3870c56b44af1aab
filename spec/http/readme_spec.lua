-- The Lua blocks of README.md are one program, which runs against the sandbox.

local lua = require "spec.support.lua"
local pages = require "spec.support.pages"
local process = require "spec.support.process"
local sandbox = require "spec.support.sandbox"

describe("README.md", function()
  local server, program

  setup(function()
    server = sandbox.start { SANDBOX_REGISTRATIONS = 300 }
    program = os.tmpname()
  end)
  teardown(function()
    server:stop()
    os.remove(program)
  end)

  local function run(text)
    local file = assert(io.open(program, "wb"))
    file:write(text)
    file:close()
    return lua.run(process.quote(program), { MISTRAL_API_KEY = sandbox.key, MISTRAL_SERVER_URL = server.url })
  end

  it("begins with a block that works alone", function()
    local output, status = run(pages.blocks "README.md"[1])
    assert.equal("Hello, Ada!\n", output)
    assert.equal(0, status)
  end)

  it("holds a tour that works, and prints what its comments say", function()
    local list = pages.blocks "README.md"
    assert(#list >= 8, "blocks are missing")
    local output, status = run(table.concat(list, "\n"))
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
