--- Writes the type annotations (LuaCATS) that editors read. Nothing loads them at run time.

local methods = require "methods"
local schemas = require "schemas"

local types = {}

local HEADER = [[
---@meta _
-- luacheck: ignore
-- Made by `make docs`; for editors only. Nothing loads this file.

---@alias mistral.workflows.Null lightuserdata

--- RFC 3339, or seconds since 1970.
---@alias mistral.workflows.Time string|number

--- Nanoseconds since 1970; digits where this Lua has no such integers.
---@alias mistral.workflows.Nanoseconds integer|string

---@class mistral.workflows.Pollable
---@field pollfd fun(self: mistral.workflows.Pollable): integer?
---@field events fun(self: mistral.workflows.Pollable): string
---@field timeout fun(self: mistral.workflows.Pollable): number?

---@class mistral.workflows.Condition
---@field wait fun(self: mistral.workflows.Condition, deadline?: number) suspends the coroutine
---@field signal fun(self: mistral.workflows.Condition) lets it go on

--- What `each`, `pages`, `as_completed` and `waiting` give besides being called: it may be left at any time.
---@class mistral.workflows.Walk
local Walk = {}

--- Leaves it and gives up the requests that are under way. May be called again.
function Walk:close() end

--- Answers as text.
---@class mistral.workflows.RawOptions : mistral.workflows.CallOptions
---@field raw true
]]

local STREAM = [[

---@class mistral.workflows.%s
---@operator call: mistral.workflows.%s?
local %s = {}

--- The next event; nil and "timeout" after so many seconds; nil at the end. Raises error objects.
---@param seconds? number
---@return mistral.workflows.%s? event
---@return "timeout"? problem
function %s:next(seconds) end

--- Leaves the stream and closes its connection. May be called again.
function %s:close() end
]]

local TESTING = [[

--- What a function of a testing client gets.
---@class TESTING.Request : mistral.workflows.Request
---@field path_value? string whose the request is: the name of a workflow, the id of an execution
---@field params table<string, string|string[]> the query
---@field json? any the decoded body

--- What it gives: a status and a body, a body alone, or what happens in place of an answer.
---@alias TESTING.Given integer|table|"drop"|"refuse"|"timeout"

---@alias TESTING.Body table|string|function

---@alias TESTING.Function fun(request: TESTING.Request): TESTING.Given, TESTING.Body?, table?

---@alias TESTING.Answer table|"drop"|"refuse"|"timeout"|TESTING.Function

---@class TESTING.Client : mistral.workflows.Client
---@field requests TESTING.Request[] what was asked

---@class TESTING.SandboxOptions
---@field port? integer
---@field tls_port? integer
---@field registrations? integer how many there are
---@field log? string file of an access log
---@field fixtures? (string|TESTING.Fixture)[]

---@class TESTING.Fixture
---@field path string of the requests that it answers, or `*`
---@field method? string of HTTP
---@field status? integer
---@field headers? table<string, string>
---@field body? string|table a table is JSON
---@field times? integer how many requests: 1; -1 for all
---@field delay? number seconds before the answer
]]
TESTING = TESTING:gsub("TESTING", "mistral.workflows.testing")

local function stream_class(name, event)
  return STREAM:format(name, event, name, event, name, name)
end

local function one_line(text)
  return (text:gsub("%s+", " "))
end

