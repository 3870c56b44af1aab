--- Identifiers that are the same in each run of the service: made from a hash of what they name.

local identifier = {}

--- A UUID (version 4 in form) that depends on `seed` only.
function identifier.uuid(seed)
  local hex = ngx.md5(seed)
  local variant = ("89ab"):match(".", hex:byte(17) % 4 + 1)
  return ("%s-%s-4%s-%s%s-%s"):format(hex:sub(1, 8), hex:sub(9, 12), hex:sub(14, 16), variant, hex:sub(18, 20),
    hex:sub(21, 32))
end

--- 64 hexadecimal digits, as the service makes them for executions, that depend on `seed` only.
function identifier.long(seed)
  return ngx.md5(seed .. "/high") .. ngx.md5(seed .. "/low")
end

--- The workflow engine's own identifier of a run, which is not the run's identifier in this service.
function identifier.engine_run(run_id)
  return run_id and identifier.uuid("engine/" .. run_id)
end

--- A fraction in [0, 1) that depends on `seed` only.
function identifier.fraction(seed)
  return tonumber(ngx.md5(seed):sub(1, 8), 16) / 4294967296
end

--- A whole number in [low, high] that depends on `seed` only.
function identifier.between(seed, low, high)
  return low + math.floor(identifier.fraction(seed) * (high - low + 1))
end

function identifier.is_uuid(text)
  return text:find("^%x%x%x%x%x%x%x%x%-?%x%x%x%x%-?%x%x%x%x%-?%x%x%x%x%-?%x%x%x%x%x%x%x%x%x%x%x%x$") ~= nil
end

return identifier
