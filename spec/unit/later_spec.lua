--- Modules that are compiled when they are first used: what that must not change.

local lua = require "spec.support.lua"
local process = require "spec.support.process"

-- Runs Lua code with a copy of the library in `folder`; gives what it prints.
local function with_copy(code)
  local folder = os.tmpname()
  os.remove(folder)
  process.output(("mkdir %s && cp -r lua/mistral %s"):format(process.quote(folder), process.quote(folder)))
  local file = assert(io.open(folder .. "/program.lua", "w"))
  file:write(("local folder = %q\n"):format(folder),
    "package.path = folder .. '/?.lua;' .. folder .. '/?/init.lua'\n", code)
  file:close()
  local output = lua.run(process.quote(folder .. "/program.lua"))
  process.output("rm -r " .. process.quote(folder))
  return output
end

describe("a module that is loaded later", function()
  it("is not there before it is needed", function()
    assert.equal("nil\tnil\tnil\tfunction\n", with_copy [[
      local workflows = require "mistral.workflows"
      local client = workflows.new { api_key = "key", server_url = "http://127.0.0.1:9", retry = false }
      client.executions:get "id"
      local loaded = package.loaded
      print(loaded["mistral.workflows.stream"], loaded["mistral.workflows.watch"], loaded["mistral.workflows.loop.map"],
        type(require "mistral.workflows.stream".prepare))]])
  end)

  it("is that of the start, wherever its file is now", function()
    assert.equal("5\n", with_copy [[
      local workflows = require "mistral.workflows"
      os.execute("rm -r " .. folder .. "/mistral")
      local names = {}
      for name in pairs(package.preload) do names[#names + 1] = name:match "^mistral%.workflows%..*" end
      assert(#names > 20)
      for _, name in ipairs(names) do require(name) end
      print(workflows.fold(nil, { type = "json", value = 5 }))]])
  end)

  it("is any of the library's own", function()
    assert.equal("", with_copy [[
      local workflows = require "mistral.workflows"
      local names = {}
      for path in io.popen("ls " .. folder .. "/mistral/workflows/*.lua"):lines() do
        names[#names + 1] = path:match "([^/]*)%.lua$"
      end
      os.execute("rm -r " .. folder .. "/mistral")
      for _, name in ipairs(names) do
        if name ~= "init" and name ~= "types" and not pcall(require, "mistral.workflows." .. name) then print(name) end
      end
      workflows.new { api_key = "key" }:gather { function() return true end }]])
  end)

  it("is read again when the library is loaded again", function()
    assert.equal("new\n", with_copy [[
      local function load_again()
        for name in pairs(package.loaded) do
          if name:find "^mistral%.workflows" then package.loaded[name] = nil end
        end
        return require "mistral.workflows"
      end
      load_again()
      local file = io.open(folder .. "/mistral/workflows/fold.lua", "w")
      file:write "return function() return 'new' end"
      file:close()
      print(load_again().fold())]])
  end)

  it("may be one that the program has brought", function()
    assert.equal("own\n", with_copy [[
      package.preload["mistral.workflows.fold"] = function() return function() return "own" end end
      print(require "mistral.workflows".fold())]])
  end)

  it("is missed where it is not there", function()
    assert.matches("module 'mistral.workflows.fold' not found", with_copy [[
      os.remove(folder .. "/mistral/workflows/fold.lua")
      print(pcall(require "mistral.workflows".fold))]])
  end)

  it("has its lines in messages", function()
    assert.matches("/mistral/workflows/fold%.lua:%d+:", with_copy [[
      local path = folder .. "/mistral/workflows/fold.lua"
      local file = io.open(path, "w")
      file:write "return function() error 'here' end"
      file:close()
      print(pcall(require "mistral.workflows".fold))]])
  end)
end)
