--- What the pages and the types are made of: the operations by resource, their schemas, example answers, and facts.lua.

local core = require "mistral.workflows.core"
local facts = require "facts"
local schemas = require "schemas"

-- The fields that the header of errors.lua lists: { name, text }, in its order.
local function error_fields(source)
  local fields = {}
  local header = source:match "^(.-)\nlocal"
  for item in header:gsub("\n%-%-   +", " "):gmatch "\n%-%- %* ([^\n]+)" do
    local names, text = item:match "^(.-): (.*)$"
    for name in (names or item):gmatch "`([%w_]+)`" do fields[#fields + 1] = { name, text or "" } end
  end
  return fields
end

-- The operations by resource, resources in the order of the table, the client itself last.
local function by_resource(rows)
  local list, by_name, client = {}, {}, nil
  for _, row in ipairs(rows) do
    local resource = by_name[row.resource]
    if not resource then
      resource = { name = row.resource, rows = {} }
      by_name[row.resource] = resource
      if row.resource == "" then client = resource else list[#list + 1] = resource end
    end
    resource.rows[#resource.rows + 1] = row
  end
  list[#list + 1] = client
  return list
end

--- @param errors the text of errors.lua
-- @param answers the text of answers.json
return function(errors, answers)
  local rows, known = core.endpoints(true)
  local model = { facts = facts, errors = error_fields(errors), resources = by_resource(rows), schemas = known,
    answers = assert(core.json.decode(answers)) }
  schemas.mark(model)
  return model
end
