-- Executions that are followed in nginx over connections that break: no event is lost, none comes twice.

local nginx = require "spec.support.nginx"
local player = require "spec.support.player"

local COUNT = 20

local LOCATIONS = {
  -- All streams in one request, or the waits of one.
  ["/streams"] = [[ content_by_lua_block {
    local ids = {}
    for index = 1, 10 do ids[index] = ngx.var.arg_name .. index end
    local results, errors = client:map(ids, stream)
    ngx.print(errors and tostring(select(2, next(errors))) or table.concat(results, " ")) } ]],
  ["/stream"] = [[ content_by_lua_block { ngx.print(stream(ngx.var.arg_id)) } ]],
  ["/wait"] = [[ content_by_lua_block {
    local count = 0
    local execution, err, gap = client.executions:wait(ngx.var.arg_id, { on_event = function(event)
      count = count + 1
      check(event, count)
      ngx.sleep(0.001)
    end })
    ngx.print(execution and not gap and count or tostring(err or gap)) } ]],
}

local INIT = [[
  workflows = require "mistral.workflows"
  client = workflows.new { idle_timeout = 0.5, retry = { attempts = 8, base = 0.01, cap = 0.05 } }
  function check(event, number)
    local expected = number == 1 and "WORKFLOW_EXECUTION_STARTED" or number == 20 and "WORKFLOW_EXECUTION_COMPLETED"
    assert(expected and event.event_type == expected or event.attributes.number == number)
  end
  function stream(id)
    local count = 0
    for event in client.executions:stream(id) do
      count = count + 1
      check(event, count)
    end
    return count
  end
]]

describe("following executions in nginx:", function()
  local server, web

  setup(function()
    server = player.start()
    web = nginx.start { locations = LOCATIONS, init = INIT,
      environment = { MISTRAL_API_KEY = player.key, MISTRAL_SERVER_URL = server.url } }
  end)
  teardown(function()
    local problems = web:problems()
    web:stop()
    server:stop()
    assert.equal("", problems)
  end)

  -- Plays ten executions over drops of these kinds.
  local function play_ten(drops)
    local executions = {}
    for index = 1, 10 do executions["e" .. index] = { events = COUNT, interval = 0.01 } end
    server:reset()
    server:play(executions, { drops = drops, seed = 4, slow_seconds = 0.2 })
  end

  -- Asks for each of them at once; calls the function, where there is one, meanwhile.
  local function answers_of(path, fn)
    local requests, list = {}, {}
    for index = 1, 10 do requests[index] = web:background(path .. "?id=e" .. index) end
    if fn then fn() end
    for index, request in ipairs(requests) do
      nginx.eventually("it is answered", function()
        local file = io.open(request.file)
        list[index] = file and file:read "*a" or ""
        if file then file:close() end
        return list[index] ~= ""
      end)
    end
    return table.concat(list, " ")
  end

  local all = ("20 "):rep(10):sub(1, -2)

  it("ten streams of one request", function()
    play_ten { "abort", "clean", "hang", "slow", "partial" }
    assert.equal(all, web:get "/streams?name=e")
    assert.truthy(server:stats().counters.drop > 10)
  end)

  it("streams of ten requests", function()
    play_ten { "abort", "clean", "hang", "slow", "partial" }
    assert.equal(all, answers_of "/stream")
  end)

  it("waits of ten requests, with on_event that waits, also over error events", function()
    play_ten { "abort", "clean", "hang", "slow", "partial", "error" }
    assert.equal(all, answers_of "/wait")
    assert.truthy(server:stats().counters.drop_error > 0)
  end)

  it("streams of ten requests, of a worker that is about to leave", function()
    play_ten { "abort", "clean", "slow", "partial" }
    local old = web:workers()[1]
    local answers = answers_of("/stream", function()
      nginx.eventually("they are followed", function() return (server:stats().counters.stream or 0) >= 10 end)
      web:reload()
    end)
    assert.equal(all, answers)
    nginx.eventually("the old worker leaves", function() return not nginx.is_alive(old) end)
  end)
end)
