-- The Lua blocks of some pages are one program each, which runs against the sandbox.

local pages = require "spec.support.pages"
local sandbox = require "spec.support.sandbox"

-- What they print, line by line where a program says so little, and in this order.
local PAGES = {
  ["docs/start.md"] = {
    "hello\t", "\nHello, Ada!\n", "\tRUNNING\n", 'COMPLETED\t{"seconds":0.3}\n', "the execution FAILED: no disk",
    "\nexecution\tFAILED\tfalse\n",
  },
  ["docs/schedules.md"] = {
    "^27 March 02:00, 28 March 01:00\n", "10\n", "until the migration is done\n", "Hello, night!\n$",
  },
  ["docs/failures.md"] = {
    "^1\n", "disk full\tnil\n", "the execution FAILED: disk full\n", "the execution FAILED: disk full\n$",
  },
  ["docs/python.md"] = {
    "^%S+\n", "\nhello\n", "\nHello\n", "\n300 registrations\n", "COMPLETED\n", "Hello, Ada!\n", "Hello, world!\n",
    "execution\tFAILED\t.*boom", "\nCOMPLETED\t%d", "WORKFLOW_EXECUTION_STARTED\n", "WORKFLOW_EXECUTION_COMPLETED\n",
    "\n5\n", "\nCOMPLETED\n", "Hello, Ada!\nHello, Grace!\nWORKFLOW_EXECUTION_STARTED\n", "\ndefault\n", "\n%d+\n$",
  },
}

for path, expected in pairs(PAGES) do
  describe(path, function()
    local server

    setup(function() server = sandbox.start { SANDBOX_REGISTRATIONS = 300 } end)
    teardown(function() server:stop() end)

    it("holds a program that works, and prints what it should", function()
      local output, status = server:run(table.concat(pages.blocks(path), "\n"))
      assert.equal(0, status, output)
      local from = 1
      for _, pattern in ipairs(expected) do
        local found, last = output:find(pattern, from)
        assert(found, ("%s is missing at byte %d of:\n%s"):format(pattern, from, output))
        from = pattern:find "\n$" and last or last + 1
      end
    end)
  end)
end
