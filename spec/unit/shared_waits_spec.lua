-- What many waits of a client share: a stream of ends, and the list of runs.

local clocked = require "spec.support.clocked"
local waits = require "spec.support.many_waits"
local testing = require "mistral.workflows.testing"
local workflows = require "mistral.workflows"

local now, format = workflows.now, workflows.time.format
local count, near, passed = clocked.count, clocked.near, clocked.passed
local ids_of, collect, list_runs = waits.ids_of, waits.collect, waits.list_runs

describe("many waits together", function()
  local client, lists, streams

  local function new(...)
    client, lists, streams = waits.new(...)
    return client
  end

  after_each(clocked.close)

  it("are told by the list each few seconds, where there is no stream", function()
    new { e1 = 21, e2 = 9, e3 = 50 }
    local order, errors = collect { "e1", "e2", "e3" }
    assert.same({ "e2", "e1", "e3" }, order)
    assert.same({}, errors)
    assert.truthy(passed() >= 50 and passed() < 55, passed())
    for index = 2, #lists do near(4, lists[index].at - lists[index - 1].at, 0.3) end
    local params = lists[1].params
    assert.same({ "w", { "COMPLETED", "FAILED", "CANCELED", "TERMINATED", "TIMED_OUT" } },
      { params.workflow_identifier, params.status })
    assert.equal("2023-11-15T11:59:00Z", params.end_time_after)
    assert.truthy(count "get_workflow_execution" <= 7, count "get_workflow_execution")
  end)

  it("ask again, all together 20 times a second at most, where the list tells ends that do not come true", function()
    local asked = {}
    new({}, {
      list_runs = function()
        local runs = {}
        for _, id in ipairs(ids_of(200)) do
          runs[#runs + 1] = { execution_id = id, status = "COMPLETED", end_time = format(1.7e9) }
        end
        return 200, { executions = runs }
      end,
      get_workflow_execution = function(request)
        if request.path_value == "e7" then asked[#asked + 1] = passed() end
        return 200, { execution_id = request.path_value, workflow_name = "w", status = "RUNNING" }
      end,
    })
    collect(ids_of(200), { timeout = 50 })
    near(10, asked[#asked - 2] - asked[#asked - 3], 1)
  end)

  it("give a list ten seconds", function()
    new({ e1 = 20 }, { list_runs = function() return "timeout" end })
    collect { "e1" }
    assert.truthy(passed() >= 20 and passed() < 26, passed())
  end)

  it("give a list no more than the client gives an answer", function()
    new({ e1 = 7 }, { list_runs = function() return "timeout" end }, { timeout = 1 })
    collect { "e1" }
    assert.truthy(passed() >= 7 and passed() < 12, passed())
  end)

  it("ask less often where the list fails, and no earlier than Retry-After says", function()
    new({ e1 = 200 }, {
      list_runs = function(request)
        if passed() < 60 then
          lists[#lists + 1] = { at = passed() }
          if #lists == 3 then return 503, {}, { ["Retry-After"] = "40" } end
          return 500, {}
        end
        return list_runs(request)
      end,
    })
    collect { "e1" }
    near(4, lists[1].at, 0.3)
    near(8, lists[2].at - lists[1].at, 0.3)
    near(16, lists[3].at - lists[2].at, 0.3)
    near(40, lists[4].at - lists[3].at, 0.3)
    near(4, lists[#lists].at - lists[#lists - 1].at, 0.3)
  end)

  it("go through all pages of the list, ten at most, and begin where the last list ended", function()
    local cursors = {}
    new({ e1 = 20 }, {
      list_runs = function(request)
        local cursor = tonumber(request.params.next_page_token or 0)
        cursors[#cursors + 1] = cursor
        lists[#lists + 1] = { at = passed(), params = request.params }
        local runs = { 5, { execution_id = "other", end_time = "x" } }
        local answer = { runs = runs, next_page_token = tostring(cursor + 1) }
        return 200, answer, { Date = ("Wed, 15 Nov 2023 12:0%d:00 GMT"):format(math.min(9, #lists)) }
      end,
    })
    assert(client:gather { function()
      return (client.executions:as_completed({ "e1" }, { timeout = 9 })())
    end })
    for page = 0, 9 do assert.equal(page, cursors[page + 1]) end
    assert.equal(0, cursors[11])
    assert.equal(20, #cursors)
    assert.equal("2023-11-15T12:00:00Z", lists[11].params.end_time_after) -- a minute before the first page was made
  end)

  it("share a stream of ends behind a sequence that was seen", function()
    new({ e1 = 1000, e2 = 1000 }, {
      stream = { { broker_sequence = 41, data = { event_type = "X", workflow_exec_id = "e1" } }, "timeout" },
      get_stream_events = function(request)
        streams[#streams + 1] = request.params
        return { 7, {
          broker_sequence = 42, data = { event_type = "WORKFLOW_EXECUTION_COMPLETED", workflow_exec_id = "e1" },
        }, "timeout" }
      end,
      get_workflow_execution = function(request)
        local id = request.path_value
        local status = (id == "e1" and #streams > 0 and passed() >= 7 or passed() > 100) and "COMPLETED" or "RUNNING"
        return 200, { execution_id = id, workflow_name = "w", status = status }
      end,
      list_runs = { executions = {} },
    })
    local order = {}
    for execution in client.executions:as_completed({ "e1", "e2" }, { timeout = 60 }) do
      order[#order + 1] = { execution.execution_id, passed() }
    end
    assert.equal("e1", order[1][1])
    assert.truthy(order[1][2] < 8, order[1][2])
    assert.equal("42", streams[1].start_seq)
    assert.equal("w", streams[1].workflow_name)
    assert.same({ "WORKFLOW_EXECUTION_CANCELED", "WORKFLOW_EXECUTION_COMPLETED", "WORKFLOW_EXECUTION_FAILED" },
      streams[1].workflow_event_types)
    assert.equal(1, #streams)
    collect({ "e3" }, { timeout = 5 })
    assert.equal("43", streams[2].start_seq) -- behind what was told since
  end)

  it("begin their stream behind what a stream of one of them has told", function()
    new({ e1 = 30, e2 = 30, e3 = 30 }, {
      stream = { 1, { broker_sequence = 41, data = { event_type = "X", workflow_exec_id = "e1" } }, "timeout" },
    })
    local results = client:map({ "e1", "e2", "e3" }, function(id) return client.executions:wait(id) end)
    assert.equal(3, #results)
    assert.equal("42", streams[1].start_seq)
    assert.equal(1, count "stream")
  end)

  it("try one stream for all where streams are refused", function()
    local refused = function() return 503, { detail = "not now" } end
    local given, ids = {}, ids_of(50)
    for _, id in ipairs(ids) do given[id] = 60 end
    new(given, { stream = refused, get_stream_events = refused })
    assert.equal(50, #client:map(ids, function(id) return client.executions:wait(id) end, { concurrency = 50 }))
    assert.truthy(passed() >= 60 and passed() < 66, passed())
    -- At the start and at the end of each, the list each four seconds, the stream each two to three.
    local beside = #client.requests - 100
    assert.truthy(beside <= 60, beside)
    assert.truthy(count "stream" >= 5, count "stream")
  end)

  it("leave no stream behind that one of them has given up for that of all", function()
    local tried = 0
    new({ e1 = 9, e2 = 9 }, {
      stream = function()
        tried = tried + 1
        if tried == 1 then return 503, {} end
        client:sleep(1000)
      end,
    })
    local _, errors = client:gather {
      function() return client.executions:wait "e1" end,
      function()
        client:sleep(3)
        return client.executions:wait "e2"
      end,
    }
    assert.is_nil(errors)
    client:sleep(0.1)
    assert.equal(0, client.handle:running())
    assert.is_nil(next(client.hub.tasks))
  end)

  it("say why one of them FAILED, as the stream has told", function()
    new({}, {
      stream = { 1, { broker_sequence = 41, data = { event_type = "X", workflow_exec_id = "e1" } }, "timeout" },
      get_stream_events = function()
        return { 9, { broker_sequence = 42, data = {
          event_type = "WORKFLOW_EXECUTION_FAILED", workflow_exec_id = "e2",
          attributes = { failure = { message = "no bread" } },
        } }, "timeout" }
      end,
      get_workflow_execution = function(request)
        local id = request.path_value
        return 200, { execution_id = id, workflow_name = "w",
          status = passed() < 9 and "RUNNING" or id == "e2" and "FAILED" or "COMPLETED" }
      end,
      get_workflow_events = function() return 500, {} end,
    })
    local _, errors = client:map({ "e1", "e2" }, function(id) return client.executions:wait(id, { timeout = 60 }) end)
    assert.equal("the execution FAILED: no bread", errors[2].message)
    assert.equal(0, count "get_workflow_events")
    assert.truthy(passed() < 20, passed())
  end)

  it("close the stream for a minute where it tells too much of others", function()
    local times = {}
    new({ e1 = 300 }, {
      stream = { { broker_sequence = 1, data = { event_type = "X", workflow_exec_id = "e1" } }, "timeout" },
      get_stream_events = function()
        times[#times + 1] = passed()
        local items = {}
        for index = 1, 5100 do
          items[index] = { broker_sequence = #times * 10000 + index,
            data = { event_type = "WORKFLOW_EXECUTION_COMPLETED", workflow_exec_id = "other" } }
        end
        items[#items + 1] = "timeout"
        return items
      end,
    }, { idle_timeout = 1000 })
    collect({ "e1" }, { timeout = 130 })
    assert.truthy(#times >= 2 and #times <= 3, #times)
    assert.truthy(times[2] - times[1] >= 60, times[2] - times[1])
  end)

  it("bear as much in a longer time", function()
    new({ e1 = 300 }, {
      stream = { { broker_sequence = 1, data = { event_type = "X", workflow_exec_id = "e1" } }, "timeout" },
      get_stream_events = function()
        local items = {}
        for index = 1, 6000 do
          items[#items + 1] = { broker_sequence = 10 + index,
            data = { event_type = "WORKFLOW_EXECUTION_COMPLETED", workflow_exec_id = "other" } }
          if index == 3000 then items[#items + 1] = 12 end
        end
        items[#items + 1] = "timeout"
        return items
      end,
    }, { idle_timeout = 1000 })
    collect({ "e1" }, { timeout = 100 })
    assert.equal(1, count "get_stream_events")
  end)

  it("leave no list behind that is asked for", function()
    new({}, { list_runs = function() return "timeout" end })
    collect({ "e1", "e2" }, { timeout = 6 })
    client:sleep(1)
    assert.equal(0, client.handle:running())
  end)

  it("do not hurry each time that the list tells again what the status does not say", function()
    local asked = 0
    new({}, {
      list_runs = function(request)
        lists[#lists + 1] = { at = passed(), params = request.params }
        return 200, { executions = { { execution_id = "e1", status = "COMPLETED", end_time = format(1.7e9) } } }
      end,
      get_workflow_execution = function(request)
        asked = asked + 1
        return 200, { execution_id = request.path_value, workflow_name = "w",
          status = passed() < 40 and "RUNNING" or "COMPLETED" }
      end,
    })
    assert.same({ "e1" }, (collect { "e1" }))
    assert.truthy(asked > 6 and asked < 20, asked)
    assert.truthy(passed() < 46, passed())
  end)

  it("look at the list soon where an end is too large for the stream", function()
    new({ e1 = 4.5 }, {
      stream = { 0.1, { broker_sequence = 41, data = { event_type = "X", workflow_exec_id = "e1" } }, "timeout" },
      get_stream_events = function()
        local event = { event_type = "WORKFLOW_EXECUTION_COMPLETED", workflow_exec_id = "e1" }
        event.attributes = { result = ("x"):rep(100000) }
        return { math.max(0, 4.6 - passed()), { broker_sequence = 42, data = event }, "timeout" }
      end,
    })
    collect { "e1" }
    assert.truthy(passed() >= 4.5 and passed() < 6.5, passed())
  end)

  it("are told at once by an end of less than 64 KiB", function()
    new({ e1 = 6, e2 = 60 }, {
      stream = { 0.1, { broker_sequence = 41, data = { event_type = "X", workflow_exec_id = "e2" } }, "timeout" },
      get_stream_events = function()
        local event = { event_type = "WORKFLOW_EXECUTION_COMPLETED", workflow_exec_id = "e1", more = ("x"):rep(6e4) }
        return { 6 - passed(), { broker_sequence = 42, data = event }, "timeout" }
      end,
      list_runs = { executions = {} },
    })
    local at
    client:gather {
      function() client.executions:wait("e2", { timeout = 20 }) end,
      function()
        client.executions:wait("e1", { timeout = 20 })
        at = passed()
      end,
    }
    near(6, at)
  end)

  it("go on behind an end that is too large, when the stream is opened again", function()
    local from = {}
    new({ e1 = 20, e2 = 20 }, {
      stream = { 0.1, { broker_sequence = 41, data = { event_type = "X", workflow_exec_id = "e1" } }, "timeout" },
      get_stream_events = function(request)
        from[#from + 1] = request.headers["Last-Event-ID"] or "the start"
        local event = { event_type = "WORKFLOW_EXECUTION_COMPLETED", workflow_exec_id = "e3", result = ("x"):rep(1e5) }
        return #from == 1 and { { broker_sequence = 42, data = event }, "drop" } or { "timeout" }
      end,
    })
    client:map({ "e1", "e2" }, function(id) return client.executions:wait(id) end)
    assert.same({ "the start", "42" }, from)
  end)

  it("ask only for a while after a list whose ends do not come true", function()
    local function execution(status)
      return { execution_id = "e", workflow_name = "w", status = status, start_time = "2026-01-01T00:00:00Z",
        end_time = status == "COMPLETED" and "2026-01-01T00:00:01Z" or nil }
    end
    local finished_at = math.huge
    local own = testing.client {
      get_workflow_execution = function() return 200, execution(now() < finished_at and "RUNNING" or "COMPLETED") end,
      list_runs = function() return 200, { executions = { execution "COMPLETED" } } end,
      stream = function() return 503, {} end,
    }
    local iterator = own.executions:as_completed({ "e" }, { timeout = 1500 })
    finished_at = now() + 1000
    assert.equal("COMPLETED", iterator().status)
    assert.truthy(now() < finished_at + 301)
    local asked = 0
    for _, request in ipairs(own.requests) do
      if request.operation == "get_workflow_execution" then asked = asked + 1 end
    end
    assert.truthy(asked > 5 and asked < 30, asked)
    own:close()
  end)
end)
