--- Request bodies: reading them and checking their members the way the service's framework does.
--
-- A specification is a table `member = "type"`: string, uuid, boolean, integer, number, object, array or any; a "!" at
-- the end means required, null is allowed elsewhere. A table in place of the type adds `min` and `max` (length),
-- `items` (type of the elements), `values` (the allowed ones) or `members` (a specification of its own).

local fail = require "sandbox.fail"
local identifier = require "sandbox.identifier"
local json = require "sandbox.json"

local body = {}

local function is_number(value)
  return type(value) == "number" or (type(value) == "table" and not json.is_array(value) and not json.is_object(value))
end

local function is_integer(value)
  return (type(value) == "number" and value % 1 == 0) or (type(value) == "table" and is_number(value) and
    value[1]:find("^%-?%d+$") ~= nil)
end

local kinds = {
  any = { function() return true end },
  string = { function(v) return type(v) == "string" end, "string_type", "Input should be a valid string" },
  uuid = { function(v) return type(v) == "string" and identifier.is_uuid(v) end, "uuid_parsing",
    "Input should be a valid UUID, invalid length or character found" },
  boolean = { function(v) return type(v) == "boolean" end, "bool_type", "Input should be a valid boolean" },
  integer = { is_integer, "int_type", "Input should be a valid integer" },
  number = { is_number, "float_type", "Input should be a valid number" },
  object = { json.is_object, "dict_type", "Input should be a valid dictionary" },
  array = { json.is_array, "list_type", "Input should be a valid list" },
}

local function extend(location, name)
  local longer = {}
  for index, part in ipairs(location) do
    longer[index] = part
  end
  longer[#longer + 1] = name
  return longer
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
  table.insert(problems, fail.problem(text and "string_" .. which or which, location, message, value,
    json.object(name, bound, "actual_length", not text and count or nil)))
end

local function check_value(problems, location, value, spec)
  local name = spec.type or spec
  local kind = kinds[name:gsub("!", "")]
  if not kind[1](value) then
    table.insert(problems, fail.problem(kind[2], location, kind[3], value))
    return
  end
  if type(spec) == "string" then
    return
  end
  if spec.max or spec.min then
    check_length(problems, location, value, spec)
  end
  if spec.items then
    for index, item in ipairs(value) do
      check_value(problems, extend(location, index - 1), item, spec.items)
    end
  end
  if spec.values and not spec.values[value] then
    table.insert(problems, fail.problem("enum", location, "Input should be " .. spec.expected, value,
      json.object("expected", spec.expected)))
  end
  if spec.members then
    check_members(problems, location, value, spec.members)
  end
end

function check_members(problems, location, object, specification)
  for name, spec in pairs(specification) do
    local value = object[name]
    local required = (spec.type or spec):sub(-1) == "!"
    if value == nil then
      if required then
        table.insert(problems, fail.problem("missing", extend(location, name), "Field required", object))
      end
    elseif value ~= json.null or required then
      check_value(problems, extend(location, name), value, spec)
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
