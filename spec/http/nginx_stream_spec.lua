-- Event streams through a handler in real nginx: back-pressure, and what happens when the reader leaves.

local nginx = require "spec.support.nginx"
local process = require "spec.support.process"
local sandbox = require "spec.support.sandbox"

local COUNT, SIZE = 40000, 1000

local LOCATIONS = {
  ["/ping"] = [[ content_by_lua_block { ngx.print "pong" } ]],
  ["/running"] = [[ content_by_lua_block { ngx.print(client.handle:running()) } ]],
  ["/outcome"] = [[ content_by_lua_block {
    local stream, count = client.executions:stream(ngx.var.arg_id), 0
    local ok, err = pcall(function() for event in stream do count = count + 1 end end)
    ngx.print(count, " ", ok and "end" or err.kind .. " " .. err.reason) } ]],
  ["/follow"] = [[ lua_check_client_abort on; content_by_lua_block {
    local stream = client.executions:stream(ngx.var.arg_id)
    local count = 0
    for event in stream do
      count = count + 1
      ngx.print("data: ", workflows.json.encode(event.data), "\n\n")
      if not ngx.flush(true) then return stream:close() end
    end
    ngx.print("count: ", count, "\n") } ]],
}

local function resident_kilobytes(pid)
  for line in io.lines(("/proc/%s/status"):format(pid)) do
    local number = line:match "^VmRSS:%s+(%d+) kB"
    if number then return tonumber(number) end
  end
end

local function size_of(path)
  local file = io.open(path)
  if not file then return 0 end
  local size = file:seek "end"
  file:close()
  return size
end

describe("event streams in nginx", function()
  local server, web

  setup(function()
    server = sandbox.start()
    web = nginx.start { locations = LOCATIONS,
      environment = { MISTRAL_API_KEY = sandbox.key, MISTRAL_SERVER_URL = server.url },
      init = [[ workflows = require "mistral.workflows" client = workflows.new() ]] }
  end)
  teardown(function()
    local problems = web:problems()
    web:stop()
    server:stop()
    assert.equal("", problems)
  end)

  it("arrive whole", function()
    server:control("POST", "events?execution_id=few&count=100&size=100&end=1")
    assert.truthy(web:get("/follow?id=few"):find "count: 10%d")
  end)

  -- The rest depends on nothing of the Lua that runs the tests.
  if not nginx.same_lua then return end

  it("go as slowly as they are read, in bounded memory", function()
    server:control("POST", ("events?execution_id=many&count=%d&size=%d&end=1"):format(COUNT, SIZE))
    local worker = web:workers()[1]
    local before = resident_kilobytes(worker)
    local slow = web:background("/follow?id=many", "-N --limit-rate 400k")
    nginx.eventually("some is read", function() return size_of(slow.file) > 1000 * 1000 end)
    assert.equal("pong", web:get "/ping")
    local grown = resident_kilobytes(worker) - before
    assert.truthy(grown < 16 * 1024, ("%d KiB more"):format(grown))
    assert.truthy(nginx.is_alive(slow.pid))
    assert.equal(1, server:stats().open_streams)
    process.output("kill -KILL " .. slow.pid)
    nginx.eventually("the stream is closed", function() return server:stats().open_streams == 0 end)
    assert.truthy(web:get("/follow?id=many"):find "count: 4000%d")
  end)

  it("are closed after their reader left, though nginx tells the handler nothing", function()
    server:control("POST", "events?execution_id=silent&count=10&size=100&end=0")
    server:control("POST", "keepalive?seconds=0.05")
    local readers = {}
    for index = 1, 3 do readers[index] = web:background("/follow?id=silent", "-N").pid end
    nginx.eventually("the streams are open", function() return server:stats().open_streams == 3 end)
    process.output("kill -KILL " .. table.concat(readers, " "))
    nginx.eventually("the streams are closed", function() return server:stats().open_streams == 0 end)
    nginx.eventually("nothing is under way", function() return web:get "/running" == "0" end)
  end)

  -- Asks for something in the background, and calls the function when a stream is open.
  local function outcome_of(id, fn)
    local request = web:background("/outcome?id=" .. id)
    nginx.eventually("the stream is open", function() return server:stats().open_streams == 1 end)
    fn()
    nginx.eventually("it is answered", function() return size_of(request.file) > 0 end)
    return io.open(request.file):read "*a"
  end

  it("go on to their end while events come, though the worker is about to leave", function()
    local client = server:client()
    assert(client.workflows:execute("tokens", { execution_id = "busy", input = { count = 30, interval = 0.2 } }))
    client:close()
    local old = web:workers()[1]
    assert.equal("34 end", outcome_of("busy", function() web:reload() end))
    nginx.eventually("the old worker leaves", function() return not nginx.is_alive(old) end)
  end)

  it("that are silent end when the worker is about to leave", function()
    server:control("POST", "events?execution_id=still&count=10&size=100&end=0")
    server:control("POST", "keepalive?seconds=0.05")
    local old = web:workers()[1]
    assert.truthy(outcome_of("still", function() web:reload() end):find "^1%d cancelled leaving$")
    nginx.eventually("the old worker leaves", function() return not nginx.is_alive(old) end)
  end)

  it("that nobody reads any more do not keep a worker from leaving", function()
    server:control("POST", ("events?execution_id=left&count=%d&size=%d&end=1"):format(COUNT, SIZE))
    local reader = web:background("/follow?id=left", "-N --limit-rate 100k")
    nginx.eventually("some is read", function() return size_of(reader.file) > 50 * 1000 end)
    local old = web:workers()[1]
    process.output("kill -KILL " .. reader.pid)
    web:reload()
    nginx.eventually("the old worker leaves", function() return not nginx.is_alive(old) end)
    assert.equal(0, server:stats().open_streams)
    assert.equal("pong", web:get "/ping")
  end)
end)
