--- Writes an example answer as JSON text, its members in the order of its schema.

local core = require "mistral.workflows.core"
local schemas = require "schemas"

local WIDTH = 100

local array_metatable = getmetatable(core.json.array {})

local print_value

-- The schema of the value of a field, or of what fits it of the variants of that.
local function schema_of(model, name, value)
  local schema = model.schemas[name]
  for _, variant in ipairs(schema and schema.variants or {}) do
    local fits = true
    for _, field in ipairs(schemas.fields(model, variant)) do
      local member = value[field.name]
      fits = fits and (member ~= nil or not field.required)
        and (not field.of or model.schemas[field.of] ~= nil or member == field.of)
    end
    if fits then return schema_of(model, variant, value) end
  end
  return schema
end

-- The fields that a table has: those of the schema in its order, then others by their names.
local function members(model, value, name)
  local schema = name and schema_of(model, name, value)
  local list, known, rest = {}, {}, {}
  for _, field in ipairs(schema and schemas.fields(model, schema.name) or {}) do
    known[field.name] = true
    if value[field.name] ~= nil then list[#list + 1] = field end
  end
  for key in pairs(value) do
    if not known[key] then rest[#rest + 1] = key end
  end
  table.sort(rest)
  for _, key in ipairs(rest) do list[#list + 1] = { name = key, of = name } end
  return list
end

local function print_parts(parts, open, close, indent)
  local line = open .. table.concat(parts, ", ") .. close
  if #line + #indent <= WIDTH and not line:find "\n" then return line end
  local inner = indent .. "  "
  return open .. "\n" .. inner .. table.concat(parts, ",\n" .. inner) .. "\n" .. indent .. close
end

function print_value(model, value, name, indent)
  if type(value) ~= "table" then return assert(core.json.encode(value)) end
  local parts = {}
  if getmetatable(value) == array_metatable then
    for index, item in ipairs(value) do parts[index] = print_value(model, item, name, indent .. "  ") end
    return print_parts(parts, "[", "]", indent)
  end
  for index, field in ipairs(members(model, value, name)) do
    local member = value[field.name]
    -- Where Lua has no integers of 64 bits, it has their digits.
    local text = field.type == "nanoseconds" and member ~= core.json.null and tostring(member)
      or print_value(model, member, field.of, indent .. "  ")
    parts[index] = core.json.encode(field.name) .. ": " .. text
  end
  return print_parts(parts, "{", "}", indent)
end

--- @param name of the schema of the value, or nil
return function(model, value, name)
  return print_value(model, value, name, "")
end
