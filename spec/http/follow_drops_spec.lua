-- Ten executions that are followed at once over connections that break: no event is lost, none comes twice.

local player = require "spec.support.player"

local events_of, check_events = player.events_of, player.check_events

describe("following ten executions:", function()
  local server, client

  setup(function() server = player.start() end)
  teardown(function() server:stop() end)

  before_each(function() server:reset() end)
  after_each(function()
    if client then client:close() end
    client = nil
  end)

  local function open(options)
    client = server:client({ idle_timeout = 1, retry = { attempts = 8, base = 0.01, cap = 0.05 } }, options)
    return client
  end

  -- Plays ten executions of `count` events each.
  local function play_ten(count, script, settings)
    local executions, ids = {}, {}
    for index = 1, 10 do
      ids[index] = "e" .. index
      executions[ids[index]] = { events = count }
      for name, value in pairs(script or {}) do executions[ids[index]][name] = value end
    end
    server:play(executions, settings)
    return ids
  end

  local all_drops = { "abort", "clean", "hang", "slow", "partial" }
  local kinds = { { "abort" }, { "clean" }, { "hang" }, { "slow" }, { "partial" }, all_drops }

  for number, drops in ipairs(kinds) do
    it("a stream gives every event once over " .. table.concat(drops, ", "), function()
      open()
      for _, status in ipairs { "COMPLETED", "FAILED", "TERMINATED" } do
        server:reset()
        local has_end = status ~= "TERMINATED"
        local ids = play_ten(20, { status = status },
          { drops = drops, seed = number, slow_seconds = 0.1, every = { 3, 8 } })
        local results, errors = client:map(ids, function(id)
          check_events(id, events_of(client.executions:stream(id)), has_end and 20 or 19, has_end)
          return true
        end)
        assert.is_nil(errors)
        assert.equal(10, #results)
        assert.truthy(server:stats().counters.drop >= 10)
      end
    end)
  end

  it("wait hands out every event once, also over error events", function()
    open()
    for _, status in ipairs { "COMPLETED", "FAILED", "CANCELED", "TERMINATED" } do
      server:reset()
      local ids = play_ten(20, { status = status },
        { drops = { "abort", "clean", "hang", "slow", "partial", "error" }, seed = 5, slow_seconds = 0.8 })
      local results = client:map(ids, function(id)
        local list = {}
        local execution, err, gap = client.executions:wait(id, {
          on_event = function(event) list[#list + 1] = event end,
        })
        assert.is_nil(gap)
        assert.equal(status, (execution or err.execution).status)
        check_events(id, list, status == "TERMINATED" and 19 or 20, status ~= "TERMINATED")
        return true
      end)
      assert.equal(10, #results)
    end
  end)

  it("a stream that ends with an error event goes on in another one, behind its last event", function()
    open()
    local ids = play_ten(20, {}, { drops = { "error", "abort", "clean", "slow" }, seed = 6, slow_seconds = 0.1 })
    client:map(ids, function(id)
      local list, errors, position = {}, 0, nil
      repeat
        local stream = client.executions:stream(id, { last_event_id = position })
        local ok, err = pcall(function()
          for index = #list + 1, math.huge do
            list[index] = stream()
            if not list[index] then return end
            position = list[index].id
          end
        end)
        if not ok then
          assert.same({ "stream", "read_error" }, { err.kind, err.reason })
          errors = errors + 1
        end
      until ok
      check_events(id, list, 20, true)
      return errors
    end)
    assert.truthy(server:stats().counters.drop_error > 10)
  end)

  it("events that come while it is followed are given too", function()
    open()
    local ids = play_ten(20, { interval = 0.01 }, { drops = all_drops, seed = 3, slow_seconds = 0.1 })
    client:map(ids, function(id)
      check_events(id, events_of(client.executions:stream(id)), 20, true)
    end)
  end)
end)
