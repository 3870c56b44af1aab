--- Log records of deployments: one each second since ten minutes before the service started, without an end. They
-- follow from their number, so nothing is stored.

local clock = require "sandbox.clock"
local deployment_api = require "sandbox.api.deployments"
local deployments = require "sandbox.deployments"
local identifier = require "sandbox.identifier"
local json = require "sandbox.json"
local logs = require "sandbox.api.logs"
local sse = require "sandbox.sse"
local store = require "sandbox.store"
local streams = require "sandbox.api.streams"

local deployment_logs = {}

local STEP = 1
local BEFORE = 600
-- Older records are gone: those of a day are kept.
local KEPT = 86400

local bodies = { "polled task queue", "workflow task completed", "activity started", "activity completed",
  "heartbeat sent", "sticky cache hit", "activity failed, will be retried", "connection to scheduler restored" }

local function start_of()
  return store.number "epoch" - BEFORE
end

local function newest()
  return math.floor((clock.now() - start_of()) / STEP)
end

-- Record number n of a deployment.
local function make(deployment, workflows, number)
  local seed = deployment.name .. "/log/" .. number
  local body = bodies[identifier.between(seed, 1, #bodies)]
  return { number = number, at = start_of() + number * STEP, body = body,
    worker = ("%s-worker-%d"):format(deployment.name, number % math.max(deployment.all, 1) + 1),
    workflow = workflows[number % math.max(#workflows, 1) + 1] or "", trace = ngx.md5(seed) }
end

local function view(record)
  return json.object("timestamp", clock.text(record.at), "trace_id", record.trace, "span_id", record.trace:sub(1, 16),
    "severity_text", record.body:find("failed") and "WARN" or "INFO", "body", record.body,
    "log_attributes", json.object("worker_name", record.worker, "workflow_name", record.workflow))
end

local function wanted(record, query)
  return (not query.worker_name or query.worker_name == record.worker)
    and (not query.workflow_name or query.workflow_name == record.workflow)
    and (not query.after or record.at >= query.after)
    and (not query.before or record.at < query.before)
end

function deployment_logs.list(request)
  local deployment = deployment_api.find(request.path.name)
  local workflows, last = deployments.workflows(deployment), newest()
  local first = math.max(1, last - KEPT + 1)
  local function source(place, down)
    local step, number = down and -1 or 1, place == 0 and down and last + 1 or place
    number = down and number or math.max(number, first - 1)
    return function()
      number = number + step
      return number >= first and number <= last and make(deployment, workflows, number) or nil
    end
  end
  return logs.page(source, request.query, function(record) return record.number end, view, wanted)
end

--- From the record after the last seen one, or from `after`, or from now on.
function deployment_logs.stream(request)
  local deployment, query = deployment_api.find(request.path.name), request.query
  local workflows, last = deployments.workflows(deployment), streams.last_seen(request)
  local number = math.max(last or query.after and 0 or newest(), newest() - KEPT)
  local filter = { worker_name = query.worker_name, workflow_name = query.workflow_name,
    after = not last and query.after or nil }
  sse.serve {
    key = "deployment:" .. deployment.name,
    next = function()
      while number < newest() do
        number = number + 1
        local record = make(deployment, workflows, number)
        if wanted(record, filter) then
          return sse.frame(number, "log", view(record)[1])
        end
      end
    end,
    ended = function() return false end,
    idle = function() return start_of() + (number + 1) * STEP - clock.now() end,
  }
end

return deployment_logs
