-- The endpoint table against the list of what the service offers, in both directions.

local core = require "mistral.workflows.core"
local operations = require "spec.support.operations"
local method = require "mistral.workflows.method"
local resources = require "mistral.workflows.resources"

local listed, schemas = core.endpoints(true)
local rows = {}
for _, row in ipairs(listed) do rows[row.name] = row end

local function types_of(fields)
  local types = {}
  for _, field in ipairs(fields) do
    assert.is_nil(types[field.name], "named twice: " .. field.name)
    types[field.name] = field.map and "table" or field.type .. (field.list and "[]" or "")
  end
  return types
end

describe("the endpoint table", function()
  it("has 53 operations and whoami, each once", function()
    assert.equal(54, #listed)
    assert.equal(54, #operations)
    local known = {}
    for _, operation in ipairs(operations) do
      assert.is_nil(known[operation.name], operation.name)
      known[operation.name] = true
    end
    for name in pairs(rows) do assert(known[name], name .. " is in the table only") end
  end)

  for _, operation in ipairs(operations) do
    describe(operation.name, function()
      local row = rows[operation.name]

      it("has its request line and method", function()
        assert.is_table(row)
        assert.equal(operation.method, row.method)
        assert.equal(operation.path, row.path)
        assert.equal(operation.call, row.resource .. ":" .. row.verb)
        assert.equal(select(2, operation.path:gsub("{", "")), row.path_values)
        assert.is_function(core[operation.name])
      end)

      it("has its query parameters and its body", function()
        assert.same(operation.query or {}, types_of(row.query))
        assert.same(operation.body or {}, row.body and types_of(schemas[row.body].fields) or {})
        assert.equal(operation.body ~= nil, row.has_body)
      end)

      it("has its kind of answer, its paging and its rule of repetition", function()
        assert.equal(operation.response, row.response)
        assert.equal(operation.repeats, row.repeat_rule)
        assert.equal(operation.resume, row.resume)
        assert.equal(operation.paging == nil, row.paging == nil)
        for _, name in ipairs(operation.paging and { "cursor", "size", "items", "next" } or {}) do
          assert.equal(operation.paging[name], row.paging[name])
        end
        if operation.paging then
          assert.equal(operation.paging.cursor_holds_filters or false, row.paging.cursor_holds_filters)
        end
      end)
    end)
  end

  it("has nine paged lists, four streams and four calls on many", function()
    local counts = { paging = 0, resume = 0, batch = 0 }
    for _, row in pairs(rows) do
      for what in pairs(counts) do counts[what] = counts[what] + (row[what] and 1 or 0) end
    end
    assert.same({ paging = 9, resume = 4, batch = 4 }, counts)
  end)
end)

describe("what the module gives of the table", function()
  local function without_query(row)
    local copy = {}
    for name, value in pairs(row) do copy[name] = value end
    copy.query = nil
    return copy
  end

  it("is all of each row", function()
    assert.same({
      name = "list_runs", resource = "runs", verb = "list", method = "GET", path = "/v1/workflows/runs",
      summary = "Lists runs.", response = "json", repeat_rule = "safe", path_values = 0, has_body = false,
      takes_table = true, answer = "RunPage",
      paging = {
        cursor = "next_page_token", size = "page_size", items = "executions", next = "next_page_token",
        cursor_holds_filters = false,
      },
    }, without_query(rows.list_runs))
    assert.same({
      name = "batch_cancel_workflow_executions", resource = "executions", verb = "cancel_many", method = "POST",
      path = "/v1/workflows/executions/cancel", summary = "Asks any number of executions to stop, 100 in a request.",
      batch = "execution_ids", batch_answer = { "results" }, response = "json", repeat_rule = "safe", path_values = 0,
      has_body = true, takes_table = true, body = "ExecutionIds", answer = "BatchAnswer", query = {},
    }, rows.batch_cancel_workflow_executions)
    assert.same({
      name = "reset_workflow", resource = "executions", verb = "reset", method = "POST",
      path = "/v1/workflows/executions/{execution_id}/reset",
      summary = "Sets an execution back to an earlier event of its history.", response = "none",
      repeat_rule = "never", path_values = 1, has_body = true, takes_table = true, body = "ResetRequest", query = {},
    }, rows.reset_workflow)
    assert.is_false(rows.get_worker_info.takes_table)
    assert.same({ "archived", "errored" }, rows.bulk_archive_workflows.batch_answer)
  end)

  it("is all of each schema, in which each stands once", function()
    assert.same({
      { name = "every", type = "string", note = "ISO 8601 duration, as PT15M", list = false, map = false,
        required = true, nullable = false },
      { name = "offset", type = "string", note = "ISO 8601 duration", list = false, map = false, required = false,
        nullable = true },
    }, schemas.ScheduleInterval.fields)
    assert.same({ name = "PatchOp", fields = {}, values = { "add", "replace", "remove", "append" } }, schemas.PatchOp)
    assert.same({ name = "StartedExecution", fields = {}, variants = { "Execution", "ExecutionResult" } },
      schemas.StartedExecution)
    assert.equal("Run", schemas.Execution.base)
    assert.equal("WORKFLOW_EXECUTION_STARTED", schemas.WorkflowExecutionStarted.fields[1].of)
    local named, count = 0, #schemas
    for _, schema in ipairs(schemas) do assert.equal(schema, schemas[schema.name]) end
    for name in pairs(schemas) do named = named + (type(name) == "string" and 1 or 0) end
    assert.equal(count, named)
  end)

  it("comes without fields and schemas where they are not asked for", function()
    local brief, nothing = core.endpoints()
    assert.is_nil(nothing)
    for index, row in ipairs(brief) do
      local expected = without_query(listed[index])
      expected.body, expected.answer = nil, nil
      assert.same(expected, row)
    end
  end)
end)

describe("core.check_field", function()
  local function path(text)
    local names = {}
    for name in text:gmatch "[^.]+" do names[#names + 1] = name end
    return names
  end

  it("knows what answers and items hold", function()
    for _, case in ipairs {
      "get_workflow workflow.name", "get_workflow workflow", "get_workflows metadata.shared_namespace",
      "get_workflow_registrations definition.signals.input_schema.properties.anything", "list_runs search_keys.any",
      "get_workflow_events attributes.failure.message", "get_workflow_events attributes.payload.value.op",
      "get_workflow_execution result.deep.down", "get_workflow_execution run_id",
      "get_workflow_execution_history events",
      "get_schedule calendars.hour.start", "batch_cancel_workflow_executions results.some-id.error",
      "get_workflow_execution_trace_summary span_tree.children.children.name",
    } do
      local operation, names = case:match "^(%S+) (.*)$"
      assert.is_nil(core.check_field(operation, path(names)), case)
    end
  end)

  it("says which name is not there, and which was probably meant", function()
    for case, message in pairs {
      ["get_workflow name"] = "unknown name 'name'; did you mean 'workflow.name'?",
      ["get_workflow workflow.nam"] = "unknown name 'workflow.nam'; did you mean 'workflow.name'?",
      ["list_runs executions"] = "unknown name 'executions'; the names are those of each item",
      ["list_runs result"] = "unknown name 'result'",
      ["list_runs status.text"] = "'status' has no members",
      ["get_workflow_registrations definition.signal"] =
        "unknown name 'definition.signal'; did you mean 'definition.signals'?",
    } do
      local operation, names = case:match "^(%S+) (.*)$"
      assert.equal(message, core.check_field(operation, path(names)))
    end
    assert.is_string(core.check_field("list_runs", { "run_id\0" }))
  end)
end)

describe("the methods of a client", function()
  local client = { options = {}, handle = { closed = function() return false end } }
  resources.attach(client)

  -- The methods that are not an operation each.
  local composed = {
    executions = { as_completed = true, wait = true, pending_inputs = true, submit_input = true, waiting = true },
    workflows = { run = true },
    registrations = { run = true },
  }

  it("that walk a list are named after it", function()
    assert.same({ "each", "pages" }, { method.walk_names "list" })
    assert.same({ "each_log", "log_pages" }, { method.walk_names "logs" })
  end)

  it("are those of the operations", function()
    local expected = {}
    for resource, names in pairs(composed) do
      for name in pairs(names) do expected[resource .. ":" .. name] = true end
    end
    for _, operation in ipairs(operations) do
      local resource, verb = operation.call:match "^(.*):(.*)$"
      expected[operation.call] = true
      if operation.paging then
        local each, pages = method.walk_names(verb)
        expected[resource .. ":" .. each], expected[resource .. ":" .. pages] = true, true
      end
    end
    local found = { [":whoami"] = rawget(resources.methods[""], "whoami") ~= nil or nil }
    for resource, value in pairs(client) do
      local metatable = getmetatable(value)
      for name in pairs(metatable and metatable.__index or {}) do found[resource .. ":" .. name] = true end
    end
    assert.same(expected, found)
  end)
end)
