--- The run list, asked again and again for the executions of a workflow that have ended since the last time.
--
-- All times are the service's own. Each window begins a while before the end of the last one, so that a list that lags
-- loses nothing; what it tells is a hint only, and the status of the execution counts. Nothing here waits.
-- @module mistral.workflows.sweep

local core = require "mistral.workflows.core"
local call = require "mistral.workflows.call"
local retry = require "mistral.workflows.retry"
local rows = require "mistral.workflows.rows"

local sweep = {}

local methods = {}
local metatable = { __index = methods, __name = "mistral.workflows.sweep" }

local now, time = core.now, core.time

local EVERY_SECONDS = 4
local OVERLAP_SECONDS = 60
local REQUEST_SECONDS = 10
local PAGE_SIZE, MOST_PAGES = 1000, 10
local MOST_DOUBTS = 3 -- failures in a row after which the pause grows no more

local definition = { row = rows.by_name.list_runs, title = "runs:list" }
local final = { "COMPLETED", "FAILED", "CANCELED", "TERMINATED", "TIMED_OUT" }

--- Makes a sweep.
-- @param workflow its name
-- @param since seconds since 1970 by the service's clock, or nil when it told none
-- @param found(execution) called for each run in a list
function sweep.new(client, workflow, since, found)
  return setmetatable({
    client = client, workflow = workflow, since = since, found = found, next_at = now() + EVERY_SECONDS, pages = 0,
    doubts = 0,
  }, metatable)
end

--- When something is to be done even if nothing arrives: monotonic seconds.
function methods:due()
  return self.request and self.request.expires or self.next_at
end

--- The transfer of a request that is under way, or nil.
function methods:transfer()
  return self.request and self.request.transfer
end

--- Brings the next list forward.
function methods:hurry()
  if self.doubts == 0 then self.next_at = math.min(self.next_at, now() + 1) end
end

--- Was the last question not answered by a list?
function methods:is_failing()
  return self.doubts > 0
end

function methods:close()
  if self.request then self.request:cancel() end
end

local function pause(self, seconds)
  self.request, self.pages, self.cursor = nil, 0, nil
  self.next_at = now() + math.max(EVERY_SECONDS * 2 ^ self.doubts, seconds or 0)
end

local function ask(self)
  local params = {
    workflow_identifier = self.workflow, status = final, page_size = PAGE_SIZE, next_page_token = self.cursor,
    end_time_after = self.since and time.format(self.since - OVERLAP_SECONDS),
  }
  local request = call.internal(nil, self.client, definition, {}, nil, params)
  if not request or not request:begin(math.min(REQUEST_SECONDS, request:timeout())) then
    self.doubts = math.min(MOST_DOUBTS, self.doubts + 1)
    return pause(self)
  end
  self.request = request
end

-- The runs of a page, whatever the service calls them.
local function runs_of(page)
  if type(page) ~= "table" then return nil end
  local runs = page.executions
  if type(runs) ~= "table" then runs = page.runs end
  return type(runs) == "table" and runs or nil
end

local function answer(self)
  local request = self.request
  self.request = nil
  local page, failure = request:finish()
  local date, runs = request.transfer:date(), runs_of(page)
  if not runs then
    self.doubts = math.min(MOST_DOUBTS, self.doubts + 1)
    return pause(self, failure and (retry.was_refused(failure) and failure.retry_after or nil))
  end
  self.doubts, self.pages = 0, self.pages + 1
  if self.pages == 1 then self.date = date end
  for _, run in ipairs(runs) do
    if type(run) == "table" then self.found(run) end
  end
  local cursor = page.next_page_token
  if type(cursor) == "string" and cursor ~= "" and cursor ~= self.cursor and self.pages < MOST_PAGES then
    self.cursor = cursor
    return ask(self)
  end
  self.since = self.date or self.since
  pause(self)
end

--- Does what is due. Does not wait.
function methods:step()
  if self.request then
    if self.request:is_done() then answer(self) end
  elseif now() >= self.next_at then
    ask(self)
  end
end

return sweep
