--- The inputs of a batch: lines of JSON objects, each with an id that depends on nothing but the batch's name, the line
-- and how often the same line came before. So two programs, or one that was started again, mean the same execution.
-- @module mistral.workflows.cli.batch_inputs

local core = require "mistral.workflows.core"
local problem = require "mistral.workflows.cli.problem"
local values = require "mistral.workflows.cli.values"

local sha256 = core.tool().sha256

local batch_inputs = {}

-- The lines of standard input, which can be read once only; of a file they are read again each time.
local function source(path)
  if path ~= "-" then
    return function()
      local file, reason = io.open(path, "rb")
      if not file then problem.usage("the inputs cannot be read: %s", reason) end
      return file:lines()
    end
  end
  local lines = {}
  for line in io.stdin:lines() do lines[#lines + 1] = line end
  return function()
    local index = 0
    return function()
      index = index + 1
      return lines[index]
    end
  end
end

--- The id of an input.
-- @param occurrence 1 for the first line that is like this
-- @param attempt how often it was started under another id before
function batch_inputs.id(name, line, occurrence, attempt)
  local words = { name, line, ("%d"):format(occurrence) }
  if attempt > 0 then words[#words + 1] = ("%d"):format(attempt) end
  return sha256(table.concat(words, "\n"))
end

-- Calls for each line that is not blank: its number, its text, and its how-manieth occurrence.
local function each_line(open, fn)
  local number, seen = 0, {}
  for line in open() do
    number = number + 1
    if line:find "%S" then
      local key = sha256(line)
      seen[key] = (seen[key] or 0) + 1
      fn(number, line, seen[key])
    end
  end
end

--- Reads the inputs of a shard, and checks all of them: nothing is started when one is wrong.
-- @param options { path, name, shard, shards }
-- @return a list of { number, line, occurrence, id }
function batch_inputs.read(options)
  local list = {}
  each_line(source(options.path), function(number, line, occurrence)
    values.object(line, ("line %d of %s"):format(number, options.path == "-" and "standard input" or options.path))
    if (number - 1) % options.shards + 1 == options.shard then
      list[#list + 1] = {
        number = number, line = line, occurrence = occurrence,
        id = batch_inputs.id(options.name, line, occurrence, 0),
      }
    end
  end)
  return list
end

--- Shard and number of shards of "2/8", or nil and what is wrong.
function batch_inputs.to_shard(value)
  local shard, shards = value:match "^(%d+)/(%d+)$"
  shard, shards = tonumber(shard), tonumber(shards)
  if not shard or shard < 1 or shard > shards then
    return nil, ("--shard takes the number of this part and of all, as 2/8, not '%s'"):format(value)
  end
  return { shard = shard, shards = shards }
end

return batch_inputs
