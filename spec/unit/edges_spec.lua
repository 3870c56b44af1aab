-- Values at the edge of what is taken, and just behind it.

local core = require "mistral.workflows.core"
local misuse = require "spec.support.misuse"
local suggest = require "mistral.workflows.suggest"
local testing = require "mistral.workflows.testing"
local workflows = require "mistral.workflows"

describe("at the edge,", function()
  local client

  local function new(answers, options)
    client = testing.client(answers or {}, options)
    return client
  end

  after_each(function()
    if client then client:close() end
    client = nil
  end)

  it("sleeps are of a number of seconds that passes", function()
    new()
    for _, seconds in ipairs { math.huge, -1, 0 / 0, "1" } do
      assert.is_false((pcall(client.sleep, client, seconds)))
    end
    client:sleep(0)
    local began = workflows.now()
    core.sleep(0.1)
    assert.truthy(workflows.now() - began >= 0.1)
    began = workflows.now()
    core.skip(-100)
    assert.truthy(workflows.now() >= began)
  end)

  it("random bytes are 1 to 32", function()
    assert.equal(64, #core.random(32))
    assert.equal(2, #core.random(1))
    for _, count in ipairs { 0, 33, -1 } do assert.is_false((pcall(core.random, count))) end
  end)

  it("texts are UTF-8, in paths and in queries", function()
    new { get_workflow = { workflow = {} }, list_runs = { executions = {} } }
    for _, text in ipairs { "\255", "\128", "a\192\128", "\237\160\128", "\226\130" } do
      assert.truthy(misuse.invalid(function() return client.workflows:get(text) end):find "not valid UTF%-8")
      assert.truthy(misuse.invalid(function() return client.runs:list { search = text } end):find "not valid UTF%-8")
    end
    assert(client.workflows:get "caf\195\169")
    assert.equal("/v1/workflows/caf%C3%A9", client.requests[1].path)
  end)

  it("whole numbers have 53 bits where they are none of Lua's integers", function()
    new { get_workflows = { workflows = {} } }
    assert(client.workflows:list { limit = 2 ^ 53 - 1 })
    for _, number in ipairs { 2 ^ 54, -2 ^ 54, 1.5 } do
      assert.truthy(misuse.message(function() client.workflows:list { limit = number } end):find "must be an integer")
    end
  end)

  it("a body has no more than 64 MiB", function()
    new()
    local most = ("x"):rep(64 * 1024 * 1024 - #'{"execution_id":""}')
    assert.truthy(core.execute_workflow(client.handle, "hello", { execution_id = most }))
    local more = { execution_id = most .. "x" }
    local message = misuse.invalid(function() return client.workflows:execute("hello", more) end)
    assert.truthy(message:find("the body is too large", 1, true), message)
  end)

  it("UUIDs have 32 digits and hyphens", function()
    new { bulk_archive_workflows = { archived = {}, errored = {} } }
    local digits = ("0123456789abcdefABCDEF0123456789")
    assert(client.workflows:archive_many { digits, digits:sub(1, 8) .. "-" .. digits:sub(9) })
    for _, text in ipairs { digits .. "!", digits:sub(2), digits .. "0", "g" .. digits:sub(2), digits .. "\n" } do
      assert.truthy(misuse.invalid(function() return client.workflows:archive_many { text } end):find "no UUID")
    end
  end)

  it("integers may come as their digits, without zeros in front", function()
    new { reset_workflow = function() return 204 end }
    for _, text in ipairs { "007", "-", "", "1.5", "+1", "123456789012345678901" } do
      local message = misuse.message(function() client.executions:reset("e", { event_id = text }) end)
      assert.truthy(message:find "integer", message)
    end
    client.executions:reset("e", { event_id = "12" })
    assert.equal("/v1/workflows/executions/e/reset", client.requests[1].path)
    assert.equal(12, client.requests[1].json.event_id)
  end)

  it("options are meant at the top of a body only", function()
    new()
    local body = { workflow_identifier = "w", schedule = { input = {}, deadline = 1 } }
    assert.is_nil(misuse.message(function() client.schedules:create(body) end):find "is an option")
    body = { workflow_identifier = "w", schedule = { input = {} }, deadline = 1 }
    assert.truthy(misuse.message(function() client.schedules:create(body) end):find "is an option")
  end)

  it("answers may begin with white space", function()
    new { get_workflow = function() return 200, " \r\n\t{\"workflow\":{\"name\":\"a\"}}" end }
    assert.equal("a", assert(client.workflows:get "a").workflow.name)
  end)

  it("header fields that are empty are none", function()
    new { get_worker_info = function() return 400, {}, { ["X-Request-Id"] = "", Location = "" } end }
    local _, err = client:whoami()
    assert.is_nil(err.request_id)
    assert.is_nil(err.location)
  end)

  it("a function that gives no key is told of", function()
    new({}, { api_key = function() error("no key today", 0) end })
    local _, err = client:whoami()
    assert.equal("connect", err.kind)
    assert.truthy(err.message:find "api_key function failed: no key today")
    assert.equal(0, #client.requests)
    for _, shown in ipairs { function() error "no text" end, function() return {} end } do
      new({}, { api_key = function() error(setmetatable({}, { __tostring = shown })) end })
      assert.truthy(select(2, client:whoami()).message:find "api_key function failed: a table that cannot be shown")
    end
  end)

  it("failures that tell no text tell nothing", function()
    for _, message in ipairs { 7, false, { "a" } } do
      new {
        get_workflow_execution = { execution_id = "e", status = "FAILED" },
        get_workflow_events = { events = { {
          event_type = "WORKFLOW_EXECUTION_FAILED", workflow_exec_id = "e",
          attributes = { failure = { message = message } },
        } } },
      }
      assert.equal("the execution FAILED", select(2, client.executions:wait "e").message)
      client:close()
    end
  end)

  it("nanoseconds count", function()
    local parse = workflows.time.parse
    assert.truthy(parse "1700000000000000999" > parse "1700000000000000000")
  end)

  it("short names are not taken for others that are as short", function()
    assert.equal("unknown option 'ab'; known are cd, ef", suggest("option", "ab", { cd = true, ef = true }))
    assert.equal("unknown option 'ab'; did you mean 'ac'?", suggest("option", "ab", { ac = true, ef = true }))
    for _, other in ipairs { "ac", "az", "bb" } do -- of those that are as near, the first by name
      assert.equal("unknown option 'ab'; did you mean 'aa'?", suggest("option", "ab", { [other] = true, aa = true }))
    end
  end)

  it("names are near to those that begin with them, from four letters on, or differ in three at most", function()
    local known = { timeout = true, retries = true }
    for name, meant in pairs {
      time = "timeout", timeouts = "timeout", timeoutseconds = "timeout", tim = false, ti = false,
      timxxut = "timeout", txmxxut = "timeout", txxxxut = false, retr = "retries", ret = false,
    } do
      local expected = meant and ("unknown option '%s'; did you mean '%s'?"):format(name, meant)
        or ("unknown option '%s'; known are retries, timeout"):format(name)
      assert.equal(expected, suggest("option", name, known))
    end
    assert.equal("unknown option 'time'; did you mean 'timeout'?",
      suggest("option", "time", { timeout = true, taxe = true })) -- a beginning is as near as one letter
    assert.equal("unknown option 'x'; did you mean 'timeout'?", suggest("option", "x", known, { x = "timeout" }))
    assert.equal("unknown option 'x'; known are retries, timeout", suggest("option", "x", known, { x = "other" }))
    assert.equal("unknown option '5'; known are retries, timeout", suggest("option", 5, known))
  end)

  it("errors of tests have the attempts that they are given", function()
    assert.equal(3, testing.error({ kind = "http", status = 500, attempts = 3 }).attempts)
    assert.equal(1, testing.error({ kind = "http", status = 500 }).attempts)
  end)

  it("fields lead through maps, and as deep as anything may be", function()
    local check = core.check_field
    assert.is_nil(check("batch_cancel_workflow_executions", { "results", "an-id", "status" }))
    assert.is_string(check("batch_cancel_workflow_executions", { "results", "an-id", "statsu" }))
    assert.is_nil(check("get_workflow_execution", { "result", "deep", "down" }))
  end)
end)
