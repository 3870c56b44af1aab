--- The methods run and wait.
-- @module mistral.workflows.run

local core = require "mistral.workflows.core"
local answers = require "mistral.workflows.answers"
local call = require "mistral.workflows.call"
local execute = require "mistral.workflows.execute"
local rows = require "mistral.workflows.rows"
local wait = require "mistral.workflows.wait"

local run = {}

local null = core.json.null

local workflow_definition = { row = rows.by_name.get_workflow, title = "workflows:get" }
local registration_definition = { row = rows.by_name.get_workflow_registration, title = "registrations:get" }
local wait_definition = { row = rows.by_name.get_workflow_execution, title = "wait" }
local cancel_definition = { row = rows.by_name.cancel_workflow_execution, title = "executions:cancel" }

-- The request without what would make the service wait: run waits itself.
local function without_wait(request)
  if type(request) ~= "table" then return request end
  local body = {}
  for name, value in next, request do body[name] = value end
  body.wait_for_result, body.timeout_seconds = nil, nil
  return body
end

--- Makes the call that starts the execution.
-- @return a state for `finish`; or nil and what is wrong with the arguments
function run.prepare(client, definition, options, target, request)
  local start, problem = execute.prepare(client, definition, wait.questions(options), target, without_wait(request))
  if not start then return nil, problem end
  if options.join and not start.is_own_id then
    return nil, "join needs an execution_id of your own: a program that is started again must use the same one"
  end
  return {
    client = client, options = options, target = target, start = start, reporter = start,
    can_be_repeated = options.join == true,
  }
end

-- The answer of another operation that the run needs.
local function ask(self, definition, path_value, params)
  local question, err = call.internal(self.start:text(), self.client, definition, wait.questions(self.options),
    path_value, params)
  if not question then return nil, err end
  return question:perform()
end

local function member(value, name)
  if type(value) ~= "table" then return nil end
  return value[name]
end

-- The name of the workflow that is to be run; or nil and an error object.
local function workflow_name(self)
  local answer, err, name
  if self.start.definition.row.name == "execute_workflow" then
    answer, err = ask(self, workflow_definition, self.target)
    name = member(member(answer, "workflow"), "name")
  else
    answer, err = ask(self, registration_definition, self.target, { with_workflow = true })
    local registration = member(answer, "workflow_registration")
    name = member(member(registration, "workflow"), "name") or member(registration, "workflow_name")
  end
  if err then return nil, err end
  if type(name) ~= "string" then return nil, self.start:lacks("name of the workflow", answer) end
  return name
end

-- Is this an execution of the workflow that is to be run? Returns it; or nil and an error object.
local function joined(self, execution)
  local name = execution.workflow_name
  if type(name) ~= "string" then return nil, self.start:lacks("'workflow_name'", execution) end
  if name == self.target then return execution end
  local wanted, err = workflow_name(self)
  if err then return nil, err end
  if name == wanted then return execution end
  return nil, self.start:reported {
    kind = "http", status = 409, execution_id = self.id, execution = execution,
    message = ("the execution '%s' is one of the workflow '%s': choose another execution_id"):format(
      self.id, answers.excerpt(self.start:clean(name))),
  }
end

-- Can the service be asked for the execution that it names?
local function is_usable(self, id)
  if type(id) ~= "string" then return false end
  return id == self.start.execution_id or call.internal(nil, self.client, wait_definition, {}, id) ~= nil
end

-- Starts the execution, or joins the one that is there. Returns what is known of it; or nil and an error object.
local function begin(self)
  local start = self.start
  if self.options.join then
    local execution, err = execute.ask(start)
    if err then return nil, err end
    if execution then return joined(self, execution) end
    start.is_own_id = false -- it was asked for just now
  end
  local execution, err = execute.finish(start)
  if err and self.options.join and err.code == "WF_1101" then
    local other, ask_err = execute.ask(start)
    if other then return joined(self, other) end
    return nil, ask_err or err
  end
  if err then return nil, err end
  self.posted_at = core.now()
  self.id = member(execution, "execution_id") or self.id
  if type(execution) ~= "table" or not is_usable(self, self.id) then
    return nil, start:lacks("'execution_id' that can be asked for", execution)
  end
  return execution
end

local function cancel(self)
  local question = call.internal(self.start:text(), self.client, cancel_definition,
    { headers = self.options.headers, retry = self.options.retry }, self.id)
  if question then question:perform() end
end

--- Starts the execution and waits for its end.
-- @return result, execution, and what is missing of its events; or nil and an error object
function run.finish(self)
  self.id = self.start.execution_id
  local execution, err = begin(self)
  if not execution then return nil, err end
  self.start:release()
  if self.options.on_start then self.options.on_start(execution) end
  self.execution = execution.status ~= nil and execution or nil
  local ended, gap
  ended, err, gap = wait.finish(self)
  if not ended then
    if err.kind == "timeout" and self.options.on_timeout == "cancel" then cancel(self) end
    return nil, err, gap
  end
  local result = ended.result
  if result == nil then result = null end
  return result, ended, gap
end

return run
