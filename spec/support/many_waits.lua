--- Many waits of one client of spec.support.clocked, and what its service is asked meanwhile.
--
--     local many = require "spec.support.many_waits"
--     local client, lists, streams = many.new({ e1 = 2, e2 = 7 }, answers, options)

local clocked = require "spec.support.clocked"
local workflows = require "mistral.workflows"

local passed, format = clocked.passed, workflows.time.format

local many = { DATE = "Wed, 15 Nov 2023 12:00:00 GMT" } -- of every answer

local client, ends, lists, streams

function many.status_of(id)
  return ends[id] and passed() >= ends[id] and "COMPLETED" or "RUNNING"
end

--- The runs that have ended, as the list tells them.
function many.list_runs(request)
  lists[#lists + 1] = { at = passed(), params = request.params }
  local runs = {}
  for id, at in pairs(ends) do
    local run = { execution_id = id, status = "COMPLETED", end_time = format(1.7e9 + at) }
    if passed() >= at then runs[#runs + 1] = run end
  end
  return 200, { executions = runs }, { Date = many.DATE }
end

--- Makes the client of a test.
-- @param given when each execution ends, in seconds from now
-- @param answers in place of those of here
-- @return the client, and the lists and the shared streams that it asks for, as it does
function many.new(given, answers, options)
  ends, lists, streams = given, {}, {}
  local all = {
    stream = { "timeout" },
    get_stream_events = function(request)
      streams[#streams + 1] = request.params
      return { "timeout" }
    end,
    list_runs = many.list_runs,
    get_workflow_execution = function(request)
      local id = request.path_value
      return 200, { execution_id = id, workflow_name = "w", status = many.status_of(id) }, { Date = many.DATE }
    end,
  }
  for name, answer in pairs(answers or {}) do all[name] = answer end
  client = clocked.client(all, options)
  return client, lists, streams
end

--- "e1", "e2", ...
function many.ids_of(count)
  local ids = {}
  for index = 1, count do ids[index] = "e" .. index end
  return ids
end

--- Waits for all: the ids as they end, and errors.
function many.collect(ids, options)
  local order, errors = {}, {}
  for execution, err in client.executions:as_completed(ids, options) do
    order[#order + 1] = execution.execution_id
    errors[#errors + 1] = err
  end
  return order, errors
end

return many
