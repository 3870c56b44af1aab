-- Event loops: the adapters. What they wait for is in pollable_spec.lua.

local loops = require "spec.support.loops"
local sandbox = require "spec.support.sandbox"
local workflows = require "mistral.workflows"

local yields_everywhere = _VERSION ~= "Lua 5.1" or rawget(_G, "jit") ~= nil

local function has(name) return (pcall(require, name)) end

-- The adapter of copas needs a descriptor, which the poll backend has not.
local available = {}
for _, name in ipairs { "cqueues", "luv", "copas" } do
  local usable = name ~= "copas" or os.getenv "MISTRAL_WORKFLOWS_BACKEND" ~= "poll"
  if usable and has(name) then available[#available + 1] = name end
end

local function collect()
  collectgarbage()
  collectgarbage()
end

describe("the loop copas", function()
  if not has "copas" then return end

  it("says that it needs a descriptor", function()
    local server = sandbox.start { SANDBOX_REGISTRATIONS = 10 }
    local output = server:run([[
      local client = require("mistral.workflows").new { loop = "copas" }
      require("copas").addthread(function()
        for _ = 1, 50 do client.workflows:get "hello" end -- not every answer takes its time
      end)]], { MISTRAL_WORKFLOWS_BACKEND = "poll" })
    server:stop()
    assert.truthy(output:find("the copas loop needs a platform with pollable descriptors", 1, true), output)
  end)
end)

-- A loop of one's own on cqueues.poll, with the three functions only.
local function bare_cqueues()
  local cqueues = require "cqueues"
  return {
    wait = function(pollable, deadline)
      if not pollable:pollfd() then return cqueues.sleep(0.001) end
      cqueues.poll(pollable, deadline and math.max(0, deadline - workflows.now()))
    end,
    sleep = cqueues.sleep,
    spawn = function(fn) cqueues.running():wrap(fn) end,
  }
end

-- Calls work(client, index) in so many coroutines of a cqueues controller.
local function in_controller(client, count, work)
  local controller, left = require("cqueues").new(), count
  for index = 1, count do
    controller:wrap(function()
      work(client, index)
      left = left - 1
    end)
  end
  assert(controller:loop(30))
  assert.equal(0, left)
end

describe("the loop copas", function()
  if not has "copas" or os.getenv "MISTRAL_WORKFLOWS_BACKEND" == "poll" then return end
  local copas = require "copas"

  it("misses no deadline, whoever drives the client meanwhile", function()
    local server = sandbox.start { SANDBOX_REGISTRATIONS = 10 }
    local client, ended = server:client { loop = "copas" }, {}
    for index, seconds in ipairs { 0.05, 0.06, 0.3 } do
      copas.addthread(function()
        client:sleep(seconds)
        ended[#ended + 1] = index
      end)
    end
    local limit = workflows.now() + 0.1
    repeat client:drive() until workflows.now() >= limit
    while #ended < 2 and workflows.now() < limit + 5 do
      copas.step(0.01)
      client:drive()
    end
    assert.same({ 1, 2 }, ended)
    while #ended < 3 and workflows.now() < limit + 5 do copas.step(0.01) end
    assert.same({ 1, 2, 3 }, ended)
    client:close()
    server:stop()
  end)
end)

describe("an adapter of three functions", function()
  if not has "cqueues" then return end
  local server

  setup(function() server = sandbox.start { SANDBOX_REGISTRATIONS = 300 } end)

  teardown(function() server:stop() end)

  it("lets many coroutines share a client", function()
    local client = server:client { loop = bare_cqueues(), headers = { ["X-Sandbox-Delay"] = "0.1" } }
    local began = workflows.now()
    in_controller(client, 50, function(_, index)
      if index == 1 then
        local each = client.registrations:each { limit = 100 }
        for _ = 1, 300 do assert(each()) end
        assert.is_nil(each())
      elseif index == 2 then
        assert.equal(0.3, assert(client.workflows:run("slow", { input = { seconds = 0.3 } })).seconds)
      elseif index == 3 then
        assert.equal(5, #client:map({ 1, 2, 3, 4, 5 }, function() return (client.workflows:get "hello") end))
      else
        assert(client.workflows:get "hello")
      end
    end)
    assert.truthy(workflows.now() - began < 4)
    client:close()
  end)

  it("is left alone where Lua cannot yield", function()
    local client = server:client { loop = bare_cqueues() }
    assert(client.workflows:get "hello") -- the main program, or the loop of this run of the specs
    in_controller(client, 4, function(_, index)
      if index < 3 then return assert(client.workflows:get "hello") end
      local text = ("x"):gsub("x", function() return assert(client.workflows:get "echo").workflow.name end)
      assert.equal("echo", text)
    end)
    client:close()
  end)

  it("may wake one at a time", function()
    if os.getenv "MISTRAL_WORKFLOWS_BACKEND" == "poll" then return end
    local cqueues, waiting = require "cqueues", {}
    local client = server:client { timeout = 60, loop = {
      wait = function()
        waiting[#waiting + 1] = coroutine.running()
        coroutine.yield()
      end,
      sleep = function() error "nobody sleeps here" end,
      spawn = function(fn) assert(coroutine.resume(coroutine.create(fn))) end,
    } }
    local COUNT, done, cancelled = 30, {}, 0
    for index = 1, COUNT do
      assert(coroutine.resume(coroutine.create(function()
        local delay = index == COUNT and "0.1" or "20"
        local answer, err = client.workflows:get("hello", nil, { headers = { ["X-Sandbox-Delay"] = delay } })
        if answer then done[#done + 1] = index elseif err.kind == "cancelled" then cancelled = cancelled + 1 end
      end)))
    end
    -- The one that has waited for longest is woken; what there is to see may be another's.
    local limit = workflows.now() + 5
    while #done == 0 and workflows.now() < limit do
      local ready = cqueues.poll({ pollfd = client:pollable():pollfd(), events = "r" }, 1)
      if ready and #waiting > 0 then assert(coroutine.resume(table.remove(waiting, 1))) end
    end
    assert.same({ COUNT }, done)
    client:close()
    for _, thread in ipairs(waiting) do assert(coroutine.resume(thread)) end
    assert.equal(COUNT - 1, cancelled)
  end)

  it("serves a game", function()
    local threads, frames = {}, 0
    local client = server:client { loop = {
      wait = function() coroutine.yield() end,
      sleep = function(seconds)
        local wake = workflows.now() + seconds
        repeat coroutine.yield() until workflows.now() >= wake
      end,
      spawn = function(fn) threads[#threads + 1] = coroutine.create(fn) end,
    } }
    local done = 0
    for index = 1, 20 do
      threads[index] = coroutine.create(function()
        if index == 1 then
          local id = assert(client.workflows:execute("tokens", { input = { count = 20 } })).execution_id
          assert.equal("COMPLETED", assert(client.executions:wait(id)).status)
        else
          assert(client.workflows:get "hello")
        end
        done = done + 1
      end)
    end
    while done < 20 do
      for _, thread in ipairs(threads) do
        if coroutine.status(thread) ~= "dead" then assert(coroutine.resume(thread)) end
      end
      frames = frames + 1
      require("cqueues").sleep(0.002)
    end
    assert.truthy(frames > 10)
    client:close()
  end)
end)

for _, name in ipairs(available) do
  describe("the loop " .. name, function()
    local server, client, run

    setup(function()
      server = sandbox.start { SANDBOX_REGISTRATIONS = 300 }
      run = loops.runner(name)
    end)

    before_each(function()
      server:reset()
      client = server:client { loop = name }
    end)

    after_each(function() client:close() end)

    teardown(function() server:stop() end)

    it("goes on ticking while a call waits", function()
      local began = os.clock()
      local ticks, gap = run(function()
        assert(client.workflows:get("hello", nil, { headers = { ["X-Sandbox-Delay"] = "0.5" } }))
      end)
      assert.truthy(ticks > 10, ticks)
      assert.truthy(gap < 0.4, gap)
      assert.truthy(os.clock() - began < 0.3, "it does not wait, but look")
    end)

    it("goes on ticking while functions sleep", function()
      local began = os.clock()
      local ticks = run(function()
        client:map({ 1, 2 }, function()
          client:sleep(0.5)
          return true
        end)
      end)
      assert.truthy(ticks > 10, ticks)
      assert.truthy(os.clock() - began < 0.3, "it does not sleep, but look")
    end)

    it("goes on ticking between the attempts of a call", function()
      server:fixture { method = "GET", path = "/v1/workflows/hello", status = 503, times = 1,
        headers = { ["Retry-After"] = "1" }, body = "{}" }
      local ticks = run(function() assert(client.workflows:get "hello") end)
      assert.truthy(ticks > 20, ticks)
    end)

    it("goes on ticking while streams are followed, side by side", function()
      local ticks = run(function()
        local counts = client:gather {
          function() return (select(2, client.workflows:run("slow", { input = { seconds = 0.5 } }))).status end,
          function()
            local id = assert(client.workflows:execute("slow", { input = { seconds = 0.5 } })).execution_id
            local events, count = client.executions:stream(id), 0
            while events() do count = count + 1 end
            return count
          end,
        }
        assert.equal("COMPLETED", counts[1])
        assert.truthy(counts[2] > 5)
      end)
      assert.truthy(ticks > 20, ticks)
    end)

    it(yields_everywhere and "yields in a generic for" or "blocks in a generic for", function()
      local ticks = run(function()
        local count = 0
        for _ in client.registrations:each({ limit = 100 }, { headers = { ["X-Sandbox-Delay"] = "0.2" } }) do
          count = count + 1
        end
        assert.equal(300, count)
      end)
      assert.equal(yields_everywhere, ticks > 10)
    end)

    it("blocks where Lua cannot yield, and lets the others go on afterwards", function()
      local seen = {}
      run(function()
        client:gather {
          function() seen[1] = assert(client.workflows:get "hello").workflow.name end,
          function()
            seen[2] = ("x"):gsub("x", function() return assert(client.workflows:get "echo").workflow.name end)
          end,
        }
      end)
      assert.same({ "hello", "echo" }, seen)
    end)

    for _, url in ipairs { "url", "tls_url" } do
      it("lets a slow reader of a stream pause the server (" .. url .. ")", function()
        local other = server:client { loop = name, server_url = server[url], ca_file = server.ca_file }
        server:control("POST", "events?execution_id=long&count=800&size=4000&end=1")
        run(function()
          local events, count = other.executions:stream "long", 0
          while events() do
            count = count + 1
            if count % 200 == 0 then assert(other.workflows:get "hello") end
          end
          assert.truthy(count >= 800)
        end)
        other:close()
      end)

      it("takes what libcurl still holds when nothing more arrives (" .. url .. ")", function()
        local other = server:client { loop = name, server_url = server[url], ca_file = server.ca_file }
        run(function()
          for size = 3500, 4500, 100 do -- about as much in all as makes the reader pause
            local id = "held" .. size
            server:control("POST", ("events?execution_id=%s&count=70&size=%d&end=1"):format(id, size))
            local events, count = other.executions:stream(id), 0
            assert(events())
            assert(other.workflows:get("hello", nil, { headers = { ["X-Sandbox-Delay"] = "0.1" } }))
            local began = workflows.now()
            while events() do count = count + 1 end
            assert.truthy(count >= 70)
            assert.truthy(workflows.now() - began < 4)
          end
        end)
        other:close()
      end)
    end

    it("ends the waits of a client that is closed", function()
      local results, errors
      run(function()
        results, errors = client:gather {
          function() return client.workflows:get("hello", nil, { headers = { ["X-Sandbox-Delay"] = "20" } }) end,
          function()
            assert(client.workflows:get "hello")
            client:close()
            return true
          end,
        }
      end)
      assert.same({ [2] = true }, results)
      assert.equal("cancelled", errors[1].kind)
    end)

    it("is not needed by the main program", function()
      assert(client.workflows:get "hello")
    end)
  end)
end

describe("cqueues", function()
  if not has "cqueues" then return end
  local cqueues = require "cqueues"
  local server

  setup(function() server = sandbox.start { SANDBOX_REGISTRATIONS = 10 } end)

  teardown(function() server:stop() end)

  it("is found by itself inside a controller", function()
    local client, ticks, done = server:client { loop = "auto" }, 0, false
    local controller = cqueues.new()
    controller:wrap(function()
      assert(client.workflows:get("hello", nil, { headers = { ["X-Sandbox-Delay"] = "0.3" } }))
      done = true
    end)
    controller:wrap(function()
      while not done do
        cqueues.sleep(0.01)
        ticks = ticks + 1
      end
    end)
    assert(controller:loop(10))
    assert.truthy(done and ticks > 5)
    assert(client.workflows:get "hello") -- outside
    assert(coroutine.wrap(function() return client.workflows:get "hello" end)())
    client:close()
  end)

  it("is not waited for outside of it, where it is named, too", function()
    local client = server:client { loop = "cqueues" }
    assert(client.workflows:get "hello")
    local answer = coroutine.wrap(function() return client.workflows:get "hello" end)()
    assert.equal("hello", type(answer) == "table" and answer.workflow.name)
    client:close()
  end)

  it("may have several controllers with one client", function()
    local client = server:client { headers = { ["X-Sandbox-Delay"] = "0.1" } }
    local one, two, done = cqueues.new(), cqueues.new(), 0
    for _, controller in ipairs { one, two } do
      for _ = 1, 5 do
        controller:wrap(function()
          for _ = 1, 3 do assert(client.workflows:get "hello") end
          done = done + 1
        end)
      end
    end
    local gives_up = workflows.now() + 10
    while done < 10 and workflows.now() < gives_up do
      assert(one:step(0.01))
      assert(two:step(0.01))
    end
    assert.equal(10, done)
    client:close()
  end)

  it("keeps no coroutine of the library when another one, which blocked, has done all there was", function()
    local client = server:client { loop = "cqueues", headers = { ["X-Sandbox-Delay"] = "0.1" } }
    local controller, done = cqueues.new(), 0
    controller:wrap(function()
      assert(client.workflows:get "hello")
      done = done + 1
    end)
    controller:wrap(function()
      assert((("x"):gsub("x", function() return assert(client.workflows:get "echo").workflow.name end)))
      while client.handle:running() > 0 do client.handle:wait(workflows.now() + 1) end
      client:drive()
      done = done + 1
    end)
    assert(controller:loop(5))
    assert.equal(2, done)
    assert.equal(0, controller:count())
    client:close()
  end)

  it("may drop coroutines that wait", function()
    local client = server:client { headers = { ["X-Sandbox-Delay"] = "20" } }
    local controller = cqueues.new()
    for _ = 1, 3 do controller:wrap(function() client.workflows:get "hello" end) end
    assert(controller:step(0))
    assert(controller:step(0.05))
    assert.equal(3, client.handle:running())
    controller = nil -- luacheck: ignore 311
    collect()
    collect()
    if yields_everywhere and _VERSION ~= "Lua 5.1" then assert.equal(0, client.handle:running()) end
    client:close()
  end)

  it("carries 200 coroutines", function()
    local client = server:client { max_connections = 20 }
    in_controller(client, 200, function() assert(client.workflows:get "hello") end)
    assert.equal(0, client.handle:running())
    client:close()
  end)
end)
