--- LuaCATS classes from JSON schemas, for editors.
-- @module mistral.workflows.cli.annotations

local core = require "mistral.workflows.core"
local schema = require "mistral.workflows.cli.schema"
local text = require "mistral.workflows.cli.text"

local annotations = {}

local methods = {}
local metatable = { __index = methods }

local null = core.json.null
local MOST_DEPTH = 30
local MOST_CLASSES = 2000

local plain = { string = "string", integer = "integer", number = "number", boolean = "boolean",
  ["null"] = "mistral.workflows.Null" }

--- A collection of classes.
function annotations.new()
  return setmetatable({ lines = {}, taken = {}, count = 0 }, metatable)
end

--- A name as a part of the name of a class.
function annotations.word(name)
  return (tostring(name):gsub("[^%w_]", "_"):gsub("^(%d)", "_%1"))
end

local function is_object(value) return type(value) == "table" end

-- "name" is taken once; others with the same name get a number.
local function unique(self, name)
  local count, candidate = 1, name
  while self.taken[candidate] do
    count = count + 1
    candidate = name .. "_" .. count
  end
  self.taken[candidate] = true
  return candidate
end

local function literal(value)
  if type(value) == "string" then return core.json.encode(value) end
  if value == null then return plain["null"] end
  return is_object(value) and "table" or tostring(value)
end

local function union(list)
  local seen, words = {}, {}
  for _, word in ipairs(list) do
    if not seen[word] then words[#words + 1] = word end
    seen[word] = true
  end
  return #words > 0 and table.concat(words, "|") or "any"
end

local type_of

-- The class of an object with properties; the same node is one class, which may refer to itself.
local function class_of(self, root, node, name, depth)
  if self.classes[node] then return self.classes[node] end
  local class = unique(self, name)
  self.classes[node] = class
  self.count = self.count + 1
  local names, required = schema.properties(node)
  local lines = { "---@class " .. class }
  for _, property in ipairs(names) do
    local value = node.properties[property]
    local key = property:find "^[%a_][%w_]*$" and property or ("[%s]"):format(core.json.encode(property))
    local resolved = schema.resolve(root, value)
    local note = type(resolved.description) == "string" and " " .. text.clean(resolved.description) or ""
    lines[#lines + 1] = ("---@field %s%s %s%s"):format(key, required[property] and "" or "?",
      type_of(self, root, value, name .. "." .. annotations.word(property), depth + 1), note)
  end
  self.lines[#self.lines + 1] = table.concat(lines, "\n") .. "\n"
  return class
end

local function list_of(item) return item:find "|" and ("(%s)[]"):format(item) or item .. "[]" end

local function object_type(self, root, node, name, depth)
  if is_object(node.properties) and next(node.properties) ~= nil then return class_of(self, root, node, name, depth) end
  if is_object(node.additionalProperties) then
    return ("table<string, %s>"):format(type_of(self, root, node.additionalProperties, name .. ".value", depth + 1))
  end
  return "table"
end

local function named_type(self, root, node, name, depth, kind)
  if plain[kind] then return plain[kind] end
  if kind == "array" then return list_of(type_of(self, root, node.items, name .. ".item", depth + 1)) end
  if kind == "object" or is_object(node.properties) then return object_type(self, root, node, name, depth) end
  return "any"
end

function type_of(self, root, given, name, depth)
  local node, reference = schema.resolve(root, given)
  if depth > MOST_DEPTH or self.count > MOST_CLASSES then return "any" end
  if reference then name = self.prefix .. "." .. annotations.word(reference) end
  local words = {}
  if is_object(node.enum) then
    for index, value in ipairs(node.enum) do words[index] = literal(value) end
    return union(words)
  end
  if node.const ~= nil then return literal(node.const) end
  local alternatives = schema.alternatives(node) or is_object(node.allOf) and #node.allOf == 1 and node.allOf
  if alternatives then
    for index, each in ipairs(alternatives) do words[index] = type_of(self, root, each, name, depth + 1) end
    return union(words)
  end
  if not is_object(node.type) then return named_type(self, root, node, name, depth, node.type) end
  for index, kind in ipairs(node.type) do words[index] = named_type(self, root, node, name, depth, kind) end
  return union(words)
end

--- The type of a schema; the classes that it needs are added.
-- @param root the schema
-- @param prefix of the names of its classes
-- @param name of the class of the schema itself
function methods:add(root, prefix, name)
  if not is_object(root) then return nil end
  self.prefix, self.classes = prefix, {}
  return type_of(self, root, root, prefix .. "." .. name, 0)
end

--- Adds a class that is written here.
function methods:class(name, parent, fields)
  local class = unique(self, name)
  local lines = { ("---@class %s: %s"):format(class, parent) }
  for _, field in ipairs(fields) do lines[#lines + 1] = "---@field " .. field end
  self.lines[#self.lines + 1] = table.concat(lines, "\n") .. "\n"
  return class
end

return annotations
