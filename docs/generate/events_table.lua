--- Writes the table of event types in docs/events.md.

local schemas = require "schemas"

-- The schema of the events of each type.
local function by_type(model)
  local found = {}
  for _, name in ipairs(model.schemas.WorkflowEvent.variants) do
    local literal = model.schemas[name].fields[1]
    if literal.name == "event_type" and not model.schemas[literal.of] then found[literal.of] = model.schemas[name] end
  end
  return found
end

local function attributes_text(model, schema)
  local list = {}
  for _, field in ipairs(schemas.fields(model, schema.fields[2].of)) do
    local mark = field.required and "" or "?"
    if field.type == "table" then
      list[#list + 1] = ("[`%s%s`](types.md#%s)"):format(field.name, mark, field.of:lower())
    else
      list[#list + 1] = ("`%s%s`"):format(field.name, mark)
    end
  end
  return table.concat(list, ", ")
end

return function(model)
  local out = { "| type | when | attributes |\n|---|---|---|\n" }
  local found = by_type(model)
  for _, name in ipairs(model.schemas.EventType.values) do
    local schema = assert(found[name], name)
    out[#out + 1] = ("| [`%s`](types.md#%s) | %s | %s |\n"):format(name, schema.name:lower(),
      assert(model.facts.events[name], name), attributes_text(model, schema))
  end
  return table.concat(out)
end
