--- The question for the status of one execution: when it is asked, and what the answers tell.
--
-- It is asked anew on hints (an event, a list that says that the execution ended) and after a time without any sign.
-- Nothing here waits: whoever asks waits for `question:transfer()`, or until `question:due()`.
-- @module mistral.workflows.question

local core = require "mistral.workflows.core"
local call = require "mistral.workflows.call"
local retry = require "mistral.workflows.retry"
local rows = require "mistral.workflows.rows"
local secrets = require "mistral.workflows.secrets"
local status = require "mistral.workflows.status"

local question = {}

local methods = {}
local metatable = { __index = methods, __name = "mistral.workflows.question" }

local now, time = core.now, core.time

-- How long one request may take.
local REQUEST_SECONDS = 10
-- After an answer that settles nothing, the next request waits at least so long, twice as long each time, and at most
-- `again_most`.
local AGAIN_SECONDS, AGAIN_MOST = 0.25, 5
-- For so long a hint is believed that the answers do not confirm.
local HINT_SECONDS = 60
-- For so long after the start, an execution that this program has started may not be known yet.
local NOT_YET_SECONDS = 10

local definition = { row = rows.by_name.get_workflow_execution, title = "get" }

--- Makes a question.
-- @param id of the execution
-- @param settings
--
-- * `options`: headers, deadline of the requests
-- * `about`: what the program called, for errors
-- * `execution`: as known already, or nil
-- * `every(question)`: the seconds without a sign of the execution after which to ask
-- * `ask_first`: ask at once, with this call where it is one
-- * `ask_last_at`: monotonic time of a last request, or nil
-- * `continue_patience`: seconds after which CONTINUED_AS_NEW without a sign of the newer run is final, or nil
-- * `patience`: seconds without any answer after which the last failure counts, or nil
-- * `posted_at`: monotonic time when this program has started the execution, or nil
function question.new(client, id, settings)
  local moment, first = now(), settings.ask_first
  local self = setmetatable({
    client = client, id = id, options = settings.options, about = settings.about, every = settings.every,
    ask_last_at = settings.ask_last_at, posted_at = settings.posted_at, first = type(first) == "table" and first or nil,
    patience = settings.patience, continue_patience = settings.continue_patience,
    again_at = first and moment or nil, -- when to ask, whatever is heard until then
    sign_at = moment, -- of the last sign of the execution: an answer or an event
    heard_at = moment, -- of the last event
    asked_at = -math.huge, asks = 0, doubts = 0, hinted_until = -math.huge, again_most = AGAIN_MOST,
    not_before = 0, -- Retry-After
  }, metatable)
  if settings.execution then self:take(settings.execution) end
  return self
end

-- Has it stood at CONTINUED_AS_NEW for too long? It goes on in a newer run, which shows after a moment.
local function is_abandoned(self)
  if self.status ~= "CONTINUED_AS_NEW" or not self.continue_patience then
    self.continued_at = nil
    return false
  end
  self.continued_at = math.max(self.continued_at or now(), self.heard_at)
  return now() >= self.continued_at + self.continue_patience
end

--- Takes what has been read of the execution.
function methods:take(execution)
  self.execution, self.status = execution, execution.status
  self.start_time = type(execution.start_time) == "string" and time.parse(execution.start_time) or nil
  if status.is_final(execution.status) or is_abandoned(self) then self.final, self.final_at = true, now() end
end

--- The execution showed that it is alive.
function methods:sign()
  self.sign_at, self.heard_at = now(), now()
end

--- Something says that the execution has ended.
function methods:hint()
  self.doubts, self.hinted_until, self.again_at = 0, now() + HINT_SECONDS, now()
end

--- Asks soon, but not after each of many short connections.
function methods:ask_soon()
  self.again_at = math.min(self.again_at or math.huge, math.max(now(), self.asked_at + AGAIN_SECONDS))
end

-- When to ask next.
local function ask_at(self)
  if self.final or self.err then return math.huge end
  local at, last = self.again_at or self.sign_at + self:every(), self.ask_last_at
  if last and self.asked_at < last and last < at then at = last end
  return math.max(at, self.not_before)
end

-- When nobody could tell for too long.
local function give_up_at(self)
  if self.final or self.err or not self.patience or not self.unanswered_since then return math.huge end
  return self.unanswered_since + self.patience
end

--- When something is to be done even if nothing arrives: monotonic seconds.
function methods:due()
  return self.request and self.request.expires or math.min(ask_at(self), give_up_at(self))
end

--- The transfer of a request that is under way, or nil.
function methods:transfer()
  return self.request and self.request.transfer
end

--- Takes back a request that is under way.
function methods:cancel()
  if self.request then self.request:cancel() end
  self.request, self.cancelled = nil, true
end

-- When to ask again after an answer that settles nothing.
local function doubt(self, retry_after)
  local delay = math.min(self.again_most, AGAIN_SECONDS * 2 ^ math.min(self.doubts, 16))
  self.doubts = self.doubts + 1
  self.again_at, self.not_before = now() + delay, now() + (retry_after or 0)
end

-- May a request that failed be answered another time?
local function may_pass(self, failure)
  if failure.status == 401 then return type(secrets.key(self.client.secrets)) ~= "string" end
  if failure.status == 404 then return self.posted_at ~= nil and now() < self.posted_at + NOT_YET_SECONDS end
  return retry.was_refused(failure) or retry.is_unknown(failure)
end

local function fail(self, err, failure)
  if not may_pass(self, failure) then
    self.err = err
    return
  end
  self.unanswered_since, self.last_err = self.unanswered_since or self.asked_at, err
  doubt(self, failure.retry_after)
end

local function ask(self)
  local request, err = self.first
  self.first, self.again_at, self.asked_at, self.asks = nil, nil, now(), self.asks + 1
  if not request then
    request, err = call.internal(self.about, self.client, definition, self.options, self.id)
    if not request then
      self.err = err
      return
    end
  end
  request.execution_id = self.id
  local begun, problem = request:begin(math.min(REQUEST_SECONDS, request:timeout()))
  if begun and self.cancelled then -- by the function that gives the key
    request:cancel()
  elseif begun then
    self.request = request
  else
    fail(self, problem, {
      kind = problem.kind, unsent = true, status = problem.status, retry_after = problem.retry_after,
    })
  end
end

local function answer(self)
  local request, again_at = self.request, self.again_at
  self.request, self.again_at = nil, now() -- if the observer raises an error, the answer is lost
  local execution, failure = request:finish()
  self.sign_at, self.again_at = now(), again_at
  self.answered_date = self.answered_date or request.transfer:date()
  if failure then
    fail(self, request:failed(failure), failure)
  elseif type(execution) ~= "table" or execution.status == nil then
    self.err = request:lacks("'status'", execution)
  else
    self.unanswered_since, self.last_err = nil, nil
    self:take(execution)
    request:release() -- the first one is kept, for errors
    if (now() < self.hinted_until or self.continued_at) and not again_at then doubt(self) end
  end
end

--- Does what is due. Does not wait.
-- @return true when an answer was taken, or a request could not be made
function methods:step()
  if self.request then
    if not self.request:is_done() then return false end
    answer(self)
    return true
  end
  if now() >= give_up_at(self) then
    self.err = self.last_err
    return true
  end
  if now() < ask_at(self) then return false end
  ask(self)
  return self.request == nil
end

return question
