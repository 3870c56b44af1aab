-- Many waits in nginx: one watch for each worker and client, whoever drives it.

local nginx = require "spec.support.nginx"
local player = require "spec.support.player"
local process = require "spec.support.process"

local LOCATIONS = {
  ["/state"] = [[ content_by_lua_block { ngx.print(client.handle:running()) } ]],
  ["/wait"] = [[ lua_check_client_abort on; content_by_lua_block {
    local execution, err = client.executions:wait(ngx.var.arg_id, { timeout = 60 })
    ngx.print(execution and execution.status or tostring(err.status or err.kind)) } ]],
  ["/all"] = [[ content_by_lua_block {
    local count, ids = 0, {}
    for index = 1, tonumber(ngx.var.arg_count) do ids[index] = ngx.var.arg_name .. index end
    for execution, err in client.executions:as_completed(ids, { timeout = 60 }) do
      if not err then count = count + 1 end
    end
    ngx.print(count) } ]],
}

describe("many waits in nginx", function()
  local server, web

  setup(function()
    server = player.start()
    web = nginx.start { locations = LOCATIONS,
      environment = { MISTRAL_API_KEY = player.key, MISTRAL_SERVER_URL = server.url },
      init = [[ workflows = require "mistral.workflows" client = workflows.new() ]] }
  end)
  teardown(function()
    local problems = web:problems()
    web:stop()
    server:stop()
    assert.equal("", problems)
  end)

  before_each(function() server:reset() end)

  local function play(name, count, script)
    local executions = {}
    for index = 1, count do executions[name .. index] = script end
    server:play(executions)
  end

  -- Begins a request for each execution. Returns them.
  local function wait_for(name, count)
    local list = {}
    for index = 1, count do list[index] = web:background("/wait?id=" .. name .. index) end
    return list
  end

  local function answer_of(request)
    local file = io.open(request.file)
    local text = file and file:read "*a" or ""
    if file then file:close() end
    return text
  end

  it("of one request: as_completed", function()
    play("c", 30, { events = 2, seconds = 1 })
    assert.equal("30", web:get "/all?name=c&count=30")
  end)

  -- The rest depends on nothing of the Lua that runs the tests.
  if not nginx.same_lua then return end

  it("of several requests share a stream, which outlives the first of them", function()
    server:play { quick1 = { events = 2, seconds = 1 } }
    play("e", 8, { events = 2, seconds = 4 })
    local first = web:background "/wait?id=quick1"
    nginx.eventually("it waits", function() return server:stats().open_streams == 1 end)
    local rest = wait_for("e", 8)
    nginx.eventually("the first is answered", function() return answer_of(first) == "COMPLETED" end)
    for _, request in ipairs(rest) do
      nginx.eventually("each is answered", function() return answer_of(request) == "COMPLETED" end)
    end
    local stats = server:stats()
    assert.truthy(stats.most_open_streams <= 3, stats.most_open_streams)
    assert.truthy(stats.counters.status <= 9 * 2 + 2, stats.counters.status)
    nginx.eventually("all is closed", function() return server:stats().open_streams == 0 end)
    assert.equal("0", web:get "/state")
  end)

  it("go on when the requests that began them are aborted", function()
    play("a", 6, { events = 2, seconds = 3 })
    local requests = wait_for("a", 6)
    nginx.eventually("all wait", function() return (server:stats().counters.status or 0) >= 6 end)
    for index = 1, 4 do process.output("kill -KILL " .. requests[index].pid) end
    for index = 5, 6 do
      nginx.eventually("each is answered", function() return answer_of(requests[index]) == "COMPLETED" end)
    end
    nginx.eventually("all is closed", function() return server:stats().open_streams == 0 end)
    nginx.eventually("nothing is under way", function() return web:get "/state" == "0" end)
  end)

  it("end when the worker leaves", function()
    play("r", 5, { events = 2, seconds = 600 })
    local requests = wait_for("r", 5)
    nginx.eventually("all wait", function() return (server:stats().counters.status or 0) >= 5 end)
    local old = web:workers()[1]
    web:reload()
    for _, request in ipairs(requests) do
      nginx.eventually("each ends", function() return answer_of(request) == "cancelled" end)
    end
    nginx.eventually("the worker is gone", function() return not nginx.is_alive(old) end)
    play("n", 3, { events = 2, seconds = 1 })
    assert.equal("3", web:get "/all?name=n&count=3")
  end)
end)
