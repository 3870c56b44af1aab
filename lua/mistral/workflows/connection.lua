--- One event connection that outlives its sockets.
--
-- After a drop, a time of silence or an orderly end it is opened again behind the last event that was taken, and what
-- was taken already is dropped by its broker_sequence. It knows bytes, frames, its position and reconnects, and
-- nothing of executions. Nothing here waits: whoever takes events waits for `connection:transfer()`, or until
-- `connection:due()`.
--
-- What is promised: events with a broker_sequence come once and in order. Records without one (logs) are found again
-- by their id: none is lost, and one comes twice only where the service itself sends it twice; of the record that was
-- taken last, with the same id and the same text, a repetition at the start of the next connection is dropped. Behind a
-- record whose id cannot be sent (it is too long, or no text) it goes on from the last id that can: what followed that
-- comes again. A frame that was cut off is no event: it comes again over the next connection.
-- @module mistral.workflows.connection

local core = require "mistral.workflows.core"
local call = require "mistral.workflows.call"
local retry = require "mistral.workflows.retry"

local connection = {}

local methods = {}
local metatable = { __index = methods, __name = "mistral.workflows.connection" }

local now = core.now

-- A connection that lived for so many seconds is no failed attempt, whatever ended it.
local HEALTHY_SECONDS = 10
-- Above this a broker_sequence is no number to count with: not every Lua holds it exactly.
local MOST_SEQUENCE = 2 ^ 53
-- An id that can stand in a request; of a longer one nothing can be resumed.
local LONGEST_ID = 1024

-- Where an event has its text, if that is wanted.
local TEXT = {}

-- The facts of an event by the service's names, as in an event that was listed: those of the workflow event in its
-- payload, then those of the payload itself.
local event_metatable = {
  __name = "mistral.workflows.event",
  __index = function(event, name)
    if name == "id" or name == "retry" then return nil end -- of the frame
    local payload = rawget(event, "data")
    if type(payload) ~= "table" then return nil end
    local inner = payload.data
    local value
    if type(inner) == "table" then value = inner[name] end
    if value == nil then value = payload[name] end
    return value
  end,
}

