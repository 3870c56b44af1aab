-- What the tool says about errors: the line, the advice, the exit status; and what --verbose shows of each request.

local display = require "spec.support.display"
local problem = require "mistral.workflows.cli.problem"
local testing = require "mistral.workflows.testing"

describe("the exit status", function()
  it("is one of eight", function()
    assert.same({
      ok = 0, failed = 1, usage = 2, cancelled = 3, timed_out = 4, service = 5, fault = 70, interrupted = 130,
    }, problem.status)
  end)

  it("tells how an execution ended", function()
    local statuses = { COMPLETED = 0, FAILED = 1, CANCELED = 3, TERMINATED = 3, TIMED_OUT = 4, RUNNING = 1, OTHER = 1 }
    for status, expected in pairs(statuses) do
      assert.equal(expected, problem.of_execution(status))
      assert.equal(expected, problem.of_error { kind = "execution", status = status })
    end
  end)

  it("tells what kind of an error it was", function()
    assert.equal(2, problem.of_error { kind = "invalid" })
    assert.equal(4, problem.of_error { kind = "timeout", execution = {} })
    assert.equal(5, problem.of_error { kind = "timeout" })
    assert.equal(5, problem.of_error { kind = "http", status = 404, execution = {} })
    assert.equal(5, problem.of_error { kind = "connect" })
  end)

  it("is in what is raised, with a message or without", function()
    local function raised(fn, ...)
      local ok, value = pcall(fn, ...)
      assert.is_false(ok)
      assert.is_true(problem.is(value))
      assert.equal("mistral.workflows.cli.problem", getmetatable(value).__name)
      return value
    end
    assert.same({ status = 2, message = "no 'x'" }, raised(problem.usage, "no '%s'", "x"))
    assert.same({ status = 1, message = "5 %" }, raised(problem.failure, "%d %%", 5))
    assert.same({ status = 130 }, raised(problem.exit, 130))
    assert.is_false(problem.is "text")
    assert.is_false(problem.is { status = 2 })
  end)
end)

