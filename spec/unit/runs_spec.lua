-- run and execute over time: what is asked before and after the start, and when they are over.

local clocked = require "spec.support.clocked"
local workflows = require "mistral.workflows"

local running, ended, begun, silent, none = clocked.running, clocked.ended, clocked.begun, clocked.silent, clocked.none
local count, near, passed = clocked.count, clocked.near, clocked.passed

describe("over time,", function()
  local client

  local function new(answers, options)
    client = clocked.client(answers, options)
    return client
  end

  after_each(clocked.close)

  describe("run", function()
    it("counts its time from the call, not from the start", function()
      new {
        execute_workflow = function(request)
          client:sleep(2)
          return begun(request)
        end,
        stream = silent, get_workflow_execution = running,
      }
      local _, err = client.workflows:run("hello", { execution_id = "e" }, { timeout = 3 })
      assert.equal("timeout", err.kind)
      near(3, passed())
    end)

    it("is over after its time where nothing answers", function()
      local function nothing() return "timeout" end
      new { execute_workflow = nothing, get_workflow_execution = nothing, stream = nothing }
      local result, err = client.workflows:run("hello", {}, { timeout = 0.3 })
      assert.is_nil(result)
      assert.equal("timeout", err.kind)
      near(0.3, passed())
    end)

    it("cancels the execution after a time-out where that is wanted, and only then", function()
      local function answers()
        return {
          execute_workflow = begun,
          stream = silent, get_workflow_execution = running, cancel_workflow_execution = function() return 204 end,
        }
      end
      for policy, cancels in pairs { leave = 0, cancel = 1 } do
        new(answers())
        local options = { timeout = 2, on_timeout = policy, headers = { Team = "desk" } }
        local _, err = client.workflows:run("hello", {}, options)
        assert.equal("timeout", err.kind)
        assert.equal(cancels, count "cancel_workflow_execution")
        for _, request in ipairs(client.requests) do assert.equal("desk", request.headers.Team, request.operation) end
        client:close()
      end
      local failing = answers()
      failing.get_workflow_execution = function() return ended "CANCELED" end
      new(failing)
      local _, err = client.workflows:run("hello", {}, { timeout = 2, on_timeout = "cancel" })
      assert.equal("CANCELED", err.status)
      assert.equal(0, count "cancel_workflow_execution")
    end)

    it("bears that the service does not know the execution yet, for ten seconds", function()
      local function answers(seconds)
        return {
          execute_workflow = function(request) return 200, { execution_id = request.json.execution_id } end,
          stream = silent,
          get_workflow_execution = function()
            if passed() < seconds then return 404, {} end
            return ended("COMPLETED", { result = 5 })
          end,
        }
      end
      new(answers(6))
      assert.equal(5, (assert(client.workflows:run("hello", {}))))
      client:close()
      new(answers(60))
      local _, err = client.workflows:run("hello", {})
      assert.same({ "http", 404 }, { err.kind, err.status })
      assert.truthy(passed() >= 10 and passed() < 16, passed())
    end)

    it("asks for the status at once where the start does not tell it; gives null where there is no result", function()
      new {
        execute_workflow = function(request) return 200, { execution_id = request.json.execution_id } end,
        stream = silent, get_workflow_execution = function() return ended "COMPLETED" end,
      }
      local result, execution = client.workflows:run("hello", {})
      assert.equal(workflows.null, result)
      assert.equal("COMPLETED", execution.status)
      near(0, passed())
    end)

    it("says beside the result, or a bad end, that events are missing", function()
      for status, expected in pairs { COMPLETED = 7, FAILED = "execution" } do
        new {
          execute_workflow = begun, stream = silent, get_workflow_events = { events = {} },
          get_workflow_execution = function() return ended(status, { result = 7 }) end,
        }
        local result, second, gap = client.workflows:run("hello", {}, { on_event = function() end })
        assert.equal(expected, result or second.kind)
        assert.same({ "stream", "incomplete" }, { gap.kind, gap.reason })
        client:close()
      end
    end)

    it("says that it cannot ask for what was started under no usable id", function()
      for _, id in ipairs { "", "..", 5 } do
        new { execute_workflow = { execution_id = id, status = "RUNNING" } }
        local _, err = client.workflows:run("hello", { execution_id = false })
        assert.equal("decode", err.kind)
        assert.truthy(err.message:find("'execution_id' that can be asked for", 1, true), err.message)
        client:close()
      end
    end)

    it("tells the start before the end", function()
      local told
      new {
        execute_workflow = begun,
        stream = silent,
        get_workflow_execution = function() return ended("COMPLETED", { result = 1 }) end,
      }
      assert(client.workflows:run("hello", { execution_id = "mine" }, {
        on_start = function(execution)
          told = execution
          assert.equal(0, count "stream")
        end,
      }))
      assert.same({ "mine", "RUNNING" }, { told.execution_id, told.status })
    end)
  end)

  describe("execute", function()
    local function execute(body, options)
      body.execution_id = body.execution_id or "mine"
      return client.workflows:execute("hello", body, options)
    end

    it("waits for the result, after an answer that was lost, no longer than it would have waited for that", function()
      for expected, case in pairs {
        [20] = { { timeout_seconds = 20 } }, [12] = { { timeout_seconds = 20 }, { deadline = 12 } },
        [30] = { {}, nil, { timeout = 30 } },
      } do
        new({
          stream = silent, get_workflow_execution = running,
          execute_workflow = function()
            client:sleep(5)
            return "drop"
          end,
        }, case[3])
        local body = { wait_for_result = true, timeout_seconds = case[1].timeout_seconds }
        local answer, err = client.workflows:execute("hello", body, case[2])
        assert.is_nil(answer)
        assert.same({ "network", 1 }, { err.kind, count "execute_workflow" })
        near(expected, passed(), 0.3)
        client:close()
      end
    end)

    it("bears that the answer with the result comes a little after timeout_seconds", function()
      for limit, seconds in pairs { [20] = 30, [200] = 5 } do
        new({
          execute_workflow = function()
            client:sleep(seconds + (limit == 20 and 8 or 100))
            return 200, { execution_id = "mine", result = 4 }
          end,
          get_workflow_execution = none,
        }, { timeout = limit })
        local body = { wait_for_result = true, timeout_seconds = seconds }
        assert.equal(4, assert(client.workflows:execute("hello", body)).result)
        assert.equal(1, count "execute_workflow")
        client:close()
      end
    end)

    it("takes no more time for timeout_seconds where it does not wait for the result", function()
      new({ execute_workflow = function() return "timeout" end, get_workflow_execution = none }, { timeout = 5 })
      local _, err = client.workflows:execute("hello", { timeout_seconds = 100 }, { retry = false })
      assert.equal("timeout", err.kind)
      near(5, passed())
    end)

    it("sends nothing where it cannot ask for an id of the caller's", function()
      for expected, answer in pairs { http = { 403, {} }, decode = { 200, { workflow_name = "hello" } } } do
        new { get_workflow_execution = function() return answer[1], answer[2] end }
        local _, err = execute {}
        assert.same({ expected, answer[1], "mine" }, { err.kind, err.status, err.execution_id })
        assert.equal(0, count "execute_workflow")
        client:close()
      end
    end)

    it("is over where the service knows the id, and then does not", function()
      local posts = 0
      new {
        get_workflow_execution = none,
        execute_workflow = function()
          posts = posts + 1
          if posts == 1 then return 500, {} end
          return 409, { code = "WF_1101" }
        end,
      }
      local _, err = client.workflows:execute("hello", {})
      assert.same({ 409, 2 }, { err.status, posts })
    end)

    it("carries its header fields to what it asks", function()
      new {
        stream = silent, execute_workflow = function() return "drop" end,
        get_workflow_execution = function(request)
          if count "get_workflow_execution" < 3 then return running(request) end
          return ended("COMPLETED", { result = 2 })
        end,
      }
      local body, options = { wait_for_result = true, timeout_seconds = 9 }, { headers = { ["X-Team"] = "desk" } }
      assert.equal(2, assert(client.workflows:execute("hello", body, options)).result)
      for _, request in ipairs(client.requests) do assert.equal("desk", request.headers["X-Team"]) end
      assert.equal(1, count "stream")
    end)

    it("knows the execution that it has started by its start, not by its status", function()
      local posts, known = 0, nil
      local answers = {
        stream = silent,
        get_workflow_execution = function() return 200, known end,
        execute_workflow = function(request)
          posts = posts + 1
          if posts == 1 then return 500, {} end
          return 200, { execution_id = request.json.execution_id, status = "RUNNING" }
        end,
      }
      local function there(start, status)
        return { execution_id = "mine", status = status, start_time = start }
      end
      new(answers)
      known = there("2026-01-01T00:00:00Z", "COMPLETED")
      local post = answers.execute_workflow
      answers.execute_workflow = function(request)
        known = there("2026-01-02T00:00:00Z", "COMPLETED")
        return post(request)
      end
      assert.equal("2026-01-02T00:00:00Z", assert(execute {}).start_time)
      assert.equal(1, posts)
      posts, known = 0, there("2026-01-01T00:00:00Z", "RUNNING")
      answers.execute_workflow = function(request)
        known = there("2026-01-01T00:00:00Z", "COMPLETED")
        return post(request)
      end
      assert.equal("RUNNING", assert(execute {}).status)
      assert.equal(2, posts)
    end)
  end)

  describe("run with join", function()
    local function there(name)
      return function()
        return 200, { execution_id = "mine", workflow_name = name, status = "COMPLETED", result = 3 }
      end
    end

    local function join(resource, target)
      return client[resource]:run(target, { execution_id = "mine" }, { join = true })
    end

    it("joins one of the same name, and asks for no workflow", function()
      new { get_workflow_execution = there "hello", stream = silent }
      assert.equal(3, (join("workflows", "hello")))
      assert.equal(#client.requests, count "get_workflow_execution")
    end)

    it("asks for the name where the workflow is given by its id", function()
      local asked
      new {
        get_workflow_execution = there "hello", stream = silent,
        get_workflow = function(request)
          if request.path_value == "refused" then return 403, {} end
          if request.path_value == "nameless" then return 200, { workflow = {} } end
          return 200, { workflow = { name = request.path_value == "id-of-hello" and "hello" or "other" } }
        end,
        get_workflow_registration = function(request)
          asked = request.params
          if request.path_value == "old" then return 200, { workflow_registration = { workflow_name = "hello" } } end
          return 200, { workflow_registration = { workflow = { name = request.path_value:match "[^-]*$" } } }
        end,
      }
      assert.equal(3, (join("workflows", "id-of-hello")))
      assert.equal(3, (join("registrations", "id-of-hello")))
      assert.equal("true", asked.with_workflow)
      assert.equal(3, (join("registrations", "old")))
      for target, expected in pairs { ["id-of-other"] = 409, refused = 403, nameless = "decode" } do
        local _, err = join("workflows", target)
        assert.equal(expected, err.status or err.kind)
      end
      local _, err = join("registrations", "id-of-bye")
      assert.same({ "http", 409, "mine" }, { err.kind, err.status, err.execution_id })
      assert.equal("hello", err.execution.workflow_name)
      assert.equal(0, count "execute_workflow")
    end)

    it("starts one where there is none, and joins one that was started meanwhile", function()
      local is_there = false
      new {
        stream = silent,
        get_workflow_execution = function(request)
          if not is_there then return 404, {} end
          return there "hello"(request)
        end,
        execute_workflow = function()
          is_there = true
          return 409, { code = "WF_1101" }
        end,
      }
      assert.equal(3, (join("workflows", "hello")))
      assert.equal(1, count "execute_workflow")
      assert.equal("execute_workflow", client.requests[2].operation)
    end)

    it("needs an id, which is told at once", function()
      new {}
      local ok, message = pcall(client.workflows.run, client.workflows, "hello", {}, { join = true })
      assert.is_false(ok)
      assert.truthy(message:find("join needs an execution_id", 1, true))
      assert.equal(0, #client.requests)
    end)

    it("says after a time-out that it can be called again, which is not so without", function()
      for _, joins in ipairs { true, false } do
        new {
          stream = silent, execute_workflow = begun,
          get_workflow_execution = function(request)
            if count "execute_workflow" == 0 then return 404, {} end
            return running(request)
          end,
        }
        local _, err = client.workflows:run("hello", { execution_id = "mine" }, { join = joins, timeout = 2 })
        assert.same({ "timeout", joins }, { err.kind, err.retryable })
        client:close()
      end
    end)
  end)
end)
