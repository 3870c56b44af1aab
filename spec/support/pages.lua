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

return pages
