-- The library in real nginx over the life of requests and workers: aborts, killed threads, reload, exit, idling,
-- the way without a thread, streams through a handler.

local nginx = require "spec.support.nginx"
local sandbox = require "spec.support.sandbox"

local INIT = [[
  workflows = require "mistral.workflows"
  client = workflows.new { timeout = 60 }
  function hello()
    local answer, err = client.workflows:get "hello"
    return answer and answer.workflow.name or tostring(err)
  end
]]

local COMMON = {
  ["/ping"] = [[ ngx.print "pong" ]],
  ["/get"] = [[ ngx.print(hello()) ]],
  ["/running"] = [[ ngx.print(client.handle:running()) ]],
  ["/collect"] = [[ collectgarbage() collectgarbage() ngx.print(client.handle:running()) ]],
  ["/memory"] = [[ ngx.print(math.floor(collectgarbage "count")) ]],
}

describe("in nginx,", function()
  local server

  setup(function() server = sandbox.start() end)
  teardown(function() server:stop() end)

  -- Runs fn(web) with an nginx of its own, which afterwards must have logged nothing bad.
  local function with(locations, options, fn)
    if not fn then options, fn = {}, options end
    server:reset()
    local all = {}
    for _, list in ipairs { COMMON, locations } do
      for path, text in pairs(list) do
        all[path] = text:find "_by_lua_" and text or ("content_by_lua_block { %s }"):format(text)
      end
    end
    local environment = { MISTRAL_API_KEY = sandbox.key, MISTRAL_SERVER_URL = server.url }
    for name, value in pairs(options.environment or {}) do environment[name] = value end
    local web = nginx.start { environment = environment, init = INIT, http = options.http, workers = options.workers,
      locations = all }
    local ok, problem = pcall(fn, web)
    local logged = web:problems(options.tolerated)
    web:stop()
    if not ok then error(problem, 0) end
    assert.equal("", logged)
  end

  local function under_way(count)
    nginx.eventually(("%d requests are under way"):format(count), function()
      return server:stats().requests >= count
    end)
  end

  local function content(request)
    local file = assert(io.open(request.file))
    local text = file:read "*a"
    file:close()
    return text
  end

  it("a worker ends with nginx", function()
    local pid
    with({}, function(web)
      assert.equal("hello", web:get "/get")
      pid = web:workers()[1]
    end)
    nginx.eventually("the worker is gone", function() return not nginx.is_alive(pid) end)
  end)

  -- The rest depends on nothing of the Lua that runs the tests.
  if not nginx.same_lua then return end

  it("calls of killed threads and aborted requests are cancelled, and nothing stays open", function()
    with({
      ["/kill"] = [[
        local thread = ngx.thread.spawn(function() client.workflows:run "forever" end)
        ngx.sleep(0.02)
        ngx.thread.kill(thread)
        ngx.print "killed" ]],
      ["/wait"] = [[ lua_check_client_abort on; content_by_lua_block { ngx.print(hello()) } ]],
    }, function(web)
      assert.equal("hello", web:get "/get")
      local worker = web:workers()[1]
      local before
      for round = 1, 4 do
        server:control("POST", "delay?seconds=30")
        local asked = server:stats().requests
        local requests = {}
        for index = 1, 5 do requests[index] = web:background "/wait" end
        under_way(asked + 5)
        assert.equal("killed", web:get "/kill")
        local pids = {}
        for _, request in ipairs(requests) do pids[#pids + 1] = request.pid end
        require("spec.support.process").output("kill -KILL " .. table.concat(pids, " "))
        nginx.eventually("nothing is under way", function() return web:get "/collect" == "0" end)
        server:control("POST", "delay?seconds=0")
        assert.equal("hello", web:get "/get")
        if round == 1 then before = nginx.descriptors(worker) end
      end
      nginx.eventually("its descriptors are as before", function() return nginx.descriptors(worker) <= before end)
    end)
  end)

  it("reload and exit wait for the calls in flight, and for nothing else", function()
    with({}, { workers = 2 }, function(web)
      for _ = 1, 10 do web:get "/get" end
      local old = web:workers()
      server:control("POST", "delay?seconds=1")
      local asked, requests = server:stats().requests, {}
      for index = 1, 10 do requests[index] = web:background "/get" end
      under_way(asked + 10)
      web:reload()
      for _, request in ipairs(requests) do
        nginx.eventually("the request ends", function() return not nginx.is_alive(request.pid) end)
        assert.equal("hello", content(request))
      end
      for _, pid in ipairs(old) do
        nginx.eventually("the old worker leaves", function() return not nginx.is_alive(pid) end)
      end
      server:control("POST", "delay?seconds=0")
      assert.equal("hello", web:get "/get")
    end)
  end)

  it("reloads under load lose no request", function()
    with({}, { workers = 2 }, function(web)
      server:control("POST", "delay?seconds=0.02")
      local load = web:background("/get", "--parallel --parallel-max 8 -o /dev/null -w 'status %{http_code}\\n' " ..
        ("'" .. web.url .. "/get' -o /dev/null "):rep(300))
      local asked = server:stats().requests
      for round = 1, 3 do
        nginx.eventually("some more are answered", function()
          return server:stats().requests > asked + 30 * round or not nginx.is_alive(load.pid)
        end)
        web:reload()
      end
      nginx.eventually("all are answered", function() return not nginx.is_alive(load.pid) end)
      local _, good = content(load):gsub("status 200", "") -- there are also the numbers of curl's progress meter
      assert.equal(301, good, content(load))
      nginx.eventually("only the last workers are left", function() return #web:workers() == 2 end)
    end)
  end)

  it("requests that come while the worker leaves are answered", function()
    with({
      ["/late"] = [[
        while not ngx.worker.exiting() do ngx.sleep(0.01) end
        ngx.print(hello(), hello()) ]],
    }, function(web)
      local late = web:background "/late"
      assert.equal("hello", web:get "/get")
      local old = web:workers()[1]
      web:reload()
      nginx.eventually("the old worker leaves", function() return not nginx.is_alive(old) end)
      assert.equal("hellohello", content(late))
    end)
  end)

  it("works without the code cache, a client a request", function()
    local lua = [[
      local workflows = require "mistral.workflows"
      local client = workflows.new()
      local names = client:map({ "hello", "slow" }, function(name) return client.workflows:get(name).workflow.name end)
      ngx.print(table.concat(names, " "), " ", client.workflows:get("hello").workflow.name) ]]
    with({ ["/fresh"] = lua }, { http = "lua_code_cache off;", tolerated = "lua_code_cache is off" }, function(web)
      assert.equal("pong", web:get "/ping") -- nginx listens before it has a worker
      local worker = web:workers()[1]
      local before
      for round = 1, 5 do
        for _, body in ipairs(web:get_all { "/fresh", "/fresh", "/fresh", "/fresh", "/fresh", "/fresh" }) do
          assert.equal("hello slow hello", body)
        end
        if round == 1 then before = nginx.descriptors(worker) end
      end
      nginx.eventually("nothing stays open", function() return nginx.descriptors(worker) <= before end)
      assert.equal("1", (require("spec.support.process").output(("ls /proc/%s/task | wc -l"):format(worker))))
    end)
  end)

  it("an idle worker uses no processor time", function()
    with({}, function(web)
      assert.equal("hello", web:get "/get")
      local worker = web:workers()[1]
      local before = nginx.ticks(worker)
      -- The stream of another client is what is waited for: three comments, one a second.
      server:control("POST", "keepalive?seconds=0.5")
      local execution = assert(server:client().workflows:execute("slow", { input = { seconds = 2 } }))
      assert(server:client().executions:wait(execution.execution_id, { timeout = 20 }))
      assert.equal(before, nginx.ticks(worker))
    end)
  end)

  it("waiting for one slow call uses no processor time either", function()
    with({}, function(web)
      assert.equal("hello", web:get "/get")
      local worker = web:workers()[1]
      server:control("POST", "delay?seconds=3")
      local asked = server:stats().requests
      local request = web:background "/get"
      under_way(asked + 1)
      local before = nginx.ticks(worker)
      nginx.eventually("the request ends", function() return not nginx.is_alive(request.pid) end)
      assert.equal("hello", content(request))
      assert.truthy(nginx.ticks(worker) - before <= 2)
    end)
  end)

  local function ticks_with(environment)
    with({}, { environment = environment }, function(web)
      local paths = {}
      for index = 1, 20 do paths[index] = "/get" end
      for _ = 1, 3 do
        for _, body in ipairs(web:get_all(paths)) do assert.equal("hello", body) end
      end
      server:control("POST", "delay?seconds=1")
      local asked = server:stats().requests
      web:background "/get"
      under_way(asked + 1)
      assert.equal("pong", web:get "/ping")
      nginx.eventually("it is answered", function() return web:get "/running" == "0" end)
      local _, warnings = web:log_text():gsub("no waker thread", "")
      assert.equal(1, warnings)
    end)
  end

  it("looks once in a millisecond, and says so once, where no unix socket can be had", function()
    ticks_with { TMPDIR = "/nonexistent" }
  end)

  it("looks once in a millisecond, and says so once, where a client has no descriptor", function()
    ticks_with { MISTRAL_WORKFLOWS_BACKEND = "poll" }
  end)

  it("goes on when timers run out", function()
    with({
      ["/fill"] = [[
        for _ = 1, 8 do ngx.timer.at(0, function() while not timers_may_end do ngx.sleep(0.01) end end) end
        ngx.sleep(0.05)
        ngx.print(ngx.timer.running_count()) ]],
      ["/free"] = [[ timers_may_end = true ngx.print "free" ]],
    }, { http = "lua_max_running_timers 8;", tolerated = "lua_max_running_timers are not enough" }, function(web)
      assert.equal("8", web:get "/fill")
      -- nginx drops the timer that would wait for the client, and tells nobody but its log.
      assert.equal("hello", web:get "/get")
      assert.equal("free", web:get "/free")
      nginx.eventually("calls are quick again", function() return web:get "/get" == "hello" end)
    end)
  end)
end)
