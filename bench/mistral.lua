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
  print(("seconds=%.6f cpu=%.6f count=%d %s"):format(workflows.now() - start.wall, os.clock() - start.cpu, count,
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

-- How long after its completion, which is asked for meanwhile, the result of an execution is here.
function work.run(count)
  local client, late = new_client(), {}
  local url = os.getenv "BENCH_URL"
  for i = 1, count do
    local id, ended = ("run-%d-%d"):format(os.time(), i), nil
    client:gather {
      function()
        assert(client.workflows:run("forever", { execution_id = id }))
        late[i] = workflows.now() - ended
      end,
      function()
        repeat local found = client.executions:get(id) until found and found.status == "RUNNING"
        local pipe = io.popen(("curl -sS -X POST -d '{}' '%s/_sandbox/complete?execution_id=%s&status=COMPLETED'")
          :format(url, id))
        pipe:read "*a"
        pipe:close()
        ended = workflows.now()
      end,
    }
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
  report(start, events, ("lua_kb=%d"):format(most - kb))
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
  local function get(count)
    for _ = 1, count do assert(client.executions:get(id)) end
  end
  local function leave(count)
    for _ = 1, count do
      local stream = client.events:stream {}
      stream:step(workflows.now())
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

work[arg[1]](select(2, (table.unpack or unpack)(arg))) -- luacheck: ignore 143