describe("the line of an error", function()
  local client

  -- What is said about an error of a command with these arguments, over a service that answers so.
  local function line(err, args, answers)
    local advice = require "mistral.workflows.cli.advice"
    if not args then return advice(err) end
    client = testing.client(answers or {})
    return (advice(err, { args = args, client = function() return client end }))
  end

  after_each(function()
    if client then client:close() end
    client = nil
  end)

  it("is its message on one line, with what helps", function()
    assert.equal("it broke here", line { message = "it\n broke\t\there" })
    assert.equal("it broke (request r-1)", line { message = "it broke", request_id = "r-1" })
    assert.equal("refused (check --server (MISTRAL_SERVER_URL) and the network)",
      line { message = "refused", kind = "connect" })
    assert.equal("no (say which with --deployment; request r-1)",
      line { message = "no", code = "AMBIGUOUS_WORKFLOW", request_id = "r-1" })
    assert.equal("no (wait for it with `wait`, or start it with `run --join`)",
      line { message = "no", code = "WF_1101" })
    assert.equal("no (these are: 4, 7)",
      line { message = "no", code = "WF_1001", detail = { valid_reset_events = { 4, 7 } } })
    assert.equal("no", line { message = "no", code = "WF_1001", detail = { valid_reset_events = {} } })
    assert.equal("no", line { message = "no", code = "WF_1001", detail = "text" })
    assert.equal("no", line { message = "no", code = "WF_9999" })
  end)

  it("tells how values are written that are no text, where some were given as text", function()
    local advice = "no (key=value is text; key:=value is JSON: a number, true, a list)"
    assert.equal(advice, line({ message = "no", status = 422 }, { values = { "n:=1", "n=1" } }))
    assert.equal(advice, line({ message = "no", reason = "input_refused" }, { values = { "n=a:=1" } }))
    assert.equal("no", line({ message = "no", status = 400 }, { values = { "n=1" } }))
    for _, word in ipairs { "n:=1", "{\"n\"=1}", "@file=1", "=1" } do
      assert.equal("no", line({ message = "no", status = 422 }, { values = { word } }))
    end
    assert.equal("no", line({ message = "no", status = 422 }, {}))
    assert.equal("no", line { message = "no", status = 422 })
  end)

  it("says how to come back to an execution that goes on", function()
    assert.equal("x goes on; to come back: mistral-workflows wait x",
      line { kind = "timeout", execution = {}, execution_id = "x", message = "no" })
    assert.equal("no", line { kind = "timeout", message = "no" })
    assert.equal("no", line { kind = "http", execution = {}, execution_id = "x", message = "no" })
  end)

  it("suggests a name for one that the service does not have", function()
    local err = { message = "not found", status = 404 }
    local answers = {
      get_workflows = { workflows = { { name = "hello" }, { name = "other" } } },
      list_deployments = { deployments = { { name = "managed-ocr" } } },
      get_schedules = { schedules = { { schedule_id = "nightly" } } },
    }
    local function suggested(args) return line(err, args, answers) end
    assert.equal("unknown workflow 'helo'; did you mean 'hello'?", suggested { workflow = "helo" })
    assert.equal("unknown deployment 'managed'; did you mean 'managed-ocr'?", suggested { deployment = "managed" })
    assert.equal("false", client.requests[1].params.active_only)
    assert.equal("unknown schedule 'nightli'; did you mean 'nightly'?", suggested { schedule = "nightli" })
    assert.equal("unknown workflow 'zzz'; known are hello, other", suggested { workflow = "zzz" })
    -- A workflow that there is may lack the deployment.
    assert.equal("unknown deployment 'managed'; did you mean 'managed-ocr'?",
      suggested { workflow = "hello", deployment = "managed" })
    assert.equal("not found", suggested { workflow = "hello" })
    assert.equal("not found", suggested { execution = "x" })
    assert.equal("not found", suggested { workflow = { "helo" } })
    assert.equal(0, #client.requests)
    assert.equal("no", line({ message = "no", status = 403 }, { workflow = "helo" }, answers))
    assert.equal(0, #client.requests)
    assert.equal("not found", line(err))
  end)

  it("has no suggestion where the service tells no names, or tells too many", function()
    local err = { message = "not found", status = 404 }
    assert.equal("not found", line(err, { workflow = "helo" }, { get_workflows = function() return 503, {} end }))
    assert.equal(1, #client.requests)
    local started = require("mistral.workflows").now()
    assert.equal("not found", line(err, { workflow = "helo" }, { get_workflows = "timeout" }))
    assert.near(5, require("mistral.workflows").now() - started, 0.5)
    assert.equal("not found", line(err, { workflow = "helo" }, { get_workflows = { workflows = {} } }))
    assert.equal("not found", line(err, { workflow = "helo" }, { get_workflows = function(request)
      if request.params.cursor then return 503, {} end
      return { workflows = { { name = "hello" } }, next_cursor = "more" }
    end }))
    local function names(count, length)
      local list = {}
      for index = 1, count do list[index] = { name = ("%0" .. length .. "d"):format(index) } end
      return { workflows = list }
    end
    local head = #"unknown workflow 'xx'; known are "
    local of_300, of_301 = names(2, 1), names(2, 1)
    of_300.workflows[2].name = ("n"):rep(300 - head - #"1, ")
    of_301.workflows[2].name = ("n"):rep(301 - head - #"1, ")
    assert.equal(300, #line(err, { workflow = "xx" }, { get_workflows = of_300 }))
    assert.equal("not found", line(err, { workflow = "xx" }, { get_workflows = of_301 }))
    -- Of a list without an end it reads a thousand names.
    local endless = names(100, 20)
    assert.equal("not found", line(err, { workflow = "xx" }, { get_workflows = function(request)
      endless.next_cursor = tostring((tonumber(request.params.cursor) or 0) + 1)
      return endless
    end }))
    assert.equal(10, #client.requests)
  end)
end)

describe("the client of a command", function()
  -- What a request is shown as; a client over nothing, or the message that there is in its place.
  local function shown(attempt, columns)
    local fields = { status = 200, total = 0.0123, bytes_in = 5, attempt = 1, method = "GET", path = "/v1/x" }
    for name, value in pairs(attempt) do fields[name] = value end
    local workflows, given = require "mistral.workflows", nil
    local new = workflows.new
    local environment = { MISTRAL_API_KEY = "secret-key" }
    local _, err = display.run({ errors = columns, environment = environment }, function()
      workflows.new = function(options)
        given = options
        return {}
      end
      local ok, made = pcall(require "mistral.workflows.cli.client", { verbose = true })
      workflows.new = new
      assert(ok, made)
      given.observer(fields)
      assert.equal(require("mistral.workflows.cli.waiting").loop, given.loop)
    end)
    return err
  end

  it("shows each request with --verbose", function()
    assert.equal("> GET /v1/x  200, 12ms, 5 bytes\n", shown {})
    assert.equal("> POST /v1/x  connect, 2.0s, 0 bytes\n",
      shown { method = "POST", status = false, error = "connect", total = 2, bytes_in = 0 })
    assert.equal("> GET /v1/x  200, 12ms, 5 bytes, attempt 2, connection reused, request r-1\n",
      shown { attempt = 2, reused = true, request_id = "r-1" })
    assert.equal("> GET /v1/x [31m  200, 12ms, 5 bytes\n", shown { path = "/v1/x\27[31m" })
    assert.equal("\27[2m> GET /v1/a%20b  200, 12ms, 5 bytes\27[0m\n", shown({ path = "/v1/a%20b" }, 80))
  end)

  local function made(args, environment)
    local _, _, result = display.run({ environment = environment or {} }, function()
      return { pcall(require "mistral.workflows.cli.client", args) }
    end)
    if result[1] then
      result[2]:close()
      return "made"
    end
    return result[2].message
  end

  it("needs a key, from a variable or a file", function()
    local missing = "there is no API key: set MISTRAL_API_KEY, or name a file with --key-file"
    assert.equal(missing, made {})
    assert.equal(missing, made({}, { MISTRAL_API_KEY = "" }))
    assert.equal("made", made { key_file = "/nowhere" })
    assert.equal("made", made({}, { MISTRAL_SA_TOKEN_PATH = "/nowhere" }))
    assert.equal("made", made({}, { MISTRAL_API_KEY = "k" }))
  end)

  it("says what is wrong with its options", function()
    assert.equal(2, select(3, display.run({ environment = { MISTRAL_API_KEY = "k" } }, function()
      return select(2, pcall(require "mistral.workflows.cli.client", { server = "ftp://x" })).status
    end)))
    assert.equal("option 'server_url' must begin with https:// (or http:// for a loopback host)",
      made { server = "ftp://x", key_file = "/nowhere" })
  end)
end)
