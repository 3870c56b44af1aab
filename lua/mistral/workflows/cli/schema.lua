--- JSON schemas of inputs and results, for people.
-- @module mistral.workflows.cli.schema

local core = require "mistral.workflows.core"
local text = require "mistral.workflows.cli.text"

local schema = {}

local null = core.json.null
local MOST_REFERENCES = 16

local function is_object(value) return type(value) == "table" end

--- The schema that a node means: follows "#/$defs/Name" within `root`.
-- @return the node, and the name of the last reference
function schema.resolve(root, node)
  local name
  for _ = 1, MOST_REFERENCES do
    local path = is_object(node) and node["$ref"]
    if type(path) ~= "string" then break end
    node = root
    for step in path:gmatch "/([^/]+)" do
      name = step:gsub("~1", "/"):gsub("~0", "~")
      node = is_object(node) and node[name]
    end
  end
  return is_object(node) and node or {}, name
end

--- The alternatives of a node: its anyOf or oneOf, or nil.
function schema.alternatives(node)
  local list = is_object(node.anyOf) and node.anyOf or is_object(node.oneOf) and node.oneOf
  return list and #list > 0 and list or nil
end

--- Names of the properties, the required ones first, and whether each is required.
function schema.properties(node)
  local names, required = {}, {}
  for _, name in ipairs(is_object(node.required) and node.required or {}) do required[name] = true end
  for name in pairs(is_object(node.properties) and node.properties or {}) do
    if type(name) == "string" then names[#names + 1] = name end
  end
  table.sort(names, function(a, b)
    if required[a] == required[b] then return a < b end
    return required[a] ~= nil
  end)
  return names, required
end

--- The type of a node in a few words: "string", "list of integer", "a | b", "string or null".
function schema.label(root, node, depth)
  node = schema.resolve(root, node)
  depth = (depth or 0) + 1
  if depth > 4 then return "..." end
  local words = {}
  if is_object(node.enum) then
    for index, value in ipairs(node.enum) do words[index] = core.json.encode(value) end
    return table.concat(words, " | ")
  end
  if node.const ~= nil then return core.json.encode(node.const) end
  local alternatives = schema.alternatives(node)
  if alternatives then
    for index, each in ipairs(alternatives) do words[index] = schema.label(root, each, depth) end
    return table.concat(words, " or ")
  end
  if node.type == "array" then return "list of " .. schema.label(root, node.items, depth) end
  if is_object(node.type) then return table.concat(node.type, " or ") end
  return type(node.type) == "string" and node.type or "any"
end

local function notes(node, required)
  local list = { type(node.description) == "string" and node.description or nil }
  if required then list[#list + 1] = "(required)" end
  if node.default ~= nil and node.default ~= null then
    list[#list + 1] = ("(default %s)"):format(core.json.encode(node.default))
  end
  return text.clean(table.concat(list, " "))
end

--- The properties of an object's schema: a list of aligned lines, which take at most `columns`.
function schema.outline(root, columns)
  if not is_object(root) then return {} end
  local node = schema.resolve(root, root)
  local names, required = schema.properties(node)
  local rows, first, second, lines = {}, 0, 0, {}
  for index, name in ipairs(names) do
    local property = node.properties[name]
    local resolved = schema.resolve(root, property)
    rows[index] = { text.clean(name), text.clean(schema.label(root, property)), notes(resolved, required[name]) }
    first, second = math.max(first, text.width(rows[index][1])), math.max(second, text.width(rows[index][2]))
  end
  for index, row in ipairs(rows) do
    local line = (text.pad(row[1], first + 2) .. text.pad(row[2], second + 2) .. row[3]):gsub(" +$", "")
    lines[index] = columns and text.cut(line, columns) or line
  end
  return lines
end

return schema
