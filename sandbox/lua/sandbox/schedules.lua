--- Schedules: stored definitions, and the executions they start.
--
-- The definition is kept as the JSON text it came as; `next` is when the schedule is due.

local calendar = require "sandbox.calendar"
local catalogue = require "sandbox.catalogue"
local clock = require "sandbox.clock"
local identifier = require "sandbox.identifier"
local json = require "sandbox.json"
local runs = require "sandbox.runs"
local store = require "sandbox.store"

local schedules = {}

local RECENT = 10
local CATCH_UP = 100
local BUFFER = 100
local SHORTEST_WINDOW = 10

-- Values of `policy.overlap`.
local SKIP, BUFFER_ONE, BUFFER_ALL, CANCEL_OTHER, TERMINATE_OTHER = 1, 2, 3, 4, 5

local function ids()
  return store.get "schedules" or {}
end

local function load(id)
  return store.get("schedule:" .. id)
end

--- The decoded definition.
function schedules.definition(schedule)
  return (json.decode(schedule.definition))
end

local function policy_of(schedule)
  return schedules.definition(schedule).policy or {}
end

-- Seconds that are added to a nominal time: the same ones each time, and never past the next one.
local function jitter_of(schedule, definition, nominal, following)
  local jitter = type(definition.jitter) == "string" and clock.duration(definition.jitter) or 0
  local room = following and math.min(jitter, following - nominal) or jitter
  return room * identifier.fraction(("jitter/%s/%f"):format(schedule.id, nominal))
end

