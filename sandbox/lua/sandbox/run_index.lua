--- What a worker remembers of all runs, so that lists cost what a page costs, whatever the number of runs.
--
-- Shared memory holds the runs; whoever stores one notes its identifier in a journal. Each worker reads the journal
-- before it answers, and keeps the runs in order of their start and of their end, by status.

local heap = require "sandbox.heap"
local past_runs = require "sandbox.past_runs"
local store = require "sandbox.store"
local wake = require "sandbox.wake"

local run_index = {}

-- How many runs within bounds of time are worth sorting anew.
local NARROW = 1000

local by_run, due, orders, statuses
local seen, epoch = 0, nil

-- Orders: `moment(run)` is what they sort by, then comes the run's number.

local function by_start(run)
  return run.start
end

-- Runs that have not ended come last.
local function by_end(run)
  return run.finish or math.huge
end

--- The status that a run shows; "null" is how a forced status of null is kept.
function run_index.status(run)
  return run.mask or run.status
end

-- Place of the first run in an ascending list that is not before (moment, number).
local function search(list, moment_of, moment, number)
  local low, high = 1, #list + 1
  while low < high do
    local middle = (low + high - (low + high) % 2) / 2
    local run = list[middle]
    local at = moment_of(run)
    if at < moment or (at == moment and run.number < number) then
      low = middle + 1
    else
      high = middle
    end
  end
  return low
end

-- A run is in two lists of each order: that of its status, and that of its status and workflow.

local function key_of(status, workflow)
  return workflow and status .. "/" .. workflow or status
end

local function insert_into(order, key, run)
  local list = order.lists[key] or {}
  order.lists[key] = list
  table.insert(list, search(list, order.moment, order.moment(run), run.number), run)
end

local function insert(run)
  local status = run_index.status(run)
  statuses[status] = true
  for _, order in pairs(orders) do
    insert_into(order, status, run)
    insert_into(order, key_of(status, run.workflow), run)
  end
end

local function remove_from(order, key, run)
  local list = order.lists[key]
  table.remove(list, search(list, order.moment, order.moment(run), run.number))
end

local function remove(run)
  local status = run_index.status(run)
  for _, order in pairs(orders) do
    remove_from(order, status, run)
    remove_from(order, key_of(status, run.workflow), run)
  end
end

-- Puts new facts into the table of a run that is known already.
local function renew(known, run)
  for name in pairs(known) do
    if run[name] == nil then
      known[name] = nil
    end
  end
  for name, value in pairs(run) do
    known[name] = value
  end
end

-- Takes in the facts of a run, or forgets it when there is none: its start was undone.
local function take_in(run_id, run)
  local known = by_run[run_id]
  local moved = not known or not run or run_index.status(known) ~= run_index.status(run) or known.finish ~= run.finish
  if known and moved then
    remove(known)
  end
  if not run then
    by_run[run_id] = nil
    return
  elseif known then
    run.event_members, run.envelope = known.event_members, known.envelope
    renew(known, run)
  else
    by_run[run_id] = run
  end
  if moved then
    insert(by_run[run_id])
  end
  if run.due or run.successor_at then
    due:push(run.due or run.successor_at, run_id)
  end
end

local function load(run_id)
  return store.get("run:" .. run_id)
end

local function rebuild()
  by_run, due, statuses = {}, heap.new(), {}
  orders = { start_time = { name = "start_time", moment = by_start, lists = {} },
    end_time = { name = "end_time", moment = by_end, lists = {} } }
  for _, run in ipairs(past_runs.all()) do
    by_run[run.run] = run
    insert(run)
  end
  for number = 1, store.number "runs" do
    local run_id = store.get_text("runs/" .. number)
    take_in(run_id, load(run_id))
  end
end

-- The runs that the journal names since it was read last, each once, in order.
local function journal_since(first, last)
  local list, done = {}, {}
  for number = last, first, -1 do
    local run_id = store.journal_entry(number)
    if not done[run_id] then
      done[run_id] = true
      table.insert(list, run_id)
    end
  end
  return list
end

