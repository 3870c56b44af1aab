--- What all iterators of the library have in common: a loop calls them.
-- @module mistral.workflows.iterator

local method = require "mistral.workflows.method"

local iterator = {}

-- `ipairs` asks for a first item where this Lua looks beyond the table, and would find an empty list.
local no_list = {
  __index = function(_, key)
    if key == 1 then method.raise "an iterator is no list: write `for item in iterator do`, without ipairs" end
  end,
}

--- The metatable of an iterator.
-- @param name of its type: "walk"
-- @param methods table
function iterator.metatable(name, methods)
  return { __index = setmetatable(methods, no_list), __name = "mistral.workflows." .. name }
end

return iterator
