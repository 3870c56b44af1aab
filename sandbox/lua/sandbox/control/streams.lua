--- Control of event streams: faults, and signs of life.

local control = require "sandbox.control"
local fail = require "sandbox.fail"
local store = require "sandbox.store"
local stream_faults = require "sandbox.stream_faults"

local modes = { abort = true, clean = true, hang = true, error = true }

control.add("POST stream", function(query)
  local mode = query.mode or "abort"
  if not modes[mode] then
    fail.plain(422, "mode is abort, clean, hang or error")
  end
  stream_faults.add { after = tonumber(query.drop_after) or 0, times = tonumber(query.times) or 1, mode = mode,
    status = tonumber(query.status), seed = query.seed, reason = query.reason, text = query.text }
  return control.done
end)

control.add("DELETE stream", function()
  stream_faults.clear()
  return control.done
end)

control.add("POST keepalive", function(query)
  store.set("keepalive", tonumber(query.seconds))
  return control.done
end)
