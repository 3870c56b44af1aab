--- Schedules: stored definitions, and the executions they start.
--
-- The definition is kept as the JSON text it came as; `next` is when the schedule is due.

local calendar = require "sandbox.calendar"
local catalogue = require "sandbox.catalogue"
local clock = require "sandbox.clock"
local json = require "sandbox.json"
local runs = require "sandbox.runs"
local store = require "sandbox.store"

local schedules = {}

local RECENT = 10
local CATCH_UP = 100

-- Values of `policy.overlap`. The two that buffer start at once here.
local SKIP, CANCEL_OTHER, TERMINATE_OTHER = 1, 4, 5

local function ids()
  return store.get "schedules" or {}
end

local function load(id)
  return store.get("schedule:" .. id)
end

-- Remembers the earliest time at which any schedule is due, so that looking is cheap.
local function note_next()
  local soonest
  for _, id in ipairs(ids()) do
    local schedule = load(id)
    if schedule.next and not schedule.paused then
      soonest = math.min(soonest or schedule.next, schedule.next)
    end
  end
  if soonest then
    store.put_text("next_fire", soonest)
  else
    store.delete "next_fire"
  end
end

--- The decoded definition.
function schedules.definition(schedule)
  return (json.decode(schedule.definition))
end

local function plan_of(schedule)
  return (calendar.plan(schedules.definition(schedule)))
end

local function plan_next(schedule, after)
  schedule.next = nil
  if schedule.remaining ~= 0 then
    schedule.next = calendar.next(plan_of(schedule), after)
  end
end

local function save(schedule)
  store.put("schedule:" .. schedule.id, schedule)
  note_next()
end

-- Deals with the last execution of a schedule if it still runs. Returns false when the new one must not start.
local function make_room(schedule, overlap)
  local last = schedule.recent[1] and runs.of_execution(schedule.recent[1].id)
  if not last or runs.is_closed(last) then
    return true
  elseif overlap == CANCEL_OTHER then
    runs.finish(last, "CANCELED")
  elseif overlap == TERMINATE_OTHER then
    runs.finish(last, "TERMINATED")
  end
  return overlap ~= SKIP
end

local function overlap_of(schedule)
  local policy = schedules.definition(schedule).policy
  return json.is_object(policy) and tonumber(policy.overlap) or SKIP
end

local function start(schedule, at, overlap)
  if not make_room(schedule, overlap) then
    return
  end
  local id = ("%s-%s"):format(schedule.id, clock.text(at))
  local input = schedule.input ~= "null" and schedule.input or nil
  runs.start { workflow = catalogue.workflow(schedule.workflow), id = id, input = input, at = at,
    deployment = schedule.deployment, schedule = schedule.id }
  table.insert(schedule.recent, 1, { scheduled = at, started = clock.now(), id = id })
  schedule.recent[RECENT + 1] = nil
  if schedule.remaining then
    schedule.remaining = math.max(schedule.remaining - 1, 0)
  end
end

local function fire(schedule, now)
  for _ = 1, CATCH_UP do
    if not schedule.next or schedule.next > now or schedule.paused then
      break
    end
    local at = schedule.next
    start(schedule, at, overlap_of(schedule))
    plan_next(schedule, at)
  end
  if schedule.next and schedule.next <= now then
    plan_next(schedule, now)
  end
  store.put("schedule:" .. schedule.id, schedule)
end

--- Starts whatever is due by now.
function schedules.fire()
  local due, now = tonumber(store.get_text "next_fire"), clock.now()
  if not due or due > now then
    return
  end
  store.exclusively(function()
    for _, id in ipairs(ids()) do
      local schedule = load(id)
      if schedule.next and schedule.next <= now and not schedule.paused then
        fire(schedule, now)
      end
    end
    note_next()
  end)
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

--- Stores a new schedule, or replaces the one with the same identifier.
function schedules.put(schedule)
  store.exclusively(function()
    local list = ids()
    if not load(schedule.id) then
      list[#list + 1] = schedule.id
      store.put("schedules", list)
    end
    schedule.recent = schedule.recent or {}
    plan_next(schedule, clock.now())
    save(schedule)
  end)
end

function schedules.delete(schedule)
  store.exclusively(function()
    local list = {}
    for _, id in ipairs(ids()) do
      if id ~= schedule.id then
        list[#list + 1] = id
      end
    end
    store.put("schedules", list)
    store.delete("schedule:" .. schedule.id)
    note_next()
  end)
end

--- Pauses or resumes. What was due in a pause is not made up for.
function schedules.pause(schedule, paused, note)
  store.exclusively(function()
    schedule.paused, schedule.note = paused, note
    plan_next(schedule, clock.now())
    save(schedule)
  end)
end

--- Starts an execution now.
function schedules.trigger(schedule, overlap)
  store.exclusively(function()
    start(schedule, clock.now(), overlap or overlap_of(schedule))
    save(schedule)
  end)
end

--- The next `count` times at which a schedule is due.
function schedules.upcoming(schedule, count)
  local list, plan, time = {}, plan_of(schedule), clock.now()
  for index = 1, math.min(count, schedule.remaining or count) do
    time = calendar.next(plan, time)
    if not time then
      break
    end
    list[index] = time
  end
  return list
end

return schedules
