-- When the sandbox's schedules fire, and what they do when executions overlap or fail.

local http = require "spec.support.http"
local sandbox = require "spec.support.sandbox"

local null = require("mistral.workflows").null
local W = "/v1/workflows"

describe("a schedule of the sandbox", function()
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

  local function get(path)
    local status, body = connection:request("GET", W .. path)
    assert.equal(200, status)
    return body
  end

  local function create(workflow, definition, input)
    definition.input = input or {}
    local status, body = connection:request("POST", W .. "/schedules", { workflow_identifier = workflow,
      schedule_id = "s", schedule = definition })
    assert.equal(201, status, tostring(body))
    return get "/schedules/s"
  end

  local function change(method, path, body)
    local status = connection:request(method, W .. "/schedules/s" .. path, body)
    assert.truthy(status == 204 or status == 200)
    return get "/schedules/s"
  end

  local function times(schedule)
    local list = {}
    for index, entry in ipairs(schedule.future_executions) do
      list[index] = entry.scheduled_at:gsub("%.000000Z$", "Z")
    end
    return list
  end

  -- Reads the schedule until `condition(schedule)`; the busted time limit is the bound.
  local function until_true(condition)
    local schedule
    repeat schedule = get "/schedules/s" until condition(schedule)
    return schedule
  end

  local function statuses(schedule)
    local list = {}
    for index, entry in ipairs(schedule.recent_executions) do
      list[index] = get("/executions/" .. entry.execution_id:gsub(":", "%%3A")).status
    end
    return list
  end

  local nightly = { { hour = { { start = 2 } }, minute = { { start = 30 } } } }

  it("follows the clocks of its time zone: no time that is skipped, twice the hour that comes twice", function()
    local schedule = create("hello", { calendars = nightly, time_zone_name = "Europe/Paris",
      start_at = "2027-03-27T00:00:00Z", end_at = "2027-03-30T00:00:00Z" })
    assert.same({ "2027-03-27T01:30:00Z", "2027-03-29T00:30:00Z" }, times(schedule))
    schedule = create("hello", { calendars = nightly, time_zone_name = "Europe/Paris",
      start_at = "2027-10-30T00:00:00Z", end_at = "2027-11-01T02:00:00Z" })
    assert.same({ "2027-10-30T00:30:00Z", "2027-10-31T00:30:00Z", "2027-10-31T01:30:00Z", "2027-11-01T01:30:00Z" },
      times(schedule))
    schedule = create("hello", { cron_expressions = { "0 9 * * MON" }, time_zone_name = "America/New_York",
      start_at = "2027-03-08T00:00:00Z", end_at = "2027-03-16T00:00:00Z" })
    assert.same({ "2027-03-08T14:00:00Z", "2027-03-15T13:00:00Z" }, times(schedule))
  end)

  it("adds intervals, calendars and cron expressions, and takes skipped times away", function()
    local schedule = create("hello", { start_at = 1830297600, end_at = "2028-01-01T03:00:00Z", intervals = {
      { every = "PT1H", offset = "PT10M" } }, cron_expressions = { "0 1 * * *" },
      calendars = { { hour = { { start = 0, ["end"] = 2, step = 2 } } } },
      skip = { { hour = { { start = 2 } }, minute = { { start = 10 } } } } })
    assert.equal("2028-01-01T00:00:00.000000Z", schedule.start_at)
    assert.same({ "2028-01-01T00:00:00Z", "2028-01-01T00:10:00Z", "2028-01-01T01:00:00Z", "2028-01-01T01:10:00Z",
      "2028-01-01T02:00:00Z" }, times(schedule))
  end)

  it("spreads its times by the jitter, never past the next one", function()
    local schedule = create("hello", { intervals = { { every = "PT1M" } }, jitter = "PT10M" })
    local moved = 0
    for _, entry in ipairs(schedule.future_executions) do
      if not entry.scheduled_at:find(":00.000000Z", 1, true) then moved = moved + 1 end
    end
    assert.truthy(moved >= 9)
    local minutes = {}
    for _, entry in ipairs(schedule.future_executions) do
      local minute = entry.scheduled_at:sub(1, 16)
      assert.is_nil(minutes[minute])
      minutes[minute] = true
    end
  end)

  it("fires", function()
    create("hello", { intervals = { { every = "PT0.2S" } }, max_executions = 3 })
    local schedule = until_true(function(found) return found.remaining_executions == 0 end)
    assert.equal(3, #schedule.recent_executions)
    assert.same({}, schedule.future_executions)
    assert.same({ "COMPLETED", "COMPLETED", "COMPLETED" }, statuses(schedule))
  end)

  local long, daily = { seconds = 0.3 }, { { every = "P1D" } }

  for overlap, expected in pairs {
    { "RUNNING" },
    { "COMPLETED", "COMPLETED" },
    { "COMPLETED", "COMPLETED", "COMPLETED" },
    { "RUNNING", "CANCELED", "CANCELED" },
    { "RUNNING", "TERMINATED", "TERMINATED" },
    { "RUNNING", "RUNNING", "RUNNING" },
  } do
    it("does with overlapping executions what policy " .. overlap .. " says", function()
      create("slow", { intervals = daily, policy = { overlap = overlap } }, long)
      local schedule
      for _ = 1, 3 do schedule = change("POST", "/trigger") end
      if expected[1] == "COMPLETED" then
        schedule = until_true(function(found)
          return #found.recent_executions == #expected and statuses(found)[1] == "COMPLETED"
        end)
      end
      assert.same(expected, statuses(schedule))
    end)
  end

  it("is paused by a failure, if that is its policy", function()
    create("fail", { intervals = daily, policy = { pause_on_failure = true } })
    local schedule = change("POST", "/trigger", {})
    assert.is_true(schedule.paused)
    assert.truthy(schedule.note:find "^paused due to workflow failure")
    create("fail", { intervals = daily, policy = { pause_on_failure = false } })
    change("POST", "/resume", {})
    assert.is_false(change("POST", "/trigger").paused)
  end)

  it("keeps its note, its history and its pause", function()
    create("hello", { intervals = daily })
    change("POST", "/trigger")
    local schedule = change("POST", "/pause", { note = "holiday" })
    assert.equal("holiday", schedule.note)
    schedule = create("hello", { intervals = { { every = "PT12H" } } })
    assert.is_true(schedule.paused)
    assert.equal("holiday", schedule.note)
    assert.equal(1, #schedule.recent_executions)
    schedule = change("POST", "/resume")
    assert.equal("holiday", schedule.note)
    assert.is_false(schedule.paused)
    assert.equal(10, #schedule.future_executions)
    schedule = change("PATCH", "", { schedule = { max_executions = 2 } })
    assert.equal(2, schedule.remaining_executions)
    assert.equal("PT12H", schedule.intervals[1].every)
    assert.equal(null, change("PATCH", "", { schedule = { max_executions = null } }).remaining_executions)
  end)

  it("is refused for an archived workflow and for an input that does not fit, also when changed", function()
    local body = { workflow_identifier = "retired", schedule = { input = {} } }
    assert.equal(409, (connection:request("POST", W .. "/schedules", body)))
    body = { workflow_identifier = "strict", schedule_id = "s", schedule = { input = { n = "x" } } }
    assert.equal(422, (connection:request("POST", W .. "/schedules", body)))
    create("strict", { intervals = daily }, { n = 1 })
    assert.equal(422, (connection:request("PATCH", W .. "/schedules/s", { schedule = { input = { n = "x" } } })))
    assert.equal(1, get("/schedules/s").input.n)
  end)

  it("is found by the beginning of the name of its workflow", function()
    create("counter", { intervals = daily })
    for search, count in pairs { c = 1, COUNT = 1, counter = 1, ounter = 0, s = 0 } do
      assert.equal(count, #get("/schedules?page_size=10&search=" .. search).schedules)
    end
  end)
end)
