--- The span tree of an execution as a picture.
-- @module mistral.workflows.cli.trace_svg

local text = require "mistral.workflows.cli.text"
local time = require "mistral.workflows.cli.time"
local trace = require "mistral.workflows.cli.trace"

local WIDTH, MARGIN, ROW, HEAD, BAR = 960, 24, 28, 96, 14
local LETTER = 7.2 -- of the 12 px monospaced letters
local INDENT = 16
local LENGTH_ROOM = 64 -- to the right of the longest bar, for its length

local STYLE = [[
svg { font: 12px ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
.back { fill: #ffffff; } .title { font-size: 17px; font-weight: 600; fill: #16202e; } .text { fill: #2c3a4d; }
.faint { fill: #77869a; } .grid { stroke: #e4e9f0; } .tree { stroke: #b9c3d0; fill: none; } .stripe { fill: #f6f8fb; }
.blue { fill: #4c7fe0; } .green { fill: #2fa678; } .red { fill: #dc4c4c; } .yellow { fill: #d99a1c; }
.cyan { fill: #23a3bd; }
.moment { fill: #ffffff; fill-opacity: .85; }
@media (prefers-color-scheme: dark) {
.back { fill: #10161f; } .title { fill: #eef3f9; } .text { fill: #cfd8e3; } .faint { fill: #8291a5; }
.grid { stroke: #212b39; } .tree { stroke: #46546a; } .stripe { fill: #151d28; } .moment { fill: #10161f; }
}]]

local escapes = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;" }

local function escape(value) return (text.clean(value):gsub('[&<>"]', escapes)) end

local function element(parts, format, ...) parts[#parts + 1] = format:format(...) end

local function label(parts, class, x, y, content, anchor)
  element(parts, '<text class="%s" x="%.1f" y="%.1f"%s>%s</text>', class, x, y,
    anchor and (' text-anchor="%s"'):format(anchor) or "", escape(content))
end

-- Where things are: the names end at `left`, the axis goes from there to `right`.
local function layout(rows)
  local names = 0
  for _, row in ipairs(rows) do names = math.max(names, row.depth * INDENT + text.width(row.name) * LETTER) end
  return { left = MARGIN + math.min(names, WIDTH * 0.4) + 24, right = WIDTH - MARGIN - LENGTH_ROOM,
    height = HEAD + #rows * ROW + MARGIN }
end

local function place(place_of, total)
  return function(moment)
    return place_of.left + (total > 0 and moment / total or 0) * (place_of.right - place_of.left)
  end
end

local function add_axis(parts, at, total, height)
  for _, tick in ipairs(trace.ticks(total, 8)) do
    element(parts, '<path class="grid" d="M%.1f %dV%d"/>', at(tick), HEAD - 8, height - MARGIN)
    label(parts, "faint", at(tick), HEAD - 14, tick == 0 and "0" or time.length(tick), "middle")
  end
end

-- The line from a parent down and to the right to its child.
local function add_branch(parts, row, index, parent_index)
  if row.depth == 0 then return end
  local x = MARGIN + (row.depth - 1) * INDENT + 5
  local from, to = HEAD + (parent_index - 1) * ROW + ROW - 6, HEAD + (index - 1) * ROW + ROW / 2
  element(parts, '<path class="tree" d="M%.1f %.1fV%.1fh8"/>', x, from, to)
end

local function tooltip(row)
  local lines = { row.name, time.length(row.finish - row.start) .. (row.running and ", still running" or "") }
  lines[#lines + 1] = row.outcome
  for _, moment in ipairs(row.moments) do
    lines[#lines + 1] = ("+%s %s"):format(time.length(math.max(0, moment.at - row.start)), moment.name)
  end
  for index, line in ipairs(lines) do lines[index] = escape(line) end
  return table.concat(lines, "&#10;")
end

local function add_row(parts, row, index, at, left)
  local top, x = HEAD + (index - 1) * ROW, MARGIN + row.depth * INDENT
  local from, upto = at(row.start), math.max(at(row.finish), at(row.start) + 3)
  local room = math.floor((left - 12 - x) / LETTER)
  if index % 2 == 1 then
    element(parts, '<rect class="stripe" x="%d" y="%.1f" width="%d" height="%d" rx="4"/>', MARGIN - 8, top,
      WIDTH - 2 * MARGIN + 16, ROW)
  end
  parts[#parts + 1] = "<g>"
  element(parts, "<title>%s</title>", tooltip(row))
  label(parts, "text", x, top + ROW / 2 + 4, text.cut(row.name, room))
  element(parts, '<rect class="%s" x="%.1f" y="%.1f" width="%.1f" height="%d" rx="3"/>', trace.colour(row), from,
    top + (ROW - BAR) / 2, upto - from, BAR)
  for _, moment in ipairs(row.moments) do
    if at(moment.at) > from + 4 and at(moment.at) < upto - 4 then
      element(parts, '<circle class="moment" cx="%.1f" cy="%.1f" r="2"/>', at(moment.at), top + ROW / 2)
    end
  end
  label(parts, "faint", upto + 6, top + ROW / 2 + 4, time.length(row.finish - row.start))
  parts[#parts + 1] = "</g>"
end

--- Makes the picture.
-- @param rows, total of `trace.rows`
-- @param title, subtitle texts above it
return function(rows, total, title, subtitle)
  local places = layout(rows)
  local at = place(places, total)
  local parts = {
    ('<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img" aria-label="%s">')
      :format(WIDTH, places.height, WIDTH, places.height, escape(title)),
    "<style>" .. STYLE .. "</style>",
    ('<rect class="back" width="%d" height="%d" rx="8"/>'):format(WIDTH, places.height),
  }
  label(parts, "title", MARGIN, 36, title)
  label(parts, "faint", MARGIN, 56, subtitle)
  local body = {}
  for index, row in ipairs(rows) do add_row(body, row, index, at, places.left) end
  add_axis(parts, at, total, places.height)
  for _, part in ipairs(body) do parts[#parts + 1] = part end
  local parents = {} -- by depth
  for index, row in ipairs(rows) do
    parents[row.depth] = index
    add_branch(parts, row, index, parents[row.depth - 1])
  end
  parts[#parts + 1] = "</svg>"
  return table.concat(parts, "\n") .. "\n"
end
