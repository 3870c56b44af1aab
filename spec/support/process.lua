--- Starts a server for a test. The server ends with this process, however that ends: it reads its standard input,
-- the pipe that is opened here, until the end.

local process = {}

-- What a sanitizer needs in this process is not for others.
local CLEAN = "unset LD_PRELOAD; "

--- Shell quotes.
function process.quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

--- The output of a command, without the last line end.
function process.output(command)
  local pipe = assert(io.popen(CLEAN .. command))
  local text = pipe:read("*a")
  pipe:close()
  return (text:gsub("\n$", ""))
end

--- Starts `command DIRECTORY` and waits until it has written `key=value` lines to the FIFO DIRECTORY/ready.
-- @param name for messages
-- @param command shell text; the directory is added as its last argument
-- @return a table with the keys, `directory` and `pipe`, which ends the server when it is closed
function process.start(name, command)
  local directory = process.output('d=$(mktemp -d) && mkfifo "$d/ready" && echo "$d"')
  if directory == "" then error(name .. " has no directory to start in", 3) end
  local quoted = process.quote(directory)
  -- When the server cannot start, something must still be written to "ready", for reading it waits for a writer.
  local pipe = assert(io.popen(CLEAN .. ("%s %s >/dev/null || echo failed >%s/ready; rm -rf %s"):format(
    command, quoted, quoted, quoted), "w"))
  local server = { pipe = pipe, directory = directory }
  for line in io.lines(directory .. "/ready") do
    local key, value = line:match("^([%w_]+)=(.*)$")
    if not key then
      pipe:close()
      error(name .. " did not start; the reason is on the standard error output", 3)
    end
    server[key] = value
  end
  os.remove(directory .. "/ready")
  return server
end

return process
