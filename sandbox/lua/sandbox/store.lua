--- Shared memory: what all workers see. Records are Lua tables kept as JSON text.

local json = require "sandbox.json"

local store = {}

local state, control = ngx.shared.state, ngx.shared.control

--- The record under a key, or nil.
function store.get(key)
  local text = state:get(key)
  return text and json.unpack(text)
end

function store.put(key, record)
  state:set(key, json.pack(record))
end

--- Text that is not decoded.
function store.get_text(key)
  return state:get(key)
end

function store.put_text(key, text)
  state:set(key, text)
end

function store.delete(key)
  state:delete(key)
end

--- Adds to a counter and returns its new value.
function store.count(key, step)
  return state:incr(key, step or 1, 0)
end

function store.number(key)
  return state:get(key) or 0
end

--- A switch or counter that stays when the catalogue is restored.
function store.setting(key)
  return control:get(key)
end

function store.set(key, value)
  control:set(key, value)
end

local holding = false

--- Runs `change` while no other worker changes anything. Nothing in it may yield. Nested calls are one.
function store.exclusively(change, ...)
  if holding or ngx.worker.count() == 1 then
    return change(...)
  end
  while not control:add("lock", 1, 5) do
    ngx.sleep(0.001)
  end
  holding = true
  local results = { pcall(change, ...) }
  holding = false
  control:delete("lock")
  if not results[1] then
    error(results[2], 0)
  end
  return unpack(results, 2, table.maxn(results))
end

return store
