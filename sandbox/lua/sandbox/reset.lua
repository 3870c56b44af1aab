--- The state that the service starts with.

local clock = require "sandbox.clock"
local event_log = require "sandbox.event_log"
local fixtures = require "sandbox.fixtures"
local request_recorder = require "sandbox.request_recorder"
local statistics = require "sandbox.statistics"
local store = require "sandbox.store"
local stream_faults = require "sandbox.stream_faults"

local reset = {}

-- Counters survive a reset where in-process caches compare them.
local function next_version()
  return (ngx.shared.control:incr("resets", 1, 0)) * 1000000
end

--- Forgets all executions, schedules, changes, statistics, laid-down answers, faults, delays and recorded requests.
-- Recording stays on if it was.
function reset.run()
  ngx.shared.state:flush_all()
  event_log.clear()
  store.count("catalogue", next_version())
  store.count("epoch", clock.now())
  statistics.clear()
  fixtures.clear()
  stream_faults.clear()
  request_recorder.clear()
  for _, setting in ipairs { "delay", "versions", "keepalive" } do
    store.set(setting, nil)
  end
end

return reset
