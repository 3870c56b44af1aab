-- Many clients in one worker of real nginx: one thread for all of them, and what each holds is given back.

local nginx = require "spec.support.nginx"
local process = require "spec.support.process"
local sandbox = require "spec.support.sandbox"

local INIT = [[
  workflows = require "mistral.workflows"
  function hello(client)
    local answer, err = client.workflows:get "hello"
    return answer and answer.workflow.name or tostring(err)
  end
]]

local LOCATIONS = {
  ["/ping"] = [[ ngx.print "pong" ]],
  ["/collect"] = [[ collectgarbage() collectgarbage() ngx.print "collected" ]],
  ["/closed"] = [[
    local client = workflows.new()
    local name = hello(client)
    client:close()
    ngx.print(name) ]],
  ["/dropped"] = [[ ngx.print(hello(workflows.new())) ]],
  ["/many"] = [[
    local count, clients, threads = tonumber(ngx.var.arg_count), {}, {}
    for index = 1, count do
      clients[index] = workflows.new()
      threads[index] = ngx.thread.spawn(hello, clients[index])
    end
    for index = 1, count do
      local _, name = ngx.thread.wait(threads[index])
      if name ~= "hello" then return ngx.print(name) end
    end
    held = clients
    ngx.print "hello" ]],
  ["/close_many"] = [[ for _, client in ipairs(held) do client:close() end held = nil ngx.print "closed" ]],
  ["/close_in_flight"] = [[
    local client = workflows.new()
    local thread = ngx.thread.spawn(function() return select(2, client.workflows:get "slow").kind end)
    ngx.sleep(0.1)
    client:close()
    local _, kind = ngx.thread.wait(thread)
    ngx.print(kind) ]],
}

local function threads(pid)
  return tonumber(process.output(("ls /proc/%s/task | wc -l"):format(pid)))
end

describe("many clients in nginx", function()
  local server

  setup(function() server = sandbox.start() end)
  teardown(function() server:stop() end)

  -- Runs fn(web, worker) with an nginx of its own, which afterwards must have logged nothing bad.
  local function with(fn)
    server:reset()
    local all = {}
    for path, text in pairs(LOCATIONS) do all[path] = ("content_by_lua_block { %s }"):format(text) end
    local web = nginx.start { init = INIT, locations = all,
      environment = { MISTRAL_API_KEY = sandbox.key, MISTRAL_SERVER_URL = server.url } }
    local ok, problem = pcall(fn, web, web:workers()[1])
    local logged = web:problems()
    web:stop()
    if not ok then error(problem, 0) end
    assert.equal("", logged)
  end

  local function get_all(web, path, count)
    local paths = {}
    for index = 1, count do paths[index] = path end
    for _, body in ipairs(web:get_all(paths)) do assert.equal("hello", body) end
  end

  it("have one thread", function()
    with(function(web, worker)
      assert.equal(1, threads(worker))
      server:control("POST", "delay?seconds=0.3")
      local request = web:background "/many?count=40"
      nginx.eventually("all are under way", function() return server:stats().requests >= 40 end)
      assert.equal(2, threads(worker))
      assert.equal("pong", web:get "/ping")
      nginx.eventually("the request ends", function() return not nginx.is_alive(request.pid) end)
      assert.equal(2, threads(worker))
    end)
  end)

  if not nginx.same_lua then return end

  it("give back what they hold when they are closed, the last one the thread too", function()
    with(function(web, worker)
      assert.equal("pong", web:get "/ping")
      local before = nginx.descriptors(worker)
      for _ = 1, 3 do
        assert.equal("hello", web:get "/many?count=20")
        assert.truthy(nginx.descriptors(worker) >= before + 20 * 3) -- a socket, an epoll set and a timer each
        assert.equal("closed", web:get "/close_many")
        nginx.eventually("all is given back", function() return nginx.descriptors(worker) <= before end)
        assert.equal(1, threads(worker))
      end
      for _ = 1, 100 do assert.equal("hello", web:get "/closed") end
      nginx.eventually("all is given back", function() return nginx.descriptors(worker) <= before end)
      nginx.eventually("the thread is gone", function() return threads(worker) == 1 end)
    end)
  end)

  it("may be closed while something is in flight", function()
    with(function(web, worker)
      assert.equal("hello", web:get "/closed")
      local before = nginx.descriptors(worker)
      server:control("POST", "delay?seconds=20")
      for _ = 1, 5 do assert.equal("cancelled", web:get "/close_in_flight") end
      for _, body in ipairs(web:get_all { "/close_in_flight", "/close_in_flight", "/close_in_flight" }) do
        assert.equal("cancelled", body)
      end
      server:control("POST", "delay?seconds=0")
      nginx.eventually("all is given back", function() return nginx.descriptors(worker) <= before end)
      assert.equal("hello", web:get "/closed")
    end)
  end)

  it("do not keep a worker from leaving that was closed while another one is open", function()
    with(function(web, worker)
      assert.equal("hello", web:get "/many?count=1") -- held
      server:control("POST", "delay?seconds=20")
      assert.equal("cancelled", web:get "/close_in_flight")
      web:reload()
      nginx.eventually("the old worker leaves", function() return not nginx.is_alive(worker) end)
    end)
  end)

  it("do not pile up when they are made for a request and dropped", function()
    with(function(web, worker)
      for _ = 1, 10 do get_all(web, "/dropped", 30) end
      assert.truthy(threads(worker) <= 2)
      web:get "/collect"
      local before = nginx.descriptors(worker)
      for _ = 1, 10 do get_all(web, "/dropped", 30) end
      assert.truthy(threads(worker) <= 2)
      web:get "/collect"
      nginx.eventually("no more than before", function() return nginx.descriptors(worker) <= before end)
    end)
  end)

  it("come and go beside each other", function()
    with(function(web, worker)
      local before
      for round = 1, 10 do
        local paths = {}
        for index = 1, 20 do paths[index] = index % 2 == 0 and "/closed" or "/dropped" end
        for _, body in ipairs(web:get_all(paths)) do assert.equal("hello", body) end
        web:get "/collect"
        if round == 1 then before = nginx.descriptors(worker) end
      end
      nginx.eventually("no more than before", function() return nginx.descriptors(worker) <= before end)
    end)
  end)
end)
