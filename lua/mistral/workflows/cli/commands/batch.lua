--- The command that runs a workflow for many inputs.

local batch_inputs = require "mistral.workflows.cli.batch_inputs"
local journal = require "mistral.workflows.cli.journal"
local parser = require "mistral.workflows.cli.parser"
local problem = require "mistral.workflows.cli.problem"
local screen = require "mistral.workflows.cli.screen"
local status = require "mistral.workflows.status"
local tally = require "mistral.workflows.cli.tally"
local text = require "mistral.workflows.cli.text"
local time = require "mistral.workflows.cli.time"
local waiting = require "mistral.workflows.cli.waiting"
local workflows = require "mistral.workflows"

-- So many inputs in a row with which the service would do nothing end the batch: it is not the inputs.
local LEAST_PATIENCE = 8
-- What no other input will change: a wrong key, no permission, no such workflow.
local lasting = { [401] = true, [403] = true, [404] = true }

local function base_name(path) return path:match "([^/]+)/*$" or path end

-- The line that is printed for an input, and kept in the journal.
local function line_of(item, execution_id, execution, err)
  return workflows.json.encode({
    input = item.number, id = item.id, execution_id = execution_id, status = execution and execution.status,
    result = execution and execution.result, error = err and err.message,
  }, { sort_keys = true })
end

-- The id to start an input under: its own; or with --retry-failed the first one whose execution did not fail.
local function free_id(batch, item)
  local attempt, id = 0, item.id
  while batch.retry_failed do
    local execution, err = batch.client.executions:get(id, nil, { fields = { "status" } })
    if not execution and err.status ~= 404 then return nil, err end
    if not execution or not status.is_final(execution.status) or execution.status == "COMPLETED" then break end
    attempt = attempt + 1
    id = batch_inputs.id(batch.name, item.line, item.occurrence, attempt)
  end
  return id
end

-- Inputs that failed without an execution are tried again by the next start: they are not in the journal.
local function report(batch, item, id, execution, err)
  local line = line_of(item, id, execution, err)
  screen.write(line, "\n")
  screen.flush()
  if execution and status.is_final(execution.status) then batch.journal:add(line) end
  batch.tally:add(item.number, workflows.value(execution and execution.status, err and err.kind), err and err.message)
end

-- Ends the batch where the service, and not one input, is what fails. An error object alone would end one input only.
local function lose_patience(batch, execution, err)
  if execution or err.status == 422 or err.kind == "invalid" then
    batch.in_a_row = 0
    return
  end
  batch.in_a_row = batch.in_a_row + 1
  if lasting[err.status] or batch.in_a_row >= batch.patience then
    batch.stopped_by = err
    error(batch, 0)
  end
end

local function run_one(batch, item)
  local id, err = free_id(batch, item)
  local result, execution
  if id then
    batch.running[id] = true
    local request = {
      input = workflows.json.decode(item.line), execution_id = id, deployment_name = batch.deployment,
    }
    local options = { join = true, timeout = batch.timeout }
    result, execution = batch.client.workflows:run(batch.workflow, request, options)
    batch.running[id] = nil
    if result == nil then err, execution = execution, execution.execution end
  end
  lose_patience(batch, execution, err)
  report(batch, item, id, execution, err)
end

