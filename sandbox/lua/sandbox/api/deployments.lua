--- Deployments and their workers.

local catalogue = require "sandbox.catalogue"
local clock = require "sandbox.clock"
local deployments = require "sandbox.deployments"
local fail = require "sandbox.fail"
local identifier = require "sandbox.identifier"
local json = require "sandbox.json"
local page = require "sandbox.page"

local api = {}

local object, null = json.object, json.null

-- Views

local function location(where)
  return object("location_type", where, "k8s_cluster", where == "k8s" and "cluster-1" or null,
    "k8s_namespace", where == "k8s" and "workflows" or null)
end

--- The workers of a deployment, the living first: name, created, updated, active.
function api.workers_of(deployment)
  local list, alive = {}, deployments.is_active(deployment) and deployment.workers or 0
  for number = 1, deployment.all do
    local active = number <= alive
    list[number] = { name = ("%s-worker-%d"):format(deployment.name, number), created = deployment.created + number,
      updated = active and clock.now() or deployment.updated + number, active = active, where = deployment.where }
  end
  return list
end

local function worker_view(worker)
  return object("name", worker.name, "created_at", clock.text(worker.created), "updated_at", clock.text(worker.updated),
    "is_active", worker.active, "location", location(worker.where))
end

local build_phases = { pending = "pending", building = "building" }

local function observed(deployment)
  local phase = deployments.phase(deployment)
  local running = phase == "running"
  local revision = identifier.uuid(deployment.name .. "/" .. deployment.generation):gsub("-", "")
  local replicas = running and deployment.workers or 0
  return object("phase", phase, "available_replicas", replicas, "ready_replicas", replicas,
    "endpoint", null, "message", null, "last_seen", running and clock.text(clock.now()) or null,
    "deployed_revision", running and revision or null, "generation", deployment.generation,
    "build_state", object("phase", build_phases[phase] or "succeeded", "commit_sha", revision, "image", null,
      "message", null, "started_at", clock.text(deployment.changed),
      "finished_at", build_phases[phase] and null or clock.text(deployment.changed + 0.8)))
end

local function or_null(value)
  return value == nil and null or value
end

local function spec_view(spec)
  return object("github_url", spec.github_url, "type", "workflows_worker", "revision", or_null(spec.revision),
    "entrypoint", or_null(spec.entrypoint), "working_dir", or_null(spec.working_dir),
    "backend_spec", or_null(spec.backend_spec or { type = "koyeb" }), "restarted_at", or_null(spec.restarted_at),
    "commit_sha", null, "commit", null)
end

local function resources_view(resources)
  return object("replicas", or_null(resources.replicas), "cpu_request", or_null(resources.cpu_request),
    "cpu_limit", or_null(resources.cpu_limit), "memory_request", or_null(resources.memory_request),
    "memory_limit", or_null(resources.memory_limit))
end

local rollouts = { running = "succeeded", stopped = "stopped", deleting = "deleting" }

local function managed_view(deployment)
  return object("service_id", identifier.uuid("service/" .. deployment.name), "name", deployment.name,
    "spec", spec_view(deployment.spec), "resources", resources_view(deployment.resources),
    "status", observed(deployment), "created_at", clock.text(deployment.created),
    "updated_at", clock.text(deployment.updated), "stopped", deployment.stopped,
    "rollout_status", rollouts[deployments.phase(deployment)] or "in_progress", "created_by", catalogue.user_id,
    "updated_by", catalogue.user_id, "deployed_by", catalogue.user_id, "deployed_at", clock.text(deployment.changed),
    "is_hardened", deployment.hardened)
end

local function view(deployment, ...)
  local active = deployments.is_active(deployment)
  return object("id", catalogue.deployment_id(deployment.name), "name", deployment.name, "is_active", active,
    "is_hardened", deployment.hardened, "created_at", clock.text(deployment.created),
    "updated_at", clock.text(deployment.updated), "owner", null, "location", location(deployment.where),
    "worker_count", deployment.all, "active_worker_count", active and deployment.workers or 0,
    "locations", json.list { deployment.where },
    "managed", deployment.managed and managed_view(deployment) or null, ...)
end

-- Reading

--- The deployment of a path value; raises 404.
function api.find(name)
  return deployments.find(name) or fail.plain(404, ("Deployment '%s' not found"):format(name))
end

local function serves(deployment, workflow_name)
  for _, name in ipairs(deployments.workflows(deployment)) do
    if name == workflow_name then
      return true
    end
  end
  return false
end

local function among(list, value)
  for _, item in ipairs(list) do
    if item == value then
      return true
    end
  end
  return false
end

