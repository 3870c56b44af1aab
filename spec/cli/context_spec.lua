-- The ways in which commands show what they found: lists, single answers, details, JSON, chosen members, times.

local display = require "spec.support.display"
local testing = require "mistral.workflows.testing"
local workflows = require "mistral.workflows"

local PLAIN = { NO_COLOR = "1" }
local TERMINAL = { columns = 80, environment = PLAIN }

-- 2026-01-31T08:00:59Z
local MOMENT = 1769846459

local client

-- Runs fn with a context for these arguments, over a service that answers so. Returns standard output, standard error,
-- what fn returned and what was asked.
local function with(args, given, answers, fn)
  client = testing.client(answers or {})
  local out, err, result = display.run(given or {}, function()
    local asked = require("mistral.workflows.cli.context").new(args)
    asked.made = client
    return fn(asked)
  end)
  local requests = client.requests
  client:close()
  return out, err, result, requests
end

-- What a command raises that is no error of the service.
local function raised(args, answers, fn)
  local _, _, problem = with(args, nil, answers, function(asked)
    local ok, problem = pcall(fn, asked)
    assert.is_false(ok)
    return problem
  end)
  return problem
end

local NOTHING = { status = 1, message = "the answer of the service is none that this version knows" }

describe("a list of a command", function()
  -- Three pages: two names, one, none.
  local function pages(request)
    local cursor = request.params.cursor
    if cursor == nil then
      return { workflows = { { id = "1", name = "a", archived = false }, { id = "2", name = "b" } }, next_cursor = "x" }
    end
    if cursor == "x" then return { workflows = { { id = "3", name = "c" } }, next_cursor = "y" } end
    return { workflows = {} }
  end

  local function walk(more)
    local of = { resource = client.workflows, member = "workflows", params = { limit = 200 },
      columns = { { title = "NAME", field = "name" }, { title = "ID", value = function(item) return item.id end,
        needs = { "id", "name" } } } }
    for name, value in pairs(more or {}) do of[name] = value end
    return of
  end

  local function listed(args, given, more, answers)
    return with(args, given, answers or { get_workflows = pages }, function(asked) asked:list(walk(more)) end)
  end

  it("is walked to its end, or to its limit", function()
    assert.equal("a\t1\nb\t2\nc\t3\n", (listed {}))
    assert.equal("NAME  ID\na     1\nb     2\nc     3\n", (listed({}, TERMINAL)))
    assert.equal("a\t1\nb\t2\n", (listed { limit = 2 }))
    assert.equal("a\t1\n", (listed { limit = 1 }))
    assert.equal("", (listed { limit = 0 }))
    assert.same({ id = "1", name = "a", archived = false }, workflows.json.decode((listed { limit = 1, json = true })))
    assert.equal("", (listed { limit = 0, json = true }))
    assert.equal(3, select(2, (listed { json = true }):gsub("\n", "")))
    assert.equal(2, select(2, (listed { limit = 2, json = true }):gsub("\n", "")))
  end)

  it("asks for no page that is larger than what is shown", function()
    local function asked_for(limit, params)
      local _, _, _, requests = listed({ limit = limit }, nil, { params = params })
      return requests[1].params.limit
    end
    assert.equal("200", asked_for(nil, { limit = 200 }))
    assert.equal("7", asked_for(7, { limit = 200 }))
    assert.equal("1", asked_for(0, { limit = 200 }))
    assert.equal("5", asked_for(7, { limit = 5 }))
    assert.is_nil(asked_for(7, {}))
    local _, _, _, requests = with({ limit = 7 }, nil, { list_runs = { executions = {} } }, function(asked)
      asked:list { resource = client.runs, member = "executions", params = { page_size = 200 }, columns = {} }
    end)
    assert.equal("7", requests[1].params.page_size)
  end)

  it("says on a terminal that there is nothing", function()
    local none = { get_workflows = { workflows = {} } }
    local out, err = listed({}, TERMINAL, nil, none)
    assert.same({ "", "there is nothing to show\n" }, { out, err })
    assert.equal("no 100 %\n", (select(2, listed({}, TERMINAL, { none = "no 100 %" }, none))))
    assert.equal("", (select(2, listed({}, nil, nil, none))))
    assert.equal("", (select(2, listed({}, TERMINAL))))
  end)

  it("reads only the members that its columns look at", function()
    local seen
    listed({}, nil, { columns = { { title = "A", field = "archived" }, { title = "B", value = function(item)
      seen = seen or item
      return "x"
    end, needs = { "name" } } } })
    assert.same({ archived = false, name = "a" }, seen)
  end)

  it("shows members that are asked for instead", function()
    assert.equal("a\t1\nb\t2\nc\t3\n", (listed { fields = "name, id" }))
    assert.equal("NAME  ID\na     1\n", (listed({ fields = "name,id", limit = 1 }, TERMINAL)))
    assert.equal('{"name":"a"}\n{"name":"b"}\n{"name":"c"}\n', (listed { fields = "name", json = true }))
    assert.same({ status = 2, message = "--fields takes names between commas: --fields id,workflow.name" },
      raised({ fields = " ," }, { get_workflows = pages }, function(asked) asked:list(walk()) end))
    local problem = raised({ fields = "titel" }, { get_workflows = pages }, function(asked) asked:list(walk()) end)
    assert.equal(2, problem.status)
    assert.equal("--fields: unknown name 'titel'", problem.message:match "^[^;,]*")
  end)

  it("raises the error of the service as it is", function()
    local err = raised({ fields = "name" }, { get_workflows = function() return 403, {} end }, function(asked)
      asked:list(walk())
    end)
    assert.is_true(workflows.is_error(err))
    assert.equal(403, err.status)
  end)

  it("raises what is wrong with the other arguments as what it is, a fault", function()
    for _, args in ipairs { {}, { json = true } } do
      local fault = raised(args, nil, function(asked) asked:list(walk { params = { nonsense = 1 } }) end)
      assert.equal("string", type(fault))
    end
  end)

  it("gives each item, tells of each page, and counts", function()
    local function each(args)
      local names = {}
      local _, _, count = with(args, nil, { get_workflows = pages }, function(asked)
        return asked:each(walk(), function(item) names[#names + 1] = item.name end, nil,
          function() names[#names + 1] = "|" end)
      end)
      return table.concat(names, " "), count
    end
    assert.same({ "a b | c | |", 3 }, { each {} })
    assert.same({ "a b |", 2 }, { each { limit = 2 } })
    assert.same({ "a |", 1 }, { each { limit = 1 } })
    assert.same({ "", 3 }, { each { json = true } })
    assert.same({ "", 1 }, { each { json = true, limit = 1 } })
  end)

  it("writes out each page as soon as it is there", function()
    local flushed, given = {}, {}
    listed({}, given, nil, { get_workflows = function(request)
      flushed[#flushed + 1] = given.flushed()
      return pages(request)
    end })
    assert.same({ "", "a\t1\nb\t2\n", "a\t1\nb\t2\nc\t3\n" }, flushed)
  end)

  it("may be of something, by methods of other names", function()
    local answers = { list_deployment_workers = { workers = { { name = "w" } } } }
    local out, _, _, requests = with({}, nil, answers, function(asked)
      asked:list { resource = client.deployments, id = "d", each = "each_worker", pages = "worker_pages",
        member = "workers", params = {}, columns = { { title = "NAME", field = "name" } } }
    end)
    assert.same({ "w\n", "d" }, { out, requests[1].path_value })
    out = with({ json = true }, nil, answers, function(asked)
      asked:list { resource = client.deployments, id = "d", each = "each_worker", params = {}, columns = {} }
    end)
    assert.equal('{"name":"w"}\n', out)
  end)
end)

describe("one answer", function()
  local answer = { name = "hello", tags = { "a" }, display_name = workflows.null }
  local answers = { get_workflow = { workflow = answer } }

  local function shown(args, given, of)
    return with(args, given, of or answers, function(asked)
      asked:show(function(options) return client.workflows:get("hello", options) end, function(found)
        asked:details { { "name", found.workflow.name } }
      end)
    end)
  end

  it("is shown as the command does, as JSON, or some of its members", function()
    assert.equal("name\thello\n", (shown {}))
    assert.same({ workflow = answer }, workflows.json.decode((shown { json = true }):match "^({.*})\n$"))
    assert.equal("hello\t[\"a\"]\t\n", (shown { fields = "workflow.name,workflow.tags,workflow.display_name" }))
    assert.equal('workflow.name  hello\n', (shown({ fields = "workflow.name" }, TERMINAL)))
    assert.equal('{"workflow":{"name":"hello"}}\n', (shown { json = true, fields = "workflow.name" }))
    assert.equal('{\n  "workflow": {\n    "name": "hello"\n  }\n}\n',
      (shown({ json = true, fields = "workflow.name" }, TERMINAL)))
  end)

  it("must have a content", function()
    local function get(asked)
      asked:show(function(options) return client.workflows:get("hello", options) end, function() error "no" end)
    end
    for _, args in ipairs { {}, { json = true } } do
      assert.same(NOTHING, raised(args, { get_workflow = function() return 204 end }, get))
    end
    assert.equal(404, raised({}, { get_workflow = function() return 404, {} end }, get).status)
    assert.equal(2, raised({ fields = "titel" }, answers, get).status)
    local interrupt = {}
    assert.equal(interrupt, raised({ fields = "name" }, nil, function(asked)
      asked:show(function() error(interrupt, 0) end)
    end))
    for _, method in ipairs { "try", "content" } do
      assert.equal("kept", raised({}, nil, function(asked) asked[method](asked, nil, "kept") end))
    end
    with({}, nil, nil, function(asked)
      assert.equal(5, asked:try(5))
      assert.is_false(asked:try(false))
      assert.equal("x", asked:content "x")
    end)
  end)

  it("that streams is JSON on a line, values between tabs, or left to the command", function()
    local function item(args, value)
      local out, _, handled = with(args, nil, nil, function(asked) return asked:item(value) or false end)
      return { out, handled }
    end
    assert.same({ "", false }, item({}, { a = 1 }))
    assert.same({ '{ "a": 1  }\n', true }, item({ json = true }, '{ "a": 1\r\n}'))
    assert.same({ '{"a":1}\n', true }, item({ json = true, fields = "a" }, { b = 2, a = 1 }))
    assert.same({ "1\tx y\t\n", true }, item({ fields = "a,b.c,d" }, { a = 1, b = { c = "x\ty" } }))
    local function events_as(args)
      return (select(3, with(args, nil, nil, function(asked) return asked:events_as() end)))
    end
    assert.same({}, events_as {})
    assert.same({ raw = true }, events_as { json = true })
    assert.same({}, { raw = events_as({ json = true, fields = "a" }).raw or nil })
  end)
end)

describe("details", function()
  local list = {
    { "name", "hel\27lo" }, { "longest name", "first\nsecond\n" }, { "none" }, { "no", false }, { "empty", "" },
    { "null", workflows.null }, { "status", "FAILED", "red" }, { "n", 5 },
  }

  local function shown(given)
    return (with({}, given, nil, function(asked) asked:details(list) end))
  end

  it("are names and values, without those that are empty", function()
    assert.equal("name\thel lo\nlongest name\tfirst second \nstatus\tFAILED\nn\t5\n", shown())
    assert.equal("name          hel lo\nlongest name  first\n              second\nstatus        FAILED\n"
      .. "n             5\n", shown(TERMINAL))
  end)

  it("have bold names, and the colours that they are given", function()
    local out = shown { columns = 80 }
    assert(out:find("\27[1mname          \27[0mhel lo\n", 1, true), out)
    local more = "\n\27[1m              \27[0msecond\n\27[1mstatus        \27[0m\27[31mFAILED\27[0m\n"
    assert(out:find(more, 1, true), out)
  end)
end)

describe("what is at hand", function()
  it("is rows, or an object a line", function()
    local function rows(args, given)
      return (with(args, given, nil, function(asked)
        asked:rows({ { title = "A", field = "a" } }, { { b = 2, a = 1 }, { a = "x" } })
      end))
    end
    assert.equal("1\nx\n", rows {})
    assert.equal("A\n1\nx\n", rows({}, TERMINAL))
    assert.equal('{"a":1,"b":2}\n{"a":"x"}\n', rows { json = true })
  end)

  it("is JSON, indented on a terminal, where nothing in it moves the cursor", function()
    local function json(given)
      return (with({}, given, nil, function(asked) asked:json { c = 1, b = "\194\155", d = 2, a = { 1 } } end))
    end
    assert.equal('{"a":[1],"b":"\194\155","c":1,"d":2}\n', json())
    assert.equal('{\n  "a": [\n    1\n  ],\n  "b": "\\u009b",\n  "c": 1,\n  "d": 2\n}\n', json(TERMINAL))
  end)

  it("is done, or with --dry-run only told", function()
    local function changed(args)
      local out, _, result = with(args, nil, nil, function(asked)
        return asked:change("stop a\27b", function() return "done" end)
      end)
      return { out, result }
    end
    assert.same({ "", "done" }, changed {})
    assert.same({ "would stop a b\n" }, changed { dry_run = true })
  end)

  it("has moments, on a terminal relative where they are near", function()
    local function shown(method, args, given, value, form)
      given.time = MOMENT + 86399
      return (select(3, with(args, given, nil, function(asked) return asked[method](asked, value, form) end)))
    end
    local written, terminal = "2026-01-31T08:00:59Z", { columns = 80 }
    assert.equal(written, shown("moment", {}, {}, written))
    assert.equal("23h ago", shown("moment", {}, terminal, written))
    assert.equal("in 23h", shown("moment", {}, terminal, "2026-02-02T07:00:59Z"))
    assert.equal(os.date("%Y-%m-%d %H:%M:%S", MOMENT - 1), shown("moment", {}, terminal, "2026-01-31T08:00:58Z"))
    assert.equal(os.date("%Y-%m-%d %H:%M:%S", MOMENT + 2 * 86399 + 1),
      shown("moment", {}, terminal, "2026-02-02T08:00:58Z"))
    assert.equal("2026-01-31 08:00:59Z", shown("moment", { utc = true }, terminal, written))
    assert.equal("soon", shown("moment", {}, terminal, "soon"))
    assert.equal("5", shown("moment", {}, terminal, 5))
    assert.equal(written, shown("clock", { utc = true }, {}, written))
    assert.equal("2026-01-31 08:00:59Z", shown("clock", { utc = true }, terminal, written))
    assert.equal("08:00", shown("clock", { utc = true }, terminal, written, "%H:%M"))
    assert.equal("soon", shown("clock", {}, terminal, "soon"))
    assert.equal("", shown("clock", {}, terminal, workflows.null))
  end)

  it("comes from one client, which is closed with the context", function()
    display.run({ environment = { MISTRAL_API_KEY = "k" } }, function()
      local asked = require("mistral.workflows.cli.context").new {}
      asked:close()
      local made = asked:client()
      assert.equal(made, asked:client())
      asked:close()
      assert.is_false((pcall(made.whoami, made)))
    end)
  end)
end)
