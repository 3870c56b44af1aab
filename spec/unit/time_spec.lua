-- Date-times and seconds since 1970, and values that may be null. The cases of the reader and the writer are those of
-- spec/c/test_rfc3339.c.

local workflows = require "mistral.workflows"

local time = workflows.time

describe("workflows.time", function()
  it("reads each form of the service", function()
    assert.equal(1764064800, time.parse "2025-11-25T10:00:00Z")
    assert.equal(1774450975.234755, time.parse "2026-03-25T15:02:55.234755Z")
    assert.equal(1774450975.234755, time.parse "2026-03-25 15:02:55.234755+00:00")
    assert.equal(1774450975.234755, time.parse "2026-03-25 16:02:55.234755+01")
    assert.equal(1774450975.234755, time.parse "1774450975234755000")
    assert.equal(1774450975.234755, time.parse(workflows.json.decode "1774450975234755000"))
    assert.equal(1774450975.234756, time.parse "1774450975234755999")
  end)

  it("gives whole seconds without a fraction", function()
    assert.equal("1764064800", tostring(time.parse "2025-11-25T10:00:00.000000Z"))
  end)

  it("says what is wrong with a text", function()
    local cases = {
      ["tomorrow"] = "not a date-time like 2026-03-25T15:02:55Z",
      ["1764064800"] = "not a date-time like 2026-03-25T15:02:55Z",
      ["2026-02-30T00:00:00Z"] = "no such date or time of day",
      ["2026-03-25T15:02:55"] = "a date-time without a zone (Z, or an offset like +01:00)",
      ["2026-03-25T15:02:55Z\0"] = "a date-time with something behind it",
    }
    for text, message in pairs(cases) do
      local seconds, problem = time.parse(text)
      assert.is_nil(seconds)
      assert.equal(message, problem)
    end
  end)

  it("says what is no time where an answer has something else", function()
    for _, value in ipairs { {}, true, print } do
      local seconds, problem = time.parse(value)
      assert.is_nil(seconds)
      assert.equal("a time is text or a number, not a " .. type(value), problem)
    end
  end)

  it("says that there is none where an answer has null", function()
    for _, value in ipairs { workflows.null, false } do
      local seconds, problem = time.parse(value or nil)
      assert.is_nil(seconds)
      assert.equal("there is no time: null", problem)
    end
    assert.is_false((pcall(time.parse)))
  end)

  it("writes UTC, with microseconds where there are any", function()
    assert.equal("1970-01-01T00:00:00Z", time.format(0))
    assert.equal("2025-11-25T10:00:00Z", time.format(1764064800))
    assert.equal("2026-03-25T15:02:55.234755Z", time.format(1774450975.234755))
    local text, problem = time.format(1 / 0)
    assert.is_nil(text)
    assert.equal("not a time of the years 0 to 9999", problem)
  end)

  it("depends on no locale", function()
    local before = os.setlocale(nil, "numeric")
    os.setlocale("de_DE.UTF-8", "numeric")
    assert.equal(1774450975.25, time.parse "2026-03-25T15:02:55.25Z")
    assert.equal("2026-03-25T15:02:55.250000Z", time.format(1774450975.25))
    os.setlocale(before, "numeric")
  end)

  it("agrees with os.date", function()
    for day = 0, 20000, 37 do
      local seconds = day * 86400 + day
      local text = time.format(seconds)
      assert.equal(os.date("!%Y-%m-%dT%H:%M:%SZ", seconds), text)
      assert.equal(seconds, time.parse(text))
    end
  end)
end)

describe("workflows.value", function()
  it("gives the default for nil and null only", function()
    assert.equal("d", workflows.value(nil, "d"))
    assert.equal("d", workflows.value(workflows.null, "d"))
    assert.is_nil(workflows.value(workflows.null))
    assert.is_false(workflows.value(false, "d"))
    assert.equal("", workflows.value("", "d"))
    assert.equal(0, workflows.value(0, "d"))
  end)
end)
