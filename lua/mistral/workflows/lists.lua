--- Answers that a program writes as tables: which empty ones are lists.
--
-- An empty table of Lua may be `{}` or `[]`. The service's own answers are what their schemas say.
-- @module mistral.workflows.lists

local core = require "mistral.workflows.core"
local rows = require "mistral.workflows.rows"

local lists = {}

local DEEPEST = 100 -- levels of a schema that is below itself

local array = core.json.array
local array_metatable = getmetatable(array {})

local schema_of

local marked

-- The value of a field as it is to be written.
local function written(field, value, depth)
  if type(value) ~= "table" then return value end
  local metatable = getmetatable(value)
  if field.list and next(value) == nil and metatable == nil then return array {} end
  if not field.of or metatable ~= nil and metatable ~= array_metatable then return value end
  if not field.list and not field.map then return marked(field.of, value, depth) end
  local copy
  for key, item in next, value do
    local mine = marked(field.of, item, depth)
    if mine ~= item then
      copy = copy or (metatable and array {} or {})
      copy[key] = mine
    end
  end
  if not copy then return value end
  for key, item in next, value do
    if copy[key] == nil then copy[key] = item end
  end
  return copy
end

-- The fields of a schema by name; its own take the places of those of its base.
local function fields_of(name)
  local schema = schema_of[name]
  local fields = schema.base and fields_of(schema.base) or {}
  for _, field in ipairs(schema.fields) do fields[field.name] = field end
  return fields
end

-- Is it this one of several kinds? The texts by which they differ tell.
local function is_kind(name, value)
  local told = false
  for member, field in pairs(fields_of(name)) do
    if field.of and not schema_of[field.of] then
      if rawget(value, member) ~= field.of then return false end
      told = true
    end
  end
  return told
end

local function kind_of(schema, value)
  for _, variant in ipairs(schema.variants) do
    if is_kind(variant, value) then return variant end
  end
end

-- The table with its empty lists marked: a copy where there are any, for the program's own stays as it is.
function marked(name, value, depth)
  local schema = schema_of[name]
  if type(value) ~= "table" or getmetatable(value) ~= nil or not schema or depth > DEEPEST then return value end
  if schema.variants then
    local kind = kind_of(schema, value)
    return kind and marked(kind, value, depth + 1) or value
  end
  local copy
  for member, field in pairs(fields_of(name)) do
    local given = rawget(value, member)
    local mine = written(field, given, depth + 1)
    if mine ~= given then
      if not copy then
        copy = {}
        for key, other in next, value do copy[key] = other end
      end
      copy[member] = mine
    end
  end
  return copy or value
end

--- The answer of an operation as it is to be written: empty tables where its schema has lists are lists.
-- @param operation name
-- @param answer table; not changed
function lists.marked(operation, answer)
  local row
  row, schema_of = rows.detailed(operation)
  return row and row.answer and marked(row.answer, answer, 0) or answer
end

return lists
