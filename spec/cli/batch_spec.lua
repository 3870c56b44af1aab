-- batch: every input once, whatever happens to the program.

local process = require "spec.support.process"
local sandbox = require "spec.support.sandbox"
local tool = require "spec.support.tool"
local workflows = require "mistral.workflows"

describe("mistral-workflows batch", function()
  local server, directory

  local function write(name, lines)
    local path = directory .. "/" .. name
    local file = assert(io.open(path, "wb"))
    file:write(table.concat(lines, "\n"), "\n")
    file:close()
    return path
  end

  local function inputs(count, format)
    local lines = {}
    for index = 1, count do lines[index] = (format or '{"seconds": 0.1, "n": %d}'):format(index) end
    return write("inputs.jsonl", lines)
  end

  -- The printed lines by the number of their input, and how many there were.
  local function by_input(out)
    local set, count = {}, 0
    for _, line in ipairs(tool.lines(out)) do
      local entry = assert(workflows.json.decode(line))
      set[entry.input] = entry
      count = count + 1
    end
    return set, count
  end

  setup(function() server = sandbox.start() end)
  teardown(function() server:stop() end)
  before_each(function()
    directory = process.output "mktemp -d"
    server:reset()
  end)
  after_each(function() os.execute("rm -rf " .. directory) end)

  it("prints each result with its input's number, as they end", function()
    local path = write("in", { '{"seconds": 0.6}', '{"seconds": 0.1}', "", '{"seconds": 0.3}' })
    local out, status, err = tool.run(server, "batch slow --inputs " .. path)
    assert.equal(0, status)
    local order = {}
    for index, line in ipairs(tool.lines(out)) do order[index] = workflows.json.decode(line).input end
    assert.same({ 2, 4, 1 }, order)
    assert.equal(0.3, by_input(out)[4].result.seconds)
    assert(err:find "^3 inputs: 3 COMPLETED, in ", err)
  end)

  it("makes the ids of the batch's name, the line and its how-manieth occurrence", function()
    local path = write("in", { '{"n":1}', '{"n":1}', '{"n":2}' })
    local found = by_input((tool.run(server, "batch echo --name nightly --inputs " .. path)))
    local function sha256(text) return (process.output("printf '%b' '" .. text .. "' | sha256sum"):match "^%x+") end
    assert.equal(sha256 'nightly\\n{"n":1}\\n1', found[1].execution_id)
    assert.equal(sha256 'nightly\\n{"n":1}\\n2', found[2].execution_id)
    assert.equal(sha256 'nightly\\n{"n":2}\\n1', found[3].execution_id)
  end)

  it("goes on where it was, with and without a journal, and starts nothing twice", function()
    local path = inputs(12)
    for _, options in ipairs { "", " --journal " .. directory .. "/journal" } do
      server:reset()
      local command = "batch slow --inputs " .. path .. options
      local first = by_input((tool.run(server, command)))
      local second, count = by_input((tool.run(server, command)))
      assert.equal(12, server:stats().executions_started)
      assert.equal(12, count)
      assert.same(first, second)
    end
  end)

  it("asks the service for nothing that the journal has", function()
    local command = ("batch echo --inputs %s --journal %s/journal"):format(inputs(5), directory)
    local first = by_input((tool.run(server, command))) -- as they ended
    server:record()
    server:control("DELETE", "requests")
    assert.same(first, (by_input((tool.run(server, command)))))
    assert.equal(0, #server:requests())
  end)

  it("survives being killed at any point", function()
    local path, journal = inputs(60, '{"seconds": 0.15, "n": %d}'), directory .. "/journal"
    local command = ("$MWF batch slow --inputs %s --journal %s --concurrency 8"):format(path, journal)
    for round = 1, 6 do
      tool.shell(server, ("%s >>%s/out & pid=$!; sleep %.2f; kill -9 $pid; wait $pid"):format(command, directory,
        0.07 * round + 0.1))
    end
    local out, status = tool.shell(server, command)
    assert.equal(0, status)
    local found, count = by_input(out)
    assert.equal(60, count)
    for index = 1, 60 do assert.equal("COMPLETED", found[index].status) end
    assert.equal(60, server:stats().executions_started)
  end)

  it("takes a journal whose last line was cut", function()
    local path, journal = inputs(4), directory .. "/journal"
    local command = ("batch echo --inputs %s --journal %s"):format(path, journal)
    tool.run(server, command)
    os.execute(("truncate -s -20 %s"):format(journal))
    local _, count = by_input((tool.run(server, command)))
    assert.equal(4, count)
    assert.equal(4, server:stats().executions_started)
    server:record()
    server:control("DELETE", "requests")
    tool.run(server, command)
    assert.equal(0, #server:requests())
  end)

  it("divides the inputs among shards, with the same ids", function()
    local path = write("in", { '{"n":1}', '{"n":1}', '{"n":1}', '{"n":2}', '{"n":3}' })
    local function shard(text) return by_input((tool.run(server, "batch echo --inputs " .. path .. text))) end
    local first, second, all = shard " --shard 1/2", shard " --shard 2/2", shard ""
    assert.same({ 1, 3, 5 }, { first[1].input, first[3].input, first[5].input })
    assert.same({ 2, 4 }, { second[2].input, second[4].input })
    for index = 1, 5 do assert.same(all[index], first[index] or second[index]) end
    assert.equal(5, server:stats().executions_started)
  end)

  it("lets two programs do the same batch at the same time", function()
    local path = inputs(20)
    tool.shell(server, ("$MWF batch slow --inputs %s >%s/a & $MWF batch slow --inputs %s >%s/b; wait"):format(
      path, directory, path, directory))
    for _, name in ipairs { "a", "b" } do
      local file = assert(io.open(directory .. "/" .. name))
      local _, count = by_input(file:read "*a")
      file:close()
      assert.equal(20, count)
    end
    assert.equal(20, server:stats().executions_started)
  end)

  it("collects failures, and starts them again under new ids when asked", function()
    local path, journal = write("in", { '{"message":"a"}', '{"message":"b"}' }), directory .. "/journal"
    local command = ("batch fail --inputs %s --journal %s"):format(path, journal)
    local out, status, err = tool.run(server, command)
    assert.equal(1, status)
    assert(err:find "^2 inputs: 2 FAILED, in [^\n]*\n  input 1: FAILED: [^\n]*a[^\n]*\n  input 2: FAILED: [^\n]*b", err)
    local before = by_input(out)
    local after = by_input((tool.run(server, command)))
    assert.same(before, after)
    assert.equal(2, server:stats().executions_started)
    after = by_input((tool.run(server, command .. " --retry-failed")))
    assert.equal(4, server:stats().executions_started)
    assert.equal(before[1].id, after[1].id)
    assert.not_equal(before[1].execution_id, after[1].execution_id)
    assert.same(after, (by_input((tool.run(server, command)))))
  end)

  it("goes on with a retry that was killed", function()
    local path = write("in", { '{"after":2}' })
    tool.run(server, "batch fail --inputs " .. path)
    local command = "$MWF batch fail --retry-failed --inputs " .. path
    tool.shell(server, ([[%s & pid=$!
      until curl -s %s/_sandbox/stats | grep -q '"executions_started":2'; do sleep 0.05; done
      kill -9 $pid; wait $pid]]):format(command, server.url))
    assert.equal(2, server:stats().executions_started)
    tool.shell(server, command)
    assert.equal(2, server:stats().executions_started)
  end)

  it("starts nothing when a line is wrong", function()
    for _, wrong in ipairs { "{", "[1]", "7", '{"n":1} x' } do
      local path = write("in", { '{"n":1}', wrong })
      local out, status, err = tool.run(server, "batch echo --inputs " .. path)
      assert.equal(2, status)
      assert.equal("", out)
      assert(err:find("line 2 of " .. path, 1, true), err)
    end
    for _, arguments in ipairs { "", "--inputs /nowhere", "--inputs -", "--inputs /dev/null --shard 3/2",
      "--inputs /dev/null --shard 0/2",
      "--inputs /dev/null --concurrency 0" } do
      local _, status = tool.run(server, "batch echo " .. arguments)
      assert.equal(2, status, arguments)
    end
    assert.equal(0, server:stats().executions_started)
  end)

  it("gives inputs that the service refuses as failures, and ends where it refuses all", function()
    local path = write("in", { '{"n":1}', '{"n":"x"}' })
    local out, status = tool.run(server, "batch strict --inputs " .. path)
    assert.equal(1, status)
    local found = by_input(out)
    assert.equal("COMPLETED", found[1].status)
    assert(found[2].error:find "integer", found[2].error)
    local _, refused, err = tool.run(server, "batch helo --inputs " .. inputs(100))
    assert.equal(5, refused)
    assert(err:find "did you mean 'hello'", err)
  end)

  it("reads standard input", function()
    local out, status = tool.shell(server, "echo '{\"n\":1}' | mwf batch echo --inputs - --name piped")
    assert.equal(0, status)
    assert.equal(1, by_input(out)[1].result.n)
  end)

  it("only counts with --dry-run", function()
    assert.equal("would run slow for 4 inputs\n", (tool.run(server, "batch slow --dry-run --inputs " .. inputs(4))))
    assert.equal(0, server:stats().executions_started)
  end)
end)
