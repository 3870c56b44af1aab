-- What the sandbox's executions, streams and deployments do.

local http = require "spec.support.http"
local sandbox = require "spec.support.sandbox"

local workflows = require "mistral.workflows"

local null = workflows.null
local W = "/v1/workflows"

describe("the sandbox", function()
  local server, connection

  setup(function()
    server = sandbox.start()
    connection = http.open(server)
  end)

  teardown(function()
    connection:close()
    server:stop()
  end)

  before_each(function() server:reset() end)

  local function call(method, path, body, headers)
    local status, answer = connection:request(method, W .. path, body, headers)
    assert.truthy(status < 300, ("%s %s: %d"):format(method, path, status))
    return answer
  end

  local function get(path) return call("GET", path) end

  local function post(path, body, headers) return call("POST", path, body or {}, headers) end

  local function execute(workflow, id, body)
    body = body or {}
    body.execution_id = id
    return post(("/%s/execute"):format(workflow), body)
  end

  local function events_of(id) return get("/events/list?limit=1000&workflow_exec_id=" .. id).events end

  local function types_of(list)
    local types = {}
    for index, event in ipairs(list) do types[index] = event.event_type end
    return types
  end

  -- The payloads that a stream of the sandbox delivers before it ends.
  local function stream(path)
    local other = http.open(server)
    local status, text = other:request("GET", W .. path)
    other:close()
    assert.equal(200, status)
    local list = {}
    for data in text:gmatch "data: ([^\n]*)" do list[#list + 1] = assert(workflows.json.decode(data)) end
    return list
  end

  local function streamed_types(path)
    local types = {}
    for index, payload in ipairs(stream(path)) do types[index] = payload.data.event_type end
    return types
  end

  it("sends events of all 17 types, listed and streamed alike", function()
    local seen, count = {}, 0
    execute("forever", "canceled")
    post "/executions/canceled/cancel"
    for _, workflow in ipairs { "document", "troubles", "fail", "generations", "call-analysis" } do
      execute(workflow, workflow)
    end
    for _, id in ipairs { "canceled", "document", "troubles", "fail", "generations", "call-analysis" } do
      local streamed = streamed_types("/executions/" .. id .. "/stream")
      assert.same(types_of(events_of(id)), streamed)
      for _, kind in ipairs(streamed) do
        if not seen[kind] then seen[kind], count = true, count + 1 end
      end
    end
    assert.equal(17, count)
  end)

  it("patches in all four ways, and encrypts", function()
    execute("document", "d", { wait_for_result = true })
    local operations, options = {}, {}
    for _, event in ipairs(events_of "d") do
      local payload = event.attributes.payload
      if payload and payload.encoding_options then options[payload.encoding_options[1]] = true end
      if payload and payload.type == "json_patch" and type(payload.value) == "table" then
        for _, operation in ipairs(payload.value) do operations[operation.op] = true end
      end
    end
    assert.same({ add = true, replace = true, remove = true, append = true }, operations)
    assert.same({ encrypted = true, ["encrypted-partial"] = true }, options)
  end)

  it("tells which run a run continued as, also of runs from before the start", function()
    execute("generations", "g", { input = { count = 2, seconds = 0.01 }, wait_for_result = true })
    local list = events_of "g"
    assert.same({ "WORKFLOW_EXECUTION_STARTED", "WORKFLOW_EXECUTION_CONTINUED_AS_NEW", "WORKFLOW_EXECUTION_STARTED",
      "WORKFLOW_EXECUTION_COMPLETED" }, types_of(list))
    assert.equal(list[3].workflow_run_id, list[2].attributes.new_execution_run_id)
    assert.equal(list[1].workflow_run_id, list[3].continued_run_id)
    assert.equal(list[1].workflow_run_id, list[3].first_execution_run_id)
    local run = get("/runs?status=CONTINUED_AS_NEW&order=asc&page_size=1").executions[1]
    list = events_of(run.execution_id)
    assert.truthy(list[#list].attributes.new_execution_run_id:match "^%x+%-")
  end)

  it("replays runs from before the start", function()
    for _, status in ipairs { "COMPLETED", "FAILED", "CANCELED" } do
      local run = get("/runs?page_size=1&status=" .. status).executions[1]
      local id = run.execution_id
      local listed = types_of(events_of(id))
      assert.same(listed, streamed_types("/executions/" .. id .. "/stream"))
      assert.same(listed, streamed_types("/events/stream?event_source=DATABASE&workflow_exec_id=" .. id))
      assert.equal(#listed - 2, #streamed_types("/executions/" .. id .. "/stream?last_event_id=2"))
      assert.equal(#listed, #stream("/executions/" .. id .. "/logs/stream"))
    end
  end)

  it("makes identifiers of 64 hexadecimal digits", function()
    assert.truthy(post("/hello/execute").execution_id:match("^" .. ("%x"):rep(64) .. "$"))
    assert.truthy(get("/runs?page_size=1&order=asc").executions[1].execution_id:match("^" .. ("%x"):rep(64) .. "$"))
  end)

  it("refuses a signal that is not declared with 422", function()
    execute("counter", "c")
    local status, body = connection:request("POST", W .. "/executions/c/signals", { name = "nope" })
    assert.equal(422, status)
    assert.equal("Signal handler 'nope' not found", body.detail)
  end)

  it("shows the older run's events, then the newer's, after a reset", function()
    execute("slow", "s", { input = { seconds = 0 }, wait_for_result = true })
    assert.equal(204, (connection:request("POST", W .. "/executions/s/reset", { event_id = 4 })))
    assert.equal("COMPLETED", get("/executions/s").status)
    local list = stream "/executions/s/stream"
    local runs = {}
    for index, payload in ipairs(list) do runs[index] = payload.data.workflow_run_id end
    assert.equal(16, #runs)
    assert.equal(runs[1], runs[8])
    assert.equal(runs[9], runs[16])
    assert.not_equal(runs[1], runs[9])
    assert.equal("WORKFLOW_EXECUTION_COMPLETED", list[8].data.event_type)
    assert.equal(runs[9], list[9].data.first_execution_run_id)
    assert.equal(null, list[9].data.continued_run_id)
  end)

  it("gives signals and updates to the run after a reset, unless they are excluded", function()
    for excluded, expected in pairs { [""] = 12, exclude_signals = 7, exclude_updates = 5 } do
      local id = "counter" .. excluded
      execute("counter", id)
      post("/executions/" .. id .. "/signals", { name = "add", input = { n = 5 } })
      post("/executions/" .. id .. "/updates", { name = "add", input = { n = 7 } })
      local _, body = connection:request("POST", W .. "/executions/" .. id .. "/reset", { event_id = 1 })
      assert.same({ 4, 8, 12 }, body.valid_reset_events)
      local reset = { event_id = 4, [excluded ~= "" and excluded or "reason"] = excluded ~= "" or "again" }
      assert.equal(204, (connection:request("POST", W .. "/executions/" .. id .. "/reset", reset)))
      assert.equal(expected, post("/executions/" .. id .. "/queries", { name = "get" }).result)
    end
    execute("counter", "late")
    post("/executions/late/signals", { name = "add", input = { n = 5 } })
    assert.equal(204, (connection:request("POST", W .. "/executions/late/reset",
      { event_id = 8, exclude_signals = true })))
    assert.equal(5, post("/executions/late/queries", { name = "get" }).result)
  end)

  it("finds a workflow ambiguous that two active deployments serve", function()
    local expected = { ambiguous = { "blue", "green" }, ["release-notes"] = { "production-eu", "staging" } }
    for name, deployments in pairs(expected) do
      local status, body = connection:request("POST", ("%s/%s/execute"):format(W, name), {})
      assert.equal(409, status)
      assert.same({ code = "AMBIGUOUS_WORKFLOW", deployments = deployments }, body)
      local started = post(("/%s/execute"):format(name), { deployment_name = deployments[2] })
      assert.equal(deployments[2], started.deployment_name)
    end
    for _, workflow in ipairs(get("?limit=1000&deployment_status=active&archived=false").workflows) do
      local serving = get("/deployments?workflow_name=" .. workflow.name).deployments
      local status = connection:request("POST", ("%s/%s/execute"):format(W, workflow.name), { input = { n = 1 } })
      assert.equal(#serving > 1 and 409 or 200, status, workflow.name)
    end
  end)

  it("joins the caller's trace, from the body before the header, unless a new one is asked for", function()
    local function traceparent(digit) return ("00-%s-%s-01"):format(digit:rep(32), digit:rep(16)) end
    local function trace_of(id) return get("/executions/" .. id .. "/trace/info").otel_trace_id end
    post("/hello/execute", { execution_id = "header" }, { traceparent = traceparent "a" })
    post("/tree/execute", { execution_id = "body", traceparent = traceparent "b" }, { traceparent = traceparent "a" })
    post("/hello/execute", { execution_id = "new", force_new_trace = true, traceparent = traceparent "b" })
    post("/hello/execute", { execution_id = "none", traceparent = "nonsense" })
    assert.equal(("a"):rep(32), trace_of "header")
    assert.equal(("b"):rep(32), trace_of "body")
    assert.equal(("b"):rep(32), trace_of "body%3Aslow%2F1")
    assert.not_equal(("b"):rep(32), trace_of "new")
    assert.equal(32, #trace_of "none")
    local span = get("/executions/body/trace/otel").otel_trace_data.batches[1].scopeSpans[1].spans[1]
    assert.equal(("b"):rep(16), span.parentSpanId)
  end)

  it("hands extensions to the execution: a sign-in to the connector that is bound", function()
    execute("connector", "c", { extensions = { mistralai = { connectors = { bindings = {
      { connector_name = "calendar", credentials_name = "mine" } } } } } })
    local started = events_of("c")[2]
    assert.equal("connector_auth", started.attributes.custom_task_type)
    local value = started.attributes.payload.value
    assert.equal("calendar", value.connector_name)
    assert.equal("mine", value.credentials_name)
    assert.equal("RUNNING", get("/executions/c").status)
    local path = value.auth_url:match("^" .. server.url:gsub("%p", "%%%0") .. "(/.*)$")
    assert.equal(200, (connection:request("GET", path)))
    assert.same({ connected = true }, get("/executions/c").result)
    assert.equal(409, (connection:request("GET", path)))
    local history = get("/executions/c/history").events[1].workflowExecutionStartedEventAttributes
    assert.equal("calendar", history.header.extensions.mistralai.connectors.bindings[1].connector_name)
  end)

  it("leaves a stopped deployment stopped when it is changed", function()
    call("POST", "/deployments/managed-ocr/stop")
    assert.is_true(call("PATCH", "/deployments/managed-ocr", { spec = { revision = "next" } }).stopped)
    local managed = get("/deployments/managed-ocr").managed
    assert.is_true(managed.stopped)
    assert.equal("next", managed.spec.revision)
    assert.is_false(call("POST", "/deployments/managed-ocr/start").stopped)
  end)

  it("dates its answers and gives them the gateway's request identifiers", function()
    local _, _, headers = connection:request("GET", W .. "/hello")
    assert.truthy(headers.date:find "GMT$")
    assert.truthy(headers["mistral-correlation-id"]:match "^%x+$")
    assert.truthy(headers["x-kong-request-id"]:match "^%x+$")
    assert.is_nil(headers["x-request-id"])
  end)
end)
