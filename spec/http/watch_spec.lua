-- Many waits at the cost of one: run in map, wait, as_completed.

local player = require "spec.support.player"
local workflows = require "mistral.workflows"

describe("many waits", function()
  local server, client

  setup(function() server = player.start() end)
  teardown(function() server:stop() end)

  before_each(function() server:reset() end)
  after_each(function()
    if client then client:close() end
    client = nil
  end)

  local function open(options)
    client = server:client(options)
    return client
  end

  -- Plays executions that end one after the other within so many seconds. Returns their ids.
  local function play(count, seconds, status_of)
    local executions, ids = {}, {}
    for index = 1, count do
      ids[index] = "e" .. index
      executions[ids[index]] = {
        events = 2, seconds = index / count * seconds, status = status_of and status_of(index) or "COMPLETED",
      }
    end
    server:play(executions)
    return ids
  end

  local function list_of(count)
    local list = {}
    for index = 1, count do list[index] = index end
    return list
  end

  it("leave nothing that runs when the last one is over", function()
    open()
    local ids, count = play(3, 0.1), 0
    for _ in client.executions:as_completed(ids) do count = count + 1 end
    assert.equal(3, count)
    client:sleep(0.05)
    assert.is_nil(next(client.hub.tasks))
  end)

  it("share a stream, and cost two requests each", function()
    open()
    server:set { script = { events = 2, seconds = 1 } }
    local results, errors = client:map(list_of(60), function(index)
      local id = "run-" .. index
      local result, execution = client.workflows:run("w", { execution_id = false }, { timeout = 30 })
      assert.equal("COMPLETED", execution.status, id)
      return result
    end, { concurrency = 60 })
    assert.is_nil(errors)
    assert.equal(60, #results)
    local stats = server:stats()
    assert.equal(60, stats.counters.execute)
    assert.truthy(stats.counters.status <= 66, stats.counters.status)
    assert.truthy(stats.most_open_streams <= 3, stats.most_open_streams)
  end)

  it("give what each alone gives", function()
    open()
    local statuses = { "COMPLETED", "FAILED", "CANCELED", "TERMINATED", "TIMED_OUT" }
    local ids = play(25, 1, function(index) return statuses[index % 5 + 1] end)
    local seen = client:map(ids, function(id, index)
      local execution, err = client.executions:wait(id, { timeout = 60 })
      local status = statuses[index % 5 + 1]
      if status == "COMPLETED" then
        assert.same({ done = id }, execution.result)
      else
        assert.same({ "execution", status, id, status }, { err.kind, err.status, err.execution_id,
          err.execution.status })
        assert.equal(status == "FAILED", err.message:find "boom" ~= nil)
      end
      return true
    end, { concurrency = 25 })
    assert.equal(25, #seen)
  end)

  it("end by the list where there is no stream", function()
    open()
    server:set { trouble = { stream = 503, events_stream = 503 } }
    local ids = play(30, 1, function(index) return index % 2 == 0 and "TERMINATED" or "COMPLETED" end)
    local count = 0
    for _ in client.executions:as_completed(ids, { timeout = 60 }) do count = count + 1 end
    assert.equal(30, count)
    local counters = server:stats().counters
    assert.truthy(counters.status <= 30 * 3, counters.status)
    assert.truthy(counters.runs <= 10, counters.runs)
  end)

  it("are told by the list of an end that is too large", function()
    open()
    local executions, ids = {}, {}
    for index = 1, 20 do
      ids[index] = "e" .. index
      executions[ids[index]] = { events = 2, seconds = 3, result_bytes = 300000 }
    end
    server:play(executions)
    local count, began = 0, workflows.now()
    for _, err in client.executions:as_completed(ids, { timeout = 60 }) do
      assert.is_nil(err)
      count = count + 1
    end
    assert.equal(20, count)
    assert.truthy(workflows.now() - began < 20)
    local counters = server:stats().counters
    assert.equal(1, counters.events_stream)
    assert.truthy(counters.runs <= 4, counters.runs)
  end)

  it("end where the service does not say of which workflow they are", function()
    open()
    server:set { nameless = true, trouble = { stream = 503 } }
    local count, began = 0, workflows.now()
    for _ in client.executions:as_completed(play(4, 1), { timeout = 60 }) do count = count + 1 end
    assert.equal(4, count)
    assert.truthy(workflows.now() - began < 20)
    assert.truthy(server:stats().counters.status <= 4 * 3)
  end)

  it("end after their patience where nobody can tell, whatever Retry-After says", function()
    local wait = require "mistral.workflows.wait"
    local patience = wait.patience
    wait.patience = function() return 1 end
    finally(function() wait.patience = patience end)
    open()
    server:play { e = { events = 3, seconds = 60 } }
    server:set { trouble = { status = 503, runs = 503 }, retry_after = 86400 }
    for execution, err in client.executions:as_completed { "e" } do
      assert.same({ "e", "http", 503, 86400 }, { execution.execution_id, err.kind, err.status, err.retry_after })
    end
    local _, err = client.executions:wait "e"
    assert.same({ "http", 503 }, { err.kind, err.status })
  end)

  it("outlast a service that is away", function()
    open()
    local ids = play(10, 2)
    server:set { trouble = { status = 502, stream = 502, events_stream = 502, runs = 502 } }
    local count = 0
    client:gather {
      function()
        local iterator = client.executions:as_completed(ids, { timeout = 60 })
        for _ = 1, 10 do -- not by a generic `for`, out of which Lua 5.1 cannot yield
          local execution, err = iterator()
          assert.is_table(execution)
          assert.is_nil(err)
          count = count + 1
        end
        return true
      end,
      function()
        client:sleep(2.5)
        server:set { trouble = {} }
        return true
      end,
    }
    assert.equal(10, count)
  end)

  it("are told of errors of the observer, and go on", function()
    local raise = false
    open { observer = function() if raise then error("mine", 0) end end }
    local ids = play(6, 1)
    raise = true
    local ok, problem = pcall(function()
      for _ in client.executions:as_completed(ids, { timeout = 20 }) do end -- luacheck: ignore 542
    end)
    assert.same({ false, "mine" }, { ok, problem })
    raise = false
    local count = 0
    for _ in client.executions:as_completed(ids, { timeout = 20 }) do count = count + 1 end
    assert.equal(6, count)
  end)

  it("end when the client is closed", function()
    open()
    local ids = play(6, 60)
    local _, errors
    client:gather {
      function()
        _, errors = client:map(ids, function(id) return client.executions:wait(id) end)
        return true
      end,
      function()
        client:sleep(0.5)
        client:close()
        return true
      end,
    }
    for index = 1, 6 do assert.equal("cancelled", errors[index].kind) end
  end)

  describe("as_completed", function()
    it("gives each once, as it ends, and those that are unknown with an error", function()
      open()
      local ids = play(5, 0.6, function(index) return index == 2 and "FAILED" or "COMPLETED" end)
      local all = { "nobody", "", ids[5], ids[4], ids[3], ids[2], ids[1], ids[1] }
      local order, problems = {}, {}
      for execution, err in client.executions:as_completed(all, { timeout = 30 }) do
        order[#order + 1] = execution.execution_id
        problems[execution.execution_id] = err
      end
      assert.equal(7, #order)
      assert.same({ "e1", "e2", "e3", "e4", "e5" }, { order[3], order[4], order[5], order[6], order[7] })
      assert.same({ "http", 404 }, { problems.nobody.kind, problems.nobody.status })
      assert.equal("invalid", problems[""].kind)
      assert.same({ "execution", "FAILED" }, { problems.e2.kind, problems.e2.status })
      assert.truthy(tostring(problems.e2):find "boom")
      assert.is_nil(problems.e1)
    end)

    it("gives the rest with a time-out each, in the order in which they came", function()
      open()
      local ids = play(4, 60)
      ids[5] = "quick"
      server:play { quick = { events = 2 } }
      local list = {}
      for execution, err in client.executions:as_completed(ids, { timeout = 0.6 }) do
        list[#list + 1] = execution.execution_id .. " " .. (err and err.kind or "none")
      end
      assert.same({ "quick none", "e1 timeout", "e2 timeout", "e3 timeout", "e4 timeout" }, list)
    end)

    it("can be left, and takes no ids at all", function()
      open()
      local ids = play(3, 60)
      local iterator = client.executions:as_completed(ids)
      iterator:close()
      assert.is_nil(iterator())
      for _ in client.executions:as_completed {} do error "nothing was asked for" end
      assert.has_error(function() client.executions:as_completed "e1" end)
      assert.has_error(function() client.executions:as_completed { 5 } end)
      assert.has_error(function() client.executions:as_completed({}, { on_event = print }) end)
    end)
  end)
end)

describe("run with join", function()
  local server, client

  setup(function() server = player.start() end)
  teardown(function() server:stop() end)

  before_each(function()
    server:reset()
    client = server:client { retry = { attempts = 2, base = 0.01, cap = 0.05 } }
  end)
  after_each(function() client:close() end)

  it("starts an execution once, however often it is called", function()
    server:set { script = { events = 2, seconds = 0.3 } }
    local started = {}
    local options = { join = true, on_start = function(execution) started[#started + 1] = execution.execution_id end }
    for _ = 1, 3 do
      local result, execution = client.workflows:run("w", { execution_id = "mine" }, options)
      assert.same({ done = "mine" }, result)
      assert.equal("COMPLETED", execution.status)
    end
    assert.equal(1, server:stats().counters.execute)
    assert.same({ "mine", "mine", "mine" }, started)
  end)

  it("waits for one that runs", function()
    server:play { mine = { workflow = "w", events = 2, seconds = 0.5 } }
    assert.same({ done = "mine" }, (client.workflows:run("w", { execution_id = "mine" }, { join = true })))
    assert.is_nil(server:stats().counters.execute)
  end)

  it("refuses one of another workflow", function()
    server:play { mine = { workflow = "other", events = 2, seconds = 5 } }
    local result, err = client.workflows:run("w", { execution_id = "mine" }, { join = true })
    assert.is_nil(result)
    assert.same({ "http", 409, "mine" }, { err.kind, err.status, err.execution_id })
    assert.truthy(err.message:find("'other'", 1, true))
    assert.is_nil(server:stats().counters.execute)
  end)

  it("does not join where nobody says which workflow it is", function()
    server:play { mine = { workflow = "w", events = 2, seconds = 5 } }
    server:set { nameless = true }
    local result, err = client.workflows:run("w", { execution_id = "mine" }, { join = true })
    assert.is_nil(result)
    assert.equal("decode", err.kind)
    assert.truthy(err.message:find("'workflow_name'", 1, true))
  end)

  it("needs an id", function()
    assert.has_error(function() client.workflows:run("w", {}, { join = true }) end)
    assert.has_error(function() client.workflows:run("w", { execution_id = false }, { join = true }) end)
  end)

  it("without it, an execution that was there before is not taken for the one that was started", function()
    server:play { mine = { workflow = "old", events = 2 } }
    client:sleep(0.2)
    server:set { trouble = { execute = 502 } }
    local result, err = client.workflows:run("w", { execution_id = "mine" })
    assert.is_nil(result)
    assert.same({ "http", 502 }, { err.kind, err.status })
    local answer, problem = client.workflows:execute("w", { execution_id = "mine" })
    assert.is_nil(answer)
    assert.equal(502, problem.status)
  end)

  it("on_timeout = cancel cancels what goes on", function()
    server:set { script = { events = 2, seconds = 60 } }
    local _, err = client.workflows:run("w", { execution_id = "mine" }, { timeout = 0.3, on_timeout = "cancel" })
    assert.same({ "timeout", false }, { err.kind, err.retryable })
    local found = false
    for _, request in ipairs(server:asked()) do
      found = found or request == "POST /v1/workflows/executions/mine/cancel"
    end
    assert.is_true(found)
  end)
end)
