--- Registrations: list and get. Pages may be large (a thousand items of 2.7 KB, twice), so they are put together from
-- texts that are kept.

local catalogue = require "sandbox.catalogue"
local fail = require "sandbox.fail"
local json = require "sandbox.json"
local lrucache = require "resty.lrucache"
local page = require "sandbox.page"
local store = require "sandbox.store"
local workflows = require "sandbox.api.workflows"

local registrations = {}

local selections = lrucache.new(32)

local filters = { "workflow_id", "task_queue", "active_only", "include_shared", "workflow_search", "archived",
  "available_in_chat_assistant" }

local function wanted(number, query)
  local fact = catalogue.registration_facts(number)
  local workflow = catalogue.workflows()[fact.index]
  return (not query.workflow_id or query.workflow_id == workflow.id)
    and (not query.task_queue or query.task_queue == fact.deployment)
    and (not query.active_only or fact.active)
    and not (query.include_shared == false and workflow.shared)
    and (not query.workflow_search or workflows.matches(workflow, query.workflow_search))
    and (query.archived == nil or query.archived == workflow.archived)
    and (query.available_in_chat_assistant == nil or query.available_in_chat_assistant == workflow.chat)
end

-- Numbers of the registrations that pass the filters of a query.
local function select(query)
  local key = tostring(catalogue.version())
  for _, name in ipairs(filters) do
    key = key .. "\n" .. tostring(query[name])
  end
  local list = selections:get(key)
  if not list then
    list = {}
    for number = 1, catalogue.count do
      if wanted(number, query) then
        list[#list + 1] = number
      end
    end
    selections:set(key, list)
  end
  return list
end

-- Appends an item to `parts`; returns its size.
local function append(parts, number, with_workflow, ending)
  local head, definition, tail = catalogue.registration_parts(number, with_workflow)
  local count = #parts
  parts[count + 1], parts[count + 2], parts[count + 3], parts[count + 4] = head, definition, tail, ending
end

local function items(list, first, last, with_workflow)
  local parts = { "[" }
  for place = first, last do
    append(parts, list[place], with_workflow, place < last and "}," or "}")
  end
  parts[#parts + 1] = "]"
  return parts
end

function registrations.list(request)
  local query = request.query
  local list = select(query)
  local first, last, next_cursor = page.bounds(list, query.limit, query.cursor, "cursor", catalogue.registration_id)
  local parts = items(list, first, last, query.with_workflow)
  local answer = { '{"next_cursor":', json.encode(next_cursor), ',"workflow_registrations":', parts }
  local copy = store.setting "versions" or "same"
  if copy ~= "absent" then
    answer[#answer + 1] = ',"workflow_versions":'
    answer[#answer + 1] = parts
    if copy == "differ" then
      answer[#answer] = items(list, first, last, not query.with_workflow)
    end
  end
  answer[#answer + 1] = "}"
  return 200, answer
end

--- The number of the registration of a path value; raises 404.
function registrations.find(id)
  return catalogue.registration(id) or fail.plain(404, ("Workflow registration '%s' not found"):format(id))
end

function registrations.get(request)
  local id = request.path.workflow_registration_id
  local number = registrations.find(id)
  if not request.query.include_shared and catalogue.registration_facts(number).workflow.shared then
    fail.plain(404, ("Workflow registration '%s' not found"):format(id))
  end
  local parts = {}
  append(parts, number, request.query.with_workflow,
    ',"active":' .. tostring(catalogue.registration_facts(number).active) .. "}")
  return 200, { '{"workflow_registration":', parts, ',"workflow_version":', parts, "}" }
end

return registrations
