-- Calls on many ids: requests of 100, whose answers are joined.

local testing = require "mistral.workflows.testing"
local workflows = require "mistral.workflows"

describe("a call on many ids", function()
  local client, requests

  local function new(answers, operation)
    requests = {}
    client = testing.client {
      [operation or "bulk_archive_workflows"] = function(request)
        requests[#requests + 1] = request.json
        return 200, answers[#requests]
      end,
    }
    return client
  end

  after_each(function() client:close() end)

  local function ids(count)
    local list = {}
    for index = 1, count do list[index] = ("%032x"):format(index) end
    return list
  end

  local function encoded(value)
    return workflows.json.encode(value, { sort_keys = true })
  end

  it("sends a hundred at a time", function()
    for count, sizes in pairs { [0] = {}, { 1 }, [100] = { 100 }, [101] = { 100, 1 }, [250] = { 100, 100, 50 } } do
      local answers = {}
      for index = 1, #sizes do answers[index] = '{"archived":[],"errored":[]}' end
      new(answers)
      assert(client.workflows:archive_many(ids(count)))
      local sent, all = {}, {}
      for index, request in ipairs(requests) do
        sent[index] = #request.workflow_ids
        for _, id in ipairs(request.workflow_ids) do all[#all + 1] = id end
      end
      assert.same({ sizes, ids(count) }, { sent, all })
    end
  end)

  it("of none has an answer of the same shape", function()
    assert.equal('{"archived":[],"errored":[]}', encoded(new({}).workflows:archive_many {}))
    assert.equal('{"results":{}}', encoded(new({}).executions:cancel_many {}))
  end)

  it("joins lists, and what is missing in one of them", function()
    new {
      '{"archived":[{"name":"a"}],"errored":null}', '{"archived":[],"errored":["b"]}', '{"archived":[{"name":"c"}]}',
    }
    local answer = assert(client.workflows:archive_many(ids(201)))
    assert.equal('{"archived":[{"name":"a"},{"name":"c"}],"errored":["b"]}', encoded(answer))
  end)

  it("joins tables by id", function()
    new({ '{"results":{"a":{"status":"success"}}}', '{"results":{"b":{"status":"error"}}}' },
      "batch_cancel_workflow_executions")
    local answer = assert(client.executions:cancel_many(ids(101)))
    assert.equal('{"results":{"a":{"status":"success"},"b":{"status":"error"}}}', encoded(answer))
  end)

  it("that lack what was promised are errors, with what came before", function()
    for _, wrong in ipairs { "{}", '{"archived":{}}', '{"archived":[],"errored":{}}', '{"archived":[],"errored":7}' } do
      new { '{"archived":[{"name":"a"}],"errored":[]}', wrong }
      local answer, err = client.workflows:archive_many(ids(101))
      assert.is_nil(answer)
      assert.equal("decode", err.kind)
      assert.equal('{"archived":[{"name":"a"}],"errored":[]}', encoded(err.partial))
    end
    new { "{}" }
    assert.is_nil(select(2, client.workflows:archive_many(ids(1))).partial)
  end)

  it("takes a list without holes", function()
    new {}
    for given, expected in pairs {
      [{ "a", nil, "c" }] = "holes", [{ "a", name = "b" }] = "plain list", [{ "a", 7 }] = "must be a string",
      [{ { id = "a" } }] = "pass its id", [{ { execution_id = "a" } }] = "pass its execution_id",
      [{ { id = "b", execution_id = "a" } }] = "pass its execution_id",
    } do
      local ok, message = pcall(client.workflows.archive_many, client.workflows, given)
      assert.is_false(ok)
      assert.truthy(message:find(expected, 1, true), message)
    end
    local _, err = client.workflows:archive_many { "a", "" }
    assert.equal("invalid", err.kind)
    assert.truthy(err.message:find "id 2 is empty")
    assert.equal(0, #requests)
  end)
end)
