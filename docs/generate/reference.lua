--- Writes the reference.

local example = require "example"
local methods = require "methods"
local schemas = require "schemas"

local reference = {}

local HEADER = [[
<!-- Made by `make docs` from the endpoint table, docs/generate/facts.lua and errors.lua: change those. -->

# Reference

Arguments: path values first, then one table (query parameters or body), then one of [call options](#call-options).
Methods return the decoded answer (`true` where the service sends none), or `nil` and an [error](#errors).
Wrong types, unknown names and required ones that are missing raise an error at the caller's line. In answers, `?` marks
members that may be missing; null is `workflows.null`; in examples, lists are cut to one item. Parameters and members
that are date-times take a number of seconds since 1970, too. [The manual](README.md) explains;
[types.md](types.md) has what requests and answers hold.

]]

local repeat_text = {
  safe = "repeated after an unknown outcome",
  never = "not repeated after an unknown outcome",
  ask_first = "after an unknown outcome the service is asked for the execution first",
}

local function cell(text)
  return (tostring(text):gsub("|", "\\|"))
end

local function anchor(name)
  return (name:lower():gsub("[^%w _-]", ""):gsub(" ", "-"))
end

local function heading_of(resource)
  return resource.name == "" and "client" or "client." .. resource.name
end

local function code_list(names)
  return "`" .. table.concat(names, "`, `") .. "`"
end

-- A table of fields. In an answer `?` marks those that may be missing; in a body those that must be there are said.
local function field_table(out, model, title, fields, place)
  if #fields == 0 then return end
  out[#out + 1] = ("\n| %s | type | |\n|---|---|---|\n"):format(title)
  for _, field in ipairs(fields) do
    local note = field.note or ""
    if place == "body" and field.required then note = "required" .. (note == "" and "" or "; ") .. note end
    local mark = place == "answer" and not field.required and "?" or ""
    out[#out + 1] = ("| `%s%s` | %s | %s |\n"):format(field.name, mark,
      schemas.words(model, field, place, "types.md"), cell(note))
  end
end

local function example_text(out, model, row, title)
  out[#out + 1] = ("\n%s:\n\n```json\n%s\n```\n"):format(title, example(model, model.answers[row.name], row.answer))
end

local function answer_text(out, model, row)
  if row.response == "none" then
    out[#out + 1] = "\nReturns true.\n"
    return
  end
  local link = row.answer and ("[%s](types.md#%s)"):format(row.answer, row.answer:lower())
  if row.response == "events" then
    out[#out + 1] = ("\nReturns a stream: `for event in stream do`; `event.data` is %s. An error object is raised.\n")
      :format(link)
    return example_text(out, model, row, "`event.data`, for example")
  end
  out[#out + 1] = ("\nReturns %s.\n"):format(link or "what the service answers")
  local schema = model.schemas[row.answer]
  for _, name in ipairs(schema and schema.variants or { row.answer }) do
    local title = schema.variants and ("answer, if [%s](types.md#%s)"):format(name, name:lower()) or "answer"
    field_table(out, model, title, schemas.fields(model, name), "answer")
  end
  example_text(out, model, row, "For example")
end

local function row_text(out, model, row)
  out[#out + 1] = ("\n`%s %s` (`%s`); %s."):format(row.method, row.path, row.name, repeat_text[row.repeat_rule])
  if row.batch then
    out[#out + 1] = (" Takes a plain list of ids; %s of the answers are joined."):format(code_list(row.batch_answer))
  end
  if row.paging then
    out[#out + 1] = (" Items in `%s`, next cursor in `%s`."):format(row.paging.items, row.paging.next)
  end
  out[#out + 1] = "\n"
  if row.body and not row.batch then field_table(out, model, "body", schemas.fields(model, row.body), "body") end
  field_table(out, model, "parameter", row.query, "query")
  answer_text(out, model, row)
end

local function returns_text(method)
  local names = {}
  for index, value in ipairs(method.returns) do names[index] = ("`%s`"):format(value[1]) end
  return #names > 0 and "Returns " .. table.concat(names, ", ") .. "." or ""
end

local function method_text(out, model, owner, separator, method)
  out[#out + 1] = ("\n### %s%s%s\n\n%s\n"):format(owner, separator, methods.signature(method), method.text)
  if method.row and not method.walk then
    row_text(out, model, method.row)
  elseif not method.row and returns_text(method) ~= "" then
    out[#out + 1] = ("\n%s\n"):format(returns_text(method))
  end
end

local function resource_text(out, model, resource)
  local owner = heading_of(resource)
  out[#out + 1] = ("\n## %s\n"):format(owner)
  for _, method in ipairs(methods.of(model, resource)) do method_text(out, model, owner, ":", method) end
end

local function module_text(out, model)
  out[#out + 1] = "\n## mistral.workflows\n"
  for _, item in ipairs(model.facts.module) do
    if item.args then
      method_text(out, model, "workflows", ".", item)
    else
      out[#out + 1] = ("\n### workflows.%s\n\n%s\n"):format(item.name, item.text)
    end
  end
end

local function table_text(out, entry)
  local with_default = false
  for _, field in ipairs(entry.fields) do with_default = with_default or field[4] ~= nil end
  out[#out + 1] = ("\n## %s\n\n%s\n\n"):format(entry.title, entry.text)
  out[#out + 1] = with_default and "| name | type | | default |\n|---|---|---|---|\n"
    or "| name | type | |\n|---|---|---|\n"
  for _, field in ipairs(entry.fields) do
    local name = field[1]:gsub("%?$", "")
    out[#out + 1] = ("| `%s` | `%s` | %s |%s\n"):format(name, cell(field[2]), cell(field[3] or ""),
      with_default and (" %s |"):format(cell(field[4] or "")) or "")
  end
end

local function errors_text(out, model)
  out[#out + 1] = "\n## Errors\n\nFields, present where known. `tostring(err)` is one line, and the API key is in none "
    .. "of this.\n\n| field | type | |\n|---|---|---|\n"
  for _, field in ipairs(model.errors) do
    out[#out + 1] = ("| `%s` | `%s` | %s |\n"):format(field[1], cell(model.facts.error_types[field[1]]), cell(field[2]))
  end
end

local function summary(out, model)
  out[#out + 1] = "| resource | methods |\n|---|---|\n"
  for _, resource in ipairs(model.resources) do
    local names = {}
    for _, method in ipairs(methods.of(model, resource)) do
      names[#names + 1] = ("[`%s`](#%s)"):format(method.name,
        anchor(heading_of(resource) .. methods.signature(method)))
    end
    local name = heading_of(resource)
    out[#out + 1] = ("| [`%s`](#%s) | %s |\n"):format(name, anchor(name), table.concat(names, " · "))
  end
end

--- The text of docs/reference.md.
function reference.page(model)
  local out = { HEADER }
  summary(out, model)
  out[#out + 1] = "\n- [mistral.workflows](#mistralworkflows)\n- [Errors](#errors)\n"
  for _, entry in ipairs(model.facts.tables) do
    out[#out + 1] = ("- [%s](#%s)\n"):format(entry.title, anchor(entry.title))
  end
  for _, resource in ipairs(model.resources) do resource_text(out, model, resource) end
  module_text(out, model)
  errors_text(out, model)
  for _, entry in ipairs(model.facts.tables) do table_text(out, entry) end
  return table.concat(out)
end

return reference
