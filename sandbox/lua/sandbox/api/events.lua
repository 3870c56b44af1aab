--- The stored events, in pages.

local event_log = require "sandbox.event_log"
local events = require "sandbox.events"
local identifier = require "sandbox.identifier"
local json = require "sandbox.json"
local page = require "sandbox.page"
local past_events = require "sandbox.past_events"
local past_runs = require "sandbox.past_runs"
local runs = require "sandbox.runs"

local list = {}

local function matches(event, query)
  return (not query.workflow_run_id or identifier.engine_run(event.run_id) == query.workflow_run_id)
    and events.wanted(event, { workflow_exec_id = query.workflow_exec_id,
      root_workflow_exec_id = query.root_workflow_exec_id })
end

-- The historic run that a query asks for, or nil.
local function historic(query)
  local id = query.workflow_exec_id or query.root_workflow_exec_id
  if not id and query.workflow_run_id then
    return past_runs.of_engine_run(query.workflow_run_id)
  end
  return id and runs.of_past(id)
end

local function page_of_past(run, query)
  local found = {}
  for _, event in ipairs(past_events.of(run)) do
    if matches(event, query) then
      found[#found + 1] = event
    end
  end
  return page.cut(found, query.limit, query.cursor, "cursor", function(event) return event.sequence end,
    function(event) return json.raw(events.text(event)) end)
end

local function page_of_log(query)
  local id = query.workflow_exec_id or query.root_workflow_exec_id
  local first = 1
  if query.cursor and query.cursor ~= "" then
    first = tonumber(page.open(query.cursor, "cursor")) or page.open("", "cursor")
  end
  local following = id and event_log.follow(id, first) or event_log.follow_all(first)
  local found, sequence = {}, following()
  while sequence do
    local event = events.read(sequence)
    if event and matches(event, query) then
      if #found == query.limit then
        return json.array(found), page.seal(tostring(sequence))
      end
      found[#found + 1] = json.raw(events.text(event))
    end
    sequence = following()
  end
  return json.array(found), json.null
end

--- GET /events/list
function list.list(request)
  local run = historic(request.query)
  local items, next_cursor
  if run then
    items, next_cursor = page_of_past(run, request.query)
  else
    items, next_cursor = page_of_log(request.query)
  end
  return 200, json.object("events", items, "next_cursor", next_cursor)
end

return list
