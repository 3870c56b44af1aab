--- The journal of a batch: a line of JSON for each input that is done, the same that was printed.
--
-- A line is written whole or, when the program is killed meanwhile, not to its end: what is no JSON counts for nothing.
-- @module mistral.workflows.cli.journal

local problem = require "mistral.workflows.cli.problem"
local workflows = require "mistral.workflows"

local journal = {}

local methods = {}
local metatable = { __index = methods }

-- The last entry for each id, and whether the last line has an end.
local function read(path)
  local entries, whole = {}, true
  local file = io.open(path, "rb")
  if not file then return entries, whole end
  for line in file:lines() do
    local entry = workflows.json.decode(line)
    if type(entry) == "table" and entry.id then entries[entry.id] = line end
  end
  if file:seek("end", -1) then whole = file:read(1) == "\n" end
  file:close()
  return entries, whole
end

--- Opens a journal, or makes it.
-- @param path or nil: nothing is kept
function journal.open(path)
  if not path then return setmetatable({ entries = {} }, metatable) end
  local entries, whole = read(path)
  local file, reason = io.open(path, "ab")
  if not file then problem.usage("the journal cannot be written: %s", reason) end
  if not whole then file:write "\n" end
  return setmetatable({ entries = entries, file = file, path = path }, metatable)
end

--- The entry for an id: a table and its text, or nil.
function methods:find(id)
  local line = self.entries[id]
  if line then return workflows.json.decode(line), line end
end

--- Adds an entry; it is there when this returns.
function methods:add(line)
  if not self.file then return end
  local ok, reason = self.file:write(line, "\n")
  if ok then ok, reason = self.file:flush() end
  if not ok then problem.failure("the journal cannot be written: %s: %s", self.path, reason) end
end

function methods:close()
  if self.file then self.file:close() end
end

return journal
