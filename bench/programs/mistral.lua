--- The benchmarks that are done with this library; see shared.lua. Those of waiting are in waits.lua.
--
--     lua bench/programs/mistral.lua WORK [ARGUMENTS...]

local shared = require "bench.programs.shared"
local workflows = require "mistral.workflows"

local work = {}

function work.get(id, count)
  local client, start, execution = shared.client(), shared.begin(), nil
  for _ = 1, count do execution = assert(client.executions:get(id)) end
  shared.report(start, count, execution.execution_id .. ":" .. execution.status)
end

--- Pages of registrations; with `fields`, names separated by commas, only these of each item.
function work.walk(pages, page_size, fields)
  local client, start, items, last = shared.client(), shared.begin(), 0, nil
  local options
  if fields then
    options = { fields = {} }
    for name in fields:gmatch "[^,]+" do table.insert(options.fields, name) end
  end
  for registration in client.registrations:each({ limit = page_size }, options) do
    items, last = items + 1, registration.id
    if items == pages * page_size then break end
  end
  shared.report(start, items, items .. ":" .. last)
end

function work.map(id, count, concurrency)
  local client, ids = shared.client { max_connections = concurrency }, {}
  for index = 1, count do ids[index] = id end
  local start = shared.begin()
  local results, errors = client:map(ids, function(each) return client.executions:get(each) end,
    { concurrency = concurrency })
  if errors then error((select(2, next(errors)))) end
  shared.report(start, #results, #results)
end

--- Pages with work between them: the server is as slow as the loop body.
function work.ahead(pages, seconds)
  local client, start, seen = shared.client(), shared.begin(), 0
  for _ in client.runs:pages { page_size = 5 } do
    seen = seen + 1
    local wake = workflows.now() + seconds
    while workflows.now() < wake do end
    if seen == pages then break end
  end
  shared.report(start, seen)
end

function work.stream(id)
  local client, start, events = shared.client(), shared.begin(), 0
  local kb, most = collectgarbage "count", 0
  for _ in client.executions:stream(id) do
    events = events + 1
    if events % 1000 == 0 then most = math.max(most, collectgarbage "count") end
  end
  shared.report(start, events, events)
  shared.print { lua_kb = most - kb }
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
  return { kb = shared.resident(), descriptors = descriptors() }
end

--- Memory and descriptors after many requests, and after many streams that were opened and left.
function work.leak(id, requests)
  local client, streams = shared.client(), math.ceil(requests / 20)
  local open_id = assert(client.workflows:execute("forever", {})).execution_id
  local function get(count)
    for _ = 1, count do assert(client.executions:get(id)) end
  end
  local function leave(count)
    for _ = 1, count do
      local stream = client.executions:stream(open_id)
      assert(stream(), "a stream without events") -- so that it is open when it is left
      stream:close()
    end
  end
  get(math.ceil(requests / 100))
  leave(math.ceil(streams / 100))
  local before = state()
  get(requests)
  local between = state()
  leave(streams)
  local after = state()
  shared.print {
    count = requests + streams, requests_kb = between.kb - before.kb, streams_kb = after.kb - between.kb,
    descriptors = after.descriptors - before.descriptors,
  }
end

shared.main(work)
