-- The question for the status of one execution, and what asks it around a start and an input.

local clocked = require "spec.support.clocked"
local loop = require "mistral.workflows.loop"
local misuse = require "spec.support.misuse"
local question = require "mistral.workflows.question"
local workflows = require "mistral.workflows"

local count, near, noted, passed = clocked.count, clocked.near, clocked.noted, clocked.passed

describe("a question", function()
  local client, times

  -- @param answer what is answered, or a function(request, number); `times` notes when
  local function new(answer, options, more)
    times = {}
    local all = { get_workflow_execution = noted(times, answer) }
    for name, value in pairs(more or {}) do all[name] = value end
    client = clocked.client(all, options)
    return client
  end

  after_each(clocked.close)

  local function seldom() return 1000 end

  local function ask(settings)
    local all = { options = {}, about = "wait 'e'", every = seldom }
    for name, value in pairs(settings or {}) do all[name] = value end
    return question.new(client, "e", all)
  end

  -- Lets it work for so many seconds, or until it is over.
  local function work(asked, seconds)
    local stop = workflows.now() + seconds
    repeat
      while asked:step() and not asked.err and not asked.final do end
      if asked.err or asked.final then return end
      local wake = math.min(asked:due(), stop)
      if asked:transfer() then
        loop.await(client, asked:transfer(), wake)
      else
        client:sleep(math.max(wake - workflows.now(), 0))
      end
    until workflows.now() >= stop
  end

  local function running() return { execution_id = "e", status = "RUNNING" } end

  local function check(expected)
    assert.equal(#expected, #times)
    for index, at in ipairs(expected) do near(at, times[index]) end
  end

  it("is asked after so much time without a sign, or at once", function()
    new(running)
    work(ask { every = function() return 30 end }, 100)
    check { 30, 60, 90 }
    client:close()
    new(running)
    work(ask { every = function() return 30 end, ask_first = true }, 50)
    check { 0, 30 }
  end)

  it("is asked later where there is a sign meanwhile", function()
    new(running)
    local asked = ask { every = function() return 30 end }
    work(asked, 20)
    asked:sign()
    work(asked, 40)
    check { 50 }
  end)

  it("is asked at once on a hint, then after twice the time each time up to five seconds, for a minute", function()
    new(running)
    local asked = ask()
    work(asked, 100)
    asked:hint()
    work(asked, 200)
    check { 100, 100.25, 100.75, 101.75, 103.75, 107.75, 112.75, 117.75, 122.75, 127.75, 132.75, 137.75, 142.75, 147.75,
      152.75, 157.75, 162.75 }
    asked:hint()
    work(asked, 0.3)
    near(300, times[18])
    near(300.25, times[19])
  end)

  it("is asked soon, but not more often than each quarter of a second", function()
    new(running)
    local asked = ask()
    for _ = 1, 20 do
      asked:ask_soon()
      work(asked, 0.05)
    end
    assert.truthy(#times >= 3 and #times <= 8, #times)
    near(0, times[1])
  end)

  it("is asked once more shortly before the end", function()
    new(running)
    work(ask { ask_last_at = workflows.now() + 40 }, 100)
    check { 40 }
    client:close()
    new(running)
    work(ask { ask_last_at = workflows.now() + 40, every = function() return 45 end }, 80)
    check { 40 }
  end)

  it("is over with a status that is final, and with an answer that has none", function()
    for _, status in ipairs { "COMPLETED", "FAILED", "CANCELED", "TERMINATED", "TIMED_OUT" } do
      new { execution_id = "e", status = status }
      local asked = ask { ask_first = true }
      work(asked, 100)
      assert.is_true(asked.final)
      assert.same({ status, status, 1 }, { asked.status, asked.execution.status, #times })
      assert.equal(math.huge, asked:due())
      client:close()
    end
    for _, status in ipairs { "RUNNING", "RETRYING_AFTER_ERROR", "CONTINUED_AS_NEW", "NEW_STATUS", workflows.null } do
      new { execution_id = "e", status = status }
      local asked = ask { ask_first = true }
      work(asked, 10)
      assert.is_nil(asked.final or asked.err)
      client:close()
    end
    for _, shown in ipairs { '{"execution_id":"e"}', "{}" } do
      new(function() return 200, shown end)
      local asked = ask { ask_first = true }
      work(asked, 10)
      assert.same({ "decode", "the answer has no 'status': " .. shown, "wait 'e'", "e", 200, "get_workflow_execution" },
        { asked.err.kind, asked.err.message, asked.err.call, asked.err.execution_id, asked.err.status,
          asked.err.operation })
      assert.equal(math.huge, asked:due())
      client:close()
    end
  end)

  it("that stands at CONTINUED_AS_NEW is over after its patience, counted from the last event", function()
    local function continued() return { execution_id = "e", status = "CONTINUED_AS_NEW" } end
    new(continued)
    local asked = ask { ask_first = true, continue_patience = 20 }
    work(asked, 100)
    assert.is_true(asked.final)
    assert.truthy(passed() >= 20 and passed() < 26, passed())
    client:close()
    new(continued)
    asked = ask { ask_first = true, continue_patience = 20 }
    work(asked, 15)
    asked:sign()
    work(asked, 100)
    assert.truthy(passed() >= 35 and passed() < 41, passed())
    client:close()
    new(continued)
    asked = ask { ask_first = true }
    work(asked, 100)
    assert.is_nil(asked.final)
  end)

  it("takes no longer for a request than that may take", function()
    for seconds, options in pairs { [10] = {}, [3] = { timeout = 3 } } do
      new("timeout", options)
      local asked = ask { ask_first = true }
      work(asked, seconds + 2)
      near(seconds + 0.25, times[2])
      asked:cancel()
      client:close()
    end
  end)

  it("bears failures that may pass for as long as its patience, and no others", function()
    for _, failure in ipairs { "drop", "refuse", "timeout", 408, 429, 500, 502, 503, 504 } do
      new(function()
        if type(failure) == "number" then return failure, {} end
        return failure
      end)
      local asked = ask { ask_first = true, patience = 30 }
      work(asked, 100)
      assert.is_table(asked.err)
      assert.equal("wait 'e'", asked.err.call)
      assert.truthy(passed() >= 30 and passed() < 41, ("%s: %g"):format(failure, passed()))
      assert.truthy(#times > 2)
      client:close()
    end
    for _, status in ipairs { 400, 401, 403, 404, 422, 501 } do
      new(function() return status, {} end)
      local asked = ask { ask_first = true, patience = 30 }
      work(asked, 100)
      assert.same({ "http", status, "e", 1, 1 },
        { asked.err.kind, asked.err.status, asked.err.execution_id, asked.err.attempts, #times })
      client:close()
    end
  end)

  it("counts its patience from the first request without an answer", function()
    new(function()
      if passed() > 25 and passed() < 35 then return running() end
      return 500, {}
    end)
    local asked = ask { ask_first = true, patience = 30, every = function() return 1 end }
    work(asked, 200)
    assert.equal(500, asked.err.status)
    assert.truthy(passed() >= 64 and passed() < 75, passed())
  end)

  it("asks no earlier than Retry-After says, whatever it hears", function()
    new(function(_, number)
      if number == 1 then return 503, {}, { ["Retry-After"] = "40" } end
      return running()
    end)
    local asked = ask { ask_first = true }
    work(asked, 5)
    asked:hint()
    asked:ask_soon()
    work(asked, 36)
    near(40, times[2])
  end)

  it("bears for ten seconds that what was started is not known yet", function()
    new(function() return 404, {} end)
    local asked = ask { ask_first = true, posted_at = workflows.now() }
    work(asked, 100)
    assert.equal(404, asked.err.status)
    check { 0, 0.25, 0.75, 1.75, 3.75, 7.75, 12.75 }
  end)

  it("stands at CONTINUED_AS_NEW anew after a run that went on", function()
    new(function()
      local at = passed()
      return { execution_id = "e", status = (at < 15 or at >= 30) and "CONTINUED_AS_NEW" or "RUNNING" }
    end)
    local asked = ask { ask_first = true, continue_patience = 20, every = function() return 1 end }
    work(asked, 100)
    assert.is_true(asked.final)
    assert.truthy(passed() >= 50 and passed() < 57, passed())
  end)

  it("is asked soon also while it waits longer and longer", function()
    new(running)
    local asked = ask()
    asked:hint()
    work(asked, 20)
    local before = #times
    asked:ask_soon()
    work(asked, 0.1)
    assert.equal(before + 1, #times)
  end)

  it("bears that there is no key for a moment", function()
    local keys = 0
    new(running, { api_key = function()
      keys = keys + 1
      if keys == 2 then return nil, "no key today" end
      return "key-of-a-test"
    end })
    local asked = ask { ask_first = true, patience = 60, every = function() return 10 end }
    work(asked, 15)
    assert.is_nil(asked.err)
    check { 0, 10.25 }
  end)

  it("waits for the time for which the service wants no requests", function()
    new(running, {}, { get_worker_info = function() return 429, {}, { ["Retry-After"] = "43" } end })
    client:whoami { retry = false }
    local asked = ask { ask_first = true, patience = 60 }
    work(asked, 50)
    assert.is_nil(asked.err)
    check { 43 }
    client:close()
    new(running, {}, { get_worker_info = function() return 429, {}, { ["Retry-After"] = "43" } end })
    client:whoami { retry = false }
    asked = ask { ask_first = true, patience = 30 }
    work(asked, 50)
    assert.same({ "http", 429, 0, "wait 'e'" },
      { asked.err.kind, asked.err.status, asked.err.attempts, asked.err.call })
    near(30, passed())
  end)

  it("that is taken back asks nothing more", function()
    new "timeout"
    local asked = ask { ask_first = true }
    work(asked, 1)
    asked:cancel()
    assert.is_nil(asked:transfer())
    assert.equal(0, client.handle:running())
  end)

  it("knows when the execution began", function()
    for given, expected in pairs {
      ["2026-01-01T00:00:00Z"] = 1767225600, ["no time"] = false, [5] = false, [{}] = false,
    } do
      new { execution_id = "e", status = "RUNNING", start_time = given }
      local asked = ask { ask_first = true }
      work(asked, 1)
      assert.equal(expected or nil, asked.start_time)
      client:close()
    end
  end)

  describe("around a start", function()
    it("is one whose time is ten seconds longer than timeout_seconds, or the time-out", function()
      for _, case in ipairs {
        { 400, nil, 410 }, { 5, nil, 300 }, { 5, { timeout = 7 }, 15 }, { 5, { timeout = 20 }, 20 },
      } do
        new(clocked.none, nil, { execute_workflow = "timeout" })
        local options = { retry = false }
        for name, value in pairs(case[2] or {}) do options[name] = value end
        local _, err = client.workflows:execute("w", { wait_for_result = true, timeout_seconds = case[1] }, options)
        assert.same({ "timeout", "response" }, { err.kind, err.phase })
        near(case[3], passed())
        client:close()
      end
    end)

    it("is asked for the id of the caller first, and for no other one", function()
      local posted
      local more = { execute_workflow = function(request)
        posted = request.json
        return { execution_id = "x", status = "RUNNING" }
      end }
      new(clocked.none, nil, more)
      local body = { execution_id = "mine", input = { 1 } }
      assert(client.workflows:execute("w", body))
      assert.same({ execution_id = "mine", input = { 1 } }, posted)
      assert.same({ execution_id = "mine", input = { 1 } }, body)
      assert.equal("mine", client.requests[1].path_value)
      assert.equal(2, #client.requests)
      client:close()
      new(clocked.none, nil, more)
      local empty = {}
      assert(client.workflows:execute("w", empty))
      assert.truthy(posted.execution_id:find "^%x+$" and #posted.execution_id == 32)
      assert.same({}, empty)
      assert(client.workflows:execute "w")
      assert.equal(32, #posted.execution_id)
      assert(client.workflows:execute("w", { execution_id = false }))
      assert.is_nil(posted.execution_id)
      assert.equal(0, count "get_workflow_execution")
    end)

    it("is asked only where the service may have acted, and the error is that of the start", function()
      for failure, asks in pairs {
        [400] = 0, [401] = 0, [403] = 0, [404] = 0, [408] = 1, [409] = 0, [422] = 0, [429] = 0, [499] = 0, [500] = 1,
        [501] = 1, [502] = 1, [503] = 1, drop = 1, timeout = 1, refuse = 0,
      } do
        new(function() return 403, {} end, nil, { execute_workflow = function()
          if type(failure) == "number" then return failure, { code = "WF_1101" } end
          return failure
        end })
        local _, err = client.workflows:execute("w", {}, { retry = false, timeout = 5 })
        assert.same({ asks, 1 }, { count "get_workflow_execution", count "execute_workflow" })
        assert.equal("execute_workflow", err.operation)
        assert.equal("execute 'w'", err.call)
        assert.equal(32, #err.execution_id)
        if type(failure) == "number" then assert.equal(failure, err.status) end
        client:close()
      end
    end)

    it("finds what was started, in place of an answer that was lost", function()
      new(function(request)
        return { execution_id = request.path_value, status = "RUNNING", workflow_name = "w" }
      end, nil, { execute_workflow = "drop" })
      local execution = assert(client.workflows:execute("w", {}, { retry = false }))
      assert.same({ "RUNNING", "w" }, { execution.status, execution.workflow_name })
      assert.equal(client.requests[1].json.execution_id, execution.execution_id)
      assert.equal(2, #client.requests)
    end)

    it("gives of what was found what is wanted", function()
      local function found(request)
        return { execution_id = request.path_value, status = "COMPLETED", workflow_name = "w", result = { 5 } }
      end
      for _, body in ipairs { {}, { wait_for_result = true } } do
        new(found, nil, { execute_workflow = "drop", stream = clocked.silent })
        assert.same({ workflow_name = "w" },
          client.workflows:execute("w", body, { retry = false, fields = { "workflow_name" } }))
        local text = assert(client.workflows:execute("w", body, { retry = false, raw = true }))
        assert.same({ 5 }, workflows.json.decode(text).result)
        client:close()
      end
    end)

    it("has errors that name the start, and no other, where the client is closed meanwhile", function()
      new(function() return 403, {} end)
      local _, err = client.workflows:execute("w", { execution_id = "mine" })
      assert.same({ "get_workflow_execution", "execute 'w'", "mine", 403, 1 },
        { err.operation, err.call, err.execution_id, err.status, err.attempts })
      client:close()
      new(clocked.running, { observer = function() client:close() end }, { execute_workflow = "drop" })
      _, err = client.workflows:execute("w", {})
      assert.same({ "network", "execute_workflow", 1, 1 }, { err.kind, err.operation, err.attempts, #client.requests })
    end)

    it("finds the result, as the start would have told it, and the bad end", function()
      local function answers(status)
        return function(request)
          return { execution_id = request.path_value, status = status, workflow_name = "w", result = { 5 }, more = 1 }
        end
      end
      new(answers "COMPLETED", nil, { execute_workflow = "drop", stream = clocked.silent })
      local body = { wait_for_result = true, execution_id = nil }
      local answer = assert(client.workflows:execute("w", body, { retry = false }))
      assert.same({ workflow_name = "w", execution_id = client.requests[1].json.execution_id, result = { 5 } }, answer)
      client:close()
      new(answers "FAILED", nil, {
        execute_workflow = "drop", stream = clocked.silent, get_workflow_events = { events = {} },
      })
      local _, err = client.workflows:execute("w", body, { retry = false })
      assert.same({ "execution", "FAILED", "execute 'w'" }, { err.kind, err.status, err.call })
    end)
  end)

  describe("what input is waited for", function()
    local function pending(status, body, more)
      local all = { query_workflow_execution = function() return status, body end }
      for name, value in pairs(more or {}) do all[name] = value end
      new(clocked.running, nil, all)
      return client.executions:pending_inputs("e", { headers = { ["X-Team"] = "desk" } })
    end

    it("is asked by a query of a name of its own", function()
      assert.same({ { task_id = "t" } }, pending(200, { result = { pending_inputs = { { task_id = "t" } } } }))
      assert.same({ name = "__get_pending_inputs" }, client.requests[1].json)
      assert.same({ "e", "desk" }, { client.requests[1].path_value, client.requests[1].headers["X-Team"] })
      assert.equal(1, #client.requests)
    end)

    it("is an empty list where nothing is, and where the execution does not know the query", function()
      for status, body in pairs { [200] = { result = { pending_inputs = {} } }, [404] = {}, [422] = {} } do
        local list = assert(pending(status, body))
        assert.equal("[]", workflows.json.encode(list))
        for _, request in ipairs(client.requests) do assert.equal("desk", request.headers["X-Team"]) end
        assert.equal(status == 200 and 1 or 2, #client.requests)
        client:close()
      end
    end)

    it("is an error where the answer is another one, or the service does not say", function()
      for body, shown in pairs {
        ['{"result":{}}'] = '{"result":{}}', ['{"result":[]}'] = '{"result":[]}', ["{}"] = "{}",
        ['{"result":{"pending_inputs":{"a":1}}}'] = '{"result":{"pending_inputs":{"a":1}}}',
        ['{"result":{"pending_inputs":5}}'] = '{"result":{"pending_inputs":5}}',
      } do
        local list, err = pending(200, body)
        assert.is_nil(list)
        assert.same({
          "decode", "the answer has no list 'pending_inputs' in its result: " .. shown, "e", "pending_inputs 'e'",
          "query_workflow_execution",
        }, { err.kind, err.message, err.execution_id, err.call, err.operation })
        client:close()
      end
      local answer, problem = pending(204)
      assert.is_nil(answer)
      assert.same({ "decode", "the answer has no list 'pending_inputs' in its result: HTTP 204 without content" },
        { problem.kind, problem.message })
      client:close()
      for status, code in pairs { [403] = "WF_1", [409] = "WF_1102", [501] = "WF_1" } do
        local list, err = pending(status, { code = code })
        assert.is_nil(list)
        assert.same({ status, code, "e", 1 }, { err.status, err.code, err.execution_id, #client.requests })
        client:close()
      end
    end)
  end)

  describe("an input", function()
    local function submit(answer)
      new(clocked.running, nil, { update_workflow_execution = answer })
      return client.executions:submit_input("e", "t", { yes = true }, { headers = { ["X-Team"] = "desk" } })
    end

    it("is given by an update of a name of its own; the result is what the workflow answers", function()
      assert.same({ done = 1 }, submit { result = { done = 1 } })
      local request = client.requests[1]
      assert.same({ name = "__submit_input", input = { task_id = "t", input = { yes = true } } }, request.json)
      assert.same({ "e", "desk" }, { request.path_value, request.headers["X-Team"] })
      client:close()
      for _, result in ipairs { "text", 5, true, false, workflows.null } do
        assert.is_true(submit { result = result })
        client:close()
      end
      for _, none in ipairs { "", workflows.null } do
        assert.same({ error = none }, submit { result = { error = none } })
        client:close()
      end
    end)

    it("that is refused, or not answered, is an error that says so", function()
      for shown, refusal in pairs { ["no"] = "no", ['{"a":1}'] = { a = 1 }, ["5"] = 5, ["false"] = false,
        ["bad"] = { message = "bad" } } do
        local result, err = submit { result = { error = refusal } }
        assert.is_nil(result)
        assert.same({
          kind = "execution", reason = "input_refused", execution_id = "e", detail = { error = refusal },
          message = "the workflow refused the input: " .. shown, attempts = 1, retryable = false,
          operation = "update_workflow_execution", call = "submit_input 'e'",
        }, setmetatable(err, nil))
        client:close()
      end
      local result, err = submit {}
      assert.is_nil(result)
      assert.same({ "decode", "the answer has no 'result': {}", "e" }, { err.kind, err.message, err.execution_id })
      client:close()
      result, err = submit(function() return 204 end)
      assert.is_nil(result)
      assert.equal("the answer has no 'result': HTTP 204 without content", err.message)
      client:close()
      result, err = submit(function() return 409, { code = "WF_1102" } end)
      assert.is_nil(result)
      assert.equal("WF_1102", err.code)
    end)

    it("must be a table, of a task", function()
      new(clocked.running)
      for expected, fn in pairs {
        ["executions:submit_input: task_id must be a string, not a nil"] = function()
          client.executions:submit_input "e"
        end,
        ["executions:submit_input: task_id must be a string, not a table"] = function()
          client.executions:submit_input("e", {}, {})
        end,
        ["executions:submit_input: the input must be a table, not a nil"] = function()
          client.executions:submit_input("e", "t")
        end,
        ["executions:submit_input: too many arguments; the options come last"] = function()
          client.executions:submit_input("e", "t", {}, {}, {})
        end,
      } do
        assert.equal(expected, misuse.message(fn))
      end
      local _, err = client.executions:submit_input("e", "", {})
      assert.same({ "invalid", "task_id is empty", 0, "submit_input 'e'" },
        { err.kind, err.message, err.attempts, err.call })
      assert.equal(0, #client.requests)
    end)
  end)
end)
