--- The event log: every event of the service under an ascending number, its broker sequence, which starts at 1.
--
-- Beside the log itself there is an index per execution, in chunks: lists of "first+count". A *span* stands for many
-- made-up events that are written out only when somebody reads them.

local json = require "sandbox.json"
local store = require "sandbox.store"

local event_log = {}

local events = ngx.shared.events

local CHUNK = 600

--- The most recent number given out. An event counts only when everything that belongs to it is there.
function event_log.last()
  return store.number "last event"
end

local function chunk_key(key, chunk)
  return ("i:%s:%d"):format(key, chunk)
end

local function chunks_of(key)
  return events:get("n:" .. key) or 1
end

local function extended(text, first, count)
  local head, start, length = (text or ""):match("^(.-)(%d+)%+(%d+)$")
  if start and start + length == first then
    return ("%s%d+%d"):format(head, start, length + count)
  end
  return ("%s%d+%d"):format(text and text .. " " or "", first, count)
end

local function index(key, first, count)
  local chunk = chunks_of(key)
  local text = events:get(chunk_key(key, chunk))
  if text and #text > CHUNK then
    chunk, text = chunk + 1, nil
    store.write(events, "n:" .. key, chunk)
  end
  store.write(events, chunk_key(key, chunk), extended(text, first, count))
end

local function index_all(keys, first, count)
  index(keys[1], first, count)
  if keys[2] ~= keys[1] then
    index(keys[2], first, count)
  end
end

--- Adds an event, within a change. `keys` are the two executions it belongs to: its own and the root.
function event_log.append(keys, text)
  local sequence = store.count "last event"
  store.write_new(events, sequence, text)
  index_all(keys, sequence, 1)
end

--- Adds `count` made-up events, within a change. `facts` (a record) is what they are made of.
function event_log.append_span(keys, count, facts)
  facts.first, facts.last = event_log.last() + 1, event_log.last() + count
  store.write_new(events, "span:" .. store.count "spans", json.pack(facts))
  index_all(keys, facts.first, count)
  store.count("last event", count)
end

-- The spans, as far as this worker has read them.
local spans, spans_epoch = {}, nil

local function refresh_spans()
  local epoch = store.number "epoch"
  if epoch ~= spans_epoch then
    spans, spans_epoch = {}, epoch
  end
  for number = #spans + 1, store.number "spans" do
    spans[number] = json.unpack(events:get("span:" .. number))
  end
end

local function span_of(sequence)
  refresh_spans()
  local low, high = 1, #spans
  while low < high do
    local middle = math.ceil((low + high) / 2)
    if spans[middle].first <= sequence then
      low = middle
    else
      high = middle - 1
    end
  end
  local span = spans[low]
  return span and sequence >= span.first and sequence <= span.last and span or nil
end

--- The text of an event, or nil and the span that it is part of; nothing if there is none.
function event_log.read(sequence)
  local text = events:get(sequence)
  if text then
    return text
  end
  return nil, span_of(sequence)
end

local function last_of_chunk(key, chunk)
  local first, count = events:get(chunk_key(key, chunk)):match("(%d+)%+(%d+)$")
  return first + count - 1
end

-- The first chunk of an execution's index that reaches to `sequence`; the last one if none does.
local function seek(key, sequence)
  local low, high = 1, chunks_of(key)
  while low < high do
    local middle = math.floor((low + high) / 2)
    if last_of_chunk(key, middle) >= sequence then
      high = middle
    else
      low = middle + 1
    end
  end
  return low
end

local function parse(text)
  local list = {}
  for first, count in text:gmatch("(%d+)%+(%d+)") do
    list[#list + 1] = { first = first + 0, last = first + count - 1 }
  end
  return list
end

--- A function that returns the next sequence of an execution's events from `sequence` on, or nil if there is none yet.
function event_log.follow(key, sequence)
  local chunk, text, list, place = seek(key, sequence), nil, {}, 1
  return function()
    while true do
      local range = list[place]
      if range and sequence <= range.last then
        sequence = math.max(sequence, range.first)
        if sequence > event_log.last() then
          return nil
        end
        sequence = sequence + 1
        return sequence - 1
      elseif list[place + 1] then
        place = place + 1
      else
        local now = events:get(chunk_key(key, chunk))
        if now ~= text then
          text, list = now, parse(now or "")
        elseif chunk < chunks_of(key) then
          chunk, text, list, place = chunk + 1, nil, {}, 1
        else
          return nil
        end
      end
    end
  end
end

--- A function that returns an execution's sequences from `sequence` down to `first`.
function event_log.back(key, sequence, first)
  local chunk = seek(key, sequence)
  local list = parse(events:get(chunk_key(key, chunk)) or "")
  local place = #list
  sequence = math.min(sequence, event_log.last())
  return function()
    while true do
      local range = list[place]
      if range and sequence >= range.first then
        sequence = math.min(sequence, range.last) - 1
        return sequence + 1 >= first and sequence + 1 or nil
      elseif range then
        place = place - 1
      elseif chunk > 1 then
        chunk = chunk - 1
        list = parse(events:get(chunk_key(key, chunk)))
        place = #list
      else
        return nil
      end
    end
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

return event_log
