--- Runs from before the service started: made up, the same ones each time, never stored.
--
-- The event log does not reach back to them; what `/events/list` shows of them is written when it is asked for.

local catalogue = require "sandbox.catalogue"
local clock = require "sandbox.clock"
local identifier = require "sandbox.identifier"
local json = require "sandbox.json"
local store = require "sandbox.store"

local past_runs = {}

local COUNT = 250
local HOUR = 3600

-- Out of 20 runs; the rest completed.
local ends = { [3] = "FAILED", [7] = "CANCELED", [11] = "TIMED_OUT", [13] = "FAILED", [16] = "TERMINATED",
  [18] = "CONTINUED_AS_NEW" }

local failures = { "document could not be read: unsupported format", "model call failed: context length exceeded",
  "upstream answered 503 three times", "customer_id is unknown", "activity call_model timed out after 60 s" }

local regions = { "eu-west", "eu-central", "us-east" }

-- The first runs are recent ones, an hour apart; further back they are more hours apart.
local function age(number)
  return (number * HOUR * 0.9) + math.max(0, number - 40) * HOUR * 2
end

local function ordinary_workflows()
  local list = {}
  for _, workflow in ipairs(catalogue.workflows()) do
    list[#list + 1] = workflow.ordinary and workflow or nil
  end
  return list
end

local function make(number, epoch)
  local ordinary = ordinary_workflows()
  local workflow = ordinary[#ordinary - number % #ordinary]
  local run_id = identifier.uuid("history/" .. number)
  local start = clock.round(epoch - age(number) - identifier.fraction("minute/" .. number) * 600)
  local duration = 0.4 + identifier.fraction("duration/" .. number) * (number % 10 == 0 and 1800 or 40)
  local id = identifier.long("history/execution/" .. number)
  local status = ends[number % 20] or "COMPLETED"
  return { id = id, run = run_id, first_run = run_id, root = id, historic = true, number = -number, next = 7,
    workflow = workflow.name, display_name = workflow.display_name, workflow_id = workflow.id,
    deployment = workflow.deployments[number % 5 == 0 and 2 or 1] or workflow.deployments[1],
    user = number % 4 == 0 and identifier.uuid "colleague" or catalogue.user_id,
    start = start, finish = clock.round(start + duration), status = status, vars = {},
    input = json.encode { document_url = "https://files.example.com/" .. number .. ".pdf", priority = "normal" },
    result = status == "COMPLETED" and json.encode(json.object("summary", "Done.", "tokens_used",
      identifier.between("tokens/" .. number, 400, 9000))) or nil,
    successor = status == "CONTINUED_AS_NEW" and identifier.uuid("history/successor/" .. number) or nil,
    failure = status == "FAILED" and failures[number % #failures + 1] or nil,
    search_keys = { customer = ("C-%04d"):format(number % 40), region = regions[number % #regions + 1] } }
end

local made_for
local list, by_execution, by_run, by_engine_run = {}, {}, {}, {}

local function refresh()
  local epoch = store.number "epoch"
  if epoch == made_for then
    return
  end
  made_for, list, by_execution, by_run, by_engine_run = epoch, {}, {}, {}, {}
  for number = 1, COUNT do
    local run = make(number, epoch)
    list[number], by_execution[run.id], by_run[run.run] = run, run, run
    by_engine_run[identifier.engine_run(run.run)] = run
  end
end

function past_runs.all()
  refresh()
  return list
end

function past_runs.of_execution(id)
  refresh()
  return by_execution[id]
end

function past_runs.of_run(run_id)
  refresh()
  return by_run[run_id]
end

--- A run by the workflow engine's identifier of it.
function past_runs.of_engine_run(run_id)
  refresh()
  return by_engine_run[run_id]
end

return past_runs
