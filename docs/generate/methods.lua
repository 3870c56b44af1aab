--- The methods of a resource as one list, for the reference and the types alike.
--
-- A method is { name, args, returns, text, row, walk }: args { name, type }, returns { type, name }, `row` of the
-- endpoint table where there is one, `walk` for the iterators that belong to a paged list.

local schemas = require "schemas"
local walk_names = require "mistral.workflows.method".walk_names

local methods = {}

local ERR = { "mistral.workflows.Error?", "err" }

local function path_name(row)
  return row.path:match "{([%w_]+)}"
end

-- Names of parameters as the manual uses them: short where the resource says the rest.
local short = { workflow_identifier = "workflow", workflow_registration_id = "id", execution_id = "id",
  schedule_id = "id" }

local class = schemas.class

--- The name of the class that holds the parameters of an operation.
function methods.params_class(row)
  return class(row.name .. ".params")
end

local function has_required(model, row)
  for _, field in ipairs(schemas.fields(model, row.body)) do
    if field.required then return true end
  end
  return false
end

local function arguments(model, row)
  local args = {}
  local value = path_name(row)
  if value then args[1] = { short[value] or value, "string" } end
  if row.batch then
    args[#args + 1] = { "ids", "string[]" }
  elseif row.body then
    args[#args + 1] = { has_required(model, row) and "body" or "body?", class(row.body) }
  elseif row.takes_table then
    args[#args + 1] = { "params?", methods.params_class(row) }
  end
  args[#args + 1] = { "options?", "mistral.workflows.CallOptions" }
  return args
end

local function returns(row)
  if row.response == "events" then
    local is_log = row.answer == "LogRecord"
    return { { ("(fun(): %s?)|%s"):format(class(is_log and "LogEvent" or "Event"),
      class(is_log and "LogStream" or "Stream")), "stream" } }
  end
  if row.response == "none" then return { { "true?", "answer" }, ERR } end
  return { { row.answer and class(row.answer) .. "?" or "any", "answer" }, ERR }
end

local function walk_of(name)
  return { ("(fun(): %s?)|%s"):format(class(name), class "Walk"), "walk" }
end

local function add_walks(model, list, row)
  local each, pages = walk_names(row.verb)
  local item = schemas.item(model, row)
  list[#list + 1] = { name = each, row = row, walk = "item", args = arguments(model, row),
    returns = { walk_of(item) },
    text = ("Walks the `%s` of all pages: each is a `%s` as it stands in the list. Raises an error object when a page "
      .. "cannot be had."):format(row.paging.items, item) }
  list[#list + 1] = { name = pages, row = row, walk = "page", args = arguments(model, row),
    returns = { walk_of(row.answer) },
    text = "Walks whole pages; raises an error object when one cannot be had." }
end

--- The methods of a resource, those of the endpoint table first.
function methods.of(model, resource)
  local list = {}
  for _, row in ipairs(resource.rows) do
    list[#list + 1] = { name = row.verb, row = row, args = arguments(model, row), returns = returns(row),
      text = row.summary }
    if row.paging then add_walks(model, list, row) end
  end
  for _, method in ipairs(model.facts.methods) do
    if method.resource == resource.name then list[#list + 1] = method end
  end
  return list
end

--- "list(params, options)"
function methods.signature(method)
  local names = {}
  for index, argument in ipairs(method.args) do names[index] = (argument[1]:gsub("%?$", "")) end
  return ("%s(%s)"):format(method.name, table.concat(names, ", "))
end

return methods
