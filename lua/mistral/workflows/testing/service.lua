--- Starts and stops the local service.
-- @module mistral.workflows.testing.service

local core = require "mistral.workflows.core"
local client = require "mistral.workflows.client"
local method = require "mistral.workflows.method"
local suggest = require "mistral.workflows.suggest"
local workflows = require "mistral.workflows"

local service = {}

-- Where it is, seen from this file: in the source tree, and beside the installed library.
local PLACES = { "../../../../sandbox/run", "../sandbox/run" }

local variables = {
  port = "SANDBOX_PORT", tls_port = "SANDBOX_TLS_PORT", registrations = "SANDBOX_REGISTRATIONS", log = "SANDBOX_LOG",
}
local known = { fixtures = true }
for name in pairs(variables) do known[name] = true end

local function quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

local function output(command)
  local pipe = assert(io.popen(command))
  local text = pipe:read "*a"
  pipe:close()
  return text
end

--- The shell command that runs it, or nil where it is not installed.
function service.command()
  local here = debug.getinfo(1, "S").source:match "^@(.*/)" or "./"
  for _, place in ipairs(PLACES) do
    if core.is_readable(here .. place) then return "sh " .. quote(here .. place) end
  end
end

---@class mistral.workflows.testing.Sandbox
---@field url string
---@field tls_url string
---@field ca_file string
---@field pid string of nginx
---@field log string file of what nginx says
---@field package pipe file*
local methods = {}
local metatable = { __name = "mistral.workflows.testing.sandbox", __index = methods }

metatable.__close = function(self) self:stop() end

--- Ends it. May be called again.
function methods:stop()
  if self.pipe then self.pipe:close() end
  self.pipe = nil
end

--- Makes a client of it.
---@param options? mistral.workflows.Options
---@return mistral.workflows.Client
function methods:client(options)
  local all = { api_key = "sandbox", server_url = self.url }
  for name, value in next, options or {} do all[name] = value end
  local made, problem = client.new(all, workflows._VERSION)
  if not made then method.raise("sandbox:client: " .. problem) end
  return made
end

--- Asks one of its own routes, which `sandbox/README.md` lists; needs curl.
---@param verb string of HTTP
---@param path string below `/_sandbox/`
---@param body? any sent as JSON
---@return any # the answer
function methods:control(verb, path, body)
  if not self.pipe then method.raise "sandbox: it was stopped" end
  local data = body ~= nil and " --data-binary " .. quote(assert(core.json.encode(body))) or ""
  local text = output(("curl --noproxy '*' -sS -X %s%s -w '\\n%%{http_code}' %s 2>&1"):format(verb, data,
    quote(self.url .. "/_sandbox/" .. path)))
  local answer, status = text:match "^(.*)\n(%d+)%s*$"
  if status ~= "200" then method.raise(("sandbox: %s %s: %s"):format(verb, path, answer or text)) end
  return (core.json.decode(answer))
end

--- Lays down answers to the next requests: the name of one of the service's errors, which `control("GET", "errors")`
-- lists; or `{ method, path, status, headers, body, times, delay }`, where a body that is a table is JSON; or a list of
-- these.
---@param fixture string | mistral.workflows.testing.Fixture | (string | mistral.workflows.testing.Fixture)[]
function methods:fixture(fixture)
  if type(fixture) == "string" then
    local names = {}
    for _, name in ipairs(self:control("GET", "errors")) do names[name] = true end
    if not names[fixture] then method.raise("sandbox:fixture: " .. suggest("error", fixture, names)) end
    self:control("POST", "error?name=" .. fixture)
  elseif type(fixture) == "table" and fixture[1] ~= nil then
    for _, one in ipairs(fixture) do self:fixture(one) end
  elseif type(fixture) == "table" and fixture.path ~= nil then
    self:control("POST", "fixture", fixture)
  else
    method.raise "sandbox:fixture: it takes { path = \"/v1/...\", status = ..., body = ... }, or the name of an error"
  end
end

--- Back to how it was at the start.
function methods:reset()
  self:control("POST", "reset")
end

for name, fn in pairs(methods) do
  methods[name] = function(self, ...)
    if getmetatable(self) ~= metatable then
      method.raise(("sandbox:%s: call it with a colon: sandbox:%s(...)"):format(name, name))
    end
    return fn(self, ...)
  end
end

-- The variables for it as shell text; or nil and what is wrong with the options.
local function environment(options)
  local words = { "SANDBOX_UNTIL_EOF=1" }
  for name, value in next, options do
    if not known[name] then return nil, suggest("option", name, known) end
    if variables[name] then words[#words + 1] = variables[name] .. "=" .. quote(tostring(value)) end
  end
  return table.concat(words, " ")
end

-- Reads what it says of itself; or gives nil and why it did not start. It may open the FIFO and say nothing before.
local function read_ready(path)
  local told, problems = {}, {}
  repeat
    for line in io.lines(path) do
      local key, value = line:match "^([%w_]+)=(.*)$"
      if key then told[key] = value else problems[#problems + 1] = line end
    end
  until told.url or problems[1]
  os.remove(path)
  if told.url then return told end
  return nil, table.concat(problems, " ")
end

--- Starts it.
-- @param options see `mistral.workflows.testing.sandbox`
-- @return the service; or nil and why it did not start
function service.start(options)
  local words, problem = environment(options or {})
  if not words then return nil, problem end
  local command = service.command()
  if not command then return nil, "it is not installed; it is in the folder sandbox of the project's source" end
  local directory = output('d=$(mktemp -d) && mkfifo "$d/ready" && printf %s "$d"')
  if directory == "" then return nil, "it has no directory to start in" end
  -- It ends when its input does. Whoever reads "ready" waits for a writer: there is one however it ends.
  local pipe = assert(io.popen(([[
    d=%s
    %s %s "$d" >/dev/null 2>"$d/problem" || { echo 'it did not start:'; cat "$d/problem"; } >"$d/ready"
    rm -rf "$d"]]):format(quote(directory), words, command), "w"))
  local self
  self, problem = read_ready(directory .. "/ready")
  if not self then
    pipe:close()
    return nil, problem
  end
  self.pipe = pipe
  setmetatable(self, metatable)
  if options and options.fixtures then self:fixture(options.fixtures) end
  return self
end

return service
