--- Text as a terminal shows it: how wide it is, cut to fit, and without what would move the cursor.
-- @module mistral.workflows.cli.text

local text = {}

-- First and last code points of those that take two columns (East Asian Wide and Fullwidth, emoji), and of those that
-- take none (combining marks, joiners, variation selectors).
local wide = {
  0x1100, 0x115F, 0x2329, 0x232A, 0x2E80, 0x303E, 0x3041, 0xA4CF, 0xA960, 0xA97C, 0xAC00, 0xD7A3, 0xF900, 0xFAFF,
  0xFE30, 0xFE6F, 0xFF01, 0xFF60, 0xFFE0, 0xFFE6, 0x1F300, 0x1F64F, 0x1F680, 0x1F6FF, 0x1F900, 0x1F9FF,
  0x20000, 0x3FFFD,
}
local narrow = {
  0x0300, 0x036F, 0x0483, 0x0489, 0x0591, 0x05BD, 0x0610, 0x061A, 0x064B, 0x065F, 0x0E34, 0x0E3A, 0x1AB0, 0x1AFF,
  0x1DC0, 0x1DFF, 0x200B, 0x200F, 0x202A, 0x202E, 0x2060, 0x2064, 0x2066, 0x206F, 0x20D0, 0x20FF, 0xFE00, 0xFE0F,
  0xFE20, 0xFE2F, 0xFEFF, 0xFEFF, 0xE0100, 0xE01EF,
}

local function is_in(ranges, point)
  for index = 1, #ranges, 2 do
    if point < ranges[index] then return false end
    if point <= ranges[index + 1] then return true end
  end
  return false
end

-- One character: a whole sequence of UTF-8, or a byte that belongs to none.
local CHARACTER = "[%z\1-\127\194-\244][\128-\191]*"

local function point_of(character)
  local first = character:byte()
  if first < 0x80 then return first end
  local point = first % (first < 0xE0 and 0x20 or 0x10)
  for index = 2, #character do point = point * 64 + character:byte(index) % 64 end
  return point
end

local function width_of(character)
  local point = point_of(character)
  return point < 0x300 and 1 or is_in(narrow, point) and 0 or is_in(wide, point) and 2 or 1
end

--- The columns that a text takes, which has been cleaned.
function text.width(value)
  if not value:find "[\128-\255]" then return #value end
  local width = 0
  for character in value:gmatch(CHARACTER) do width = width + width_of(character) end
  return width
end

--- The longest beginning of a text that takes at most `columns`, and the rest.
function text.split(value, columns)
  if not value:find "[\128-\255]" then return value:sub(1, columns), value:sub(columns + 1) end
  local width = 0
  for start, character in value:gmatch("()(" .. CHARACTER .. ")") do
    width = width + width_of(character)
    if width > columns then return value:sub(1, start - 1), value:sub(start) end
  end
  return value, ""
end

--- The text, or its beginning and "…" where it takes more than `columns`.
function text.cut(value, columns)
  if text.width(value) <= columns then return value end
  return columns > 0 and (text.split(value, columns - 1)) .. "…" or ""
end

--- The text followed by spaces up to `columns`; `right` puts them in front.
function text.pad(value, columns, right)
  local spaces = (" "):rep(columns - text.width(value))
  return right and spaces .. value or value .. spaces
end

-- The text with `instead` in the place of C1 control characters and of what turns the direction of writing.
local function replace_invisible(value, instead)
  return (value:gsub("\194[\128-\159]", instead):gsub("\226\128[\170-\174]", instead)
    :gsub("\226\129[\166-\169]", instead))
end

--- A text of somebody else on one line: without control characters, and without what turns the direction of writing.
function text.clean(value)
  if not value:find "[%z\1-\31\127-\255]" then return value end
  -- In what is no UTF-8 they may stand in each other: what is put together when one is taken away becomes a space.
  return replace_invisible(replace_invisible(value:gsub("[%z\1-\31\127]", " "), ""), " ")
end

--- JSON in which what `clean` takes away is escaped.
function text.visible_json(json)
  local function escape(character) return ("\\u%04x"):format(point_of(character)) end
  return replace_invisible(json:gsub("\127", escape), escape)
end

--- The same as `clean`, line by line: a list of lines.
function text.lines(value)
  local lines = {}
  for line in (value:gsub("\r\n", "\n") .. "\n"):gmatch "([^\n]*)\n" do lines[#lines + 1] = text.clean(line) end
  while #lines > 1 and lines[#lines] == "" do lines[#lines] = nil end
  return lines
end

--- `1 workflow`, `2 workflows`.
function text.count(number, singular, plural)
  return ("%d %s"):format(number, number == 1 and singular or plural or singular .. "s")
end

return text
