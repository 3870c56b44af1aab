--- Runs: one record per run, and the newest run of each execution.
--
-- What a run has done by now follows from its start and its behaviour. Whoever looks at a run first lets it catch up
-- (`advance`), so that all readers agree; the clockwork of each worker does the same for those who only listen.

local behaviours = require "sandbox.behaviours"
local catalogue = require "sandbox.catalogue"
local clock = require "sandbox.clock"
local event_log = require "sandbox.event_log"
local events = require "sandbox.events"
local fail = require "sandbox.fail"
local identifier = require "sandbox.identifier"
local json = require "sandbox.json"
local lifecycle = require "sandbox.lifecycle"
local past_runs = require "sandbox.past_runs"
local payloads = require "sandbox.payloads"
local run_index = require "sandbox.run_index"
local statistics = require "sandbox.statistics"
local store = require "sandbox.store"
local wake = require "sandbox.wake"

local runs = {}

local function save(run)
  store.put("run:" .. run.run, run)
  store.note(run.run)
end

local function load(run_id)
  return store.get("run:" .. run_id)
end

-- The decoded input, an empty table if there is none.
local function input_of(run)
  local text = payloads.input(run)
  local input = text and json.decode(text)
  return json.is_object(input) and input or {}
end

-- Stores a run that was running before.
local function keep(run)
  save(run)
  if run.status ~= "RUNNING" and run.schedule and not run.successor then
    runs.when_scheduled_run_ends(run)
  end
end

-- The end of a run.

local function close(run, at, status, outcome)
  run.status, run.finish, run.due, run.mask = status, at, nil, nil
  run.failure = outcome.message
  if outcome.result then
    payloads.put_result(run, json.encode(outcome.result))
  end
  local kind, attributes = lifecycle.ending(run)
  if kind then
    events.append(run, at, kind, attributes)
  end
  wake.signal(run.id, run.root)
end

-- Ends a run as CONTINUED_AS_NEW; its successor starts `delay` seconds later, never if that is nil.
local function leave(run, at, delay)
  run.successor = identifier.uuid("run/successor/" .. run.run)
  run.successor_at = delay and clock.round(at + delay)
  close(run, at, "CONTINUED_AS_NEW", {})
end

local function emit(run, at, step)
  events.append(run, at, step.emit, step.attributes, step)
end

local function start_child(run, at, step)
  local number = #(run.children or {}) + 1
  run.children = run.children or {}
  local child = runs.start { workflow = catalogue.workflow(step.child), at = at, parent = run.id, root = run.root,
    id = ("%s:%s/%d"):format(run.id, step.child, number), input = json.encode(step.input), user = run.user,
    trace = run.trace }
  run.children[number] = child.run
end

local advance

-- Steps that a run takes at once; if more are due, the clockwork comes back.
local STRIDE = 500

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
  elseif step.again then
    run.vars = step.again
    leave(run, at, 0)
  elseif step.finish then
    close(run, at, step.finish, step)
  end
end

function advance(run, now)
  local behaviour, input, last = behaviours.of(run.workflow), nil, run.next + STRIDE
  while run.status == "RUNNING" do
    input = input or input_of(run)
    local step = behaviour.steps(run, run.next, input)
    run.due = step and clock.round(run.start + step.at)
    if not step or run.due > now or run.next == last then
      break
    end
    run.next = run.next + 1
    take(run, run.due, step)
  end
  keep(run)
  return run
end

local function is_due(run)
  return run and run.status == "RUNNING" and run.due and run.due <= clock.now()
end

local function catch_up(run)
  if not is_due(run) then
    return run
  end
  return store.exclusively(function()
    local fresh = load(run.run)
    return is_due(fresh) and advance(fresh, clock.now()) or fresh
  end)
end

-- Starting.

local function begin(run)
  if not run.first_run then
    run.first_run, run.origin = run.run, run.run
    run.first_sequence = event_log.last() + 1
  end
  run.number = store.count "runs"
  store.put_text("runs/" .. run.number, run.run)
  store.put_text("execution:" .. run.id, run.run)
  events.append(run, run.start, lifecycle.beginning(run))
  return advance(run, clock.now())
end

--- Starts a run. `plan`: workflow, id, input (JSON text), and optionally at, deployment, parent, root, schedule, user,
-- tracing (custom attributes), trace and parent_span, extensions (JSON text).
function runs.start(plan)
  return store.exclusively(function()
    if not plan.parent then
      store.admit()
      statistics.count "executions_started"
    end
    local seed = ("%d/%f"):format(store.count "started", clock.now())
    local id = plan.id or identifier.long("execution/" .. seed)
    local run = { id = id, run = identifier.uuid("run/" .. id .. "/" .. seed),
      workflow = plan.workflow.name, display_name = plan.workflow.display_name, workflow_id = plan.workflow.id,
      deployment = plan.deployment or plan.workflow.deployments[1], parent = plan.parent, root = plan.root or id,
      start = plan.at or clock.now(), status = "RUNNING", next = 1, vars = {},
      user = plan.user or catalogue.user_id, schedule = plan.schedule, tracing = plan.tracing,
      trace = plan.trace, parent_span = plan.parent_span, extensions = plan.extensions }
    run.origin = run.run
    if plan.input then
      payloads.put_input(run, plan.input)
    end
    return begin(run)
  end)
