--- Event streams that outlive their connections.
--
-- After a drop, an idle time-out or a clean close without an end, the stream is opened again behind
-- the last event that was delivered, and what was delivered already is dropped by its broker_sequence.
-- A stream of one execution ends after the execution's own end event; as TERMINATED and TIMED_OUT have
-- no event, the status is asked for whenever the connection ended.
-- @module mistral.workflows.stream

local core = require "mistral.workflows.core"
local call = require "mistral.workflows.call"
local errors = require "mistral.workflows.errors"
local loop = require "mistral.workflows.loop"
local retry = require "mistral.workflows.retry"
local rows = require "mistral.workflows.rows"
local status = require "mistral.workflows.status"

local stream = {}

-- A connection that lived this long in seconds is no failed attempt, whatever ended it.
local HEALTHY_SECONDS = 10

local methods = {}
local metatable = { __index = methods, __name = "mistral.workflows.stream" }

-- The execution whose end event ends the stream, or nil.
local function target_of(row, path_value, params)
  if row.resource == "executions" then return path_value end
  for _, name in ipairs { "workflow_exec_id", "root_workflow_exec_id" } do
    local id = params and params[name]
    if type(id) == "string" and id ~= "*" then return id end
  end
  return nil
end

-- The caller's parameters, or those that go on behind what was delivered.
local function current_params(self)
  local params = {}
  for name, value in next, self.params do params[name] = value end
  if self.row.resume == "start_seq" then
    if self.last_sequence then params.start_seq = self.last_sequence + 1 end
  else
    local id = self.last_id or (self.last_sequence and ("%d"):format(self.last_sequence))
    if id then params[self.row.resume] = id end
  end
  return params
end

local function make_transfer(self)
  local make = core[self.row.name]
  if self.row.path_values == 1 then return make(self.client.handle, self.path_value, current_params(self)) end
  return make(self.client.handle, current_params(self))
end

--- Opens a stream and sends its first request.
-- @param path_value of the operation, or nil
-- @param params the caller's table or nil; not changed
-- @param options checked per-call options
-- @return the stream; or nil and what is wrong with the arguments
function stream.open(client, row, path_value, params, options)
  if params ~= nil and type(params) ~= "table" then
    return nil, ("the parameters must be a table, not a %s"):format(type(params))
  end
  local copy = {}
  for name, value in next, params or {} do copy[name] = value end
  local self = setmetatable({
    client = client, row = row, path_value = path_value, params = copy, options = options,
    policy = options.retry or client.options.retry,
    target = target_of(row, path_value, copy),
    failures = 0,
  }, metatable)
  local transfer, problem = make_transfer(self)
  if not transfer then return nil, problem end
  self.state = call.state(client, row, transfer, options)
  self:connect()
  return self
end

--- Sends the request for the stream.
function methods:connect()
  self.connected_at = core.now()
  local started, problem = call.start(self.client, self.state, 0)
  if not started then self.problem = problem end
  self.connected = started
  self.reconnect_at = nil
end

--- Closes the connection. The stream is over; may be called again.
function methods:close()
  self.ended = true
  if self.state then self.state.transfer:cancel() end
end

metatable.__close = methods.close

-- Plans the next connection.
local function reconnect_after(self, delay)
  self.connected = false
  self.reconnects = (self.reconnects or 0) + 1
  local asked = self.state.transfer:retry()
  if asked > 0 and asked / 1000 > delay then delay = asked / 1000 end
  self.reconnect_at = core.now() + delay
  local attempts = self.state.attempts
  self.state = call.state(self.client, self.row, assert(make_transfer(self)), self.options)
  self.state.attempts = attempts
end

local function backoff(self)
  return retry.jitter(math.min(self.policy.cap, self.policy.base * 2 ^ math.min(self.failures, 16)))
end

-- The connection failed or broke. Returns an error object when the stream has to give up.
local function drop(self, failure)
  if self.delivered_since_connect or core.now() - self.connected_at > HEALTHY_SECONDS then self.failures = 0 end
  self.failures = self.failures + 1
  if not retry.may_repeat("safe", failure) or self.failures >= self.policy.attempts then
    self.state.attempts = self.failures
    return call.failed(self.client, self.state, failure)
  end
  local delay = backoff(self)
  if failure.retry_after and failure.retry_after > delay then delay = failure.retry_after end
  if delay > self.policy.budget then return call.failed(self.client, self.state, failure) end
  reconnect_after(self, delay)
end

-- The execution may have ended without an event. Returns true when it has, or nil and an error object.
local function target_ended(self)
  if not self.target then return false end
  local row = rows.by_name.get_workflow_execution
  local transfer = core.get_workflow_execution(self.client.handle, self.target)
  local execution, err = call.perform(self.client, call.state(self.client, row, transfer,
    { retry = self.options.retry, headers = self.options.headers }))
  if not execution then return nil, err end
  return status.is_final(execution.status)
end

