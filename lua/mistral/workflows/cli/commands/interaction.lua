--- Commands that act on running executions.

local parser = require "mistral.workflows.cli.parser"
local problem = require "mistral.workflows.cli.problem"
local reading = require "mistral.workflows.cli.reading"
local schema = require "mistral.workflows.cli.schema"
local screen = require "mistral.workflows.cli.screen"
local text = require "mistral.workflows.cli.text"
local values = require "mistral.workflows.cli.values"
local workflows = require "mistral.workflows"

local EXECUTION = { name = "execution", description = "Id of the execution." }
local EXECUTIONS = { name = "execution", args = "+", description = "Ids of executions, any number." }
local HANDLER = { name = "handler", argname = "name", description = "Its name; `mistral-workflows show` lists them." }

local function encode(value) return workflows.json.encode(value, { sort_keys = true }) end

local function body_of(args)
  return { name = args.handler, input = values.read(args.input, args.values) }
end

local function signal(asked, args)
  local body = body_of(args)
  local what = ("send %s to %s: %s"):format(args.handler, args.execution, encode(body.input or {}))
  local answer = asked:change(what, function()
    return asked:content(asked:client().executions:signal(args.execution, body, { raw = args.json }))
  end)
  if not answer then return end
  if args.json then return screen.write(answer, "\n") end
  screen.write("sent ", args.handler, " to ", args.execution, "\n")
end

-- What a query or an update answers.
local function show_answer(asked, answer)
  if asked.args.json then return screen.write(answer, "\n") end
  asked:json(workflows.value(answer.result, workflows.null))
end

local function query(asked, args)
  local options = { raw = args.json }
  show_answer(asked, asked:content(asked:client().executions:query(args.execution, body_of(args), options)))
end

local function update(asked, args)
  local body = body_of(args)
  local what = ("update %s with %s: %s"):format(args.execution, args.handler, encode(body.input or {}))
  local answer = asked:change(what, function()
    return asked:content(asked:client().executions:update(args.execution, body, { raw = args.json }))
  end)
  if answer then show_answer(asked, answer) end
end

