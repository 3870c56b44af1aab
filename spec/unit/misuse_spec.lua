-- Where misuse is raised: at the nearest line outside the library that Lua still has, and never at one of the library.

local workflows = require "mistral.workflows"

local HERE = debug.getinfo(1, "S").short_src

describe("misuse", function()
  local client

  before_each(function() client = workflows.new { api_key = "key-of-a-spec", server_url = "http://127.0.0.1:9" } end)
  after_each(function() client:close() end)

  -- The line from which this is called.
  local function line()
    return debug.getinfo(2, "l").currentline
  end

  -- What fn raises, in two pieces: where, and what.
  local function raised(fn, ...)
    local ok, message = pcall(fn, ...)
    assert.is_false(ok)
    assert.is_string(message)
    assert.is_nil(message:find("lua/mistral/workflows", 1, true), message)
    local file, number, text = message:match "^(.-):(%d+): (.*)$"
    return file, tonumber(number), text or message
  end

  local function assert_here(number, file, found)
    assert.same({ HERE, number }, { file, found })
  end

  -- A way to misuse each kind of method, and what is said of it.
  local kinds = {
    ["workflows:get: workflow_identifier must be"] = function() return client.workflows:get(5) end,
    ["workflows:list: unknown name 'limt'"] = function() return client.workflows:list { limt = 5 } end,
    ["workflows:get: unknown option 'timeuot'"] = function() return client.workflows:get("w", { timeuot = 5 }) end,
    ["registrations:each: unknown name 'limt'"] = function() return client.registrations:each { limt = 5 } end,
    ["registrations:pages: the parameters must"] = function() return client.registrations:pages(5) end,
    ["executions:cancel_many: the ids must"] = function() return client.executions:cancel_many "id" end,
    ["executions:cancel_many: id 2 must"] = function() return client.executions:cancel_many { "id", 5 } end,
    ["workflows:get: too many arguments"] = function() return client.workflows:get("w", nil, {}, false) end,
    ["workflows:execute: the body must"] = function() return client.workflows:execute("w", 5) end,
    ["executions:stream: execution_id must"] = function() return client.executions:stream() end,
    ["events:stream: unknown name 'scopes'"] = function() return client.events:stream { scopes = "x" } end,
    ["workflows:run: unknown option 'timeuot'"] = function() return client.workflows:run("w", {}, { timeuot = 1 }) end,
    ["registrations:run: workflow_registration_id"] = function() return client.registrations:run() end,
    ["executions:wait: option 'deadline' must"] = function() return client.executions:wait("e", { deadline = 0 }) end,
    ["executions:pending_inputs: execution_id must"] = function() return client.executions:pending_inputs() end,
    ["executions:submit_input: task_id must"] = function() return client.executions:submit_input("e") end,
    ["client:whoami: unknown option 'a'"] = function() return client:whoami { a = 1 } end,
    ["client:map: the items must be a list"] = function() return client:map(nil, print) end,
    ["client:gather: the argument must be"] = function() return client:gather(5) end,
    ["client:sleep: the seconds must be"] = function() return client:sleep(-1) end,
    ["client:close: call it with a colon: client:close("] = function() return client.close() end,
    ["client:pollable: call it with a colon"] = function() return client.pollable() end,
    ["client:drive: call it with a colon"] = function() return client.drive() end,
    ["workflows:get: call it with a colon: client.workflows:get("] = function() return client.workflows.get "w" end,
    ["workflows.new: option 'timeout' must"] = function() return workflows.new { timeout = 0 } end,
  }

  it("of any kind is raised where the caller of a tail call stands", function()
    local number
    local function call(fn)
      number = line() + 1
      local value = fn() -- the line that Lua still has
      return value
    end
    for expected, fn in pairs(kinds) do
      local file, found, text = raised(call, fn)
      assert_here(number, file, found)
      assert.truthy(text:find(expected, 1, true), text)
    end
  end)

  it("is raised at the call itself where it is no tail call", function()
    local number
    local file, found = raised(function()
      number = line() + 1
      client.workflows:get(5)
    end)
    assert_here(number, file, found)
    file, found = raised(function()
      number = line() + 2
      local answer = client.executions:get(
        nil, { timeout = 5 })
      return answer
    end)
    assert_here(number - 1, file, math.min(found, number - 1)) -- versions differ in which line of a call it is
  end)

  it("is raised at the nearest frame that several tail calls left", function()
    local number
    local function first() return client.workflows:get(5) end
    local function second() return first() end
    local function third()
      number = line() + 1
      local value = second()
      return value
    end
    local function fourth() return third() end
    local file, found = raised(fourth)
    assert_here(number, file, found)
  end)

  it("is raised at the line that calls pcall, or another function of C", function()
    local number, ok, message
    local function protected()
      number = line() + 1
      ok, message = pcall(client.workflows.get, client.workflows, 5)
    end
    protected()
    assert.is_false(ok)
    assert.equal(("%s:%d: "):format(HERE, number), message:sub(1, #HERE + #tostring(number) + 3))
    local file, found = raised(function()
      number = line() + 1
      local text = ("x"):gsub("x", function() return client.workflows:get(5) end)
      return text
    end)
    assert_here(number, file, found)
  end)

  it("is raised at the line of a chunk by its name", function()
    local compile = rawget(_G, "loadstring") or load
    local chunk = assert(compile("local client = ...\n\nclient.workflows:get(5)", "=a chunk"))
    local file, found = raised(chunk, client)
    assert.same({ "a chunk", 3 }, { file, found })
  end)

  it("in a function of map or gather that left no frame is raised at the line that called map", function()
    local number
    local definition
    local function misused() return client.workflows:get(5) end
    definition = line() - 1
    for _, start in ipairs {
      function()
        number = line() + 1
        client:map({ 1, 2 }, misused)
      end,
      function()
        number = line() + 1
        client:gather { misused }
      end,
      function()
        number = line() + 1
        client:gather { function() return client:map({ 1 }, misused) end }
      end,
    } do
      local file, found, text = raised(start)
      assert_here(number, file, found)
      assert.equal("workflows:get: workflow_identifier must be a string, not a number " ..
        ("(in the function defined at %s:%d)"):format(HERE, definition), text)
    end
  end)

  it("in a function of map that has a frame is raised there", function()
    local number
    local file, found, text = raised(function()
      client:map({ 1, 2 }, function()
        number = line() + 1
        local answer = client.workflows:get(5)
        return answer
      end)
    end)
    assert_here(number, file, found)
    assert.equal("workflows:get: workflow_identifier must be a string, not a number", text)
  end)

  it("of methods that map calls itself names no line of the library", function()
    local number
    local file, found, text = raised(function()
      number = line() + 1
      client:gather { client.whoami }
    end)
    assert_here(number, file, found)
    assert.equal("client:whoami: call it with a colon: client:whoami(...)", text)
  end)

  it("has no place where Lua has none", function()
    local thread = coroutine.create(function() return client.workflows:get(5) end)
    local ok, message = coroutine.resume(thread)
    assert.is_false(ok)
    assert.equal("workflows:get: workflow_identifier must be a string, not a number", message)
    thread = coroutine.create(client.workflows.get)
    assert.same({ false, message }, { coroutine.resume(thread, client.workflows, 5) })
  end)
end)
