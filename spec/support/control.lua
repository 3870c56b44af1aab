--- How a test talks to a server that it has started: a JSON text a line goes there, a Lua chunk a line comes back.
-- So a test needs no socket library and no JSON decoder for it.

local control = {}

-- JSON with one character per byte, so that any byte can be sent. An empty table is a list.
local function encode(value)
  if type(value) == "string" then
    return '"' .. value:gsub('[%c"\\\128-\255]', function(c) return ("\\u%04x"):format(c:byte()) end) .. '"'
  elseif type(value) == "number" then
    return ("%.14g"):format(value)
  elseif type(value) ~= "table" then
    return tostring(value)
  end
  local items = {}
  if next(value) == nil or #value > 0 then
    for index = 1, #value do items[index] = encode(value[index]) end
    return "[" .. table.concat(items, ",") .. "]"
  end
  for key, item in pairs(value) do items[#items + 1] = encode(key) .. ":" .. encode(item) end
  return "{" .. table.concat(items, ",") .. "}"
end

--- Opens the two FIFOs of a server that `process.start` has started.
function control.open(server)
  -- Opened for both directions, a FIFO gives an error and not SIGPIPE when the other side is gone.
  server.requests = assert(io.open(server.directory .. "/control.in", "r+"))
  server.replies = assert(io.open(server.directory .. "/control.out", "r"))
end

--- Sends a command and returns what it answers.
function control.ask(server, command)
  if not server.requests then error("the server was stopped", 3) end
  server.requests:write(encode(command), "\n")
  server.requests:flush()
  local line = server.replies:read("*l")
  if not line then error("the server is gone", 3) end
  local reply = assert(load(function() -- the one form of load that all Lua versions have
    local piece = line
    line = nil
    return piece
  end))()
  if reply.error then error("server: " .. reply.error, 3) end
  return reply.value
end

--- Ends the server. May be called twice.
function control.stop(server)
  if not server.requests then return end
  -- Not only the end of its input ends it: a child of this process may have inherited that.
  server.requests:write(encode { command = "stop" }, "\n")
  server.requests:close()
  server.replies:close()
  server.requests, server.replies = nil, nil
  server.pipe:close()
end

return control
