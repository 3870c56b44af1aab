--- Waiting for the end of an execution.
--
-- The event stream tells the end at once; the status is what counts. It is asked for at the start, when
-- the stream says that the execution ended, after each reconnect, and on a timer that backs off.
-- @module mistral.workflows.wait

local core = require "mistral.workflows.core"
local call = require "mistral.workflows.call"
local errors = require "mistral.workflows.errors"
local loop = require "mistral.workflows.loop"
local rows = require "mistral.workflows.rows"
local status = require "mistral.workflows.status"
local stream = require "mistral.workflows.stream"

local wait = {}

local DEFAULT_POLL = { min = 0.25, max = 5 }
-- How long events that led to a known end are still collected for on_event, in seconds.
local DRAIN_SECONDS = 2
local FAILURE_PAGES = 20

local function now() return core.now() end

-- A plain call of another operation, with the options of the wait.
local function ask(waiting, name, ...)
  local client, row = waiting.client, rows.by_name[name]
  local transfer = assert(core[name](client.handle, ...))
  local left = waiting.deadline and math.max(0.001, waiting.deadline - now())
  return call.perform(client, call.state(client, row, transfer,
    { retry = waiting.options.retry, headers = waiting.options.headers, deadline = left }))
end

local function open_stream(waiting)
  waiting.stream = assert(stream.open(waiting.client, rows.by_name.stream, waiting.id, { event_source = "HYBRID" },
    { retry = waiting.options.retry, headers = waiting.options.headers }))
  waiting.stream.watched = true -- the status is asked for here
end

local function note_event(waiting, event)
  local message = status.failure_message(status.event_of(event.data))
  if message and event.data.data.workflow_exec_id == waiting.id then waiting.failure_message = message end
  if waiting.options.on_event then waiting.options.on_event(event) end
end

-- The message of the last failure event of the execution.
local function find_failure_message(waiting)
  local params = { workflow_exec_id = waiting.id, limit = 1000 }
  local found
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
  if execution.status == "FAILED" and not message then message = find_failure_message(waiting) end
  return errors.new {
    kind = "execution", operation = "get_workflow_execution", attempts = 1,
    status = execution.status, execution = execution, execution_id = waiting.id,
    message = ("the execution ended %s%s"):format(execution.status, message and ": " .. message or ""),
  }
end

local function timed_out(waiting)
  return errors.new {
    kind = "timeout", phase = "response", operation = "get_workflow_execution", attempts = 1, retryable = true,
    execution_id = waiting.id, execution = waiting.execution,
    message = ("the execution goes on after %g seconds; executions:wait(%q) waits on"):format(
      waiting.options.timeout, waiting.id),
  }
end

-- Asks for the status. Returns true when it is final, or nil and an error object.
local function check(waiting)
  local execution, err = ask(waiting, "get_workflow_execution", waiting.id)
  waiting.checked_at = now()
  if not execution then
    if waiting.deadline and now() >= waiting.deadline then return nil, timed_out(waiting) end
    return nil, err
  end
  waiting.execution = execution
  return type(execution) == "table" and status.is_final(execution.status)
end

-- When the status is asked for next. A healthy stream tells the end by itself in nearly all cases.
local function next_check(waiting)
  local poll = waiting.options.poll or DEFAULT_POLL
  local events = waiting.stream
  local interval = poll.max
  if not (events and events.connected and events.state.transfer:status() == 200) then
    interval = math.min(poll.max, poll.min * 2 ^ waiting.checks)
  end
  return waiting.checked_at + interval
end

-- Lets the stream work until `deadline`. Returns true when the status should be asked for now.
local function listen(waiting, deadline)
  local events = waiting.stream
  if not events then
    loop.sleep(waiting.client, deadline - now())
    return true
  end
  local reconnects = events.reconnects
  local event, problem = events:step(deadline)
  if event then
    note_event(waiting, event)
    return events.ended
  end
  if problem and problem.kind == "cancelled" then return nil, problem end
  -- Without the stream the timer has to do: a stream that cannot be had is no failure of the wait.
  if problem or events.ended then waiting.stream = nil end
  return problem ~= nil or events.ended or events.reconnects ~= reconnects
end

-- Hands out the events that led to the end, which the status may have told first.
local function drain(waiting)
  local deadline = now() + DRAIN_SECONDS
  while waiting.stream and not waiting.stream.ended and now() < deadline do
    local event, problem = waiting.stream:step(deadline)
    if event then note_event(waiting, event) end
    if problem or not event then return end
  end
end

local function has_end_event(execution)
  return execution.status ~= "TERMINATED" and execution.status ~= "TIMED_OUT"
end

local function settle(waiting)
  local execution = waiting.execution
  if waiting.options.on_event and has_end_event(execution) then drain(waiting) end
  if execution.status == "COMPLETED" then return execution end
  return nil, ended_badly(waiting, execution)
end

local function until_final(waiting)
  local final = waiting.execution and status.is_final(waiting.execution.status)
  local due = not final
  while not final do
    if waiting.deadline and now() >= waiting.deadline then return nil, timed_out(waiting) end
    local err
    if due or now() >= next_check(waiting) then
      final, err = check(waiting)
      waiting.checks, due = waiting.checks + 1, false
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
-- @return the execution, COMPLETED; or nil and an error object: kind "execution" when it ended otherwise,
-- "timeout" when it goes on after `timeout` seconds
function wait.wait(client, id, options, execution)
  local waiting = {
    client = client, id = id, options = options, execution = execution, checks = 0,
    deadline = options.timeout and now() + options.timeout, checked_at = now(),
  }
  if not (execution and status.is_final(execution.status)) or options.on_event then open_stream(waiting) end
  local ended, err = until_final(waiting)
  if waiting.stream then waiting.stream:close() end
  return ended, err
end

return wait
