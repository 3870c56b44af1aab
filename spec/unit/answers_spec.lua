-- What is read of texts and answers of the service, and how much.

local answers = require "mistral.workflows.answers"
local workflows = require "mistral.workflows"

local function decoded(text)
  return (assert(workflows.json.decode(text)))
end

describe("an excerpt", function()
  it("is on one line, without tags and control characters", function()
    for text, expected in pairs {
      ["<html>\r\n<b>Sign</b>  in</html>\n"] = "Sign in", ["a < b <b>bold</b> > c"] = "a < b bold > c",
      ["a\0b\27[31mc\127d"] = "a b [31mc d", ["<a"] = "<a", [""] = "", ["<p>"] = "", [" \t "] = "",
    } do
      assert.equal(expected, answers.excerpt(text))
    end
  end)

  it("is sought in the beginning only", function()
    assert.equal("here", answers.excerpt(("<p>"):rep(2000) .. "here"))
    assert.equal("", answers.excerpt(("<p>"):rep(3000) .. "here"))
  end)

  it("is cut, but not in a character", function()
    assert.equal(("x"):rep(200) .. "...", answers.excerpt(("x"):rep(201)))
    assert.equal(("x"):rep(200), answers.excerpt(("x"):rep(200)))
    for shift = 0, 2 do
      local text = answers.excerpt(("x"):rep(197 + shift) .. "€€€")
      assert.equal(("x"):rep(197 + shift) .. (shift == 0 and "€" or "") .. "...", text)
    end
    assert.equal(("\128"):rep(196) .. "...", answers.excerpt(("\128"):rep(300)))
  end)
end)

describe("a message", function()
  local function check(expected, text)
    assert.same(expected, { answers.message(decoded(text)) })
  end

  it("is that of the outermost object that has one, and so is the code", function()
    check({ "out", "outer" }, '{"message":"out","code":"outer","detail":{"message":"in","code":"inner"}}')
    check({ "in", "outer" }, '{"code":"outer","detail":{"message":"in","code":"inner"}}')
    check({ "out", "inner" }, '{"message":"out","detail":{"message":"in","code":"inner"}}')
    check({ "first", "a" }, '{"message":{"detail":"first","code":"a"},"detail":{"detail":"second","code":"b"}}')
  end)

  it("is read to a depth of eight", function()
    local function nested(depth)
      return ('{"message":'):rep(depth) .. '"deep"' .. ("}"):rep(depth)
    end
    check({ "deep" }, nested(8))
    check({}, nested(9))
  end)

  it("has at most 20 faults, of at most 400 bytes, with at most 20 words of a place", function()
    local items = {}
    for index = 1, 22 do items[index] = ('{"msg":"%s"}'):format(("x"):rep(500)) end
    local message = answers.message(decoded("[" .. table.concat(items, ",", 1, 3) .. "]"))
    assert.equal((("x"):rep(400) .. "...; "):rep(2) .. ("x"):rep(400) .. "...", message)
    for index = 1, 22 do items[index] = '"f"' end
    message = answers.message(decoded("[" .. table.concat(items, ",") .. "]"))
    assert.equal(("f; "):rep(19) .. "f; and 2 more in detail", message)
    local place = ("1,"):rep(29) .. "1"
    check({ ("1."):rep(19) .. "1: m" }, ('{"loc":[%s],"msg":"m"}'):format(place))
  end)

  it("is otherwise the beginning of the text, or nothing", function()
    assert.same({ "busy" }, { answers.message(nil, "<b>busy</b>") })
    assert.same({}, { answers.message(nil, "<b></b>") })
    assert.same({}, { answers.message(nil, nil) })
    assert.same({ '{"a":1}' }, { answers.message({ a = 1 }, '{"a":1}') })
  end)
end)

describe("a value is shown", function()
  it("as JSON", function()
    for _, text in ipairs {
      "null", "true", "5", '"text"', "[]", "{}", '[1,[true,null],{"a":["b"]}]', '{"a":{"b":0.5}}',
    } do
      assert.equal(text, answers.shown(decoded(text)))
    end
    assert.equal('"a b"', answers.shown "a\n\0b")
  end)

  it("in 200 bytes, and 8 levels, whatever it is", function()
    local long, list = ("x"):rep(1e6), {}
    for index = 1, 1e5 do list[index] = "item" end
    for _, value in ipairs {
      long, { long }, { [long] = long }, workflows.array(list), { list = workflows.array(list) },
      decoded(("["):rep(500) .. ("]"):rep(500)), decoded('["' .. ("€"):rep(1000) .. '"]'),
    } do
      local before = os.clock()
      assert(#answers.shown(value) <= 203)
      assert(os.clock() - before < 0.01)
    end
    assert.equal(("["):rep(8) .. "..." .. ("]"):rep(8), answers.shown(decoded(("["):rep(9) .. ("]"):rep(9))))
  end)
end)
