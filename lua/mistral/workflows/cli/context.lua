--- What a command gets: its arguments, the client, and the ways in which commands show what they found.
-- @module mistral.workflows.cli.context

local core = require "mistral.workflows.core"
local listing = require "mistral.workflows.cli.listing"
local problem = require "mistral.workflows.cli.problem"
local reading = require "mistral.workflows.cli.reading"
local screen = require "mistral.workflows.cli.screen"
local text = require "mistral.workflows.cli.text"
local time = require "mistral.workflows.cli.time"
local workflows = require "mistral.workflows"

local unpack = table.unpack or unpack -- luacheck: ignore 113 143 (one of them, by version)

local context = {}

local methods = {}
local metatable = { __index = methods }

function context.new(args)
  return setmetatable({ args = args }, metatable)
end

--- The client, made when it is first needed.
function methods:client()
  if not self.made then self.made = require "mistral.workflows.cli.client"(self.args) end
  return self.made
end

function methods:close()
  if self.made then self.made:close() end
end

--- The value of an answer, or raises the error object that came with nil.
function methods:try(value, err) -- luacheck: ignore 212
  if value == nil then error(err, 0) end
  return value
end

--- The same for an answer that must have a content.
function methods:content(value, err)
  if self:try(value, err) == true then problem.failure "the answer of the service is none that this version knows" end
  return value
end

