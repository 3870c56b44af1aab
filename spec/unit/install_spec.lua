-- What is installed works without the source tree.

local lua = require "spec.support.lua"
local process = require "spec.support.process"

-- Not the variables of a make that runs the tests.
local MAKE = "env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -s LUA=" .. lua.name .. " "
local API = _VERSION:match "[%d.]+"

local function read_lines(command)
  local lines = {}
  for line in (process.output(command) .. "\n"):gmatch "([^\n]+)\n" do lines[#lines + 1] = line end
  return lines
end

describe("make", function()
  local directory

  before_each(function() directory = process.output "mktemp -d" end)
  after_each(function() os.execute("rm -rf " .. process.quote(directory)) end)

  it("installs all files to DESTDIR and PREFIX, and they work from there", function()
    local output, status = lua.shell(("%s install PREFIX=/usr/lib/x DESTDIR=%s"):format(MAKE, directory))
    assert.equal(0, status, output)
    local share = directory .. "/usr/lib/x/share/lua/" .. API
    local lib = directory .. "/usr/lib/x/lib/lua/" .. API
    assert.same(read_lines "cd lua && find . -name '*.lua' | sort",
      read_lines(("cd %s && find . -name '*.lua' ! -path '*/sandbox/*' | sort"):format(share)))
    assert.same(read_lines "find sandbox -type f | sort",
      read_lines(("cd %s/mistral/workflows && find sandbox -type f | sort"):format(share)))
    assert.same({ "./mistral/workflows/core.so" }, read_lines(("cd %s && find . -type f"):format(lib)))
    output, status = lua.shell(([[cd / && %s -e 'print(require("mistral.workflows").new())']]):format(lua.command), {
      LUA_PATH = share .. "/?.lua;" .. share .. "/?/init.lua", LUA_CPATH = lib .. "/?.so",
      MISTRAL_API_KEY = "none",
    })
    assert.equal("mistral.workflows.client(https://api.mistral.ai)\n", output)
    assert.equal(0, status)
  end)

  it("takes away what it has installed, and nothing else", function()
    local there = directory .. "/usr/bin/other"
    lua.shell(("mkdir -p %s/usr/bin && echo >%s"):format(directory, there))
    for _, task in ipairs { "install", "uninstall" } do
      local output, status = lua.shell(("%s %s PREFIX=/usr DESTDIR=%s"):format(MAKE, task, directory))
      assert.equal(0, status, output)
    end
    assert.same({ there }, read_lines(("find %s -type f -o -type l"):format(directory)))
  end)

  it("says which versions of Lua there are for another one", function()
    local output, status = lua.shell((MAKE:gsub("LUA=%S+", "LUA=5.2")))
    assert.not_equal(0, status)
    assert(output:find("LUA is 5.4, 5.3, 5.1 or luajit", 1, true), output)
  end)

  it("packs a rock that installs in an empty tree and loads from there", function()
    if lua.name == "luajit" then return pending "LuaRocks builds for Lua 5.1" end
    local output, status = lua.shell(MAKE .. "rock")
    assert.equal(0, status, output)
    assert(output:find "from the packed rock\n$", output)
  end)

  it("prints the paths of the tree", function()
    local output = lua.shell(MAKE .. "env")
    assert(output:find("build/" .. lua.name .. "/?.so", 1, true), output)
  end)
end)
