--- Waiting for the end of an execution.
--
-- The event stream tells the end at once; the status is what counts. It is asked for at the start, when
-- the stream says that the execution ended, when a connection of the stream is over, on a timer that backs off, and
-- once more before a time-out is reported. What may pass (a service that is restarted, a key that is renewed) does not
-- end a wait before its time.
-- @module mistral.workflows.wait

local core = require "mistral.workflows.core"
local answers = require "mistral.workflows.answers"
local call = require "mistral.workflows.call"
local connection = require "mistral.workflows.connection"
local follow = require "mistral.workflows.follow"
local guard = require "mistral.workflows.guard"
local loop = require "mistral.workflows.loop"
local question = require "mistral.workflows.question"
local rows = require "mistral.workflows.rows"
local status = require "mistral.workflows.status"
local watch = require "mistral.workflows.watch"

local wait = {}

wait.default_poll = { min = 0.25, max = 5 }
-- The last question before a time-out is asked so many seconds before it, or a tenth of the time.
local LAST_QUESTION_SECONDS = 0.2
-- A request whose time is over may end so much before that: libcurl counts whole milliseconds.
local CLOCK_SECONDS = 0.01
-- How many times `poll.max` that is for which an execution may stand at CONTINUED_AS_NEW.
local CONTINUE_PATIENCE = 4
-- How long after the end events are still handed out, at most.
local DRAIN_SECONDS = 10
-- Without a time-out a wait ends after so many seconds in which nobody could tell, or after `retry.budget`.
local LEAST_PATIENCE = 120
local FAILURE_PAGES, FAILURE_PAGE_SECONDS = 20, 10

local now = core.now

local stream_definition = { row = rows.by_name.stream, title = "stream" }
local events_definition = { row = rows.by_name.get_workflow_events, title = "events:list" }

-- The stream is an aid: it never gives up.
local policy = { attempts = math.huge, base = 0.5, cap = 5 }

-- The message of the last failure event of the execution.
local function find_failure_message(self)
  local params, found = { workflow_exec_id = self.id, limit = 1000 }, nil
  local options = {
    headers = self.options.headers, retry = self.options.retry, deadline = self.options.deadline,
    timeout = FAILURE_PAGE_SECONDS,
  }
  for _ = 1, FAILURE_PAGES do
    local request = call.internal(nil, self.client, events_definition, options, nil, params)
    local page = request and request:perform()
    if type(page) ~= "table" or type(page.events) ~= "table" then break end
    for _, event in ipairs(page.events) do
      if type(event) == "table" and event.workflow_exec_id == self.id then
        found = status.failure_message(event) or found
      end
    end
    local cursor = page.next_cursor
    if type(cursor) ~= "string" or cursor == "" or cursor == params.cursor then break end
    params = { workflow_exec_id = self.id, limit = 1000, cursor = cursor }
  end
  return found
end

--- The error object of an execution that ended other than COMPLETED.
-- @param self table: `client`, `id`, `options`, `reporter`; `failure_message` where it is known
function wait.ended_badly(self, execution)
  local message
  if execution.status == "FAILED" then
    message = self.failure_message or find_failure_message(self)
  elseif execution.status == "CONTINUED_AS_NEW" then
    message = "no newer run has appeared under its id"
  end
  message = message and answers.message(self.reporter:clean(message))
  return self.reporter:reported {
    kind = "execution", operation = "get_workflow_execution", attempts = 1,
    status = execution.status, execution = execution, execution_id = self.id,
    message = ("the execution %s%s"):format(execution.status, message and ": " .. message or ""),
  }
end

--- The error object of an execution that goes on.
-- @param self table: as above, `question`, `can_be_repeated`
function wait.timed_out(self)
  local what_next = self.options.on_timeout == "cancel" and "it is asked to stop (on_timeout)"
    or ("executions:wait(%q) waits on"):format(self.id)
  return self.reporter:reported {
    kind = "timeout", phase = "response", operation = "get_workflow_execution", attempts = 1,
    retryable = self.can_be_repeated, execution_id = self.id, execution = self.question.execution,
    message = ("the execution goes on after %g seconds; %s"):format(self.options.timeout, what_next),
  }
end

-- The seconds without a sign until the next question. A stream that is alive tells the end by itself.
local function every(self)
  return function(asked)
    local opened = self.follow.connection
    if opened and opened:is_live() then
      asked.asks = 0
      return self.poll.max
    end
    return math.min(self.poll.max, self.poll.min * 2 ^ asked.asks)
  end
end

-- Lets it be watched with others, from the first question on, unless it is the one that has a stream of its own.
local function share(self)
  local options = self.options
  if self.question.final or options.on_event or options.headers then return end
  self.is_alone = watch.enter_alone(self.client, self)
  if self.is_alone then return end
  self.entry = watch.add(self.client, self.question, self)
end

-- Opens the stream of the execution, where that is not done yet and there is something to hear.
local function listen(self)
  local followed, options = self.follow, self.options
  if self.entry or followed.connection or (self.question.final and not options.on_event) then return end
  followed.connection = connection.open(self.client, stream_definition, { headers = options.headers }, self.id,
    { event_source = "HYBRID" }, { policy = policy, patient = true, execution_id = self.id })
