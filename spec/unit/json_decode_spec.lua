-- json.decode: strict, exact, and the same on every Lua.
-- luacheck: std max+busted

local cases = require "spec.unit.json_cases"
local json = require("mistral.workflows.core").json

local array_metatable = getmetatable(json.array {})

-- Equality as the codec promises it: integers are no floats, -0.0 is not 0.0, arrays are no objects.
local function same(a, b)
  if type(a) ~= type(b) then
    return false
  end
  if type(a) == "number" then
    return a == b and 1 / a == 1 / b and (not math.type or math.type(a) == math.type(b))
  end
  if type(a) ~= "table" then
    return a == b
  end
  for key, value in pairs(a) do
    if not same(value, b[key]) then
      return false
    end
  end
  for key in pairs(b) do
    if a[key] == nil then
      return false
    end
  end
  return getmetatable(a) == getmetatable(b)
end

local function shown(text)
  return (text:sub(1, 60):gsub("[^ -~]", "?"))
end

-- A text of about `size` bytes: registrations as the service lists them, numbered from `first` on.
local function list(first, size)
  local items, length = {}, 0
  while length < size do
    local item = ([[{"id":%d,"name":"w-%d","ratio":%d.5,"tags":["a","b\u00e9"],"workflow":null,"input":]]
      .. [[{"type":"object","properties":{"x":{"type":"string",]]
      .. [["description":"Some longer text, to make it a large object"}}}}]])
      :format(first + #items, first + #items, #items)
    items[#items + 1] = item
    length = length + #item + 1
  end
  return "[" .. table.concat(items, ",") .. "]", #items
end

describe("json.decode", function()
  for _, case in ipairs(cases.accepted) do
    it("accepts " .. shown(case[1]), function()
      local value, message = json.decode(case[1])
      assert.is_nil(message)
      assert.is_true(same(case[2], value))
    end)
  end

  for _, case in ipairs(cases.refused) do
    it("refuses " .. shown(case[1]), function()
      local value, message = json.decode(case[1])
      assert.is_nil(value)
      assert.are.equal(("%s at byte %d"):format(case[2], case[3]), message)
    end)
  end

  it("finds the same values inside large containers as in small ones", function()
    local padding = '"' .. ("p"):rep(100) .. '"'
    for _, case in ipairs(cases.accepted) do
      local text = ('[%s,{"a":%s,"b":%s},[%s,%s]]'):format(case[1], case[1], padding, padding, case[1])
      local value = assert(json.decode(text))
      assert.is_true(same(case[2], value[1]), case[1])
      assert.is_true(same(case[2], value[2].a), case[1])
      assert.is_true(same(case[2], value[3][2]), case[1])
    end
  end)

  it("accepts 1000 levels", function()
    for _, brackets in ipairs { { "[", "", "]" }, { '{"a":', "1", "}" } } do
      local text = brackets[1]:rep(1000) .. brackets[2] .. brackets[3]:rep(1000)
      assert.are.equal(text, json.encode(assert(json.decode(text))))
    end
  end)

  it("accepts 1000 levels inside a coroutine", function()
    local text = ("["):rep(1000) .. ("]"):rep(1000)
    assert.are.equal(text, coroutine.wrap(function()
      return json.encode(assert(json.decode(text)))
    end)())
  end)

  it("decodes large lists", function()
    local text, count = list(0, 300000)
    local value = assert(json.decode('{"items":' .. text .. ',"next_cursor":"\\u0000","n":1e2}'))
    assert.are.equal(count, #value.items)
    assert.are.equal(array_metatable, getmetatable(value.items))
    for i, item in ipairs(value.items) do
      assert.is_true(same({ id = i - 1, name = "w-" .. i - 1, ratio = i - 0.5, tags = json.array { "a", "b\195\169" },
        workflow = json.null, input = { type = "object", properties = { x = { type = "string",
        description = "Some longer text, to make it a large object" } } } }, item))
    end
    assert.are.equal("\0", value.next_cursor)
    assert.is_true(same(100.0, value.n))
  end)

  it("decodes large lists of small values", function()
    for _, element in ipairs { "1", "-1.5", '"a"', '"\\n"', "null", "true", "[]", "{}", '{"a":[0]}', "[1.0]" } do
      local text = "[" .. (element .. ","):rep(20000) .. element .. "]"
      local value = assert(json.decode(text))
      assert.are.equal(20001, #value)
      local expected = json.decode(element)
      for _, found in ipairs(value) do
        if not same(expected, found) then
          error("a " .. element .. " is different")
        end
      end
    end
  end)

  it("gives a list and its repetition the same table", function()
    local text = list(0, 20000)
    local other = list(1, 20000)
    local value = assert(json.decode(('{"a":%s,"b":%s,"c":%s,"d":%s}'):format(text, text, other, text)))
    assert.are.equal(value.a, value.b)
    assert.are.equal(value.a, value.d)
    assert.are_not.equal(value.a, value.c)
    assert.are.equal(0, value.a[1].id)
    assert.are.equal(1, value.c[1].id)
  end)

  it("keeps the repetition of a list whose own name is used again", function()
    local text = list(0, 20000)
    local value = assert(json.decode(('{"a":%s,"a":null,"b":%s}'):format(text, text)))
    assert.are.equal(json.null, value.a)
    assert.are.equal(0, value.b[1].id)
  end)

  it("keeps small repeated lists apart", function()
    local value = assert(json.decode('{"a":[1,2],"b":[1,2]}'))
    assert.are_not.equal(value.a, value.b)
  end)

  it("tells names apart that begin alike", function()
    for _, piece in ipairs { "a", "ab", "name_of_" } do
      local members = {}
      for times = 60, 1, -1 do members[#members + 1] = ('"%s":%d'):format(piece:rep(times), times) end
      local object = "{" .. table.concat(members, ",") .. "}"
      for _, decoded in ipairs(json.decode("[" .. object .. "," .. object .. "]")) do
        for times = 1, 60 do assert.equal(times, decoded[piece:rep(times)]) end
      end
    end
  end)

  it("raises for what is not a string", function()
    for _, wrong in ipairs { 1, true, {}, print } do
      assert.has_error(function() json.decode(wrong) end)
    end
    assert.has_error(function() json.decode() end)
  end)

  it("does not depend on LC_NUMERIC", function()
    for _, name in ipairs { "de_DE.UTF-8", "fr_FR.UTF-8", "ru_RU.UTF-8", "nl_NL.UTF-8", "de_DE", "C" } do
      if os.setlocale(name, "numeric") then
        local value = json.decode("[1.5,[0.25],1e2]")
        local text = json.encode { 1.5, 0.1, 1e300 }
        os.setlocale("C", "numeric")
        assert.is_true(same(json.array { 1.5, json.array { 0.25 }, 100.0 }, value))
        assert.are.equal("[1.5,0.1,1e+300]", text)
      end
    end
  end)
end)

describe("json.decode and the collector", function()
  after_each(function()
    collectgarbage("restart")
  end)

  it("leaves a stopped collector stopped, and a running one running", function()
    local text = list(0, 300000)
    local made, kept = 0, {}
    local function grows()
      local before = collectgarbage("count")
      for _ = 1, 30000 do
        made = made + 1
        kept[1] = ("%07d"):format(made):rep(150) -- they differ where Lua 5.1 looks
      end
      return collectgarbage("count") - before > 20000 and kept[1] ~= nil
    end
    for _, answer in ipairs { text, text:sub(1, -2), "[1]" } do
      collectgarbage()
      collectgarbage("stop")
      json.decode(answer)
      assert.is_true(grows())
      collectgarbage("restart")
      json.decode(answer)
      assert.is_false(grows())
    end
  end)

  it("does not let memory grow over many answers", function()
    local text = list(0, 300000)
    collectgarbage()
    local before = collectgarbage("count")
    assert(json.decode(text))
    local one = collectgarbage("count") - before
    local largest = 0
    for _ = 1, 60 do
      assert(json.decode(text))
      largest = math.max(largest, collectgarbage("count") - before)
    end
    assert.is_true(largest < 2 * before + 4 * one, ("%.0f + %.0f + %.0f KiB"):format(before, one, largest))
  end)
end)

-- https://github.com/nst/JSONTestSuite, where JSON_TEST_SUITE says that it is.
local suite = os.getenv "JSON_TEST_SUITE"
if not suite then return end

describe("JSON test suite", function()
  local folder = suite .. "/test_parsing"
  local listing = io.popen("ls '" .. folder .. "' 2>/dev/null")
  for name in listing:lines() do
    local expected = name:match("^([yni])_.*%.json$")
    if expected then
      it("is answered as it should be: " .. name, function()
        local file = assert(io.open(folder .. "/" .. name, "rb"))
        local text = file:read("*a")
        file:close()
        local value, message = json.decode(text)
        assert.are_not.equal(expected, value ~= nil and "n" or "y")
        assert.are.equal(value == nil, message ~= nil)
        if value ~= nil then
          assert.is_true(same(value, json.decode(assert(json.encode(value)))))
        end
      end)
    end
  end
  listing:close()
end)
