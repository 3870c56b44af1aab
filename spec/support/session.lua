--- A terminal of its own, in tmux, in which the command line tool runs.
--
--     local session = terminal.start(server, { columns = 80, rows = 24 }, "mwf run slow")
--     session:await "RUNNING"
--     session:resize(40, 24)
--     session:stop()

local process = require "spec.support.process"
local tool = require "spec.support.tool"
local workflows = require "mistral.workflows"

local terminal = {}

local methods = {}
local metatable = { __index = methods }

local number = 0

local function tmux(self, arguments)
  return process.output(("tmux -L %s -f /dev/null %s 2>/dev/null"):format(self.name, arguments))
end

--- Starts one. When the command has ended, the screen says "status N" below it.
-- @param server a sandbox, or nil
-- @param size { columns, rows }
-- @param text shell text in which `mwf` is the tool
-- @param environment table of variables that differ, or nil
function terminal.start(server, size, text, environment)
  number = number + 1
  local name = ("mwf-%s-%d"):format(process.output "echo $PPID-$(date +%N)", number)
  local self = setmetatable({ name = name }, metatable)
  -- A shell that survives what Ctrl-C does to the tool.
  local script = tool.shell_text(server, "trap : INT; " .. text .. "; echo \"status $?\"; sleep 60", environment)
  local command = process.quote("sh -c " .. process.quote(script))
  tmux(self, ("new-session -d -x %d -y %d %s"):format(size.columns, size.rows, command))
  return self
end

--- The lines of the screen, without the empty ones at its end; `colours` keeps the escape sequences.
function methods:lines(colours)
  return tool.lines((tmux(self, "capture-pane -p" .. (colours and " -e" or "")) .. "\n"):gsub("\n+$", "\n"))
end

--- All that was ever on the screen.
function methods:history()
  return tmux(self, "capture-pane -p -S -")
end

--- The screen as text.
function methods:screen() return table.concat(self:lines(), "\n") end

--- Waits until the screen has what the pattern says, ten seconds at most. Returns the screen.
function methods:await(pattern)
  local deadline = workflows.now() + 10
  repeat
    local screen = self:screen()
    if screen:find(pattern) then return screen end
    os.execute "sleep 0.03"
  until workflows.now() > deadline
  error(("no '%s' on the screen:\n%s"):format(pattern, self:screen()), 2)
end

--- Makes the window another size.
function methods:resize(columns, rows)
  tmux(self, ("resize-window -x %d -y %d"):format(columns, rows))
end

--- Presses keys, as tmux names them: "C-c".
function methods:press(keys) tmux(self, "send-keys " .. keys) end

function methods:stop() tmux(self, "kill-server") end

return terminal