-- Everything that some execution waits for; an execution that cannot be asked is told of and passed over.
local function all_inputs(asked, args)
  local rows, failed = {}, nil
  for execution, pending, err in asked:client().executions:waiting { workflow_identifier = args.workflow } do
    if err then
      failed = problem.status.service
      screen.note("%s: %s: %s", parser.program, reading.line(execution.execution_id), text.clean(err.message))
    end
    for _, each in ipairs(reading.objects(pending)) do
      each.execution_id, each.workflow_name = execution.execution_id, execution.workflow_name
      rows[#rows + 1] = each
    end
  end
  asked:rows({
    { title = "EXECUTION", field = "execution_id", keep = true }, { title = "WORKFLOW", field = "workflow_name" },
    { title = "TASK", field = "task_id", keep = true }, { title = "LABEL", field = "label" },
  }, rows)
  if #rows == 0 and screen.columns() then screen.note "no execution waits for input" end
  return failed
end

local function inputs(asked, args)
  if not args.execution then return all_inputs(asked, args) end
  local pending = asked:try(asked:client().executions:pending_inputs(args.execution))
  if args.json or not screen.columns() then
    return asked:rows({
      { title = "TASK", field = "task_id" }, { title = "LABEL", field = "label" },
      { title = "INPUT", field = "input_schema" },
    }, pending)
  end
  if #pending == 0 then screen.note("%s waits for no input", args.execution) end
  for _, each in ipairs(reading.objects(pending)) do
    screen.write(screen.paint("bold", reading.line(each.task_id)), "  ", reading.line(each.label), "\n")
    for _, line in ipairs(schema.outline(each.input_schema, screen.columns() - 2)) do screen.write("  ", line, "\n") end
  end
end

local function answer(asked, args)
  if args.task:find "[={]" then
    problem.usage("'%s' is no task; `%s inputs %s` shows what it waits for", args.task, parser.program, args.execution)
  end
  local input = values.read(args.input, args.values) or {}
  local what = ("answer %s of %s: %s"):format(args.task, args.execution, encode(input))
  local result = asked:change(what, function()
    return asked:try(asked:client().executions:submit_input(args.execution, args.task, input))
  end)
  if not result then return end
  if args.json then return asked:json(result) end
  screen.write("answered ", args.task, "\n")
end

-- Commands for any number of executions; each has an outcome of its own.
local function ender(verb, done)
  return function(asked, args)
    local executions = asked:client().executions
    local outcome = asked:change(verb .. " " .. table.concat(args.execution, ", "), function()
      return asked:try(executions[verb .. "_many"](executions, args.execution))
    end)
    if not outcome then return end
    if args.json then return asked:json(outcome) end
    local status
    for _, id in ipairs(args.execution) do
      local result = reading.list(reading.list(outcome.results)[id])
      if result.status == "success" then
        screen.write(done, " ", id, "\n")
      else
        status = problem.status.service
        local reason = reading.line(result.error)
        screen.note("%s: %s: %s", parser.program, id, reason ~= "" and reason or "the service does not say how it went")
      end
    end
    return status
  end
end

local function reset(asked, args)
  local body = {
    event_id = args.event, reason = args.reason,
    exclude_signals = args.exclude_signals, exclude_updates = args.exclude_updates,
  }
  local done = asked:change(("reset %s to event %d"):format(args.execution, args.event), function()
    return asked:try(asked:client().executions:reset(args.execution, body))
  end)
  if done then screen.write("reset ", args.execution, " to event ", ("%d"):format(args.event), "\n") end
end

local function whole_number(value)
  local number = tonumber(value)
  if number and number % 1 == 0 and number > 0 then return number end
  return nil, ("--event takes the number of an event, not '%s'"):format(value)
end

return {
  title = "Acting on executions",
  {
    name = "signal",
    summary = "Send a signal to a running execution.",
    arguments = { EXECUTION, HANDLER, values.argument },
    options = { values.option, parser.dry_run },
    examples = { { "signal my-id approve approved:=true" } },
    run = signal,
  },
  {
    name = "query",
    summary = "Ask a running execution, and print its answer.",
    arguments = { EXECUTION, HANDLER, values.argument },
    options = { values.option },
    examples = { { "query my-id get" } },
    run = query,
  },
  {
    name = "update-execution",
    summary = "Change a running execution, and print its answer.",
    arguments = { EXECUTION, HANDLER, values.argument },
    options = { values.option, parser.dry_run },
    examples = { { "update-execution my-id add n:=2" } },
    run = update,
  },
  {
    name = "inputs",
    summary = "Show the inputs that an execution waits for, or all executions.",
    arguments = { { name = "execution", args = "?", description = "Id of the execution; default: all that run." } },
    options = {
      { name = "--workflow", argname = "NAME", complete = "workflows",
        description = "Without an id: only executions of this workflow." },
    },
    examples = { { "inputs my-id" }, { "inputs --workflow form" } },
    run = inputs,
  },
  {
    name = "answer",
    summary = "Give an execution an input that it waits for.",
    arguments = {
      EXECUTION, { name = "task", description = "Id of the task, as `inputs` shows it." }, values.argument,
    },
    options = { values.option, parser.dry_run },
    examples = { { "answer my-id 5a9438a3-input approved:=true comment='Looks good'" } },
    run = answer,
  },
  {
    name = "cancel",
    summary = "Ask executions to stop.",
    arguments = { EXECUTIONS },
    options = { parser.dry_run },
    examples = { { "cancel my-id" }, { "cancel first-id second-id --dry-run" } },
    run = ender("cancel", "cancelled"),
  },
  {
    name = "terminate",
    summary = "Stop executions at once.",
    arguments = { EXECUTIONS },
    options = { parser.dry_run },
    examples = { { "terminate my-id" } },
    run = ender("terminate", "terminated"),
  },
  {
    name = "reset",
    summary = "Set an execution back to an earlier event of its history.",
    arguments = { EXECUTION },
    options = {
      { name = "--event", argname = "N", count = 1, convert = whole_number,
        description = "A completed workflow task in `mistral-workflows history`." },
      { name = "--reason", argname = "TEXT", description = "Kept with the execution." },
      { flag = "--exclude-signals", description = "Do not apply later signals again." },
      { flag = "--exclude-updates", description = "Do not apply later updates again." },
      parser.dry_run,
    },
    examples = { { "reset my-id --event 4 --reason 'the worker was wrong'" } },
    run = reset,
  },
}
