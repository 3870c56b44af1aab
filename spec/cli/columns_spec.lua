-- What a terminal makes of a text, and what the tool makes of times and of lists in columns.

local display = require "spec.support.display"
local text = require "mistral.workflows.cli.text"
local time = require "mistral.workflows.cli.time"

-- A code point from U+0080 on in UTF-8.
local function utf8_of(point)
  if point < 0x800 then return string.char(0xC0 + math.floor(point / 64), 0x80 + point % 64) end
  local last = string.char(0x80 + math.floor(point / 64) % 64, 0x80 + point % 64)
  if point < 0x10000 then return string.char(0xE0 + math.floor(point / 4096)) .. last end
  return string.char(0xF0 + math.floor(point / 262144), 0x80 + math.floor(point / 4096) % 64) .. last
end

describe("the width of a text", function()
  -- First and last of East Asian Wide and Fullwidth characters and emoji, and of those that combine with others.
  local ranges = {
    [2] = {
      0x1100, 0x115F, 0x2329, 0x232A, 0x2E80, 0x303E, 0x3041, 0xA4CF, 0xA960, 0xA97C, 0xAC00, 0xD7A3, 0xF900, 0xFAFF,
      0xFE30, 0xFE6F, 0xFF01, 0xFF60, 0xFFE0, 0xFFE6, 0x1F300, 0x1F64F, 0x1F680, 0x1F6FF, 0x1F900, 0x1F9FF,
      0x20000, 0x3FFFD,
    },
    [0] = {
      0x0300, 0x036F, 0x0483, 0x0489, 0x0591, 0x05BD, 0x0610, 0x061A, 0x064B, 0x065F, 0x0E34, 0x0E3A, 0x1AB0, 0x1AFF,
      0x1DC0, 0x1DFF, 0x200B, 0x200F, 0x202A, 0x202E, 0x2060, 0x2064, 0x2066, 0x206F, 0x20D0, 0x20FF, 0xFE00, 0xFE0F,
      0xFE20, 0xFE2F, 0xFEFF, 0xFEFF, 0xE0100, 0xE01EF,
    },
  }

  it("is that of its characters", function()
    assert.equal(0, text.width "")
    assert.equal(3, text.width "abc")
    assert.equal(3, text.width "a\255b\255\128c") -- what is no UTF-8 takes nothing
    for width, list in pairs(ranges) do
      for index = 1, #list, 2 do
        local name = ("U+%04X"):format(list[index])
        assert.equal(1 + width, text.width("a" .. utf8_of(list[index])), name)
        assert.equal(width, text.width(utf8_of(list[index + 1])), name .. " to its end")
        if list[index] ~= 0xFE30 then assert.equal(1, text.width(utf8_of(list[index] - 1)), "before " .. name) end
        if list[index + 1] ~= 0xFE2F then
          assert.equal(1, text.width(utf8_of(list[index + 1] + 1)), "behind " .. name)
        end
      end
    end
    for _, point in ipairs { 0x80, 0xE9, 0x2026, 0x2588, 0xFFFD, 0x10FFFF } do
      assert.equal(1, text.width(utf8_of(point)))
    end
  end)

  it("is what it is cut to, split at and padded to", function()
    local cuts = {
      { "hello", 6, "hello" }, { "hello", 5, "hello" }, { "hello", 4, "hel…" }, { "hello", 1, "…" }, { "hello", 0, "" },
      { "hello", -1, "" }, { "日本語", 6, "日本語" }, { "日本語", 5, "日本…" }, { "日本語", 4, "日…" },
      { "日本語", 2, "…" }, { "e\204\129e\204\129e", 2, "e\204\129…" }, { "", 0, "" },
    }
    for _, case in ipairs(cuts) do assert.equal(case[3], text.cut(case[1], case[2])) end
    assert.same({ "hel", "lo" }, { text.split("hello", 3) })
    assert.same({ "hello", "" }, { text.split("hello", 5) })
    assert.same({ "日", "本" }, { text.split("日本", 2) })
    assert.same({ "日", "本" }, { text.split("日本", 3) })
    assert.same({ "日本", "" }, { text.split("日本", 4) })
    assert.same({ "e\204\129", "e" }, { text.split("e\204\129e", 1) })
    assert.equal("日本 ", text.pad("日本", 5))
    assert.equal(" 日本", text.pad("日本", 5, true))
    assert.equal("日本", text.pad("日本", 3))
  end)
end)

