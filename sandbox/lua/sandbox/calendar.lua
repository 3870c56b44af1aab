--- When a schedule is due: intervals, calendars and cron expressions, in a time zone.

local clock = require "sandbox.clock"
local json = require "sandbox.json"
local timezone = require "sandbox.timezone"

local calendar = {}

local FIELDS = { "second", "minute", "hour", "day_of_month", "month", "day_of_week" }
local LIMITS = { second = { 0, 59 }, minute = { 0, 59 }, hour = { 0, 23 }, day_of_month = { 1, 31 }, month = { 1, 12 },
  day_of_week = { 0, 6 }, year = { 1970, 2200 } }
local ZERO = { second = true, minute = true, hour = true }
local HORIZON = 86400 * 366 * 30
-- Places that a search looks at before it gives up.
local PATIENCE = 5000
local LAST = clock.epoch(9999, 12, 31, 0, 0, 0)
local SHORTEST = 0.05

local names = { JAN = 1, FEB = 2, MAR = 3, APR = 4, MAY = 5, JUN = 6, JUL = 7, AUG = 8, SEP = 9, OCT = 10, NOV = 11,
  DEC = 12, SUN = 0, MON = 1, TUE = 2, WED = 3, THU = 4, FRI = 5, SAT = 6 }

local function fill(set, first, last, step)
  for value = first, last, step do
    set[value] = true
  end
end

-- A list of ranges { start, end, step } as a set; an end and a step of 0 are not given.
local function from_ranges(ranges)
  local set = {}
  for _, range in ipairs(ranges) do
    local last, step = range["end"] or 0, range.step or 0
    fill(set, range.start, math.max(last, range.start), math.max(step, 1))
  end
  return set
end

--- Reads a calendar as the API takes it into sets by field. Seconds, minutes and hours that are left out are 0; other
-- fields that are left out are free.
function calendar.from_calendar(given)
  local sets = {}
  for field in pairs(LIMITS) do
    local ranges = given[field]
    if type(ranges) == "table" and ranges[1] then
      sets[field] = from_ranges(ranges)
    elseif ZERO[field] then
      sets[field] = { [0] = true }
    end
  end
  return sets
end

local function problem_with_ranges(calendars)
  for _, given in ipairs(calendars) do
    for field in pairs(LIMITS) do
      for _, range in ipairs(given[field] or {}) do
        local last = range["end"] or 0
        if last ~= 0 and last < range.start then
          return ("a range of %s ends before it starts"):format(field)
        end
      end
    end
  end
end

local function cron_number(text)
  return text:find("^%d+$") and #text < 5 and tonumber(text) or names[text:upper()]
end

local function read_cron_part(part, set, limits)
  local range, step = part:match("^([^/]+)/?(%d*)$")
  local first, last
  if not range then
    return false
  elseif range == "*" or range == "?" then
    first, last = limits[1], limits[2]
  else
    local from, to = range:match("^(%w+)%-?(%w*)$")
    first = from and cron_number(from)
    last = to ~= "" and to and cron_number(to) or (step ~= "" and limits[2]) or first
  end
  local sunday = limits[2] == 6 and 7 or limits[2]
  if not first or not last or first < limits[1] or last > sunday or first > last or tonumber(step) == 0 or
    #step > 4 then
    return false
  end
  fill(set, first, last, tonumber(step) or 1)
  return true
end

