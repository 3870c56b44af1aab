-- What waits give, to the last field, and what they ask for meanwhile: the defaults, and what each option does.

local clocked = require "spec.support.clocked"

local running, ended, begun, silent = clocked.running, clocked.ended, clocked.begun, clocked.silent
local noted, count, near, passed = clocked.noted, clocked.count, clocked.near, clocked.passed

describe("a wait", function()
  local client

  local function new(answers, options)
    client = clocked.client(answers, options)
    return client
  end

  after_each(clocked.close)

  -- An answer of the status: RUNNING, and after so many seconds `last`.
  local function ends_after(seconds, last)
    return function(request)
      if passed() < seconds then return running(request) end
      return ended(last or "COMPLETED")
    end
  end

  describe("for an execution that did not end well", function()
    it("gives the execution, and nothing that would be asked again", function()
      for status, message in pairs {
        CANCELED = "the execution CANCELED", FAILED = "the execution FAILED: no bread",
        CONTINUED_AS_NEW = "the execution CONTINUED_AS_NEW: no newer run has appeared under its id",
      } do
        new {
          stream = silent, get_workflow_execution = function() return ended(status, { result = 4 }) end,
          get_workflow_events = function() return 200, { events = { {
            event_type = "WORKFLOW_EXECUTION_FAILED", workflow_exec_id = "e",
            attributes = { failure = { message = "no bread" } },
          } } } end,
        }
        local execution, err = client.executions:wait("e", { poll = { min = 1, max = 1 } })
        assert.is_nil(execution)
        assert.same({
          kind = "execution", operation = "get_workflow_execution", call = "wait 'e'", attempts = 1, retryable = false,
          status = status, execution_id = "e", message = message,
          execution = { execution_id = "e", workflow_name = "hello", status = status, result = 4 },
        }, err)
        assert.equal(status == "FAILED" and 1 or 0, count "get_workflow_events")
        client:close()
      end
    end)

    local function failed(answer, options, settings)
      new({
        stream = silent, get_workflow_execution = function() return ended "FAILED" end, get_workflow_events = answer,
      }, settings)
      local _, err = client.executions:wait("e", options)
      assert.equal("execution", err.kind)
      return err.message
    end

    it("cuts a long reason, but never the key in it", function()
      local key = "the-key-0123456789-abcdefghijklmnop"
      local event = { event_type = "WORKFLOW_EXECUTION_FAILED", workflow_exec_id = "e" }
      event.attributes = { failure = { message = ("x"):rep(4000 - 12) .. key .. ("y"):rep(1000) } }
      local message = failed({ events = { event } }, nil, { api_key = key })
      assert.is_nil(message:find("the-key", 1, true))
      assert.truthy(#message > 4000 and #message < 4050, #message)
    end)

    it("tells no reason of an earlier run", function()
      local function failure(message)
        return {
          event_type = "WORKFLOW_EXECUTION_FAILED", workflow_exec_id = "e",
          attributes = { failure = { message = message } },
        }
      end
      local start = { event_type = "WORKFLOW_EXECUTION_STARTED", workflow_exec_id = "e" }
      new {
        stream = { failure "the old one", start, "timeout" },
        get_workflow_execution = ends_after(4, "FAILED"), get_workflow_events = { events = { failure "the new one" } },
      }
      local _, err = client.executions:wait("e", { poll = { min = 5, max = 5 } })
      assert.equal("the execution FAILED: the new one", err.message)
    end)

    it("gives each page of events ten seconds, and repeats as its option says", function()
      for attempts, options in pairs { { retry = false }, { retry = { attempts = 2, base = 0.01 } } } do
        assert.equal("the execution FAILED", failed(function() return "timeout" end, options))
        near(10 * attempts, passed())
        assert.equal(attempts, count "get_workflow_events")
        client:close()
      end
    end)

    it("asks for the events no longer than its time is", function()
      assert.equal("the execution FAILED", failed(function() return "timeout" end, { timeout = 3, retry = false }))
      near(3, passed())
    end)

    it("asks for a thousand events at a time, as long as pages have a list and the next one's cursor", function()
      for _, answers in ipairs {
        { { events = {}, next_cursor = 7 } }, { {} }, { { events = 7, next_cursor = "more" } }, { "text" },
        { { events = {}, next_cursor = "more" }, {} },
      } do
        local asked = 0
        assert.equal("the execution FAILED", failed(function(request)
          asked = asked + 1
          assert.same({ "e", "1000" }, { request.params.workflow_exec_id, request.params.limit })
          return 200, answers[asked]
        end, { retry = false }))
        assert.equal(#answers, asked)
        client:close()
      end
    end)
  end)

  it("that takes too long says how to go on", function()
    new { stream = silent, get_workflow_execution = running }
    local execution, err = client.executions:wait('the "e"', { timeout = 3.5 })
    assert.is_nil(execution)
    assert.same({
      kind = "timeout", phase = "response", operation = "get_workflow_execution", call = "wait 'the \"e\"'",
      attempts = 1, retryable = true, execution_id = 'the "e"',
      message = [[the execution goes on after 3.5 seconds; executions:wait("the \"e\"") waits on]],
      execution = { execution_id = 'the "e"', workflow_name = "hello", status = "RUNNING" },
    }, err)
  end)

  it("of run says whether the execution was asked to stop, and is no reason to run it again", function()
    for policy, what_next in pairs {
      leave = 'executions:wait("mine") waits on', cancel = "it is asked to stop (on_timeout)",
    } do
      new {
        execute_workflow = begun, stream = silent, get_workflow_execution = function(request)
          if count "execute_workflow" == 0 then return 404, {} end
          return running(request)
        end,
        cancel_workflow_execution = function() return 204 end,
      }
      local _, err = client.workflows:run("hello", { execution_id = "mine" }, { timeout = 2, on_timeout = policy })
      assert.same({
        kind = "timeout", phase = "response", operation = "get_workflow_execution", call = "run 'hello'",
        attempts = 1, retryable = false, execution_id = "mine",
        message = "the execution goes on after 2 seconds; " .. what_next,
        execution = { execution_id = "mine", workflow_name = "hello", status = "RUNNING" },
      }, err)
      client:close()
    end
  end)

  it("for what cannot be asked for is over before anything is sent", function()
    new {}
    for _, id in ipairs { "", "..", "\255" } do
      local execution, err = client.executions:wait(id)
      assert.is_nil(execution)
      assert.same({ "invalid", 0, false }, { err.kind, err.attempts, err.retryable })
    end
    assert.equal(0, #client.requests)
  end)

  it("of a client that is closed meanwhile is cancelled", function()
    for _, on_event in ipairs { false, function() end } do
      new { stream = silent, get_workflow_execution = running }
      local problem
      client:gather {
        function()
          local execution, err = client.executions:wait("e", { on_event = on_event or nil })
          assert.is_nil(execution)
          problem = err
        end,
        function()
          client:sleep(2)
          client:close()
        end,
      }
      assert.same({
        kind = "cancelled", operation = "get_workflow_execution", call = "wait 'e'", attempts = 1, retryable = false,
        execution_id = "e", message = "cancelled by the program",
      }, problem)
    end
  end)

  it("asks after half a second, twice that each time, and then each five seconds, if nothing else is said", function()
    local times = {}
    new({
      stream = function() return "timeout" end, get_workflow_execution = noted(times, ends_after(15)),
    }, { idle_timeout = 1000 })
    assert(client.executions:wait "e")
    for index, expected in ipairs { 0, 0.5, 1.5, 3.5, 7.5, 12.5, 17.5 } do near(expected, times[index]) end
    assert.equal(7, #times)
  end)

  it("asks a last time a tenth of its time before that is over, where that is short", function()
    local times = {}
    new { stream = silent, get_workflow_execution = noted(times, running) }
    client.executions:wait("e", { timeout = 1, poll = { min = 100, max = 100 } })
    assert.equal(2, #times)
    assert.truthy(times[2] >= 0.89, times[2])
  end)

  it("bears for as long as the client's retries do that nobody can tell", function()
    new({ stream = silent, get_workflow_execution = function() return 503, {} end }, { retry = { budget = 300 } })
    local _, err = client.executions:wait "e"
    assert.same({ "http", 503 }, { err.kind, err.status })
    near(300, passed(), 0.5)
  end)

  it("tries its stream again after half a second at most, and later after five", function()
    local times
    new({
      stream = function(request)
        times[#times + 1] = passed()
        return #times > 1 and request.path_value == "e" and { "timeout" } or "refuse"
      end,
      get_workflow_execution = function(request)
        local time = request.path_value == "e" and 0.9 or 200
        if passed() - times.begun < time then return running(request) end
        return 200, { execution_id = request.path_value, status = "COMPLETED" }
      end,
    })
    for _ = 1, 20 do
      times = { begun = passed() }
      assert(client.executions:wait("e", { poll = { min = 0.9, max = 0.9 } }))
      assert.truthy(times[2] and times[2] - times[1] < 0.6)
    end
    times = { begun = passed() }
    assert(client.executions:wait("other", { poll = { min = 200, max = 200 } }))
    for index = 2, #times do assert.truthy(times[index] - times[index - 1] < 5.1) end
    assert.truthy(#times > 40 and #times < 200, #times)
  end)

  it("that gives events bears connections that bring none, for ten seconds after the end", function()
    new { stream = function() return "refuse" end, get_workflow_execution = ends_after(0) }
    local execution, err, gap = client.executions:wait("e", { on_event = function() end })
    assert.same({ "COMPLETED", nil, "incomplete" }, { execution.status, err, gap.reason })
    near(10, passed())
  end)

  it("says what events are missing, and why", function()
    new { stream = function() return 403, { detail = "not yours" } end, get_workflow_execution = ends_after(0) }
    local execution, _, gap = client.executions:wait("e", { on_event = function() end })
    assert.equal("COMPLETED", execution.status)
    assert.truthy(gap.attempts >= 2, gap.attempts)
    gap.attempts = nil
    assert.same({
      kind = "stream", reason = "incomplete", operation = "stream", call = "wait 'e'", retryable = true,
      execution_id = "e", execution = { execution_id = "e", workflow_name = "hello", status = "COMPLETED" },
      message = "the execution has ended (COMPLETED), but not all events up to its end could be had; "
        .. 'client.events:each{ workflow_exec_id = "e" } reads the events that are stored',
    }, gap)
  end)

  it("gives the execution, not the gap, where two silences tell that the last event will not come", function()
    new({ stream = silent, get_workflow_execution = ends_after(0) }, { idle_timeout = 2 })
    local execution, err, gap = client.executions:wait("e", { on_event = function() end })
    assert.same({ "COMPLETED", nil, "incomplete" }, { execution.status, err, gap.reason })
    near(4, passed())
  end)

  it("shows no key beside events that are missing", function()
    local key = "the-key-0123456789"
    new({
      stream = silent, get_workflow_execution = function() return ended("COMPLETED", { result = { text = key } }) end,
    }, { idle_timeout = 2, api_key = key })
    local _, _, gap = client.executions:wait("e", { on_event = function() end })
    assert.are_not.equal(key, gap.execution.result.text)
  end)

  it("has its stream from the start of run on", function()
    local times = {}
    new {
      execute_workflow = begun, stream = noted(times, { "timeout" }), get_workflow_execution = ends_after(5),
    }
    assert(client.workflows:run("hello", {}, { poll = { min = 6, max = 6 } }))
    near(0, times[1])
    near(6, passed())
  end)

  it("of run asks at once for a status that the start does not tell, whatever poll says", function()
    new {
      execute_workflow = function(request) return 200, { execution_id = request.json.execution_id } end,
      stream = silent, get_workflow_execution = ends_after(0),
    }
    assert(client.workflows:run("hello", {}, { poll = { min = 30, max = 30 } }))
    near(0, passed())
  end)

  describe("beside others", function()
    it("gives its own events", function()
      local found = {}
      new {
        stream = function(request)
          return { 3, { event_type = "CUSTOM_TASK_IN_PROGRESS", workflow_exec_id = request.path_value }, 3,
            { event_type = "WORKFLOW_EXECUTION_COMPLETED", workflow_exec_id = request.path_value }, "timeout" }
        end,
        get_workflow_execution = function(request)
          local status = passed() < 6 and "RUNNING" or "COMPLETED"
          return 200, { execution_id = request.path_value, workflow_name = "w", status = status }
        end,
      }
      client:map({ "e1", "e2", "e3" }, function(id)
        found[id] = 0
        return client.executions:wait(id, { on_event = function(event)
          assert.equal(id, event.workflow_exec_id)
          found[id] = found[id] + 1
        end })
      end)
      assert.same({ e1 = 2, e2 = 2, e3 = 2 }, found)
      near(6, passed())
    end)

    it("is over at once where the start tells the end", function()
      local over
      new {
        stream = silent, get_stream_events = silent, list_runs = { executions = {} },
        execute_workflow = function(request)
          return 200, { execution_id = request.json.execution_id, status = "COMPLETED", result = 5 }
        end,
        get_workflow_execution = function(request)
          return 200, { execution_id = request.path_value, workflow_name = "w", status = "RUNNING" }
        end,
      }
      local function wait(id)
        return function() return client.executions:wait(id, { timeout = 30 }) end
      end
      client:gather { wait "e1", wait "e2", function()
        client:sleep(1)
        assert.equal(5, (client.workflows:run("hello", {})))
        over = passed()
      end }
      near(1, over)
    end)

    it("keeps a stream of its own that works again", function()
      local function event(kind) return { event_type = kind, workflow_exec_id = "e1" } end
      local over
      new {
        stream = function()
          if count "stream" == 1 then return "refuse" end
          return { 3, event "CUSTOM_TASK_IN_PROGRESS", 3, event "WORKFLOW_EXECUTION_COMPLETED", "timeout" }
        end,
        get_stream_events = silent, list_runs = { executions = {} },
        get_workflow_execution = function(request)
          local status = passed() < 6 and "RUNNING" or "COMPLETED"
          return 200, { execution_id = request.path_value, workflow_name = "w", status = status }
        end,
      }
      client:gather {
        function()
          assert(client.executions:wait("e1", { poll = { min = 90, max = 90 } }))
          over = passed()
        end,
        function()
          client:sleep(2)
          return client.executions:wait("e2", { timeout = 20 })
        end,
      }
      assert.truthy(over >= 6 and over < 7.5, over)
    end)
  end)
end)
