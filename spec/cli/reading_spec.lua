-- Answers as they may be, read without a network.

local reading = require "mistral.workflows.cli.reading"
local schema = require "mistral.workflows.cli.schema"
local workflows = require "mistral.workflows"

describe("the members that --fields names", function()
  it("stay in their places, in lists too", function()
    local item = { a = { { b = 1, c = 2, d = 3 }, { b = 4 } }, e = { f = 5, g = 6 }, h = 7 }
    assert.same({ a = { { b = 1, c = 2 }, { b = 4 } }, e = { g = 6 } }, reading.pick(item, { "a.b", "a.c", "e.g" }))
    assert.same({ a = item.a }, reading.pick(item, { "a" }))
    assert.same({ h = 7 }, reading.pick(item, { "h.i" }))
  end)

  it("are found, and null is none", function()
    assert.equal(5, reading.value({ a = { b = 5 } }, "a.b"))
    assert.is_nil(reading.value({ a = workflows.null }, "a"))
    assert.is_nil(reading.value({ a = 5 }, "a.b.c"))
  end)
end)

describe("a value", function()
  it("is a number where it can be a count or a time", function()
    for _, number in ipairs { 0, 1e18, -1e18, 1.5 } do assert.equal(number, reading.number(number)) end
    for _, other in ipairs { 1.1e18, -1.1e18, "1", 0 / 0, true } do assert.is_nil(reading.number(other)) end
  end)

  it("is the same text each time", function()
    assert.equal('{"a":1,"b":[2],"c":null}', reading.text { c = workflows.null, b = { 2 }, a = 1 })
    assert.same({ "", "", "false", "a, 2" }, { reading.text(nil), reading.text(workflows.null), reading.text(false),
      reading.join({ "a", 2 }, ", ") })
    assert.same({ {}, {}, { { 1 } } }, { reading.list "x", reading.objects(5), reading.objects { 5, { 1 }, "x" } })
  end)
end)

describe("the words for a schema", function()
  it("go four levels deep", function()
    local function list(items) return { type = "array", items = items } end
    local word = { type = "string" }
    assert.equal("list of list of list of string", schema.label({}, list(list(list(word)))))
    assert.equal("list of list of list of list of ...", schema.label({}, list(list(list(list(word))))))
  end)

  it("take what is missing for anything", function()
    assert.equal("any", schema.label({}, {}))
    assert.equal("list of any", schema.label({}, { type = "array" }))
    assert.equal("any", schema.label({}, { ["$ref"] = "#/nowhere" }))
    assert.equal("integer or null", schema.label({}, { oneOf = { { type = "integer" }, { type = "null" } } }))
  end)
end)
