--- Functions that go on while anybody waits for a client, whatever loop that is.
--
-- Where a loop runs, a coroutine of it carries each task. Where there is none, in a plain script or in code that cannot
-- yield, whoever waits for the client runs its tasks meanwhile. A task that waits by means of the library may begin in
-- one loop and go on in another; so it cannot be left alone by a loop that is no longer run, or by a request of nginx
-- that has ended.
-- @module mistral.workflows.loop.tasks

local inner = require "mistral.workflows.loop.inner"
local scheduler = require "mistral.workflows.loop.scheduler"

local tasks = {}

local methods = {}
local metatable = { __name = "mistral.workflows.task", __index = methods }

-- What a function raises that nobody asked to be told of.
local function report(problem)
  local text = "mistral.workflows: a task failed: " .. inner.told(problem)
  local ngx = rawget(_G, "ngx")
  if ngx then ngx.log(ngx.ERR, text) else io.stderr:write(text, "\n") end
end

-- An ended task is forgotten; a driver that is there for it alone may go.
local function forget(self)
  if self.client.hub.tasks[self.number] ~= self then return end
  self.client.hub.tasks[self.number] = nil
  self.client.handle:nudge()
end

--- Makes a task.
-- @param fn its function; all waits of the library let others go on in it
-- @param failed called with the error that fn raises, outside of any call; nil: it is written to the error output
-- @return an object with `cancel()`
function tasks.spawn(client, fn, failed)
  local state = client.hub
  local self = setmetatable({ client = client, scheduler = scheduler.new() }, metatable)
  self.task = self.scheduler:spawn(fn, failed or report)
  state.last_task = state.last_task + 1
  self.number = state.last_task
  state.tasks[self.number] = self
  return self
end

--- Ends it, together with what it waits for; when it runs, as soon as it waits.
function methods:cancel()
  scheduler.cancel(self.task)
  forget(self)
end

--- The clients that it waits for, as a set.
function methods:clients()
  return self.scheduler.waiting
end

--- Runs it here until it waits.
-- @return when it wants to go on whatever happens, or nil
function methods:step()
  local again = self.scheduler:step()
  if not self.task.ended then return again end
  forget(self)
end

--- Runs it to its end in a coroutine of a loop.
function methods:carry(adapter)
  self.scheduler:run(adapter, self.client, function() return self.task.ended end)
  forget(self)
end

return tasks
