--- Starts and scripts the player (player.py): executions that run by themselves, and event streams that break.
--
--     local server = player.start()
--     server:play({ e1 = { events = 45, interval = 0.005 } }, { drops = { "abort", "clean" }, seed = 7 })
--     … follow the execution e1 on server.url …
--     server:stop()
--
-- An execution has
--   workflow     its name, "played" when none is given
--   events       how many there are, with the first (STARTED) and the last (its end); 3
--   interval     seconds between two of them; 0
--   seconds      before the end
--   status       in which it ends, COMPLETED; TERMINATED and TIMED_OUT have no event
--   result_bytes of the result in the end event; 0
--   status_lag   seconds that the status lags behind the end event; negative: the event behind the status
--
-- Settings, which stay until they are changed:
--   drops        what ends a connection of a stream before an event: "abort" (RST), "clean" (an orderly end), "hang"
--                (silence), "error" (an error event), "slow" (comments for slow_seconds, and then it goes on),
--                "partial" (half a frame)
--   every        { least, most } events between two drops; { 1, 5 }
--   most_drops   after which there are none any more
--   seed         of the random numbers
--   heartbeat    seconds between comments
--   event_bytes  that are added to each event
--   withheld     types of events that no stream gives
--   nameless     executions do not say of which workflow they are
--   list_lag     seconds after which the list of runs knows an end
--   script       of executions that are started by a request
--   trouble      { [kind] = what } for requests of a kind: status, runs, events, stream, events_stream, execute. What:
--                a status, "silence", "reset" (RST), "page" (HTML), and, when the service has acted, "cut" (an answer
--                without its end, of a stream a head without its end) and "slow" (the answer takes slow_seconds)
--   trouble_times  how many requests of each kind; all, when it is not given
--   retry_after  seconds, which an answer with a status asks for

local assert = require "luassert"
local control = require "spec.support.control"
local process = require "spec.support.process"
local workflows = require "mistral.workflows"

local player = {}

--- The key of all clients.
player.key = "a-key-of-the-player"

local methods = {}
local metatable = { __name = "player", __index = methods }

--- A client of this server, with short times.
-- @param ... tables of options that differ; of the same option, the last one counts
function methods:client(...)
  local all = {
    api_key = player.key, server_url = self.url, timeout = 10, idle_timeout = 5,
    retry = { attempts = 4, base = 0.01, cap = 0.05 },
  }
  for index = 1, select("#", ...) do
    for name, value in pairs(select(index, ...) or {}) do all[name] = value end
  end
  return workflows.new(all)
end

--- Starts executions, by their ids.
function methods:play(executions, settings)
  local command = { command = "play_script", executions = executions }
  for name, value in pairs(settings or {}) do command[name] = value end
  control.ask(self, command)
end

--- Changes settings.
function methods:set(settings)
  local command = { command = "set_settings" }
  for name, value in pairs(settings) do command[name] = value end
  control.ask(self, command)
end

--- Ends a running execution.
function methods:end_as(id, status)
  control.ask(self, { command = "end", identifier = id, status = status })
end

--- Lets an execution run once more under its id.
function methods:again(id, script)
  local command = { command = "again", identifier = id }
  for name, value in pairs(script or {}) do command[name] = value end
  control.ask(self, command)
end

--- `counters` by kind of request and of drop, `open_streams`, `most_open_streams`, `events`.
function methods:stats()
  return control.ask(self, { command = "stats" })
end

--- The requests since the last reset: "GET /v1/workflows/…".
function methods:asked()
  return control.ask(self, { command = "requests" })
end

--- Forgets everything and closes all connections.
function methods:reset()
  control.ask(self, { command = "reset" })
end

--- Ends the server. May be called twice.
function methods:stop()
  control.stop(self)
end

--- All events of a stream. Not by a generic `for`, out of which Lua 5.1 cannot yield.
function player.events_of(stream)
  local list = {}
  for index = 1, math.huge do
    list[index] = stream()
    if not list[index] then return list end
  end
end

--- Looks at all events of an execution, whose numbers must be 1 to `count` in order.
-- @param has_end the last one is its end
function player.check_events(id, list, count, has_end)
  assert.equal(count, #list, id)
  for index, event in ipairs(list) do
    assert.equal(id, event.workflow_exec_id)
    if index == 1 then
      assert.equal("WORKFLOW_EXECUTION_STARTED", event.event_type)
    elseif index < count or not has_end then
      assert.equal(index, event.attributes.number, id)
    else
      assert.truthy(event.event_type:find "^WORKFLOW_EXECUTION_")
    end
  end
end

function player.start()
  local here = debug.getinfo(1, "S").source:match("^@(.*)player%.lua$")
  local self = process.start("the player", "PATH=/usr/bin:$PATH python3 " .. process.quote(here .. "player.py"))
  control.open(self)
  return setmetatable(self, metatable)
end

return player
