-- What the sandbox does when its memory is full.

local http = require "spec.support.http"
local sandbox = require "spec.support.sandbox"

local function full(setting) return "The sandbox is full: " .. setting .. " is too small" end

describe("the sandbox when its memory is full", function()
  local server, connection

  local function start(environment)
    server = sandbox.start(environment)
    connection = http.open(server)
  end

  after_each(function()
    connection:close()
    server:stop()
  end)

  local function execute(workflow, id, input)
    return connection:request("POST", ("/v1/workflows/%s/execute"):format(workflow),
      { execution_id = id, input = input })
  end

  local function get(path) return connection:request("GET", "/v1/workflows/" .. path) end

  -- Starts executions until one is refused. Returns how many there were, and the refusal.
  local function fill(workflow, input)
    for number = 1, 20000 do
      local status, body = execute(workflow, "e" .. number, input)
      if status ~= 200 then return number - 1, status, body.detail end
    end
  end

  local function free_state()
    local _, body = connection:request("GET", "/_sandbox/memory")
    return body.state.free
  end

  local function count_runs()
    local count, token = 0, nil
    repeat
      local _, body = get("runs?page_size=1000&workflow_identifier=hello" ..
        (token and "&next_page_token=" .. token:gsub("=", "%%3D") or ""))
      count, token = count + #body.executions, body.next_page_token
    until type(token) ~= "string"
    return count
  end

  for setting, environment in pairs {
    SANDBOX_STATE_MEMORY = { SANDBOX_STATE_MEMORY = "1m" },
    SANDBOX_EVENTS_MEMORY = { SANDBOX_EVENTS_MEMORY = "1m" },
  } do
    it("refuses new executions by naming " .. setting .. ", and keeps what it has answered", function()
      start(environment)
      local count, status, detail = fill "hello"
      assert.equal(507, status)
      assert.equal(full(setting), detail)
      assert.truthy(count > 100)
      for number = 1, count do
        local found, body = get("executions/e" .. number)
        assert.equal(200, found)
        assert.equal("COMPLETED", body.status)
        assert.same({ message = "Hello, world!" }, body.result)
      end
      assert.equal(404, (get("executions/e" .. count + 1)))
      assert.equal(count, count_runs())
      local _, events = get "events/list?limit=1000&workflow_exec_id=e1"
      assert.equal(2, #events.events)
      server:reset()
      assert.equal(200, (execute("hello", "again")))
    end)
  end

  for setting, environment in pairs {
    SANDBOX_STATE_MEMORY = { SANDBOX_STATE_MEMORY = "1m" },
    -- The input is stored before its event is found not to fit.
    SANDBOX_EVENTS_MEMORY = { SANDBOX_EVENTS_MEMORY = "1m" },
  } do
    it("refuses an input that does not fit into " .. setting .. ", as a whole", function()
      start(environment)
      local free = free_state()
      local status, body = execute("echo", "large", { text = ("x"):rep(1500000) })
      assert.equal(507, status)
      assert.equal(full(setting), body.detail)
      assert.truthy(free - free_state() < 100000)
      assert.equal(404, (get "executions/large"))
      local _, list = get "runs?workflow_identifier=echo"
      assert.equal(0, #list.executions)
      assert.equal(200, (execute("echo", "large", { text = "x" })))
      _, list = get "runs?workflow_identifier=echo"
      assert.equal(1, #list.executions)
    end)
  end

  it("refuses a schedule that does not fit, and keeps the others", function()
    start { SANDBOX_STATE_MEMORY = "1m" }
    local function schedule(id, size)
      return connection:request("POST", "/v1/workflows/schedules", { workflow_identifier = "echo", schedule_id = id,
        schedule = { input = { text = ("x"):rep(size) }, intervals = { { every = "P1D" } } } })
    end
    assert.equal(201, (schedule("first", 1000)))
    local status, body = schedule("second", 900000)
    assert.equal(507, status)
    assert.equal(full "SANDBOX_STATE_MEMORY", body.detail)
    assert.equal(507, (schedule("first", 900000)))
    local _, found = get "schedules/first"
    assert.equal(1000, #found.input.text)
    assert.equal(404, (get "schedules/second"))
  end)

  it("tells who asks for an execution that cannot go on, and who follows it", function()
    start { SANDBOX_EVENTS_MEMORY = "1m" }
    assert.equal(200, (execute("tokens", "e1", { count = 50000, interval = 0.001 })))
    local follower = http.open(server)
    follower:send("GET", "/v1/workflows/executions/e1/stream")
    assert.equal(200, (follower:head()))
    local line
    repeat line = assert(follower.socket:receive("*l")) until line == "event: error"
    assert.equal(('data: {"error":"%s","reason":"internal_error"}'):format(full "SANDBOX_EVENTS_MEMORY"),
      (follower.socket:receive("*l")))
    follower:close()
    local status, body = get "executions/e1"
    assert.equal(507, status)
    assert.equal(full "SANDBOX_EVENTS_MEMORY", body.detail)
    assert.equal(507, (get "executions/e1/stream"))
    local _, events = get "events/list?limit=1000&workflow_exec_id=e1"
    assert.equal(1000, #events.events)
  end)

  it("refuses an answer that a test lays down and that does not fit", function()
    start { SANDBOX_CONTROL_MEMORY = "1m" }
    local fixture = { method = "GET", path = "/v1/workflows/runs", body = ("x"):rep(1500000) }
    local status, body = connection:request("POST", "/_sandbox/fixture", fixture)
    assert.equal(507, status)
    assert.equal(full "SANDBOX_CONTROL_MEMORY", body.detail)
    local _, list = get "runs?page_size=1"
    assert.equal(1, #list.executions)
  end)
end)
