--- What the programs of the benchmarks share that are written with this library.
--
-- BENCH_URL is the server, BENCH_CA the file of the authority it is trusted by, BENCH_CLOCK the monotonic time minus
-- the time of day. A program prints `name=value` pairs, which bench/runner reads; `answer` is what must be the same in
-- all programs of a row.

local workflows = require "mistral.workflows"

local shared = {}

--- A client of the server that is measured.
function shared.client(options)
  local all = { api_key = "bench", server_url = os.getenv "BENCH_URL", ca_file = os.getenv "BENCH_CA" }
  for name, value in pairs(options or {}) do all[name] = value end
  return assert(workflows.new(all))
end

--- The beginning of what is measured.
function shared.begin()
  return { wall = workflows.now(), cpu = os.clock() }
end

--- Prints figures.
function shared.print(figures)
  for name, value in pairs(figures) do
    print(type(value) == "number" and ("%s=%.9g"):format(name, value) or ("%s=%s"):format(name, value))
  end
end

--- Prints what was done since the beginning: so many times something, which gave this answer.
function shared.report(start, count, answer)
  shared.print {
    seconds = workflows.now() - start.wall, cpu = os.clock() - start.cpu, count = count, answer = answer,
  }
end

--- Seconds between a moment of the service and now.
function shared.since(timestamp)
  return workflows.now() - tonumber(os.getenv "BENCH_CLOCK") - assert(workflows.time.parse(timestamp))
end

--- Adds median, p99 and max of a list of seconds to figures.
function shared.lateness(figures, late)
  table.sort(late)
  figures.median, figures.p99, figures.max = late[math.ceil(#late / 2)], late[math.ceil(#late * 0.99)], late[#late]
  return figures
end

local function memory(name)
  for line in io.lines "/proc/self/status" do
    local kb = line:match("^" .. name .. ":%s+(%d+)")
    if kb then return tonumber(kb) end
  end
end

--- Resident memory of this process in KB.
function shared.resident() return memory "VmRSS" end

--- The most that it was.
function shared.peak() return memory "VmHWM" end

--- Calls the work that the first argument names with the others, numbers as such.
function shared.main(work)
  local arguments = {}
  for index = 2, #arg do arguments[index - 1] = tonumber(arg[index]) or arg[index] end
  work[arg[1]]((table.unpack or unpack)(arguments)) -- luacheck: ignore 113 143
end

return shared
