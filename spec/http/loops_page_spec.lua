-- The programs of docs/loops.md.

local pages = require "spec.support.pages"
local sandbox = require "spec.support.sandbox"

local BACKENDS = { "default", "poll" }

local function has(name) return (pcall(require, name)) end

local function sorted_lines(text)
  local lines = {}
  for line in text:gmatch "[^\n]+" do lines[#lines + 1] = line:gsub("%s+", " ") end
  table.sort(lines)
  return lines
end

describe("docs/loops.md", function()
  local server, texts

  setup(function()
    server = sandbox.start { SANDBOX_REGISTRATIONS = 20 }
    texts = pages.by_heading "docs/loops.md"
  end)

  teardown(function() server:stop() end)

  local ticking = { "1 0.3", "2 0.3", "3 0.3", "true" }
  local cases = {
    { "Many calls at once: map and gather", nil, { "5 5", "Hello, Ada!", "Hello, Edsger!", "Hello, Grace!" } },
    { "cqueues", "cqueues", ticking },
    { "luv", "luv", ticking },
    { "copas", "copas", ticking },
    { "An adapter of your own", nil, ticking },
  }
  for _, case in ipairs(cases) do
    local heading, library, expected = case[1], case[2], case[3]
    if not library or has(library) then
      for _, backend in ipairs(library == "copas" and { "default" } or BACKENDS) do
        it(("holds a program that works: %s (%s)"):format(heading, backend), function()
          local output, status = server:run(assert(texts[heading], "no program"),
            { MISTRAL_WORKFLOWS_BACKEND = backend })
          assert.equal(0, status, output)
          assert.same(expected, sorted_lines(output))
        end)
      end
    end
  end
end)

describe("the adapter for HAProxy in docs/loops.md", function()
  it("works with functions of the names that HAProxy has", function()
    local block
    for _, text in ipairs(pages.blocks "docs/loops.md") do
      if text:find("haproxy", 1, true) then block = text end
    end
    local server = sandbox.start { SANDBOX_REGISTRATIONS = 10 }
    local output, status = server:run([[
      local workflows = require "mistral.workflows"
      local tasks, sleeps = {}, 0
      local core = {
        msleep = function(milliseconds)
          sleeps = sleeps + 1
          local wake = workflows.now() + milliseconds / 1000
          repeat coroutine.yield() until workflows.now() >= wake
        end,
        register_task = function(fn) tasks[#tasks + 1] = coroutine.create(fn) end,
      }
      ]] .. block .. [[
      core.register_task(function() print(client.workflows:run("slow", { input = { seconds = 0.2 } }).seconds) end)
      repeat
        local alive = false
        for _, task in ipairs(tasks) do
          if coroutine.status(task) ~= "dead" then
            assert(coroutine.resume(task))
            alive = true
          end
        end
      until not alive
      print(sleeps > 1)]])
    server:stop()
    assert.equal(0, status, output)
    assert.equal("0.2\ntrue\n", output)
  end)
end)
