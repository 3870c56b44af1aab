-- The methods of a client: how they must be called, where the options stand, what is there, what the module has.

local clocked = require "spec.support.clocked"
local misuse = require "spec.support.misuse"
local rows = require "mistral.workflows.rows"
local workflows = require "mistral.workflows"

describe("a client", function()
  local client

  before_each(function()
    client = clocked.client {
      get_workflow = { workflow = { name = "w" } }, get_workflows = { workflows = {} },
      get_worker_info = { name = "me" }, archive_workflow = function() return 204 end,
      bulk_archive_workflows = { archived = {}, errored = {} },
      terminate_workflow_execution = function() return 204 end,
    }
  end)

  after_each(clocked.close)

  it("has a method for each operation, walks for each list, and nothing else under another name", function()
    local more = {
      [""] = { "close", "pollable", "drive", "sleep", "map", "gather" },
      workflows = { "run" }, registrations = { "run" },
      executions = { "wait", "as_completed", "pending_inputs", "submit_input", "waiting" },
    }
    local expected = {}
    local function add(resource, verb)
      expected[resource] = expected[resource] or {}
      expected[resource][verb] = true
    end
    for _, row in ipairs(rows.all) do
      add(row.resource, row.verb)
      if row.verb == "list" and row.paging then
        add(row.resource, "each")
        add(row.resource, "pages")
      elseif row.paging then
        add(row.resource, "each_" .. row.verb:gsub("s$", ""))
        add(row.resource, row.verb:gsub("s$", "") .. "_pages")
      end
    end
    for resource, verbs in pairs(more) do
      for _, verb in ipairs(verbs) do add(resource, verb) end
    end
    local found = {}
    for resource, methods in pairs(require "mistral.workflows.resources".methods) do
      found[resource] = {}
      for verb, method in pairs(methods) do
        assert.is_function(method)
        found[resource][verb] = true
      end
      if resource ~= "" then
        assert.equal("mistral.workflows." .. resource, getmetatable(client[resource]).__name)
        assert.equal(client, client[resource].client)
      end
    end
    assert.same(expected, found)
  end)

  it("takes the options behind the table, or in its place where an operation has none", function()
    local team = { headers = { ["X-Team"] = "desk" } }
    client.workflows:get("w", team)
    client.workflows:get("w", nil, team)
    client.workflows:list(nil, team)
    client.workflows:list({}, team)
    client.workflows:archive("w", team)
    client:whoami(team)
    client.executions:terminate("e", team)
    client.workflows:archive_many({ ("0"):rep(32) }, team)
    assert.equal(8, #client.requests)
    for _, request in ipairs(client.requests) do assert.equal("desk", request.headers["X-Team"], request.operation) end
  end)

  it("takes no more arguments than there are, and no fewer", function()
    for expected, fn in pairs {
      ["workflows:get: too many arguments; the options come last"] = function()
        client.workflows:get("w", nil, {}, 1)
      end,
      ["workflows:get: too many arguments; the options come last "] = function()
        client.workflows:get("w", nil, {}, false)
      end,
      ["workflows:list: too many arguments; the options come last"] = function() client.workflows:list({}, {}, {}) end,
      ["client:whoami: too many arguments; the options come last"] = function() client:whoami({}, {}, {}) end,
      ["client:sleep: too many arguments; the options come last"] = function() client:sleep(0, nil, 1) end,
      ["client:map: too many arguments; the options come last"] = function() client:map({}, print, {}, 1) end,
      ["executions:wait: too many arguments; the options come last"] = function()
        client.executions:wait("e", {}, {})
      end,
      ["executions:waiting: too many arguments; the options come last"] = function()
        client.executions:waiting({}, {}, {})
      end,
      ["executions:pending_inputs: too many arguments; the options come last"] = function()
        client.executions:pending_inputs("e", {}, {})
      end,
      ["workflows:run: too many arguments; the options come last"] = function()
        client.workflows:run("w", {}, {}, {})
      end,
      ["client:gather: too many arguments; the options come last"] = function() client:gather({}, nil, 5) end,
      ["executions:waiting: unknown option 'timeuot'; did you mean 'timeout'?"] = function()
        client.executions:waiting({}, { timeuot = 5 })
      end,
      ["workflows:get: workflow_identifier must be a string, not nil"] = function() client.workflows:get() end,
      ["client:sleep: the seconds must be a number that is not negative"] = function() client:sleep() end,
      ["client:sleep: the seconds must be a number that is not negative "] = function() client:sleep(-0.001) end,
      ["client:sleep: the seconds must be a number that is not negative  "] = function() client:sleep(math.huge) end,
      ["client:sleep: the seconds must be a number that is not negative   "] = function() client:sleep(0 / 0) end,
      ["client:sleep: the seconds must be a number that is not negative    "] = function() client:sleep "1" end,
      ["workflows:list: the options must be a table, not a string"] = function() client.workflows:list({}, "x") end,
    } do
      assert.equal(expected:gsub(" +$", ""), misuse.message(fn))
    end
    assert.equal(0, #client.requests)
  end)

  it("must be called with a colon", function()
    for expected, fn in pairs {
      ["workflows:get: call it with a colon: client.workflows:get(...)"] = function() client.workflows.get "w" end,
      ["workflows:get: call it with a colon: client.workflows:get(...) "] = function() client.workflows.get() end,
      ["workflows:get: call it with a colon: client.workflows:get(...)  "] = function()
        client.workflows.get({}, "w")
      end,
      ["client:close: call it with a colon: client:close(...)"] = function() client.close() end,
      ["client:whoami: call it with a colon: client:whoami(...)"] = function() client.whoami {} end,
      ["workflows.new: call it with a dot: workflows.new { ... }"] = function() workflows:new() end,
    } do
      assert.equal(expected:gsub(" +$", ""), misuse.message(fn))
    end
  end)

  it("that is closed lets itself be closed, driven and asked for what to wait for, and nothing else", function()
    local walk = client.workflows:each()
    client:close()
    client:close()
    assert.is_nil(client:drive())
    assert.is_table(client:pollable())
    assert.equal("mistral.workflows.client(https://workflows.test, closed)", tostring(client))
    for name, fn in pairs {
      ["workflows:get"] = function() client.workflows:get "w" end,
      ["workflows:each"] = function() client.workflows:each() end,
      ["workflows:archive_many"] = function() client.workflows:archive_many {} end,
      ["executions:wait"] = function() client.executions:wait "e" end,
      ["executions:stream"] = function() client.executions:stream "e" end,
      ["executions:as_completed"] = function() client.executions:as_completed { "e" } end,
      ["executions:waiting"] = function() client.executions:waiting() end,
      ["executions:pending_inputs"] = function() client.executions:pending_inputs "e" end,
      ["executions:submit_input"] = function() client.executions:submit_input("e", "t", {}) end,
      ["workflows:run"] = function() client.workflows:run "w" end,
      ["client:whoami"] = function() client:whoami() end, ["client:sleep"] = function() client:sleep(1) end,
      ["client:map"] = function() client:map({}, print) end, ["client:gather"] = function() client:gather {} end,
    } do
      assert.equal(name .. ": the client is closed", misuse.message(fn))
    end
    local ok, err = pcall(walk)
    assert.is_false(ok)
    assert.equal("cancelled", err.kind)
  end)

  it("is closed where it goes out of scope or is collected", function()
    local metatable = getmetatable(client)
    assert.equal("mistral.workflows.client", metatable.__name)
    metatable.__close(client)
    assert.is_true(client.handle:closed())
    local other = workflows.new { api_key = "key-of-a-test" }
    getmetatable(other).__gc(other)
    assert.is_true(other.handle:closed())
  end)

  it("keeps nothing secret where it can be read", function()
    local other = workflows.new { api_key = "key-of-a-test", proxy = "http://user:password@127.0.0.1:1" }
    assert.is_nil(other.options.api_key)
    assert.is_nil(other.options.proxy)
    assert.is_nil(other.options.api_key_file)
    other:close()
    other = workflows.new {
      api_key = "key-of-a-test", proxy = "http://user:password@127.0.0.1:1", retry = false,
      transport = function() return nil, "key-of-a-test by user:password is refused" end,
    }
    local _, err = other:whoami()
    assert.equal("*** by *** is refused", err.cause.message)
    other:close()
  end)

  it("is not kept by the calls that were made with it", function()
    local gone = setmetatable({}, { __mode = "k" })
    for _ = 1, 10 do
      local other = workflows.new {
        api_key = function() return "key-of-a-test" end,
        transport = function() return { status = 200, body = "{}" } end,
      }
      gone[other] = true
      assert(other:whoami())
    end
    for _ = 1, 4 do collectgarbage() end
    local left = 0
    for _ in pairs(gone) do left = left + 1 end
    assert.truthy(left <= 2, left) -- a slot of the stack, and code that LuaJIT has compiled, may keep one each
  end)

  it("takes ids as a plain list of texts", function()
    for expected, ids in pairs {
      ["the ids must be a list of strings, not nil"] = false, ["the ids must be a list of strings, not a string"] = "e",
      ["the ids must be a list of strings, not a number"] = 5,
      ["the ids must be a plain list of strings"] = { a = "e" },
      ["id 1 must be a string, not a number"] = { 5 }, ["id 2 must be a string, not a boolean"] = { "e", false },
      ["id 1 must be a string, not a table"] = { {} },
      ["id 1 must be a string, not a table: pass its id"] = { { id = "x" } },
      ["id 1 must be a string, not a table: pass its execution_id"] = { { id = "x", execution_id = "e" } },
      ["id 1 must be a string, not a table "] = { { id = 5 } },
      ["the list of ids has holes"] = { "e", nil, "f" }, ["the list of ids has holes "] = { [2] = "e" },
      ["the list of ids has holes  "] = { [0] = "e" }, ["the list of ids has holes   "] = { [1.5] = "e" },
    } do
      assert.equal("workflows:archive_many: " .. expected:gsub(" +$", ""),
        misuse.message(function() client.workflows:archive_many(ids or nil) end))
    end
    local ids = { ("0"):rep(32), ("1"):rep(32) }
    local copy = assert(require "mistral.workflows.ids".copy(ids))
    assert.same(ids, copy)
    assert.are_not.equal(ids, copy)
  end)
end)

describe("the module", function()
  it("has what it says, and nothing else", function()
    local kinds = {}
    for name, value in pairs(workflows) do kinds[name] = type(value) end
    assert.same({
      _VERSION = "string", new = "function", null = "userdata", array = "function", json = "table", time = "table",
      value = "function", is_error = "function", fold = "function", now = "function",
    }, kinds)
    assert.truthy(workflows._VERSION:find "^%d+%.%d+%.%d+$")
    assert.is_function(workflows.json.encode)
    assert.is_function(workflows.json.decode)
    assert.is_function(workflows.time.parse)
    assert.is_function(workflows.time.format)
  end)

  it("gives a default for nil and null, and for nothing else", function()
    for _, nothing in ipairs { workflows.null, false } do
      if nothing == false then nothing = nil end
      assert.equal("default", workflows.value(nothing, "default"))
      assert.is_nil(workflows.value(nothing))
    end
    for _, value in ipairs { false, 0, "", 5, workflows.new } do
      assert.equal(value, workflows.value(value, "default"))
    end
  end)

  it("marks lists", function()
    local list = { 1 }
    assert.equal(list, workflows.array(list))
    assert.equal("[]", workflows.json.encode(workflows.array()))
    assert.equal("{}", workflows.json.encode {})
  end)

  it("folds, and tells the monotonic time", function()
    assert.equal(5, workflows.fold(nil, { type = "json", value = 5 }))
    local before = workflows.now()
    assert.truthy(workflows.now() >= before)
  end)
end)
