--- Workflows: list, get, update, archive.

local catalogue = require "sandbox.catalogue"
local fail = require "sandbox.fail"
local fuzzy = require "sandbox.fuzzy"
local json = require "sandbox.json"
local page = require "sandbox.page"
local run_index = require "sandbox.run_index"
local runs = require "sandbox.runs"

local workflows = {}

local object, null = json.object, json.null

--- The workflow of a path value; raises 404.
function workflows.find(identifier)
  return catalogue.workflow(identifier) or fail.plain(404, ("Workflow '%s' not found"):format(identifier))
end

local function contains(text, part)
  return text:lower():find(part:lower(), 1, true) ~= nil
end

--- True when the name or the display name of a workflow holds `search`.
function workflows.matches(workflow, search)
  return contains(workflow.name, search) or contains(workflow.display_name, search)
end

local function has_all(list, wanted)
  for _, item in ipairs(wanted) do
    local found = false
    for _, other in ipairs(list) do
      found = found or other == item
    end
    if not found then
      return false
    end
  end
  return true
end

local function has_any(list, wanted)
  for _, item in ipairs(wanted) do
    if has_all(list, { item }) then
      return true
    end
  end
  return false
end

-- Names of the workflows that have a run in one of these statuses.
local function names_with_runs(statuses)
  local wanted, names = {}, {}
  for _, status in ipairs(statuses) do
    wanted[status] = true
  end
  runs.work()
  for run in run_index.walk { order = "start_time", statuses = wanted, start_time = {}, end_time = {} } do
    names[run.workflow] = true
  end
  return names
end

local function wanted(workflow, query, with_runs)
  local active = query.active_only and "active" or query.deployment_status
  return not (query.include_shared == false and workflow.shared)
    and (query.available_in_chat_assistant == nil or query.available_in_chat_assistant == workflow.chat)
    and (not query.deployment_name or has_any(workflow.deployments, query.deployment_name))
    and (not active or (active == "active") == workflow.active)
    and (query.archived == nil or query.archived == workflow.archived)
    and (not query.tags or has_all(workflow.tags, query.tags))
    and (not query.search or fuzzy.matches(query.search, workflow.name, workflow.display_name,
      workflow.description ~= null and workflow.description or "", workflow.id))
    and (not with_runs or with_runs[workflow.name])
end

local function basic(workflow)
  return object("id", workflow.id, "name", workflow.name, "display_name", workflow.display_name,
    "description", workflow.description or null, "metadata", object("shared_namespace", workflow.shared or null),
    "archived", workflow.archived, "tags", json.array(workflow.tags))
end

function workflows.list(request)
  local query, list = request.query, {}
  local with_runs = query.status and names_with_runs(query.status)
  for _, workflow in ipairs(catalogue.workflows()) do
    if wanted(workflow, query, with_runs) then
      list[#list + 1] = workflow
    end
  end
  local down = query.order == "desc"
  table.sort(list, function(a, b)
    if down then
      a, b = b, a
    end
    if query.sort_by and a.display_name ~= b.display_name then
      return a.display_name < b.display_name
    end
    return a.index < b.index
  end)
  local items, next_cursor = page.cut(list, query.limit, query.cursor, "cursor",
    function(workflow) return workflow.id end, basic)
  return 200, object("workflows", items, "next_cursor", next_cursor)
end

function workflows.get(request)
  local workflow = workflows.find(request.path.workflow_identifier)
  return 200, object("workflow", catalogue.view_with_status(workflow))
end

-- A member that is absent keeps its value; null clears it: to the generated name, to nothing, to an empty list.
function workflows.update(request)
  local workflow, body, changes = workflows.find(request.path.workflow_identifier), request.body, {}
  if body.display_name ~= nil then
    changes.display_name = body.display_name == null and workflow.name or body.display_name
  end
  if body.description ~= nil then
    changes.description = body.description
  end
  if body.available_in_chat_assistant ~= nil then
    changes.chat = body.available_in_chat_assistant == true
  end
  if body.tags ~= nil then
    changes.tags = body.tags == null and {} or body.tags
  end
  return 200, object("workflow", catalogue.view(catalogue.change(workflow, changes)))
end

local function set_archived(value)
  return function(request)
    local workflow = workflows.find(request.path.workflow_identifier)
    return 200, object("workflow", catalogue.view(catalogue.change(workflow, { archived = value })))
  end
end

workflows.archive, workflows.unarchive = set_archived(true), set_archived(false)

local function set_many(value, member)
  return function(request)
    local done, errored = {}, {}
    for _, id in ipairs(request.body.workflow_ids) do
      local workflow = catalogue.workflow(id)
      if not workflow then
        errored[#errored + 1] = object("workflow_id", id, "workflow", null, "message", "Workflow not found")
      elseif workflow.archived == value then
        errored[#errored + 1] = object("workflow_id", id, "workflow", catalogue.view(workflow), "message",
          "Workflow is already " .. member)
      else
        done[#done + 1] = catalogue.view(catalogue.change(workflow, { archived = value }))
      end
    end
    return 200, object(member, json.array(done), "errored", json.array(errored))
  end
end

workflows.bulk_archive, workflows.bulk_unarchive = set_many(true, "archived"), set_many(false, "unarchived")

return workflows