-- What the journal has is printed again; returns the inputs that are left.
local function without_done(batch, items)
  local left = {}
  for _, item in ipairs(items) do
    local entry, line = batch.journal:find(item.id)
    if entry and (entry.status == "COMPLETED" or not batch.retry_failed) then
      screen.write(line, "\n")
      batch.tally:add(item.number, entry.status, workflows.value(entry.error), true)
    else
      left[#left + 1] = item
    end
  end
  return left
end

local function interrupted(batch, args)
  screen.live(nil)
  local ids = {}
  for id in pairs(batch.running) do ids[#ids + 1] = id end
  if args.on_interrupt == "cancel" and #ids > 0 then
    batch.client.executions:cancel_many(ids)
    screen.note("%s: interrupted, %s cancelled; the same command goes on", parser.program,
      text.count(#ids, "execution"))
  else
    screen.note("%s: interrupted, %s left running; the same command goes on", parser.program,
      text.count(#ids, "execution"))
  end
  batch.tally:summarize()
  problem.exit(problem.status.interrupted)
end

local function go(batch, items, concurrency)
  local ok, err = pcall(batch.client.map, batch.client, items, function(item) run_one(batch, item) end,
    { concurrency = concurrency })
  batch.journal:close()
  screen.live(nil)
  return ok, err
end

local function check(args)
  if args.inputs == "-" and not args.name then problem.usage "--inputs - needs a --name for the batch" end
  if args.name and args.name:find "%c" then problem.usage "--name takes no control characters" end
end

local function batch(asked, args)
  check(args)
  local name = args.name or ("%s %s"):format(args.workflow, base_name(args.inputs))
  local shard = args.shard or { shard = 1, shards = 1 }
  local items = batch_inputs.read { path = args.inputs, name = name, shard = shard.shard, shards = shard.shards }
  local what = ("run %s for %s"):format(args.workflow, text.count(#items, "input"))
  if args.dry_run then return asked:change(what) end
  local self = {
    client = asked:client(), workflow = args.workflow, name = name, deployment = args.deployment,
    timeout = args.timeout,
    retry_failed = args.retry_failed, journal = journal.open(args.journal), tally = tally.new(#items),
    running = {}, in_a_row = 0, patience = math.max(LEAST_PATIENCE, args.concurrency),
  }
  screen.live(function(columns) return self.tally:lines(columns) end)
  local ok, err = go(self, without_done(self, items), args.concurrency)
  if not ok and waiting.is_interrupt(err) then interrupted(self, args) end
  self.tally:summarize()
  if not ok then error(err == self and self.stopped_by or err, 0) end
  if #self.tally.failures > 0 then return problem.status.failed end
end

local function to_count(value)
  local number = tonumber(value)
  if number and number >= 1 and number % 1 == 0 then return number end
  return nil, ("--concurrency takes a whole number, not '%s'"):format(value)
end

return {
  title = "Batches",
  {
    name = "batch",
    summary = "Run a workflow for many inputs, and print each result.",
    description = "Each input is a line of JSON, and so is each result. Killed at any point and started again it goes "
      .. "on: an input that was started is not started again. What is done according to the journal is printed again "
      .. "first, so that the output is complete.",
    arguments = { { name = "workflow", description = "Name or id of the workflow.", complete = "workflows" } },
    options = {
      { name = "--inputs", argname = "FILE", count = 1, complete = "files",
        description = "A JSON object on each line; - for standard input." },
      { name = "--concurrency", argname = "N", default = "16", convert = to_count, show_default = false,
        description = "How many run at the same time (16)." },
      { name = "--journal", argname = "FILE", complete = "files", description = "Keep what is done in this file." },
      { name = "--name", argname = "NAME",
        description = "The batch's name, which its ids are made of; default: the workflow and the file's name." },
      { name = "--shard", argname = "I/N", convert = batch_inputs.to_shard,
        description = "Only the I-th of N parts of the inputs." },
      { flag = "--retry-failed", description = "Start what has failed again, under new ids." },
      { name = "--timeout", argname = "TIME", convert = time.to_duration,
        description = "Wait at most so long for each." },
      { name = "--deployment", argname = "NAME", complete = "deployments",
        description = "Where it runs, when several deployments have this workflow." },
      { name = "--on-interrupt", argname = "leave|cancel", choices = { "leave", "cancel" },
        description = "What Ctrl-C does to what runs; leave is the default. Twice ends at once." },
      parser.dry_run,
    },
    examples = {
      { "batch invoice-check --inputs invoices.jsonl --journal invoices.journal > results.jsonl" },
      { "batch invoice-check --inputs invoices.jsonl --shard 2/8", "the second of eight machines" },
    },
    run = batch,
  },
}
