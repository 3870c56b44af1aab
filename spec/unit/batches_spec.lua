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
        local answer = answers[#requests]
        if type(answer) == "number" then return answer, "" end
        return 200, answer
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

  it("keeps what one answer has alone, and the first of what cannot be joined", function()
    local parts = {
      '"list":[1],"table":{"a":1},"number":1', '"list":7,"table":7,"number":[2],"alone":true',
      '"list":{"a":1},"table":[7],"number":{"a":1}',
    }
    local function answer_of(number, more) return ('{"archived":[],%s%s}'):format(more, parts[number]) end
    for first = 1, 3 do
      for second = 1, 3 do
        if first ~= second then
          new { answer_of(first, ""), answer_of(second, '"errored":["b"],') }
          local answer = assert(client.workflows:archive_many(ids(101)))
          assert.same({ "b" }, answer.errored)
          assert.equal(first == 2 or second == 2 or nil, answer.alone)
          for name, value in pairs(workflows.json.decode(("{%s}"):format(parts[first]))) do
            assert.same(value, answer[name])
          end
        end
      end
    end
  end)

  it("that lack what was promised are errors, with what came before", function()
    for wrong, lacking in pairs {
      ["{}"] = "list 'archived': {}", ['{"archived":{}}'] = [[list 'archived': {"archived":{}}]],
      ['{"archived":[],"errored":7}'] = "list 'errored': {",
      [204] = "body: HTTP 204 without content",
    } do
      new { '{"archived":[{"name":"a"}],"errored":[]}', wrong }
      local answer, err = client.workflows:archive_many(ids(101))
      assert.is_nil(answer)
      assert.equal("decode", err.kind)
      assert.equal(1, (err.message:find("the answer has no " .. lacking, 1, true)), err.message)
      assert.equal('{"archived":[{"name":"a"}],"errored":[]}', encoded(err.partial))
    end
    new { "{}" }
    assert.is_nil(select(2, client.workflows:archive_many(ids(1))).partial)
    new({ '{"results":[]}' }, "batch_cancel_workflow_executions")
    local _, err = client.executions:cancel_many(ids(1))
    assert.equal([[the answer has no table 'results': {"results":[]}]], err.message)
  end)

  it("that are refused are the service's errors, with what came before", function()
    new { '{"archived":[{"name":"a"}],"errored":[]}', 403 }
    local answer, err = client.workflows:archive_many(ids(201))
    assert.is_nil(answer)
    assert.same({ "http", 403, 2 }, { err.kind, err.status, #requests })
    assert.equal('{"archived":[{"name":"a"}],"errored":[]}', encoded(err.partial))
  end)

  it("has the fields that are wanted of the joined answer, of no ids and of what came before an error, too", function()
    local part = '{"archived":[{"name":"a"}],"errored":["b"]}'
    local function errored(count, answers)
      return new(answers).workflows:archive_many(ids(count), { fields = { "errored" } })
    end
    assert.equal('{"errored":["b","b"]}', encoded(assert(errored(101, { part, part }))))
    assert.equal('{"errored":[]}', encoded(assert(errored(0, {}))))
    assert.equal('{"errored":["b"]}', encoded(select(2, errored(101, { part, 403 })).partial))
  end)

  it("sends nothing where an id cannot be sent", function()
    new {}
    for _, list in ipairs { { "\255" }, { ids(1)[1], "\255" } } do
      local answer, err = client.workflows:archive_many(list)
      assert.is_nil(answer)
      assert.equal("invalid", err.kind)
    end
    assert.equal(0, #requests)
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
    assert.same({ "invalid", "id 2 is empty", "workflows:archive_many", 0 },
      { err.kind, err.message, err.call, err.attempts })
    assert.equal(0, #requests)
  end)
end)
