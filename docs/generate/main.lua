--- Writes docs/reference.md, docs/types.md, the table of methods in README.md, and the type annotations for editors in
-- lua/mistral/workflows/types.lua.
--
--     lua docs/generate/main.lua [--check]
--
-- They are made from the endpoint table, docs/generate/facts.lua and the header of errors.lua. With --check nothing is
-- written, and the exit status says whether the files are what would be written. `make docs` and `make check` call it.

local here = arg[0]:match "^(.*)main%.lua$"
package.path = here .. "?.lua;" .. package.path

local build = require "model"
local reference = require "reference"
local types = require "types"
local types_page = require "types_page"

local root = here .. "../../"

local function read(path)
  local file = assert(io.open(root .. path, "rb"))
  local text = file:read "*a"
  file:close()
  return text
end

local model = build(read "lua/mistral/workflows/errors.lua")

local readme = read "README.md"
local before, after = readme:match "^(.-<!%-%- methods: made by make docs %-%->\n).-(<!%-%- end of methods %-%->.*)$"
assert(before, "README.md has no place for the table of methods")

local files = {
  { "docs/reference.md", reference.page(model) },
  { "docs/types.md", types_page(model) },
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
