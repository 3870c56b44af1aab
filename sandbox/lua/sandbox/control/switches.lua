--- Control of what the service's answers look like: switches that stay until a reset.

local control = require "sandbox.control"
local fail = require "sandbox.fail"
local json = require "sandbox.json"
local store = require "sandbox.store"

local function one_of(...)
  local values = {}
  for _, value in ipairs { ... } do
    values[value] = true
  end
  return function(text) return values[text] and text or nil end
end

local function number(text)
  local value = tonumber(text)
  return value and value >= 0 and value < math.huge and value or nil
end

-- What each takes; the first value is the one without a switch.
local switches = {
  x_request_id = one_of("off", "on"),
  runs_member = one_of("executions", "runs"),
  run_id = one_of("given", "null"),
  streams = one_of("open", "503"),
  line_end = one_of("lf", "crlf", "cr"),
  bom = one_of("off", "on"),
  multi_line = one_of("off", "on"),
  trace_lag = number,
  connections = number,
}

control.add("POST switch", function(query)
  for name, text in pairs(query) do
    local value = switches[name] and switches[name](text)
    if value == nil then
      fail.plain(422, ("There is no switch '%s' with the value '%s'"):format(name, text))
    end
    store.set(name, value)
  end
  return control.done
end)

control.add("GET switch", function()
  local values = {}
  for name in pairs(switches) do
    values[name] = store.setting(name) or json.null
  end
  return json.raw(json.encode(values))
end)

--- Withdraws all.
control.at_reset(function()
  for name in pairs(switches) do
    store.set(name, nil)
  end
end)
