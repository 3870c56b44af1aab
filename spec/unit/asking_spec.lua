-- What is asked of an execution around its start, and around an input: before, in doubt, and in place of an answer.

local clocked = require "spec.support.clocked"
local misuse = require "spec.support.misuse"
local workflows = require "mistral.workflows"

local count, near, passed = clocked.count, clocked.near, clocked.passed

describe("an execution", function()
  local client

  -- @param answer to the question for its status
  local function new(answer, options, more)
    local all = { get_workflow_execution = answer }
    for name, value in pairs(more or {}) do all[name] = value end
    client = clocked.client(all, options)
    return client
  end

  after_each(clocked.close)

  describe("around a start", function()
    it("is one whose time is ten seconds longer than timeout_seconds, or the time-out", function()
      for _, case in ipairs {
        { 400, nil, 410 }, { 5, nil, 300 }, { 5, { timeout = 7 }, 15 }, { 5, { timeout = 20 }, 20 },
      } do
        new(clocked.none, {}, { execute_workflow = "timeout" })
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
      new(clocked.none, {}, more)
      local body = { execution_id = "mine", input = { 1 } }
      assert(client.workflows:execute("w", body))
      assert.same({ execution_id = "mine", input = { 1 } }, posted)
      assert.same({ execution_id = "mine", input = { 1 } }, body)
      assert.equal("mine", client.requests[1].path_value)
      assert.equal(2, #client.requests)
      client:close()
      new(clocked.none, {}, more)
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
