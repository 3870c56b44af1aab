--- Log records, as lists and live, of executions and deployments.
-- @module mistral.workflows.cli.logs

local parser = require "mistral.workflows.cli.parser"
local reading = require "mistral.workflows.cli.reading"
local screen = require "mistral.workflows.cli.screen"
local text = require "mistral.workflows.cli.text"
local time = require "mistral.workflows.cli.time"

local logs = {}

--- The options that commands which show logs have in common.
logs.options = {
  { flag = "-f --follow", description = "Go on with what comes." },
  { name = "--since", argname = "TIME", convert = time.to_moment,
    description = "Only what came since: 10m, 24h, 2026-01-31T08:00:00Z." },
  { name = "--before", argname = "TIME", convert = time.to_moment, description = "Only what came before." },
  { flag = "--newest", description = "The newest first." },
  parser.limit,
}

local level_colours = {
  ERROR = "red", FATAL = "red", CRITICAL = "red", WARN = "yellow", WARNING = "yellow", DEBUG = "dim",
}

-- A record on a terminal; further lines of its text are indented.
local function show_aligned(asked, record, source)
  local level = reading.line(record.severity_text)
  local head = { screen.paint("dim", asked:clock(record.timestamp)), "  ",
    screen.paint(level_colours[level], text.pad(level, 5)), "  " }
  if source and source ~= "" then head[#head + 1] = screen.paint("blue", text.clean(source)) .. "  " end
  for index, line in ipairs(text.lines(reading.text(record.body))) do
    screen.write(index == 1 and table.concat(head) or (" "):rep(4), line, "\n")
  end
end

local function show_record(asked, record, source)
  if screen.columns() then return show_aligned(asked, record, source) end
  local parts = { reading.text(record.timestamp), reading.text(record.severity_text) }
  parts[#parts + 1] = source
  parts[#parts + 1] = reading.text(record.body)
  for index, part in ipairs(parts) do parts[index] = text.clean(part) end
  screen.write(table.concat(parts, "\t"), "\n")
end

local function follow(asked, walk, show)
  for event in walk.resource:stream_logs(walk.id, walk.follow, asked:events_as()) do
    if not asked:item(event.data) then show(event.data) end
  end
end

--- Shows the logs that `walk` names.
-- @param walk { resource, id, params, follow, source }: what `source(record)` gives stands in front of the text
function logs.show(asked, walk)
  local args = asked.args
  local function show(record)
    if type(record) == "table" then show_record(asked, record, walk.source and walk.source(record)) end
  end
  walk.follow.after = args.since
  if args.follow then return follow(asked, walk, show) end
  walk.params.after, walk.params.before, walk.params.order = args.since, args.before, args.newest and "desc" or "asc"
  walk.params.limit = 100
  if args.fields then return asked:list(walk) end
  asked:each(walk, show)
end

return logs
