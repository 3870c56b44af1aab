-- json.encode: compact, exact, and errors that name where they are.
-- luacheck: std max+busted

local cases = require "spec.unit.json_cases"
local json = require("mistral.workflows.core").json

local has_integers = math.type ~= nil

local function fails(value, message)
  local text, err = json.encode(value)
  assert.is_nil(text)
  assert.are.equal(message, err)
end

local function raises()
  error("a metamethod was run")
end

describe("json.encode", function()
  for _, case in ipairs(cases.accepted) do
    local expected = case[3] == nil and case[1] or case[3]
    if expected then
      it("writes " .. expected:sub(1, 60):gsub("[^ -~]", "?"), function()
        assert.are.equal(expected, json.encode(case[2]))
        assert.are.equal("[" .. expected .. "]", json.encode { case[2] })
        assert.are.equal('{"a":' .. expected .. "}", json.encode { a = case[2] })
      end)
    end
  end

  it("writes objects with several members, in any order", function()
    local text = json.encode { a = 1, b = "x", c = { true } }
    local members = {}
    for member in text:match("^{(.*)}$"):gmatch('"%a":[^,]+') do
      members[#members + 1] = member
    end
    table.sort(members)
    assert.are.same({ '"a":1', '"b":"x"', '"c":[true]' }, members)
  end)

  it("tells arrays from objects by the mark, else by the keys", function()
    assert.are.equal("{}", json.encode {})
    assert.are.equal("[]", json.encode(json.array {}))
    assert.are.equal("[]", json.encode(json.array()))
    assert.are.equal("[1,2]", json.encode { 1, 2 })
    assert.are.equal("[1,2]", json.encode(json.array { 1, 2 }))
    assert.are.equal("[1,2,3]", json.encode { [3] = 3, [1] = 1, [2] = 2 })
    assert.are.equal('{"1":2}', json.encode { ["1"] = 2 })
    if has_integers then
      assert.are.equal("[1]", json.encode { [1.0] = 1 })
    end
  end)

  it("writes one table that is used twice, twice", function()
    local shared = { 1 }
    assert.are.equal("[[1],[1]]", json.encode { shared, shared })
  end)

  it("writes integral doubles as integers where there are no others", function()
    assert.are.equal(has_integers and "1.0" or "1", json.encode(2.0 / 2))
    assert.are.equal(has_integers and "9007199254740992.0" or "9007199254740992", json.encode(2.0 ^ 53))
    assert.are.equal(has_integers and "-9007199254740992.0" or "-9007199254740992", json.encode(-(2.0 ^ 53)))
    assert.are.equal("18014398509481984.0", json.encode(2.0 ^ 54))
    assert.are.equal("1e+20", json.encode(1e20))
  end)

  it("writes what reads back the same", function()
    for exponent = -1074, 1023 do
      local number = 2 ^ exponent
      for _, value in ipairs { number, -number / 7 * 3, number * 1.1 } do
        assert.are.equal(value, json.decode(json.encode(value)))
      end
    end
  end)

  it("escapes what has to be", function()
    local all = {}
    for byte = 0, 127 do
      all[#all + 1] = string.char(byte)
    end
    local text = json.encode(table.concat(all))
    assert.is_nil(text:find("[%z\1-\31]"))
    assert.are.equal(table.concat(all), json.decode(text))
    assert.are.equal([["\u0000\u0001\b\t\n\u000b\f\r\u001f \"\\/]] .. '\127"',
      json.encode("\0\1\b\t\n\v\f\r\31 \"\\/\127"))
  end)

  it("names the path of an error", function()
    local nan, infinity = 0 / 0, 1 / 0
    fails(nan, "NaN is not JSON")
    fails({ items = { 1, 2, { x = nan } } }, "items[3].x: NaN is not JSON")
    fails({ a = infinity }, "a: infinity is not JSON")
    fails({ a = { -infinity } }, "a[1]: infinity is not JSON")
    fails({ a = print }, "a: a function is not JSON")
    fails({ a = coroutine.create(function() end) }, "a: a thread is not JSON")
    fails({ a = io.stdout }, "a: a userdata is not JSON")
    fails({ a = "\255" }, "a: invalid UTF-8 in a string")
    fails({ a = { ["\255"] = 1 } }, "a: invalid UTF-8 in a key")
    fails({ ["a b"] = { ["1"] = { [""] = nan } } }, '["a b"]["1"][""]: NaN is not JSON')
    fails({ ["\1\195\164"] = nan }, '["?\195\164"]: NaN is not JSON')
    fails({ a_1 = { _b = nan } }, "a_1._b: NaN is not JSON")
    assert.has_error(function() json.encode() end)
    fails(nil, "nil is not JSON")
  end)

  it("refuses tables that are neither array nor object", function()
    local sparse = "a: a sparse array is not JSON"
    local mixed = "a: a table with both string keys and indices is not JSON"
    local wrong = "a: a table with a key that is neither string nor index is not JSON"
    local array = "a: an array with a key other than 1 to n is not JSON"
    fails({ a = { [2] = 1 } }, sparse)
    fails({ a = { 1, nil, 3 } }, sparse)
    fails({ a = { [0] = 1 } }, wrong)
    fails({ a = { [-1] = 1 } }, wrong)
    fails({ a = { [1.5] = 1 } }, wrong)
    fails({ a = { [true] = 1 } }, wrong)
    fails({ a = { [{}] = 1 } }, wrong)
    fails({ a = { [2 ^ 40] = 1 } }, sparse)
    fails({ a = { [1 / 0] = 1 } }, sparse)
    fails({ a = { 1, b = 2 } }, mixed)
    fails({ a = { b = 2, [7] = 1 } }, mixed)
    fails({ a = json.array { 1, nil, 3 } }, sparse)
    fails({ a = json.array { [2] = 1 } }, sparse)
    fails({ a = json.array { b = 1 } }, array)
    fails({ a = json.array { 1, b = 1 } }, array)
    fails({ a = json.array { [0] = 1 } }, array)
  end)

  it("refuses cycles", function()
    local value = { a = { b = {} } }
    value.a.b[1] = value.a
    fails(value, "a.b[1]: a cycle: this table holds itself")
    local own = {}
    own[1] = own
    fails(own, "[1]: a cycle: this table holds itself")
  end)

  it("goes 1000 levels deep and no further", function()
    local value = json.array {}
    for _ = 2, 1000 do
      value = { value }
    end
    assert.are.equal(("["):rep(1000) .. ("]"):rep(1000), json.encode(value))
    local text, message = json.encode { value }
    assert.is_nil(text)
    assert.are.equal(("[1]"):rep(170) .. "[1...: nested deeper than 1000", message)
  end)

  it("does not run metamethods", function()
    local metatable = { __index = raises, __len = raises, __pairs = raises, __ipairs = raises, __tostring = raises,
      __eq = raises, __lt = raises, __name = "x", __metatable = "hidden" }
    assert.are.equal("[1,2]", json.encode(setmetatable({ 1, 2 }, metatable)))
    assert.are.equal('{"a":{}}', json.encode(setmetatable({ a = setmetatable({}, metatable) }, metatable)))
  end)

  it("does not change its argument", function()
    local value = { a = { 1, 2 } }
    json.encode(value)
    assert.are.same({ a = { 1, 2 } }, value)
    assert.is_nil(getmetatable(value.a))
  end)
end)

describe("json.array", function()
  it("marks the table that it is given", function()
    local value = { 1 }
    assert.are.equal(value, json.array(value))
    assert.are.equal("mistral.workflows.array", getmetatable(value).__name)
    assert.are.equal(getmetatable(value), getmetatable(json.array()))
    assert.are.equal(getmetatable(value), getmetatable(json.decode("[]")))
  end)

  it("raises for what is no table", function()
    for _, wrong in ipairs { 1, "a", true, print } do
      assert.has_error(function() json.array(wrong) end)
    end
  end)
end)

describe("json.null", function()
  it("is the light userdata NULL", function()
    assert.are.equal("userdata", type(json.null))
    assert.are.equal(json.null, json.decode("null"))
    local found, cjson = pcall(require, "cjson")
    if found then
      assert.are.equal(cjson.null, json.null)
    end
  end)
end)

describe("the codec", function()
  it("is the same when the module is loaded again", function()
    local loaded = package.loaded["mistral.workflows.core"]
    package.loaded["mistral.workflows.core"] = nil
    local again = require("mistral.workflows.core").json
    package.loaded["mistral.workflows.core"] = loaded
    assert.are_not.equal(json, again)
    assert.are.equal("[[]]", again.encode { json.array() })
    assert.are.equal("[]", json.encode(again.decode("[]")))
  end)
end)
