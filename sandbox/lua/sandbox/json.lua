--- JSON as this service needs it: members in a fixed order, text that passes through untouched, exact integers.
--
-- `object` and `array` make finished JSON text at once, wrapped as *raw* values, which nest without being read again.
-- `decode` keeps arrays apart from objects and keeps a number that a double cannot hold as its digits, so that what a
-- caller sent can be handed back the way it came.

local cjson = require "cjson"

local json = { null = ngx.null }

local concat, format, sub, find, byte = table.concat, string.format, string.sub, string.find, string.byte

local Raw = { __name = "sandbox.raw" }
local Array = { __name = "sandbox.array" }

local codec = cjson.new()
codec.decode_invalid_numbers(false)

--- Marks JSON text as finished.
function json.raw(text)
  return setmetatable({ text }, Raw)
end

json.empty_array = json.raw("[]")
json.empty_object = json.raw("{}")

--- Reads an internal record, one without empty arrays and big numbers.
json.unpack = codec.decode

local escapes = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t", ["\b"] = "\\b",
  ["\f"] = "\\f" }

local function escape(character)
  return escapes[character] or format("\\u%04x", byte(character))
end

local function quote(text)
  if find(text, '[%c"\\]') then
    text = text:gsub('[%z\1-\31"\\]', escape)
  end
  return '"' .. text .. '"'
end

local function number(value)
  if value % 1 == 0 and value > -9007199254740993 and value < 9007199254740993 then
    return format("%.0f", value)
  end
  local short = format("%.14g", value)
  return tonumber(short) == value and short or format("%.17g", value)
end

local encode

