--- Counters for tests: requests, connections, streams.

local store = require "sandbox.store"

local statistics = {}

local counters, connections = ngx.shared.counters, ngx.shared.connections
local names = { "requests", "connections", "executions_started" }

--- Counts the present request and, the first time, its connection.
function statistics.request()
  counters:incr("stat:requests", 1, 0)
  -- The longest unused are forgotten when there is no room; such a connection would be counted again.
  if connections:add(store.number "epoch" .. ":" .. ngx.var.connection, true) then
    counters:incr("stat:connections", 1, 0)
  end
end

function statistics.count(name, step)
  counters:incr("stat:" .. name, step or 1, 0)
end

function statistics.get(name)
  return counters:get("stat:" .. name) or 0
end

--- Sets all but the number of open streams to zero.
function statistics.clear()
  for _, name in ipairs(names) do
    counters:delete("stat:" .. name)
  end
end

return statistics
