-- What takes time, against a service that answers at once: runs that are interrupted, batches, lists that go on.

local commands = require "spec.support.commands"
local tool = require "spec.support.tool"
local workflows = require "mistral.workflows"

-- Answers of a service that knows what was started; Ctrl-C comes while it answers the operation `at`.
local function service(at)
  local statuses = {}
  local function interrupt(operation)
    if at == operation then commands.interrupt() end
  end
  return {
    execute_workflow = function(request)
      interrupt "execute"
      local id, input = request.json.execution_id, request.json.input or {}
      if input.interrupt then commands.interrupt() end
      if input.refused then return input.refused, { detail = "no" } end
      statuses[id] = input.status or "RUNNING"
      return { execution_id = id, workflow_name = "hello", status = "RUNNING" }
    end,
    get_workflow_execution = function(request)
      local status = statuses[request.path_value]
      if not status then return 404, { detail = "no such execution" } end
      return { execution_id = request.path_value, workflow_name = "hello", status = status, result = { n = 1 } }
    end,
    get_workflow_events = { events = {} },
    stream = function()
      interrupt "stream"
      return 200, { { event_type = "WORKFLOW_EXECUTION_STARTED" }, 600 }
    end,
    cancel_workflow_execution = function(request)
      statuses[request.path_value] = "CANCELED"
      return 202
    end,
    batch_cancel_workflow_executions = { results = {} },
    get_workflows = { workflows = { { name = "hello" } } },
  }, statuses
end

describe("Ctrl-C", function()
  local back = "mistral-workflows: x is left running; to come back: mistral-workflows wait x; "
    .. "to stop it: mistral-workflows cancel x\n"

  it("leaves a run that has started, whatever it waits for", function()
    for _, at in ipairs { "execute", "stream" } do
      local ended = commands.run("run hello --id x", (service(at)), { columns = 80 })
      assert.same({ "", back, 130, "INT", false, true },
        { ended.out, ended.err, ended.status, ended.killed, ended.live, ended.closed })
    end
  end)

  it("cancels a run when asked to, once it has started", function()
    for _, at in ipairs { "execute", "stream" } do
      local ended = commands.run("run hello --id x --on-interrupt cancel --timeout 50s", (service(at)))
      assert.same({ "", "mistral-workflows: the execution CANCELED\n", 3 }, { ended.out, ended.err, ended.status })
      assert.same({
        "GET /v1/workflows/executions/x", 'POST /v1/workflows/hello/execute {"execution_id":"x"}',
        "GET /v1/workflows/executions/x/stream?event_source=HYBRID", "POST /v1/workflows/executions/x/cancel",
        "GET /v1/workflows/executions/x",
      }, ended.requests)
    end
  end)

  it("leaves and cancels what `wait` waits for", function()
    local answers, statuses = service "stream"
    statuses.x = "RUNNING"
    local ended = commands.run("wait x", answers)
    assert.same({ "", back, 130, "INT" }, { ended.out, ended.err, ended.status, ended.killed })
    ended = commands.run("wait x --on-interrupt cancel", answers)
    assert.same({ "mistral-workflows: the execution CANCELED\n", 3 }, { ended.err, ended.status })
  end)

  it("ends a cancelled execution that had ended meanwhile with its result", function()
    local answers, statuses = service "stream"
    answers.cancel_workflow_execution = function(request)
      statuses[request.path_value] = "COMPLETED"
      return 409, { detail = "it has ended" }
    end
    local ended = commands.run("run hello --id x --on-interrupt cancel", answers)
    assert.same({ '{"n":1}\n', "", 0 }, { ended.out, ended.err, ended.status })
    answers = service "stream"
    answers.cancel_workflow_execution = function() return 403, { detail = "not yours" } end
    ended = commands.run("run hello --id x --on-interrupt cancel", answers)
    assert.same({ "mistral-workflows: HTTP 403: not yours; the key has no permission for this\n", 5 },
      { ended.err, ended.status })
  end)
end)

