--- The span tree of an execution: rows with their place on a common time axis, and how a terminal shows them.
-- @module mistral.workflows.cli.trace

local reading = require "mistral.workflows.cli.reading"
local screen = require "mistral.workflows.cli.screen"
local text = require "mistral.workflows.cli.text"
local time = require "mistral.workflows.cli.time"

local trace = {}

local MOST_DEPTH = 100
local NARROWEST_BAR, LENGTH_COLUMNS, GAP = 10, 7, 2

-- Seconds since `origin` of nanoseconds since 1970, which may be a text.
local function seconds(nanoseconds, origin)
  local number = tonumber(nanoseconds)
  return reading.number(number and (number - origin) / 1e9)
end

-- FAILED, COMPLETED, ... of a span, where its attributes or its last event tell.
local function outcome_of(span)
  local attributes = type(span.attributes) == "table" and span.attributes or {}
  if type(attributes["task.outcome"]) == "string" then return attributes["task.outcome"] end
  local events = reading.objects(span.events)
  for index = #events, 1, -1 do
    local name = reading.text(events[index].name)
    local outcome = name:match "_(FAILED)$" or name:match "_(TIMED_OUT)$" or name:match "_(CANCELED)$"
      or name:match "_(COMPLETED)$"
    if outcome then return outcome end
  end
end

local function moments_of(span, origin)
  local list = {}
  for _, event in ipairs(reading.objects(span.events)) do
    local at = seconds(event.timestamp_unix_nano, origin)
    if at then list[#list + 1] = { at = at, name = reading.line(event.name) } end
  end
  return list
end

local function children_of(span)
  local children = reading.objects(span.children)
  table.sort(children, function(a, b)
    return (seconds(a.start_time_unix_nano, 0) or 0) < (seconds(b.start_time_unix_nano, 0) or 0)
  end)
  return children
end

local function add(rows, span, depth, branches, origin)
  local children = children_of(span)
  rows[#rows + 1] = {
    name = reading.line(span.name), depth = depth, branches = branches,
    start = seconds(span.start_time_unix_nano, origin) or 0, finish = seconds(span.end_time_unix_nano, origin),
    outcome = outcome_of(span), moments = moments_of(span, origin), is_parent = #children > 0,
  }
  if depth >= MOST_DEPTH then return end
  for index, child in ipairs(children) do
    local below = {}
    for level, more in ipairs(branches) do below[level] = more end
    below[depth + 1] = index < #children
    add(rows, child, depth + 1, below, origin)
  end
end

--- The rows of a span tree, parents before their children, with times in seconds since the first begins.
-- @param tree `span_tree` of the service
-- @param now seconds since 1970, for what has not ended
-- @return the rows, and the seconds that they span
function trace.rows(tree, now)
  local rows, origin = {}, (seconds(tree.start_time_unix_nano, 0) or 0) * 1e9
  add(rows, tree, 0, {}, origin)
  local first, last = math.huge, 0
  for _, row in ipairs(rows) do
    row.running = row.finish == nil
    row.finish = row.finish or math.max(row.start, now - origin / 1e9)
    first, last = math.min(first, row.start), math.max(last, row.finish)
  end
  for _, row in ipairs(rows) do
    row.start, row.finish = row.start - first, row.finish - first
    for _, moment in ipairs(row.moments) do moment.at = moment.at - first end
  end
  return rows, last - first
end

--- The colour that an outcome has.
function trace.colour(row)
  if row.running then return "cyan" end
  if row.outcome == "FAILED" or row.outcome == "TIMED_OUT" then return "red" end
  if row.outcome == "CANCELED" then return "yellow" end
  return row.is_parent and "blue" or "green"
end

--- Moments for the marks of an axis: a round number of seconds apart, about `count` of them.
function trace.ticks(total, count)
  if total <= 0 then return { 0 } end
  local step = 10 ^ math.floor(math.log(total / count) / math.log(10))
  for _, factor in ipairs { 1, 2, 5, 10 } do
    if total / (step * factor) <= count then
      step = step * factor
      break
    end
  end
  local ticks = {}
  for index = 0, math.floor(total / step + 1e-9) do ticks[#ticks + 1] = index * step end
  return ticks
end

local function branch(row)
  local parts = {}
  for level = 1, row.depth - 1 do parts[level] = row.branches[level] and "│ " or "  " end
  if row.depth > 0 then parts[row.depth] = row.branches[row.depth] and "├ " or "└ " end
  return table.concat(parts)
end

-- A bar from `start` to `finish` among so many columns; it is never empty: its last sign is always there.
local function bar(row, total, columns)
  local scale = total > 0 and columns / total or 0
  local from = math.min(columns - 1, math.floor(row.start * scale))
  local upto = math.floor(row.finish * scale + 0.5)
  local drawn = ("█"):rep(upto - from - 1) .. (row.running and "▶" or "█")
  return (" "):rep(from) .. screen.paint(trace.colour(row), drawn)
end

-- Each label begins below its moment, where there is room for it.
local function axis(total, columns)
  local line = ""
  for _, tick in ipairs(trace.ticks(total, math.max(1, math.floor(columns / 12)))) do
    local at = total > 0 and math.floor(tick / total * columns) or 0
    local label = "╷" .. (tick == 0 and "0" or time.length(tick))
    if text.width(line) <= at and at + text.width(label) <= columns then line = text.pad(line, at) .. label end
  end
  return line
end

--- Writes the rows, with bars where there is room for them.
function trace.show(rows, total, columns)
  local widest = 0
  for _, row in ipairs(rows) do widest = math.max(widest, 2 * row.depth + text.width(row.name)) end
  local names = math.min(widest, math.max(12, math.floor(columns * 0.4)))
  local room = columns - names - LENGTH_COLUMNS - 2 * GAP
  local gap = (" "):rep(GAP)
  if room >= NARROWEST_BAR then
    screen.write(screen.paint("dim", (" "):rep(names + LENGTH_COLUMNS + 2 * GAP) .. axis(total, room)), "\n")
  end
  for _, row in ipairs(rows) do
    local connector = branch(row)
    local name = text.cut(row.name, math.max(1, names - text.width(connector)))
    screen.write(screen.paint("dim", connector), name, (" "):rep(names - text.width(connector) - text.width(name)), gap,
      text.pad(time.length(row.finish - row.start), LENGTH_COLUMNS, true),
      room >= NARROWEST_BAR and gap .. bar(row, total, room) or "", "\n")
  end
end

return trace
