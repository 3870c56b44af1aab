--- The event log: every event of the service under an ascending number, its broker sequence, which starts at 1.
--
-- Beside the log itself there is an index per execution. An entry is a *header* (tab-separated facts to filter by), the
-- *envelope* around the event as the streams send it, and the event as JSON. A *span* stands for many made-up events
-- that are written out only when somebody reads them.

local json = require "sandbox.json"
local synthetic_events = require "sandbox.synthetic_events"

local event_log = {}

local events = ngx.shared.events

-- The most recent number given out.
function event_log.last()
  return events:get("last") or 0
end

local function index(key, first, count)
  local place = events:incr("n:" .. key, 1, 0)
  events:set("i:" .. key .. ":" .. place, first .. "," .. count)
end

local function index_all(keys, first, count)
  index(keys[1], first, count)
  if keys[2] and keys[2] ~= keys[1] then
    index(keys[2], first, count)
  end
end

-- A number counts as given out only when its event can be read: readers of other workers must not meet a gap. Hence
-- writers have to hold the store's lock.

--- Adds an event; `write(sequence)` returns its header, envelope and JSON. `keys` are the executions it belongs to.
function event_log.append(keys, write)
  local sequence = event_log.last() + 1
  local header, envelope, text = write(sequence)
  events:set(sequence, header .. "\n" .. envelope .. "\n" .. text)
  index_all(keys, sequence, 1)
  events:set("last", sequence)
  return sequence
end

--- Adds `count` made-up events. `facts` is what `synthetic.entry` needs to write one.
function event_log.append_span(keys, count, facts)
  local first = event_log.last() + 1
  facts.first, facts.count = first, count
  local spans = json.unpack(events:get("spans") or "[]")
  spans[#spans + 1] = facts
  events:set("spans", json.pack(spans))
  index_all(keys, first, count)
  events:set("last", first + count - 1)
  return first
end

local spans_text, spans = nil, {}

local function span_of(sequence)
  local text = events:get "spans"
  if text ~= spans_text then
    spans_text, spans = text, text and json.unpack(text) or {}
  end
  for _, span in ipairs(spans) do
    if sequence >= span.first and sequence < span.first + span.count then
      return span
    end
  end
end

--- Header, envelope and JSON of an event; nil if there is none (yet).
function event_log.read(sequence)
  local text = events:get(sequence)
  if text then
    local first = text:find("\n", 1, true)
    local second = text:find("\n", first + 1, true)
    return text:sub(1, first - 1), text:sub(first + 1, second - 1), text:sub(second + 1)
  end
  local span = span_of(sequence)
  if span then
    return synthetic_events.entry(span, sequence)
  end
end

-- Place in an execution's index of the first entry that ends at `sequence` or later.
local function seek(key, sequence)
  local low, high = 1, (events:get("n:" .. key) or 0) + 1
  while low < high do
    local middle = math.floor((low + high) / 2)
    local first, count = events:get("i:" .. key .. ":" .. middle):match("^(%d+),(%d+)$")
    if first + count - 1 >= sequence then
      high = middle
    else
      low = middle + 1
    end
  end
  return low
end

--- A function that returns the next sequence of an execution's events from `sequence` on, or nil if there is none yet.
function event_log.follow(key, sequence)
  local place, last = seek(key, sequence) - 1, 0
  return function()
    if sequence > last then
      local entry = events:get("i:" .. key .. ":" .. place + 1)
      if not entry then
        return nil
      end
      local first, count = entry:match("^(%d+),(%d+)$")
      place, last = place + 1, first + count - 1
      sequence = math.max(sequence, first + 0)
    end
    sequence = sequence + 1
    return sequence - 1
  end
end

--- The same over the whole log.
function event_log.follow_all(sequence)
  sequence = math.max(sequence, 1)
  return function()
    if sequence > event_log.last() then
      return nil
    end
    sequence = sequence + 1
    return sequence - 1
  end
end

function event_log.clear()
  events:flush_all()
  events:flush_expired()
end

return event_log
