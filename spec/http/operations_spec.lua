-- Each operation once, through its public method: what is sent, and the shape of what comes back.

local operations = require "spec.support.operations"
local sandbox = require "spec.support.sandbox"
local walk_names = require "mistral.workflows.method".walk_names
local wire = require "spec.support.wire"
local workflows = require "mistral.workflows"
local operation_cases = require "spec.support.operation_cases"

local server, client, cases, make

local function assert_has(members, answer)
  for name, kind in pairs(members) do
    assert(type(answer[name]) == kind, ("%s is a %s, not a %s"):format(name, type(answer[name]), kind))
  end
end

local function target_of(operation)
  local resource, verb = operation.call:match "^(.*):(.*)$"
  local object = resource == "" and client or client[resource]
  return object, object[verb]
end

local function encoded(value)
  return (value:gsub("[^%w%-._~]", function(c) return ("%%%02X"):format(c:byte()) end))
end

describe("the public method of", function()
  setup(function()
    server = sandbox.start { SANDBOX_REGISTRATIONS = 100 }
    client = server:client()
    cases, make = operation_cases(server, client)
  end)

  before_each(function()
    server:reset()
    server:record()
  end)

  teardown(function()
    client:close()
    server:stop()
  end)

  local function sent(operation, case, path_value, given)
    local uri = operation.path:gsub("{.-}", function() return encoded(path_value) end)
    local seen = server:last_request()
    assert.equal(operation.method .. " " .. uri .. (case.query or ""), seen.method .. " " .. seen.uri)
    assert.equal(operation.status, seen.status)
    if operation.response == "events" then
      assert.equal("text/event-stream", seen.headers.accept)
    else
      local body = operation.body and (given or {})
      if case.ids then body = { [next(operation.body)] = given } end
      wire.check(server, { method = operation.method, uri = uri .. (case.query or ""), body = body })
    end
  end

  local function call(operation, case)
    local path_value = case.path and case.path()
    local given = case.ids and case.ids() or case.table
    if type(given) == "function" then given = given(path_value) end
    local object, method = target_of(operation)
    local answer, err
    if path_value then answer, err = method(object, path_value, given) else answer, err = method(object, given) end
    return assert(answer, err), path_value, given
  end

  for _, operation in ipairs(operations) do
    if operation.response ~= "events" then
      it(operation.name, function()
        local case = assert(cases[operation.name], "not tested")
        local answer, path_value, given = call(operation, case)
        sent(operation, case, path_value, given)
        if operation.response == "none" then
          assert.is_true(answer)
        else
          assert_has(case.has, answer)
        end
      end)
    else
      it(operation.name, function()
        local case = assert(cases[operation.name], "not tested")
        if operation.name == "get_stream_events" then make.finished() end
        local stream, path_value = call(operation, case)
        if case.has then
          local event = stream()
          assert.is_string(event.id)
          assert_has(case.has, event.data)
        else
          while stream.follow.connection.call.transfer:status() == 0 do client:drive() end
        end
        sent(operation, case, path_value)
        stream:close()
      end)
    end
  end

  it("no operation that does not exist", function()
    local known = {}
    for _, operation in ipairs(operations) do known[operation.name] = true end
    for name in pairs(cases) do assert(known[name], name) end
  end)
end)

describe("the walks of", function()
  setup(function()
    server = sandbox.start { SANDBOX_REGISTRATIONS = 100 }
    client = server:client()
    server:record()
    cases, make = operation_cases(server, client)
    for _ = 1, 3 do make.schedule() end
    assert(client.workflows:run("hello", { execution_id = "walked" }))
  end)

  teardown(function()
    client:close()
    server:stop()
  end)

  -- By operation: path value, small pages, and the fewest items there are.
  local walks = {
    get_workflows = { params = { limit = 9 }, least = 40 },
    get_workflow_registrations = { params = { limit = 30 }, least = 100 },
    list_runs = { params = { page_size = 100 }, least = 251 },
    get_schedules = { params = { page_size = 2 }, least = 3 },
    get_workflow_events = { params = { workflow_exec_id = "walked", limit = 1 }, least = 2 },
    list_deployments = { params = { limit = 3, active_only = false }, least = 8 },
    list_deployment_workers = { path = "default", params = { limit = 1 }, least = 2 },
    get_workflow_execution_logs = { path = "walked", params = { limit = 1 }, least = 1 },
    get_deployment_logs = { path = "default", params = { limit = 100, order = "asc" }, least = 600 },
  }

  local function walks_of(operation, case)
    local resource, verb = operation.call:match "^(.*):(.*)$"
    local each, pages = walk_names(verb)
    local object = client[resource]
    each, pages = object[each], object[pages]
    if case.path then return each(object, case.path, case.params), pages(object, case.path, case.params) end
    return each(object, case.params), pages(object, case.params)
  end

  for _, operation in ipairs(operations) do
    if operation.paging then
      it(operation.call, function()
        local case = assert(walks[operation.name], "not tested")
        local items, in_pages, pages = 0, 0, 0
        local each, all = walks_of(operation, case)
        for item in each do
          assert.is_table(item)
          items = items + 1
        end
        for page in all do
          pages, in_pages = pages + 1, in_pages + #page[operation.paging.items]
        end
        assert(items >= case.least, ("%d items, not %d"):format(items, case.least))
        assert(in_pages >= items)
        local size = case.params[operation.paging.size]
        local least = math.ceil(in_pages / size) -- a last page that is full may be followed by an empty one
        assert(pages == least or in_pages % size == 0 and pages == least + 1, ("%d pages, not %d"):format(pages, least))
        local uri = server:last_request().uri
        if pages > 1 then assert.truthy(uri:find(operation.paging.cursor .. "=", 1, true)) end
        if operation.paging.cursor_holds_filters and pages > 1 then assert.is_nil(uri:find "order=") end
      end)
    end
  end
end)

