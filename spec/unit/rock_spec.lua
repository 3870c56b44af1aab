-- What LuaRocks installs in an empty tree works from there. `make rock LUA=5.1` and LUA=5.3 are run by hand.

local fork = require "spec.support.fork"
local lua = require "spec.support.lua"

describe("a rock", function()
  local _, without_git = lua.shell "git rev-parse -q --verify HEAD"

  -- In this order: the binary rock is packed from what the source rock has installed.
  for _, step in ipairs { "make", "source", "binary" } do
    it("runs the README's first program and the tool: " .. step, function()
      if lua.name == "5.1" or lua.name == "5.3" then return pending "by hand" end
      if step ~= "make" and without_git ~= 0 then return pending "needs git" end
      fork.alarm(110) -- everything is compiled, maybe by a machine that does much else
      local output, status = lua.shell(("script/rock %s %s"):format(lua.name, step))
      assert.equal(("%s, %s: Hello, Ada!\n"):format(lua.name, step), output)
      assert.equal(0, status)
    end)
  end
end)
