-- LuaCATS classes of JSON schemas, and the journal of a batch.

local annotations = require "mistral.workflows.cli.annotations"
local journal = require "mistral.workflows.cli.journal"
local problem = require "mistral.workflows.cli.problem"
local process = require "spec.support.process"
local workflows = require "mistral.workflows"

describe("the type of a schema", function()
  -- The type of a schema, and the classes that it needs.
  local function types_of(json)
    local types = annotations.new()
    return types:add(type(json) == "string" and assert(workflows.json.decode(json)) or json, "w", "input"), types.lines
  end

  it("is that of Lua", function()
    local cases = {
      ['{"type":"string"}'] = "string", ['{"type":"integer"}'] = "integer", ['{"type":"number"}'] = "number",
      ['{"type":"boolean"}'] = "boolean", ['{"type":"null"}'] = "mistral.workflows.Null", ['{"type":"other"}'] = "any",
      ['{}'] = "any", ['{"type":5}'] = "any",
      ['{"type":"object"}'] = "table", ['{"type":"object","properties":{}}'] = "table",
      ['{"properties":{}}'] = "table", ['{"type":"object","additionalProperties":true}'] = "table",
      ['{"type":"object","additionalProperties":{"type":"integer"}}'] = "table<string, integer>",
      ['{"type":"array"}'] = "any[]", ['{"type":"array","items":{"type":"string"}}'] = "string[]",
      ['{"type":"array","items":{"type":["string","null"]}}'] = "(string|mistral.workflows.Null)[]",
      ['{"type":"array","items":{"type":"array","items":{"type":"string"}}}'] = "string[][]",
      ['{"type":["string","string","integer"]}'] = "string|integer", ['{"type":[]}'] = "any",
      ['{"enum":["a","b","a"]}'] = '"a"|"b"', ['{"enum":[1,true,null,{},[1]]}'] = "1|true|mistral.workflows.Null|table",
      ['{"enum":[]}'] = "any", ['{"enum":["a\\"b"]}'] = '"a\\"b"',
      ['{"const":"a"}'] = '"a"', ['{"const":false}'] = "false", ['{"const":null}'] = "mistral.workflows.Null",
      ['{"anyOf":[{"type":"string"},{"type":"integer"},{"type":"string"}]}'] = "string|integer",
      ['{"oneOf":[{"type":"string"},{"type":"null"}]}'] = "string|mistral.workflows.Null",
      ['{"allOf":[{"type":"string"}],"type":"integer"}'] = "string",
      ['{"allOf":[{"type":"string"},{"type":"string"}],"type":"integer"}'] = "integer",
      ['{"allOf":5,"type":"integer"}'] = "integer",
      ['{"$ref":"#/$defs/Id","$defs":{"Id":{"type":"integer"}}}'] = "integer",
    }
    for json, expected in pairs(cases) do
      local found, lines = types_of(json)
      assert.equal(expected, found, json)
      assert.same({}, lines)
    end
    assert.is_nil((types_of(workflows.null)))
    assert.is_nil((types_of(true)))
  end)

  it("of an object with properties is a class, whose own are named after it", function()
    local found, lines = types_of [[{
      "properties": {
        "b": {
          "properties": { "deep": { "properties": { "x": { "type": "string" } } } }, "description": "The b.\nIt is."
        },
        "a": { "type": "array", "items": { "properties": { "y": {} } }, "description": 5 }, "é": {},
        "c": { "additionalProperties": { "properties": { "z": {} } }, "type": "object" },
        "1 a": { "type": "string" }, "1a": {}, "a_1": { "type": "string" }, "_x": { "type": "string" }, "a-b": {}
      }, "required": ["b", "1 a"]
    }]]
    assert.equal("w.input", found)
    assert.same({
      "---@class w.input.b.deep\n---@field x? string\n",
      "---@class w.input.b\n---@field deep? w.input.b.deep\n",
      "---@class w.input.a.item\n---@field y? any\n",
      "---@class w.input.c.value\n---@field z? any\n",
      "---@class w.input\n---@field [\"1 a\"] string\n---@field b w.input.b The b. It is.\n"
        .. "---@field [\"1a\"]? any\n---@field _x? string\n"
        .. "---@field a? w.input.a.item[]\n---@field [\"a-b\"]? any\n---@field a_1? string\n"
        .. "---@field c? table<string, w.input.c.value>\n---@field [\"é\"]? any\n",
    }, lines)
  end)

  it("of an object or nothing is a class or null", function()
    local found, lines = types_of '{"type":["object","null"],"properties":{"a":{"type":"string"}}}'
    assert.equal("w.input|mistral.workflows.Null", found)
    assert.same({ "---@class w.input\n---@field a? string\n" }, lines)
  end)

  it("that is referred to is one class, named after the reference", function()
    local found, lines = types_of [[{
      "properties": { "a": { "$ref": "#/$defs/No.de" }, "b": { "$ref": "#/$defs/No.de" } },
      "$defs": { "No.de": { "properties": { "next": { "$ref": "#/$defs/No.de" } } } }
    }]]
    assert.equal("w.input", found)
    assert.same({
      "---@class w.No_de\n---@field next? w.No_de\n", "---@class w.input\n---@field a? w.No_de\n---@field b? w.No_de\n",
    }, lines)
  end)

  it("has a name of its own where others have the same", function()
    local types, schema = annotations.new(), assert(workflows.json.decode '{"properties":{"a":{}}}')
    local found = {}
    for index = 1, 3 do found[index] = types:add(schema, "w", "input") end
    found[4] = types:class("w.input", "table", { "a integer", "b? string" })
    found[5] = types:class("w.other", "table", {})
    assert.same({ "w.input", "w.input_2", "w.input_3", "w.input_4", "w.other" }, found)
    assert.equal("---@class w.input_2\n---@field a? any\n", types.lines[2])
    assert.equal("---@class w.input_4: table\n---@field a integer\n---@field b? string\n", types.lines[4])
    assert.equal("---@class w.other: table\n", types.lines[5])
  end)

  it("is any below thirty levels, and behind two thousand classes", function()
    local function nested(levels)
      local schema = { type = "string" }
      for _ = 1, levels do schema = { type = "array", items = schema } end
      return (types_of(schema))
    end
    assert.equal("string" .. ("[]"):rep(30), nested(30))
    assert.equal("any" .. ("[]"):rep(31), nested(31))
    for _, wrap in ipairs {
      function(inner) return { type = "object", additionalProperties = inner } end,
      function(inner) return { anyOf = { inner } } end, function(inner) return { properties = { a = inner } } end,
    } do
      local schema = { type = "string" }
      for _ = 1, 30 do schema = wrap(schema) end
      local function innermost(of)
        local found, lines = types_of(of)
        return (found .. " " .. (lines[1] or "")):gsub("table<string, ", ""):match "any" or "string"
      end
      assert.equal("string", innermost(schema))
      assert.equal("any", innermost(wrap(schema)))
    end
    local wide = { properties = {} }
    for index = 1, 2100 do wide.properties["p" .. index] = { properties = { a = { type = "string" } } } end
    local _, lines = types_of(wide)
    assert.equal(2001, #lines)
  end)
end)

describe("the journal of a batch", function()
  local path

  local function write(text)
    local file = assert(io.open(path, "wb"))
    file:write(text)
    file:close()
  end

  local function read()
    local file = assert(io.open(path, "rb"))
    local text = file:read "*a"
    file:close()
    return text
  end

  local function raised(fn, ...)
    local ok, value = pcall(fn, ...)
    assert.is_false(ok)
    assert.is_true(problem.is(value))
    return { value.status, value.message }
  end

  before_each(function() path = os.tmpname() end)
  after_each(function() os.remove(path) end)

  it("has a line for each entry, which is there at once", function()
    os.remove(path)
    local opened = journal.open(path)
    opened:add '{"id":"a"}'
    assert.equal('{"id":"a"}\n', read())
    opened:close()
    opened = journal.open(path)
    opened:add '{"id":"b"}'
    opened:close()
    assert.equal('{"id":"a"}\n{"id":"b"}\n', read())
  end)

  it("begins a line behind one that was cut, and none in an empty file", function()
    for _, case in ipairs { { "", "" }, { "cut", "cut\n" }, { "\n", "\n" }, { '{"id":"a"}\n', '{"id":"a"}\n' } } do
      write(case[1])
      local opened = journal.open(path)
      opened:add "{}"
      opened:close()
      assert.equal(case[2] .. "{}\n", read())
    end
  end)

  it("is open once, and no longer when it is closed", function()
    local opened = journal.open(path)
    assert.equal("1", process.output(("ls -l /proc/$PPID/fd | grep -c %s"):format(path)))
    opened:close()
    assert.equal("closed file", io.type(opened.file))
  end)

  it("finds the last entry for an id, with its text", function()
    write '{"id":"a","n":1}\n{"id": "a", "n": 2}\n{"n":3}\n'
    local opened = journal.open(path)
    assert.same({ { id = "a", n = 2 }, '{"id": "a", "n": 2}' }, { opened:find "a" })
    assert.same({}, { opened:find "b" })
    opened:close()
  end)

  it("keeps nothing without a file", function()
    local opened = journal.open(nil)
    opened:add '{"id":"a"}'
    assert.is_nil((opened:find "a"))
    opened:close()
  end)

  it("says why it cannot be written", function()
    assert.same({ 2, "the journal cannot be written: /nowhere/j: No such file or directory" },
      raised(journal.open, "/nowhere/j"))
    local opened = journal.open(path)
    local file = opened.file
    local expected = { 1, ("the journal cannot be written: %s: No space left on device"):format(path) }
    for _, buffered in ipairs { "full", "no" } do
      opened.file = assert(io.open("/dev/full", "ab"))
      opened.file:setvbuf(buffered)
      assert.same(expected, raised(opened.add, opened, "{}"))
    end
    file:close()
  end)
end)
