--- Starts real nginx with Lua for tests of the library inside it. nginx runs LuaJIT, whatever runs the tests.
--
--     local nginx = require "spec.support.nginx"
--     local server = nginx.start {
--       environment = { MISTRAL_API_KEY = key, MISTRAL_SERVER_URL = sandbox.url },
--       init = [[ workflows = require "mistral.workflows" ]],
--       locations = { ["/ping"] = [[ content_by_lua_block { ngx.print "pong" } ]] },
--     }
--     assert.equal("pong", server:get "/ping")
--     server:stop()
--
-- Fields of a server: url, port, pid (of the master), log.

local core = require "mistral.workflows.core"
local process = require "spec.support.process"

local nginx = {}

local methods = {}
local metatable = { __name = "nginx", __index = methods }

local bad_levels = { emerg = true, alert = true, crit = true, error = true }

--- True where the tests run on the Lua that nginx has: the whole of them needs to run once only.
nginx.same_lua = rawget(_G, "jit") ~= nil

local TEMPLATE = [[
include main.conf;
pid nginx.pid;
error_log error.log info;
worker_processes %d;
%s
events { worker_connections 2048; }
http {
  access_log off;
  default_type text/plain;
  client_body_temp_path temp/body; proxy_temp_path temp/proxy; fastcgi_temp_path temp/fastcgi;
  uwsgi_temp_path temp/uwsgi; scgi_temp_path temp/scgi;
  lua_package_path "%s;;";
  lua_package_cpath "%s;;";
  lua_socket_log_errors off;
  init_by_lua_block { %s }
  %s
  server { listen 127.0.0.1:@PORT@ backlog=2048; %s }
}
]]

local function here()
  local directory = debug.getinfo(1, "S").source:match "^@(.*)spec/support/nginx%.lua$"
  return process.output("cd " .. process.quote(directory == "" and "." or directory) .. " && pwd")
end

local function environment_lines(environment)
  local lines = {}
  for name in pairs(environment or {}) do lines[#lines + 1] = ("env %s;"):format(name) end
  return table.concat(lines, "\n")
end

local function location_lines(locations)
  local lines = {}
  for path, text in pairs(locations or {}) do
    lines[#lines + 1] = ("location %s { %s }"):format(path, text)
  end
  return table.concat(lines, "\n")
end

--- Starts nginx.
-- @param options workers (1), environment, init (Lua code), http (more directives), locations (by path)
function nginx.start(options)
  local root = here()
  -- One at a time: each spec file asks for it.
  process.output(("flock %s make -s -C %s LUA=luajit"):format(process.quote(root .. "/build"), process.quote(root)))
  local packages = ("%s/lua/?.lua;%s/lua/?/init.lua;%s/?.lua"):format(root, root, root)
  local configuration = TEMPLATE:format(options.workers or 1, environment_lines(options.environment), packages,
    root .. "/build/luajit/?.so", options.init or "", options.http or "", location_lines(options.locations))
  local command = { "env", "NGINX_CONFIGURATION=" .. process.quote(configuration) }
  for name, value in pairs(options.environment or {}) do command[#command + 1] = process.quote(name .. "=" .. value) end
  command[#command + 1] = process.quote(root .. "/spec/support/nginx_server.sh")
  local self = process.start("nginx", table.concat(command, " "))
  return setmetatable(self, metatable)
end

--- Ends it. May be called twice.
function methods:stop()
  if not self.pipe then return end
  self.pipe:close()
  self.pipe = nil
end

--- The command of curl for a path.
-- @param arguments more of them, shell text, or nil
function methods:curl(path, arguments)
  return ("curl --noproxy '*' -sS -m 30 %s %s"):format(arguments or "", process.quote(self.url .. path))
end

--- Requests a path.
-- @return the body and the status
function methods:get(path, arguments)
  local text = process.output(self:curl(path, "-w '\\n%{http_code}' " .. (arguments or "")) .. " 2>&1")
  local body, status = text:match "^(.*)\n(%d+)$"
  return body or text, tonumber(status)
end

--- Requests several paths at once.
-- @return their bodies, in order
function methods:get_all(paths)
  local parts = {}
  for index, path in ipairs(paths) do
    parts[index] = ("%s > %s/%d 2>&1 &"):format(self:curl(path), self.directory, index)
  end
  process.output(table.concat(parts, "\n") .. "\nwait")
  local bodies = {}
  for index in ipairs(paths) do
    local file = assert(io.open(self.directory .. "/" .. index))
    bodies[index] = file:read "*a"
    file:close()
  end
  return bodies
end

--- Starts a request and does not wait for it.
-- @return a table with the pid of its curl, and the file that its output goes to
function methods:background(path, arguments)
  self.requests = (self.requests or 0) + 1
  local file = ("%s/background-%d"):format(self.directory, self.requests)
  local pid = process.output(("%s >%s 2>&1 & echo $!"):format(self:curl(path, arguments), file))
  return { pid = pid, file = file }
end

--- The process ids of the workers, as a list. nginx says that it listens before it has any.
function methods:workers()
  local list = {}
  repeat
    for pid in process.output(("pgrep -P %s"):format(self.pid)):gmatch "%d+" do list[#list + 1] = pid end
  until #list > 0
  return list
end

--- Makes it read its configuration again, which starts new workers.
function methods:reload()
  process.output("kill -HUP " .. self.pid)
end

--- What it has logged.
function methods:log_text()
  local file = assert(io.open(self.log))
  local text = file:read "*a"
  file:close()
  return text
end

--- The lines of its log that tell of something wrong.
-- @param tolerated text of lines that are fine, or nil
function methods:problems(tolerated)
  local found = {}
  for line in self:log_text():gmatch "[^\n]+" do
    local level = line:match "^%S+ %S+ %[(%a+)%]"
    if bad_levels[level] and not (tolerated and line:find(tolerated, 1, true)) then found[#found + 1] = line end
  end
  return table.concat(found, "\n")
end

--- How many descriptors a process has open.
function nginx.descriptors(pid)
  return tonumber(process.output(("ls /proc/%s/fd | wc -l"):format(pid)))
end

--- The processor time that a process has used, in ticks.
function nginx.ticks(pid)
  local file = assert(io.open(("/proc/%s/stat"):format(pid)))
  local fields = file:read("*a"):match "%) (.*)$"
  file:close()
  local user, system = fields:match("^" .. ("%S+ "):rep(11) .. "(%d+) (%d+)")
  return tonumber(user) + tonumber(system)
end

--- True while a process exists.
function nginx.is_alive(pid)
  return process.output(("kill -0 %s 2>/dev/null && echo yes"):format(pid)) == "yes"
end

--- Waits until a condition holds, looking again and again.
-- @param what for the message when it does not within 20 seconds
function nginx.eventually(what, condition)
  local limit = core.now() + 20
  local value = condition()
  while not value do
    if core.now() > limit then error("not within 20 seconds: " .. what, 2) end
    core.sleep(0.02)
    value = condition()
  end
  return value
end

return nginx
