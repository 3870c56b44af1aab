-- workflows:run, registrations:run and executions:wait.

local misuse = require "spec.support.misuse"
local sandbox = require "spec.support.sandbox"
local workflows = require "mistral.workflows"

local null = workflows.null

describe("run and wait:", function()
  local server, client, started

  setup(function()
    server = sandbox.start { SANDBOX_REGISTRATIONS = 100 }
    client = server:client()
  end)

  before_each(function()
    server:reset()
    server:record()
    started = 0
  end)

  teardown(function()
    client:close()
    server:stop()
  end)

  local function start(workflow, input)
    started = started + 1
    local id = ("%s-%d"):format(workflow, started)
    return assert(client.workflows:execute(workflow, { execution_id = id, input = input or {} })).execution_id
  end

  local function control(path, ...)
    server:control("POST", path:format(...))
  end

  local function end_as(id, status, more)
    control("complete?execution_id=%s&status=%s%s", id, status, more or "")
  end

  -- Waits for an execution, and does something once the waiting has begun: when the stream is open.
  local function wait_while(id, options, action)
    local execution, err
    client:gather {
      function()
        execution, err = client.executions:wait(id, options)
        return true
      end,
      function()
        while server:stats().open_streams == 0 do assert(client:whoami()) end
        action(id)
        return true
      end,
    }
    return execution, err
  end

  -- How many requests of the recorded ones have a request line that begins with this.
  local function count(prefix)
    local found = 0
    for _, request in ipairs(server:requests(1000)) do
      if (request.method .. " " .. request.uri):sub(1, #prefix) == prefix then found = found + 1 end
    end
    return found
  end

  local function kind_of(event)
    return event.data.data.event_type
  end

  describe("run", function()
    it("returns the result and the execution", function()
      local result, execution = client.workflows:run("hello", { input = { name = "Ada" } })
      assert.same({ message = "Hello, Ada!" }, result)
      assert.equal("COMPLETED", execution.status)
      assert.equal("hello", execution.workflow_name)
      result = assert(client.workflows:run("slow", { input = { seconds = 0.2 } }))
      assert.is_table(result)
    end)

    it("runs registrations", function()
      local hello = assert(client.workflows:get "hello").workflow.id
      local registration = client.registrations:each { workflow_id = hello, active_only = true }()
      assert.same({ message = "Hello, you!" },
        (assert(client.registrations:run(registration.id, { input = { name = "you" } }))))
    end)

    it("takes the caller's execution_id, and keeps the waiting to itself", function()
      local request = { execution_id = "mine", input = {}, wait_for_result = true, timeout_seconds = 9 }
      local _, execution = assert(client.workflows:run("hello", request))
      assert.equal("mine", execution.execution_id)
      assert.same({ execution_id = "mine", input = {}, wait_for_result = true, timeout_seconds = 9 }, request)
      local body
      for _, sent in ipairs(server:requests()) do
        if sent.method == "POST" then body = assert(workflows.json.decode(sent.body)) end
      end
      assert.same({ execution_id = "mine", input = {} }, body)
    end)

    it("works with an id of the service's choice", function()
      local _, execution = assert(client.workflows:run("hello", { execution_id = false }))
      assert.truthy(#execution.execution_id > 10)
    end)

    it("returns null results", function()
      local id = start "forever"
      end_as(id, "COMPLETED")
      assert.equal(null, assert(client.executions:wait(id)).result)
      server:fixture { method = "POST", path = "/v1/workflows/forever/execute",
        body = ('{"execution_id":"%s","status":"RUNNING"}'):format(id) }
      local result, execution = client.workflows:run "forever"
      assert.equal(null, result)
      assert.equal("COMPLETED", execution.status)
    end)

    it("returns the error of an execution that is refused", function()
      local result, err = client.workflows:run("strict", { input = { n = "three" } })
      assert.is_nil(result)
      assert.same({ "http", 422 }, { err.kind, err.status })
      assert.equal(0, server:stats().executions_started)
      assert.equal(1, server:stats().requests)
    end)

    it("says so when the answer names no execution", function()
      server:fixture { method = "POST", path = "/v1/workflows/hello/execute", body = "{}" }
      local result, err = client.workflows:run("hello", { execution_id = false })
      assert.is_nil(result)
      assert.equal("decode", err.kind)
    end)

    it("asks little", function()
      assert(client.workflows:run("slow", { input = { seconds = 0.3 } }))
      local total = server:stats().requests
      assert(total <= 4, total)
    end)
  end)

  describe("an execution that ended", function()
    it("FAILED tells why", function()
      local result, err = client.workflows:run("fail", { input = { message = "no bread", after = 0.1 } })
      assert.is_nil(result)
      assert.equal("execution", err.kind)
      assert.equal("FAILED", err.status)
      assert.equal("the execution FAILED: no bread", err.message)
      assert.equal("run 'fail': the execution FAILED: no bread (execution " .. err.execution_id .. ")", tostring(err))
      assert.equal(err.execution_id, err.execution.execution_id)
      assert.is_false(err.retryable)
    end)

    it("FAILED long ago tells why, too", function()
      local id = start("fail", { message = "long ago" })
      for _ = 1, 2 do
        local _, err = client.executions:wait(id)
        assert.equal("the execution FAILED: long ago", err.message)
      end
    end)

    it("CANCELED, TERMINATED and TIMED_OUT is an error with the status", function()
      for _, status in ipairs { "CANCELED", "TERMINATED", "TIMED_OUT" } do
        local id = start "forever"
        local execution, err = wait_while(id, { poll = { min = 0.1, max = 0.3 } }, function() end_as(id, status) end)
        assert.is_nil(execution)
        assert.same({ "execution", status, id }, { err.kind, err.status, err.execution_id })
        assert.equal("the execution " .. status, err.message)
        assert.equal(("wait '%s': the execution %s"):format(id, status), tostring(err))
        assert.equal(status, err.execution.status)
      end
    end)

    it("is returned at once, with its events where they are wanted", function()
      local id = start "hello"
      assert(client.executions:wait(id))
      server:control("DELETE", "requests")
      assert(client.executions:wait(id))
      local path = "GET /v1/workflows/executions/" .. id
      assert.equal(1, count(path) - count(path .. "/stream"))
      local kinds = {}
      assert(client.executions:wait(id, { on_event = function(event) kinds[#kinds + 1] = kind_of(event) end }))
      assert.equal("WORKFLOW_EXECUTION_STARTED", kinds[1])
      assert.equal("WORKFLOW_EXECUTION_COMPLETED", kinds[#kinds])
    end)

    it("is not its children", function()
      local ends = 0
      local _, execution = assert(client.workflows:run("tree", { execution_id = "root" }, { on_event = function(event)
        if kind_of(event) == "WORKFLOW_EXECUTION_COMPLETED" then ends = ends + 1 end
      end }))
      assert.equal("root", execution.execution_id)
      assert.equal("COMPLETED", execution.status)
      assert.equal(4, ends)
    end)
  end)

  describe("an execution that goes on", function()
    it("in a newer run is waited for", function()
      local id = start "forever"
      local execution = wait_while(id, { poll = { min = 0.05, max = 0.1 } }, function()
        end_as(id, "CONTINUED_AS_NEW", "&successor=0.3")
        repeat local again = assert(client.executions:get(id)) until again.status == "RUNNING"
        end_as(id, "COMPLETED", "&result=7")
      end)
      assert.equal(7, execution.result)
    end)

    it("in no newer run is given up", function()
      local id = start "forever"
      local execution, err = wait_while(id, { poll = { min = 0.1, max = 0.2 } }, function()
        end_as(id, "CONTINUED_AS_NEW", "&successor=none")
      end)
      assert.is_nil(execution)
      assert.same({ "execution", "CONTINUED_AS_NEW" }, { err.kind, err.status })
      assert.truthy(err.message:find "newer run")
    end)

    it("under a status that says nothing is waited for", function()
      for _, status in ipairs { "RETRYING_AFTER_ERROR", "null", "DREAMING" } do
        local id = start "forever"
        end_as(id, status)
        local execution = wait_while(id, { poll = { min = 0.05, max = 0.1 } }, function()
          for _ = 1, 3 do assert(client.executions:get(id)) end
          end_as(id, "COMPLETED", "&result=1")
        end)
        assert.equal(1, execution.result)
      end
    end)

    it("after its time is left running, and can be waited for again", function()
      local id = "patience"
      local result, err = client.workflows:run("forever", { execution_id = id }, { timeout = 0.3 })
      assert.is_nil(result)
      assert.same({ "timeout", id, false }, { err.kind, err.execution_id, err.retryable })
      assert.truthy(err.message:find("0.3 seconds", 1, true))
      assert.equal("RUNNING", assert(client.executions:get(id)).status)
      end_as(id, "COMPLETED", "&result=5")
      assert.equal(5, assert(client.executions:wait(err.execution_id)).result)
    end)
  end)

  describe("the stream", function()
    it("tells the end, without a poll", function()
      local id, ended = start "forever", nil
      local execution = wait_while(id, { timeout = 15, poll = { min = 30, max = 30 } }, function()
        end_as(id, "COMPLETED")
        ended = workflows.now()
      end)
      assert.equal("COMPLETED", execution.status)
      assert(workflows.now() - ended < 3)
    end)

    it("saves polls while it works", function()
      local id = start "forever"
      server:control("DELETE", "requests")
      local _, err = client.executions:wait(id, { timeout = 1.2 })
      assert.equal("timeout", err.kind)
      assert.equal(1, count(("GET /v1/workflows/executions/%s/stream"):format(id)))
      local polls = count("GET /v1/workflows/executions/" .. id) - 1
      assert(polls <= 2, polls)
    end)

    for _, status in ipairs { 404, 503 } do
      it(("is not needed: %d"):format(status), function()
        control("stream?times=1000&status=%d", status)
        local id = start("slow", { seconds = 0.6 })
        server:control("DELETE", "requests")
        assert.equal("COMPLETED", assert(client.executions:wait(id)).status)
        local total = #server:requests(1000)
        assert(total <= 14, total)
      end)
    end

    it("may close again and again", function()
      control "stream?times=1000&drop_after=0&mode=clean"
      local id = start("slow", { seconds = 0.6 })
      server:control("DELETE", "requests")
      assert.equal("COMPLETED", assert(client.executions:wait(id)).status)
      local total = #server:requests(1000)
      assert(total <= 14, total)
    end)

    it("may break with an error event, and hang", function()
      for _, mode in ipairs { "error", "hang" } do
        control("stream?times=1&drop_after=1&mode=%s", mode)
        local id = start("slow", { seconds = 0.5 })
        assert.equal("COMPLETED", assert(client.executions:wait(id, { poll = { min = 0.1, max = 1 } })).status)
      end
    end)

    it("gives on_event every event once and in order, through drops", function()
      control "stream?times=1&drop_after=8&mode=abort"
      control "stream?times=1&drop_after=8&mode=clean"
      control "stream?times=1&drop_after=8&mode=error"
      local last, kinds = 0, {}
      assert(client.workflows:run("tokens", { input = { count = 60, interval = 0.002 } }, { on_event = function(event)
        assert(event.data.broker_sequence > last)
        last = event.data.broker_sequence
        kinds[#kinds + 1] = kind_of(event)
      end }))
      assert.equal(64, #kinds)
      assert.equal("WORKFLOW_EXECUTION_STARTED", kinds[1])
      assert.equal("WORKFLOW_EXECUTION_COMPLETED", kinds[#kinds])
    end)
  end)

  it("an error of on_event is raised", function()
    local ok, problem = pcall(function()
      client.workflows:run("hello", {}, { on_event = function() error {} end })
    end)
    assert.is_false(ok)
    assert.same({}, problem)
  end)

  it("errors of the status carry the execution_id", function()
    local execution, err = client.executions:wait "nobody"
    assert.is_nil(execution)
    assert.same({ "http", 404, "WF_1100", "nobody" }, { err.kind, err.status, err.code, err.execution_id })
    local id = start "hello"
    local path = "/v1/workflows/executions/" .. id
    server:fixture { method = "GET", path = path, status = 403, body = "{}" }
    execution, err = client.executions:wait(id)
    assert.is_nil(execution)
    assert.same({ "http", 403, id }, { err.kind, err.status, err.execution_id })
    server:fixture { method = "GET", path = path, status = 503, body = "{}" }
    assert(client.executions:wait(id, { retry = false })) -- what may pass does not end a wait
  end)

  it("a closed client ends the waiting", function()
    local own = server:client()
    local id = start "forever"
    local _, err
    own:gather {
      function() _, err = own.executions:wait(id) return true end,
      function()
        assert(own:whoami())
        own:close()
        return true
      end,
    }
    assert.equal("cancelled", err.kind)
  end)

  it("many run side by side, also with few connections", function()
    local results, errors = client:map({ 1, 2, 3, 4, 5, 6, 7, 8 }, function(index)
      return client.workflows:run("slow", { input = { seconds = 0.1 * (index % 3) } })
    end)
    assert.is_nil(errors)
    assert.equal(8, #results)

    local own = server:client { max_connections = 2 }
    local ids = {}
    for index = 1, 5 do
      ids[index] = start "forever"
      end_as(ids[index], "TERMINATED")
    end
    results, errors = own:map(ids, function(id)
      return own.executions:wait(id, { poll = { min = 0.05, max = 0.1 } })
    end)
    own:close()
    assert.same({}, results)
    for index, id in ipairs(ids) do
      assert.same({ "TERMINATED", id }, { errors[index].status, errors[index].execution_id })
    end
  end)

  it("misuse is raised at the caller's line", function()
    for expected, fn in pairs {
      ["did you mean 'timeout'"] = function() client.executions:wait("x", { timeuot = 1 }) end,
      ["execution_id must be a string"] = function() client.executions:wait() end,
      ["call it with a colon"] = function() client.executions.wait "x" end,
      ["must be a function"] = function() client.workflows:run("hello", {}, { on_event = 1 }) end,
      ["must have min <= max"] = function() client.workflows:run("hello", {}, { poll = { min = 9, max = 1 } }) end,
      ["must be a table"] = function() client.workflows:run("hello", "Ada") end,
      ["option 'deadline' must be"] = function() client.workflows:run("hello", {}, { deadline = 0 }) end,
    } do
      local message = misuse.message(fn)
      assert(message:find(expected, 1, true), message)
    end
    assert.equal("execution_id is empty", misuse.invalid(function() return client.executions:wait "" end))
    assert.truthy(misuse.invalid(function() return client.workflows:run "runs" end):find "^workflow_identifier 'runs'")
    assert.equal(0, server:stats().requests)
  end)
end)
