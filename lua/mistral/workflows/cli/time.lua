--- Times and durations, as people write and read them.
-- @module mistral.workflows.cli.time

local problem = require "mistral.workflows.cli.problem"

local time = {}

local seconds_in = { ms = 0.001, s = 1, m = 60, h = 3600, d = 86400, w = 604800 }

--- Seconds of `90`, `30s`, `1h30m`, `7d`, or nil.
function time.duration(value)
  if tonumber(value) then return tonumber(value) >= 0 and tonumber(value) or nil end
  local total, rest = 0, value
  repeat
    local number, unit, after = rest:match "^(%d+%.?%d*)(%a+)(.*)$"
    if not seconds_in[unit] then return nil end
    total, rest = total + tonumber(number) * seconds_in[unit], after
  until rest == ""
  return total
end

--- For options that take a duration: seconds, or nil and what is wrong.
function time.to_duration(value)
  local seconds = time.duration(value)
  if seconds and seconds > 0 then return seconds end
  return nil, ("'%s' is no duration; write 30s, 10m, 24h or 7d"):format(value)
end

--- For options that take a time: seconds since 1970 of a moment, or of so long ago; or nil and what is wrong.
function time.to_moment(value)
  local ago = time.duration(value)
  if ago then return os.time() - ago end
  local moment = require("mistral.workflows").time.parse(value)
  if moment then return moment end
  return nil, ("'%s' is no time; write 24h, 7d or 2026-01-31T08:00:00Z"):format(value)
end

--- ISO 8601 duration of a number of seconds, as schedules want it.
function time.iso(seconds)
  if seconds % 1 ~= 0 then problem.usage("a schedule takes whole seconds, not %g", seconds) end
  return ("PT%dS"):format(seconds)
end

--- A length of time in at most two units: `560ms`, `1.5s`, `2m05s`, `3h20m`, `4d`.
function time.length(seconds)
  if seconds < 0.9995 then return ("%dms"):format(math.floor(seconds * 1000 + 0.5)) end
  if seconds < 9.95 then return ("%.1fs"):format(seconds) end
  seconds = math.floor(seconds + 0.5)
  if seconds < 60 then return ("%ds"):format(seconds) end
  if seconds < 3600 then return ("%dm%02ds"):format(math.floor(seconds / 60), seconds % 60) end
  local minutes = math.floor(seconds / 60)
  if minutes < 1440 then return ("%dh%02dm"):format(math.floor(minutes / 60), minutes % 60) end
  local hours = math.floor(minutes / 60)
  return hours % 24 == 0 and ("%dd"):format(hours / 24) or ("%dd%02dh"):format(math.floor(hours / 24), hours % 24)
end

--- How long ago a moment was, in one unit, or how long until then.
function time.relative(moment, now)
  local distance = math.abs(now - moment)
  local text
  if distance < 1 then return "now" end
  for _, unit in ipairs { { "d", 86400 * 2 }, { "h", 5400 }, { "m", 90 }, { "s", 0 } } do
    if distance >= unit[2] then
      text = ("%d%s"):format(math.floor(distance / seconds_in[unit[1]]), unit[1])
      break
    end
  end
  return moment <= now and text .. " ago" or "in " .. text
end

--- A moment in the machine's time zone, or in UTC.
function time.clock(moment, utc, form)
  local whole = math.floor(moment)
  return os.date((utc and "!" or "") .. (form or "%Y-%m-%d %H:%M:%S"), whole) .. (utc and not form and "Z" or "")
end

return time
