--- HTTP/1.1 over one connection, without the library: for what the sandbox itself does.
--
--     local connection = http.open(server)
--     local status, body, headers = connection:request("POST", "/v1/workflows/hello/execute", { input = {} })

local json = require("mistral.workflows").json
local sandbox = require "spec.support.sandbox"
local socket = require "socket"

local http = {}

local methods = {}
local metatable = { __name = "http", __index = methods }

--- A connection of its own to a sandbox.
function http.open(server)
  local host, port = server.url:match("^http://([^:]+):(%d+)")
  local connection = assert(socket.connect(host, tonumber(port)))
  connection:settimeout(60)
  return setmetatable({ socket = connection, host = host .. ":" .. port }, metatable)
end

function methods:close()
  self.socket:close()
end

--- Sends a request; `receive` takes the answer. `body` is a table (JSON) or text, or nil.
function methods:send(method, path, body, headers)
  local text = type(body) == "table" and assert(json.encode(body)) or body
  local lines = { ("%s %s HTTP/1.1"):format(method, path), "Host: " .. self.host,
    "Authorization: Bearer " .. sandbox.key }
  if text then
    lines[#lines + 1] = "Content-Type: application/json"
    lines[#lines + 1] = "Content-Length: " .. #text
  end
  for name, value in pairs(headers or {}) do lines[#lines + 1] = name .. ": " .. value end
  assert(self.socket:send(table.concat(lines, "\r\n") .. "\r\n\r\n" .. (text or "")))
end

local function read_chunks(connection)
  local parts = {}
  while true do
    local size = tonumber(assert(connection:receive("*l")), 16)
    parts[#parts + 1] = size > 0 and assert(connection:receive(size)) or nil
    assert(connection:receive("*l"))
    if size == 0 then return table.concat(parts) end
  end
end

--- The head of the next answer.
-- @return status, and headers by lower-case name
function methods:head()
  local status = tonumber(assert(self.socket:receive("*l")):match("^HTTP/1.1 (%d%d%d)"))
  local headers = {}
  for line in function() return assert(self.socket:receive("*l")) end do
    if line == "" then return status, headers end
    local name, value = line:match("^([^:]+):%s*(.-)%s*$")
    headers[name:lower()] = value
  end
end

--- The next answer.
-- @return status, the decoded JSON (or the text, nil without one), headers by lower-case name
function methods:receive()
  local status, headers = self:head()
  local text
  if headers["transfer-encoding"] == "chunked" then
    text = read_chunks(self.socket)
  elseif tonumber(headers["content-length"] or 0) > 0 then
    text = assert(self.socket:receive(tonumber(headers["content-length"])))
  end
  if text and (headers["content-type"] or ""):find("json", 1, true) then text = assert(json.decode(text)) end
  return status, text, headers
end

--- Sends a request and takes the answer.
function methods:request(...)
  self:send(...)
  return self:receive()
end

return http
