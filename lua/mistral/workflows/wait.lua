--- Waiting for the end of an execution.
--
-- The event stream tells the end at once; the status is what counts. It is asked for at the start, when
-- the stream says that the execution ended, when a connection of the stream is over, and on a timer that backs off.
-- @module mistral.workflows.wait

local core = require "mistral.workflows.core"
local call = require "mistral.workflows.call"
local errors = require "mistral.workflows.errors"
local rows = require "mistral.workflows.rows"
local status = require "mistral.workflows.status"
local stream = require "mistral.workflows.stream"

local wait = {}

local DEFAULT_POLL = { min = 0.25, max = 5 }
-- How many times `poll.max` an execution may stand at CONTINUED_AS_NEW without a sign of the newer run.
local CONTINUE_PATIENCE = 4
-- Seconds of silence after which no more events are expected for on_event: of an end that has an event, and of others.
local DRAIN_SECONDS = 2
local DRAIN_SECONDS_WITHOUT_EVENT = 0.5
local FAILURE_PAGES = 20

local now = core.now

-- The operations that are asked, as definitions of calls.
local status_definition = { row = rows.by_name.get_workflow_execution, title = "wait" }
local events_definition = { row = rows.by_name.get_workflow_events, title = "wait" }

-- Waits for the answer to a call that was made for the wait.
local function perform(waiting, question)
  question.execution_id = waiting.id
  waiting.question = question
  return question:perform()
end

local function ask(waiting, definition, id, params)
  local question, problem = call.internal(waiting.about, waiting.client, definition, waiting.questions, id, params)
  if not question then return nil, problem end
  return perform(waiting, question)
end

local function ask_status(waiting)
  local first = waiting.first
  waiting.first = nil
  if first then return perform(waiting, first) end
  return ask(waiting, status_definition, waiting.id)
end

local function note_event(waiting, event)
  local detail = status.event_of(event.data)
  if detail and detail.workflow_exec_id == waiting.id then
    waiting.end_seen = status.ends(event.data, waiting.id)
    waiting.failure_message = status.failure_message(detail) or waiting.failure_message
    if waiting.continued_at then waiting.continued_at = now() end
  end
  if waiting.options.on_event then waiting.options.on_event(event) end
end

-- The message of the last failure event of the execution.
local function find_failure_message(waiting)
  local params, found = { workflow_exec_id = waiting.id, limit = 1000 }, nil
  for _ = 1, FAILURE_PAGES do
    local page = ask(waiting, events_definition, nil, params)
    if type(page) ~= "table" or type(page.events) ~= "table" then break end
    for _, event in ipairs(page.events) do
      if type(event) == "table" and event.workflow_exec_id == waiting.id then
        found = status.failure_message(event) or found
      end
    end
    if type(page.next_cursor) ~= "string" or page.next_cursor == "" then break end
    params = { workflow_exec_id = waiting.id, limit = 1000, cursor = page.next_cursor }
  end
  return found
end

local function ended_badly(waiting, execution)
  local message = waiting.failure_message
  if execution.status == "FAILED" then
    message = message or find_failure_message(waiting)
  elseif execution.status == "CONTINUED_AS_NEW" then
    message = "no newer run has appeared under its id"
  else
    message = nil
  end
  local fields = {
    kind = "execution", status = execution.status, execution = execution, execution_id = waiting.id,
    message = ("the execution %s%s"):format(execution.status, message and ": " .. message or ""),
  }
  return waiting.question:reported(fields)
end

local function timed_out(waiting)
  return errors.new({
    kind = "timeout", phase = "response", operation = "get_workflow_execution", attempts = 1, retryable = true,
    execution_id = waiting.id, execution = waiting.execution, call = waiting.about,
    message = ("the execution goes on after %g seconds; executions:wait(%q) waits on"):format(
      waiting.options.timeout, waiting.id),
  }, waiting.client.secrets)
end

-- Is it over? An execution that was continued as new goes on in a newer run, which shows after a moment.
local function is_over(waiting, value)
  if value ~= "CONTINUED_AS_NEW" then
    waiting.continued_at = nil
    return status.is_final(value)
  end
  waiting.continued_at = waiting.continued_at or now()
  return now() >= waiting.continued_at + CONTINUE_PATIENCE * waiting.poll.max
end

