--- Runs: the list with its filters, and one run.

local catalogue = require "sandbox.catalogue"
local fail = require "sandbox.fail"
local json = require "sandbox.json"
local page = require "sandbox.page"
local runs = require "sandbox.runs"
local view = require "sandbox.run_view"

local list = {}

local function contains(text, part)
  return text:lower():find(part:lower(), 1, true) ~= nil
end

local function set_of(values)
  local set
  for _, value in ipairs(values or {}) do
    set = set or {}
    set[value] = true
  end
  return set
end

local function within(time, after, before)
  return (not after or (time and time >= after)) and (not before or (time and time < before))
end

local function has_search_keys(run, wanted)
  local keys = run.search_keys or run.tracing or {}
  for _, entry in ipairs(wanted or {}) do
    local key, value = entry:match("^([^:]+):(.+)$")
    if not keys[key] or not contains(keys[key], value) then
      return false
    end
  end
  return true
end

local function has_tags(workflow, wanted)
  local tags = set_of(workflow.tags) or {}
  for _, tag in ipairs(wanted or {}) do
    if not tags[tag] then
      return false
    end
  end
  return true
end

local function wanted(run, query, statuses)
  local workflow = catalogue.workflow(run.workflow)
  local identifier = query.workflow_identifier
  local user = query.user_id == "current" and catalogue.user_id or query.user_id
  return (not identifier or identifier == run.workflow or identifier:lower() == run.workflow_id)
    and (not query.root_execution_id or query.root_execution_id == run.root)
    and (not query.search or contains(run.id, query.search) or contains(run.workflow, query.search))
    and (not statuses or statuses[run.mask or run.status])
    and (not query.deployment_name or query.deployment_name == run.deployment)
    and within(run.start, query.start_time_after, query.start_time_before)
    and within(run.finish, query.end_time_after, query.end_time_before)
    and (not user or user == run.user)
    and has_tags(workflow, query.workflow_tags)
    and (query.include_internal or not workflow.technical)
    and has_search_keys(run, query.search_key)
end

-- Runs that have not ended come last in ascending order of the end time, and first in descending order.
local function sort(found, by, order)
  local function moment(run)
    return by == "end_time" and (run.finish or math.huge) or run.start
  end
  table.sort(found, function(a, b)
    if order == "desc" then
      a, b = b, a
    end
    local first, second = moment(a), moment(b)
    return first < second or (first == second and a.number < b.number)
  end)
end

--- The runs that pass the filters of a query, in no order.
function list.select(query)
  local statuses, found = set_of(query.status), {}
  for _, run in ipairs(runs.all()) do
    if wanted(run, query, statuses) then
      found[#found + 1] = run
    end
  end
  return found
end

function list.list(request)
  local query = request.query
  local found = list.select(query)
  sort(found, query.sort_by, query.order)
  local items, next_token = page.cut(found, query.page_size, query.next_page_token, "next_page_token",
    function(run) return run.run end, view.brief)
  return 200, json.object("executions", items, "next_page_token", next_token)
end

--- The run of a path value; raises 404.
function list.find(run_id)
  return runs.of_run(run_id) or fail.coded(404, "WF_1100", "Workflow run not found")
end

function list.get(request)
  return 200, view.full(list.find(request.path.run_id))
end

return list
