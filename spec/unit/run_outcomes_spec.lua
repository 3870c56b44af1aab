-- What run and `join` send, and what they give where something is amiss, to the last field.

local clocked = require "spec.support.clocked"

local running, ended, begun, silent, none = clocked.running, clocked.ended, clocked.begun, clocked.silent, clocked.none
local count, near, passed = clocked.count, clocked.near, clocked.passed

describe("run", function()
  local client

  local function new(answers, options)
    client = clocked.client(answers, options)
    return client
  end

  after_each(clocked.close)

  it("sends what it is given, but for what would make the service wait", function()
    local sent
    new {
      get_workflow_execution = none,
      execute_workflow = function(request)
        sent = request.json
        return 200, { execution_id = sent.execution_id, status = "COMPLETED", result = 3 }
      end,
    }
    local given = {
      execution_id = "mine", input = { name = "Ada" }, custom_tracing_attributes = { team = "desk" },
      wait_for_result = true, timeout_seconds = 5,
    }
    assert.equal(3, (client.workflows:run("hello", given)))
    local expected = { execution_id = "mine", input = { name = "Ada" }, custom_tracing_attributes = { team = "desk" } }
    assert.same(expected, sent)
    assert.same({ true, 5 }, { given.wait_for_result, given.timeout_seconds })
    assert.equal(2, #client.requests)
  end)

  it("takes a table to send, and nothing else", function()
    new {}
    for _, wrong in ipairs { 7, "text", true } do
      local ok, message = pcall(client.workflows.run, client.workflows, "hello", wrong)
      assert.is_false(ok)
      assert.truthy(message:find("run_outcomes_spec.lua:%d+: workflows:run: the body must be a table"), message)
    end
    assert.equal(0, #client.requests)
  end)

  it("gives the start the time of the client, not its own", function()
    new({ execute_workflow = function() return "timeout" end, get_workflow_execution = none }, { timeout = 5 })
    local _, err = client.workflows:run("hello", {}, { timeout = 100, retry = false })
    assert.same({ "timeout", "execute_workflow" }, { err.kind, err.operation })
    near(5, passed())
  end)

  it("repeats the start, and the cancel of its time-out, as its option says", function()
    for attempts, retry in pairs { false, { attempts = 2, base = 0.01 } } do
      local is_up = false
      new {
        execute_workflow = function(request)
          if not is_up then return 429, {} end
          return begun(request)
        end,
        stream = silent, get_workflow_execution = running, cancel_workflow_execution = function() return 503, {} end,
      }
      local options = { retry = retry, timeout = 20, on_timeout = "cancel", headers = { Team = "desk" } }
      local _, err = client.workflows:run("hello", {}, options)
      assert.same({ 429, attempts }, { err.status, count "execute_workflow" })
      is_up = true
      _, err = client.workflows:run("hello", {}, options)
      assert.same({ "timeout", attempts }, { err.kind, count "cancel_workflow_execution" })
      client:close()
    end
  end)

  it("waits for the id that it has sent, where the start tells none", function()
    new {
      execute_workflow = { status = "RUNNING" }, stream = silent,
      get_workflow_execution = function(request)
        if count "execute_workflow" == 0 then return 404, {} end
        assert.equal("mine", request.path_value)
        return ended("COMPLETED", { result = 6 })
      end,
    }
    assert.equal(6, (client.workflows:run("hello", { execution_id = "mine" })))
  end)

  it("says of a start that tells no execution what it lacks", function()
    for _, case in ipairs {
      { 204, "", "HTTP 204 without content" },
      { 200, '{"status":"RUNNING"}', '{"status":"RUNNING"}', { status = "RUNNING" } },
    } do
      new { execute_workflow = function() return case[1], case[2] end }
      local _, err = client.workflows:run("hello", { execution_id = false })
      assert.same({
        kind = "decode", status = case[1], operation = "execute_workflow", call = "run 'hello'", attempts = 1,
        retryable = false, message = "the answer has no 'execution_id' that can be asked for: " .. case[3],
        detail = case[4],
      }, err)
      client:close()
    end
    new { execute_workflow = function() return 204, "" end }
    local _, err = client.workflows:run("hello", {})
    assert.equal("the answer has no 'execution_id' that can be asked for: HTTP 204 without content", err.message)
  end)

  it("joins nothing that it was not asked to", function()
    new {
      get_workflow_execution = none, execute_workflow = function() return 409, { code = "WF_1101" } end,
    }
    local _, err = client.workflows:run("hello", { execution_id = "mine" })
    assert.same({ "http", 409, "WF_1101", "mine" }, { err.kind, err.status, err.code, err.execution_id })
    assert.equal(1, count "get_workflow_execution")
  end)

  describe("with join", function()
    local function join(options, target, resource)
      local all = { join = true }
      for name, value in pairs(options or {}) do all[name] = value end
      return client[resource or "workflows"]:run(target or "hello", { execution_id = "mine" }, all)
    end

    local function there(name)
      return { execution_id = "mine", workflow_name = name, status = "COMPLETED", result = 3 }
    end

    it("gives the refusal of the start, where it is no other one's start", function()
      new { get_workflow_execution = none, execute_workflow = function() return 403, {} end }
      local _, err = join()
      assert.same({ "http", 403, "execute_workflow" }, { err.kind, err.status, err.operation })
      assert.equal(1, count "get_workflow_execution")
    end)

    it("says why one that was started meanwhile cannot be joined", function()
      new {
        get_workflow_execution = function() return count "execute_workflow" == 0 and 404 or 403, {} end,
        execute_workflow = function() return 409, { code = "WF_1101" } end,
      }
      local _, err = join { retry = false }
      assert.same({ "http", 403, "get_workflow_execution" }, { err.kind, err.status, err.operation })
      assert.equal(2, count "get_workflow_execution")
      client:close()
      new { get_workflow_execution = none, execute_workflow = function() return 409, { code = "WF_1101" } end }
      _, err = join()
      assert.same({ "http", 409 }, { err.kind, err.status })
    end)

    it("says which workflow the other one is of, in brief, and shows no part of the key", function()
      local key = "the-key-0123456789-abcdefghijklmnop"
      for written, shown in pairs {
        bye = "bye", [("x"):rep(300)] = ("x"):rep(200) .. "...", [("y"):rep(200 - 12) .. key] = false,
      } do
        new({
          get_workflow_execution = function() return 200, there(written) end,
          get_workflow = { workflow = { name = "hello" } },
        }, { api_key = key })
        local _, err = join()
        assert.same({ "http", 409, "mine", 3, "run 'hello'" },
          { err.kind, err.status, err.execution_id, err.execution.result, err.call })
        assert.is_nil(err.message:find("the-key", 1, true))
        if shown then
          assert.equal(("the execution 'mine' is one of the workflow '%s': choose another execution_id"):format(shown),
            err.message)
        end
        client:close()
      end
    end)

    it("says what the answers lack that tell which workflow it is", function()
      for _, name in ipairs { 7, false } do
        new { get_workflow_execution = { execution_id = "mine", workflow_name = name, status = "RUNNING" } }
        local _, err = join()
        assert.same({ "decode", "run 'hello'" }, { err.kind, err.call })
        assert.equal(1, (err.message:find("the answer has no 'workflow_name': {", 1, true)))
        client:close()
        new { get_workflow_execution = there "bye", get_workflow = { workflow = { name = name } } }
        _, err = join()
        assert.same({ "decode", "run 'hello'" }, { err.kind, err.call })
        assert.equal(1, (err.message:find("the answer has no name of the workflow: {", 1, true)))
        client:close()
      end
    end)

    it("asks for the workflow with its own header fields, and repeats as it does", function()
      for attempts, retry in pairs { false, { attempts = 2, base = 0.01 } } do
        new { get_workflow_execution = there "bye", get_workflow = function() return 500, {} end }
        local _, err = join { headers = { Team = "desk" }, retry = retry }
        assert.same({ "http", 500, "get_workflow", "run 'hello'", attempts },
          { err.kind, err.status, err.operation, err.call, err.attempts })
        for _, request in ipairs(client.requests) do assert.equal("desk", request.headers.Team) end
        client:close()
      end
    end)

    it("asks no longer than its time is", function()
      new { get_workflow_execution = there "bye", get_workflow = function() return "timeout" end }
      local _, err = join { timeout = 4 }
      assert.equal("timeout", err.kind)
      near(4, passed())
    end)

    it("of a client that was closed meanwhile is cancelled", function()
      new({ get_workflow_execution = there "bye" }, { observer = function() client:close() end })
      local _, err = join()
      assert.equal("cancelled", err.kind)
    end)
  end)
end)
