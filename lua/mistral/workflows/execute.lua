--- Starting an execution once.
--
-- The client chooses the `execution_id` when the caller gave none. After a failure that leaves open
-- whether the service acted, it asks for that execution first and sends the request again only when
-- the service does not know it. `execution_id = false` leaves the choice to the service: then an
-- unknown outcome is returned as an error and nothing is sent twice.
-- @module mistral.workflows.execute

local core = require "mistral.workflows.core"
local call = require "mistral.workflows.call"
local rows = require "mistral.workflows.rows"
local wait = require "mistral.workflows.wait"

local execute = {}

-- How much longer than `timeout_seconds` an attempt lasts: the service answers when that time is over.
local SYNC_MARGIN = 10

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

-- What wait_for_result would have answered, of an execution that is known to exist.
local function sync_answer(client, state, execution)
  local body = state.body
  local seconds = type(body.timeout_seconds) == "number" and body.timeout_seconds or client.options.timeout
  local ended, problem = wait.wait(client, body.execution_id, {
    timeout = math.max(0.001, state.started + seconds - core.now()),
    retry = state.options.retry,
    headers = state.options.headers,
  }, execution)
  if not ended then return nil, problem end
  return { workflow_name = ended.workflow_name, execution_id = ended.execution_id, result = ended.result }
end

local function ask(client, state)
  local row = rows.by_name.get_workflow_execution
  local transfer = core.get_workflow_execution(client.handle, state.body.execution_id)
  return call.perform(client, call.state(client, row, transfer, {
    retry = state.options.retry,
    headers = state.options.headers,
    deadline = state.deadline and math.max(0.001, state.deadline - core.now()),
  }))
end

-- Did the service perhaps start the execution before this failure?
local function is_in_doubt(failure)
  if failure.kind == "http" then return failure.status >= 500 or failure.status == 408 end
  return (failure.kind == "network" or failure.kind == "timeout") and not failure.unsent
end

-- The `recover` of `call.perform`.
local function recover(client, state, failure)
  local problem = call.failed(client, state, failure)
  -- "This id is running already" is what an earlier attempt of this call brought about.
  local duplicate = failure.status == 409 and problem.code == "WF_1101" and state.in_doubt
  if not duplicate and not is_in_doubt(failure) then return true, nil, problem end
  state.in_doubt = true
  local execution, ask_problem = ask(client, state)
  if not execution then
    if ask_problem.status == 404 and not duplicate then return false end
    return true, nil, problem
  end
  if not state.body.wait_for_result then return true, execution end
  local answer, wait_problem = sync_answer(client, state, execution)
  if answer then return true, answer end
  return true, nil, wait_problem.kind == "execution" and wait_problem or problem
end

--- Makes the state of an execute call.
-- @param row execute_workflow or execute_workflow_registration
-- @param target workflow name or id, or registration id
-- @param request the caller's table or nil; not changed
-- @param call_options checked per-call options
-- @return the state for `call.perform`; or nil and what is wrong with the arguments
function execute.state(client, row, target, request, call_options)
  if request ~= nil and type(request) ~= "table" then
    return nil, ("the body must be a table, not a %s"):format(type(request))
  end
  local body = complete(request)
  local transfer, problem = core[row.name](client.handle, target, body)
  if not transfer then return nil, problem end
  local state = call.state(client, row, transfer, call_options)
  state.body = body
  if body.wait_for_result and type(body.timeout_seconds) == "number" then
    local timeout = call_options.timeout or client.options.timeout
    local least = body.timeout_seconds + SYNC_MARGIN
    if timeout < least then
      state.options = setmetatable({ timeout = least }, { __index = call_options })
    end
  end
  if body.execution_id then
    state.execution_id = body.execution_id
    state.recover = function(current, failure) return recover(client, current, failure) end
  end
  return state
end

return execute
