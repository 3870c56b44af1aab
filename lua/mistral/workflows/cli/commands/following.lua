--- Commands that show what executions do.

local events = require "mistral.workflows.cli.events"
local logs = require "mistral.workflows.cli.logs"
local problem = require "mistral.workflows.cli.problem"
local screen = require "mistral.workflows.cli.screen"

-- Shows the events of one execution to its end. Returns the exit status for how it ended.
local function follow_one(asked, id, label)
  local client, args = asked:client(), asked.args
  for event in client.executions:stream(id, { event_source = args.live and "LIVE" or nil }, asked:events_as()) do
    if event.event_type and not asked:item(event.data) then
      screen.write(events.line(event, args.utc, label), "\n")
    end
  end
  return problem.of_execution(asked:content(client.executions:get(id, nil, { fields = { "status" } })).status)
end

local function follow(asked, args)
  local ids, worst = args.execution, 0
  local longest = 0
  for _, id in ipairs(ids) do longest = math.max(longest, math.min(#id, 12)) end
  local statuses, errors = asked:client():map(ids, function(id)
    return follow_one(asked, id, #ids > 1 and ("%-" .. longest .. "s"):format(id:sub(1, longest)) or nil)
  end, { concurrency = #ids })
  for index in ipairs(ids) do
    if errors and errors[index] then error(errors[index], 0) end
    worst = worst ~= 0 and worst or statuses[index]
  end
  return worst
end

local function show_logs(asked, args)
  logs.show(asked, {
    resource = asked:client().executions, id = args.execution, each = "each_log", pages = "log_pages",
    member = "results", params = { activity_id = args.activity, run_id = args.run },
    follow = { activity_id = args.activity, run_id = args.run },
  })
end

local log_options = {
  { name = "--activity", argname = "ID", description = "Only those of this activity." },
  { name = "--run", argname = "ID", description = "Only those of this run of the execution." },
}
for _, option in ipairs(logs.options) do log_options[#log_options + 1] = option end

return {
  title = "Following",
  {
    name = "follow",
    summary = "Show the events of executions as they happen, until they end.",
    description = "What happened before is shown first. The exit status is that of the first that did not complete.",
    arguments = { { name = "execution", args = "+", description = "Ids of executions, any number." } },
    options = { { flag = "--live", description = "Begin with what happens now." } },
    examples = { { "follow my-id" }, { "follow my-id --json | jq -r .data.event_type" } },
    run = follow,
  },
  {
    name = "logs",
    summary = "Show the log records of an execution.",
    arguments = { { name = "execution", description = "Id of the execution." } },
    options = log_options,
    examples = { { "logs my-id" }, { "logs my-id -f" } },
    run = show_logs,
  },
}
