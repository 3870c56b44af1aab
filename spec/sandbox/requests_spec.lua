-- Requests that the sandbox has to refuse, or to answer within bounds.

local http = require "spec.support.http"
local sandbox = require "spec.support.sandbox"

local null = require("mistral.workflows").null
local W = "/v1/workflows"

describe("the sandbox", function()
  local server, connection

  setup(function()
    server = sandbox.start()
    connection = http.open(server)
  end)

  teardown(function()
    connection:close()
    server:stop()
  end)

  before_each(function() server:reset() end)

  local function refused(method, path, body)
    local status, answer = connection:request(method, W .. path, body)
    assert.equal(422, status, ("%s %s: %s"):format(method, path, tostring(answer)))
    return answer.detail
  end

  local function accepted(method, path, body)
    local status, answer = connection:request(method, W .. path, body)
    assert.truthy(status >= 200 and status < 300, ("%s %s: %d"):format(method, path, status))
    return answer
  end

  local function scheduled(definition, options)
    definition.input = definition.input or {}
    local body = { workflow_identifier = "slow", schedule = definition }
    for name, value in pairs(options or {}) do body[name] = value end
    return body
  end

  it("refuses calendars outside of the calendar", function()
    for _, ranges in ipairs {
      { hour = { { start = 9007199254740992 } } }, { hour = { { start = 99 } } }, { month = { { start = 13 } } },
      { month = { { start = 0 } } }, { day_of_month = { { start = 32 } } }, { second = { { start = 60 } } },
      { hour = { { start = 1, step = -1 } } }, { hour = { { start = 1, ["end"] = null } } },
      { hour = { { start = 5, ["end"] = 2 } } }, { hour = { { start = null } } }, { hour = { {} } }, { hour = null },
    } do
      refused("POST", "/schedules", scheduled { calendars = { ranges } })
      refused("POST", "/schedules", scheduled { skip = { ranges } })
    end
  end)

  it("refuses times, durations, zones and numbers that are none", function()
    for _, definition in ipairs {
      { start_at = "soon" }, { end_at = "2026-02-30T00:00:00Z" }, { start_at = "2026-01-01T00:00:61Z" },
      { jitter = "P" }, { jitter = "5s" }, { intervals = { { every = "PT" } } }, { intervals = { { every = "PT0S" } } },
      { intervals = { { every = "P9999999Y" } } }, { intervals = { { every = "PT1S", offset = "x" } } },
      { intervals = { { every = "PT1S", offset = "PT1S" } } }, { intervals = { { every = null } } },
      { cron_expressions = { "0/0 * * * *" } }, { cron_expressions = { "0/00 * * * *" } },
      { cron_expressions = { "61 * * * *" } }, { cron_expressions = { "* * * *" } },
      { time_zone_name = "Mars/Olympus" }, { time_zone_name = "../../etc/passwd" }, { max_executions = -1 },
      { policy = { catchup_window_seconds = -1 } },
      { policy = { overlap = 7 } }, { policy = { overlap = null } }, { policy = null }, { schedule_id = "" },
      { calendars = null }, { cron_expressions = null },
    } do
      refused("POST", "/schedules", scheduled(definition))
    end
    refused("POST", "/schedules", scheduled({}, { schedule_id = "" }))
    assert.same({}, accepted("GET", "/schedules?page_size=10").schedules)
  end)

  it("finds no time for what never comes, and soon", function()
    local whole = { { second = { { start = 0, ["end"] = 59 } }, minute = { { start = 0, ["end"] = 59 } },
      hour = { { start = 0, ["end"] = 23 } } } }
    for _, definition in ipairs {
      { cron_expressions = { "0 0 30 2 *" } }, { cron_expressions = { "* * * * *" }, skip = whole },
      { calendars = { { year = { { start = 1999 } } } } }, { intervals = { { every = "P90Y" } } },
      { start_at = "9999-12-31T00:00:00Z", intervals = { { every = "PT1S" } } },
    } do
      local id = accepted("POST", "/schedules", scheduled(definition)).schedule_id
      assert.truthy(#accepted("GET", "/schedules/" .. id).future_executions <= 10)
    end
  end)

  it("refuses what is not of the right type in the body of execute", function()
    for _, body in ipairs {
      { encoded_input = 5 }, { encoded_input = {} }, { encoded_input = { b64payload = 5 } },
      { encoded_input = { b64payload = "", encoding_options = "x" } }, { custom_tracing_attributes = { a = 5 } },
      { encoded_input = { b64payload = "", encoding_options = { "zipped" } } }, { wait_for_result = null },
      { custom_tracing_attributes = { a = { b = "c" } } }, { force_new_trace = null }, { timeout_seconds = "1" },
      { input = "x" }, { execution_id = "" }, { execution_id = "a b" }, { execution_id = ("x"):rep(257) },
      { input = { seconds = -1 } }, { input = { seconds = 1e300 } },
    } do
      refused("POST", "/slow/execute", body)
    end
    refused("POST", "/tokens/execute", { input = { count = 1000000000 } })
    assert.same({}, accepted("GET", "/runs?search_key=a:b").executions)
  end)

  it("takes numbers however they are written", function()
    local body = '{"input":{"seconds":0.010},"wait_for_result":true,"timeout_seconds":1e1}'
    assert.same({ seconds = 0.01 }, accepted("POST", "/slow/execute", body).result)
  end)

  it("refuses inputs above 2 MB and takes those below", function()
    local function input(size) return { input = { text = ("x"):rep(size) } } end
    assert.equal("Invalid input: 2097153 bytes are more than 2 MB",
      refused("POST", "/echo/execute", input(2 * 1024 * 1024 - 10)))
    accepted("POST", "/echo/execute", input(2 * 1024 * 1024 - 11))
    assert.equal(413, (connection:request("POST", W .. "/echo/execute", input(6 * 1024 * 1024))))
  end)

  it("refuses what is not UTF-8, not JSON or too deep", function()
    for _, body in ipairs { '{"input":{"a":"\255"}}', "{", "[]", "null", "1", ("["):rep(100000), '{"a":1}x',
      '{"a":01}' } do
      refused("POST", "/hello/execute", body)
    end
    assert.equal(404, (connection:request("GET", W .. "/%ff%fe")))
    accepted("GET", "/runs?search=%ff")
  end)

  it("bounds the list of what is wrong", function()
    local ids = {}
    for index = 1, 100 do ids[index] = 5 end
    assert.equal(100, #refused("PUT", "/archive", { workflow_ids = ids }))
    for index = 1, 10000 do ids[index] = 5 end
    assert.equal(1, #refused("PUT", "/archive", { workflow_ids = ids }))
  end)

  it("bounds the replicas of a deployment, and keeps where its code is", function()
    local function deployment(replicas)
      return { name = "d", spec = { github_url = "https://example.com/x" }, resources = { replicas = replicas } }
    end
    refused("POST", "/deployments", deployment(2000000))
    refused("POST", "/deployments", deployment(-1))
    accepted("POST", "/deployments", deployment(1000))
    assert.equal(1000, #accepted("GET", "/deployments/d").workers)
    refused("PATCH", "/deployments/d", { resources = { replicas = -1 } })
    refused("PATCH", "/deployments/d", { spec = { github_url = 5 } })
    local changed = accepted("PATCH", "/deployments/d", { spec = { github_url = null, revision = null } })
    assert.equal("https://example.com/x", changed.spec.github_url)
    assert.equal(null, changed.spec.revision)
  end)

  it("reads times as the service does", function()
    for _, time in ipairs { "2026-02-30T00:00:00Z", "2026-01-01T00:00:61Z", "2026-01-01T24:00:00Z", "2025-02-29",
      "2026-13-01", "2026-01-01T00:00:00+25:00", "2026-01-01T00:00:00.Z", "now", "1e5", "2026-1-1", "0000-01-01" } do
      refused("GET", "/runs?start_time_after=" .. time:gsub("+", "%%2B"))
    end
    for _, time in ipairs { "2024-02-29", "2026-01-01T00:00", "2026-01-01%2000:00:00.5-02:00", "1795654042",
      "1795654042123", "2026-01-01T00:00:00.123456789Z", "-1" } do
      accepted("GET", "/runs?start_time_after=" .. time)
    end
  end)

  it("takes back only cursors that it has given out", function()
    for _, cursor in ipairs { "x", "djE6eyJsYXN0IjoieCJ9", "djE6MTox", "AAAA" } do
      refused("GET", "/runs?next_page_token=" .. cursor)
      refused("GET", "/registrations?cursor=" .. cursor)
      refused("GET", "/events/list?cursor=" .. cursor)
      refused("GET", "/deployments/default/logs?cursor=" .. cursor)
    end
  end)

  it("answers about a million events of one execution in pages", function()
    connection:request("POST", "/_sandbox/events?execution_id=long&count=1000000")
    assert.equal(100, #accepted("GET", "/executions/long/logs?limit=100&order=desc").results)
    local last = accepted("GET", "/executions/long/logs?limit=1&order=desc").results[1]
    assert.equal("workflow execution completed: forever", last.body)
    local batch = accepted("GET", "/executions/long/trace/otel").otel_trace_data.batches[1]
    assert.equal(9999, #batch.scopeSpans[1].spans[2].events)
    accepted("GET", "/executions/long/trace/events")
    accepted("GET", "/executions/long/history")
  end)
end)
