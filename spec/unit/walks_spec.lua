-- Walks over pages, one request at a time: what each asks for, what it takes, and how it ends.

local clocked = require "spec.support.clocked"
local workflows = require "mistral.workflows"

local null = workflows.null

describe("a walk", function()
  local client, asked

  -- @param pages list of answers, or a function(request, number)
  local function new(pages, options)
    asked = {}
    local function give(request)
      asked[#asked + 1] = request.params
      if type(pages) == "function" then return pages(request, #asked) end
      return pages[#asked]
    end
    client = clocked.client({
      get_workflows = give, list_runs = give, get_workflow_events = give, get_workflow_registrations = give,
      get_workflow_execution_logs = give, get_schedules = give,
    }, options)
    return client
  end

  after_each(clocked.close)

  local function page(names, cursor)
    local list = workflows.array {}
    for index, name in ipairs(names) do list[index] = { name = name } end
    return { workflows = list, next_cursor = cursor }
  end

  -- The names that come, and the error.
  local function names_of(walk)
    local names = {}
    local ok, err = pcall(function()
      for item in walk do names[#names + 1] = item.name end
    end)
    if ok then err = nil end
    return names, err
  end

  it("asks for each page with the caller's parameters and the cursor, one page ahead", function()
    new { page({ "a" }, "2"), page({ "b" }, "3"), page { "c" } }
    local params = { search = "x", limit = 1 }
    local walk = client.workflows:each(params)
    assert.equal("a", walk().name)
    client:sleep(1)
    assert.equal(2, #asked)
    params.search = "y"
    assert.same({ "b", "c" }, (names_of(walk)))
    assert.same({
      { search = "x", limit = "1" }, { search = "x", limit = "1", cursor = "2" },
      { search = "x", limit = "1", cursor = "3" },
    }, asked)
    assert.same({ search = "y", limit = 1 }, params)
  end)

  it("asks for no page ahead where that is not wanted", function()
    new { page({ "a" }, "2"), page { "b" } }
    local walk = client.workflows:each({}, { prefetch = false })
    assert.equal("a", walk().name)
    client:sleep(1)
    assert.equal(1, #asked)
    assert.same({ "b" }, (names_of(walk)))
    assert.same({ {}, { cursor = "2" } }, asked)
    client:close()
    new { page({ "a" }, "2"), page { "b" } }
    walk = client.workflows:each({}, { prefetch = true })
    assert.equal("a", walk().name)
    client:sleep(1)
    assert.equal(2, #asked)
  end)

  it("goes on over empty pages, and ends on null, nothing or an empty text as the cursor", function()
    for _, ending in ipairs { null, "", false } do
      new { page({}, "2"), page({ "a", "b" }, "3"), page({}, "4"), page({ "c" }, ending or nil) }
      assert.same({ "a", "b", "c" }, (names_of(client.workflows:each())))
      assert.equal(4, #asked)
      client:close()
      new { page({}, "2"), page({}, ending or nil) }
      local pages = 0
      for one in client.workflows:pages() do
        pages = pages + 1
        assert.same({}, one.workflows)
      end
      assert.equal(2, pages)
      client:close()
    end
  end)

  it("gives null where the service has null in a list", function()
    new { { workflows = workflows.array { null, { name = "a" } } } }
    local walk = client.workflows:each()
    assert.equal(null, walk())
    assert.equal("a", walk().name)
    assert.is_nil(walk())
    assert.is_nil(walk())
  end)

  it("gives the items before a cursor that cannot be, then an error with it", function()
    local cases = {
      { page({ "b" }, "2"), "the service repeated the cursor '2': the list would never end", "2" },
      { page({ "b" }, "mine"), "the service repeated the cursor 'mine': the list would never end", "mine" },
      { page({ "b" }, 5), "the service sent a number as the next cursor: 5", "5" },
      { page({ "b" }, { a = { 1 } }), 'the service sent a table as the next cursor: {"a":[1]}', '{"a":[1]}' },
      { page({ "b" }, true), "the service sent a boolean as the next cursor: true", "true" },
      { page({ "b" }, false), "the service sent a boolean as the next cursor: false", "false" },
    }
    for _, case in ipairs(cases) do
      new({ page({ "a" }, "2"), case[1] }, { api_key = "secret-of-a-test" })
      local names, err = names_of(client.workflows:each { cursor = "mine" })
      assert.same({ "a", "b" }, names)
      assert.same({
        kind = "decode", status = 200, message = case[2], cursor = case[3], attempts = 1, retryable = false,
        operation = "get_workflows", call = "workflows:each",
      }, setmetatable(err, nil))
      assert.equal(2, #asked)
      client:close()
    end
    local secret = "secret-of-a-test"
    new({ page({ "a" }, secret), page({ "b" }, secret) }, { api_key = secret })
    local _, err = names_of(client.workflows:each())
    assert.same({ "the service repeated the cursor '***': the list would never end", "***" },
      { err.message, err.cursor })
  end)

  it("shows no part of a secret in a cursor that cannot be, where it is cut", function()
    local secret, x = "secret-of-a-test", ("x"):rep(190)
    for _, cursor in ipairs { x .. secret, { x:sub(1, 90) .. secret } } do
      new({ page({ "a" }, cursor), page({ "b" }, cursor) }, { api_key = secret })
      local _, err = names_of(client.workflows:each())
      assert.equal("decode", err.kind)
      assert.is_nil(err.message:find("secret", 1, true))
      assert.is_nil(err.cursor:find("secret", 1, true))
      client:close()
    end
  end)

  it("that fails has the cursor of the page that failed, and is over", function()
    new(function(_, number)
      if number == 1 then return page({ "a" }, "2") end
      return 403, { detail = "no" }
    end, { api_key = "secret-of-a-test" })
    local walk = client.workflows:each()
    local names, err = names_of(walk)
    assert.same({ "a" }, names)
    assert.same({ "http", 403, "2", "workflows:each" }, { err.kind, err.status, err.cursor, err.call })
    assert.is_nil(walk())
    assert.equal(2, #asked)
    client:close()
    new(function() return 403, {} end, { api_key = "secret-of-a-test" })
    names, err = names_of(client.workflows:each())
    assert.same({}, names)
    assert.is_nil(err.cursor)
    names, err = names_of(client.workflows:each { cursor = "the secret-of-a-test" })
    assert.same({}, names)
    assert.equal("the ***", err.cursor)
    client:close()
    new(function(_, number)
      if number == 1 then return page({ "a" }, "2") end
      return 200, "{"
    end)
    names, err = names_of(client.workflows:pages())
    assert.same({ nil, "decode", "2" }, { names[1], err.kind, err.cursor })
  end)

  it("that is closed gives nothing more, and leaves nothing open", function()
    new(function(_, number)
      if number == 1 then return page({ "a", "b" }, "2") end
      return "timeout"
    end)
    local walk = client.workflows:each()
    assert.equal("a", walk().name)
    assert.equal(1, client.handle:running())
    walk:close()
    assert.equal(0, client.handle:running())
    assert.is_nil(walk())
    walk:close()
    assert.is_nil(walk())
    local pages = client.workflows:pages()
    pages:close()
    assert.is_nil(pages())
    assert.equal("mistral.workflows.walk", getmetatable(walk).__name)
    assert.is_function(getmetatable(walk).__close)
    getmetatable(walk).__close(walk)
  end)

  it("of Lua 5.4 is closed by its loop", function()
    new(function(_, number)
      if number == 1 then return page({ "a", "b" }, "2") end
      return "timeout"
    end)
    for _, method in ipairs { "each", "pages" } do
      local walk, state, control, closing = client.workflows[method](client.workflows)
      assert.is_nil(state)
      assert.is_nil(control)
      assert.equal(walk, closing)
      walk:close()
    end
  end)

  it("is of as many pages as there are, and keeps none", function()
    new(function(_, number)
      return page({ "item " .. number }, number < 300 and tostring(number + 1) or nil)
    end)
    local weak, count = setmetatable({}, { __mode = "v" }), 0
    for one in client.workflows:pages() do
      count = count + 1
      weak[count] = one
    end
    collectgarbage()
    collectgarbage()
    assert.equal(300, count)
    assert.is_nil(weak[1])
    assert.is_nil(weak[150])
  end)

  it("gives items and pages as text, or with what is named only, where that is wanted", function()
    local pages = { '{"workflows":[{"name":"a","id":1},{"name":"b"}],"next_cursor":"2"}', '{"workflows":[{"id":3}]}' }
    local function walk(method, options)
      new(function(_, number) return 200, pages[number] end)
      local list = {}
      for one in client.workflows[method](client.workflows, {}, options) do list[#list + 1] = one end
      client:close()
      return list
    end
    assert.same({ '{"name":"a","id":1}', '{"name":"b"}', '{"id":3}' }, walk("each", { raw = true }))
    assert.same(pages, walk("pages", { raw = true }))
    assert.same({ { name = "a" }, { name = "b" }, {} }, walk("each", { fields = { "name" } }))
    assert.same({ { workflows = { { name = "a" }, { name = "b" } }, next_cursor = "2" }, { workflows = { {} } } },
      walk("pages", { fields = { "name" } }))
  end)

  it("checks its parameters at once", function()
    new {}
    for _, method in ipairs { "each", "pages" } do
      for _, wrong in ipairs { 5, "x", true } do
        local ok, message = pcall(client.workflows[method], client.workflows, wrong)
        assert.is_false(ok)
        assert.equal(("workflows:%s: the parameters must be a table, not a %s"):format(method, type(wrong)),
          message:match "workflows:.*$")
      end
    end
    local walk = client.executions:each_log ""
    local ok, err = pcall(walk)
    assert.is_false(ok)
    assert.same({ "invalid", "execution_id is empty", 0 }, { err.kind, err.message, err.attempts })
    assert.equal(0, #asked)
  end)

  it("asks for 100 schedules at a time, unless another number is wanted", function()
    new(function() return { schedules = {} } end)
    assert(client.schedules:list())
    assert(client.schedules:list {})
    assert(client.schedules:list { page_size = 7 })
    for _ in client.schedules:each() do error "there are none" end
    for _ in client.schedules:pages { page_size = 8 } do asked.pages = true end
    assert.same({
      { page_size = "100" }, { page_size = "100" }, { page_size = "7" }, { page_size = "100" }, { page_size = "8" },
      pages = true,
    }, asked)
    local ok, message = pcall(client.schedules.list, client.schedules, 5)
    assert.is_false(ok)
    assert.truthy(message:find("schedules:list: ", 1, true), message)
  end)

  it("over logs sends filters with the first page only, for the cursor holds them", function()
    new { { results = { { body = "a" } }, next_cursor = "2" }, { results = { { body = "b" } } } }
    local bodies = {}
    for record in client.executions:each_log("e", { limit = 1, order = "asc" }) do bodies[#bodies + 1] = record.body end
    assert.same({ "a", "b" }, bodies)
    assert.same({ { limit = "1", order = "asc" }, { limit = "1", cursor = "2" } }, asked)
  end)

  it("over runs takes them under either name, and goes on with the token", function()
    new { { executions = { { execution_id = "a" } }, next_page_token = "2" }, { runs = { { execution_id = "b" } } } }
    local ids = {}
    for run in client.runs:each { status = "RUNNING" } do ids[#ids + 1] = run.execution_id end
    assert.same({ "a", "b" }, ids)
    assert.same({ { status = "RUNNING" }, { status = "RUNNING", next_page_token = "2" } }, asked)
  end)

  it("begins its first request at once", function()
    new { page { "a" } }
    local walk = client.workflows:each()
    client:sleep(1)
    assert.equal(1, #asked)
    walk:close()
  end)
end)
