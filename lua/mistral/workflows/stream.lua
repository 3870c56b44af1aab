--- The event streams that a program reads.
-- @module mistral.workflows.stream

local core = require "mistral.workflows.core"
local connection = require "mistral.workflows.connection"
local errors = require "mistral.workflows.errors"
local follow = require "mistral.workflows.follow"
local guard = require "mistral.workflows.guard"
local iterator = require "mistral.workflows.iterator"
local loop = require "mistral.workflows.loop"
local messages = require "mistral.workflows.messages"
local method = require "mistral.workflows.method"
local question = require "mistral.workflows.question"
local status = require "mistral.workflows.status"

local stream = {}

local methods = {}
local metatable = iterator.metatable("stream", methods)

-- After so many seconds without an event, the status of the execution is asked for: TERMINATED and TIMED_OUT have none.
local STATUS_SECONDS = 5

-- After so many seconds without an event, a stream ends in a process that is about to leave.
local LEAVE_SECONDS = 3

-- The parameters that do not keep an end event from coming.
local harmless = { workflow_exec_id = true, root_workflow_exec_id = true, workflow_name = true, event_source = true }

local function is_set(value)
  return value ~= nil and value ~= core.json.null and value ~= "" and value ~= "*"
end

-- The execution whose end ends the stream, or nil.
local function target_of(row, path_value, params)
  if row.resource == "executions" then return path_value end
  for _, name in ipairs { "workflow_exec_id", "root_workflow_exec_id" } do
    if type(params[name]) == "string" and is_set(params[name]) then return params[name] end
  end
  return nil
end

local function lists(value, wanted)
  if type(value) ~= "table" then return value == wanted end
  for _, item in ipairs(value) do
    if item == wanted or item == "*" then return true end
  end
  return false
end

-- The set of statuses whose end event comes through the filters, seen from where the stream begins.
local function ends_of(row, params, options)
  local ends = {}
  if row.name ~= "stream" and row.name ~= "get_stream_events" then return ends end
  if params.event_source == "LIVE" or #connection.without_position(options.headers) < #(options.headers or {}) then
    return ends
  end
  for name, value in pairs(params) do
    local passes = harmless[name] or not is_set(value) or name == "workflow_event_types"
      or name == "scope" and value == "workflow" or name == "start_seq" and value == 0
    if not passes then return ends end
  end
  local types = params.workflow_event_types
  for value, event_type in pairs(status.with_event) do
    if not is_set(types) or lists(types, event_type) then ends[value] = true end
  end
  return ends
end

local function every(self)
  return math.min(STATUS_SECONDS, self.client.options.idle_timeout)
end

--- Opens a stream and sends its first request.
-- @param path_value of the operation, or nil
-- @param params the caller's table or nil; not changed
-- @param options checked per-call options
-- @return the stream; or nil and what is wrong with the arguments
function stream.prepare(client, definition, options, path_value, params)
  local row = definition.row
  if row.name == "stream" and (params == nil or type(params) == "table" and params.event_source == nil) then
    local copy = { event_source = "HYBRID" } -- what happened before is wanted too
    for name, value in next, params or {} do copy[name] = value end
    params = copy
  end
  local opened, problem = connection.open(client, definition, options, path_value, params, {})
  if not opened then return nil, problem end
  local about, target = opened:text(), target_of(row, path_value, opened.params)
  opened:set_execution(target)
  return setmetatable({
    client = client, deadline = options.deadline, raw = options.raw, about = about,
    follow = follow.new(client, {
      connection = opened, about = about, drain = true, ends = ends_of(row, opened.params, options),
      question = target and question.new(client, target, {
        about = about, every = every,
        options = { headers = connection.without_position(options.headers), deadline = options.deadline },
      }),
    }),
  }, metatable)
end

--- Closes the connection. The stream is over; may be called again.
function methods:close()
  self.ended = true
  self.follow:close()
end

metatable.__close = methods.close

local function fail(self, err)
  self:close()
  error(err, 0)
end

-- Ends it with an error of its own.
local function stop(self, fields)
  local opened = self.follow.connection
  fields.operation, fields.call, fields.attempts = opened.definition.row.name, self.about, opened.opened
  fields.execution_id, fields.retryable = opened.execution_id, true
  fail(self, errors.new(fields, self.client.secrets))
end

-- A process that is about to leave waits for events as long as they come.
local function is_left(self)
  if not loop.is_leaving() then return false end
  self.leaving_since = self.leaving_since or core.now()
  return core.now() >= math.max(self.leaving_since, self.follow.connection.heard_at) + LEAVE_SECONDS
end

-- The next event, until the monotonic time `wake`.
local function take(self, wake)
  local followed, deadline = self.follow, self.deadline or math.huge
  while not self.ended do
    local event, err = followed:next(loop.glance(math.min(wake, deadline)))
    if event then return self.raw and connection.as_text(event) or event end
    if err then fail(self, err) end
    if followed.ended then
      self:close()
    elseif core.now() >= deadline then
      stop(self, { kind = "timeout", phase = "response", message = "the time is over (deadline)" })
    elseif core.now() >= wake then
      return nil, "timeout"
    elseif is_left(self) then
      stop(self, { kind = "cancelled", reason = "leaving", message = messages.cancelled { reason = "leaving" } })
    end
  end
  return nil
end

--- The next event.
-- @param seconds to wait at most, or nil: as long as it takes
-- @return the event; or nil and "timeout"; or nil at the end. Raises error objects, as the loop does.
function methods:next(seconds)
  if seconds ~= nil and (type(seconds) ~= "number" or seconds ~= seconds) then
    method.raise(("stream:next: the seconds must be a number, not %s"):format(tostring(seconds)))
  end
  return guard.call(self, take, self, seconds and core.now() + seconds or math.huge)
end

--- `for event in stream`: the next event, nil at the end; raises error objects.
function metatable:__call()
  local event = guard.call(self, take, self, math.huge)
  return event -- no tail call: a generic `for` of Lua 5.1 must stay visible to core.yieldable
end

--- What a stream method returns: the stream, which is its own iterator and is closed when a `for` of Lua 5.4 is left.
function stream.iterate(self)
  return self, nil, nil, self
end

return stream
