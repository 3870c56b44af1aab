--- Texts without their escapes, of three kinds: percent-encoding, JSON (and JavaScript) escapes, HTML entities.
-- @module mistral.workflows.escapes

local escapes = {}

local entities = {
  amp = "&", lt = "<", gt = ">", quot = '"', apos = "'", sol = "/", bsol = "\\", plus = "+", equals = "=", period = ".",
  comma = ",", colon = ":", semi = ";", lowbar = "_", hyphen = "-", dash = "-", excl = "!", quest = "?", num = "#",
  dollar = "$", percnt = "%", lpar = "(", rpar = ")", lsqb = "[", lbrack = "[", rsqb = "]", rbrack = "]", lcub = "{",
  lbrace = "{", rcub = "}", rbrace = "}", ast = "*", midast = "*", commat = "@", Hat = "^", grave = "`", verbar = "|",
  vert = "|", Tab = "\t", NewLine = "\n",
}

local letters = { b = "\b", f = "\f", n = "\n", r = "\r", t = "\t" }

local char, floor = string.char, math.floor

-- A code point in UTF-8; nil for what is none.
local function utf8(code)
  if code < 0x80 then return char(code) end
  local last = 0x80 + code % 0x40
  if code < 0x800 then return char(0xC0 + floor(code / 0x40), last) end
  local middle = 0x80 + floor(code / 0x40) % 0x40
  if code < 0x10000 then return char(0xE0 + floor(code / 0x1000), middle, last) end
  if code > 0x10FFFF then return nil end
  return char(0xF0 + floor(code / 0x40000), 0x80 + floor(code / 0x1000) % 0x40, middle, last)
end

-- What an escape at `at` stands for and how long it is, by its first byte, which is its kind; nil where there is none.
local readers = {}

readers["%"] = function(text, at)
  local digits = text:match("^%x%x", at + 1)
  if digits then return char(tonumber(digits, 16)), 3 end
end

readers["\\"] = function(text, at)
  local kind = text:sub(at + 1, at + 1)
  if kind == "u" then
    local high, low = text:match("^([dD][89abAB]%x%x)\\u([dD][c-fC-F]%x%x)", at + 2)
    if high then return utf8((tonumber(high, 16) - 0xD7C0) * 0x400 + tonumber(low, 16) - 0xDC00), 12 end
    local digits = text:match("^%x%x%x%x", at + 2)
    if digits then return utf8(tonumber(digits, 16)), 6 end
  elseif kind == "x" then
    local digits = text:match("^%x%x", at + 2)
    if digits then return char(tonumber(digits, 16)), 4 end
  elseif letters[kind] then
    return letters[kind], 2
  elseif kind:find "^%p" then
    return kind, 2
  end
end

readers["&"] = function(text, at)
  local name = text:match("^(%a%w?%w?%w?%w?%w?%w?);", at + 1)
  if name then return entities[name], #name + 2 end
  local base = 10
  local digits, after = text:match("^#(%d%d?%d?%d?%d?%d?%d?);?()", at + 1)
  if not digits then
    base = 16
    digits, after = text:match("^#[xX](%x%x?%x?%x?%x?%x?);?()", at + 1)
  end
  -- Browsers need no semicolon; without one, the end of the text may have cut off digits.
  if digits and (after <= #text or text:sub(-1) == ";") then return utf8(tonumber(digits, base)), after - at end
end

-- How an escape begins that the end of a text has cut off.
local beginnings = {
  ["%"] = "^%%%x?$",
  ["\\"] = "^\\[ux]?%x?%x?%x?$",
  ["&"] = "^&#?[xX]?%w?%w?%w?%w?%w?%w?%w?$",
}

local LONGEST_BEGINNING = 10

local function is_beginning(text, kind, at)
  return #text - at < LONGEST_BEGINNING and text:find(beginnings[kind], at) ~= nil
end

-- Where a position of the plain text was: the first and the last byte of what stands for it. To be asked for positions
-- that grow. `marks` holds four numbers an escape: its first and last byte in the plain text, and in the original.
local function places(marks)
  local at = -3
  return function(position)
    while marks[at + 4] and marks[at + 4] <= position do at = at + 4 end
    if at < 0 then return position, position end
    if position <= marks[at + 1] then return marks[at + 2], marks[at + 3] end
    local place = marks[at + 3] + position - marks[at + 1]
    return place, place
  end
end

--- The kinds of escapes, by the byte they begin with.
escapes.kinds = { "%", "\\", "&" }

--- The text without the escapes of a kind, one level of them.
-- @return the plain text, nil where there is no escape; a function that tells, for positions in it that grow, the first
-- and the last byte that stood for one; and, where the text may be cut off in an escape, the last byte before that
function escapes.removed(text, kind)
  local read = readers[kind]
  local pieces, marks, count, length, from, cut = {}, {}, 0, 0, 1, nil
  local at = text:find(kind, 1, true)
  while at do
    local plain, size = read(text, at)
    if plain then
      count = count + 1
      pieces[2 * count - 1], pieces[2 * count] = text:sub(from, at - 1), plain
      local first = length + at - from + 1
      length = first + #plain - 1
      local mark = 4 * count
      marks[mark - 3], marks[mark - 2], marks[mark - 1], marks[mark] = first, length, at, at + size - 1
      from = at + size
    elseif is_beginning(text, kind, at) then
      cut = at - 1
    end
    at = text:find(kind, plain and from or at + 1, true)
  end
  if count == 0 then return nil, nil, cut end
  pieces[2 * count + 1] = text:sub(from)
  return table.concat(pieces), places(marks), cut
end

return escapes
