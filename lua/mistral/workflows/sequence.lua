--- A list that is changed in its middle at a cost that hardly grows with it: a tree of short lists.
-- Items are anything but nil, and are numbered from 1.
-- @module mistral.workflows.sequence

local sequence = {}

local MOST = 64 -- children of a node, items of a leaf

local methods = {}
local metatable = { __index = methods }

-- A node is a list of nodes, a leaf a list of items; `size` is the number of items below.
local function node_of(list, from, to, is_leaf)
  local node = { size = 0, is_leaf = is_leaf }
  for index = from, to do
    node[#node + 1] = list[index]
    node.size = node.size + (is_leaf and 1 or list[index].size)
  end
  return node
end

-- Half of the node's members, in a node of their own, where it has too many.
local function split(node)
  local count = #node
  if count <= MOST then return nil end
  local half = math.floor(count / 2)
  local other = node_of(node, half + 1, count, node.is_leaf)
  for index = count, half + 1, -1 do node[index] = nil end
  node.size = node.size - other.size
  return other
end

-- Where in an inner node an item is: the number of the child, and that of the item in it.
local function child_of(node, index)
  local at, last = 1, #node
  while at < last and index > node[at].size do
    index = index - node[at].size
    at = at + 1
  end
  return at, index
end

local function insert(node, index, item)
  node.size = node.size + 1
  if node.is_leaf then
    table.insert(node, index, item)
  else
    local at, inner = child_of(node, index)
    local other = insert(node[at], inner, item)
    if other then table.insert(node, at + 1, other) end
  end
  return split(node)
end

local function remove(node, index)
  node.size = node.size - 1
  if node.is_leaf then
    table.remove(node, index)
    return
  end
  local at, inner = child_of(node, index)
  remove(node[at], inner)
  if node[at].size == 0 and #node > 1 then table.remove(node, at) end
end

-- The leaf of an item, and the number of the item in it.
local function find(node, index)
  while not node.is_leaf do
    local at, inner = child_of(node, index)
    node, index = node[at], inner
  end
  return node, index
end

local function copy_items(node, list, count)
  for _, member in ipairs(node) do
    if node.is_leaf then
      count = count + 1
      list[count] = member
    else
      count = copy_items(member, list, count)
    end
  end
  return count
end

--- Makes a sequence with the items of a list.
function sequence.new(list)
  local nodes, is_leaf = list, true
  repeat
    local above = {}
    for from = 1, math.max(#nodes, 1), MOST / 2 do
      above[#above + 1] = node_of(nodes, from, math.min(from + MOST / 2 - 1, #nodes), is_leaf)
    end
    nodes, is_leaf = above, false
  until #nodes == 1
  return setmetatable({ root = nodes[1] }, metatable)
end

--- How many items there are.
function methods:size()
  return self.root.size
end

function methods:get(index)
  local leaf, place = find(self.root, index)
  return leaf[place]
end

--- Puts another item in the place of one.
function methods:set(index, item)
  local leaf, place = find(self.root, index)
  leaf[place] = item
end

--- Adds an item before the one with this number, or behind the last one.
function methods:insert(index, item)
  local other = insert(self.root, index, item)
  if other then self.root = node_of({ self.root, other }, 1, 2, false) end
end

function methods:remove(index)
  remove(self.root, index)
end

--- Makes the items those of a list.
function methods:copy_to(list)
  local before, count = #list, copy_items(self.root, list, 0)
  for index = before, count + 1, -1 do list[index] = nil end
end

return sequence
