--- Commands for schedules.

local parser = require "mistral.workflows.cli.parser"
local problem = require "mistral.workflows.cli.problem"
local screen = require "mistral.workflows.cli.screen"
local text = require "mistral.workflows.cli.text"
local time = require "mistral.workflows.cli.time"
local values = require "mistral.workflows.cli.values"
local workflows = require "mistral.workflows"
local reading = require "mistral.workflows.cli.reading"

local SCHEDULE = { name = "schedule", description = "Id of the schedule.", complete = "schedules" }
local TIMES_SHOWN = 5

local overlaps = { skip = 1, ["buffer-one"] = 2, ["buffer-all"] = 3, ["cancel-other"] = 4, ["terminate-other"] = 5,
  ["allow-all"] = 6 }
local OVERLAP = {
  name = "--overlap", argname = "POLICY", description = "When an earlier run still goes on: skip (the default), "
    .. "buffer-one, buffer-all, cancel-other, terminate-other, allow-all.",
  choices = { "skip", "buffer-one", "buffer-all", "cancel-other", "terminate-other", "allow-all" },
}

local function first_execution(schedule)
  local first = reading.objects(schedule.future_executions)[1]
  return first and first.scheduled_at
end

-- What makes it run: cron expressions, intervals, calendars.
local function timing(schedule)
  local parts = {}
  for _, expression in ipairs(reading.list(schedule.cron_expressions)) do parts[#parts + 1] = expression end
  for _, interval in ipairs(reading.objects(schedule.intervals)) do
    parts[#parts + 1] = "every " .. reading.text(interval.every)
  end
  local calendars = #reading.list(schedule.calendars)
  if calendars > 0 then parts[#parts + 1] = text.count(calendars, "calendar") end
  return reading.join(parts, ", ")
end

local function schedules(asked, args)
  asked:list {
    resource = asked:client().schedules, member = "schedules", none = "no schedules",
    params = {
      workflow_name = args.workflow, status = args.status, search = args.search, user_id = args.mine and "current",
      page_size = 200,
    },
    columns = {
      { title = "SCHEDULE", field = "schedule_id", keep = true },
      { title = "WORKFLOW", field = "workflow_name", keep = true },
      { title = "STATE", field = "paused", least = 6, show = function(paused)
        if paused then return "paused", "yellow" end
        return "active", "green"
      end },
      { title = "WHEN", needs = { "cron_expressions", "intervals", "calendars" }, value = timing },
      { title = "TIME ZONE", field = "time_zone_name", drop = true },
      { title = "NEXT", needs = { "future_executions" }, value = first_execution, drop = true,
        show = function(value) return asked:moment(value) end },
      { title = "NOTE", field = "note", drop = true },
    },
  }
end

local function body_of(args)
  local intervals = {}
  for index, seconds in ipairs(args.every or {}) do intervals[index] = { every = time.iso(seconds) } end
  local overlap = overlaps[args.overlap]
  return {
    workflow_identifier = args.workflow, schedule_id = args.id, deployment_name = args.deployment,
    schedule = {
      input = values.read(args.input, args.values) or {}, cron_expressions = args.cron or nil,
      intervals = #intervals > 0 and intervals or nil, time_zone_name = args.time_zone,
      policy = overlap and { overlap = overlap } or nil,
    },
  }
end

-- "Mon 2026-01-05 09:00:00  in 3d" for each of the next times.
local function show_times(asked, schedule)
  local list = reading.objects(schedule.future_executions)
  for index = 1, math.min(TIMES_SHOWN, #list) do
    local moment = workflows.time.parse(reading.text(list[index].scheduled_at))
    local line = moment and time.clock(moment, asked.args.utc, "%a %Y-%m-%d %H:%M:%S") .. "  "
      .. time.relative(moment, os.time()) or reading.line(list[index].scheduled_at)
    screen.write("  ", line, "\n")
  end
end

local function create(asked, args)
  if not args.cron and not args.every then problem.usage "say when: --cron '0 9 * * 1-5' or --every 1h" end
  local body, client = body_of(args), asked:client()
  local made = asked:change("schedule " .. workflows.json.encode(body, { sort_keys = true }), function()
    return asked:content(client.schedules:create(body))
  end)
  if not made then return end
  if type(made.schedule_id) ~= "string" then problem.failure "the answer of the service has no schedule_id" end
  local read = function(options) return client.schedules:get(made.schedule_id, options) end
  asked:show(read, function(schedule)
    screen.write(reading.line(made.schedule_id), "\n")
    show_times(asked, schedule)
  end)
end

-- A command that does something to one schedule.
local function actor(verb, done, body_of_action)
  return function(asked, args)
    local schedules_of = asked:client().schedules
    local happened = asked:change(verb .. " " .. args.schedule, function()
      return asked:try(schedules_of[verb](schedules_of, args.schedule, body_of_action and body_of_action(args)))
    end)
    if happened then screen.write(done, " ", args.schedule, "\n") end
  end
end

local function note_of(args) return { note = args.note } end

local NOTE = { name = "--note", argname = "TEXT", description = "Kept with the schedule." }

return {
  title = "Schedules",
  {
    name = "schedules",
    summary = "List schedules and when they run next.",
    options = {
      { name = "--workflow", argname = "NAME", complete = "workflows", description = "Only those of this workflow." },
      { name = "--status", argname = "active|paused", choices = { "active", "paused" }, description = "Only those." },
      { name = "--search", argname = "TEXT", description = "Only those with this in their names." },
      { flag = "--mine", description = "Only those that the key's user has made." },
      parser.limit,
    },
    examples = { { "schedules --status paused" } },
    run = schedules,
  },
  {
    name = "schedule",
    summary = "Run a workflow at certain times, and show the next five.",
    arguments = {
      { name = "workflow", description = "Name or id of the workflow.", complete = "workflows" }, values.argument,
    },
    options = {
      { name = "--cron", argname = "EXPRESSION", count = "*",
        description = "Minute, hour, day, month and day of the week: '0 9 * * 1-5'; may be repeated." },
      { name = "--every", argname = "TIME", count = "*", convert = time.to_duration,
        description = "30m, 1h, 1d; may be repeated." },
      { name = "--time-zone", argname = "NAME", description = "Europe/Paris, for instance; default: UTC." },
      { name = "--id", argname = "ID", description = "The id of the schedule; otherwise the service chooses one." },
      values.option, OVERLAP,
      { name = "--deployment", argname = "NAME", complete = "deployments",
        description = "Where it runs, when several deployments have this workflow." },
      parser.dry_run,
    },
    examples = {
      { "schedule nightly-report --cron '0 2 * * *' --time-zone Europe/Paris region=eu" },
      { "schedule shipment-tracking --every 1h --id tracking" },
    },
    run = create,
  },
  {
    name = "pause-schedule",
    also = "pause",
    summary = "Pause a schedule.",
    arguments = { SCHEDULE },
    options = { NOTE, parser.dry_run },
    examples = { { "pause-schedule tracking --note 'until Monday'" } },
    run = actor("pause", "paused", note_of),
  },
  {
    name = "resume-schedule",
    also = "resume",
    summary = "Resume a paused schedule.",
    arguments = { SCHEDULE },
    options = { NOTE, parser.dry_run },
    examples = { { "resume-schedule tracking" } },
    run = actor("resume", "resumed", note_of),
  },
  {
    name = "trigger-schedule",
    also = "trigger",
    summary = "Run the workflow of a schedule now.",
    arguments = { SCHEDULE },
    options = { OVERLAP, parser.dry_run },
    examples = { { "trigger-schedule tracking" } },
    run = actor("trigger", "triggered", function(args) return { overlap = overlaps[args.overlap] } end),
  },
  {
    name = "delete-schedule",
    summary = "Delete a schedule.",
    arguments = { SCHEDULE },
    options = { parser.dry_run },
    examples = { { "delete-schedule tracking" } },
    run = actor("delete", "deleted"),
  },
}
