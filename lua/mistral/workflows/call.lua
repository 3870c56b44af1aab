--- One call: attempts until there is an answer, a final failure, or no time left.
--
-- The one sender: no other module calls `core[operation]` or starts an attempt. A call holds its client. Its deadline
-- is a monotonic time, `options.deadline`, which the door has set: what makes several calls of it hands the same
-- options to each.
-- @module mistral.workflows.call

local core = require "mistral.workflows.core"
local keys = require "mistral.workflows.keys"
local later = require "mistral.workflows.later"
local loop = require "mistral.workflows.loop"
local retry = require "mistral.workflows.retry"
local secrets = require "mistral.workflows.secrets"

local answers, errors = later "answers", later "errors"
local messages, transport = later "messages", later "transport"

local clock = core.now

local call = {}

local methods = {}
local metatable = { __index = methods, __name = "mistral.workflows.call" }

-- How long after its time is over an attempt is ended from here, in seconds, when libcurl has not done it.
local CLOCK_GRACE = 0.05
-- Time-outs below this are over before libcurl looks at the clock for the first time, and may be missed by it.
local SHORT_TIMEOUT = 0.1

--- The error object of a call that cannot be made.
function call.problem(client, definition, path_value, kind, message)
  return errors.new({
    kind = kind, operation = definition.row.name, attempts = 0, message = message,
    call = errors.call_text(definition.title, secrets.hide(client.secrets, path_value)),
  }, client.secrets)
end

--- Makes a call.
-- @param client that it is made with
-- @param definition of the public method, or `{ row, title }`
-- @param options checked per-call options; `shape`, what of the answer becomes values; of an event stream also
-- `event_bytes`, above which an event is skipped
-- @param path_value, params of the operation; the path value may be nil where it has none
-- @return the call; or nil and what is wrong with the arguments: a text where they are misuse, an error object where a
-- value cannot be sent
function call.new(client, definition, options, path_value, params)
  local row = definition.row
  local transfer, problem, kind
  if row.path_values == 1 then
    transfer, problem, kind = core[row.name](client.handle, path_value, params)
  else
    transfer, problem, kind = core[row.name](client.handle, params)
  end
  if not transfer then return nil, kind and call.problem(client, definition, path_value, kind, problem) or problem end
  return setmetatable({
    client = client, definition = definition, path_value = path_value, options = options, transfer = transfer,
    -- when the first attempt began, and when the time is over of the one that is under way
    attempts = 0, started = false, expires = false,
  }, metatable)
end

--- How long an attempt may take, in seconds.
function methods:timeout()
  return self.options.timeout or self.client.options.timeout
end

--- Makes a call that the program has not asked for itself: whatever is wrong is an error object.
-- @param about text for errors: what the program has asked for; nil: this operation
function call.internal(about, client, definition, options, path_value, params)
  local made, problem
  if client.handle:closed() then
    problem = call.problem(client, definition, path_value, "cancelled", messages.cancelled {})
  else
    made, problem = call.new(client, definition, options, path_value, params)
    if type(problem) == "string" then problem = call.problem(client, definition, path_value, "invalid", problem) end
  end
  if made then made.about = about else problem.call = about or problem.call end
  return made, problem
end

local function is_bearer(key)
  return key:sub(1, 7):lower() == "bearer "
end

-- client -> { key, lines, is_asked, held }: what its requests have in common. is_asked: a function gives the key each
-- time; held: the monotonic time until which the service wants no requests, 429 with Retry-After
local common = setmetatable({}, { __mode = "k" })

