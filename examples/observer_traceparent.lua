--- Joins the requests to a trace: sends a W3C traceparent header with each call, and logs what belongs to which.
--
--     MISTRAL_API_KEY=... lua examples/observer_traceparent.lua
--
-- Talks to the server in MISTRAL_SERVER_URL, or to the real service. In a program that is traced already, trace and
-- span come from its tracer instead of /dev/urandom. See https://www.w3.org/TR/trace-context/.

local workflows = require "mistral.workflows"

local function random_hex(bytes)
  local source = assert(io.open("/dev/urandom", "rb"))
  local text = source:read(bytes)
  source:close()
  return (text:gsub(".", function(byte) return ("%02x"):format(byte:byte()) end))
end

local trace = random_hex(16)
local span

-- The options of one call: a span of its own in the trace, sampled. The attempts of the call share it.
local function traced()
  span = random_hex(8)
  return { headers = { traceparent = ("00-%s-%s-01"):format(trace, span) } }
end

local client = workflows.new {
  observer = function(attempt)
    print(("trace %s span %s: %s attempt %d, %.1f ms"):format(trace, span, attempt.operation, attempt.attempt,
      attempt.total * 1000))
  end,
}

local page, err = client.workflows:list({ limit = 1 }, traced())
if not page then error(err) end
if page.workflows[1] then
  local workflow
  workflow, err = client.workflows:get(page.workflows[1].id, traced())
  if not workflow then error(err) end
end
client:close()
