-- Tasks of a client: functions that go on while anybody waits for it, whatever the loop.

local clients = require "spec.support.clients"
local fault = require "spec.support.fault"
local loop = require "mistral.workflows.loop"
local maps = require "spec.support.maps"
local workflows = require "mistral.workflows"

local ANSWER = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


describe("a task of a client", function()
  local server, client

  setup(function() server = fault.start() end)

  before_each(function()
    server:reset()
    client = clients.new(server)
  end)

  after_each(function() client:close() end)

  teardown(function() server:stop() end)

  -- A call that takes so many seconds.
  local function slow_call(of, seconds)
    server:script { path = "/v1/workflows/slow", actions = { { "sleep", seconds }, { "send", ANSWER }, { "keep" } } }
    return (of or client).workflows:get "slow"
  end

  local function assert_none_left()
    maps.assert_idle(client)
  end

  it("does nothing before somebody waits for the client", function()
    local began = false
    local task = loop.spawn(client, function() began = true end)
    assert.is_false(began)
    task:cancel()
    assert(client:whoami())
    assert.is_false(began)
    assert_none_left()
  end)

  it("goes on while a call waits", function()
    local ticks = 0
    local task = loop.spawn(client, function()
      while true do
        loop.sleep(client, 0.01)
        ticks = ticks + 1
      end
    end)
    assert(slow_call(nil, 0.4))
    assert.truthy(ticks > 3, ticks)
    task:cancel()
    local seen = ticks
    assert(slow_call(nil, 0.1))
    assert.equal(seen, ticks)
    assert_none_left()
  end)

  it("goes on while the client sleeps", function()
    local done = false
    loop.spawn(client, function()
      loop.sleep(client, 0.01)
      done = client:whoami()
    end)
    loop.sleep(client, 0.5)
    assert.is_table(done)
    assert_none_left()
  end)

  it("may call the same client and others", function()
    local other, names = clients.new(server), {}
    local waited = {}
    loop.spawn(client, function()
      assert(slow_call(other, 0.05))
      names[1] = "other"
      assert(client:whoami())
      names[2] = "same"
      loop.signal(client, waited)
    end)
    local limit = workflows.now() + 5
    while #names < 2 and workflows.now() < limit do loop.await_signal(client, waited, limit) end
    assert.same({ "other", "same" }, names)
    assert_none_left()
    maps.assert_idle(other)
    other:close()
  end)

  it("goes on in maps, and beside other tasks", function()
    local done = {}
    for index = 1, 5 do
      loop.spawn(client, function()
        for _ = 1, 3 do assert(client:whoami()) end
        done[#done + 1] = index
      end)
    end
    local results = client:map(maps.numbers(10), function(index)
      assert(client:whoami())
      if index == 5 then loop.spawn(client, function() done[#done + 1] = 6 end) end
      return index
    end, { concurrency = 3 })
    assert.equal(10, #results)
    assert(slow_call(nil, 0.2))
    table.sort(done)
    assert.same({ 1, 2, 3, 4, 5, 6 }, done)
    assert_none_left()
  end)

  it("that was begun by a map goes on after it", function()
    local done = false
    client:map({ 1 }, function()
      loop.spawn(client, function()
        loop.sleep(client, 0.05)
        done = true
      end)
      return (client:whoami())
    end)
    assert.is_false(done)
    assert(slow_call(nil, 0.3))
    assert.is_true(done)
  end)

  it("goes on where the waiting code cannot yield", function()
    local seen, ticks = nil, 0
    local task = loop.spawn(client, function()
      while true do
        loop.sleep(client, 0.01)
        ticks = ticks + 1
      end
    end)
    loop.sleep(client, 0.05) -- it has begun, in the loop where there is one
    local text = ("x"):gsub("x", function()
      local before = ticks
      assert(slow_call(nil, 0.3))
      seen = ticks - before
      return "y"
    end)
    assert.equal("y", text)
    assert.truthy(seen > 3, seen)
    task:cancel()
  end)

  it("may itself be where it cannot yield", function()
    local names = {}
    loop.spawn(client, function()
      local name = ("x"):gsub("x", function()
        assert(slow_call(nil, 0.05))
        return "blocked"
      end)
      names[#names + 1] = name
    end)
    loop.spawn(client, function()
      assert(client:whoami())
      names[#names + 1] = "plain"
    end)
    loop.sleep(client, 0.05)
    assert(slow_call(nil, 0.2))
    table.sort(names)
    assert.same({ "blocked", "plain" }, names)
  end)

  it("is cancelled with what it waits for", function()
    server:script { path = "/v1/workflows/silent", actions = { { "hang" } } }
    local ended = false
    local task = loop.spawn(client, function()
      client.workflows:get "silent"
      ended = true
    end)
    while client.handle:running() == 0 do loop.sleep(client, 0.01) end
    task:cancel()
    task:cancel()
    assert.equal(0, client.handle:running())
    assert(client:whoami())
    assert.is_false(ended)
    assert_none_left()
  end)

  it("may cancel itself, and then ends when it waits", function()
    local steps, task = {}, nil
    task = loop.spawn(client, function()
      task:cancel()
      steps[#steps + 1] = "cancelled"
      client:whoami()
      steps[#steps + 1] = "went on"
    end)
    assert(client:whoami())
    assert(slow_call(nil, 0.05))
    assert.same({ "cancelled" }, steps)
    assert_none_left()
  end)

  it("tells of an error that it raises, which disturbs no call", function()
    local problems = {}
    local value = setmetatable({}, { __tostring = function() return "boom" end })
    loop.spawn(client, function() error(value, 0) end, function(problem) problems[#problems + 1] = problem end)
    loop.spawn(client, function()
      client:whoami()
      error(value, 0)
    end, function(problem) problems[#problems + 1] = problem end)
    assert(slow_call(nil, 0.3))
    assert.equal(2, #problems)
    assert.equal(value, problems[1])
    assert.equal(value, problems[2])
    assert_none_left()
  end)

  it("tells the error output of an error that nobody asked for, whatever it is", function()
    local written, stderr = {}, io.stderr
    finally(function() io.stderr = stderr end) -- luacheck: ignore 122
    io.stderr = { write = function(_, text) written[#written + 1] = text end } -- luacheck: ignore 122
    loop.spawn(client, function() error(setmetatable({}, { __tostring = error }), 0) end)
    assert(slow_call(nil, 0.1))
    assert.same({ "mistral.workflows: a task failed: a table that cannot be shown" }, written)
  end)

  it("ends with the client", function()
    local ended = 0
    for _ = 1, 3 do
      loop.spawn(client, function()
        loop.sleep(client, 20)
        ended = ended + 1
      end)
    end
    assert(client:whoami())
    client:close()
    assert.is_nil(next(client.hub.tasks))
    assert.equal(0, ended)
  end)

  it("may close the client", function()
    server:script { path = "/v1/workflows/silent", actions = { { "hang" } } }
    local went_on = false
    loop.spawn(client, function()
      loop.sleep(client, 0.02)
      client:close()
      loop.sleep(client, 0.01)
      went_on = true
    end)
    local _, err = client.workflows:get "silent"
    assert.equal("cancelled", err.kind)
    assert.is_false(went_on)
    assert_none_left()
  end)

  it("does not keep a client alive that was dropped", function()
    local kept = setmetatable({}, { __mode = "v" })
    do
      local dropped = clients.new(server, { loop = "blocking" })
      kept[1] = dropped
      loop.spawn(dropped, function() loop.sleep(dropped, 20) end)
      assert(dropped:whoami())
    end
    maps.collect()
    assert.is_nil(kept[1])
  end)

  it("lets many go on side by side", function()
    local done = 0
    for _ = 1, 300 do
      loop.spawn(client, function()
        loop.sleep(client, 0.05)
        assert(client:whoami())
        done = done + 1
      end)
    end
    local limit = workflows.now() + 20
    while done < 300 and workflows.now() < limit do loop.sleep(client, 0.05) end
    assert.equal(300, done)
    assert_none_left()
  end)
end)
