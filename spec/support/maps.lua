--- What specs of client:map share.

local assert = require "luassert"

local maps = {}

--- The list 1 to count.
function maps.numbers(count)
  local list = {}
  for index = 1, count do list[index] = index end
  return list
end

--- A full collection.
function maps.collect()
  collectgarbage()
  collectgarbage()
end

local function size(table)
  local count = 0
  for _ in pairs(table) do count = count + 1 end
  return count
end

--- Nothing that belongs to a map is left in the client.
function maps.assert_idle(client)
  assert.equal(0, client.handle:running())
  maps.collect()
  for _, name in ipairs { "waiters", "tasks" } do
    assert.equal(0, size(client.hub[name]), name)
  end
end

return maps
