-- Every method with answers of a shape that nobody expects: an error object of kind decode, with a piece of the answer.

local clients = require "spec.support.clients"
local fault = require "spec.support.fault"
local operations = require "spec.support.operations"
local workflows = require "mistral.workflows"

-- What is no object, with what of it is to be seen in a message.
local no_objects = {
  ["false"] = "false", ["true"] = "true", ["5"] = "5", ['"maintenance"'] = "maintenance", ["null"] = "null",
  ["[]"] = "[]", ['[{"id":"odd"}]'] = '[{"id":"odd"}]', [' \n[1]'] = "[1]", ["-0.5"] = "-0.5",
}
-- Objects that hold no list where there should be one.
local no_lists = {
  ["{}"] = "{}", ['{"detail":"maintenance"}'] = '"maintenance"', ['{"next_cursor":null}'] = "null",
  ['{"LIST":{"a":1}}'] = '{"a":1}', ['{"LIST":null}'] = "null", ['{"LIST":"text"}'] = '"text"', ['{"LIST":{}}'] = "{}",
  ['{"LIST":false,"next_cursor":"c"}'] = "false", ['{"items":[1],"next_cursor":"c"}'] = "[1]",
}

-- What operations need besides an id.
local bodies = {
  signal_workflow_execution = { name = "n" }, query_workflow_execution = { name = "n" },
  update_workflow_execution = { name = "n" }, reset_workflow = { event_id = 1 },
  schedule_workflow = { workflow_identifier = "w", schedule = { input = {} } },
  update_schedule = { schedule = { input = {} } },
  create_deployment = { name = "n", spec = { github_url = "https://github.com/a/b" } },
}

local ID = "5fa1b0d6-55a8-45e1-9d67-31e4c0fdb4a5"

