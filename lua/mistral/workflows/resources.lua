--- The methods of a client, made from the endpoint table.
-- @module mistral.workflows.resources

local call = require "mistral.workflows.call"
local later = require "mistral.workflows.later"
local method = require "mistral.workflows.method"
local options_of = require "mistral.workflows.options"
local rows = require "mistral.workflows.rows"

local batch, completed, execute, inputs = later "batch", later "completed", later "execute", later "inputs"
local pages, run, stream, unknown = later "pages", later "run", later "stream", later "unknown"
local wait, waiting = later "wait", later "waiting"

local resources = {}

-- Where the arguments of an operation stand: path value, table, options. Where there is neither query nor body, the
-- options may stand in the table's place too.
local function arguments_of(row)
  local arguments = row.takes_table and function(a, b, c, excess)
    if b ~= nil and type(b) ~= "table" then c = nil end -- the table is wrong, whatever the options are
    return excess, c, a, b
  end or function(a, b, c, excess)
    if c == nil then return excess, b, a end
    return excess, c, a, b
  end
  if row.path_values == 1 then return arguments end
  return function(b, c, excess) return arguments(nil, b, c, excess) end
end

local function prepare_page(client, definition, options, path_value, params)
  return call.new(client, definition, options, path_value, pages.params(definition.row, params))
end

-- How the method of an operation is made, by what kind it is: the functions `prepare` and `finish`.
local function kind_of(row)
  if row.paging then return prepare_page, call.perform end
  if row.batch then return batch.prepare, batch.perform end
  if row.response == "events" then return stream.prepare, stream.iterate end
  if row.repeat_rule == "ask_first" then return execute.prepare, execute.finish end
  return call.new, call.perform
end

local tables = {}

local function add(row, verb, prepare, finish, gives_items)
  tables[row.resource] = tables[row.resource] or {}
  tables[row.resource][verb] = method.new {
    resource = row.resource, verb = verb, row = row, arguments = arguments_of(row), options = options_of.operation,
    prepare = prepare, finish = finish, gives_items = gives_items, when_closed = not row.batch,
  }
end

for _, row in ipairs(rows.all) do
  add(row, row.verb, kind_of(row))
  if row.paging then
    local each, all = method.walk_names(row.verb)
    add(row, each, pages.prepare, pages.each_item, true)
    add(row, all, pages.prepare, pages.each_page)
  end
end

local function run_definition(row)
  return {
    resource = row.resource, verb = "run", row = row, arguments = method.behind[2], options = options_of.run,
    prepare = run.prepare, finish = run.finish,
  }
end

-- What takes more than one operation.
for _, definition in ipairs {
  run_definition(rows.by_name.execute_workflow),
  run_definition(rows.by_name.execute_workflow_registration),
  {
    resource = "executions", verb = "wait", row = rows.by_name.get_workflow_execution, arguments = method.behind[1],
    options = options_of.wait, prepare = wait.prepare, finish = wait.finish,
  },
  {
    resource = "executions", verb = "as_completed", arguments = method.behind[1], options = options_of.completed,
    prepare = completed.prepare, finish = completed.iterate,
  },
  {
    resource = "executions", verb = "pending_inputs", row = rows.by_name.query_workflow_execution,
    arguments = method.behind[1], options = options_of.call,
    prepare = inputs.prepare_pending, finish = inputs.finish_pending,
  },
  {
    resource = "executions", verb = "submit_input", row = rows.by_name.update_workflow_execution,
    arguments = method.behind[3], options = options_of.call,
    prepare = inputs.prepare_submit, finish = inputs.finish_submit,
  },
  {
    resource = "executions", verb = "waiting", arguments = method.behind[1], options = options_of.call,
    prepare = waiting.prepare, finish = waiting.iterate,
  },
} do
  tables[definition.resource][definition.verb] = method.new(definition)
end

local metatables = {}
for name, methods in pairs(tables) do
  if name ~= "" then
    setmetatable(methods, { __index = function(_, verb) return unknown.index(tables, name, methods, verb) end })
  end
  metatables[name] = { __index = methods, __name = "mistral.workflows." .. name }
end

--- Methods by resource; of the client itself at "".
resources.methods = tables

--- Gives the client its resources: `client.workflows`, `client.executions`, ...
function resources.attach(client)
  for name, metatable in pairs(metatables) do
    if name ~= "" then
      client[name] = setmetatable({ client = client }, metatable)
      method.register(client[name], client.handle)
    end
  end
end

return resources
