-- Many waits in a process that forks. Not inside a loop: their descriptors are shared over fork.

local fork = require "spec.support.fork"
local player = require "spec.support.player"

describe("many waits after fork", function()
  local server, client

  setup(function() server = player.start() end)
  teardown(function() server:stop() end)
  after_each(function() client:close() end)

  -- Takes what is left. Returns how many that were; nil where one has failed.
  local function count_rest(iterator)
    local count = 0
    for _, err in iterator do
      if err then return nil end
      count = count + 1
    end
    return count
  end

  it("go on in both processes", function()
    client = server:client()
    local executions, ids = {}, {}
    for index = 1, 10 do
      ids[index] = "e" .. index
      executions[ids[index]] = { events = 2, seconds = index * 0.2 }
    end
    server:play(executions)
    local iterator = client.executions:as_completed(ids, { timeout = 60 })
    for _ = 1, 4 do assert(iterator()) end
    local pid = fork.fork()
    if pid == 0 then
      local ok, rest, again = pcall(function()
        return count_rest(iterator), count_rest(client.executions:as_completed(ids, { timeout = 60 }))
      end)
      fork.leave(ok and rest == 6 and again == 10 and 0 or 1)
    end
    assert.equal(6, count_rest(iterator))
    assert.equal(0, fork.wait(pid))
  end)

  it("end in the child where they have a stream of their own, and say why", function()
    client = server:client()
    server:play { e = { events = 4, interval = 0.3 } }
    local pid
    local seen = 0
    local execution, err = client.executions:wait("e", { timeout = 10, on_event = function()
      seen = seen + 1
      if seen == 2 then pid = fork.fork() end -- nothing is asked then
    end })
    if pid == 0 then
      fork.leave(tostring(err):find("wait 'e': the process forked during the call", 1, true) and 0 or 1)
    end
    assert.equal("COMPLETED", execution.status)
    assert.equal(0, fork.wait(pid))
  end)
end)
