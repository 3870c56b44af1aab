-- What waits: when it asks, for how long, and what it says at the end. The clock of a testing client does not wait, so
-- minutes are exact and take no time.

local testing = require "mistral.workflows.testing"
local workflows = require "mistral.workflows"

local now = workflows.now

describe("waiting", function()
  local client, started
  local waits = 0

  local function count_waits(of)
    local loop = of.options.loop
    local wait = loop.wait
    waits = 0
    function loop.wait(...)
      waits = waits + 1
      return wait(...)
    end
  end

  local function new(answers, options)
    client = testing.client(answers, options)
    started = now()
    count_waits(client)
    return client
  end

  -- Whoever waits does so for something: it does not look all the time.
  after_each(function()
    if client then
      client:close()
      assert.truthy(waits <= 4 * #client.requests + 10, ("%d waits, %d requests"):format(waits, #client.requests))
    end
    client = nil
  end)

  -- Seconds since the client was made.
  local function passed()
    return now() - started
  end

  -- An answer that notes when it was asked for.
  local function noted(times, answer)
    return function(request)
      times[#times + 1] = passed()
      if type(answer) == "function" then return answer(request, #times) end
      return answer
    end
  end

  local function count(operation)
    local found = 0
    for _, request in ipairs(client.requests) do
      if request.operation == operation then found = found + 1 end
    end
    return found
  end

  local function near(expected, actual, tolerance)
    assert.truthy(math.abs(actual - expected) <= (tolerance or 0.1), ("%g is not %g"):format(actual, expected))
  end

  local function running(request)
    return 200, { execution_id = request.path_value, workflow_name = "hello", status = "RUNNING" }
  end

  local function ended(status, more)
    local execution = { execution_id = "e", workflow_name = "hello", status = status }
    for name, value in pairs(more or {}) do execution[name] = value end
    return 200, execution
  end

  local function completed(request)
    return { event_type = "WORKFLOW_EXECUTION_COMPLETED", workflow_exec_id = request.path_value }
  end

  local function begun(request)
    return 200, { execution_id = request.json.execution_id, status = "RUNNING" }
  end

  local silent = function() return { "timeout" } end
  local none = function() return 404, {} end

  describe("for the end", function()
    it("asks again and again where there is no stream, after twice the time each time, up to poll.max", function()
      local times = {}
      new({
        stream = function() return "timeout" end,
        get_workflow_execution = noted(times, function(request)
          if passed() < 60 then return running(request) end
          return ended "COMPLETED"
        end),
      }, { idle_timeout = 1000 })
      assert(client.executions:wait("e", { poll = { min = 0.5, max = 6 } }))
      near(0, times[1])
      for index = 2, #times do near(math.min(6, 0.5 * 2 ^ (index - 1)), times[index] - times[index - 1]) end
      assert.truthy(passed() >= 60 and passed() <= 66.1, passed())
    end)

    it("asks soon when a connection of the stream is over, but not after each of many", function()
      local connections = 0
      new {
        stream = function(request)
          connections = connections + 1
          local one = { event_type = "CUSTOM_TASK_IN_PROGRESS", workflow_exec_id = request.path_value }
          if connections <= 60 then return { { broker_sequence = connections, data = one }, "drop" } end
          return { 20, "drop" }
        end,
        get_workflow_execution = function(request)
          if passed() < 20 then return running(request) end
          return ended "COMPLETED"
        end,
      }
      assert(client.executions:wait("e", { poll = { min = 100, max = 100 } }))
      assert.truthy(passed() >= 20 and passed() < 26, passed())
      assert.truthy(connections > 60, connections)
      assert.truthy(count "get_workflow_execution" < 12, count "get_workflow_execution")
    end)

    it("asks once in poll.max while the stream is alive", function()
      local times = {}
      new {
        stream = silent,
        get_workflow_execution = noted(times, function(request)
          if passed() < 50 then return running(request) end
          return ended "TERMINATED"
        end),
      }
      local _, err = client.executions:wait("e", { poll = { min = 0.1, max = 10 } })
      assert.same({ "execution", "TERMINATED" }, { err.kind, err.status })
      assert.truthy(#times >= 6 and #times <= 8, #times)
    end)

    it("asks soon and then less and less often after a stream that was alive is over", function()
      local times, connections = {}, 0
      new({
        stream = function()
          connections = connections + 1
          return connections == 1 and { 50, "drop" } or "timeout"
        end,
        get_workflow_execution = noted(times, function(request)
          if passed() < 60 then return running(request) end
          return ended "COMPLETED"
        end),
      }, { idle_timeout = 1000 })
      assert(client.executions:wait("e", { poll = { min = 0.5, max = 40 } }))
      local after = {}
      for _, at in ipairs(times) do
        if at > 49.9 then after[#after + 1] = at end
      end
      near(50, after[1], 0.3)
      near(1, after[2] - after[1])
      near(2, after[3] - after[2])
    end)

    it("asks once and opens no stream where the execution has ended", function()
      new { get_workflow_execution = function() return ended "COMPLETED" end }
      assert(client.executions:wait "e")
      assert.equal(1, #client.requests)
    end)

    it("asks at once when the stream tells the end", function()
      new {
        stream = function(request)
          return { 7, completed(request), "timeout" }
        end,
        get_workflow_execution = function(request)
          if passed() < 7 then return running(request) end
          return ended "COMPLETED"
        end,
      }
      assert(client.executions:wait("e", { poll = { min = 30, max = 30 } }))
      near(7, passed())
      assert.equal(2, count "get_workflow_execution")
    end)

    it("asks again soon, and then less and less often, where the status lags behind the end event", function()
      local times = {}
      new {
        stream = function(request)
          return { 1, completed(request), "timeout" }
        end,
        get_workflow_execution = noted(times, function(request)
          if passed() < 9 then return running(request) end
          return ended "COMPLETED"
        end),
      }
      assert(client.executions:wait("e", { poll = { min = 100, max = 100 } }))
      near(1, times[2])
      near(0.25, times[3] - times[2])
      near(0.5, times[4] - times[3])
      near(1, times[5] - times[4])
      assert.truthy(passed() < 14.1, passed())
    end)

    it("is over after its time where nothing answers", function()
      for timeout, options in pairs { [0.3] = { timeout = 0.3 }, [4] = { deadline = 4, timeout = 9 } } do
        new { stream = function() return "timeout" end, get_workflow_execution = function() return "timeout" end }
        local execution, err = client.executions:wait("e", options)
        assert.is_nil(execution)
        assert.same({ "timeout", "e", true }, { err.kind, err.execution_id, err.retryable })
        assert.truthy(err.message:find(("goes on after %g seconds"):format(timeout), 1, true), err.message)
        near(timeout, passed())
        client:close()
      end
    end)

    it("asks once more shortly before a time-out", function()
      new {
        stream = silent,
        get_workflow_execution = function(request)
          if passed() < 19 then return running(request) end
          return ended "COMPLETED"
        end,
      }
      assert(client.executions:wait("e", { timeout = 20, poll = { min = 100, max = 100 } }))
      near(19.8, passed())
      assert.equal(2, count "get_workflow_execution")
    end)

    it("tells what it has last seen of the execution after a time-out", function()
      new { stream = silent, get_workflow_execution = running }
      local _, err = client.executions:wait("e", { timeout = 3 })
      assert.equal("RUNNING", err.execution.status)
      assert.equal("get_workflow_execution", err.operation)
    end)

    it("bears that nobody can tell for two minutes, or for the budget of its retries", function()
      for seconds, retry in pairs { [120] = { budget = 5 }, [400] = { budget = 400 } } do
        new { stream = none, get_workflow_execution = function() return 503, {} end }
        local _, err = client.executions:wait("e", { retry = retry })
        assert.same({ "http", 503, "e" }, { err.kind, err.status, err.execution_id })
        near(seconds, passed(), 0.5)
        client:close()
      end
    end)

    it("bears it for all of a time that is given", function()
      new { stream = none, get_workflow_execution = function() return 503, {} end }
      local _, err = client.executions:wait("e", { timeout = 200 })
      assert.equal("timeout", err.kind)
      near(200, passed())
    end)

    it("goes on when it is answered again", function()
      new {
        stream = none,
        get_workflow_execution = function(request)
          local at = passed()
          if at < 100 or at > 110 and at < 210 then return 503, {} end
          if at < 300 then return running(request) end
          return ended "COMPLETED"
        end,
      }
      assert(client.executions:wait "e")
      assert.truthy(passed() >= 300 and passed() < 306, passed())
    end)

    it("gives one request ten seconds", function()
      local times = {}
      new {
        stream = none,
        get_workflow_execution = noted(times, function(_, number)
          if number == 1 then return "timeout" end
          return ended "COMPLETED"
        end),
      }
      assert(client.executions:wait "e")
      assert.truthy(times[2] >= 10 and times[2] < 10.6, times[2])
    end)

    it("asks no earlier than Retry-After says", function()
      local times = {}
      new {
        stream = none,
        get_workflow_execution = noted(times, function(_, number)
          if number == 1 then return 503, {}, { ["Retry-After"] = "17" } end
          return ended "COMPLETED"
        end),
      }
      assert(client.executions:wait "e")
      near(17, times[2], 0.5)
    end)

    it("is over at once where the service refuses the question", function()
      for _, status in ipairs { 400, 401, 403, 404 } do
        new { stream = silent, get_workflow_execution = function() return status, {} end }
        local _, err = client.executions:wait "e"
        assert.same({ "http", status, "e", 1 }, { err.kind, err.status, err.execution_id, err.attempts })
        near(0, passed())
        client:close()
      end
    end)

    it("bears a refused key where a function gives another one later", function()
      local keys = 0
      new({
        stream = silent,
        get_workflow_execution = function()
          if passed() < 5 then return 401, {} end
          return ended "COMPLETED"
        end,
      }, { api_key = function()
        keys = keys + 1
        return "key-number-" .. keys
      end })
      assert(client.executions:wait "e")
      assert.truthy(passed() >= 5 and passed() < 11, passed())
    end)

    it("does not take an answer without a status for one", function()
      new { stream = silent, get_workflow_execution = { execution_id = "e" } }
      local _, err = client.executions:wait "e"
      assert.equal("decode", err.kind)
      assert.truthy(err.message:find "no 'status'")
    end)

    it("sends its header fields with every request", function()
      new {
        stream = silent, get_workflow_events = { events = {} },
        get_workflow_execution = function(request)
          if passed() < 8 then return running(request) end
          return ended "FAILED"
        end,
      }
      client.executions:wait("e", { headers = { ["X-Team"] = "desk" }, poll = { min = 1, max = 3 } })
      assert.equal(1, count "stream")
      assert.equal(1, count "get_workflow_events")
      for _, request in ipairs(client.requests) do assert.equal("desk", request.headers["X-Team"]) end
    end)

    it("needs a sign of the newer run within four times poll.max", function()
      new {
        stream = none, get_workflow_execution = function() return ended "CONTINUED_AS_NEW" end,
      }
      local _, err = client.executions:wait("e", { poll = { min = 1, max = 7 } })
      assert.same({ "execution", "CONTINUED_AS_NEW" }, { err.kind, err.status })
      assert.truthy(err.message:find("no newer run", 1, true), err.message)
      assert.truthy(passed() >= 28 and passed() < 34, passed())
    end)

    it("counts that time from the last event", function()
      new {
        stream = function(request)
          local event = { event_type = "CUSTOM_TASK_IN_PROGRESS", workflow_exec_id = request.path_value }
          return { 20, event, 20, event, 20, event, "timeout" }
        end,
        get_workflow_execution = function()
          if passed() < 65 then return ended "CONTINUED_AS_NEW" end
          return ended "COMPLETED"
        end,
      }
      assert(client.executions:wait("e", { poll = { min = 1, max = 6 } }))
    end)
  end)

  describe("for an execution that FAILED", function()
    local function failure(message, id)
      return {
        event_type = "WORKFLOW_EXECUTION_FAILED", workflow_exec_id = id or "e",
        attributes = { failure = { message = message } },
      }
    end

    local function message_of(answer)
      new {
        stream = silent, get_workflow_execution = function() return ended "FAILED" end, get_workflow_events = answer,
      }
      local _, err = client.executions:wait "e"
      assert.same({ "execution", "FAILED", "FAILED" }, { err.kind, err.status, err.execution.status })
      return err.message
    end

    it("finds why among many events: the last reason on the last page", function()
      local cursors = {}
      assert.equal("the execution FAILED: the last one", message_of(function(request)
        cursors[#cursors + 1] = request.params.cursor or "none"
        assert.equal("e", request.params.workflow_exec_id)
        local page = tonumber(request.params.cursor or 1)
        if page < 3 then return 200, { events = { failure("page " .. page) }, next_cursor = tostring(page + 1) } end
        return 200, { events = { failure "first", failure "the last one", failure("of a child", "child"), 7 } }
      end))
      assert.same({ "none", "2", "3" }, cursors)
    end)

    it("does not look for ever, and not twice at a page", function()
      assert.equal("the execution FAILED", message_of(function(request)
        return 200, { events = {}, next_cursor = tostring((request.params.cursor or 0) + 1) }
      end))
      assert.equal(20, count "get_workflow_events")
      client:close()
      assert.equal("the execution FAILED: once", message_of { events = { failure "once" }, next_cursor = "same" })
      assert.equal(2, count "get_workflow_events")
      client:close()
      assert.equal("the execution FAILED: once", message_of { events = { failure "once" }, next_cursor = "" })
      assert.equal(1, count "get_workflow_events")
    end)

    it("says that it failed even where the reason cannot be had", function()
      assert.equal("the execution FAILED", message_of(function() return "timeout" end))
      assert.truthy(passed() <= 121, passed())
      client:close()
      assert.equal("the execution FAILED", message_of { events = "none" })
    end)

    it("takes the reason from the stream where that told it", function()
      new {
        stream = { 1, failure "by the stream", "timeout" },
        get_workflow_execution = function(request)
          if passed() < 1 then return running(request) end
          return ended "FAILED"
        end,
        get_workflow_events = function() return 500, {} end,
      }
      local _, err = client.executions:wait "e"
      assert.equal("the execution FAILED: by the stream", err.message)
      assert.equal(0, count "get_workflow_events")
    end)
  end)

  describe("with on_event", function()
    local function event(event_type, more)
      local made = { event_type = event_type, workflow_exec_id = "e" }
      for name, value in pairs(more or {}) do made[name] = value end
      return made
    end

    it("bears ten seconds for events that are missing, and says so beside the result", function()
      local kinds = {}
      new {
        stream = { event "WORKFLOW_EXECUTION_STARTED", "timeout" },
        get_workflow_execution = function() return ended("COMPLETED", { result = 7 }) end,
      }
      local execution, err, gap = client.executions:wait("e", { on_event = function(one)
        kinds[#kinds + 1] = one.event_type
      end })
      assert.equal(7, execution.result)
      assert.is_nil(err)
      assert.same({ "stream", "incomplete", "e" }, { gap.kind, gap.reason, gap.execution_id })
      assert.same({ "WORKFLOW_EXECUTION_STARTED" }, kinds)
      near(10, passed(), 0.2)
      assert.equal(1, count "get_workflow_execution")
    end)

    it("bears no longer than its time for them", function()
      new {
        stream = { "timeout" }, get_workflow_execution = function() return ended "COMPLETED" end,
      }
      local execution, _, gap = client.executions:wait("e", { timeout = 3, on_event = function() end })
      assert.equal("COMPLETED", execution.status)
      assert.equal("incomplete", gap.reason)
      near(3, passed())
    end)

    it("says of a bad end, too, that events are missing", function()
      new {
        stream = { "timeout" }, get_workflow_execution = function() return ended "CANCELED" end,
      }
      local execution, err, gap = client.executions:wait("e", { on_event = function() end })
      assert.is_nil(execution)
      assert.equal("CANCELED", err.status)
      assert.equal("incomplete", gap.reason)
    end)

    it("hears two seconds of silence after an end that has no event", function()
      new {
        stream = { event "WORKFLOW_EXECUTION_STARTED", "timeout" },
        get_workflow_execution = function(request)
          if passed() < 4 then return running(request) end
          return ended "TIMED_OUT"
        end,
      }
      local _, err, gap = client.executions:wait("e", { on_event = function() end, poll = { min = 1, max = 5 } })
      assert.equal("TIMED_OUT", err.status)
      assert.is_nil(gap)
      assert.truthy(passed() < 9, passed())
    end)

    it("does not take an end event of an earlier run for the end", function()
      local times = {}
      new {
        stream = {
          event("WORKFLOW_EXECUTION_COMPLETED", { event_timestamp = 1.7e18 }), 3,
          event("WORKFLOW_EXECUTION_COMPLETED", { event_timestamp = 1.7e18 + 5e9 }), "timeout",
        },
        get_workflow_execution = noted(times, function()
          return ended("COMPLETED", { start_time = workflows.time.format(1.7e9 + 1) })
        end),
      }
      local ends = 0
      assert(client.executions:wait("e", { on_event = function() ends = ends + 1 end }))
      assert.equal(2, ends)
      near(3, passed())
    end)

    it("closes the stream where it raises an error", function()
      new { stream = { event "WORKFLOW_EXECUTION_STARTED", "timeout" }, get_workflow_execution = running }
      local function raise() error "no" end
      local ok, problem = pcall(client.executions.wait, client.executions, "e", { on_event = raise })
      assert.is_false(ok)
      assert.truthy(problem:find "no$")
      assert.equal(0, client.handle:running())
      client:close()
      new {
        stream = { event "WORKFLOW_EXECUTION_STARTED", "timeout" },
        get_workflow_execution = function() return "timeout" end,
      }
      ok, problem = pcall(client.map, client, { "e" }, function(id)
        return client.executions:wait(id, { on_event = raise })
      end)
      assert.is_false(ok)
      assert.truthy(problem:find "no$")
      assert.equal(0, client.handle:running())
    end)
  end)

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
        local _, err = client.workflows:run("hello", {}, { timeout = 2, on_timeout = policy })
        assert.equal("timeout", err.kind)
        assert.equal(cancels, count "cancel_workflow_execution")
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

    it("sends nothing where it cannot ask for an id of the caller's", function()
      new { get_workflow_execution = function() return 403, {} end }
      local _, err = execute {}
      assert.equal(403, err.status)
      assert.equal(0, count "execute_workflow")
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
        stream = silent, get_workflow_execution = function() return ended("COMPLETED", { result = 2 }) end,
        execute_workflow = function() return "drop" end,
      }
      local body, options = { wait_for_result = true, timeout_seconds = 9 }, { headers = { ["X-Team"] = "desk" } }
      assert.equal(2, assert(client.workflows:execute("hello", body, options)).result)
      for _, request in ipairs(client.requests) do assert.equal("desk", request.headers["X-Team"]) end
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

  describe("attempts", function()
    it("are four, unless it is said otherwise", function()
      for attempts, options in pairs {
        [4] = {}, [1] = { retry = false }, [2] = { retry = { attempts = 2 } },
      } do
        new({ get_worker_info = function() return 503, {} end }, options)
        local _, err = client:whoami()
        assert.equal(attempts, err.attempts)
        assert.equal(attempts, #client.requests)
        client:close()
      end
    end)

    it("of a call are its own, also with a client that makes one only", function()
      new({ get_worker_info = function() return 503, {} end }, { retry = false })
      local _, err = client:whoami { retry = { attempts = 3 } }
      assert.equal(3, err.attempts)
      _, err = client:whoami { retry = true }
      assert.equal(4, err.attempts)
      _, err = client:whoami()
      assert.equal(1, err.attempts)
    end)

    it("do not wait for what would come after the deadline, nor after the budget", function()
      for _, options in ipairs { { deadline = 9 }, { retry = { budget = 9 } } } do
        new { get_worker_info = function() return 503, {}, { ["Retry-After"] = "30" } end }
        local _, err = client:whoami(options)
        assert.same({ "http", 503, 30, 1 }, { err.kind, err.status, err.retry_after, err.attempts })
        near(0, passed())
        client:close()
      end
    end)

    it("wait no longer than cap, and no shorter than Retry-After", function()
      local times = {}
      new {
        get_worker_info = noted(times, function(_, number)
          if number == 3 then return 503, {}, { ["Retry-After"] = "9" } end
          return 503, {}
        end),
      }
      client:whoami { retry = { attempts = 12, base = 4, cap = 2 } }
      assert.equal(12, #times)
      for index = 2, #times do
        local pause = times[index] - times[index - 1]
        if index == 4 then near(9, pause) else assert.truthy(pause <= 2.1, pause) end
      end
      assert.truthy(times[12] - times[4] > 1, "no pauses")
    end)

    it("of a page are counted from when it is wanted, however long the program was busy with the one before", function()
      local pages = 0
      new {
        get_workflows = function()
          pages = pages + 1
          if pages == 1 then return 200, { workflows = { { name = "a" } }, next_cursor = "2" } end
          if pages == 2 then return 503, {} end
          return 200, { workflows = { { name = "b" } } }
        end,
      }
      local names = {}
      for workflow in client.workflows:each() do
        names[#names + 1] = workflow.name
        client:sleep(1000)
      end
      assert.same({ "a", "b" }, names)
    end)

    it("wait for what an earlier answer has asked for, as long as their budget or one attempt may last", function()
      for timeout, budget in pairs { [10] = 90, [90] = 10 } do
        new {
          get_worker_info = function() return 429, {}, { ["Retry-After"] = "60" } end,
          get_workflow = { workflow = { name = "hello" } },
        }
        client:whoami { retry = false }
        assert(client.workflows:get("hello", nil, { timeout = timeout, retry = { budget = budget } }))
        near(60, passed(), 0.5)
        client:close()
      end
      new {
        get_worker_info = function() return 429, {}, { ["Retry-After"] = "60" } end,
        get_workflow = { workflow = { name = "hello" } },
      }
      client:whoami { retry = false }
      for _, options in ipairs { { timeout = 10, retry = { budget = 20 } }, { deadline = 50 } } do
        local _, err = client.workflows:get("hello", nil, options)
        assert.same({ "http", 429, 0, true }, { err.kind, err.status, err.attempts, err.retryable })
        near(0, passed(), 0.5)
      end
    end)

    it("have a budget that counts from the first of them", function()
      new { get_worker_info = function()
        client:sleep(4)
        return 503, {}
      end }
      local _, err = client:whoami { retry = { attempts = 100, base = 0, budget = 9 } }
      assert.equal(3, err.attempts)
      near(12, passed())
    end)

    it("are measured one by one", function()
      local sizes = {}
      new({
        get_worker_info = function()
          if #sizes == 0 then return 503, ("x"):rep(500) end
          return 200, { namespace = ("x"):rep(500) }
        end,
      }, { observer = function(info) sizes[#sizes + 1] = info.bytes_in end })
      assert(client:whoami())
      assert.equal(2, #sizes)
      assert.truthy(sizes[1] >= 500 and sizes[1] < 700 and sizes[2] >= 500 and sizes[2] < 700)
    end)

    it("of each page take no longer than their time", function()
      new { get_workflows = function() return "timeout" end }
      local ok, err = pcall(function()
        for _ in client.workflows:each({}, { timeout = 1, retry = false }) do error "an item" end
      end)
      assert.is_false(ok)
      assert.equal("timeout", err.kind)
      near(1, passed(), 0.2)
    end)
  end)

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

    it("of runs that are none says so", function()
      for _, wrong in ipairs { 7, "e1", {} } do
        new { list_runs = { executions = { wrong } } }
        local ok, err = pcall(client.executions:waiting())
        assert.is_false(ok)
        assert.equal("decode", err.kind)
        client:close()
      end
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
