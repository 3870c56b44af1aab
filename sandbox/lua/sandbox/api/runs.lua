--- Runs: the list with its filters, and one run.

local catalogue = require "sandbox.catalogue"
local fail = require "sandbox.fail"
local json = require "sandbox.json"
local page = require "sandbox.page"
local run_index = require "sandbox.run_index"
local runs = require "sandbox.runs"
local store = require "sandbox.store"
local view = require "sandbox.run_view"

local list = {}

local function set_of(values)
  local set
  for _, value in ipairs(values or {}) do
    set = set or {}
    set[value] = true
  end
  return set
end

-- Filters: what makes a test of runs out of a parameter's value. Only those that a query has are run.

local filters = {}

function filters.root_execution_id(wanted)
  return function(run) return run.root == wanted end
end

local function contains(text, part)
  return text:lower():find(part, 1, true) ~= nil
end

function filters.search(wanted)
  local part, known = wanted:lower(), {}
  return function(run)
    if known[run.workflow] == nil then
      known[run.workflow] = contains(run.workflow, part) or contains(run.display_name, part)
    end
    return known[run.workflow] or contains(run.id, part) or contains(run.run, part)
  end
end

function filters.deployment_name(wanted)
  return function(run) return run.deployment == wanted end
end

function filters.user_id(wanted)
  local user = wanted == "current" and catalogue.user_id or wanted
  return function(run) return run.user == user end
end

local function has_all(items, wanted)
  local set = set_of(items) or {}
  for _, item in ipairs(wanted) do
    if not set[item] then
      return false
    end
  end
  return true
end

function filters.workflow_tags(wanted)
  return function(run) return has_all(catalogue.workflow(run.workflow).tags, wanted) end
end

function filters.include_internal(wanted)
  return not wanted and function(run) return not catalogue.workflow(run.workflow).technical end
end

function filters.search_key(wanted)
  return function(run)
    local keys = run.search_keys or run.tracing or {}
    for _, entry in ipairs(wanted) do
      local key, value = entry:match("^([^:]+):(.+)$")
      if not keys[key] or not contains(keys[key], value:lower()) then
        return false
      end
    end
    return true
  end
end

for _, name in ipairs { "start", "finish" } do
  local parameter = name == "start" and "start_time" or "end_time"
  filters[parameter .. "_after"] = function(moment)
    return function(run) return run[name] ~= nil and run[name] >= moment end
  end
  filters[parameter .. "_before"] = function(moment)
    return function(run) return run[name] ~= nil and run[name] <= moment end
  end
end

local function tests_of(query)
  local tests = {}
  for name, filter in pairs(filters) do
    tests[#tests + 1] = query[name] ~= nil and filter(query[name]) or nil
  end
  return tests
end

local function passes(run, tests)
  for index = 1, #tests do
    if not tests[index](run) then
      return false
    end
  end
  return true
end

--- A function that returns the runs that pass the filters of a query, one after the other. `after` and `after_number`
-- are where a page ended.
function list.select(query, after, after_number)
  runs.work()
  local order, tests, identifier = query.sort_by or "start_time", tests_of(query), query.workflow_identifier
  local workflow = identifier and (catalogue.workflow(identifier) or { name = "" })
  local following = run_index.walk { order = order, down = query.order == "desc", statuses = set_of(query.status),
    workflow = workflow and workflow.name, ended = query.end_time_after ~= nil or query.end_time_before ~= nil,
    start_time = { query.start_time_after, query.start_time_before },
    end_time = { query.end_time_after, query.end_time_before }, after = after, after_number = after_number }
  return function()
    local run = following()
    while run and not passes(run, tests) do
      run = following()
    end
    return run
  end
end

local function open(cursor)
  if not cursor or cursor == "" then
    return nil
  end
  local after, number = page.open(cursor, "next_page_token"):match("^(%S+) (%S+)$")
  after, number = tonumber(after), tonumber(number)
  if not after or not number then
    page.open("", "next_page_token")
  end
  return after, number
end

function list.list(request)
  local query, items, next_token = request.query, {}, json.null
  local order, last = query.sort_by or "start_time", nil
  for run in list.select(query, open(query.next_page_token)) do
    if #items == query.page_size then
      next_token = page.seal(("%.17g %d"):format(run_index.place(order, last)))
      break
    end
    items[#items + 1], last = view.brief(run), run
  end
  return 200, json.object(store.setting "runs_member" or "executions", json.array(items),
    "next_page_token", next_token)
end

--- The run of a path value; raises 404.
function list.find(run_id)
  return runs.of_run(run_id) or fail.coded(404, "WF_1100", "Workflow run not found")
end

function list.get(request)
  return 200, view.full(list.find(request.path.run_id))
end

return list
