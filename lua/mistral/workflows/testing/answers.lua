--- What the functions of a testing client get and give, and what a transport does, made of each other.
-- @module mistral.workflows.testing.answers

local core = require "mistral.workflows.core"
local rows = require "mistral.workflows.rows"

local answers = {}

-- Longer than any attempt lasts.
local FOREVER = 1e9

local problems = {
  drop = { kind = "network", message = "the connection was dropped (by a test)" },
  refuse = { kind = "connect", message = "the connection was refused (by a test)" },
}

local function unescaped(text)
  return (text:gsub("%%(%x%x)", function(digits) return string.char(tonumber(digits, 16)) end))
end

-- The query as a table; what comes more than once is a list.
local function params_of(query)
  local params = {}
  for written_name, written_value in (query or ""):gmatch "([^&=]+)=([^&]*)" do
    local name, value = unescaped(written_name), unescaped(written_value)
    local before = params[name]
    if type(before) == "table" then
      before[#before + 1] = value
    else
      params[name] = before and { before, value } or value
    end
  end
  return params
end

local function path_value_of(row, path)
  local before, after = row.path:match "^(.*){[^}]*}(.*)$"
  if not before then return nil end
  local from = path:find(before, 1, true)
  return from and unescaped(path:sub(from + #before, #path - #after)) or nil
end

--- The request as the functions of a test get it: that of a transport, without what is secret, and
--
-- * `path_value`: what the path is about: the name of a workflow, the id of an execution
-- * `params`: the query as a table of texts; of lists where a name comes more than once
-- * `json`: the decoded body
function answers.request(request)
  local copy = {}
  for name, value in next, request do copy[name] = value end
  copy.headers = {}
  for name, value in next, request.headers do
    if name:lower() ~= "authorization" then copy.headers[name] = value end
  end
  copy.path_value = path_value_of(rows.by_name[request.operation], request.path)
  copy.params = params_of(request.query)
  copy.json = request.body and core.json.decode(request.body) or nil
  return copy
end

-- An event as a frame of the stream. A workflow event, as lists have it, is put into an envelope.
local function frame(request, event, index)
  if event.event_type ~= nil then
    local inner = {}
    for name, value in next, event do inner[name] = value end
    if request.operation == "stream" then inner.workflow_exec_id = inner.workflow_exec_id or request.path_value end
    event = { broker_sequence = index, data = inner }
  end
  return ("id: %s\ndata: %s\n\n"):format(tostring(event.broker_sequence or index), assert(core.json.encode(event)))
end

-- The pieces of a stream: a table is an event, a number so many seconds of silence, "timeout" silence without an end,
-- "drop" breaks the connection, any other text is sent as it is.
local function pieces(request, items, sleep)
  local index = 0
  local function step()
    index = index + 1
    local item = items[index]
    if type(item) == "number" or item == "timeout" then
      sleep(item == "timeout" and FOREVER or item)
      return step()
    end
    if problems[item] then return nil, problems[item] end
    if type(item) == "table" then return frame(request, item, index) end
    return item
  end
  return step
end

--- An answer that tells a program's author what its test lacks; nothing tries once more after it.
function answers.problem(message)
  return { status = 501, body = { detail = "testing.client: " .. message } }
end

--- What a transport is to give.
-- @param request of `answers.request`
-- @param sleep function that lets so many seconds pass
-- @param status, body, headers what the function of the test gave: a status and a body; a body alone; or "drop",
-- "refuse" or "timeout"
function answers.response(request, sleep, status, body, headers)
  if status == "timeout" then
    sleep(FOREVER)
    return nil, problems.drop
  end
  if problems[status] then return nil, problems[status] end
  if type(status) == "table" then
    if type(body) == "number" then
      return answers.problem(request.operation .. " gave a table and a number; the status comes first")
    end
    status, body, headers = 200, status, body
  end
  if type(status) ~= "number" then
    return answers.problem(("%s gave '%s', which is no status; it gives a status and a body, a body alone, "
      .. "\"drop\", \"refuse\" or \"timeout\""):format(request.operation, tostring(status)))
  end
  if type(body) == "table" and status < 300 and rows.by_name[request.operation].response == "events" then
    body = pieces(request, body, sleep)
  end
  return { status = status, body = body, headers = headers }
end

return answers
