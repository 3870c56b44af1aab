-- What tests can order of the sandbox.

local http = require "spec.support.http"
local process = require "spec.support.process"
local sandbox = require "spec.support.sandbox"

local workflows = require "mistral.workflows"

local null = workflows.null
local W = "/v1/workflows"

describe("the sandbox's control interface", function()
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

  local function control(request)
    local method, path = request:match "^(%u+) (.*)$"
    assert.equal(200, (connection:request(method, "/_sandbox/" .. path)))
  end

  local function get(path) return connection:request("GET", W .. path) end

  local function execute(workflow, body)
    return connection:request("POST", ("%s/%s/execute"):format(W, workflow), body)
  end

  -- The text of a stream that ends.
  local function stream(path)
    local other = http.open(server)
    local status, text = other:request("GET", W .. path)
    other:close()
    return text, status
  end

  it("renames the list of runs, and hides the run of an execution that has ended", function()
    control "POST switch?runs_member=runs&run_id=null"
    local _, body = get "/runs?page_size=1"
    assert.is_nil(body.executions)
    assert.equal(1, #body.runs)
    execute("hello", { execution_id = "h" })
    execute("forever", { execution_id = "f" })
    _, body = get "/executions/h"
    assert.equal(null, body.run_id)
    _, body = get "/executions/f"
    assert.equal("string", type(body.run_id))
    _, body = get "/runs?page_size=2"
    assert.equal("string", type(body.runs[2].run_id))
    control "POST reset"
    _, body = get "/runs?page_size=1"
    assert.equal(1, #body.executions)
  end)

  it("sends x-request-id", function()
    control "POST switch?x_request_id=on"
    local _, _, headers = get "/hello"
    assert.truthy(headers["x-request-id"])
  end)

  it("lets trace data lag", function()
    control "POST switch?trace_lag=1000"
    execute("hello", { execution_id = "h" })
    local _, info = get "/executions/h/trace/info"
    assert.same({ otel_trace_id = null, has_trace_data = false }, info)
    local _, otel = get "/executions/h/trace/otel"
    assert.equal(null, otel.otel_trace_data)
    local _, summary = get "/executions/h/trace/summary"
    assert.equal(null, summary.span_tree)
    local _, events = get "/executions/h/trace/events"
    assert.same({}, events.events)
    control "POST switch?trace_lag=0"
    _, info = get "/executions/h/trace/info"
    assert.is_true(info.has_trace_data)
  end)

  it("answers all streams with 503", function()
    control "POST switch?streams=503"
    execute("hello", { execution_id = "h" })
    for _, path in ipairs { "/executions/h/stream", "/events/stream", "/executions/h/logs/stream",
      "/deployments/default/logs/stream" } do
      local _, status = stream(path)
      assert.equal(503, status)
    end
    control "POST switch?streams=open"
    local _, status = stream "/executions/h/stream"
    assert.equal(200, status)
  end)

  it("writes frames with other line ends, a byte order mark, and data in several lines", function()
    execute("hello", { execution_id = "h" })
    local plain = stream "/executions/h/stream"
    control "POST switch?line_end=crlf"
    assert.equal(plain:gsub("\n", "\r\n"), (stream "/executions/h/stream"))
    control "POST switch?line_end=cr"
    assert.equal(plain:gsub("\n", "\r"), (stream "/executions/h/stream"))
    control "POST switch?line_end=lf&bom=on"
    assert.equal("\239\187\191" .. plain, (stream "/executions/h/stream"))
    control "POST switch?bom=off&multi_line=on"
    local lines = stream("/executions/h/stream")
    local first = lines:match("data: (.-)\n\n"):gsub("\ndata: ", "\n")
    assert.same(workflows.json.decode(plain:match "data: ([^\n]*)"), (workflows.json.decode(first)))
    assert.truthy(first:find("\n", 1, true))
  end)

  it("ends streams with error events of every reason", function()
    execute("hello", { execution_id = "h" })
    for _, reason in ipairs { "read_error", "stream_error", "internal_error", "new_reason" } do
      control("POST stream?drop_after=1&mode=error&text=gone&reason=" .. reason)
      assert.truthy(stream("/executions/h/stream"):find(
        ('event: error\ndata: {"error":"gone","reason":"%s"}\n\n'):format(reason), 1, true))
    end
  end)

  it("answers with each of the service's errors", function()
    local _, names = connection:request("GET", "/_sandbox/errors")
    assert.truthy(#names >= 26)
    for _, name in ipairs(names) do
      control("POST error?method=GET&path=/v1/workflows/x&retry_after=7&name=" .. name)
      local status, body, headers = get "/x"
      assert.truthy(status >= 400)
      assert.equal("7", headers["retry-after"])
      if name:find "^WF_" then assert.equal(name, body.code) end
    end
    control "POST error?name=WF_1103&status=500&times=2"
    assert.equal(500, (get "/hello"))
    assert.equal(500, (get "/runs"))
    assert.equal(200, (get "/hello"))
    control "POST error?name=message_object"
    local _, body = get "/hello"
    assert.equal("Field required", body.message.detail[1].msg)
    control "POST error?name=rate_limited"
    local status, _, headers = get "/hello"
    assert.equal(429, status)
    assert.is_nil(headers["retry-after"])
  end)

  it("takes a fixture whose body is a table as JSON", function()
    server:fixture { method = "GET", path = W .. "/x", body = { a = { 1, 2 }, b = {} } }
    local _, body, headers = get "/x"
    assert.same({ a = { 1, 2 }, b = {} }, body)
    assert.equal("application/json", headers["content-type"])
  end)

  it("refuses switches and errors that there are not", function()
    for _, path in ipairs { "switch?x=on", "switch?bom=maybe", "switch?trace_lag=-1", "error?name=WF_9999", "error" } do
      assert.equal(422, (connection:request("POST", "/_sandbox/" .. path)))
    end
  end)

  it("closes connections beyond a limit", function()
    control "POST switch?connections=3"
    assert.equal(200, (get "/hello"))
    local others = {}
    for index = 1, 2 do
      others[index] = http.open(server)
      assert.equal(200, (others[index]:request("GET", W .. "/hello")))
    end
    local refused = http.open(server)
    refused:send("GET", W .. "/hello")
    assert.is_nil((refused.socket:receive("*l")))
    refused:close()
    assert.equal(200, (others[2]:request("GET", W .. "/hello")))
    for _, other in ipairs(others) do other:close() end
  end)

  it("is started with limits: of requests on a connection, and of streams", function()
    local small = sandbox.start { SANDBOX_KEEPALIVE_REQUESTS = 3, SANDBOX_STREAMS = 2 }
    local client = small:client { server_url = small.tls_url, ca_file = small.ca_file }
    for _ = 1, 10 do assert(client.workflows:get "hello") end
    assert.truthy(small:stats().connections >= 3)
    local other = http.open(small)
    for index = 1, 3 do
      local _, _, headers = other:request("GET", W .. "/hello")
      assert.equal(index == 3 and "close" or "keep-alive", headers.connection)
    end
    other:close()
    client:close()
    small:stop()
  end)

  it("is started on a port of one's own, and prints what to export", function()
    local socket = require "socket"
    local free = assert(socket.bind("127.0.0.1", 0))
    local _, port = free:getsockname()
    free:close()
    local here = debug.getinfo(1, "S").source:match("^@(.*)spec/sandbox/")
    local command = ("cd / && SANDBOX_PORT=%d timeout 20 sh %s 2>&1 | while read -r line; do echo \"$line\"; " ..
      "case $line in pid=*) pid=${line#pid=} ;; *API_KEY*) kill $pid ;; esac; done"):format(port,
      process.quote(process.output("cd ./" .. here .. " && pwd") .. "/sandbox/run"))
    local text = process.output(command)
    assert.truthy(text:find(("url=http://127.0.0.1:%d\n"):format(port), 1, true), text)
    assert.truthy(text:find(("export MISTRAL_SERVER_URL=http://127.0.0.1:%d\n"):format(port), 1, true), text)
    assert.truthy(text:find("export MISTRAL_API_KEY=sandbox", 1, true), text)
  end)
end)
