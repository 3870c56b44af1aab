-- nginx under load for a while: clients made for requests, closed or dropped, readers that leave, reloads. At the end
-- the workers hold what they held at the beginning, but for the connections that the lasting clients keep, which are
-- bounded. SOAK_SECONDS: for how long; a minute shows more (CONTRIBUTING.md).

local core = require "mistral.workflows.core"
local nginx = require "spec.support.nginx"
local process = require "spec.support.process"
local sandbox = require "spec.support.sandbox"

local SECONDS = tonumber(os.getenv "SOAK_SECONDS" or 10)
local CONNECTIONS = 4 -- of a lasting client

local INIT = [[
  workflows = require "mistral.workflows"
  shared = workflows.new { max_connections = ]] .. CONNECTIONS .. [[ }
  streaming = workflows.new { max_connections = ]] .. CONNECTIONS .. [[ }
  function hello(client)
    local answer, err = client.workflows:get "hello"
    return answer and answer.workflow.name or tostring(err)
  end
]]

local LOCATIONS = {
  ["/worker"] = [[ content_by_lua_block {
    assert(hello(shared) == "hello" and hello(streaming) == "hello") -- a worker may have begun just now
    collectgarbage()
    collectgarbage()
    ngx.print(ngx.worker.pid()) } ]],
  ["/shared"] = [[ content_by_lua_block { ngx.print(hello(shared)) } ]],
  ["/closed"] = [[ content_by_lua_block {
    local client = workflows.new()
    ngx.print(hello(client))
    client:close() } ]],
  ["/dropped"] = [[ content_by_lua_block { ngx.print(hello(workflows.new())) } ]],
  ["/stream"] = [[ lua_check_client_abort on; content_by_lua_block {
    local client = ngx.var.arg_own and workflows.new() or streaming
    for event in client.executions:stream "long" do
      ngx.say(event.id)
      ngx.flush(true)
    end } ]],
}

-- The kept connections of a process to this port, and its other descriptors.
local COUNT = [[ls -l /proc/%s/fd | awk '
  FNR == NR { if ($3 ~ /:%04X$/) kept["socket:[" $10 "]"]; next }
  NF > 2 { if ($NF in kept) connections++; else others++ }
  END { print connections + 0, others + 0 }' /proc/net/tcp -]]

describe("nginx under load", function()
  local server, web, port

  setup(function()
    server = sandbox.start()
    port = tonumber(server.url:match ":(%d+)$")
    web = nginx.start { init = INIT, locations = LOCATIONS, workers = 2,
      environment = { MISTRAL_API_KEY = sandbox.key, MISTRAL_SERVER_URL = server.url } }
    server:control("POST", "events?execution_id=long&count=50&size=100&end=0")
    server:control("POST", "keepalive?seconds=0.2")
  end)
  teardown(function()
    web:stop()
    server:stop()
  end)

  -- What the workers hold at most after a collection: descriptors and threads.
  local function held()
    local seen, count = {}, 0
    nginx.eventually("both workers answer", function()
      local pid = web:get "/worker"
      if not seen[pid] then count = count + 1 end
      seen[pid] = true
      return count >= 2
    end)
    local descriptors, threads = 0, 0
    for pid in pairs(seen) do
      local connections, others = process.output(COUNT:format(pid, port)):match "^(%d+) (%d+)$"
      assert(tonumber(connections) <= 2 * CONNECTIONS, connections)
      descriptors = math.max(descriptors, tonumber(others))
      threads = math.max(threads, tonumber(process.output(("ls /proc/%s/task | wc -l"):format(pid))))
    end
    return descriptors, threads
  end

  local function settle()
    nginx.eventually("only the last workers are left", function() return #web:workers() == 2 end)
    nginx.eventually("no stream is open", function()
      held()
      return server:stats().open_streams == 0
    end)
  end

  local function load_for_a_while(limit)
    local paths = {}
    for index = 1, 60 do
      paths[index] = process.quote(web.url .. ({ "/shared", "/closed", "/dropped" })[index % 3 + 1]) .. " -o /dev/null"
    end
    local command = ("curl --noproxy '*' -sS -m 30 --parallel --parallel-max 20 -w '%%{http_code}\\n' %s"):format(
      table.concat(paths, " "))
    local good, all, reloaded = 0, 0, core.now()
    while core.now() < limit do
      local readers = {}
      for index = 1, 4 do readers[index] = web:background(index % 2 == 0 and "/stream?own=1" or "/stream", "-N").pid end
      for code in process.output(command .. " 2>/dev/null"):gmatch "%d+" do
        all, good = all + 1, good + (code == "200" and 1 or 0)
      end
      process.output("kill -KILL " .. table.concat(readers, " "))
      if core.now() > reloaded + 2 then
        web:reload()
        reloaded = core.now()
      end
    end
    return good, all
  end

  it("holds at the end what it held at the beginning", function()
    local paths = {}
    for index = 1, 30 do paths[index] = ({ "/shared", "/closed", "/dropped" })[index % 3 + 1] end
    load_for_a_while(core.now() + 1)
    settle()
    local descriptors, threads
    nginx.eventually("no client is left that was dropped", function()
      local before = descriptors
      descriptors, threads = held()
      return descriptors == before and threads == 2
    end)
    local good, all = load_for_a_while(core.now() + SECONDS)
    assert.truthy(all >= 60)
    assert.equal(all, good)
    settle()
    nginx.eventually("the workers hold what they did", function()
      for _, body in ipairs(web:get_all(paths)) do assert.equal("hello", body) end
      local now_descriptors, now_threads = held()
      return now_descriptors <= descriptors and now_threads <= threads
    end)
    assert.equal("", web:problems())
  end)
end)
