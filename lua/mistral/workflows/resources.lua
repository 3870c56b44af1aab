--- The methods of a client, made from the endpoint table.
-- @module mistral.workflows.resources

local core = require "mistral.workflows.core"
local batch = require "mistral.workflows.batch"
local call = require "mistral.workflows.call"
local execute = require "mistral.workflows.execute"
local inputs = require "mistral.workflows.inputs"
local options_of = require "mistral.workflows.options"
local pages = require "mistral.workflows.pages"
local rows = require "mistral.workflows.rows"
local run = require "mistral.workflows.run"
local stream = require "mistral.workflows.stream"

local resources = {}

-- Where the arguments of a method stand: path value, table, options. An operation without query and
-- body takes its options in the table's place too.
local function arguments(row, a, b, c)
  local path_value, params, call_options
  if row.path_values == 1 then
    path_value, params, call_options = a, b, c
  else
    params, call_options = a, b
  end
  if not row.takes_table and call_options == nil then
    params, call_options = nil, params
  end
  return path_value, params, call_options
end

local function label(row, verb)
  return row.resource == "" and "client:" .. verb or row.resource .. ":" .. verb
end

-- Checks the arguments of a method once. Returns nil and a message that says what is wrong with them.
local function check(client, name, call_options)
  if type(client) ~= "table" or not client.handle then
    return nil, ("call it with a colon: %s(...)"):format(name:find "^client:" and name or "client." .. name)
  end
  if client.handle:closed() then return nil, "the client is closed" end
  return options_of.call(call_options, client.options)
end

-- One method. `prepare(client, row, path_value, params, options)` makes a state, or gives nil and what is
-- wrong with the arguments, which is raised at the caller's line; `finish(client, state)` gives the results.
local function method(row, verb, prepare, finish)
  local name = label(row, verb)
  return function(self, a, b, c)
    local client = type(self) == "table" and (self.client or self)
    local path_value, params, call_options = arguments(row, a, b, c)
    local options, problem = check(client, name, call_options)
    local state
    if options then state, problem = prepare(client, row, path_value, params, options) end
    if not state then error(name .. ": " .. problem, 2) end
    return finish(client, state)
  end
end

local function prepare_plain(client, row, path_value, params, options)
  local transfer, problem
  if row.paging then params = pages.params(row, params) end
  if row.path_values == 1 then
    transfer, problem = core[row.name](client.handle, path_value, params)
  else
    transfer, problem = core[row.name](client.handle, params)
  end
  if not transfer then return nil, problem end
  return call.state(client, row, transfer, options)
end

local function finish_walk(each)
  return function(_, walk) return each(walk) end
end

local function add_paged(methods, row)
  local verb = row.verb
  local each, all = "each", "pages"
  if verb ~= "list" then
    local item = verb:gsub("s$", "")
    each, all = "each_" .. item, item .. "_pages"
  end
  methods[verb] = method(row, verb, prepare_plain, call.perform)
  methods[each] = method(row, each, pages.walk, finish_walk(pages.each_item))
  methods[all] = method(row, all, pages.walk, finish_walk(pages.each_page))
end

local function add(methods, row)
  if row.paging then
    add_paged(methods, row)
  elseif row.batch then
    methods[row.verb] = method(row, row.verb, batch.prepare, batch.perform)
  elseif row.response == "events" then
    methods[row.verb] = method(row, row.verb, stream.open, stream.iterate)
  elseif row.repeat_rule == "ask_first" then
    methods[row.verb] = method(row, row.verb, execute.state, call.perform)
  else
    methods[row.verb] = method(row, row.verb, prepare_plain, call.perform)
  end
end

local tables = {}
for _, row in ipairs(rows.all) do
  tables[row.resource] = tables[row.resource] or {}
  add(tables[row.resource], row)
end
run.add_methods(tables)
inputs.add_methods(tables)

local metatables = {}
for name, methods in pairs(tables) do
  metatables[name] = { __index = methods, __name = "mistral.workflows." .. name }
end

--- Methods of the client itself.
resources.client_methods = tables[""]

--- Gives the client its resources: `client.workflows`, `client.executions`, ...
function resources.attach(client)
  for name, metatable in pairs(metatables) do
    if name ~= "" then client[name] = setmetatable({ client = client }, metatable) end
  end
end

return resources
