--- Starts the sandbox for tests, and asks what it saw.
--
--     local sandbox = require "spec.support.sandbox"
--     local server = sandbox.start()
--     local client = server:client()
--     ...
--     server:stop()
--
-- Fields of a server: url, tls_url, ca_file, pid, log.

local lua = require "spec.support.lua"
local process = require "spec.support.process"
local workflows = require "mistral.workflows"

local sandbox = {}

local methods = {}
local metatable = { __name = "sandbox", __index = methods }

--- The key that clients of `server:client()` use.
sandbox.key = "sandbox-key-0123456789"

--- Starts a sandbox of its own.
-- @param environment table of variables for it, or nil
function sandbox.start(environment)
  local here = debug.getinfo(1, "S").source:match("^@(.*)spec/support/sandbox%.lua$")
  local variables = "SANDBOX_UNTIL_EOF=1"
  for name, value in pairs(environment or {}) do
    variables = ("%s %s=%s"):format(variables, name, process.quote(tostring(value)))
  end
  local self = process.start("the sandbox", variables .. " " .. process.quote(here .. "sandbox/run"))
  return setmetatable(self, metatable)
end

--- Ends it. May be called twice.
function methods:stop()
  if not self.pipe then return end
  self.pipe:close()
  self.pipe = nil
end

--- A client of it, with short times, so that no test can hang for long.
-- @param options that differ
function methods:client(options)
  local all = { api_key = sandbox.key, server_url = self.url, timeout = 20, connect_timeout = 5, idle_timeout = 10 }
  for name, value in pairs(options or {}) do all[name] = value end
  return workflows.new(all)
end

--- A request to one of the sandbox's own routes.
-- @param method of HTTP
-- @param path below /_sandbox/
-- @param body JSON text or a table, or nil
-- @return the decoded answer
function methods:control(method, path, body)
  if type(body) == "table" then body = assert(workflows.json.encode(body)) end
  local data = body and " --data-binary " .. process.quote(body) or ""
  local text = process.output(("curl --noproxy '*' -sS -X %s%s %s"):format(method, data,
    process.quote(self.url .. "/_sandbox/" .. path)))
  if text == "" then return nil end
  return (assert(workflows.json.decode(text)))
end

--- Begins to record requests.
function methods:record()
  self:control("POST", "record?on=1")
end

--- The last requests that the sandbox saw, the newest last: method, uri, protocol, headers, body, connection, status.
function methods:requests(count)
  return self:control("GET", "requests?n=" .. (count or 100))
end

--- The last request that the sandbox saw.
function methods:last_request()
  local list = self:requests(1)
  return list[#list]
end

--- Answers the next request to a path with this, exactly.
-- @param fixture { method, path, status, headers, body, times, delay }, or a list of these
function methods:fixture(fixture)
  return self:control("POST", "fixture", fixture)
end

--- Runs a program in a process of its own, whose environment names the service.
-- @param text of the program
-- @param environment table of further variables, or nil
-- @return its output, standard error included, and its exit status
function methods:run(text, environment)
  local variables = { MISTRAL_API_KEY = sandbox.key, MISTRAL_SERVER_URL = self.url }
  for name, value in pairs(environment or {}) do variables[name] = value end
  local path = os.tmpname()
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
  local output, status = lua.run(process.quote(path), variables)
  os.remove(path)
  return output, status
end

--- Counts since the last reset: connections, requests, open_streams, executions_started.
function methods:stats()
  return self:control("GET", "stats")
end

--- Back to the initial catalogue, with all counts zero.
function methods:reset()
  self:control("POST", "reset")
end

return sandbox
