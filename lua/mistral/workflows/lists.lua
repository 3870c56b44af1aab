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
  if field.list and next(value) == nil and getmetatable(value) == nil then return array {} end
  if not field.of then return value end
  if not field.list and not field.map then return marked(field.of, value, depth) end
  local copy
  for key, item in next, value do
    local mine = marked(field.of, item, depth)
    if mine ~= item then
      copy = copy or setmetatable({}, getmetatable(value))
      copy[key] = mine
    end
  end
  if not copy then return value end
  for key, item in next, value do
    if copy[key] == nil then copy[key] = item end
  end
  return copy
end

-- The table with its empty lists marked: a copy where there are any, for the program's own stays as it is.
function marked(name, value, depth)
  local schema = schema_of[name]
  if type(value) ~= "table" or getmetatable(value) == array_metatable or not schema or depth > DEEPEST then
    return value
  end
  if schema.base then value = marked(schema.base, value, depth + 1) end
  for _, variant in ipairs(schema.variants or {}) do value = marked(variant, value, depth + 1) end
  local copy
  for _, field in ipairs(schema.fields) do
    local member = rawget(value, field.name)
    local mine = written(field, member, depth + 1)
    if mine ~= member then
      if not copy then
        copy = setmetatable({}, getmetatable(value))
        for key, other in next, value do copy[key] = other end
      end
      copy[field.name] = mine
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
