--- The benchmarks of waiting for executions. See shared.lua.
--
--     lua bench/programs/waits.lua WORK [ARGUMENTS...]

local shared = require "bench.programs.shared"
local workflows = require "mistral.workflows"

local work = {}

local function numbers(count)
  local list = {}
  for index = 1, count do list[index] = index end
  return list
end

local function raise_first(errors)
  if errors then error((select(2, next(errors)))) end
end

-- How long after its end the result of an execution is here.
local function run(client, seconds, late)
  local _, execution = assert(client.workflows:run("slow", { input = { seconds = seconds } }))
  late[#late + 1] = shared.since(execution.end_time)
end

--- One execution after the other.
function work.run(count)
  local client, late = shared.client(), {}
  for _ = 1, count do run(client, 0.2, late) end
  shared.print(shared.lateness({ count = count }, late))
end

--- The same, while others of the client wait for executions that do not end.
function work.beside(count, others)
  local client, late = shared.client(), {}
  local function start() return assert(client.workflows:execute "forever").execution_id end
  local ids = client:map(numbers(others), start, { concurrency = 32 })
  client:map(numbers(others + 1), function(index)
    if ids[index] then return client.executions:wait(ids[index]) end
    run(client, 2, {}) -- meanwhile all others have begun to wait
    for _ = 1, count do run(client, 0.2, late) end
    client:close()
  end, { concurrency = others + 1 })
  assert(shared.client().executions:terminate_many(ids))
  shared.print(shared.lateness({ count = count }, late))
end

--- Many executions at once, each of some seconds.
function work.runs(count, seconds)
  local client, late, start = shared.client(), {}, shared.begin()
  raise_first(select(2, client:map(numbers(count), function() run(client, seconds, late) end, { concurrency = count })))
  local figures = { cpu = os.clock() - start.cpu, seconds = workflows.now() - start.wall, count = count }
  shared.print(shared.lateness(figures, late))
end

--- Starts executions whose ends are spread over some seconds, and prints their ids. The first one ends after all have
-- been started and asked for once, on a machine that stays as fast as it is for a sample.
function work.start(count, spread)
  local client, begun, sample = shared.client(), workflows.now(), math.ceil(count / 20)
  local function start(name, input)
    return assert(client.workflows:execute(name, { input = input })).execution_id
  end
  client:map(numbers(sample), function() return start "hello" end, { concurrency = 32 })
  local first = workflows.now() + 3 + (workflows.now() - begun) / sample * count * 3
  raise_first(select(2, client:map(numbers(count), function(index)
    print(start("slow", { seconds = first + spread * index / count - workflows.now() }))
  end, { concurrency = 32 })))
end

local function started(count, spread)
  local pipe, ids = io.popen(("%s %s start %d %g"):format(os.getenv "BENCH_LUA", arg[0], count, spread)), {}
  for id in pipe:lines() do ids[#ids + 1] = id end
  pipe:close()
  assert(#ids == count, "executions were not started")
  return ids
end

-- Calls `known(execution)` for each execution that has ended.
local ways = {
  completed = function(client, ids, known)
    for execution, err in client.executions:as_completed(ids) do
      if err then error(err) end
      known(execution)
    end
  end,
  map = function(client, ids, known)
    raise_first(select(2, client:map(ids, function(id) known(assert(client.executions:wait(id))) end,
      { concurrency = #ids })))
  end,
}

--- Waits for executions that end one by one. Also measures what it costs to ask for each of them once, for that is what
-- a wait costs beside the waiting.
function work.ends(way, count, spread)
  local ids, client, late = started(count, spread), shared.client(), {}
  assert(client.executions:get(ids[1]))
  collectgarbage()
  local before, most = shared.resident(), 0
  local start = shared.begin()
  ways[way](client, ids, function(execution)
    late[#late + 1] = math.min(shared.since(execution.end_time), workflows.now() - start.wall)
    if #late % math.ceil(count / 50) == 0 then most = math.max(most, shared.resident()) end
  end)
  local figures = {
    cpu = os.clock() - start.cpu, seconds = workflows.now() - start.wall, count = count, memory_kb = most - before,
  }
  start = shared.begin()
  raise_first(select(2, client:map(ids, function(id) assert(client.executions:get(id)) end, { concurrency = 32 })))
  figures.ask_cpu = (os.clock() - start.cpu) / count
  shared.print(shared.lateness(figures, late))
end

shared.main(work)