end

-- Where its own stream fails and others wait, it is watched with them: one stream is tried for all.
local function join(self)
  local opened = self.is_alone and self.follow.connection
  if not opened or self.question.final or opened.failures == 0 or opened:is_live() then return end
  if not watch.has_any(self.client) then return end
  opened:close()
  self.follow.connection = nil
  watch.leave_alone(self.client, self)
  self.entry = watch.add(self.client, self.question, self)
end

-- What a wait has open.
local open_methods = {}
local open_metatable = { __index = open_methods }

function open_methods:close()
  local waiting = self.waiting
  if waiting.follow then waiting.follow:close() end
  if waiting.entry then watch.remove(waiting.client, waiting.entry) end
  watch.leave_alone(waiting.client, waiting)
end

open_methods.cancel = open_methods.close

-- Is the wait over? Returns true and, where events are missing, the error that says so; or nil and the error that ends
-- it; or false.
local function verdict(self, err)
  local followed, asked = self.follow, self.question
  if self.client.handle:closed() or err and err.kind == "cancelled" then
    return nil, self.reporter:failed { kind = "cancelled", reason = err and err.reason }
  end
  if asked.final then
    if self.entry or followed.ended then return true end
    self.drain_until = self.drain_until or math.min(now() + DRAIN_SECONDS, self.deadline or math.huge)
    if err or now() >= self.drain_until then return true, followed:gap() end
    return false
  end
  if asked.err then return nil, asked.err end
  if self.deadline and now() >= self.deadline - CLOCK_SECONDS then return nil, wait.timed_out(self) end
  if loop.is_leaving() then return nil, self.reporter:failed { kind = "cancelled", reason = "leaving" } end
  return false
end

-- Waits for news. Returns an event, or nil and an error object.
local function next_news(self, at)
  if not self.entry then return self.follow:next(loop.glance(at)) end
  watch.await(self.client, self, at, self.open)
end

local function until_over(self)
  local followed, on_event = self.follow, self.options.on_event
  while true do
    local event, err = next_news(self, self.question.final and self.drain_until or self.deadline)
    if event then
      watch.note_sequence(self.client, followed.connection.last_sequence)
      if on_event then on_event(event) end
    end
    local over, problem = verdict(self, err)
    if over ~= false then return over, problem end
    listen(self)
    join(self)
  end
end

--- For how long an execution may stand at CONTINUED_AS_NEW without a sign of the newer run.
function wait.continue_patience(poll)
  return CONTINUE_PATIENCE * poll.max
end

--- How long a wait without a time-out bears that nobody can tell, in seconds; nil where there is a time-out.
function wait.patience(client, options)
  if options.deadline then return nil end
  return math.max(LEAST_PATIENCE, (options.retry or client.options.retry).budget)
end

--- Makes the first question of a wait, which shows whether the id can be sent at all.
-- @param id of the execution
-- @return what `wait.finish` takes; or nil and what is wrong with the arguments
function wait.prepare(client, definition, options, id)
  local first, problem = call.new(client, definition, wait.questions(options), id)
  if not first then return nil, problem end
  return { client = client, id = id, options = options, first = first, reporter = first, can_be_repeated = true }
end

--- The options of a wait's requests. All share its deadline.
-- @param options of the wait
function wait.questions(options)
  return { retry = options.retry, headers = options.headers, deadline = options.deadline }
end

--- Waits until an execution ended.
-- @param self table: `client`; `id` of the execution; checked `options`; `first`, a call that asks for it, or
-- `execution`, what is known of it; `reporter`, the call that errors are made with; `posted_at`, see `follow.new`;
-- `can_be_repeated`: the same call again is safe after a time-out
-- @return the execution, COMPLETED; or nil and an error object: kind "execution" when it ended otherwise, "timeout"
-- when it goes on after its time; and, where events are missing, an error object that says so
function wait.finish(self)
  local options = self.options
  self.poll, self.deadline, self.about = options.poll or wait.default_poll, options.deadline, self.reporter:text()
  local last = self.deadline and self.deadline - math.min(LAST_QUESTION_SECONDS, options.timeout / 10)
  self.question = question.new(self.client, self.id, {
    options = { headers = options.headers, deadline = options.deadline }, about = self.about,
    execution = self.execution, ask_first = self.first or not self.execution, ask_last_at = last, every = every(self),
    patience = wait.patience(self.client, options), continue_patience = wait.continue_patience(self.poll),
    posted_at = self.posted_at,
  })
  self.open = setmetatable({ waiting = self }, open_metatable)
  share(self)
  if not self.entry then
    self.follow = follow.new(self.client, {
      question = self.question, about = self.about, drain = options.on_event ~= nil, ends = status.with_event,
    })
  end
  if self.execution or options.on_event then listen(self) end
  local over, problem = guard.call(self.open, until_over, self)
  self.open:close()
  if not over then return nil, problem end
  local execution = self.question.execution
  if execution.status == "COMPLETED" then return execution, nil, problem end
  self.failure_message = (self.entry or self.follow).failure_message
  return nil, wait.ended_badly(self, execution), problem
end

return wait
