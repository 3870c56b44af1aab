--- The clockwork of a worker: schedules fire even when nobody asks.

local ticker = {}

local INTERVAL = 0.05

function ticker.start()
  local schedules = require "sandbox.schedules"
  ngx.timer.every(INTERVAL, function(premature)
    if not premature then
      schedules.fire()
    end
  end)
end

return ticker
