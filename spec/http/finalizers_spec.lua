-- Finalizers may run in any order, wherever memory is asked for, and may use whatever they can reach. Each test is a
-- process of its own, which also has to end well.

local fault = require "spec.support.fault"
local interpreter = require "spec.support.interpreter"

local EVENTS = 120

-- What each process begins with. `finalizer(fn)` makes garbage that calls fn; LuaJIT and 5.1 collect it when they
-- copy a string, later Luas afterwards.
local PRELUDE = [[
local core = require "mistral.workflows.core"
local workflows = require "mistral.workflows"
local URL, EVENTS = %q, %d

local function finalizer(fn)
  if not newproxy then return setmetatable({}, { __gc = fn }) end
  local proxy = newproxy(true)
  getmetatable(proxy).__gc = fn
  return proxy
end

local function new(options)
  local all = { api_key = "key-of-a-test", server_url = URL, retry = false, timeout = 10 }
  for name, value in pairs(options or {}) do all[name] = value end
  return workflows.new(all)
end

local function started(client, operation, ...)
  local transfer = assert(core[operation](client.handle, ...))
  transfer:start(10, {})
  return transfer
end

local function finish(client, transfer)
  while not transfer:done() do client.handle:wait(core.now() + 1) end
end

-- Uses everything that a transfer has, but starts it again only where there is a client.
local function use(transfer, client)
  transfer:done()
  transfer:key()
  transfer:status()
  transfer:retry()
  transfer:last_byte()
  transfer:path()
  transfer:info()
  transfer:next_event()
  pcall(transfer.result, transfer)
  if client then pcall(transfer.start, transfer, 10, {}) end
  transfer:cancel()
  transfer:expire()
end
]]

