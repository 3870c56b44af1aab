--- Control of executions: their ends, and many events at once.

local behaviours = require "sandbox.behaviours"
local catalogue = require "sandbox.catalogue"
local clock = require "sandbox.clock"
local control = require "sandbox.control"
local event_log = require "sandbox.event_log"
local fail = require "sandbox.fail"
local json = require "sandbox.json"
local runs = require "sandbox.runs"
local synthetic_events = require "sandbox.synthetic_events"

local function find(query)
  local run = runs.of_execution(query.execution_id or "")
  if not run or run.historic then
    fail.plain(404, "No such execution")
  end
  return run
end

-- What somebody's browser asks for after signing in to a connector.
control.add("GET connect", function(query)
  local run = find(query)
  if run.workflow ~= "connector" or runs.is_closed(run) then
    fail.plain(409, "The execution does not wait for a sign-in")
  end
  runs.change(run, function(fresh)
    return nil, behaviours.of(run.workflow).connected(fresh)
  end)
  return control.done
end)

local ends = { COMPLETED = true, FAILED = true, CANCELED = true, TERMINATED = true, TIMED_OUT = true }

-- Forces a status. Ends are final; other statuses (null too) are shown while the execution goes on.
control.add("POST complete", function(query, text)
  local run, status = find(query), query.status or "COMPLETED"
  if runs.is_closed(run) then
    fail.plain(409, "The execution has ended")
  elseif ends[status] then
    local result = query.result or (text and text ~= "" and text) or "null"
    runs.finish(run, status, { result = status == "COMPLETED" and json.raw(result) or nil,
      message = query.message or (status == "FAILED" and "boom" or nil) })
  elseif status == "CONTINUED_AS_NEW" then
    local delay = query.successor ~= "none" and (tonumber(query.successor) or 0.2) or nil
    runs.continue_as_new(run, delay)
  else
    runs.mask(run, status ~= "RUNNING" and status or nil)
  end
  return control.done
end)

-- Fills an execution (made if there is none: of `forever`) with events and, unless end=0, completes it.
control.add("POST events", function(query)
  local id = query.execution_id
  local run = runs.of_execution(id or "") or
    runs.start { workflow = catalogue.workflow "forever", id = id }
  local count = tonumber(query.count) or 1
  if count > 0 then
    runs.change(run, function()
      event_log.append_span({ run.id, run.root }, count,
        synthetic_events.span(run, clock.now(), tonumber(query.size) or 100))
    end)
  end
  if query["end"] ~= "0" and not runs.is_closed(run) then
    runs.finish(run, "COMPLETED", { result = json.object("events", count) })
  end
  return json.object("execution_id", run.id, "last", event_log.last())
end)
