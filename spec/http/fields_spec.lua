-- The options `fields` and `raw`: what of an answer becomes Lua values.

local core = require "mistral.workflows.core"
local fault = require "spec.support.fault"
local misuse = require "spec.support.misuse"
local sandbox = require "spec.support.sandbox"
local workflows = require "mistral.workflows"

local null = workflows.null
local json = workflows.json
local REGISTRATIONS = "/v1/workflows/registrations"

local function is_list(value)
  return getmetatable(value) == getmetatable(workflows.array {})
end

local function sorted_keys(value)
  local keys = {}
  for key in pairs(value) do keys[#keys + 1] = key end
  table.sort(keys)
  return keys
end

describe("fields and raw", function()
  local server, client

  setup(function()
    server = sandbox.start { SANDBOX_REGISTRATIONS = 250 }
    client = server:client()
  end)

  before_each(function()
    server:reset()
    server:record()
  end)

  teardown(function()
    client:close()
    server:stop()
  end)

  -- Lays down answers to GET requests for `path`, in order.
  local function lay(path, ...)
    local fixtures = workflows.array {}
    for index, text in ipairs { ... } do fixtures[index] = { method = "GET", path = path, body = text } end
    server:fixture(fixtures)
  end

  local function page_of(items, next_cursor)
    return ('{"workflow_registrations":[%s],"next_cursor":%s,"workflow_versions":[{"id":"v"}]}'):format(items,
      next_cursor)
  end

  -- What a walk gives, and the error that it raises.
  local function all(iterator)
    local list = {}
    local ok, err = pcall(function()
      for item in iterator do list[#list + 1] = item end
    end)
    return list, not ok and err or nil
  end

  describe("fields", function()
    it("leaves of each item what is named, of a page the list and the cursor", function()
      local whole = assert(client.registrations:list { limit = 3, with_workflow = true })
      local expected = { workflow_registrations = {}, next_cursor = whole.next_cursor }
      for index, item in ipairs(whole.workflow_registrations) do
        expected.workflow_registrations[index] = { id = item.id, workflow = { name = item.workflow.name } }
      end
      local options = { fields = { "id", "workflow.name" } }
      assert.same(expected, client.registrations:list({ limit = 3, with_workflow = true }, options))
      local page = client.registrations:pages({ limit = 3, with_workflow = true }, options)()
      assert.same(expected, page)
      assert.is_true(is_list(page.workflow_registrations))
      assert.same(expected.workflow_registrations[1],
        client.registrations:each({ limit = 3, with_workflow = true }, options)())
    end)

    it("walks all pages of every list", function()
      local ids = {}
      for item in client.registrations:each({ limit = 100 }, { fields = { "id" } }) do
        assert.same({ "id" }, sorted_keys(item))
        ids[#ids + 1] = item.id
      end
      assert.same(server:control("GET", "registrations"), ids)
      assert(client.workflows:run("hello", { execution_id = "fields-1" }))
      local lists = {
        { "workflows", "each", "name" }, { "runs", "each", "execution_id" }, { "deployments", "each", "name" },
        { "events", "each", "event_type" },
      }
      for _, case in ipairs(lists) do
        local count = 0
        for item in client[case[1]][case[2]](client[case[1]], {}, { fields = { case[3] } }) do
          count = count + 1
          assert.same({ case[3] }, sorted_keys(item), case[1])
        end
        assert(count > 0, case[1])
      end
    end)

    it("leaves of an answer what is named", function()
      local whole = assert(client.workflows:get "hello")
      assert.same({ workflow = { id = whole.workflow.id, name = "hello" } },
        client.workflows:get("hello", { fields = { "workflow.id", { "workflow", "name" } } }))
      assert.same(whole, client.workflows:get("hello", { fields = { "workflow" } }))
      assert.same(whole, client.workflows:get("hello", { fields = { "workflow.id", "workflow" } }))
      assert.same({}, client.workflows:get("hello", { fields = {} }))
      assert.same({ namespace = "sandbox" }, client:whoami { fields = { "namespace" } })
      local started = assert(client.workflows:execute("hello", {}, { fields = { "status", "execution_id" } }))
      assert.same({ "execution_id", "status" }, sorted_keys(started))
      assert.is_true(client.executions:signal(started.execution_id, { name = "x" }, { fields = {} }) ~= false)
    end)

    it("enters lists item by item and open objects by any name", function()
      lay(REGISTRATIONS, page_of([[{"id":"a","definition":{"signals":[{"name":"s","description":"d"},{"name":"t"},5],
        "input_schema":{"properties":{"a.b":{"type":"string"},"c":{"type":"number","title":"C"}},"type":"object"}}},
        {"id":"b","definition":{"signals":[],"input_schema":null}},{"id":"c"}]], "null"))
      local items = all(client.registrations:each({}, { fields = { "definition.signals.name",
        { "definition", "input_schema", "properties", "a.b" }, "definition.input_schema.properties.c.type" } }))
      assert.same({
        { definition = { signals = { { name = "s" }, { name = "t" }, 5 },
          input_schema = { properties = { ["a.b"] = { type = "string" }, c = { type = "number" } } } } },
        { definition = { signals = {}, input_schema = null } },
        {},
      }, items)
      assert.is_true(is_list(items[2].definition.signals))
      assert.equal('{"definition":{"signals":[],"input_schema":null}}', (json.encode({ definition = {
        signals = items[2].definition.signals } }):gsub("}}$", ',"input_schema":null}}')))
    end)

    it("leaves what a path cannot enter as it is", function()
      lay(REGISTRATIONS, page_of('{"workflow":"gone"},{"workflow":null},{"workflow":[{"name":"n","id":1}]},7,[1]',
        "null"))
      assert.same({ { workflow = "gone" }, { workflow = null }, { workflow = { { name = "n" } } }, 7, { 1 } },
        (all(client.registrations:each({}, { fields = { "workflow.name" } }))))
    end)

    it("reads the runs under their other name", function()
      lay("/v1/workflows/runs", '{"runs":[{"execution_id":"r","status":"FAILED"}],"next_page_token":null}')
      assert.same({ { execution_id = "r" } }, (all(client.runs:each({}, { fields = { "execution_id" } }))))
    end)

    it("is not stopped by a page without what is named, and goes on behind empty pages", function()
      lay(REGISTRATIONS, page_of('{"x":1}', '"1"'), page_of("", '"2"'), page_of('{"id":"b"}', '""'))
      assert.same({ {}, { id = "b" } }, (all(client.registrations:each({}, { fields = { "id" } }))))
    end)

    it("knows a cursor that comes again", function()
      lay(REGISTRATIONS, page_of('{"id":"a"}', '"1"'), page_of('{"id":"b","x":1}', '"1"'))
      local items, err = all(client.registrations:each({}, { fields = { "id" } }))
      assert.same({ { id = "a" }, { id = "b" } }, items)
      assert.truthy(err.message:find "repeated the cursor '1'")
    end)

    it("checks the text that it skips to be JSON", function()
      for _, wrong in ipairs { "01", "[1,]", '{"a" 1}', '"\\x"', "nul", "1e", "{" } do
        lay(REGISTRATIONS, page_of(('{"id":"a","definition":%s}'):format(wrong), "null"))
        local items, err = all(client.registrations:each({}, { fields = { "id" } }))
        assert.same({}, items)
        assert.is_true(workflows.is_error(err), tostring(err))
        assert.equal("decode", err.kind)
        assert.truthy(err.body:find('"definition"', 1, true))
      end
      local deep = ("["):rep(1500) .. ("]"):rep(1500)
      lay(REGISTRATIONS, page_of(('{"id":"a","definition":%s}'):format(deep), "null"))
      assert.equal("decode", select(2, all(client.registrations:each({}, { fields = { "id" } }))).kind)
    end)

    it("counts the whole text for max_response_bytes, and only what is built for the memory", function()
      local small = server:client { max_response_bytes = 20000 }
      lay(REGISTRATIONS, page_of(('{"id":"a","x":"%s"}'):format(("x"):rep(20000)), "null"))
      local _, err = all(small.registrations:each({}, { fields = { "id" } }))
      assert.same({ "too_large", 20000 }, { err.kind, err.limit or 20000 })
      local many = page_of('{"id":"a","x":[' .. ("[],"):rep(5000) .. "[]]}", "null")
      lay(REGISTRATIONS, many)
      assert.equal("too_large", select(2, all(small.registrations:each())).kind)
      lay(REGISTRATIONS, many)
      assert.same({ { id = "a" } }, (all(small.registrations:each({}, { fields = { "id" } }))))
      small:close()
    end)

    it("leaves errors as they are", function()
      local _, err = client.workflows:get("nowhere", { fields = { "workflow.name" } })
      local _, whole = client.workflows:get "nowhere"
      assert.same({ whole.kind, whole.status, whole.code, whole.message }, { err.kind, err.status, err.code,
        err.message })
      assert.same(whole.detail, err.detail)
    end)

    it("shows an answer that is no page", function()
      for _, name in ipairs { "each", "pages" } do
        for _, options in ipairs { { fields = { "id" } }, { raw = true } } do
          lay(REGISTRATIONS, '{"detail":"maintenance"}')
          local items, err = all(client.registrations[name](client.registrations, {}, options))
          assert.same({}, items)
          assert.equal("decode", err.kind)
          assert.same({ detail = "maintenance" }, err.detail)
          assert.truthy(err.message:find([[no list 'workflow_registrations': {"detail":"maintenance"}]], 1, true))
        end
      end
      lay(REGISTRATIONS, '{"detail":"maintenance"}')
      assert.same({ detail = "maintenance" }, client.registrations:list({}, { fields = { "id" } }))
    end)

    it("are about the joined answer of a batch", function()
      local ids = {}
      for index = 1, 130 do ids[index] = ("00000000-0000-4000-8000-%012d"):format(index) end
      local id = assert(client.workflows:get "hello").workflow.id
      ids[120] = id
      local whole = assert(client.workflows:archive_many(ids))
      assert(client.workflows:unarchive "hello")
      local answer = assert(client.workflows:archive_many(ids, { fields = { "archived" } }))
      assert.equal(1, #whole.archived)
      assert.equal(1, #answer.archived)
      assert.same({ "archived" }, sorted_keys(answer))
      server:fixture { method = "*", path = "*", times = 1, body = '{"archived":[{"id":"a"}],"errored":[]}' }
      server:fixture { method = "*", path = "*", times = 2, status = 422, body = "{}" }
      local _, err = client.workflows:archive_many(ids, { fields = { "archived.id" } })
      assert.same({ archived = { { id = "a" } } }, err.partial)
      _, err = client.workflows:archive_many(ids, { fields = { "archived.id" } })
      assert.same({ 422 }, { err.status, err.partial })
      assert.same({}, client.workflows:archive_many({}, { fields = {} }))
      assert.same({ archived = {} }, client.workflows:archive_many({}, { fields = { "archived" } }))
      assert(client.workflows:unarchive "hello")
    end)

    it("refuses names that no answer has, at the caller's line", function()
      local cases = {
        [{ "idd" }] = "unknown name 'idd'; did you mean 'id'?",
        [{ "id", "workflow.nam" }] = "unknown name 'workflow.nam'; did you mean 'workflow.name'?",
        [{ { "workflow", "nam" } }] = "unknown name 'workflow.nam'; did you mean 'workflow.name'?",
        [{ "tags" }] = "unknown name 'tags'; did you mean 'workflow.tags'?",
        [{ "workflow_registrations.id" }] =
          "unknown name 'workflow_registrations'; the names are those of each item",
        [{ "id.text" }] = "'id' has no members",
        [{ "definition.signals.nam" }] =
          "unknown name 'definition.signals.nam'; did you mean 'definition.signals.name'?",
        [{ { "workflow.name" } }] = "unknown name 'workflow.name'",
      }
      for _, name in ipairs { "list", "each", "pages" } do
        for fields, message in pairs(cases) do
          local said = misuse.message(function() client.registrations[name](client.registrations, {},
            { fields = fields }) end)
          local expected = ("registrations:%s: option 'fields': %s"):format(name, message)
          assert.equal(expected, said:sub(1, #expected))
        end
      end
      assert.equal("workflows:get: option 'fields': unknown name 'name'; did you mean 'workflow.name'?",
        misuse.message(function() client.workflows:get("hello", { fields = { "name" } }) end))
      assert.equal(0, server:stats().requests)
    end)

    it("lets unknown names through where that is wanted", function()
      local open = server:client { parameters = "open" }
      lay(REGISTRATIONS, page_of('{"id":"a","newer":{"x":1,"y":2,"":3}}', "null"))
      assert.same({ { newer = { x = 1, [""] = 3 } } },
        (all(open.registrations:each({}, { fields = { "newer.x", { "newer", "" } } }))))
      open:close()
    end)

    it("must be a list of paths", function()
      local deep = {}
      for index = 1, 1001 do deep[index] = "a" end
      local cases = {
        [5] = "it is a number", id = "it is a string", [false] = "it is a boolean",
        [{ id = true }] = "it has names", [{ "id", [3] = "id" }] = "it has holes",
        [{ 5 }] = "item 1: it is a number", [{ "id", "" }] = "item 2: '' has an empty name",
        [{ "a..b" }] = "item 1: 'a..b' has an empty name", [{ ".a" }] = "item 1: '.a' has an empty name",
        [{ "a." }] = "item 1: 'a.' has an empty name", [{ {} }] = "item 1: it is empty",
        [{ { "id", 5 } }] = "item 1: item 2: it is a number", [{ deep }] = "item 1: it has more than 1000 names",
        [{ ("a."):rep(1000) .. "a" }] = "item 1: it has more than 1000 names",
        [{ { id = "x" } }] = "item 1: it has names",
      }
      for value, problem in pairs(cases) do
        assert.equal("registrations:each: option 'fields' must be a list of paths, each \"workflow.name\" or "
          .. "{ \"workflow\", \"name\" }; " .. problem,
          (misuse.message(function() client.registrations:each({}, { fields = value }) end)))
      end
      local given = { { "workflow", "name" }, "id" }
      client.registrations:each({}, { fields = given }):close()
      assert.same({ { "workflow", "name" }, "id" }, given)
    end)

    it("is not for what is no single answer of the service's", function()
      local calls = {
        function() client.executions:wait("x", { fields = { "status" } }) end,
        function() client.executions:pending_inputs("x", { fields = { "task_id" } }) end,
        function() client.executions:waiting({}, { raw = true }) end,
        function() client.workflows:run("hello", {}, { raw = true }) end,
        function() client.executions:as_completed({ "x" }, { fields = { "status" } }) end,
      }
      for _, call in ipairs(calls) do
        assert.truthy(misuse.message(call):find "unknown option '[fr]%a+'; known are")
      end
    end)
  end)

  describe("raw", function()
    it("is the text of the answer", function()
      lay("/v1/workflows/hello", '{ "workflow" : {"name":"hello", "n": 1.50}}\n')
      assert.equal('{ "workflow" : {"name":"hello", "n": 1.50}}\n', client.workflows:get("hello", { raw = true }))
      local text = assert(client.registrations:list({ limit = 2 }, { raw = true }))
      assert.same(client.registrations:list { limit = 2 }, json.decode(text))
      assert.equal("table", type(client.workflows:get("hello", { raw = false })))
    end)

    it("is the text of each item of a walk, and of each page", function()
      local one, two = '{"id" : "a","n":1.50 }', '[ 1,{} ]'
      local first, second = page_of(one .. " , " .. two, '"1"'), page_of("null", "null")
      lay(REGISTRATIONS, first, second)
      assert.same({ one, two, "null" }, (all(client.registrations:each({}, { raw = true }))))
      lay(REGISTRATIONS, first, second)
      assert.same({ first, second }, (all(client.registrations:pages({}, { raw = true }))))
      assert.equal(REGISTRATIONS .. "?cursor=1", server:last_request().uri)
    end)

    it("walks everything", function()
      local count = 0
      for text in client.registrations:each({ limit = 100 }, { raw = true }) do
        assert(json.decode(text).id)
        count = count + 1
      end
      assert.equal(250, count)
      local sizes = {}
      for text in client.registrations:pages({ limit = 100 }, { raw = true }) do
        sizes[#sizes + 1] = #json.decode(text).workflow_registrations
      end
      assert.same({ 100, 100, 50 }, sizes)
    end)

    it("is checked as a page is", function()
      for _, name in ipairs { "each", "pages" } do
        local function walk()
          return select(2, all(client.registrations[name](client.registrations, {}, { raw = true })))
        end
        lay(REGISTRATIONS, page_of('{"id":"a"}', '"1"'), page_of('{"id":"a"}', '"1"'))
        assert.truthy(walk().message:find "repeated the cursor '1'")
        lay(REGISTRATIONS, '{"detail":"maintenance"}')
        assert.truthy(walk().message:find("no list 'workflow_registrations'", 1, true))
        lay(REGISTRATIONS, "[]")
        assert.equal("decode", walk().kind)
        lay(REGISTRATIONS, page_of('{"id":01}', "null"))
        assert.equal("decode", walk().kind)
      end
    end)

    it("is bounded as values are", function()
      local small = server:client { max_response_bytes = 20000 }
      local text = page_of(("{},"):rep(6000) .. "{}", "null")
      for _, name in ipairs { "each", "pages" } do
        lay(REGISTRATIONS, text)
        local _, err = all(small.registrations[name](small.registrations, {}, { raw = true }))
        assert.equal("too_large", err and err.kind, name)
      end
      lay(REGISTRATIONS, text)
      assert.equal(text, small.registrations:list({}, { raw = true }))
      small:close()
    end)

    it("leaves errors as they are", function()
      local value, err = client.workflows:get("nowhere", { raw = true })
      assert.is_nil(value)
      assert.is_true(workflows.is_error(err))
      assert.same({ "http", 404 }, { err.kind, err.status })
      assert.equal("table", type(err.detail))
      server:fixture { method = "GET", path = REGISTRATIONS, status = 403, body = '{"detail":"no"}' }
      assert.same({ detail = "no" }, select(2, all(client.registrations:each({}, { raw = true }))).detail)
    end)

    it("is true where nothing is answered, and joined where much is", function()
      assert(client.workflows:execute("forever", { execution_id = "raw-forever" }))
      assert.is_true(client.executions:terminate("raw-forever", { raw = true }))
      local text = assert(client.workflows:archive_many({}, { raw = true }))
      assert.same({ archived = {}, errored = {} }, json.decode(text))
      assert.truthy(text:find('"archived":[]', 1, true))
    end)

    it("is the text of the data of an event, whose facts can be read all the same", function()
      local _, execution = assert(client.workflows:run("hello", { execution_id = "raw-events" }))
      local plain = client.executions:stream(execution.execution_id)
      local count = 0
      for event in client.executions:stream(execution.execution_id, {}, { raw = true }) do
        local other = plain()
        count = count + 1
        assert.equal("string", type(event.data))
        assert.same(other.data, json.decode(event.data))
        assert.truthy(event.data:find('"event_type":"' .. event.event_type .. '"', 1, true))
        for _, name in ipairs { "event", "id", "retry", "event_type", "workflow_exec_id", "broker_sequence" } do
          assert.equal(other[name], event[name], name)
        end
      end
      assert(count > 1)
      assert.is_nil(plain())
      local last = client.executions:stream(execution.execution_id, {}, { raw = true }):next(10)
      assert.equal("string", type(last.data))
      assert.equal("table", type(client.executions:stream("raw-events", {}, { raw = false }):next(10).data))
    end)

    it("does not go together with fields", function()
      assert.equal("registrations:each: the options 'fields' and 'raw' exclude each other", misuse.message(function()
        client.registrations:each({}, { fields = { "id" }, raw = true })
      end))
      assert.equal("executions:stream: option 'fields' is not for event streams", misuse.message(function()
        client.executions:stream("x", {}, { fields = { "event" } })
      end))
      assert.equal("workflows:get: option 'raw' must be true or false", misuse.message(function()
        client.workflows:get("hello", { raw = "yes" })
      end))
    end)
  end)
end)

describe("fields and raw of an execution whose start was in doubt", function()
  local RUNNING = '{"workflow_name":"w","execution_id":"x","status":"RUNNING","result":null}'
  local COMPLETED = '{"workflow_name":"w","execution_id":"x","status":"COMPLETED","result":{"n":1}}'
  local server, client

  before_each(function()
    server = fault.start()
    client = workflows.new { api_key = "fault-key", server_url = server.url, timeout = 20 }
  end)

  after_each(function()
    client:close()
    server:stop()
  end)

  local function execute(answer, request, options)
    server:script { { actions = { { "reset" } } }, { respond = { body = answer } } }
    return assert(client.workflows:execute("w", request, options))
  end

  it("hold", function()
    assert.same({ status = "RUNNING" }, execute(RUNNING, {}, { fields = { "status" } }))
    assert.same(json.decode(RUNNING), json.decode(execute(RUNNING, {}, { raw = true })))
    local request = { wait_for_result = true }
    assert.same({ result = { n = 1 } }, execute(COMPLETED, request, { fields = { "result" } }))
    assert.same({ workflow_name = "w", execution_id = "x", result = { n = 1 } },
      json.decode(execute(COMPLETED, request, { raw = true })))
  end)
end)

describe("core.json.shape", function()
  it("takes paths as deep as JSON is, and no deeper", function()
    local path = {}
    for index = 1, 1000 do path[index] = "a" end
    assert(core.json.shape { fields = { path } })
    path[1001] = "a"
    assert.is_false(pcall(core.json.shape, { fields = { path } }))
  end)
end)
