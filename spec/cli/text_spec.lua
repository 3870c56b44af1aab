-- Widths, cutting, times and trees of the tool, without a network.

local annotations = require "mistral.workflows.cli.annotations"
local batch_inputs = require "mistral.workflows.cli.batch_inputs"
local events = require "mistral.workflows.cli.events"
local journal = require "mistral.workflows.cli.journal"
local listing = require "mistral.workflows.cli.listing"
local progress = require "mistral.workflows.cli.progress"
local schema = require "mistral.workflows.cli.schema"
local tally = require "mistral.workflows.cli.tally"
local text = require "mistral.workflows.cli.text"
local time = require "mistral.workflows.cli.time"
local trace = require "mistral.workflows.cli.trace"
local trace_svg = require "mistral.workflows.cli.trace_svg"
local workflows = require "mistral.workflows"

describe("text", function()
  it("knows how wide characters are", function()
    assert.equal(5, text.width "hello")
    assert.equal(4, text.width "häß…")
    assert.equal(4, text.width "日本")
    assert.equal(2, text.width "🚀")
    assert.equal(1, text.width "e\204\129") -- with a combining accent
  end)

  it("cuts at characters", function()
    assert.equal("hello", text.cut("hello", 5))
    assert.equal("hel…", text.cut("hello", 4))
    assert.equal("日…", text.cut("日本語", 4))
    assert.equal("…", text.cut("hello", 1))
    assert.equal("", text.cut("hello", 0))
    assert.same({ "日本", "語" }, { text.split("日本語", 5) })
  end)

  it("lets nothing through that moves the cursor or turns the text", function()
    assert.equal("a [31m b c", text.clean "a\27[31m\nb\tc")
    assert.equal("ab", text.clean "a\194\155b") -- CSI of C1
    assert.equal("ab", text.clean "a\226\128\174b") -- right to left override
    assert.equal("é “x” …", text.clean "é “x” …")
    assert.same({ "a", "b c" }, text.lines "a\r\nb\tc\n\n")
  end)
end)

describe("time", function()
  it("reads durations", function()
    local seconds = { ["90"] = 90, ["30s"] = 30, ["1h30m"] = 5400, ["7d"] = 604800, ["250ms"] = 0.25 }
    for written, expected in pairs(seconds) do assert.equal(expected, time.duration(written)) end
    for _, wrong in ipairs { "", "h", "1y", "1h2", "-1h", "1 h", "nan", "0x" } do
      assert.is_nil(time.duration(wrong))
    end
  end)

  it("writes lengths and distances", function()
    local lengths = {
      [0.56] = "560ms", [1.52] = "1.5s", [9.97] = "10s", [65] = "1m05s", [3600] = "1h00m", [90000] = "1d01h",
    }
    for seconds, expected in pairs(lengths) do assert.equal(expected, time.length(seconds)) end
    assert.equal("now", time.relative(100, 100))
    assert.equal("89s ago", time.relative(11, 100))
    assert.equal("in 89m", time.relative(5340, 0))
    assert.equal("2d ago", time.relative(0, 172800))
  end)
end)

describe("a list", function()
  it("leaves each column its least width, and then drops those that may go", function()
    local columns = {
      { title = "A", field = "a" }, { title = "B", field = "b", least = 5 }, { title = "C", field = "c", drop = true },
    }
    local function row(width)
      return listing.new(columns, width):lines { { a = ("a"):rep(20), b = ("b"):rep(20), c = ("c"):rep(20) } }[2]
    end
    assert.equal("aaaaaaa…  bbbb…  ccccccc…", row(25))
    assert.equal("aaaaaaaaaa…  bbbbbbbbbb…", row(24))
    assert.equal("aaaaaaa…  bbbb…", row(15))
  end)
end)

describe("progress", function()
  it("knows shares of one, of a hundred and of a total", function()
    for _, state in ipairs { { progress = 0.25 }, { progress = 25 }, { percent = 25 }, { done = 1, total = 4 } } do
      local seen = progress.new "hello"
      seen:see {
        event_type = "CUSTOM_TASK_IN_PROGRESS",
        attributes = { custom_task_id = "t", custom_task_type = "copy", payload = { type = "json", value = state } },
      }
      assert.truthy(seen:lines(80)[1]:find "  copy [━─]+  25%%$")
    end
  end)

  it("of a batch has the rate of what this program has done", function()
    local counted = tally.new(100)
    for number = 1, 40 do counted:add(number, "COMPLETED", nil, true) end
    assert.equal("40/100", counted:lines(80)[1]:match "%d+/.*$")
    counted:add(41, "FAILED")
    assert.truthy(counted:lines(80)[1]:find "41/100  [%d.]+/s  .* left  1 failed$")
  end)
end)

