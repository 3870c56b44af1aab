-- examples/nginx, as a user starts and asks it.

local gateway = require "spec.support.gateway"
local nginx = require "spec.support.nginx"
local process = require "spec.support.process"
local sandbox = require "spec.support.sandbox"
local workflows = require "mistral.workflows"

local function curl(arguments)
  return process.output("curl --noproxy '*' -sS -m 60 " .. arguments .. " 2>&1")
end

-- The decoded answer and its status.
local function ask(arguments)
  local body, status = curl("-w '\\n%{http_code}' " .. arguments):match "^(.*)\n(%d+)$"
  return workflows.json.decode(body), tonumber(status)
end

describe("examples/nginx", function()
  it("starts its own sandbox and runs a workflow", function()
    local web = gateway.start()
    local answer, status = ask(("-d '{\"name\":\"Ada\"}' %s/run/hello"):format(web.url))
    local sandbox_answers = curl(web.sandbox .. "/_sandbox/stats"):find("executions_started", 1, true)
    web.stop()
    assert.equal(200, status)
    assert.equal("COMPLETED", answer.status)
    assert.same({ message = "Hello, Ada!" }, answer.result)
    assert.truthy(sandbox_answers)
    -- Both are gone.
    assert.truthy(curl(web.url):find("connect", 1, true))
    assert.truthy(curl(web.sandbox):find("connect", 1, true))
  end)

  -- The rest depends on nothing of the Lua that runs the tests.
  if not nginx.same_lua then return end

  local server, web

  setup(function()
    server = sandbox.start { SANDBOX_KEEPALIVE = "1" }
    web = gateway.start { MISTRAL_API_KEY = sandbox.key, MISTRAL_SERVER_URL = server.url }
  end)
  teardown(function()
    web.stop()
    server:stop()
  end)
  before_each(function() server:reset() end)

  local function run(workflow, input, more)
    return ask(("%s -d %s %s/run/%s"):format(more or "", process.quote(input), web.url, workflow))
  end

  local function start(workflow, input)
    local answer, status = run(workflow, input, "-H 'Prefer: respond-async'")
    assert.equal(202, status)
    return answer.execution_id
  end

  it("maps errors to statuses and shows no key", function()
    local cases = {
      { "no-such", "{}", 404 }, { "retired", "{}", 409 }, { "strict", '{"n":"x"}', 422 }, { "hello", "{", 400 },
      { "hello", "5", 400 }, { "fail", '{"message":"boom"}', 500 },
    }
    for _, case in ipairs(cases) do
      local answer, status = run(case[1], case[2])
      assert.equal(case[3], status, case[1] .. " " .. case[2])
      assert.equal("string", type(answer.error.message))
      assert.is_nil(answer.error.message:find(sandbox.key, 1, true))
    end
    assert.equal(405, select(2, ask(web.url .. "/run/hello")))
    for given, expected in pairs { [401] = 502, [403] = 502, [429] = 429, [500] = 502 } do
      server:fixture { method = "POST", path = "/v1/workflows/hello/execute", status = given, times = 10,
        body = '{"detail":"no"}', headers = { ["content-type"] = "application/json" } }
      assert.equal(expected, select(2, run("hello", "{}")), given)
      server:reset()
    end
  end)

  it("streams the events of an execution to its end, and goes on behind Last-Event-ID", function()
    local id = start("slow", '{"seconds":1}')
    local text = curl(("-N %s/events/%s"):format(web.url, id))
    local ids = {}
    for number in text:gmatch "\nid: (%d+)\n" do ids[#ids + 1] = number end
    assert.truthy(#ids >= 8, text)
    assert.truthy(text:find('\nevent: end\ndata: {.*"COMPLETED"'), text)
    local rest = curl(("-N -H 'Last-Event-ID: %s' %s/events/%s"):format(ids[#ids - 2], web.url, id))
    assert.is_nil(rest:find("\nid: " .. ids[#ids - 2] .. "\n", 1, true))
    assert.truthy(rest:find("\nid: " .. ids[#ids - 1] .. "\n", 1, true), rest)
    assert.equal(404, select(2, ask(web.url .. "/events/no-such-execution")))
    assert.truthy(curl(web.url .. "/follow/" .. id):find("EventSource", 1, true))
  end)

  it("closes the stream when the browser leaves", function()
    local id = start("forever", "{}")
    local pid = process.output(("curl -sS -N %s/events/%s >/dev/null 2>&1 & echo $!"):format(web.url, id))
    nginx.eventually("the stream is open", function() return server:stats().open_streams == 1 end)
    process.output("kill -KILL " .. pid)
    nginx.eventually("the stream is closed", function() return server:stats().open_streams == 0 end)
  end)

  it("hands followers on when it reloads", function()
    local id = start("forever", "{}")
    local file = server.directory .. "/handed-on"
    local pid = process.output(("curl -sS -N %s/events/%s >%s 2>&1 & echo $!"):format(web.url, id, file))
    nginx.eventually("the stream is open", function() return server:stats().open_streams == 1 end)
    local master = process.output(("cat %s"):format(process.quote((web.log:gsub("error%.log$", "nginx.pid")))))
    local old = process.output("pgrep -P " .. master)
    process.output("kill -HUP " .. master)
    nginx.eventually("the answer ends", function() return not nginx.is_alive(pid) end)
    for worker in old:gmatch "%d+" do
      nginx.eventually("the old worker leaves", function() return not nginx.is_alive(worker) end)
    end
    local text = assert(io.open(file)):read "*a"
    assert.is_nil(text:find("event: ", 1, true), text)
    assert.equal(200, select(2, run("hello", "{}")))
  end)
end)