local function set_key(shared, client, key)
  local lines = {}
  if key then lines[1] = "Authorization: " .. (is_bearer(key) and key or "Bearer " .. key) end
  for _, line in ipairs(client.options.headers) do lines[#lines + 1] = line end
  shared.key, shared.lines = key, lines
end

local function share(client)
  local key = secrets.key(client.secrets)
  local shared = { is_asked = type(key) == "function" }
  if not shared.is_asked then set_key(shared, client, key) end
  common[client] = shared
  return shared
end

-- What the observer gets of words of this library: a key that is such a word is not found in them.
local own = { operation = true, method = true, error = true }

-- call -> the key of its last attempt, where keys change
local sent = setmetatable({}, { __mode = "k" })

-- Asks for the key of the next attempt. Returns what is wrong with it, or nil.
local function renew_key(self, shared)
  local client = self.client
  local key, problem = keys.ask(client.secrets, secrets.key(client.secrets))
  if not key then return problem end
  if key ~= shared.key then set_key(shared, client, key) end
  sent[self] = key
end

local function joined(lines, more)
  local all = {}
  for _, line in ipairs(lines) do all[#all + 1] = line end
  for _, line in ipairs(more) do all[#all + 1] = line end
  return all
end

--- What the program called, for errors: "get 'hello'".
function methods:text()
  return self.about or errors.call_text(self.definition.title, secrets.hide(self.client.secrets, self.path_value))
end

--- A value of the service's without secrets: to be used before it is cut for a message.
function methods:clean(value)
  return secrets.hide(self.client.secrets, value)
end

--- Makes an error object of fields that hold what the service sent.
function methods:reported(fields)
  fields.operation = fields.operation or self.definition.row.name
  fields.attempts = fields.attempts or self.attempts
  fields.call = self:text()
  return errors.new(fields, self.client.secrets)
end

--- Makes the error object of an answer that is not what was promised.
-- @param what it lacks
-- @param answer decoded; true where it was empty (HTTP 204)
function methods:lacks(what, answer)
  local status, detail = self.transfer:status(), nil
  if answer ~= true then detail = self:clean(answer) end
  local err = self:reported {
    kind = "decode", status = status > 0 and status or nil, execution_id = self.execution_id,
    message = ("the answer has no %s: %s"):format(what,
      answer == true and ("HTTP %d without content"):format(status) or answers.shown(detail)),
  }
  err.detail = detail
  return err
end

--- Makes the error object of a failure of this call.
function methods:failed(failure)
  local options, row = self.client.options, self.definition.row
  return errors.from_failure(failure, {
    operation = row.name,
    call = self:text(),
    server = options.server_url,
    idle_timeout = options.idle_timeout,
    secrets = self.client.secrets,
    attempts = self.attempts,
    execution_id = self.execution_id,
    retryable = retry.may_repeat(row.repeat_rule, failure) or (self.recover ~= nil and retry.is_unknown(failure)),
  })
end

--- Tells the observer of an attempt that ended. It is called with a new table each time:
--
-- * `operation`, `method`, `path` (with the query), `attempt` (1 for the first)
-- * `status` of HTTP and `request_id`, where an answer came; `error`, the kind of a failure
-- * `bytes_out`, `bytes_in`: header and body, as they went over the wire
-- * `dns`, `connect`, `tls`, `first_byte`, `total`: seconds from the start of the attempt until this was done; 0 for
--   what did not happen
-- * `reused`: no new connection was made; `http_version`: "1.1" or "2"
local function observe(self, failure)
  local observer = self.client.options.observer
  if not observer then return end
  local info, row = self.transfer:info(), self.definition.row
  info.operation = row.name
  info.method = row.method
  info.path = self.transfer:path()
  info.attempt = self.attempts
  info.error = failure and failure.kind
  observer(secrets.hide_members(self.client.secrets, info, own))
end

methods.observe = observe

-- The call itself waits anyway, and is not held back once more for its own answer.
local function hold(self, failure)
  if failure.status ~= 429 or not failure.retry_after then return end
  local shared = common[self.client]
  shared.held = math.max(shared.held or 0, clock() + failure.retry_after)
  self.released = shared.held
end

-- The error object of an attempt that the service does not want yet, or nil.
local function held_back(self, shared)
  local seconds = shared.held - clock()
  if seconds <= 0 then shared.held = nil end
  if seconds <= 0 or self.released == shared.held then return nil end
  return self:reported {
    kind = "http", status = 429, retry_after = seconds, retryable = true,
    message = ("HTTP 429: the service wants no requests of this client for another %.3g seconds (Retry-After of an "
      .. "earlier answer); nothing was sent"):format(seconds),
  }
end

--- Begins an attempt.
-- @param timeout seconds that it may take, 0: without limit, nil: as the options say; the deadline holds besides
-- @return true; or nil and an error object when there is no key to send, no time, or the service wants no requests now
local function begin(self, timeout)
  local client, options = self.client, self.options
  timeout = timeout or options.timeout or client.options.timeout
  if options.deadline then
    local left = options.deadline - clock()
    if left <= 0 then return nil, self:failed { kind = "timeout", phase = "connect", unsent = true } end
    timeout = timeout > 0 and math.min(timeout, left) or left
  end
  local shared = common[client] or share(client)
  local problem = shared.held and held_back(self, shared)
  if problem then return nil, problem end
  if shared.is_asked then
    problem = renew_key(self, shared)
    if problem then return nil, self:reported { kind = "connect", message = problem } end
  end
  local begun
  local lines = options.headers and joined(shared.lines, options.headers) or shared.lines
  if client.options.transport then
    begun, self.task = transport.start(client, self.transfer, timeout, lines, options.event_bytes)
  else
    begun = self.transfer:start(timeout, lines, options.event_bytes)
  end
  if not begun then return nil, self:failed { kind = "cancelled" } end
  self.started, self.attempts = self.started or begun, self.attempts + 1
  self.expires = timeout > 0 and begun + timeout + CLOCK_GRACE or math.huge
  if timeout < SHORT_TIMEOUT or client.options.transport then self.is_watched = true end
  return true
end

methods.begin = begin

--- Ends an attempt that is under way.
function methods:cancel()
  self.transfer:cancel()
  if self.task then self.task:cancel() end
end

-- Ends an attempt that libcurl let wait for too long, if it was not done meanwhile.
local function expire(self)
  self.client:drive()
  if not self.transfer:done() then self.transfer:expire() end
end

--- Gives back what request and answer take: from here on, errors are made with the call, and nothing else.
function methods:release()
  self.transfer, self.body = nil, nil
end

--- Has the attempt that is under way ended? Ends it when its time is over. Does not wait.
function methods:is_done()
  if not self.transfer:done() and self.expires and core.now() >= self.expires then expire(self) end
  return self.transfer:done()
end

--- Waits for the end of the attempt that is under way. Its time is watched from here where libcurl cannot be trusted
-- to do it: it does not look at the clock of a transfer that waits until one of max_connections is free, and knows
-- nothing of one that is fed.
-- @return the decoded answer; or nil and the facts of the failure
local function finish(self)
  local client, transfer, shape = self.client, self.transfer, self.options.shape
  local settings = client.options
  local value, failure, is_queued = transfer:result(shape)
  while value == nil and not failure do
    local deadline = (is_queued or self.is_watched) and self.expires or nil
    loop.await(client, transfer, deadline)
    if deadline and clock() >= deadline then expire(self) end
    value, failure, is_queued = transfer:result(shape)
  end
  self.expires = false
  if settings.transport then self.task:cancel() end
  if failure then hold(self, failure) end
  if settings.observer then observe(self, failure) end
  return value, failure
end

methods.finish = finish

--- After a 401: is there another key than the one that was sent? It is asked for once in a call.
function methods:has_new_key()
  local before = sent[self]
  if not before or self.renewed then return false end
  self.renewed = true
  local key = keys.ask(self.client.secrets, secrets.key(self.client.secrets))
  return key ~= nil and key ~= before
end

local function policy(self)
  return self.options.retry or self.client.options.retry
end

-- How long to wait before an attempt that could not be begun, or nil when it is none that passes, or not in time.
local function held_delay(self, err)
  if err.status ~= 429 then return nil end
  local now, deadline = clock(), self.options.deadline
  self.held_since = self.held_since or now
  local limit = self.held_since + math.max(policy(self).budget, self:timeout())
  local at = now + err.retry_after
  return at < limit and (not deadline or at < deadline) and err.retry_after or nil
end

-- Begins an attempt as soon as the service wants one.
-- @param err why it could not be begun now
local function begin_later(self, err)
  local begun
  repeat
    local delay = held_delay(self, err)
    if not delay then return nil, err end
    loop.sleep(self.client, delay)
    begun, err = begin(self)
  until begun
  return true
end

-- Clients that the program has dropped keep their files open until they are collected. Once a call, that is helped on.
local function has_collected(self, failure)
  if failure.reason ~= "descriptors" or self.collected then return false end
  self.collected = true
  collectgarbage()
  collectgarbage() -- what finalizers have let go of
  return true
end

--- Runs the call to its end; an attempt may be under way already.
--
-- `recover(self, failure)`, where the call has it, is asked about a failure after which the request must not simply be
-- sent again. It returns true and what the call returns, or false for another attempt.
-- @return the decoded answer; or nil and an error object
function call.perform(self)
  local value, failure
  while true do
    if not self.expires then
      local begun, err = begin(self)
      if not begun then begun, err = begin_later(self, err) end
      if not begun then return nil, failure and err.kind == "timeout" and self:failed(failure) or err end
    end
    value, failure = finish(self)
    if not failure then return value end
    if not has_collected(self, failure) and not (failure.status == 401 and self:has_new_key()) then
      local repeatable = retry.may_repeat(self.definition.row.repeat_rule, failure)
      if self.recover and not repeatable then
        local settled, answer, err = self:recover(failure)
        if settled then return answer, err end
        repeatable = true
      end
      local delay = repeatable
        and retry.delay(policy(self), self.attempts, failure, self.started, self.options.deadline)
      if not delay then return nil, self:failed(failure) end
      loop.sleep(self.client, delay)
    end
  end
end

methods.perform = call.perform

return call
