-- What is done again and again leaves no memory behind that Lua does not see.

local core = require "mistral.workflows.core"
local workflows = require "mistral.workflows"

local ROUNDS = 300
local LARGE = ("x"):rep(60 * 1000)
local MOST_KILOBYTES = 9 * 1000 -- half of what one that is left in each round would take

-- What the process has in memory, in kilobytes; nil where the system does not tell.
local function resident()
  local file = io.open "/proc/self/status"
  if not file then return nil end
  local text = file:read "*a"
  file:close()
  return tonumber(text:match "VmRSS:%s+(%d+) kB")
end

-- A sanitizer and valgrind keep what was freed, and find leaks by themselves.
local function is_watched()
  local file = io.open "/proc/self/maps"
  if not file then return true end
  local text = file:read "*a"
  file:close()
  return text:find("asan", 1, true) ~= nil or text:find("valgrind", 1, true) ~= nil
end

describe("memory is given back:", function()
  if is_watched() then return end
  local client

  before_each(function() client = workflows.new { api_key = "none", server_url = "http://127.0.0.1:1" } end)
  after_each(function() client:close() end)

  local function repeated(work, count)
    for round = 1, count do
      work()
      if round % 10 == 0 then collectgarbage() end
    end
    collectgarbage()
    collectgarbage()
  end

  local function fed(operation, ...)
    local transfer = assert(core[operation](client.handle, ...))
    transfer:start_fed()
    return transfer
  end

  local works = {
    ["the header lines of each attempt"] = function(transfer)
      transfer:request { "X-Large: " .. LARGE }
      return transfer
    end,
    ["requests that are never sent"] = function()
      core.get_workflows(client.handle, { search = LARGE })
      core.execute_workflow(client.handle, "w", { input = { LARGE } })
    end,
    ["requests that cannot be sent"] = function()
      assert(not core.get_workflows(client.handle, { search = LARGE, tags = "\255" }))
      assert(not core.execute_workflow(client.handle, "w", { execution_id = LARGE, input = { print } }))
    end,
    ["answers that nobody takes"] = function()
      local transfer = fed "get_worker_info"
      transfer:feed_head(200, { ["X-Large"] = LARGE })
      transfer:feed(LARGE)
    end,
    ["answers that are taken"] = function()
      local transfer = fed "get_worker_info"
      transfer:feed_head(200, {})
      transfer:feed('{"a":"' .. LARGE .. '"}')
      transfer:feed_end()
      assert(transfer:result())
    end,
    ["answers that are no JSON"] = function()
      local transfer = fed "get_worker_info"
      transfer:feed_head(200, {})
      transfer:feed('{"a":"' .. LARGE .. "\255")
      transfer:feed_end()
      assert(not transfer:result())
    end,
    ["events of a stream"] = function()
      local transfer = fed("stream", "e")
      transfer:feed_head(200, {})
      transfer:feed("id: " .. LARGE .. "\nevent: " .. LARGE .. "\ndata: " .. LARGE .. "\n\n" .. LARGE)
      assert(transfer:next_event())
    end,
    ["clients that are closed"] = function()
      workflows.new({ api_key = "none", server_url = "http://127.0.0.1:1", user_agent = LARGE }):close()
    end,
    ["clients that are collected"] = function()
      workflows.new { api_key = "none", server_url = "http://127.0.0.1:1", user_agent = LARGE }
    end,
    ["clients that cannot be made"] = function()
      assert(not pcall(core.client, { user_agent = LARGE }))
      assert(not pcall(core.client, { server_url = LARGE, user_agent = LARGE }))
    end,
    ["JSON that is read"] = function()
      assert(core.json.decode('["' .. LARGE .. '\\n",[1,2,"\\ud800' .. LARGE .. '"]]'))
      assert(not core.json.decode('["' .. LARGE .. '\\n",[1,2,'))
    end,
    ["JSON that is written"] = function()
      assert(core.json.encode { LARGE, { a = LARGE } })
      assert(not core.json.encode { LARGE, print })
    end,
    ["shapes"] = function()
      core.json.shape { fields = { { "a", LARGE }, { LARGE } }, list = LARGE .. "1" }
      assert(not pcall(core.json.shape, { fields = { { LARGE }, { LARGE .. "1", {} } } }))
    end,
  }

  for what, work in pairs(works) do
    it(what, function()
      local kept = fed "get_worker_info"
      repeated(function() work(kept) end, 20)
      local before = resident()
      repeated(function() work(kept) end, ROUNDS)
      local more = resident() - before
      assert(more < MOST_KILOBYTES, ("%d kB more"):format(more))
    end)
  end
end)
