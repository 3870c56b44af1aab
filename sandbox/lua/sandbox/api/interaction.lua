--- Talking to a running execution: signals, queries, updates.

local behaviours = require "sandbox.behaviours"
local catalogue = require "sandbox.catalogue"
local execute = require "sandbox.api.execute"
local executions = require "sandbox.api.executions"
local fail = require "sandbox.fail"
local json = require "sandbox.json"
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

local refusals = {
  signals = function(name) fail.plain(422, ("Signal handler '%s' not found"):format(name)) end,
  queries = function(name) fail.plain(404, ("Query handler '%s' not found"):format(name)) end,
  updates = function(name) fail.plain(404, ("Update handler '%s' not found"):format(name)) end,
}

-- The open execution and the checked input of a request.
local function prepare(request, group)
  local run, name = executions.find_open(request.path.execution_id), request.body.name
  local declaration = declared(run.workflow, group, name)
  if not declaration then
    refusals[group](name)
  end
  local input = input_of(request.body)
  execute.check_against(declaration.input_schema, input, request.text.input)
  return run, input
end

function interaction.signal(request)
  local run, input = prepare(request, "signals")
  runs.receive(run, "signals", request.body.name, input)
  return 202, json.object("message", "Signal accepted")
end

function interaction.query(request)
  local run, input = prepare(request, "queries")
  local result = behaviours.of(run.workflow).queries[request.body.name].handle(run, input)
  return 200, json.object("query_name", request.body.name, "result", result)
end

function interaction.update(request)
  local run, input = prepare(request, "updates")
  local result = runs.receive(run, "updates", request.body.name, input)
  return 200, json.object("update_name", request.body.name, "result", result)
end

return interaction
