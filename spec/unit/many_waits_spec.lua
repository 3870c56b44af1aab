-- Many waits of a client at a time. The clock of a testing client does not wait.

local clocked = require "spec.support.clocked"
local waits = require "spec.support.many_waits"

-- PUC Lua 5.1 cannot yield in the iterator of a generic `for`: there it blocks.
local yields_everywhere = _VERSION ~= "Lua 5.1" or rawget(_G, "jit") ~= nil
local count, near, passed = clocked.count, clocked.near, clocked.passed
local ids_of, collect, status_of, DATE = waits.ids_of, waits.collect, waits.status_of, waits.DATE

describe("many waits", function()
  local client, lists

  local function new(...)
    client, lists = waits.new(...)
    return client
  end

  after_each(clocked.close)

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
end)
