-- What errors say over a real connection: what happened, and what can be done.

local clients = require "spec.support.clients"
local fault = require "spec.support.fault"
local interpreter = require "spec.support.interpreter"

describe("an error", function()
  local server

  setup(function() server = fault.start() end)
  teardown(function() server:stop() end)
  before_each(function() server:reset() end)

  local function whoami(step, options)
    if step then server:script(step) end
    local value, err = clients.use(server, options, function(client) return client:whoami() end)
    assert.is_nil(value)
    return err
  end

  it("says where a redirect leads", function()
    for status, place in pairs { [301] = "https://api.example/v1", [302] = "/login?next=%2Fv1", [308] = "//other" } do
      local err = whoami { respond = { status = status, body = "", headers = { Location = place } } }
      assert.equal(place, err.location)
      local expected = "HTTP %d: redirects are not followed (this one leads to %s); check server_url"
      assert.equal(expected:format(status, place), err.message)
    end
    assert.is_nil(whoami({ respond = { status = 302, body = "" } }).location)
  end)

  it("has the id by which the service knows the request", function()
    for _, case in ipairs {
      { "a", { ["X-Request-Id"] = "a" } }, { "b", { ["mistral-correlation-id"] = "b" } },
      { "c", { ["X-Kong-Request-Id"] = "c" } },
      { "b", { ["Mistral-Correlation-Id"] = "b", ["x-kong-request-id"] = "c" } },
      { "a", { ["X-Kong-Request-Id"] = "c", ["mistral-correlation-id"] = "b", ["x-request-id"] = "a" } },
    } do
      local err = whoami { respond = { status = 500, body = "{}", headers = case[2] } }
      assert.equal(case[1], err.request_id)
      assert.truthy(tostring(err):find("request " .. case[1], 1, true))
    end
  end)

  it("hints at a server_url that ends in /v1", function()
    local missing = { respond = { status = 404, body = '{"detail":"Not Found"}' } }
    for _, path in ipairs { "/v1", "/v1/", "/base/v1/workflows" } do
      local err = whoami(missing, { server_url = server.url .. path })
      assert.truthy(err.message:find("server_url is to end before /v1", 1, true), err.message)
    end
    local err = whoami(missing, { server_url = server.url .. "/base" })
    assert.equal("HTTP 404: Not Found", err.message)
  end)

  it("says where an id belongs that is not one of a run or a registration", function()
    for status, body in pairs { [404] = '{"detail":"none"}', [422] = '{"detail":"no UUID"}' } do
      for name, expected in pairs {
        runs = "; runs have ids of their own: executions:get and executions:history take that of an execution",
        registrations = "; registrations have ids of their own: workflows:get takes a name",
        executions = "", workflows = "",
      } do
        server:script { respond = { status = status, body = body } }
        local _, err = clients.use(server, {}, function(client) return client[name]:get "id" end)
        assert.equal(("HTTP %d: %s%s"):format(status, body:match ':"(.*)"', expected), err.message)
      end
    end
  end)

  it("says to which events a reset may go back", function()
    for expected, given in pairs {
      ["no such event; event_id may be 4, 10"] = '[4,10]',
      ["no such event"] = '[]',
      ["no such event; event_id may be 7"] = '[{"id":4},null,7,true]',
    } do
      local body = '{"detail":"no such event","code":"WF_1001","valid_reset_events":' .. given .. "}"
      assert.equal("HTTP 422: " .. expected, whoami({ respond = { status = 422, body = body } }).message)
    end
  end)

  it("says that no connection became free", function()
    server:script { actions = { { "hang" } } }
    clients.use(server, { max_connections = 1, timeout = 0.5 }, function(client)
      local stream = client.executions:stream "e"
      repeat stream:next(0.01) until server:stats().requests == 1 -- it has the connection
      local _, err = client:whoami()
      assert.same({ "timeout", "connect" }, { err.kind, err.phase })
      assert.truthy(err.message:find("no connection became free in time", 1, true), err.message)
      stream:close()
    end)
  end)

  it("says that too many files are open", function()
    local output = interpreter.run(nil, ([[
      local client = require("mistral.workflows").new {
        api_key = "key-of-a-test", server_url = %q, retry = false, timeout = 5,
      }
      local files, file = {}, true
      while file do
        file = io.open "/dev/null"
        files[#files + 1] = file
      end
      local _, err = client:whoami()
      print(err.kind, err.message)
    ]]):format(server.url), "ulimit -n 100")
    assert.truthy(output:find "^connect%s+too many files are open: close what is not needed, or raise", output)
  end)

  it("has the message of the gateway, however it is nested", function()
    for body, expected in pairs {
      ['{"object":"error","message":{"detail":[{"loc":["body","n"],"msg":"Field required"}]},"code":"c"}'] =
        "HTTP 422: body.n: Field required",
      ['{"message":[{"msg":"one"},"two"]}'] = "HTTP 422: one; two",
      ['{"error":"invalid_request","error_description":"The n is missing"}'] = "HTTP 422: The n is missing",
      ['{"type":"about:blank","title":"Unprocessable"}'] = "HTTP 422: Unprocessable",
    } do
      local err = whoami { respond = { status = 422, body = body } }
      assert.equal(expected, err.message)
      assert.not_equal("about:blank", err.code)
    end
  end)
end)
