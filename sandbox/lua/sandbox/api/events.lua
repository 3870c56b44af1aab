--- The stored events, in pages.

local event_log = require "sandbox.event_log"
local events = require "sandbox.events"
local json = require "sandbox.json"
local page = require "sandbox.page"
local past_events = require "sandbox.past_events"
local runs = require "sandbox.runs"

local list = {}

local function matches(header, query)
  if query.workflow_run_id then
    local run = events.facts(header).run
    if events.engine_run(run) ~= query.workflow_run_id then
      return false
    end
  end
  return events.wanted(header, { workflow_exec_id = query.workflow_exec_id,
    root_workflow_exec_id = query.root_workflow_exec_id })
end

-- The historic run that a query asks for, or nil.
local function historic(query)
  local id = query.workflow_exec_id or query.root_workflow_exec_id
  local run = id and runs.of_execution(id)
  return run and run.historic and run
end

local function page_of_past(run, query)
  local found = {}
  if not query.workflow_run_id or events.engine_run(run.run) == query.workflow_run_id then
    found = past_events.of(run)
  end
  return page.cut(found, query.limit, query.cursor, "cursor", function(event) return event.sequence end,
    function(event) return json.raw(event.text) end)
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
    local header, _, text = event_log.read(sequence)
    if header and matches(header, query) then
      if #found == query.limit then
        return json.array(found), page.seal(tostring(sequence))
      end
      found[#found + 1] = json.raw(text)
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
