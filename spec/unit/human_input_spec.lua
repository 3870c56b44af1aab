-- Human input: which executions wait for it, and giving it.

local clocked = require "spec.support.clocked"

local running, none, near, passed = clocked.running, clocked.none, clocked.near, clocked.passed

describe("waiting", function()
  local client

  local function new(answers, options)
    client = clocked.client(answers, options)
    return client
  end

  after_each(clocked.close)

  describe("for human input", function()
    local runs = { { execution_id = "e1" }, { execution_id = "e2" } }

    local function asked_for(id)
      return 200, { result = { pending_inputs = { { task_id = "task of " .. id } } } }
    end

    it("is none where the execution is there and does not know the query", function()
      for _, status in ipairs { 404, 422 } do
        new { query_workflow_execution = function() return status, {} end, get_workflow_execution = running }
        assert.same(0, #assert(client.executions:pending_inputs "e"))
        client:close()
        new { query_workflow_execution = function() return status, {} end, get_workflow_execution = none }
        local _, err = client.executions:pending_inputs "e"
        assert.same({ "http", status, "e" }, { err.kind, err.status, err.execution_id })
        client:close()
      end
    end)

    it("that is refused is an error that shows no part of the key", function()
      local key = "the-key-0123456789-abcdefghijklmnop"
      new({
        update_workflow_execution = { result = { error = ("x"):rep(4000 - 12) .. key } },
      }, { api_key = key })
      local _, err = client.executions:submit_input("e", "task", {})
      assert.same({ "execution", "input_refused", "e" }, { err.kind, err.reason, err.execution_id })
      assert.is_nil(err.message:find("the-key", 1, true))
      assert.is_nil(err.detail.error:find("the-key", 1, true))
    end)

    it("of a run that fails is an error of that run, until the client is closed or the time is over", function()
      new {
        list_runs = { executions = runs },
        query_workflow_execution = function(request)
          if request.path_value == "e1" then return 500, {} end
          return asked_for(request.path_value)
        end,
      }
      local seen = {}
      for run, pending, err in client.executions:waiting({}, { retry = false }) do
        seen[#seen + 1] = { run.execution_id, err and err.status or pending[1].task_id }
      end
      assert.same({ { "e1", 500 }, { "e2", "task of e2" } }, seen)
      client:close()
      new { list_runs = { executions = runs }, query_workflow_execution = function() return "timeout" end }
      local walk = client.executions:waiting({}, { deadline = 3 })
      local ok, err = pcall(walk)
      assert.is_false(ok)
      assert.equal("timeout", err.kind)
      near(3, passed())
      assert.equal(0, client.handle:running())
    end)

    it("is asked for again, however long the program was busy with the run before", function()
      local asked = {}
      new {
        list_runs = { executions = runs },
        query_workflow_execution = function(request)
          local id = request.path_value
          asked[id] = (asked[id] or 0) + 1
          if id == "e2" and asked[id] == 1 then return 503, {} end
          return asked_for(id)
        end,
      }
      local seen = {}
      for run, pending, err in client.executions:waiting() do
        assert.is_nil(err)
        seen[#seen + 1] = run.execution_id .. ": " .. pending[1].task_id
        client:sleep(1000)
      end
      assert.same({ "e1: task of e1", "e2: task of e2" }, seen)
    end)

    it("is none of a run that has ended meanwhile", function()
      new {
        list_runs = { executions = runs },
        query_workflow_execution = function(request)
          if request.path_value == "e1" then return 409, { code = "WF_1102" } end
          return asked_for(request.path_value)
        end,
      }
      local seen = {}
      for run in client.executions:waiting() do seen[#seen + 1] = run.execution_id end
      assert.same({ "e2" }, seen)
    end)

    it("is asked for of 16 runs at a time", function()
      local many, open, most = {}, 0, 0
      for index = 1, 40 do many[index] = { execution_id = "e" .. index } end
      new {
        list_runs = { executions = many },
        query_workflow_execution = function(request)
          open = open + 1
          most = math.max(most, open)
          client:sleep(1)
          open = open - 1
          return asked_for(request.path_value)
        end,
      }
      local count = 0
      for _ in client.executions:waiting() do count = count + 1 end
      assert.same({ 40, 16 }, { count, most })
    end)

    it("of runs that are none says so", function()
      for _, wrong in ipairs { 7, "e1", {} } do
        new { list_runs = { executions = { wrong } } }
        local ok, err = pcall(client.executions:waiting())
        assert.is_false(ok)
        assert.equal("decode", err.kind)
        local expected = "the answer has no 'execution_id' that can be asked for in one of its runs: "
        assert.equal(1, (err.message:find(expected, 1, true)))
        assert.equal("executions:waiting", err.call)
        client:close()
      end
    end)

    it("is looked for among the runs that are chosen, running ones where nothing else is said", function()
      local asked
      new {
        list_runs = function(request)
          asked = request.params
          return 200, { executions = {} }
        end,
      }
      assert.is_nil(client.executions:waiting()())
      assert.equal("RUNNING", asked.status)
      assert.is_nil(client.executions:waiting({ status = "FAILED", workflow_identifier = "w" })())
      assert.same({ "FAILED", "w" }, { asked.status, asked.workflow_identifier })
      for message, wrong in pairs {
        ["executions:waiting: the parameters must be a table, not a number"] = 7,
        ["human_input_spec.lua:%d+: executions:waiting: .*'stauts'"] = { stauts = "RUNNING" },
      } do
        local ok, problem = pcall(client.executions.waiting, client.executions, wrong)
        assert.is_false(ok)
        assert.truthy(problem:find(message), problem)
      end
    end)

    it("of a run that fails tells which one, beside an empty list, also where there is a deadline", function()
      new { list_runs = { executions = runs }, query_workflow_execution = function() return 403, {} end }
      local walk = client.executions:waiting({}, { deadline = 50 })
      for _, expected in ipairs(runs) do
        local run, pending, err = walk()
        assert.same({ expected, {} }, { run, pending })
        assert.same({ "http", 403, expected.execution_id, "query_workflow_execution" },
          { err.kind, err.status, err.execution_id, err.operation })
        assert.equal(("executions:waiting '%s'"):format(expected.execution_id), err.call)
      end
      assert.is_nil(walk())
    end)

    it("is over once it is closed, and leaves nothing open", function()
      new {
        list_runs = function(request)
          if request.params.next_page_token then return "timeout" end
          local many = {}
          for index = 1, 20 do many[index] = { execution_id = "e" .. index } end
          return 200, { executions = many, next_page_token = "more" }
        end,
        query_workflow_execution = function(request)
          if request.path_value == "e2" then return "timeout" end
          return asked_for(request.path_value)
        end,
      }
      local walk, state, first, closing = client.executions:waiting()
      assert.same({ walk, nil, nil }, { closing, state, first })
      assert.equal("e1", walk().execution_id)
      assert.equal(2, client.handle:running()) -- the question for e2, and the next page
      walk:close()
      assert.equal(0, client.handle:running())
      assert.is_nil(walk())
      client:close()
      new { list_runs = { executions = runs }, query_workflow_execution = function(request)
        if request.path_value == "e2" then return "timeout" end
        return asked_for(request.path_value)
      end }
      walk = client.executions:waiting()
      assert.equal("e1", walk().execution_id)
      assert.equal(1, client.handle:running())
      walk:close()
      assert.equal(0, client.handle:running())
      assert.is_nil(walk())
      walk:close()
    end)

    it("ends with the client", function()
      new {
        list_runs = { executions = runs },
        query_workflow_execution = function(request)
          if request.path_value == "e2" then return "timeout" end
          return asked_for(request.path_value)
        end,
      }
      local walk = client.executions:waiting()
      assert.equal("e1", walk().execution_id)
      client:close()
      local ok, err = pcall(walk)
      assert.is_false(ok)
      assert.equal("cancelled", err.kind)
    end)

    it("leaves nothing open where the observer raises an error", function()
      new({
        list_runs = { executions = runs }, query_workflow_execution = function(request)
          if request.path_value == "e2" then return "timeout" end
          return asked_for(request.path_value)
        end,
      }, { observer = function(info)
        if info.operation == "query_workflow_execution" then error "no" end
      end })
      assert.is_false((pcall(client.executions:waiting())))
      assert.equal(0, client.handle:running())
    end)
  end)
end)
