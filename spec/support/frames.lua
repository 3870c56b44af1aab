--- Event streams for the fault server.

local clients = require "spec.support.clients"

local frames = {}

--- A client of a server that does these steps; it tries four times, quickly.
-- @param options that differ, or nil
function frames.client(server, steps, options)
  local all = { retry = { attempts = 4, base = 0.01, cap = 0.05 } }
  for name, value in pairs(options or {}) do all[name] = value end
  server:script(steps)
  return clients.new(server, all)
end

--- What the connections of streams asked for: paths with their queries.
function frames.asked(server)
  local list = {}
  for _, request in ipairs(server:log()) do
    if request.request_line:find "stream" then list[#list + 1] = request.request_line:match "^GET (%S+)" end
  end
  return list
end

--- The header of an answer whose end is the end of the connection.
frames.head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"

--- The header of a chunked answer: an end of the connection before the last chunk is a cut.
frames.chunked = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"

--- The text of an event with a broker_sequence.
-- @param id of the frame, or nil for none
function frames.event(sequence, id)
  return ('%sdata: {"broker_sequence":%d,"data":{"event_type":"CUSTOM_TASK_IN_PROGRESS"}}\n\n'):format(
    id and "id: " .. id .. "\n" or "", sequence)
end

--- The texts of several, one after the other.
function frames.events(first, last)
  local list = {}
  for sequence = first, last do list[#list + 1] = frames.event(sequence) end
  return table.concat(list)
end

--- A log record: a frame without a sequence.
function frames.log(id)
  return ('id: %s\nevent: log\ndata: {"body":"line %s"}\n\n'):format(id, id)
end

--- A step of the fault server: a stream of these texts that ends in order.
function frames.step(path, ...)
  return { path = path, actions = { { "send", frames.head .. table.concat { ... } }, { "close" } } }
end

--- The broker_sequences of up to `count` events of a stream.
function frames.take(stream, count)
  local list = {}
  for index = 1, count do
    local event = stream()
    if not event then break end
    list[index] = event.data.broker_sequence
  end
  return list
end

return frames
