--- Writes docs/types.md: what requests and answers hold.

local schemas = require "schemas"

local HEADER = [[
<!-- Made by `make docs` from the schemas in csrc/api: change those. -->

# Types

What requests and answers hold, by the names that editors show (`mistral.workflows.Run`). In answers, `?` marks members
that may be missing; null is `workflows.null`. The service may add members and values: they are handed on as they come.
Nanoseconds are integers, and their digits on a Lua without integers of 64 bits (5.1, LuaJIT); `workflows.time.parse`
takes both.

]]

local function values_text(schema)
  return ("`%s`, or another.\n"):format(table.concat(schema.values, "`, `"))
end

local function variants_text(schema)
  local links = {}
  for index, name in ipairs(schema.variants) do links[index] = ("[%s](#%s)"):format(name, name:lower()) end
  return ("One of %s.\n"):format(table.concat(links, ", "))
end

local function fields_text(model, schema)
  local out = { "| member | type | |\n|---|---|---|\n" }
  for _, field in ipairs(schemas.fields(model, schema.name)) do
    local note = field.note or ""
    if schema.in_body and field.required then note = "required" .. (note == "" and "" or "; ") .. note end
    out[#out + 1] = ("| `%s%s` | %s | %s |\n"):format(field.name, (field.required or schema.in_body) and "" or "?",
      schemas.words(model, field, "answer", ""), (note:gsub("|", "\\|")))
  end
  return table.concat(out)
end

return function(model)
  local sorted, out = {}, { HEADER }
  for index, schema in ipairs(model.schemas) do sorted[index] = schema end
  table.sort(sorted, function(a, b) return a.name < b.name end)
  for _, schema in ipairs(sorted) do
    out[#out + 1] = ("## %s\n\n"):format(schema.name)
    out[#out + 1] = schema.values and values_text(schema) or schema.variants and variants_text(schema)
      or fields_text(model, schema)
    out[#out + 1] = "\n"
  end
  return (table.concat(out):gsub("\n\n$", "\n"))
end
