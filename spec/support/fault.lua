--- Starts and scripts the fault server (fault_server.py), for tests of an HTTP client on a wire that lies.
--
--     local fault = require "spec.support.fault"
--     local server = fault.start()
--     server:script {
--       { respond = { status = 503, headers = { ["Retry-After"] = "1" } } },
--       { actions = { { "reset" } } },
--     }
--     … use the client on server.url …
--     assert(server:wait("request", 2))
--     assert.equal("GET /v1/workflows HTTP/1.1", server:log()[1].request_line)
--     server:stop()
--
-- Fields of a server:
--   url, tls_url, tls_expired_url, tls_wrong_host_url, tls_self_signed_url, tls_old_url, tls_12_url
--   ca_file       of the authority that signed all but the last
--   client_cert   a certificate and its key in one file, which the client may show
--   proxy, proxy_auth (wants proxyuser:proxysecret), proxy_tls; they take every host name for this machine
--   refused       nobody listens there
--   silent_tcp    https that connects, and then nothing
--
-- A step is used up by the next request it applies to, in the order of the queue; a request without one gets a 200
-- with {"ok":true}. A step has either `actions` or one whole response, and may have:
--   path   only for request targets that start with this
--   port   only for this port: plain, tls, tls_expired, tls_wrong_host, tls_self_signed, tls_old, tls_12, proxy,
--          proxy_auth, proxy_tls;
--          without it a step applies to all but the proxies, which then do what proxies do
--   on     when to act: "accept" (the next connection, before TLS), "header" (the first line of a request is in),
--          "headers" (its header is in, its body not yet read), "request" (all of it is in; the default)
--
-- Actions, done in order. After the last one the connection is closed, unless that is { "keep" }; then a step at an
-- earlier stage goes on to read the rest of the request, which the next step (or the 200) answers.
--   { "send", text }                        these bytes, as one TLS record or segment where they fit
--   { "chunk", text }                       a chunk of a chunked body; the empty text is the last one
--   { "dribble", text, seconds }            byte by byte, with a pause after each
--   { "repeat", text, times, [seconds] }    many times, with a pause after each
--   { "endless", text, [seconds] }          until the client goes away
--   { "sleep", seconds }                    ends early when the client goes away
--   { "gate", name }                        waits for server:open(name)
--   { "hang" }                              stays silent until the client goes away, or reset
--   { "idle_close", seconds }               closes unless another request comes in time; put { "keep" } after it
--   { "half_close" }                        ends the sending side; over TLS a cut, without close_notify
--   { "close" }                             an orderly end (FIN, over TLS after close_notify)
--   { "reset" }                             RST
--   { "keep" }                              nothing; see above
--
-- Whole responses, after which the connection stays open:
--   respond      { status = 200, reason, headers, body = '{"ok":true}', chunked = false }
--                chunked: true, or the number of bytes a chunk
--   gzip         { status, headers, body } with the body compressed (and chunked)
--   gzip_bomb    { status, headers, size = 2^30, text = "0", before = '"', after = '"' } so many bytes of the text over
--                and over, or a little more (whole MiB where it is more than one), compressed
--   header_flood { count = 100000, size = 100 } so many headers of so many bytes, then a body
--   idle_close   { after = 0.1, … } as respond; then idle_close (counted as event "idle_closed")
-- headers: a table by name, or a list of { name, value } where the order or repetition matters.

local process = require "spec.support.process"

local fault = {}

local methods = {}
local metatable = { __name = "fault server", __index = methods }

local stages = { accept = true, header = true, headers = true, request = true }
-- The actions that the server knows, with how many arguments each takes at least.
local actions = {
  send = 1, dribble = 2, ["repeat"] = 2, endless = 1, sleep = 1, gate = 1, gzip = 4, hang = 0, idle_close = 1,
  half_close = 0, close = 0, reset = 0, keep = 0,
}

