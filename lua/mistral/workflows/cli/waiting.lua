--- What the tool does while it waits for the service: it looks for interrupts, writes out what was written, and draws.
-- @module mistral.workflows.cli.waiting

local core = require "mistral.workflows.core"
local blocking = require "mistral.workflows.loop.blocking"
local screen = require "mistral.workflows.cli.screen"

local waiting = {}

-- How soon an interrupt, a closed pipe or the clock is noticed, in seconds.
local SLICE_SECONDS = 0.1

local interrupt = setmetatable({}, { __tostring = function() return "interrupted" end })
local held, seen = false, 0

--- From now on Ctrl-C raises a value that `is_interrupt` knows, out of whatever waits. A second one ends the program.
function waiting.catch_interrupts() screen.catch_interrupts() end

--- While held, an interrupt is kept for later.
function waiting.hold(keep) held = keep end

--- Is this what an interrupt raises?
function waiting.is_interrupt(value) return value == interrupt end

--- Raises when an interrupt came that nobody was told of.
function waiting.check()
  if held or screen.tool.interrupts() == seen then return end
  seen = screen.tool.interrupts()
  error(interrupt, 0)
end

local function turn()
  waiting.check()
  screen.flush()
  screen.draw()
end

local function slice(deadline)
  local soon = core.now() + SLICE_SECONDS
  return deadline and deadline < soon and deadline or soon
end

--- The adapter that clients get as their loop.
waiting.loop = { yields = false, drives = true }

-- Whoever waits for longer comes back.
function waiting.loop.wait(pollable, deadline)
  turn()
  blocking.wait(pollable, slice(deadline))
end

function waiting.loop.sleep(seconds)
  local wake = core.now() + seconds
  while core.now() < wake do
    turn()
    core.sleep(slice(wake) - core.now())
  end
end

return waiting
