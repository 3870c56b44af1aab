--- Counters for tests: requests, connections, streams.

local store = require "sandbox.store"

local statistics = {}

local control = ngx.shared.control
local names = { "requests", "connections", "executions_started" }

--- Counts the present request and, the first time, its connection.
function statistics.request()
  control:incr("stat:requests", 1, 0)
  local seen = "seen:" .. store.number "epoch" .. ":" .. ngx.var.connection
  if control:add(seen, true, 3600) then
    control:incr("stat:connections", 1, 0)
  end
end

function statistics.count(name, step)
  control:incr("stat:" .. name, step or 1, 0)
end

function statistics.get(name)
  return control:get("stat:" .. name) or 0
end

--- Sets all but the number of open streams to zero.
function statistics.clear()
  for _, name in ipairs(names) do
    control:delete("stat:" .. name)
  end
end

return statistics