describe("mistral-workflows", function()
  it("says how many have ended while it waits for several", function()
    local answers, statuses = service()
    statuses.x, statuses.y = "COMPLETED", "RUNNING"
    answers.list_runs = { executions = {} }
    local ended = commands.run("wait x y --timeout 10s", answers, { columns = 80 })
    assert(ended.drawn[1]:find("0 of 2 ended  " .. ("─"):rep(30), 1, true), ended.drawn[1])
    local last = ended.drawn[#ended.drawn]
    assert(last:find("1 of 2 ended  " .. ("━"):rep(15) .. ("─"):rep(15), 1, true), last)
    assert.is_false(ended.live)
  end)

  it("has room for it on a narrow terminal", function()
    local answers, statuses = service()
    statuses.x, statuses.y = "RUNNING", "RUNNING"
    answers.list_runs = { executions = {} }
    local ended = commands.run("wait x y --timeout 1s", answers, { columns = 42 })
    assert.equal("0 of 2…  " .. ("─"):rep(30), ended.drawn[1])
  end)

  it("chooses an id of 32 digits where none is given", function()
    local ended = commands.run("start hello", (service()))
    assert.equal(33, #ended.out:match "^%x+\n$")
    assert.equal(('POST /v1/workflows/hello/execute {"execution_id":"%s"}'):format(ended.out:sub(1, 32)),
      ended.requests[#ended.requests])
    local left = commands.run("run hello", (service "stream"))
    assert.equal(32, #left.err:match "^mistral%-workflows: (%x+) is left running; to come back: ")
  end)

  it("writes the picture of a trace into a file", function()
    local path = os.tmpname()
    local span = { name = "w", start_time_unix_nano = 1e18, end_time_unix_nano = 2e18 }
    local answers = { get_workflow_execution_trace_summary = { execution_id = "x", span_tree = span } }
    local ended = commands.run("trace x --svg " .. path, answers)
    assert.same({ ("wrote %s\n"):format(path), "", 0 }, { ended.out, ended.err, ended.status })
    local file = assert(io.open(path))
    local picture = file:read "*a"
    file:close()
    os.remove(path)
    assert.equal(commands.run("trace x --svg -", answers).out, picture)
  end)

  it("takes the first and the last port for its local service", function()
    local parser = require "mistral.workflows.cli.parser"
    for _, port in ipairs { 1, 65535 } do
      assert.equal(port, parser.new():parse({ "sandbox", "--port", tostring(port) }).port)
    end
  end)

  it("says when a fault of its own ends it", function()
    local groups = require("mistral.workflows.cli.parser").groups()
    for _, command in ipairs(groups[#groups]) do
      if command.name == "whoami" then
        local run = command.run
        command.run = function() error "boom" end
        local ended = commands.run "whoami"
        command.run = run
        assert.equal(70, ended.status)
        local said = "^mistral%-workflows: a fault of the tool itself: [^\n]*boom\nstack traceback:"
        assert(ended.err:find(said), ended.err)
      end
    end
  end)

  it("completes a thousand names at most", function()
    local answers = service()
    local list = {}
    for index = 1, 1001 do list[index] = { name = "w" .. index } end
    answers.get_workflows = { workflows = list }
    assert.equal(1000, #tool.lines(commands.run("names workflows", answers).out))
  end)
end)

describe("a batch", function()
  local path, journal

  local function write(lines)
    local file = assert(io.open(path, "wb"))
    file:write(table.concat(lines, "\n"), "\n")
    file:close()
  end

  local function run(arguments, answers, options)
    return commands.run("batch hello --name n --inputs " .. path .. " " .. arguments, answers, options)
  end

  -- The summary, without the time that it took.
  local function summary(ended) return (ended.err:gsub(", in [%d.]+m?s\n", "\n")) end

  local function ids_of(ended)
    local ids = {}
    for index, line in ipairs(tool.lines(ended.out)) do ids[index] = workflows.json.decode(line).execution_id end
    return ids
  end

  before_each(function() path, journal = os.tmpname(), os.tmpname() end)
  after_each(function()
    os.remove(path)
    os.remove(journal)
  end)

  it("prints what became of each input, and fails when one did", function()
    write { '{"status":"COMPLETED"}', '{"status":"FAILED"}', '{"refused":422}' }
    local answers = service()
    local ended = run("--concurrency 1 --journal " .. journal, answers)
    local ids = ids_of(ended)
    assert.equal(("%s\n%s\n%s\n"):format(
      '{"execution_id":"%s","id":"%s","input":1,"result":{"n":1},"status":"COMPLETED"}',
      '{"error":"the execution FAILED","execution_id":"%s","id":"%s","input":2,"result":{"n":1},"status":"FAILED"}',
      '{"error":"HTTP 422: no","execution_id":"%s","id":"%s","input":3}'):format(ids[1], ids[1], ids[2], ids[2],
      ids[3], ids[3]), ended.out)
    assert.equal("3 inputs: 1 COMPLETED, 1 FAILED, 1 http\n  input 2: FAILED: the execution FAILED\n"
      .. "  input 3: http: HTTP 422: no\n", summary(ended))
    assert.equal(1, ended.status)

    local again = run("--journal " .. journal, answers) -- what failed without an execution is tried again
    assert.equal(ended.out, again.out)
    assert.same({ "GET /v1/workflows/executions/" .. ids[3], ("POST /v1/workflows/hello/execute "
      .. '{"execution_id":"%s","input":{"refused":422}}'):format(ids[3]) }, again.requests)
    assert.equal(summary(ended), summary(again))
  end)

  it("starts again under another id what failed, and nothing else, with --retry-failed", function()
    write { '{"status":"COMPLETED"}', '{"status":"FAILED"}' }
    local answers = service()
    local first = ids_of(run("--concurrency 1", answers))
    local second = run("--concurrency 1 --retry-failed --journal " .. journal, answers)
    local ids = ids_of(second)
    assert.equal(first[1], ids[1])
    assert.not_equal(first[2], ids[2])
    assert.same({
      "GET /v1/workflows/executions/" .. first[1], "GET /v1/workflows/executions/" .. first[1],
      "GET /v1/workflows/executions/" .. first[2], "GET /v1/workflows/executions/" .. ids[2],
      "GET /v1/workflows/executions/" .. ids[2],
      ('POST /v1/workflows/hello/execute {"execution_id":"%s","input":{"status":"FAILED"}}'):format(ids[2]),
      "GET /v1/workflows/executions/" .. ids[2] .. "/stream?event_source=HYBRID",
    }, { (unpack or table.unpack)(second.requests, 1, 7) }) -- luacheck: ignore 113 143
  end)

  it("ends where the service does nothing for eight inputs in a row, or as many as run at once", function()
    local lines = {}
    for index = 1, 20 do lines[index] = ('{"refused":400,"n":%d}'):format(index) end
    write(lines)
    for options, printed in pairs { ["--concurrency 1"] = 7, ["--concurrency 8"] = 7, ["--concurrency 10"] = 9 } do
      local ended = run(options, (service()))
      assert.same({ printed, 5 }, { #tool.lines(ended.out), ended.status })
      assert.equal("mistral-workflows: HTTP 400: no", ended.err:match "([^\n]*)\n$")
    end
    lines[4] = '{"status":"COMPLETED"}'
    lines[12] = '{"refused":422}'
    write(lines)
    local ended = run("--concurrency 1", (service()))
    assert.same({ 19, 5 }, { #tool.lines(ended.out), ended.status })
  end)

  it("ends at once where no input will be better", function()
    for _, status in ipairs { 401, 403, 404 } do
      write { ('{"refused":%d}'):format(status), '{"status":"COMPLETED"}' }
      local ended = run("--concurrency 1", (service()))
      assert.same({ "", 5 }, { ended.out, ended.status })
      assert.equal("0 inputs: none\n", summary(ended):match "^[^\n]*\n")
      assert(ended.err:find(("\nmistral-workflows: HTTP %d: no"):format(status), 1, true), ended.err)
    end
  end)

  it("takes the deployment and the time of each", function()
    write { '{"status":"RUNNING"}' }
    local ended = run("--deployment east --timeout 10s", (service()))
    local id = ids_of(ended)[1]
    assert.equal(('POST /v1/workflows/hello/execute {"deployment_name":"east","execution_id":"%s",'
      .. '"input":{"status":"RUNNING"}}'):format(id), ended.requests[2])
    assert(ended.err:find("1 input: 1 RUNNING, in ", 1, true), ended.err)
    assert.equal(1, ended.status)
  end)

  it("is interrupted, and leaves or cancels what runs", function()
    write { '{"status":"RUNNING"}', '{"status":"RUNNING","n":2}' }
    local ended = run("", (service "stream"))
    assert.equal("mistral-workflows: interrupted, 2 executions left running; the same command goes on\n"
      .. "0 inputs: none\n", summary(ended))
    assert.same({ "", 130, "INT" }, { ended.out, ended.status, ended.killed })
    ended = run("--on-interrupt cancel", (service "stream"))
    assert.equal("mistral-workflows: interrupted, 2 executions cancelled; the same command goes on\n"
      .. "0 inputs: none\n", summary(ended))
    local cancelled = ended.requests[#ended.requests]
    assert(cancelled:find '^POST /v1/workflows/executions/cancel {"execution_ids":%["%x+","%x+"%]}$', cancelled)
    assert.equal(130, ended.status)
  end)

  it("runs sixteen inputs at the same time, or as many as are asked for", function()
    local lines = {}
    for index = 1, 20 do lines[index] = ('{"status":"RUNNING","n":%d}'):format(index) end
    write(lines)
    for options, count in pairs { [""] = 16, ["--concurrency 3"] = 3 } do
      local ended = run(options, (service "stream"))
      local said = "mistral-workflows: interrupted, %d executions left running; the same command goes on"
      assert.equal(said:format(count), ended.err:match "^[^\n]*")
    end
  end)

  it("counts as left running only what still runs", function()
    write { '{"status":"COMPLETED"}', '{"interrupt":true}' }
    local ended = run("--concurrency 1", (service()))
    assert.equal("mistral-workflows: interrupted, 1 execution left running; the same command goes on\n"
      .. "1 input: 1 COMPLETED\n", summary(ended))
  end)

  it("refuses what it cannot do before it asks for anything", function()
    write { '{"n":1}', "[1]" }
    local function refused(arguments)
      local ended = commands.run(arguments, (service()))
      assert.same({ "", 2, {} }, { ended.out, ended.status, ended.requests })
      return ended.err
    end
    local inputs = "batch hello --inputs " .. path
    assert.equal(("mistral-workflows: line 2 of %s must be a JSON object, {...}\n"):format(path), refused(inputs))
    assert.equal("mistral-workflows: --inputs - needs a --name for the batch\n", refused "batch hello --inputs -")
    assert.equal("mistral-workflows: --name takes no control characters\n",
      refused { "batch", "hello", "--inputs", path, "--name", "a\nb" })
    assert.equal("mistral-workflows: the inputs cannot be read: /nowhere: No such file or directory\n",
      refused "batch hello --inputs /nowhere")
    for _, shard in ipairs { "0/2", "3/2", "1", "1/", "a/b" } do
      assert.equal(("mistral-workflows: --shard takes the number of this part and of all, as 2/8, not '%s' "
        .. "(mistral-workflows batch --help)\n"):format(shard), refused(inputs .. " --shard " .. shard))
    end
    for _, count in ipairs { "0", "1.5", "x" } do
      assert.equal(("mistral-workflows: --concurrency takes a whole number, not '%s' "
        .. "(mistral-workflows batch --help)\n"):format(count), refused(inputs .. " --concurrency " .. count))
    end
  end)

  it("has the workflow and the file's name for its name, and divides its lines", function()
    write { '{"n":1}', "", '{"n":3}', '{"n":4}' }
    local function count(arguments) return commands.run(arguments .. " --dry-run", (service())).out end
    local inputs = "batch hello --inputs " .. path
    assert.equal("would run hello for 3 inputs\n", count(inputs))
    assert.equal("would run hello for 1 input\n", count(inputs .. " --shard 2/2"))
    assert.equal("would run hello for 2 inputs\n", count(inputs .. " --shard 1/2"))
    write { '{"status":"COMPLETED"}' }
    local named = ("--name 'hello %s'"):format(path:match "[^/]+$")
    assert.same(ids_of(commands.run(inputs, (service()))), ids_of(commands.run(inputs .. " " .. named, (service()))))
  end)

  it("is drawn while it goes on", function()
    write { '{"status":"RUNNING"}', '{"status":"RUNNING","n":2}' }
    local ended = run("--timeout 10s", (service()), { columns = 40 })
    assert(ended.drawn[1]:find "─+  0/2$", ended.drawn[1])
    assert.is_false(ended.live)
  end)
end)

describe("a list of runs that goes on", function()
  local function runs(...)
    local pages, asked = { ... }, 0
    return {
      list_runs = function()
        asked = asked + 1
        if not pages[asked] then return 403, { detail = "no more" } end
        return 200, '{"executions":[' .. pages[asked] .. "]}"
      end,
    }
  end
  local function item(run, status)
    return ('{"execution_id":"e%d","run_id":"r%d","workflow_name":"w","status":"%s"}'):format(run, run, status)
  end
  local first = item(2, "RUNNING") .. "," .. item(1, "COMPLETED")
  local second = item(3, "RUNNING") .. "," .. item(2, "FAILED") .. "," .. item(1, "COMPLETED")

  it("has a line for each change, the oldest first", function()
    local ended = commands.run("runs --watch", runs(first, first, second))
    assert.equal("e1\tw\tCOMPLETED\t\t\t\tr1\ne2\tw\tRUNNING\t\t\t\tr2\ne2\tw\tFAILED\t\t\t\tr2\n"
      .. "e3\tw\tRUNNING\t\t\t\tr3\n", ended.out)
    assert.equal("GET /v1/workflows/runs?include_internal=false&page_size=200", ended.requests[1])
    assert.same({ 4, 5 }, { #ended.requests, ended.status })
    local began = workflows.now()
    ended = commands.run("runs --watch --limit 300", runs(first, first))
    assert.equal(2, math.floor((workflows.now() - began) / 2)) -- asks every two seconds
    assert.equal("GET /v1/workflows/runs?include_internal=false&page_size=200", ended.requests[1])
    ended = commands.run("runs --watch --json --limit 2", runs(first, second))
    assert.equal(("%s\n%s\n%s\n%s\n"):format(item(1, "COMPLETED"), item(2, "RUNNING"), item(2, "FAILED"),
      item(3, "RUNNING")), ended.out)
    assert.equal("GET /v1/workflows/runs?include_internal=false&page_size=2", ended.requests[1])
  end)

  it("is a table that is drawn again on a terminal, and stays at the end", function()
    local ended = commands.run("runs --watch", runs(first, second), { columns = 60 })
    assert.equal("", ended.out)
    assert.is_true(ended.kept)
    assert.equal("<bold EXECUTION>  <bold WORKFLOW>  <bold STATUS>     <bold RUN>\n"
      .. "e2         w         <cyan RUNNING>    r2\ne1         w         <green COMPLETED>  r1", ended.drawn[1])
    assert(ended.drawn[#ended.drawn]:find "\ne3 .*\ne2 .*<red FAILED>", ended.drawn[#ended.drawn])
    assert.equal(item(1, "COMPLETED") .. "\n" .. item(2, "RUNNING") .. "\n",
      commands.run("runs --watch --json", runs(first), { columns = 60 }).out)
  end)
end)
