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

-- A plain call of another operation, with the options of the wait.
local function ask(waiting, name, ...)
  local client, row = waiting.client, rows.by_name[name]
  local transfer = assert(core[name](client.handle, ...))
  local left = waiting.deadline and math.max(0.001, waiting.deadline - now())
  local state = call.state(client, row, transfer,
    { retry = waiting.options.retry, headers = waiting.options.headers, deadline = left })
  state.execution_id = waiting.id
  waiting.state = state
  return call.perform(client, state)
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
    local page = ask(waiting, "get_workflow_events", params)
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
  return call.reported(waiting.client, waiting.state or {}, {
    kind = "execution", operation = "get_workflow_execution", attempts = 1,
    status = execution.status, execution = execution, execution_id = waiting.id,
    message = ("the execution ended %s%s"):format(execution.status, message and ": " .. message or ""),
  })
end

local function timed_out(waiting)
  return errors.new {
    kind = "timeout", phase = "response", operation = "get_workflow_execution", attempts = 1, retryable = true,
    execution_id = waiting.id, execution = waiting.execution,
    message = ("the execution goes on after %g seconds; executions:wait(%q) waits on"):format(
      waiting.options.timeout, waiting.id),
  }
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
  local execution, err = ask(waiting, "get_workflow_execution", waiting.id)
  waiting.checked_at, waiting.checks = now(), waiting.checks + 1
  if not execution then
    if waiting.deadline and now() >= waiting.deadline then return nil, timed_out(waiting) end
    return nil, err
  end
  waiting.execution = execution
  return type(execution) == "table" and is_over(waiting, execution.status)
end

local function is_healthy(events)
  return events.connected and events.state.transfer:status() == 200
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

--- Waits until an execution ended.
-- @param id of the execution
-- @param options checked options: timeout (seconds in all), on_event, poll, retry, headers
-- @param execution what is known of it already, or nil
-- @param started monotonic seconds since when `timeout` counts, or nil: now
-- @return the execution, COMPLETED; or nil and an error object: kind "execution" when it ended otherwise,
-- "timeout" when it goes on after `timeout` seconds
function wait.wait(client, id, options, execution, started)
  local waiting = {
    client = client, id = id, options = options, execution = execution, poll = options.poll or DEFAULT_POLL,
    deadline = options.timeout and (started or now()) + options.timeout, checked_at = now(), checks = 0,
  }
  if not (execution and status.is_final(execution.status)) or options.on_event then
    waiting.stream = stream.watch(client, id, { headers = options.headers })
  end
  local ended, err = until_over(waiting)
  if waiting.stream then waiting.stream:close() end
  return ended, err
end

return wait
