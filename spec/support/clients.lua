--- Clients of the fault server.

local blocking = require "mistral.workflows.loop.blocking"
local workflows = require "mistral.workflows"

local clients = {}

--- The key of all of them.
clients.key = "fault-key-0123456789abcdef"

--- A client of server.url with short times, so that no test can hang for long, and without retries.
-- @param server of fault.start()
-- @param options that differ
function clients.new(server, options)
  local all = {
    api_key = clients.key, server_url = server.url, timeout = 10, connect_timeout = 5, idle_timeout = 5, retry = false,
  }
  for name, value in pairs(options or {}) do all[name] = value end
  return workflows.new(all)
end

--- Makes a client, calls fn(client), closes the client, and returns what fn returned (at most two values).
function clients.use(server, options, fn)
  local client = clients.new(server, options)
  local value, err = fn(client)
  client:close()
  return value, err
end

--- A loop adapter that does not sleep: it notes for how long it should have.
-- @return the adapter, whose field `slept` is the list of seconds
function clients.impatient_loop()
  local adapter = { yields = false, wait = blocking.wait, slept = {} }
  function adapter.sleep(seconds) adapter.slept[#adapter.slept + 1] = seconds end
  return adapter
end

--- How often a request whose line begins with `prefix` is in the server's log.
function clients.count(server, prefix)
  local count = 0
  for _, request in ipairs(server:log()) do
    if request.request_line:sub(1, #prefix) == prefix then count = count + 1 end
  end
  return count
end

--- The value of a header of a logged request, or nil.
function clients.header(request, name)
  for _, pair in ipairs(request.headers) do
    if pair[1]:lower() == name:lower() then return pair[2] end
  end
end

return clients
