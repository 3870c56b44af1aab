--- The commands that show what an execution did when, and how a workflow does in general.

local problem = require "mistral.workflows.cli.problem"
local screen = require "mistral.workflows.cli.screen"
local time = require "mistral.workflows.cli.time"
local trace = require "mistral.workflows.cli.trace"
local trace_svg = require "mistral.workflows.cli.trace_svg"
local workflows = require "mistral.workflows"
local reading = require "mistral.workflows.cli.reading"

-- How wide a trace is that does not go to a terminal.
local COLUMNS_ELSEWHERE = 100

-- Puts the span trees of child executions below those of their parents.
local function add_children(client, id, tree)
  local parents, trees = {}, { [id] = tree }
  local ids = {}
  for run in client.runs:each({ root_execution_id = id }, { fields = { "execution_id", "parent_execution_id" } }) do
    if run.execution_id ~= id and not parents[run.execution_id] then
      ids[#ids + 1] = run.execution_id
      parents[run.execution_id] = run.parent_execution_id
    end
  end
  local answers, errors = client:map(ids, function(child)
    return client.executions:trace_summary(child, { fields = { "span_tree" } })
  end)
  if errors then error(select(2, next(errors)), 0) end
  for index, child in ipairs(ids) do trees[child] = workflows.value(answers[index].span_tree) end
  for _, child in ipairs(ids) do
    local parent = trees[parents[child]]
    if parent and trees[child] then parent.children[#parent.children + 1] = trees[child] end
  end
end

local function write_picture(path, rows, total, execution, asked)
  local title = ("%s · %s"):format(reading.text(execution.workflow_name), reading.text(execution.status))
  local started = workflows.time.parse(reading.text(execution.start_time))
  local subtitle = ("%s · %s · %s"):format(reading.text(execution.execution_id),
    started and time.clock(started, asked.args.utc) or "", time.length(total))
  local picture = trace_svg(rows, total, title, subtitle)
  if path == "-" then return screen.write(picture) end
  local file, reason = io.open(path, "wb")
  local ok = file and file:write(picture)
  if file then ok = file:close() and ok end
  if not ok then problem.failure("the picture cannot be written: %s", reason or path) end
  screen.write("wrote ", path, "\n")
end

local function show_trace(asked, args)
  local client = asked:client()
  local read = function(options) return client.executions:trace_summary(args.execution, options) end
  asked:show(read, function(execution)
    local tree = execution.span_tree
    if type(tree) ~= "table" then problem.failure("%s has no trace (yet)", args.execution) end
    if args.children then add_children(client, execution.execution_id, tree) end
    local rows, total = trace.rows(tree, os.time())
    if args.svg then return write_picture(args.svg, rows, total, execution, asked) end
    trace.show(rows, total, screen.columns() or COLUMNS_ELSEWHERE)
  end)
end

local BARS = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" }

-- Latencies over time as a row of small bars.
local function sparkline(points, columns)
  local highest, parts = 0, {}
  for _, point in ipairs(points) do highest = math.max(highest, reading.number(point[2]) or 0) end
  for index = math.max(1, #points - columns + 1), #points do
    local share = highest > 0 and (reading.number(points[index][2]) or 0) / highest or 0
    parts[#parts + 1] = BARS[math.max(1, math.ceil(share * #BARS))]
  end
  return table.concat(parts)
end

local function percent(value) return value and ("%.1f %%"):format(value * 100) end

local function milliseconds(value) return value and time.length(value / 1000) end

local function metrics(asked, args)
  local params = { start_time = args.since, end_time = args.before }
  local read = function(options) return asked:client().workflows:metrics(args.workflow, params, options) end
  asked:show(read, function(answer)
    local function value(name) return reading.number(reading.value(answer, name .. ".value")) end
    local points = reading.objects(reading.value(answer, "latency_over_time.value"))
    asked:details {
      { "executions", value "execution_count" }, { "succeeded", value "success_count" },
      { "failed", value "error_count" }, { "average", milliseconds(value "average_latency_ms") },
      { "retry rate", percent(value "retry_rate") },
      { "latency", #points > 0 and sparkline(points, (screen.columns() or 100) - 20) },
    }
  end)
end

return {
  title = "Looking back",
  {
    name = "trace",
    summary = "Show the span tree of an execution on a common time axis.",
    arguments = { { name = "execution", description = "Id of the execution." } },
    options = {
      { name = "--svg", argname = "FILE", complete = "files",
        description = "Write it as a picture instead; - for standard output." },
      { flag = "--children", description = "With the traces of the executions that it started." },
    },
    examples = { { "trace my-id" }, { "trace my-id --children --svg trace.svg" } },
    run = show_trace,
  },
  {
    name = "metrics",
    summary = "Show counts, latency and retries of a workflow.",
    arguments = { { name = "workflow", description = "Name of the workflow.", complete = "workflows" } },
    options = {
      { name = "--since", argname = "TIME", convert = time.to_moment,
        description = "From then on: 24h, 7d, 2026-01-31T08:00:00Z." },
      { name = "--before", argname = "TIME", convert = time.to_moment, description = "Until then." },
    },
    examples = { { "metrics hello --since 7d" } },
    run = metrics,
  },
}