-- The next `count` times: lists of the nominal ones, and of those with jitter.
local function times_after(schedule, after, count)
  local definition = schedules.definition(schedule)
  local nominal, real = calendar.next(calendar.plan(definition), after, count + 1), {}
  for index = 1, math.min(count, #nominal) do
    real[index] = nominal[index] + jitter_of(schedule, definition, nominal[index], nominal[index + 1])
  end
  return nominal, real
end

local function plan_next(schedule, after)
  schedule.nominal, schedule.next = nil, nil
  if schedule.remaining ~= 0 then
    local nominal, real = times_after(schedule, after, 1)
    schedule.nominal, schedule.next = nominal[1], real[1]
  end
end

-- Beside the schedules there is the earliest time at which one may be due, so that looking is cheap.
local function note_next(time)
  local noted = store.get_text "next_fire"
  if time and (not noted or time < noted) then
    store.put_text("next_fire", time)
  end
end

local function save(schedule)
  store.put("schedule:" .. schedule.id, schedule)
  note_next(not schedule.paused and schedule.next or nil)
end

local function refresh(schedule)
  for name, value in pairs(load(schedule.id)) do
    schedule[name] = value
  end
end

-- Starts an execution. It may end at once and change the stored schedule, so that is written before and read after.
local function begin(schedule, scheduled)
  local id = ("%s-%s"):format(schedule.id, clock.text(scheduled))
  table.insert(schedule.recent, 1, { scheduled = scheduled, started = clock.now(), id = id })
  schedule.recent[RECENT + 1] = nil
  table.insert(schedule.running, id)
  if schedule.remaining then
    schedule.remaining = math.max(schedule.remaining - 1, 0)
  end
  save(schedule)
  runs.start { workflow = catalogue.workflow(schedule.workflow), id = id, at = clock.now(),
    input = schedule.input ~= "null" and schedule.input or nil, deployment = schedule.deployment,
    schedule = schedule.id }
  refresh(schedule)
end

-- Forgets the executions that have ended; true when one still runs.
local function is_busy(schedule)
  local running = {}
  for _, id in ipairs(schedule.running) do
    local run = runs.of_execution(id)
    if run and not runs.is_over(run) then
      running[#running + 1] = id
    end
  end
  schedule.running = running
  return running[1] ~= nil
end

local function finish_others(schedule, status)
  for _, id in ipairs(schedule.running) do
    runs.finish(runs.of_execution(id), status)
  end
end

local function start(schedule, scheduled, overlap)
  local busy = is_busy(schedule)
  if busy and overlap == SKIP then
    return
  elseif busy and (overlap == BUFFER_ONE or overlap == BUFFER_ALL) then
    local most = overlap == BUFFER_ONE and 1 or BUFFER
    schedule.waiting[math.min(#schedule.waiting + 1, most + 1)] = scheduled
    schedule.waiting[most + 1] = nil
    return
  elseif busy and overlap == CANCEL_OTHER then
    finish_others(schedule, "CANCELED")
  elseif busy and overlap == TERMINATE_OTHER then
    finish_others(schedule, "TERMINATED")
  end
  begin(schedule, scheduled)
end

local function fire(schedule, now)
  local policy = policy_of(schedule)
  local window = math.max(policy.catchup_window_seconds or now, SHORTEST_WINDOW)
  if schedule.next < now - window then
    plan_next(schedule, now - window)
  end
  for _ = 1, CATCH_UP do
    if not schedule.next or schedule.next > now or schedule.paused then
      break
    end
    local nominal, scheduled = schedule.nominal, schedule.next
    start(schedule, scheduled, policy.overlap or SKIP)
    plan_next(schedule, nominal)
  end
  if schedule.next and schedule.next <= now then
    plan_next(schedule, now)
  end
  store.put("schedule:" .. schedule.id, schedule)
end

local function fire_all(now)
  store.delete "next_fire"
  for _, id in ipairs(ids()) do
    local schedule = load(id)
    if schedule.next and schedule.next <= now and not schedule.paused then
      fire(schedule, now)
    end
    note_next(not schedule.paused and schedule.next or nil)
  end
end

--- Starts whatever is due by now. Returns the seconds until something may be due, or nil.
function schedules.fire()
  local due, now = store.get_text "next_fire", clock.now()
  if due and due <= now then
    store.exclusively(fire_all, now)
    due = store.get_text "next_fire"
  end
  return due and due - now
end

-- What an execution's end does to its schedule: a failure may pause it, and one that waited may start.
runs.when_scheduled_run_ends = function(run)
  local schedule = load(run.schedule)
  if not schedule then
    return
  end
  if policy_of(schedule).pause_on_failure and (run.status == "FAILED" or run.status == "TIMED_OUT") then
    schedule.paused, schedule.note = true, "paused due to workflow failure: " .. run.id
  end
  if schedule.waiting[1] and not schedule.paused and not is_busy(schedule) then
    begin(schedule, table.remove(schedule.waiting, 1))
  end
  save(schedule)
end

--- A schedule by its identifier, or nil.
function schedules.find(id)
  schedules.fire()
  return load(id)
end

--- All schedules in the order in which they were made.
function schedules.all()
  schedules.fire()
  local list = {}
  for index, id in ipairs(ids()) do
    list[index] = load(id)
  end
  return list
end

--- Stores a new schedule or a changed one.
function schedules.put(schedule)
  local list = ids()
  if not load(schedule.id) then
    list[#list + 1] = schedule.id
    store.put("schedules", list)
  end
  plan_next(schedule, clock.now())
  save(schedule)
end

function schedules.delete(schedule)
  local list = {}
  for _, id in ipairs(ids()) do
    if id ~= schedule.id then
      list[#list + 1] = id
    end
  end
  store.put("schedules", list)
  store.delete("schedule:" .. schedule.id)
end

--- Pauses or resumes; a note that is nil is kept. What was due in a pause is not made up for.
function schedules.pause(schedule, paused, note)
  schedule.paused, schedule.note = paused, note or schedule.note
  plan_next(schedule, clock.now())
  save(schedule)
end

--- Starts an execution now.
function schedules.trigger(schedule, overlap)
  start(schedule, clock.now(), overlap or policy_of(schedule).overlap or SKIP)
  save(schedule)
end

--- The next `count` times at which a schedule is due.
function schedules.upcoming(schedule, count)
  local _, real = times_after(schedule, clock.now(), math.min(count, schedule.remaining or count))
  return real
end

return schedules
