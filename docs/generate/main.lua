--- Writes docs/reference.md, docs/types.md, the table in docs/events.md, and the type annotations for
-- editors in lua/mistral/workflows/types.lua.
--
--     lua docs/generate/main.lua [--check]
--
-- They are made from the endpoint table, facts.lua, answers.json and the header of errors.lua. With --check nothing is
-- written, and the exit status says whether the files are what would be written. `make docs` and `make check` call it.

local here = arg[0]:match "^(.*)main%.lua$"
package.path = here .. "?.lua;" .. package.path

local build = require "model"
local events_table = require "events_table"
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

local model = build(read "lua/mistral/workflows/errors.lua", read "docs/generate/answers.json")

-- A page whose part between two comments is made here.
local function filled(path, what, part)
  local pattern = ("^(.-<!%%-%%- %s: made by make docs %%-%%->\n).-(<!%%-%%- end of %s %%-%%->.*)$"):format(what, what)
  local before, after = read(path):match(pattern)
  assert(before, path .. " has no place for " .. what)
  return { path, before .. part .. after }
end

local files = {
  { "docs/reference.md", reference.page(model) },
  { "docs/types.md", types_page(model) },
  filled("docs/events.md", "event types", events_table(model)),
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
