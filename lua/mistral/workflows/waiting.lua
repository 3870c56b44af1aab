--- Executions that wait for human input: `executions:waiting`. The running runs are walked, and what each waits for is
-- asked for some time before the program gets there, side by side.
-- @module mistral.workflows.waiting

local core = require "mistral.workflows.core"
local call = require "mistral.workflows.call"
local guard = require "mistral.workflows.guard"
local inputs = require "mistral.workflows.inputs"
local iterator = require "mistral.workflows.iterator"
local pages = require "mistral.workflows.pages"
local rows = require "mistral.workflows.rows"

local waiting = {}

local methods = {}
local metatable = iterator.metatable("waiting", methods)

local MOST_QUESTIONS = 16 -- that are under way

local runs = { row = rows.by_name.list_runs, title = "executions:waiting" }
local query = { row = rows.by_name.query_workflow_execution, title = "executions:waiting" }

--- Begins to walk.
-- @param params of `runs:list`, or nil
-- @return the iterator; or nil and what is wrong with the arguments
function waiting.prepare(client, _, options, params)
  if params ~= nil and type(params) ~= "table" then
    return nil, ("the parameters must be a table, not a %s"):format(type(params))
  end
  local copy = { status = "RUNNING" }
  for name, value in next, params or {} do copy[name] = value end
  local walk, problem = pages.prepare(client, runs, options, nil, copy)
  if not walk then return nil, problem end
  return setmetatable({
    client = client, options = options, walk = pages.each_item(walk),
    asked = {}, first = 1, last = 0,
  }, metatable)
end

--- Ends it; the questions under way are cancelled. May be called again.
function methods:close()
  self.walk:close()
  for _, one in pairs(self.asked) do one.question:cancel() end
  self.asked, self.first, self.last, self.ended = {}, 1, 0, true
end

metatable.__close = methods.close

-- The error object of a run that cannot be asked for, or of a client that is closed.
local function unusable(self, run)
  local reporter, err = call.internal(runs.title, self.client, runs, {})
  return reporter and reporter:lacks("'execution_id' that can be asked for in one of its runs", run) or err
end

local function ask(self, run)
  local question = type(run) == "table" and inputs.question(self.client, query, self.options, run.execution_id)
  if not question then error(unusable(self, run), 0) end
  question:begin()
  self.last = self.last + 1
  self.asked[self.last] = { run = run, question = question }
end

-- The next run that was asked, and the question; nil when there is none.
local function take(self)
  while not self.ended and self.last - self.first < MOST_QUESTIONS - 1 do
    local run = self.walk()
    if run ~= nil then ask(self, run) else self.ended = true end
  end
  local one = self.asked[self.first]
  if not one then return nil end
  self.asked[self.first] = nil
  self.first = self.first + 1
  return one.run, one.question
end

local function next_one(self)
  while true do
    local run, question = take(self)
    if not run then return nil end
    question.started = core.now() -- the loop body's time is no attempt's
    local list, err = inputs.pending(question)
    local deadline = self.options.deadline
    if err and (err.kind == "cancelled" or deadline and core.now() >= deadline) then error(err, 0) end
    if err or list[1] ~= nil then return run, list or {}, err end
  end
end

--- `for run, pending, err in waiting`: the next one, nil at the end; raises error objects.
function metatable:__call()
  local run, pending, err = guard.call(self, next_one, self)
  return run, pending, err -- no tail call: a generic `for` of Lua 5.1 must stay visible to core.yieldable
end

--- What the method returns: its own iterator, which is closed when a `for` of Lua 5.4 is left.
function waiting.iterate(self)
  return self, nil, nil, self
end

return waiting
