--- The built-in loop: runs functions side by side, each in a coroutine, and waits where the program would have waited.
-- @module mistral.workflows.loop.scheduler

local core = require "mistral.workflows.core"
local coroutines = require "mistral.workflows.loop.coroutines"
local hub = require "mistral.workflows.loop.hub"
local inner = require "mistral.workflows.loop.inner"
local timers = require "mistral.workflows.loop.timers"

local scheduler = {}

local methods = {}
local metatable = { __name = "mistral.workflows.scheduler", __index = methods }

-- What the waits of the library yield, to tell them from those of the functions.
local PARKED = {}

local resume, yield, park = coroutines.resume, coroutines.yield, coroutines.park
local status, close = coroutines.status, coroutines.close

-- Weak in both directions: Lua 5.1 would keep a coroutine that its own task holds.
local task_of = setmetatable({}, { __mode = "kv" }) -- coroutine -> its task

local weak_values = { __mode = "v" }

--- The task that runs now, or nil.
function scheduler.running()
  local task = task_of[inner.outermost()]
  return task and not task.ended and task or nil
end

--- The task that runs now and can yield, or nil.
function scheduler.current()
  return core.yieldable() and scheduler.running() or nil
end

--- What the field `origin` of the task that runs now gives, a function that whoever made the task may set.
function scheduler.origin()
  local task = task_of[inner.outermost()]
  if task and task.origin then return task.origin() end
end

--- Makes a scheduler.
function scheduler.new()
  return setmetatable({
    first = 1, last = 0, runnable = {}, tasks = {}, timers = timers.new(), waiting = {},
    listeners = setmetatable({}, weak_values), -- conditions of those who run it and have nothing to do
    idle = 0, -- how many they are, or more
  }, metatable)
end

local function wake_runners(self)
  for _, condition in pairs(self.listeners) do condition:signal() end
end

local function make_runnable(self, task, next_one)
  if task.runnable or task.ended then return end
  task.runnable = true
  if next_one then
    self.first = self.first - 1
    self.runnable[self.first] = task
  else
    self.last = self.last + 1
    self.runnable[self.last] = task
  end
  if self.idle > 0 then wake_runners(self) end
end

-- A task is a condition for the hub.
local task_metatable = { __index = { signal = function(task) make_runnable(task.scheduler, task) end } }

--- Runs a function in a task of its own.
-- @param failed called with the error that fn raises
function methods:spawn(fn, failed)
  local task = setmetatable({ scheduler = self, coroutine = coroutines.create(fn), failed = failed }, task_metatable)
  task_of[task.coroutine] = task
  self.tasks[task] = true
  make_runnable(self, task)
  return task
end

local function stop_timer(task)
  task.timer.task = nil
  task.timer = nil
end

-- Suspends the running task until it is made runnable, or until the monotonic time `deadline`.
local function suspend(task, deadline)
  if deadline then task.timer = task.scheduler.timers:add(deadline, task) end
  park(PARKED)
  if deadline then stop_timer(task) end
end

-- The task waits for the client no longer.
local function leave(task, client, keys)
  local waiting = task.scheduler.waiting
  local count = waiting[client]
  waiting[client] = count > 1 and count - 1 or nil
  hub.deregister(client.hub.waiters, keys, task)
  task.client, task.keys, task.owner = nil, nil, nil
end

--- Lets the running task sleep.
function scheduler.sleep(task, seconds)
  suspend(task, core.now() + seconds)
end

--- Lets the running task wait for progress of transfers or for the signal of a key; see `hub.await`.
-- @param owner of what is waited for, which is cancelled with the task, or nil
function scheduler.await(task, client, keys, deadline, owner)
  local waiting = task.scheduler.waiting
  hub.register(client.hub.waiters, keys, task)
  client.hub.is_shared = true
  task.client, task.keys, task.owner = client, keys, owner
  waiting[client] = (waiting[client] or 0) + 1
  suspend(task, deadline)
  leave(task, client, keys)