-- Asks for the status. Returns whether the execution is over, or nil and an error object.
local function check(waiting)
  local client, events = waiting.client, waiting.stream
  -- Streams that hold all connections would let nobody ask.
  if client.handle:running() >= client.options.max_connections then events:pause() end
  local execution, err = ask_status(waiting)
  waiting.checked_at, waiting.checks = now(), waiting.checks + 1
  if not execution then
    if waiting.deadline and now() >= waiting.deadline then return nil, timed_out(waiting) end
    return nil, err
  end
  waiting.execution = execution
  return type(execution) == "table" and is_over(waiting, execution.status)
end

local function is_healthy(events)
  return events.connected and events.call.transfer:status() == 200
end

-- When the status is asked for next. A healthy stream tells the end by itself in nearly all cases.
local function next_check(waiting)
  local poll = waiting.poll
  local interval = poll.max
  if not is_healthy(waiting.stream) then interval = math.min(poll.max, poll.min * 2 ^ waiting.checks) end
  return waiting.checked_at + interval
end

-- Lets the stream work until `deadline`. Returns true when the status should be asked for now, or nil and an error.
local function listen(waiting, deadline)
  local events = waiting.stream
  local reconnects = events.reconnects
  local event, problem = events:step(deadline)
  if problem then return nil, problem end
  if not event then return events.reconnects ~= reconnects end
  note_event(waiting, event)
  if not waiting.end_seen then return false end
  events:pause() -- the connection is free for the question
  waiting.checks = 0
  return true
end

-- Hands out the events that led to the end, which the status may have told first.
local function drain(waiting)
  local events, value = waiting.stream, waiting.execution.status
  local has_event = value == "COMPLETED" or value == "FAILED" or value == "CANCELED"
  local silence = has_event and DRAIN_SECONDS or DRAIN_SECONDS_WITHOUT_EVENT
  local deadline = now() + silence
  while not waiting.end_seen and events.failures < 2 do
    local event, problem = events:step(deadline)
    if event then
      note_event(waiting, event)
      deadline = now() + silence
    elseif problem or now() >= deadline then
      return
    end
  end
end

local function settle(waiting)
  local execution = waiting.execution
  if waiting.options.on_event and waiting.stream then drain(waiting) end
  if execution.status == "COMPLETED" then return execution end
  return nil, ended_badly(waiting, execution)
end

local function until_over(waiting)
  local over = waiting.execution and status.is_final(waiting.execution.status)
  local due = not waiting.execution
  while not over do
    if waiting.deadline and now() >= waiting.deadline then return nil, timed_out(waiting) end
    local err
    if due or now() >= next_check(waiting) then
      over, err = check(waiting)
      due = false
    else
      local wake = next_check(waiting)
      if waiting.deadline then wake = math.min(wake, waiting.deadline) end
      due, err = listen(waiting, wake)
    end
    if err then return nil, err end
  end
  return settle(waiting)
end

--- The options of a wait's requests. All share its deadline.
-- @param options of the wait
function wait.questions(options)
  return { retry = options.retry, headers = options.headers, deadline = options.deadline }
end

--- Makes the first question of a wait, which shows whether the id can be sent at all.
-- @param id of the execution
-- @return what `wait.finish` takes; or nil and what is wrong with the arguments
function wait.prepare(client, definition, options, id)
  local questions = wait.questions(options)
  local first, problem = call.new(client, definition, questions, id)
  if not first then return nil, problem end
  return { client = client, id = id, options = options, questions = questions, first = first, about = first:text() }
end

--- Waits until an execution ended.
-- @param waiting table: `client`; `id` of the execution; checked `options`; `questions`, the options of its requests;
-- `about`, text for errors; `execution`, what is known of it already, or nil; `question`, the call that told it;
-- `first`, a call that asks for it, or nil
-- @return the execution, COMPLETED; or nil and an error object: kind "execution" when it ended otherwise,
-- "timeout" when it goes on after its time
function wait.finish(waiting)
  local options, execution = waiting.options, waiting.execution
  waiting.poll, waiting.deadline = options.poll or DEFAULT_POLL, options.deadline
  waiting.checked_at, waiting.checks = now(), 0
  if not (execution and status.is_final(execution.status)) or options.on_event then
    waiting.stream = stream.watch(waiting.client, waiting.id, { headers = options.headers }, waiting.about)
  end
  local ended, err = until_over(waiting)
  if waiting.stream then waiting.stream:close() end
  return ended, err
end

return wait
