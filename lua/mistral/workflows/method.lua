--- The one door: every public method of the library is made here.
--
-- A method looks at how it was called (with a colon, on a client that is open), at its options, and at what `prepare`
-- says of the other arguments; then `finish` does the work. What the program does wrong is raised at the program's
-- own line. A value that cannot be sent is data: `prepare` makes an error object of it, which is returned.
-- @module mistral.workflows.method

local scheduler = require "mistral.workflows.loop.scheduler"

local type = type

local method = {}

-- The folder of the library, as debug information names its files.
local LIBRARY = debug.getinfo(1, "S").source:match "^(.*[/\\])" or debug.getinfo(1, "S").source

-- A line of the program as "file:line"; nil for the library's own, and where there is none, as in C.
local function shown(info, line)
  if line > 0 and info.source:sub(1, #LIBRARY) ~= LIBRARY then return ("%s:%d"):format(info.short_src, line) end
  return nil
end

-- The nearest frame of the running coroutine that is the program's own, or nil. A tail call leaves none.
local function program_line()
  local level = 2
  local info = debug.getinfo(level, "Sl")
  while info do
    local line = shown(info, info.currentline)
    if line then return line end
    level = level + 1
    info = debug.getinfo(level, "Sl")
  end
  return nil
end

--- The line of the program that is at work, as "file:line", or nil. A function of `map` or `gather` that left none by a
-- tail call works for the line that called `map`.
-- @return the line; and, in such a function, where that is defined
function method.place()
  local line = program_line()
  if line then return line end
  local fn
  line, fn = scheduler.origin()
  local info = fn and debug.getinfo(fn, "S")
  return line, info and shown(info, info.linedefined)
end

--- Raises a message about what the program did wrong, at the line that is at work.
function method.raise(message)
  local place, defined = method.place()
  if defined then message = ("%s (in the function defined at %s)"):format(message, defined) end
  error(place and place .. ": " .. message or message, 0)
end

--- The names of the iterators that belong to a paged list.
-- @param verb of the list: "list", "logs"
-- @return the names of those over items and over pages: "each", "pages"; "each_log", "log_pages"
function method.walk_names(verb)
  if verb == "list" then return "each", "pages" end
  local item = verb:gsub("s$", "")
  return "each_" .. item, item .. "_pages"
end

--- Where the options of a method stand: behind one other argument, behind two, ... What is behind them comes first:
-- there is to be nothing.
method.behind = {
  function(a, options, excess) return excess, options, a end,
  function(a, b, options, excess) return excess, options, a, b end,
  function(a, b, c, options, excess) return excess, options, a, b, c end,
}

local function without_colon(name)
  return ("call it with a colon: %s(...)"):format(name:find "^client:" and name or "client." .. name)
end

-- client, or resource of one -> its handle
local handles = setmetatable({}, { __mode = "k" })

--- Makes an object one that has methods.
-- @param handle of the client
function method.register(object, handle)
  handles[object] = handle
end

--- Makes a public method.
--
-- The definition is a table, which `prepare` gets as well:
--
-- * `resource`: where it is: "workflows"; "" for the client itself
-- * `verb`: its name: "get"
-- * `row`: of the endpoint table, where it is one operation
-- * `arguments(a, b, c, d, e)`: gives what is too much, the options, then the other arguments; see `method.behind`
-- * `options(given, defaults, definition)`: gives the checked options, or nil and what is wrong with them; nil: it
--   takes none
-- * `prepare(client, definition, options, ...)`: makes a state of the other arguments; or gives nil and what is wrong
--   with them: a text, which is raised, or an error object, which is returned
-- * `finish(state)`: gives the results
-- * `when_closed`: the client need not be open, or `prepare` says so
--
-- `title` is added: what error objects call it.
function method.new(definition)
  local resource, verb = definition.resource, definition.verb
  local name = (resource == "" and "client" or resource) .. ":" .. verb
  definition.title = (resource == "" or definition.row and definition.row.path_values == 1) and verb or name
  local arguments, check, when_closed = definition.arguments, definition.options, definition.when_closed
  local prepare, finish = definition.prepare, definition.finish
  return function(self, a, b, c, d, e)
    local handle = handles[self]
    if not handle then method.raise(name .. ": " .. without_colon(name)) end
    local client = self.client or self
    if not when_closed and handle:closed() then method.raise(name .. ": the client is closed") end
    local excess, given, options, state, problem
    excess, given, a, b, c = arguments(a, b, c, d, e)
    if excess ~= nil then method.raise(name .. ": too many arguments; the options come last") end
    if check then
      options, problem = check(given, client.options, definition)
      if not options then method.raise(name .. ": " .. problem) end
    end
    state, problem = prepare(client, definition, options, a, b, c)
    if not state then
      if type(problem) == "string" then method.raise(name .. ": " .. problem) end
      return nil, problem
    end
    return finish(state)
  end
end

return method