local function sorted_keys(value)
  local keys = {}
  for key in pairs(value) do
    keys[#keys + 1] = tostring(key)
  end
  table.sort(keys)
  return keys
end

local function encode_table(value)
  local kind = getmetatable(value)
  if kind == Raw then
    return value[1]
  end
  local parts = {}
  if kind == Array or #value > 0 then
    for index = 1, #value do
      parts[index] = encode(value[index])
    end
    return "[" .. concat(parts, ",") .. "]"
  end
  for index, key in ipairs(sorted_keys(value)) do
    parts[index] = quote(key) .. ":" .. encode(value[key])
  end
  return "{" .. concat(parts, ",") .. "}"
end

--- JSON text of any value; nil is null.
function encode(value)
  local kind = type(value)
  if kind == "string" then
    return quote(value)
  elseif kind == "number" then
    return number(value)
  elseif kind == "boolean" then
    return value and "true" or "false"
  elseif kind == "table" then
    return encode_table(value)
  end
  return "null"
end

json.encode = encode

--- Writes an internal record. (The C codec would round times: it writes 14 digits at most.)
json.pack = encode

--- `object("id", id, "note", note)`: raw object text; members whose value is nil are left out.
function json.object(...)
  local parts, count, members = { "{" }, 1, { ... }
  for index = 1, select("#", ...), 2 do
    local value = members[index + 1]
    if value ~= nil then
      parts[count + 1] = count == 1 and '"' or ',"'
      parts[count + 2] = members[index]
      parts[count + 3] = '":'
      parts[count + 4] = encode(value)
      count = count + 4
    end
  end
  parts[count + 1] = "}"
  return json.raw(concat(parts))
end

-- Traces are made anew for each number of arguments, which costs more than interpreting does.
jit.off(json.object)

--- Raw array text of a list.
function json.array(list)
  local parts = {}
  for index = 1, #list do
    parts[index] = encode(list[index])
  end
  return json.raw("[" .. concat(parts, ",") .. "]")
end

--- Marks a Lua list as an array, so that it stays one when it is empty.
function json.list(list)
  return setmetatable(list, Array)
end

--- The value of a decoded number as Lua's; nil if it is none.
function json.number(value)
  if type(value) == "table" and getmetatable(value) == Raw then
    return tonumber(value[1])
  end
  return type(value) == "number" and value or nil
end

function json.is_array(value)
  return getmetatable(value) == Array
end

function json.is_object(value)
  local kind = getmetatable(value)
  return type(value) == "table" and kind ~= Array and kind ~= Raw
end

-- Decoding: a recursive descent over the text; each reader takes a position and returns a value and the position after.

local MAX_DEPTH = 1000

local function refuse(position, message)
  error({ json = message, position = position }, 0)
end

local function skip(text, position)
  return find(text, "[^ \t\r\n]", position) or #text + 1
end

local plain = { b = "\b", f = "\f", n = "\n", r = "\r", t = "\t", ['"'] = '"', ["\\"] = "\\", ["/"] = "/" }

local function utf8(code)
  if code < 0x80 then
    return string.char(code)
  elseif code < 0x800 then
    return string.char(0xC0 + math.floor(code / 64), 0x80 + code % 64)
  elseif code < 0x10000 then
    return string.char(0xE0 + math.floor(code / 4096), 0x80 + math.floor(code / 64) % 64, 0x80 + code % 64)
  end
  return string.char(0xF0 + math.floor(code / 262144), 0x80 + math.floor(code / 4096) % 64,
    0x80 + math.floor(code / 64) % 64, 0x80 + code % 64)
end

local function read_escape(text, position)
  local letter = sub(text, position, position)
  if letter ~= "u" then
    return plain[letter] or refuse(position, "Invalid \\escape"), position + 1
  end
  local code = tonumber(text:match("^%x%x%x%x", position + 1) or refuse(position, "Invalid \\uXXXX escape"), 16)
  position = position + 5
  if code >= 0xD800 and code < 0xDC00 then
    local low = tonumber(text:match("^\\u([dD][c-fC-F]%x%x)", position) or "", 16)
    if low then
      return utf8(0x10000 + (code - 0xD800) * 1024 + low - 0xDC00), position + 6
    end
  end
  return utf8(code), position
end

local function read_string(text, position)
  local parts, start = nil, position + 1
  while true do
    local stop = find(text, '[%c"\\]', start)
    local mark = stop and byte(text, stop)
    if mark == 34 then
      local last = sub(text, start, stop - 1)
      return parts and concat(parts) .. last or last, stop + 1
    elseif mark == 92 then
      parts = parts or {}
      parts[#parts + 1] = sub(text, start, stop - 1)
      parts[#parts + 1], start = read_escape(text, stop + 1)
    elseif mark == 127 then
      parts = parts or {}
      parts[#parts + 1], start = sub(text, start, stop), stop + 1
    else
      refuse(stop or #text, mark and "Invalid control character" or "Unterminated string")
    end
  end
end

local function read_number(text, position)
  local integer = text:match("^%-?%d+", position)
  if not integer or integer:find("^%-?0%d") then
    refuse(position, "Expecting value")
  end
  local rest = text:match("^%.%d+", position + #integer) or ""
  rest = rest .. (text:match("^[eE][+-]?%d+", position + #integer + #rest) or "")
  local digits = integer .. rest
  local value = tonumber(digits)
  if number(value) ~= digits then
    value = json.raw(digits)
  end
  return value, position + #digits
end

local read_value

local function read_array(text, position, depth)
  local list = {}
  position = skip(text, position + 1)
  if sub(text, position, position) == "]" then
    return json.list(list), position + 1
  end
  while true do
    list[#list + 1], position = read_value(text, position, depth)
    position = skip(text, position)
    local mark = sub(text, position, position)
    if mark == "]" then
      return json.list(list), position + 1
    elseif mark ~= "," then
      refuse(position, "Expecting ',' delimiter")
    end
    position = position + 1
  end
end

-- `spans`, given for the outermost object only, receives the raw text of each member.
local function read_object(text, position, depth, spans)
  local object = {}
  position = skip(text, position + 1)
  if sub(text, position, position) == "}" then
    return object, position + 1
  end
  while true do
    position = skip(text, position)
    if sub(text, position, position) ~= '"' then
      refuse(position, "Expecting property name enclosed in double quotes")
    end
    local key
    key, position = read_string(text, position)
    position = skip(text, position)
    if sub(text, position, position) ~= ":" then
      refuse(position, "Expecting ':' delimiter")
    end
    local start = skip(text, position + 1)
    object[key], position = read_value(text, start, depth)
    if spans then
      spans[key] = sub(text, start, position - 1)
    end
    position = skip(text, position)
    local mark = sub(text, position, position)
    if mark == "}" then
      return object, position + 1
    elseif mark ~= "," then
      refuse(position, "Expecting ',' delimiter")
    end
    position = position + 1
  end
end

local words = { t = { "true", true }, f = { "false", false }, n = { "null", ngx.null } }

function read_value(text, position, depth, spans)
  if depth > MAX_DEPTH then
    refuse(position, "Too deeply nested")
  end
  position = skip(text, position)
  local mark = sub(text, position, position)
  if mark == "{" then
    return read_object(text, position, depth + 1, spans)
  elseif mark == "[" then
    return read_array(text, position, depth + 1)
  elseif mark == '"' then
    return read_string(text, position)
  end
  local word = words[mark]
  if word then
    if sub(text, position, position + #word[1] - 1) ~= word[1] then
      refuse(position, "Expecting value")
    end
    return word[2], position + #word[1]
  end
  return read_number(text, position)
end

local function read_all(text, spans)
  local value, position = read_value(text, 1, 0, spans)
  position = skip(text, position)
  if position <= #text then
    refuse(position, "Extra data")
  end
  return value
end

--- True when a text is UTF-8.
function json.is_utf8(text)
  local _, _, problem = ngx.re.find(text, "^", "ou")
  return problem == nil
end

--- Reads one JSON text. Returns the value and the raw texts of its top-level members, or nil, message and position.
-- Numbers that a double would change are raw values.
function json.decode(text)
  if not json.is_utf8(text) then
    return nil, "Invalid UTF-8", 1
  end
  local spans = {}
  local ok, value = pcall(read_all, text, spans)
  if ok then
    return value, spans
  elseif type(value) == "table" and value.json then
    return nil, value.json, value.position
  end
  error(value, 0)
end

return json
