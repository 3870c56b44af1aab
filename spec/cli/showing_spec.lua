-- How commands show what they found: events, log records, lists, answers, on a terminal and elsewhere.

local display = require "spec.support.display"
local testing = require "mistral.workflows.testing"
local workflows = require "mistral.workflows"

local PLAIN = { NO_COLOR = "1" }

-- 2026-01-31T08:00:59.123Z
local MOMENT = 1769846459

describe("the line of an event", function()
  local function line(event, given, label)
    given = given or {}
    return (select(3, display.run(given, function()
      return require("mistral.workflows.cli.events").line(event, true, label)
    end)))
  end

  local event = {
    event_type = "CUSTOM_TASK_IN_PROGRESS", event_timestamp = (MOMENT + 0.1239) * 1e9, workflow_name = "hello",
    attributes = { custom_task_type = "copy", payload = { value = { n = 1 } } },
  }

  it("has its time, what it is, what it is about and what it says", function()
    assert.equal('08:00:59.123\tcustom task in progress\tcopy\t{"n":1}', line(event))
    assert.equal('08:00:59.123\tmine\tcustom task in progress\tcopy\t{"n":1}', line(event, nil, "mine"))
    assert.equal("", line {})
    assert.equal("workflow started\thello\ta b",
      line { event_type = "WORKFLOW_EXECUTION_STARTED", workflow_name = "hello", attributes = { input = "a\nb" } })
    local _, _, here = display.run({}, function()
      return require("mistral.workflows.cli.events").line { event_timestamp = MOMENT * 1e9 + 0.9375e9 }
    end)
    assert.equal(os.date("%H:%M:%S", MOMENT) .. ".937", here)
  end)

  it("has its time in UTC where that is asked for", function()
    local date = os.date
    os.date = function(form) return form end -- luacheck: ignore 122
    local shown = line { event_timestamp = MOMENT * 1e9 }
    os.date = date -- luacheck: ignore 122
    assert.equal("!%H:%M:%S.000", shown)
  end)

  it("is about the activity, else the task, else the workflow", function()
    local subject = require("mistral.workflows.cli.events").subject
    assert.equal("a", subject { workflow_name = "w", attributes = { activity_name = "a", custom_task_type = "c" } })
    assert.equal("c", subject { workflow_name = "w", attributes = { custom_task_type = "c" } })
    assert.equal("w", subject { workflow_name = "w", attributes = {} })
    assert.equal("w", subject { workflow_name = "w" })
  end)

  it("says why something failed, else what came in or out", function()
    local function said(attributes) return line { attributes = attributes } end
    local all = { failure = { message = "boom" }, payload = "p", result = "r", input = "i" }
    for _, each in ipairs { { "failure", "boom" }, { "payload", "p" }, { "result", "r" }, { "input", "i" } } do
      assert.equal(each[2], said(all))
      all[each[1]] = nil
    end
    assert.equal("", said(all))
    assert.equal("5", said { payload = { value = 5, type = "json" } })
    assert.equal('{"type":"json"}', said { payload = { type = "json" } })
    assert.equal("false", said { result = { value = false } })
  end)

  it("fits into the terminal, from 100 columns on with the names in one column", function()
    local function at(columns, label) return line(event, { columns = columns, environment = PLAIN }, label) end
    local name = "custom task in progress"
    assert.equal("08:00:59.123  " .. name .. '     copy  {"n":1}', at(100))
    assert.equal("08:00:59.123  mine  " .. name .. '     copy  {"n":1}', at(100, "mine"))
    assert.equal("08:00:59.123  " .. name .. '  copy  {"n":1}', at(99))
    assert.equal("08:00:59.123  " .. name .. '  copy  {"n":1}', at(52))
    assert.equal("08:00:59.123  " .. name .. '  copy  {"n":…', at(51))
    assert.equal("08:00:59.123  " .. name .. "  copy  …", at(46))
    assert.equal("08:00:59.123  " .. name .. "  copy", at(45))
    assert.equal("08:00:59.123  " .. name .. "  copy", at(43))
    assert.equal("08:00:59.123  " .. name .. "  c…", at(41))
    assert.equal("08:00:59.123  …", at(15))
    assert.equal("08:00:59.123", at(14))
    assert.equal("08:0…", at(5))
  end)

  it("has the colours of how it goes", function()
    assert.equal("\27[2m08:00:59.123\27[0m  \27[34mmine\27[0m  custom task in progress  \27[1mcopy\27[0m  {\"n\":1}",
      line(event, { columns = 80 }, "mine"))
    local colours = {
      ACTIVITY_TASK_COMPLETED = 32, WORKFLOW_EXECUTION_FAILED = 31, CUSTOM_TASK_TIMED_OUT = 31,
      CUSTOM_TASK_CANCELED = 33, ACTIVITY_TASK_RETRYING = 33, WORKFLOW_EXECUTION_STARTED = 36,
    }
    for name, colour in pairs(colours) do
      assert.equal(("\27[%dm"):format(colour), line({ event_type = name }, { columns = 80 }):match "^\27%[%d+m")
    end
    assert.equal("failed later", line({ event_type = "FAILED_LATER" }, { columns = 80 }))
  end)
end)

