--- Runs the command line tool inside the process of the test, against a testing client: a millisecond each, so that
-- whole outputs and all requests can be compared. What is above the wire is the real tool and the real client.
--
--     local ended = commands.run("list --limit 1", { get_workflows = { workflows = { { name = "a" } } } })
--     assert.same({ "GET /v1/workflows?limit=1" }, ended.requests)
--     assert.equal("a\n", ended.out)
--
-- What the tool has of the system is the test's: the outputs, the time of the day, Ctrl-C. The screen is the test's,
-- too: what is drawn comes as lines, and colours as words. spec/support/display.lua has the real one.

local display = require "spec.support.display"
local main = require "mistral.workflows.cli"
local screen = require "mistral.workflows.cli.screen"
local testing = require "mistral.workflows.testing"
local waiting = require "mistral.workflows.cli.waiting"
local workflows = require "mistral.workflows"

local commands = {}

--- The time of the day: 2026-01-31 12:00:00 UTC.
commands.now = 1769860800

local CLIENT = "mistral.workflows.cli.client"

-- Takes the place of members of tables; returns a function that puts them back.
local function replace(list)
  local before = {}
  for index, each in ipairs(list) do
    before[index] = rawget(each[1], each[2])
    rawset(each[1], each[2], each[3])
  end
  return function()
    for index, each in ipairs(list) do rawset(each[1], each[2], before[index]) end
  end
end

-- The words of a text, as a shell has them where there are no quotes but these: 'a b'.
local function words_of(text)
  local words = {}
  for word in (text .. " "):gsub("'([^']*)'", function(quoted) return "\1" .. quoted:gsub(" ", "\2") end)
    :gmatch "(%S+)%s" do
    words[#words + 1] = word:gsub("\1", ""):gsub("\2", " ")
  end
  return words
end

-- "PUT /v1/workflows/hello {"display_name":"Hi"}"
local function line_of(request)
  local body = request.json and " " .. workflows.json.encode(request.json, { sort_keys = true }) or ""
  return ("%s %s%s%s"):format(request.method, request.path, request.query and "?" .. request.query or "", body)
end

local function lines_of(client)
  local lines = {}
  for index, request in ipairs(client and client.requests or {}) do lines[index] = line_of(request) end
  return lines
end

-- The client, which looks for Ctrl-C and draws where the tool's own loop does.
local function client_of(state, answers)
  local client = testing.client(answers)
  local loop = client.options.loop
  local function turning(fn)
    return function(...)
      waiting.check()
      if state.live then state.drawn[#state.drawn + 1] = table.concat(state.live(state.columns - 1), "\n") end
      return fn(...)
    end
  end
  loop.wait, loop.sleep = turning(loop.wait), turning(loop.sleep)
  return client
end

local interrupts = 0

--- Ctrl-C, for the functions that answer.
function commands.interrupt() interrupts = interrupts + 1 end

--- Runs the tool.
-- @param arguments a text of words, or a list
-- @param answers those of a testing client, or nil
-- @param options { columns: of the terminal, where the outputs are one; input: of standard input }, or nil
-- @return { out, err, status, requests: a line each; drawn: what the live area had, each time; closed, killed }
function commands.run(arguments, answers, options)
  local state = { drawn = {}, columns = options and options.columns, closed = false }
  local out, written = display.collector()
  local err, said = display.collector()
  local client
  local time = os.time
  local restore = replace {
    { io, "stdout", out }, { io, "stderr", err }, { io, "stdin", options and options.input or io.stdin },
    { os, "time", function(...) return select("#", ...) > 0 and time(...) or commands.now end },
    { package.loaded, CLIENT, function(args)
      client = client_of(state, answers or {})
      local close = client.close
      function client:close() -- luacheck: ignore 212
        state.closed = true
        return close(self)
      end
      state.args = args
      return client
    end },
    { screen, "columns", function() return state.columns end },
    { screen, "size_of_errors", function() return state.columns, state.columns and 24 end },
    { screen, "live", function(lines) state.live = state.columns and lines or nil end },
    { screen, "keep", function() state.kept, state.live = true, nil end },
    { screen, "paint", function(colour, value)
      return state.columns and colour and value ~= "" and ("<%s %s>"):format(colour, value) or value
    end },
    { screen.tool, "interrupts", function() return interrupts end },
    { screen.tool, "catch_interrupts", function() state.catches = true end },
    { screen.tool, "die", function(signal) state.killed = signal end },
  }
  local ok, status = pcall(main, type(arguments) == "table" and arguments or words_of(arguments))
  restore()
  if not ok then error(status, 0) end
  return {
    out = table.concat(written), err = table.concat(said), status = status, requests = lines_of(client),
    drawn = state.drawn, kept = state.kept, live = state.live ~= nil, closed = state.closed, killed = state.killed,
    args = state.args,
  }
end

return commands