--- Brings this worker's memory up to date, and wakes those of this worker who wait for what others changed.
function run_index.sync()
  local last, kept = store.journal_length()
  if epoch ~= store.number "epoch" or last - seen >= kept then
    epoch = store.number "epoch"
    rebuild()
    seen = last
  end
  local changed = journal_since(seen + 1, last)
  seen = last
  for index = #changed, 1, -1 do
    local run = load(changed[index])
    take_in(changed[index], run)
    if run and ngx.worker.count() > 1 then
      wake.signal(run.id, run.root)
    end
  end
end

--- What is known of a run by its identifier, or nil.
function run_index.facts(run_id)
  if not by_run or not by_run[run_id] then
    run_index.sync()
  end
  return by_run[run_id] or load(run_id)
end

--- The identifier of a run that has something to do by `now`, or nil and the time when one has.
function run_index.next_due(now)
  local time = due and due:time()
  if time and time <= now then
    return due:pop()
  end
  return nil, time
end

--- Has a run looked at again at `time`.
function run_index.postpone(run_id, time)
  due:push(time, run_id)
end

-- Bounds of the part of a list between two moments, both included; nil is no bound.
local function bounds(list, moment, from, to)
  return from and search(list, moment, from, -math.huge) or 1,
    to and search(list, moment, to, math.huge) - 1 or #list
end

-- The part of a list that a walk goes over: the list, the next place and the last one.
local function part_of(list, order, range)
  local moment = order.moment
  local low, high = bounds(list, moment, unpack(range[range.order], 1, 2))
  if range.after and range.down then
    high = math.min(high, search(list, moment, range.after, range.after_number) - 1)
  elseif range.after then
    low = math.max(low, search(list, moment, range.after, range.after_number + 0.5))
  end
  if range.down then
    return { list = list, place = high, last = low }
  end
  return { list = list, place = low, last = high }
end

-- The runs within the bounds of another order, sorted for this one; nil if they are more than a few.
local function few_of(keys, order, other, from, to)
  local lists, count, moment = {}, 0, order.moment
  for index, key in ipairs(keys) do
    local low, high = bounds(other.lists[key], other.moment, from, to)
    count = count + high - low + 1
    if count > NARROW then
      return nil
    end
    lists[index] = { unpack(other.lists[key], low, high) }
    table.sort(lists[index], function(a, b)
      return moment(a) < moment(b) or moment(a) == moment(b) and a.number < b.number
    end)
  end
  return lists
end

-- The lists to walk over: those of the order, or, when few runs lie within the bounds of the other order, of these.
local function lists_of(keys, range)
  local order, other = orders[range.order], orders[range.order == "start_time" and "end_time" or "start_time"]
  local from, to = unpack(range[other.name], 1, 2)
  local lists = (from or to) and few_of(keys, order, other, from, to)
  if not lists then
    lists = {}
    for index, key in ipairs(keys) do
      lists[index] = order.lists[key]
    end
  end
  return lists
end

-- The part whose next run comes first.
local function foremost(parts, moment, sign)
  local best, best_run
  for index = 1, #parts do
    local part = parts[index]
    if (part.last - part.place) * sign >= 0 then
      local run = part.list[part.place]
      local ahead = not best and 1 or (moment(best_run) - moment(run)) * sign
      if ahead > 0 or (ahead ~= ahead or ahead == 0) and (best_run.number - run.number) * sign > 0 then
        best, best_run = part, run
      end
    end
  end
  return best, best_run
end

--- A function that returns one run after the other. `range`: order (start_time or end_time), down, statuses (a set) and
-- workflow (nil for all), ended (leave out those that run), start_time and end_time (first and last moment, or nil),
-- after and after_number (where a page ended). The bounds of the other order only help to find fewer; runs outside of
-- them may come.
function run_index.walk(range)
  run_index.sync()
  local order, keys, parts = orders[range.order], {}, {}
  for status in pairs(statuses) do
    local key = key_of(status, range.workflow)
    if (not range.statuses or range.statuses[status]) and not (range.ended and status == "RUNNING") and
      order.lists[key] then
      keys[#keys + 1] = key
    end
  end
  for index, list in ipairs(lists_of(keys, range)) do
    parts[index] = part_of(list, order, range)
  end
  local sign = range.down and -1 or 1
  return function()
    local part, run = foremost(parts, order.moment, sign)
    if part then
      part.place = part.place + sign
    end
    return run
  end
end

--- Where a walk is when it has come to a run: what `after` and `after_number` have to be to go on.
function run_index.place(order, run)
  return orders[order].moment(run), run.number
end

return run_index
