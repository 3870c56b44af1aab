-- The span tree of an execution, as a terminal shows it and as a picture.

local display = require "spec.support.display"

-- A workflow of ten seconds, with a child that has not ended two seconds later. The service gives times as texts, too.
local function at(seconds) return 1e18 + seconds * 1e9 end

local tree = {
  name = "workflow:tree", start_time_unix_nano = "1000000000000000000", end_time_unix_nano = at(10),
  events = { { name = "WORKFLOW_COMPLETED" } },
  children = {
    { name = "second", start_time_unix_nano = at(4), end_time_unix_nano = at(6),
      attributes = { ["task.outcome"] = "FAILED" } },
    { name = "first\27 日本", start_time_unix_nano = at(1), end_time_unix_nano = at(3.5),
      events = {
        { name = "TASK_STARTED", timestamp_unix_nano = at(2) }, { name = "TASK_CANCELED" },
        { name = "EARLY", timestamp_unix_nano = at(0.5) },
      },
      children = { { name = "inner", start_time_unix_nano = at(1), end_time_unix_nano = at(1) } } },
    { name = "last", start_time_unix_nano = at(8), children = {
      { name = "a child with a name that is long", start_time_unix_nano = at(9), end_time_unix_nano = at(9.96) },
    } },
  },
}

local NOW = 1000000012

local function shown(given, of, columns)
  return (display.run(given, function()
    local trace = require "mistral.workflows.cli.trace"
    local rows, total = trace.rows(of or tree, NOW)
    trace.show(rows, total, columns or given.columns)
  end))
end

