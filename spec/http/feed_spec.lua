-- Transfers that are fed: what the program brings takes the place of the network, and everything behind it is the same.

local core = require "mistral.workflows.core"
local workflows = require "mistral.workflows"

local KEY = "key-of-a-test"

describe("a fed transfer", function()
  local client

  before_each(function()
    client = workflows.new {
      api_key = KEY, server_url = "http://127.0.0.1:1/prefix", max_response_bytes = 300000, user_agent = "mine/1",
    }
  end)
  after_each(function() client:close() end)

  local function start(operation, ...)
    local transfer = assert(core[operation](client.handle, ...))
    transfer:start_fed()
    return transfer
  end

  -- The answer of an operation to which this is fed: a status, headers, and pieces.
  local function answer(operation, status, headers, ...)
    local transfer = start(operation)
    assert.equal("more", transfer:feed_head(status, headers))
    for _, piece in ipairs { ... } do assert.equal("more", transfer:feed(piece)) end
    transfer:feed_end()
    assert.is_true(transfer:done())
    return transfer:result()
  end

  it("tells what it would send", function()
    local transfer = start("get_workflows", { search = "a b", limit = 5 })
    local request = transfer:request { "Authorization: Bearer " .. KEY, "X-One: 1", "X-One:2", "X-Empty;", "Accept:" }
    assert.same({
      operation = "get_workflows", method = "GET", path = "/prefix/v1/workflows", query = "limit=5&search=a%20b",
      url = "http://127.0.0.1:1/prefix/v1/workflows?limit=5&search=a%20b",
      headers = { ["User-Agent"] = "mine/1", Authorization = "Bearer " .. KEY, ["X-One"] = "1, 2", ["X-Empty"] = "" },
    }, request)

    request = start("execute_workflow", "a/b", { input = { x = 1 } }):request {}
    assert.equal("POST", request.method)
    assert.equal("/prefix/v1/workflows/a%2Fb/execute", request.path)
    assert.is_nil(request.query)
    assert.equal('{"input":{"x":1}}', request.body)
    assert.same({ Accept = "application/json", ["User-Agent"] = "mine/1", ["Content-Type"] = "application/json" },
      request.headers)

    request = start("stream", "e"):request {}
    assert.equal("text/event-stream", request.headers.Accept)
    assert.is_nil(request.body)
  end)

  it("gives the answer that is fed", function()
    assert.same({ a = { 1, 2 } }, (answer("get_worker_info", 200, { ["Content-Type"] = "application/json" },
      '{"a":', "[1,", "2]}")))
    assert.same({ ok = true }, (answer("get_worker_info", 201, nil, '{"ok":true}')))
    assert.is_true((answer("get_worker_info", 204, {})))
  end)

  it("gives the failures that an answer can be", function()
    local _, failure = answer("get_worker_info", 503, { "Retry-After: 7", "X-Request-Id: r-1" }, "bu", "sy")
    assert.equal("http", failure.kind)
    assert.equal(503, failure.status)
    assert.equal(7, failure.retry_after)
    assert.equal("r-1", failure.request_id)
    assert.equal("busy", failure.body)
    assert.is_false(failure.unsent)
    _, failure = answer("get_worker_info", 200, { ["Content-Type"] = "text/plain" }, "no JSON")
    assert.equal("decode", failure.kind)
    assert.equal("text/plain", failure.content_type)
    assert.equal("no JSON", failure.body)
    _, failure = answer("get_worker_info", 200, {}, '{"a":')
    assert.equal("decode", failure.kind)
    for index = 1, 4 do
      local status = ({ 0, 99, 1000, -1 })[index]
      _, failure = answer("get_worker_info", status, {}, "{}")
      assert.equal("network", failure.kind)
    end
  end)

  it("fails as the transport says", function()
    local expected = {
      { "connect", "CURLE_COULDNT_CONNECT", true }, { "network", "CURLE_RECV_ERROR", false },
      { "timeout", "CURLE_OPERATION_TIMEDOUT", false },
    }
    for _, case in ipairs(expected) do
      local transfer = start "get_worker_info"
      transfer:feed_end(case[1], "the cable is cut")
      local _, failure = transfer:result()
      assert.equal(case[1], failure.kind)
      assert.equal("the cable is cut", failure.cause.message)
      assert.equal(case[2], failure.cause.name)
      assert.equal(case[3], failure.unsent)
      assert.equal(case[1] == "timeout" and "response" or nil, failure.phase)
    end
    local transfer = start "get_worker_info"
    transfer:feed_head(200, {})
    transfer:feed "{}"
    transfer:feed_end "network"
    local _, failure = transfer:result()
    assert.equal("network", failure.kind)
    transfer = start "get_worker_info"
    transfer:feed_end()
    _, failure = transfer:result()
    assert.equal("network", failure.kind)
    assert.equal("the connection closed before the header was complete", failure.cause.message)
  end)

  it("knows the limits", function()
    local transfer = start "get_worker_info"
    transfer:feed_head(200, {})
    assert.equal("more", transfer:feed(("x"):rep(200000)))
    assert.equal("over", transfer:feed(("x"):rep(200000)))
    assert.equal("over", transfer:feed "x")
    assert.is_true(transfer:done())
    local _, failure = transfer:result()
    assert.equal("too_large", failure.kind)
    assert.equal("body", failure.reason)
    assert.equal(300000, failure.limit)
    transfer = start "get_worker_info"
    assert.equal("over", transfer:feed_head(200, { ["X-Large"] = ("x"):rep(300000) }))
    _, failure = transfer:result()
    assert.equal("header", failure.reason)
  end)

  it("is over once it was cancelled, has expired, or the client is closed", function()
    for kind, stop in pairs {
      cancelled = function(transfer) transfer:cancel() end,
      timeout = function(transfer) transfer:expire() end,
    } do
      local transfer = start "get_worker_info"
      assert.equal(1, client.handle:running())
      stop(transfer)
      assert.equal(0, client.handle:running())
      assert.equal("over", transfer:feed_head(200, {}))
      assert.equal("over", transfer:feed "x")
      transfer:feed_end "network"
      local _, failure = transfer:result()
      assert.equal(kind, failure.kind)
      transfer:start_fed()
      assert.equal("more", transfer:feed_head(200, {}))
      transfer:feed '{"a":1}'
      transfer:feed_end()
      assert.same({ a = 1 }, (transfer:result()))
    end
    local transfer = start "get_worker_info"
    client:close()
    assert.equal("over", transfer:feed_head(200, {}))
    local _, failure = transfer:result()
    assert.equal("cancelled", failure.kind)
  end)

  it("gives the events of a stream, and says when they have to be taken first", function()
    local transfer = start("stream", "e")
    assert.equal("more", transfer:feed_head(200, {}))
    assert.is_nil((transfer:next_event()))
    transfer:feed "id: 1\nevent: e\ndata: o"
    transfer:feed "ne\n\n"
    local text, event, id = transfer:next_event()
    assert.same({ "one", "e", "1" }, { text, event, id })
    local piece, fed = "data: " .. ("x"):rep(100000) .. "\n\n", 0
    local result = "more"
    while result == "more" do
      result = transfer:feed(piece)
      if result == "more" then fed = fed + 1 end
    end
    assert.equal("full", result)
    assert.equal("full", transfer:feed "")
    assert.is_false(transfer:done())
    local taken = 0
    while transfer:next_event() do taken = taken + 1 end
    assert.equal(fed, taken)
    assert.equal("more", transfer:feed "")
    assert.equal("more", transfer:feed "data: last")
    transfer:feed_end()
    text = transfer:next_event()
    assert.equal("last", text)
    assert.is_true(transfer:done())
    assert.is_true((transfer:result()))
  end)

  it("ends where an event is too large", function()
    local transfer = start("stream", "e")
    transfer:feed_head(200, {})
    transfer:feed("data: " .. ("x"):rep(250000))
    assert.is_nil((transfer:next_event()))
    transfer:feed(("x"):rep(250000))
    assert.is_nil((transfer:next_event()))
    assert.is_true(transfer:done())
    assert.equal("over", transfer:feed "x")
    local _, failure = transfer:result()
    assert.same({ "too_large", "event", 300000 }, { failure.kind, failure.reason, failure.limit })
  end)

  it("is ready when something came, and tells what was measured", function()
    local transfer = start("stream", "e")
    assert.is_nil(client.handle:ready())
    transfer:feed_head(200, { ["x-request-id"] = "r" })
    transfer:feed "data: 1\n\n"
    assert.equal(transfer:key(), client.handle:ready())
    assert.is_nil(client.handle:ready())
    transfer:feed_end "network"
    assert.equal(transfer:key(), client.handle:ready())
    local info = transfer:info()
    assert.equal("r", info.request_id)
    assert.equal(200, info.status)
    assert.truthy(info.total >= info.first_byte)
    assert.truthy(info.bytes_in > 9)
    assert.is_false(info.reused)
  end)

  it("cannot be used as what it is not", function()
    local transfer = assert(core.get_worker_info(client.handle))
    assert.equal("over", transfer:feed "x")
    assert.is_false(transfer:done())
    assert.has_error(function() transfer:request {} end, "the transfer is not being fed")
    assert.has_error(function() transfer:result() end, "the transfer was not started")
    transfer:start_fed()
    assert.same({ nil, nil, false }, { transfer:result() })
    assert.has_error(function() transfer:start_fed() end, "the transfer is running")
    assert.has_error(function() transfer:start(1, {}) end, "the transfer is running")
    assert.has_error(function() transfer:feed_head(200, { {} }) end, "headers must be lines, or texts by name")
    assert.has_error(function() transfer:feed_end "sorry" end)
    transfer:cancel()
    local _, failure = transfer:result()
    assert.equal("cancelled", failure.kind)
    transfer:start(1, {})
    assert.equal("over", transfer:feed "x")
    while not transfer:done() do client.handle:wait(core.now() + 1) end
    _, failure = transfer:result()
    assert.equal("connect", failure.kind)
  end)

  it("begins when it says, and not with a client that is closed", function()
    local transfer = assert(core.get_worker_info(client.handle))
    local before = core.now()
    local begun = transfer:start_fed()
    assert.truthy(before <= begun and begun <= core.now())
    transfer:cancel()
    client:close()
    assert.is_nil(transfer:start_fed())
    assert.is_nil(transfer:start(1, {}))
    local _, failure = transfer:result()
    assert.equal("cancelled", failure.kind)
  end)

  it("that is dropped leaves nothing running", function()
    start "get_worker_info"
    collectgarbage()
    collectgarbage()
    assert.equal(0, client.handle:running())
  end)
end)
