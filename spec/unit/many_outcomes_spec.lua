-- What many waits of a client ask for, to the last parameter, and what each of them gives.

local clocked = require "spec.support.clocked"
local waits = require "spec.support.many_waits"

local count, near, passed = clocked.count, clocked.near, clocked.passed
local ids_of, collect = waits.ids_of, waits.collect

describe("of many waits", function()
  local client, lists, streams

  local function new(...)
    client, lists, streams = waits.new(...)
    return client
  end

  after_each(clocked.close)

  local function sequenced(sequence, id, event_type)
    return { broker_sequence = sequence, data = { event_type = event_type or "X", workflow_exec_id = id or "other" } }
  end

  local function end_of(sequence, id)
    return sequenced(sequence, id, "WORKFLOW_EXECUTION_COMPLETED")
  end

  -- Without a Date, unlike those of spec.support.many_waits.
  local function status_answer(more)
    return function(request)
      local id = request.path_value
      local answer = { execution_id = id, workflow_name = "w", status = waits.status_of(id) }
      for name, value in pairs(more) do answer[name] = value end
      return 200, answer
    end
  end

  -- Waits for all without a generic `for`, out of which PUC Lua 5.1 cannot yield.
  local function wait_for(ids)
    local walk = client.executions:as_completed(ids)
    repeat until not walk()
  end

  describe("as_completed", function()
    it("gives of each that goes on all that is known", function()
      new {}
      local walk = client.executions:as_completed({ "e1" }, { timeout = 3 })
      local execution, err = walk()
      assert.same({ execution_id = "e1", workflow_name = "w", status = "RUNNING" }, execution)
      assert.same({
        kind = "timeout", phase = "response", operation = "get_workflow_execution", call = "as_completed",
        attempts = 1, retryable = true, execution_id = "e1", execution = execution,
        message = 'the execution goes on after 3 seconds; executions:wait("e1") waits on',
      }, err)
      assert.is_nil(walk())
      near(3, passed())
    end)

    it("gives of each that ended badly how it ended", function()
      new({}, { get_workflow_execution = status_answer { status = "TERMINATED" } })
      local execution, err = client.executions:as_completed({ "e1" })()
      assert.same({
        kind = "execution", operation = "get_workflow_execution", call = "as_completed", attempts = 1,
        retryable = false, status = "TERMINATED", execution_id = "e1", execution = execution,
        message = "the execution TERMINATED",
      }, err)
    end)

    it("never takes a bad end for a good one, though the client is closed before it is given", function()
      new({}, { get_workflow_execution = status_answer { status = "FAILED" }, get_workflow_events = { events = {} } })
      local walk = client.executions:as_completed { "e1", "e2" }
      assert.equal("execution", select(2, walk()).kind)
      client:close()
      local execution, err = walk()
      assert.same({ "FAILED", "cancelled" }, { execution.status, err.kind })
      assert.is_nil(walk())
    end)

    it("asks once for each, and for nothing else, where all have ended", function()
      local given = {}
      for _, id in ipairs(ids_of(9)) do given[id] = 0 end
      new(given)
      assert.equal(9, #collect(ids_of(9)))
      assert.equal(9, #client.requests)
      near(0, passed())
    end)

    it("is its own iterator, and is left with what it waits for", function()
      new {}
      local walk, state, first, closing = client.executions:as_completed { "e1" }
      assert.same({ walk, nil, nil }, { closing, state, first })
      collectgarbage "stop"
      local ok = pcall(client.gather, client, {
        function() return walk() end,
        function()
          client:sleep(10)
          error "enough"
        end,
      })
      assert.is_false(ok)
      client:sleep(1)
      local task = next(client.hub.tasks)
      collectgarbage "restart"
      assert.is_nil(task)
      assert.is_nil(walk())
    end)

    it("sends its header fields with each question", function()
      new { e1 = 3, e2 = 3 }
      collect({ "e1", "e2" }, { headers = { Team = "desk" } })
      for _, request in ipairs(client.requests) do
        assert.equal(request.operation == "get_workflow_execution" and "desk" or nil, request.headers.Team)
      end
    end)

    it("asks a last time a tenth of its time before that is over, where that is short", function()
      local asked = {}
      new({}, { get_workflow_execution = function(request)
        asked[#asked + 1] = passed()
        return status_answer {}(request)
      end })
      collect({ "e1" }, { timeout = 1 })
      assert.equal(2, #asked)
      assert.truthy(asked[2] >= 0.89, asked[2])
    end)

    it("bears for two minutes, or as long as retries do, that nobody can tell", function()
      for seconds, retry in pairs { [120] = { budget = 5 }, [300] = { budget = 300 } } do
        new({}, { get_workflow_execution = function() return 503, {} end })
        local _, errors = collect({ "e1" }, { retry = retry })
        assert.same({ "http", 503, "e1" }, { errors[1].kind, errors[1].status, errors[1].execution_id })
        near(seconds, passed(), 0.5)
        client:close()
      end
    end)
  end)

  describe("the list", function()
    it("is asked for with these parameters", function()
      new { e1 = 5 }
      collect { "e1" }
      assert.same({
        workflow_identifier = "w", page_size = "1000", end_time_after = "2023-11-15T11:59:00Z",
        status = { "COMPLETED", "FAILED", "CANCELED", "TERMINATED", "TIMED_OUT" },
      }, lists[1].params)
    end)

    it("begins before the start of the execution where no answer has a date, and stays there", function()
      for since, start in pairs { ["2023-11-15T11:59:00Z"] = "2023-11-15T12:00:00Z", none = false } do
        new({ e1 = 9 }, {
          get_workflow_execution = status_answer { start_time = start },
          list_runs = function(request)
            lists[#lists + 1] = request.params.end_time_after or "none"
            return 200, { executions = {} }
          end,
        })
        collect({ "e1" }, { timeout = 10 })
        assert.same({ since, since }, lists)
        client:close()
      end
    end)

    local function times_with(answer, ends_at)
      local times = {}
      new({ e1 = ends_at }, { list_runs = clocked.noted(times, answer) })
      collect { "e1" }
      return times
    end

    it("is asked for after 4, 8, 16 and then each 32 seconds where it fails, whatever the failure says", function()
      for _, answer in ipairs {
        function() return 500, {}, { ["Retry-After"] = "300" } end,
        { executions = "text", runs = "text" }, { runs = 7 }, {}, function() return 204 end,
      } do
        local times = times_with(answer, 120)
        for index, expected in ipairs { 4, 12, 28, 60, 92 } do near(expected, times[index]) end
        assert.truthy(#times <= 6, #times)
        client:close()
      end
    end)

    it("has no next page where its name is none", function()
      for _, token in ipairs { 7, "", false } do
        local times = times_with({ executions = {}, next_page_token = token }, 11)
        for index, expected in ipairs { 4, 8 } do near(expected, times[index]) end
        client:close()
      end
    end)

    it("is none where the service wants no requests, and is then asked for less often, too", function()
      new({ e1 = 130 }, { get_worker_info = function() return 429, {}, { ["Retry-After"] = "100" } end })
      client:gather {
        function() wait_for { "e1" } end,
        function()
          client:sleep(1)
          client:whoami { retry = false }
        end,
      }
      near(124, lists[1].at)
    end)

    it("tells of ends also without their times", function()
      for _, at in ipairs { false, 7 } do
        new({ e1 = 9 }, {
          list_runs = function()
            return 200, { executions = { passed() >= 9 and { execution_id = "e1", end_time = at or nil } or nil } }
          end,
        })
        collect { "e1" }
        assert.truthy(passed() < 13.5, passed())
        client:close()
      end
    end)

    it("is not asked for where the service names no workflow", function()
      for _, name in ipairs { "", 7, false } do
        local asked = {}
        new({ e1 = 14 }, { get_workflow_execution = function(request)
          asked[#asked + 1] = passed()
          return status_answer { workflow_name = name }(request)
        end })
        collect { "e1" }
        for index, expected in ipairs { 0, 5, 10, 15 } do near(expected, asked[index]) end
        assert.equal(4, #client.requests)
        client:close()
      end
    end)

    it("is asked for a second after an end that is too large for the stream, once", function()
      local times = {}
      new({}, {
        stream = { 0.1, sequenced(41, "e1"), "timeout" },
        get_stream_events = function()
          local event = end_of(42)
          event.data.result = ("x"):rep(100000)
          return { 4.5 - passed(), event, "timeout" }
        end,
        list_runs = clocked.noted(times, { executions = {} }),
      })
      collect({ "e1" }, { timeout = 12 })
      for index, expected in ipairs { 4, 5.5, 9.5 } do near(expected, times[index]) end
      assert.equal(3, #times)
    end)
  end)

  describe("the shared stream", function()
    it("is asked for with these parameters", function()
      new({ e1 = 5 }, { stream = { 0.1, sequenced(41, "e1"), "timeout" } })
      collect { "e1" }
      assert.same({
        workflow_name = "w", scope = "workflow", start_seq = "42",
        workflow_event_types = {
          "WORKFLOW_EXECUTION_CANCELED", "WORKFLOW_EXECUTION_COMPLETED", "WORKFLOW_EXECUTION_FAILED",
        },
      }, streams[1])
      assert.equal("HYBRID", client.requests[2].params.event_source)
    end)

    for _, what in ipairs { "stream", "get_stream_events" } do
      it("is tried again each ten seconds at most where it is refused: " .. what, function()
        local times = {}
        local answers = { stream = { sequenced(41, "e1"), "timeout" } }
        answers[what] = clocked.noted(times, function() return 403, {} end)
        new({ e1 = 200 }, answers)
        collect { "e1" }
        for index = 2, #times do assert.truthy(times[index] - times[index - 1] < 10.1) end
        assert.truthy(#times >= 20 and #times < 100, #times)
      end)
    end

    it("begins behind the first event of an execution that is not too large", function()
      local large = sequenced(41, "e1")
      large.data.more = ("x"):rep(100000)
      new({ e1 = 15 }, { stream = { 1, large, 2, sequenced(42, "e1"), "timeout" } })
      collect { "e1" }
      assert.equal("43", streams[1].start_seq)
    end)

    it("is looked for once for each execution, where events have no sequence", function()
      new({ e1 = 60 }, { stream = { 'data: {"data":{"event_type":"X"}}\n\n', "timeout" } })
      collect { "e1" }
      assert.same({ 1, 0 }, { count "stream", #streams })
    end)

    it("is looked for in one execution at a time, and by none that waits beside others", function()
      new { e1 = 30, e2 = 30, e3 = 30 }
      client:gather {
        function() wait_for { "e1" } end,
        function()
          client:sleep(3)
          assert(client.executions:wait "e2")
        end,
        function()
          client:sleep(6)
          wait_for { "e3" }
        end,
      }
      assert.equal(1, count "stream")
    end)

    it("is looked for after two seconds where one of them has a stream that tells nothing", function()
      local times = {}
      new({ e1 = 9, e2 = 9 }, { stream = clocked.noted(times, { "timeout" }) })
      client:gather {
        function() return client.executions:wait "e1" end,
        function()
          client:sleep(2)
          return client.executions:wait "e2"
        end,
      }
      near(0, times[1])
      near(4, times[2])
      assert.equal(2, #times)
    end)

    it("bears any number of events of those that are waited for", function()
      local items = {}
      for index = 1, 5100 do items[index] = end_of(41 + index, "e1") end
      items[#items + 1] = "timeout"
      new({ e1 = 120 }, { stream = { sequenced(41, "e1"), "timeout" }, get_stream_events = items }, {
        idle_timeout = 1000,
      })
      collect { "e1" }
      assert.equal(1, count "get_stream_events")
    end)

    it("is closed where it tells 5,000 of others, and one, within ten seconds", function()
      for number, connections in pairs { [5000] = 1, [5001] = 2 } do
        local items = {}
        for index = 1, number do
          items[#items + 1] = end_of(41 + index)
          if index == 2500 then items[#items + 1] = 8 end
        end
        items[#items + 1] = "timeout"
        new({ e1 = 90 }, {
          stream = { sequenced(41, "e1"), "timeout" },
          get_stream_events = function() return count "get_stream_events" == 1 and items or { "timeout" } end,
        }, { idle_timeout = 1000 })
        collect { "e1" }
        assert.equal(connections, count "get_stream_events")
        client:close()
      end
    end)
  end)

  it("one is raised an error of the observer at once that waits, not one that was told already or was cancelled",
    function() -- which of them is left to chance
      new({}, nil, { observer = function(attempt)
        if attempt.operation == "list_runs" then error("mine", 0) end
      end })
      local walks = {}
      for index = 1, 10 do
        walks[index] = client.executions:as_completed { "e" .. index }
        assert.same({ false, "mine" }, { pcall(walks[index]) })
      end
      local before = passed()
      pcall(client.map, client, ids_of(11), function(id)
        if id ~= "e11" then return client.executions:wait(id) end
        client:sleep(1)
        error "enough"
      end, { concurrency = 11 })
      assert.same({ false, "mine" }, { pcall(client.executions.wait, client.executions, "e12", { timeout = 100 }) })
      assert.truthy(passed() < before + 10, passed())
      for _, walk in ipairs(walks) do walk:close() end
    end)

  it("none hurries where there is no key to send, and the stream is tried again after a minute", function()
    local keys, times = 0, {}
    new({ e1 = 90 }, {
      stream = { sequenced(41, "e1"), "timeout" }, get_stream_events = clocked.noted(times, { "timeout" }),
    }, { idle_timeout = 2, api_key = function()
      if passed() < 1 or passed() > 35 then return "the-key-0123456789" end
      keys = keys + 1
      return nil
    end })
    collect { "e1" }
    assert.truthy(keys > 5 and keys < 20, keys)
    near(0, times[1])
    assert.truthy(times[2] >= 62 and times[2] < 72, times[2])
  end)

  it("all are cancelled where the observer closes the client", function()
    new({}, nil, { observer = function(attempt)
      if attempt.operation == "list_runs" then client:close() end
    end })
    local order, errors = collect { "e1", "e2" }
    assert.equal(2, #order)
    for _, err in ipairs(errors) do assert.equal("cancelled", err.kind) end
    near(4, passed())
  end)

  it("a stream may name no sequence after another one did", function()
    new({ e1 = 1, e2 = 9 }, {
      stream = function(request)
        if request.path_value == "e1" then return { sequenced(41, "e1"), "timeout" } end
        return { 'data: {"data":{"event_type":"X"}}\n\n', "timeout" }
      end,
    })
    assert(client.executions:wait "e1")
    assert(client.executions:wait "e2")
  end)
end)