describe("a text of somebody else", function()
  it("has spaces for control characters, and nothing that turns the direction of writing", function()
    assert.equal("a b c d e~f", text.clean "a\0b\tc\31d\127e~f")
    assert.equal("ab", text.clean "a\194\128b")
    assert.equal("ab", text.clean "a\194\159b")
    assert.equal("a\194\160b", text.clean "a\194\160b")
    for point = 0x2028, 0x2030 do
      local character = utf8_of(point)
      assert.equal(point >= 0x202A and point <= 0x202E and "" or character, text.clean(character))
    end
    for point = 0x2064, 0x206B do
      local character = utf8_of(point)
      assert.equal(point >= 0x2066 and point <= 0x2069 and "" or character, text.clean(character))
    end
  end)

  it("has none of them either where taking one out would put another together", function()
    local override = utf8_of(0x202E)
    assert.equal("a b", text.clean("a\226" .. override .. "\128\174b"))
    assert.equal("a b", text.clean("a\194" .. override .. "\155b"))
    assert.equal("ab", text.clean("a\226\129" .. override .. "\166b"))
    local nested = ("\226"):rep(1000) .. override .. ("\128\174"):rep(1000)
    assert.is_nil(text.clean(nested):find(override, 1, true))
  end)

  it("has its escapes shown in JSON", function()
    local json = '"a\127' .. utf8_of(0x9B) .. utf8_of(0x202A) .. utf8_of(0x202E) .. utf8_of(0x2066) .. "é日" .. '"'
    assert.equal('"a\\u007f\\u009b\\u202a\\u202e\\u2066é日"', text.visible_json(json))
  end)

  it("is a list of lines", function()
    assert.same({ "a", "", "b c" }, text.lines "a\r\n\nb\rc")
    assert.same({ "" }, text.lines "")
    assert.same({ "" }, text.lines "\n\n")
    assert.same({ "", "a" }, text.lines "\na\n")
  end)

  it("is counted in words", function()
    assert.equal("0 inputs", text.count(0, "input"))
    assert.equal("1 input", text.count(1, "input"))
    assert.equal("2 inputs", text.count(2, "input"))
    assert.equal("2 entries", text.count(2, "entry", "entries"))
    assert.equal("1 entry", text.count(1, "entry", "entries"))
  end)
end)

