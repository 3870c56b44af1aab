--- Reads type annotations (LuaCATS), as far as this library's own go, and compares values with them.
--
--     local annotations = require "spec.support.annotations"
--     local types = annotations.read "lua/mistral/workflows/types.lua"
--     types:violations("mistral.workflows.Run", run)   -- a list of texts: what does not fit

local workflows = require "mistral.workflows"

local annotations = {}

local methods = {}
local metatable = { __index = methods }

-- ----- types: { kind, ... } -----

local parse_union

-- A type and what is left of the text.
local function parse_single(text)
  local literal, rest = text:match '^"(.-)"(.*)$'
  if literal then return { kind = "literal", value = literal }, rest end
  local digits
  digits, rest = text:match "^(%d+)(.*)$"
  if digits then return { kind = "literal", value = tonumber(digits) }, rest end
  if text:find "^table<" then
    local key, value
    key, rest = parse_union(text:sub(7))
    value, rest = parse_union(assert(rest:match "^, *(.*)$", text))
    return { kind = "map", key = key, value = value }, assert(rest:match "^>(.*)$", text)
  end
  if text:find "^fun%(" then
    local returned
    rest = assert(text:match "^fun%b():? ?(.*)$", text)
    returned, rest = parse_union(rest)
    while rest:find "^, " do rest = select(2, parse_union(rest:sub(3))) end
    return { kind = "function", returned = returned }, rest
  end
  if text:find "^{" then return { kind = "name", name = "table" }, text:match "^%b{}(.*)$" end
  local name
  name, rest = text:match "^([%a_][%w_.]*)(.*)$"
  assert(name, "no type: " .. text)
  return { kind = "name", name = name }, rest
end

local function parse_suffixes(text)
  local kind, rest
  if text:sub(1, 1) == "(" then
    kind, rest = parse_union(text:sub(2))
    rest = assert(rest:match "^%)(.*)$", text)
  else
    kind, rest = parse_single(text)
  end
  while rest:find "^%[%]" do
    kind, rest = { kind = "list", item = kind }, rest:sub(3)
  end
  if rest:sub(1, 1) == "?" then
    kind, rest = { kind = "union", { kind = "name", name = "nil" }, kind }, rest:sub(2)
  end
  return kind, rest
end

function parse_union(text)
  local kind, rest = parse_suffixes(text)
  if rest:sub(1, 1) ~= "|" then return kind, rest end
  local union = { kind = "union", kind }
  while rest:sub(1, 1) == "|" do
    kind, rest = parse_suffixes(rest:sub(2))
    union[#union + 1] = kind
  end
  return union, rest
end

-- ----- the file -----

local function add_field(class, text)
  local name, mark, rest = text:match "^([%w_]+)(%??) (.*)$"
  if not name then
    name, rest = text:match "^%[(%d+)%] (.*)$"
    name, mark = tonumber(name), ""
  end
  class.fields[assert(name, text)] = { optional = mark == "?", type = (parse_union(rest)) }
end

--- Reads a file.
-- @return `classes` and `aliases` by name; `returns`, the type of the first value of each function, by its name
function annotations.read(path)
  local self = setmetatable({ classes = {}, aliases = {}, returns = {} }, metatable)
  local class, returned
  for line in io.lines(path) do
    local tag, text = line:match "^%-%-%-@(%w+) (.*)$"
    if tag == "class" then
      local name, base = text:match "^([%w_.]+) ?:? ?([%w_.]*)"
      class = { base = base ~= "" and base or nil, fields = {} }
      self.classes[name] = class
    elseif tag == "field" then
      add_field(class, text)
    elseif tag == "alias" then
      local name, kind = text:match "^(%S+) (.*)$"
      self.aliases[name] = parse_union(kind)
    elseif tag == "return" then
      returned = returned or (parse_union(text))
    elseif line:find "^function " then
      self.returns[line:match "^function ([%w_.:]+)"] = returned
      returned = nil
    end
  end
  return self
end

--- What an iterator of this type gives.
function annotations.given(kind)
  for _, member in ipairs(kind) do
    if member.kind == "function" then return member.returned end
  end
end

-- ----- values -----

local is_type = {
  any = function() return true end,
  string = function(value) return type(value) == "string" end,
  number = function(value) return type(value) == "number" end,
  integer = function(value) return type(value) == "number" and value % 1 == 0 end,
  boolean = function(value) return type(value) == "boolean" end,
  table = function(value) return type(value) == "table" end,
  lightuserdata = function(value) return value == workflows.null end,
  ["nil"] = function(value) return value == nil end,
}

--- The field of a class or of what it is derived from.
function methods:field(name, key)
  local class = self.classes[name]
  while class do
    if class.fields[key] then return class.fields[key] end
    class = self.classes[class.base]
  end
end

local check

local function check_class(self, name, value, path, found)
  if type(value) ~= "table" then
    found[#found + 1] = ("%s: a %s, not a %s"):format(path, type(value), name)
    return
  end
  for key, member in pairs(value) do
    local field = self:field(name, key)
    local below = ("%s.%s"):format(path, tostring(key))
    if field then check(self, field.type, member, below, found)
    else found[#found + 1] = ("%s: %s has no such member"):format(below, name) end
  end
  local class = self.classes[name]
  while class do
    for key, field in pairs(class.fields) do
      if value[key] == nil and not field.optional then
        found[#found + 1] = ("%s.%s: missing in a %s"):format(path, tostring(key), name)
      end
    end
    class = self.classes[class.base]
  end
end

-- A union fits where one of its types does; else what is wrong with the nearest of them counts.
local function check_union(self, union, value, path, found)
  local nearest
  for _, kind in ipairs(union) do
    local wrong = {}
    check(self, kind, value, path, wrong)
    if not nearest or #wrong < #nearest then nearest = wrong end
  end
  for _, text in ipairs(nearest) do found[#found + 1] = text end
end

local function check_table(self, kind, value, path, found)
  if type(value) ~= "table" then
    found[#found + 1] = ("%s: a %s, not a %s"):format(path, type(value), kind.kind)
    return
  end
  for key, item in pairs(value) do
    local below = ("%s[%s]"):format(path, tostring(key))
    if kind.kind == "list" and type(key) ~= "number" then found[#found + 1] = below .. ": a name in a list" end
    check(self, kind.item or kind.value, item, below, found)
  end
end

function check(self, kind, value, path, found)
  if kind.kind == "union" then return check_union(self, kind, value, path, found) end
  if kind.kind == "list" or kind.kind == "map" then return check_table(self, kind, value, path, found) end
  if kind.kind == "literal" then
    if value ~= kind.value then found[#found + 1] = ("%s: not %s"):format(path, tostring(kind.value)) end
    return
  end
  local alias = self.aliases[kind.name]
  if alias then return check(self, alias, value, path, found) end
  if self.classes[kind.name] then return check_class(self, kind.name, value, path, found) end
  if not assert(is_type[kind.name], kind.name)(value) then
    found[#found + 1] = ("%s: a %s, not a %s"):format(path, type(value), kind.name)
  end
end

--- What of a value does not fit a type.
-- @param kind a name, or a type of `returns`
-- @return a list of texts
function methods:violations(kind, value)
  local found = {}
  check(self, type(kind) == "string" and { kind = "name", name = kind } or kind, value, "answer", found)
  table.sort(found)
  return found
end

return annotations
