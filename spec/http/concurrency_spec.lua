-- client:map: many calls side by side without any loop library.

local fault = require "spec.support.fault"
local clients = require "spec.support.clients"
local maps = require "spec.support.maps"
local misuse = require "spec.support.misuse"
local sandbox = require "spec.support.sandbox"
local workflows = require "mistral.workflows"

local assert_idle, collect, numbers = maps.assert_idle, maps.collect, maps.numbers

-- PUC Lua 5.1 cannot yield inside pcall, metamethods and the iterator of a generic `for`: there it blocks.
local unpack = table.unpack or unpack -- luacheck: ignore 113 143
local yields_everywhere = _VERSION ~= "Lua 5.1" or rawget(_G, "jit") ~= nil

-- Calls fn, and returns what it returns and how many seconds it took.
local function timed(fn)
  local began = workflows.now()
  local value = fn()
  return value, workflows.now() - began
end

describe("client:map", function()
  local server, client

  setup(function()
    server = sandbox.start { SANDBOX_REGISTRATIONS = 300 }
  end)

  before_each(function()
    server:reset()
    client = server:client()
  end)

  after_each(function() client:close() end)

  teardown(function() server:stop() end)

  it("returns results in the order of the items", function()
    local results, errors = client:map({ 0.2, 0, 0.1, 0 }, function(delay, index)
      local answer, err = client.workflows:get("hello", nil, { headers = { ["X-Sandbox-Delay"] = tostring(delay) } })
      return answer and ("%s %d"):format(answer.workflow.name, index), err
    end)
    assert.same({ "hello 1", "hello 2", "hello 3", "hello 4" }, results)
    assert.is_nil(errors)
    assert_idle(client)
  end)

  it("gives the errors of the items that failed", function()
    local results, errors = client:map({ "hello", "nope", "echo" }, function(name)
      return client.workflows:get(name)
    end)
    assert.equal("hello", results[1].workflow.name)
    assert.is_nil(results[2])
    assert.equal("echo", results[3].workflow.name)
    assert.is_nil(errors[1])
    assert.is_true(workflows.is_error(errors[2]))
    assert.equal(404, errors[2].status)
    assert.is_nil(errors[3])
  end)

  it("takes any error value and keeps false", function()
    local results, errors = client:map({ 1, 2, 3 }, function(index)
      if index == 1 then return false end
      if index == 2 then return nil, "no" end
    end)
    assert.same({ false }, results)
    assert.same({ [2] = "no" }, errors)
  end)

  it("does nothing with an empty list", function()
    local results, errors = client:map({}, error)
    assert.same({}, results)
    assert.is_nil(errors)
  end)

  it("lets the calls wait side by side", function()
    server:control("POST", "delay?seconds=0.2")
    local _, seconds = timed(function()
      return client:map(numbers(32), function() return client.workflows:get "hello" end, { concurrency = 32 })
    end)
    assert.truthy(seconds < 3, seconds) -- one after the other takes 6.4
  end)

  it("runs at most so many functions at a time", function()
    server:control("POST", "delay?seconds=0.02")
    for concurrency, expected in pairs { [1] = 1, [3] = 3, [100] = 12 } do
      local now, most = 0, 0
      client:map(numbers(12), function()
        now = now + 1
        most = math.max(most, now)
        assert(client.workflows:get "hello")
        now = now - 1
      end, { concurrency = concurrency })
      assert.equal(expected, most)
    end
    local now, most = 0, 0
    client:map(numbers(40), function()
      now = now + 1
      most = math.max(most, now)
      assert(client.workflows:get "hello")
      now = now - 1
    end)
    assert.equal(16, most)
  end)

  it("can be nested", function()
    server:control("POST", "delay?seconds=0.05")
    local results, seconds = timed(function()
      return client:map({ "hello", "echo", "slow" }, function(name)
        return client:map(numbers(4), function(index)
          return assert(client.workflows:get(name)).workflow.name .. index
        end)
      end)
    end)
    assert.same({ "hello1", "hello2", "hello3", "hello4" }, results[1])
    assert.same({ "slow1", "slow2", "slow3", "slow4" }, results[3])
    assert.truthy(seconds < 0.55, seconds) -- 12 calls of 0.05
    assert_idle(client)
  end)

  describe("with everything else that waits", function()
    it("runs workflows side by side", function()
      local results, seconds = timed(function()
        return client:map(numbers(6), function()
          local result, err = client.workflows:run("slow", { input = { seconds = 0.5 } })
          return result and result.seconds, err
        end)
      end)
      assert.same({ 0.5, 0.5, 0.5, 0.5, 0.5, 0.5 }, results)
      assert.truthy(seconds < 2.5, seconds)
    end)

    it("waits for executions side by side", function()
      local ids = {}
      for index = 1, 4 do
        ids[index] = assert(client.workflows:execute("slow", { input = { seconds = 0.5 } })).execution_id
      end
      local results, seconds = timed(function()
        return client:map(ids, function(id)
          local execution, err = client.executions:wait(id)
          return execution and execution.status, err
        end)
      end)
      assert.same({ "COMPLETED", "COMPLETED", "COMPLETED", "COMPLETED" }, results)
      assert.truthy(seconds < 2, seconds)
    end)

    it("follows streams", function()
      local counts = client:map(numbers(4), function()
        local id = assert(client.workflows:execute("tokens", { input = { count = 40 } })).execution_id
        local count = 0
        for event in client.executions:stream(id) do
          if event.event then count = count + 1 end
        end
        return count
      end)
      for index = 1, 4 do assert.truthy(counts[index] > 40) end
    end)

    it("walks lists", function()
      local counts = client:map(numbers(3), function()
        local count = 0
        for _ in client.registrations:each { limit = 100 } do count = count + 1 end
        return count
      end)
      assert.same({ 300, 300, 300 }, counts)
      assert_idle(client)
    end)

    it(yields_everywhere and "lets others go on while a list is walked" or "blocks in a generic for", function()
      local steps = {}
      client:gather {
        function()
          for _ in client.registrations:pages({ limit = 100 }, { headers = { ["X-Sandbox-Delay"] = "0.1" } }) do
            steps[#steps + 1] = "page"
          end
        end,
        function()
          assert(client.workflows:get "hello")
          steps[#steps + 1] = "call"
        end,
      }
      assert.same(yields_everywhere and { "call", "page", "page", "page" } or { "page", "page", "page", "call" }, steps)
    end)

    it("requests the next page early", function()
      local most = 0
      local slow = { headers = { ["X-Sandbox-Delay"] = "0.05" } } -- no answer comes while the request is sent
      client:map(numbers(2), function()
        for _ in client.registrations:pages({ limit = 100 }, slow) do most = math.max(most, client.handle:running()) end
      end)
      assert.truthy(most >= 1)
    end)

    it("blocks in a coroutine of the program's own", function()
      local plain = server:client { loop = "blocking" } -- to luv and copas it would be one of theirs
      local results = plain:map(numbers(3), function()
        return coroutine.wrap(function() return assert(plain.workflows:get "hello").workflow.name end)()
      end)
      assert.same({ "hello", "hello", "hello" }, results)
      assert_idle(plain)
      plain:close()
    end)

    it("blocks inside callbacks of C functions", function()
      local results = client:map({ "hello", "echo" }, function(name)
        local text = ("%s"):gsub("%%s", function() return assert(client.workflows:get(name)).workflow.name end)
        local list = { 2, 1 }
        table.sort(list, function(a, b)
          assert(client.workflows:get(name))
          client:sleep(0.001)
          return a < b
        end)
        return text .. list[1]
      end)
      assert.same({ "hello1", "echo1" }, results)
    end)

    it("lets the others go on when a function blocked", function()
      server:control("POST", "delay?seconds=0.05")
      local results = client:gather {
        function() return assert(client.workflows:get "hello").workflow.name end,
        function()
          return (("x"):gsub("x", function() return assert(client.workflows:get "echo").workflow.name end))
        end,
        function() return assert(client.workflows:get "slow").workflow.name end,
      }
      assert.same({ "hello", "echo", "slow" }, results)
    end)

    it("works inside callbacks itself", function()
      local text = ("2 3"):gsub("%d", function(digit)
        return table.concat(client:map(numbers(tonumber(digit)), function(index)
          return assert(client.workflows:get "hello").workflow.name .. index
        end), ",")
      end)
      assert.equal("hello1,hello2 hello1,hello2,hello3", text)
    end)

    it("lets the others go on when a function yields by itself", function()
      local function steps_of_map()
        local steps = {}
        client:map({ "a", "b" }, function(name)
          for index = 1, 2 do
            steps[#steps + 1] = name .. index
            coroutine.yield(name)
          end
          assert(client.workflows:get "hello")
        end)
        return steps
      end
      -- In a coroutine, the yield reaches whoever runs that.
      local yielded, steps = {}, nil
      local thread = coroutine.create(steps_of_map)
      while coroutine.status(thread) ~= "dead" do
        local ok, value = coroutine.resume(thread)
        assert(ok, value)
        if type(value) == "string" then yielded[#yielded + 1] = value else steps = value end
      end
      assert.same({ "a", "a", "b", "b" }, yielded)
      assert.same({ "a1", "a2", "b1", "b2" }, steps)
    end)

    it("hands on as many values as a function yields", function()
      for count = 0, 3 do
        local thread = coroutine.create(function()
          client:map({ 1 }, function() coroutine.yield(unpack({}, 1, count)) end)
        end)
        assert.equal(1 + count, select("#", coroutine.resume(thread)))
      end
    end)
  end)

  describe("when a function raises", function()
    local function boom_after(delay, value)
      return function(index)
        if index == 2 then
          assert(client.workflows:get("hello", nil, { headers = { ["X-Sandbox-Delay"] = tostring(delay) } }))
          error(value, 0)
        end
        return client.workflows:get("hello", nil, { headers = { ["X-Sandbox-Delay"] = "20" } })
      end
    end

    it("raises the same value", function()
      local value = setmetatable({}, { __tostring = function() return "boom" end })
      local ok, raised = pcall(client.map, client, numbers(4), boom_after(0, value))
      assert.is_false(ok)
      assert.equal(value, raised)
      assert.equal("here", select(2, pcall(client.map, client, { 1 }, function() error("here", 0) end)))
    end)

    it("cancels the others", function()
      local _, seconds = timed(function() return pcall(client.map, client, numbers(4), boom_after(0.1, "boom")) end)
      assert.truthy(seconds < 5, seconds)
      assert_idle(client)
      assert(client.workflows:get "hello")
    end)

    it("cancels nested ones too", function()
      local ok, problem = pcall(client.gather, client, {
        function()
          return client:gather {
            function() return client:map(numbers(3), boom_after(20, "late")) end,
            function() return client.workflows:run("slow", { input = { seconds = 20 } }) end,
          }
        end,
        function()
          assert(client.workflows:get("hello", nil, { headers = { ["X-Sandbox-Delay"] = "0.1" } }))
          error("early", 0)
        end,
      })
      assert.same({ false, "early" }, { ok, problem })
      collect() -- the stream of run, where coroutines cannot be closed
      assert_idle(client)
    end)

    it("can be caught inside", function()
      if not yields_everywhere then return end
      local results = client:map({ 1, 2 }, function(index)
        local ok, problem = pcall(client.map, client, numbers(3), boom_after(0.02 * index, "inner" .. index))
        assert.is_false(ok)
        assert(client.workflows:get "hello")
        return problem
      end)
      assert.same({ "inner1", "inner2" }, results)
      assert_idle(client)
    end)

    it("closes what Lua 5.4 closes", function()
      if _VERSION ~= "Lua 5.4" then return end
      local closed = {}
      local hold = assert(load([[
        local client, closed = ...
        return function(index)
          local held <close> = setmetatable({}, { __close = function() closed[index] = true end })
          local delay = index == 1 and "0.05" or "20"
          assert(client.workflows:get("hello", nil, { headers = { ["X-Sandbox-Delay"] = delay } }))
          error "boom"
        end]]))(client, closed)
      assert.is_false(pcall(client.map, client, numbers(3), hold))
      assert.same({ true, true, true }, closed)
    end)
  end)

  it("ends when the client is closed inside", function()
    local results, errors = client:map(numbers(3), function(index)
      if index == 3 then
        client:close()
        return "closed"
      end
      return client.workflows:get("hello", nil, { headers = { ["X-Sandbox-Delay"] = "20" } })
    end)
    assert.same({ [3] = "closed" }, results)
    assert.equal("cancelled", errors[1].kind)
    assert.equal("cancelled", errors[2].kind)
  end)

  it("waits for several clients", function()
    local other = server:client()
    server:control("POST", "delay?seconds=0.1")
    local results, seconds = timed(function()
      return client:map(numbers(8), function(index)
        local chosen = index % 2 == 0 and client or other
        return assert(chosen.workflows:get "hello").workflow.name
      end)
    end)
    assert.equal(8, #results)
    assert.truthy(seconds < 0.7, seconds)
    assert_idle(client)
    assert_idle(other)
    other:close()
  end)

  it("keeps deadlines", function()
    local results, errors = client:map({ 0.1, 20 }, function(delay)
      return client.workflows:get("hello", nil,
        { timeout = 0.6, retry = false, headers = { ["X-Sandbox-Delay"] = tostring(delay) } })
    end)
    assert.equal("hello", results[1].workflow.name)
    assert.equal("timeout", errors[2].kind)
  end)

  it("leaves nothing behind", function()
    local function round()
      client:map(numbers(20), function(index)
        if index == 20 then return client:map(numbers(3), function() return client.workflows:get "hello" end) end
        return client.workflows:get "hello"
      end)
      pcall(client.map, client, numbers(5), function(index)
        if index == 5 then error "boom" end
        return client.workflows:get "hello"
      end)
    end
    local used
    for count = 1, 12 do
      round()
      collect()
      if count == 4 then used = collectgarbage "count" end
    end
    assert.truthy(collectgarbage "count" < used + 100, collectgarbage "count" - used)
    assert_idle(client)
  end)

  it("raises misuse at the caller's line", function()
    local function fn() end
    assert.truthy(misuse.message(function() client:map(nil, fn) end):find "the items must be a list")
    assert.truthy(misuse.message(function() client:map({}, nil) end):find "must be a function")
    assert.truthy(misuse.message(function() client:map({}, fn, { concurrency = 0 }) end):find "concurrency")
    assert.truthy(misuse.message(function() client:map({}, fn, { concurency = 2 }) end):find "concurrency")
    assert.truthy(misuse.message(function() client:gather(fn) end):find "must be a list of functions")
    assert.truthy(misuse.message(function() client:gather { fn, 1 } end):find "item 2 must be a function")
    client:close()
    assert.truthy(misuse.message(function() client:map({}, fn) end):find "the client is closed")
    assert.truthy(misuse.message(function() client:gather { fn } end):find "the client is closed")
  end)
end)

describe("on a bad wire, client:map", function()
  local server

  setup(function() server = fault.start() end)

  before_each(function() server:reset() end)

  teardown(function() server:stop() end)

  it("does not let one call's back-off hold up the others", function()
    local client = clients.new(server, { retry = { attempts = 2 } })
    server:script { respond = { status = 503, headers = { ["Retry-After"] = "1" } } }
    local ends = {}
    local results, errors = client:map(numbers(12), function(index)
      local answer, err = client:whoami()
      ends[#ends + 1] = index
      return answer, err
    end, { concurrency = 3 })
    assert.is_nil(errors)
    assert.equal(12, #results)
    assert.equal(12, #ends)
    assert.equal(13, #server:log())
    local last = ends[12] -- the one that was refused: all others were done meanwhile
    assert.truthy(last <= 3)
    assert_idle(client)
    client:close()
  end)

  it("closes the connections of what it cancels", function()
    local client = clients.new(server)
    local hang = { path = "/v1/workflows/silent", actions = { { "hang" } } }
    server:script { hang, hang }
    local ok, problem = pcall(client.map, client, numbers(3), function(index)
      if index < 3 then return client.workflows:get "silent" end
      repeat assert(client:whoami()) until server:stats().requests >= 3
      error("enough", 0)
    end)
    assert.same({ false, "enough" }, { ok, problem })
    assert.equal(0, client.handle:running())
    assert(server:wait("closed", 2))
    assert_idle(client)
    client:close()
  end)
end)