-- Runs fn with a context for these arguments, over a service that answers so.
local function with(args, given, answers, fn)
  local client = testing.client(answers or {})
  local out, err, result = display.run(given, function()
    local asked = require("mistral.workflows.cli.context").new(args)
    asked.made = client
    local value = fn(asked, client)
    assert.equal(client, asked:client())
    return value
  end)
  local requests = client.requests
  client:close()
  return out, err, result, requests
end

describe("log records", function()
  local records = {
    { timestamp = "2026-01-31T08:00:59.123Z", severity_text = "WARN", body = "first\n  second\27[0m" },
    { timestamp = "2026-01-31T08:01:00Z", severity_text = "INFO", body = { n = 1 } }, "no record",
    { severity_text = "CRITICAL" },
  }

  local function shown(args, given, walk, answers)
    return with(args, given, answers or { get_workflow_execution_logs = { results = records } }, function(asked, client)
      local of = { resource = client.executions, id = "x", each = "each_log", pages = "log_pages", member = "results",
        params = {}, follow = {} }
      for name, value in pairs(walk or {}) do of[name] = value end
      local logs = require "mistral.workflows.cli.logs"
      if not args.follow then return logs.show(asked, of) end
      local ok, err = pcall(logs.show, asked, of)
      assert.same({ false, 403 }, { ok, err.status }) -- a stream that ends otherwise is opened again
    end)
  end

  local function source(record) return record.severity_text == "INFO" and "wor\27ker" or "" end

  it("are lines with tabs where the output is no terminal", function()
    local plain = "2026-01-31T08:00:59.123Z\tWARN\tfirst   second [0m\n2026-01-31T08:01:00Z\tINFO\t{\"n\":1}\n"
      .. "\tCRITICAL\t\n"
    assert.equal(plain, (shown({}, {})))
    assert.equal("2026-01-31T08:00:59.123Z\tWARN\t\tfirst   second [0m\n"
      .. "2026-01-31T08:01:00Z\tINFO\twor ker\t{\"n\":1}\n\tCRITICAL\t\t\n", (shown({}, {}, { source = source })))
  end)

  it("are aligned on a terminal, with further lines below", function()
    assert.equal("2026-01-31 08:00:59Z  WARN   first\n      second [0m\n2026-01-31 08:01:00Z  INFO   {\"n\":1}\n"
      .. "  CRITICAL  \n", (shown({ utc = true }, { columns = 80, environment = PLAIN })))
    assert.equal("2026-01-31 08:00:59Z  WARN   first\n      second [0m\n"
      .. "2026-01-31 08:01:00Z  INFO   wor ker  {\"n\":1}\n  CRITICAL  \n",
      (shown({ utc = true }, { columns = 80, environment = PLAIN }, { source = source })))
  end)

  it("have the colours of their levels", function()
    assert.equal("\27[2m2026-01-31 08:00:59Z\27[0m  \27[33mWARN \27[0m  first\n      second [0m\n"
      .. "\27[2m2026-01-31 08:01:00Z\27[0m  INFO   \27[34mwor ker\27[0m  {\"n\":1}\n  \27[31mCRITICAL\27[0m  \n",
      (shown({ utc = true }, { columns = 80 }, { source = source })))
    local colours = { ERROR = 31, FATAL = 31, CRITICAL = 31, WARN = 33, WARNING = 33, DEBUG = 2 }
    for level, colour in pairs(colours) do
      local out = shown({}, { columns = 80 }, nil,
        { get_workflow_execution_logs = { results = { { severity_text = level, body = "b" } } } })
      assert.equal(("  \27[%dm%-5s\27[0m  b\n"):format(colour, level), out)
    end
  end)

  it("are those since and before a time, the oldest first or the newest", function()
    local function asked_for(args, walk)
      local _, _, _, requests = shown(args, {}, walk)
      local params = requests[1].params
      return { params.after, params.before, params.order, params.limit }
    end
    assert.same({ nil, nil, "asc", "100" }, asked_for {})
    assert.same({ "2026-01-31T08:00:59Z", nil, "desc", "100" }, asked_for { since = MOMENT, newest = true })
    assert.same({ nil, "2026-01-31T08:00:59Z", "asc", "7" }, asked_for { before = MOMENT, limit = 7 })
    assert.equal("2026-01-31T08:00:59.123Z\tWARN\tfirst   second [0m\n", (shown({ limit = 1 }, {})))
  end)

  it("are chosen by options", function()
    local given = display.run({ time = MOMENT }, function()
      local args = require("mistral.workflows.cli.parser").new():parse {
        "logs", "x", "-f", "--since", "1h", "--before", "60", "--newest", "--limit", "3", "--activity", "a",
        "--run", "r",
      }
      assert.same({ true, MOMENT - 3600, MOMENT - 60, true, 3, "a", "r" },
        { args.follow, args.since, args.before, args.newest, args.limit, args.activity, args.run })
    end)
    assert.equal("", given)
  end)

  it("may be some of their members", function()
    assert.equal("WARN\nINFO\n", (shown({ fields = "severity_text", limit = 2 }, {})))
    assert.equal('{"severity_text":"WARN"}\n', (shown({ fields = "severity_text", json = true, limit = 1 }, {})))
  end)

  it("are followed", function()
    local function followed(args)
      local count = 0
      local out, _, _, requests = shown(args, {}, { follow = { run_id = "r" } }, {
        stream_workflow_execution_logs = function()
          count = count + 1
          if count > 1 then return 403, {} end
          return 200, { records[1], records[2] }
        end,
      })
      return out, requests[1].params
    end
    local out, params = followed { follow = true, since = MOMENT }
    assert.equal("2026-01-31T08:00:59.123Z\tWARN\tfirst   second [0m\n2026-01-31T08:01:00Z\tINFO\t{\"n\":1}\n", out)
    assert.equal("r", params.run_id)
    assert.equal("2026-01-31T08:00:59Z", params.after)
    assert.is_nil(select(2, followed { follow = true }).after)
    assert.equal("WARN\nINFO\n", (followed { follow = true, fields = "severity_text" }))
    assert.equal('{"severity_text":"WARN"}\n{"severity_text":"INFO"}\n',
      (followed { follow = true, json = true, fields = "severity_text" }))
    local first = workflows.json.decode((followed { follow = true, json = true }):match "^[^\n]*")
    assert.equal("WARN", first.severity_text)
  end)
end)
