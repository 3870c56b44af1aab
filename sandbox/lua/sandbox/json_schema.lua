--- Checking values against the parts of JSON Schema that the definitions of this service use.

local json = require "sandbox.json"

local json_schema = {}

local types = {
  object = json.is_object,
  array = json.is_array,
  string = function(v) return type(v) == "string" end,
  boolean = function(v) return type(v) == "boolean" end,
  null = function(v) return v == json.null end,
  number = function(v) return type(v) == "number" or (type(v) == "table" and type(v[1]) == "string") end,
  integer = function(v)
    return (type(v) == "number" and v % 1 == 0) or
      (type(v) == "table" and type(v[1]) == "string" and v[1]:find("^%-?%d+$") ~= nil)
  end,
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

local function check_range(schema, value)
  if type(value) == "number" and schema.minimum and value < schema.minimum then
    return ("%s is less than the minimum of %s"):format(json.encode(value), schema.minimum)
  elseif type(value) == "number" and schema.maximum and value > schema.maximum then
    return ("%s is greater than the maximum of %s"):format(json.encode(value), schema.maximum)
  end
  if schema.enum then
    for _, allowed in ipairs(schema.enum) do
      if allowed == value then
        return nil
      end
    end
    return ("%s is not one of %s"):format(json.encode(value), json.encode(schema.enum))
  end
end

function check(schema, value, path)
  local problem
  if schema.anyOf then
    return any_of(schema.anyOf, value, path)
  elseif schema.type and not types[schema.type](value) then
    problem = ("%s is not of type '%s'"):format(json.encode(value), schema.type)
  elseif schema.type == "object" then
    return check_members(schema, value, path)
  else
    problem = check_range(schema, value)
  end
  return problem and path ~= "" and path .. ": " .. problem or problem
end

--- What is wrong with `value`, or nil. `schema` is a decoded JSON schema.
function json_schema.problem(schema, value)
  return check(schema, value, "")
end

return json_schema
