--- Commands that start executions and wait for them.

local core = require "mistral.workflows.core"
local parser = require "mistral.workflows.cli.parser"
local problem = require "mistral.workflows.cli.problem"
local progress = require "mistral.workflows.cli.progress"
local reading = require "mistral.workflows.cli.reading"
local screen = require "mistral.workflows.cli.screen"
local text = require "mistral.workflows.cli.text"
local time = require "mistral.workflows.cli.time"
local values = require "mistral.workflows.cli.values"
local waiting = require "mistral.workflows.cli.waiting"
local workflows = require "mistral.workflows"

local WORKFLOW = { name = "workflow", description = "Name or id of the workflow.", complete = "workflows" }
local ID = { name = "--id", argname = "ID", description = "The id of the execution: A-Z a-z 0-9 _ -, up to 256." }
local DEPLOYMENT = {
  name = "--deployment", argname = "NAME", complete = "deployments",
  description = "Where it runs, when several deployments have this workflow.",
}
local TIMEOUT = {
  name = "--timeout", argname = "TIME", convert = time.to_duration,
  description = "Wait at most so long (30s, 10m, 2h); the execution goes on.",
}
local ON_TIMEOUT = {
  name = "--on-timeout", argname = "leave|cancel", choices = { "leave", "cancel" },
  description = "What happens to the execution when --timeout is over; leave is the default.",
}
local STREAM = { name = "--stream", argname = "NAME", description = "Show the text of this event stream as it grows." }
local ON_INTERRUPT = {
  name = "--on-interrupt", argname = "leave|cancel", choices = { "leave", "cancel" }, default = "leave",
  show_default = false, description = "What Ctrl-C does to the execution; leave is the default. Twice ends at once.",
}

-- The request that the arguments mean. The tool chooses the id, so that it can be told whatever happens.
local function request_of(args)
  return {
    input = values.read(args.input, args.values), execution_id = args.id or core.random(16),
    deployment_name = args.deployment,
  }
end

local function describe(args, request)
  local input = request.input and workflows.json.encode(request.input, { sort_keys = true }) or "no input"
  return ("start %s with %s%s"):format(args.workflow, input, args.id and " as " .. args.id or "")
end

local function start(asked, args)
  local request = request_of(args)
  local execution = asked:change(describe(args, request), function()
    local options = { raw = args.json }
    return asked:content(asked:client().workflows:execute(args.workflow, request, options))
  end)
  if not execution then return end
  screen.write(args.json and execution or reading.line(execution.execution_id), "\n")
end

-- Shows an execution that has ended: its result, or with --json what the service tells of it.
local function show_end(asked, execution)
  if asked.args.json or asked.args.fields then
    return asked:show(function(options)
      return asked:client().executions:get(execution.execution_id, nil, options)
    end)
  end
  asked:json(workflows.value(execution.result, workflows.null))
end

-- The options of `run` and `wait`, for something that is shown while it is waited for.
local function watched(args, shown)
  local visible = screen.size_of_errors() or args.stream
  screen.live(function(columns) return shown:lines(columns) end)
  return {
    timeout = args.timeout, on_event = visible and function(event) shown:see(event) end or nil,
  }
end

local function say_how_to_come_back(id, certain)
  local program = parser.program
  if not certain then
    screen.note("%s: interrupted before the service said that it had started %s; to look: %s get %s",
      program, id, program, id)
    return
  end
  screen.note("%s: %s is left running; to come back: %s wait %s; to stop it: %s cancel %s",
    program, id, program, id, program, id)
end

-- Cancels the execution and waits for its end.
local function cancel_and_wait(asked, id, shown)
  local client = asked:client()
  shown.status = "CANCELLING"
  local cancelled, err = client.executions:cancel(id)
  if not cancelled and err.status ~= 409 then error(err, 0) end -- 409: it has ended meanwhile
  local execution
  execution, err = client.executions:wait(id, { timeout = asked.args.timeout })
  return execution and execution.result, execution or err
end

-- Calls fn, which waits for the execution `id`, and does what an interrupt asks for meanwhile.
local function until_interrupted(asked, id, shown, state, fn)
  local ok, result, second, gap = pcall(fn)
  if ok then return result, second, gap end
  if not waiting.is_interrupt(result) then error(result, 0) end
  if asked.args.on_interrupt == "cancel" then return cancel_and_wait(asked, id, shown) end
  shown:finish()
  say_how_to_come_back(id, state.started)
  problem.exit(problem.status.interrupted)
