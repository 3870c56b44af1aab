--- The methods run and wait.
-- @module mistral.workflows.run

local core = require "mistral.workflows.core"
local execute = require "mistral.workflows.execute"
local method = require "mistral.workflows.method"
local options_of = require "mistral.workflows.options"
local rows = require "mistral.workflows.rows"
local wait = require "mistral.workflows.wait"

local run = {}

local null = core.json.null

-- The request without what would make the service wait: run waits itself.
local function without_wait(request)
  if type(request) ~= "table" then return request end
  local body = {}
  for name, value in next, request do body[name] = value end
  body.wait_for_result, body.timeout_seconds = nil, nil
  return body
end

local function prepare(client, definition, options, target, request)
  local questions = wait.questions(options)
  local start, problem = execute.prepare(client, definition, questions, target, without_wait(request))
  if not start then return nil, problem end
  return { start = start, client = client, options = options, questions = questions, about = start:text() }
end

-- The state of the run is that of its wait, once the execution has started.
local function finish(running)
  local start = running.start
  local execution, err = start:perform()
  if err then return nil, err end
  local is_object = type(execution) == "table"
  running.id = is_object and execution.execution_id or start.execution_id
  if type(running.id) ~= "string" or running.id == "" then
    return nil, start:reported { kind = "decode", message = "the answer does not say which execution was started" }
  end
  running.question, running.execution = start, is_object and execution or nil
  execution, err = wait.finish(running)
  if not execution then return nil, err end
  if execution.result == nil then return null, execution end
  return execution.result, execution
end

local function run_definition(row)
  return {
    resource = row.resource, verb = "run", row = row, arguments = method.behind[2], options = options_of.wait,
    prepare = prepare, finish = finish,
  }
end

--- The definitions of `workflows:run`, `registrations:run` and `executions:wait`.
run.definitions = {
  run_definition(rows.by_name.execute_workflow),
  run_definition(rows.by_name.execute_workflow_registration),
  {
    resource = "executions", verb = "wait", row = rows.by_name.get_workflow_execution, arguments = method.behind[1],
    options = options_of.wait, prepare = wait.prepare, finish = wait.finish,
  },
}

return run