describe("odd answers", function()
  local server, client

  setup(function()
    server = fault.start()
    client = clients.new(server)
  end)
  teardown(function()
    client:close()
    server:stop()
  end)
  before_each(function() server:reset() end)

  -- The method that an operation is called by, as a function.
  local function method(name)
    local resource, verb = name:match "^(.-):(.*)$"
    local object = resource == "" and client or client[resource]
    return function(...) return object[verb](object, ...) end
  end

  -- An operation's own arguments.
  local function call(operation, verb)
    local run = method(verb or operation.call)
    if operation.body and operation.call:find "_many$" then return run { ID } end
    if operation.path:find "{" then return run(ID, bodies[operation.name]) end
    return run(bodies[operation.name])
  end

  local function answer(body)
    server:reset()
    server:script { respond = { body = body } }
  end

  -- Goes through an iterator. Returns what it raised.
  local function walked(operation, verb)
    local count = 0
    local ok, err = pcall(function()
      for _ in call(operation, verb) do count = count + 1 end
    end)
    assert(not ok, "nothing was raised")
    assert.equal(0, count)
    return err
  end

  local function check(shown, err, about)
    assert(workflows.is_error(err), about .. ": " .. tostring(err))
    assert(err.kind == "decode", about .. ": " .. tostring(err))
    assert(err.message:find(shown, 1, true), about .. ": " .. err.message)
    assert.is_false(err.retryable)
    assert.equal(200, err.status)
  end

  -- The names of the iterators of a list.
  local function walks(operation)
    local resource, verb = operation.call:match "^(.-):(.*)$"
    if verb == "list" then return { resource .. ":each", resource .. ":pages" } end
    local item = verb:gsub("s$", "")
    return { resource .. ":each_" .. item, resource .. ":" .. item .. "_pages" }
  end

  for _, operation in ipairs(operations) do
    local name = operation.call
    if operation.response == "json" and not name:find "history$" then
      it("that are no objects are refused by " .. name, function()
        for body, shown in pairs(no_objects) do
          answer(body)
          local value, err = call(operation)
          assert.is_nil(value)
          check(shown, err, name .. " " .. body)
          assert.equal(body, err.body)
        end
      end)
    end

    if operation.response == "json" then
      it("without a body are no raw errors of " .. name, function()
        server:reset()
        server:script { respond = { status = 204 } }
        local value, err = call(operation)
        if not name:find "_many$" then return assert.is_true(value) end
        assert.is_nil(value)
        assert.same({ "decode", 204 }, { err.kind, err.status })
      end)
    end

    if operation.paging then
      for _, walk in ipairs(walks(operation)) do
        it("without a body are refused by " .. walk, function()
          server:reset()
          server:script { respond = { status = 204 } }
          local err = walked(operation, walk)
          assert.same({ "decode", 204 }, { err.kind, err.status })
        end)
      end

      for _, walk in ipairs(walks(operation)) do
        it("are refused by " .. walk, function()
          for body, shown in pairs(no_objects) do
            answer(body)
            check(shown, walked(operation, walk), walk .. " " .. body)
          end
          for text, shown in pairs(no_lists) do
            local body = text:gsub("LIST", operation.paging.items)
            answer(body)
            check(shown, walked(operation, walk), walk .. " " .. body)
          end
        end)
      end
    end

    if name:find "_many$" then
      it("without what was asked for are refused by " .. name, function()
        local list = name:find "archive" and name:match ":(.*)_many" .. "d" or "results"
        for text, shown in pairs(no_lists) do
          local body = text:gsub("LIST", list)
          if list ~= "results" or not body:find '"results":{' then
            answer(body)
            local value, err = call(operation)
            assert.is_nil(value)
            check(shown, err, name .. " " .. body)
          end
        end
        answer(('{"%s":[1]}'):format(list))
        if list == "results" then check("[1]", select(2, call(operation)), name) else assert(call(operation)) end
      end)
    end

    if operation.response == "none" then
      it("to " .. name .. ", which wants none, are ignored", function()
        for body in pairs(no_objects) do
          answer(body)
          assert.is_true((call(operation)))
        end
      end)
    end
  end

  it("are what a history may be", function()
    for body in pairs(no_objects) do
      answer(body)
      assert.same({ (workflows.json.decode(body)) }, { (client.executions:history(ID)) })
    end
  end)

  -- Waits for the execution "e", whose status is answered by these bodies, in their order, and whose stream by 503.
  local function waited(...)
    server:reset()
    local steps = {}
    for index = 1, 50 do
      steps[index] = { path = "/v1/workflows/executions/e/stream", respond = { status = 503 } }
    end
    for _, body in ipairs { ... } do
      steps[#steps + 1] = { path = "/v1/workflows/executions/e", respond = { body = body } }
    end
    server:script(steps)
    return client.executions:wait("e", { timeout = 5, poll = { min = 0.01, max = 0.01 } })
  end

  it("are refused by run, wait and those that are asked for inputs", function()
    for body, shown in pairs(no_objects) do
      answer(body)
      check(shown, select(2, client.workflows:run "w"), "run")
      answer(body)
      check(shown, select(2, client.registrations:run(ID)), "run")
      check(shown, select(2, waited(body)), "wait")
      answer(body)
      check(shown, select(2, client.executions:pending_inputs "e"), "pending_inputs")
      answer(body)
      check(shown, select(2, client.executions:submit_input("e", "t", {})), "submit_input")
    end
    for _, body in ipairs { '{"result":5}', '{"result":{"pending_inputs":{"a":1}}}', '{"detail":"maintenance"}' } do
      answer(body)
      check(body, select(2, client.executions:pending_inputs "e"), "pending_inputs")
    end
  end)

  it("to inputs that hold no result are not success", function()
    for _, body in ipairs { '{"detail":"maintenance"}', "{}" } do
      answer(body)
      check(body, select(2, client.executions:submit_input("e", "t", {})), "submit_input")
    end
    for body, expected in pairs { ['{"result":null}'] = true, ['{"result":false}'] = true, ['{"result":[]}'] = {} } do
      answer(body)
      assert.same(expected, (client.executions:submit_input("e", "t", {})))
    end
  end)

  -- Goes through the executions that wait for input, of a list of these runs.
  local function waiting(list)
    answer(('{"executions":%s}'):format(list))
    return pcall(function()
      for _ in client.executions:waiting() do error "there is none" end
    end)
  end

  it("of runs that cannot be asked for are refused by what waits for inputs", function()
    for list, shown in pairs {
      ["[5]"] = ": 5", ["[null]"] = ": null", ["[false]"] = ": false", ['["e"]'] = ': "e"', ["[[]]"] = ": []",
      ["[{}]"] = ": {}", ['[{"execution_id":null}]'] = "null", ['[{"execution_id":""}]'] = '""',
      ['[{"execution_id":".."}]'] = '".."', ['[{"execution_id":{}}]'] = "{}",
    } do
      local _, err = waiting(list)
      assert(workflows.is_error(err), tostring(err))
      assert.equal("decode", err.kind)
      assert(err.message:find(shown, 1, true), err.message)
    end
  end)

  describe("without content (204)", function()
    local empty = { respond = { status = 204 } }
    local nothing = "HTTP 204 without content"

    local function answered(fn, ...)
      server:reset()
      server:script { empty, empty, empty, empty }
      local _, err = fn(...)
      assert(workflows.is_error(err), tostring(err))
      assert.same({ "decode", 204 }, { err.kind, err.status })
      assert(err.message:find(nothing, 1, true), err.message)
    end

    for _, operation in ipairs(operations) do
      for _, walk in ipairs(operation.paging and walks(operation) or {}) do
        it("are refused by " .. walk, function() answered(function() return nil, walked(operation, walk) end) end)
      end
      if operation.call:find "_many$" then
        it("are refused by " .. operation.call, function() answered(call, operation) end)
      end
    end

    it("are refused by what needs them", function()
      answered(function() return client.workflows:run "w" end)
      answered(function() return client.registrations:run(ID) end)
      answered(function() return client.workflows:run("w", { execution_id = "e" }) end)
      answered(function() return client.workflows:run("w", { execution_id = "e" }, { join = true }) end)
      answered(function() return client.workflows:execute("w", { execution_id = "e" }) end)
      answered(function() return client.executions:pending_inputs "e" end)
      answered(function() return client.executions:submit_input("e", "t", {}) end)
      answered(function()
        return pcall(function() for _ in client.executions:waiting() do error "there is none" end end)
      end)
    end)

    it("end a wait", function()
      server:script {
        { path = "/v1/workflows/executions/e/stream", respond = { status = 503 } },
        { path = "/v1/workflows/executions/e", respond = empty.respond },
      }
      local _, err = client.executions:wait("e", { timeout = 5 })
      assert.same({ "decode", 204 }, { err.kind, err.status })
      server:script { path = "/v1/workflows/executions/e", respond = empty.respond }
      for _, each in client.executions:as_completed({ "e" }, { timeout = 5 }) do err = each end
      assert.same({ "decode", 204 }, { err.kind, err.status })
    end)
  end)

  it("that name no workflow are refused by run where it joins", function()
    local function join(execution, ...)
      server:reset()
      server:script { { respond = { body = execution } }, ... }
      return select(2, client.workflows:run("w", { execution_id = "e" }, { join = true, timeout = 5 }))
    end
    for body, shown in pairs {
      ['{"detail":"maintenance"}'] = "maintenance", ['{"status":"RUNNING"}'] = "RUNNING",
      ['{"status":"RUNNING","workflow_name":{"a":1}}'] = '"workflow_name":{"a":1}',
    } do
      local err = join(body)
      assert.equal("decode", err.kind)
      assert(err.message:find(shown, 1, true), err.message)
    end
    for _, body in ipairs { '{"detail":"maintenance"}', '{"workflow":[]}', '{"workflow":{"name":[]}}' } do
      local err = join('{"status":"RUNNING","workflow_name":"other"}', { respond = { body = body } })
      assert.equal("decode", err.kind)
      assert(err.message:find(body, 1, true), err.message)
    end
  end)

  it("without an id are refused by run where the service was to choose one", function()
    for _, body in ipairs { '{"detail":"maintenance"}', '{"execution_id":5}', '{"execution_id":""}',
      '{"execution_id":".."}', '{"execution_id":null}' } do
      answer(body)
      check(body, select(2, client.workflows:run("w", { execution_id = false })), "run")
    end
  end)

  it("without a status are no executions; a status of any kind is one that goes on", function()
    local body = '{"detail":"maintenance"}'
    check(body, select(2, waited(body)), "wait")
    local execution = assert(waited('{"status":null}', '{"status":{"a":1}}', '{"status":"ODD"}', '{"status":7}',
      '{"status":"COMPLETED","result":7}'))
    assert.equal(7, execution.result)
  end)

  it("are what map and gather give as errors", function()
    server:script { { respond = { body = "5" } }, { respond = { body = "[]" } } }
    local results, errs = client:map({ 1, 2 }, function() return client:whoami() end)
    assert.same({}, results)
    for index = 1, 2 do assert.equal("decode", errs[index].kind) end
  end)

  describe("to a walk", function()
    local function ids_of(iterator, ...)
      local ids = {}
      local ok, err = pcall(function(...)
        for item in iterator(...) do ids[#ids + 1] = item.id end
      end, ...)
      return ids, not ok and err or nil
    end

    local function each()
      return client.workflows:each()
    end

    local function page(id, cursor)
      return { respond = { body = ('{"workflows":[{"id":"%s"}],"next_cursor":%s}'):format(id, cursor) } }
    end

    it("may have their runs as executions or as runs", function()
      for _, name in ipairs { "executions", "runs" } do
        server:script {
          { respond = { body = ('{"%s":[{"id":1}],"next_page_token":"t"}'):format(name) } },
          { respond = { body = ('{"%s":[{"id":2}]}'):format(name) } },
        }
        assert.same({ 1, 2 }, (ids_of(function() return client.runs:each() end)))
      end
      answer '{"runs":{"a":1}}'
      local _, err = ids_of(function() return client.runs:each() end)
      check('{"runs":{"a":1}}', err, "runs")
    end)

    for what, case in pairs {
      ["of 1.1 MB"] = { '"' .. ("c"):rep(1100000) .. '"', "a next cursor of 1100000 bytes: 'cccc" },
      ["that is a number"] = { "5", "sent a number as the next cursor: 5" },
      ["that is a table"] = { '{"a":[1]}', 'sent a table as the next cursor: {"a":[1]}' },
      ["that is true"] = { "true", "sent a boolean as the next cursor: true" },
      ["that it sent before"] = { '"1"', "repeated the cursor '1'" },
    } do
      it("that have a cursor " .. what .. " end it behind the items that came", function()
        server:script { page("a", '"1"'), page("b", case[1]) }
        local ids, err = ids_of(each)
        assert.same({ "a", "b" }, ids)
        check(case[2], err, what)
        assert(#err.message < 1000 and #tostring(err.cursor) < 1000)
      end)
    end
  end)
end)
