-- Each Lua block of the pages below is run against the sandbox, between what it needs and what tells that it did its
-- work; the blocks of all pages are run by a spec.

local pages = require "spec.support.pages"
local process = require "spec.support.process"
local sandbox = require "spec.support.sandbox"

-- The pages say what they mean; the sandbox has its own names.
local NAMES = { ["invoice%-check"] = "echo", ["expense%-approval"] = "form" }

local BEFORE = [[
local workflows = require "mistral.workflows"
local client = workflows.new()
local printed = {}
local function print(...)
  local words = { ... }
  for index = 1, select("#", ...) do words[index] = tostring(words[index]) end
  printed[#printed + 1] = table.concat(words, " ")
end
local function start(workflow, input)
  return assert(client.workflows:execute(workflow, { input = input })).execution_id
end
local function equal(expected, value)
  if value ~= expected then
    error(("%s was expected, not %s"):format(tostring(expected), tostring(value)), 2)
  end
end
]]

-- Text by which the block is known, what comes before it, and what after it.
local cases = {
  { "retry = { attempts = 6 }", "", "equal(6, client.options.retry.attempts) assert(client:whoami())" },
  { "local wanted", "", 'equal("echo", name) assert(#printed > 1)' },
  { 'description = workflows.null', "", 'equal(workflows.null, client.workflows:get("echo").workflow.description)' },
  { "prefetch = false", "start('echo', {})", "assert(#printed > 1) assert(printed[1]:find 'COMPLETED$')" },
  { "local cursor", [[
      local names = {}
      local function process(registration) names[#names + 1] = registration.id end
    ]], "local all = 0 for _ in client.registrations:each() do all = all + 1 end equal(all, #names)" },
  { "timeout = 600,", "", 'equal("A-17", result.invoice) equal("COMPLETED", execution.status) '
    .. 'equal("WORKFLOW_EXECUTION_COMPLETED", printed[#printed])' },
  { "if gap then", "local id = start('slow', { seconds = 0.2 })",
    'equal("COMPLETED", execution.status) equal("WORKFLOW_EXECUTION_STARTED", printed[1]) equal(nil, gap)' },
  { "join = true", "", [[
      equal("runs as invoice-A-17", printed[1])
      equal("invoice-A-17", execution.execution_id)
      local _, again = client.workflows:run("echo", { execution_id = "invoice-A-17" }, { join = true })
      equal(execution.start_time, again.start_time)
    ]] },
  { "as_completed", "local ids = { start('slow', { seconds = 0.4 }), start('fail') }", [[
      equal(2, #printed)
      assert(printed[1]:find("the execution FAILED: boom", 1, true), printed[1])
      assert(printed[2]:find(ids[1] .. " table: ", 1, true), printed[2])
    ]] },
  { "print(event.id, event.event_type, event.attributes)", "local id = start('hello')",
    "assert(printed[1]:find 'EXECUTION_STARTED') assert(printed[#printed]:find 'EXECUTION_COMPLETED')" },
  { "workflows.fold", "local id = start('tokens', { count = 5 })",
    "local _, state = next(states) equal('The cat sat on the ', state.text)" },
  { "submit_input", "local id = start('form')",
    "equal(true, assert(client.executions:wait(id, { timeout = 10 })).result.submitted.approved)" },
  { "client.executions:waiting", "local id = start('form')",
    "assert(printed[#printed]:find('^' .. id .. ' %S+ Approve')) assert(client.executions:terminate(id))" },
  { "local both", "local ids = { start('hello'), 'nobody', start('hello') }", [[
      equal(ids[1], results[1].execution_id)
      equal(404, errors[2].status)
      equal(ids[3], results[3].execution_id)
      assert(both[1].namespace and both[2].workflows)
    ]] },
  { "observer = function", "local seen = {} local function log(...) seen[#seen + 1] = { ... } end",
    'client.workflows:get "echo" equal("get_workflow", seen[1][1]) equal(1, seen[1][2]) equal(200, seen[1][3])' },
  { "transport = function", "", [[
      equal("hello", client.workflows:get("hello").workflow.name)
      equal("connect", select(2, client.runs:list({}, { retry = false })).kind)
    ]] },
}

local PAGES = { "calls", "configuration", "human-input", "many", "paging", "running", "streams" }

-- The pages with blocks that other specs run.
local runners = {
  ["docs/python.md"] = "program_pages_spec", ["docs/start.md"] = "program_pages_spec",
  ["docs/events.md"] = "events_page_spec", ["docs/loops.md"] = "loops_page_spec",
  ["docs/failures.md"] = "program_pages_spec", ["docs/schedules.md"] = "program_pages_spec",
  ["docs/testing.md"] = "testing_page_spec",
}

describe("the manual", function()
  local server
  local count = 0

  setup(function() server = sandbox.start { SANDBOX_REGISTRATIONS = 250 } end)
  teardown(function() server:stop() end)
  before_each(function() server:reset() end)

  local function try(name, block)
    it(("has a block in %s that works: %s"):format(name, block:match "[^\n]+"), function()
      local found
      for _, case in ipairs(cases) do
        if block:find(case[1], 1, true) then
          assert.is_nil(found, "more than one case is for " .. block)
          found = case
        end
      end
      assert.is_table(found, "no case is for " .. block)
      for word, known in pairs(NAMES) do block = block:gsub(word, known) end
      local output, status = server:run(table.concat({ BEFORE, found[2], block, found[3] }, "\n"))
      assert.equal(0, status, block .. output)
    end)
  end

  for _, name in ipairs(PAGES) do
    runners["docs/" .. name .. ".md"] = "manual_spec"
    for _, block in ipairs(pages.blocks("docs/" .. name .. ".md")) do
      count = count + 1
      try(name, block)
    end
  end

  it("has no fewer blocks than there are cases", function() assert.equal(#cases, count) end)
end)

describe("each page with Lua blocks", function()
  it("is run by a spec", function()
    local found = {}
    for path in process.output "ls docs/*.md":gmatch "[^\n]+" do
      if #pages.blocks(path) > 0 then found[path] = runners[path] or "none" end
    end
    assert.same(runners, found)
  end)
end)
