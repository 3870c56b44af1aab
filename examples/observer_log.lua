--- Prints a line for every request: what was asked, the answer, and where the time went.
--
--     MISTRAL_API_KEY=... lua examples/observer_log.lua
--
-- Talks to the server in MISTRAL_SERVER_URL, or to the real service. The observer is called once per attempt, so a
-- call that was tried again gives several lines. It never gets the key.

local workflows = require "mistral.workflows"

local function milliseconds(seconds)
  return ("%.1f"):format(seconds * 1000)
end

local function outcome(attempt)
  local status = attempt.status or "no answer"
  return attempt.error and ("%s (%s)"):format(status, attempt.error) or status
end

-- GET /v1/workflows?limit=3 -> 200, attempt 1
--     13.9 ms: dns 0.2, connect 0.6, tls 5.1, first byte 13.6; new connection, HTTP/2; 211 bytes out, 4180 in
local function log(attempt)
  io.stderr:write(("%s %s -> %s, attempt %d%s\n"):format(attempt.method, attempt.path, outcome(attempt),
    attempt.attempt, attempt.request_id and ", request " .. attempt.request_id or ""))
  io.stderr:write(("    %s ms: dns %s, connect %s, tls %s, first byte %s; %s, HTTP/%s; %d bytes out, %d in\n"):format(
    milliseconds(attempt.total), milliseconds(attempt.dns), milliseconds(attempt.connect), milliseconds(attempt.tls),
    milliseconds(attempt.first_byte), attempt.reused and "kept connection" or "new connection",
    attempt.http_version or "-", attempt.bytes_out, attempt.bytes_in))
end

local client = workflows.new { observer = log }

local page, err = client.workflows:list { limit = 3 }
if not page then error(err) end
for _, workflow in ipairs(page.workflows) do print(workflow.name) end

local _, missing = client.workflows:get "no-such-workflow"
print(missing)
client:close()
