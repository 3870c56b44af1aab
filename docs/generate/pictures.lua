--- Makes the pictures of docs/cli.md and README.md from real sessions: the command line tool in tmux, against the
-- sandbox.
--
--     lua docs/generate/pictures.lua
--
-- `make pictures` calls it. Identifiers and times are new each time, and so are the pictures.

local process = require "spec.support.process"
local sandbox = require "spec.support.sandbox"
local session = require "spec.support.session"
local terminal = require "docs.generate.terminal"
local tool = require "spec.support.tool"
local workflows = require "mistral.workflows"

local directory = "docs/pictures/"
local server = sandbox.start()

local function write(name, content)
  local file = assert(io.open(directory .. name, "wb"))
  assert(file:write(content))
  file:close()
  print("wrote " .. directory .. name)
end

-- The screen when `pattern` is on it; the command is shown after a prompt, as if it had been typed.
local function picture(name, size, command, pattern)
  local script = ("cd /tmp; printf '%%s\\n' %s; %s"):format(process.quote("$ " .. command), command)
  local running = session.start(server, size, script)
  running:await(pattern)
  local lines = running:lines(true)
  while lines[#lines] and lines[#lines]:gsub("\27%[[%d;]*m", ""):find "^status %d" do lines[#lines] = nil end
  running:stop()
  write(name, terminal.picture(command, size, lines))
end

-- Types commands into a shell, and takes a frame whenever the screen has changed.
local function recording(name, size, commands)
  local running = session.start(server, size, "PATH=$PWD/bin:$PATH PS1='$ ' sh")
  running:await "%$"
  local began, frames = workflows.now(), {}
  local function watch(seconds)
    local upto = workflows.now() + seconds
    repeat
      local screen = running:lines(true)
      local last = frames[#frames]
      if not last or table.concat(last.screen, "\n") ~= table.concat(screen, "\n") then
        frames[#frames + 1] = { at = workflows.now() - began, screen = screen }
      end
    until workflows.now() >= upto
  end
  for _, each in ipairs(commands) do
    watch(0.6)
    for character in each[1]:gmatch "." do
      running:press("-l " .. process.quote(character))
      watch(0.03)
    end
    running:press "Enter"
    watch(each[2])
  end
  watch(1.5)
  running:stop()
  write(name, terminal.recording("mistral-workflows", size, frames, workflows.now() - began))
end

local function run(text) os.execute(tool.shell_text(server, text)) end

run "for n in 1 2 3; do mwf start slow seconds:=9 >/dev/null; done; mwf start fail >/dev/null"
picture("runs.svg", { columns = 128, rows = 20 }, "mwf runs --since 24h --limit 12", "status 0")
picture("show.svg", { columns = 100, rows = 50 }, "mwf show embedding-refresh", "status 0")
run "for n in $(seq 60); do echo \"{\\\"seconds\\\": 0.4, \\\"n\\\": $n}\"; done >/tmp/invoices.jsonl"
picture("batch.svg", { columns = 80, rows = 12 },
  "mwf batch slow --inputs invoices.jsonl --concurrency 4 > out.jsonl", "2%d/60 .* left")
run "mwf run tree seconds:=2 --id tree-1 >/dev/null"
picture("trace-terminal.svg", { columns = 90, rows = 14 }, "mwf trace tree-1 --children", "status 0")
run("mwf trace tree-1 --children --utc --svg " .. directory .. "trace.svg")
recording("run.svg", { columns = 80, rows = 13 }, {
  { "mwf run slow seconds:=3", 4 }, { "mwf run tokens count:=30 interval:=0.1 --stream token", 4.5 },
})
server:stop()
