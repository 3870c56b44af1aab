--- Commands that look at executions and their runs.

local listing = require "mistral.workflows.cli.listing"
local parser = require "mistral.workflows.cli.parser"
local screen = require "mistral.workflows.cli.screen"
local time = require "mistral.workflows.cli.time"
local workflows = require "mistral.workflows"
local reading = require "mistral.workflows.cli.reading"

local EXECUTION = { name = "execution", description = "Id of the execution." }

local STATUSES = {
  "RUNNING", "COMPLETED", "FAILED", "CANCELED", "TERMINATED", "CONTINUED_AS_NEW", "TIMED_OUT", "RETRYING_AFTER_ERROR",
}

local function to_status(value)
  for _, status in ipairs(STATUSES) do
    if value:upper():gsub("%-", "_") == status then return status end
  end
  return nil, ("'%s' is no status; there are %s"):format(value, table.concat(STATUSES, ", "))
end

local function status_cell(value) return value, screen.status_colour(value) end

-- How long a run took, or has been running.
local function duration(run)
  local length = reading.number(run.total_duration_ms)
  if length then return time.length(length / 1000) end
  local start = workflows.time.parse(reading.text(run.start_time))
  return start and run.status == "RUNNING" and time.length(math.max(0, os.time() - start)) or nil
end

local function run_columns(asked)
  return {
    { title = "EXECUTION", field = "execution_id", keep = true },
    { title = "WORKFLOW", field = "workflow_name", keep = true },
    { title = "STATUS", field = "status", show = status_cell, least = 9, keep = true },
    { title = "STARTED", field = "start_time", drop = true, show = function(value) return asked:moment(value) end },
    { title = "TOOK", needs = { "total_duration_ms", "start_time", "status" }, value = duration, right = true,
      drop = true },
    { title = "DEPLOYMENT", field = "deployment_name", drop = true },
    { title = "RUN", field = "run_id", least = 36, drop = true },
  }
end

