--- Commands for deployments and their workers.

local logs = require "mistral.workflows.cli.logs"
local parser = require "mistral.workflows.cli.parser"
local reading = require "mistral.workflows.cli.reading"
local screen = require "mistral.workflows.cli.screen"
local text = require "mistral.workflows.cli.text"

local DEPLOYMENT = { name = "deployment", description = "Name of the deployment.", complete = "deployments" }

local function activity(active)
  if active then return "active", "green" end
  return "inactive", "red"
end

local function deployments(asked, args)
  asked:list {
    resource = asked:client().deployments, member = "deployments", none = "no deployments",
    params = { active_only = not args.all, workflow_name = args.workflow, search = args.search, limit = 100 },
    columns = {
      { title = "NAME", field = "name", keep = true },
      { title = "STATE", field = "is_active", show = activity },
      { title = "WORKERS", needs = { "active_worker_count", "worker_count" }, right = true, value = function(item)
        return item.worker_count and ("%s/%s"):format(item.active_worker_count, item.worker_count)
      end },
      { title = "LOCATION", field = "location.location_type", drop = true },
      { title = "PHASE", field = "managed.status.phase", drop = true },
      { title = "UPDATED", field = "updated_at", drop = true, show = function(value) return asked:moment(value) end },
    },
  }
end

local function workers(asked, args)
  asked:list {
    resource = asked:client().deployments, id = args.deployment, each = "each_worker", pages = "worker_pages",
    member = "workers", params = { worker_status = args.status, limit = 100 }, none = "no workers",
    columns = {
      { title = "NAME", field = "name", keep = true },
      { title = "STATE", field = "is_active", show = activity },
      { title = "LOCATION", field = "location.location_type", drop = true },
      { title = "CLUSTER", field = "location.k8s_cluster", drop = true },
      { title = "SEEN", field = "updated_at", drop = true, show = function(value) return asked:moment(value) end },
      { title = "SINCE", field = "created_at", drop = true, show = function(value) return asked:moment(value) end },
    },
  }
end

local function show_logs(asked, args)
  logs.show(asked, {
    resource = asked:client().deployments, id = args.deployment, each = "each_log", pages = "log_pages",
    member = "results",
    params = { worker_name = args.worker, workflow_name = args.workflow },
    follow = { worker_name = args.worker, workflow_name = args.workflow },
    source = function(record) return reading.text(reading.value(record, "log_attributes.worker_name")) end,
  })
end

-- A command that sets a managed deployment to work.
local function mover(verb)
  return function(asked, args)
    local answer = asked:change(verb .. " " .. args.deployment, function()
      local resource = asked:client().deployments
      return asked:content(resource[verb](resource, args.deployment, { raw = args.json }))
    end)
    if not answer then return end
    if args.json then return screen.write(answer, "\n") end
    local phase = reading.text(reading.value(answer, "status.phase"))
    screen.write(verb, " ", args.deployment, ": ", phase ~= "" and text.clean(phase) or "accepted", "\n")
  end
end

local log_options = {
  { name = "--worker", argname = "NAME", description = "Only those of this worker." },
  { name = "--workflow", argname = "NAME", complete = "workflows", description = "Only those of this workflow." },
}
for _, option in ipairs(logs.options) do log_options[#log_options + 1] = option end

return {
  title = "Deployments",
  {
    name = "deployments",
    summary = "List the deployments that serve workflows.",
    options = {
      { flag = "--all", description = "Those without a live worker too." },
      { name = "--workflow", argname = "NAME", complete = "workflows", description = "Only those that serve it." },
      { name = "--search", argname = "TEXT", description = "Only those whose name has this in it." },
      parser.limit,
    },
    examples = { { "deployments --all" } },
    run = deployments,
  },
  {
    name = "workers",
    summary = "List the workers of a deployment.",
    arguments = { DEPLOYMENT },
    options = {
      { name = "--status", argname = "active|inactive", choices = { "active", "inactive" },
        description = "Only those." },
      parser.limit,
    },
    examples = { { "workers default" } },
    run = workers,
  },
  {
    name = "deployment-logs",
    summary = "Show the log records of a deployment.",
    arguments = { DEPLOYMENT },
    options = log_options,
    examples = { { "deployment-logs default --since 10m -f" } },
    run = show_logs,
  },
  {
    name = "start-deployment",
    summary = "Start a managed deployment.",
    arguments = { DEPLOYMENT },
    options = { parser.dry_run },
    examples = { { "start-deployment managed-ocr" } },
    run = mover "start",
  },
  {
    name = "stop-deployment",
    also = "stop",
    summary = "Stop a managed deployment.",
    arguments = { DEPLOYMENT },
    options = { parser.dry_run },
    examples = { { "stop-deployment managed-ocr" } },
    run = mover "stop",
  },
  {
    name = "restart-deployment",
    also = "restart",
    summary = "Restart a managed deployment.",
    arguments = { DEPLOYMENT },
    options = { parser.dry_run },
    examples = { { "restart-deployment managed-ocr" } },
    run = mover "restart",
  },
}
