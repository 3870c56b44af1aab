-- Secrets are cut out of texts, however they are written there.

local growth = require "spec.support.growth"
local mask = require "mistral.workflows.mask"
local writings = require "spec.support.writings"

local KEY = "sk-Abc/def+GHI=0123456789.~_&<>%41\\u00e9é"

-- What is left of a secret when it is hidden: nothing, or the digits at the ends of base64 that other bytes share.
local function is_hidden(text, writing, before, behind)
  if writing:find "base64" then return #text <= #before + #behind + 24 and text:find("***", 1, true) end
  return text == before .. "***" .. behind
end

describe("a secret", function()
  for _, writing in ipairs(writings.all) do
    it(writing[1] .. " is hidden", function()
      local needles = mask.needles(KEY)
      for _, around in ipairs { { "", "" }, { "the key ", " is wrong" }, { "", "." }, { "é", "\n" } } do
        local text = around[1] .. writing[2](KEY) .. around[2]
        local hidden = mask.hide(text, needles)
        assert(is_hidden(hidden, writing[1], around[1], around[2]), text .. " -> " .. hidden)
      end
    end)
  end

  for seed = 1, 60 do
    it(("of random characters is hidden in all ways to write it (%d)"):format(seed), function()
      math.randomseed(seed)
      for _ = 1, 10 do
        local key = writings.random_key()
        local needles = mask.needles(key)
        for _, writing in ipairs(writings.all) do
          local text = "{ " .. writing[2](key) .. " }"
          local hidden = mask.hide(text, needles)
          assert(is_hidden(hidden, writing[1], "{ ", " }"), writing[1] .. ": " .. text .. " -> " .. hidden)
        end
      end
    end)
  end

  it("is hidden wherever it is cut off, in all ways to write it", function()
    local key = "sk-Abc/def+GHI=0123456789.~_&<>%"
    local needles = mask.needles(key)
    for _, writing in ipairs(writings.all) do
      local whole = writing[2](key)
      for size = 1, #whole do
        local text = ("."):rep(20) .. whole:sub(1, size)
        local hidden = mask.hide(text, needles)
        -- what stands for less than eight characters may stay, and an escape that is not whole
        assert(#hidden <= 20 + 8 * 12 + 12, writing[1] .. ": " .. text .. " -> " .. hidden)
        assert.is_nil(hidden:find(writing[2](key:sub(1, 9)), 1, true), writing[1] .. ": " .. text .. " -> " .. hidden)
      end
    end
  end)

  it("is hidden with all that is beside it, and leaves the rest as it was", function()
    local needles = mask.needles "0123456789"
    for _, needle in ipairs(mask.needles "a b cd") do needles[#needles + 1] = needle end
    local function check(expected, text) assert.equal(expected, mask.hide(text, needles)) end
    check("", "")
    check("***", "0123456789")
    check("***", "01234567890123456789")
    check("*** ***", "0123456789 0123456789")
    check("a***b***c", "a0123456789b%30123456789c")
    check('{"a%20b":"\\n***\\n"}', '{"a%20b":"\\n\\u00301234567\\u00389\\n"}')
    check("***&amp;", "%2530123456789&amp;")
    check("012345678 9", "012345678 9")
    check("%3", "%3")
    check("a***", "a01234567")
    check("a***%3", "a01234567%3")
    check("a0123456", "a0123456")
    check("01234567x***", "01234567x01234567")
    check("***", "a+b+cd")
    check("*** ***", "a b cd a+b+cd")
  end)

  it("is hidden in both alphabets of base64", function()
    local needles = mask.needles "???>>>~~~"
    for _, text in ipairs { "<Pz8/Pj4+fn5+>", "<Pz8_Pj4-fn5->" } do
      assert.equal("<***>", mask.hide(text, needles))
    end
    for _, text in ipairs { "<YD8/Pz4+Pn5+fg==>", "<YD8_Pz4-Pn5-fg==>" } do -- behind another byte
      assert.equal("<YD***g==>", mask.hide(text, needles))
    end
  end)

  it("may be in each text of which escapes are too many to be looked at, also where they are only in all", function()
    local needles, budget = mask.needles "0123456789", { escapes = 10 }
    local text = ("%41"):rep(6)
    assert.equal(text, mask.hide(text, needles, budget))
    assert.equal("***", mask.hide(text, needles, budget))
    assert.equal("plain", mask.hide("plain", needles, budget))
    assert.equal(4, budget.escapes)
  end)

  it("that repeats itself is hidden", function()
    for _, case in ipairs {
      { ("a"):rep(40) .. "b", ("a"):rep(60) .. "b", "***" },
      { ("a"):rep(40) .. "bcdefgh", ("a"):rep(41) .. "bcdefgh", "***" },
      { ("ab"):rep(20), ("ab"):rep(35), "***" },
      { ("ab"):rep(20) .. "c", ("ab"):rep(25) .. "c", "***" },
      { ("aab"):rep(20) .. "c" .. ("aab"):rep(20) .. "d", ("aab"):rep(20) .. "c" .. ("aab"):rep(20) .. "c" ..
        ("aab"):rep(20) .. "d", "***" },
      { "aaaa", "aaaaaa", "***" },
      { "abab", "xababab", "x***" },
    } do
      assert.equal(case[3], mask.hide(case[2], mask.needles(case[1])))
    end
  end)

  -- What is hidden, found plainly: each place where 32 bytes of the secret stand, or at the end 8.
  local function plainly(text, secret)
    local hidden = {}
    for first = 1, #text do
      local size = 0
      while size < #secret and text:byte(first + size) == secret:byte(size + 1) do size = size + 1 end
      if size >= 32 or size >= 8 and first + size - 1 == #text then
        for place = first, first + size - 1 do hidden[place] = true end
      end
    end
    local marked = text:gsub("()(.)", function(place, c) return hidden[place] and "*" or c end)
    return (marked:gsub("%*+", "***"))
  end

  it("of few letters is hidden where it is, and nowhere else", function()
    math.randomseed(7)
    for _ = 1, 2000 do
      local block, parts = {}, {}
      for index = 1, math.random(2, 6) do block[index] = math.random() < 0.7 and "a" or "b" end
      local secret = table.concat(block):rep(20):sub(1, math.random(33, 60)) .. (math.random() < 0.5 and "b" or "ab")
      local needles = mask.needles(secret)
      for index = 1, math.random(1, 6) do
        local from = math.random(1, #secret)
        parts[index] = secret:sub(math.random() < 0.5 and 1 or from, math.random(from, #secret))
      end
      local text = table.concat(parts)
      assert.equal(plainly(text, secret), mask.hide(text, needles), secret)
    end
  end)

  it("needs no more than its first 32 bytes to be hidden", function()
    local key = ("0123456789"):rep(10)
    local needles = mask.needles(key)
    assert.equal("<***x", mask.hide("<" .. key:sub(1, 32) .. "x", needles))
    assert.equal("<" .. key:sub(1, 31) .. "x", mask.hide("<" .. key:sub(1, 31) .. "x", needles))
  end)

  it("is sought in a time that grows like the text", function()
    local key = "sk-0123456789abcdefghijklmnopqrstuvwxyz"
    local repeating = ("ab"):rep(20000) .. "c"
    for name, case in pairs {
      ["its first byte"] = { key, "s" },
      ["its first bytes"] = { key, key:sub(1, 31) },
      ["a part of it"] = { key, key:sub(1, 33) },
      ["the key"] = { key, key },
      ["the key percent-encoded"] = { key, (key:gsub(".", function(c) return ("%%%02X"):format(c:byte()) end)) },
      ["backslashes"] = { key, "\\" },
      ["ampersands"] = { key, "&" },
      ["percents"] = { key, "%25" },
      ["entities"] = { key, "&#38;" },
      ["a long secret that repeats itself"] = { repeating, "ab" },
    } do
      local needles = mask.needles(case[1])
      growth.check(name, 50000, function(size)
        local text = case[2]:rep(math.ceil(size / #case[2]))
        return function() mask.hide(text, needles) end
      end)
    end
  end)
end)
