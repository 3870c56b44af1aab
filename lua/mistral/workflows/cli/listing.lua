--- Rows of a list, as they come: aligned columns on a terminal, values between tabs elsewhere.
--
-- A column is a table:
--
-- * `title`
-- * `field`: the path of its value in an item, "workflow.name"; or `value(item)`, which gives it, and `needs`, the
--   list of the paths that it looks at
-- * `show(value, item)`: its text, and perhaps a colour
-- * `right`: numbers are aligned on the right
-- * `least`: the columns it keeps when there is not enough room (8)
-- * `keep`: it is cut only after all others
-- * `drop`: it is left out where there is still no room
--
-- @module mistral.workflows.cli.listing

local reading = require "mistral.workflows.cli.reading"
local screen = require "mistral.workflows.cli.screen"
local text = require "mistral.workflows.cli.text"

local listing = {}

local GAP = 2
local LEAST = 8

local methods = {}
local metatable = { __index = methods }

--- Begins a list.
-- @param columns see above
-- @param width columns of the terminal, or nil: values between tabs
function listing.new(columns, width)
  return setmetatable({ columns = columns, width = width, widths = {} }, metatable)
end

local function value_of(column, item)
  if column.value then return type(item) == "table" and column.value(item) or nil end
  return reading.value(item, column.field)
end

-- The texts of a row and their colours.
local function cells(self, item)
  local row, colours = {}, {}
  for index, column in ipairs(self.columns) do
    local value = value_of(column, item)
    local shown, colour = value, nil
    if column.show and value ~= nil then shown, colour = column.show(value, item) end
    row[index], colours[index] = reading.line(shown), colour
  end
  row.colours = colours
  return row
end

local function total(widths, count)
  local sum = -GAP
  for index = 1, count do sum = sum + (widths[index] > 0 and widths[index] + GAP or 0) end
  return sum
end

-- Takes one column from the widest of those that may become narrower. Returns false when there is none.
local function narrow(columns, widths, keep)
  local widest
  for index, column in ipairs(columns) do
    if (column.keep or false) == keep and widths[index] > (column.least or LEAST)
      and (not widest or widths[index] > widths[widest]) then
      widest = index
    end
  end
  if not widest then return false end
  widths[widest] = widths[widest] - 1
  return true
end

local function drop(columns, widths)
  for index = #columns, 1, -1 do
    if columns[index].drop and widths[index] > 0 then
      widths[index] = 0
      return true
    end
  end
  return false
end

local function copy_of(list)
  local copy = {}
  for index, value in ipairs(list) do copy[index] = value end
  return copy
end

-- The widths that fit into the terminal; 0 for a column that is left out.
local function fit(columns, natural, available)
  local widths = copy_of(natural)
  while total(widths, #columns) > available do
    if not narrow(columns, widths, false) then
      if not drop(columns, natural) then break end
      widths = copy_of(natural)
    end
  end
  while total(widths, #columns) > available and narrow(columns, widths, true) do end
  return widths
end

local function line(self, row)
  local parts, width = {}, 0
  for index, column in ipairs(self.columns) do
    if self.fitted[index] > 0 then
      local room = math.min(self.fitted[index], self.width - width)
      local cell = text.cut(row[index], room)
      local spaces = (" "):rep(room - text.width(cell))
      cell = screen.paint(row.colours and row.colours[index] or not row.colours and "bold" or nil, cell)
      parts[#parts + 1] = column.right and spaces .. cell or cell .. spaces
      width = width + room + GAP
    end
  end
  return (table.concat(parts, (" "):rep(GAP)):gsub(" +$", ""))
end

local function titles(self)
  local row = {}
  for index, column in ipairs(self.columns) do row[index] = column.title end
  return row
end

local function widen(self, rows)
  for _, row in ipairs(rows) do
    for index, cell in ipairs(row) do
      self.widths[index] = math.max(self.widths[index] or 0, text.width(cell))
    end
  end
end

-- The lines of some rows. Columns in which no row has anything are left out.
local function aligned(self, rows)
  local head = not self.fitted and titles(self)
  widen(self, rows)
  local natural = {}
  for index, column in ipairs(self.columns) do
    local width = self.widths[index]
    natural[index] = width > 0 and math.max(width, text.width(column.title)) or 0
  end
  self.fitted = fit(self.columns, natural, self.width)
  local lines = { head and line(self, head) or nil }
  for _, row in ipairs(rows) do lines[#lines + 1] = line(self, row) end
  return lines
end

--- The lines for some items; what comes in one call is aligned.
function methods:lines(items)
  local rows = {}
  for index, item in ipairs(items) do rows[index] = cells(self, item) end
  if self.width and #rows > 0 then return aligned(self, rows) end
  for index, row in ipairs(rows) do rows[index] = table.concat(row, "\t") end
  return rows
end

--- Shows some items.
function methods:add(items)
  for _, each in ipairs(self:lines(items)) do screen.write(each, "\n") end
end

return listing
