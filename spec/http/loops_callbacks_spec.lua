-- Functions of the program that wait, raise errors and close things inside event loops, on each Lua.

local inner = require "mistral.workflows.loop.inner"
local loops = require "spec.support.loops"
local player = require "spec.support.player"

local SLEEP_SECONDS, LONGEST_GAP = 0.6, 0.4

local available = {}
for _, name in ipairs { "cqueues", "luv", "copas" } do
  local usable = name ~= "copas" or os.getenv "MISTRAL_WORKFLOWS_BACKEND" ~= "poll"
  if usable and pcall(require, name) then available[#available + 1] = name end
end

for _, name in ipairs(available) do
  describe("in " .. name, function()
    local server, client, run

    setup(function()
      server = player.start()
      run = loops.runner(name)
    end)
    teardown(function() server:stop() end)
    before_each(function() server:reset() end)
    after_each(function()
      run(function() client:close() end) -- what is being closed at exit would end in a crash of luv
      client = nil
    end)

    local function open(options)
      client = server:client({ loop = name, max_connections = 4 }, options)
    end

    -- Runs a function in the loop, which must not be held up.
    local function check(fn)
      local results
      local _, gap = run(function() results = { inner.pcall(fn) } end)
      assert.truthy(gap < LONGEST_GAP, ("held up for %.2f seconds"):format(gap))
      return results[1], results[2], results[3], results[4]
    end

    it("on_event may wait in any way of the library", function()
      open()
      server:play { e = { events = 4, interval = 0.02 }, other = { events = 3, seconds = 0.5 } }
      local waits = {
        function() client:sleep(SLEEP_SECONDS) end,
        function() assert(client.executions:wait("other", { on_event = function() client:sleep(0.05) end })) end,
        function() client:map({ 1, 2, 3 }, function() client:sleep(SLEEP_SECONDS / 2) end) end,
        function() assert(client.executions:get "e") end,
      }
      local count = 0
      local ok, execution, err, gap = check(function()
        return client.executions:wait("e", {
          on_event = function()
            count = count + 1
            waits[count]()
          end,
        })
      end)
      assert.is_true(ok, tostring(execution))
      assert.equal("COMPLETED", execution.status)
      assert.same({}, { err, gap })
      assert.equal(4, count)
    end)

    it("on_event may wait in a function of map", function()
      open()
      server:play { e1 = { events = 3, interval = 0.02 }, e2 = { events = 3, interval = 0.02 } }
      local count = 0
      local ok, results, errors = check(function()
        return client:map({ "e1", "e2" }, function(id)
          return client.executions:wait(id, {
            on_event = function()
              client:sleep(SLEEP_SECONDS / 2)
              count = count + 1
            end,
          })
        end)
      end)
      assert.is_true(ok)
      assert.is_nil(errors)
      assert.same({ 2, 6 }, { #results, count })
    end)

    it("errors of on_event, of the observer, and of a loop over a stream leave nothing open", function()
      local raise = false
      open { idle_timeout = 1, observer = function() if raise then error("mine", 0) end end }
      server:play({ e = { events = 3, seconds = 60 } }, { heartbeat = 0.1 })
      local function on_event()
        client:sleep(0.01)
        error("mine", 0)
      end
      local function nothing() end
      local stream
      local calls = {
        function() client.executions:wait("e", { on_event = on_event }) end,
        function()
          raise = true
          client.executions:wait("e", { on_event = nothing, timeout = 20 })
        end,
        function()
          raise = true
          stream = client.executions:stream "e"
          while stream() do nothing() end
        end,
      }
      for number, call in ipairs(calls) do
        raise = false
        local ok, problem = check(call)
        raise = false
        assert.same({ false, "mine" }, { ok, problem }, number)
        assert.equal(0, client.handle:running(), number)
      end
    end)

    it("the function that gives the key may wait, also where many waits are one", function()
      local asked = 0
      open { api_key = function()
        asked = asked + 1
        if client then client:sleep(asked == 1 and SLEEP_SECONDS or 0.02) end
        return player.key
      end }
      server:play { e1 = { events = 3, seconds = 1.5 }, e2 = { events = 3, seconds = 1.6 } }
      local ok, count = check(function()
        local iterator, ended = client.executions:as_completed({ "e1", "e2" }, { timeout = 20 }), 0
        for _ = 1, 2 do
          local execution, err = iterator()
          assert(not err, err)
          ended = ended + (execution.status == "COMPLETED" and 1 or 0)
        end
        return ended
      end)
      assert.is_true(ok, tostring(count))
      assert.equal(2, count)
      assert.truthy(asked > 3)
    end)
  end)
end