-- The header lines without a position that the caller began from.
local function without_position(lines)
  local kept = {}
  for _, line in ipairs(lines or {}) do
    if not line:lower():find "^last%-event%-id%s*[:;]" then kept[#kept + 1] = line end
  end
  return kept
end

connection.without_position = without_position

-- The parameters and header lines of the next request: the caller's, or those that go on behind what was taken.
local function position(self)
  local params, lines = {}, self.options.headers
  for name, value in next, self.params do params[name] = value end
  if not self.last_id and not self.last_sequence then return params, lines end
  lines = without_position(lines)
  local name = self.definition.row.resume
  if name ~= "start_seq" then
    params[name] = self.last_id or ("%d"):format(self.last_sequence)
    if params.event_source == "LIVE" then params.event_source = "HYBRID" end -- what was missed is not live
  elseif self.last_sequence then
    params.start_seq = self.last_sequence + 1
  else
    lines[#lines + 1] = "Last-Event-ID: " .. self.last_id
  end
  return params, lines
end

local function internal(...)
  return call.internal(nil, ...)
end

-- The call of the next request, not yet begun; or nil and what is wrong.
local function new_call(self, make)
  local params, lines = position(self)
  local options = setmetatable({ headers = lines, event_bytes = self.event_bytes }, { __index = self.options })
  return make(self.client, self.definition, options, self.path_value, params)
end

-- Plans the next request. Returns the monotonic time of it.
local function plan(self, failure)
  local delay, asked = 0, self.call.transfer:retry()
  if asked >= 0 then self.reconnection_time = math.min(asked / 1000, self.policy.cap) end
  if not self.progress then
    delay = retry.jitter(math.min(self.policy.cap, self.policy.base * 2 ^ math.min(self.failures - 1, 16)))
    if failure and failure.kind == "decode" then delay = self.policy.cap end -- it will hardly be better in a moment
  end
  delay = math.max(delay, self.reconnection_time, failure and failure.retry_after or 0)
  self.reconnect_at = now() + delay
  return self.reconnect_at
end

-- Is this failure the last one? A stream may be silent for as long as it likes, a service that does not answer may not.
local function gives_up(self, failure, was_live)
  if failure.kind == "cancelled" then return true end
  if self.patient then return false end
  if failure.phase == "idle" and was_live then return self.policy.attempts == 1 end
  return not retry.may_repeat("safe", failure) or self.failures >= self.policy.attempts
end

local function give_up(self, failure, err)
  self.call.attempts = self.failures
  self.err = err or self.call:failed(failure)
end

-- The connection is over: plans the next one, or sets the error with which all ends.
-- @param failure facts of what broke it, or nil for an orderly end
-- @param err the error object of the failure, where it is made already
-- @param was_live the service had begun to stream over it
local function over(self, failure, err, was_live)
  local lived = now() - self.connected_at
  self.connected, self.overs, self.over_at, self.failure = false, self.overs + 1, now(), failure
  if self.progress or (was_live and lived > HEALTHY_SECONDS) then self.failures = 0 end
  if self.failures == 0 then self.failing_since = now() end
  self.failures = self.failures + 1
  if failure and failure.status == 401 and not self.renewed and self.call:has_new_key() then
    self.renewed, self.reconnect_at = true, now()
    return
  end
  if was_live then self.renewed = false end
  if failure and gives_up(self, failure, was_live) then return give_up(self, failure, err) end
  if self.policy.attempts == 1 and not self.patient then
    self.closed = true -- an orderly end, and no second attempt is wanted
    return
  end
  local reconnect_at = plan(self, failure)
  if self.patient or not failure or was_live then return end
  if reconnect_at > self.failing_since + self.policy.budget then give_up(self, failure) end
end

-- Sends the request of a call that was made.
local function connect(self, made)
  self.call = made
  made.execution_id = self.execution_id
  self.opened, self.connected_at, self.progress = self.opened + 1, now(), false
  local begun, err = made:begin(0)
  if self.closed then return made:cancel() end -- by the function that gives the key
  self.connected = begun == true
  if begun then return end
  if err.status == 429 then over(self, err, err, false) else self.err = err end
end

--- Opens a connection and sends its first request.
-- @param definition of the public method
-- @param options checked: headers, retry, deadline (monotonic)
-- @param params the caller's table or nil; not changed
-- @param settings `{ policy, patient, event_bytes, execution_id }`; patient: it never gives up; event_bytes: larger
-- events are skipped, and counted in `connection.skipped`
-- @return the connection, whose `err` is set where a value cannot be sent; or nil and what is wrong with the arguments
function connection.open(client, definition, options, path_value, params, settings)
  if params ~= nil and type(params) ~= "table" then
    return nil, ("the parameters must be a table, not a %s"):format(type(params))
  end
  local copy = {}
  for name, value in next, params or {} do copy[name] = value end
  local self = setmetatable({
    client = client, definition = definition, options = options, path_value = path_value, params = copy,
    policy = settings.policy or options.retry or client.options.retry, patient = settings.patient,
    event_bytes = settings.event_bytes, skipped = 0, execution_id = settings.execution_id,
    opened = 0, overs = 0, failures = 0, failing_since = now(), reconnection_time = 0, heard_at = now(),
  }, metatable)
  local made, problem = new_call(self, settings.patient and internal or call.new)
  if type(problem) == "string" then return nil, problem end
  if made then connect(self, made) else self.err = problem end
  return self
end

--- Names the execution that errors speak of.
function methods:set_execution(id)
  self.execution_id = id
  if self.call then self.call.execution_id = id end
end

--- What the program called, for errors.
function methods:text()
  return self.call and self.call:text() or self.err.call
end

--- The transfer to wait for, or nil while there is none.
function methods:transfer()
  return self.connected and self.call.transfer or nil
end

--- Has the service begun to stream over this connection?
function methods:is_live()
  if not self.connected then return false end
  local code = self.call.transfer:status()
  return code >= 200 and code < 300
end

--- When something is to be done even if nothing arrives: monotonic seconds.
function methods:due()
  if self.closed or self.err then return math.huge end
  if not self.connected then return self.reconnect_at or math.huge end
  return self.call.transfer:last_byte() + self.client.options.idle_timeout
end

--- Closes it for good. May be called again.
function methods:close()
  self.closed, self.connected = true, false
  if self.call then self.call:cancel() end
end

--- Ends the connection of now; the next one is opened when it is due.
-- @param failure facts of why, or nil
function methods:drop(failure)
  if not self.connected then return end
  local was_live = self:is_live()
  self.call:cancel()
  over(self, failure, nil, was_live)
  if failure then self.call:observe(failure) end
end

--- Gives the connection back until something else is done. The next one is opened by `step`, soon.
function methods:pause()
  if not self.connected then return end
  self.call:cancel()
  self.connected, self.failures, self.progress = false, 1, false
  plan(self)
end

local function error_event(self, text)
  local err = self.call:failed { kind = "stream", body = text }
  err.retryable = true
  return err
end

local function sequence_of(data)
  local sequence = type(data) == "table" and data.broker_sequence
  if type(sequence) ~= "number" or sequence % 1 ~= 0 or sequence < 0 or sequence >= MOST_SEQUENCE then return nil end
  return sequence
end

-- Can a request name this id?
local function can_be_sent(id)
  return id ~= "" and #id <= LONGEST_ID and not id:find "%c"
    and (not id:find "[\128-\255]" or core.json.encode(id) ~= nil)
end

-- Is this the record that was taken last, at the start of a connection that goes on there and not behind it?
local function is_repeated(self, text, id)
  return not self.progress and id ~= "" and id == self.last_id and text == self.last_text
end

-- The event of a frame, or nil when it was taken before or was cut off; or nil and a failure.
local function take_frame(self, text, name, id, retry_ms, unfinished)
  local limit = self.client.options.max_response_bytes
  local data, _, problem = core.json.decode(text, core.json.memory_per_byte * limit)
  if problem == "too_large" then return nil, { kind = "too_large", reason = "value", limit = limit } end
  local sequence = sequence_of(data)
  if unfinished and (data == nil or not sequence and not (self.policy.attempts == 1 and not self.patient)) then
    return nil
  end
  if sequence and self.last_sequence and sequence <= self.last_sequence then return nil end
  if is_repeated(self, text, id) then return nil end
  if data == nil then data = text end
  self.last_sequence, self.last_text = sequence or self.last_sequence, not sequence and text or nil
  if can_be_sent(id) then self.last_id = id end
  self.progress, self.heard_at = true, now()
  local event = { data = data, event = name ~= "" and name or "message", id = id ~= "" and id or nil }
  if retry_ms >= 0 then event.retry = retry_ms end
  if self.options.raw then event[TEXT] = text end
  return setmetatable(event, event_metatable)
end

--- An event with its text in place of the decoded data; its facts can be read all the same.
function connection.as_text(event)
  return setmetatable({ data = event[TEXT], event = event.event, id = event.id, retry = event.retry },
    { __name = event_metatable.__name, __index = event })
end

-- Nothing came for `idle_timeout` seconds. The program may have been busy with something else meanwhile.
local function is_idle(self)
  local transfer = self.call.transfer
  if now() < self:due() then return false end
  self.client:drive()
  return not transfer:done() and now() >= self:due()
end

-- Ends the connection for what came over it.
local function break_off(self, failure, err)
  self.call:cancel()
  over(self, failure, err, true)
  self.call:observe(failure)
end

-- Takes what has arrived over the open connection. Returns an event, and whether there was anything.
local function read(self)
  local transfer = self.call.transfer
  local done = transfer:done()
  local text, name, id, retry_ms, unfinished, skipped = transfer:next_event()
  if skipped then
    self.skipped = self.skipped + 1
    if can_be_sent(id) then self.last_id = id end
    return nil, true
  elseif text then
    if name == "error" then
      break_off(self, { kind = "stream" }, error_event(self, text))
      return nil, true
    end
    local event, failure = take_frame(self, text, name, id, retry_ms, unfinished)
    if failure then break_off(self, failure) end
    return event, true
  elseif done then
    local was_live = self:is_live()
    self.connected, self.reconnect_at = false, now() -- if the observer raises an error, it is opened again
    local _, failure = self.call:finish()
    over(self, failure, nil, was_live)
    return nil, true
  elseif is_idle(self) then
    self:drop { kind = "timeout", phase = "idle" }
    return nil, true
  end
  return nil, false
end

--- Takes the next event that is there; reconnects when that is due. Does not wait.
-- @return an event, or nil: then `connection.err` is an error with which it ended, `connection.closed` is true at an
-- end without one, and `connection.overs` tells how many connections are over
function methods:step()
  while not self.closed and not self.err do
    if self.connected then
      local overs = self.overs
      local event, found = read(self)
      if event then return event end
      if not found or self.overs ~= overs then return nil end
    else
      local is_due = self.client.handle:closed() or self.reconnect_at and now() >= self.reconnect_at
      if not is_due then return nil end
      local made, problem = new_call(self, internal)
      if not made then
        self.err = problem
        return nil
      end
      connect(self, made)
    end
  end
  return nil
end

return connection
