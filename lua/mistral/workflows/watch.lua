--- Many waits at the cost of one.
--
-- Waits that want no events of their own share, for each workflow, one event stream filtered to ends and one sweep of
-- the run list. Both only hint: then the status of the one execution is asked for, as it is anyway every few minutes,
-- so that a hint that is late or lost costs time and nothing else.
--
-- The stream begins behind a broker_sequence that was seen, in the stream of a waited execution: at 0 the service would
-- replay a month of ends. What it tells of other executions is counted, and where that is too much it is closed, and
-- the sweep goes on alone.
--
-- A task of the client does all that while there is anybody who waits. Nothing in it keeps a wait alive: what a
-- coroutine waited for that was given up is dropped when it has been collected.
-- @module mistral.workflows.watch

local core = require "mistral.workflows.core"
local connection = require "mistral.workflows.connection"
local loop = require "mistral.workflows.loop"
local rows = require "mistral.workflows.rows"
local status = require "mistral.workflows.status"
local sweep = require "mistral.workflows.sweep"
local timers = require "mistral.workflows.loop.timers"

local watch = {}

local now = core.now

-- How often an execution is asked for that nothing is heard of.
local EVERY_SECONDS = 300
-- Where that is not enough (no list tells the end, or the answers settle nothing) each is asked so often, but all
-- together no more than so many times a second.
local LEAST_SECONDS, MOST_QUESTIONS = 5, 20
-- How long a stream of its own may take to tell a broker_sequence, before another one is opened for it.
local SEQUENCE_SECONDS = 2
-- How often to look for coroutines that were given up.
local PRUNE_SECONDS = 2
-- Questions under way at a time.
local MOST_REQUESTS = 32
-- So many events of others in so many seconds are too much; then there is the sweep alone for a while.
local MOST_NOISE, NOISE_SECONDS, QUIET_SECONDS = 5000, 10, 60
-- An end event may hold a large result; above this it is skipped.
local EVENT_BYTES = 64 * 1024

local stream_definition = { row = rows.by_name.get_stream_events, title = "events:stream" }
local probe_definition = { row = rows.by_name.stream, title = "stream" }
local policy = { base = 8, cap = 10 }

