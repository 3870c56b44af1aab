-- What the tool draws while it waits: the line of an execution, its streamed text, and the line of a batch.

local display = require "spec.support.display"

local ERASE = "\r\27[K\27[C\27[J\r"
local PLAIN = { NO_COLOR = "1" }

local function bar_of(full, empty) return ("━"):rep(full) .. ("─"):rep(empty) end

local function with(module, given, fn)
  given.now = given.now or 0
  return display.run(given, function() return fn(require("mistral.workflows.cli." .. module), given) end)
end

-- An event of a custom task "t" of the type "copy".
local function task_event(kind, state, more)
  more = more or {}
  return {
    event_type = "CUSTOM_TASK_" .. kind, data = more.stream and { stream = more.stream } or nil,
    attributes = {
      custom_task_id = more.id or "t", custom_task_type = more.type or "copy",
      payload = { type = more.patch and "json_patch" or "json", value = state },
    },
  }
end

local function activity_event(kind, id, name)
  return { event_type = "ACTIVITY_TASK_" .. kind, attributes = { task_id = id, activity_name = name } }
end

describe("the line of an execution", function()
  it("has a sign that turns ten times a second, the workflow, its status and how long it takes", function()
    with("progress", { columns = 80, environment = PLAIN, now = 100 }, function(progress, given)
      local shown = progress.new "hello"
      assert.same({ "⠋ hello  STARTING  0ms" }, shown:lines(80))
      shown:see { event_type = "WORKFLOW_EXECUTION_STARTED", attributes = {} }
      given.now = 165
      assert.same({ "⠋ hello  RUNNING  1m05s" }, shown:lines(80))
      for index, sign in ipairs { "⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏", "⠋" } do
        given.now = 100 + (index - 1) / 10 + 0.05
        assert.equal(sign, progress.spinner())
      end
    end)
  end)

  it("has the colours of the status and of the bar", function()
    with("progress", { columns = 80 }, function(progress)
      local shown = progress.new "a\27b"
      local function line() return shown:lines(80)[1] end
      assert.equal("\27[36m⠋\27[0m a b  \27[36mSTARTING\27[0m  0ms", line())
      shown.status = "FAILED"
      assert.equal("\27[36m⠋\27[0m a b  \27[31mFAILED\27[0m  0ms", line())
      assert.equal("\27[32m━━\27[0m\27[2m──\27[0m", progress.bar(0.5, 4))
      assert.equal("\27[2m────\27[0m", progress.bar(0.12, 4))
      assert.equal("\27[32m━\27[0m\27[2m───\27[0m", progress.bar(0.13, 4))
      assert.equal("\27[32m━━━━\27[0m", progress.bar(1, 4))
    end)
  end)

  it("fits into the columns that there are", function()
    with("progress", { columns = 80, environment = PLAIN }, function(progress)
      local shown = progress.new "hello"
      shown:see(task_event("STARTED", { progress = 0.25 }))
      local lines = {
        [80] = "⠋ hello  STARTING  0ms  copy " .. bar_of(8, 22) .. "  25%",
        [64] = "⠋ hello  STARTING  0ms  copy " .. bar_of(8, 22) .. "  25%",
        [63] = "⠋ hello  STARTING  0ms  copy " .. bar_of(7, 22) .. "  25%",
        [40] = "⠋ hello  STARTING  0ms  copy " .. bar_of(2, 4) .. "  25%",
        [39] = "⠋ hello  STARTING  0ms  copy", [28] = "⠋ hello  STARTING  0ms  copy",
        [27] = "⠋ hello  STARTING  0ms", [22] = "⠋ hello  STARTING  0ms", [21] = "⠋ hello  STARTING  0…",
        [12] = "⠋ hello  ST…", [9] = "⠋ hello", [6] = "⠋ hel…", [3] = "⠋ …", [2] = "⠋ ", [0] = "⠋ ",
      }
      for columns, line in pairs(lines) do assert.same({ line }, shown:lines(columns)) end
      shown = progress.new "日本"
      shown:see(task_event("STARTED", { progress = 0.25 }, { type = "日本\n語日本語" }))
      assert.same({ "⠋ 日本  STARTING  0ms  日本 語日本語" }, shown:lines(38))
      assert.same({ "⠋ 日本  STARTING  0ms  日本 …" }, shown:lines(29))
    end)
  end)

  it("shows what was begun last and has not ended", function()
    with("progress", { columns = 80, environment = PLAIN }, function(progress)
      local shown = progress.new "hello"
      local function after(event)
        shown:see(event)
        return shown:lines(80)[1]:match "0ms(.*)$"
      end
      assert.equal("  first", after(activity_event("STARTED", "1", "first")))
      assert.equal("  second", after(activity_event("STARTED", "2", "second")))
      assert.equal("  first", after(activity_event("RETRYING", "1", "first")))
      assert.equal("  second", after(activity_event("COMPLETED", "1", "first")))
      assert.equal("  copy", after(task_event("IN_PROGRESS", {})))
      assert.equal("  other", after(task_event("STARTED", {}, { id = "u", type = "other" })))
      assert.equal("  second", (after(task_event("FAILED", {}, { id = "u" })) and after(task_event("COMPLETED", {}))))
      assert.equal("  second", after { event_type = "ACTIVITY_TASK_STARTED" })
      assert.equal("  second", after { event_type = "WORKFLOW_TASK_STARTED", attributes = {} })
      assert.equal("STARTING", shown.status)
      assert.equal("", after(activity_event("FAILED", "2", "second")))
      assert.equal("", after(activity_event("FAILED", "2", "second")))
    end)
  end)

  it("knows how far a task is, from 0 to 100 %", function()
    with("progress", { columns = 80, environment = PLAIN }, function(progress)
      local function percent(state)
        local shown = progress.new "hello"
        shown:see(task_event("IN_PROGRESS", state))
        return tonumber(shown:lines(80)[1]:match "copy [━─]+ ([ %d]+)%%$")
      end
      local cases = {
        { { progress = 0 }, 0 }, { { progress = 0.25 }, 25 }, { { progress = 1 }, 100 }, { { progress = 25 }, 25 },
        { { progress = 150 }, 100 }, { { progress = -1 }, 0 }, { { progress = "0.25" }, 25 },
        { { percent = 25 }, 25 }, { { percent = 1 }, 1 }, { { progress = 1.5 }, 1 }, { { progress = 99 }, 99 },
        { { current = 1, total = 1 }, 100 }, { { percent = 100 }, 100 }, { { progress = 0.25, percent = 50 }, 25 },
        { { current = 1, total = 4 }, 25 }, { { completed = 1, total = 4 }, 25 }, { { done = 1, total = 4 }, 25 },
        { { processed = 3, total = 4 }, 75 }, { { current = 1, completed = 2, total = 4 }, 25 },
        { { current = 8, total = 4 }, 100 }, { { progress = 0.5, current = 1, total = 4 }, 50 },
        { { current = 1, total = 0 } }, { { current = 1 } }, { { total = 4 } }, { { progress = "half" } }, { {} },
        { "text" },
      }
      for index, case in ipairs(cases) do
        local expected, actual = case[2], percent(case[1])
        assert.equal(expected, actual, "case " .. index)
      end
    end)
  end)

  it("knows a task by its id, where it has no type", function()
    with("progress", { columns = 80, environment = PLAIN }, function(progress)
      local shown = progress.new "hello"
      shown:see {
        event_type = "CUSTOM_TASK_STARTED",
        attributes = { custom_task_id = "t", payload = { type = "json", value = { progress = 0.5 } } },
      }
      assert.same({ "⠋ hello  STARTING  0ms   " .. bar_of(15, 15) .. "  50%" }, shown:lines(80))
    end)
  end)

  it("follows changes of a state, which ends with its task", function()
    with("progress", { columns = 80, environment = PLAIN }, function(progress)
      local shown = progress.new "hello"
      local change = { { op = "replace", path = "/progress", value = 0.75 } }
      local function line() return shown:lines(80)[1]:match "copy.*$" end
      shown:see(task_event("STARTED", { progress = 0.5 }))
      shown:see(task_event("IN_PROGRESS", change, { patch = true }))
      assert.equal("copy " .. bar_of(23, 7) .. "  75%", line())
      shown:see(task_event("IN_PROGRESS", { { op = "no", path = "/progress" } }, { patch = true }))
      assert.equal("copy " .. bar_of(23, 7) .. "  75%", line())
      shown:see(task_event("COMPLETED", { progress = 1 }))
      assert.is_nil(line())
      shown:see(task_event("IN_PROGRESS", change, { patch = true }))
      assert.equal("copy", line())
    end)
  end)
end)

