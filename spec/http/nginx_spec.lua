-- The library in real nginx: where calls yield, where they block, and that they do not get into each other's way.

local nginx = require "spec.support.nginx"
local sandbox = require "spec.support.sandbox"

local INIT = [[
  workflows = require "mistral.workflows"
  client = workflows.new()
  function name_of(answer, err) return answer and answer.workflow.name or tostring(err) end
  function hello(of) return name_of((of or client).workflows:get "hello") end
]]

local PING = { ["/ping"] = [[ content_by_lua_block { ngx.print "pong" } ]] }

-- Starts nginx with these locations, a text of directives each; a plain text is a content handler.
local function start(server, locations, options)
  local all = {}
  for path, text in pairs(PING) do all[path] = text end
  for path, text in pairs(locations) do
    all[path] = text:find "_by_lua_" and text or ("content_by_lua_block { %s }"):format(text)
  end
  options = options or {}
  local environment = { MISTRAL_API_KEY = sandbox.key, MISTRAL_SERVER_URL = server.url }
  for name, value in pairs(options.environment or {}) do environment[name] = value end
  return nginx.start { environment = environment, init = INIT .. (options.init or ""), http = options.http,
    workers = options.workers, locations = all }
end

describe("in nginx", function()
  local server

  setup(function() server = sandbox.start() end)
  teardown(function() server:stop() end)

  -- Runs fn(web) with an nginx of its own, which afterwards must have logged nothing bad.
  local function with(locations, options, fn)
    if not fn then options, fn = nil, options end
    server:reset()
    local web = start(server, locations, options)
    local ok, problem = pcall(fn, web)
    local logged = web:problems()
    web:stop()
    if not ok then error(problem, 0) end
    assert.equal("", logged)
  end

  it("a handler calls the service", function()
    with({ ["/get"] = "ngx.print(hello())" }, function(web)
      assert.equal("hello", web:get "/get")
    end)
  end)

  -- The rest depends on nothing of the Lua that runs the tests.
  if not nginx.same_lua then return end

  it("a transport waits as the client does", function()
    with({
      ["/sleep"] = [[ ngx.print(hello(by(function() fed:sleep(0.02) return hello() end))) ]],
      ["/time"] = [[
        local _, err = by(function() fed:sleep(20) end).workflows:get("hello", { timeout = 0.1 })
        ngx.print(err.kind) ]],
    }, { init = [[
      function by(name)
        fed = workflows.new { retry = false, transport = function()
          return { status = 200, body = { workflow = { name = name() } } }
        end }
        return fed
      end ]] }, function(web)
      assert.equal("hello", web:get "/sleep")
      assert.equal("timeout", web:get "/time")
    end)
  end)

  it("calls wait in rewrite, access and content code, timers, and coroutines in these", function()
    with({
      ["/rewrite"] = [[ rewrite_by_lua_block { ngx.ctx.name = hello() }
        content_by_lua_block { ngx.print(ngx.ctx.name) } ]],
      ["/access"] = [[ access_by_lua_block { ngx.ctx.name = hello() }
        content_by_lua_block { ngx.print(ngx.ctx.name) } ]],
      ["/content"] = [[ ngx.print(hello()) ]],
      ["/timer"] = [[
        local done, name = require("ngx.semaphore").new(), nil
        ngx.timer.at(0, function() name = hello() done:post(1) end)
        done:wait(10)
        ngx.print(name) ]],
      ["/coroutine"] = [[ ngx.print(coroutine.wrap(function() return hello() end)()) ]],
      ["/pcall"] = [[ ngx.print(select(2, pcall(hello))) ]],
      ["/metamethod"] = [[ ngx.print(setmetatable({}, { __index = function() return hello() end }).name) ]],
      ["/thread"] = [[ ngx.print(select(2, ngx.thread.wait(ngx.thread.spawn(hello)))) ]],
    }, function(web)
      for _, path in ipairs { "/rewrite", "/access", "/content", "/timer", "/coroutine", "/pcall", "/metamethod",
        "/thread" } do
        assert.equal("hello", web:get(path), path)
      end
      -- All of them at once, beside a service that takes its time: had one blocked, /ping would come after it.
      server:control("POST", "delay?seconds=2")
      local slow = {}
      for index, path in ipairs { "/rewrite", "/access", "/content", "/timer", "/coroutine", "/thread" } do
        slow[index] = web:background(path)
      end
      nginx.eventually("all are under way", function() return server:stats().requests >= 8 + #slow end)
      assert.equal("pong", web:get "/ping")
      for _, request in ipairs(slow) do assert.is_true(nginx.is_alive(request.pid)) end
    end)
  end)

  it("calls block where nginx cannot come back: the answer is the same", function()
    with({
      ["/set"] = [[ set_by_lua_block $name { return hello() } content_by_lua_block { ngx.print(ngx.var.name) } ]],
      ["/header_filter"] = [[ content_by_lua_block { ngx.print "x" }
        header_filter_by_lua_block { ngx.header["X-Name"] = hello() } ]],
      ["/header_filter_coroutine"] = [[ content_by_lua_block { ngx.print "x" }
        header_filter_by_lua_block { ngx.header["X-Name"] = coroutine.wrap(hello)() } ]],
      ["/log"] = [[ content_by_lua_block { ngx.print "x" }
        log_by_lua_block { ngx.log(ngx.NOTICE, "in the log phase: ", hello(), ".") } ]],
      ["/gsub"] = [[ ngx.print((("x"):gsub("x", function() return hello() end))) ]],
      ["/sort"] = [[ local seen
        table.sort({ 2, 1 }, function(a, b) seen = hello() return a < b end)
        ngx.print(seen) ]],
      ["/require"] = [[ package.preload["called.while.loading"] = function() return { name = hello() } end
        ngx.print(require("called.while.loading").name) ]],
      ["/explicit"] = [[ local own = workflows.new { loop = "ngx" }
        ngx.print(hello(own), (("x"):gsub("x", function() return hello(own) end))) own:close() ]],
      ["/init"] = [[ ngx.print(at_init, " ", at_init_worker) ]],
    }, {
      init = "at_init = hello()",
      http = "init_worker_by_lua_block { at_init_worker = hello() }",
    }, function(web)
      for _, path in ipairs { "/set", "/gsub", "/sort", "/require" } do assert.equal("hello", web:get(path), path) end
      for _, path in ipairs { "/header_filter", "/header_filter_coroutine" } do
        assert.truthy(web:get(path, "-i"):find("X%-Name: hello"), path)
      end
      assert.equal("hellohello", web:get "/explicit")
      assert.equal("hello hello", web:get "/init")
      assert.equal("x", web:get "/log")
      nginx.eventually("the log phase is over", function()
        return web:log_text():find("in the log phase: hello.", 1, true)
      end)
      -- A wait that nginx cannot follow would have left the next requests broken.
      for _, path in ipairs { "/require", "/gsub", "/log", "/set" } do assert.equal(200, select(2, web:get(path))) end
    end)
  end)

  it("a client from init serves every worker, after a request in the master too", function()
    with({ ["/get"] = [[ ngx.print(ngx.worker.id(), " ", hello()) ]] },
      { workers = 2, init = "hello()" }, function(web)
        local seen = {}
        nginx.eventually("both workers answer", function()
          local worker, name = web:get("/get"):match "^(%d) (.*)$"
          assert.equal("hello", name)
          seen[worker] = true
          return seen["0"] and seen["1"]
        end)
      end)
  end)

  it("clients of one worker do not swap their sockets", function()
    with({
      ["/both"] = [[
        local first, second = workflows.new(), client
        local function ask(of, wanted)
          return function() return name_of(of.workflows:get(wanted)) end
        end
        for _ = 1, 20 do
          local one, two = ngx.thread.spawn(ask(first, "hello")), ngx.thread.spawn(ask(second, "slow"))
          local _, a = ngx.thread.wait(one)
          local _, b = ngx.thread.wait(two)
          if a ~= "hello" or b ~= "slow" then return ngx.print(a, " ", b) end
        end
        first:close()
        ngx.print "apart" ]],
    }, function(web)
      for _, body in ipairs(web:get_all { "/both", "/both", "/both", "/both" }) do assert.equal("apart", body) end
    end)
  end)

  it("execute, run and wait work, and errors arrive as they do elsewhere", function()
    with({
      ["/run"] = [[
        local result, execution = client.workflows:run("slow", { input = { seconds = 0.3 } })
        ngx.print(result and result.seconds or tostring(execution), " ", result and execution.status) ]],
      ["/wait"] = [[
        local execution = assert(client.workflows:execute("slow", { input = { seconds = 0.3 } }))
        local count = 0
        local ended = assert(client.executions:wait(execution.execution_id, {
          timeout = 20, on_event = function() count = count + 1 end }))
        ngx.print(ended.status, " ", count > 2) ]],
      ["/fail"] = [[
        local result, err = client.workflows:run("fail", { input = { message = "boom" } })
        ngx.print(tostring(result), " ", err.kind, " ", tostring(err)) ]],
      ["/missing"] = [[ local _, err = client.workflows:get "no-such" ngx.print(err.status) ]],
      ["/retry"] = [[ ngx.print(hello()) ]],
    }, function(web)
      local bodies = web:get_all { "/run", "/wait", "/fail", "/missing" }
      assert.equal("0.3 COMPLETED", bodies[1])
      assert.equal("COMPLETED true", bodies[2])
      assert.truthy(bodies[3]:find "^nil %a+ .*boom")
      assert.equal("404", bodies[4])
      server:fixture { method = "GET", path = "/v1/workflows/hello", status = 503, times = 1, body = "{}" }
      assert.equal("hello", web:get "/retry")
    end)
  end)

  it("map and gather run side by side within a handler, and pages walk", function()
    with({
      ["/map"] = [[
        local items = {}
        for index = 1, 20 do items[index] = index % 2 == 0 and "hello" or "slow" end
        local names, errors = client:map(items, function(item) return name_of(client.workflows:get(item)) end,
          { concurrency = 20 })
        ngx.print(#names, " ", names[1], " ", names[2], " ", tostring(errors)) ]],
      ["/gather"] = [[
        local results = client:gather {
          function() return hello() end,
          function() return #client:map({ 1, 2 }, function() return hello() end) end,
          function() ngx.sleep(0.01) return "slept" end,
        }
        ngx.print(table.concat(results, " ")) ]],
      ["/raise"] = [[
        local ok, problem = pcall(client.gather, client, {
          function() error({ "mine" }) end, function() client.workflows:run "forever" end })
        ngx.print(tostring(ok), " ", problem[1], " ", client.handle:running()) ]],
      ["/pages"] = [[
        local count = 0
        for _ in client.registrations:each { limit = 1000 } do count = count + 1 end
        ngx.print(count) ]],
    }, function(web)
      local bodies = web:get_all { "/map", "/gather", "/pages", "/map" }
      assert.equal("20 slow hello nil", bodies[1])
      assert.equal("hello 2 slept", bodies[2])
      assert.equal("3000", bodies[3])
      assert.equal("20 slow hello nil", bodies[4])
      assert.equal("false mine 0", web:get "/raise")
      server:control("POST", "delay?seconds=0.5")
      local mapped = web:background "/map"
      nginx.eventually("all are under way", function() return server:stats().requests > 40 end)
      assert.equal("pong", web:get "/ping")
      nginx.eventually("the map is done", function() return not nginx.is_alive(mapped.pid) end)
    end)
  end)

  it("closing the client ends the calls of other requests", function()
    with({
      ["/open"] = [[ shared = workflows.new() ngx.print "open" ]],
      ["/wait"] = [[ local _, err = shared.workflows:run "forever" ngx.print(err.kind) ]],
      ["/running"] = [[ ngx.print(shared.handle:running()) ]],
      ["/close"] = [[ shared:close() ngx.print "closed" ]],
      ["/after"] = [[ ngx.print(tostring(pcall(shared.workflows.get, shared.workflows, "hello"))) ]],
    }, function(web)
      web:get "/open"
      local first, second = web:background "/wait", web:background "/wait"
      nginx.eventually("both wait", function() return web:get "/running" == "2" end)
      assert.equal("closed", web:get "/close")
      for _, request in ipairs { first, second } do
        nginx.eventually("the request ends", function() return not nginx.is_alive(request.pid) end)
        assert.equal("cancelled", assert(io.open(request.file)):read "*a")
      end
      assert.equal("false", web:get "/after")
      assert.equal("pong", web:get "/ping")
    end)
  end)
end)