--- Reads a cron expression of five fields into sets by field. Returns nil if it is not one.
function calendar.from_cron(text)
  local parts = {}
  for part in text:gmatch("%S+") do
    parts[#parts + 1] = part
  end
  if #parts ~= 5 then
    return nil
  end
  local sets = { second = { [0] = true } }
  for index, field in ipairs { "minute", "hour", "day_of_month", "month", "day_of_week" } do
    local set = {}
    for part in parts[index]:gmatch("[^,]+") do
      if not read_cron_part(part, set, LIMITS[field]) then
        return nil
      end
    end
    set[0] = set[0] or (field == "day_of_week" and set[7])
    sets[field] = set
  end
  return sets
end

local function fits(sets, parts, field)
  return not sets[field] or sets[field][parts[field]] or false
end

local function matches(sets, parts)
  for _, field in ipairs(FIELDS) do
    if not fits(sets, parts, field) then
      return false
    end
  end
  return fits(sets, parts, "year")
end

-- The first moment after `time` at which the clocks show a new year, month, day, hour or minute; `wall` is what they
-- would show, as seconds. They may be set forward or back before it comes.
local function when(wall, time, offset)
  local moment = wall - offset
  local _, later = timezone.parts(moment)
  return math.max(math.min(moment, wall - later), time + 1)
end

-- What may be passed over because of the largest part that does not fit; nil when all do.
local function skip(sets, parts, time, offset)
  local wall = time + offset
  if not fits(sets, parts, "year") then
    return when(clock.epoch(parts.year + 1, 1, 1, 0, 0, 0), time, offset)
  elseif not fits(sets, parts, "month") then
    local year = parts.month == 12 and parts.year + 1 or parts.year
    return when(clock.epoch(year, parts.month % 12 + 1, 1, 0, 0, 0), time, offset)
  elseif not (fits(sets, parts, "day_of_month") and fits(sets, parts, "day_of_week")) then
    return when((math.floor(wall / 86400) + 1) * 86400, time, offset)
  elseif not fits(sets, parts, "hour") then
    return when((math.floor(wall / 3600) + 1) * 3600, time, offset)
  elseif not fits(sets, parts, "minute") then
    return when((math.floor(wall / 60) + 1) * 60, time, offset)
  elseif not fits(sets, parts, "second") then
    return time + 1
  end
end

-- The first match after a time, or nil.
local function next_match(sets, after, search)
  local time = math.floor(after) + 1
  local last = time + HORIZON
  while time and time < last and search.left > 0 do
    search.left = search.left - 1
    local parts, offset = timezone.parts(time)
    local later = skip(sets, parts, time, offset)
    if not later then
      return time
    end
    time = later
  end
end

local function next_of_interval(interval, after)
  local offset = interval.offset or 0
  local time = (math.floor((after - offset) / interval.every) + 1) * interval.every + offset
  return time > after and time or time + interval.every
end

local function is_skipped(plan, time)
  local parts = plan.skip[1] and timezone.parts(math.floor(time))
  for _, sets in ipairs(plan.skip) do
    if matches(sets, parts) then
      return true
    end
  end
  return false
end

local function earliest(plan, after, search)
  local best
  for _, interval in ipairs(plan.intervals) do
    local time = next_of_interval(interval, after)
    best = (not best or time < best) and time or best
  end
  for _, sets in ipairs(plan.calendars) do
    local time = next_match(sets, after, search)
    best = time and (not best or time < best) and time or best
  end
  return best
end

local function search_next(plan, after, search)
  local time = math.max(after, (plan.start_at or 0) - 0.000001)
  while search.left > 0 do
    search.left = search.left - 1
    time = earliest(plan, time, search)
    if not time or time > LAST or (plan.end_at and time > plan.end_at) then
      return nil
    elseif not is_skipped(plan, time) then
      return time
    end
  end
end

--- The first `count` times after `after` at which a plan is due, as a list; it is shorter when no more are found. A
-- plan has intervals { every, offset } in seconds, calendars and skip (sets by field), zone, start_at and end_at.
function calendar.next(plan, after, count)
  return timezone.with(plan.zone, function()
    local list, search = {}, { left = PATIENCE }
    for index = 1, count do
      after = search_next(plan, after, search)
      list[index] = after
      if not after then
        break
      end
    end
    return list
  end)
end

--- The moment (seconds) that a member of a definition names, text or number; nil for none.
function calendar.moment(value)
  local number = json.number(value)
  value = number and ("%.6f"):format(number) or value
  return type(value) == "string" and clock.parse(value) or nil
end

--- Makes a plan of a schedule's definition (decoded). Returns nil and what is wrong with it.
function calendar.plan(definition)
  local plan = { intervals = {}, calendars = {}, skip = {} }
  local function list(name)
    local value = definition[name]
    return type(value) == "table" and value or {}
  end
  local problem = problem_with_ranges(list "calendars") or problem_with_ranges(list "skip")
  if problem then
    return nil, problem
  end
  for index, given in ipairs(list "intervals") do
    local every = clock.duration(given.every)
    local offset = type(given.offset) == "string" and clock.duration(given.offset) or 0
    if not every or every < SHORTEST then
      return nil, ("interval %d is not a positive ISO 8601 duration"):format(index)
    elseif not offset or offset >= every then
      return nil, ("offset of interval %d is not less than the interval"):format(index)
    end
    plan.intervals[index] = { every = every, offset = offset }
  end
  for _, given in ipairs(list "calendars") do
    table.insert(plan.calendars, calendar.from_calendar(given))
  end
  for _, text in ipairs(list "cron_expressions") do
    local sets = calendar.from_cron(text)
    if not sets then
      return nil, ("'%s' is not a cron expression"):format(text)
    end
    table.insert(plan.calendars, sets)
  end
  for index, given in ipairs(list "skip") do
    plan.skip[index] = calendar.from_calendar(given)
  end
  for _, name in ipairs { "start_at", "end_at" } do
    plan[name] = calendar.moment(definition[name])
  end
  plan.zone = type(definition.time_zone_name) == "string" and definition.time_zone_name or nil
  if plan.zone and not timezone.exists(plan.zone) then
    return nil, ("'%s' is not a time zone"):format(plan.zone)
  end
  return plan
end

return calendar