describe("the text of a stream", function()
  -- What is written for the states of a task, one after the other, and the lines that are drawn then.
  local function streamed(given, states, columns, finished)
    local drawn
    local _, err = with("progress", given, function(progress)
      local shown = progress.new("hello", "token")
      for _, state in ipairs(states) do shown:see(task_event("IN_PROGRESS", state, { stream = "token" })) end
      drawn = shown:lines(columns or 80)
      if finished ~= false then shown:finish() end
    end)
    return err, drawn
  end

  it("is written as it comes where there is no terminal, to the end of its line", function()
    assert.equal("Hello\n", (streamed({}, { "Hel", "Hel", "Hello" })))
    assert.equal("Hello\nyou\n", (streamed({}, { "Hello\n", "Hello\n", "Hello\nyou\n", "Hello\nyou\n" })))
    assert.equal("Hello\nBye\n", (streamed({}, { "Hello", "Bye" })))
    assert.equal("", (streamed({}, { 7, {} })))
    local _, err = with("progress", {}, function(progress)
      local shown = progress.new("hello", "token")
      shown:see(task_event("STARTED", "a", { stream = "token" }))
      shown:finish()
      shown:finish()
    end)
    assert.equal("a\n", err)
  end)

  it("is that of the stream that was asked for, of each task", function()
    local _, err = with("progress", {}, function(progress)
      local shown = progress.new("hello", "token")
      shown:see(task_event("IN_PROGRESS", "a", { stream = "other" }))
      shown:see(task_event("IN_PROGRESS", "b"))
      shown:see(task_event("IN_PROGRESS", "bc\n", { stream = "token" }))
      shown:see(task_event("IN_PROGRESS", "d\n", { stream = "token", id = "u" }))
      shown:see(task_event("COMPLETED", "bcd\n", { stream = "token" }))
      shown:finish()
      shown = progress.new "hello"
      shown:see(task_event("IN_PROGRESS", "e"))
      shown:see(task_event("IN_PROGRESS", "e", { stream = "token" }))
      local event = task_event("IN_PROGRESS", "e")
      event.data = {}
      shown:see(event)
      shown:finish()
    end)
    assert.equal("bc\nd\n\nbcd\n", err)
  end)

  it("is the state, its member text or content, or its only text", function()
    for _, state in ipairs {
      "a", { text = "a", content = "b", more = "c" }, { content = "a", more = "c" }, { more = "a", n = 1 },
    } do
      assert.equal("a\n", (streamed({}, { state })))
    end
    assert.equal("", (streamed({}, { { more = "a", other = "b" } })))
    assert.equal("", (streamed({}, { { text = 5, n = true } })))
  end)

  it("is written line by line above what is drawn, and the last one when it ends", function()
    local given = { errors = 11, environment = PLAIN }
    local states = { "The cat sat", "The cat sat on\r\nthe\27 mat", "The cat sat on\r\nthe\27 mat." }
    local err, drawn = streamed(given, states, 5)
    assert.equal("The cat sa\nt on\nthe  mat.\n", err)
    assert.same({ "the …", "⠋ he…" }, drawn)
    err, drawn = streamed(given, { "a\n\nb\n" })
    assert.equal("a\n\nb\n", err)
    assert.same({ "⠋ hello  STARTING  0ms  copy" }, drawn)
    err, drawn = streamed(given, { "0123456789" }, nil, false)
    assert.equal("", err)
    assert.equal("0123456789", drawn[1])
  end)

  it("is shown on the narrowest terminal", function()
    assert.equal("日\n本\nab\n", (streamed({ errors = 1 }, { "日本ab" })))
  end)

  it("leaves nothing of what was drawn when it ends", function()
    local _, err = display.run({ errors = 80, environment = PLAIN, now = 0 }, function(given)
      local screen, progress = require "mistral.workflows.cli.screen", require "mistral.workflows.cli.progress"
      local shown = progress.new("hello", "token")
      screen.live(function(columns) return shown:lines(columns) end)
      shown:see(task_event("IN_PROGRESS", "a", { stream = "token" }))
      screen.draw()
      shown:finish()
      given.now = 1
      screen.draw()
      screen.live(function(columns) return shown:lines(columns) end)
      screen.draw()
      shown:finish()
    end)
    assert.equal(ERASE .. "a\n⠋ hello  STARTING  0ms  copy\27[1A\r" .. ERASE .. "a\n"
      .. ERASE .. "⠋ hello  STARTING  1.0s  copy\r" .. ERASE, err)
  end)
end)

