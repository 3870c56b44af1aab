--- `client:map` and `client:gather`.
-- @module mistral.workflows.concurrent

local loop = require "mistral.workflows.loop"
local options_of = require "mistral.workflows.options"
local scheduler = require "mistral.workflows.scheduler"

local concurrent = {}

-- Runs workers as tasks of the scheduler that the caller is a task of.
local function run_nested(caller, count, work)
  local self, left, group, problem = caller.scheduler, count, {}, nil
  for _ = 1, count do
    local task = self:spawn(function()
      work()
      left = left - 1
      if left == 0 then scheduler.resume(caller) end
    end, function(err)
      problem = problem or { err }
      scheduler.resume(caller)
    end)
    group[task] = true
  end
  while left > 0 and not problem do scheduler.pause(caller, group) end
  if problem then
    self:cancel(group)
    error(problem[1], 0)
  end
end

-- Runs workers in a scheduler of their own.
local function run(client, count, work)
  local self, left = scheduler.new(loop.outer), count
  for _ = 1, count do
    self:spawn(function()
      work()
      left = left - 1
    end)
  end
  local problem = self:run(client, function() return left == 0 end)
  if problem then
    self:cancel()
    error(problem[1], 0)
  end
end

--- Calls `fn(item, index)` for each item, up to `concurrency` at a time, each in a coroutine in which every method of
-- the library lets the others go on.
-- @param items list
-- @param fn returns a value; or nil and an error
-- @param options `{ concurrency = 16 }`, or nil
-- @return results and errors, both indexed like items; errors is nil when all succeeded. An error that fn raises
-- cancels the other calls and is raised.
function concurrent.map(client, items, fn, options)
  local results, errors, next_index, count = {}, nil, 1, #items
  local function work()
    while next_index <= count do
      local index = next_index
      next_index = index + 1
      local value, err = fn(items[index], index)
      results[index] = value
      if value == nil and err ~= nil then
        errors = errors or {}
        errors[index] = err
      end
    end
  end
  local workers, caller = math.min(count, options.concurrency), scheduler.current()
  if caller then run_nested(caller, workers, work) else run(client, workers, work) end
  return results, errors
end

local function map_method(self, items, fn, options)
  local checked, problem = options_of.map(options)
  if type(items) ~= "table" then checked, problem = nil, "the items must be a list" end
  if type(fn) ~= "function" then checked, problem = nil, "the second argument must be a function" end
  if checked and self.handle:closed() then checked, problem = nil, "the client is closed" end
  if not checked then error("client:map: " .. problem, 2) end
  return concurrent.map(self, items, fn, checked)
end

local function gather_method(self, functions)
  local problem
  if type(functions) ~= "table" then problem = "the argument must be a list of functions" end
  for index, fn in ipairs(problem and {} or functions) do
    if type(fn) ~= "function" then problem = ("item %d must be a function"):format(index) end
  end
  if not problem and self.handle:closed() then problem = "the client is closed" end
  if problem then error("client:gather: " .. problem, 2) end
  return concurrent.map(self, functions, function(fn) return fn() end, { concurrency = math.max(1, #functions) })
end

--- Adds the methods to a method table.
function concurrent.add_methods(methods)
  methods.map = map_method
  methods.gather = gather_method
end

return concurrent
