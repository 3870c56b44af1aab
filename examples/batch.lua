--- Runs a workflow once for each line of a file, and can be killed and started again at any point.
--
--     MISTRAL_API_KEY=... lua examples/batch.lua WORKFLOW INPUTS JOURNAL [CONCURRENCY]
--
-- INPUTS holds one JSON object on each line. JOURNAL is made; started again with it, the program goes on where it was:
-- before an execution is started, its id is written there, and with `join` an id is started only where the service does
-- not know it. Each line of the journal is `{ line, id }`, then `{ line, result }` or `{ line, failed }`.

local workflows = require "mistral.workflows"

local function give_up(problem)
  io.stderr:write("batch: ", tostring(problem), "\n")
  os.exit(1)
end

local function new_id()
  local random = assert(io.open("/dev/urandom", "rb"))
  local bytes = random:read(16)
  random:close()
  return (bytes:gsub(".", function(byte) return ("%02x"):format(byte:byte()) end))
end

-- What the journal tells: the id of each line that may have been started, and the end of each that has ended. The last
-- line may have been cut off.
local function read_journal(path)
  local ids, ended = {}, {}
  local file = io.open(path, "rb")
  if not file then return ids, ended end
  for text in file:lines() do
    local entry = workflows.json.decode(text)
    if entry and entry.id then ids[entry.line] = entry.id elseif entry then ended[entry.line] = entry end
  end
  file:close()
  return ids, ended
end

local workflow, inputs_path, journal_path = arg[1], arg[2], arg[3]
if not journal_path then give_up "usage: batch.lua WORKFLOW INPUTS JOURNAL [CONCURRENCY]" end

local inputs = {}
for text in assert(io.open(inputs_path, "rb")):lines() do
  local input, problem = workflows.json.decode(text)
  if not input then give_up(("line %d of %s: %s"):format(#inputs + 1, inputs_path, problem)) end
  inputs[#inputs + 1] = input
end

local ids, ended = read_journal(journal_path)
local journal = assert(io.open(journal_path, "ab"))
journal:write "\n" -- behind a line that was cut off

local function write(entry)
  assert(journal:write(workflows.json.encode(entry), "\n"))
  assert(journal:flush()) -- with the system it outlives this program
  if not entry.id then ended[entry.line] = entry end
end

local client = workflows.new()

local function run(line)
  if not ids[line] then
    ids[line] = new_id()
    write { line = line, id = ids[line] }
  end
  local request = { execution_id = ids[line], input = inputs[line] }
  local result, err = client.workflows:run(workflow, request, { join = true })
  if result ~= nil then
    write { line = line, result = result }
  elseif err.kind == "execution" or err.kind == "invalid" or err.status == 422 then
    write { line = line, failed = tostring(err) } -- it would again
  else
    return nil, err -- it may be running: the next start of this program asks
  end
  return true
end

local open = {}
for line in ipairs(inputs) do
  if not ended[line] then open[#open + 1] = line end
end
local ok, results, errors = pcall(client.map, client, open, run, { concurrency = tonumber(arg[4]) or 16 })
client:close()
journal:close()

local failed, count = 0, 0
for line in ipairs(inputs) do
  local entry = ended[line]
  if entry then count = count + 1 end
  if entry and entry.failed then
    failed = failed + 1
    print(("line %d: %s"):format(line, entry.failed))
  end
end
print(("%d of %d ended, %d of them failed"):format(count, #inputs, failed))
if not ok then give_up(results) end -- interrupted, or the disk is full
local _, err = next(errors or {})
if err then give_up(tostring(err) .. "; start it again to go on") end
os.exit(failed == 0 and 0 or 3)
