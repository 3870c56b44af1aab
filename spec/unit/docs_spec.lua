-- The documentation and the type annotations say what the code has, no less and no more.

local annotations = require "spec.support.annotations"
local adapter = require "mistral.workflows.loop.adapter"
local workflows = require "mistral.workflows"

package.path = "docs/generate/?.lua;" .. package.path
local facts = require "facts"
local methods = require "methods"
local build = require "model"

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "*a"
  file:close()
  return text
end

-- The pages, README.md first.
local written = { "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "sandbox/README.md" }
local listing = assert(io.popen "ls docs/*.md")
for path in listing:lines() do written[#written + 1] = path end
listing:close()

local model = build(read "lua/mistral/workflows/errors.lua", read "docs/generate/answers.json")

-- The names that a complaint about an unknown one lists.
local function known_names(complaint)
  local names = {}
  for name in complaint:match "known are (.*)$":gmatch "[%w_]+" do names[#names + 1] = name end
  table.sort(names)
  return names
end

local function documented(class)
  local names = {}
  for _, entry in ipairs(facts.tables) do
    if entry.class == class then
      for index, field in ipairs(entry.fields) do names[index] = (field[1]:gsub("%?$", "")) end
    end
  end
  table.sort(names)
  return names
end

local function sorted_keys(t)
  local keys = {}
  for key in pairs(t) do keys[#keys + 1] = key end
  table.sort(keys)
  return keys
end

local UNKNOWN = "a_name_far_from_any_other"

describe("docs", function()
  local client

  setup(function() client = workflows.new { api_key = "none", server_url = "http://127.0.0.1:9" } end)
  teardown(function() client:close() end)

  it("has every option of a client, and no other", function()
    local _, complaint = pcall(workflows.new, { [UNKNOWN] = 1 })
    assert.same(known_names(complaint), documented "Options")
  end)

  it("has every option of a call", function()
    local _, complaint = pcall(client.workflows.get, client.workflows, "hello", { [UNKNOWN] = 1 })
    assert.same(known_names(complaint), documented "CallOptions")
  end)

  it("has every option of human input", function()
    local _, complaint = pcall(client.executions.waiting, client.executions, {}, { [UNKNOWN] = 1 })
    assert.same(known_names(complaint), documented "InputOptions")
  end)

  it("has every option of wait", function()
    local _, complaint = pcall(client.executions.wait, client.executions, "id", { [UNKNOWN] = 1 })
    assert.same(known_names(complaint), documented "WaitOptions")
  end)

  it("has no option that is taken for a parameter", function()
    for _, class in ipairs { "CallOptions", "WaitOptions", "RunOptions", "CompletedOptions" } do
      for _, name in ipairs(documented(class)) do
        local ok, complaint = pcall(client.executions.get, client.executions, "id", { [name] = 1 })
        assert.is_false(ok)
        assert.truthy(complaint:find(name .. " is an option: third argument", 1, true), complaint)
      end
    end
  end)

  it("has every setting of retry", function()
    local _, complaint = pcall(workflows.new, { api_key = "none", retry = { [UNKNOWN] = 1 } })
    assert.same(known_names(complaint), documented "Retry")
  end)

  it("has every method of every resource, and no other", function()
    for _, resource in ipairs(model.resources) do
      local listed = {}
      for _, method in ipairs(methods.of(model, resource)) do listed[method.name] = true end
      local object = resource.name == "" and client or client[resource.name]
      assert.same(sorted_keys(getmetatable(object).__index), sorted_keys(listed), "client." .. resource.name)
    end
  end)

  it("has everything the module offers", function()
    local listed = {}
    for _, item in ipairs(facts.module) do listed[item.name] = true end
    assert.same(sorted_keys(workflows), sorted_keys(listed))
  end)

  it("has an example of each answer, with the types of it", function()
    local types = annotations.read "lua/mistral/workflows/types.lua"
    for _, resource in ipairs(model.resources) do
      for _, row in ipairs(resource.rows) do
        local example = model.answers[row.name]
        assert.equal(row.response ~= "none", example ~= nil, row.name)
        if row.answer then
          assert.same({}, types:violations("mistral.workflows." .. row.answer, example), row.name)
        end
      end
    end
  end)

  it("has every field of a loop adapter, with the same words on both pages", function()
    local listed = {}
    for name, mark, text in read "docs/loops.md":gmatch "\n| `([%w_]+)[^`]*`(%??) | ([^\n]*) |" do
      listed[#listed + 1] = { name .. mark, text }
    end
    for index, field in ipairs(adapter.fields) do assert.same({ field[1], field[3] }, listed[index]) end
    assert.equal(#adapter.fields, #listed)
  end)

  it("names no method that does not exist", function()
    for _, path in ipairs(written) do
      for resource, method in read(path):gmatch "client%.([%a]+):([%w_]+)" do
        local invented = path == "docs/architecture.md" and method == "note"
        assert(invented or client[resource] and client[resource][method],
          ("%s: client.%s:%s"):format(path, resource, method))
      end
    end
  end)

  it("links to files and headings that are there", function()
    for _, path in ipairs(written) do
      local folder = path:match "^(.*/)" or ""
      for target in read(path):gmatch "%]%(([^)]+)%)" do
        local file, heading = target:match "^([^#]*)#?(.*)$"
        if not file:find "^https?:" and not file:find "/$" then
          local text = read(file == "" and path or folder .. file)
          local found = heading == ""
          for title in ("\n" .. text):gmatch "\n#+ ([^\n]+)" do
            found = found or (title:lower():gsub("[^%w _-]", ""):gsub(" ", "-")) == heading
          end
          assert(found, ("%s links to %s"):format(path, target))
        end
      end
    end
  end)

  it("is reached from docs/README.md, page by page", function()
    local index = read "docs/README.md"
    for _, path in ipairs(written) do
      local page = path:match "^docs/(.*)$"
      assert(not page or page == "README.md" or index:find("](" .. page .. ")", 1, true), path)
    end
  end)

  it("keeps the type annotations out of run time", function()
    assert.is_nil(package.loaded["mistral.workflows.types"])
    assert(loadfile "lua/mistral/workflows/types.lua")
  end)
end)
