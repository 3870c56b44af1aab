-- The option `transport`: a function in place of the network, and everything else as it is.

local clients = require "spec.support.clients"
local fault = require "spec.support.fault"
local maps = require "spec.support.maps"
local workflows = require "mistral.workflows"

local null = workflows.null

-- PUC Lua 5.1 cannot yield inside pcall, metamethods and the iterator of a generic `for`: there it blocks.
local yields_everywhere = _VERSION ~= "Lua 5.1" or rawget(_G, "jit") ~= nil

describe("a transport", function()
  local seen, client

  -- A client whose requests are answered by the function, or by the list in order, and noted in `seen`.
  local function new(answers, options)
    local all = { server_url = "https://workflows.test/base", retry = false, timeout = 5, idle_timeout = 5 }
    for name, value in pairs(options or {}) do all[name] = value end
    function all.transport(request)
      seen[#seen + 1] = request
      if type(answers) == "function" then return answers(request, #seen) end
      local answer = answers[#seen]
      if type(answer) == "string" then return nil, answer end
      return answer
    end
    client = workflows.new(all)
    return client
  end

  it("is asked as often as the policy says, also without any pause", function()
    new(function() return { status = 500, body = "{}" } end, { retry = { attempts = 1100, base = 0 } })
    local _, err = client:whoami()
    client:close()
    assert.equal(1100, err.attempts)
  end)

  -- A function that gives the pieces in order; `ending` is what comes after nil.
  local function pieces(list, ending)
    local index = 0
    return function()
      index = index + 1
      if list[index] == nil then return nil, ending end
      return list[index]
    end
  end

  local function event(sequence, more)
    return ('id: %d\ndata: {"broker_sequence":%d%s}\n\n'):format(sequence, sequence, more or "")
  end

  local function sequences(stream)
    local list = {}
    local ok, err = pcall(function()
      for item in stream do list[#list + 1] = item.data.broker_sequence end
    end)
    return list, not ok and err or nil
  end

  before_each(function() seen = {} end)

  after_each(function()
    if client then
      maps.assert_idle(client)
      client:close()
    end
  end)

  it("gets the request as it would have been sent, and needs no key", function()
    new({ { status = 200, body = "{}" }, { status = 200, body = "{}" } }, { headers = { ["X-Team"] = "desk" } })
    assert.same({}, client.workflows:list({ limit = 2, search = "a b" }, { headers = { ["X-One"] = "1" } }))
    local request = seen[1]
    assert.equal("get_workflows", request.operation)
    assert.equal("GET", request.method)
    assert.equal("/base/v1/workflows", request.path)
    assert.equal("limit=2&search=a%20b", request.query)
    assert.equal("https://workflows.test/base/v1/workflows?limit=2&search=a%20b", request.url)
    assert.is_nil(request.body)
    local headers = {}
    for name, value in pairs(request.headers) do headers[name:lower()] = value end
    assert.same({ "desk", "1", "application/json" }, { headers["x-team"], headers["x-one"], headers.accept })
    assert.is_nil(headers.authorization)
    assert(client.executions:signal("e/1", { name = "go" }))
    assert.equal("/base/v1/workflows/executions/e%2F1/signals", seen[2].path)
    assert.same({ name = "go" }, workflows.json.decode(seen[2].body))
    assert.is_nil(seen[2].query)
  end)

  it("gets the key where there is one", function()
    new({ { status = 200, body = "{}" } }, { api_key = function() return "key-of-a-test" end })
    assert(client:whoami())
    assert.equal("Bearer key-of-a-test", seen[1].headers.Authorization)
  end)

  it("answers with text, a table that is sent as JSON, pieces, or nothing", function()
    new {
      { status = 200, body = '{"a":[1,null]}' },
      { status = 200, body = { a = workflows.array { 1, null } } },
      { status = 200, body = pieces { '{"a":', "", "[1,nu", "ll]}" } },
      { status = 204 },
    }
    for _ = 1, 3 do assert.same({ a = { 1, null } }, client:whoami()) end
    assert.is_true(client.executions:cancel "e")
  end)

  it("gives status and headers, by name or as lines", function()
    new {
      { status = 404, headers = { ["X-Request-Id"] = "r1" }, body = { detail = "nothing", code = "WF_1100" } },
      { status = 503, headers = { "Retry-After: 7" }, body = "busy" },
      { status = 200, headers = { ["content-type"] = "text/html" }, body = "<p>hello</p>" },
    }
    local _, err = client.executions:get "e"
    assert.same({ "http", 404, "WF_1100", "r1" }, { err.kind, err.status, err.code, err.request_id })
    _, err = client.executions:get "e"
    assert.same({ 503, 7, "busy" }, { err.status, err.retry_after, err.body })
    _, err = client.executions:get "e"
    assert.equal("decode", err.kind)
    assert.truthy(err.message:find("text/html", 1, true))
  end)

  it("fails with a text, or with a kind and a message", function()
    new {
      "cable cut",
      [3] = { status = 200, body = "{}" },
    }
    local _, err = client:whoami()
    assert.equal("network", err.kind)
    assert.truthy(err.message:find("cable cut", 1, true))
    for _, case in ipairs { { "connect", true }, { "network", false }, { "timeout", false },
      { "storm", false, "network" } } do
      local kind, retryable = case[1], case[2]
      client:close()
      new(function() return nil, { kind = kind, message = "so it is" } end)
      err = select(2, client.executions:signal("e", { name = "go" }))
      assert.same({ case[3] or kind, retryable }, { err.kind, err.retryable })
      assert.truthy(err.message:find("so it is", 1, true), err.message)
    end
  end)

  it("that raises, or answers with something else, fails", function()
    local raised = setmetatable({}, { __tostring = function() return "an object" end })
    local hidden = setmetatable({}, { __tostring = error })
    local cases = {
      { "boom", function() error("boom", 0) end },
      { "an object", function() error(raised, 0) end },
      { "a table that cannot be shown", function() error(hidden, 0) end },
      { "gave no answer", function() end },
      { "gave a string, not a table", function() return "text" end },
      { "gave no status", function() return { body = "{}" } end },
      { "gave no status", function() return { status = "200" } end },
      { "body is a number", function() return { status = 200, body = 5 } end },
      { "a function is not JSON", function() return { status = 200, body = { print } } end },
      { "headers must be", function() return { status = 200, headers = { ["X-A"] = true } } end },
      { "a piece that is no text", function() return { status = 200, body = pieces { "{", 5 } } end },
      { "in the middle", function()
        return { status = 200, body = function() error("in the middle", 0) end }
      end },
    }
    for _, case in ipairs(cases) do
      if client then client:close() end
      local _, err = new(case[2]):whoami()
      assert.equal("network", err.kind)
      assert.truthy(err.message:find(case[1], 1, true), err.message)
    end
  end)

  it("breaks off an answer", function()
    new { { status = 200, body = pieces({ '{"a":' }, "cut off") }, { status = 200, body = pieces { '{"a":' } } }
    local _, err = client:whoami()
    assert.same({ "network", 200 }, { err.kind, err.status })
    assert.truthy(err.message:find("cut off", 1, true))
    _, err = client:whoami()
    assert.equal("decode", err.kind)
  end)

  it("is asked again as the network would be", function()
    local loop = clients.impatient_loop()
    new(function(_, count)
      if count < 3 then return { status = 503, body = {} } end
      return { status = 200, body = { count = count } }
    end, { retry = { attempts = 4 }, loop = loop })
    assert.same({ count = 3 }, client:whoami())
    local _, err = client.executions:signal("e", { name = "go" })
    assert.is_nil(err)
  end)

  it("starts an execution once", function()
    new(function(request, count)
      if count == 1 then return nil, "lost" end
      assert.equal("get_workflow_execution", request.operation)
      return { status = 200, body = { execution_id = request.path:match "[^/]+$", status = "RUNNING" } }
    end)
    local execution = assert(client.workflows:execute("hello", {}))
    assert.equal(workflows.json.decode(seen[1].body).execution_id, execution.execution_id)
    assert.equal(2, #seen)
  end)

  it("serves walks, and is asked early", function()
    new(function(request)
      local page = tonumber(request.query and request.query:match "cursor=(%d+)") or 1
      return { status = 200, body = { workflow_registrations = { { id = page } },
        next_cursor = page < 4 and tostring(page + 1) or null } }
    end)
    local ids = {}
    for item in client.registrations:each() do ids[#ids + 1] = item.id end
    assert.same({ 1, 2, 3, 4 }, ids)
    assert.equal(4, #seen)
  end)

  it("keeps to limits", function()
    new(function() return { status = 200, body = function() return ("x"):rep(1000) end } end,
      { max_response_bytes = 5000 })
    local _, err = client:whoami()
    assert.equal("too_large", err.kind)
    client:close()
    new(function()
      return { status = 200, body = pieces { "data: ", ("x"):rep(9000), "\n\n" } }
    end, { max_response_bytes = 5000 })
    local ok
    ok, err = pcall(client.events:stream())
    assert.is_false(ok)
    assert.equal("too_large", err.kind)
  end)

  describe("is bound by time", function()
    local function timed_out(seconds, ...)
      local began = workflows.now()
      local value, err = client:whoami(...)
      local took = workflows.now() - began
      assert.is_nil(value)
      assert.same({ "timeout", "response" }, { err.kind, err.phase })
      assert.truthy(took > seconds - 0.02 and took < seconds + 2, took)
    end

    it("while it waits", function()
      local ended = false
      new(function()
        client:sleep(10)
        ended = true
      end)
      timed_out(0.2, { timeout = 0.2 })
      timed_out(0.2, { deadline = 0.2 })
      assert.is_false(ended)
    end)

    it("and does nothing for it any more", function()
      local turns = 0
      new(function()
        while true do
          turns = turns + 1
          client:sleep(0.01)
        end
      end)
      timed_out(0.2, { timeout = 0.2 })
      local before = turns
      client:sleep(0.1)
      assert.equal(before, turns)
    end)

    it("between pieces, also where none waits", function()
      new(function() return { status = 200, body = function() return " " end } end)
      timed_out(0.2, { timeout = 0.2 })
      client:close()
      new(function() return { status = 200, body = function() return "" end } end)
      timed_out(0.2, { timeout = 0.2 })
    end)

    it("in streams by idle_timeout", function()
      new(function() return { status = 200, body = function() return "" end } end, { idle_timeout = 0.2 })
      local list, err = sequences(client.events:stream())
      assert.same({}, list)
      assert.same({ "timeout", "idle" }, { err.kind, err.phase })
    end)
  end)

  it("may wait, and call the same client and others", function()
    local server = fault.start()
    finally(function() server:stop() end)
    local other = clients.new(server)
    new(function(request)
      if request.operation == "get_worker_info" then return { status = 200, body = { name = "inner" } } end
      client:sleep(0.02)
      return { status = 200, body = { outer = assert(other:whoami()), inner = assert(client:whoami()) } }
    end)
    assert.same({ outer = { ok = true }, inner = { name = "inner" } }, client.workflows:get "hello")
    local results, errors = client:map({ 1, 2, 3 }, function() return client.workflows:get "hello" end)
    assert.is_nil(errors)
    assert.equal(3, #results)
    other:close()
  end)

  it("does not hold up other calls while it waits", function()
    local begun = 0
    new(function()
      begun = begun + 1
      repeat client:sleep(0.01) until begun == 20
      return { status = 200, body = {} }
    end)
    local results, errors = client:map(maps.numbers(20), function() return client:whoami() end, { concurrency = 20 })
    assert.is_nil(errors)
    assert.equal(20, #results)
  end)

  it("may close the client", function()
    new(function()
      client:close()
      return { status = 200, body = {} }
    end)
    local _, err = client:whoami()
    assert.equal("cancelled", err.kind)
    client = nil
  end)

  it("is told of to the observer, as the network is", function()
    local attempts = {}
    new({ { status = 500, body = "" }, { status = 200, body = "{}" } }, {
      retry = { attempts = 2, base = 0 }, observer = function(attempt) attempts[#attempts + 1] = attempt end,
    })
    assert(client:whoami())
    assert.same({ 500, "http", 1 }, { attempts[1].status, attempts[1].error, attempts[1].attempt })
    assert.same({ 200, "GET", 2 }, { attempts[2].status, attempts[2].method, attempts[2].attempt })
    assert.is_nil(attempts[2].error)
    new(function() return { status = 200, body = {} } end, {
      observer = function(attempt) attempts[#attempts + 1] = attempt end,
    })
    assert(client.executions:signal("e", { name = "s", input = { 1, 2, 3 } }))
    assert.equal(#seen[3].body, attempts[3].bytes_out)
  end)

  describe("serves event streams", function()
    it("of text and of pieces", function()
      local text = event(1) .. event(2)
      local in_pieces = pieces { event(1), "", "id: 2\nda", "ta", ': {"broker_sequence":2}\n\n' }
      for _, body in ipairs { text, pieces { text }, in_pieces } do
        if client then client:close() end
        seen = {}
        new { { status = 200, body = body } }
        assert.same({ 1, 2 }, (sequences(client.events:stream())))
        assert.equal(1, #seen)
        assert.equal("text/event-stream", seen[1].headers.Accept)
      end
    end)

    it("that drop and are resumed", function()
      local starts, bodies = {}, {
        pieces({ event(1), event(2) }, "dropped"),
        pieces { event(2), event(3) },
        pieces { event(4, ',"data":{"event_type":"WORKFLOW_EXECUTION_COMPLETED","workflow_exec_id":"e"}') },
      }
      new(function(request)
        if request.operation == "get_workflow_execution" then
          return { status = 200, body = { execution_id = "e", status = bodies[1] and "RUNNING" or "COMPLETED" } }
        end
        starts[#starts + 1] = request.query:match "start_seq=(%d+)" or "none"
        return { status = 200, body = table.remove(bodies, 1) }
      end, { retry = { attempts = 3, base = 0 } })
      assert.same({ { 1, 2, 3, 4 } }, { sequences(client.events:stream { workflow_exec_id = "e" }) })
      assert.same({ "none", "3", "4" }, starts)
    end)

    it("that are large, with bounded memory", function()
      local count = 0
      new(function()
        return { status = 200, body = function()
          count = count + 1
          if count > 200 then return nil end
          return event(count, (',"text":"%s"'):format(("x"):rep(50000)))
        end }
      end)
      local taken, ahead = 0, 0
      for _ in client.events:stream() do
        taken = taken + 1
        ahead = math.max(ahead, count - taken)
      end
      assert.equal(200, taken)
      assert.truthy(ahead < 150, ahead)
    end)

    it("that are left, and ends with them", function()
      local count = 0
      new(function()
        local begun = false
        return { status = 200, body = function()
          count = count + 1
          client:sleep(0.01)
          if begun then return "" end
          begun = true
          return event(1)
        end }
      end)
      local stream = client.events:stream()
      assert.equal(1, stream().data.broker_sequence)
      stream:close()
      local at_close = count
      client:sleep(0.1)
      assert.truthy(count <= at_close + 1, count - at_close)
      stream = client.events:stream()
      assert.truthy(stream())
      stream = nil -- luacheck: ignore 311
      maps.collect()
      at_close = count
      client:sleep(0.2)
      assert.truthy(count <= at_close + 2, count - at_close)
    end)

    it("and run", function()
      local ended = false
      new(function(request)
        if request.operation == "execute_workflow" then
          return { status = 200, body = { execution_id = "e", status = "RUNNING" } }
        elseif request.operation == "stream" then
          return { status = 200, body = function()
            client:sleep(0.05)
            if ended then return "" end
            ended = true
            return event(7, ',"data":{"event_type":"WORKFLOW_EXECUTION_COMPLETED","workflow_exec_id":"e"}')
          end }
        end
        return { status = 200, body = { execution_id = "e", status = ended and "COMPLETED" or "RUNNING", result = 5 } }
      end)
      assert.equal(5, (assert(client.workflows:run("hello", { execution_id = "e" }))))
    end)
  end)

  if yields_everywhere then
    it("waits in an iterator as it does elsewhere", function()
      new(function()
        client:sleep(0.02)
        return { status = 200, body = { workflow_registrations = { { id = "a" } } } }
      end)
      local results = client:map({ 1, 2, 3 }, function()
        local count = 0
        for _ in client.registrations:each() do count = count + 1 end
        return count
      end)
      assert.same({ 1, 1, 1 }, results)
    end)
  end
end)