describe("a time", function()
  it("is read as a duration, in each unit", function()
    local seconds = {
      ["0"] = 0, ["1.5"] = 1.5, ["1ms"] = 0.001, ["1s"] = 1, ["1m"] = 60, ["1h"] = 3600, ["1d"] = 86400,
      ["1w"] = 604800, ["1.5h"] = 5400, ["1w2d3h4m5s"] = 788645, ["1m1m"] = 120,
    }
    for written, expected in pairs(seconds) do assert.equal(expected, time.duration(written), written) end
    for _, wrong in ipairs { "-1", "1h ", ".5h", "1hh", "1H" } do assert.is_nil(time.duration(wrong), wrong) end
  end)

  it("is a duration of an option, more than nothing", function()
    assert.equal(0.5, time.to_duration "0.5")
    for _, wrong in ipairs { "0", "0s", "soon" } do
      assert.same({ nil, ("'%s' is no duration; write 30s, 10m, 24h or 7d"):format(wrong) },
        { time.to_duration(wrong) })
    end
  end)

  it("is a moment of an option, or so long ago", function()
    display.run({ time = 1000000 }, function()
      local fresh = require "mistral.workflows.cli.time"
      assert.equal(1000000 - 5400, fresh.to_moment "1h30m")
      assert.equal(1000000, fresh.to_moment "0")
      assert.equal(1767225600, fresh.to_moment "2026-01-01T00:00:00Z")
      assert.same({ nil, "'soon' is no time; write 24h, 7d or 2026-01-31T08:00:00Z" }, { fresh.to_moment "soon" })
    end)
  end)

  it("is written as schedules want it, in whole seconds", function()
    assert.equal("PT5400S", time.iso(5400))
    assert.equal("PT5S", time.iso(5))
    local ok, raised = pcall(time.iso, 1.5)
    assert.is_false(ok)
    assert.same({ status = 2, message = "a schedule takes whole seconds, not 1.5" }, raised)
  end)

  it("is written in at most two units", function()
    local cases = {
      { 0, "0ms" }, { 0.0004, "0ms" }, { 0.0005, "1ms" }, { 0.9994, "999ms" }, { 0.9996, "1.0s" }, { 1, "1.0s" },
      { 9.94, "9.9s" }, { 9.95, "10s" }, { 10.4, "10s" }, { 10.5, "11s" }, { 59.4, "59s" }, { 59.5, "1m00s" },
      { 65, "1m05s" }, { 3599, "59m59s" }, { 3599.5, "1h00m" }, { 3661, "1h01m" }, { 86399, "23h59m" }, { 86400, "1d" },
      { 86400 + 3600, "1d01h" }, { 2 * 86400 + 3599, "2d" }, { 10 * 86400 + 23 * 3600, "10d23h" },
    }
    for _, case in ipairs(cases) do assert.equal(case[2], time.length(case[1])) end
  end)

  it("is near or far in one unit", function()
    local cases = {
      { 0, "now" }, { 0.99, "now" }, { 1, "1s" }, { 89, "89s" }, { 90, "1m" }, { 5399, "89m" }, { 5400, "1h" },
      { 172799, "47h" }, { 172800, "2d" }, { 864000, "10d" },
    }
    for _, case in ipairs(cases) do
      local now = case[2] == "now"
      assert.equal(now and "now" or case[2] .. " ago", time.relative(1e6 - case[1], 1e6))
      assert.equal(now and "now" or "in " .. case[2], time.relative(1e6 + case[1], 1e6))
    end
  end)

  it("is that of the clock, of the machine or in UTC", function()
    assert.equal("2026-01-31 08:00:59Z", time.clock(1769846459.9, true))
    assert.equal("08:00", time.clock(1769846459, true, "%H:%M"))
    assert.equal(os.date("%Y-%m-%d %H:%M:%S", 1769846459), time.clock(1769846459))
    assert.equal(os.date("%d", 1769846459), time.clock(1769846459, false, "%d"))
  end)
end)