describe("trace", function()
  local tree = { name = "root <&>", start_time_unix_nano = 1e18, end_time_unix_nano = 1e18 + 4e9, children = {
    { name = "late", start_time_unix_nano = 1e18 + 2e9, attributes = { ["task.outcome"] = "FAILED" },
      end_time_unix_nano = 1e18 + 3e9, events = { { name = "X\27[0m", timestamp_unix_nano = 1e18 + 25e8 } } },
    { name = "early", start_time_unix_nano = 1e18 + 1e9 },
    "no span",
  } }

  it("puts spans on one axis, the earlier ones first", function()
    local rows, total = trace.rows(tree, 1e9 + 10)
    assert.equal(10, total)
    assert.same({ "root <&>", "early", "late" }, { rows[1].name, rows[2].name, rows[3].name })
    assert.same({ 1, 10, true }, { rows[2].start, rows[2].finish, rows[2].running })
    assert.equal("red", trace.colour(rows[3]))
  end)

  it("takes spans as deep as 100, and shows what became of them", function()
    local span = { name = "0" }
    for depth = 1, 150 do span = { name = tostring(depth), children = { span } } end
    assert.equal(101, #trace.rows(span, 0))
    local colours = { X_TIMED_OUT = "red", X_FAILED = "red", X_CANCELED = "yellow", X_COMPLETED = "green" }
    for event, colour in pairs(colours) do
      span = { start_time_unix_nano = 1e18, end_time_unix_nano = 2e18, events = { { name = event } } }
      assert.equal(colour, trace.colour(trace.rows(span, 0)[1]))
    end
  end)

  it("marks the axis at round moments", function()
    assert.same({ 0, 2, 4, 6, 8, 10 }, trace.ticks(10, 6))
    assert.same({ 0 }, trace.ticks(0, 6))
  end)

  it("draws a picture that is XML, whatever names hold", function()
    local picture = trace_svg(trace.rows(tree, 1e9 + 10), 10, "a <b> & \"c\"", "")
    assert(picture:find("root &lt;&amp;&gt;", 1, true))
    assert(picture:find('a &lt;b&gt; &amp; &quot;c&quot;', 1, true))
    assert(not picture:find "\27")
    local depth = 0
    for slash, closing in picture:gmatch "<(/?)%a[^<>]-(/?)>" do
      if slash == "/" then depth = depth - 1 elseif closing == "" then depth = depth + 1 end
    end
    assert.equal(0, depth)
  end)
end)

describe("schemas", function()
  local definition = assert(workflows.json.decode [[{
    "type": "object", "required": ["id"],
    "properties": {
      "id": { "type": "string", "description": "Which\none." },
      "kind": { "enum": ["a", "b", null] },
      "tags": { "type": "array", "items": { "anyOf": [{ "type": "string" }, { "type": "integer" }] } },
      "node": { "$ref": "#/$defs/Node" },
      "more": { "type": "object", "additionalProperties": { "type": "number" } },
      "odd-name": { "type": ["boolean", "null"], "default": true },
      "one": { "const": 5 }, "word": { "$ref": "#/$defs/A" }
    },
    "$defs": {
      "A": { "$ref": "#/$defs/B" }, "B": { "$ref": "#/$defs/C" }, "C": { "type": "string" },
      "Node": { "type": "object", "properties": { "next": { "$ref": "#/$defs/Node" } } } }
  }]])

  it("are told in a few words", function()
    local lines = schema.outline(definition)
    assert.equal("id        string                     Which one. (required)", lines[1])
    assert.equal('kind      "a" | "b" | null', lines[2])
    assert.equal("odd-name  boolean or null            (default true)", lines[5])
    assert.equal("one       5", lines[6])
    assert.equal("tags      list of string or integer", lines[7])
    assert.equal("word      string", lines[8])
    assert.same({}, schema.outline(workflows.null))
  end)

  it("become classes, those that refer to themselves too", function()
    local types = annotations.new()
    assert.equal("workflows.x.input", types:add(definition, "workflows.x", "input"))
    local written = table.concat(types.lines)
    for _, line in ipairs {
      "---@class workflows.x.input", "---@field id string Which one.", '---@field kind? "a"|"b"|mistral.workflows.Null',
      "---@field tags? (string|integer)[]", "---@field node? workflows.x.Node", "---@class workflows.x.Node",
      "---@field next? workflows.x.Node", "---@field more? table<string, number>",
      '---@field ["odd-name"]? boolean|mistral.workflows.Null', "---@field one? 5", "---@field word? string",
    } do
      assert(written:find(line .. "\n", 1, true), line .. " is not in\n" .. written)
    end
  end)

  it("have names that can stand in the name of a class", function()
    assert.equal("_3d_model", annotations.word "3d-model")
    assert.equal("model_3d", annotations.word "model 3d")
  end)

  it("of a hostile service cost no more than a bounded time", function()
    local node = { type = "object", properties = {} }
    node.properties.a, node.properties.b = { ["$ref"] = "#" }, { ["$ref"] = "#/nowhere" }
    node.properties.c = { ["$ref"] = "#/properties/c" }
    local deep = { type = "string" }
    for _ = 1, 5000 do deep = { type = "array", items = deep } end
    node.properties.deep = deep
    local types = annotations.new()
    types:add(node, "w", "input")
    assert(#schema.outline(node) == 4)
  end)
end)

describe("a batch", function()
  it("takes another id for an input that it starts once more", function()
    local ids = {}
    for _, case in ipairs { { 1, 0 }, { 1, 1 }, { 1, 2 }, { 2, 0 } } do
      ids[batch_inputs.id("w", "line", case[1], case[2])] = true
    end
    local count = 0
    for id in pairs(ids) do
      assert.equal(64, #id)
      count = count + 1
    end
    assert.equal(4, count)
    assert.equal(batch_inputs.id("w", "line", 1, 0), batch_inputs.id("w", "line", 1, 0))
  end)

  it("passes over what is no entry of its journal", function()
    local path = os.tmpname()
    local file = assert(io.open(path, "w"))
    file:write('{"n":1}\n5\n{"id":"a","n":2}\n{"id":"b"')
    file:close()
    local opened = journal.open(path)
    assert.same({ id = "a", n = 2 }, (opened:find "a"))
    assert.is_nil(opened:find "b")
    opened:add '{"id":"c"}'
    opened:close()
    assert.same({ id = "c" }, (journal.open(path):find "c"))
    os.remove(path)
  end)
end)

describe("an event", function()
  it("has its time in nanoseconds, as a number or as text", function()
    assert.equal(1.5, events.moment { event_timestamp = "1500000000" })
    assert.equal(2, events.moment { event_timestamp = 2000000000 })
    assert.is_nil(events.moment {})
  end)
end)
