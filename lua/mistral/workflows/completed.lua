--- Many executions, each as its end becomes known: `executions:as_completed`.
-- @module mistral.workflows.completed

local core = require "mistral.workflows.core"
local call = require "mistral.workflows.call"
local copy_of_ids = require("mistral.workflows.ids").copy
local iterator = require "mistral.workflows.iterator"
local loop = require "mistral.workflows.loop"
local question = require "mistral.workflows.question"
local rows = require "mistral.workflows.rows"
local wait = require "mistral.workflows.wait"
local watch = require "mistral.workflows.watch"

local completed = {}

local methods = {}
local metatable = iterator.metatable("completed", methods)

-- The last question before a time-out is asked so many seconds before it, or a tenth of the time.
local LAST_QUESTION_SECONDS = 0.2

local definition = { row = rows.by_name.get_workflow_execution, title = "as_completed" }

--- Begins to wait for executions.
-- @param ids list; equal ones count once
-- @return the iterator; or nil and what is wrong with the arguments
function completed.prepare(client, _, options, ids)
  local list, problem = copy_of_ids(ids)
  if not list then return nil, problem end
  local self = setmetatable({
    client = client, options = options, deadline = options.deadline, ids = {}, items = {}, left = 0,
    ready = {}, first = 1, last = 0,
  }, metatable)
  local last = options.deadline and options.deadline - math.min(LAST_QUESTION_SECONDS, options.timeout / 10)
  local settings = {
    options = { headers = options.headers, deadline = options.deadline }, about = definition.title, ask_first = true,
    ask_last_at = last, patience = wait.patience(client, options),
    continue_patience = wait.continue_patience(wait.default_poll),
  }
  for _, id in ipairs(list) do
    if not self.items[id] then
      local asked = question.new(client, id, settings)
      self.items[id] = { question = asked }
      self.left = self.left + 1
      self.ids[self.left] = id
      self.items[id].entry = watch.add(client, asked, self)
    end
  end
  return self
end

-- What errors are made with.
local function context_of(self, id)
  local reporter, err = call.internal(definition.title, self.client, definition, {}, id)
  return reporter and {
    client = self.client, id = id, options = self.options, reporter = reporter, question = self.items[id].question,
    can_be_repeated = true, failure_message = self.items[id].entry.failure_message,
  }, err
end

local function settle(self, id)
  local item = self.items[id]
  if not item or item.settled then return end
  item.settled = true
  self.last = self.last + 1
  self.ready[self.last] = id
end

-- Takes the news of a question: is it settled?
function methods:on_news(entry)
  local asked = entry.question
  if asked.final or asked.err then settle(self, entry.id) end
end

-- Gives an execution out: the execution, and an error object where it did not end COMPLETED.
local function give(self, id)
  local item = self.items[id]
  local asked, err = item.question, nil
  local execution = asked.execution
  if asked.final then
    local context
    if execution.status ~= "COMPLETED" then
      context, err = context_of(self, id)
      err = context and wait.ended_badly(context, execution) or err
    end
  elseif asked.err then
    err = asked.err
  else
    local context
    context, err = context_of(self, id)
    err = context and (loop.is_leaving() and context.reporter:failed { kind = "cancelled", reason = "leaving" }
      or wait.timed_out(context)) or err
  end
  watch.remove(self.client, item.entry)
  self.items[id], self.left = nil, self.left - 1
  return execution or { execution_id = id }, err
end

-- The next one that is settled, or nil.
local function take(self)
  if self.first > self.last then return nil end
  local id = self.ready[self.first]
  self.ready[self.first] = nil
  self.first = self.first + 1
  return id
end

--- Ends the wait for those that are left. May be called again.
function methods:close()
  for _, item in pairs(self.items) do watch.remove(self.client, item.entry) end
  self.items, self.left, self.first, self.last = {}, 0, 1, 0
end

methods.cancel = methods.close
metatable.__close = methods.close

--- The next execution whose end is known; nil when all were given out.
function metatable:__call()
  while self.left > 0 do
    local is_over = self.client.handle:closed() or loop.is_leaving()
      or self.deadline and core.now() >= self.deadline
    if is_over and self.first > self.last then
      for _, each in ipairs(self.ids) do settle(self, each) end
    end
    local id = take(self)
    if id then
      local execution, err = give(self, id)
      return execution, err
    end
    watch.await(self.client, self, self.deadline, self)
  end
  return nil
end

--- What the method returns: its own iterator, which is closed when a `for` of Lua 5.4 is left.
function completed.iterate(self)
  return self, nil, nil, self
end

return completed
