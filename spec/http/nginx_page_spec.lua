-- The handler of docs/loops.md, in real nginx.

local nginx = require "spec.support.nginx"
local pages = require "spec.support.pages"
local process = require "spec.support.process"
local sandbox = require "spec.support.sandbox"

describe("the handler of docs/loops.md", function()
  local server, web

  setup(function()
    server = sandbox.start { SANDBOX_REGISTRATIONS = 10 }
    local handler, changed = pages.by_heading("docs/loops.md")["nginx and OpenResty"]:gsub("stream:next%(15%)",
      "stream:next(0.1)")
    assert.equal(1, changed)
    web = nginx.start { locations = { ["/follow"] = ("content_by_lua_block { %s }"):format(handler) },
      environment = { MISTRAL_API_KEY = sandbox.key, MISTRAL_SERVER_URL = server.url },
      init = [[ workflows = require "mistral.workflows" client = workflows.new { retry = false } ]] }
  end)

  teardown(function()
    local problems = web:problems()
    web:stop()
    server:stop()
    assert.equal("", problems)
  end)

  before_each(function() server:reset() end)

  it("hands on the events, to the end", function()
    server:control("POST", "events?execution_id=few&count=20&size=100&end=1")
    local body, status = web:get("/follow?id=few", "-H 'Accept: text/event-stream'")
    assert.equal(200, status)
    local _, count = body:gsub("id: %d+\ndata: {[^\n]*}\n\n", "")
    assert.is_true(count >= 20, body)
    assert.truthy(body:find "WORKFLOW_EXECUTION_COMPLETED[^\n]*\n\n$")
  end)

  it("sends heartbeats, and closes the stream when the browser leaves", function()
    server:control("POST", "events?execution_id=silent&count=1&size=100&end=0")
    local reader = web:background("/follow?id=silent", "-N")
    nginx.eventually("heartbeats", function()
      return process.output(("grep -c '^: still there$' %s; true"):format(reader.file)) >= "2"
    end)
    assert.equal(1, server:stats().open_streams)
    process.output("kill -KILL " .. reader.pid)
    nginx.eventually("the stream is closed", function() return server:stats().open_streams == 0 end)
  end)

  it("answers what cannot be sent with 400, what is not there with 404, the rest with 502", function()
    for path, expected in pairs {
      ["/follow"] = { 400, "empty" }, ["/follow?id=."] = { 400, "'.'" }, ["/follow?id=nobody"] = { 404, "HTTP 404" },
    } do
      local body, status = web:get(path)
      assert.equal(expected[1], status, body)
      assert.truthy(body:find("^stream"), body)
      assert.truthy(body:find(expected[2], 1, true), body)
    end
    server:control("POST", "events?execution_id=there&count=1&size=100&end=0")
    server:control("POST", "switch?streams=503")
    local body, status = web:get "/follow?id=there"
    assert.equal(502, status, body)
  end)
end)
