--- Screens of a terminal as SVG: one of them, or many in turn.
--
-- A screen is a list of lines as `tmux capture-pane -e` gives them, with escape sequences for colours.

local text = require "mistral.workflows.cli.text"

local terminal = {}

local CELL, LINE, MARGIN, BAR = 8.4, 19, 16, 30
local colours = {
  [30] = "#3b4252", [31] = "#ff6b6b", [32] = "#59d499", [33] = "#f2c14e", [34] = "#6cb6ff", [35] = "#c792ea",
  [36] = "#56d4dd", [37] = "#e6edf3",
}

local STYLE = [[
text { font: 14px ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #d7dee8; }
.title { font-size: 12px; fill: #8b98a9; } .bold { font-weight: 700; fill: #ffffff; } .dim { opacity: .55; }
]]

local escapes = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;" }
local function escape(value) return (value:gsub('[&<>"]', escapes)) end

-- What the numbers of a colour sequence change.
local function apply(state, numbers)
  for digits in (numbers == "" and "0" or numbers):gmatch "%d+" do
    local number = tonumber(digits)
    if number == 0 then
      state.colour, state.bold, state.dim = nil, false, false
    elseif number == 1 then
      state.bold = true
    elseif number == 2 then
      state.dim = true
    elseif number == 39 then
      state.colour = nil
    elseif colours[number] then
      state.colour = colours[number]
    end
  end
end

local function run_of(state, column, row, value)
  local width = text.width(value)
  local class = state.bold and ' class="bold"' or state.dim and ' class="dim"' or ""
  local fill = state.colour and (' style="fill:%s"'):format(state.colour) or ""
  return ('<text x="%.1f" y="%d"%s%s textLength="%.1f" lengthAdjust="spacingAndGlyphs">%s</text>'):format(
    MARGIN + column * CELL, BAR + MARGIN + row * LINE, class, fill, width * CELL, escape(value))
end

-- The elements of a line; colours go on from line to line.
local function elements(state, line, row)
  local parts, column = {}, 0
  for plain, numbers in (line .. "\27[m"):gmatch "([^\27]*)\27%[([%d;]*)m" do
    for words, spaces in (plain .. "  "):gmatch "(.-)(  +)" do
      local leading = #words:match "^ *"
      if words ~= "" then parts[#parts + 1] = run_of(state, column + leading, row, words:sub(leading + 1)) end
      column = column + text.width(words) + #spaces
    end
    column = column - 2
    if numbers ~= "" then apply(state, numbers) end
  end
  return table.concat(parts)
end

local function rows_of(screen)
  local rows, state = {}, {}
  for index, line in ipairs(screen) do rows[index] = elements(state, line, index) end
  return rows
end

local function frame(title, columns, lines, body, style)
  local width, height = 2 * MARGIN + columns * CELL, BAR + 2 * MARGIN + lines * LINE
  return ([[
<svg xmlns="http://www.w3.org/2000/svg" width="%.0f" height="%.0f" viewBox="0 0 %.0f %.0f"
role="img" aria-label="%s">
<style>%s%s</style>
<rect width="%.0f" height="%.0f" rx="8" fill="#111821"/>
<circle cx="18" cy="16" r="5" fill="#ff5f57"/><circle cx="36" cy="16" r="5" fill="#febc2e"/>
<circle cx="54" cy="16" r="5" fill="#28c840"/>
<text class="title" x="%.0f" y="20" text-anchor="middle">%s</text>
%s
</svg>
]]):format(width, height, width, height, escape(title), STYLE, style or "", width, height, width / 2, escape(title),
    body)
end

--- A picture of one screen.
-- @param size { columns, rows }; rows that are empty at the end are left out
function terminal.picture(title, size, screen)
  return frame(title, size.columns, #screen, table.concat(rows_of(screen), "\n"))
end

-- For each row, what it shows from when to when: { from, upto, content }.
local function spans_of(frames, row)
  local spans = {}
  for index, each in ipairs(frames) do
    local content, last = each.rows[row] or "", spans[#spans]
    if not last or last.content ~= content then
      if last then last.upto = each.at end
      spans[#spans + 1] = { from = each.at, content = content }
    end
    if index == #frames then spans[#spans].upto = frames.length end
  end
  return spans
end

-- Where nothing moves, the last screen is seen.
local STILL = "@media (prefers-reduced-motion: reduce) { g { animation: none !important; } }"

--- Screens in turn, without end.
-- @param frames list of { at = seconds, screen = lines }
-- @param length seconds until it begins again
function terminal.recording(title, size, frames, length)
  frames.length = length
  for _, each in ipairs(frames) do each.rows = rows_of(each.screen) end
  local styles, body, number = { STILL }, {}, 0
  for row = 1, size.rows do
    for _, span in ipairs(spans_of(frames, row)) do
      if span.content ~= "" then
        number = number + 1
        local from, upto = 100 * span.from / length, 100 * span.upto / length
        local last = upto >= 99.99 and 1 or 0
        styles[#styles + 1] = ("@keyframes k%d{0%%{opacity:0}%.2f%%{opacity:1}%.2f%%{opacity:%d}}"):format(
          number, from, upto, last)
        body[#body + 1] = ('<g opacity="%d" style="animation:k%d %.1fs step-end infinite">%s</g>'):format(
          last, number, length, span.content)
      end
    end
  end
  return frame(title, size.columns, size.rows, table.concat(body, "\n"), "\n" .. table.concat(styles, "\n"))
end

return terminal
