-- Attempts of a call over time: how many, and what they wait for.

local clocked = require "spec.support.clocked"

local noted, near, passed = clocked.noted, clocked.near, clocked.passed

describe("over time,", function()
  local client

  local function new(answers, options)
    client = clocked.client(answers, options)
    return client
  end

  after_each(clocked.close)

  describe("attempts", function()
    it("are four, unless it is said otherwise", function()
      for attempts, options in pairs {
        [4] = {}, [1] = { retry = false }, [2] = { retry = { attempts = 2 } },
      } do
        new({ get_worker_info = function() return 503, {} end }, options)
        local _, err = client:whoami()
        assert.equal(attempts, err.attempts)
        assert.equal(attempts, #client.requests)
        client:close()
      end
    end)

    it("of a call are its own, also with a client that makes one only", function()
      new({ get_worker_info = function() return 503, {} end }, { retry = false })
      local _, err = client:whoami { retry = { attempts = 3 } }
      assert.equal(3, err.attempts)
      _, err = client:whoami { retry = true }
      assert.equal(4, err.attempts)
      _, err = client:whoami()
      assert.equal(1, err.attempts)
    end)

    it("do not wait for what would come after the deadline, nor after the budget", function()
      for _, options in ipairs { { deadline = 9 }, { retry = { budget = 9 } } } do
        new { get_worker_info = function() return 503, {}, { ["Retry-After"] = "30" } end }
        local _, err = client:whoami(options)
        assert.same({ "http", 503, 30, 1 }, { err.kind, err.status, err.retry_after, err.attempts })
        near(0, passed())
        client:close()
      end
    end)

    it("are made just before the deadline", function()
      new { get_worker_info = function() return 503, {}, { ["Retry-After"] = "30" } end }
      local _, err = client:whoami { deadline = 30.5 }
      assert.equal(2, err.attempts)
    end)

    it("wait no longer than cap, and no shorter than Retry-After", function()
      local times = {}
      new {
        get_worker_info = noted(times, function(_, number)
          if number == 3 then return 503, {}, { ["Retry-After"] = "9" } end
          return 503, {}
        end),
      }
      client:whoami { retry = { attempts = 12, base = 4, cap = 2 } }
      assert.equal(12, #times)
      for index = 2, #times do
        local pause = times[index] - times[index - 1]
        if index == 4 then near(9, pause) else assert.truthy(pause <= 2.1, pause) end
      end
      assert.truthy(times[12] - times[4] > 1, "no pauses")
    end)

    it("of a page are counted from when it is wanted, however long the program was busy with the one before", function()
      local pages = 0
      new {
        get_workflows = function()
          pages = pages + 1
          if pages == 1 then return 200, { workflows = { { name = "a" } }, next_cursor = "2" } end
          if pages == 2 then return 503, {} end
          return 200, { workflows = { { name = "b" } } }
        end,
      }
      local names = {}
      for workflow in client.workflows:each() do
        names[#names + 1] = workflow.name
        client:sleep(1000)
      end
      assert.same({ "a", "b" }, names)
    end)

    it("wait for what an earlier answer has asked for, as long as their budget or one attempt may last", function()
      for timeout, budget in pairs { [10] = 90, [90] = 10 } do
        new {
          get_worker_info = function() return 429, {}, { ["Retry-After"] = "60" } end,
          get_workflow = { workflow = { name = "hello" } },
        }
        client:whoami { retry = false }
        assert(client.workflows:get("hello", nil, { timeout = timeout, retry = { budget = budget } }))
        near(60, passed(), 0.5)
        client:close()
      end
      new {
        get_worker_info = function() return 429, {}, { ["Retry-After"] = "60" } end,
        get_workflow = { workflow = { name = "hello" } },
      }
      client:whoami { retry = false }
      for _, options in ipairs { { timeout = 10, retry = { budget = 20 } }, { deadline = 50 } } do
        local _, err = client.workflows:get("hello", nil, options)
        assert.same({ "http", 429, 0, true }, { err.kind, err.status, err.attempts, err.retryable })
        near(0, passed(), 0.5)
      end
    end)

    it("wait for what asks for most, whichever answer comes first", function()
      for first, second in pairs { [60] = 5, [5] = 60 } do
        local function asks(seconds)
          return function() return 429, {}, { ["Retry-After"] = tostring(seconds) } end
        end
        new {
          get_worker_info = asks(first), get_workflow_registration = asks(second),
          get_workflow = { workflow = { name = "hello" } },
        }
        client:gather {
          function() return client:whoami { retry = false } end,
          function() return client.registrations:get("r", nil, { retry = false }) end,
        }
        assert.equal(2, #client.requests)
        assert(client.workflows:get "hello")
        near(60, passed(), 0.5)
        client:close()
      end
    end)

    -- An answer that waits holds up all else on PUC Lua 5.1.
    if _VERSION ~= "Lua 5.1" or rawget(_G, "jit") then
      it("wait no longer in all where later answers ask for more time", function()
        new {
          get_worker_info = function() return 429, {}, { ["Retry-After"] = "60" } end,
          get_workflow_registration = function()
            client:sleep(30)
            return 429, {}, { ["Retry-After"] = "100" }
          end,
          get_workflow = { workflow = { name = "hello" } },
        }
        local _, errors = client:gather {
          function() return client.registrations:get("r", nil, { retry = false }) end,
          function()
            client:whoami { retry = false }
            return client.workflows:get("hello", nil, { timeout = 90, retry = { budget = 90 } })
          end,
        }
        assert.same({ "http", 429, 0 }, { errors[2].kind, errors[2].status, errors[2].attempts })
        near(60, passed(), 0.5)
      end)
    end

    it("have a budget that counts from the first of them", function()
      new { get_worker_info = function()
        client:sleep(4)
        return 503, {}
      end }
      local _, err = client:whoami { retry = { attempts = 100, base = 0, budget = 9 } }
      assert.equal(3, err.attempts)
      near(12, passed())
    end)

    it("are measured one by one", function()
      local sizes = {}
      new({
        get_worker_info = function()
          if #sizes == 0 then return 503, ("x"):rep(500) end
          return 200, { namespace = ("x"):rep(500) }
        end,
      }, { observer = function(info) sizes[#sizes + 1] = info.bytes_in end })
      assert(client:whoami())
      assert.equal(2, #sizes)
      assert.truthy(sizes[1] >= 500 and sizes[1] < 700 and sizes[2] >= 500 and sizes[2] < 700)
    end)

    it("of each page take no longer than their time", function()
      new { get_workflows = function() return "timeout" end }
      local ok, err = pcall(function()
        for _ in client.workflows:each({}, { timeout = 1, retry = false }) do error "an item" end
      end)
      assert.is_false(ok)
      assert.equal("timeout", err.kind)
      near(1, passed(), 0.2)
    end)
  end)
end)