describe("the line of a batch", function()
  it("has a bar, what is done, the rate, the time that is left and the failures", function()
    with("tally", { columns = 80, environment = PLAIN }, function(tally, given)
      local counted = tally.new(100)
      assert.same({ bar_of(0, 40) .. "  0/100" }, counted:lines(80))
      counted:add(1, "COMPLETED")
      assert.same({ bar_of(0, 40) .. "  1/100  1000.0/s  99ms left" }, counted:lines(80))
      given.now = 10
      for number = 2, 20 do counted:add(number, "COMPLETED", nil, true) end
      for number = 21, 50 do counted:add(number, "COMPLETED") end
      assert.same({ bar_of(20, 40 - 20) .. "  50/100  3.1/s  16s left" }, counted:lines(80))
      counted:add(51, "FAILED")
      assert.same({ bar_of(20, 20) .. "  51/100  3.2/s  15s left  1 failed" }, counted:lines(80))
      counted:add(52, "TIMED_OUT", nil, true)
      assert.same({ bar_of(21, 19) .. "  52/100  3.2/s  15s left  2 failed" }, counted:lines(80))
      assert.same({ bar_of(0, 40) .. "  0/0" }, tally.new(0):lines(80))
      local one = tally.new(1)
      given.now = 12
      one:add(1, "COMPLETED")
      assert.same({ bar_of(40, 0) .. "  1/1  0.5/s  0ms left" }, one:lines(80))
    end)
  end)

  it("fits into the columns that there are", function()
    with("tally", { columns = 80, environment = PLAIN }, function(tally)
      local counted = tally.new(100)
      for number = 1, 50 do counted:add(number, "COMPLETED", nil, true) end
      local lines = {
        [48] = bar_of(20, 20) .. "  50/100", [47] = bar_of(20, 19) .. "  50/100", [14] = bar_of(3, 3) .. "  50/100",
        [13] = "50/100", [6] = "50/100", [5] = "50/1…", [0] = "",
      }
      for columns, line in pairs(lines) do assert.same({ line }, counted:lines(columns)) end
    end)
  end)

  it("ends with how many of each status, and the first ten failures in order", function()
    local function said(outcomes)
      local _, err = with("tally", { now = 5 }, function(tally, given)
        local counted = tally.new(#outcomes)
        for _, outcome in ipairs(outcomes) do counted:add(outcome[1], outcome[2], outcome[3]) end
        given.now = 70
        counted:summarize()
      end)
      return err
    end
    assert.equal("0 inputs: none, in 1m05s\n", said {})
    assert.equal("1 input: 1 COMPLETED, in 1m05s\n", said { { 1, "COMPLETED" } })
    assert.equal("4 inputs: 1 COMPLETED, 1 TIMED_OUT, 2 FAILED, in 1m05s\n  input 1: TIMED_OUT\n"
      .. "  input 2: FAILED: bo m\n  input 10: FAILED: 100 %\n",
      said { { 10, "FAILED", "100 %" }, { 2, "FAILED", "bo\nm" }, { 3, "COMPLETED" }, { 1, "TIMED_OUT" } })
    assert.equal("6 inputs: 1 CANCELED, 1 COMPLETED, 1 FAILED, 1 LOST, 1 TERMINATED, 1 TIMED_OUT, in 1m05s",
      said {
        { 1, "COMPLETED" }, { 2, "FAILED" }, { 3, "TIMED_OUT" }, { 4, "CANCELED" }, { 5, "TERMINATED" }, { 6, "LOST" },
      }:match "^[^\n]*")
    local outcomes, lines = {}, "%d inputs: %d FAILED, in 1m05s\n"
    for number = 1, 10 do
      outcomes[number] = { number, "FAILED" }
      lines = lines .. "  input " .. number .. ": FAILED\n"
    end
    assert.equal(lines:format(10, 10), said(outcomes))
    outcomes[11] = { 11, "FAILED" }
    assert.equal(lines:format(11, 11) .. "  and 1 more\n", said(outcomes))
  end)
end)
