--- Runs: one record per run, and the newest run of each execution.
--
-- What a run has done by now follows from its start and its behaviour. Whoever looks at a run first lets it catch up
-- (`advance`), so that all readers agree; a timer does the same for those who listen to events.

local behaviours = require "sandbox.behaviours"
local catalogue = require "sandbox.catalogue"
local clock = require "sandbox.clock"
local event_log = require "sandbox.event_log"
local events = require "sandbox.events"
local identifier = require "sandbox.identifier"
local json = require "sandbox.json"
local lifecycle = require "sandbox.lifecycle"
local past_runs = require "sandbox.past_runs"
local statistics = require "sandbox.statistics"
local store = require "sandbox.store"
local wake = require "sandbox.wake"

local runs = {}

local function save(run)
  store.put("run:" .. run.run, run)
end

local function load(run_id)
  return store.get("run:" .. run_id)
end

function runs.input(run)
  local input = run.input and json.decode(run.input)
  return json.is_object(input) and input or {}
end

-- Timers: a run of this worker that has something planned is looked at when that is due.

local armed = {}

local function arm(run)
  if not run.due or armed[run.run] then
    return
  end
  armed[run.run] = true
  ngx.timer.at(math.max(run.due - clock.now(), 0) + 0.0005, function(premature)
    armed[run.run] = nil
    if not premature then
      local later = runs.of_run(run.run)
      if later then
        arm(later)
      end
    end
  end)
end

-- The end of a run.

local function close(run, at, status, outcome)
  run.status, run.finish, run.due, run.mask = status, at, nil, nil
  run.result = outcome.result and json.encode(outcome.result)
  run.failure = outcome.message
  local kind, attributes = lifecycle.ending(run)
  if kind then
    events.append(run, at, kind, attributes)
  end
  wake.signal(run.id, run.root)
end

local function emit(run, at, step)
  events.append(run, at, step.emit, step.attributes, step)
end

local function start_child(run, at, step)
  local number = #(run.children or {}) + 1
  run.children = run.children or {}
  local child = runs.start { workflow = catalogue.workflow(step.child), at = at, parent = run.id, root = run.root,
    id = ("%s:%s/%d"):format(run.id, step.child, number), input = json.encode(step.input), user = run.user }
  run.children[number] = child.run
end

local advance

local function take(run, at, step)
  if step.before then
    emit(run, at, step.before)
  end
  if step.emit then
    emit(run, at, step)
  elseif step.child then
    start_child(run, at, step)
  elseif step.join then
    for _, child in ipairs(run.children or {}) do
      advance(load(child), at)
    end
  elseif step.finish then
    close(run, at, step.finish, step)
  end
end

function advance(run, now)
  local behaviour, input = behaviours.of(run.workflow), runs.input(run)
  while run.status == "RUNNING" do
    local step = behaviour.steps(run, run.next, input)
    run.due = step and run.start + step.at
    if not step or run.due > now then
      break
    end
    run.next = run.next + 1
    take(run, run.due, step)
  end
  save(run)
  return run
end

local function catch_up(run)
  if run and run.status == "RUNNING" and run.due and run.due <= clock.now() then
    run = store.exclusively(function()
      return advance(load(run.run), clock.now())
    end)
  end
  return run
end

-- Starting.

local function begin(run)
  if not run.first_run then
    run.first_run = run.run
    run.first_sequence = event_log.last() + 1
  end
  local number = store.count "runs"
  run.number = number
  store.put_text("runs/" .. number, run.run)
  events.append(run, run.start, lifecycle.beginning(run))
  return advance(run, clock.now())
end

--- Starts a run. `plan`: workflow, id, input (JSON text), and optionally at, deployment, parent, root, schedule, user,
-- tracing (custom attributes).
function runs.start(plan)
  return store.exclusively(function()
    local number = store.count "started"
    local id = plan.id or identifier.uuid(("execution/%s/%s"):format(number, clock.now())):gsub("-", "")
    local run = { id = id, run = identifier.uuid("run/" .. id .. "/" .. number .. "/" .. clock.now()),
      workflow = plan.workflow.name, display_name = plan.workflow.display_name, workflow_id = plan.workflow.id,
      deployment = plan.deployment or plan.workflow.deployments[1], parent = plan.parent, root = plan.root or id,
      start = plan.at or clock.now(), status = "RUNNING", next = 1, input = plan.input, vars = {},
      user = plan.user or catalogue.user_id, schedule = plan.schedule, tracing = plan.tracing }
    store.put_text("execution:" .. id, run.run)
    if not plan.parent then
      statistics.count "executions_started"
    end
    begin(run)
    arm(run)
    return run
  end)
