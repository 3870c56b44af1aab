--- Cuts secrets out of texts, however they are written there: as they are, percent-encoded, with JSON escapes or HTML
-- entities (also one in another), and in base64 of a text that holds them at any place.
--
-- Time is linear in the text, whatever text and secrets are.
-- @module mistral.workflows.mask

local escapes = require "mistral.workflows.escapes"

local mask = {}

local MASK = "***"
local LEVELS = 2 -- of escapes in escapes
local HEAD = 32 -- so much of a longer secret is enough to be hidden
local PIECE = 8 -- so much of a secret is enough at the end of a text, which may have been cut there

local digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

-- Base64 without padding.
local function base64(text)
  local function digit(bits, place)
    local index = math.floor(bits / place) % 64 + 1
    return digits:sub(index, index)
  end
  return (text:gsub("..?.?", function(bytes)
    local a, b, c = bytes:byte(1, 3)
    local bits = a * 65536 + (b or 0) * 256 + (c or 0)
    return digit(bits, 262144) .. digit(bits, 4096) .. (b and digit(bits, 64) or "") .. (c and digit(bits, 1) or "")
  end))
end

-- What base64 has for the text wherever it stands: the digits that no byte before or behind it has a part in.
local function add_base64(add, text)
  for shift = 0, 2 do
    local code = base64(("\0"):rep(shift) .. text)
    code = code:sub(math.ceil(shift * 8 / 6) + 1, math.floor((shift + #text) * 8 / 6))
    if #code >= PIECE then
      add(code)
      add((code:gsub("[+/]", { ["+"] = "-", ["/"] = "_" }))) -- as in URLs
    end
  end
end

--- How a secret may be written: what `mask.hide` looks for.
function mask.needles(secret)
  local needles, known = {}, {}
  local function add(text)
    if known[text] then return end
    known[text] = true
    needles[#needles + 1] = { text = text, head = text:sub(1, HEAD), piece = text:sub(1, PIECE) }
  end
  add(secret)
  add((secret:gsub(" ", "+"))) -- as in a form
  add_base64(add, secret)
  return needles
end

-- borders[n]: how much of the beginning of the needle its first n bytes end with (Knuth, Morris, Pratt).
local function borders_of(needle)
  if needle.borders then return needle.borders end
  local text, borders, size = needle.text, { 0 }, 0
  for index = 2, #text do
    local byte = text:byte(index)
    while size > 0 and text:byte(size + 1) ~= byte do size = borders[size] end
    if text:byte(size + 1) == byte then size = size + 1 end
    borders[index] = size
  end
  needle.borders = borders
  return borders
end

-- Ranges are a list of numbers: the first and the last byte of each, in their order, with something between them. This
-- adds one that does not begin before the last one.
local function add_range(ranges, first, last)
  local count = #ranges
  if count > 0 and first <= ranges[count] + 1 then
    if last > ranges[count] then ranges[count] = last end
  else
    ranges[count + 1], ranges[count + 2] = first, last
  end
end

-- Both as one. Nil is none.
local function union(a, b)
  if not a or not b then return a or b end
  local ranges, i, j = {}, 1, 1
  while a[i] or b[j] do
    if not b[j] or a[i] and a[i] <= b[j] then
      add_range(ranges, a[i], a[i + 1])
      i = i + 2
    else
      add_range(ranges, b[j], b[j + 1])
      j = j + 2
    end
  end
  return ranges
end

-- Where the text holds the needle, or at least the head of it.
local function find_needle(text, needle)
  local first = text:find(needle.head, 1, true)
  if not first then return nil end
  local whole, head, ranges = needle.text, #needle.head, {}
  local size = head
  while first do
    while size < #whole and text:byte(first + size) == whole:byte(size + 1) do size = size + 1 end
    add_range(ranges, first, first + size - 1)
    local border = #whole > head and borders_of(needle)[size] or 0
    if border >= head then
      first, size = first + size - border, border
    else
      first, size = text:find(needle.head, first + size - head + 1, true), head
    end
  end
  return ranges
end

-- The end of the text before `stop`, where the needle begins like it.
local function find_piece(text, needle, stop)
  local from = math.max(1, stop - HEAD + 2)
  local tail = text:sub(from, stop)
  local at = tail:find(needle.piece, 1, true)
  while at do
    if tail:sub(at) == needle.head:sub(1, #tail - at + 1) then return { from + at - 1, stop } end
    at = tail:find(needle.piece, at + 1, true)
  end
end

local ranges_of

-- The ranges to hide in the text when the escapes of a kind are gone from it, or nil.
local function ranges_behind(kind, text, needles, levels)
  local plain, place, cut = escapes.removed(text, kind)
  local ranges = plain and levels > 0 and ranges_of(plain, needles, levels - 1) or nil
  for index = 1, ranges and #ranges or 0, 2 do
    ranges[index] = place(ranges[index])
    ranges[index + 1] = select(2, place(ranges[index + 1]))
  end
  for _, needle in ipairs(needles) do
    if cut then ranges = union(ranges, find_piece(text, needle, cut)) end
  end
  return ranges
end

-- The ranges of the text to hide, or nil.
function ranges_of(text, needles, levels)
  local ranges
  for _, needle in ipairs(needles) do
    ranges = union(ranges, find_needle(text, needle))
    ranges = union(ranges, find_piece(text, needle, #text))
  end
  for _, kind in ipairs(escapes.kinds) do
    if text:find(kind, 1, true) then ranges = union(ranges, ranges_behind(kind, text, needles, levels)) end
  end
  return ranges
end

-- Nothing that is shorter holds a needle, or so much of it that it is hidden.
local function shortest(needles)
  local least = math.huge
  for _, needle in ipairs(needles) do least = math.min(least, #needle.piece) end
  return least
end

-- May the escapes of this text be looked at? That costs much more than anything else.
local function is_affordable(text, budget)
  if not text:find "[%%\\&]" then return true end
  local _, count = text:gsub("[%%\\&]", "", budget.escapes + 1)
  if count > budget.escapes then return false end
  budget.escapes = budget.escapes - count
  return true
end

--- The text without anything that a needle of the list stands for.
-- @param budget `{ escapes }`: how many may be looked at in this and further texts, one with more is hidden as a whole;
-- or nil
function mask.hide(text, needles, budget)
  needles.shortest = needles.shortest or shortest(needles)
  if #text < needles.shortest then return text end
  if budget and not is_affordable(text, budget) then return MASK end
  local ranges = ranges_of(text, needles, LEVELS)
  if not ranges then return text end
  local pieces, from = {}, 1
  for index = 1, #ranges, 2 do
    pieces[#pieces + 1] = text:sub(from, ranges[index] - 1)
    pieces[#pieces + 1] = MASK
    from = ranges[index + 1] + 1
  end
  pieces[#pieces + 1] = text:sub(from)
  return table.concat(pieces)
end

return mask
