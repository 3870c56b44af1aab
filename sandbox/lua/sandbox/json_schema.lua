--- Checking values against the parts of JSON Schema that the definitions of this service use.

local json = require "sandbox.json"

local json_schema = {}

local types = {
  object = json.is_object,
  array = json.is_array,
  string = function(v) return type(v) == "string" end,
  boolean = function(v) return type(v) == "boolean" end,
  null = function(v) return v == json.null end,
  number = function(v) return json.number(v) ~= nil end,
  integer = function(v) return json.number(v) ~= nil and json.number(v) % 1 == 0 end,
}

local check

local function check_members(schema, value, path)
  for _, name in ipairs(schema.required or {}) do
    if value[name] == nil then
      return ("'%s' is a required property"):format(name)
    end
  end
  for name, member in pairs(value) do
    local known = schema.properties and schema.properties[name]
    if known then
      local problem = check(known, member, path == "" and name or path .. "." .. name)
      if problem then
        return problem
      end
    elseif schema.additionalProperties == false then
      return ("Additional properties are not allowed ('%s' was unexpected)"):format(name)
    end
  end
end

local function any_of(alternatives, value, path)
  local problem
  for _, schema in ipairs(alternatives) do
    problem = check(schema, value, path)
    if not problem then
      return nil
    end
  end
  return problem
end

-- A value as messages show it.
local function shown(value)
  local text = json.encode(value)
  return #text > 100 and text:sub(1, 100) .. "…" or text
end

local function check_number(schema, number, value)
  if schema.minimum and number < schema.minimum then
    return ("%s is less than the minimum of %s"):format(shown(value), schema.minimum)
  elseif schema.maximum and number > schema.maximum then
    return ("%s is greater than the maximum of %s"):format(shown(value), schema.maximum)
  end
end

local function check_text(schema, text)
  local length = select(2, text:gsub("[^\128-\191]", ""))
  if schema.maxLength and length > schema.maxLength then
    return ("%s is too long"):format(shown(text))
  elseif schema.minLength and length < schema.minLength then
    return ("%s is too short"):format(shown(text))
  elseif schema.pattern and not ngx.re.find(text, schema.pattern, "jou") then
    return ("%s does not match '%s'"):format(shown(text), schema.pattern)
  end
end

local function check_enumeration(schema, value)
  for _, allowed in ipairs(schema.enum) do
    if allowed == value then
      return nil
    end
  end
  return ("%s is not one of %s"):format(shown(value), json.encode(schema.enum))
end

local function check_list(schema, list, path)
  if schema.maxItems and #list > schema.maxItems then
    return ("%s is too long"):format(shown(list))
  elseif schema.minItems and #list < schema.minItems then
    return ("%s is too short"):format(shown(list))
  end
  for index, item in ipairs(schema.items and list or {}) do
    local problem = check(schema.items, item, ("%s.%d"):format(path, index - 1))
    if problem then
      return problem
    end
  end
end

function check(schema, value, path)
  local problem
  if schema.anyOf then
    return any_of(schema.anyOf, value, path)
  elseif schema.type and not types[schema.type](value) then
    problem = ("%s is not of type '%s'"):format(shown(value), schema.type)
  elseif schema.type == "object" then
    return check_members(schema, value, path)
  elseif schema.type == "array" then
    return check_list(schema, value, path)
  elseif schema.enum then
    problem = check_enumeration(schema, value)
  elseif json.number(value) then
    problem = check_number(schema, json.number(value), value)
  elseif type(value) == "string" then
    problem = check_text(schema, value)
  end
  return problem and path ~= "" and path .. ": " .. problem or problem
end

--- What is wrong with `value`, or nil. `schema` is a decoded JSON schema.
function json_schema.problem(schema, value)
  return check(schema, value, "")
end

return json_schema
