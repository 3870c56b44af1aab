-- What a program may give as the option `loop`.

local workflows = require "mistral.workflows"

local function nothing() end

local function refusal(loop)
  local ok, problem = pcall(workflows.new, { api_key = "key", server_url = "http://127.0.0.1:9", loop = loop })
  return not ok and problem:match "option 'loop' must be the name of a loop or an adapter table .-: (.*)" or nil
end

local function adapter(more)
  local all = { wait = nothing, sleep = nothing, spawn = nothing }
  for name, value in pairs(more or {}) do all[name] = value end
  return all
end

describe("an adapter", function()
  it("has three functions", function()
    assert.is_nil(refusal(adapter()))
    for _, name in ipairs { "wait", "sleep", "spawn" } do
      local given = adapter()
      given[name] = nil
      assert.equal(("its field '%s' must be a function"):format(name), refusal(given))
      given[name] = 5
      assert.equal(("its field '%s' must be a function"):format(name), refusal(given))
    end
  end)

  it("needs no spawn where it does not yield", function()
    assert.is_nil(refusal { wait = nothing, sleep = nothing, yields = false })
  end)

  it("has optional fields of one type each", function()
    for _, name in ipairs { "is_running", "condition", "watch", "owner" } do
      assert.is_nil(refusal(adapter { [name] = nothing }))
      assert.equal(("its field '%s' must be a function"):format(name), refusal(adapter { [name] = true }))
    end
    for _, name in ipairs { "yields", "drives" } do
      assert.is_nil(refusal(adapter { [name] = true }))
      assert.equal(("its field '%s' must be a boolean"):format(name), refusal(adapter { [name] = nothing }))
    end
  end)

  it("may have fields of its own, which are none of these misspelt", function()
    assert.is_nil(refusal(adapter { threads = {}, frame = nothing, slept = {}, [1] = "x", [nothing] = 1 }))
    assert.equal("unknown field 'conditon'; did you mean 'condition'?", refusal(adapter { conditon = nothing }))
    assert.equal("unknown field 'yield'; did you mean 'yields'?", refusal(adapter { yield = false }))
  end)

  it("may inherit its fields", function()
    assert.is_nil(refusal(setmetatable({}, { __index = adapter() })))
  end)

  it("is a table", function()
    assert.equal("it is no table", refusal(5))
    assert.equal("it is no table", refusal(nothing))
  end)
end)
