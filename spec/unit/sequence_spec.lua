-- A sequence does what table.insert and table.remove do.

local sequence = require "mistral.workflows.sequence"

describe("a sequence", function()
  for _, size in ipairs { 0, 1, 31, 32, 33, 64, 65, 1024, 1025, 5000 } do
    it(("of %d items is the list that it was made of, and is changed like it"):format(size), function()
      local list = {}
      for index = 1, size do list[index] = index end
      local items = sequence.new(list)
      math.randomseed(size)
      local function check()
        assert.equal(#list, items:size())
        local copy = { false, false }
        items:copy_to(copy)
        assert.same(list, copy)
        for index = 1, #list, 7 do assert.equal(list[index], items:get(index)) end
      end
      check()
      for round = 1, 3 do
        for number = 1, 1000 do
          local index = math.random(1, #list + 1)
          table.insert(list, index, -number)
          items:insert(index, -number)
          index = math.random(1, #list)
          list[index] = round
          items:set(index, round)
        end
        check()
        for _ = 1, round == 3 and #list or 900 do
          local index = math.random(1, #list)
          table.remove(list, index)
          items:remove(index)
        end
        check()
      end
      items:insert(1, "a")
      assert.equal("a", items:get(1))
      assert.equal(1, items:size())
    end)
  end

  it("may grow at one place only", function()
    local items = sequence.new {}
    for number = 1, 20000 do items:insert(number % 2 == 0 and 1 or items:size() + 1, number) end
    assert.equal(20000, items:get(1))
    assert.equal(19999, items:get(20000))
    assert.equal(2, items:get(10000))
    assert.equal(1, items:get(10001))
  end)
end)
