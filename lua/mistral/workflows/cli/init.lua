--- The command line tool: `mistral-workflows`, in short `mwf`.
-- @module mistral.workflows.cli

local context = require "mistral.workflows.cli.context"
local errors = require "mistral.workflows.errors"
local parser = require "mistral.workflows.cli.parser"
local problem = require "mistral.workflows.cli.problem"
local screen = require "mistral.workflows.cli.screen"
local suggest = require "mistral.workflows.suggest"
local text = require "mistral.workflows.cli.text"
local waiting = require "mistral.workflows.cli.waiting"

local status = problem.status

-- The first argument that is neither an option nor the value of one.
local function first_word(arguments)
  local takes_value = {}
  for _, option in ipairs(parser.common) do takes_value[option.name or ""] = true end
  local index = 1
  while arguments[index] and arguments[index]:find "^%-" do
    index = index + (takes_value[arguments[index]] and 2 or 1)
  end
  return arguments[index], index
end

local function parse(arguments)
  local root, commands = parser.new()
  local word, index = first_word(arguments)
  if word == "help" then
    word, arguments = arguments[index + 1], { arguments[index + 1], "--help" }
    if not word then arguments = { "--help" } end
  end
  if word and not commands[word] then problem.usage("%s", suggest("command", word, commands)) end
  local args = root:parse(arguments)
  return commands[args.command], args
end

-- Says on one line what ended the command. Returns the exit status.
local function explain(err, asked)
  screen.live(nil)
  if waiting.is_interrupt(err) then return status.interrupted end
  if problem.is(err) then
    if err.message then screen.note("%s: %s", parser.program, text.clean(err.message)) end
    return err.status
  end
  if not errors.is_error(err) then
    screen.note("%s: a fault of the tool itself: %s", parser.program, tostring(err))
    return status.fault
  end
  screen.note("%s: %s", parser.program, text.clean(require "mistral.workflows.cli.advice"(err, asked)))
  return problem.of_error(err)
end

local function perform(arguments)
  local command, args = parse(arguments)
  local asked = context.new(args)
  waiting.catch_interrupts()
  local ok, result = xpcall(function() return command.run(asked, args) end, function(err)
    return type(err) == "string" and debug.traceback(err, 2) or err
  end)
  if not ok then result = explain(result, asked) end
  asked:close()
  return result or status.ok
end

--- Runs the tool.
-- @param arguments of the command line
-- @return its exit status
return function(arguments)
  local ok, result = pcall(function()
    local ended = perform(arguments)
    screen.flush()
    return ended
  end)
  screen.live(nil)
  if not ok then result = explain(result) end
  if result == status.interrupted then screen.tool.die "INT" end
  return result
end
