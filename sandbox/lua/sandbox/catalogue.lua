--- The catalogue: workflows, and their registrations, newest first.
--
-- Everything here follows from a number, so that all runs of the service have the same identifiers. What callers may
-- change (names, tags, archived …) is kept in shared memory over it; `store.number "catalogue"` counts those changes.

local behaviours = require "sandbox.behaviours"
local identifier = require "sandbox.identifier"
local json = require "sandbox.json"
local names = require "sandbox.catalogue_names"
local ordinary_definition = require "sandbox.ordinary_definition"
local store = require "sandbox.store"

local catalogue = {
  customer_id = identifier.uuid "customer",
  workspace_id = identifier.uuid "workspace",
  user_id = identifier.uuid "user",
  count = tonumber(os.getenv "SANDBOX_REGISTRATIONS") or 3000,
}

local REVISIONS = 8

local workflows, by_name, by_id = {}, {}, {}

local function add(workflow)
  workflow.index = #workflows + 1
  workflow.id = identifier.uuid("workflow/" .. workflow.name)
  workflow.definitions = {}
  workflows[workflow.index] = workflow
  by_name[workflow.name], by_id[workflow.id] = workflow, workflow
end

local function add_behaviour(behaviour)
  add { name = behaviour.name, display_name = behaviour.display_name, description = behaviour.description,
    tags = behaviour.tags or { "sandbox" }, archived = behaviour.archived or false, active = not behaviour.archived,
    chat = behaviour.chat or false, technical = false, deployments = behaviour.deployments or { "default" } }
end

-- Where an ordinary workflow runs: each ninth on two deployments at once, the others on one, and on one that has no
-- worker.
local function deployments_of(index, entry)
  local main = index % 3 == 0 and "production-eu" or "default"
  if entry.active == false then
    return { "legacy" }
  end
  return { main, index % 9 == 0 and "staging" or "legacy" }
end

for _, behaviour in ipairs(behaviours.list) do
  add_behaviour(behaviour)
end
for index, entry in ipairs(names) do
  add { name = entry[1], display_name = entry[2], description = entry[3], tags = entry[4],
    archived = entry.archived or false, active = entry.active ~= false, chat = entry.chat or false,
    technical = entry.technical or false, shared = entry.shared, deployments = deployments_of(index, entry),
    ordinary = true }
end

-- Workflows with the changes of callers; read again when something changed.

local current, version = {}, -1

local function refresh()
  version = store.number "catalogue"
  current = {}
  for index, workflow in ipairs(workflows) do
    local changes = store.get("workflow:" .. workflow.id)
    current[index] = changes and setmetatable(changes, { __index = workflow }) or workflow
  end
end

--- All workflows in order, as they are now.
function catalogue.workflows()
  if version ~= store.number "catalogue" then
    refresh()
  end
  return current
end

--- Changes when a workflow does.
function catalogue.version()
  return store.number "catalogue"
end

--- The workflow of a name or an identifier, or nil.
function catalogue.workflow(name)
  local found = by_name[name] or by_id[name:lower()]
  return found and catalogue.workflows()[found.index]
end

--- Stores new values of some of display_name, description, chat, tags, archived.
function catalogue.change(workflow, values)
  store.exclusively(function()
    local key = "workflow:" .. workflow.id
    local changes = store.get(key) or {}
    for name, value in pairs(values) do
      changes[name] = value
    end
    store.put(key, changes)
    store.count "catalogue"
  end)
  return catalogue.workflow(workflow.name)
end

--- The members of the service's Workflow object, as arguments for json.object.
local function members(workflow)
  return "id", workflow.id, "name", workflow.name, "display_name", workflow.display_name, "type", "code",
    "description", workflow.description or json.null, "customer_id", catalogue.customer_id,
    "workspace_id", catalogue.workspace_id, "shared_namespace", workflow.shared or json.null,
    "available_in_chat_assistant", workflow.chat, "is_technical", workflow.technical,
    "archived", workflow.archived, "tags", json.array(workflow.tags)
end

function catalogue.view(workflow)
  return json.object(members(workflow))
end

--- Workflow with its `active` member first, as the reference prints it.
function catalogue.view_with_status(workflow)
  return json.object("active", workflow.active, members(workflow))
end

-- Registrations. Number n belongs to workflow (n-1) mod W; the first generation is the one that workers run now.

local function owner(number)
  return (number - 1) % #workflows + 1, math.floor((number - 1) / #workflows)
end

local SCRAMBLE = 0x5bd1e9
local ids, heads, tails = {}, {}, {}

--- The identifier of a registration; its last six digits lead back to the number.
function catalogue.registration_id(number)
  local id = ids[number]
  if not id then
    id = identifier.uuid("registration/" .. number):sub(1, 30) .. ("%06x"):format(bit.bxor(number, SCRAMBLE))
    ids[number] = id
  end
  return id
end

--- The number of a registration, or nil.
function catalogue.registration(id)
  local number = bit.bxor(tonumber(id:sub(-6), 16), SCRAMBLE)
  if number >= 1 and number <= catalogue.count and catalogue.registration_id(number) == id:lower() then
    return number
  end
end

function catalogue.deployment_id(name)
  return identifier.uuid("deployment/" .. name)
end

--- The deployments with living workers that serve a workflow, as far as they do not change.
function catalogue.serving(workflow)
  local list = {}
  for _, name in ipairs(workflow.deployments) do
    if name ~= "legacy" then
      list[#list + 1] = name
    end
  end
  return list
end

local facts = {}

--- Facts of a registration that do not change: workflow (as generated), deployment, active, revision.
function catalogue.registration_facts(number)
  local fact = facts[number]
  if not fact then
    local index, generation = owner(number)
    local workflow = workflows[index]
    fact = { workflow = workflow, index = index, revision = generation % REVISIONS,
      deployment = workflow.deployments[generation % #workflow.deployments + 1],
      active = workflow.active and generation < #catalogue.serving(workflow) }
    facts[number] = fact
  end
  return fact
end

--- The definition of a workflow in one of its revisions, as JSON text.
function catalogue.definition(workflow, revision)
  local definitions = workflow.definitions
  if not definitions[revision] then
    local program = behaviours.by_name[workflow.name]
    local raw = program and behaviours.definition(program) or
      ordinary_definition.make(workflow.name, workflow.display_name, revision)
    definitions[revision] = json.encode(raw)
  end
  return definitions[revision]
end

--- The texts before, of and after the definition of a registration. `with_workflow` includes the workflow.
function catalogue.registration_parts(number, with_workflow)
  local fact = catalogue.registration_facts(number)
  local head = heads[number]
  if not head then
    head = ('{"id":"%s","deployment_id":"%s","task_queue":"%s","definition":'):format(catalogue.registration_id(number),
      catalogue.deployment_id(fact.deployment), fact.deployment)
    heads[number] = head
  end
  local key = fact.workflow.name .. "/" .. fact.deployment .. (with_workflow and "/" .. catalogue.version() or "")
  local tail = tails[key]
  if not tail then
    local workflow = catalogue.workflows()[fact.index]
    tail = (',"workflow_id":"%s","workflow":%s,"deployment_name":"%s","compatible_with_chat_assistant":%s'):format(
      workflow.id, with_workflow and catalogue.view(workflow)[1] or "null", fact.deployment,
      tostring(fact.workflow.chat))
    tails[key] = tail
  end
  return head, catalogue.definition(fact.workflow, fact.revision), tail
end

return catalogue
