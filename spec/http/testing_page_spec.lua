-- The Lua blocks of docs/testing.md are files, named in their first line; those that are specs pass.

local lua = require "spec.support.lua"
local pages = require "spec.support.pages"
local process = require "spec.support.process"

describe("docs/testing.md", function()
  local directory
  local names = {}

  setup(function()
    directory = process.output "mktemp -d"
    for _, block in ipairs(pages.blocks "docs/testing.md") do
      local name = assert(block:match "^%-%- ([%w_]+%.lua)", "a block without the name of a file")
      names[#names + 1] = name
      local file = assert(io.open(directory .. "/" .. name, "wb"))
      file:write(block)
      file:close()
    end
  end)
  teardown(function() os.execute("rm -rf " .. process.quote(directory)) end)

  for name, count in pairs {
    ["invoices_spec.lua"] = 3, ["troubles_spec.lua"] = 2, ["stream_spec.lua"] = 1, ["errors_spec.lua"] = 1,
    ["service_spec.lua"] = 2,
  } do
    it("has " .. name .. ", which passes", function()
      local output, status = lua.shell(("busted --lua=%s -o TAP %s/%s"):format(lua.command, directory, name),
        lua.variables { LUA_PATH = directory .. "/?.lua;" .. os.getenv "LUA_PATH" })
      assert.equal(0, status, output)
      assert.equal(count, select(2, output:gsub("\nok ", "\n")) + (output:find "^ok " and 1 or 0), output)
    end)
  end

  it("has no other specs", function() assert.equal(6, #names) end)
end)