-- Each --status may be followed by several.
local function joined(lists)
  local all = {}
  for _, list in ipairs(lists) do
    for _, value in ipairs(list) do all[#all + 1] = value end
  end
  return all
end

local function run_params(args)
  return {
    status = args.status and joined(args.status) or nil, workflow_identifier = args.workflow,
    deployment_name = args.deployment,
    search = args.search, user_id = args.mine and "current", workflow_tags = args.tag or nil,
    start_time_after = args.since, start_time_before = args.before, root_execution_id = args.root,
    include_internal = args.internal or false, page_size = 200,
  }
end

local WATCH_SECONDS, WATCHED = 2, 200

-- The newest runs, as they are now, and the text of each.
local function newest(asked, args)
  local params, list, texts = run_params(args), {}, {}
  params.page_size = math.min(args.limit or WATCHED, WATCHED)
  for line in asked:client().runs:each(params, { raw = true, prefetch = false }) do
    if #list >= params.page_size then break end
    list[#list + 1] = workflows.json.decode(line)
    texts[list[#list]] = line
  end
  return list, texts
end

-- A table that is drawn again and again.
local function watch_table(asked, args)
  local list = newest(asked, args)
  screen.live(function(columns) return listing.new(run_columns(asked), columns):lines(list) end)
  local _, err = pcall(function()
    while true do
      asked:client():sleep(WATCH_SECONDS)
      list = newest(asked, args)
    end
  end)
  screen.keep()
  error(err, 0)
end

-- A line for each run that is new or has another status than before, the oldest first.
local function watch_changes(asked, args)
  local seen, rows = {}, listing.new(run_columns(asked), screen.columns())
  while true do
    local changed = {}
    local list, texts = newest(asked, args)
    for index = #list, 1, -1 do
      local run = list[index]
      local key = workflows.value(run.run_id, run.execution_id)
      if seen[key] ~= run.status then changed[#changed + 1] = run end
      seen[key] = run.status
    end
    for _, run in ipairs(args.json and changed or {}) do screen.write(texts[run], "\n") end
    if not args.json then rows:add(changed) end
    asked:client():sleep(WATCH_SECONDS)
  end
end

local function runs(asked, args)
  if args.watch then
    local drawn = screen.columns() and screen.size_of_errors() and not args.json
    return (drawn and watch_table or watch_changes)(asked, args)
  end
  asked:list {
    resource = asked:client().runs, member = "executions", none = "no runs", params = run_params(args),
    columns = run_columns(asked),
  }
end

local function get(asked, args)
  local client = asked:client()
  asked:show(function(options) return client.executions:get(args.execution, nil, options) end, function(execution)
    asked:details {
      { "execution", execution.execution_id }, { "workflow", execution.workflow_name },
      { "status", execution.status, screen.status_colour(execution.status) },
      { "started", asked:clock(execution.start_time) }, { "ended", asked:clock(execution.end_time) },
      { "took", duration(execution) },
      { "deployment", execution.deployment_name }, { "run", execution.run_id },
      { "parent", execution.parent_execution_id },
      { "root", execution.root_execution_id ~= execution.execution_id and execution.root_execution_id },
      { "result", execution.result ~= workflows.null and execution.result ~= nil
        and workflows.json.encode(execution.result, { indent = screen.columns() and 2, sort_keys = true }) },
    }
  end)
end

-- "EVENT_TYPE_WORKFLOW_TASK_STARTED" -> "workflow task started"
local function event_name(value)
  return (reading.text(value):gsub("^EVENT_TYPE_", ""):lower():gsub("_", " "))
end

-- What an event of the engine's history carries: the one member that holds its attributes.
local function attributes(event)
  for name, value in pairs(event) do
    if reading.text(name):find "Attributes$" then return value end
  end
end

local function history(asked, args)
  local params = { decode_payloads = not args.encoded }
  local read = function(options) return asked:client().executions:history(args.execution, params, options) end
  asked:show(read, function(answer)
    listing.new({
      { title = "EVENT", field = "eventId", right = true, keep = true },
      { title = "TIME", field = "eventTime", show = function(value) return asked:clock(value) end },
      { title = "TYPE", field = "eventType", show = event_name, keep = true },
      { title = "ATTRIBUTES", value = attributes, drop = true },
    }, screen.columns()):add(reading.objects(answer.events))
  end)
end

return {
  title = "Executions",
  {
    name = "runs",
    summary = "List runs of workflows, the newest first.",
    options = {
      { name = "--status", argname = "STATUS", args = "+", count = "*", convert = to_status, words = STATUSES,
        description = "Only those with one of these statuses." },
      { name = "--workflow", argname = "NAME", complete = "workflows", description = "Only those of this workflow." },
      { name = "--since", argname = "TIME", convert = time.to_moment,
        description = "Only those that started since: 24h, 7d, 2026-01-31T08:00:00Z." },
      { name = "--before", argname = "TIME", convert = time.to_moment,
        description = "Only those that started before." },
      { name = "--search", argname = "TEXT", description = "Only those with this in their names or ids." },
      { name = "--tag", argname = "TAG", count = "*", description = "Only those of workflows with all these tags." },
      { name = "--deployment", argname = "NAME", complete = "deployments",
        description = "Only those of this deployment." },
      { name = "--root", argname = "ID", description = "Only those of this execution and its children." },
      { flag = "--mine", description = "Only those that the key's user has started." },
      { flag = "--internal", description = "The service's own workflows too." },
      { flag = "-w --watch", description = "Go on: the newest 200 in a table that is drawn again every 2 seconds; "
        .. "where the output is no terminal, a line for each change." },
      parser.limit,
    },
    examples = {
      { "runs --status FAILED TIMED_OUT --since 24h" },
      { "runs --workflow hello --json | jq -r .execution_id" },
      { "runs --status RUNNING --fields execution_id | xargs mwf cancel" },
    },
    run = runs,
  },
  {
    name = "get",
    summary = "Show the state and result of an execution.",
    arguments = { EXECUTION },
    examples = { { "get 2bbff05c5fb5414eac451910a59128f7" }, { "get my-id --json | jq .result" } },
    run = get,
  },
  {
    name = "history",
    summary = "Show the workflow engine's history of an execution.",
    description = "The numbers of its events are what `reset --event` takes.",
    arguments = { EXECUTION },
    options = { { flag = "--encoded", description = "Leave payloads as they are stored." } },
    examples = { { "history my-id" } },
    run = history,
  },
}
