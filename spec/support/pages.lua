--- Reads the programs in the project's pages.

local pages = {}

--- The Lua blocks of a page, in their order.
function pages.blocks(path)
  local list = {}
  local file = assert(io.open(path, "rb"))
  for block in file:read("*a"):gmatch "\n```lua\n(.-)```" do list[#list + 1] = block end
  file:close()
  return list
end

--- The first Lua block below each heading of a page, by heading.
function pages.by_heading(path)
  local found = {}
  local file = assert(io.open(path, "rb"))
  local page = file:read "*a"
  file:close()
  for section in (page:gsub("\n## ", "\1") .. "\1"):gmatch "([^\1]*)\1" do
    found[section:match "^[^\n]*"] = section:match "\n```lua\n(.-)```"
  end
  return found
end

return pages
