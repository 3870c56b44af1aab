-- For wrk: pauses between requests when given a number of milliseconds, and prints one line at the end:
-- requests a second, p50, p99 and maximum in milliseconds, failed requests.

local pause = 0

function init(arguments) -- luacheck: ignore 111
  pause = tonumber(arguments[1]) or 0
end

function delay() -- luacheck: ignore 111
  return pause
end

function done(summary, latency) -- luacheck: ignore 111
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(("report %.0f %.2f %.2f %.2f %d\n"):format(summary.requests / summary.duration * 1e6,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, latency.max / 1000, failed))
end
