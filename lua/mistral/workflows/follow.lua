--- An execution that is followed: its events and its status, joined to "it has ended, and all that led to it was
-- delivered".
--
-- The status is what counts; events make it known at once. Asking for it never holds up the events: the question is a
-- request of its own beside the connection.
--
-- An end event counts when the status agrees with it, when it is not older than the start of the execution as that was
-- read with the status (an id can be used again, an execution be reset), and when no later STARTED event was delivered.
-- @module mistral.workflows.follow

local core = require "mistral.workflows.core"
local errors = require "mistral.workflows.errors"
local loop = require "mistral.workflows.loop"
local status = require "mistral.workflows.status"

local follow = {}

local methods = {}
local metatable = { __index = methods, __name = "mistral.workflows.follow" }

local now = core.now
local weak_keys = { __mode = "k" }

-- How exactly the times of the service's events and of its executions agree, in seconds.
local CLOCK_SECONDS = 0.001
-- Where no event tells the end, a connection that was opened after it and is silent for so long tells that there is no
-- more.
local SILENT_SECONDS = 2
-- So many connections that are silent for `idle_timeout` tell that the missing event will not come.
local MOST_SILENT = 2

-- So long a question waits for a connection before the stream's is given back for it.
local QUEUE_SECONDS = 0.25

--- Follows an execution, or a stream that is nobody's.
-- @param settings
--
-- * `question`: for the status, or nil
-- * `connection`: of the events, or nil
-- * `about`: what the program called, for errors
-- * `drain`: the events up to the end are wanted
-- * `ends`: set of the statuses whose end event the connection lets through
function follow.new(client, settings)
  return setmetatable({
    client = client, question = settings.question, connection = settings.connection, about = settings.about,
    drain = settings.drain, ends = settings.ends, overs = 0, silent = 0, opened_at_end = 0,
    sleepers = setmetatable({}, weak_keys), -- what wakes each that waits -> true
  }, metatable)
end

-- Lets all look who wait for what another one may have taken.
local function wake(self)
  for sleeper in pairs(self.sleepers) do loop.signal(self.client, sleeper) end
end

--- Ends it: closes the connection and takes the question back. May be called again.
function methods:close()
  self.closed = true
  if self.connection then self.connection:close() end
  if self.question then self.question:cancel() end
  wake(self)
end

methods.cancel = methods.close

-- Takes note of what an event tells.
local function note(self, event)
  local question, detail = self.question, status.event_of(event.data)
  self.silent = 0
  if not question or not detail or detail.workflow_exec_id ~= question.id then return end
  question:sign()
  if status.is_start(detail) then
    self.end_event, self.failure_message = nil, nil
  elseif status.end_of(detail) then
    self.end_event, self.failure_message = detail, status.failure_message(detail)
    question:hint()
  end
end

-- Was the end event delivered that belongs to the status as it was read?
local function has_end_event(self)
  local event, question = self.end_event, self.question
  if not event or status.end_of(event) ~= question.status then return false end
  local at, start = event.event_timestamp, question.start_time
  local nanoseconds = tonumber(at)
  local seconds = nanoseconds and nanoseconds / 1e9 or type(at) == "string" and core.time.parse(at)
  return not seconds or not start or seconds >= start - CLOCK_SECONDS
end

local function incomplete(self, why)
  local connection, question = self.connection, self.question
  local cause = connection and connection.err
  return errors.new({
    kind = "stream", reason = "incomplete", operation = "stream", call = self.about, retryable = true,
    attempts = connection and connection.failures or 0, execution_id = question.id, execution = question.execution,
    cause = cause and cause.cause, retry_after = cause and cause.retry_after,
    message = ("%s%s; client.events:each{ workflow_exec_id = %q } reads the events that are stored"):format(
      why, cause and " (" .. cause.message .. ")" or "", question.id),
  }, self.client.secrets)
end

--- The error that events are missing though the execution has ended.
function methods:gap()
  return incomplete(self, ("the execution has ended (%s), but not all events up to its end could be had"):format(
    tostring(self.question.status)))
end

-- Where no end event is to come: a connection that was opened after the end and is silent tells that there is no more.
local function is_quiet(self)
  local connection = self.connection
  local fresh, failure = connection.opened > self.opened_at_end, connection.failure
  if not connection.connected then
    if not fresh or connection.progress then return false end
    if failure then return failure.phase == "idle" end
    -- It was closed in order, and may be opened again meanwhile.
    self.judge_at = math.max(connection.heard_at, self.question.final_at) + SILENT_SECONDS
    return now() >= self.judge_at
  end
  if not connection:is_live() then return false end
  self.judge_at = math.max(connection.heard_at, connection.connected_at) + SILENT_SECONDS
  if now() < self.judge_at then return false end
  if fresh then return true end
  connection:drop()
  return false
end

