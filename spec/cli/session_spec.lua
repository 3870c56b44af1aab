-- What the tool shows on a terminal: aligned columns, colours, and a live area that is drawn again.

local sandbox = require "spec.support.sandbox"
local terminal = require "spec.support.session"
local tool = require "spec.support.tool"

describe("on a terminal mistral-workflows", function()
  local server, session

  local function start(columns, rows, text, environment)
    session = terminal.start(server, { columns = columns, rows = rows }, text, environment)
    return session
  end

  local function width(line) return #line:gsub("[\128-\191]", "") end

  setup(function() server = sandbox.start() end)
  teardown(function() server:stop() end)
  after_each(function() session:stop() end)

  for _, columns in ipairs { 40, 80, 200 } do
    it(("aligns a list in %d columns"):format(columns), function()
      start(columns, 20, "mwf runs --status FAILED --limit 5"):await "status 0"
      local lines = session:lines()
      assert.equal(7, #lines)
      assert(lines[1]:find "^EXECUTION +WORKFLOW +STATUS")
      local place = lines[1]:find "STATUS"
      for index = 2, 6 do
        assert(width(lines[index]) <= columns)
        assert.equal("FAILED", (lines[index]:gsub("…", "."):sub(place, place + 5)))
      end
      if columns == 40 then assert(lines[2]:find "^%x+…  ") end
      if columns == 200 then assert(lines[1]:find "RUN$") end
    end)
  end

  it("shows times relative, local, or in UTC", function()
    start(160, 40, "mwf start hello --id now; mwf runs --limit 1; mwf get now; mwf get now --utc",
      { TZ = "<+05>-5" }):await "status 0"
    local screen = session:screen()
    assert(screen:find "COMPLETED  now" or screen:find "COMPLETED  %ds ago")
    local localtime, utc = screen:match "started +%d+%-%d+%-%d+ (%d+):%d+:%d+\n.*started +%d+%-%d+%-%d+ (%d+):%d+:%d+Z"
    assert.equal(5, (localtime - utc) % 24)
  end)

  it("colours, unless NO_COLOR says not to", function()
    start(100, 10, "mwf runs --status FAILED --limit 1"):await "status 0"
    assert(table.concat(session:lines(true), "\n"):find "\27%[31mFAILED")
    session:stop()
    start(100, 10, "mwf runs --status FAILED --limit 1", { NO_COLOR = "1" }):await "status 0"
    assert.is_nil(table.concat(session:lines(true), "\n"):find "\27%[3%d")
  end)

  it("draws a line with what runs, and leaves only the result", function()
    start(80, 10, "mwf run slow seconds:=1.5")
    session:await "^%S+ slow  RUNNING  [%d.]+m?s  progress [━─]+ +%d+%%$"
    session:await "progress [━─]+ +[4-8]0%%"
    assert.equal(1, #session:lines())
    session:await "status 0"
    assert.same({ "{", '  "seconds": 1.5', "}", "status 0" }, session:lines())
    assert.is_nil(session:history():find "RUNNING")
  end)

  it("leaves no garbage when the width changes", function()
    start(120, 10, "printf '$\\n$\\n$ mwf run slow\\n'; mwf run slow seconds:=3")
    session:await "progress [━─]+ +20%%"
    session:resize(30, 10)
    session:await "\n%S+ slow  RUNNING  [%d.]+s  %l+…?$"
    for _, line in ipairs(session:lines()) do assert(width(line) < 30, line) end
    session:resize(100, 10)
    session:await "progress [━─]+ +60%%"
    session:await "status 0"
    local all = session:history()
    assert.equal('$\n$\n$ mwf run slow\n{\n  "seconds": 3\n}\nstatus 0', (all:gsub("\n+$", "")))
    assert.is_nil(all:find "RUNNING")
  end)

  it("fits into 40 columns", function()
    start(40, 10, "mwf run slow seconds:=1.5")
    session:await "slow  RUNNING  [%d.]+m?s  progress"
    for _, line in ipairs(session:lines()) do assert(width(line) < 40, line) end
    session:await "status 0"
  end)

  it("shows the text of a stream above it", function()
    start(50, 12, "mwf run tokens count:=60 interval:=0.02 --stream token >/dev/null")
    session:await "The cat sat on the mat.*\n%S+ tokens  RUNNING"
    session:await "status 0"
    local shown = session:screen():match "^(.*)\nstatus 0$":gsub("%s", "")
    local sentence = "Thecatsatonthematandwatchedtherain."
    assert.equal(sentence:rep(7):sub(1, #shown), shown)
    assert.equal(6 * #sentence, #shown)
  end)

  it("says on Ctrl-C how to come back", function()
    start(100, 10, "mwf run forever --id left")
    session:await "RUNNING"
    session:press "C-c"
    session:await "status 130"
    local said = session:screen():gsub("\n", "")
    assert(said:find("left is left running; to come back: mistral-workflows wait left", 1, true))
    assert.equal("RUNNING", server:client().executions:get("left").status)
  end)

  it("shows the progress of a batch", function()
    start(100, 10, "i=0; while [ $i -lt 40 ]; do echo '{\"seconds\":0.2}'; i=$((i+1)); done | "
      .. "mwf batch slow --inputs - --name progress --concurrency 4 >/dev/null")
    session:await "[━─]+  %d+/40  [%d.]+/s  [%d.]+m?s left"
    session:await "status 0"
    assert(session:screen():find "^40 inputs: 40 COMPLETED, in [%d.]+s\n")
  end)

  it("draws a trace with its bars on one axis", function()
    start(100, 20, "mwf run tree seconds:=1 --id traced >/dev/null; mwf trace traced --children"):await "status 0"
    local lines = session:lines()
    assert(lines[1]:find "╷0 .*╷[%d.]+m?s")
    assert(lines[2]:find "^workflow:tree +[%d.]+m?s  [█]+$")
    assert(lines[3]:find "^├ workflow:slow +[%d.]+m?s  [█]+$")
    assert(lines[#lines - 1]:find "^  └ progress +[%d.]+m?s +[█]+$")
    for _, line in ipairs(lines) do assert(width(line) <= 100) end
  end)

  it("draws a table again and again with --watch", function()
    start(100, 12, "mwf runs --watch --workflow forever")
    tool.run(server, "start forever --id watched")
    session:await "watched +forever +RUNNING"
    tool.run(server, "terminate watched")
    session:await "watched +forever +TERMINATED"
    session:press "C-c"
    session:await "status 130"
    local _, count = session:screen():gsub("watched", "")
    assert.equal(1, count)
  end)
end)
