--- Talking to a running execution: signals, queries, updates.

local behaviours = require "sandbox.behaviours"
local catalogue = require "sandbox.catalogue"
local execute = require "sandbox.api.execute"
local executions = require "sandbox.api.executions"
local fail = require "sandbox.fail"
local json = require "sandbox.json"
local json_schema = require "sandbox.json_schema"
local runs = require "sandbox.runs"

local interaction = {}

-- The input, also when it came encoded (without options).
local function input_of(body)
  local input = body.input
  if input == nil or input == json.null then
    return {}
  elseif type(input.b64payload) == "string" then
    local text = ngx.decode_base64(input.b64payload)
    return text and text ~= "" and json.decode(text) or {}
  end
  return input
end

local function declared(workflow_name, group, name)
  local definition = execute.definition(catalogue.workflow(workflow_name))
  for _, entry in ipairs(definition[group]) do
    if entry.name == name then
      return entry
    end
  end
end

-- The open execution, the handler and the checked input of a request.
local function prepare(request, group, what)
  local run, name = executions.find_open(request.path.execution_id), request.body.name
  local handler = (behaviours.of(run.workflow)[group] or {})[name]
  local declaration = declared(run.workflow, group, name)
  if not handler or not declaration then
    fail.plain(404, ("Workflow '%s' has no %s '%s'"):format(run.workflow, what, name))
  end
  local input = input_of(request.body)
  local problem = json_schema.problem(declaration.input_schema, input)
  if problem then
    fail.plain(422, "Invalid input: " .. problem)
  end
  return run, handler, input
end

function interaction.signal(request)
  local run, handler, input = prepare(request, "signals", "signal")
  runs.change(run, function(fresh)
    return nil, handler.handle(fresh, input)
  end)
  return 202, json.object("message", "Signal accepted")
end

function interaction.query(request)
  local run, handler, input = prepare(request, "queries", "query")
  return 200, json.object("query_name", request.body.name, "result", handler.handle(run, input))
end

function interaction.update(request)
  local run, handler, input = prepare(request, "updates", "update")
  local _, result = runs.change(run, function(fresh)
    return handler.handle(fresh, input)
  end)
  return 200, json.object("update_name", request.body.name, "result", result)
end

return interaction
