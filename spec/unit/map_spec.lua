-- Maps: what they close, and functions that yield. More is in spec/http/map_spec.lua.

local testing = require "mistral.workflows.testing"

describe("client:map", function()
  local client

  before_each(function() client = testing.client {} end)

  after_each(function() client:close() end)

  -- An iterator of three items, and how often it was closed.
  local function closable()
    local made = { closed = 0, taken = 0 }
    function made:close() self.closed = self.closed + 1 end
    return setmetatable(made, { __call = function(self)
      self.taken = self.taken + 1
      return self.taken <= 3 and self.taken or nil
    end })
  end

  it("closes its iterator once", function()
    local items = closable()
    assert.same({ 1, 2, 3 }, client:map(items, function(item) return item end))
    assert.equal(1, items.closed)
  end)

  it("closes the iterator of an inner map once, though the outer one is cancelled later", function()
    local items = closable()
    local ok, problem = pcall(client.map, client, { "inner", "raise" }, function(what)
      if what == "raise" then
        client:sleep(5)
        error("enough", 0)
      end
      client:map(items, function(item)
        client:sleep(1)
        return item
      end)
      assert.equal(1, items.closed)
      client:sleep(100)
    end)
    assert.same({ false, "enough" }, { ok, problem })
    assert.equal(1, items.closed)
  end)

  it("lets others go on where a function yields and there is nobody to yield to", function()
    local order = {}
    local results = client:map({ 1, 2 }, function(item)
      for _ = 1, 2 do
        order[#order + 1] = item
        coroutine.yield "to nobody"
      end
      return item
    end)
    assert.same({ 1, 2 }, results)
    assert.same({ 1, 2, 1, 2 }, order)
  end)

  it("may be of no functions", function()
    assert.same({}, (client:gather {}))
    assert.same({}, (client:map({}, function() end)))
  end)
end)
