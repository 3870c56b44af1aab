--- Runs the work items of the benchmarks and prints their table. Started by bench/run, which tells where the server is.
--
--     lua bench/table.lua [ROW...]
--
-- The programs of a row take turns, for BENCH_ROUNDS rounds (5); all figures are medians. Peers that cannot be had are
-- shown as missing.

local build = os.getenv "BENCH_BUILD"
local plain, tls = os.getenv "BENCH_PLAIN_URL", os.getenv "BENCH_TLS_URL"
local rounds = tonumber(os.getenv "BENCH_ROUNDS") or 5
local root = os.getenv "BENCH_ROOT"

local EXECUTION = "/v1/workflows/executions/bench"
local MISSING = 77

local luas = {
  { name = "5.4", command = "lua5.4" },
  { name = "LuaJIT", command = "luajit", build = "luajit" },
}

-- Debian has lua-curl for Lua 5.1 and LuaJIT only: ours on Lua 5.4 is compared with it on Lua 5.1.
local lua51 = { name = "5.1", command = "lua5.1" }
local lua_curl = { ["ours, 5.4"] = "lua-curl, 5.1", ["ours, LuaJIT"] = "lua-curl, LuaJIT" }

local function lua(which, script, ...)
  return ("LUA_PATH='%s/lua/?.lua;%s/lua/?/init.lua;;' LUA_CPATH='%s/build/%s/?.so;;' %s/measure %s %s/bench/%s %s")
    :format(root, root, root, which.build or which.name, build, which.command, root, script, table.concat({ ... }, " "))
end

