--- Time zones, daylight saving included: the C library's, from the system's database.

local ffi = require "ffi"

ffi.cdef [[
struct sandbox_tm { int sec, min, hour, mday, mon, year, wday, yday, isdst; long gmtoff; const char *zone; };
struct sandbox_tm *localtime_r(const long *time, struct sandbox_tm *result);
int setenv(const char *name, const char *value, int overwrite);
int unsetenv(const char *name);
char *getenv(const char *name);
void tzset(void);
]]

local timezone = {}

local DATABASE = (os.getenv "TZDIR" or "/usr/share/zoneinfo") .. "/"

local time, fields = ffi.new "long[1]", ffi.new "struct sandbox_tm"

local known = { UTC = true }

--- True when there is a time zone of this name.
function timezone.exists(name)
  if known[name] == nil and #name < 100 and name:find("^%a[%w_+%-/]*$") then
    local file = io.open(DATABASE .. name, "rb")
    known[name] = file ~= nil and file:read(4) == "TZif" or nil
    if file then
      file:close()
    end
  end
  return known[name] == true
end

local function set(name)
  if name then
    ffi.C.setenv("TZ", name, 1)
  else
    ffi.C.unsetenv "TZ"
  end
  ffi.C.tzset()
end

--- Runs a function, which must not yield, with a time zone; nil is UTC.
function timezone.with(name, run, ...)
  local before = ffi.C.getenv "TZ"
  before = before ~= nil and ffi.string(before) or nil
  set(name or "UTC")
  local succeeded, result = pcall(run, ...)
  set(before)
  return succeeded and result or not succeeded and error(result, 0) or nil
end

--- The parts of a time (seconds since 1970) on the clocks of that zone, and seconds that these are ahead of UTC.
function timezone.parts(seconds)
  time[0] = seconds
  ffi.C.localtime_r(time, fields)
  return { second = fields.sec, minute = fields.min, hour = fields.hour, day_of_month = fields.mday,
    month = fields.mon + 1, year = fields.year + 1900, day_of_week = fields.wday }, tonumber(fields.gmtoff)
end

return timezone
