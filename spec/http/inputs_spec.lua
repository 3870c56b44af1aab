-- executions:pending_inputs and :submit_input; folding a live task.

local maps = require "spec.support.maps"
local misuse = require "spec.support.misuse"
local sandbox = require "spec.support.sandbox"
local workflows = require "mistral.workflows"

describe("human input", function()
  local server, client, id

  setup(function()
    server = sandbox.start { SANDBOX_REGISTRATIONS = 100 }
    client = server:client()
  end)

  before_each(function()
    server:reset()
    server:record()
    id = assert(client.workflows:execute "form").execution_id
  end)

  teardown(function()
    client:close()
    server:stop()
  end)

  local function last_body()
    local request = server:last_request()
    return request.method .. " " .. request.uri, (assert(workflows.json.decode(request.body)))
  end

  it("is listed while the workflow waits for it", function()
    local list = assert(client.executions:pending_inputs(id))
    local line, body = last_body()
    assert.equal(("POST /v1/workflows/executions/%s/queries"):format(id), line)
    assert.same({ name = "__get_pending_inputs" }, body)
    assert.equal(1, #list)
    assert.is_string(list[1].task_id)
    assert.is_string(list[1].label)
    assert.is_table(list[1].input_schema)
  end)

  it("is given, and lets the workflow go on", function()
    local task = assert(client.executions:pending_inputs(id))[1].task_id
    assert(client.executions:submit_input(id, task, { approved = true, comment = "fine" }))
    local line, body = last_body()
    assert.equal(("POST /v1/workflows/executions/%s/updates"):format(id), line)
    assert.same({ name = "__submit_input",
      input = { task_id = task, input = { approved = true, comment = "fine" } } }, body)
    local execution = assert(client.executions:wait(id))
    assert.same({ submitted = { approved = true, comment = "fine" } }, execution.result)
  end)

  it("that the workflow refuses is an error", function()
    local answer, err = client.executions:submit_input(id, "another", { approved = true })
    assert.is_nil(answer)
    assert.same({ "execution", "input_refused", id, false }, { err.kind, err.reason, err.execution_id, err.retryable })
    assert.truthy(err.message:find("the workflow refused the input: No pending input", 1, true))
    assert.is_string(err.detail.error)
    assert.equal(1, #assert(client.executions:pending_inputs(id)))
  end)

  it("of a workflow that asks for none is an empty list", function()
    local other = assert(client.workflows:execute "forever").execution_id
    local list = assert(client.executions:pending_inputs(other))
    assert.same({}, list)
    assert.equal("[]", workflows.json.encode(list))
    local answer, err = client.executions:submit_input(other, "t", {})
    assert.is_nil(answer)
    assert.same({ "http", 404 }, { err.kind, err.status })
  end)

  it("of an execution that is not there, or has ended, is an error", function()
    local list, err = client.executions:pending_inputs "nobody"
    assert.is_nil(list)
    assert.same({ "http", 404, "nobody" }, { err.kind, err.status, err.execution_id })
    assert(client.executions:terminate(id))
    list, err = client.executions:pending_inputs(id)
    assert.is_nil(list)
    assert.same({ 409, "WF_1102" }, { err.status, err.code })
  end)

  it("is found among all that run", function()
    local other = assert(client.workflows:execute "form").execution_id
    for _ = 1, 20 do assert(client.workflows:execute "forever") end
    local found = {}
    for execution, inputs, err in client.executions:waiting({ page_size = 5 }) do
      assert.is_nil(err)
      assert.equal("form", execution.workflow_name)
      assert.equal(1, #inputs)
      assert.is_string(inputs[1].task_id)
      found[#found + 1] = execution.execution_id
    end
    assert.same({ other, id }, found) -- the newest first
    for execution, inputs in client.executions:waiting() do
      assert(client.executions:submit_input(execution.execution_id, inputs[1].task_id, { approved = true }))
    end
    assert.is_nil(client.executions:waiting()())
    assert.is_nil(client.executions:waiting { workflow_identifier = "forever" }())
  end)

  it("is found by questions side by side, and as few as are wanted", function()
    for _ = 1, 40 do assert(client.workflows:execute "form") end
    server:control("DELETE", "requests")
    local waiting = client.executions:waiting { page_size = 100 }
    assert.is_table(waiting())
    waiting:close()
    assert.is_nil(waiting())
    local questions = 0
    for _, request in ipairs(server:requests(1000)) do
      if request.uri:find "/queries$" then questions = questions + 1 end
    end
    assert.is_true(questions >= 1 and questions <= 16, questions)
    maps.assert_idle(client)
  end)

  it("is asked of all, though one cannot be", function()
    local other = assert(client.workflows:execute "form").execution_id
    server:fixture { method = "POST", path = ("/v1/workflows/executions/%s/queries"):format(other), status = 403,
      body = { detail = "not yours" } }
    local found = {}
    for execution, inputs, err in client.executions:waiting() do
      found[execution.execution_id] = err and { #inputs, err.status, err.execution_id } or #inputs
    end
    assert.same({ [other] = { 0, 403, other }, [id] = 1 }, found)
  end)

  it("is looked for until the deadline, and raises what the list cannot", function()
    server:control("POST", "delay?seconds=2")
    local ok, err = pcall(function()
      for _ in client.executions:waiting(nil, { deadline = 0.3 }) do assert.is_true(false) end
    end)
    assert.is_false(ok)
    assert.equal("timeout", err.kind)
    server:control("POST", "delay?seconds=0")
    server:fixture { method = "GET", path = "/v1/workflows/runs", status = 403, body = { detail = "not yours" } }
    ok, err = pcall(client.executions:waiting())
    assert.is_false(ok)
    assert.truthy(tostring(err):find("executions:waiting: HTTP 403: not yours; the key has no permission", 1, true))
    maps.assert_idle(client)
    assert.equal("executions:waiting: the parameters must be a table, not a string", misuse.message(function()
      local iterator = client.executions:waiting "RUNNING"
      return iterator
    end))
  end)

  it("answers of another shape are told", function()
    local path = ("/v1/workflows/executions/%s/"):format(id)
    server:fixture { method = "POST", path = path .. "queries", body = '{"query_name":"q","result":{}}' }
    local list, err = client.executions:pending_inputs(id)
    assert.is_nil(list)
    assert.equal("decode", err.kind)
    server:fixture { method = "POST", path = path .. "updates", body = '{"update_name":"u","result":null}' }
    assert.is_true(client.executions:submit_input(id, "t", {}))
    server:fixture { method = "POST", path = path .. "updates", body = '{"result":{"error":{"code":7}}}' }
    local _, refused = client.executions:submit_input(id, "t", {})
    assert.truthy(refused.message:find('{"code":7}', 1, true))
  end)

  it("is not given twice after an unknown outcome", function()
    server:fixture { method = "POST", path = ("/v1/workflows/executions/%s/updates"):format(id), status = 502,
      body = "bad gateway" }
    server:control("DELETE", "requests")
    local answer, err = client.executions:submit_input(id, "t", {})
    assert.is_nil(answer)
    assert.equal(502, err.status)
    assert.equal(1, #server:requests())
  end)

  it("takes per-call options, and raises misuse at the caller's line", function()
    assert(client.executions:pending_inputs(id, { headers = { ["X-Team"] = "desk" } }))
    assert.equal("desk", server:last_request().headers["x-team"])
    for expected, fn in pairs {
      ["task_id must be"] = function() client.executions:submit_input(id, nil, {}) end,
      ["the input must be a table, not a string"] = function() client.executions:submit_input(id, "t", "yes") end,
      ["did you mean 'timeout'"] = function() client.executions:pending_inputs(id, { timeuot = 1 }) end,
      ["execution_id must be a string"] = function() client.executions:pending_inputs() end,
      ["with a colon"] = function() client.executions.pending_inputs(id) end,
    } do
      local message = misuse.message(fn)
      assert(message:find(expected, 1, true), message)
    end
    assert.equal("execution_id is empty", misuse.invalid(function() return client.executions:pending_inputs "" end))
    assert.equal("task_id is empty", misuse.invalid(function() return client.executions:submit_input(id, "", {}) end))
  end)

  it("and live tasks can be folded", function()
    local states, texts = {}, 0
    local _, execution = assert(client.workflows:run("tokens", { input = { count = 30, interval = 0.001 } }, {
      on_event = function(event)
        local attributes = event.data.data.attributes
        local task = attributes.custom_task_id
        if task then
          states[task] = workflows.fold(states[task], event)
          texts = texts + 1
        end
      end,
    }))
    local task, state = next(states)
    assert.is_string(task)
    assert.equal(execution.result.text, state.text)
    assert(texts >= 31)
  end)
end)