end

-- `gap` says that not all events could be had; the result is whole all the same.
local function finish(asked, shown, result, execution, gap)
  shown:finish()
  if gap then screen.note("%s: %s", parser.program, text.clean(gap.message)) end
  if result == nil then error(execution, 0) end
  return show_end(asked, execution)
end

local function run(asked, args)
  if args.join and not args.id then problem.usage "--join needs the --id of the execution to join" end
  local request, state = request_of(args), {}
  if args.dry_run then return asked:change(describe(args, request)) end
  local client, shown = asked:client(), progress.new(args.workflow, args.stream)
  local options = watched(args, shown)
  options.join, options.on_timeout = args.join, args.on_timeout
  options.on_start = function()
    state.started, shown.status = true, "RUNNING"
    waiting.hold(false)
  end
  -- What is to be cancelled must have started.
  waiting.hold(args.on_interrupt == "cancel")
  return finish(asked, shown, until_interrupted(asked, request.execution_id, shown, state, function()
    return client.workflows:run(args.workflow, request, options)
  end))
end

local function wait_for_one(asked, args)
  local id, client = args.execution[1], asked:client()
  local known = asked:content(client.executions:get(id))
  local shown = progress.new(reading.text(known.workflow_name), args.stream)
  shown.status = reading.line(known.status)
  return finish(asked, shown, until_interrupted(asked, id, shown, { started = true }, function()
    local execution, err, gap = client.executions:wait(id, watched(args, shown))
    return execution, execution or err, gap
  end))
end

-- One line of an execution that ended, or could not be waited for.
local function show_ended(asked, execution, err)
  local status = workflows.value(execution.status, err and err.kind or "")
  if asked.args.json then
    local text_of, problem_of = asked:client().executions:get(execution.execution_id, nil, { raw = true })
    return screen.write(asked:try(text_of, err or problem_of), "\n")
  end
  local what = err and err.message
    or workflows.json.encode(workflows.value(execution.result, workflows.null), { sort_keys = true })
  local line = {
    screen.paint("bold", reading.line(execution.execution_id)),
    screen.paint(screen.status_colour(status), reading.line(status)), text.clean(what),
  }
  screen.write(table.concat(line, screen.columns() and "  " or "\t"), "\n")
end

local function wait_for_many(asked, args)
  local total, ended, worst = #args.execution, 0, nil
  screen.live(function(columns)
    local share = ended / total
    return { text.cut(("%d of %d ended"):format(ended, total), columns - 34) .. "  " .. progress.bar(share, 30) }
  end)
  for execution, err in asked:client().executions:as_completed(args.execution, { timeout = args.timeout }) do
    ended = ended + 1
    show_ended(asked, execution, err)
    worst = worst or err and problem.of_error(err)
  end
  screen.live(nil)
  return worst
end

local function wait(asked, args)
  if #args.execution == 1 then return wait_for_one(asked, args) end
  return wait_for_many(asked, args)
end

return {
  title = "Running",
  {
    name = "run",
    summary = "Start a workflow, wait for its end, and print its result.",
    description = "On a terminal, what it does is shown meanwhile. Ctrl-C leaves it running and says how to come back.",
    arguments = { WORKFLOW, values.argument },
    options = {
      values.option, ID,
      { flag = "--join", description = "With --id: wait for the execution of that id where there is one already." },
      TIMEOUT, ON_TIMEOUT, DEPLOYMENT, STREAM, ON_INTERRUPT, parser.dry_run,
    },
    examples = {
      { "run hello name=Ada" },
      { "run invoice-check --input @invoice.json --timeout 10m" },
      { "run invoice-check --id invoice-2026-17 --join invoice=A-17 retries:=3", "can be repeated: it starts once" },
    },
    run = run,
  },
  {
    name = "start",
    summary = "Start a workflow and print the id of the execution.",
    arguments = { WORKFLOW, values.argument },
    options = { values.option, ID, DEPLOYMENT, parser.dry_run },
    examples = { { "start slow seconds:=30" } },
    run = start,
  },
  {
    name = "wait",
    summary = "Wait for executions, and print their results as they come.",
    description = "The exit status is that of the first that did not complete.",
    arguments = { { name = "execution", args = "+", description = "Ids of executions, any number." } },
    options = { TIMEOUT, STREAM, ON_INTERRUPT },
    examples = { { "wait my-id" }, { "wait $(mwf start slow) $(mwf start hello)" } },
    run = wait,
  },
}