-- The connection ended or fell silent without a failure.
local function quiet_end(self)
  if not self.watched then
    local ended, err = target_ended(self)
    if ended == nil then return err end
    if ended then
      if self.drained then
        self.ended = true
        return nil
      end
      self.drained = true -- what came between the last event and the end is still to be read
    end
  end
  if self.policy.attempts == 1 then
    self.ended = true
    return nil
  end
  self.failures = self.delivered_since_connect and 0 or self.failures + 1
  reconnect_after(self, (self.delivered_since_connect or self.drained) and 0 or backoff(self))
end

-- The connection is over: decides how to go on. Returns an error object, or nothing.
local function connection_over(self)
  local transfer = self.state.transfer
  local value, failure = transfer:result()
  call.observe(self.client, self.state, failure)
  if failure and failure.kind ~= "decode" then return drop(self, failure) end
  return value == nil and quiet_end(self) or nil
end

local function error_event(self, text)
  local detail = core.json.decode(text) or core.json.decode((text:gsub("\r?\n", "\\n")))
  local readable = type(detail) == "table"
  local message = readable and type(detail.error) == "string" and detail.error or text
  return errors.new {
    kind = "stream", operation = self.row.name, attempts = self.state.attempts, retryable = true,
    message = "the service ended the stream: " .. message,
    reason = readable and type(detail.reason) == "string" and detail.reason or "stream_error",
    detail = readable and detail or nil, body = text, execution_id = self.target,
  }
end

-- Notes where the stream is. False for an event that was delivered before.
local function advance(self, event)
  local data = event.data
  local sequence = type(data) == "table" and data.broker_sequence
  if type(sequence) == "number" then
    if self.last_sequence and sequence <= self.last_sequence then return false end
    self.last_sequence = sequence
  end
  if event.id then self.last_id = event.id end
  return true
end

-- The event of a frame, or nil when it was delivered before or was cut off; an error object for an error event.
local function take_frame(self, text, name, id, retry_ms, unfinished)
  if name == "error" then return nil, error_event(self, text) end
  local data = core.json.decode(text)
  if data == nil then
    if unfinished then return nil end
    data = text
  end
  local event = {
    data = data,
    event = name ~= "" and name or "message",
    id = id ~= "" and id or nil,
    retry = retry_ms >= 0 and retry_ms or nil,
  }
  if not advance(self, event) then return nil end
  self.failures, self.delivered_since_connect, self.drained = 0, true, false
  return event
end

local function too_large(self)
  self.state.transfer:cancel()
  return call.failed(self.client, self.state,
    { kind = "too_large", reason = "event", limit = self.client.options.max_response_bytes })
end

-- One look at an open connection. Returns an event, or nil and an error object, or nothing.
local function read(self)
  local transfer = self.state.transfer
  local done = transfer:done()
  local text, name, id, retry_ms, unfinished = transfer:next_event()
  if text then
    local event, problem = take_frame(self, text, name, id, retry_ms, unfinished)
    if event and self.target and status.ends(event.data, self.target) then self:close() end
    return event, problem, true
  end
  if text == false then return nil, too_large(self) end
  if done then return nil, connection_over(self), true end
end

local function idle_for(self)
  return self.state.transfer:last_byte() + self.client.options.idle_timeout
end

-- Waits for bytes. Returns an error object, or nothing.
local function await_bytes(self, deadline)
  local idle_at = idle_for(self)
  local wake = deadline and math.min(deadline, idle_at) or idle_at
  loop.await(self.client, self.state.transfer, wake)
  if core.now() < idle_for(self) or self.state.transfer:done() then return nil end
  self.state.transfer:cancel()
  call.observe(self.client, self.state, { kind = "timeout" })
  return quiet_end(self)
end

--- The next event, for at most as long as the monotonic time `deadline` allows.
-- @return an event; or nil and an error object; or nil when the stream is over (`stream.ended`) or the time is
function methods:step(deadline)
  while not self.ended do
    if self.problem then return nil, self.problem end
    local event, problem, moved
    if self.connected then
      event, problem, moved = read(self)
    elseif core.now() >= self.reconnect_at then
      self.delivered_since_connect = false
      self:connect()
      moved = true
    else
      local wake = deadline and math.min(deadline, self.reconnect_at) or self.reconnect_at
      loop.sleep(self.client, wake - core.now())
    end
    if self.connected and not moved and not problem then problem = await_bytes(self, deadline) end
    if event then return event end
    if problem then
      self:close()
      return nil, problem
    end
    if deadline and core.now() >= deadline then return nil end
    if self.client.handle:closed() then
      self.ended = true
      return nil, call.failed(self.client, self.state, { kind = "cancelled" })
    end
  end
  return nil
end

--- `for event in stream`: the next event, nil at the end; raises error objects.
function metatable:__call()
  local event, problem = self:step(nil)
  if problem then error(problem, 0) end
  return event
end

--- What a stream method returns: the stream, which is its own iterator and is closed when a `for` of Lua 5.4 is left.
function stream.iterate(_, self)
  return self, nil, nil, self
end

return stream
