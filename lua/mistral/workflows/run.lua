--- The methods run and wait.
-- @module mistral.workflows.run

local core = require "mistral.workflows.core"
local call = require "mistral.workflows.call"
local errors = require "mistral.workflows.errors"
local execute = require "mistral.workflows.execute"
local options_of = require "mistral.workflows.options"
local rows = require "mistral.workflows.rows"
local wait = require "mistral.workflows.wait"

local run = {}

local null = core.json.null

local function check(self, name, options)
  local client = type(self) == "table" and self.client
  if not client then return nil, ("call it with a colon: client.%s(...)"):format(name) end
  if client.handle:closed() then return nil, "the client is closed" end
  return options_of.wait(options, client.options)
end

-- The request without what would make the service wait: run waits itself.
local function without_wait(request)
  if type(request) ~= "table" then return request end
  local body = {}
  for name, value in next, request do body[name] = value end
  body.wait_for_result, body.timeout_seconds = nil, nil
  return body
end

local function start(self, row, name, target, request, options)
  local checked, problem = check(self, name, options)
  if not checked then return nil, problem end
  local state
  state, problem = execute.state(self.client, row, target, without_wait(request),
    { retry = checked.retry, headers = checked.headers, deadline = checked.timeout })
  return state, problem, checked
end

local function no_id(state)
  return errors.new {
    kind = "decode", operation = state.row.name, attempts = state.attempts,
    message = "the answer does not say which execution was started",
  }
end

local function run_method(row)
  local name = row.resource .. ":run"
  return function(self, target, request, options)
    local state, problem, checked = start(self, row, name, target, request, options)
    if not state then error(name .. ": " .. problem, 2) end
    local client = self.client
    local execution, err = call.perform(client, state)
    if not execution then return nil, err end
    local id = type(execution) == "table" and execution.execution_id or state.execution_id
    if type(id) ~= "string" or id == "" then return nil, no_id(state) end
    execution, err = wait.wait(client, id, checked, type(execution) == "table" and execution or nil, state.started)
    if not execution then return nil, err end
    if execution.result == nil then return null, execution end
    return execution.result, execution
  end
end

local function wait_method(self, id, options)
  local checked, problem = check(self, "executions:wait", options)
  local transfer
  if checked then transfer, problem = core.get_workflow_execution(self.client.handle, id) end
  if not transfer then error("executions:wait: " .. problem, 2) end
  return wait.wait(self.client, id, checked)
end

--- Adds `run` and `wait` to the method tables of the resources.
function run.add_methods(tables)
  tables.workflows.run = run_method(rows.by_name.execute_workflow)
  tables.registrations.run = run_method(rows.by_name.execute_workflow_registration)
  tables.executions.wait = wait_method
end

return run
