--- One call: attempts until there is an answer, a final failure, or no time left.
-- @module mistral.workflows.call

local core = require "mistral.workflows.core"
local errors = require "mistral.workflows.errors"
local loop = require "mistral.workflows.loop"
local options_of = require "mistral.workflows.options"
local retry = require "mistral.workflows.retry"
local secrets = require "mistral.workflows.secrets"

local call = {}

-- How long after its time is over an attempt is ended from here, in seconds, when libcurl has not done it.
local CLOCK_GRACE = 0.05
-- Time-outs below this are over before libcurl looks at the clock for the first time, and may be missed by it.
local SHORT_TIMEOUT = 0.1

--- The key for the next attempt, or nil and an error object.
-- A function gives a new one each time, for tokens that expire.
local function current_key(client, operation)
  local key = client.options.api_key
  if type(key) == "string" then return key end
  local ok, value = pcall(key)
  local problem = "api_key function failed: " .. (ok and "" or tostring(value))
  if ok then
    key, problem = options_of.check_key(value)
    if key then return key end
    problem = "the key that the api_key function returned " .. problem
  end
  return nil, errors.new { kind = "connect", operation = operation, attempts = 0, message = problem }
end

local function is_bearer(key)
  return key:sub(1, 7):lower() == "bearer "
end

-- client -> { key, lines }: what its requests have in common
local common = setmetatable({}, { __mode = "k" })

local function common_lines(client, key)
  local kept = common[client]
  if kept and kept.key == key then return kept.lines end
  local lines = { "Authorization: " .. (is_bearer(key) and key or "Bearer " .. key) }
  for _, line in ipairs(client.options.headers) do lines[#lines + 1] = line end
  common[client] = { key = key, lines = lines }
  return lines
end

local function header_lines(client, key, options)
  local shared = common_lines(client, key)
  if not options.headers then return shared end
  local lines = {}
  for _, line in ipairs(shared) do lines[#lines + 1] = line end
  for _, line in ipairs(options.headers) do lines[#lines + 1] = line end
  return lines
end

-- What must be in no error of this call.
local function hidden(client, state)
  return secrets.list(state.key, client.options.proxy)
end

--- Tells the observer of an attempt that ended. It is called with a new table each time:
--
-- * `operation`, `method`, `path` (with the query), `attempt` (1 for the first)
-- * `status` of HTTP and `request_id`, where an answer came; `error`, the kind of a failure
-- * `bytes_out`, `bytes_in`: header and body, as they went over the wire
-- * `dns`, `connect`, `tls`, `first_byte`, `total`: seconds from the start of the attempt until this was done; 0 for
--   what did not happen
-- * `reused`: no new connection was made; `http_version`: "1.1" or "2"
function call.observe(client, state, failure)
  local observer = client.options.observer
  if not observer then return end
  local info = state.transfer:info()
  info.operation = state.row.name
  info.method = state.row.method
  info.path = state.transfer:path()
  info.attempt = state.attempts
  info.error = failure and failure.kind or nil
  if info.request_id then info.request_id = secrets.hide(info.request_id, hidden(client, state)) end
  observer(info)
end

--- Starts an attempt.
-- @return true, or nil and an error object when there is no key to send
function call.start(client, state, timeout)
  local key, problem = current_key(client, state.row.name)
  if not key then return nil, problem end
  state.attempts = state.attempts + 1
  state.key = key
  state.expires = timeout > 0 and core.now() + timeout + CLOCK_GRACE or nil
  state.is_short = timeout < SHORT_TIMEOUT
  state.transfer:start(client.handle, timeout, header_lines(client, key, state.options))
  state.pending = true
  return true
end

--- Makes an error object of fields that hold what the service sent.
function call.reported(client, state, fields)
  return errors.new((secrets.hide(fields, hidden(client, state))))
end

--- Makes the error object of a failure of this call.
function call.failed(client, state, failure)
  return errors.from_failure(failure, {
    operation = state.row.name,
    server = client.options.server_url,
    idle_timeout = client.options.idle_timeout,
    secrets = hidden(client, state),
    attempts = state.attempts,
    execution_id = state.execution_id,
    retryable = retry.may_repeat(state.rule, failure) or (state.recover ~= nil and retry.is_unknown(failure)),
  })
end

local function attempt_timeout(client, state)
  local timeout = state.options.timeout or client.options.timeout
  if not state.deadline then return timeout end
  return math.max(0.001, math.min(timeout, state.deadline - core.now()))
end

--- What one call needs to know from attempt to attempt.
-- @param row of the endpoint table
-- @param transfer made by `core[row.name]`
-- @param options checked per-call options
function call.state(client, row, transfer, options)
  local started = core.now()
  return {
    row = row,
    rule = row.repeat_rule,
    transfer = transfer,
    options = options,
    policy = options.retry or client.options.retry,
    started = started,
    deadline = options.deadline and started + options.deadline,
    attempts = 0,
    -- of the attempt; named here so that the table does not grow
    key = nil, expires = nil, is_short = false, pending = false,
  }
end

-- When to end the attempt from here, or nil where libcurl can be trusted to do it. It does not look at the clock of a
-- transfer that waits until one of max_connections is free.
local function own_deadline(client, state)
  local queued = client.handle:running() > client.options.max_connections
  return (queued or state.is_short) and state.expires or nil
end

-- Ends an attempt that libcurl let wait for too long. Returns true when it was not done meanwhile.
local function expire(client, state)
  client:drive()
  if state.transfer:done() then return false end
  state.transfer:cancel()
  return true
end

local function as_timeout(failure)
  failure.kind, failure.phase = "timeout", failure.unsent and "connect" or "response"
  failure.cause = { name = "CURLE_OPERATION_TIMEDOUT", code = 28,
    message = failure.unsent and "no connection became free in time" or "no answer in time" }
end

--- Waits for an attempt that was started.
-- @return the decoded answer; or nil and the facts of the failure
function call.finish(client, state)
  local transfer, expired = state.transfer, false
  while not transfer:done() do
    local deadline = own_deadline(client, state)
    loop.await(client, transfer, deadline)
    if deadline and core.now() >= deadline then expired = expire(client, state) end
  end
  state.pending = false
  local value, failure = transfer:result()
  if expired then as_timeout(failure) end
  call.observe(client, state, failure)
  return value, failure
end

--- Runs a call to its end.
--
-- `state.recover(state, failure)`, where there is one, is asked about a failure after which the
-- request must not simply be sent again. It returns true and what the call returns, or false for
-- another attempt.
-- @param state of `call.state`; an attempt may have been started already
-- @return the decoded answer; or nil and an error object
function call.perform(client, state)
  while true do
    if not state.pending then
      local started, problem = call.start(client, state, attempt_timeout(client, state))
      if not started then return nil, problem end
    end
    local value, failure = call.finish(client, state)
    if not failure then return value end
    local repeatable = retry.may_repeat(state.rule, failure)
    if state.recover and not repeatable then
      local settled, answer, problem = state.recover(state, failure)
      if settled then return answer, problem end
      repeatable = true
    end
    local delay = repeatable and retry.delay(state.policy, state.attempts, failure, state.started, state.deadline)
    if not delay then return nil, call.failed(client, state, failure) end
    loop.sleep(client, delay)
    if client.handle:closed() then
      return nil, call.failed(client, state, { kind = "cancelled" })
    end
  end
end

return call
