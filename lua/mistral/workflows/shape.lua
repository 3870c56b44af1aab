--- What of an answer becomes Lua values: the options `fields` and `raw`.
-- @module mistral.workflows.shape

local core = require "mistral.workflows.core"

local shape = {}

local json = core.json

local DEEPEST = 1000 -- of what JSON holds
local PATHS = "must be a list of paths, each \"workflow.name\" or { \"workflow\", \"name\" }"

--- Under which other name a list may be.
shape.other_names = { executions = "runs" }

-- A copy of a plain list, of each item what `read` makes of it; or nil and what is wrong.
local function list_of(value, read)
  if type(value) ~= "table" then return nil, "it is a " .. type(value) end
  local copy, count = {}, 0
  for key, item in next, value do
    if type(key) ~= "number" then return nil, "it has names" end
    local made, problem = read(item)
    if not made then return nil, ("item %s: %s"):format(tostring(key), problem) end
    copy[key], count = made, count + 1
  end
  for index = 1, count do
    if copy[index] == nil then return nil, "it has holes" end
  end
  return copy
end

local function name_of(value)
  if type(value) == "string" then return value end
  return nil, "it is a " .. type(value)
end

-- The names of a path.
local function path_of(value)
  local names, problem
  if type(value) == "string" then
    names = {}
    for name in (value .. "."):gmatch "([^.]*)%." do
      if name == "" then return nil, ("'%s' has an empty name"):format(value) end
      names[#names + 1] = name
    end
  else
    names, problem = list_of(value, name_of)
    if not names then return nil, problem end
    if #names == 0 then return nil, "it is empty" end
  end
  if #names > DEEPEST then return nil, ("it has more than %d names"):format(DEEPEST) end
  return names
end

--- The check of the option `fields`.
-- @return a list of paths, each a list of names; or nil and what it must be
function shape.paths(value)
  local paths, problem = list_of(value, path_of)
  if not paths then return nil, ("%s; %s"):format(PATHS, problem) end
  return paths
end

-- What is wrong with the options of a method, or nil.
local function problem_of(definition, options, is_open)
  if options.fields and definition.row.response == "events" then return "option 'fields' is not for event streams" end
  if options.fields and options.raw then return "the options 'fields' and 'raw' exclude each other" end
  if is_open then return nil end
  for _, path in ipairs(options.fields or {}) do
    local problem = core.check_field(definition.row.name, path)
    if problem then return "option 'fields': " .. problem end
  end
end

-- The shape of a page.
local function page(paging, wish)
  wish.list, wish.cursor = { paging.items, shape.other_names[paging.items] }, paging.next
  return json.shape(wish)
end

--- Makes the shape of a method's answers of its checked options.
-- @param definition of the method; it `gives_items` where it walks over items
-- @param is_open names that the library does not know are let through
-- @return the shape; or nil, and what is wrong with the options where they ask for one
function shape.new(definition, options, is_open)
  if not options.fields and not options.raw then return nil end
  local problem = problem_of(definition, options, is_open)
  if problem then return nil, problem end
  local wish, paging = { fields = options.fields, raw = options.raw }, definition.row.paging
  if paging and (options.fields or definition.gives_items) then return page(paging, wish) end
  return json.shape(wish)
end

--- What a walk needs to know of a page of which the program gets the text.
-- @param most bytes that it may take
-- @return the page with its cursor and its items, in which nothing is; or nil where it takes more
function shape.head(paging, text, most)
  return (json.decode(text, most, page(paging, { fields = {} })))
end

--- The same of a value that no single answer holds.
-- @param wanted a shape or nil
function shape.apply(wanted, value)
  if not wanted or value == nil then return value end
  return (json.decode(json.encode(value), nil, wanted))
end

return shape
