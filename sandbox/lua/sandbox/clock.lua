--- Time: seconds since 1970 as numbers with microseconds, and the forms in which the service writes and reads them.

local ffi = require "ffi"
local json = require "sandbox.json"

ffi.cdef [[
typedef struct { long seconds; long microseconds; } sandbox_timeval;
int gettimeofday(sandbox_timeval *now, void *zone);
]]

local clock = {}

local floor, format = math.floor, string.format
local reading = ffi.new("sandbox_timeval[1]")

--- A time to the microsecond: the number that `parse` makes of its text, so that equal times compare equal.
function clock.round(seconds)
  return floor(seconds * 1e6 + 0.5) / 1e6
end

--- The time now; the same for all workers.
function clock.now()
  ffi.C.gettimeofday(reading, nil)
  return clock.round(tonumber(reading[0].seconds) + tonumber(reading[0].microseconds) / 1e6)
end

local function split(seconds)
  local whole = floor(seconds)
  local micro = floor((seconds - whole) * 1e6 + 0.5)
  if micro >= 1000000 then
    return whole + 1, 0
  end
  return whole, micro
end

--- RFC 3339 text with microseconds, in UTC.
function clock.text(seconds)
  local whole, micro = split(seconds)
  return os.date("!%Y-%m-%dT%H:%M:%S", whole) .. format(".%06dZ", micro)
end

--- Like `text`, but null for nil.
function clock.text_or_null(seconds)
  return seconds and clock.text(seconds) or json.null
end

--- The digits of nanoseconds since 1970. The last three come from `salt`, so that they do not fit a double.
function clock.nano(seconds, salt)
  local whole, micro = split(seconds)
  return format("%d%06d%03d", whole, micro, ((salt or 0) * 7 + 1) % 1000)
end

--- Nanoseconds as a JSON integer, digit by digit.
function clock.nano_number(seconds, salt)
  return json.raw(clock.nano(seconds, salt))
end

function clock.milliseconds(seconds)
  return floor(seconds * 1000 + 0.5)
end

-- Days from 1970-01-01 in the Gregorian calendar, counted from March so that leap days come last.
local function days(year, month, day)
  if month <= 2 then
    year = year - 1
  end
  local era = floor(year / 400)
  local of_era = year - era * 400
  local of_year = floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1
  return era * 146097 + of_era * 365 + floor(of_era / 4) - floor(of_era / 100) + of_year - 719468
end

--- Seconds since 1970 of a UTC date.
function clock.epoch(year, month, day, hour, minute, second)
  return days(year, month, day) * 86400 + hour * 3600 + minute * 60 + second
end

local function days_of(year, month)
  return month == 2 and (days(year, 3, 1) - days(year, 2, 1)) or (month == 4 or month == 6 or month == 9 or
    month == 11) and 30 or 31
end

-- Seconds of an offset such as +02:00, Z or nothing; nil if it is none.
local function read_offset(zone)
  if zone == "" or zone == "Z" or zone == "z" then
    return 0
  end
  local sign, hours, minutes = zone:match("^([+-])(%d%d):?(%d%d)$")
  if not sign or tonumber(hours) > 23 or tonumber(minutes) > 59 then
    return nil
  end
  return (hours * 3600 + minutes * 60) * (sign == "-" and -1 or 1)
end

-- Seconds of a time of day with its offset; nil if it is none.
local function read_time(text)
  local hour, minute, rest = text:match("^[Tt _](%d%d):(%d%d)(.*)$")
  if not hour then
    return nil
  end
  local second, fraction, zone = rest:match("^:(%d%d)(%.?%d*)(.*)$")
  if not second then
    second, fraction, zone = "0", "", rest
  end
  local offset = read_offset(zone)
  if not offset or fraction == "." or tonumber(hour) > 23 or tonumber(minute) > 59 or tonumber(second) > 59 then
    return nil
  end
  return hour * 3600 + minute * 60 + second + (tonumber("0" .. fraction) or 0) - offset
end

-- Numbers above this are milliseconds.
local WATERSHED = 2e10
local FIRST, LAST = -62135596800, 253402300800

local function from_number(value)
  if math.abs(value) > WATERSHED then
    value = value / 1000
  end
  return value >= FIRST and value < LAST and clock.round(value) or nil
end

--- Reads a time as the service's framework does: RFC 3339, also with a space for the T, without seconds or offset (then
-- UTC), or a date alone; or seconds or milliseconds since 1970. Returns nil if it is none.
function clock.parse(text)
  if text:find("^[+-]?%d+%.?%d*$") then
    return from_number(tonumber(text))
  end
  local year, month, day, rest = text:match("^(%d%d%d%d)%-(%d%d)%-(%d%d)(.*)$")
  year, month, day = tonumber(year), tonumber(month), tonumber(day)
  if not year or year < 1 or month < 1 or month > 12 or day < 1 or day > days_of(year, month) then
    return nil
  end
  local time = rest == "" and 0 or read_time(rest)
  return time and clock.round(clock.epoch(year, month, day, 0, 0, 0) + time)
end

local DATE_UNITS = { Y = 31536000, M = 2592000, W = 604800, D = 86400 }
local TIME_UNITS = { H = 3600, M = 60, S = 1 }
local LONGEST = 100 * 31536000

-- Seconds of one part of a duration; `order` lists its units. Nil if it is malformed.
local function read_part(text, units, order)
  local total, last = 0, 0
  local rest = text:gsub("(%d+%.?%d*)(%a)", function(amount, unit)
    local place = order:find(unit, 1, true)
    if place and place > last then
      total, last = total + tonumber(amount) * units[unit], place
      return ""
    end
  end)
  return rest == "" and total or nil
end

--- Reads an ISO 8601 duration such as P1DT2H, PT0.5S or P2W, of a hundred years at most. Returns seconds, or nil.
function clock.duration(text)
  local date, time = text:match("^P([^T]*)(.*)$")
  if not date or (date == "" and time == "") or time == "T" then
    return nil
  end
  local of_date, of_time = read_part(date, DATE_UNITS, "YMWD"), read_part(time:sub(2), TIME_UNITS, "HMS")
  local total = of_date and of_time and of_date + of_time
  return total and total <= LONGEST and total or nil
end

return clock
