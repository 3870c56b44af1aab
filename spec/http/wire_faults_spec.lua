local clients = require "spec.support.clients"
local fault = require "spec.support.fault"
local workflows = require "mistral.workflows"

local HEAD = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
local CHUNKED = HEAD .. "Transfer-Encoding: chunked\r\n\r\n"

local function length(count)
  return HEAD .. ("Content-Length: %d\r\n\r\n"):format(count)
end

local function gzipped(text)
  local pipe = assert(io.popen("printf '%s' '" .. text .. "' | gzip -nc"))
  local packed = pipe:read "*a"
  pipe:close()
  return packed
end

describe("a wire that lies", function()
  local server

  setup(function() server = fault.start() end)
  teardown(function() server:stop() end)
  before_each(function() server:reset() end)

  local function whoami(step, options)
    if step then server:script(step) end
    return clients.use(server, options, function(client) return client:whoami() end)
  end

  local function check(expected, value, err)
    assert.is_nil(value)
    assert.is_true(workflows.is_error(err))
    assert.equal("get_worker_info", err.operation)
    assert.equal(1, err.attempts)
    assert.equal(expected.kind, err.kind)
    assert.equal(expected.cause, err.cause and err.cause.name)
    assert.equal(expected.status, err.status)
    assert.equal(expected.phase, err.phase)
    assert.is_nil(err.detail)
    assert.is_nil(tostring(err):find "\n")
    assert.equal(1, (tostring(err):find("whoami: " .. err.message:gsub("%s+", " "), 1, true)))
    return err
  end

  describe("connection", function()
    it("refused", function()
      local err = check({ kind = "connect", cause = "CURLE_COULDNT_CONNECT" },
        whoami(nil, { server_url = server.refused }))
      assert.truthy(err.message:find(server.refused, 1, true))
      assert.is_true(err.retryable)
    end)

    it("to a name that does not exist", function()
      check({ kind = "connect", cause = "CURLE_COULDNT_RESOLVE_HOST" },
        whoami(nil, { server_url = "https://name.invalid" }))
    end)

    local cuts = {
      { "closed after the header of the request", { on = "headers", actions = { { "close" } } }, "CURLE_GOT_NOTHING" },
      { "closed instead of an answer", { actions = { { "close" } } }, "CURLE_GOT_NOTHING" },
      { "reset instead of an answer", { actions = { { "reset" } } }, "CURLE_RECV_ERROR" },
      { "closed in the status line", { actions = { { "send", "HTTP/1.1 20" }, { "close" } } }, "CURLE_GOT_NOTHING" },
    }
    for _, case in ipairs(cuts) do
      it(case[1], function() check({ kind = "network", cause = case[3] }, whoami(case[2])) end)
    end

    it("closed when accepted, which the request may meet as an end or as a reset", function()
      local _, err = whoami { on = "accept", actions = { { "close" } } }
      assert.equal("network", err.kind)
      assert.truthy(({ CURLE_GOT_NOTHING = 1, CURLE_RECV_ERROR = 1, CURLE_SEND_ERROR = 1 })[err.cause.name])
    end)

    it("reset when accepted, which may be seen while it is made", function()
      local _, err = whoami { on = "accept", actions = { { "reset" } } }
      assert.truthy(err.kind == "network" or err.kind == "connect")
    end)

    it("closed in the header of the answer, where no body is promised either", function()
      for _, text in ipairs { "HTTP/1.1 200 OK\r\n", "HTTP/1.1 204 No Content\r\nX-Request-Id: r" } do
        server:script { actions = { { "send", text }, { "close" } } }
        local value, err = clients.use(server, nil, function(client) return client.schedules:delete "s" end)
        assert.is_nil(value)
        assert.equal("network", err.kind)
        assert.equal("CURLE_PARTIAL_FILE", err.cause.name)
      end
    end)

    it("closed after 100 Continue", function()
      local _, err = whoami { actions = { { "send", "HTTP/1.1 100 Continue\r\n\r\n" }, { "close" } } }
      assert.equal("network", err.kind)
    end)
  end)

  describe("body that is cut off", function()
    local whole = '{"ok":true}'
    local cuts = {
      { "at its beginning", { { "send", length(11) }, { "close" } }, "CURLE_PARTIAL_FILE" },
      { "by a Content-Length that is not reached", { { "send", length(100) .. whole }, { "close" } },
        "CURLE_PARTIAL_FILE" },
      { "by a reset", { { "send", length(100) .. whole }, { "sleep", 0.05 }, { "reset" } }, "CURLE_RECV_ERROR" },
      { "before the last chunk", { { "send", CHUNKED }, { "chunk", whole }, { "close" } }, "CURLE_PARTIAL_FILE" },
      { "in a chunk", { { "send", CHUNKED .. "20\r\n" .. whole }, { "close" } }, "CURLE_PARTIAL_FILE" },
      { "at the end of the connection", { { "send", HEAD .. "\r\n" .. whole:sub(1, -2) }, { "close" } },
        "CURLE_PARTIAL_FILE" },
      { "inside an escape", { { "send", HEAD .. "\r\n" .. [[{"a":"\ud83d\ude]] }, { "close" } }, "CURLE_PARTIAL_FILE" },
      { "inside a character", { { "send", HEAD .. '\r\n{"a":"\226\130' }, { "close" } }, "CURLE_PARTIAL_FILE" },
    }
    for _, case in ipairs(cuts) do
      it(case[1], function()
        local err = check({ kind = "network", cause = case[3], status = 200 }, whoami { actions = case[2] })
        assert.is_true(err.retryable)
      end)
    end

    it("in the gzip data under a broken framing", function()
      local packed = gzipped '{"ok":true}'
      for cut = 1, #packed - 1 do
        local value, err = whoami { actions = { { "send", HEAD .. "Content-Encoding: gzip\r\n" ..
          ("Content-Length: %d\r\n\r\n"):format(#packed) .. packed:sub(1, cut) }, { "close" } } }
        check({ kind = "network", cause = "CURLE_PARTIAL_FILE", status = 200 }, value, err)
      end
    end)

    it("in the gzip data under a whole framing: a text that is not whole is never decoded", function()
      local packed = gzipped '{"ok":true}'
      local failures = 0
      for cut = 1, #packed - 1 do
        local value, err = whoami { respond = { headers = { ["Content-Encoding"] = "gzip" },
          body = packed:sub(1, cut) } }
        if value then
          assert.same({ ok = true }, value) -- only the end mark or the checksum was missing
        else
          assert.truthy(err.kind == "decode" or err.kind == "network")
          failures = failures + 1
        end
      end
      assert.truthy(failures > 10)
    end)

    it("never carries on at the wrong place: the connection is not used again", function()
      server:script {
        { actions = { { "send", length(3) .. '{}  {"ok":false}' }, { "keep" } } },
        { respond = { body = '{"ok":true}' } },
      }
      clients.use(server, nil, function(client)
        assert.same({}, (client:whoami()))
        assert.same({ ok = true }, (client:whoami()))
      end)
    end)
  end)

  describe("malformed", function()
    local cases = {
      { "answer that is no HTTP", "garbage\r\n\r\n", "CURLE_UNSUPPORTED_PROTOCOL" },
      { "status", "HTTP/1.1 abc OK\r\nContent-Length: 2\r\n\r\n{}", "CURLE_UNSUPPORTED_PROTOCOL" },
      { "version", "HTTP/9.9 200 OK\r\nContent-Length: 2\r\n\r\n{}", "CURLE_UNSUPPORTED_PROTOCOL" },
      { "field", "HTTP/1.1 200 OK\r\nno colon\r\nContent-Length: 2\r\n\r\n{}", "CURLE_WEIRD_SERVER_REPLY", 200 },
      { "field with a NUL", "HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 2\r\n\r\n{}", "CURLE_WEIRD_SERVER_REPLY",
        200 },
      { "Content-Length", "HTTP/1.1 200 OK\r\nContent-Length: abc\r\n\r\n{}", "CURLE_WEIRD_SERVER_REPLY", 200 },
      { "chunk size", CHUNKED .. "zz\r\n{}\r\n0\r\n\r\n", "CURLE_RECV_ERROR", 200 },
      { "negative chunk size", CHUNKED .. "-5\r\n{}\r\n0\r\n\r\n", "CURLE_RECV_ERROR", 200 },
      { "huge chunk size", CHUNKED .. "ffffffffffffffffff\r\n{}\r\n0\r\n\r\n", "CURLE_RECV_ERROR", 200 },
      { "end of a chunk", CHUNKED .. "2\r\n{}XX0\r\n\r\n", "CURLE_RECV_ERROR", 200 },
    }
    for _, case in ipairs(cases) do
      it(case[1], function()
        check({ kind = "network", cause = case[3], status = case[4] },
          whoami { actions = { { "send", case[2] }, { "close" } } })
      end)
    end

    -- Newer versions of libcurl look at the first three only.
    it("status of five digits", function()
      for _, status in ipairs { "99999", "20000" } do
        local value, err = whoami {
          actions = { { "send", "HTTP/1.1 " .. status .. " OK\r\nContent-Length: 2\r\n\r\n{}" }, { "close" } } }
        assert.is_nil(value)
        assert.equal("network", err.kind)
        assert.is_nil(err.status)
        assert.truthy(err.cause.name == "CURLE_UNSUPPORTED_PROTOCOL" or err.cause.name == "CURLE_WEIRD_SERVER_REPLY")
      end
    end)

    it("content coding", function()
      check({ kind = "network", cause = "CURLE_BAD_CONTENT_ENCODING", status = 200 },
        whoami { respond = { headers = { ["Content-Encoding"] = "gzip" }, body = "not gzip at all" } })
      local err = check({ kind = "decode", status = 200 },
        whoami { respond = { headers = { ["Content-Encoding"] = "unheard-of" }, body = "{}" } })
      assert.truthy(err.message:find("its content encoding 'unheard-of' was not asked for", 1, true))
      check({ kind = "http", status = 500 },
        whoami { respond = { status = 500, headers = { ["Content-Encoding"] = "unheard-of" }, body = "{}" } })
      -- more than libcurl undoes
      err = check({ kind = "decode", status = 200 },
        whoami { respond = { headers = { ["Content-Encoding"] = ("gzip, "):rep(6) .. "gzip" }, body = "{}" } })
      assert.is_nil(err.message:find("''", 1, true))
    end)

    it("field or trailer that looks like a status line changes nothing", function()
      assert.same({}, (whoami { actions = {
        { "send", "HTTP/1.1 200 OK\r\nHTTP/1.1 503: x\r\nContent-Length: 2\r\n\r\n{}" }, { "keep" } } }))
      assert.same({}, (whoami { actions = {
        { "send", CHUNKED .. "2\r\n{}\r\n0\r\nHTTP/1.1 503: x\r\n\r\n" }, { "keep" } } }))
    end)

    it("status that nobody knows is an http error", function()
      check({ kind = "http", status = 600 }, whoami { respond = { status = 600, body = "what" } })
    end)
  end)

  describe("answer", function()
    it("after 100 Continue and 103 Early Hints counts", function()
      assert.same({ ok = true }, (whoami { actions = {
        { "send", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" },
        { "send", length(11) .. '{"ok":true}' }, { "keep" } } }))
    end)

    it("until the end of the connection is whole when its text is", function()
      assert.same({ ok = true }, (whoami { actions = { { "send", HEAD .. '\r\n{"ok":true}' }, { "close" } } }))
    end)

    it("byte by byte is whole", function()
      assert.same({ ok = true }, (whoami { actions = { { "dribble", CHUNKED, 0 }, { "dribble", "b\r\n", 0 },
        { "dribble", '{"ok":true}\r\n0\r\n\r\n', 0 }, { "keep" } } }))
    end)

    it("with gzip is unpacked", function()
      assert.same({ ok = true }, (whoami { gzip = {} }))
    end)

    it("of HTML with status 200 is a decode error that shows its text", function()
      local err = check({ kind = "decode", status = 200 }, whoami { respond = { body = "<html><b>Sign in</b></html>",
        headers = { ["Content-Type"] = "text/html", ["X-Request-Id"] = "r-1" } } })
      assert.equal("<html><b>Sign in</b></html>", err.body)
      assert.truthy(err.message:find("text/html", 1, true))
      assert.truthy(err.message:find("Sign in", 1, true))
      assert.equal("r-1", err.request_id)
    end)

    it("without a body is a decode error where JSON was promised", function()
      check({ kind = "decode", status = 200 }, whoami { respond = { body = "" } })
    end)

    it("204 is true", function()
      assert.is_true((whoami { respond = { status = 204 } }))
    end)

    for _, status in ipairs { 500, 502, 503, 504 } do
      it(status .. " with a page of HTML keeps status and text", function()
        local page = "<html><head><title>No</title></head><body><h1>The gateway is tired</h1></body></html>"
        local err = check({ kind = "http", status = status }, whoami { respond = { status = status, body = page,
          headers = { ["Content-Type"] = "text/html" } } })
        assert.equal(page, err.body)
        assert.truthy(err.message:find("The gateway is tired", 1, true))
        assert.is_true(err.retryable)
      end)
    end

    local shapes = {
      { '{"detail":"Execution not found","code":"WF_1100"}', "Execution not found", "WF_1100" },
      { '{"detail":[{"loc":["query","limit"],"msg":"too large"},{"loc":["body"],"msg":"missing","type":"t"}]}',
        "query.limit: too large; body: missing" },
      { '{"detail":"Invalid input: x"}', "Invalid input: x" },
      { '{"object":"error","message":"Slow down","type":"rate_limited","param":null,"code":"1300"}', "Slow down",
        "1300" },
      { '{"code":"AMBIGUOUS_WORKFLOW","deployments":["a","b"]}', "pass deployment_name", "AMBIGUOUS_WORKFLOW" },
      { '[{"loc":["body"],"msg":"odd","type":"t"}]', "body: odd" },
    }
    for _, shape in ipairs(shapes) do
      it("422 " .. shape[1], function()
        local value, err = whoami {
          respond = { status = 422, body = shape[1], headers = { ["X-Request-Id"] = "r-2" } },
        }
        assert.is_nil(value)
        assert.equal("http", err.kind)
        assert.equal(shape[3], err.code)
        assert.truthy(err.message:find(shape[2], 1, true))
        assert.same((workflows.json.decode(shape[1])), err.detail)
        assert.equal(shape[1], err.body)
        assert.equal("r-2", err.request_id)
        assert.is_false(err.retryable)
      end)
    end
  end)
end)
