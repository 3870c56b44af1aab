-- Many waits of a client at a time, which share a stream and a list. The clock of a testing client does not wait.

local clocked = require "spec.support.clocked"
local testing = require "mistral.workflows.testing"
local workflows = require "mistral.workflows"

local now, format = workflows.now, workflows.time.format
-- PUC Lua 5.1 cannot yield in the iterator of a generic `for`: there it blocks.
local yields_everywhere = _VERSION ~= "Lua 5.1" or rawget(_G, "jit") ~= nil
local count, near, passed = clocked.count, clocked.near, clocked.passed

describe("many waits", function()
  local client, ends, lists, streams

  local DATE = "Wed, 15 Nov 2023 12:00:00 GMT" -- of every answer

  local function status_of(id)
    return ends[id] and passed() >= ends[id] and "COMPLETED" or "RUNNING"
  end

  -- The runs that have ended, as the list tells them.
  local function list_runs(request)
    lists[#lists + 1] = { at = passed(), params = request.params }
    local runs = {}
    for id, at in pairs(ends) do
      local run = { execution_id = id, status = "COMPLETED", end_time = format(1.7e9 + at) }
      if passed() >= at then runs[#runs + 1] = run end
    end
    return 200, { executions = runs }, { Date = DATE }
  end

  -- @param given when each execution ends
  local function new(given, answers, options)
    ends, lists, streams = given, {}, {}
    local all = {
      stream = { "timeout" },
      get_stream_events = function(request)
        streams[#streams + 1] = request.params
        return { "timeout" }
      end,
      list_runs = list_runs,
      get_workflow_execution = function(request)
        local id = request.path_value
        return 200, { execution_id = id, workflow_name = "w", status = status_of(id) }, { Date = DATE }
      end,
    }
    for name, answer in pairs(answers or {}) do all[name] = answer end
    client = clocked.client(all, options)
    return client
  end

  after_each(clocked.close)

  local function ids_of(many)
    local ids = {}
    for index = 1, many do ids[index] = "e" .. index end
    return ids
  end

  local function collect(ids, options)
    local order, errors = {}, {}
    for execution, err in client.executions:as_completed(ids, options) do
      order[#order + 1] = execution.execution_id
      errors[#errors + 1] = err
    end
    return order, errors
  end

  it("ask once more where an end is told while a question is under way", function()
    local function event(sequence, event_type)
      return { broker_sequence = sequence, data = { event_type = event_type, workflow_exec_id = "e1" } }
    end
    new({ e1 = 7 }, {
      stream = { event(1, "WORKFLOW_EXECUTION_STARTED"), "timeout" },
      get_stream_events = { 7, event(2, "WORKFLOW_EXECUTION_COMPLETED"), "timeout" },
      list_runs = function() return 503, {} end,
      get_workflow_execution = function(request)
        local status = status_of(request.path_value)
        if passed() > 1 and status == "RUNNING" then client:sleep(4) end
        return 200, { execution_id = "e1", workflow_name = "w", status = status }, { Date = DATE }
      end,
    })
    assert.same({ "e1" }, (collect { "e1" }))
    assert.truthy(passed() > 8 and passed() < 11, passed())
  end)

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

  for way, wait_for in pairs {
    as_completed = function(ids) return collect(ids) end,
    ["wait in map"] = function(ids)
      return client:map(ids, function(id) return client.executions:wait(id) end, { concurrency = #ids })
    end,
  } do
    it("ask for each at the start, 32 at a time at most: " .. way, function()
      local ids, most = ids_of(100), 0
      local given = {}
      for _, id in ipairs(ids) do given[id] = 0 end
      new(given, {
        get_workflow_execution = function(request)
          most = math.max(most, client.handle:running())
          client:sleep(0.1)
          return 200, { execution_id = request.path_value, workflow_name = "w", status = "COMPLETED" }
        end,
      })
      assert.equal(100, #wait_for(ids))
      assert.equal(100, count "get_workflow_execution")
      assert.truthy(most > 16 and most <= 34, most)
      assert.truthy(passed() < 2, passed())
    end)
  end

  it("count an id that comes twice once", function()
    new { e1 = 2 }
    assert.same({ "e1" }, (collect { "e1", "e1" }))
    client:sleep(0.1)
    assert.is_nil(next(client.hub.tasks))
  end)

  it("end after their time: the last question is asked shortly before", function()
    local asked = {}
    new({}, {
      get_workflow_execution = function(request)
        asked[#asked + 1] = passed()
        return 200, { execution_id = request.path_value, workflow_name = "w", status = "RUNNING" }
      end,
    })
    local order, errors = collect({ "e1", "e2" }, { timeout = 30 })
    table.sort(order)
    assert.same({ "e1", "e2" }, order)
    for _, err in ipairs(errors) do assert.same({ "timeout", "RUNNING" }, { err.kind, err.execution.status }) end
    assert.equal(2, #errors)
    near(30, passed())
    near(29.8, asked[#asked], 0.1)
  end)

  it("tell of each what is the matter with it", function()
    new({}, {
      get_workflow_execution = function(request)
        local id = request.path_value
        if id == "gone" then return 404, { code = "WF_1100" } end
        return 200, { execution_id = id, workflow_name = "w", status = id == "good" and "COMPLETED" or "TERMINATED" }
      end,
    })
    local outcomes = {}
    for execution, err in client.executions:as_completed { "good", "bad", "gone" } do
      assert.equal(err and "as_completed" or nil, err and err.call:match "^as_completed")
      outcomes[execution.execution_id] = err and (err.kind .. " " .. tostring(err.status)) or execution.status
    end
    assert.same({ good = "COMPLETED", bad = "execution TERMINATED", gone = "http 404" }, outcomes)
  end)

  it("need a sign of the newer run within 20 seconds", function()
    new({}, {
      get_workflow_execution = function(request)
        return 200, { execution_id = request.path_value, workflow_name = "w", status = "CONTINUED_AS_NEW" }
      end,
    })
    local _, errors = collect { "e1" }
    assert.same({ "execution", "CONTINUED_AS_NEW" }, { errors[1].kind, errors[1].status })
    near(20, passed(), 5.1)
  end)

  it("of the same id are told of its end, whichever of them is over before", function()
    new { e1 = 10, e2 = 60 }
    local at = {}
    local function wait(id, options)
      return function()
        client.executions:wait(id, options)
        at[#at + 1] = passed()
      end
    end
    client:gather { wait "e2", wait("e1", { timeout = 3 }), wait "e1", wait("e1", { timeout = 4 }), wait "e1" }
    assert.equal(5, #at)
    assert.truthy(at[3] >= 10 and at[4] <= 16, at[4])
  end)

  it("begin at once beside others, and leave no task behind", function()
    local asked
    new({ e0 = 9, e1 = 9, e2 = 1.3 }, {
      get_workflow_execution = function(request)
        local id = request.path_value
        if id == "e2" then asked = asked or passed() end
        return 200, { execution_id = id, workflow_name = "w", status = status_of(id) }
      end,
    })
    local function one(id)
      return function() assert(client.executions:wait(id)) end
    end
    local _, errors = client:gather { one "e0", one "e1", function()
      client:sleep(1.3)
      one "e2"()
      near(1.3, passed())
    end }
    assert.is_nil(errors)
    near(1.3, asked)
    client:sleep(0.1)
    assert.is_nil(next(client.hub.tasks))
  end)

  it("ask each five seconds, all together 20 times a second at most, where there is no list", function()
    for many, expected in pairs { [60] = 5, [200] = 10 } do
      local asked = {}
      new({}, {
        list_runs = function() return 500, {} end,
        get_workflow_execution = function(request)
          if request.path_value == "e7" then asked[#asked + 1] = passed() end
          return 200, { execution_id = request.path_value, workflow_name = "w", status = "RUNNING" }
        end,
      })
      collect(ids_of(many), { timeout = 100 })
      near(expected, asked[#asked - 2] - asked[#asked - 3], 1)
      client:close()
    end
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

  it("say why executions FAILED, as the events tell", function()
    new({}, {
      get_workflow_execution = function(request)
        return 200, { execution_id = request.path_value, workflow_name = "w", status = "FAILED" }
      end,
      get_workflow_events = function(request)
        return 200, { events = { {
          event_type = "WORKFLOW_EXECUTION_FAILED", workflow_exec_id = request.params.workflow_exec_id,
          attributes = { failure = { message = "no bread" } },
        } } }
      end,
    })
    local _, errors = collect { "e1" }
    assert.equal("the execution FAILED: no bread", errors[1].message)
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

  it("ask every five minutes for what nobody tells of", function()
    local asked = {}
    new({}, {
      list_runs = { executions = {} },
      get_workflow_execution = function(request)
        asked[#asked + 1] = passed()
        return 200, { execution_id = request.path_value, workflow_name = "w",
          status = passed() > 500 and "COMPLETED" or "RUNNING" }
      end,
    })
    assert.same({ "e1" }, (collect { "e1" }))
    assert.equal(3, #asked)
    near(300, asked[2], 1)
    near(600, asked[3], 1)
  end)

  it("of other coroutines end one by one, and leave nothing behind", function()
    local many = {}
    for _, id in ipairs(ids_of(20)) do many[id] = tonumber(id:sub(2)) end
    new(many)
    local results, errors = client:map(ids_of(20), function(id)
      local execution = assert(client.executions:wait(id))
      return execution.execution_id .. " " .. math.floor(passed() / 10)
    end, { concurrency = 20 })
    assert.is_nil(errors)
    assert.equal(20, #results)
    assert.truthy(passed() < 26, passed())
    client:sleep(1)
    assert.equal(0, client.handle:running())
    assert.is_nil(next(client.hub.tasks))
    assert.truthy(#lists <= 7, #lists)
  end)

  it("with header fields of their own have streams of their own", function()
    new({ e1 = 9, e2 = 9 })
    client:map({ "e1", "e2" }, function(id)
      return client.executions:wait(id, { headers = { ["X-Team"] = "desk" }, poll = { min = 1, max = 3 } })
    end)
    assert.equal(2, count "stream")
    assert.equal(0, #lists)
    for _, request in ipairs(client.requests) do assert.equal("desk", request.headers["X-Team"]) end
  end)

  it("whose time is over ask for nothing any more", function()
    new {}
    local results, errors = client:map({ "e1", "e2", "e3" }, function(id)
      return client.executions:wait(id, { timeout = 3 })
    end)
    assert.same({ 0, 3 }, { #results, #errors })
    client:sleep(1)
    local before = #client.requests
    client:sleep(1000)
    assert.equal(before, #client.requests)
    assert.is_nil(next(client.hub.tasks))
  end)

  it("may come again after others, which are over", function()
    new { e1 = 9, e2 = 9, e3 = 30, e4 = 30 }
    collect { "e1", "e2" }
    assert.truthy(passed() < 15, passed())
    client:sleep(5)
    collect { "e3", "e4" }
    assert.truthy(passed() >= 30 and passed() < 36, passed())
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

  it("that are closed early leave nothing behind", function()
    new { e1 = 3 }
    local walk = client.executions:as_completed { "e1", "e2", "e3" }
    assert.equal("e1", walk().execution_id)
    walk:close()
    assert.is_nil(walk())
    client:sleep(20)
    assert.equal(0, client.handle:running())
    assert.is_nil(next(client.hub.tasks))
  end)

  it("that were given up are dropped soon after they were collected", function()
    new { e1 = 3 }
    local function give_up()
      local walk = client.executions:as_completed { "e1", "e2", "e3" }
      assert.equal("e1", walk().execution_id)
    end
    give_up()
    collectgarbage()
    collectgarbage()
    client:sleep(10)
    assert.is_true(next(client.hub.tasks) == nil)
    local before = #client.requests
    client:sleep(1000)
    assert.equal(before, #client.requests)
  end)

  it("raise an error of the observer once", function()
    local is_told = false
    new({ e1 = 20, e2 = 20 }, nil, { observer = function(attempt)
      if is_told or attempt.operation ~= "list_runs" then return end
      is_told = true
      error("mine", 0)
    end })
    local walk = client.executions:as_completed { "e1" }
    assert.same({ false, "mine" }, { pcall(walk) })
    walk:close()
    assert.same({ "e2" }, (collect { "e2" }))
  end)

  it("of a client that is closed meanwhile are over", function()
    new {}
    local _, errors = client:map({ "e1", "e2", "e3", "close" }, function(id)
      if id ~= "close" then return client.executions:wait(id) end
      client:sleep(10)
      client:close()
      return true
    end)
    for index = 1, 3 do assert.equal("cancelled", errors[index].kind) end
    near(10, passed())
  end)

  it("of tasks that are cancelled leave nothing behind", function()
    new {}
    collectgarbage "stop"
    local ok, problem = pcall(client.map, client, { "e1", "e2", "e3", "all", "fail" }, function(id)
      if id == "fail" then
        client:sleep(10)
        error("enough", 0)
      elseif id == "all" and yields_everywhere then
        for _ in client.executions:as_completed { "e4", "e5" } do end -- luacheck: ignore 542
      end
      return client.executions:wait(id)
    end)
    assert.same({ false, "enough" }, { ok, problem })
    client:sleep(1)
    local running, task = client.handle:running(), next(client.hub.tasks)
    collectgarbage "restart"
    assert.same({ 0, nil }, { running, task })
  end)

  it("of a client that is closed are over", function()
    new {}
    local walk = client.executions:as_completed { "e1", "e2" }
    client:close()
    for _ = 1, 2 do
      local execution, err = walk()
      assert.truthy(execution.execution_id)
      assert.same({ "cancelled", "as_completed" }, { err.kind, err.call })
    end
    assert.is_nil(walk())
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
