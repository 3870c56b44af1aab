--- Test helpers that make things happen: ends of executions, faults of streams, many events at once.

local clock = require "sandbox.clock"
local events = require "sandbox.events"
local body = require "sandbox.body"
local catalogue = require "sandbox.catalogue"
local fail = require "sandbox.fail"
local faults = require "sandbox.faults"
local helpers = require "sandbox.helpers"
local json = require "sandbox.json"
local log = require "sandbox.log"
local runs = require "sandbox.runs"
local store = require "sandbox.store"
local synthetic = require "sandbox.synthetic"
local wake = require "sandbox.wake"

local function find(query)
  local run = runs.of_execution(query.execution_id or "")
  if not run or run.historic then
    fail.plain(404, "No such execution")
  end
  return run
end

local ends = { COMPLETED = true, FAILED = true, CANCELED = true, TERMINATED = true, TIMED_OUT = true }

-- Forces a status. Ends are final; other statuses (null too) are shown while the execution goes on.
helpers.add("POST complete", function(query)
  local run, status = find(query), query.status or "COMPLETED"
  if runs.is_closed(run) then
    fail.plain(409, "The execution has ended")
  elseif ends[status] then
    local text = body.text()
    local result = query.result or (text and text ~= "" and text) or "null"
    runs.finish(run, status, { result = status == "COMPLETED" and json.raw(result) or nil,
      message = query.message or (status == "FAILED" and "boom" or nil) })
  elseif status == "CONTINUED_AS_NEW" then
    local delay = query.successor ~= "none" and (tonumber(query.successor) or 0.2) or nil
    runs.continue_as_new(run, delay)
  else
    runs.mask(run, status ~= "RUNNING" and status or nil)
  end
  return helpers.done
end)

local modes = { abort = true, clean = true, hang = true, error = true }

helpers.add("POST stream", function(query)
  local mode = query.mode or "abort"
  if not modes[mode] then
    fail.plain(422, "mode is abort, clean, hang or error")
  end
  faults.add { after = tonumber(query.drop_after) or 0, times = tonumber(query.times) or 1, mode = mode,
    status = tonumber(query.status), seed = query.seed }
  return helpers.done
end)

helpers.add("DELETE stream", function()
  faults.clear()
  return helpers.done
end)

helpers.add("POST keepalive", function(query)
  store.set("keepalive", tonumber(query.seconds))
  return helpers.done
end)

-- What every event of a span has in common.
local function span(run, size)
  local now = clock.now()
  local envelope, metadata = events.envelope(run, now, "synthetic", 0)
  local event = events.write(run, now, synthetic.kind, json.null, 0)[1]
  return synthetic.span(events.header(run, synthetic.kind, "synthetic", { id = "synthetic-1", name = "synthetic" },
    metadata), envelope, event, now, size)
end

-- Fills an execution (made if there is none: of `forever`) with events and, unless end=0, completes it.
helpers.add("POST events", function(query)
  local id = query.execution_id
  local run = runs.of_execution(id or "") or
    runs.start { workflow = catalogue.workflow "forever", id = id }
  local count = tonumber(query.count) or 1
  if count > 0 then
    store.exclusively(log.append_span, { run.id, run.root }, count, span(run, tonumber(query.size) or 100))
    wake.signal(run.id, run.root)
  end
  if query["end"] ~= "0" and not runs.is_closed(run) then
    runs.finish(run, "COMPLETED", { result = json.object("events", count) })
  end
  return json.object("execution_id", run.id, "last", log.last())
end)
