--- Starting an execution once.
--
-- The client chooses the `execution_id` when the caller gave none. After a failure that leaves open
-- whether the service acted, it asks for that execution first and sends the request again only when
-- the service does not know it. An id of the caller's may have been used before: it is asked for before anything is
-- sent, and afterwards only an execution that differs from what was there is taken for the one that was started.
-- `execution_id = false` leaves the choice to the service: then an unknown outcome is returned as an error and nothing
-- is sent twice.
-- @module mistral.workflows.execute

local core = require "mistral.workflows.core"
local call = require "mistral.workflows.call"
local rows = require "mistral.workflows.rows"
local shape = require "mistral.workflows.shape"
local wait = require "mistral.workflows.wait"

local execute = {}

-- How much longer than `timeout_seconds` an attempt lasts: the service answers when that time is over.
local SYNC_MARGIN = 10

-- The options of a call that is answered when the execution has ended, or after so many seconds.
local function with_time(client, options, seconds)
  local copy = {}
  for name, value in next, options do copy[name] = value end
  copy.timeout = math.max(options.timeout or client.options.timeout, seconds + SYNC_MARGIN)
  return copy
end

-- A copy of the request with an execution_id, unless the caller wants none.
local function complete(request)
  local body = {}
  for name, value in next, request or {} do body[name] = value end
  if body.execution_id == nil then
    body.execution_id = core.random(16)
  elseif body.execution_id == false then
    body.execution_id = nil
  end
  return body
end

local status_definition = { row = rows.by_name.get_workflow_execution, title = "get" }

--- Asks for the execution of a call.
-- @return the execution, or nil; the error object where the question failed, nil where the service does not know it
function execute.ask(self)
  local question, err = call.internal(self:text(), self.client, status_definition, wait.questions(self.options),
    self.execution_id)
  if not question then return nil, err end
  question.execution_id = self.execution_id
  local execution
  execution, err = question:perform()
  if not err and (type(execution) ~= "table" or execution.status == nil) then
    return nil, question:lacks("'status'", execution)
  end
  return execution, err and err.status ~= 404 and err or nil
end

-- What wait_for_result would have answered, of an execution that is known to exist.
local function sync_answer(self, execution)
  local body, options = self.body, self.options
  local seconds = type(body.timeout_seconds) == "number" and body.timeout_seconds or self.client.options.timeout
  local ended, err = wait.finish {
    client = self.client, id = self.execution_id, reporter = self, execution = execution,
    options = {
      timeout = seconds, deadline = math.min(self.started + seconds, options.deadline or math.huge),
      retry = options.retry, headers = options.headers,
    },
  }
  if not ended then return nil, err end
  return { workflow_name = ended.workflow_name, execution_id = ended.execution_id, result = ended.result }
end

-- Did the service perhaps start the execution before this failure, by which it has refused nothing?
local function is_in_doubt(failure)
  if failure.kind == "http" then return failure.status >= 500 or failure.status == 408 end
  return failure.kind == "network" or failure.kind == "timeout"
end

-- Was this execution there before the request was sent?
local function was_there(self, execution)
  local before = self.before
  return before ~= nil and before.start_time == execution.start_time
end

-- The `recover` of a call.
local function recover(self, failure)
  local problem = self:failed(failure)
  -- "This id is running already" is what an earlier attempt of this call may have brought about.
  local duplicate = problem.code == "WF_1101" and self.in_doubt
  if not duplicate and not is_in_doubt(failure) then return true, nil, problem end
  self.in_doubt = true
  local execution, err = execute.ask(self)
  if execution and was_there(self, execution) then execution = nil end
  if not execution then
    if err or duplicate then return true, nil, problem end
    return false
  end
  if not self.body.wait_for_result then return true, shape.apply(self.options.shape, execution) end
  local answer, wait_err = sync_answer(self, execution)
  if answer then return true, shape.apply(self.options.shape, answer) end
  return true, nil, wait_err.kind == "execution" and wait_err or problem
end

--- Makes an execute call.
-- @param definition of the method; its row is execute_workflow or execute_workflow_registration
-- @param options checked per-call options
-- @param target workflow name or id, or registration id
-- @param request the caller's table or nil; not changed
-- @return the call; or nil and what is wrong with the arguments
function execute.prepare(client, definition, options, target, request)
  local is_table = request == nil or type(request) == "table"
  local body = is_table and complete(request) or request
  local self, problem = call.new(client, definition, options, target, body)
  if not self then return nil, problem end
  self.body = body
  if body.wait_for_result and type(body.timeout_seconds) == "number" then
    self.options = with_time(client, options, body.timeout_seconds)
  end
  if body.execution_id then
    self.execution_id, self.recover = body.execution_id, recover
    self.is_own_id = type(request) == "table" and request.execution_id == body.execution_id
  end
  return self
end

--- Starts the execution.
-- @return the answer; or nil and an error object
function execute.finish(self)
  if self.is_own_id then
    local err
    self.before, err = execute.ask(self)
    if err then return nil, err end
  end
  return self:perform()
end

return execute