describe("a list", function()
  local PLAIN = { NO_COLOR = "1" }

  local function lines_of(columns, width, items, environment)
    local _, _, lines = display.run({ columns = width, environment = environment or PLAIN }, function()
      return require("mistral.workflows.cli.listing").new(columns, width):lines(items)
    end)
    return lines
  end

  local people = {
    { title = "NAME", field = "name" },
    { title = "AGE", field = "age", right = true },
    { title = "HOME", field = "home.town", show = function(value, item) return value:upper(), item.colour end },
    { title = "NONE", field = "none" },
  }
  local items = {
    { name = "日本", age = 7, home = { town = "kyoto" }, colour = "red" }, { name = "a\tb", age = 100 }, "no item",
  }

  it("has titles and aligned columns on a terminal, without those that are empty", function()
    assert.same({ "NAME  AGE  HOME", "日本    7  KYOTO", "a b   100", "" }, lines_of(people, 80, items))
    assert.same({}, lines_of(people, 80, {}))
    assert.same({ "NAME", "x" }, lines_of(people, 80, { { name = "x" } }))
  end)

  it("has bold titles and the colours of what is shown", function()
    assert.same({
      "\27[1mNAME\27[0m  \27[1mAGE\27[0m  \27[1mHOME\27[0m", "日本    7  \27[31mKYOTO\27[0m", "a b   100", "",
    }, lines_of(people, 80, items, {}))
  end)

  it("is values between tabs elsewhere, all of them", function()
    assert.same({ "日本\t7\tKYOTO\t", "a b\t100\t\t", "\t\t\t" }, lines_of(people, nil, items))
    assert.same({}, lines_of(people, nil, {}))
  end)

  it("has columns made of an item", function()
    local columns = { { title = "SUM", value = function(item) return item.a + item.b end } }
    assert.same({ "3", "" }, lines_of(columns, nil, { { a = 1, b = 2 }, "no item" }))
  end)

  it("has one head, and columns that become wider as they must", function()
    local _, _, more = display.run({ columns = 80, environment = PLAIN }, function()
      local rows = require("mistral.workflows.cli.listing").new(people, 80)
      return { rows:lines { { name = "ab", age = 1 } }, rows:lines { { name = "abcdef", age = 2 } },
        rows:lines { { name = "a", age = 3 } } }
    end)
    assert.same({ { "NAME  AGE", "ab      1" }, { "abcdef    2" }, { "a         3" } }, more)
  end)

  it("narrows the widest, to its least width, those that are kept last, and leaves out what may go", function()
    local function cut(width, ...)
      local columns, item = {}, {}
      for index, column in ipairs { ... } do
        column.title, column.field = "T", tostring(index)
        columns[index], item[column.field] = column, (("abcd"):sub(index, index)):rep(column.length)
      end
      return lines_of(columns, width, { item })[2]
    end
    assert.equal("aaaaaaaaaaaa  bbbbbbbbbbbb", cut(26, { length = 12 }, { length = 12 }))
    assert.equal("aaaaaaaaaa…  bbbbbbbbbbbb", cut(25, { length = 12 }, { length = 12 }))
    assert.equal("aaaaaaaaaa…  bbbbbbbbbb…", cut(24, { length = 12 }, { length = 12 }))
    assert.equal("aaaaaaaaaaa  bbbbbbbbb…", cut(23, { length = 11, keep = true }, { length = 12 }))
    assert.equal("aaaaaaa…  bbbbbbb…", cut(18, { length = 12 }, { length = 12 }))
    assert.equal("aaaaaaa…  bbbbb…", cut(16, { length = 12 }, { length = 12 }))
    assert.equal("aaaaaaa…", cut(9, { length = 12 }, { length = 12 }))
    assert.equal("aaaaaaaaaaa…", cut(18, { length = 14, least = 12 }, { length = 12 }):match "^%S+")
    assert.equal("aaa…  bbbbbbb…", cut(14, { length = 12, least = 4 }, { length = 12 }))
    assert.equal("aaaaaaaaaa…  b", cut(14, { length = 12 }, { length = 1 }))
    assert.equal("aaaaaaa…  bbbbbbb…", cut(18, { length = 12, keep = true }, { length = 12 }))
    assert.equal("bbbbbbbbbb", cut(12, { length = 10, drop = true }, { length = 10 }))
    assert.equal("aaaaaaaaaa", cut(10, { length = 10 }, { length = 1, drop = true }))
    -- The last that may go is the first that does; then there is room for the others again.
    assert.equal("aaaaaaaaaa  bbbbbbbbbb",
      cut(24, { length = 10 }, { length = 10, drop = true }, { length = 10, drop = true }))
    assert.equal("aaaaaaaaaa  cccccccccc", cut(24, { length = 10 }, { length = 10, drop = true }, { length = 10 }))
    assert.equal("aaaaaaaaaa", cut(12, { length = 10 }, { length = 10, drop = true }, { length = 10, drop = true }))
    assert.equal("aaaaaaaaaa…", cut(11, { length = 20, keep = true }, { length = 10, drop = true }))
  end)

  it("is written line by line", function()
    local out = display.run({}, function()
      require("mistral.workflows.cli.listing").new({ { title = "A", field = "a" } }):add { { a = 1 }, { a = 2 } }
    end)
    assert.equal("1\n2\n", out)
  end)
end)
