--- The work items of the benchmarks, done with this library.
--
--     lua bench/mistral.lua WORK [ARGUMENTS...]
--
-- BENCH_URL is the server, BENCH_CA the file of the authority it is trusted by. Prints the line that bench/run reads.

local workflows = require "mistral.workflows"

local function new_client(options)
  local all = { api_key = "bench", server_url = os.getenv "BENCH_URL", ca_file = os.getenv "BENCH_CA" }
  for name, value in pairs(options or {}) do all[name] = value end
  return assert(workflows.new(all))
end

local function begin()
  return { wall = workflows.now(), cpu = os.clock() }
end

local function report(start, count, more)
  print(("seconds=%.6f cpu=%.6f count=%.0f %s"):format(workflows.now() - start.wall, os.clock() - start.cpu, count,
    more or ""))
end

local work = {}

function work.get(id, count)
  local client, start = new_client(), begin()
  for _ = 1, count do assert(client.executions:get(id)) end
  report(start, count)
end

function work.walk(pages)
  local client, start, items = new_client(), begin(), 0
  for _ in client.registrations:each { limit = 1000 } do
    items = items + 1
    if items == pages * 1000 then break end
  end
  report(start, items)
end

function work.map(id, count, concurrency)
  local client, ids = new_client { max_connections = tonumber(concurrency) }, {}
  for i = 1, count do ids[i] = id end
  local start = begin()
  local results, errors = client:map(ids, function(each)
    return client.executions:get(each)
  end, { concurrency = tonumber(concurrency) })
  if errors then error((select(2, next(errors)))) end
  report(start, #results)
end

-- Pages with work between them: the server is slow as the loop body is.
function work.ahead(pages, seconds)
  local client, start, seen = new_client(), begin(), 0
  for _ in client.runs:pages { page_size = 5 } do
    seen = seen + 1
    local wake = workflows.now() + seconds
    while workflows.now() < wake do end
    if seen == tonumber(pages) then break end
  end
  report(start, seen)
end

-- Monotonic minus wall-clock time, as near as the shortest of some looks at a clock tells.
local function clock_offset()
  local least = math.huge
  for _ = 1, 20 do
    local pipe = io.popen "date +%s.%N"
    local wall = pipe:read "*n"
    least = math.min(least, workflows.now() - wall)
    pipe:close()
  end
  return least
end

local function seconds_of(timestamp)
  local year, month, day, hour, minute, second = timestamp:match "^(%d+)-(%d+)-(%d+)T(%d+):(%d+):([%d.]+)Z$"
  local minutes = { year = year, month = month, day = day, hour = hour, min = minute, sec = 0, isdst = false }
  local local_time = os.time(minutes)
  local zone = os.time(os.date("!*t", 86400)) - 86400
  return local_time - zone + tonumber(second)
end

-- How long after its end the result of an execution is here.
function work.run(count)
  local client, late, offset = new_client(), {}, clock_offset()
  for i = 1, count do
    local _, execution = assert(client.workflows:run("slow", { input = { seconds = 0.2 } }))
    late[i] = workflows.now() - offset - seconds_of(execution.end_time)
  end
  table.sort(late)
  print(("median=%.6f max=%.6f count=%d"):format(late[math.ceil(#late / 2)], late[#late], #late))
end

function work.stream(id)
  local client, start, events = new_client(), begin(), 0
  local kb, most = collectgarbage "count", 0
  for _ in client.executions:stream(id) do
    events = events + 1
    if events % 1000 == 0 then most = math.max(most, collectgarbage "count") end
  end
  report(start, events, ("lua_kb=%.0f"):format(most - kb))
end

local function resident_kb()
  for line in io.lines "/proc/self/status" do
    local kb = line:match "^VmRSS:%s+(%d+)"
    if kb then return tonumber(kb) end
  end
end

local function descriptors()
  local pipe = io.popen "ls /proc/$PPID/fd | wc -l"
  local count = tonumber(pipe:read "*l")
  pipe:close()
  return count
end

local function state()
  collectgarbage()
  collectgarbage()
  return { kb = resident_kb(), descriptors = descriptors() }
end

-- Memory and descriptors after many requests, and after many streams that were opened and left.
function work.leak(id, requests, streams)
  local client = new_client()
  local open_id = assert(client.workflows:execute("forever", {})).execution_id
  local function get(count)
    for _ = 1, count do assert(client.executions:get(id)) end
  end
  local function leave(count)
    for _ = 1, count do
      local stream = client.executions:stream(open_id)
      assert(stream:step(workflows.now() + 10), "a stream without events") -- so that it is open when it is left
      stream:close()
    end
  end
  get(requests / 100)
  leave(streams / 100)
  local before, start = state(), begin()
  get(requests)
  local between = state()
  leave(streams)
  local after = state()
  report(start, requests + streams, ("requests_kb=%d streams_kb=%d descriptors=%d"):format(
    between.kb - before.kb, after.kb - between.kb, after.descriptors - before.descriptors))
end

work[arg[1]](select(2, (table.unpack or unpack)(arg))) -- luacheck: ignore 113 143
