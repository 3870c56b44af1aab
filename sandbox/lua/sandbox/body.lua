--- Request bodies: reading them and checking their members the way the service's framework does.
--
-- A specification is a table `member = "type"`: string, uuid, datetime, duration, boolean, integer, number, object,
-- array or any; a "!" at the end means required, a "?" that null is allowed ("any" is null, too). A table in place of
-- the type adds `min` and `max` (length), `low` and `high` (least and greatest number), `items` (specification of the
-- elements), `map` (specification of all members of an object), `values` (the allowed ones, a set) with `expected`
-- (their text), or `members` (a specification of its own).

local clock = require "sandbox.clock"
local fail = require "sandbox.fail"
local identifier = require "sandbox.identifier"
local json = require "sandbox.json"

local body = {}

-- More of them are not told.
local MOST_PROBLEMS = 100

-- Bytes of a body: an input of 2 MB that is encoded, with all that may stand around it.
local LARGEST = 6 * 1024 * 1024

local function is_integer(value)
  local number = json.number(value)
  return number ~= nil and number % 1 == 0
end

local function is_text_for(read)
  return function(value)
    return (type(value) == "string" and read(value)) and true or false
  end
end

local function is_datetime(value)
  local number = json.number(value)
  return is_text_for(clock.parse)(number and ("%.6f"):format(number) or value)
end

local kinds = {
  any = { function() return true end },
  string = { function(value) return type(value) == "string" end, "string_type", "Input should be a valid string" },
  uuid = { is_text_for(identifier.is_uuid), "uuid_parsing",
    "Input should be a valid UUID, invalid length or character found" },
  datetime = { is_datetime, "datetime_parsing", "Input should be a valid datetime" },
  duration = { is_text_for(clock.duration), "time_delta_parsing",
    "Input should be a valid timedelta, invalid digit in duration" },
  boolean = { function(value) return type(value) == "boolean" end, "bool_type", "Input should be a valid boolean" },
  integer = { is_integer, "int_type", "Input should be a valid integer" },
  number = { function(value) return json.number(value) ~= nil end, "float_type", "Input should be a valid number" },
  object = { json.is_object, "dict_type", "Input should be a valid dictionary" },
  array = { json.is_array, "list_type", "Input should be a valid list" },
}

-- Of these, members are turned into Lua's numbers, however they were written.
local is_numeric = { integer = true, number = true }

local function extend(location, name)
  local longer = {}
  for index, part in ipairs(location) do
    longer[index] = part
  end
  longer[#longer + 1] = name
  return longer
end

local function add(problems, problem)
  if #problems < MOST_PROBLEMS then
    problems[#problems + 1] = problem
  end
end

local check_members

-- Strings are counted in characters: bytes that do not continue one.
local function check_length(problems, location, value, spec)
  local text = type(value) == "string"
  local count = text and select(2, value:gsub("[^\128-\191]", "")) or #value
  local bound, word, name, which
  if spec.max and count > spec.max then
    bound, word, name, which = spec.max, "most", "max_length", "too_long"
  elseif spec.min and count < spec.min then
    bound, word, name, which = spec.min, "least", "min_length", "too_short"
  else
    return
  end
  local message = text and ("String should have at %s %d characters"):format(word, bound) or
    ("List should have at %s %d items after validation, not %d"):format(word, bound, count)
  add(problems, fail.problem(text and "string_" .. which or which, location, message, value,
    json.object(name, bound, "actual_length", not text and count or nil)))
end

local function check_range(problems, location, value, spec)
  local number = json.number(value)
  if spec.low and number < spec.low then
    add(problems, fail.problem("greater_than_equal", location,
      ("Input should be greater than or equal to %d"):format(spec.low), value, json.object("ge", spec.low)))
  elseif spec.high and number > spec.high then
    add(problems, fail.problem("less_than_equal", location,
      ("Input should be less than or equal to %d"):format(spec.high), value, json.object("le", spec.high)))
  end
end

local check_value

local function check_parts(problems, location, value, spec)
  if spec.items then
    for index, item in ipairs(value) do
      check_value(problems, extend(location, index - 1), item, spec.items)
    end
  elseif spec.map then
    for name, item in pairs(value) do
      check_value(problems, extend(location, name), item, spec.map)
    end
  elseif spec.members then
    check_members(problems, location, value, spec.members)
  end
end

-- Lists of which the length was wrong are not looked into: they may be long.
function check_value(problems, location, value, spec)
  local name = spec.type or spec
  local kind, before = kinds[name:match("^%a+")], #problems
  if value == json.null and name:find("?", 1, true) then
    return
  elseif not kind[1](value) then
    add(problems, fail.problem(kind[2], location, kind[3], value))
  elseif type(spec) == "table" then
    if spec.max or spec.min then
      check_length(problems, location, value, spec)
    elseif spec.low or spec.high then
      check_range(problems, location, value, spec)
    elseif spec.values and not spec.values[json.number(value) or value] then
      add(problems, fail.problem("enum", location, "Input should be " .. spec.expected, value,
        json.object("expected", spec.expected)))
    end
    if #problems == before then
      check_parts(problems, location, value, spec)
    end
  end
end

function check_members(problems, location, object, specification)
  for name, spec in pairs(specification) do
    local value = object[name]
    if value ~= nil then
      check_value(problems, extend(location, name), value, spec)
      if is_numeric[(spec.type or spec):match("^%a+")] then
        object[name] = json.number(value) or value
      end
    elseif (spec.type or spec):find("!", 1, true) then
      add(problems, fail.problem("missing", extend(location, name), "Field required", object))
    end
  end
end

--- The raw body text, also when nginx wrote it to a file; nil when there is none.
function body.text()
  ngx.req.read_body()
  local text = ngx.req.get_body_data()
  local name = not text and ngx.req.get_body_file()
  if name then
    local file = assert(io.open(name, "rb"))
    text = file:read("*a")
    file:close()
  end
  return text
end

local function check_content_type(text)
  local given = ngx.var.http_content_type
  if given and not given:lower():find("^application/[%w%.%-]*%+?json") then
    fail.invalid { fail.problem("model_attributes_type", { "body" },
      "Input should be a valid dictionary or object to extract fields from", text) }
  end
end

--- Reads and checks the body. `optional` bodies may be absent or null: the result is then an empty table.
-- Returns the decoded members and the raw text of each.
function body.read(specification, optional)
  local text = body.text()
  if not text or text == "" then
    if optional then
      return {}, {}
    end
    fail.invalid { fail.problem("missing", { "body" }, "Field required", json.null) }
  end
  if #text > LARGEST then
    fail.plain(413, "Request body is too large")
  end
  check_content_type(text)
  local value, spans, position = json.decode(text)
  if value == nil then
    fail.invalid { fail.problem("json_invalid", { "body", position - 1 }, "JSON decode error", json.empty_object,
      json.object("error", spans)) }
  elseif value == json.null and optional then
    return {}, {}
  elseif not json.is_object(value) then
    fail.invalid { fail.problem("model_attributes_type", { "body" },
      "Input should be a valid dictionary or object to extract fields from", value) }
  end
  local problems = {}
  check_members(problems, { "body" }, value, specification)
  if problems[1] then
    fail.invalid(problems)
  end
  return value, spans
end

return body