local function begins(text, search)
  return text:lower():sub(1, #search) == search:lower()
end

local function wanted(deployment, query)
  return (not query.active_only or deployments.is_active(deployment))
    and (query.is_hardened == nil or query.is_hardened == deployment.hardened)
    and (not query.workflow_name or serves(deployment, query.workflow_name))
    and (not query.search or begins(deployment.name, query.search) or
      begins(catalogue.deployment_id(deployment.name), query.search))
    and (not query.created_by or query.created_by == "current" or query.created_by == catalogue.user_id)
    and (not query.location_types or among(query.location_types, deployment.where))
end

-- Active and managed ones first, unless something to order by is given.
local function group(deployment)
  return (deployments.is_active(deployment) or deployment.managed) and 1 or 2
end

local function sort(found, order_by, order)
  local member = order_by == "updated_at" and "updated" or "created"
  table.sort(found, function(a, b)
    if not order_by and group(a) ~= group(b) then
      return group(a) < group(b)
    elseif order == "desc" then
      a, b = b, a
    end
    return a[member] < b[member] or (a[member] == b[member] and a.name < b.name)
  end)
end

--- GET /deployments. Of other workspaces than the caller's there are none.
function api.list(request)
  local query, found = request.query, {}
  local workspace = query.workspace_id or catalogue.workspace_id
  for _, deployment in ipairs(workspace == catalogue.workspace_id and deployments.all() or {}) do
    if wanted(deployment, query) then
      found[#found + 1] = deployment
    end
  end
  sort(found, query.order_by, query.order)
  local items, next_cursor = page.cut(found, query.limit, query.cursor, "cursor",
    function(deployment) return deployment.name end, view)
  return 200, object("deployments", items, "next_cursor", next_cursor, "workspace_id", workspace)
end

local function views(workers)
  local list = {}
  for index, worker in ipairs(workers) do
    list[index] = worker_view(worker)
  end
  return json.array(list)
end

--- GET /deployments/{name}. A workflow that it does not serve has no workers there.
function api.get(request)
  local deployment, name = api.find(request.path.name), request.query.workflow_name
  if name and not serves(deployment, name) then
    deployment.workers, deployment.all = 0, 0
  end
  return 200, view(deployment, "workers", views(api.workers_of(deployment)))
end

function api.workers(request)
  local query, found = request.query, {}
  for _, worker in ipairs(api.workers_of(api.find(request.path.name))) do
    if not query.worker_status or (query.worker_status == "active") == worker.active then
      found[#found + 1] = worker
    end
  end
  local items, next_cursor = page.cut(found, query.limit, query.cursor, "cursor",
    function(worker) return worker.name end, worker_view)
  return 200, object("workers", items, "next_cursor", next_cursor)
end

-- Changing

local function check_backend(spec)
  local backend = spec.backend_spec
  if backend and backend ~= null and ((spec.entrypoint or null) ~= null or (spec.working_dir or null) ~= null) then
    fail.invalid { fail.problem("value_error", { "body", "spec" },
      "Value error, backend_spec must not be combined with entrypoint or working_dir", spec) }
  end
end

-- Takes over what is given; null takes away, but never where the code is.
local function merge(into, changes)
  for name, value in pairs(json.is_object(changes) and changes or {}) do
    if value ~= null then
      into[name] = value
    elseif name ~= "github_url" then
      into[name] = nil
    end
  end
end

function api.create(request)
  local body = request.body
  if not body.name:find("^[%w_%.%-]+$") or #body.name > 128 then
    fail.invalid { fail.problem("string_pattern_mismatch", { "body", "name" },
      "String should match pattern '^[a-zA-Z0-9_\\-\\.]+$'", body.name,
      object("pattern", "^[a-zA-Z0-9_\\-\\.]+$")) }
  elseif deployments.find(body.name) then
    fail.plain(409, ("Deployment '%s' already exists"):format(body.name))
  end
  check_backend(body.spec)
  local spec, resources = {}, {}
  merge(spec, body.spec)
  merge(resources, body.resources)
  spec.revision = spec.revision or "main"
  if not spec.entrypoint and not spec.backend_spec then
    spec.entrypoint = "worker:main"
  end
  return 202, managed_view(deployments.create(body.name, spec, resources, body.hardened == true))
end

-- The managed deployment of a path value; the ones that workers registered cannot be changed.
local function find_managed(request)
  local deployment = api.find(request.path.name)
  if not deployment.managed then
    fail.plain(409, ("Deployment '%s' is not managed"):format(deployment.name))
  end
  return deployment
end

function api.update(request)
  local deployment, body = find_managed(request), request.body
  if json.is_object(body.spec) then
    check_backend(body.spec)
  end
  merge(deployment.spec, body.spec)
  merge(deployment.resources, body.resources)
  deployment.workers = deployment.resources.replicas or deployment.workers
  deployment.all = math.max(deployment.all, deployment.workers)
  return 202, managed_view(deployments.change(deployment, "update"))
end

local function changer(course)
  return function(request)
    local deployment = find_managed(request)
    if course == "restart" then
      deployment.spec.restarted_at = clock.text(clock.now())
    end
    return 202, managed_view(deployments.change(deployment, course))
  end
end

api.start, api.stop = changer "start", changer "stop"
api.restart, api.delete = changer "restart", changer "delete"

return api
