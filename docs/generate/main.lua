--- Writes docs/reference.md, the table of methods in README.md, and the type annotations for editors in
-- lua/mistral/workflows/types.lua.
--
--     lua docs/generate/main.lua [--check]
--
-- They are made from the endpoint table, docs/generate/facts.lua and the header of errors.lua. With --check nothing is
-- written, and the exit status says whether the files are what would be written. `make docs` and `make check` call it.

local here = arg[0]:match "^(.*)main%.lua$"
package.path = here .. "?.lua;" .. package.path

local core = require "mistral.workflows.core"
local facts = require "facts"
local reference = require "reference"
local types = require "types"

local root = here .. "../../"

local function read(path)
  local file = assert(io.open(root .. path, "rb"))
  local text = file:read "*a"
  file:close()
  return text
end

-- The fields that the header of errors.lua lists: { name, text }, in its order.
local function error_fields()
  local fields = {}
  local header = read "lua/mistral/workflows/errors.lua":match "^(.-)\nlocal"
  for item in header:gsub("\n%-%-   +", " "):gmatch "\n%-%- %* ([^\n]+)" do
    local names, text = item:match "^(.-): (.*)$"
    for name in (names or item):gmatch "`([%w_]+)`" do fields[#fields + 1] = { name, text or "" } end
  end
  return fields
end

-- The operations by resource, resources in the order of the table, the client itself last.
local function resources()
  local list, by_name, client = {}, {}, nil
  for _, row in ipairs(core.endpoints(true)) do
    local resource = by_name[row.resource]
    if not resource then
      resource = { name = row.resource, rows = {} }
      by_name[row.resource] = resource
      if row.resource == "" then client = resource else list[#list + 1] = resource end
    end
    resource.rows[#resource.rows + 1] = row
  end
  list[#list + 1] = client
  return list
end

local model = { facts = facts, errors = error_fields(), resources = resources() }

local readme = read "README.md"
local before, after = readme:match "^(.-<!%-%- methods: made by make docs %-%->\n).-(<!%-%- end of methods %-%->.*)$"
assert(before, "README.md has no place for the table of methods")

local files = {
  { "docs/reference.md", reference.page(model) },
  { "README.md", before .. reference.summary(model) .. after },
  { "lua/mistral/workflows/types.lua", types.file(model) },
}

local stale = {}
for _, file in ipairs(files) do
  local path, text = file[1], file[2]
  local old = io.open(root .. path, "rb")
  local same = old and old:read "*a" == text
  if old then old:close() end
  if not same then
    stale[#stale + 1] = path
    if arg[1] ~= "--check" then
      local out = assert(io.open(root .. path, "wb"))
      assert(out:write(text))
      out:close()
      print("wrote " .. path)
    end
  end
end

if arg[1] == "--check" and #stale > 0 then
  io.stderr:write("not up to date: ", table.concat(stale, ", "), " (make docs)\n")
  os.exit(1)
end
