--- Human input: what an interactive workflow asks for, over the query and the update that are reserved for it.
-- @module mistral.workflows.inputs

local core = require "mistral.workflows.core"
local call = require "mistral.workflows.call"
local errors = require "mistral.workflows.errors"
local options_of = require "mistral.workflows.options"
local rows = require "mistral.workflows.rows"

local inputs = {}

local null = core.json.null

local QUERY, UPDATE = "__get_pending_inputs", "__submit_input"

-- The checked options, or nil and what is wrong with the call.
local function check(self, name, options)
  local client = type(self) == "table" and self.client
  if not client then return nil, ("call it with a colon: client.%s(...)"):format(name) end
  if client.handle:closed() then return nil, "the client is closed" end
  return options_of.call(options, client.options)
end

-- The call state, or nil and what is wrong with the arguments.
local function prepare(self, row, id, body, options)
  local transfer, problem = core[row.name](self.client.handle, id, body)
  if not transfer then return nil, problem end
  local state = call.state(self.client, row, transfer, options)
  state.execution_id = id
  return state
end

local function unexpected(state, what)
  return errors.new {
    kind = "decode", operation = state.row.name, attempts = state.attempts, execution_id = state.execution_id,
    message = "the answer of the workflow has no " .. what,
  }
end

local function is_set(value)
  return value ~= nil and value ~= null and value ~= ""
end

--- What the execution waits for: a list of tables with `task_id`, `label` and the schema of the input.
-- @param id of the execution
-- @param options per-call options, or nil
-- @return the list; or nil and an error object
local function pending_inputs(self, id, options)
  local checked, problem = check(self, "executions:pending_inputs", options)
  local state
  if checked then
    state, problem = prepare(self, rows.by_name.query_workflow_execution, id, { name = QUERY }, checked)
  end
  if not state then error("executions:pending_inputs: " .. problem, 2) end
  local answer, err = call.perform(self.client, state)
  if not answer then return nil, err end
  local result = type(answer) == "table" and answer.result
  local list = type(result) == "table" and result.pending_inputs
  if type(list) ~= "table" then return nil, unexpected(state, "pending_inputs") end
  return list
end

local function refused(client, state, result)
  local text = type(result.error) == "string" and result.error or core.json.encode(result.error)
  return call.reported(client, state, {
    kind = "execution", reason = "input_refused", operation = state.row.name, attempts = state.attempts,
    execution_id = state.execution_id, detail = result, message = "the workflow refused the input: " .. tostring(text),
  })
end

--- Gives the execution an input that it waits for.
-- @param id of the execution
-- @param task_id from `pending_inputs`
-- @param input table, as the schema of the pending input says
-- @param options per-call options, or nil
-- @return what the workflow answers; or nil and an error object: kind "execution" with the reason "input_refused"
-- when the workflow does not take the input
local function submit_input(self, id, task_id, input, options)
  local checked, problem = check(self, "executions:submit_input", options)
  if checked and (type(task_id) ~= "string" or task_id == "") then
    checked, problem = nil, "task_id must be a non-empty string"
  elseif checked and type(input) ~= "table" then
    checked, problem = nil, ("the input must be a table, not a %s"):format(type(input))
  end
  local state
  if checked then
    local body = { name = UPDATE, input = { task_id = task_id, input = input } }
    state, problem = prepare(self, rows.by_name.update_workflow_execution, id, body, checked)
  end
  if not state then error("executions:submit_input: " .. problem, 2) end
  local answer, err = call.perform(self.client, state)
  if not answer then return nil, err end
  local result = type(answer) == "table" and answer.result
  if type(result) ~= "table" then return true end
  if is_set(result.error) then return nil, refused(self.client, state, result) end
  return result
end

--- Adds the methods to those of the executions.
function inputs.add_methods(tables)
  tables.executions.pending_inputs = pending_inputs
  tables.executions.submit_input = submit_input
end

return inputs