local function class(out, name, fields)
  out[#out + 1] = ("\n---@class mistral.workflows.%s\n"):format(name)
  for _, field in ipairs(fields) do
    out[#out + 1] = ("---@field %s %s %s\n"):format(field[1], field[2], one_line(field[3] or "")):gsub(" +\n", "\n")
  end
end

local function add_answers(out, model)
  local fields = {}
  for _, resource in ipairs(model.resources) do
    for _, row in ipairs(resource.rows) do
      fields[#fields + 1] = { row.name .. "?", "mistral.workflows.testing.Answer", row.summary }
    end
  end
  class(out, "testing.Answers", fields)
end

local function add_params(out, model, row)
  if #row.query == 0 then return end
  local fields = {}
  for index, field in ipairs(row.query) do
    fields[index] = { field.name .. "?", schemas.kind(model, field, "query"), field.note }
  end
  class(out, row.name .. ".params", fields)
end

local function add_values(out, schema)
  local values = {}
  local is_text = not tonumber(schema.values[1])
  for index, value in ipairs(schema.values) do values[index] = is_text and ('"%s"'):format(value) or value end
  out[#out + 1] = ("\n---@alias %s %s|%s\n"):format(schemas.class(schema.name), table.concat(values, "|"),
    is_text and "string" or "integer")
end

local function add_variants(out, schema)
  local names = {}
  for index, name in ipairs(schema.variants) do names[index] = schemas.class(name) end
  out[#out + 1] = ("\n---@alias %s %s\n"):format(schemas.class(schema.name), table.concat(names, "|"))
end

local function add_schema(out, model, schema)
  if schema.values then return add_values(out, schema) end
  if schema.variants then return add_variants(out, schema) end
  local fields = {}
  for index, field in ipairs(schema.fields) do
    local kind = schemas.kind(model, field, schema.in_body and "body" or "answer")
    -- `false` leaves the choice of an id to the service.
    if schema.name == "ExecuteRequest" and field.name == "execution_id" then kind = "false|" .. kind end
    fields[index] = { field.name .. (field.required and "" or "?"), kind, field.note }
  end
  class(out, schema.base and schema.name .. " : " .. schemas.class(schema.base) or schema.name, fields)
end

-- The same method with `raw = true`.
local function raw_overload(owner, method)
  local args = { "self: mistral.workflows." .. owner }
  for index = 1, #method.args - 1 do
    args[#args + 1] = ("%s: %s"):format(method.args[index][1], method.args[index][2])
  end
  args[#args + 1] = "options: mistral.workflows.RawOptions"
  local gives = method.walk and "(fun(): string?)|mistral.workflows.Walk" or "string?, mistral.workflows.Error?"
  return ("---@overload fun(%s): %s\n"):format(table.concat(args, ", "), gives)
end

local function func(out, owner, separator, method)
  local names = {}
  out[#out + 1] = ("\n--- %s\n"):format(one_line(method.text))
  if method.row and not method.walk then
    out[#out + 1] = ("---\n--- `%s %s`\n"):format(method.row.method, method.row.path)
  end
  for index, argument in ipairs(method.args) do
    names[index] = (argument[1]:gsub("%?$", ""))
    out[#out + 1] = ("---@param %s %s\n"):format(argument[1], argument[2])
  end
  for _, value in ipairs(method.returns) do
    out[#out + 1] = ("---@return %s\n"):format(table.concat(value, " "))
  end
  if method.row and method.row.response == "json" then out[#out + 1] = raw_overload(owner, method) end
  out[#out + 1] = ("function %s%s%s(%s) end\n"):format(owner, separator, method.name, table.concat(names, ", "))
end

local function resource_class(out, model, resource)
  for _, row in ipairs(resource.rows) do add_params(out, model, row) end
  local local_name = resource.name == "" and "Client" or resource.name
  if resource.name == "" then
    local fields = {}
    for _, other in ipairs(model.resources) do
      if other.name ~= "" then fields[#fields + 1] = { other.name, "mistral.workflows." .. other.name } end
    end
    class(out, "Client", fields)
  else
    class(out, resource.name, {})
  end
  out[#out + 1] = ("local %s = {}\n"):format(local_name)
  for _, method in ipairs(methods.of(model, resource)) do func(out, local_name, ":", method) end
end

local function error_class(out, model)
  local fields = {}
  for index, field in ipairs(model.errors) do
    local kind = assert(model.facts.error_types[field[1]], "no type for the error field " .. field[1])
    fields[index] = { field[1], kind, field[2] }
  end
  class(out, "Error", fields)
end

--- The text of lua/mistral/workflows/types.lua.
function types.file(model)
  local out = { HEADER, stream_class("Stream", "Event"), stream_class("LogStream", "LogEvent") }
  error_class(out, model)
  for _, entry in ipairs(model.facts.tables) do
    local fields = {}
    for index, field in ipairs(entry.fields) do
      local optional = field[4] and not field[1]:find "%?$"
      fields[index] = { field[1] .. (optional and "?" or ""), field[2],
        (field[3] or "") .. (field[4] and (" (default: %s)"):format(field[4]) or "") }
    end
    class(out, entry.class, fields)
  end
  for _, schema in ipairs(model.schemas) do add_schema(out, model, schema) end
  for _, resource in ipairs(model.resources) do resource_class(out, model, resource) end
  out[#out + 1] = TESTING
  add_answers(out, model)
  out[#out + 1] = "\n---@class mistral.workflows\n"
  for _, item in ipairs(model.facts.module) do
    if item.type then out[#out + 1] = ("---@field %s %s %s\n"):format(item.name, item.type, one_line(item.text)) end
  end
  out[#out + 1] = "local workflows = {}\n"
  for _, item in ipairs(model.facts.module) do
    if item.args then func(out, "workflows", ".", item) end
  end
  out[#out + 1] = "\nreturn workflows\n"
  return table.concat(out)
end

return types
