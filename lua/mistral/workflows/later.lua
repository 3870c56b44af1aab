--- Modules that many a program never needs: they are compiled when it calls one of their functions for the first time.
--
-- Their files are read at once, for later they may be those of another version, or out of reach: the program may go to
-- another directory, or have no descriptors left.
-- @module mistral.workflows.later

local PREFIX = "mistral.workflows."
local SOURCE = debug.getinfo(1, "S").source

local load = loadstring or load -- luacheck: ignore 113 (Lua 5.1)

-- Everything that a plain call does without.
local names = {
  "answers", "batch", "completed", "connection", "errors", "escapes", "execute", "fold", "follow", "guard", "ids",
  "inputs", "iterator", "lists", "loop.adapter", "loop.map", "loop.tasks", "mask", "messages", "pages", "question",
  "run", "sequence", "shape", "status", "stream", "suggest", "sweep", "transport", "unknown", "wait", "waiting",
  "watch",
}

-- What is in a file beside this one, and the name that it has in messages; nil where it is not a file.
local function text_of(name)
  local folder = SOURCE:match "^@(.*[/\\])"
  local path = folder and folder .. name:gsub("%.", "/") .. ".lua"
  local file = path and io.open(path, "rb")
  if not file then return nil end
  local text = file:read "*a"
  file:close()
  return text, "@" .. path
end

-- `require` finds it where a program that brings modules of its own puts these, too.
local function keep(name)
  local module = PREFIX .. name
  local given = package.preload[module]
  if given and debug.getinfo(given, "S").source ~= SOURCE then return end
  local text, source = text_of(name)
  package.preload[module] = text and function(...)
    package.preload[module] = nil
    return assert(load(text, source))(...)
  end
end

for _, name in ipairs(names) do keep(name) end

--- A module that is loaded by the first call of one of its functions.
-- @param name of the module behind "mistral.workflows."
-- @return what stands for it: a table with its functions, which can be called where the module is one
return function(name)
  return setmetatable({}, {
    __index = function(self, member)
      local fn
      self[member] = function(...)
        fn = fn or require(PREFIX .. name)[member]
        return fn(...)
      end
      return self[member]
    end,
    __call = function(_, ...) return require(PREFIX .. name)(...) end,
  })
end
