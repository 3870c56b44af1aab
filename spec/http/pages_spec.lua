-- Walking paged lists.

local fault = require "spec.support.fault"
local misuse = require "spec.support.misuse"
local sandbox = require "spec.support.sandbox"
local workflows = require "mistral.workflows"

local null = workflows.null
local PATH = "/v1/workflows/registrations"

-- The ids of what a walk yields; an error after them is the second result.
local function ids_of(iterator, ...)
  local ids = {}
  local ok, err = pcall(function(state, control)
    for item in iterator, state, control do ids[#ids + 1] = item.id end
  end, ...)
  if not ok then return ids, err end
  return ids
end

-- A page as JSON text; `next_cursor` is JSON text too, nil for none.
local function page_of(ids, next_cursor)
  local items = {}
  for index, id in ipairs(ids) do items[index] = ('{"id":"%s"}'):format(id) end
  local list = table.concat(items, ",")
  return ('{"workflow_registrations":[%s]%s}'):format(list, next_cursor and ',"next_cursor":' .. next_cursor or "")
end

describe("a walk", function()
  local server, client

  setup(function()
    server = sandbox.start { SANDBOX_REGISTRATIONS = 1234 }
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

  -- Lays down pages in order. Each is the text of one.
  local function lay(...)
    local fixtures = workflows.array {}
    for index, text in ipairs { ... } do fixtures[index] = { method = "GET", path = PATH, body = text } end
    server:fixture(fixtures)
  end

  local function uris()
    local list = {}
    for index, request in ipairs(server:requests()) do list[index] = request.uri end
    return list
  end

  it("gives every item once, in order", function()
    local ids = ids_of(client.registrations:each { limit = 100 })
    assert.equal(1234, #ids)
    assert.same(server:control("GET", "registrations"), ids)
    assert.equal(13, server:stats().requests)
  end)

  it("gives whole pages", function()
    local sizes = {}
    for page in client.registrations:pages { limit = 500 } do sizes[#sizes + 1] = #page.workflow_registrations end
    assert.same({ 500, 500, 234 }, sizes)
  end)

  it("ends after one page that says so", function()
    assert.equal(1234 - 1000, #ids_of(client.registrations:each {
      limit = 1000, cursor = assert(client.registrations:list { limit = 1000 }).next_cursor }))
    local workflow = assert(client.workflows:get("hello")).workflow
    local ids = ids_of(client.registrations:each { workflow_id = workflow.id, active_only = true })
    assert.equal(1, #ids)
    assert.equal(PATH .. "?workflow_id=" .. workflow.id .. "&active_only=true", server:last_request().uri)
  end)

  it("sends the caller's filters with every page", function()
    local count = #ids_of(client.registrations:each { active_only = true, with_workflow = true, limit = 10 })
    assert.truthy(count > 20)
    for index, uri in ipairs(uris()) do
      assert.truthy(uri:find("?active_only=true&with_workflow=true&limit=10", 1, true), uri)
      assert.equal(index > 1, uri:find("&cursor=", 1, true) ~= nil)
    end
  end)

  it("leaves the caller's parameters as they were", function()
    local params = { limit = 600, active_only = false }
    local each, state, control = client.registrations:each(params)
    params.limit = 1
    assert.equal(1234, #ids_of(each, state, control))
    assert.same({ limit = 1, active_only = false }, params)
  end)

  it("ends on a null, a missing and an empty next cursor", function()
    for _, ending in ipairs { "null", '""', false } do
      lay(page_of({ "a", "b" }, '"2"'), page_of({ "c" }, ending or nil))
      assert.same({ "a", "b", "c" }, (ids_of(client.registrations:each())))
    end
    assert.equal(6, server:stats().requests)
  end)

  it("goes on after an empty page", function()
    lay(page_of({ "a" }, '"1"'), page_of({}, '"2"'), page_of({ "b" }, "null"))
    assert.same({ "a", "b" }, (ids_of(client.registrations:each())))
    assert.same({ PATH, PATH .. "?cursor=1", PATH .. "?cursor=2" }, uris())
  end)

  it("ends on an empty page that says so", function()
    lay(page_of({}, "null"))
    assert.same({}, (ids_of(client.registrations:each())))
    lay(page_of({}, "null"))
    local pages = 0
    for page in client.registrations:pages() do
      pages = pages + 1
      assert.same({}, page.workflow_registrations)
    end
    assert.equal(1, pages)
  end)

  it("encodes the cursor", function()
    lay(page_of({ "a" }, [["a b&c=d/\u00e9"]]), page_of({}, "null"))
    assert.same({ "a" }, (ids_of(client.registrations:each())))
    assert.equal(PATH .. "?cursor=a%20b%26c%3Dd%2F%C3%A9", server:last_request().uri)
  end)

  it("gives the items of a page whose cursor was seen before, then raises", function()
    lay(page_of({ "a" }, '"1"'), page_of({ "b" }, '"2"'), page_of({ "c" }, '"1"'))
    local ids, err = ids_of(client.registrations:each())
    assert.same({ "a", "b", "c" }, ids)
    assert.is_true(workflows.is_error(err))
    assert.equal("decode", err.kind)
    assert.equal("get_workflow_registrations", err.operation)
    assert.truthy(err.message:find "repeated the cursor '1'")
    assert.equal(3, server:stats().requests)
  end)

  it("knows the caller's own cursor as seen", function()
    lay(page_of({ "a" }, '"start"'))
    local ids, err = ids_of(client.registrations:each { cursor = "start" })
    assert.same({ "a" }, ids)
    assert.truthy(err.message:find "repeated the cursor 'start'")
  end)

  it("gives the items of a page whose cursor is no text, then raises", function()
    for text, kind in pairs { ["5"] = "number", ["{}"] = "table", ["false"] = "boolean" } do
      lay(page_of({ "a" }, text))
      local ids, err = ids_of(client.registrations:each())
      assert.same({ "a" }, ids)
      assert.equal("decode", err.kind)
      assert.truthy(err.message:find("sent a " .. kind .. " as the next cursor", 1, true), err.message)
    end
  end)

  it("raises for a page that is no object", function()
    lay "17"
    local ids, err = ids_of(client.registrations:each())
    assert.same({}, ids)
    assert.equal("decode", err.kind)
    assert.truthy(err.message:find("is not an object: 17", 1, true), err.message)
    assert.equal("17", err.body)
  end)

  it("raises for items that are no array", function()
    for _, text in ipairs { '"abc"', "5", "true" } do
      lay('{"workflow_registrations":' .. text .. "}")
      local ids, err = ids_of(client.registrations:each())
      assert.same({}, ids)
      assert.is_true(workflows.is_error(err), tostring(err))
      assert.equal("decode", err.kind)
    end
  end)

  it("raises at a page that fails, and goes on from its cursor with exactly the items that are missing", function()
    local all = ids_of(client.registrations:each { limit = 10, active_only = true })
    local first = assert(client.registrations:list { limit = 10, active_only = true })
    server:fixture { method = "GET", path = PATH, body = workflows.json.encode(first) }
    server:fixture { method = "GET", path = PATH, status = 500, body = '{"detail":"down","code":"WF_1000"}' }
    local ids, err = ids_of(client.registrations:each({ limit = 10, active_only = true }, { retry = false }))
    assert.equal(10, #ids)
    assert.equal("WF_1000", err.code)
    assert.equal(first.next_cursor, err.cursor)
    local rest, problem = ids_of(client.registrations:each { limit = 10, active_only = true, cursor = err.cursor })
    assert.is_nil(problem)
    assert.truthy(#rest > 10)
    for _, id in ipairs(rest) do ids[#ids + 1] = id end
    assert.same(all, ids)
  end)

  it("has no cursor in the error when the first page fails", function()
    server:fixture { method = "GET", path = PATH, status = 403, body = "{}" }
    local ids, err = ids_of(client.registrations:each())
    assert.same({}, ids)
    assert.equal(403, err.status)
    assert.is_nil(err.cursor)
  end)

  it("has the caller's cursor in the error when its first page fails", function()
    server:fixture { method = "GET", path = PATH, status = 403, body = "{}" }
    local _, err = ids_of(client.registrations:each { cursor = "mine" })
    assert.equal("mine", err.cursor)
  end)

  it("ends for good after an error", function()
    server:fixture { method = "GET", path = PATH, status = 403, body = "{}" }
    local each = client.registrations:each()
    assert.is_false(pcall(each))
    assert.is_nil(each())
    assert.is_nil(each())
  end)

  it("ends when it is closed, as often as that is", function()
    local each = client.registrations:each { limit = 10 }
    assert.is_string(each().id)
    each:close()
    each:close()
    assert.is_nil(each())
    assert.equal(0, client.handle:running())
  end)

  it("repeats a page that fails for a moment", function()
    server:fixture { method = "GET", path = PATH, status = 503, body = "{}" }
    local options = { retry = { attempts = 2, base = 0 } }
    assert.equal(1234, #ids_of(client.registrations:each({ limit = 1000 }, options)))
    assert.equal(3, server:stats().requests)
  end)

  it("checks its arguments at the caller's line", function()
    assert.truthy(misuse.message(function() client.registrations:each { limits = 5 } end)
      :find "^registrations:each: unknown name 'limits'; did you mean 'limit'")
    assert.truthy(misuse.message(function() client.registrations:pages({}, { prefetch = 1 }) end)
      :find "^registrations:pages: option 'prefetch' must be true or false")
    assert.truthy(misuse.message(function() client.registrations.each { limit = 5 } end)
      :find("call it with a colon: client.registrations:each(...)", 1, true))
    for _, iterator in ipairs { client.executions:each_log "", client.executions:log_pages "" } do
      local ids, err = ids_of(iterator)
      assert.same({}, ids)
      assert.same({ "invalid", "execution_id is empty" }, { err.kind, err.message })
      assert.is_nil(iterator())
    end
  end)

  it("walks the other lists too", function()
    local names = {}
    for workflow in client.workflows:each { limit = 7 } do names[#names + 1] = workflow.name end
    local expected = {}
    for index, workflow in ipairs(server:control("GET", "workflows")) do expected[index] = workflow.name end
    assert.same(expected, names)
  end)
end)

describe("a walk over nothing", function()
  it("yields nothing", function()
    local server = sandbox.start { SANDBOX_REGISTRATIONS = 0 }
    finally(function() server:stop() end)
    local client = server:client()
    assert.same({}, (ids_of(client.registrations:each())))
    local page = assert(client.registrations:list())
    assert.same({ next_cursor = null, workflow_registrations = {}, workflow_versions = {} }, page)
    client:close()
  end)
end)

describe("the next page", function()
  local server, client

  before_each(function()
    server = fault.start()
    client = workflows.new { api_key = "fault-key", server_url = server.url, timeout = 20, retry = false }
  end)

  after_each(function()
    client:close()
    server:stop()
  end)

  local function page_step(...)
    return { respond = { body = page_of(...) } }
  end

  -- The second page waits for the gate; its request is there all the same.
  local function gated_step(...)
    local body = page_of(...)
    return { actions = { { "gate", "second" },
      { "send", ("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s"):format(#body, body) }, { "keep" } } }
  end

  it("is requested while the loop body runs", function()
    server:script { page_step({ "a", "b" }, '"2"'), gated_step({ "c" }, "null") }
    local ids = {}
    for item in client.registrations:each() do
      if item.id == "a" then
        assert(server:wait("request", 2))
        server:open "second"
      end
      ids[#ids + 1] = item.id
    end
    assert.same({ "a", "b", "c" }, ids)
  end)

  it("is sent once when it has arrived before it is needed", function()
    server:script { page_step({ "a" }, '"2"'), page_step({ "b" }, "null") }
    local ids = {}
    for item in client.registrations:each() do
      ids[#ids + 1] = item.id
      if item.id == "a" then
        assert(server:wait("request", 2))
        while client.handle:running() > 0 do client.handle:wait() end
      end
    end
    assert.same({ "a", "b" }, ids)
    assert.equal(2, #server:log())
  end)

  it("is requested only when it is needed with prefetch = false", function()
    server:script { page_step({ "a", "b" }, '"2"'), page_step({ "c" }, "null") }
    local counts = {}
    for item in client.registrations:each(nil, { prefetch = false }) do counts[item.id] = #server:log() end
    assert.same({ a = 1, b = 1, c = 2 }, counts)
  end)

  it("is cancelled when the loop is left", function()
    server:script { page_step({ "a" }, '"2"'), { actions = { { "hang" } } } }
    do
      local each, state, control, closing = client.registrations:each()
      assert.equal("a", each(state, control).id)
      assert(server:wait("request", 2))
      assert.equal(1, client.handle:running())
      if _VERSION == "Lua 5.4" then getmetatable(closing).__close(closing) end
    end
    collectgarbage()
    collectgarbage()
    assert.equal(0, client.handle:running())
  end)

  it("is cancelled by break on Lua 5.4", function()
    if _VERSION ~= "Lua 5.4" then return end
    server:script { page_step({ "a", "b" }, '"2"'), { actions = { { "hang" } } } }
    local taken = 0
    for _ in client.registrations:each() do
      taken = taken + 1
      assert.equal(1, client.handle:running())
      if taken == 1 then break end
    end
    assert.equal(0, client.handle:running())
  end)

  it("may fail without hurting the items that came before", function()
    server:script { page_step({ "a", "b" }, '"2"'),
      { actions = { { "send", "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{" }, { "close" } } } }
    local ids, err = ids_of(client.registrations:each())
    assert.same({ "a", "b" }, ids)
    assert.equal("network", err.kind)
    assert.equal("2", err.cursor)
  end)

  it("is not asked for by a client that was closed", function()
    server:script { page_step({ "a" }, '"2"'), { actions = { { "hang" } } } }
    local ids = {}
    local ok, err = pcall(function()
      for item in client.registrations:each() do
        ids[#ids + 1] = item.id
        client:close()
      end
    end)
    assert.is_false(ok)
    assert.same({ "a" }, ids)
    assert.equal("cancelled", err.kind)
  end)
end)