end

-- A run that goes on where `run` ended: same execution, new run.
local function follow(run, at, vars)
  return { id = run.id, run = identifier.uuid("run/" .. run.run .. "/" .. at), workflow = run.workflow,
    display_name = run.display_name, workflow_id = run.workflow_id, deployment = run.deployment, parent = run.parent,
    root = run.root, start = at, status = "RUNNING", next = 1, input = run.input, vars = vars, user = run.user,
    schedule = run.schedule, tracing = run.tracing, first_run = run.first_run, continued = run.run,
    first_sequence = run.first_sequence }
end

-- A run that continued as new shows so until its successor starts.
local function pass_on(run)
  if run and run.successor_at and run.successor_at <= clock.now() and not load(run.successor) then
    store.exclusively(function()
      local next_run = follow(run, run.successor_at, run.vars)
      next_run.run = run.successor
      store.put_text("execution:" .. run.id, next_run.run)
      begin(next_run)
      arm(next_run)
    end)
    return load(run.successor)
  end
  return run
end

-- Finding.

--- The newest run of an execution, up to date; nil if there is none.
function runs.of_execution(id)
  local run_id = store.get_text("execution:" .. id)
  if not run_id then
    return past_runs.of_execution(id)
  end
  return pass_on(catch_up(load(run_id)))
end

--- A run by its own identifier.
function runs.of_run(run_id)
  return catch_up(load(run_id)) or past_runs.of_run(run_id)
end

--- All runs, those of the past included, in no order. (Under pressure shared memory drops the oldest records.)
function runs.all()
  local list = {}
  for number = 1, store.number "runs" do
    local run_id = store.get_text("runs/" .. number)
    list[#list + 1] = run_id and catch_up(load(run_id)) or nil
  end
  for _, run in ipairs(past_runs.all()) do
    list[#list + 1] = run
  end
  return list
end

function runs.is_closed(run)
  return run.status ~= "RUNNING"
end

--- Seconds until a run has something to do by itself; nil when nothing is planned.
function runs.idle(run)
  local due = run.successor_at or run.due
  return due and due - clock.now()
end

-- Changing.

--- Lets `change(run)` work on the newest state of a running run and stores it. Returns the run and change's results.
function runs.change(run, change)
  return store.exclusively(function()
    local fresh = load(run.run)
    local result, step = change(fresh)
    if step then
      take(fresh, clock.now(), step)
    end
    save(fresh)
    wake.signal(fresh.id, fresh.root)
    return fresh, result
  end)
end

--- Ends a run now. `outcome`: result (raw) or message. Children still running end the same way.
function runs.finish(run, status, outcome)
  runs.change(run, function(fresh)
    for _, child in ipairs(fresh.children or {}) do
      local child_run = catch_up(load(child))
      if child_run.status == "RUNNING" then
        runs.finish(child_run, status == "CANCELED" and "CANCELED" or "TERMINATED", {})
      end
    end
    close(fresh, clock.now(), status, outcome or {})
  end)
end

--- Ends a run as CONTINUED_AS_NEW; its successor starts `delay` seconds later, never if that is nil.
function runs.continue_as_new(run, delay)
  runs.change(run, function(fresh)
    fresh.successor = identifier.uuid("run/successor/" .. fresh.run)
    fresh.successor_at = delay and clock.now() + delay
    close(fresh, clock.now(), "CONTINUED_AS_NEW", {})
  end)
  if delay then
    ngx.timer.at(delay, function(premature)
      if not premature then
        runs.of_execution(run.id)
      end
    end)
  end
end

--- Starts an execution again from its beginning, as a new run; the old one is terminated if it still runs.
function runs.restart(run)
  if not runs.is_closed(run) then
    runs.finish(run, "TERMINATED")
  end
  store.exclusively(function()
    local next_run = follow(run, clock.now(), {})
    next_run.first_sequence = event_log.last() + 1
    store.put_text("execution:" .. run.id, next_run.run)
    begin(next_run)
    arm(next_run)
  end)
end

--- Shows another status than RUNNING for a run that still runs; nil takes that back.
function runs.mask(run, status)
  runs.change(run, function(fresh)
    fresh.mask = status
  end)
end

return runs
