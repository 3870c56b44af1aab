--- Log records of executions, in pages and as a stream: one record for each event.

local clock = require "sandbox.clock"
local execution_events = require "sandbox.execution_events"
local executions = require "sandbox.api.executions"
local json = require "sandbox.json"
local page = require "sandbox.page"
local runs = require "sandbox.runs"
local sse = require "sandbox.sse"
local streams = require "sandbox.api.streams"
local trace = require "sandbox.api.trace"

local logs = {}

local function severity(kind)
  return kind:find("FAILED") and "ERROR" or (kind:find("RETRYING") or kind:find("TIMED_OUT")) and "WARN" or "INFO"
end

local function text_of(event, run)
  local words = event.type:lower():gsub("_", " ")
  if event.activity_name ~= "" then
    return ("%s: %s (%s)"):format(words, event.activity_name, event.activity_id)
  end
  return ("%s: %s"):format(words, run.workflow)
end

local function record(event, run)
  return json.object("timestamp", clock.text(event.at), "trace_id", trace.id(run),
    "span_id", trace.span_id(run, event.activity_id ~= "" and event.activity_id or nil),
    "severity_text", severity(event.type), "body", text_of(event, run),
    "log_attributes", json.object("workflow_name", run.workflow, "execution_id", run.id, "run_id", event.run_id,
      "activity_id", event.activity_id ~= "" and event.activity_id or nil, "event_type", event.type,
      "sequence", tostring(event.sequence)))
end

local function wanted(event, query)
  return (not query.run_id or query.run_id == event.run_id)
    and (not query.activity_id or query.activity_id == event.activity_id)
    and (not query.after or event.at >= query.after)
    and (not query.before or event.at < query.before)
end

-- The first page's query travels in the cursor: later ones need only that and a limit.
local function resume(query)
  local cursor = query.cursor
  if not cursor or cursor == "" then
    return query, 0
  end
  local kept = json.decode(page.open(cursor, "cursor"))
  if not json.is_object(kept) or not kept.last then
    page.open("", "cursor")
  end
  return kept, kept.last
end

--- A page by a query with order, cursor and limit. `source(place, down)` returns a function that hands out items whose
-- place comes after (down: before) `place`, or all when that is 0; `place_of(item)` is unique and ascends.
function logs.page(source, query, place_of, view, wants)
  local kept, last = resume(query)
  local following, found, views = source(last, kept.order == "desc"), 0, {}
  local next_cursor = json.null
  repeat
    local item = following()
    if item and wants(item, kept) then
      if found == query.limit then
        next_cursor = page.seal(json.encode { order = kept.order, after = kept.after, before = kept.before,
          run_id = kept.run_id, activity_id = kept.activity_id, worker_name = kept.worker_name,
          workflow_name = kept.workflow_name, last = last })
        break
      end
      found, last = found + 1, place_of(item)
      views[found] = view(item)
    end
  until not item
  return 200, json.object("results", json.array(views), "next_cursor", next_cursor)
end

function logs.list(request)
  local run = executions.find(request.path.execution_id)
  local function source(place, down)
    if down then
      return execution_events.back(run, place > 0 and place - 1 or math.huge)
    end
    return execution_events.follow(run, place + 1)
  end
  return logs.page(source, request.query, function(event) return event.sequence end,
    function(event) return record(event, run) end, wanted)
end

function logs.stream(request)
  local run, query = executions.find(request.path.execution_id), request.query
  local last = streams.last_seen(request)
  local id = run.id
  local following = execution_events.follow(run, last and last + 1 or 1)
  local filter = { run_id = query.run_id, activity_id = query.activity_id, after = not last and query.after or nil }
  sse.serve {
    key = id,
    next = function()
      local event = following()
      while event do
        if wanted(event, filter) then
          return sse.frame(event.sequence, "log", record(event, run)[1])
        end
        event = following()
      end
    end,
    ended = function()
      run = runs.of_execution(id)
      return not run or runs.is_over(run)
    end,
  }
end

return logs
