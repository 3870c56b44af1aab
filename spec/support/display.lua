--- The modules of the command line tool, as on a terminal: what they write is collected.
--
--     local out, err = display.run({ columns = 80 }, function()
--       require("mistral.workflows.cli.screen").write "hello\n"
--     end)

local core = require "mistral.workflows.core"

local display = {}

local PREFIX = "mistral.workflows.cli"

--- What is written to, instead of a file.
-- @param failure why it cannot be, or nil
-- @return the file, the list of what was written, and a function that gives the text of what was flushed
function display.collector(failure)
  local parts, flushed = {}, 0
  local function write(self, ...)
    if failure then return nil, failure end
    for index = 1, select("#", ...) do parts[#parts + 1] = tostring((select(index, ...))) end
    return self
  end
  local function flush(self)
    flushed = #parts
    return write(self)
  end
  return { write = write, flush = flush }, parts, function() return table.concat(parts, "", 1, flushed) end
end

-- Takes the tool's modules out of `package.loaded`: what they find at their start, they look for once more.
local function unload()
  local loaded = {}
  for name, module in pairs(package.loaded) do
    if name:sub(1, #PREFIX) == PREFIX then loaded[name] = module end
  end
  for name in pairs(loaded) do package.loaded[name] = nil end
  return loaded
end

local function tool_of(given, real)
  local tool = {}
  for name, fn in pairs(real) do tool[name] = fn end
  function tool.terminal(descriptor)
    local columns = ({ given.columns, given.columns })[descriptor]
    if descriptor == 2 and given.errors ~= nil then columns = given.errors end
    if columns then return columns, given.rows or 24 end
  end
  tool.is_closed = function(descriptor) return descriptor == 1 and given.closed or false end
  tool.interrupts = function() return given.interrupts or 0 end
  tool.catch_interrupts = function(text) given.farewell = text end
  tool.die = function(name) given.died = name end
  return tool
end

--- Runs fn, in which `require` gives the tool's modules anew.
-- @param given { columns, rows, errors, environment, now, time, failure, closed, interrupts }: the terminal on standard
--   output and standard error (no columns: pipes), the columns of that on standard error where they differ (false: a
--   pipe), variables, the clocks of the process and of the day (a sleep sets the former forward), and why standard
--   output cannot be written; fn gets it and may change it. Of what the tool does to the process, `farewell` and `died`
--   tell; `flushed()` gives what left the buffer of standard output.
-- @return standard output, standard error, and what fn returned
function display.run(given, fn)
  local loaded, real = unload(), { core.tool, core.now, core.sleep, os.getenv, os.time, io.stdout, io.stderr }
  local environment = given.environment or {}
  local out, written
  out, written, given.flushed = display.collector(given.failure)
  local err, said = display.collector()
  local tool = tool_of(given, core.tool())
  core.tool = function() return tool end
  core.now = function() return given.now or real[2]() end
  core.sleep = function(seconds)
    if not given.now then return real[3](seconds) end
    given.now = given.now + seconds
  end
  os.getenv = function(name) return environment[name] end -- luacheck: ignore 122
  os.time = function(...) return given.time or real[5](...) end -- luacheck: ignore 122
  io.stdout, io.stderr = out, err -- luacheck: ignore 122
  local ok, result = pcall(fn, given)
  core.tool, core.now, core.sleep = real[1], real[2], real[3]
  os.getenv, os.time, io.stdout, io.stderr = real[4], real[5], real[6], real[7] -- luacheck: ignore 122
  unload()
  for name, module in pairs(loaded) do package.loaded[name] = module end
  if not ok then error(result, 0) end
  return table.concat(written), table.concat(said), result
end

return display
