-- What a request is made of: what is refused as misuse, what cannot be sent, and what is sent.

local clients = require "spec.support.clients"
local core = require "mistral.workflows.core"
local fault = require "spec.support.fault"
local workflows = require "mistral.workflows"

describe("a request", function()
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

  -- What is wrong with a request, and of which kind that is: nil for misuse.
  local function refusal(operation, ...)
    local results = { n = select("#", core[operation](client.handle, ...)), core[operation](client.handle, ...) }
    assert.is_nil(results[1])
    assert.is_string(results[2])
    assert.equal(results[3] and 3 or 2, results.n)
    return results[2], results[3]
  end

  it("with a value that cannot be sent is invalid", function()
    local deep = {}
    for _ = 1, 2000 do deep = { deep } end
    local cycle = {}
    cycle.self = cycle
    local cases = {
      { "workflow_identifier is empty", "get_workflow", "" },
      { "workflow_identifier must not be '..'", "update_workflow", "..", {} },
      { "execution_id must not be '.'", "get_workflow_execution", "." },
      { "workflow_identifier 'runs' is a route of the service", "execute_workflow", "runs", {} },
      { "workflow_identifier is not valid UTF-8", "get_workflow", "caf\233" },
      { "workflow_identifier is not valid UTF-8", "get_workflow", "\237\160\128" },
      { "the path is too large", "get_workflow", ("x"):rep(2 ^ 20) },
      { "'search' is not valid UTF-8", "get_workflows", { search = "\255" } },
      { "'tags' is not valid UTF-8", "get_workflows", { tags = { "good", "\192\128" } } },
      { "the query is too large", "get_workflows", { search = ("x"):rep(2 ^ 20) } },
      { "metadata_filters.a: NaN is not JSON", "get_stream_events", { metadata_filters = { a = 0 / 0 } } },
      { "input.a[2]: a function is not JSON", "execute_workflow", "w", { input = { a = { 1, print } } } },
      { "input: a table with both string keys and indices", "execute_workflow", "w", { input = { 1, a = 2 } } },
      { "input.self: a cycle", "execute_workflow", "w", { input = cycle } },
      { "nested deeper than 1000", "execute_workflow", "w", { input = deep } },
      { "timeout_seconds: infinity is not JSON", "execute_workflow", "w", { timeout_seconds = math.huge } },
      { "execution_id: invalid UTF-8", "execute_workflow", "w", { execution_id = "\128" } },
      { "larger than 67108864 bytes", "execute_workflow", "w", { input = { a = ("x"):rep(2 ^ 26) } } },
    }
    for _, case in ipairs(cases) do
      local message, kind = refusal((table.unpack or unpack)(case, 2)) -- luacheck: ignore 143 113
      assert.truthy(message:find(case[1], 1, true), message)
      assert.equal("invalid", kind, message)
    end
    assert.equal(0, server:stats().requests)
  end)

  it("with a wrong type or an unknown name is misuse", function()
    local cases = {
      { "workflow_identifier must be a string, not nil", "get_workflow" },
      { "workflow_identifier must be a string, not a number", "get_workflow", 5 },
      { "the parameters must be a table, not a string", "get_workflows", "x" },
      { "the body must be a table, not a number", "update_workflow", "w", 5 },
      { "unknown name 'limitt'; did you mean 'limit'?", "get_workflows", { limitt = 1 } },
      { "unknown name 'nothing_like_it'; known are ", "get_workflows", { nothing_like_it = 1 } },
      { "'limit' must be an integer, not a string", "get_workflows", { limit = "x" } },
      { "'tags' must be a list of strings; item 2 is a number", "get_workflows", { tags = { "a", 2 } } },
      { "names must be strings, not a number", "get_workflows", { "x" } },
      { "the name that begins with 'limit' holds a NUL byte", "get_workflows", { ["limit\0x"] = 1 } },
      { "the name that begins with 'input' holds a NUL byte", "execute_workflow", "w", { ["input\0"] = {} } },
      { "'input' must be a table, not a function", "execute_workflow", "w", { input = print } },
    }
    for _, case in ipairs(cases) do
      local message, kind = refusal((table.unpack or unpack)(case, 2)) -- luacheck: ignore 143 113
      assert.truthy(message:find(case[1], 1, true), message)
      assert.is_nil(kind, message)
    end
    assert.equal(0, server:stats().requests)
  end)

  it("of open parameters refuses a NUL in a name, too", function()
    local open = clients.new(server, { parameters = "open" })
    for _, operation in ipairs { "get_workflows", "get_workflow_registrations" } do
      local transfer, message, kind = core[operation](open.handle, { ["new\0"] = 1 })
      assert.is_nil(transfer)
      assert.truthy(message:find("holds a NUL byte", 1, true))
      assert.is_nil(kind)
    end
    open:close()
  end)

  it("sends a list without items as one, and leaves the caller's tables as they are", function()
    local tags, input = {}, {}
    local changes = { display_name = "name", tags = tags }
    assert(client.workflows:update("w", changes))
    assert(client.workflows:execute("w", { input = input, execution_id = false }))
    local log = server:log()
    assert.same({ display_name = "name", tags = workflows.array {} }, workflows.json.decode(log[1].body))
    assert.truthy(log[1].body:find('"tags":[]', 1, true))
    assert.truthy(log[2].body:find('"input":{}', 1, true))
    assert.is_nil(getmetatable(tags))
    assert.is_nil(getmetatable(changes))
    assert.equal(tags, changes.tags)
  end)

  it("asks for an answer that may be packed", function()
    assert(client:whoami())
    local found = {}
    for _, header in ipairs(server:log()[1].headers) do found[header[1]:lower()] = header[2] end
    assert.equal("gzip", found["accept-encoding"])
    assert.equal("application/json", found.accept)
    assert.equal("Bearer " .. clients.key, found.authorization)
  end)

  it("leaves nothing on the stack, whatever is wrong with it", function()
    local probe = coroutine.wrap(function() -- its stack is small and its own
      for _ = 1, 2000 do
        core.get_workflows(client.handle, { tags = { "a", 2 } })
        core.get_workflows(client.handle, { limit = {} })
        core.execute_workflow(client.handle, "w", { input = { { { print } } } })
      end
      return true
    end)
    assert.is_true(probe())
  end)
end)
