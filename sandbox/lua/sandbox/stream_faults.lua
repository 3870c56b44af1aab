--- Trouble that tests order for the next event streams.

local identifier = require "sandbox.identifier"
local json = require "sandbox.json"
local store = require "sandbox.store"

local stream_faults = {}

local control = ngx.shared.control

--- Orders a fault: after (events), times (streams), mode, status, and optionally seed, which makes `after` vary between
-- 0 and its value from stream to stream.
function stream_faults.add(fault)
  fault.left, fault.used = fault.times, 0
  if not control:rpush("faults", json.pack(fault)) then
    store.refuse(control)
  end
end

function stream_faults.clear()
  control:delete "faults"
end

local function take()
  local text = control:lpop "faults"
  if not text then
    return nil
  end
  local fault = json.unpack(text)
  fault.left, fault.used = fault.left - 1, fault.used + 1
  if fault.left > 0 then
    control:lpush("faults", json.pack(fault))
  end
  if fault.seed then
    fault.after = identifier.between(fault.seed .. "/" .. fault.used, 0, fault.after)
  end
  return fault
end

--- The fault for a stream that begins, or nil.
function stream_faults.take()
  return (control:llen "faults" or 0) > 0 and store.exclusively(take) or nil
end

return stream_faults
