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

--- The time now; the same for all workers.
function clock.now()
  ffi.C.gettimeofday(reading, nil)
  return tonumber(reading[0].seconds) + tonumber(reading[0].microseconds) / 1e6
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

--- Reads an RFC 3339 time, also with a space for the T; without an offset it is UTC. Returns nil if it is not one.
function clock.parse(text)
  local year, month, day, rest = text:match("^(%d%d%d%d)%-(%d%d)%-(%d%d)(.*)$")
  if not year then
    return nil
  end
  year, month, day = tonumber(year), tonumber(month), tonumber(day)
  if month < 1 or month > 12 or day < 1 or day > 31 then
    return nil
  elseif rest == "" then
    return clock.epoch(year, month, day, 0, 0, 0)
  end
  local hour, minute, second, fraction, zone = rest:match("^[Tt ](%d%d):(%d%d):?(%d?%d?)(%.?%d*)(.*)$")
  if not hour or tonumber(hour) > 23 or tonumber(minute) > 59 then
    return nil
  end
  local offset = 0
  if zone ~= "" and zone ~= "Z" and zone ~= "z" then
    local sign, hours, minutes = zone:match("^([+-])(%d%d):?(%d%d)$")
    if not sign then
      return nil
    end
    offset = (hours * 3600 + minutes * 60) * (sign == "-" and -1 or 1)
  end
  local seconds = clock.epoch(year, month, day, tonumber(hour), tonumber(minute), tonumber(second) or 0)
  return seconds + (tonumber("0" .. fraction) or 0) - offset
end

--- Reads an ISO 8601 duration such as P1DT2H, PT0.5S or P2W. Returns seconds, or nil.
function clock.duration(text)
  local sign, date, time = text:match("^(%-?)P([^T]*)(.*)$")
  if not date or (date == "" and time == "") or time == "T" then
    return nil
  end
  local total = 0
  local function count(part, units)
    local rest = part:gsub("([%d%.]+)(%a)", function(amount, unit)
      if units[unit] and tonumber(amount) then
        total = total + tonumber(amount) * units[unit]
        return ""
      end
    end)
    return rest == ""
  end
  if not count(date, { D = 86400, W = 604800, Y = 31536000, M = 2592000 }) then
    return nil
  elseif not count(time:gsub("^T", ""), { H = 3600, M = 60, S = 1 }) then
    return nil
  end
  return sign == "-" and -total or total
end

return clock
