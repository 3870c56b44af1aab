-- What the tool tells of itself, word for word: spec/cli/pages has its help, its man page and its completion scripts.
-- Where one is to be another from now on, `SPEC_KEEP=1 spec/run -l 5.4 spec/cli/pages_spec.lua` writes them anew, and
-- `git diff` shows what a user will see.

local commands = require "spec.support.commands"
local parser = require "mistral.workflows.cli.parser"
local workflows = require "mistral.workflows"

local function help()
  local root = parser.new()
  local pages = { root:get_help() }
  for _, command in ipairs(root._commands) do pages[#pages + 1] = command:get_help() end
  return table.concat(pages, "\n\n" .. ("-"):rep(100) .. "\n\n") .. "\n"
end

local function printed(arguments)
  return function()
    local ended = commands.run(arguments)
    assert.same({ 0, "", {} }, { ended.status, ended.err, ended.requests })
    return (ended.out:gsub("mistral%-workflows " .. workflows._VERSION:gsub("%p", "%%%0"), "mistral-workflows VERSION"))
  end
end

local pages = {
  ["help.txt"] = help, ["manual.1"] = printed "manual", ["completion.bash"] = printed "completion bash",
  ["completion.zsh"] = printed "completion zsh", ["completion.fish"] = printed "completion fish",
}

local function lines_of(text)
  local lines = {}
  for line in text:gmatch "([^\n]*)\n" do lines[#lines + 1] = line end
  return lines
end

-- The first line that differs tells more than two whole pages.
local function compare(kept, made)
  local before, after = lines_of(kept), lines_of(made)
  for index = 1, math.max(#before, #after) do
    assert.same({ index, before[index] }, { index, after[index] })
  end
  assert.equal(kept, made)
end

describe("the page that mistral-workflows tells", function()
  for name, make in pairs(pages) do
    it(("%s is what it was"):format(name), function()
      local path, made = "spec/cli/pages/" .. name, make()
      if os.getenv "SPEC_KEEP" then
        local file = assert(io.open(path, "wb"))
        file:write(made)
        file:close()
      end
      local file = assert(io.open(path, "rb"))
      local kept = file:read "*a"
      file:close()
      compare(kept, made)
    end)
  end
end)
