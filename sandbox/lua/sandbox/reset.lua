--- The state that the service starts with.

local clock = require "sandbox.clock"
local fixtures = require "sandbox.fixtures"
local request_recorder = require "sandbox.request_recorder"
local statistics = require "sandbox.statistics"
local store = require "sandbox.store"
local stream_faults = require "sandbox.stream_faults"

local reset = {}

local actions = {}

--- Adds what is to be done, too.
function reset.also(action)
  actions[#actions + 1] = action
end

--- Forgets all executions, schedules, changes, statistics, laid-down answers, faults, delays and recorded requests.
-- Recording stays on if it was.
function reset.run()
  store.exclusively(function()
    store.clear()
    for _, counter in ipairs { "runs", "started", "last event", "spans" } do
      store.set_number(counter, 0)
    end
    store.count "catalogue"
    store.set_number("epoch", clock.now())
    statistics.clear()
    fixtures.clear()
    stream_faults.clear()
    request_recorder.clear()
    for _, setting in ipairs { "delay", "versions", "keepalive" } do
      store.set(setting, nil)
    end
    for _, action in ipairs(actions) do
      action()
    end
  end)
end

return reset
