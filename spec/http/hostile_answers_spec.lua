-- What a server can do to the time and memory of its clients with answers that are errors.

local clients = require "spec.support.clients"
local fault = require "spec.support.fault"
local workflows = require "mistral.workflows"

local KEY = clients.key
local LONGEST_BODY = 64 * 1024

describe("hostile answers", function()
  local server

  setup(function() server = fault.start() end)
  teardown(function() server:stop() end)
  before_each(function() server:reset() end)

  -- Calls fn, which must take little CPU: a quadratic look at 64 KiB takes ten times as long.
  local function quickly(fn)
    collectgarbage()
    local started = os.clock()
    local value, err = fn()
    assert(os.clock() - started < 1.5, ("took %.1f s"):format(os.clock() - started))
    return value, err
  end

  local function check(err)
    assert.is_true(workflows.is_error(err))
    assert(#err.message < 5000 and #tostring(err) < 6000)
    assert(#(err.body or "") <= LONGEST_BODY)
    for _, text in ipairs { err.message, err.body or "", tostring(err) } do assert.is_nil(text:find(KEY, 1, true)) end
    return err
  end

  local bombs = {
    ["beginnings of tags"] = "<", ["tags"] = "<a>", ["spaces"] = " ", ["backslashes"] = "\\", ["ampersands"] = "&",
    ["percent-encoded bytes"] = "%25", ["escapes"] = "\\u005c", ["entities"] = "&#38;", ["the key"] = KEY,
    ["most of the key"] = KEY:sub(1, -2), ["bytes that begin no character"] = "\128",
  }

  for name, text in pairs(bombs) do
    it("with 64,000 bytes of " .. name .. " cost little", function()
      for _, around in ipairs { { "", "" }, { '{"detail":"', '"}' }, { '{"message":["', '"],"code":"x"}' } } do
        local bomb = { status = 500, size = 64000, text = text, before = around[1], after = around[2] }
        server:script { { gzip_bomb = bomb }, { gzip_bomb = bomb }, { gzip_bomb = bomb } }
        local _, err = quickly(function()
          return clients.use(server, { retry = { attempts = 3, base = 0 } }, function(client)
            return client:whoami()
          end)
        end)
        assert.equal("http", check(err).kind)
        assert.equal(3, err.attempts)
      end
    end)

    it("to execute with 64,000 bytes of " .. name .. " cost little", function()
      local steps = {}
      for index = 1, 4 do
        local bomb = { status = 502, size = 64000, text = text }
        steps[2 * index - 1] = { path = "/v1/workflows/w/execute", gzip_bomb = bomb }
        bomb = { status = 404, size = 64000, text = text }
        steps[2 * index] = { path = "/v1/workflows/executions/", gzip_bomb = bomb }
      end
      server:script(steps)
      local _, err = quickly(function()
        return clients.use(server, { retry = { attempts = 4, base = 0 } }, function(client)
          return client.workflows:execute "w"
        end)
      end)
      assert.equal("http", check(err).kind)
    end)

    it("that end a stream with 2 MB of " .. name .. " cost little", function()
      server:script { respond = { headers = { ["Content-Type"] = "text/event-stream" }, chunked = 65536,
        body = "event: error\ndata: " .. text:rep(math.ceil(2e6 / #text)) .. "\n\n" } }
      local _, err = quickly(function()
        return clients.use(server, nil, function(client)
          return pcall(function()
            for _ in client.executions:stream "e" do error "no event was sent" end
          end)
        end)
      end)
      assert.equal("stream", check(err).kind)
      assert.equal("stream_error", err.reason)
    end)
  end

  -- Calls fn and gives what it returns; it must take neither much time nor much memory, which marks for each escape
  -- in it would.
  local function cheaply(fn)
    collectgarbage()
    collectgarbage()
    local before = collectgarbage "count"
    local value, err = quickly(fn)
    assert(collectgarbage "count" - before < 64 * 1024, collectgarbage "count" - before)
    return value, err
  end

  local function holds_key(value)
    if type(value) == "string" then return value:find(KEY, 1, true) ~= nil end
    for name, item in next, type(value) == "table" and value or {} do
      if holds_key(name) or holds_key(item) then return true end
    end
    return false
  end

  for name, text in pairs {
    backslashes = "\\\\", ["percent-encoded bytes"] = "%25", entities = "&#38;", tables = '"},{"a":"b',
  } do
    it("that are large and in vain cost little: 2 MB of " .. name, function()
      local before = ('{"status":"TERMINATED","x":[{"a":"%s"},{"a":"'):format(KEY)
      local bomb = { status = 200, size = 2e6, text = text, before = before, after = KEY .. '"}]}' }
      server:script { { gzip_bomb = bomb }, { gzip_bomb = bomb }, { gzip_bomb = bomb } }
      clients.use(server, { retry = false }, function(client)
        local _, err = cheaply(function() return pcall(client.workflows:each()) end)
        assert.equal("decode", check(err).kind)
        assert(err.detail and not holds_key(err))
        _, err = cheaply(function() return client.executions:wait "e" end)
        assert.equal("execution", check(err).kind)
        assert.equal("TERMINATED", err.execution.status)
        assert(not holds_key(err))
        _, err = cheaply(function() return client.executions:cancel_many { "e" } end)
        assert.equal("decode", check(err).kind)
        assert(not holds_key(err))
      end)
    end)
  end

  it("leave a body of at most 64 KiB, whatever kind of error they are", function()
    local large = ("x"):rep(200000)
    local event = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\nevent: error\ndata: "
    for _, case in ipairs {
      { "http", { respond = { status = 400, body = large } } },
      { "http", { respond = { status = 500, body = '{"detail":"' .. large .. '"}' } } },
      { "http", { respond = { status = 302, body = large } } },
      { "decode", { respond = { body = large } } },
      { "network", { actions = { { "send", "HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n" .. large },
        { "close" } } } },
      { "too_large", { respond = { body = '"' .. large:rep(8) .. '"' } } },
      { "stream", { actions = { { "send", event .. large .. "\n\n" }, { "keep" } } } },
      { "stream", { actions = { { "send", event .. '{"error":"' .. large .. '"}\n\n' }, { "keep" } } } },
    } do
      server:script(case[2])
      local _, err = clients.use(server, { max_response_bytes = 1e6 }, function(client)
        if case[1] ~= "stream" then return client:whoami() end
        return pcall(function()
          for _ in client.executions:stream "e" do error "no event was sent" end
        end)
      end)
      assert.equal(case[1], check(err).kind)
    end
  end)
end)
