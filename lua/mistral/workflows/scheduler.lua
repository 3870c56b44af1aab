--- The built-in loop: runs functions side by side, each in a coroutine, and waits where the program would have waited.
-- @module mistral.workflows.scheduler

local core = require "mistral.workflows.core"
local hub = require "mistral.workflows.hub"
local timers = require "mistral.workflows.timers"

local scheduler = {}

local methods = {}
local metatable = { __name = "mistral.workflows.scheduler", __index = methods }

-- Several clients have no common descriptor: each is looked at in turn, for this long.
local SLICE_SECONDS = 0.001

-- What the waits of the library yield, to tell them from those of the functions.
local PARKED = {}

-- Weak in both directions: Lua 5.1 would keep a coroutine that its own task holds.
local task_of = setmetatable({}, { __mode = "kv" }) -- coroutine -> its task

local close_coroutine = coroutine.close or function() end -- luacheck: ignore 143 (Lua 5.4)

--- The task that runs now and can yield, or nil.
function scheduler.current()
  local running = coroutine.running()
  local task = running and task_of[running]
  return task and not task.ended and core.yieldable() and task or nil
end

local function make_runnable(self, task)
  if task.runnable or task.ended then return end
  task.runnable = true
  self.last = self.last + 1
  self.runnable[self.last] = task
end

-- A task is the condition that `hub.distribute` signals.
local task_metatable = { __index = { signal = function(task) make_runnable(task.scheduler, task) end } }

--- Makes a scheduler.
-- @param outer(client) gives the adapter of the loop around this one
function scheduler.new(outer)
  return setmetatable({
    outer = outer, first = 1, last = 0, runnable = {}, tasks = {}, timers = timers.new(), waiting = {},
  }, metatable)
end

--- Runs a function in a task of its own.
-- @param failed called with the error that fn raises; without it the error ends `run`
function methods:spawn(fn, failed)
  local task = setmetatable({ scheduler = self, coroutine = coroutine.create(fn), failed = failed }, task_metatable)
  task_of[task.coroutine] = task
  self.tasks[task] = true
  make_runnable(self, task)
  return task
end

-- The task waits no longer: takes back what says that it does.
local function stop_waiting(self, task)
  local client, timer = task.client, task.timer
  task.client, task.transfer, task.timer = nil, nil, nil
  if timer then timer.task = nil end
  if client then self.waiting[client] = self.waiting[client] > 1 and self.waiting[client] - 1 or nil end
end

-- Suspends the running task until it is made runnable, or until the monotonic time `deadline`.
local function suspend(task, deadline)
  local self = task.scheduler
  task.timer = deadline and self.timers:add(deadline, task)
  coroutine.yield(PARKED)
  stop_waiting(self, task)
end

--- Lets the running task sleep.
function scheduler.sleep(task, seconds)
  suspend(task, core.now() + seconds)
end

--- Lets the running task wait for progress of a transfer.
function scheduler.await(task, client, transfer, deadline)
  local self, waiters, key = task.scheduler, client.hub.waiters, transfer:key()
  waiters[key] = task
  task.client, task.transfer = client, transfer
  self.waiting[client] = (self.waiting[client] or 0) + 1
  suspend(task, deadline)
  if waiters[key] == task then waiters[key] = nil end
end

--- Lets the running task wait until `resume` is called for it.
-- @param group set of tasks that are cancelled with it meanwhile
function scheduler.pause(task, group)
  task.group = group
  suspend(task, nil)
  task.group = nil
end

--- Ends a pause.
function scheduler.resume(task)
  make_runnable(task.scheduler, task)
end

local function end_task(self, task)
  task.ended = true
  self.tasks[task] = nil
end

-- Takes what a task returned or yielded. Returns the error that it raised, in a table.
-- A yield that is not the library's goes to whoever runs the scheduler, as if the function had been called there.
-- The main program has nobody to yield to: there it lets the other tasks go on.
local function take(self, task, ok, what, ...)
  if coroutine.status(task.coroutine) == "dead" then
    end_task(self, task)
    if ok then return nil end
    close_coroutine(task.coroutine)
    if not task.failed then return { what } end
    task.failed(what)
  elseif what ~= PARKED then
    if core.yieldable() then
      return take(self, task, coroutine.resume(task.coroutine, coroutine.yield(what, ...)))
    end
    make_runnable(self, task)
  end
end

-- Runs the tasks that are runnable now until each of them waits.
local function run_runnable(self)
  local last = self.last
  while self.first <= last do
    local task = self.runnable[self.first]
    self.runnable[self.first] = nil
    self.first = self.first + 1
    task.runnable = false
    local problem = not task.ended and take(self, task, coroutine.resume(task.coroutine))
    if problem then return problem end
  end
  if self.first > self.last then self.first, self.last = 1, 0 end
end

-- Waits for the clients that tasks wait for, or until `deadline`.
local function idle(self, deadline)
  local client = next(self.waiting)
  local second = client and next(self.waiting, client)
  if not client then
    if not deadline then error("every function waits for something that cannot happen", 0) end
    self.outer(self.client).sleep(math.max(0, deadline - core.now()), self.client.handle)
  elseif not second then
    hub.await(client, self.outer(client), nil, deadline)
  else
    local slice = core.now() + SLICE_SECONDS
    for each in pairs(self.waiting) do
      hub.await(each, self.outer(each), nil, deadline and math.min(deadline, slice) or slice)
    end
  end
end

--- Ends tasks of this scheduler and what they wait for.
-- @param chosen set of tasks, or nil for all
function methods:cancel(chosen)
  for task in pairs(chosen or self.tasks) do
    if not task.ended and coroutine.status(task.coroutine) ~= "running" then
      local transfer, group = task.transfer, task.group
      end_task(self, task)
      stop_waiting(self, task)
      if group then self:cancel(group) end
      if transfer then transfer:cancel() end
      close_coroutine(task.coroutine)
    end
  end
end

--- Runs until `finished()` is true or a task raises an error, which is returned in a table.
function methods:run(client, finished)
  self.client = client
  while true do
    local problem = run_runnable(self)
    if problem then return problem end
    if finished() then return nil end
    idle(self, self.first <= self.last and core.now() or self.timers:next())
    for task in self.timers:due(core.now()) do make_runnable(self, task) end
  end
end

return scheduler
