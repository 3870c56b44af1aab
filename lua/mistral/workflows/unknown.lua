--- What is told to a program that asks a client or a resource for a method that is not there.
-- @module mistral.workflows.unknown

local method = require "mistral.workflows.method"
local suggest = require "mistral.workflows.suggest"

local unknown = {}

-- What others ask whatever they get for: the door a client, cqueues what it polls.
local asked = { client = true, pollfd = true, timeout = true }

-- What goes by another name here; resource "" is the client itself.
local meant = {
  [""] = {
    run = "workflows:run", execute = "workflows:execute", start = "workflows:execute", get = "workflows:get",
    list = "workflows:list", cancel = "executions:cancel", stream = "executions:stream",
  },
  workflows = {
    start = "workflows:execute", delete = "workflows:archive", stop = "executions:cancel", status = "executions:get",
    stream = "executions:stream", logs = "executions:logs", history = "executions:history", runs = "runs:list",
  },
  registrations = { start = "registrations:execute" },
  executions = {
    list = "runs:list", each = "runs:each", pages = "runs:pages", run = "workflows:run",
    execute = "workflows:execute", start = "workflows:execute", create = "workflows:execute",
    stop = "executions:cancel", abort = "executions:cancel", kill = "executions:terminate",
    delete = "executions:terminate", restart = "executions:reset", rerun = "executions:reset",
    retry = "executions:reset", approve = "executions:submit_input",
    answer = "executions:submit_input", join = "executions:wait", await = "executions:wait", status = "executions:get",
    result = "executions:wait", events = "executions:stream", inputs = "executions:pending_inputs",
  },
  runs = {
    run = "workflows:run", execute = "workflows:execute", start = "workflows:execute", stream = "executions:stream",
    stop = "executions:cancel", kill = "executions:terminate",
  },
  schedules = {
    run = "schedules:trigger", start = "schedules:resume", unpause = "schedules:resume", stop = "schedules:pause",
    remove = "schedules:delete",
  },
  events = { get = "events:list", logs = "executions:logs" },
}

-- The methods of this name of all resources, as the program would write them.
local function namesakes(tables, name)
  local found = {}
  for resource, methods in pairs(tables) do
    if rawget(methods, name) then
      found[#found + 1] = resource == "" and "client:" .. name or ("client.%s:%s"):format(resource, name)
    end
  end
  table.sort(found)
  return found
end

local function message(tables, resource, name, known)
  local what = resource == "" and "name" or "method" -- a client has resources, too
  local better = (meant[resource] or {})[name]
  local found = better and { "client." .. better } or namesakes(tables, name)
  if #found == 0 then return suggest(what, name, known) end
  return ("unknown %s '%s'; see %s"):format(what, name, table.concat(found, ", "))
end

--- What an object's metatable does for a name that its methods do not have: raises at the program's line.
-- @param tables methods by resource
-- @param resource whose object it is; "" for the client
-- @param known set of the names that it has
-- @param name that it was asked for
function unknown.index(tables, resource, known, name)
  if type(name) ~= "string" or asked[name] or name:find "^__" then return nil end
  local title = resource == "" and "client" or "client." .. resource
  method.raise(("%s: %s"):format(title, message(tables, resource, name, known)))
end

return unknown
