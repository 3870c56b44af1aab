--- When a failed attempt is made again, and after how long.
--
-- | failure | repeated for |
-- |---|---|
-- | no connection (kind connect, or timeout while connecting) | every operation |
-- | a refused certificate, unusable certificate files, proxy credentials | none: it will fail again |
-- | 429, and 503 with Retry-After: refused before acting | every operation |
-- | 408, 500, 502, 503, 504, broken connection, time ran out | operations that are safe to repeat |
--
-- Which operation is safe to repeat is a fact of the endpoint table (`repeat_rule`).
-- The wait is random between 0 and `base * 2^(attempt - 1)`, at most `cap` (full
-- jitter), and not shorter than Retry-After. An attempt that could only start after
-- `budget` seconds, or after the caller's deadline, is not made.
-- @module mistral.workflows.retry

local core = require "mistral.workflows.core"

local retry = {}

-- More of them make a number that is none, of 0 too.
local MOST_DOUBLINGS = 64
-- An attempt whose time is over may end so much before the deadline: libcurl counts whole milliseconds.
local CLOCK_SECONDS = 0.01

--- The policy of a client that names none. Times in seconds.
retry.default = { attempts = 4, base = 0.5, cap = 30, budget = 120 }

--- The policy of `retry = false`.
retry.never = { attempts = 1, base = 0, cap = 0, budget = 0 }

local transient = { [408] = true, [500] = true, [502] = true, [503] = true, [504] = true }

--- Nothing of the request was acted upon: it may be sent again whatever it is.
function retry.was_refused(failure)
  if failure.kind == "http" then
    return failure.status == 429 or (failure.status == 503 and failure.retry_after ~= nil)
  end
  return failure.unsent == true and failure.kind ~= "cancelled"
    and (not failure.reason or failure.reason == "descriptors")
end

--- The request may or may not have been acted upon, and another attempt may succeed.
function retry.is_unknown(failure)
  if failure.kind == "http" then return transient[failure.status] == true end
  return (failure.kind == "network" or failure.kind == "timeout") and not failure.unsent
end

--- May an operation with this rule be sent again after this failure?
function retry.may_repeat(rule, failure)
  return retry.was_refused(failure) or (rule == "safe" and retry.is_unknown(failure))
end

--- A random number between 0 and `limit`.
function retry.jitter(limit)
  return tonumber(core.random(4), 16) / 0xffffffff * limit
end

--- Seconds to wait before the next attempt, or nil when none may follow.
-- @param policy `{ attempts, base, cap, budget }`
-- @param attempt how many were made
-- @param failure the last one's
-- @param started monotonic seconds when the first attempt began
-- @param deadline monotonic seconds of the caller's deadline, or nil
function retry.delay(policy, attempt, failure, started, deadline)
  if attempt >= policy.attempts then return nil end
  local delay = retry.jitter(math.min(policy.cap, policy.base * 2 ^ math.min(attempt - 1, MOST_DOUBLINGS)))
  if failure.retry_after and failure.retry_after > delay then delay = failure.retry_after end
  local start = core.now() + delay
  if start > started + policy.budget then return nil end
  if deadline and start >= deadline - CLOCK_SECONDS then return nil end
  return delay
end

return retry
