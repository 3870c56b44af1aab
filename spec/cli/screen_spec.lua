-- The two outputs of the tool: colours, a live area that is drawn again, and what ends it.

local display = require "spec.support.display"

-- What takes away all from the cursor on.
local ERASE = "\r\27[K\27[C\27[J\r"

local function screen_of(given, fn)
  return display.run(given, function() return fn(require "mistral.workflows.cli.screen", given) end)
end

describe("the screen", function()
  it("is as wide as the terminal says, else as COLUMNS does, else 80 columns", function()
    local function widths(given)
      return (select(3, screen_of(given, function(screen) return { screen.columns(), screen.size_of_errors() } end)))
    end
    assert.same({ 120, 120, 40 }, widths { columns = 120, rows = 40 })
    assert.same({ 120, 50, 24 }, widths { columns = 120, errors = 50 })
    assert.same({ 33, 33, 24 }, widths { columns = 0, environment = { COLUMNS = "33" } })
    assert.same({ 80, 80, 24 }, widths { columns = 0, environment = { COLUMNS = "many" } })
    assert.same({ 80, 80, 24 }, widths { columns = 0 })
    assert.same({}, widths {})
    assert.same({ 120 }, widths { columns = 120, errors = false })
  end)

  it("has colours on a terminal, unless NO_COLOR or a dumb terminal says not to", function()
    local function painted(given)
      return (select(3, screen_of(given, function(screen)
        return screen.paint("red", "a") .. screen.paint_note("red", "b")
      end)))
    end
    local both = "\27[31ma\27[0m\27[31mb\27[0m"
    assert.equal(both, painted { columns = 80 })
    assert.equal(both, painted { columns = 80, environment = { NO_COLOR = "", TERM = "xterm" } })
    assert.equal("\27[31ma\27[0mb", painted { columns = 80, errors = false })
    assert.equal("a\27[31mb\27[0m", painted { errors = 80 })
    assert.equal("ab", painted {})
    assert.equal("ab", painted { columns = 80, environment = { NO_COLOR = "1" } })
    assert.equal("ab", painted { columns = 80, environment = { TERM = "dumb" } })
  end)

  it("knows colours, and paints nothing that is empty", function()
    screen_of({ columns = 80 }, function(screen)
      local codes = { bold = 1, dim = 2, red = 31, green = 32, yellow = 33, blue = 34, magenta = 35, cyan = 36 }
      for name, code in pairs(codes) do
        assert.equal(("\27[%dmx\27[0m"):format(code), screen.paint(name, "x"))
      end
      assert.equal("", screen.paint("red", ""))
      assert.equal("x", screen.paint(nil, "x"))
      local statuses = {
        COMPLETED = "green", FAILED = "red", TIMED_OUT = "red", CANCELED = "yellow", TERMINATED = "yellow",
        RUNNING = "cyan", RETRYING_AFTER_ERROR = "yellow", CONTINUED_AS_NEW = "blue",
      }
      for status, colour in pairs(statuses) do assert.equal(colour, screen.status_colour(status)) end
      assert.is_nil(screen.status_colour "OTHER")
    end)
  end)

  it("draws the lines of the live area at once, and then every tenth of a second", function()
    local widths = {}
    local out, err = screen_of({ columns = 80, errors = 60, now = 5 }, function(screen, given)
      screen.live(function(columns)
        widths[#widths + 1] = columns
        return { "first " .. #widths, "second", "third" }
      end)
      for _, now in ipairs { 5, 5.09, 5.1, 5.15, 5.21 } do
        given.now = now
        screen.draw()
      end
    end)
    assert.same({ 59, 59, 59 }, widths)
    local function drawn(number) return ERASE .. "first " .. number .. "\nsecond\nthird\27[2A\r" end
    assert.equal(drawn(1) .. drawn(2) .. drawn(3), err)
    assert.equal("", out)
  end)

  it("takes the live area away before it writes anything else, once", function()
    local out, err = screen_of({ columns = 80, now = 5 }, function(screen, given)
      screen.live(function() return { "live" } end)
      screen.draw()
      screen.write("a", 1, "\n")
      screen.write "b\n"
      given.now = 6
      screen.draw()
      screen.note("%s %%", "noted")
      screen.note "100 %"
      screen.live(function() return { "other" } end)
      screen.draw() -- at once, a new one
      screen.live(nil)
      given.now = 7
      screen.draw()
    end)
    assert.equal("a1\nb\n", out)
    assert.equal(ERASE .. "live\r" .. ERASE .. ERASE .. "live\r" .. ERASE .. "noted %\n100 %\n"
      .. ERASE .. "other\r" .. ERASE, err)
  end)

  it("leaves one row of the terminal free, and draws nothing for no lines", function()
    local lines = {}
    local function drawn(rows)
      local _, err = screen_of({ columns = 80, rows = rows, now = 1 }, function(screen, given)
        screen.live(function() return lines end)
        screen.draw()
        lines = {}
        given.now = 2
        screen.draw()
        given.now = 3
        screen.draw()
      end)
      return err
    end
    lines = { "1", "2", "3" }
    assert.equal(ERASE .. "1\n2\27[1A\r" .. ERASE, drawn(3))
    lines = { "1", "2" }
    assert.equal(ERASE .. "1\n2\27[1A\r" .. ERASE, drawn(3))
    lines = { "1", "2" }
    assert.equal(ERASE .. "1\r" .. ERASE, drawn(2))
    lines = { "1" }
    assert.equal(ERASE .. "1\r" .. ERASE, drawn(1))
    lines = { "1", "2" }
    assert.equal(ERASE .. "1\n2\27[1A\r" .. ERASE, drawn(0))
  end)

  it("keeps the live area where it is to stay", function()
    local _, err = screen_of({ columns = 80, now = 1 }, function(screen, given)
      screen.live(function() return { "1", "2" } end)
      screen.draw()
      screen.keep()
      given.now = 2
      screen.draw()
      screen.note "noted"
    end)
    assert.equal(ERASE .. "1\n2\27[1A\r\n\nnoted\n", err)
  end)

  it("takes nothing away where nothing was drawn", function()
    for _, name in ipairs { "write", "note", "live", "keep", "draw", "flush" } do
      local _, err = screen_of({ columns = 80 }, function(screen) screen[name](name ~= "live" and "a" or nil) end)
      assert.equal(name == "note" and "a\n" or "", err)
    end
  end)

  it("has no live area where standard error is no terminal", function()
    local out, err = screen_of({ columns = 80, errors = false, now = 1 }, function(screen, given)
      screen.live(function() error "is not asked" end)
      screen.draw()
      screen.write "a\n"
      given.errors, given.now = 80, 2
      screen.draw()
      screen.live(function() error "is not asked" end)
      given.errors = false -- it went away
      screen.draw()
    end)
    assert.equal("a\n", out)
    assert.equal("", err)
  end)

  it("says why standard output cannot be written, and ends when nobody reads", function()
    local given = { failure = "no space" }
    for _, name in ipairs { "write", "flush", "note" } do
      screen_of(given, function(screen)
        local ok, raised = pcall(screen[name], "a")
        assert.is_false(ok)
        assert.same({ status = 1, message = "standard output cannot be written: no space" }, raised)
      end)
    end
    assert.is_nil(given.died)
    given = { failure = "broken pipe", closed = true }
    screen_of(given, function(screen) pcall(screen.write, "a") end)
    assert.equal("PIPE", given.died)
    given = { closed = true }
    screen_of(given, function(screen) screen.flush() end)
    assert.equal("PIPE", given.died)
  end)

  it("takes the live area away when a second interrupt ends the program", function()
    local given = { errors = 80 }
    screen_of(given, function() require("mistral.workflows.cli.waiting").catch_interrupts() end)
    assert.equal(ERASE, given.farewell)
    given = { columns = 80, errors = false }
    screen_of(given, function(screen) screen.catch_interrupts() end)
    assert.equal("", given.farewell)
  end)
end)

describe("while it waits the tool", function()
  local function waiting_of(given, fn)
    return display.run(given, function()
      return fn(require "mistral.workflows.cli.waiting", given, require "mistral.workflows.cli.screen")
    end)
  end

  it("raises for each interrupt once, and keeps those for later that come while it holds them", function()
    waiting_of({}, function(waiting, given)
      waiting.check()
      given.interrupts = 1
      local ok, raised = pcall(waiting.check)
      assert.is_false(ok)
      assert.is_true(waiting.is_interrupt(raised))
      assert.is_false(waiting.is_interrupt "interrupted")
      assert.equal("interrupted", tostring(raised))
      waiting.check()
      waiting.hold(true)
      given.interrupts = 2
      waiting.check()
      waiting.loop.sleep(0.001)
      waiting.hold(false)
      assert.is_true(waiting.is_interrupt(select(2, pcall(waiting.loop.sleep, 3600))))
      given.interrupts = 3
      assert.is_true(waiting.is_interrupt(select(2, pcall(waiting.loop.wait))))
    end)
  end)

  it("writes out what was written, and draws", function()
    local given = { columns = 80, now = 0 }
    local _, err = waiting_of(given, function(waiting, _, screen)
      screen.live(function() return { "live" } end)
      waiting.loop.sleep(0.25)
    end)
    assert.equal((ERASE .. "live\r"):rep(3), err)
    assert.equal(0.25, given.now)
    given = { closed = true }
    waiting_of(given, function(waiting) waiting.loop.sleep(0.001) end)
    assert.equal("PIPE", given.died)
  end)

  it("is a loop that waits in the place of the caller, a tenth of a second at most", function()
    local blocking = require "mistral.workflows.loop.blocking"
    local wait, waited = blocking.wait, {}
    blocking.wait = function(pollable, deadline) waited[#waited + 1] = { pollable, deadline } end
    waiting_of({ now = 10 }, function(waiting)
      assert.is_false(waiting.loop.yields)
      assert.is_true(waiting.loop.drives)
      waiting.loop.wait("pollable", 10.05)
      waiting.loop.wait("pollable", 20)
      waiting.loop.wait "pollable"
    end)
    blocking.wait = wait
    assert.same({ { "pollable", 10.05 }, { "pollable", 10.1 }, { "pollable", 10.1 } }, waited)
  end)
end)
