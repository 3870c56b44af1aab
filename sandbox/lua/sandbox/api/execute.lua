--- Starting workflows, and waiting for their results.

local catalogue = require "sandbox.catalogue"
local clock = require "sandbox.clock"
local fail = require "sandbox.fail"
local json = require "sandbox.json"
local json_schema = require "sandbox.json_schema"
local registrations = require "sandbox.api.registrations"
local runs = require "sandbox.runs"
local view = require "sandbox.run_view"
local wake = require "sandbox.wake"
local workflows = require "sandbox.api.workflows"

local execute = {}

local LONGEST_WAIT = 300

local definitions = {}

--- The decoded definition of a workflow.
function execute.definition(workflow, revision)
  local text = catalogue.definition(workflow, revision or 0)
  definitions[text] = definitions[text] or json.decode(text)
  return definitions[text]
end

local function check_id(id)
  if id and not id:find("^[%w_-]+$") then
    fail.invalid { fail.problem("string_pattern_mismatch", { "body", "execution_id" },
      "String should match pattern '^[a-zA-Z0-9_-]{1,256}$'", id, json.object("pattern", "^[a-zA-Z0-9_-]{1,256}$")) }
  end
end

local function given(value)
  return value ~= json.null and value or nil
end

local LARGEST = 2 * 1024 * 1024

-- The input, decoded, and its JSON text. An encoded input without options is plain JSON inside; others are kept as they
-- came.
local function input_of(body, texts)
  local encoded = given(body.encoded_input)
  if encoded and given(body.input) then
    fail.invalid { fail.problem("value_error", { "body" },
      "Value error, input and encoded_input are mutually exclusive", json.null) }
  elseif not encoded then
    return given(body.input), texts.input
  end
  local plain = #(encoded.encoding_options or {}) == 0 and ngx.decode_base64(encoded.b64payload)
  local value = plain and json.decode(plain)
  if value ~= nil then
    return given(value), plain
  end
  return encoded, texts.encoded_input
end

--- Raises the service's 422 when an input (decoded, nil for none) is too large or does not fit a schema. `text` is its
-- JSON.
function execute.check_against(schema, input, text)
  local problem = json_schema.problem(schema, input == nil and {} or input)
  if text and #text > LARGEST then
    problem = ("%d bytes are more than 2 MB"):format(#text)
  end
  if problem then
    fail.plain(422, "Invalid input: " .. problem)
  end
end

--- The same for the input of a workflow in one of its revisions.
function execute.check_input(workflow, revision, input, text)
  execute.check_against(execute.definition(workflow, revision).input_schema, input, text)
end

--- Raises 409 when nothing of a workflow may be started.
function execute.check_open(workflow)
  if workflow.archived then
    fail.plain(409, ("Workflow '%s' is archived"):format(workflow.name))
  end
end

--- The deployment that is to run a workflow: the named one, or the only active one.
function execute.deployment(workflow, name)
  if not name then
    local serving = catalogue.serving(workflow)
    if serving[2] then
      fail.bare(409, "code", "AMBIGUOUS_WORKFLOW", "deployments", json.array(serving))
    end
    return workflow.deployments[1]
  end
  for _, deployment in ipairs(workflow.deployments) do
    if deployment == name then
      return name
    end
  end
  fail.plain(404, ("Deployment '%s' does not serve workflow '%s'"):format(name, workflow.name))
end

-- Waits until an execution has ended; returns its last run, and false if time ran out first.
local function wait(id, seconds)
  local deadline, listener = clock.now() + seconds, wake.listen(id)
  while true do
    local run = runs.of_execution(id)
    local left = deadline - clock.now()
    if not run or runs.is_over(run) then
      return run, true
    elseif left <= 0 then
      return run, false
    end
    listener:wait(left)
  end
end

local function outcome(id, seconds)
  local run, ended = wait(id, seconds)
  if not run then
    fail.coded(404, "WF_1100", "Workflow execution not found")
  elseif not ended then
    fail.coded(504, "WF_1103", "Deadline exceeded while waiting for the workflow result")
  elseif run.status == "FAILED" then
    fail.coded(500, "WF_1103", "Workflow execution failed: " .. run.failure)
  elseif run.status ~= "COMPLETED" then
    fail.coded(500, "WF_1103", "Workflow execution ended with status " .. run.status)
  end
  return 200, view.outcome(run)
end

-- The trace and the span that the caller is in, unless it wants a new one: from the body, or else from the header.
local function trace_of(body)
  local text = given(body.traceparent) or ngx.var.http_traceparent
  if text and body.force_new_trace ~= true then
    local trace, span = text:match("^%x%x%-(%x+)%-(%x+)%-%x%x$")
    if trace and #trace == 32 and #span == 16 and trace:find("[^0]") and span:find("[^0]") then
      return trace:lower(), span:lower()
    end
  end
end

local function start(workflow, revision, deployment, request)
  local body = request.body
  check_id(given(body.execution_id))
  execute.check_open(workflow)
  deployment = execute.deployment(workflow, given(body.deployment_name) or given(body.task_queue) or deployment)
  local input, text = input_of(body, request.text)
  execute.check_input(workflow, revision, input, text)
  local id = given(body.execution_id)
  local previous = id and runs.of_execution(id)
  if previous and not runs.is_over(previous) then
    fail.coded(409, "WF_1101", ("Workflow execution '%s' is already running"):format(id))
  end
  local trace, parent_span = trace_of(body)
  local run = runs.start { workflow = workflow, id = id, input = text, deployment = deployment,
    tracing = given(body.custom_tracing_attributes), trace = trace, parent_span = parent_span,
    extensions = given(body.extensions) and request.text.extensions }
  if body.wait_for_result == true then
    local seconds = given(body.timeout_seconds) or LONGEST_WAIT
    return function() return outcome(run.id, math.min(seconds, LONGEST_WAIT)) end
  end
  return 200, view.full(run)
end

function execute.by_workflow(request)
  return start(workflows.find(request.path.workflow_identifier), 0, nil, request)
end

function execute.by_registration(request)
  local number = registrations.find(request.path.workflow_registration_id)
  local fact = catalogue.registration_facts(number)
  return start(catalogue.workflows()[fact.index], fact.revision, fact.deployment, request)
end

return execute
