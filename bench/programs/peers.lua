--- The work items of the benchmarks, done with what else there is for Lua, each as its manual shows it.
--
--     lua bench/programs/peers.lua LIBRARY WORK [ARGUMENTS...]
--
-- LIBRARY is lua-curl, lua-http or lua-socket; all decode with lua-cjson. See shared.lua for the
-- rest. Ends with status 77 where the library is missing.

local server = os.getenv "BENCH_URL"

local function need(name)
  local found, library = pcall(require, name)
  if not found then os.exit(77) end
  return library
end

local cjson = need "cjson"

-- Each gives a function that gets the body of a path.
local libraries = {}

libraries["lua-curl"] = function()
  local curl = need "curl"
  local easy, parts = curl.easy_init(), nil
  easy:setopt(curl.OPT_HTTPHEADER, { "Accept: application/json", "Authorization: Bearer bench" })
  easy:setopt(curl.OPT_CAINFO, os.getenv "BENCH_CA")
  easy:setopt(curl.OPT_WRITEFUNCTION, function(bytes)
    parts[#parts + 1] = bytes
    return #bytes
  end)
  return function(path)
    parts = {}
    easy:setopt(curl.OPT_URL, server .. path)
    assert(easy:perform() == 0)
    return table.concat(parts)
  end
end

libraries["lua-http"] = function()
  local headers, http = need "http.headers", need "http.client"
  local scheme, host, port = server:match "^(%w+)://([^:]+):(%d+)$"
  local context
  if scheme == "https" then
    context = need "http.tls".new_client_context()
    context:getStore():add(os.getenv "BENCH_CA")
  end
  local connection = assert(http.connect { host = host, port = tonumber(port), tls = scheme == "https", ctx = context })
  return function(path)
    local request = headers.new()
    request:append(":method", "GET")
    request:append(":scheme", scheme)
    request:append(":authority", host .. ":" .. port)
    request:append(":path", path)
    request:append("accept", "application/json")
    request:append("authorization", "Bearer bench")
    local stream = assert(connection:new_stream())
    assert(stream:write_headers(request, true))
    assert(assert(stream:get_headers()):get ":status" == "200")
    local body = assert(stream:get_body_as_string())
    stream:shutdown()
    return body
  end
end

-- Speaks no TLS.
libraries["lua-socket"] = function()
  local socket = need "socket"
  local host, port = server:match "^http://([^:]+):(%d+)$"
  if not host then os.exit(77) end
  local connection = assert(socket.connect(host, tonumber(port)))
  connection:setoption("tcp-nodelay", true)
  return function(path)
    assert(connection:send(("GET %s HTTP/1.1\r\nHost: %s:%s\r\nAccept: application/json\r\n"
      .. "Authorization: Bearer bench\r\n\r\n"):format(path, host, port)))
    assert(connection:receive "*l" == "HTTP/1.1 200 OK")
    local length, chunked
    for line in function() return connection:receive "*l" end do
      if line == "" then break end
      local name, value = line:lower():match "^([^:]+): *(.*)$"
      if name == "content-length" then length = tonumber(value) end
      if name == "transfer-encoding" then chunked = value == "chunked" end
    end
    if not chunked then return (connection:receive(length)) end
    local parts = {}
    repeat
      local size = tonumber(connection:receive "*l", 16)
      if size > 0 then parts[#parts + 1] = connection:receive(size) end
      connection:receive "*l"
    until size == 0
    return table.concat(parts)
  end
end

local work = {}

function work.get(fetch, id, count)
  local execution
  for _ = 1, count do execution = cjson.decode(fetch("/v1/workflows/executions/" .. id)) end
  return count, execution.execution_id .. ":" .. execution.status
end

local function escape(text)
  return (text:gsub("[^%w]", function(c) return ("%%%02X"):format(c:byte()) end))
end

function work.walk(fetch, pages, size)
  local items, last = 0, nil
  local path = "/v1/workflows/registrations?limit=" .. size
  for _ = 1, pages do
    local page = cjson.decode(fetch(path))
    for _, registration in ipairs(page.workflow_registrations) do items, last = items + 1, registration.id end
    if page.next_cursor == cjson.null then break end
    path = ("/v1/workflows/registrations?limit=%d&cursor=%s"):format(size, escape(page.next_cursor))
  end
  return items, items .. ":" .. last
end

local fetch = libraries[arg[1]]()
local start = os.clock()
local count, answer = work[arg[2]](fetch, select(3, (table.unpack or unpack)(arg))) -- luacheck: ignore 113 143
print(("cpu=%.6f\ncount=%d\nanswer=%s"):format(os.clock() - start, count, answer))
