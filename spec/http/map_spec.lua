-- client:map with iterators, error objects and on_done; which error is raised; what is closed on each way out.

local clients = require "spec.support.clients"
local fault = require "spec.support.fault"
local loop = require "mistral.workflows.loop"
local maps = require "spec.support.maps"
local misuse = require "spec.support.misuse"
local workflows = require "mistral.workflows"

local assert_idle, numbers = maps.assert_idle, maps.numbers

-- PUC Lua 5.1 cannot yield inside pcall: there a nested map blocks.
local yields_everywhere = _VERSION ~= "Lua 5.1" or rawget(_G, "jit") ~= nil

describe("client:map", function()
  local server, client

  setup(function() server = fault.start() end)

  before_each(function()
    server:reset()
    client = clients.new(server)
  end)

  after_each(function() client:close() end)

  teardown(function() server:stop() end)

  local function hang(count)
    local steps = {}
    for index = 1, count do steps[index] = { path = "/v1/workflows/silent", actions = { { "hang" } } } end
    server:script(steps)
  end

  -- An error object, as a walk would raise it.
  local function some_error()
    server:script { path = "/v1/workflows/missing", respond = { status = 404 } }
    return select(2, client.workflows:get "missing")
  end

  -- A callable that gives 1 to count, and notes what happens to it.
  local function iterator(count, before)
    local items = { calls = 0, inside = 0, closed = 0 }
    function items.close(self) self.closed = self.closed + 1 end
    return setmetatable(items, { __call = function(self)
      self.inside = self.inside + 1
      assert.equal(1, self.inside)
      self.calls = self.calls + 1
      local item = self.calls
      if before then before(item) end
      self.inside = self.inside - 1
      if item <= count then return item end
    end })
  end

  describe("with an iterator", function()
    it("gives results in the order of the items", function()
      local items = iterator(20)
      local results, errors = client:map(items, function(item, index)
        assert.equal(item, index)
        return assert(client:whoami()) and item * 2
      end)
      for index = 1, 20 do assert.equal(index * 2, results[index]) end
      assert.equal(20, #results)
      assert.is_nil(errors)
      assert.equal(1, items.closed)
      assert_idle(client)
    end)

    it("takes a function", function()
      local last = 0
      local results = client:map(function()
        last = last + 1
        return last <= 5 and "item " .. last or nil
      end, function(item) return item end)
      assert.same({ "item 1", "item 2", "item 3", "item 4", "item 5" }, results)
      assert.same({}, (client:map(function() end, error)))
    end)

    it("calls it one at a time, though it waits", function()
      local items = iterator(12, function() assert(client:whoami()) end)
      local now, most = 0, 0
      local results = client:map(items, function(item)
        now = now + 1
        most = math.max(most, now)
        loop.sleep(client, 0.05)
        assert(client:whoami())
        now = now - 1
        return item
      end, { concurrency = 4 })
      assert.same(numbers(12), results)
      assert.truthy(most > 1 and most <= 4, most)
      assert.equal(1, items.closed)
    end)

    it("calls it no further than there are functions that run", function()
      local items, done = iterator(100), 0
      client:map(items, function()
        assert.truthy(items.calls <= done + 3)
        assert(client:whoami())
        done = done + 1
      end, { concurrency = 3 })
      assert.equal(100, done)
    end)

    it("does not call it again after its end, though others stand in line for it", function()
      local count, calls = 0, 0
      client:map(function()
        calls = calls + 1
        count = count + 1
        if count <= 3 then return count end
        client:sleep(0.05)
        return nil
      end, function(item)
        client:sleep(0.01 * item)
        return item
      end, { concurrency = 4 })
      assert.equal(4, calls)
    end)

    it("walks a list", function()
      local pages = {}
      for page = 1, 3 do
        pages[page] = { path = "/v1/workflows/runs", respond = { body =
          ('{"executions":[{"n":%d},{"n":%d}],"next_page_token":%s}'):format(page * 2 - 1, page * 2,
            page < 3 and '"page' .. page .. '"' or "null") } }
      end
      server:script(pages)
      local results = client:map(client.runs:each(), function(run)
        assert(client:whoami())
        return run.n
      end)
      assert.same(numbers(6), results)
      assert_idle(client)
    end)

    it("closes it when a function raises, and when it does itself", function()
      hang(3)
      local items = iterator(10)
      local ok, problem = pcall(client.map, client, items, function(item)
        if item == 4 then error("four", 0) end
        return client.workflows:get "silent"
      end, { concurrency = 4 })
      assert.same({ false, "four" }, { ok, problem })
      assert.equal(1, items.closed)
      assert_idle(client)

      hang(2)
      items = iterator(10, function(item) if item == 3 then error("third item", 0) end end)
      ok, problem = pcall(client.map, client, items, function() return client.workflows:get "silent" end)
      assert.same({ false, "third item" }, { ok, problem })
      assert.equal(1, items.closed)
      assert_idle(client)
    end)

    it("raises an error object of the iterator: there is no item that it belongs to", function()
      local err = some_error()
      local items = iterator(10, function(item) if item == 2 then error(err, 0) end end)
      local ok, problem = pcall(client.map, client, items, function() return (client:whoami()) end)
      assert.is_false(ok)
      assert.equal(err, problem)
      assert.equal(1, items.closed)
    end)

    it("closes that of a nested map when the outer one is cancelled", function()
      hang(1)
      local items = iterator(10)
      local ok, problem = pcall(client.gather, client, {
        function() client:map(items, function() return client.workflows:get "silent" end, { concurrency = 1 }) end,
        function()
          repeat assert(client:whoami()) until server:stats().requests >= 2
          error("enough", 0)
        end,
      })
      assert.same({ false, "enough" }, { ok, problem })
      assert.equal(1, items.closed)
      assert_idle(client)
    end)

    it("raises what close raises, unless there is another error", function()
      local items = iterator(1)
      function items.close() error("cannot close", 0) end
      local ok, problem = pcall(client.map, client, items, function() end)
      assert.same({ false, "cannot close" }, { ok, problem })
      items = iterator(1)
      function items.close() error("cannot close", 0) end
      ok, problem = pcall(client.map, client, items, function() error("first", 0) end)
      assert.same({ false, "first" }, { ok, problem })
    end)
  end)

  describe("with error objects that are raised", function()
    it("takes each as the error of its item and goes on", function()
      local err = some_error()
      local results, errors = client:map(numbers(9), function(index)
        assert(client:whoami())
        if index % 3 == 0 then error(err, 0) end
        return index
      end, { concurrency = 2 })
      assert.same({ 1, 2, nil, 4, 5, nil, 7, 8 }, results)
      for index = 1, 9 do assert.equal(index % 3 == 0 and err or nil, errors[index]) end
      assert_idle(client)
    end)

    it("takes those of walks and streams", function()
      server:script { path = "/v1/workflows/runs", respond = { status = 403, body = '{"detail":"no"}' } }
      local results, errors = client:gather {
        function()
          local each = client.runs:each()
          return each()
        end,
        function() return assert(client:whoami()).ok end,
      }
      assert.same({ [2] = true }, results)
      assert.equal(403, errors[1].status)
    end)

    it("works where every function raises one", function()
      local err = some_error()
      local _, errors = client:map(numbers(50), function() error(err, 0) end, { concurrency = 3 })
      for index = 1, 50 do assert.equal(err, errors[index]) end
    end)
  end)

  describe("with on_done", function()
    it("tells of no error where there is a result, whatever else the function returns", function()
      local told = {}
      local _, errors = client:map({ 1, 2 }, function(index)
        return index == 1 and "done" or nil, "second"
      end, { on_done = function(index, result, err) told[index] = { result or false, err or false } end })
      assert.same({ { "done", false }, { false, "second" } }, told)
      assert.same({ [2] = "second" }, errors)
    end)

    it("tells of each item as it is done", function()
      local err, told = some_error(), {}
      client:map({ 0.1, 0, 0.05 }, function(seconds, index)
        loop.sleep(client, seconds)
        if index == 2 then return nil, "refused" end
        if index == 3 then error(err, 0) end
        return "good"
      end, { on_done = function(...) told[#told + 1] = { select("#", ...), ... } end })
      assert.same({ 3, 2, nil, "refused" }, told[1])
      assert.equal(3, told[2][2])
      assert.equal(err, told[2][4])
      assert.same({ 3, 1, "good" }, told[3])
    end)

    it("raises its error, also an error object, after the others were cancelled", function()
      local err = some_error()
      for _, value in ipairs { "boom", err } do
        server:reset()
        hang(2)
        local ok, problem = pcall(client.map, client, numbers(3), function(index)
          if index < 3 then return client.workflows:get "silent" end
          return (client:whoami())
        end, { on_done = function() error(value, 0) end })
        assert.is_false(ok)
        assert.equal(value, problem)
        assert_idle(client)
      end
    end)

    it("may call the service", function()
      local names = {}
      local results = client:map(numbers(6), function(index) return index end, { on_done = function(index)
        assert(client:whoami())
        names[#names + 1] = index
      end })
      assert.same(numbers(6), results)
      table.sort(names)
      assert.same(numbers(6), names)
      assert_idle(client)
    end)

    it("may close the client", function()
      hang(2)
      local results, errors = client:map(numbers(3), function(index)
        if index < 3 then return client.workflows:get "silent" end
        return "third"
      end, { on_done = function(index) if index == 3 then client:close() end end })
      assert.same({ [3] = "third" }, results)
      assert.equal("cancelled", errors[1].kind)
      assert.equal("cancelled", errors[2].kind)
    end)

    it("must be a function", function()
      assert.truthy(misuse.message(function() client:map({}, print, { on_done = 1 }) end):find "on_done")
    end)
  end)

  describe("nested,", function()
    it("raises the first error and cancels children and grandchildren", function()
      if not yields_everywhere then return end
      hang(6)
      local ended, raised = 0, false
      local function silent()
        client.workflows:get "silent"
        ended = ended + 1
      end
      local ok, problem = pcall(client.gather, client, {
        function()
          client:gather {
            function() client:gather { silent, silent } end,
            silent,
            function()
              client:gather {
                silent,
                function()
                  repeat assert(client:whoami()) until server:stats().requests >= 7
                  raised = true
                  error("first", 0)
                end,
              }
            end,
          }
        end,
        silent,
        function()
          while not raised do loop.sleep(client, 0.001) end
          error("second", 0)
        end,
      })
      assert.same({ false, "first" }, { ok, problem })
      assert.equal(0, ended)
      assert_idle(client)
    end)

    it("hands its error up before anybody else can raise another", function()
      local key = {}
      local ok, problem = pcall(client.gather, client, {
        function()
          client:gather { function()
            client:gather { function()
              loop.sleep(client, 0.01)
              loop.signal(client, key) -- the other one can go on from here
              error("inner", 0)
            end }
          end }
        end,
        function()
          loop.await_signal(client, key)
          error("outer", 0)
        end,
      })
      assert.same({ false, "inner" }, { ok, problem })
    end)

    it("gives error objects to the item of the inner map", function()
      local err = some_error()
      local results = client:map(numbers(2), function()
        local _, errors = client:map(numbers(2), function(index)
          if index == 2 then error(err, 0) end
          return index
        end)
        return errors[2]
      end)
      assert.equal(err, results[1])
      assert.equal(err, results[2])
    end)
  end)

  it("runs sixteen functions at a time, or as many as are wanted", function()
    for expected, options in pairs { [16] = false, [3] = { concurrency = 3 }, [40] = { concurrency = 100 } } do
      local running, most = 0, 0
      client:map(numbers(40), function(item)
        running = running + 1
        most = math.max(most, running)
        client:sleep(0.01)
        running = running - 1
        return item
      end, options or nil)
      assert.equal(expected, most)
    end
  end)

  it("takes the items of a list that were there when it began", function()
    local items, seen = { 1, 2, 3 }, {}
    local results = client:map(items, function(item)
      seen[#seen + 1] = item
      if item == 1 then items[4] = 4 end
      return item
    end, { concurrency = 1 })
    assert.same({ { 1, 2, 3 }, { 1, 2, 3 } }, { results, seen })
  end)

  it("cancels what it has begun when the adapter of the loop raises an error", function()
    local waits = 0
    local own = clients.new(server, { loop = { yields = false, sleep = function() end, wait = function()
      waits = waits + 1
      error("the adapter is broken", 0)
    end } })
    server:script { path = "/v1/workflows/silent", actions = { { "hang" } } }
    local items = iterator(3)
    local ok, problem = pcall(own.map, own, items, function() return own.workflows:get "silent" end)
    assert.same({ false, "the adapter is broken" }, { ok, problem })
    assert.equal(1, waits)
    assert.equal(1, items.closed)
    assert.equal(0, own.handle:running())
    own:close()
  end)

  it("raises misuse at the line of the function, or of the caller of map", function()
    local function raised(fn)
      local ok, problem = pcall(fn)
      assert.is_false(ok)
      return problem
    end
    local function line() return debug.getinfo(2, "l").currentline end
    local here = debug.getinfo(1, "S").short_src
    local expected
    local problem = raised(function()
      client:map({ 1 }, function()
        expected = line() + 1
        client.workflows:get(5)
      end)
    end)
    assert.equal(1, problem:find(("%s:%d: workflows:get: "):format(here, expected), 1, true), problem)
    -- A tail call leaves no line of the function.
    local fn = function() return client.workflows:get(5) end
    local defined = line() - 1
    for _, call in ipairs {
      function() expected = line() client:map({ 1 }, fn) end,
      function() expected = line() client:gather { fn } end,
      function() expected = line() client:map({ 1 }, function() return client:gather { fn } end) end,
    } do
      problem = raised(call)
      assert.equal(1, problem:find(("%s:%d: workflows:get: "):format(here, expected), 1, true), problem)
      local place = (" (in the function defined at %s:%d)"):format(here, defined)
      assert.equal(place, problem:sub(-#place))
    end
  end)

  it("says what items may be", function()
    assert.truthy(misuse.message(function() client:map("abc", print) end)
      :find "the items must be a list or an iterator")
    assert.truthy(workflows.is_error(some_error()))
  end)
end)
