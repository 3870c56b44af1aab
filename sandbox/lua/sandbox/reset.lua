--- The state that the service starts with.

local clock = require "sandbox.clock"
local faults = require "sandbox.faults"
local fixtures = require "sandbox.fixtures"
local log = require "sandbox.log"
local recorder = require "sandbox.recorder"
local statistics = require "sandbox.statistics"
local store = require "sandbox.store"

local reset = {}

-- Counters survive a reset where in-process caches compare them.
local function next_version()
  return (ngx.shared.control:incr("resets", 1, 0)) * 1000000
end

--- Forgets all executions, schedules, changes, statistics, laid-down answers, faults, delays and recorded requests.
-- Recording stays on if it was.
function reset.run()
  ngx.shared.state:flush_all()
  log.clear()
  store.count("catalogue", next_version())
  store.count("epoch", clock.now())
  statistics.clear()
  fixtures.clear()
  faults.clear()
  recorder.clear()
  for _, setting in ipairs { "delay", "versions", "keepalive" } do
    store.set(setting, nil)
  end
end

return reset
