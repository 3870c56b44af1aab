--- A client of a test whose clock does not wait, so that minutes are exact and take no time; and answers of its
-- service.
--
--     local clocked = require "spec.support.clocked"
--     local client = clocked.client { get_workflow_execution = clocked.running }
--     after_each(clocked.close)

local assert = require "luassert"
local testing = require "mistral.workflows.testing"
local workflows = require "mistral.workflows"

local now = workflows.now

local clocked = {}

local client, started, waits

--- Makes the one client of a test; takes what `testing.client` takes.
function clocked.client(answers, options)
  client, waits = testing.client(answers, options), 0
  started = now()
  local loop = client.options.loop
  local wait = loop.wait
  function loop.wait(...)
    waits = waits + 1
    return wait(...)
  end
  return client
end

--- Closes the client, if there is one. Whoever waits does so for something: it has not looked all the time.
function clocked.close()
  if not client then return end
  local requests = #client.requests
  client:close()
  client = nil
  assert.truthy(waits <= 4 * requests + 10, ("%d waits, %d requests"):format(waits, requests))
end

--- Seconds since the client was made.
function clocked.passed()
  return now() - started
end

-- What a busy machine takes is on the clock, too: a time is rather late than early.
local LATE_SECONDS = 0.8

--- Is a time what was expected?
-- @param tolerance how much earlier it may be, 0.1 where it is nil; it may be as much later, or LATE_SECONDS
function clocked.near(expected, actual, tolerance)
  local late = actual - expected
  assert.truthy(late >= -(tolerance or 0.1) and late <= math.max(tolerance or 0, LATE_SECONDS),
    ("%g is not %g"):format(actual, expected))
end

--- How often an operation was asked for.
function clocked.count(operation)
  local found = 0
  for _, request in ipairs(client.requests) do
    if request.operation == operation then found = found + 1 end
  end
  return found
end

--- An answer that notes in `times` when it was asked for.
-- @param answer what is answered, or a function(request, number)
function clocked.noted(times, answer)
  return function(request)
    times[#times + 1] = clocked.passed()
    if type(answer) == "function" then return answer(request, #times) end
    return answer
  end
end

--- The execution that is asked for runs.
function clocked.running(request)
  return 200, { execution_id = request.path_value, workflow_name = "hello", status = "RUNNING" }
end

--- The execution "e" has this status.
-- @param more other members of it, or nil
function clocked.ended(status, more)
  local execution = { execution_id = "e", workflow_name = "hello", status = status }
  for name, value in pairs(more or {}) do execution[name] = value end
  return 200, execution
end

--- An execution was started under the id that was asked for.
function clocked.begun(request)
  return 200, { execution_id = request.json.execution_id, status = "RUNNING" }
end

--- A stream in which nothing comes.
function clocked.silent() return { "timeout" } end

--- There is no such thing.
function clocked.none() return 404, {} end

return clocked