end

-- A run that goes on where `run` ended: same execution, new run.
local function follow(run, at, vars)
  return { id = run.id, run = identifier.uuid("run/" .. run.run .. "/" .. at), workflow = run.workflow,
    display_name = run.display_name, workflow_id = run.workflow_id, deployment = run.deployment, parent = run.parent,
    root = run.root, start = at, status = "RUNNING", next = 1, origin = run.origin, vars = vars, user = run.user,
    schedule = run.schedule, tracing = run.tracing, trace = run.trace, parent_span = run.parent_span,
    extensions = run.extensions, first_run = run.first_run, continued = run.run,
    first_sequence = run.first_sequence }
end

-- A run that continued as new shows so until its successor starts.
local pass_on

function pass_on(run)
  if not run or not run.successor_at or run.successor_at > clock.now() then
    return run
  end
  return store.exclusively(function()
    local newest = load(store.get_text("execution:" .. run.id))
    if newest.run ~= run.run then
      return pass_on(newest)
    end
    local next_run = follow(run, run.successor_at, run.vars)
    next_run.run = run.successor
    return pass_on(begin(next_run))
  end)
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

--- The run from before the start of an execution, or nil when there is none or the execution was started again.
function runs.of_past(id)
  return not store.get_text("execution:" .. id) and past_runs.of_execution(id) or nil
end

--- A run by its own identifier.
function runs.of_run(run_id)
  return catch_up(load(run_id)) or past_runs.of_run(run_id)
end

function runs.is_closed(run)
  return run.status ~= "RUNNING"
end

--- True when nothing more will happen to an execution whose newest run this is.
function runs.is_over(run)
  return runs.is_closed(run) and not run.successor_at
end

local RETRY = 1

-- Runs that are looked at, and failures, after which others have a turn.
local BATCH, PATIENCE = 100, 20

-- Lets a run do what is due; true when it did. What does not fit into memory is tried again later; whoever asks
-- meanwhile is refused.
local function look_at(run_id)
  local run = run_index.facts(run_id)
  if not run then
    return true
  end
  local succeeded, problem = pcall(runs.of_execution, run.id)
  if succeeded then
    return true
  elseif not run.stalled then
    run.stalled = true
    ngx.log(ngx.WARN, "execution ", run.id, " cannot go on: ", fail.is_failure(problem) and problem.body or problem)
  end
  run_index.postpone(run_id, clock.now() + RETRY)
  return false
end

--- Lets runs do what is due, some of them at a time. Returns the seconds until something is due, or nil.
function runs.work()
  local looked, failures = 0, 0
  while true do
    run_index.sync()
    local run_id, time = run_index.next_due(clock.now())
    if not run_id then
      return time and time - clock.now()
    end
    while run_id do
      looked, failures = looked + 1, failures + (look_at(run_id) and 0 or 1)
      if failures == PATIENCE then
        return nil
      elseif looked == BATCH then
        return 0
      end
      run_id = run_index.next_due(clock.now())
    end
  end
end

-- Changing. All of it within a change that found the run still running.

--- Lets `change(run)` work on a running run and stores it. Returns the run and change's first result.
function runs.change(run, change)
  return store.exclusively(function()
    local fresh = load(run.run)
    local result, step = change(fresh)
    if step then
      take(fresh, clock.now(), step)
    end
    keep(fresh)
    wake.signal(fresh.id, fresh.root)
    return fresh, result
  end)
end

--- Hands a signal (`group` "signals") or an update ("updates") to a running run and remembers it. Returns the result.
function runs.receive(run, group, name, input)
  local handle = behaviours.of(run.workflow)[group][name].handle
  local _, result = runs.change(run, function(fresh)
    fresh.received = (fresh.received or 0) + 1
    store.put_text(("received:%s/%d"):format(fresh.run, fresh.received),
      json.encode { group = group, name = name, input = input, at = clock.now() })
    if group == "signals" then
      return nil, handle(fresh, input)
    end
    return handle(fresh, input)
  end)
  return result
end

--- The signals and updates that a run was given, in order: group, name, input (decoded), at.
function runs.received(run)
  local list = {}
  for number = 1, run.received or 0 do
    list[number] = json.decode(store.get_text(("received:%s/%d"):format(run.run, number)))
    list[number].at = json.number(list[number].at)
  end
  return list
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
    leave(fresh, clock.now(), delay)
  end)
end

--- Starts an execution again from its beginning, as a new run, which is given the signals and updates of a list; the
-- old run is terminated if it still runs.
function runs.restart(run, received)
  store.exclusively(function()
    if not runs.is_closed(run) then
      runs.finish(run, "TERMINATED")
    end
    local next_run = follow(run, clock.now(), {})
    next_run.first_run, next_run.continued = next_run.run, nil
    next_run = begin(next_run)
    for _, item in ipairs(received) do
      if not runs.is_closed(load(next_run.run)) then
        runs.receive(next_run, item.group, item.name, item.input)
      end
    end
  end)
end

--- Shows another status than RUNNING for a run that still runs; nil takes that back.
function runs.mask(run, status)
  runs.change(run, function(fresh)
    fresh.mask = status
  end)
end

return runs