-- Can the end event not be had?
local function is_hopeless(self)
  local connection = self.connection
  if not connection.progress and connection.failures >= connection.policy.attempts then return true end
  if connection:is_live() then
    self.judge_at = math.max(connection.heard_at, connection.connected_at, self.question.final_at)
      + self.client.options.idle_timeout
    if now() >= self.judge_at then
      self.silent = self.silent + 1
      connection:drop()
    end
  end
  return self.silent >= MOST_SILENT
end

-- Kinds of errors that tell more than that events are missing.
local telling = { cancelled = true, decode = true, stream = true }

-- Was everything delivered that led to the end? Returns true; or nil and an error object when it never will be.
local function is_drained(self)
  local connection = self.connection
  if not self.drain or not connection then return true end
  if not self.ends[self.question.status] then
    if connection.err then return nil, connection.err end
    return connection.closed or is_quiet(self)
  end
  if has_end_event(self) then return true end
  if connection.err and telling[connection.err.kind] then return nil, connection.err end
  if connection.err or connection.closed or is_hopeless(self) then return nil, self:gap() end
  return false
end

-- Does the end event tell the end of a stream, because nobody tells the status?
local function is_untold(self)
  local question = self.question
  if not question or not self.end_event then return false end
  if question.err then return true end
  if not question.unanswered_since or self.connection.patient then return false end
  local patient_until = math.max(question.unanswered_since, question.heard_at) + self.client.options.idle_timeout
  self.judge_at = math.min(self.judge_at, patient_until)
  return now() >= patient_until
end

-- What there is to say while nobody knows that it has ended.
local function judge_running(self)
  local connection, question = self.connection, self.question
  if is_untold(self) then return true end
  if not connection or not self.drain then return false end
  if connection.err and (not connection.patient or connection.err.kind == "cancelled") then
    return nil, connection.err
  end
  if not connection.closed then return false end
  -- The connection ended in order, and no second one is wanted.
  if not question or next(self.ends) == nil then return true end
  if not question.err and (question.request or question.asked_at < connection.over_at) then return false end
  return nil, incomplete(self, "the stream ended before the execution did, and retry = false")
end

-- Looks at what the end of a connection tells.
local function note_over(self)
  local connection, question = self.connection, self.question
  if not connection or connection.overs == self.overs then return end
  self.overs = connection.overs
  if not question then return end
  if not question.final then
    if not connection.err then question:ask_soon() end
  elseif connection.failure and connection.failure.phase == "idle" then
    self.silent = self.silent + 1
  end
end

-- Streams that hold all connections would let nobody ask.
local function make_way(self)
  local connection, question, client = self.connection, self.question, self.client
  local asked = question:transfer()
  if not connection or not asked or client.handle:running() <= client.options.max_connections then return end
  if not asked:is_queued() then return end
  local patient_until = question.asked_at + QUEUE_SECONDS
  if now() >= patient_until then connection:pause() else self.judge_at = math.min(self.judge_at, patient_until) end
end

-- Does what is due about the status. Returns true when there is news.
local function ask(self)
  local question, connection = self.question, self.connection
  if not question then return false end
  local was_final, news = question.final, question:step()
  make_way(self)
  if question.final and not was_final then self.opened_at_end = connection and connection.opened or 0 end
  return news
end

-- Lets time pass until there may be something to do, or until `deadline`.
local function await(self, deadline)
  local connection, question = self.connection, self.question
  local bytes = connection and connection:transfer()
  local answer = question and question:transfer()
  local due = math.min(deadline or math.huge, self.judge_at, connection and connection:due() or math.huge,
    question and question:due() or math.huge)
  local sleeper = {}
  self.sleepers[sleeper] = true
  loop.await_any(self.client, { bytes or answer, bytes and answer }, sleeper, due < math.huge and due or nil, self)
  self.sleepers[sleeper] = nil
end

--- The next event, as soon as it is there.
-- @param deadline monotonic seconds until when to wait, or nil
-- @return an event; or nil and an error object; or nil: `follow.ended` is true when it has ended and there is
-- nothing more to come; otherwise there is news of the status, or the time has come, or somebody has closed it
function methods:next(deadline)
  local connection, question = self.connection, self.question
  local waited = false
  while not self.closed do
    self.judge_at = math.huge
    local event = connection and connection:step()
    if event then
      note(self, event)
      if next(self.sleepers) then wake(self) end
      return event
    end
    note_over(self)
    local news = ask(self)
    if self.closed then return nil end -- by the function that gives the key, or the observer
    local ended, err
    if question and question.final then ended, err = is_drained(self) else ended, err = judge_running(self) end
    if err then return nil, err end
    self.ended = ended
    if ended or news or (waited and deadline and now() >= deadline) then return nil end
    if self.client.handle:closed() and not connection then return nil end
    await(self, deadline) -- once at least: who polls lets the network work, too
    waited = true
  end
end

return follow