local reasons = {
  [200] = "OK", [201] = "Created", [202] = "Accepted", [204] = "No Content", [301] = "Moved Permanently",
  [302] = "Found", [307] = "Temporary Redirect", [308] = "Permanent Redirect", [400] = "Bad Request",
  [401] = "Unauthorized", [403] = "Forbidden", [404] = "Not Found", [408] = "Request Timeout", [409] = "Conflict",
  [422] = "Unprocessable Entity", [429] = "Too Many Requests", [500] = "Internal Server Error",
  [502] = "Bad Gateway", [503] = "Service Unavailable", [504] = "Gateway Timeout",
}

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

local function chunk(text)
  return ("%x\r\n"):format(#text) .. text .. "\r\n" -- "%s" of Lua 5.1 stops at a NUL
end

-- The status line and the headers, with the framing header as the last one.
local function head(options, framing)
  local status = options.status or 200
  local lines = { ("HTTP/1.1 %d %s"):format(status, options.reason or reasons[status] or "Unknown") }
  local typed = status == 204 or status == 304
  local function add(name, value)
    typed = typed or name:lower() == "content-type"
    lines[#lines + 1] = name .. ": " .. value
  end
  local headers = options.headers or {}
  if #headers > 0 then
    for _, pair in ipairs(headers) do add(pair[1], pair[2]) end
  else
    for name, value in pairs(headers) do add(name, value) end
  end
  if not typed then add("Content-Type", "application/json") end
  lines[#lines + 1] = framing
  return table.concat(lines, "\r\n") .. "\r\n\r\n"
end

-- Each turns its options into actions, to which { "keep" } is added.
local responses = {}

function responses.respond(options)
  local body = options.body or '{"ok":true}'
  if options.status == 204 or options.status == 304 then
    return { { "send", head(options) } }
  elseif not options.chunked then
    return { { "send", head(options, "Content-Length: " .. #body) .. body } }
  end
  local size = options.chunked == true and math.max(#body, 1) or options.chunked
  local result = { { "send", head(options, "Transfer-Encoding: chunked") } }
  for start = 1, #body, size do
    result[#result + 1] = { "send", chunk(body:sub(start, start + size - 1)) }
  end
  result[#result + 1] = { "send", chunk("") }
  return result
end

function responses.gzip(options)
  return {
    { "send", head(options, "Content-Encoding: gzip\r\nTransfer-Encoding: chunked") },
    { "gzip", options.body or '{"ok":true}', "", 0, "" },
  }
end

function responses.gzip_bomb(options)
  local size, text = options.size or 2 ^ 30, options.text or "0"
  local piece = text:rep(math.ceil(math.min(size, 2 ^ 20) / #text))
  return {
    { "send", head(options, "Content-Encoding: gzip\r\nTransfer-Encoding: chunked") },
    { "gzip", options.before or '"', piece, math.ceil(size / #piece), options.after or '"' },
  }
end

function responses.header_flood(options)
  local line = "X-Flood: "
  line = line .. ("f"):rep((options.size or 100) - #line - 2) .. "\r\n"
  return {
    { "send", "HTTP/1.1 200 OK\r\n" },
    { "repeat", line, options.count or 100000 },
    { "send", 'Content-Type: application/json\r\nContent-Length: 11\r\n\r\n{"ok":true}' },
  }
end

function responses.idle_close(options)
  local result = responses.respond(options)
  result[#result + 1] = { "idle_close", options.after or 0.1 }
  return result
end

-- What the server gets to see of a step: actions only. Mistakes are errors at the caller of `script`.
local function compile(step)
  local result = { on = step.on, path = step.path, port = step.port, actions = {} }
  local list
  for key, value in pairs(step) do
    if key == "actions" then
      list = value
    elseif responses[key] then
      list = responses[key](value)
      list[#list + 1] = { "keep" }
    elseif result[key] == nil then
      error(("unknown member %q of a step"):format(tostring(key)), 3)
    end
  end
  if not list then error("a step has actions or a response", 3) end
  if step.on and not stages[step.on] then error(("unknown stage %q"):format(step.on), 3) end
  for index, action in ipairs(list) do
    if action[1] == "chunk" then action = { "send", chunk(action[2]) } end
    local least = actions[action[1]]
    if not least or #action <= least then
      error(("action %d, %q, is unknown or lacks an argument"):format(index, tostring(action[1])), 3)
    end
    result.actions[index] = action
  end
  return result
end

local function ask(self, command)
  if not self.requests then error("the fault server was stopped", 3) end
  self.requests:write(encode(command), "\n")
  self.requests:flush()
  local line = self.replies:read("*l")
  if not line then error("the fault server is gone", 3) end
  local reply = assert(load(function() -- the one form of load that all Lua versions have
    local piece = line
    line = nil
    return piece
  end))()
  if reply.error then error("fault server: " .. reply.error, 3) end
  return reply.value
end

--- Queues steps: a list of them, or a single one.
function methods:script(steps)
  local compiled = {}
  if next(steps) ~= nil and #steps == 0 then steps = { steps } end
  for index, step in ipairs(steps) do compiled[index] = compile(step) end
  ask(self, { command = "script", steps = compiled })
end

--- Queues one plain response.
function methods:respond(status, body, headers)
  self:script { respond = { status = status, body = body, headers = headers } }
end

--- Lets the action { "gate", name } go on, and every later one of this name.
function methods:open(name)
  ask(self, { command = "open", gate = name })
end

--- Everything received since the last reset, in order: a list of { port, connection (number), request_line,
-- headers (list of { name, value }), body, complete (boolean), client (name in the client's certificate, or "") }.
-- A request is listed when a step acts on it, when it is complete, or when it was cut off.
-- LuaJIT cannot load a log of more than about ten thousand requests.
function methods:log()
  return ask(self, { command = "log" })
end

local events = {
  connection = "connections", request = "requests", closed = "closed", finished = "finished",
  idle_closed = "idle_closed", tls_handshake = "tls_handshakes", tls_failure = "tls_failures",
  proxy_connection = "proxy_connections", proxy_request = "proxy_requests", proxy_closed = "proxy_closed",
}

--- Counts since the last reset: connections, requests, closed (by the client), finished (closed by the server),
-- idle_closed, tls_handshakes, tls_failures, proxy_connections, proxy_requests, proxy_closed (by the client); open
-- (connections that are so now); steps (that are left); and proxy_connects, the list of "host:port" that CONNECT was
-- asked for. Connections to a proxy count only as proxy_…, but what it forwards arrives at a port and counts there.
function methods:stats()
  local stats = ask(self, { command = "stats" })
  for event, name in pairs(events) do stats[name] = stats.counters[event] or 0 end
  stats.counters = nil
  return stats
end

--- Blocks until something has happened n times (default 1) since the last reset. Events: connection, request,
-- closed, finished, idle_closed, tls_handshake, tls_failure, proxy_connection, proxy_request, proxy_closed.
-- @return true, or nil and a message after timeout seconds (default 5; 0 only asks)
function methods:wait(event, n, timeout)
  if not events[event] then error(("unknown event %q"):format(tostring(event)), 2) end
  if ask(self, { command = "wait", event = event, number = n or 1, timeout = timeout or 5 }) then return true end
  local stats = self:stats()
  return nil, ("waited for %d x %s, had %d"):format(n or 1, event, stats[events[event]])
end

--- Forgets steps, log and counts, and closes all connections.
function methods:reset()
  ask(self, { command = "reset" })
end

--- Ends the server and removes its files. May be called twice.
function methods:stop()
  if not self.requests then return end
  -- Not only the end of its input ends it: a child of this process may have inherited that.
  self.requests:write(encode { command = "stop" }, "\n")
  self.requests:close()
  self.replies:close()
  self.requests, self.replies = nil, nil
  self.pipe:close()
end

--- Starts a server of its own. The environment variable FAULT_CERTIFICATES names a directory where certificates are
-- kept from one start to the next.
function fault.start()
  local here = debug.getinfo(1, "S").source:match("^@(.*)fault%.lua$")
  -- The system's python3 comes first because version managers put a slow script in its place.
  local self = process.start("the fault server", "PATH=/usr/bin:$PATH python3 " ..
    process.quote(here .. "fault_server.py"))
  -- Opened for both directions, a FIFO gives an error and not SIGPIPE when the other side is gone.
  self.requests = assert(io.open(self.directory .. "/control.in", "r+"))
  self.replies = assert(io.open(self.directory .. "/control.out", "r"))
  return setmetatable(self, metatable)
end

return fault
