--- The endpoint table of the C core, read once.
-- @module mistral.workflows.rows

local core = require "mistral.workflows.core"

local rows = { all = core.endpoints(), by_name = {} }

for _, row in ipairs(rows.all) do rows.by_name[row.name] = row end

local details, schemas -- read when they are needed first

--- The row of an operation with its parameters, body and answer; and all schemas by name.
function rows.detailed(operation)
  if not details then
    local all
    all, schemas = core.endpoints(true)
    details = {}
    for _, row in ipairs(all) do details[row.name] = row end
  end
  return details[operation], schemas
end

local function has(fields, name)
  for _, field in ipairs(fields or {}) do
    if field.name == name then return true end
  end
  return false
end

--- Is there a parameter, or a member of the body, of this name?
function rows.takes(operation, name)
  local row = rows.detailed(operation)
  local body = schemas[row.body]
  return has(row.query, name) or body ~= nil and has(body.fields, name)
end

return rows