describe("calls on many ids", function()
  local ids

  setup(function()
    server = sandbox.start { SANDBOX_REGISTRATIONS = 100 }
    client = server:client()
  end)

  before_each(function()
    server:reset()
    server:record()
    ids = {}
    for index = 1, 250 do ids[index] = ("00000000-0000-4000-8000-%012d"):format(index) end
  end)

  teardown(function()
    client:close()
    server:stop()
  end)

  local function first(count)
    local list = {}
    for index = 1, count do list[index] = ids[index] end
    return list
  end

  -- The ids of each request since the last reset.
  local function sent(member)
    local list = {}
    for index, request in ipairs(server:requests()) do
      list[index] = assert(workflows.json.decode(request.body))[member]
    end
    return list
  end

  local function check_requests(member, count)
    local all, requests = {}, sent(member)
    assert.equal(math.ceil(count / 100), #requests)
    for _, list in ipairs(requests) do
      assert(#list <= 100)
      for _, id in ipairs(list) do all[#all + 1] = id end
    end
    assert.same(first(count), all)
  end

  for _, count in ipairs { 0, 1, 100, 101, 250 } do
    it(("join the answers about %d executions"):format(count), function()
      for _, verb in ipairs { "cancel_many", "terminate_many" } do
        server:control("DELETE", "requests")
        local answer = assert(client.executions[verb](client.executions, first(count)))
        check_requests("execution_ids", count)
        local found = 0
        for id, outcome in pairs(answer.results) do
          assert.truthy(id:find "^00000000")
          assert.is_string(outcome.status)
          found = found + 1
        end
        assert.equal(count, found)
      end
    end)

    it(("join the answers about %d workflows in their order"):format(count), function()
      for verb, member in pairs { archive_many = "archived", unarchive_many = "unarchived" } do
        server:control("DELETE", "requests")
        local answer = assert(client.workflows[verb](client.workflows, first(count)))
        check_requests("workflow_ids", count)
        assert.same({}, answer[member])
        assert.equal(count, #answer.errored)
        for index, item in ipairs(answer.errored) do
          local id = type(item) == "table" and (item.workflow_id or item.id) or item
          assert.equal(ids[index], id)
        end
      end
    end)
  end

  it("tell the fate of each", function()
    assert(client.workflows:execute("forever", { execution_id = "here" }))
    local answer = assert(client.executions:terminate_many { "here", ids[1] })
    assert.not_equal(answer.results.here.status, answer.results[ids[1]].status)
    assert.equal("TERMINATED", assert(client.executions:get "here").status)
    local id = assert(client.workflows:get "echo").workflow.id
    answer = assert(client.workflows:archive_many { id, ids[1] })
    assert.equal(1, #answer.archived)
    assert.equal(1, #answer.errored)
  end)

  it("give what was answered before a request that fails", function()
    local path = "/v1/workflows/executions/cancel"
    server:fixture(workflows.array {
      { method = "POST", path = path, body = '{"results":{"x":{"status":"success"}}}' },
      { method = "POST", path = path, status = 403, body = '{"detail":"no"}' },
    })
    local answer, err = client.executions:cancel_many(ids)
    assert.is_nil(answer)
    assert.equal(403, err.status)
    assert.same({ results = { x = { status = "success" } } }, err.partial)
    assert.equal(2, server:stats().requests)
  end)
end)
