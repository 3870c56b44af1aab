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

  it("honours what other libraries say of a table, or refuses it", function()
    local function typed(value, kind) return setmetatable(value, { __jsontype = kind }) end
    assert.are.equal("[]", json.encode(typed({}, "array")))
    assert.are.equal("{}", json.encode(typed({}, "object")))
    assert.are.equal("[1,[]]", json.encode(typed({ 1, typed({}, "array") }, "array")))
    assert.are.equal('{"a":[]}', json.encode(typed({ a = typed({}, "array") }, "object")))
    fails({ a = typed({ b = 1 }, "array") }, "a: an array with a key other than 1 to n is not JSON")
    fails({ a = typed({ 1 }, "object") }, "a: a table with both string keys and indices is not JSON")
    local foreign = "a: a table that another library writes as JSON in a way of its own is not JSON here"
    fails({ a = typed({}, "null") }, foreign)
    fails({ a = typed({}, 5) }, foreign)
    fails({ a = setmetatable({}, { __tojson = function() error("it was called") end }) }, foreign)
    fails({ a = setmetatable({}, { __tojson = raises, __jsontype = "object" }) }, foreign)
    local found, dkjson = pcall(require, "dkjson")
    if found then
      fails({ a = dkjson.null }, foreign)
      assert.are.equal("[[],{}]", json.encode((dkjson.decode "[[],{}]")))
    end
    local hidden = setmetatable({}, { __index = function() return "array" end })
    assert.are.equal("{}", json.encode(setmetatable({}, setmetatable({}, hidden))))
  end)

  it("writes arrays whose keys come in another order", function()
    local value = {}
    for i = 100, 1, -1 do value[i] = i end
    local mixed = { [5] = 5, [2] = 2, [4] = 4, [1] = 1, [3] = 3 }
    assert.are.same(value, json.decode(json.encode(value)))
    assert.are.equal("[[1,2,3,4,5]]", json.encode { mixed })
    assert.are.equal('{"a":[[1,2,3,4,5],[1,2,3,4,5]]}', json.encode { a = { mixed, mixed } })
    mixed[3] = nil
    fails({ a = mixed }, "a: a sparse array is not JSON")
  end)

  it("does not change its argument", function()
    local value = { a = { 1, 2 } }
    json.encode(value)
    assert.are.same({ a = { 1, 2 } }, value)
    assert.is_nil(getmetatable(value.a))
  end)
end)

