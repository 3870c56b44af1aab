--- How time grows with size.

local growth = {}

local ROUNDS = 3 -- the fastest counts

local function seconds(work, size)
  local least = math.huge
  local run = work(size)
  for _ = 1, ROUNDS do
    collectgarbage()
    local started = os.clock()
    run()
    least = math.min(least, os.clock() - started)
  end
  return least
end

--- Checks that a work of four times the size takes about four times as long: where time is quadratic, it takes sixteen.
-- @param what is measured, for the message
-- @param size that takes at least some milliseconds
-- @param work function(size) that prepares the work and returns a function that does it
function growth.check(what, size, work)
  local small, large = seconds(work, size), seconds(work, 4 * size)
  if large > 9 * small + 0.02 then
    error(("%s: %d took %.1f ms, %d took %.1f ms"):format(what, size, small * 1000, 4 * size, large * 1000), 2)
  end
end

return growth
