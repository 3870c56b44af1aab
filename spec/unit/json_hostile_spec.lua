-- json.decode: texts that are made to cost much, and texts that only look like it.
-- luacheck: std max+busted+luajit

local json = require("mistral.workflows.core").json

-- The Luas whose hash of a string leaves out bytes of it: of 32 bytes and more every second, of 64 every third ...
local skips_bytes = _VERSION == "Lua 5.1" and not rawget(_G, "jit") or _VERSION == "Lua 5.3"
-- 5.3 makes no hash of values above 40 bytes.
local hashes_long_values = _VERSION ~= "Lua 5.3"

-- So many strings of `length` bytes that differ only where these Luas do not hash, with `behind` behind each. They do
-- not become strings of this Lua: that would take as long.
local function colliding(count, length, behind, filler)
  local step, hashed = math.floor(length / 32) + 1, {}
  for position = length, step, -step do hashed[position] = true end
  local fillers, pieces = { [0] = '"' }, {}
  for position = 1, length do
    local last = #fillers
    if hashed[position] or last == 7 then
      fillers[last] = fillers[last] .. (filler or "x")
    else
      fillers[last + 1] = ""
    end
  end
  for number = 1, count do
    local digits = ("%07d"):format(number)
    pieces[#pieces + 1] = fillers[0]
    for place = 1, 7 do
      pieces[#pieces + 1] = digits:sub(place, place)
      pieces[#pieces + 1] = fillers[place]
    end
    pieces[#pieces + 1] = '"' .. behind
  end
  return table.concat(pieces)
end

local function colliding_values(count, length, filler) return "[" .. colliding(count, length, ",", filler) .. "0]" end

local function colliding_keys(count, length) return "{" .. colliding(count, length, ":0,") .. '"":0}' end

-- Exclusive or of 32 bits.
local function xor(a, b)
  local result, place = 0, 1
  for _ = 1, 32 do
    local x, y = a % 2, b % 2
    if x ~= y then result = result + place end
    a, b, place = (a - x) / 2, (b - y) / 2, place * 2
  end
  return result
end

-- What Lua 5.1 makes of a hash when it takes in a byte; it goes from the last to the first.
local function take_in(hash, byte) return xor(hash, (hash * 32 + math.floor(hash / 4) + byte) % 2 ^ 32) end

-- So many strings for which the hashes of Lua 5.1 have the same 12 last bits.
local function with_equal_hashes(count)
  local strings, number = {}, 0
  while #strings < count do
    number = number + 1
    local rest, hash = ("%06d"):format(number), 8
    for position = #rest, 1, -1 do hash = take_in(hash, rest:byte(position)) end
    for second = 93, 126 do
      local before = take_in(hash, second)
      local first = (xor(before, 1234) - before * 32 - math.floor(before / 4)) % 4096
      if first >= 35 and first <= 91 then strings[#strings + 1] = string.char(first, second) .. rest end
    end
  end
  return strings
end

local function numbered(count, format)
  local strings = {}
  for number = 1, count do strings[number] = format:format(number) end
  return strings
end

local function as_values(strings) return '["' .. table.concat(strings, '","') .. '"]' end

local function as_keys(strings) return '{"' .. table.concat(strings, '":0,"') .. '":0}' end

local function seconds(text, ...)
  collectgarbage()
  local start = os.clock()
  local value, message, kind = json.decode(text, ...)
  return os.clock() - start, value, message, kind
end

describe("json.decode of strings that collide", function()
  local function is_refused(text)
    local time, value, message, kind = seconds(text)
    assert.is_true(value == nil, "it was accepted")
    assert.equal("too many strings of equal hashes", message)
    assert.equal("decode", kind)
    assert.is_true(time < 1.5, ("%.1f s"):format(time))
  end

  local function is_fast(text)
    local time = seconds(text)
    assert.is_true(time < 1.5, ("%.1f s"):format(time))
  end

  for _, length in ipairs { 36, 64, 300 } do
    it(("refuses keys of %d bytes where they cost time, before they do"):format(length), function()
      (skips_bytes and is_refused or is_fast)(colliding_keys(32000, length))
    end)

    it(("refuses values of %d bytes where they cost time, before they do"):format(length), function()
      local cost = skips_bytes and (hashes_long_values or length <= 40)
      local check = cost and is_refused or is_fast
      check(colliding_values(32000, length))
    end)
  end

  it("refuses keys that are spread over many objects", function()
    local check = skips_bytes and is_refused or is_fast
    check("[{" .. colliding(32000, 39, ":0},{") .. '"":0}]')
  end)

  it("bounds the time for texts that are long, whatever their bytes are", function()
    -- LuaJIT draws by lot which bytes of a long string it hashes.
    for _, position in ipairs { 10, 90, 150, 210, 300, 400, 490 } do
      local before, after, pieces = '"' .. ("x"):rep(position), ("y"):rep(505 - position) .. '"', {}
      for number = 1, 16000 do
        pieces[#pieces + 1] = before
        pieces[#pieces + 1] = ("%07d"):format(number)
        pieces[#pieces + 1] = after
        pieces[#pieces + 1] = ":0,"
      end
      pieces[#pieces] = ":0"
      is_fast("{" .. table.concat(pieces) .. "}")
      is_fast("[" .. table.concat(pieces):gsub(":0", "") .. "]")
    end
  end)

  it("refuses strings that are written with escapes", function()
    local check = skips_bytes and hashes_long_values and is_refused or is_fast
    check(colliding_values(32000, 64, "\\u0078"))
  end)

  if _VERSION == "Lua 5.1" and not rawget(_G, "jit") then
    it("refuses short strings whose hashes were made equal: Lua 5.1 has no secret", function()
      local strings = with_equal_hashes(4000)
      is_refused(as_values(strings))
      is_refused(as_keys(strings))
    end)

    it("refuses the keys of one object that come again in many others", function()
      local object = as_keys(with_equal_hashes(250))
      is_refused("[" .. (object .. ","):rep(4000) .. "0]")
    end)
  end
end)

describe("json.decode of strings that are merely alike accepts", function()
  local function uuid()
    return (("x"):rep(32):gsub("x", function() return ("%x"):format(math.random(0, 15)) end)
      :gsub("^(%x%x%x%x%x%x%x%x)(%x%x%x%x)(%x%x%x%x)(%x%x%x%x)", "%1-%2-%3-%4-"))
  end

  local function list(count, make)
    local strings = {}
    for i = 1, count do strings[i] = make(i) end
    return strings
  end

  local middle = ("The same words stand before what differs, "):rep(24)
  local cases = {
    ["UUIDs"] = list(50000, uuid),
    ["UUIDs that count"] = numbered(100000, "00000000-0000-4000-8000-%012x"),
    ["date-times"] = numbered(50000, "2026-11-24T08:00:00.%06dZ"),
    ["date-times with a zone"] = numbered(50000, "2026-11-24T08:00:00.%06d+00:00"),
    ["names"] = numbered(50000, "document-pipeline-%d"),
    ["paths"] = numbered(10000, "/mnt/customers/documents/incoming/2026/11/24/batch-%04d/pages/scanned/original.pdf"),
    ["addresses"] = list(20000, function(i)
      return ("https://storage.example.com/bucket/%s/result.json?part=%d&signature=%s%s%s%s&expires=1790000000")
        :format(uuid(), i, uuid(), uuid(), uuid(), uuid())
    end),
    ["prompts with an id in the middle"] = list(1000, function() return middle .. uuid() .. middle end),
    ["prompts with a number in the middle"] = numbered(1000, middle .. "%d" .. middle),
    ["texts of random length"] = list(3000, function(i) return ("word %d "):format(i):rep(math.random(1, 60)) end),
    ["words"] = numbered(100000, "%d"),
  }

  for name, strings in pairs(cases) do
    it(name, function()
      local values = assert(json.decode(as_values(strings)))
      assert.equal(#strings, #values)
      assert.equal(strings[#strings], values[#values])
      local object = assert(json.decode(as_keys(strings)))
      assert.equal(0, object[strings[1]])
    end)

    it(name .. ", again and again", function()
      local few = {}
      for i = 1, 100 do few[i] = strings[i] end
      for i = 101, 20000 do few[i] = few[i - 100] end
      assert.equal(20000, #assert(json.decode(as_values(few))))
    end)
  end
end)

describe("json.decode and memory", function()
  local shapes = {
    ["empty arrays"] = "[" .. ("[],"):rep(20000) .. "0]",
    ["empty objects"] = "[" .. ("{},"):rep(20000) .. "0]",
    ["arrays in arrays"] = "[" .. (("["):rep(100) .. ("]"):rep(100) .. ","):rep(300) .. "0]",
    ["objects of one member"] = "[" .. ('{"a":0},'):rep(20000) .. "0]",
    ["objects of five members"] = "[" .. ('{"a":0,"b":0,"c":0,"d":0,"e":0},'):rep(5000) .. "0]",
    ["small integers"] = "[" .. ("1,"):rep(50000) .. "0]",
    ["floats"] = "[" .. ("0.5,"):rep(50000) .. "0]",
    ["short strings"] = as_values(numbered(20000, "%x")),
    ["strings"] = as_values(numbered(20000, "some text of 41 bytes, that is not short %d")),
    ["keys"] = as_keys(numbered(20000, "%x")),
    ["long keys"] = as_keys(numbered(5000, ("k"):rep(100) .. "%d")),
    ["keys in many objects"] = "[" .. table.concat(numbered(5000, '{"%d":0},')) .. "0]",
    ["large integers"] = "[" .. table.concat(numbered(20000, "1234567890123456789%04d"), ",") .. "]",
    ["numbers above all doubles"] = "[" .. table.concat(numbered(20000, "1e%04d"), ",") .. "]",
    ["strings with escapes"] = as_values(numbered(20000, "\\n%d")),
  }

  -- Bytes that the value takes.
  local function taken(text)
    collectgarbage()
    collectgarbage()
    collectgarbage("stop")
    local before = collectgarbage("count")
    local value = json.decode(text)
    local after = collectgarbage("count")
    collectgarbage("restart")
    assert(value)
    return (after - before) * 1024
  end

  for name, text in pairs(shapes) do
    it("is bounded: " .. name, function()
      local bytes = taken(text)
      -- The string table and the tape's own measure leave a little to guess.
      assert.is_true(json.decode(text, bytes * 1.6 + 1000) ~= nil, "it was refused")
      local value, message, kind = json.decode(text, bytes * 0.85)
      assert.is_true(value == nil, "it was accepted")
      assert.matches("^more memory is needed than allowed at byte %d+$", message)
      assert.equal("too_large", kind)
    end)
  end

  it("needs no more than the list once where it is repeated", function()
    local list = "[" .. ("[1,2,3],"):rep(5000) .. "0]"
    local bytes = taken(list)
    assert.is_true(json.decode(('{"a":%s,"b":%s}'):format(list, list), bytes * 1.2) ~= nil)
    local other = list:gsub("2", "4")
    assert.is_true(json.decode(('{"a":%s,"b":%s}'):format(list, other), bytes * 1.5) == nil)
  end)

  it("is not built up before it is refused", function()
    local text = "[" .. ("[],"):rep(2000000) .. "0]"
    collectgarbage()
    local before = collectgarbage("count")
    assert.is_nil((json.decode(text, 1e6)))
    assert.is_true(collectgarbage("count") - before < 100)
  end)
end)