describe("json.encode with options", function()
  it("indents", function()
    local value = { 1, { a = json.array(), b_or_c = {} }, { { "x" } } }
    value[2].b_or_c = nil
    assert.are.equal(([=[
[
  1,
  {
    "a": []
  },
  [
    [
      "x"
    ]
  ]
]]=]), json.encode(value, { indent = 2 }))
    assert.are.equal('{\n   "a": {}\n}', json.encode({ a = {} }, { indent = 3 }))
    assert.are.equal('[1,{"a":[]},[["x"]]]', json.encode(value, { indent = 0 }))
    assert.are.equal('[1,{"a":[]},[["x"]]]', json.encode(value, {}))
    assert.are.equal("1", json.encode(1, { indent = 4 }))
    assert.are.equal("[\n" .. (" "):rep(16) .. "1\n]", json.encode({ 1 }, { indent = 16 }))
    assert.is_false((pcall(json.encode, { 1 }, { indent = 17 })))
    assert.are.same(value, json.decode(json.encode(value, { indent = 1 })))
  end)

  it("indents arrays whose keys come in another order", function()
    assert.are.equal("[\n 1,\n 2,\n 3\n]", json.encode({ [3] = 3, [2] = 2, [1] = 1 }, { indent = 1 }))
  end)

  it("sorts keys by their bytes, at each depth", function()
    local value = { b = 1, ["1"] = 2, ["10"] = 3, ["2"] = 4,
      a = { z = 1, ["ä"] = 2, Z = 3, [""] = 4, ["z\0"] = 5, za = 6 } }
    assert.are.equal([[{"1":2,"10":3,"2":4,"a":{"":4,"Z":3,"z":1,"z\u0000":5,"za":6,"ä":2},"b":1}]],
      json.encode(value, { sort_keys = true }))
    assert.are.equal(#json.encode(value), #json.encode(value, { sort_keys = true }))
    assert.are.equal('{\n "a": {\n  "c": 1,\n  "d": 2\n },\n "b": []\n}',
      json.encode({ b = json.array(), a = { d = 2, c = 1 } }, { sort_keys = true, indent = 1 }))
    assert.are.equal("[3,1,2]", json.encode({ 3, 1, 2 }, { sort_keys = true }))
  end)

  it("sorts many keys, and a thousand levels", function()
    local many, expected = {}, {}
    for i = 1, 5000 do many[("%05d"):format(i * 7919 % 5000)] = i end
    local previous = ""
    for key in json.encode(many, { sort_keys = true }):gmatch '"(%d+)"' do
      expected[#expected + 1] = key
      assert.is_true(previous < key)
      previous = key
    end
    assert.are.equal(5000, #expected)
    local text = ('{"a":'):rep(1000) .. "1" .. ("}"):rep(1000)
    assert.are.equal(text, json.encode(json.decode(text), { sort_keys = true }))
  end)

  it("sorts and writes numbers alike in every locale", function()
    local value = { B = 1.5, a = 2, ["ä"] = { 0.25 }, b = 3, A = 4, _ = 5, ["1"] = -0.5 }
    local expected = json.encode(value, { sort_keys = true, indent = 1 })
    assert.are.equal('{\n "1": -0.5,\n "A": 4,\n "B": 1.5,\n "_": 5,\n "a": 2,\n "b": 3,\n "ä": [\n  0.25\n ]\n}',
      expected)
    for _, name in ipairs { "C.utf8", "de_DE.UTF-8", "en_US.UTF-8", "tr_TR.UTF-8", "" } do
      if os.setlocale(name) then
        local text = json.encode(value, { sort_keys = true, indent = 1 })
        os.setlocale "C"
        assert.are.equal(expected, text)
      end
    end
  end)

  it("refuses what it refuses otherwise", function()
    local cycle, deep = {}, {}
    cycle.a = { b = cycle }
    local bottom = deep
    for _ = 1, 1000 do
      bottom.a = {}
      bottom = bottom.a
    end
    for _, style in ipairs { { indent = 2 }, { sort_keys = true }, { indent = 16, sort_keys = true } } do
      local function message(value)
        local text, said = json.encode(value, style)
        assert.is_nil(text)
        return said
      end
      assert.are.equal("a.b: a cycle: this table holds itself", message(cycle))
      assert.truthy(message(deep):find "nested deeper than 1000$")
      assert.are.equal("[2]: a table with both string keys and indices is not JSON", message { 1, { 2, x = 3 } })
      assert.are.equal("a: a table with both string keys and indices is not JSON", message { a = { x = 3, [2] = 4 } })
      assert.are.equal("a sparse array is not JSON", message { [1] = 1, [3] = 3 })
      assert.are.equal("invalid UTF-8 in a key", message { ["\255"] = 1 })
      assert.truthy(message({ [1.5] = 1 }):find "is not JSON$")
      assert.truthy(message({ [true] = 1 }):find "is not JSON$")
    end
  end)

  it("names the path of an error", function()
    local text, message = json.encode({ a = { c = 1, b = { 1, print } } }, { sort_keys = true, indent = 2 })
    assert.is_nil(text)
    assert.are.equal("a.b[2]: a function is not JSON", message)
    text, message = json.encode({ a = { c = 1, [1] = 2 } }, { sort_keys = true })
    assert.is_nil(text)
    assert.are.equal("a: a table with both string keys and indices is not JSON", message)
  end)

  it("raises for options that are none", function()
    for _, wrong in ipairs { { indent = -1 }, { indent = 1.5 }, { indent = "2" }, { indent = 1e9 }, { indent = 0 / 0 },
      { sort_keys = 1 }, { sort = true }, { "indent" }, 5, "x" } do
      local ok, message = pcall(function() json.encode({}, wrong) end)
      assert.is_false(ok)
      assert.truthy(type(wrong) ~= "table" or message:find("json_encode_spec.lua:", 1, true), message)
    end
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