end

--- Lets the running task wait until `go_on` is called for it.
-- @param undo called when it is cancelled meanwhile
function scheduler.pause(task, undo)
  task.undo = undo
  suspend(task, nil)
  task.undo = nil
end

--- Ends a pause.
-- @param next_one before anything else that can go on
function scheduler.go_on(task, next_one)
  make_runnable(task.scheduler, task, next_one)
end

local function end_task(self, task)
  task.ended = true
  self.tasks[task] = nil
  if self.idle > 0 then wake_runners(self) end
end

--- Ends a task and what it waits for: at once, or, when it runs, as soon as it waits.
function scheduler.cancel(task)
  if task.ended then return end
  if status(task.coroutine) ~= "suspended" then
    task.cancelled = true
    return
  end
  local owner, undo = task.owner, task.undo
  end_task(task.scheduler, task)
  if task.timer then stop_timer(task) end
  if task.client then leave(task, task.client, task.keys) end
  if undo then undo() end
  if owner then owner:cancel() end
  close(task.coroutine)
end

local take

-- A task may have been cancelled while it stood in line, or while whoever runs it had yielded for it.
local function go_on_with(self, task, ...)
  if not task.ended then return take(self, task, resume(task.coroutine, ...)) end
end

-- Takes what a task returned or yielded. A yield that is not the library's goes to whoever runs the scheduler, as if
-- the function had been called there. The main program has nobody to yield to: there it lets the other tasks go on.
function take(self, task, ok, ...)
  local what = ...
  if what == PARKED and not task.cancelled then return end
  if status(task.coroutine) == "dead" then
    end_task(self, task)
    if ok then return end
    close(task.coroutine)
    task.failed(what)
  elseif task.cancelled then
    scheduler.cancel(task)
  else
    if core.yieldable() then return go_on_with(self, task, yield(...)) end
    make_runnable(self, task)
  end
end

-- Runs the tasks that are runnable now until each of them waits. A task may itself, where it cannot yield, run the same
-- scheduler.
local function run_runnable(self)
  for _ = self.first, self.last do
    local task = self.runnable[self.first]
    if not task then break end
    self.runnable[self.first] = nil
    self.first = self.first + 1
    task.runnable = false
    go_on_with(self, task)
  end
  if self.first > self.last then self.first, self.last = 1, 0 end
end

--- Runs what can go on now.
-- @return the monotonic time at which more can, or nil
function methods:step()
  for task in self.timers:due(core.now()) do make_runnable(self, task) end
  run_runnable(self)
  return self.first <= self.last and core.now() or self.timers:next()
end

-- Waits for the clients that tasks wait for, or until `deadline`.
local function idle(self, runner, deadline)
  local adapter, clients = runner.adapter, {}
  for client in pairs(self.waiting) do
    if hub.deliver(client) or client.handle:closed() then return end
    clients[#clients + 1] = client
  end
  if #clients == 1 and hub.wait_here(clients[1], adapter, deadline) then return end
  if #clients == 0 and adapter.yields == false then
    if not deadline then error("every function waits for something that cannot happen", 0) end
    return adapter.sleep(math.max(0, deadline - core.now()), runner.client.hub.pollable)
  end
  if #clients == 0 then clients[1] = runner.client end
  self.idle = self.idle + 1
  hub.suspend(clients, adapter, self.listeners, runner, deadline)
  self.idle = self.idle - 1
end

--- Runs until `finished()` is true. Several may run the same scheduler.
-- @param adapter of the loop around it
-- @param client whose news the functions may bring about
function methods:run(adapter, client, finished)
  local runner = { adapter = adapter, client = client }
  while true do
    local deadline = self:step()
    if not self.waiting[client] then hub.deliver(client) end
    if finished() then return end
    idle(self, runner, deadline)
  end
end

return scheduler
