--- Calls the methods that make several requests while one of these gets silence, a slow answer, a cut one, none, or a
-- refusal.
--
--     refusals.check(server, { "wait", "status", { 502, "reset" }, 2, true, { status = 3 }, 4 }, "reset")
--
-- A case: method, kind of request, troubles, how often each; then the outcome, or the kind and the reason, phase or
-- status of the error; how often what was asked: a number, or { least, most }; and the seconds that it takes, three
-- times as many on a busy machine. Where a connection that is used again is reset, libcurl asks once more by itself.

local workflows = require "mistral.workflows"

local ATTEMPT_SECONDS = 0.5

local refusals = {}

--- So many times is always.
refusals.forever = 10 ^ 6

local client

-- What each method does with the execution "e", which ends after a while: an outcome, and an error object or nil.
local methods = {}

function methods.run(limit)
  local result, execution = client.workflows:run("w", {}, { timeout = limit })
  return result and result.done == execution.execution_id and "result" or nil, not result and execution or nil
end

function methods.execute()
  local execution, err = client.workflows:execute("w", { execution_id = "mine" })
  return execution and execution.execution_id, err
end

function methods.wait(limit)
  local execution, err = client.executions:wait("e", { timeout = limit })
  return execution and execution.status, err
end

function methods.wait_for_events(limit)
  local count = 0
  local execution, err, gap = client.executions:wait("e", {
    timeout = limit, on_event = function() count = count + 1 end,
  })
  return execution and execution.status .. " " .. count, err or gap
end

function methods.as_completed(limit)
  local problem
  local list, iterator = {}, client.executions:as_completed({ "e", "f" }, { timeout = limit })
  for index = 1, 3 do -- not by a generic `for`, out of which Lua 5.1 cannot yield
    local execution, err = iterator()
    list[index] = execution and execution.execution_id .. " " .. tostring(execution.status) or nil
    problem = problem or err
  end
  table.sort(list)
  return not problem and table.concat(list, ", ") or nil, problem
end

function methods.stream()
  local count, stream = 0, client.executions:stream "e"
  local ok, problem = pcall(function()
    while stream:next(9) do count = count + 1 end
  end)
  return ok and count .. " events" or nil, not ok and problem or nil
end

function methods.walk()
  local count, walk = 0, client.events:each { workflow_exec_id = "e" }
  local ok, problem = pcall(function()
    while walk() do count = count + 1 end
  end)
  return ok and count >= 3 and "events" or nil, not ok and problem or nil
end

local all = { run = "result", execute = "mine", wait = "COMPLETED", wait_for_events = "COMPLETED 4",
  as_completed = "e COMPLETED, f COMPLETED", stream = "4 events", walk = "events" }

local function open(server)
  client = server:client {
    timeout = ATTEMPT_SECONDS, idle_timeout = ATTEMPT_SECONDS,
    retry = { attempts = 3, base = 0.01, cap = 0.05, budget = 10 },
  }
end

local function check_counts(wanted, counters, text)
  for kind, count in pairs(wanted) do
    local least, most = count, count
    if type(count) == "table" then least, most = count[1], count[2] end
    local found = counters[kind] or 0
    assert(found >= least and found <= most, ("%s: %d of %s"):format(text, found, kind))
  end
end

--- Calls a method while there is trouble; raises what was not as the case says.
-- @param server a player
function refusals.check(server, case, trouble)
  local name, kind, times, outcome, counts, seconds = case[1], case[2], case[4], case[5], case[6], case[7]
  local text = ("%s, %s at %s, %s"):format(name, trouble, kind,
    times == refusals.forever and "always" or times .. " times")
  server:reset()
  local ends = outcome == true or outcome[2] == "incomplete"
  local script = { workflow = "w", events = 4, seconds = ends and 0.2 or 60 }
  server:play({ e = script, f = script }, {
    trouble = { [kind] = trouble }, trouble_times = times, script = script, heartbeat = 0.1, slow_seconds = 0.1,
  })
  open(server)
  local began = workflows.now()
  local value, err = methods[name](outcome == true and 9 or 2)
  local lasted = workflows.now() - began
  client:close()
  if outcome == true then
    assert(err == nil and value == all[name], ("%s: %s, %s"):format(text, tostring(value), tostring(err)))
  else
    local fits = workflows.is_error(err) and err.kind == outcome[1]
      and (outcome[2] == nil or outcome[2] == (err.status or err.reason or err.phase))
    assert(fits, ("%s: %s, %s"):format(text, tostring(value), tostring(err)))
  end
  check_counts(counts, server:stats().counters, text)
  assert(lasted < 3 * seconds, ("%s: %.1f seconds"):format(text, lasted))
end

--- What a test of a case is called.
function refusals.title(case)
  return ("%s, at %s: %s, %s"):format(case[1], case[2], table.concat(case[3], ", "),
    case[4] == refusals.forever and "always" or "a while")
end

return refusals
