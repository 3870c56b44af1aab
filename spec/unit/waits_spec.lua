-- Waiting for the end of an execution: when it asks, for how long, and what it says.

local clocked = require "spec.support.clocked"
local workflows = require "mistral.workflows"

local running, ended, silent, none = clocked.running, clocked.ended, clocked.silent, clocked.none
local noted, count, near, passed = clocked.noted, clocked.count, clocked.near, clocked.passed

describe("waiting", function()
  local client

  local function new(answers, options)
    client = clocked.client(answers, options)
    return client
  end

  after_each(clocked.close)

  local function completed(request)
    return { event_type = "WORKFLOW_EXECUTION_COMPLETED", workflow_exec_id = request.path_value }
  end

  describe("for the end", function()
    it("asks again and again where there is no stream, after twice the time each time, up to poll.max", function()
      local times
      local function open()
        new({
          stream = function() return "timeout" end,
          get_workflow_execution = function(request)
            times[#times + 1] = passed()
            if passed() < 60 then return running(request) end
            return ended "COMPLETED"
          end,
        }, { idle_timeout = 1000 })
      end
      for given, expected in pairs { [{ min = 0.5, max = 6 }] = { 0.5, 6 }, [{ min = 1 }] = { 1, 5 } } do
        times = {}
        open()
        assert(client.executions:wait("e", { poll = given }))
        near(0, times[1])
        for index = 2, #times do
          near(math.min(expected[2], expected[1] * 2 ^ (index - 1)), times[index] - times[index - 1])
        end
        assert.truthy(passed() >= 60 and passed() <= 66.1, passed())
        client:close()
      end
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

    it("tries no more than each five seconds whether what is no stream has become one", function()
      local times = {}
      new {
        stream = noted(times, function() return 200, "{}", { ["Content-Type"] = "application/json" } end),
        get_workflow_execution = function(request)
          if passed() < 30 then return running(request) end
          return ended "COMPLETED"
        end,
      }
      assert(client.executions:wait "e")
      assert.truthy(#times >= 6, #times)
      for index = 2, #times do near(5, times[index] - times[index - 1]) end
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
      near(19.8, passed(), 0.1)
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

    it("bears that nobody can tell the status, though the stream has told the end", function()
      new {
        stream = { { broker_sequence = 1, data = {
          event_type = "WORKFLOW_EXECUTION_COMPLETED", workflow_exec_id = "e",
        } }, "timeout" },
        get_workflow_execution = function()
          if passed() < 100 then return 503, {} end
          return ended "COMPLETED"
        end,
      }
      assert(client.executions:wait("e", { on_event = function() end }))
      assert.truthy(passed() >= 100 and passed() < 106, passed())
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
end)
