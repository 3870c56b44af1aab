-- types: annotations of a workspace's own workflows.

local sandbox = require "spec.support.sandbox"
local tool = require "spec.support.tool"

describe("mistral-workflows types", function()
  local server

  setup(function() server = sandbox.start() end)
  teardown(function() server:stop() end)

  local function types(arguments)
    local out, status, err = tool.run(server, "types " .. (arguments or ""))
    assert.equal(0, status, err)
    assert.equal("", err)
    return out
  end

  local function assert_has(text, lines)
    for _, line in ipairs(lines) do assert(text:find(line .. "\n", 1, true), line .. " is not in\n" .. text) end
  end

  it("writes classes of inputs and results, and who takes them", function()
    assert_has(types "hello", {
      "---@meta _", "---@class workflows.hello.input", "---@field name? string Whom to greet.",
      "---@class workflows.hello.result", "---@field message? string The greeting.",
      "---@class workflows.hello.request: mistral.workflows.ExecuteRequest",
      "---@field input? workflows.hello.input", "---@class mistral.workflows.workflows",
      '---@overload fun(self: mistral.workflows.workflows, workflow: "hello", request?: workflows.hello.request, '
        .. "options?: mistral.workflows.WaitOptions): workflows.hello.result?, "
        .. "mistral.workflows.Execution|mistral.workflows.Error",
    })
  end)

  it("writes signals, queries and updates", function()
    assert_has(types "form counter", {
      '---@field name "__submit_input"', '---@field name "add"',
      "---@class workflows.counter.signal.add: mistral.workflows.Invocation",
      "---@class workflows.counter.update.add: mistral.workflows.Invocation",
      "function executions:signal(id, body, options) end",
    })
  end)

  it("writes one Lua file for all workflows, each class once", function()
    local text, seen = types(), {}
    assert((loadstring or load)(text)) -- luacheck: ignore 113
    for name in text:gmatch "%-%-%-@class (workflows%.[%w_.]+)" do
      assert.is_nil(seen[name], name)
      seen[name] = true
    end
    assert.is_true(seen["workflows.embedding_refresh.input"])
    for _, line in ipairs(tool.lines(text)) do assert(#line < 2000) end
  end)

  it("builds on classes that the library has", function()
    local file = assert(io.open "lua/mistral/workflows/types.lua")
    local library = file:read "*a"
    file:close()
    for name in types():gmatch "%f[%w]mistral%.workflows%.[%w_.]*%w" do
      local escaped = name:gsub("%p", "%%%0")
      assert(library:find("%-%-%-@class " .. escaped .. "%f[%s:]")
        or library:find("%-%-%-@alias " .. escaped .. "%s"), name)
    end
  end)

  it("names what is not there", function()
    local _, status, err = tool.run(server, "types helo")
    assert.equal(5, status)
    assert(err:find "did you mean 'hello'", err)
  end)
end)
