--- The two outputs: standard output for results, standard error for notes and for a live area that is drawn again.
--
-- The cursor stays where the live area begins. So everything below it can be erased whatever the terminal did
-- meanwhile: when its width changes, lines that were drawn before may be broken into several.
-- @module mistral.workflows.cli.screen

local core = require "mistral.workflows.core"
local problem = require "mistral.workflows.cli.problem"

local screen = {}

local tool = core.tool()
local OUT, ERR = 1, 2
local USUAL_COLUMNS = 80
local unpack = table.unpack or unpack -- luacheck: ignore 113 143 (one of them, by version)
-- Seconds between two drawings.
local DRAW_SECONDS = 0.1

-- In two parts: what is erased from the first place of the screen on, tmux keeps in what one can scroll back to.
local ERASE_BELOW = "\r\27[K\27[C\27[J\r"

local live -- the function that gives the lines of the live area, or nil
local drawn, draw_at = 0, 0 -- lines that are on the screen, and when they are drawn again

-- Columns and rows of the terminal behind a descriptor, nil where there is none.
local function size(descriptor)
  local columns, rows = tool.terminal(descriptor)
  if columns == 0 then columns = tonumber(os.getenv "COLUMNS") or USUAL_COLUMNS end
  return columns, rows
end

--- Columns of the terminal on standard output, nil when it is none.
function screen.columns() return (size(OUT)) end

--- Columns and rows of the terminal on standard error, nil when it is none.
function screen.size_of_errors() return size(ERR) end

local colours = {
  bold = "1", dim = "2", red = "31", green = "32", yellow = "33", blue = "34", magenta = "35", cyan = "36",
}

local function painter(descriptor)
  local wanted = (os.getenv "NO_COLOR" or "") == "" and os.getenv "TERM" ~= "dumb" and size(descriptor) ~= nil
  return function(colour, value)
    if not wanted or not colour or value == "" then return value end
    return ("\27[%sm%s\27[0m"):format(colours[colour], value)
  end
end

--- `paint(colour, text)` for what goes to standard output: the text as it is where colours are off.
screen.paint = painter(OUT)
--- The same for standard error.
screen.paint_note = painter(ERR)

local status_colours = {
  COMPLETED = "green", FAILED = "red", TIMED_OUT = "red", CANCELED = "yellow", TERMINATED = "yellow",
  RUNNING = "cyan", RETRYING_AFTER_ERROR = "yellow", CONTINUED_AS_NEW = "blue",
}

--- The colour of the status of an execution, or nil.
function screen.status_colour(status) return status_colours[status] end

local function erase()
  if drawn == 0 then return end
  drawn = 0
  io.stderr:write(ERASE_BELOW)
end

-- Ends the program when nobody reads what it writes; raises what else is wrong.
local function check(written, reason)
  if tool.is_closed(OUT) then tool.die "PIPE" end
  if not written then problem.failure("standard output cannot be written: %s", tostring(reason)) end
end

--- Writes to standard output.
function screen.write(...)
  erase()
  local written, reason = io.stdout:write(...)
  if not written then check(written, reason) end
end

--- Writes out what was written.
function screen.flush() check(io.stdout:flush()) end

--- Writes a line to standard error.
function screen.note(message, ...)
  screen.flush()
  erase()
  io.stderr:write(select("#", ...) > 0 and message:format(...) or message, "\n")
end

--- From now on `lines(columns)` gives the lines of the live area, which is there on a terminal only; nil ends it.
function screen.live(lines)
  erase()
  live, draw_at = size(ERR) and lines, 0
end

--- Ends the live area, and leaves it on the screen.
function screen.keep()
  io.stderr:write(("\n"):rep(drawn))
  live, drawn = nil, 0
end

--- Draws the live area again when it is time to.
function screen.draw()
  local now = core.now()
  if not live or now < draw_at then return end
  draw_at = now + DRAW_SECONDS
  local columns, rows = size(ERR)
  if not columns then return end
  local lines = live(columns - 1)
  if rows > 1 and #lines >= rows then lines = { unpack(lines, 1, rows - 1) } end
  if #lines == 0 then return erase() end
  drawn = #lines
  local up = #lines > 1 and ("\27[%dA"):format(#lines - 1) or ""
  io.stderr:write(ERASE_BELOW, table.concat(lines, "\n"), up, "\r")
end

--- From now on the first Ctrl-C is counted by `screen.tool.interrupts()`; the second one ends the program.
function screen.catch_interrupts()
  tool.catch_interrupts(size(ERR) and ERASE_BELOW or "")
end

--- Signals, and what else the tool needs of the system.
screen.tool = tool

return screen
