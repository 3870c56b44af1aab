--- The clockwork of a worker: runs go on and schedules fire even when nobody asks, and those who wait here learn what
-- other workers changed.

local runs = require "sandbox.runs"
local schedules = require "sandbox.schedules"
local wake = require "sandbox.wake"

local ticker = {}

-- Longest rest, in seconds: other workers cannot wake this one.
local ALONE, AMONG_OTHERS = 0.05, 0.01
local ROUNDS = 10000

local listener

local function round()
  local before_schedule = schedules.fire()
  local before_run = runs.work()
  local rest = ngx.worker.count() > 1 and AMONG_OTHERS or ALONE
  listener:wait(math.min(rest, before_schedule or rest, before_run or rest))
end

-- A timer of its own for each thousands of rounds, so that what nginx holds for a timer does not grow for ever.
local function run(premature)
  for _ = 1, ROUNDS do
    if premature or ngx.worker.exiting() then
      return
    end
    local succeeded, problem = pcall(round)
    if not succeeded then
      ngx.log(ngx.ERR, "clockwork: ", tostring(problem))
      ngx.sleep(ALONE)
    end
  end
  ngx.timer.at(0, run)
end

function ticker.start()
  listener = wake.listen "*"
  ngx.timer.at(0, run)
end

return ticker
