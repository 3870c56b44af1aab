--- Query parameters: reading the raw query string and checking it the way the service's framework does.
--
-- A specification is a table `name = kind`; kinds are made by the functions below.

local clock = require "sandbox.clock"
local fail = require "sandbox.fail"
local identifier = require "sandbox.identifier"
local json = require "sandbox.json"

local parameters = {}

--- Percent-decoding of one path segment. What is not UTF-8 becomes question marks.
function parameters.unescape(text)
  local plain = text:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end)
  if not json.is_utf8(plain) then
    plain = plain:gsub("[\128-\255]", "?")
  end
  return plain
end

local function unescape_query(text)
  return parameters.unescape((text:gsub("+", " ")))
end

--- Reads "a=1&b=2&a=3" as { a = { "1", "3" }, b = { "2" } }.
function parameters.parse(text)
  local found = {}
  for pair in (text or ""):gmatch("[^&]+") do
    local name, value = pair:match("^([^=]*)=?(.*)$")
    name = unescape_query(name)
    found[name] = found[name] or {}
    table.insert(found[name], unescape_query(value))
  end
  return found
end

-- Kinds: `read(raw)` returns the value, or nil and the parts of a problem (type, message, context).

local function kind(read, default)
  return { read = read, default = default }
end

function parameters.text(default)
  return kind(function(raw) return raw end, default)
end

function parameters.boolean(default)
  local words = { ["true"] = true, ["1"] = true, on = true, yes = true, t = true, y = true,
    ["false"] = false, ["0"] = false, off = false, no = false, f = false, n = false }
  return kind(function(raw)
    local value = words[raw:lower()]
    if value == nil then
      return nil, "bool_parsing", "Input should be a valid boolean, unable to interpret input"
    end
    return value
  end, default)
end

function parameters.integer(default, low, high)
  return kind(function(raw)
    local value = raw:find("^%s*[+-]?%d+%s*$") and tonumber(raw)
    if not value then
      return nil, "int_parsing", "Input should be a valid integer, unable to parse string as an integer"
    elseif low and value < low then
      return nil, "greater_than_equal", "Input should be greater than or equal to " .. low, json.object("ge", low)
    elseif high and value > high then
      return nil, "less_than_equal", "Input should be less than or equal to " .. high, json.object("le", high)
    end
    return value
  end, default)
end

function parameters.uuid()
  return kind(function(raw)
    if not identifier.is_uuid(raw) then
      return nil, "uuid_parsing", "Input should be a valid UUID, invalid length or character found",
        json.object("error", "invalid length or character found")
    end
    return raw:lower()
  end)
end

function parameters.datetime()
  return kind(function(raw)
    local value = clock.parse(raw)
    if not value then
      return nil, "datetime_from_date_parsing", "Input should be a valid datetime or date, input is too short",
        json.object("error", "input is too short")
    end
    return value
  end)
end

function parameters.pattern(pattern, described)
  return kind(function(raw)
    if not raw:find(pattern) then
      return nil, "string_pattern_mismatch", "String should match pattern '" .. described .. "'",
        json.object("pattern", described)
    end
    return raw
  end)
end

function parameters.one_of(values, default)
  local quoted = "'" .. table.concat(values, "', '") .. "'"
  local expected = quoted:gsub(", ('[^']*')$", " or %1")
  local known = {}
  for _, value in ipairs(values) do
    known[value] = true
  end
  return kind(function(raw)
    if not known[raw] then
      return nil, "enum", "Input should be " .. expected, json.object("expected", expected)
    end
    return raw
  end, default)
end

--- A JSON object written as text.
function parameters.object()
  return kind(function(raw)
    local value = json.decode(raw)
    if not json.is_object(value) then
      return nil, "json_invalid", "Invalid JSON: expected an object"
    end
    return value
  end)
end

--- A parameter that may be repeated; the value is a list.
function parameters.many(inner, most)
  return { many = true, read = inner.read, most = most }
end

local function check(problems, where, name, raw, read, index)
  local value, type, message, context = read(raw)
  if type then
    table.insert(problems, fail.problem(type, { where, name, index }, message, raw, context))
  end
  return value
end

local function read_many(problems, name, raws, spec)
  local list = {}
  for index, raw in ipairs(raws) do
    list[index] = check(problems, "query", name, raw, spec.read, index - 1)
  end
  if spec.most and #raws > spec.most then
    table.insert(problems, fail.problem("too_long", { "query", name },
      ("List should have at most %d items after validation, not %d"):format(spec.most, #raws), json.list(raws),
      json.object("field_type", "List", "max_length", spec.most, "actual_length", #raws)))
  end
  return list
end

--- Values of the query by specification, defaults filled in. Raises the framework's 422 for bad ones.
function parameters.query(text, specification)
  local found, values, problems = parameters.parse(text), {}, {}
  for name, spec in pairs(specification) do
    local raws = found[name]
    if not raws then
      values[name] = spec.default
    elseif spec.many then
      values[name] = read_many(problems, name, raws, spec)
    else
      values[name] = check(problems, "query", name, raws[#raws], spec.read)
    end
  end
  if problems[1] then
    fail.invalid(problems)
  end
  return values
end

--- Path values by specification; names without one are free text.
function parameters.path(values, specification)
  local problems = {}
  for name, spec in pairs(specification) do
    values[name] = check(problems, "path", name, values[name], spec.read)
  end
  if problems[1] then
    fail.invalid(problems)
  end
end

return parameters
