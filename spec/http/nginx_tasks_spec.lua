-- Tasks of clients in real nginx: they run beside each other, outlive the request that began them, and go on where
-- nginx cannot yield.

local nginx = require "spec.support.nginx"
local sandbox = require "spec.support.sandbox"

local INIT = [[
  workflows = require "mistral.workflows"
  loop = require "mistral.workflows.loop"
  client = workflows.new()
  ticks = 0
  -- A client whose answers take so many seconds, of nginx's own time.
  function fed(seconds)
    return workflows.new { transport = function()
      ngx.sleep(seconds)
      return { status = 200, body = { workflow = { name = "fed" } } }
    end }
  end
]]

local LOCATIONS = {
  ["/ping"] = [[ ngx.print "pong" ]],
  ["/tick"] = [[
    task = loop.spawn(client, function()
      while true do
        loop.sleep(client, 0.01)
        ticks = ticks + 1
      end
    end)
    client.workflows:get "hello"
    ngx.print "begun" ]],
  ["/ticks"] = [[ ngx.print(ticks) ]],
  ["/get"] = [[ ngx.print(client.workflows:get("hello").workflow.name) ]],
  ["/blocked"] = [[
    local before = ticks
    local text = ("x"):gsub("x", function() return client.workflows:get("hello").workflow.name end)
    ngx.print(text, " ", ticks - before > 3) ]],
  ["/cancel"] = [[ task:cancel() ngx.print "cancelled" ]],
  ["/many"] = [[
    local count, own = tonumber(ngx.var.arg_count), fed(0.3)
    local threads, good = {}, 0
    for index = 1, count do
      threads[index] = ngx.thread.spawn(function() return own.workflows:get("x").workflow.name end)
    end
    for index = 1, count do
      local ok, name = ngx.thread.wait(threads[index])
      if name == "fed" then good = good + 1 else ngx.say(tostring(ok), tostring(name)) end
    end
    own:close()
    ngx.print(good) ]],
  ["/map"] = [[
    local own, items = fed(0.2), {}
    for index = 1, 20 do items[index] = index end
    local began = ngx.now()
    local results = own:map(items, function() return own.workflows:get("x").workflow.name end, { concurrency = 20 })
    ngx.update_time()
    ngx.print(#results, " ", ngx.now() - began < 3) ]],
  ["/raise"] = [[
    loop.spawn(client, function()
      client.workflows:get "hello"
      error("a task of the spec", 0)
    end)
    ngx.print(client.workflows:get("hello").workflow.name, client.workflows:get("hello").workflow.name) ]],
}

describe("tasks in nginx", function()
  local server

  setup(function() server = sandbox.start() end)
  teardown(function() server:stop() end)

  -- Runs fn(web) with an nginx of its own, which afterwards must have logged nothing bad but what is tolerated.
  local function with(options, fn)
    server:reset()
    local all = {}
    for path, text in pairs(LOCATIONS) do all[path] = ("content_by_lua_block { %s }"):format(text) end
    local web = nginx.start { init = INIT, locations = all, http = options.http,
      environment = { MISTRAL_API_KEY = sandbox.key, MISTRAL_SERVER_URL = server.url } }
    local ok, problem = pcall(fn, web)
    local logged = web:problems(options.tolerated)
    web:stop()
    if not ok then error(problem, 0) end
    assert.equal("", logged)
  end

  it("go on beside other requests, after that which began them, also where nginx cannot yield", function()
    with({}, function(web)
      assert.equal("begun", web:get "/tick")
      server:control("POST", "delay?seconds=0.3")
      local before = tonumber((web:get "/ticks"))
      assert.equal("hello", web:get "/get")
      assert.truthy(tonumber((web:get "/ticks")) > before + 3)
      assert.equal("hello true", web:get "/blocked")
      assert.equal("cancelled", web:get "/cancel")
      before = (web:get "/ticks")
      assert.equal("hello", web:get "/get")
      assert.equal(before, (web:get "/ticks"))
    end)
  end)

  it("wait beside each other in the ways of nginx", function()
    with({}, function(web)
      assert.equal("20 true", web:get "/map")
      assert.equal("50", web:get "/many?count=50")
    end)
  end)

  it("are more than the timers that nginx has", function()
    with({ http = "lua_max_running_timers 8;" }, function(web)
      assert.equal("300", web:get "/many?count=300")
    end)
  end)

  it("log an error that nobody asked for, which disturbs no call", function()
    with({ tolerated = "a task of the spec" }, function(web)
      assert.equal("hellohello", web:get "/raise")
      nginx.eventually("the error is logged", function()
        return web:log_text():find("mistral.workflows: a task failed: a task of the spec", 1, true)
      end)
    end)
  end)

  it("keep no worker that is told to leave", function()
    with({}, function(web)
      assert.equal("begun", web:get "/tick")
      assert.equal("cancelled", web:get "/cancel")
      assert.equal("50", web:get "/many?count=50")
      local old = web:workers()[1]
      web:reload()
      nginx.eventually("the old worker leaves", function() return not nginx.is_alive(old) end)
      assert.equal("pong", web:get "/ping")
    end)
  end)
end)
