--- Event streams that outlive their connections.
--
-- After a drop, an idle time-out or a clean close without an end, the stream is opened again behind
-- the last event that was delivered, and what was delivered already is dropped by its broker_sequence.
-- A stream of one execution ends after the execution's own end event. TERMINATED and TIMED_OUT have no
-- event: the status is asked for whenever the connection ended or no event came for `idle_timeout` seconds.
-- @module mistral.workflows.stream

local core = require "mistral.workflows.core"
local answers = require "mistral.workflows.answers"
local call = require "mistral.workflows.call"
local loop = require "mistral.workflows.loop"
local retry = require "mistral.workflows.retry"
local rows = require "mistral.workflows.rows"
local status = require "mistral.workflows.status"

local stream = {}

-- A stream that lived for so many seconds is no failed attempt, whatever ended it.
local HEALTHY_SECONDS = 10
-- How long the service may take to tell the status.
local STATUS_SECONDS = 10
-- How long events are still awaited after the status said that the execution ended.
local DRAIN_SECONDS = 2

-- A watched stream is an aid to whoever asks for the status: it never gives up.
local watch_policy = { attempts = math.huge, base = 0.5, cap = 5, budget = math.huge }

local methods = {}
local metatable = { __index = methods, __name = "mistral.workflows.stream" }

-- The execution whose end event ends the stream, or nil.
local function target_of(row, path_value, params)
  if row.resource == "executions" then return path_value end
  for _, name in ipairs { "workflow_exec_id", "root_workflow_exec_id" } do
    local id = params[name]
    if type(id) == "string" and id ~= "" and id ~= "*" then return id end
  end
  return nil
end

