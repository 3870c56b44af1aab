-- Requests that reach two workers of the sandbox at once.

local http = require "spec.support.http"
local sandbox = require "spec.support.sandbox"

local ROUNDS, EACH = 40, 3

describe("the sandbox with two workers", function()
  local server, connections

  -- Opens connections until both workers have EACH of them, in turn.
  local function open_both()
    local of = { [0] = {}, {} }
    for _ = 1, 200 do
      local connection = http.open(server)
      local _, body = connection:request("GET", "/_sandbox/worker")
      local list = of[body.worker]
      if #list < EACH then list[#list + 1] = connection else connection:close() end
      if #of[0] == EACH and #of[1] == EACH then break end
    end
    local list = {}
    for index = 1, EACH do
      list[#list + 1] = assert(of[0][index], "the first worker took no connection")
      list[#list + 1] = assert(of[1][index], "the second worker took no connection")
    end
    return list
  end

  setup(function()
    server = sandbox.start { SANDBOX_WORKERS = 2 }
    connections = open_both()
  end)

  teardown(function()
    for _, connection in ipairs(connections or {}) do connection:close() end
    server:stop()
  end)

  -- The same request on all connections at once; returns how many answers had which status, and the bodies.
  local function at_once(method, path, body)
    for _, connection in ipairs(connections) do connection:send(method, path, body) end
    local counts, bodies = {}, {}
    for index, connection in ipairs(connections) do
      local status
      status, bodies[index] = connection:receive()
      counts[status] = (counts[status] or 0) + 1
    end
    return counts, bodies
  end

  local function execute(workflow, body)
    assert.equal(200, (connections[1]:request("POST", "/v1/workflows/" .. workflow .. "/execute", body)))
  end

  local function list(path, member)
    local _, body = connections[2]:request("GET", "/v1/workflows/" .. path)
    return body[member]
  end

  it("starts one execution for one execution_id", function()
    for round = 1, ROUNDS do
      local id = "same-" .. round
      local counts = at_once("POST", "/v1/workflows/forever/execute", { execution_id = id })
      assert.same({ [200] = 1, [409] = 2 * EACH - 1 }, counts)
      assert.equal(1, #list("runs?search=" .. id .. "&workflow_identifier=forever", "executions"))
      assert.equal(1, #list("events/list?workflow_exec_id=" .. id, "events"))
    end
  end)

  it("ends an execution once", function()
    for round = 1, ROUNDS do
      local id = "ends-" .. round
      execute("forever", { execution_id = id })
      local counts = at_once("POST", "/v1/workflows/executions/" .. id .. "/cancel")
      assert.same({ [204] = 1, [409] = 2 * EACH - 1 }, counts)
      assert.equal(2, #list("events/list?workflow_exec_id=" .. id, "events"))
    end
  end)

  it("takes each signal and each update once", function()
    execute("counter", { execution_id = "counter" })
    for _ = 1, ROUNDS do
      at_once("POST", "/v1/workflows/executions/counter/signals", { name = "add", input = { n = 1 } })
      at_once("POST", "/v1/workflows/executions/counter/updates", { name = "add", input = { n = 1 } })
    end
    local _, body = connections[2]:request("POST", "/v1/workflows/executions/counter/queries", { name = "get" })
    assert.equal(2 * ROUNDS * 2 * EACH, body.result)
  end)

  it("makes one deployment of a name", function()
    for round = 1, ROUNDS do
      local counts = at_once("POST", "/v1/workflows/deployments", { name = "same-" .. round,
        spec = { github_url = "https://github.com/example/same" } })
      assert.same({ [202] = 1, [409] = 2 * EACH - 1 }, counts)
    end
    local names = {}
    for _, deployment in ipairs(list("deployments?active_only=false", "deployments")) do
      assert.is_nil(names[deployment.name])
      names[deployment.name] = true
    end
  end)

  it("makes each of many schedules", function()
    for round = 1, ROUNDS do
      local counts = at_once("POST", "/v1/workflows/schedules", { workflow_identifier = "hello",
        schedule = { input = {}, intervals = { { every = "P1D" } } } })
      assert.same({ [201] = 2 * EACH }, counts)
      assert.equal(round * 2 * EACH, #list("schedules", "schedules"))
    end
  end)

  it("numbers the events of all workers without gaps, and each worker sees them all", function()
    local runs = "/v1/workflows/runs?workflow_identifier=hello&page_size=1000"
    local known, _, earlier = {}, connections[1]:request("GET", runs)
    for _, run in ipairs(earlier.executions) do known[run.execution_id] = true end
    local _, before = connections[1]:request("POST", "/_sandbox/events?execution_id=mark&count=1")
    for _ = 1, ROUNDS do at_once("POST", "/v1/workflows/hello/execute", {}) end
    local _, after = connections[2]:request("POST", "/_sandbox/events?execution_id=mark-2&count=1&end=0")
    assert.equal(before.last + ROUNDS * 2 * EACH * 2 + 2, after.last)
    local counts, bodies = at_once("GET", runs)
    assert.same({ [200] = 2 * EACH }, counts)
    for _, body in ipairs(bodies) do
      local started = 0
      for _, run in ipairs(body.executions) do started = started + (known[run.execution_id] and 0 or 1) end
      assert.equal(ROUNDS * 2 * EACH, started)
    end
  end)

  it("wakes those who wait in the other worker", function()
    for index = 1, 2 do
      local id = "wait-" .. index
      connections[index]:send("POST", "/v1/workflows/approval/execute", { execution_id = id, wait_for_result = true })
      local status
      repeat
        status = connections[3 - index]:request("POST", "/v1/workflows/executions/" .. id .. "/signals",
          { name = "approve", input = { approved = true } })
      until status ~= 404
      assert.equal(202, status)
      local _, body = connections[index]:receive()
      assert.same({ approved = true }, body.result)
    end
  end)

  it("goes on after a reset", function()
    server:reset()
    local counts = at_once("GET", "/v1/workflows/runs?workflow_identifier=hello")
    assert.same({ [200] = 2 * EACH }, counts)
    local _, bodies = at_once("POST", "/v1/workflows/hello/execute", { wait_for_result = true })
    for _, body in ipairs(bodies) do assert.same({ message = "Hello, world!" }, body.result) end
  end)
end)
