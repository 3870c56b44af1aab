--- The client object.
-- @module mistral.workflows.client

local core = require "mistral.workflows.core"
local hub = require "mistral.workflows.loop.hub"
local later = require "mistral.workflows.later"
local loop = require "mistral.workflows.loop"
local method = require "mistral.workflows.method"
local options_of = require "mistral.workflows.options"
local resources = require "mistral.workflows.resources"
local secrets = require "mistral.workflows.secrets"

local map, unknown = later "loop.map", later "unknown"

local client_methods = resources.methods[""]

local client_metatable = { __name = "mistral.workflows.client", __index = client_methods }

local function same(client)
  return client
end

local function prepare_sleep(client, _, _, seconds)
  if type(seconds) == "number" and seconds >= 0 and seconds < math.huge then
    return { client = client, seconds = seconds }
  end
  return nil, "the seconds must be a number that is not negative"
end

for _, definition in ipairs {
  -- Cancels the calls in flight, ends the tasks and closes all connections. May be called again.
  { verb = "close", when_closed = true, prepare = same, finish = hub.close },
  -- What an outside loop waits for: an object with `pollfd()`, `events()` and `timeout()`. `pollfd()` is readable
  -- exactly when `client:drive()` has work, nil where the platform has no such descriptor; `timeout()` is the seconds
  -- until there is work even if it stays silent, or nil.
  { verb = "pollable", when_closed = true, prepare = same, finish = hub.pollable },
  -- Does what is due, without waiting, and lets coroutines go on that wait for it.
  { verb = "drive", when_closed = true, prepare = same, finish = hub.drive },
  -- Waits as a call waits.
  { verb = "sleep", prepare = prepare_sleep, finish = function(state) loop.sleep(state.client, state.seconds) end },
  -- Calls `fn(item, index)` for each item, up to `concurrency` at a time, each in a task in which every method of the
  -- library lets the others go on. Returns results and errors, both indexed like the items; errors is nil when all
  -- succeeded.
  {
    verb = "map", arguments = method.behind[2], options = options_of.map, prepare = map.prepare_map,
    finish = map.finish,
  },
  -- The same with functions as the items.
  { verb = "gather", prepare = map.prepare_gather, finish = map.finish },
} do
  definition.resource = ""
  definition.arguments = definition.arguments or method.behind[1]
  client_methods[definition.verb] = method.new(definition)
end

local known = {}
for name in pairs(client_methods) do known[name] = true end
for name in pairs(resources.methods) do known[name] = name ~= "" or nil end
setmetatable(client_methods, {
  __index = function(_, name) return unknown.index(resources.methods, "", known, name) end,
})

function client_metatable:__tostring()
  local state = self.handle:closed() and ", closed" or ""
  return ("mistral.workflows.client(%s%s)"):format(self.options.server_url, state)
end

client_metatable.__close = hub.close
client_metatable.__gc = hub.close

local client = {}

--- Makes a client; see `mistral.workflows.new`.
-- @return a client; or nil and what is wrong with the options
function client.new(given, version)
  local options, problem = options_of.client(given, version)
  if not options then return nil, problem end
  local self = {
    options = options,
    secrets = secrets.new(options.api_key, options.proxy),
    handle = core.client(options),
  }
  options.api_key, options.proxy = nil, nil -- in the vault only
  self.hub = hub.new(self.handle)
  method.register(self, self.handle)
  resources.attach(self)
  return setmetatable(self, client_metatable)
end

return client
