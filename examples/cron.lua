--- Runs a workflow from a crontab: silent when all is well, with an exit status that tells what was not.
--
--     0 6 * * 1-5  MISTRAL_API_KEY=... lua examples/cron.lua WORKFLOW INPUT-AS-JSON [SECONDS [ID]]
--
-- With an ID, `report-$(date +\%F)` for instance, the line may be repeated: an execution of that id is waited for, and
-- started only where there is none.
--
-- | status | |
-- |---|---|
-- | 0 | it COMPLETED |
-- | 1 | it ended otherwise, or cannot be run |
-- | 64 | the arguments are wrong |
-- | 75 | the service cannot be had now: another attempt later may succeed |
-- | 124 | it took longer than SECONDS (3600), and was asked to stop |
-- | 130 | Ctrl-C: it was asked to stop |

local workflows = require "mistral.workflows"

local function leave(status, problem)
  if problem then io.stderr:write("cron: ", tostring(problem), "\n") end
  os.exit(status)
end

local workflow, input, problem = arg[1], workflows.json.decode(arg[2] or "{}")
local seconds = tonumber(arg[3] or 3600)
if not workflow then leave(64, "usage: cron.lua WORKFLOW INPUT-AS-JSON [SECONDS [ID]]") end
if not input then leave(64, problem) end
if not seconds or seconds <= 0 then leave(64, "SECONDS must be a positive number") end

-- With an id of our own we know at any point what to stop.
local random = assert(io.open("/dev/urandom", "rb"))
local id = arg[4] or random:read(16):gsub(".", function(byte) return ("%02x"):format(byte:byte()) end)
random:close()

local client = workflows.new()
local ok, result, err = pcall(client.workflows.run, client.workflows, workflow, { execution_id = id, input = input },
  { timeout = seconds, on_timeout = "cancel", join = arg[4] ~= nil })

-- A result may be false; nil is none.
if ok and result ~= nil then leave(0) end
if ok and err.kind == "timeout" then leave(124, err) end
if ok then leave(err.retryable and 75 or 1, err) end

-- The interpreter raises "interrupted!" in the middle of run. A second Ctrl-C ends the program.
if not tostring(result):find "interrupted!" then leave(1, result) end
client.executions:cancel(id, { timeout = 10 }) -- 404 where it had not begun
leave(130, "interrupted; the execution " .. id .. " was asked to stop")