-- The list of paths in `--fields a,b.c`, or nil.
local function fields_of(args)
  if not args.fields then return nil end
  local list = {}
  for path in args.fields:gmatch "[^,%s]+" do list[#list + 1] = path end
  if #list == 0 then problem.usage "--fields takes names between commas: --fields id,workflow.name" end
  return list
end

-- A value as JSON on one line.
local function encode(value) return assert(core.json.encode(value, { sort_keys = true })) end

-- A JSON text on one line: between its tokens a line end is as good as a space, and elsewhere there is none.
local function on_one_line(json) return (json:gsub("[\r\n]", " ")) end

local function fields_as_columns(list)
  local columns = {}
  for index, path in ipairs(list) do columns[index] = { title = path:upper(), field = path } end
  return columns
end

-- The members that the columns look at.
local function needed(columns)
  local list = {}
  for _, column in ipairs(columns) do
    for _, path in ipairs(column.needs or { column.field }) do list[#list + 1] = path end
  end
  return list
end

-- A page need not be larger than what is shown.
local function ask_for_no_more(params, limit)
  for _, name in ipairs { "limit", "page_size" } do
    if params[name] and limit then params[name] = math.max(1, math.min(params[name], limit)) end
  end
end

-- Calls a method with the members that somebody typed: when there is none of such a name, that is no fault of ours.
local function with_fields(typed, fn, ...)
  if not typed then return fn(...) end
  local results = { pcall(fn, ...) }
  if not results[1] and type(results[2]) == "string" then
    problem.usage("--fields: %s", (results[2]:gsub("^.*option 'fields':? ", "")))
  elseif not results[1] then
    error(results[2], 0)
  end
  return unpack(results, 2)
end

local function begin(self, walk, verb, options)
  local resource = walk.resource
  local method, typed = resource[verb], self.args.fields
  if walk.id then return with_fields(typed, method, resource, walk.id, walk.params, options) end
  return with_fields(typed, method, resource, walk.params, options)
end

--- The options of a stream whose events are shown by `item`.
function methods:events_as() return { raw = self.args.json and not self.args.fields or nil } end

--- Shows an item, or its text, in the way that --json or --fields asks for; false where neither does.
function methods:item(item)
  local fields = fields_of(self.args)
  if self.args.json then
    screen.write(fields and encode(reading.pick(item, fields)) or on_one_line(item), "\n")
  elseif fields then
    local values = {}
    for index, path in ipairs(fields) do values[index] = reading.line(reading.value(item, path)) end
    screen.write(table.concat(values, "\t"), "\n")
  end
  return self.args.json or fields ~= nil
end

--- Calls fn with each item of a list, page by page; with --json shows them instead, one JSON text a line.
-- @param walk as for `list`
-- @param fields list of the paths that fn looks at, or nil: all members
-- @param after called after each page
-- @return how many there were
function methods:each(walk, fn, fields, after)
  local args, shown = self.args, 0
  ask_for_no_more(walk.params, args.limit)
  if args.json then
    local only = fields_of(args)
    for item in begin(self, walk, walk.each or "each", { raw = not only or nil, fields = only }) do
      if shown == args.limit then break end
      shown = shown + 1
      screen.write(only and encode(item) or on_one_line(item), "\n")
    end
    return shown
  end
  for page in begin(self, walk, walk.pages or "pages", { fields = fields }) do
    for _, item in ipairs(page[walk.member]) do
      if shown == args.limit then break end
      shown = shown + 1
      fn(item)
    end
    if after then after() end
    if shown == args.limit then break end
  end
  return shown
end

--- Shows a list: `resource[each]` walks its items, `resource[pages]` its pages, whose items are in `member`.
-- @param walk { resource, id, each, pages, member, params, columns, none }
function methods:list(walk)
  local fields = fields_of(self.args)
  local columns = fields and fields_as_columns(fields) or walk.columns
  local rows, items = listing.new(columns, screen.columns()), {}
  local function show()
    rows:add(items)
    screen.flush()
    items = {}
  end
  local shown = self:each(walk, function(item) items[#items + 1] = item end, needed(columns), show)
  if shown == 0 and screen.columns() then screen.note("%s", walk.none or "there is nothing to show") end
end

--- Shows rows that are at hand.
function methods:rows(columns, items)
  if self.args.json then
    for _, item in ipairs(items) do screen.write(encode(item), "\n") end
  else
    listing.new(columns, screen.columns()):add(items)
  end
end

--- A value as JSON: indented on a terminal, on one line elsewhere.
function methods:json(value) -- luacheck: ignore 212
  if not screen.columns() then
    return screen.write(encode(value), "\n")
  end
  screen.write(text.visible_json(assert(workflows.json.encode(value, { indent = 2, sort_keys = true }))), "\n")
end

--- Shows one answer: its text with --json, some members with --fields, otherwise by `show(answer)`.
-- @param read(options) calls the method with these call options
function methods:show(read, show)
  local fields = fields_of(self.args)
  if self.args.json and not fields then return screen.write(self:content(read { raw = true }), "\n") end
  local answer = self:try(with_fields(fields, read, { fields = fields }))
  if self.args.json then return self:json(answer) end
  if type(answer) ~= "table" then problem.failure "the answer of the service is none that this version knows" end
  if not fields then return show(answer) end
  if not screen.columns() then
    self:item(answer)
    return
  end
  local details = {}
  for index, path in ipairs(fields) do details[index] = { path, reading.text(reading.value(answer, path)) } end
  self:details(details)
end

--- Shows names and values, a line each; those that are nil, false or "" are left out.
-- @param list of { name, value, colour }
function methods:details(list) -- luacheck: ignore 212
  local columns, widest = screen.columns(), 0
  for _, pair in ipairs(list) do widest = math.max(widest, #pair[1]) end
  for _, pair in ipairs(list) do
    local value = reading.text(pair[2])
    if value ~= "" and pair[2] ~= false then
      local name = columns and text.pad(pair[1], widest + 2) or pair[1] .. "\t"
      local lines = columns and text.lines(value) or { text.clean(value) }
      for index, each in ipairs(lines) do
        screen.write(screen.paint("bold", index == 1 and name or (" "):rep(widest + 2)),
          screen.paint(pair[3], each), "\n")
      end
    end
  end
end

--- Does something that changes the workspace; with --dry-run only says what.
-- @param what "archive hello"
-- @param change function
-- @return what `change` returned; nil for --dry-run
function methods:change(what, change)
  if not self.args.dry_run then return change() end
  screen.write("would ", text.clean(what), "\n")
end

--- A moment in an answer: on a terminal relative where it is near, else the clock's time.
function methods:moment(value)
  local moment = screen.columns() and type(value) == "string" and workflows.time.parse(value)
  if not moment then return reading.text(value) end
  local now = os.time()
  if not self.args.utc and math.abs(now - moment) < 86400 then return time.relative(moment, now) end
  return time.clock(moment, self.args.utc)
end

--- A moment in an answer, on a terminal as the clock shows it.
function methods:clock(value, form)
  local moment = screen.columns() and type(value) == "string" and workflows.time.parse(value)
  return moment and time.clock(moment, self.args.utc, form) or reading.text(value)
end

return context
