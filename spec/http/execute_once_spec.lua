local clients = require "spec.support.clients"
local core = require "mistral.workflows.core"
local fault = require "spec.support.fault"
local sandbox = require "spec.support.sandbox"
local workflows = require "mistral.workflows"

local ID = "my-execution"
local RUNNING = '{"workflow_name":"w","execution_id":"my-execution","status":"RUNNING","result":null}'
local COMPLETED = '{"workflow_name":"w","execution_id":"my-execution","status":"COMPLETED","result":{"n":1}}'
local DUPLICATE = '{"detail":"Execution is already running","code":"WF_1101"}'
local UNKNOWN = '{"detail":"Execution not found","code":"WF_1100"}'

local POST = "POST /v1/workflows/w/execute"
local GET = "GET /v1/workflows/executions/" .. ID .. " "

local RESET = { actions = { { "reset" } } }

local function respond(status, body)
  return { respond = { status = status, body = body } }
end

-- The answer to the question before the request: the id is new.
local NEW = { path = "/v1/workflows/executions/" .. ID, respond = { status = 404, body = UNKNOWN } }

describe("executing once", function()
  local server, loop

  setup(function() server = fault.start() end)
  teardown(function() server:stop() end)
  before_each(function()
    server:reset()
    loop = clients.impatient_loop()
  end)

  -- The requests, without the question before the first one.
  local function requests()
    local log = server:log()
    if log[1] and log[1].request_line:sub(1, #GET) == GET then table.remove(log, 1) end
    return log
  end

  local function script(steps)
    server:script { NEW }
    server:script(steps)
  end

  local function execute(steps, request, options, call_options)
    local is_new = not request or request.execution_id == ID
    if is_new then server:script { NEW } end
    if steps then server:script(steps) end
    local all = { retry = { attempts = 4 }, loop = loop }
    for name, value in pairs(options or {}) do all[name] = value end
    return clients.use(server, all, function(client)
      return client.workflows:execute("w", request or { execution_id = ID }, call_options)
    end)
  end

  local function check_log(...)
    local log, expected = requests(), { ... }
    assert.equal(#expected, #log)
    for index, prefix in ipairs(expected) do assert.equal(prefix, log[index].request_line:sub(1, #prefix)) end
    return log
  end

  local function sent_id(request)
    return (workflows.json.decode(request.body)).execution_id
  end

  it("chooses an id that the service accepts, another one each time", function()
    local seen = {}
    for _ = 1, 20 do execute(nil, { input = { n = 1 } }) end
    for _, request in ipairs(server:log()) do
      local id = sent_id(request)
      assert.truthy(id:find "^[a-zA-Z0-9_-]+$")
      assert.truthy(#id >= 16 and #id <= 256)
      assert.is_nil(seen[id])
      seen[id] = true
    end
  end)

  it("keeps the caller's id and leaves the caller's tables as they are", function()
    local request = { execution_id = ID, input = { n = 1 }, wait_for_result = true, timeout_seconds = 50 }
    local call_options = { timeout = 1 }
    execute({ RESET, respond(404, UNKNOWN) }, request, nil, call_options)
    for _, logged in ipairs(server:log()) do
      if logged.body ~= "" then assert.equal(ID, sent_id(logged)) end
    end
    assert.same({ execution_id = ID, input = { n = 1 }, wait_for_result = true, timeout_seconds = 50 }, request)
    assert.same({ timeout = 1 }, call_options)
    local empty = {}
    execute(nil, empty)
    assert.same({}, empty)
  end)

  local unknown_outcomes = {
    ["a broken connection"] = RESET,
    ["an answer that is cut off"] = { actions = { { "send", "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{" },
      { "close" } } },
    ["408"] = respond(408), ["500"] = respond(500), ["502"] = respond(502, "<html>bad</html>"),
    ["503 without Retry-After"] = respond(503), ["504"] = respond(504), ["524"] = respond(524),
  }
  for name, failure in pairs(unknown_outcomes) do
    it("asks after " .. name .. ", and is content when it runs", function()
      local execution, err = execute { failure, respond(200, RUNNING) }
      assert.is_nil(err)
      assert.same((workflows.json.decode(RUNNING)), execution)
      check_log(POST, GET)
    end)

    it("asks after " .. name .. ", and sends it again with the same id when it is unknown", function()
      local execution, err = execute { failure, respond(404, UNKNOWN), respond(200, RUNNING) }
      assert.is_nil(err)
      assert.equal("RUNNING", execution.status)
      local log = check_log(POST, GET, POST)
      assert.equal(log[1].body, log[3].body)
      assert.equal(ID, sent_id(log[3]))
    end)
  end

  it("asks after an attempt whose time ran out", function()
    local execution = execute({ { actions = { { "hang" } } }, respond(200, RUNNING) }, nil, { timeout = 0.2 })
    assert.equal("RUNNING", execution.status)
    check_log(POST, GET)
  end)

  it("does so with an id of its own", function()
    server:script { RESET, respond(404, UNKNOWN), RESET, respond(200, RUNNING) }
    clients.use(server, { retry = { attempts = 4 }, loop = loop }, function(client)
      assert(client.workflows:execute("w", { input = { n = 1 } }))
    end)
    local log = server:log()
    assert.equal(4, #log)
    local id = sent_id(log[1])
    assert.equal(id, sent_id(log[3]))
    for _, index in ipairs { 2, 4 } do
      assert.equal(("GET /v1/workflows/executions/%s HTTP/1.1"):format(id), log[index].request_line)
    end
  end)

  it("does so for registrations", function()
    script { RESET, respond(404, UNKNOWN), respond(200, RUNNING) }
    clients.use(server, { retry = { attempts = 4 }, loop = loop }, function(client)
      assert.equal("RUNNING", assert(client.registrations:execute("r", { execution_id = ID })).status)
    end)
    check_log("POST /v1/workflows/registrations/r/execute", GET, "POST /v1/workflows/registrations/r/execute")
  end)

  it("tries to ask several times, and else returns the first failure with the id", function()
    local execution = execute { RESET, respond(502), respond(503), respond(200, RUNNING) }
    assert.equal("RUNNING", execution.status)
    check_log(POST, GET, GET, GET)
    server:reset()
    local _, err = execute { respond(504), respond(403) }
    assert.equal(504, err.status)
    assert.equal(ID, err.execution_id)
    assert.equal(1, err.attempts)
    assert.is_true(err.retryable)
    check_log(POST, GET)
  end)

  it("takes 409 WF_1101 after an own attempt for success", function()
    -- The first attempt got through, but not yet to where the service looks for it.
    local execution, err = execute { RESET, respond(404, UNKNOWN), respond(409, DUPLICATE), respond(200, RUNNING) }
    assert.is_nil(err)
    assert.equal("RUNNING", execution.status)
    check_log(POST, GET, POST, GET)
  end)

  it("takes 409 WF_1101 at the first attempt, or after one that was refused, for what it is", function()
    local _, err = execute { respond(409, DUPLICATE) }
    assert.equal(409, err.status)
    assert.equal("WF_1101", err.code)
    assert.equal(ID, err.execution_id)
    assert.is_false(err.retryable)
    check_log(POST)
    server:reset()
    _, err = execute { respond(429), respond(409, DUPLICATE) }
    assert.equal("WF_1101", err.code)
    assert.equal(2, err.attempts)
    check_log(POST, POST)
  end)

  it("takes any other 409 for an error", function()
    local _, err = execute { RESET, respond(404, UNKNOWN), respond(409, '{"code":"AMBIGUOUS_WORKFLOW"}') }
    assert.equal("AMBIGUOUS_WORKFLOW", err.code)
    check_log(POST, GET, POST)
  end)

  it("asks nothing when the request was refused or never left", function()
    for _, status in ipairs { 400, 401, 403, 404, 422 } do
      server:reset()
      local _, err = execute { respond(status) }
      assert.equal(status, err.status)
      assert.equal(ID, err.execution_id)
      check_log(POST)
    end
    server:reset()
    assert.truthy((execute { respond(429), { respond = { status = 503, headers = { ["Retry-After"] = "1" } } } }))
    check_log(POST, POST, POST)
    local _, err = execute(nil, nil, { server_url = server.tls_url })
    assert.equal("connect", err.kind)
    assert.equal(ID, err.execution_id)
    check_log(POST, POST, POST)
  end)

  it("ends after its attempts, with the id", function()
    local steps = {}
    for _ = 1, 4 do
      steps[#steps + 1] = RESET
      steps[#steps + 1] = respond(404, UNKNOWN)
    end
    local _, err = execute(steps)
    assert.equal("network", err.kind)
    assert.equal(4, err.attempts)
    assert.equal(ID, err.execution_id)
    assert.truthy(tostring(err):find(ID, 1, true))
    check_log(POST, GET, POST, GET, POST, GET, POST, GET)
  end)

  it("with retry = false still finds what was started, and sends nothing twice", function()
    assert.equal("RUNNING", (execute({ RESET, respond(200, RUNNING) }, nil, { retry = false })).status)
    check_log(POST, GET)
    server:reset()
    local _, err = execute({ RESET, respond(404, UNKNOWN) }, nil, { retry = false })
    assert.equal("network", err.kind)
    assert.equal(ID, err.execution_id)
    check_log(POST, GET)
  end)

  it("is switched off by execution_id = false: nothing is asked and nothing sent twice", function()
    for _, failure in pairs(unknown_outcomes) do
      server:reset()
      local value, err = execute({ failure }, { execution_id = false })
      assert.is_nil(value)
      assert.is_nil(err.execution_id)
      assert.equal(1, err.attempts)
      local log = check_log(POST)
      assert.equal("{}", log[1].body)
    end
  end)

  it("keeps to the caller's deadline", function()
    local started = core.now()
    local _, err = execute({ { actions = { { "hang" } } }, { actions = { { "hang" } } } }, nil, nil, { deadline = 0.4 })
    assert.equal("timeout", err.kind)
    assert.equal(ID, err.execution_id)
    assert.truthy(core.now() - started < 3)
  end)

  describe("with wait_for_result", function()
    local request = { execution_id = ID, wait_for_result = true, timeout_seconds = 5 }

    it("gives an attempt more time than timeout_seconds", function()
      server:script { path = "/v1/workflows/w/", actions = { { "sleep", 0.5 },
        { "send", "HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n" .. '{"result":12}' }, { "keep" } } }
      for _, options in ipairs { { client = { timeout = 0.2 } }, { call = { timeout = 0.2 } } } do
        local answer = execute(nil, request, options.client, options.call)
        assert.truthy(answer)
      end
      check_log(POST, GET, POST)
    end)

    it("finds the result when the connection is lost", function()
      local answer, err = execute({ RESET, respond(200, COMPLETED) }, request)
      assert.is_nil(err)
      assert.same({ workflow_name = "w", execution_id = ID, result = { n = 1 } }, answer)
    end)

    it("tells that the execution failed", function()
      local failed = COMPLETED:gsub("COMPLETED", "TERMINATED")
      local _, err = execute({ respond(504), respond(200, failed) }, request)
      assert.equal("execution", err.kind)
      assert.equal("TERMINATED", err.status)
      assert.equal(ID, err.execution_id)
    end)
  end)
end)

describe("executing once in the sandbox", function()
  local server, client

  setup(function()
    server = sandbox.start()
    client = server:client { retry = { attempts = 4, base = 0.01 } }
  end)
  teardown(function()
    client:close()
    server:stop()
  end)
  before_each(function()
    server:reset()
    server:record()
  end)

  -- A client whose first request for an execution is acted upon, while a proxy in front of the service answers 502: as
  -- soon as it has asked for the id, another one starts it.
  local function losing_client(request)
    return server:client {
      retry = { attempts = 4, base = 0.01 },
      observer = function(attempt)
        if not request or attempt.operation ~= "get_workflow_execution" then return end
        assert(client.workflows:execute("slow", request))
        server:fixture { method = "POST", path = "/v1/workflows/slow/execute", status = 502, body = "<html>" }
        request = nil
      end,
    }
  end

  it("starts one execution when the answer to the first attempt is lost", function()
    local request = { execution_id = "lost", input = { seconds = 5 } }
    local own = losing_client(request)
    local execution = assert(own.workflows:execute("slow", request))
    own:close()
    assert.equal("lost", execution.execution_id)
    assert.equal("RUNNING", execution.status)
    assert.equal(1, server:stats().executions_started)
  end)

  it("starts it when the first attempt did not get through", function()
    server:fixture { method = "POST", path = "/v1/workflows/hello/execute", status = 504, body = "<html>" }
    local execution = assert(client.workflows:execute("hello", { input = { name = "Ada" } }))
    assert.equal(1, server:stats().executions_started)
    assert(client.executions:wait(execution.execution_id))
  end)

  it("finds the result of an execution whose connection was lost", function()
    local own = losing_client { execution_id = "sync", input = { seconds = 0.5 } }
    local answer = assert(own.workflows:execute("slow", {
      execution_id = "sync", input = { seconds = 0.5 }, wait_for_result = true, timeout_seconds = 10,
    }))
    own:close()
    assert.equal("sync", answer.execution_id)
    assert.equal("slow", answer.workflow_name)
    assert.truthy(answer.result)
    assert.equal(1, server:stats().executions_started)
  end)

  it("is what the service checks: an id that is running is refused to others", function()
    assert(client.workflows:execute("forever", { execution_id = "mine" }))
    local _, err = client.workflows:execute("forever", { execution_id = "mine" })
    assert.equal(409, err.status)
    assert.equal("WF_1101", err.code)
    assert.equal("mine", err.execution_id)
    assert(client.executions:terminate "mine")
  end)
end)
