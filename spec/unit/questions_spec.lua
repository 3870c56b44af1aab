-- The question for the status of one execution: when it is asked, and what the answers tell.

local clocked = require "spec.support.clocked"
local loop = require "mistral.workflows.loop"
local question = require "mistral.workflows.question"
local workflows = require "mistral.workflows"

local near, noted, passed = clocked.near, clocked.noted, clocked.passed

describe("a question", function()
  local client, times

  -- @param answer what is answered, or a function(request, number); `times` notes when
  local function new(answer, options, more)
    times = {}
    local all = { get_workflow_execution = noted(times, answer) }
    for name, value in pairs(more or {}) do all[name] = value end
    client = clocked.client(all, options)
    return client
  end

  after_each(clocked.close)

  local function seldom() return 1000 end

  local function ask(settings)
    local all = { options = {}, about = "wait 'e'", every = seldom }
    for name, value in pairs(settings or {}) do all[name] = value end
    return question.new(client, "e", all)
  end

  -- Lets it work for so many seconds, or until it is over.
  local function work(asked, seconds)
    local stop = workflows.now() + seconds
    repeat
      while asked:step() and not asked.err and not asked.final do end
      if asked.err or asked.final then return end
      local wake = math.min(asked:due(), stop)
      if asked:transfer() then
        loop.await(client, asked:transfer(), wake)
      else
        client:sleep(math.max(wake - workflows.now(), 0))
      end
    until workflows.now() >= stop
  end

  local function running() return { execution_id = "e", status = "RUNNING" } end

  local function check(expected)
    assert.equal(#expected, #times)
    for index, at in ipairs(expected) do near(at, times[index]) end
  end

  it("is asked after so much time without a sign, or at once", function()
    new(running)
    work(ask { every = function() return 30 end }, 100)
    check { 30, 60, 90 }
    client:close()
    new(running)
    work(ask { every = function() return 30 end, ask_first = true }, 50)
    check { 0, 30 }
  end)

  it("is asked later where there is a sign meanwhile", function()
    new(running)
    local asked = ask { every = function() return 30 end }
    work(asked, 20)
    asked:sign()
    work(asked, 40)
    check { 50 }
  end)

  it("is asked at once on a hint, then after twice the time each time up to five seconds, for a minute", function()
    new(running)
    local asked = ask()
    work(asked, 100)
    asked:hint()
    work(asked, 200)
    check { 100, 100.25, 100.75, 101.75, 103.75, 107.75, 112.75, 117.75, 122.75, 127.75, 132.75, 137.75, 142.75, 147.75,
      152.75, 157.75, 162.75 }
    asked:hint()
    work(asked, 0.3)
    near(300, times[18])
    near(300.25, times[19])
  end)

  it("is asked soon, but not more often than each quarter of a second", function()
    new(running)
    local asked = ask()
    for _ = 1, 20 do
      asked:ask_soon()
      work(asked, 0.05)
    end
    assert.truthy(#times >= 3 and #times <= 8, #times)
    near(0, times[1])
  end)

  it("is asked once more shortly before the end", function()
    new(running)
    work(ask { ask_last_at = workflows.now() + 40 }, 100)
    check { 40 }
    client:close()
    new(running)
    work(ask { ask_last_at = workflows.now() + 40, every = function() return 45 end }, 80)
    check { 40 }
  end)

  it("is over with a status that is final, and with an answer that has none", function()
    for _, status in ipairs { "COMPLETED", "FAILED", "CANCELED", "TERMINATED", "TIMED_OUT" } do
      new { execution_id = "e", status = status }
      local asked = ask { ask_first = true }
      work(asked, 100)
      assert.is_true(asked.final)
      assert.same({ status, status, 1 }, { asked.status, asked.execution.status, #times })
      assert.equal(math.huge, asked:due())
      client:close()
    end
    for _, status in ipairs { "RUNNING", "RETRYING_AFTER_ERROR", "CONTINUED_AS_NEW", "NEW_STATUS", workflows.null } do
      new { execution_id = "e", status = status }
      local asked = ask { ask_first = true }
      work(asked, 10)
      assert.is_nil(asked.final or asked.err)
      client:close()
    end
    for _, shown in ipairs { '{"execution_id":"e"}', "{}" } do
      new(function() return 200, shown end)
      local asked = ask { ask_first = true }
      work(asked, 10)
      assert.same({ "decode", "the answer has no 'status': " .. shown, "wait 'e'", "e", 200, "get_workflow_execution" },
        { asked.err.kind, asked.err.message, asked.err.call, asked.err.execution_id, asked.err.status,
          asked.err.operation })
      assert.equal(math.huge, asked:due())
      client:close()
    end
  end)

  it("that stands at CONTINUED_AS_NEW is over after its patience, counted from the last event", function()
    local function continued() return { execution_id = "e", status = "CONTINUED_AS_NEW" } end
    new(continued)
    local asked = ask { ask_first = true, continue_patience = 20 }
    work(asked, 100)
    assert.is_true(asked.final)
    assert.truthy(passed() >= 20 and passed() < 26, passed())
    client:close()
    new(continued)
    asked = ask { ask_first = true, continue_patience = 20 }
    work(asked, 15)
    asked:sign()
    work(asked, 100)
    assert.truthy(passed() >= 35 and passed() < 41, passed())
    client:close()
    new(continued)
    asked = ask { ask_first = true }
    work(asked, 100)
    assert.is_nil(asked.final)
  end)

  it("takes no longer for a request than that may take", function()
    for seconds, options in pairs { [10] = {}, [3] = { timeout = 3 } } do
      new("timeout", options)
      local asked = ask { ask_first = true }
      work(asked, seconds + 2)
      near(seconds + 0.25, times[2])
      asked:cancel()
      client:close()
    end
  end)

  it("bears failures that may pass for as long as its patience, and no others", function()
    for _, failure in ipairs { "drop", "refuse", "timeout", 408, 429, 500, 502, 503, 504 } do
      new(function()
        if type(failure) == "number" then return failure, {} end
        return failure
      end)
      local asked = ask { ask_first = true, patience = 30 }
      work(asked, 100)
      assert.is_table(asked.err)
      assert.equal("wait 'e'", asked.err.call)
      assert.truthy(passed() >= 30 and passed() < 41, ("%s: %g"):format(failure, passed()))
      assert.truthy(#times > 2)
      client:close()
    end
    for _, status in ipairs { 400, 401, 403, 404, 422, 501 } do
      new(function() return status, {} end)
      local asked = ask { ask_first = true, patience = 30 }
      work(asked, 100)
      assert.same({ "http", status, "e", 1, 1 },
        { asked.err.kind, asked.err.status, asked.err.execution_id, asked.err.attempts, #times })
      client:close()
    end
  end)

  it("counts its patience from the first request without an answer", function()
    new(function()
      if passed() > 25 and passed() < 35 then return running() end
      return 500, {}
    end)
    local asked = ask { ask_first = true, patience = 30, every = function() return 1 end }
    work(asked, 200)
    assert.equal(500, asked.err.status)
    assert.truthy(passed() >= 64 and passed() < 75, passed())
  end)

  it("asks no earlier than Retry-After says, whatever it hears", function()
    new(function(_, number)
      if number == 1 then return 503, {}, { ["Retry-After"] = "40" } end
      return running()
    end)
    local asked = ask { ask_first = true }
    work(asked, 5)
    asked:hint()
    asked:ask_soon()
    work(asked, 36)
    near(40, times[2])
  end)

  it("bears for ten seconds that what was started is not known yet", function()
    new(function() return 404, {} end)
    local asked = ask { ask_first = true, posted_at = workflows.now() }
    work(asked, 100)
    assert.equal(404, asked.err.status)
    check { 0, 0.25, 0.75, 1.75, 3.75, 7.75, 12.75 }
  end)

  it("stands at CONTINUED_AS_NEW anew after a run that went on", function()
    new(function()
      local at = passed()
      return { execution_id = "e", status = (at < 15 or at >= 30) and "CONTINUED_AS_NEW" or "RUNNING" }
    end)
    local asked = ask { ask_first = true, continue_patience = 20, every = function() return 1 end }
    work(asked, 100)
    assert.is_true(asked.final)
    assert.truthy(passed() >= 50 and passed() < 57, passed())
  end)

  it("is asked soon also while it waits longer and longer", function()
    new(running)
    local asked = ask()
    asked:hint()
    work(asked, 20)
    local before = #times
    asked:ask_soon()
    work(asked, 0.1)
    assert.equal(before + 1, #times)
  end)

  it("bears that there is no key for a moment", function()
    local keys = 0
    new(running, { api_key = function()
      keys = keys + 1
      if keys == 2 then return nil, "no key today" end
      return "key-of-a-test"
    end })
    local asked = ask { ask_first = true, patience = 60, every = function() return 10 end }
    work(asked, 15)
    assert.is_nil(asked.err)
    check { 0, 10.25 }
  end)

  it("waits for the time for which the service wants no requests", function()
    new(running, {}, { get_worker_info = function() return 429, {}, { ["Retry-After"] = "43" } end })
    client:whoami { retry = false }
    local asked = ask { ask_first = true, patience = 60 }
    work(asked, 50)
    assert.is_nil(asked.err)
    check { 43 }
    client:close()
    new(running, {}, { get_worker_info = function() return 429, {}, { ["Retry-After"] = "43" } end })
    client:whoami { retry = false }
    asked = ask { ask_first = true, patience = 30 }
    work(asked, 50)
    assert.same({ "http", 429, 0, "wait 'e'" },
      { asked.err.kind, asked.err.status, asked.err.attempts, asked.err.call })
    near(30, passed())
  end)

  it("does not wait for its answer", function()
    new(function()
      client:sleep(5)
      return running()
    end)
    local asked = ask { ask_first = true }
    assert.is_false(asked:step())
    assert.is_false(asked:step())
    near(0, passed())
    assert.truthy(asked:transfer())
    work(asked, 6)
    assert.equal("RUNNING", asked.status)
  end)

  it("of a client that was closed is over", function()
    new(running)
    local asked = ask { ask_first = true }
    client:close()
    assert.is_true(asked:step())
    assert.same({ "cancelled", "wait 'e'", 0 }, { asked.err.kind, asked.err.call, asked.err.attempts })
    assert.equal(math.huge, asked:due())
  end)

  it("that is taken back asks nothing more", function()
    new "timeout"
    local asked = ask { ask_first = true }
    work(asked, 1)
    asked:cancel()
    assert.is_nil(asked:transfer())
    assert.equal(0, client.handle:running())
  end)

  it("knows when the execution began", function()
    for given, expected in pairs {
      ["2026-01-01T00:00:00Z"] = 1767225600, ["no time"] = false, [5] = false, [{}] = false,
    } do
      new { execution_id = "e", status = "RUNNING", start_time = given }
      local asked = ask { ask_first = true }
      work(asked, 1)
      assert.equal(expected or nil, asked.start_time)
      client:close()
    end
  end)
end)
