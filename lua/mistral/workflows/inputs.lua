--- Human input: what an interactive workflow asks for, over the query and the update that are reserved for it.
-- @module mistral.workflows.inputs

local core = require "mistral.workflows.core"
local answers = require "mistral.workflows.answers"
local call = require "mistral.workflows.call"
local rows = require "mistral.workflows.rows"

local inputs = {}

local null = core.json.null

local status_definition = { row = rows.by_name.get_workflow_execution, title = "get" }

local QUERY, UPDATE = "__get_pending_inputs", "__submit_input"

local function make(client, definition, options, id, body)
  local self, problem = call.new(client, definition, options, id, body)
  if not self then return nil, problem end
  self.execution_id = id
  return self
end

local function refused(self, result)
  result = self:clean(result)
  local text = answers.message(result.error) or answers.shown(result.error)
  return self:reported {
    kind = "execution", reason = "input_refused", execution_id = self.execution_id, detail = result,
    message = "the workflow refused the input: " .. text,
  }
end

--- The question what an execution waits for, of a program that asks for it.
function inputs.prepare_pending(client, definition, options, id)
  return make(client, definition, options, id, { name = QUERY })
end

-- A workflow that never asks for input does not know the query.
local unknown_query = { [404] = true, [422] = true }

--- The question what an execution waits for, not yet sent, of a program that has not asked for it itself.
-- @return the call; or nil and an error object
function inputs.question(client, definition, options, id)
  local self, err = call.internal(nil, client, definition, options, id, { name = QUERY })
  if self then self.execution_id = id end
  return self, err
end

-- What the execution waits for: the list; or nil and an error object.
local function pending(self)
  local answer, err = self:perform()
  if err then return nil, err end
  local result = type(answer) == "table" and answer.result
  local list = type(result) == "table" and result.pending_inputs
  if answers.is_list(list) then return list end
  if type(list) == "table" and next(list) == nil then return core.json.array {} end -- `{}` of a test
  return nil, self:lacks("list 'pending_inputs' in its result", answer)
end

--- What an execution waits for that is known to be there: the list, empty where it has ended or asks for no input; or
-- nil and an error object.
function inputs.pending(self)
  local list, err = pending(self)
  if err and (unknown_query[err.status] or err.code == "WF_1102") then return core.json.array {} end
  return list, err
end

--- The same for one that may not be there, which only the execution itself tells.
function inputs.finish_pending(self)
  local list, err = pending(self)
  if not err or not unknown_query[err.status] then return list, err end
  local question = call.internal(self:text(), self.client, status_definition, self.options, self.execution_id)
  if question and question:perform() then return core.json.array {} end
  return nil, err
end

--- Makes the call that submits an input.
function inputs.prepare_submit(client, definition, options, id, task_id, input)
  if type(task_id) ~= "string" then return nil, ("task_id must be a string, not a %s"):format(type(task_id)) end
  if type(input) ~= "table" then return nil, ("the input must be a table, not a %s"):format(type(input)) end
  if task_id == "" then return nil, call.problem(client, definition, id, "invalid", "task_id is empty") end
  return make(client, definition, options, id, { name = UPDATE, input = { task_id = task_id, input = input } })
end

local function is_set(value)
  return value ~= nil and value ~= null and value ~= ""
end

--- What the workflow answers; or nil and an error object: kind "execution" with the reason "input_refused" when the
-- workflow does not take the input.
function inputs.finish_submit(self)
  local answer, err = self:perform()
  if err then return nil, err end
  local result
  if type(answer) == "table" then result = answer.result end
  if result == nil then return nil, self:lacks("'result'", answer) end
  if type(result) ~= "table" then return true end
  if is_set(result.error) then return nil, refused(self, result) end
  return result
end

return inputs
