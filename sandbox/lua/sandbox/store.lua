--- Shared memory: what all workers see. Records are Lua tables kept as JSON text.
--
-- Nothing is ever dropped to make room for something else: a write that does not fit raises a refusal. What belongs
-- together is written by `exclusively`, which undoes all of it when a part fails.

local fail = require "sandbox.fail"
local json = require "sandbox.json"

local store = {}

local state, counters = ngx.shared.state, ngx.shared.counters

-- Each dictionary, and the setting that makes it larger.
local settings = { state = "SANDBOX_STATE_MEMORY", events = "SANDBOX_EVENTS_MEMORY",
  control = "SANDBOX_CONTROL_MEMORY" }
local setting_of = {}
for name, setting in pairs(settings) do
  setting_of[ngx.shared[name]] = setting
end

--- The refusal of what does not fit into a dictionary.
function store.refuse(dictionary)
  fail.plain(507, ("The sandbox is full: %s is too small"):format(setting_of[dictionary]))
end

local JOURNAL = 16384

-- The change that is being made: what to write back, in order, should it fail; counters, which are written at its end;
-- what goes into the journal.
local undo, pending, noted

-- `old` is what the key has now. A write that fails has freed the place of the old value, so that always fits again.
local function write(dictionary, key, value, old)
  local stored = dictionary:safe_set(key, value)
  if not stored then
    dictionary:safe_set(key, old)
    store.refuse(dictionary)
  end
  if undo then
    undo[#undo + 1] = { dictionary, key, old }
  end
end

--- Stores text or a number; nil takes the key away.
function store.write(dictionary, key, value)
  write(dictionary, key, value, dictionary:get(key))
end

--- Stores under a key that is known to be new.
function store.write_new(dictionary, key, value)
  write(dictionary, key, value, nil)
end

--- The record under a key, or nil.
function store.get(key)
  local text = state:get(key)
  return text and json.unpack(text)
end

function store.put(key, record)
  store.write(state, key, json.pack(record))
end

--- Text that is not decoded.
function store.get_text(key)
  return state:get(key)
end

function store.put_text(key, text)
  store.write(state, key, text)
end

function store.delete(key)
  store.write(state, key, nil)
end

-- Counters. Others see the new value only when everything that belongs to it is there.

--- The value of a counter.
function store.number(key)
  return pending and pending[key] or counters:get(key) or 0
end

--- Adds to a counter, within a change, and returns its new value.
function store.count(key, step)
  pending[key] = store.number(key) + (step or 1)
  return pending[key]
end

--- Sets a counter, within a change.
function store.set_number(key, value)
  pending[key] = value
end

-- The journal: identifiers of runs that were stored, or whose change was undone, under an ascending number.

--- Puts an identifier into the journal, at the end of the change.
function store.note(identifier)
  noted[#noted + 1] = identifier
end

--- The last number of the journal, and how many entries are kept.
function store.journal_length()
  return counters:get "journal" or 0, JOURNAL
end

function store.journal_entry(number)
  return counters:get("journal:" .. number % JOURNAL)
end

local function write_journal(list)
  local last = store.journal_length()
  for index, identifier in ipairs(list) do
    counters:safe_set("journal:" .. (last + index) % JOURNAL, identifier)
  end
  counters:safe_set("journal", last + #list)
end

--- A switch that tests set.
function store.setting(key)
  return ngx.shared.control:get(key)
end

function store.set(key, value)
  store.write(ngx.shared.control, key, value)
end

-- Changes

local function lock()
  while not counters:safe_add("lock", 1, 5) do
    ngx.sleep(0.001)
  end
end

local function commit()
  for key, value in pairs(pending) do
    counters:safe_set(key, value)
  end
end

local function roll_back()
  for index = #undo, 1, -1 do
    local entry = undo[index]
    entry[1]:safe_set(entry[2], entry[3])
  end
end

local function conclude(succeeded, ...)
  if succeeded then
    commit()
  else
    roll_back()
  end
  write_journal(noted)
  undo, pending, noted = nil, nil, nil
  counters:delete "lock"
  if not succeeded then
    error((...), 0)
  end
  return ...
end

--- Runs `change` while no other worker changes anything: as a whole, or, when it raises, not at all. Nothing in it may
-- yield. Nested calls are one.
function store.exclusively(change, ...)
  if undo then
    return change(...)
  end
  lock()
  undo, pending, noted = {}, {}, {}
  return conclude(pcall(change, ...))
end

--- Refuses something new when what has begun already may need the rest of the memory.
function store.admit()
  for _, name in ipairs { "state", "events" } do
    local dictionary = ngx.shared[name]
    if dictionary:free_space() < dictionary:capacity() / 16 then
      store.refuse(dictionary)
    end
  end
end

--- Forgets all but settings and counters. Cannot be undone.
function store.clear()
  undo = {}
  for _, dictionary in ipairs { state, ngx.shared.events } do
    dictionary:flush_all()
    dictionary:flush_expired()
  end
end

return store