local function ours(work)
  local list = {}
  for _, each in ipairs(luas) do
    list[#list + 1] = { name = "ours, " .. each.name, command = lua(each, "mistral.lua", work), ours = true }
  end
  return list
end

local function reference(program)
  return { name = "C", command = ("%s/measure %s/%s"):format(build, build, program) }
end

local function peer(library, work, which)
  which = which or luas[2]
  return { name = ("%s, %s"):format(library, which.name), command = lua(which, "peers.lua", library, work) }
end

local function sdk(work)
  return { name = "TypeScript SDK", command = ("test -d '%s/sdk/node_modules' || exit %d; BENCH_SDK='%s/sdk' "
    .. "NODE_EXTRA_CA_CERTS=\"$BENCH_CA\" %s/measure node %s/bench/sdk.mjs %s"):format(
    build, MISSING, build, build, root, work) }
end

-- What is compared: from the numbers that a program printed to one number.
local figures = {
  cpu = { unit = "us CPU each", of = function(r) return r.cpu / r.count * 1e6 end },
  rate = { unit = "items/s", of = function(r) return r.count / r.seconds end },
  process_rate = { unit = "items/s", of = function(r) return r.count / r.process_seconds end },
  wall = { unit = "ms", of = function(r) return r.process_seconds * 1e3 end },
  seconds = { unit = "s", of = function(r) return r.seconds end },
  peak = { unit = "MB peak", of = function(r) return r.peak_kb / 1024 end },
  late = { unit = "ms, median", of = function(r) return r.median * 1e3 end },
  latest = { unit = "ms, max", of = function(r) return r.max * 1e3 end },
  lua_memory = { unit = "KB of Lua", of = function(r) return r.lua_kb end },
  requests_memory = { unit = "MB more after the requests", of = function(r) return r.requests_kb / 1024 end },
  streams_memory = { unit = "MB more after the streams", of = function(r) return r.streams_kb / 1024 end },
  descriptors = { unit = "more descriptors", of = function(r) return r.descriptors end },
}

-- A goal: { figure, "<=" or ">=", limit, what it is a multiple of: a program, or one for each of ours, or nil }.
local rows = {
  { id = "B1", work = "5,000 small GETs, HTTP/1.1", url = plain, program = "get bench 5000",
    reference = "get " .. EXECUTION .. " 5000", peers = { "lua-curl", "lua-http", "lua-socket" },
    sdk = "get bench 500", goals = { { "cpu", "<=", 1.15, "C" } } },
  { id = "B1", work = "5,000 small GETs, TLS, HTTP/2", url = tls, program = "get bench 5000",
    reference = "get " .. EXECUTION .. " 5000", peers = { "lua-curl", "lua-http" },
    sdk = "get bench 500", goals = { { "cpu", "<=", 1.15, "C" } } },
  { id = "B2", work = "100 pages of 1,000", url = plain, program = "walk 100", reference = "walk 100",
    peers = { "lua-curl", "lua-http", "lua-socket" }, peer_program = "walk 20", sdk = "walk 3",
    goals = { { "process_rate", ">=", 3, lua_curl }, { "process_rate", ">=", 1, "C" },
      { "peak", "<=", 48 } } },
  { id = "B2", work = "20 pages whose two lists differ", url = plain, program = "walk 20", reference = "walk 20",
    before = "versions?mode=differ", after = "versions?mode=same", peers = { "lua-curl" },
    goals = { { "process_rate", ">=", 1.4, lua_curl } } },
  { id = "B3", work = "2,000 GETs, 100 at a time, 20 ms, HTTP/1.1", url = plain, program = "map bench 2000 100",
    reference = "multi " .. EXECUTION .. " 2000 100", before = "delay?seconds=0.02", after = "delay?seconds=0",
    sdk = "map bench 2000 100", goals = { { "rate", ">=", 0.95, "C" }, { "cpu", "<=", 1.15, "C" } } },
  { id = "B3", work = "the same, TLS, HTTP/2", url = tls, program = "map bench 2000 100",
    reference = "multi " .. EXECUTION .. " 2000 100", before = "delay?seconds=0.02", after = "delay?seconds=0",
    rounds = 50, goals = { { "rate", ">=", 0.95, "C" }, { "cpu", "<=", 1.15, "C" } } },
  { id = "B5", work = "50 pages, 20 ms each, and 20 ms of work", url = plain, program = "ahead 50 0.02",
    before = "delay?seconds=0.02", after = "delay?seconds=0", goals = { { "seconds", "<=", 1.15 } } },
  { id = "B6", work = "cold start, one GET", url = plain, program = "get bench 1",
    reference = "get " .. EXECUTION .. " 1", peers = { "lua-curl", "lua-http", "lua-socket" }, sdk = "get bench 1",
    rounds = 15, goals = { { "wall", "<=", 1.25, "C" } } },
  { id = "B8", work = "run, from completion to result, 50 times", url = plain, program = "run 50",
    goals = { { "late", "<=", 12 }, { "latest", "<=", 12 } } },
  { id = "B9", work = "100,000 events with 500 B of text", url = plain, program = "stream bench-events",
    reference = "count " .. EXECUTION .. "-events/stream",
    goals = { { "rate", ">=", 0.35, "C" }, { "lua_memory", "<=", 2048 } } },
  { id = "B10", work = "200,000 requests, 10,000 streams left", url = plain, program = "leak bench 200000 10000",
    rounds = 1, goals = { { "requests_memory", "<=", 2 }, { "streams_memory", "<=", 2 }, { "descriptors", "<=", 0 } } },
}

local function control(path)
  assert(os.execute(("curl -sS --noproxy '*' -o /dev/null -X POST '%s/_sandbox/%s'"):format(plain, path)))
end

-- Runs a program once. Returns the numbers that it printed, or nil and why there are none.
local function run(row, program)
  local pipe = io.popen(("(BENCH_URL='%s'; export BENCH_URL; %s); echo status=$?"):format(row.url, program.command))
  local numbers = {}
  for name, value in pipe:read "*a":gmatch "(%w[%w_]*)=(%-?[%d.]+)" do numbers[name] = tonumber(value) end
  pipe:close()
  if numbers.status == MISSING then return nil, "missing" end
  if numbers.status ~= 0 then return nil, "failed" end
  return numbers
end

local function programs_of(row)
  local list = ours(row.program)
  if row.reference then list[#list + 1] = reference(row.reference) end
  for _, library in ipairs(row.peers or {}) do
    list[#list + 1] = peer(library, row.peer_program or row.program)
    if library == "lua-curl" then list[#list + 1] = peer(library, row.peer_program or row.program, lua51) end
  end
  if row.sdk then list[#list + 1] = sdk(row.sdk) end
  return list
end

local function measure(row, programs)
  if row.before then control(row.before) end
  for _ = 1, row.rounds or rounds do
    for _, program in ipairs(programs) do
      program.runs = program.runs or {}
      if not program.problem then
        local numbers, problem = run(row, program)
        program.problem = problem
        program.runs[#program.runs + 1] = numbers
      end
    end
  end
  if row.after then control(row.after) end
end

local function median(program, figure)
  local values = {}
  for _, numbers in ipairs(program.runs) do values[#values + 1] = figure.of(numbers) end
  table.sort(values)
  return values[math.ceil(#values / 2)]
end

local function number(value)
  return (value >= 1000 and "%.0f" or value >= 10 and "%.1f" or "%.2f"):format(value)
end

local function shown(program, figure)
  if program.problem then return program.problem end
  local found, value = pcall(median, program, figure)
  return found and value and number(value) or "-"
end

local function verdict(program, goal, base)
  local value = median(program, figures[goal[1]])
  if base then value = value / median(base, figures[goal[1]]) end
  local reached
  if goal[2] == "<=" then reached = value <= goal[3] else reached = value >= goal[3] end
  return number(value), reached and "yes" or "no"
end

local function print_goal(row, programs, goal)
  local figure, parts, by_name = figures[goal[1]], {}, {}
  for _, program in ipairs(programs) do
    parts[#parts + 1] = program.name .. " " .. shown(program, figure)
    by_name[program.name] = program
  end
  print(("%s  %s (%s): %s"):format(row.id, row.work, figure.unit, table.concat(parts, "; ")))
  for _, program in ipairs(programs) do
    local of = goal[4]
    local base = of and by_name[type(of) == "table" and of[program.name] or of]
    if program.ours and not program.problem and not (base and base.problem) then
      local value, reached = verdict(program, goal, base)
      print(("    %-13s %s%s, to reach %s %s: %s"):format(program.name, value, base and " x " .. base.name or "",
        goal[2], goal[3], reached))
    end
  end
end

local wanted = {}
for _, name in ipairs(arg) do wanted[name] = true end

for _, row in ipairs(rows) do
  if #arg == 0 or wanted[row.id] then
    local programs = programs_of(row)
    measure(row, programs)
    for _, goal in ipairs(row.goals) do print_goal(row, programs, goal) end
    for _, program in ipairs(programs) do
      if program.ours and program.problem then print(("    %s: %s"):format(program.name, program.problem)) end
    end
    io.stdout:flush()
  end
end
