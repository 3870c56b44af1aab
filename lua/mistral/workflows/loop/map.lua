--- `client:map` and `client:gather`: workers, each a task of the scheduler, take one item after the other.
-- @module mistral.workflows.loop.map

local errors = require "mistral.workflows.errors"
local inner = require "mistral.workflows.loop.inner"
local loop = require "mistral.workflows.loop"
local method = require "mistral.workflows.method"
local scheduler = require "mistral.workflows.loop.scheduler"

local map = {}

local function is_callable(value)
  local metatable = getmetatable(value)
  return type(value) == "function" or (type(metatable) == "table" and metatable.__call ~= nil)
end

local start_worker

-- The index of the next item, and the item; nil when there is none.
local function next_of_list(state)
  if state.taken == state.count then return nil end
  state.taken = state.taken + 1
  return state.taken, state.items[state.taken]
end

-- The iterator may wait: the workers stand in line for it, and each hands over to the next one.
local function next_of_iterator(state)
  if state.is_taking then
    local task = scheduler.current()
    state.line[#state.line + 1] = task
    scheduler.pause(task)
  end
  state.is_taking = true
  local item
  if not state.exhausted then item = state.items() end
  state.exhausted = item == nil
  local following = table.remove(state.line, 1)
  state.is_taking = following ~= nil
  if following then scheduler.go_on(following) end
  if state.exhausted then return nil end
  if not following and state.working < state.concurrency then start_worker(state) end
  state.taken = state.taken + 1
  return state.taken, item
end

-- An item is done.
local function settle(state, index, value, err)
  if value ~= nil then err = nil end -- the second value of `run` is the execution
  state.results[index] = value
  if err ~= nil then
    state.errors = state.errors or {}
    state.errors[index] = err
  end
  if state.on_done then state.on_done(index, value, err) end
end

-- Lets whoever waits for all of it go on, before anything else where it has failed.
local function leave(state, worker)
  state.workers[worker] = nil
  state.working = state.working - 1
  if state.caller and state.working == 0 then scheduler.go_on(state.caller, state.problem ~= nil) end
end

local function fail(state, problem)
  state.problem = { problem }
  for worker in pairs(state.workers) do scheduler.cancel(worker.task) end
  state.workers, state.working = {}, 0
  if state.caller then scheduler.go_on(state.caller, true) end
end

local function work(state, worker)
  if worker.failed_index then settle(state, worker.failed_index, nil, worker.err) end
  local index, item = state.next_item(state)
  while index do
    worker.index = index
    local value, err = state.fn(item, index)
    worker.index = nil
    settle(state, index, value, err)
    index, item = state.next_item(state)
  end
  leave(state, worker)
end

-- The function that the worker calls, or nil.
local function function_of(state, worker)
  local fn = not worker.index and state.on_done or state.is_gather and state.items[worker.index] or state.fn
  return type(fn) == "function" and fn or nil
end

-- @param failed_index, err an item whose function raised an error object, and with it ended its worker; or nil
function start_worker(state, failed_index, err)
  local worker = { failed_index = failed_index, err = err, index = nil } -- of the item whose function runs
  state.workers[worker] = true
  state.working = state.working + 1
  worker.task = state.scheduler:spawn(function() work(state, worker) end, function(problem)
    if not worker.index or not errors.is_error(problem) then return fail(state, problem) end
    start_worker(state, worker.index, problem)
    leave(state, worker)
  end)
  worker.task.origin = function() return state.place, function_of(state, worker) end
end

local function close_items(state)
  local items = state.items
  if type(items) ~= "function" and is_callable(items) and items.close then items:close() end
end

local function abandon(state)
  fail(state, nil)
  pcall(close_items, state)
end

-- Runs the workers in the scheduler that the caller is a task of.
local function run_inside(state)
  while state.working > 0 do
    scheduler.pause(state.caller, function() abandon(state) end)
  end
end

-- Runs the workers in a scheduler of their own.
local function run_alone(state)
  local client = state.client
  local adapter = loop.outer(client)
  local function run() state.scheduler:run(adapter, client, function() return state.working == 0 end) end
  local ok, problem = inner.pcall(run) -- an adapter may raise an error
  if not ok then fail(state, problem) end
end

--- Runs the workers. Returns results and errors, both indexed like the items; errors is nil when all succeeded.
function map.finish(state)
  state.caller = scheduler.current()
  state.scheduler = state.caller and state.caller.scheduler or scheduler.new()
  for _ = 1, math.min(state.count or 1, state.concurrency) do start_worker(state) end
  if state.caller then run_inside(state) else run_alone(state) end
  if state.problem then
    pcall(close_items, state)
    error(state.problem[1], 0)
  end
  close_items(state)
  return state.results, state.errors
end

local function new_state(client, items, fn, options)
  local is_list = not is_callable(items)
  return {
    client = client, place = method.place(), is_gather = false, -- for messages
    items = items, fn = fn, on_done = options.on_done, concurrency = options.concurrency,
    next_item = is_list and next_of_list or next_of_iterator,
    count = is_list and #items or nil, -- of a list
    taken = 0, line = {}, is_taking = false, exhausted = false, -- line: tasks that wait for the iterator
    workers = {}, working = 0, problem = nil, -- in a table, because it may be nil
    results = {}, errors = nil, caller = nil, scheduler = nil,
  }
end

--- Of `client:map`.
function map.prepare_map(client, _, options, items, fn)
  if type(items) ~= "table" and not is_callable(items) then return nil, "the items must be a list or an iterator" end
  if type(fn) ~= "function" then return nil, "the second argument must be a function" end
  return new_state(client, items, fn, options)
end

--- Of `client:gather`.
function map.prepare_gather(client, _, _, functions)
  if type(functions) ~= "table" then return nil, "the argument must be a list of functions" end
  for index, fn in ipairs(functions) do
    if type(fn) ~= "function" then return nil, ("item %d must be a function"):format(index) end
  end
  local state = new_state(client, functions, function(fn) return fn() end, { concurrency = #functions })
  state.is_gather = true
  return state
end

return map