local end_types = {}
for _, event_type in pairs(status.with_event) do end_types[#end_types + 1] = event_type end
table.sort(end_types)

local weak_values = { __mode = "v" }

-- What is watched of a client: watches by workflow name, and the questions of all waits.
local states = setmetatable({}, { __mode = "k" }) -- client -> state

local function state_of(client)
  local state = states[client]
  if not state then
    state = {
      workflows = {}, timers = timers.new(), ready = {}, first = 1, last = 0, requests = {}, count = 0,
      alone = setmetatable({}, { __mode = "k" }), -- waits with a stream of their own -> true
      waiting = setmetatable({}, { __mode = "k" }), -- owners that wait -> true
    }
    states[client] = state
  end
  return state
end

--- Is anything watched?
function watch.has_any(client)
  return state_of(client).count > 0
end

--- May this wait have a stream of its own? The first one of a client may. Then `watch.leave_alone` follows.
function watch.enter_alone(client, owner)
  local alone = state_of(client).alone
  if next(alone) or watch.has_any(client) then return false end
  alone[owner] = true
  return true
end

--- A wait with a stream of its own is over.
function watch.leave_alone(client, owner)
  state_of(client).alone[owner] = nil
end

--- Takes note of a broker_sequence of the service: where a shared stream may begin.
function watch.note_sequence(client, sequence)
  local state = state_of(client)
  local is_first = not state.sequence
  if sequence and (is_first or sequence > state.sequence) then state.sequence = sequence end
  if is_first and state.sequence and state.task then loop.signal(client, state) end
end

-- The seconds between the questions for an execution that is not told of otherwise.
local function pause_of(state)
  return math.min(EVERY_SECONDS, math.max(LEAST_SECONDS, state.count / MOST_QUESTIONS))
end

-- The `every` of a question: does a list tell the end?
local function new_every(state, entry)
  return function()
    local watched = entry.workflow
    return watched and not watched.is_blind and EVERY_SECONDS or pause_of(state)
  end
end

-- Plans the next question of an entry.
local function plan(state, entry)
  if entry.timer then entry.timer.task = nil end
  if entry.question then entry.question.again_most = pause_of(state) end
  local due = not entry.left and entry.question and entry.question:due() or math.huge
  entry.timer = due < math.huge and not entry.question.request and state.timers:add(due, entry) or nil
end

local function tell(client, entry)
  local owner = entry.owner
  if not owner then return end
  if owner.on_news then owner:on_news(entry) end
  owner.has_news = true
  loop.signal(client, owner)
end

local function hint(state, entry)
  if not entry.question then return end
  entry.question:hint()
  plan(state, entry)
end

local function each_of(watched, id)
  return ipairs(watched.by_id[id] or {})
end

local function new_workflow(client, state, name, entry)
  local watched = {
    name = name, by_id = {}, count = 0, noise = 0, noise_since = now(), quiet_until = 0, prune_at = 0, is_blind = false,
  }
  watched.probe_at = next(state.alone) and now() + SEQUENCE_SECONDS or 0
  watched.sweep = sweep.new(client, name, entry.question.answered_date or entry.question.start_time, function(run)
    for _, each in each_of(watched, run.execution_id) do
      local at = type(run.end_time) == "string" and run.end_time or "unknown"
      if each.hinted_end ~= at then
        each.hinted_end = at
        hint(state, each)
      end
    end
  end)
  state.workflows[name] = watched
  return watched
end

local function close_stream(watched)
  if watched.connection then watched.connection:close() end
  if watched.probe then watched.probe:close() end
  watched.connection, watched.probe = nil, nil
end

local function open_stream(client, state, watched)
  if state.sequence then
    watched.connection = connection.open(client, stream_definition, {}, nil, {
      workflow_name = watched.name, workflow_event_types = end_types, scope = "workflow",
      start_seq = state.sequence + 1,
    }, { policy = policy, patient = true, event_bytes = EVENT_BYTES })
    watched.skipped = 0
  elseif watched.newest and now() >= watched.probe_at then
    watched.probe = connection.open(client, probe_definition, {}, watched.newest, { event_source = "HYBRID" },
      { policy = policy, patient = true, event_bytes = EVENT_BYTES })
    watched.newest = nil
  end
end

-- Takes the events of the shared stream.
local function take_events(client, state, watched)
  local stream = watched.connection
  local event = stream:step()
  while event do
    watch.note_sequence(client, stream.last_sequence)
    local detail, known = status.event_of(event.data), false
    if detail then
      for _, entry in each_of(watched, detail.workflow_exec_id) do
        known = true
        entry.failure_message = status.failure_message(detail)
        hint(state, entry)
      end
    end
    if not known then watched.noise = watched.noise + 1 end
    event = stream:step()
  end
  if stream.skipped > watched.skipped then -- an end that was too large to be read
    watched.skipped = stream.skipped
    watched.sweep:hurry()
  end
  if now() >= watched.noise_since + NOISE_SECONDS then watched.noise, watched.noise_since = 0, now() end
  if watched.noise > MOST_NOISE then
    watched.quiet_until = now() + QUIET_SECONDS
    close_stream(watched)
  end
end

-- Asks the list; while there is none, each execution is asked for more often.
local function step_sweep(state, watched)
  watched.sweep:step()
  if watched.is_blind == watched.sweep:is_failing() then return end
  watched.is_blind = watched.sweep:is_failing()
  for _, list in pairs(watched.by_id) do
    for _, entry in ipairs(list) do plan(state, entry) end
  end
end

local function step_workflow(client, state, watched)
  step_sweep(state, watched)
  local opened = watched.connection or watched.probe
  if watched.connection then
    take_events(client, state, watched)
  elseif opened and opened:step() then
    watch.note_sequence(client, opened.last_sequence)
    close_stream(watched)
  end
  if opened and opened.err then
    watched.quiet_until = now() + QUIET_SECONDS
    close_stream(watched)
  end
  if not watched.connection and not watched.probe and now() >= watched.quiet_until then
    open_stream(client, state, watched)
  end
end

local function leave_workflow(state, entry)
  local watched = entry.workflow
  if not watched then return end
  local list = watched.by_id[entry.id]
  for index = #list, 1, -1 do
    if list[index] == entry then table.remove(list, index) end
  end
  if #list == 0 then watched.by_id[entry.id] = nil end
  watched.count = watched.count - 1
  if watched.count > 0 then return end
  close_stream(watched)
  watched.sweep:close()
  state.workflows[watched.name] = nil
end

-- Puts an execution that runs into the watch of its workflow.
local function enter_workflow(client, state, entry)
  local question = entry.question
  local name = question.execution and question.execution.workflow_name
  if entry.workflow or question.final or type(name) ~= "string" or name == "" then return end
  local watched = state.workflows[name] or new_workflow(client, state, name, entry)
  watched.by_id[entry.id] = watched.by_id[entry.id] or {}
  table.insert(watched.by_id[entry.id], entry)
  watched.count, entry.workflow, watched.newest = watched.count + 1, watched, entry.id
end

local function drop(state, entry)
  if entry.left then return end
  entry.left = true
  state.count = state.count - 1
  plan(state, entry)
  leave_workflow(state, entry)
end

-- Drops what was waited for by coroutines that were given up and collected.
local function prune(state, watched)
  if now() < watched.prune_at then return end
  watched.prune_at = now() + PRUNE_SECONDS
  local gone = {}
  for _, list in pairs(watched.by_id) do
    for _, entry in ipairs(list) do
      if not entry.owner then gone[#gone + 1] = entry end
    end
  end
  for _, entry in ipairs(gone) do drop(state, entry) end
end

-- Does what is due about one question. Returns true while a request is under way.
local function step_question(client, state, entry)
  local question = entry.question
  if not entry.owner then drop(state, entry) end
  if entry.left then return false end
  if question:step() then
    enter_workflow(client, state, entry)
    tell(client, entry)
  end
  plan(state, entry)
  return question.request ~= nil
end

-- Takes the answers of questions, and begins new ones.
local function step_questions(client, state)
  local requests = state.requests
  for index = #requests, 1, -1 do
    if not step_question(client, state, requests[index]) then
      requests[index] = requests[#requests]
      requests[#requests] = nil
    end
  end
  for entry in state.timers:due(now()) do
    state.last = state.last + 1
    state.ready[state.last] = entry
  end
  while #requests < MOST_REQUESTS and state.first <= state.last do
    local entry = state.ready[state.first]
    state.ready[state.first] = nil
    state.first = state.first + 1
    if step_question(client, state, entry) then requests[#requests + 1] = entry end
  end
  if state.first > state.last then state.first, state.last = 1, 0 end
end

-- Waits for whatever the watch waits for.
local function await(client, state)
  local transfers, due = {}, state.timers:next() or math.huge
  local function add(what)
    if not what then return end
    due = math.min(due, what:due())
    transfers[#transfers + 1] = what:transfer()
  end
  for _, entry in ipairs(state.requests) do add(entry.question) end
  for _, watched in pairs(state.workflows) do
    add(watched.sweep)
    add(watched.connection)
    add(watched.probe)
    for _, at in ipairs { watched.quiet_until, watched.probe_at } do
      if at > now() then due = math.min(due, at) end
    end
  end
  loop.await_any(client, transfers, state, loop.glance(due < math.huge and due or nil))
  if not loop.is_leaving() then return end
  for owner in pairs(state.waiting) do loop.signal(client, owner) end
end

local function run(client, state)
  while state.count > 0 and not client.handle:closed() do
    step_questions(client, state)
    for _, watched in pairs(state.workflows) do prune(state, watched) end
    for _, watched in pairs(state.workflows) do step_workflow(client, state, watched) end
    if state.count > 0 then await(client, state) end -- those that are left may just have been dropped
  end
  state.task = nil
end

-- An error in the task (of the observer, say) is raised in one of the waits.
local function failed(client, state, problem)
  state.task, state.problem = nil, { problem }
  local owner = next(state.waiting)
  if owner then loop.signal(client, owner) end
end

local function ensure_task(client, state)
  if state.task then return end
  state.task = loop.spawn(client, function() run(client, state) end,
    function(problem) failed(client, state, problem) end)
end

--- Adds a question to those that are watched. Both it and its owner are the caller's to keep.
-- @param owner table: `owner:on_news(entry)`, where there is such a method, is called when there is an answer
-- @return the entry, for `watch.remove`
function watch.add(client, question, owner)
  local state = state_of(client)
  local entry = setmetatable({ id = question.id, question = question, owner = owner, workflow = nil, timer = nil },
    weak_values)
  question.every = new_every(state, entry)
  state.count = state.count + 1
  enter_workflow(client, state, entry)
  plan(state, entry)
  if state.task then loop.signal(client, state) end
  return entry
end

--- Takes a question out.
function watch.remove(client, entry)
  local state = state_of(client)
  if entry.question then entry.question:cancel() end
  if entry.owner then state.waiting[entry.owner] = nil end
  drop(state, entry)
  if state.count == 0 and state.task then loop.signal(client, state) end -- the task ends
end

--- Waits until there is news for the owner, or until the monotonic time `deadline`; may return early.
-- @param open what is cancelled when the caller is, as a task of `map` can be
function watch.await(client, owner, deadline, open)
  local state = state_of(client)
  if not owner.has_news then
    ensure_task(client, state)
    state.waiting[owner] = true
    loop.await_signal(client, owner, deadline, open)
    state.waiting[owner] = nil
  end
  owner.has_news = false
  local problem = state.problem
  if problem then
    state.problem = nil
    error(problem[1], 0)
  end
end

return watch