describe("a finalizer", function()
  local server

  setup(function() server = fault.start() end)
  teardown(function() server:stop() end)
  before_each(function() server:reset() end)

  local function event(number)
    return ('id: %d\nevent: kind-%d\ndata: {"number":%d,"text":"%s"}\n\n'):format(number, number, number,
      (string.char(97 + number % 26)):rep(900 + 10 * number))
  end

  local function stream_answer()
    local events = {}
    for number = 1, EVENTS do events[number] = event(number) end
    return { actions = { { "send", "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
      .. table.concat(events) }, { "close" } } }
  end

  local function run(code)
    return interpreter.run(nil, PRELUDE:format(server.url, EVENTS) .. code)
  end

  it("that takes events of the stream whose event is handed out gets events of its own", function()
    server:script(stream_answer())
    assert.equal("all right", run [[
      if _VERSION == "Lua 5.5" then collectgarbage("param", "pause", 100) else collectgarbage("setpause", 100) end
      local client = new()
      local transfer = started(client, "stream", "e")
      finish(client, transfer)
      local seen, count = {}, 0
      local function take(text, name, id)
        if not text then return false end
        local number = tonumber(id)
        assert(not seen[number], "an event came twice")
        assert(name == "kind-" .. number)
        local letter = string.char(97 + number % 26)
        assert(text == ('{"number":%d,"text":"%s"}'):format(number, letter:rep(900 + 10 * number)), text:sub(1, 60))
        seen[number], count = true, count + 1
        return true
      end
      local inside, nested, problem = false, 0, nil
      local function interfere()
        if inside then return end
        inside = true
        local ok, message = pcall(function() if take(transfer:next_event()) then nested = nested + 1 end end)
        if not ok then problem = message end
        inside = false
        finalizer(interfere)
      end
      for _ = 1, 20 do finalizer(interfere) end
      repeat
        finalizer(interfere)
        local more = take(transfer:next_event())
      until not more
      while take(transfer:next_event()) do end
      assert(not problem, problem)
      assert(count == EVENTS, count)
      assert(nested > 0 or _VERSION ~= "Lua 5.4") -- elsewhere it is chance that the collector runs there
      inside = true
      client:close()
      print "all right"
    ]])
  end)

  it("that uses the transfer whose answer is decoded changes nothing in it", function()
    for _ = 1, 2 do
      server:respond(200, '{"list":[' .. ('{"text":"' .. ("x"):rep(50) .. '"},'):rep(3000) .. "1]}",
        { ["Content-Type"] = "application/json" })
    end
    server:respond(200, "[" .. ('"' .. ("y"):rep(40) .. '",'):rep(3000) .. "]")
    assert.equal("all right", run [[
      local client = new()
      local function answer(restarts)
        local transfer = started(client, "get_worker_info")
        finish(client, transfer)
        local calls = 0
        local function interfere()
          calls = calls + 1
          use(transfer, restarts and client)
          if calls < 50 then finalizer(interfere) end
        end
        if _VERSION == "Lua 5.5" then collectgarbage("param", "pause", 100) else collectgarbage("setpause", 100) end
        for _ = 1, 20 do finalizer(interfere) end
        -- It is chance that the collector runs while it is decoded. Where it runs just before, a finalizer has it.
        local ok, value, failure = pcall(transfer.result, transfer)
        if ok then return value, failure end
        assert(value:find("the result is no longer there", 1, true), value)
        return nil, {}
      end
      for _ = 1, 2 do
        local value = answer()
        assert(not value or #value.list == 3001 and value.list[3001] == 1)
        for index = 1, value and 3000 or 0 do assert(value.list[index].text == ("x"):rep(50)) end
      end
      local kind = select(2, answer()).kind
      assert(kind == nil or kind == "decode")
      for _ = 1, 3 do pcall(answer, true) end
      client:close()
      print "all right"
    ]])
  end)

  it("finds a transfer that was finalized before it in a state of its own", function()
    server:script(stream_answer())
    server:respond(200, "{}")
    assert.equal("cancelled nil nil 0 true the transfer was finalized", run [[
      local client = new()
      local report
      do
        local both = {}
        both.older = finalizer(function() -- older than the transfers: it comes after them, with them
          for _, transfer in ipairs(both) do
            local value, failure = transfer:result()
            assert(value == nil)
            local _, message = pcall(transfer.start, transfer, 10, {})
            report = table.concat({ failure.kind, tostring(transfer:next_event()), tostring(transfer:path()),
              transfer:status(), tostring(transfer:done()), (message:gsub("^.-: ", "")) }, " ")
            use(transfer, client)
          end
        end)
        both[1] = started(client, "stream", "e")
        both[2] = started(client, "get_worker_info")
        finish(client, both[1])
        finish(client, both[2])
      end
      collectgarbage()
      collectgarbage()
      collectgarbage()
      client:close()
      print(report)
    ]])
  end)

  it("may read a stream of a client with an observer, in a collection and at the end of the program", function()
    local exit = _VERSION == "Lua 5.1" and not rawget(_G, "jit") and "" or "os.exit(true, true)"
    for _, ending in ipairs { "stream = nil collectgarbage() collectgarbage()", "", exit } do
      server:reset()
      server:script(stream_answer())
      server:script(stream_answer())
      assert.equal("all right", run(([[
        local client, stream
        local older = finalizer(function()
          pcall(function() for _ in stream do end end)
          pcall(function() client:whoami() end)
          pcall(function() client:close() end)
        end)
        client = new { observer = function(info) assert(info.operation) end }
        stream = client.executions:stream "e"
        assert(stream())
        older = older and nil
        print "all right"
        %s
      ]]):format(ending)))
    end
  end)

  it("may use clients and descriptors that are gone", function()
    server:respond(200, "{}")
    assert.equal("all right", run [[
      do
        local client, copy, transfer, older
        older = finalizer(function()
          local methods = { "close", "closed", "drive", "pollfd", "events", "timeout", "ready", "running", "nudge" }
          for _, name in ipairs(methods) do client.handle[name](client.handle) end
          pcall(client.handle.wait, client.handle, 0)
          pcall(client.handle.duplicate, client.handle)
          pcall(core.get_worker_info, client.handle)
          if copy then
            copy:pollfd()
            copy:close()
          end
          use(transfer, client)
        end)
        client = new()
        copy = client.handle:duplicate()
        transfer = started(client, "get_worker_info")
        assert(older)
      end
      collectgarbage()
      collectgarbage()
      print "all right"
    ]])
  end)
end)
