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
    local pages = "find README.md docs examples -name '*.md' -o -path 'examples/*.lua' | sort"
    assert.same(read_lines(pages),
      read_lines(("cd %s/usr/lib/x/share/doc/mistral-workflows && %s"):format(directory, pages)))
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
    assert.same({ directory, directory .. "/usr", directory .. "/usr/bin", there },
      read_lines(("find %s | sort"):format(directory)))
  end)

  it("says which paths see what it has installed where the interpreter does not, and only there", function()
    local paths = { LUA_PATH = "/nowhere/?.lua;;", LUA_CPATH = "/nowhere/?.so;;" }
    local advice, status = lua.shell(("%s install PREFIX=%s"):format(MAKE, directory), paths)
    assert.equal(0, status, advice)
    for name, value in advice:gmatch "export (LUA_C?PATH)='([^'\n]+)'" do paths[name] = value end
    assert.equal("", (lua.shell(("cd / && %s -e 'require \"mistral.workflows\"'"):format(lua.command), paths)))
    assert.equal("", (lua.shell(("%s install PREFIX=%s"):format(MAKE, directory), paths)))
  end)

  it("says in one line which packages have the headers that are missing", function()
    if lua.name == "5.5" then return pending "comes from source" end
    -- The system's headers but for those of libcurl, cJSON and Lua.
    lua.shell(([[mkdir %s/h && cd %s/h && ln -s /usr/include/* /usr/include/$(cc -print-multiarch)/* . 2>/dev/null
      rm -rf curl cjson lua* luajit*]]):format(directory, directory))
    local compiler = ("cc -nostdinc -isystem $$(cc -print-file-name=include) -isystem %s/h"):format(directory)
    local output, status = lua.shell(("%s BUILD=%s/b LUA_INCDIR=/none CURL_CFLAGS= CJSON_CFLAGS= CC='%s'")
      :format(MAKE, directory, compiler))
    assert.not_equal(0, status)
    assert(output:find "^Makefile:%d+: %*+ missing: lua%.h, curl/curl%.h, cjson/cJSON%.h%. [^\n]*Stop%.\n$", output)
    for _, package in ipairs { "liblua[%w.-]*%-dev libcurl4%-openssl%-dev libcjson%-dev", "libcurl%-devel cjson%-devel",
      "apk add lua%w*%.?%w*%-dev curl%-dev cjson%-dev", "brew install lua%S* curl cjson" } do
      assert(output:find(package), output)
    end
  end)

  it("makes the same tarball anywhere and anytime", function()
    local _, without_git = lua.shell "git rev-parse -q --verify HEAD"
    if without_git ~= 0 then return pending "needs git" end
    local sums = {}
    for i, where in ipairs { "umask 077; TZ=Asia/Tokyo", "umask 0; TZ=UTC" } do
      local tree = ("%s/%d"):format(directory, i)
      local output, status = lua.shell(("git clone -q . %s && cd %s && (%s; export TZ; touch README.md; %s dist)")
        :format(tree, tree, where, MAKE))
      assert.equal(0, status, output)
      sums[i] = process.output(("cat %s/build/mistral-workflows-*.tar.gz | sha256sum"):format(tree))
    end
    assert.equal(sums[1], sums[2])
    assert(sums[1]:find "^%x+", sums[1])
  end)

  it("says which versions of Lua there are for another one", function()
    local output, status = lua.shell((MAKE:gsub("LUA=%S+", "LUA=5.2")))
    assert.not_equal(0, status)
    assert(output:find("LUA is 5.4, 5.3, 5.1 or luajit", 1, true), output)
  end)

  -- Both load modules from the same folders.
  it("builds a module for Lua 5.1 that serves LuaJIT as one that was built for it", function()
    if lua.name ~= "luajit" then return pending "is about LuaJIT" end
    local output, status = lua.shell((MAKE:gsub("LUA=%S+", "LUA=5.1")))
    assert.equal(0, status, output)
    local program = [[
      local core = require "mistral.workflows.core"
      print(coroutine.wrap(function() return pcall(core.yieldable) end)())]]
    output = lua.run("-e " .. process.quote(program), { LUA_CPATH = "build/5.1/?.so" })
    assert.equal("true\ttrue\n", output)
  end)

  it("prints the paths of the tree", function()
    local output = lua.shell(MAKE .. "env")
    assert(output:find("build/" .. lua.name .. "/?.so", 1, true), output)
  end)
end)
