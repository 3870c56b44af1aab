-- The descriptor that an outside loop waits for.

local clients = require "spec.support.clients"
local fault = require "spec.support.fault"
local workflows = require "mistral.workflows"

describe("client:pollable()", function()
  if not pcall(require, "cqueues") or os.getenv "MISTRAL_WORKFLOWS_BACKEND" == "poll" then return end
  local cqueues = require "cqueues"
  local server, client

  setup(function() server = fault.start() end)

  before_each(function()
    server:reset()
    client = clients.new(server, { loop = "blocking" })
  end)

  after_each(function() client:close() end)

  teardown(function() server:stop() end)

  -- Is the descriptor readable within so many seconds?
  local function readable(seconds)
    local socket = { pollfd = client:pollable():pollfd(), events = "r" }
    return cqueues.poll(socket, seconds) == socket
  end

  -- How often it is readable and driven within so many seconds.
  local function count_wakes(seconds)
    local ends, count = workflows.now() + seconds, 0
    while workflows.now() < ends do
      if readable(math.max(0, ends - workflows.now())) then
        count = count + 1
        client:drive()
      end
    end
    return count
  end

  local kept -- a walk that is collected is cancelled

  -- Starts a call whose outcome comes with `drive`.
  local function begin()
    kept = client.runs:pages()
    return kept
  end

  it("is silent when there is nothing to do", function()
    assert.is_number(client:pollable():pollfd())
    assert.equal("r", client:pollable():events())
    assert.is_nil(client:pollable():timeout())
    assert.is_false(readable(0))
    assert(client:whoami())
    assert.is_false(readable(0.05))
  end)

  it("has its three methods and nothing else", function()
    local pollable, names = client:pollable(), {}
    assert.is_table(pollable)
    assert.is_nil(getmetatable(pollable))
    for name, value in pairs(pollable) do
      assert.is_function(value)
      names[#names + 1] = name
    end
    table.sort(names)
    assert.same({ "events", "pollfd", "timeout" }, names)
    assert.equal(pollable, client:pollable())
  end)

  it("is polled by cqueues as it is", function()
    server:script { actions = { { "hang" } } }
    local quick = clients.new(server, { timeout = 0.3, loop = "blocking" })
    local walk, controller, turns = quick.runs:pages(), cqueues.new(), 0
    controller:wrap(function()
      while quick.handle:running() > 0 do
        assert.equal(quick:pollable(), cqueues.poll(quick:pollable(), 5))
        quick:drive()
        turns = turns + 1
      end
    end)
    assert(controller:loop(10))
    assert.truthy(turns >= 1 and turns < 20, turns)
    assert.is_false(pcall(walk))
    quick:close()
  end)

  it("has nothing to wait for any more when the client is closed", function()
    local pollable = client:pollable()
    client:close()
    assert.is_nil(pollable:pollfd())
    assert.equal("r", pollable:events())
    assert.equal(pollable, client:pollable())
  end)

  it("drives a call to its end", function()
    server:respond(200, '{"executions":[],"next_page_token":null}')
    local each = begin()
    local wakes = 0
    while client.handle:running() > 0 do
      assert.is_true(readable(5))
      client:drive()
      wakes = wakes + 1
    end
    assert.truthy(wakes <= 10, wakes)
    assert.same({}, each().executions)
    assert.truthy(count_wakes(0.1) <= 1) -- a timer that was set for the call may still be over
  end)

  it("is silent while the server is", function()
    server:script { actions = { { "hang" } } }
    begin()
    repeat count_wakes(0.05) until #server:log() == 1
    assert.truthy(count_wakes(0.5) <= 3)
    assert.equal(1, client.handle:running())
    local timeout = client:pollable():timeout()
    assert.truthy(timeout == nil or timeout > 1)
  end)

  it("is readable after a cancel, so that whoever waits elsewhere looks", function()
    server:script { actions = { { "hang" } } }
    local walk = begin()
    repeat count_wakes(0.05) until #server:log() == 1
    assert.equal(0, count_wakes(0.1))
    walk:close()
    assert.is_true(readable(1))
    client:drive()
    assert.is_false(readable(0.05))
  end)

  it("tells the time of a timeout", function()
    server:script { actions = { { "hang" } } }
    local quick = clients.new(server, { timeout = 0.3, loop = "blocking" })
    client:close()
    client = quick
    begin()
    local began = workflows.now()
    while client.handle:running() > 0 do
      assert.is_true(readable(5))
      client:drive()
    end
    assert.truthy(workflows.now() - began > 0.2)
  end)

  it("does not spin when idle connections are closed by the server", function()
    server:script { idle_close = { after = 0.05 } }
    assert(client:whoami())
    assert(server:wait "idle_closed")
    assert.truthy(count_wakes(0.3) <= 2)
    assert.equal(0, count_wakes(0.2))
    assert(client:whoami())
  end)

  it("lets go of closed connections with the next call", function()
    local port = ("%04X"):format(tonumber(server.url:match ":(%d+)"))
    local function count_close_wait()
      local count = 0
      for line in io.lines "/proc/net/tcp" do
        if line:match("^%s*%d+: %x+:%x+ %x+:" .. port .. " 08 ") then count = count + 1 end
      end
      return count
    end
    local steps = {}
    for index = 1, 20 do steps[index] = { idle_close = { after = 0.3 } } end
    server:script(steps)
    client:map(steps, function() return client:whoami() end, { concurrency = 20 })
    assert(server:wait("idle_closed", server:stats().connections))
    cqueues.sleep(1.1) -- libcurl looks at idle connections at most once a second
    assert(client:whoami())
    assert.truthy(count_close_wait() <= 1, count_close_wait())
  end)
end)