-- The header lines without a position that the caller began from.
local function without_position(lines)
  local kept = {}
  for _, line in ipairs(lines or {}) do
    if not line:lower():find("^last%-event%-id%s*:") then kept[#kept + 1] = line end
  end
  return kept
end

-- The parameters and header lines of the next connection: the caller's, or those that go on behind what was delivered.
local function position(self)
  local params, lines = {}, self.options.headers
  for name, value in next, self.params do params[name] = value end
  if not self.last_id and not self.last_sequence then return params, lines end
  lines = without_position(lines)
  local name = self.row.resume
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

-- Begins a connection.
-- @param request its call, or nil and `problem`
local function connect(self, request, problem)
  self.connected_at, self.heard_at, self.progress = core.now(), core.now(), false
  self.connected = false
  if request then
    self.call, request.execution_id = request, self.target
    self.connected, problem = request:begin(0)
  end
  self.problem = problem
end

local function reconnect(self)
  local params, lines = position(self)
  connect(self, call.internal(self.about, self.client, self.definition, { headers = lines }, self.path_value, params))
end

local function new(self)
  self.failures, self.reconnects, self.reconnection_time = 0, 0, 0
  self.row = self.definition.row
  return setmetatable(self, metatable)
end

--- Opens a stream and sends its first request.
-- @param path_value of the operation, or nil
-- @param params the caller's table or nil; not changed
-- @return the stream; or nil and what is wrong with the arguments
function stream.prepare(client, definition, options, path_value, params)
  if params ~= nil and type(params) ~= "table" then
    return nil, ("the parameters must be a table, not a %s"):format(type(params))
  end
  local copy = {}
  for name, value in next, params or {} do copy[name] = value end
  local request, problem = call.new(client, definition, options, path_value, copy)
  if type(problem) == "string" then return nil, problem end
  local self = new {
    client = client, definition = definition, path_value = path_value, params = copy, options = options,
    policy = options.retry or client.options.retry, target = target_of(definition.row, path_value, copy),
  }
  connect(self, request, problem)
  return self
end

local watch_definition = { row = rows.by_name.stream, title = "stream" }

--- Opens the stream of an execution for somebody who asks for its status himself.
-- It neither ends nor fails by itself, and `step` returns nil also when a connection is over.
-- @param options `{ headers }`
-- @param about text for errors: the call that it is opened for
function stream.watch(client, id, options, about)
  local self = new {
    client = client, definition = watch_definition, path_value = id, params = { event_source = "HYBRID" },
    options = options, policy = watch_policy, target = id, watched = true, about = about,
  }
  reconnect(self)
  return self
end

--- Closes the connection. The stream is over; may be called again.
function methods:close()
  self.ended = true
  if self.call then self.call:cancel() end
end

metatable.__close = methods.close

-- Plans the next connection. Returns the seconds until then.
local function plan(self, failure)
  local delay, asked = 0, self.call.transfer:retry()
  if asked >= 0 then self.reconnection_time = asked / 1000 end
  if not self.progress and not self.final then
    local steps = math.min(self.failures - 1, 16)
    delay = retry.jitter(math.min(self.policy.cap, self.policy.base * 2 ^ steps))
  end
  delay = math.max(delay, self.reconnection_time, failure and failure.retry_after or 0)
  self.connected, self.reconnect_at = false, core.now() + delay
  self.reconnects = self.reconnects + 1
  return delay
end

local status_definition = { row = rows.by_name.get_workflow_execution, title = "get" }

-- Asks whether the execution has ended. When nobody can tell, the next connection will.
local function look(self)
  if self.target and not self.watched and not self.final then
    local question = call.internal(self.about, self.client, status_definition, {
      timeout = STATUS_SECONDS, deadline = self.options.deadline, retry = self.options.retry,
      headers = without_position(self.options.headers),
    }, self.target)
    local execution = question and question:perform()
    self.final = type(execution) == "table" and status.is_final(execution.status)
  end
  self.heard_at = core.now()
end

-- Has the service begun to stream over this connection?
local function has_begun(self)
  local code = self.call.transfer:status()
  return code >= 200 and code < 300
end

-- Is this failure the last one? A stream may be silent for as long as it likes, a service that does not answer may not.
local function gives_up(self, failure)
  if failure.kind == "cancelled" then return true end
  if self.watched then return false end
  if failure.phase == "idle" and has_begun(self) then return self.policy.attempts == 1 end
  return not retry.may_repeat("safe", failure) or self.failures >= self.policy.attempts
end

local function give_up(self, failure)
  self.call.attempts = self.failures
  return self.call:failed(failure)
end

-- The connection is over: plans the next one, or ends the stream.
-- @param failure facts of what broke it, or nil for an orderly end
-- @return an error object when the stream has to give up
local function connection_over(self, failure)
  local lived = core.now() - self.connected_at
  if self.progress or (has_begun(self) and lived > HEALTHY_SECONDS) then self.failures = 0 end
  self.failures = self.failures + 1
  if not failure or failure.phase == "idle" then
    if self.final and not self.progress then -- there is no more
      self.ended = true
      return nil
    end
    look(self)
    if self.client.handle:closed() then failure = { kind = "cancelled" } end
  end
  if self.policy.attempts == 1 and (not failure or failure.phase == "idle" and self.final) then
    self.ended = true
    return nil
  end
  if failure and gives_up(self, failure) then return give_up(self, failure) end
  local delay = plan(self, failure)
  if failure and failure.phase ~= "idle" and delay > self.policy.budget then return give_up(self, failure) end
  return nil
end

--- Closes the connection of a watched stream for now. A later `step` opens it again.
function methods:pause()
  if not self.connected then return end
  self.call:cancel()
  self.progress, self.failures = false, 1
  plan(self)
end

local function error_event(self, text)
  local fields = answers.error_event(text)
  fields.kind, fields.retryable, fields.execution_id = "stream", true, self.target
  fields.message = "the service ended the stream: " .. fields.message
  return self.call:reported(fields)
end

-- Was the event delivered before? Log records have no sequence: a service that resumes at the last id, and not
-- behind it, repeats one.
local function is_repeated(self, sequence, id)
  if sequence and self.last_sequence then return sequence <= self.last_sequence end
  return not sequence and id ~= nil and id == self.last_id and not self.progress and self.reconnects > 0
end

-- The event of a frame, or nil when it was delivered before or was cut off.
local function take_frame(self, text, name, id, retry_ms, unfinished)
  local data = core.json.decode(text)
  if data == nil then
    if unfinished then return nil end
    data = text
  end
  local sequence = type(data) == "table" and data.broker_sequence
  if type(sequence) ~= "number" or sequence % 1 ~= 0 then sequence = nil end
  if id == "" then id = nil end
  if is_repeated(self, sequence, id) then return nil end
  self.last_sequence, self.last_id = sequence or self.last_sequence, id or self.last_id
  self.progress, self.heard_at = true, core.now()
  return { data = data, event = name ~= "" and name or "message", id = id, retry = retry_ms >= 0 and retry_ms or nil }
end

-- The service cannot go on with this connection. Returns an error object when the stream cannot either.
local function break_off(self, failure, problem)
  self.call:cancel()
  self.call:observe(failure)
  if problem and not self.watched then return problem end
  return connection_over(self, failure)
end

-- One look at an open connection. Returns an event, or nil and an error object, and whether anything was found.
local function read(self)
  local transfer = self.call.transfer
  local done = transfer:done()
  local text, name, id, retry_ms, unfinished = transfer:next_event()
  if text and name == "error" then
    return nil, break_off(self, { kind = "stream" }, error_event(self, text)), true
  elseif text then
    local event = take_frame(self, text, name, id, retry_ms, unfinished)
    if event and not self.watched and self.target and status.ends(event.data, self.target) then self:close() end
    return event, nil, true
  elseif done then
    local _, failure = transfer:result()
    self.call:observe(failure)
    return nil, connection_over(self, failure), true
  end
end

-- When the status should be asked for because no event came, or, once it is known to be final, another connection
-- should tell whether there are more.
local function quiet_at(self)
  if not self.target or self.watched then return math.huge end
  local idle_timeout = self.client.options.idle_timeout
  return self.heard_at + (self.final and math.min(DRAIN_SECONDS, idle_timeout) or idle_timeout)
end

-- Waits for bytes. Returns an error object when the stream has to give up.
local function await_bytes(self, deadline)
  local transfer, idle_timeout = self.call.transfer, self.client.options.idle_timeout
  local last_byte, quiet = transfer:last_byte(), quiet_at(self)
  local due = math.min(last_byte + idle_timeout, quiet)
  loop.await(self.client, transfer, math.min(due, deadline or math.huge))
  if self.ended or transfer:done() or core.now() < due then return nil end
  self.client:drive() -- the program may have been busy with something else
  if transfer:done() or transfer:last_byte() > last_byte then return nil end
  if self.final or core.now() >= last_byte + idle_timeout then
    return break_off(self, { kind = "timeout", phase = "idle" })
  end
  look(self)
end

-- Waits until the next connection is due, and makes it.
local function await_reconnect(self, deadline)
  local now = core.now()
  if now < self.reconnect_at then
    loop.sleep(self.client, math.min(deadline or math.huge, self.reconnect_at) - now)
    return nil
  end
  reconnect(self)
end

-- One step: an event, or nil and an error object, or nil when there is none yet.
local function advance(self, deadline)
  local limit = self.options.deadline
  if self.problem then return nil, self.problem end
  if limit then
    if core.now() >= limit then return nil, self.call:failed { kind = "timeout", phase = "response" } end
    deadline = math.min(deadline or limit, limit)
  end
  if not self.connected then return nil, await_reconnect(self, deadline) end
  local event, problem, found = read(self)
  if not found then problem = await_bytes(self, deadline) end
  return event, problem
end

--- The next event, for at most as long as the monotonic time `deadline` allows.
-- @return an event; or nil and an error object; or nil when the stream is over (`stream.ended`) or the time is
function methods:step(deadline)
  local reconnects = self.reconnects
  while not self.ended do
    local event, problem = advance(self, deadline)
    if event then return event end
    if problem then
      self:close()
      return nil, problem
    end
    if deadline and core.now() >= deadline then return nil end
    if self.watched and self.reconnects ~= reconnects then return nil end
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
function stream.iterate(self)
  return self, nil, nil, self
end

return stream