describe("a trace on a terminal", function()
  local PLAIN = { NO_COLOR = "1" }

  it("has a bar for each span on one axis", function()
    assert.equal([[
                                               ╷0                    ╷5.0s                 ╷10s
workflow:tree                             10s  ████████████████████████████████████████████
├ first  日本                            2.5s      ███████████
│ └ inner                                 0ms      █
├ second                                 2.0s                   ██████████
└ last                                   4.0s                                     █████████████████▶
  └ a child with a name that is long    960ms                                         █████
]], shown { columns = 100, environment = PLAIN })
  end)

  it("cuts names, and leaves out the bars where there is no room for them", function()
    assert.equal([[
                           ╷0
workflow:tree         10s  ████████████
├ first  日本        2.5s   ███
│ └ inner             0ms   █
├ second             2.0s      ███
└ last               4.0s           ████▶
  └ a child wit…    960ms            ██
]], shown { columns = 41, environment = PLAIN })
    local narrow = [[
workflow:tr…      10s
├ first  日…     2.5s
│ └ inner         0ms
├ second         2.0s
└ last           4.0s
  └ a child…    960ms
]]
    assert.equal(narrow, shown { columns = 30, environment = PLAIN })
    assert.equal(narrow, shown { columns = 20, environment = PLAIN })
    -- 13 of 34 columns for the name, 7 for the length, 4 between: 10 are left.
    local one = { name = "a name with 21 letters", start_time_unix_nano = at(0), end_time_unix_nano = at(1) }
    assert.equal("a name with …     1.0s  ██████████\n",
      shown({ columns = 34, environment = PLAIN }, one):match "\n(.*)$")
    assert.equal("a name with …     1.0s\n", shown({ columns = 33, environment = PLAIN }, one))
  end)

  it("has the colours of what became of each", function()
    local out = shown { columns = 60 }
    local lines = {}
    for line in out:gmatch "[^\n]+" do lines[#lines + 1] = line end
    assert.same({
      "\27[2m                                   ╷0                  ╷10s\27[0m",
      "workflow:tree                 10s  \27[34m█████████████████████\27[0m",
      "\27[2m├ \27[0mfirst  日本                2.5s    \27[33m█████\27[0m",
      "\27[2m│ └ \27[0minner                     0ms    \27[32m█\27[0m",
      "\27[2m├ \27[0msecond                     2.0s          \27[31m█████\27[0m",
      "\27[2m└ \27[0mlast                       4.0s                  \27[36m████████▶\27[0m",
      "\27[2m  └ \27[0ma child with a name…    960ms                    \27[32m███\27[0m",
    }, lines)
  end)

  it("of something that took no time is a line at its beginning", function()
    local moment = { name = "moment", start_time_unix_nano = at(0), end_time_unix_nano = at(0) }
    assert.equal("                 ╷0\nmoment      0ms  █\n", shown({ columns = 40, environment = PLAIN }, moment))
    local last = { name = "all", start_time_unix_nano = at(0), end_time_unix_nano = at(10), children = {
      { name = "l", start_time_unix_nano = at(10), end_time_unix_nano = at(10) } } }
    assert.equal("└ l      0ms           █\n", shown({ columns = 24, environment = PLAIN }, last):match "(└.*)$")
  end)

  it("has as many labels as there is room for, side by side", function()
    local function axis(room, seconds)
      local one = { name = "n", start_time_unix_nano = at(0), end_time_unix_nano = at(seconds) }
      return shown({ columns = 12 + room, environment = PLAIN }, one):match "^ +(╷[^\n]*)\n"
    end
    assert.equal("╷0", axis(10, 10))
    assert.equal("╷0", axis(22, 10))
    assert.equal("╷0", axis(23, 10))
    assert.equal("╷0          ╷5.0s", axis(24, 10))
    assert.equal("╷0          ╷500ms", axis(24, 1))
    assert.equal("╷0    ╷2.0s ╷4.0s ╷6.0s ╷8.0s", (axis(60, 10):gsub("(╷%d%.0s)      ", "%1")):gsub("  +", "    "))
    assert.equal("╷0", axis(30, 5e12))
    assert.equal(3, select(2, axis(72, 5e16):gsub("╷", "")))
  end)

  it("cuts names to nothing where the branches take all the room", function()
    local span = { name = "abc" }
    for _ = 1, 7 do span = { name = "abc", children = { span } } end
    span.start_time_unix_nano, span.end_time_unix_nano = at(0), at(1)
    local lines = {}
    for line in shown({ columns = 20, environment = PLAIN }, span):gmatch "[^\n]+" do lines[#lines + 1] = line end
    assert(lines[6]:find "^        └ a… ", lines[6])
    assert(lines[7]:find "^          └ … ", lines[7])
    assert(lines[8]:find "^            └ … ", lines[8])
    local nameless = { start_time_unix_nano = at(0), end_time_unix_nano = at(1) }
    assert.equal("     1.0s\n", shown({ columns = 20, environment = PLAIN }, nameless):match "([^\n]*\n)$":sub(1, 10))
  end)

  it("shows deep branches where they go on", function()
    local branches = { name = "r", start_time_unix_nano = at(0), end_time_unix_nano = at(1), children = {
      { name = "a", children = { { name = "b", children = { { name = "c" } } }, { name = "d" } } }, { name = "e" },
    } }
    local names = {}
    for line in shown({ columns = 20, environment = PLAIN }, branches):gmatch "[^\n]+" do
      names[#names + 1] = line:match "^(.-%l) "
    end
    assert.same({ "r", "├ a", "│ ├ b", "│ │ └ c", "│ └ d", "└ e" }, names)
  end)
end)

describe("the axis of a trace", function()
  it("has marks at round moments, about as many as asked for", function()
    local trace = require "mistral.workflows.cli.trace"
    local cases = {
      { 10, 5, { 0, 2, 4, 6, 8, 10 } }, { 10, 4, { 0, 5, 10 } }, { 10, 2, { 0, 5, 10 } }, { 10, 1, { 0, 10 } },
      { 0.3, 4, { 0, 0.1, 0.2, 0.3 } }, { 7, 8, { 0, 1, 2, 3, 4, 5, 6, 7 } }, { 12, 8, { 0, 2, 4, 6, 8, 10, 12 } },
      { 99, 2, { 0, 50 } }, { 101, 2, { 0, 100 } }, { -1, 4, { 0 } },
    }
    for _, case in ipairs(cases) do
      local ticks = trace.ticks(case[1], case[2])
      assert.equal(#case[3], #ticks, table.concat(ticks, " "))
      for index, tick in ipairs(ticks) do assert.near(case[3][index], tick, 1e-9) end
    end
  end)
end)

describe("the rows of a trace", function()
  local trace = require "mistral.workflows.cli.trace"

  it("begin with the first span, wherever it is, and have their moments there", function()
    local rows, total = trace.rows({
      name = "late", start_time_unix_nano = at(2), end_time_unix_nano = at(3),
      children = { { name = "early", start_time_unix_nano = at(1), end_time_unix_nano = at(2),
        events = { { name = "a\nb", timestamp_unix_nano = at(1.5) }, { name = "no time" } } } },
    }, NOW)
    assert.equal(2, total)
    assert.same({
      { name = "late", depth = 0, branches = {}, start = 1, finish = 2, is_parent = true, running = false,
        moments = {} },
      { name = "early", depth = 1, branches = { false }, start = 0, finish = 1, is_parent = false, running = false,
        moments = { { at = 0.5, name = "a b" } } },
    }, rows)
  end)

  it("take for running what has no end, until now, and nothing from the future", function()
    local rows, total = trace.rows({ start_time_unix_nano = at(0) }, NOW)
    assert.same({ 0, 12, true, 12 }, { rows[1].start, rows[1].finish, rows[1].running, total })
    rows, total = trace.rows({ start_time_unix_nano = at(20) }, NOW)
    assert.same({ 0, 0, true, 0 }, { rows[1].start, rows[1].finish, rows[1].running, total })
    rows = trace.rows({ start_time_unix_nano = {}, end_time_unix_nano = 5e9 }, 9)
    assert.same({ 0, 5, false }, { rows[1].start, rows[1].finish, rows[1].running })
    rows, total = trace.rows({ start_time_unix_nano = at(5), end_time_unix_nano = at(6),
      children = { { end_time_unix_nano = at(5.5) } } }, NOW)
    assert.same({ 0, 0.5, 1 }, { rows[2].start, rows[2].finish, total })
  end)

  it("have the outcome that the attributes tell, else the last event that tells one", function()
    local function outcome(span) return trace.rows(span, 0)[1].outcome end
    local events = { { name = "A_COMPLETED" }, { name = "B_FAILED" }, { name = "B_STARTED" }, 5 }
    assert.equal("FAILED", outcome { events = events })
    assert.equal("CANCELED", outcome { events = events, attributes = { ["task.outcome"] = "CANCELED" } })
    assert.equal("FAILED", outcome { events = events, attributes = { ["task.outcome"] = 5 } })
    assert.is_nil(outcome { events = { { name = "COMPLETED" }, { name = "A_COMPLETED_LATER" } }, attributes = "none" })
    assert.is_nil(outcome { attributes = 5 })
  end)

  it("have colours: of the outcome, of what runs, and else of parents and others", function()
    local function colour(row) return trace.colour(row) end
    assert.equal("cyan", colour { running = true, outcome = "FAILED" })
    assert.equal("red", colour { outcome = "TIMED_OUT" })
    assert.equal("red", colour { outcome = "FAILED", is_parent = true })
    assert.equal("yellow", colour { outcome = "CANCELED" })
    assert.equal("green", colour { outcome = "COMPLETED" })
    assert.equal("blue", colour { is_parent = true })
  end)
end)

describe("the picture of a trace", function()
  local trace = require "mistral.workflows.cli.trace"
  local trace_svg = require "mistral.workflows.cli.trace_svg"

  local function picture(of, title, subtitle)
    local rows, total = trace.rows(of, NOW)
    return trace_svg(rows, total, title or "", subtitle or "")
  end

  it("has a row for each span on a common axis", function()
    local expected = [[
<svg xmlns="http://www.w3.org/2000/svg" width="960" height="288" viewBox="0 0 960 288" role="img"
aria-label="tree · &lt;RUNNING&gt;">
<style/>
<rect class="back" width="960" height="288" rx="8"/>
<text class="title" x="24.0" y="36.0">tree · &lt;RUNNING&gt;</text>
<text class="faint" x="24.0" y="56.0">id  · 10s</text>
<path class="grid" d="M310.4 88V264"/>
<text class="faint" x="310.4" y="82.0" text-anchor="middle">0</text>
<path class="grid" d="M404.0 88V264"/>
<text class="faint" x="404.0" y="82.0" text-anchor="middle">2.0s</text>
<path class="grid" d="M497.6 88V264"/>
<text class="faint" x="497.6" y="82.0" text-anchor="middle">4.0s</text>
<path class="grid" d="M591.2 88V264"/>
<text class="faint" x="591.2" y="82.0" text-anchor="middle">6.0s</text>
<path class="grid" d="M684.8 88V264"/>
<text class="faint" x="684.8" y="82.0" text-anchor="middle">8.0s</text>
<path class="grid" d="M778.4 88V264"/>
<text class="faint" x="778.4" y="82.0" text-anchor="middle">10s</text>
<path class="grid" d="M872.0 88V264"/>
<text class="faint" x="872.0" y="82.0" text-anchor="middle">12s</text>
<rect class="stripe" x="16" y="96.0" width="928" height="28" rx="4"/>
<g>
<title>workflow:tree&#10;10s&#10;COMPLETED</title>
<text class="text" x="24.0" y="114.0">workflow:tree</text>
<rect class="blue" x="310.4" y="103.0" width="468.0" height="14" rx="3"/>
<text class="faint" x="784.4" y="114.0">10s</text>
</g>
<g>
<title>first  日本&#10;2.5s&#10;CANCELED&#10;+1.0s TASK_STARTED&#10;+0ms EARLY</title>
<text class="text" x="40.0" y="142.0">first  日本</text>
<rect class="yellow" x="357.2" y="131.0" width="117.0" height="14" rx="3"/>
<circle class="moment" cx="404.0" cy="138.0" r="2"/>
<text class="faint" x="480.2" y="142.0">2.5s</text>
</g>
<rect class="stripe" x="16" y="152.0" width="928" height="28" rx="4"/>
<g>
<title>inner&#10;0ms</title>
<text class="text" x="56.0" y="170.0">inner</text>
<rect class="green" x="357.2" y="159.0" width="3.0" height="14" rx="3"/>
<text class="faint" x="366.2" y="170.0">0ms</text>
</g>
<g>
<title>second&#10;2.0s&#10;FAILED</title>
<text class="text" x="40.0" y="198.0">second</text>
<rect class="red" x="497.6" y="187.0" width="93.6" height="14" rx="3"/>
<text class="faint" x="597.2" y="198.0">2.0s</text>
</g>
<rect class="stripe" x="16" y="208.0" width="928" height="28" rx="4"/>
<g>
<title>last&#10;4.0s, still running</title>
<text class="text" x="40.0" y="226.0">last</text>
<rect class="cyan" x="684.8" y="215.0" width="187.2" height="14" rx="3"/>
<text class="faint" x="878.0" y="226.0">4.0s</text>
</g>
<g>
<title>a child with a name that is long&#10;960ms</title>
<text class="text" x="56.0" y="254.0">a child with a name that is long</text>
<rect class="green" x="731.6" y="243.0" width="44.9" height="14" rx="3"/>
<text class="faint" x="782.5" y="254.0">960ms</text>
</g>
<path class="tree" d="M29.0 118.0V138.0h8"/>
<path class="tree" d="M45.0 146.0V166.0h8"/>
<path class="tree" d="M29.0 118.0V194.0h8"/>
<path class="tree" d="M29.0 118.0V222.0h8"/>
<path class="tree" d="M45.0 230.0V250.0h8"/>
</svg>
]]
    local written = picture(tree, "tree · <RUNNING>", "id\27 · 10s"):gsub("<style>.-</style>", "<style/>")
    assert.equal(expected, (written:gsub(" aria", "\naria")))
  end)

  it("escapes names, in what is shown at the pointer too", function()
    local written = picture { name = 'a<b>&"c"', start_time_unix_nano = at(0), end_time_unix_nano = at(1) }
    assert(written:find("<title>a&lt;b&gt;&amp;&quot;c&quot;&#10;1.0s</title>", 1, true), written)
    assert(written:find(">a&lt;b&gt;&amp;&quot;c&quot;</text>", 1, true), written)
  end)

  it("has a style for each class, in dark surroundings too", function()
    local written = picture(tree)
    local style = written:match "<style>(.-)</style>"
    assert(style:find "^svg { font: 12px [^\n]*monospace; }\n")
    for class in written:gmatch 'class="(%l+)"' do assert(style:find("." .. class .. " { ", 1, true), class) end
    local dark = style:match "@media %(prefers%-color%-scheme: dark%) {(.*)}$"
    for class in ("back title text faint grid tree stripe moment"):gmatch "%l+" do
      assert(dark:find("." .. class .. " { ", 1, true), class)
    end
  end)

  it("cuts names that take more than two fifths of it", function()
    local function name_of(length)
      local written = picture { name = ("n"):rep(length), start_time_unix_nano = at(0), end_time_unix_nano = at(1) }
      return written:match '<text class="text"[^>]*>([^<]*)</text>', written:match '<rect class="green" (.-) height'
    end
    assert.same({ ("n"):rep(53), 'x="429.6" y="103.0" width="442.4"' }, { name_of(53) })
    assert.same({ ("n"):rep(54), 'x="432.0" y="103.0" width="440.0"' }, { name_of(54) })
    assert.same({ ("n"):rep(54) .. "…", 'x="432.0" y="103.0" width="440.0"' }, { name_of(56) })
    assert.same({ "", 'x="48.0" y="103.0" width="824.0"' }, { name_of(0) })
  end)

  it("has up to nine marks", function()
    local function marks(seconds)
      local written = picture { name = "n", start_time_unix_nano = at(0), end_time_unix_nano = at(seconds) }
      return select(2, written:gsub('class="grid"', ""))
    end
    assert.equal(9, marks(8))
    assert.equal(9, marks(16))
    assert.equal(5, marks(9))
  end)

  it("of something that took no time begins at the left", function()
    local written = picture { name = "moment", start_time_unix_nano = at(0), end_time_unix_nano = at(0) }
    assert(written:find('<rect class="green" x="91.2" y="103.0" width="3.0" height="14" rx="3"/>', 1, true), written)
    assert(written:find('<text class="faint" x="91.2" y="82.0" text-anchor="middle">0</text>', 1, true), written)
  end)

  it("marks moments within a bar, not at its ends", function()
    local function circles(moment)
      local rows = { { name = "n", depth = 0, start = 0, finish = 816.8, moments = { { at = moment, name = "m" } } } }
      return select(2, trace_svg(rows, 816.8, "", ""):gsub("<circle", ""))
    end
    -- From the end of the name to the end of the axis a second is one point wide.
    for moment, count in pairs { [3.5] = 0, [4.5] = 1, [812.3] = 1, [813.3] = 0 } do
      assert.equal(count, circles(moment), tostring(moment))
    end
  end)
end)
