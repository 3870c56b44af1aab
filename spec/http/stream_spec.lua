-- Event streams of the sandbox.

local process = require "spec.support.process"
local sandbox = require "spec.support.sandbox"
local workflows = require "mistral.workflows"

-- The types of all events. A generic `for` of Lua 5.1 would let nobody else work meanwhile.
local function kinds(stream)
  local list, event = {}, stream()
  while event do
    list[#list + 1] = event.data.data.event_type
    event = stream()
  end
  return list
end

describe("the stream of", function()
  local server, client

  setup(function()
    server = sandbox.start { SANDBOX_REGISTRATIONS = 100 }
    client = server:client { idle_timeout = 0.3 }
  end)

  before_each(function() server:reset() end)

  teardown(function()
    client:close()
    server:stop()
  end)

  local function start(workflow, input)
    return assert(client.workflows:execute(workflow, { input = input or {} })).execution_id
  end

  local function control(path, ...)
    server:control("POST", path:format(...))
  end

  -- Waits until the sandbox has closed all streams that a client left.
  local function await_no_streams()
    local deadline = workflows.now() + 5
    while server:stats().open_streams > 0 do assert(workflows.now() < deadline, "streams are still open") end
  end

  describe("an execution", function()
    it("begins with its start and ends with its end", function()
      local id = start("tokens", { count = 50, interval = 0.001 })
      local events = {}
      for event in client.executions:stream(id) do events[#events + 1] = event end
      assert.equal("WORKFLOW_EXECUTION_STARTED", events[1].data.data.event_type)
      assert.equal("WORKFLOW_EXECUTION_COMPLETED", events[#events].data.data.event_type)
      local last = 0
      for _, event in ipairs(events) do
        assert.equal("workflow.event", event.event)
        assert.equal(id, event.data.data.workflow_exec_id)
        assert(event.data.broker_sequence > last)
        last = event.data.broker_sequence
        assert.equal(tostring(last), event.id)
        assert.truthy(tostring(event.data.data.event_timestamp):find "^%d%d%d%d%d%d%d%d%d%d%d%d%d%d%d%d%d%d%d$")
      end
      await_no_streams()
    end)

    it("ends after FAILED and CANCELED", function()
      local list = kinds(client.executions:stream(start("fail", { message = "no" })))
      assert.equal("WORKFLOW_EXECUTION_FAILED", list[#list])
      local id = start "forever"
      local stream = client.executions:stream(id)
      assert.equal("WORKFLOW_EXECUTION_STARTED", stream().data.data.event_type)
      assert(client.executions:cancel(id))
      list = kinds(stream)
      assert.equal("WORKFLOW_EXECUTION_CANCELED", list[#list])
    end)

    for status, keepalive in pairs { TERMINATED = 0.1, TIMED_OUT = 5 } do
      it(("ends after %s, which has no event; comments each %g s"):format(status, keepalive), function()
        control("keepalive?seconds=%g", keepalive)
        local id = start "forever"
        local stream = client.executions:stream(id)
        assert.equal("WORKFLOW_EXECUTION_STARTED", stream().data.data.event_type)
        control("complete?execution_id=%s&status=%s", id, status)
        for _, kind in ipairs(kinds(stream)) do assert.is_nil(kind:find "^WORKFLOW_EXECUTION") end
      end)
    end

    it("goes on in silence while it runs", function()
      local id = start "forever"
      local results = client:gather {
        function() return kinds(client.executions:stream(id)) end,
        function()
          local deadline = workflows.now() + 0.8
          repeat
            local execution = assert(client.executions:get(id))
            assert.equal("RUNNING", execution.status)
          until workflows.now() > deadline
          return (assert(client.executions:cancel(id)))
        end,
      }
      assert.equal("WORKFLOW_EXECUTION_CANCELED", results[1][#results[1]])
    end)

    it("does not end with its children", function()
      local id = start "tree"
      local children, last = 0, nil
      for event in client.executions:stream(id) do
        last = event.data.data
        if last.event_type == "WORKFLOW_EXECUTION_COMPLETED" and last.workflow_exec_id ~= id then
          children = children + 1
        end
      end
      assert.equal(3, children)
      assert.equal(id, last.workflow_exec_id)
    end)

    for _, mode in ipairs { "abort", "clean", "hang" } do
      it("survives drops: " .. mode, function()
        control("events?execution_id=dropped&count=60")
        control("stream?drop_after=35&times=2&seed=7&mode=%s", mode)
        local list, last = {}, 0
        for event in client.executions:stream "dropped" do
          assert(event.data.broker_sequence > last)
          last = event.data.broker_sequence
          list[#list + 1] = event.data.data.event_type
        end
        assert.equal(62, #list)
      end)
    end

    it("raises the service's error after the events before it", function()
      control "events?execution_id=broken&count=10"
      control "stream?drop_after=4&mode=error"
      local count = 0
      local ok, err = pcall(function()
        for _ in client.executions:stream "broken" do count = count + 1 end
      end)
      assert.is_false(ok)
      assert.same({ 4, "stream", "read_error", "broken" }, { count, err.kind, err.reason, err.execution_id })
    end)

    it("raises 404 and 503 like a plain call", function()
      local ok, err = pcall(client.executions:stream "nobody")
      assert.same({ false, "http", 404, "WF_1100" }, { ok, err.kind, err.status, err.code })
      control "stream?status=503"
      ok, err = pcall(client.executions:stream(start "forever", nil, { retry = false }))
      assert.same({ false, "http", 503 }, { ok, err.kind, err.status })
    end)

    it("can be taken up by another program", function()
      control "events?execution_id=long&count=20"
      local stream, place = client.executions:stream "long", nil
      for _ = 1, 8 do place = stream().id end
      stream:close()
      assert.equal(22 - 8, #kinds(client.executions:stream("long", { last_event_id = place })))
    end)
  end)

  describe("events", function()
    it("of one execution ends with it", function()
      local id = start("slow", { seconds = 0.2 })
      local list = kinds(client.events:stream { workflow_exec_id = id })
      assert.equal("WORKFLOW_EXECUTION_COMPLETED", list[#list])
    end)

    it("of a tree ends with its root", function()
      local id = start "tree"
      local ends = 0
      for event in client.events:stream { root_workflow_exec_id = id } do
        if event.data.data.event_type == "WORKFLOW_EXECUTION_COMPLETED" then ends = ends + 1 end
      end
      assert.equal(4, ends)
    end)

    it("of one execution ends also where a filter hides its end", function()
      control "keepalive?seconds=0.1"
      local id = start("tokens", { count = 20, interval = 0.001 })
      local list = kinds(client.events:stream { workflow_exec_id = id,
        workflow_event_types = { "CUSTOM_TASK_IN_PROGRESS" } })
      assert.equal(20, #list)
    end)

    it("of all goes on until it is left", function()
      local stream = client.events:stream { start_seq = 1, workflow_name = "hello" }
      for _ = 1, 3 do
        local id = start("hello", {})
        local event
        repeat event = stream() until event.data.data.event_type == "WORKFLOW_EXECUTION_COMPLETED"
        assert.equal(id, event.data.data.workflow_exec_id)
      end
      stream:close()
      await_no_streams()
    end)
  end)

  describe("logs", function()
    it("of an execution ends with it", function()
      local id = start("slow", { seconds = 0.2 })
      local count = 0
      for event in client.executions:stream_logs(id) do
        assert.equal("log", event.event)
        assert.is_string(event.data.body)
        count = count + 1
      end
      assert(count > 0)
    end)

    it("of a deployment resumes behind the last record", function()
      control "stream?drop_after=5&mode=abort"
      local stream, last = client.deployments:stream_logs("default", { after = "2026-01-01T00:00:00Z" }), nil
      for _ = 1, 20 do
        local event = stream()
        if last then assert.equal(last + 1, tonumber(event.id)) end
        last = tonumber(event.id)
      end
      stream:close()
    end)
  end)

  describe("many executions", function()
    it("is followed side by side", function()
      local results, errors = client:map({ 1, 2, 3, 4, 5, 6 }, function()
        local id = start("tokens", { count = 20, interval = 0.01 })
        return #kinds(client.executions:stream(id))
      end)
      assert.is_nil(errors)
      for index = 1, 6 do assert.equal(24, results[index]) end
    end)

    -- Follows executions that are silent with clients of few connections, until the status of each was asked for.
    -- Returns how many streams were opened, and how many questions were answered.
    local function follow_silent(count, options)
      local ids, answered = {}, 0
      for index = 1, count do ids[index] = start "forever" end
      options.max_connections, options.idle_timeout, options.timeout = 2, 0.5, 5
      options.observer = function(info)
        if info.operation == "get_workflow_execution" and info.status == 200 then answered = answered + 1 end
      end
      local own = server:client(options)
      control "keepalive?seconds=0.1"
      server:record()
      own:map(ids, function(id)
        local stream = own.executions:stream(id)
        repeat until stream:next(2) == nil
        return true
      end, { concurrency = count })
      own:close()
      local opened = 0
      for _, request in ipairs(server:requests(1000)) do
        if request.uri:find("/stream", 1, true) then opened = opened + 1 end
      end
      return opened, answered
    end

    it("over HTTP/2 goes on while questions are asked over the same connections", function()
      local opened, answered = follow_silent(6, { server_url = server.tls_url, ca_file = server.ca_file })
      assert.equal(6, opened)
      assert.truthy(answered >= 6, answered)
    end)

    it("over HTTP/1.1 leaves connections to questions, too", function()
      local opened, answered = follow_silent(2, { server_url = server.url })
      assert.truthy(opened > 2 and opened < 20, opened)
      assert.truthy(answered >= 2, answered)
    end)

    local function descriptors()
      local pid = assert(io.open "/proc/self/stat"):read "*n"
      return tonumber((process.output(("ls /proc/%d/fd | wc -l"):format(pid))))
    end

    it("holds nothing once it is left", function()
      local id = start "forever"
      local function leave()
        local stream = client.executions:stream(id)
        assert.is_table(stream())
        stream:close()
      end
      for _ = 1, 20 do leave() end
      collectgarbage()
      collectgarbage()
      local open, memory = descriptors(), collectgarbage "count"
      for _ = 1, 200 do leave() end
      collectgarbage()
      collectgarbage()
      assert(descriptors() <= open + 2, "descriptors")
      assert(collectgarbage "count" <= memory + 64, "memory")
      await_no_streams()
    end)

    if _VERSION == "Lua 5.4" then
      it("is closed by leaving the loop, without a collection", function()
        local id = start "forever"
        collectgarbage "stop"
        for _ = 1, 5 do
          for _ in client.executions:stream(id) do break end -- luacheck: ignore 512
          local first = assert(load([[
            local client, id = ...
            for event in client.executions:stream(id) do return event end
          ]]))(client, id)
          assert.is_table(first)
        end
        local ok, problem = pcall(await_no_streams)
        collectgarbage "restart"
        assert(ok, problem)
      end)
    end
  end)
end)
