--- Deployments: those that workers registered by themselves, and managed ones, whose state follows from the time since
--- they were last changed.

local catalogue = require "sandbox.catalogue"
local clock = require "sandbox.clock"
local store = require "sandbox.store"

local deployments = {}

local DAY = 86400

-- Created so many days ago; `workers` alive out of `all`.
local self_hosted = {
  { name = "default", days = 210, workers = 2, all = 3, where = "k8s" },
  { name = "production-eu", days = 120, workers = 4, all = 4, where = "k8s", hardened = true },
  { name = "staging", days = 90, workers = 1, all = 2, where = "k8s" },
  { name = "blue", days = 12, workers = 1, all = 1, where = "k8s" },
  { name = "green", days = 3, workers = 1, all = 1, where = "k8s" },
  { name = "laptop", days = 1, workers = 1, all = 1, where = "local" },
  { name = "legacy", days = 700, workers = 0, all = 2, where = "k8s" },
}

local managed = { name = "managed-ocr", days = 30, workers = 2, all = 2, where = "managed",
  spec = { github_url = "https://github.com/example/ocr-workflows", revision = "main", entrypoint = "worker:main" },
  resources = { replicas = 2, cpu_request = "500m", memory_request = "1Gi" } }

-- After a change a managed deployment goes through phases: { seconds since the change, phase }.
local courses = {
  create = { { 0, "pending" }, { 0.2, "building" }, { 0.8, "deploying" }, { 1.2, "running" } },
  ["update stopped"] = { { 0, "stopped" } },
  update = { { 0, "building" }, { 0.6, "deploying" }, { 1, "running" } },
  start = { { 0, "deploying" }, { 0.4, "running" } },
  restart = { { 0, "deploying" }, { 0.4, "running" } },
  stop = { { 0, "stopping" }, { 0.4, "stopped" } },
  delete = { { 0, "deleting" }, { 0.5, "deleted" } },
}

local function seed(entry, epoch)
  local created = epoch - entry.days * DAY
  return { name = entry.name, created = created, updated = created + DAY / 2, workers = entry.workers, all = entry.all,
    where = entry.where, hardened = entry.hardened or false, spec = entry.spec, resources = entry.resources,
    managed = entry.spec ~= nil, change = "create", changed = created, stopped = false, generation = 1 }
end

local function names()
  local list = store.get "deployments"
  if not list then
    list = {}
    local epoch = store.number "epoch"
    for _, entry in ipairs { self_hosted[1], self_hosted[2], self_hosted[3], self_hosted[4], self_hosted[5],
      self_hosted[6], self_hosted[7], managed } do
      store.put("deployment:" .. entry.name, seed(entry, epoch))
      list[#list + 1] = entry.name
    end
    store.put("deployments", list)
  end
  return list
end

--- The phase a managed deployment is in now.
function deployments.phase(deployment)
  local age, phase = clock.now() - deployment.changed, nil
  for _, stage in ipairs(courses[deployment.change]) do
    if age >= stage[1] then
      phase = stage[2]
    end
  end
  return phase
end

--- True once at least one worker is alive.
function deployments.is_active(deployment)
  return deployment.workers > 0 and (not deployment.managed or deployments.phase(deployment) == "running")
end

local function forget(name)
  local deployment = store.get("deployment:" .. name)
  if not deployment or deployments.phase(deployment) ~= "deleted" then
    return
  end
  local list = {}
  for _, other in ipairs(names()) do
    if other ~= name then
      list[#list + 1] = other
    end
  end
  store.put("deployments", list)
  store.delete("deployment:" .. name)
end

--- A deployment by name, or nil.
function deployments.find(name)
  names()
  local deployment = store.get("deployment:" .. name)
  if deployment and deployment.managed and deployments.phase(deployment) == "deleted" then
    store.exclusively(forget, name)
    return nil
  end
  return deployment
end

--- All deployments.
function deployments.all()
  local list = {}
  for _, name in ipairs(store.exclusively(names)) do
    list[#list + 1] = deployments.find(name)
  end
  return list
end

--- Adds a managed deployment.
function deployments.create(name, spec, resources, hardened)
  local now = clock.now()
  local deployment = { name = name, created = now, updated = now, workers = resources.replicas or 1,
    all = resources.replicas or 1, where = "managed", hardened = hardened, spec = spec, resources = resources,
    managed = true, change = "create", changed = now, stopped = false, generation = 1 }
  store.exclusively(function()
    local list = names()
    list[#list + 1] = name
    store.put("deployments", list)
    store.put("deployment:" .. name, deployment)
  end)
  return deployment
end

--- Starts a course of phases: create, update, start, restart, stop or delete.
function deployments.change(deployment, course)
  if course == "update" and deployment.stopped then
    course = "update stopped"
  end
  deployment.change, deployment.changed, deployment.updated = course, clock.now(), clock.now()
  deployment.generation = deployment.generation + 1
  if course == "stop" then
    deployment.stopped = true
  elseif course == "start" or course == "restart" then
    deployment.stopped = false
  end
  store.exclusively(store.put, "deployment:" .. deployment.name, deployment)
  return deployment
end

--- Names of the workflows that a deployment serves.
function deployments.workflows(deployment)
  local list = {}
  for _, workflow in ipairs(catalogue.workflows()) do
    for _, name in ipairs(workflow.deployments) do
      if name == deployment.name then
        list[#list + 1] = workflow.name
      end
    end
  end
  return list
end

return deployments
