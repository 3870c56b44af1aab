-- Answers, lists and events of any shape, to every method, walk, batch, wait and stream: a result or an error object
-- comes of them, without the key. Nobody waits: the clock of a testing client is set forward.

local input = require "fuzz.input"
local operations = require "spec.support.operations"
local testing = require "mistral.workflows.testing"
local workflows = require "mistral.workflows"

local random, one_of = math.random, input.one_of

local KEY = "sk-Abc/def+GHI=0123456789"
local ID = "5fa1b0d6-55a8-45e1-9d67-31e4c0fdb4a5"

local scalars = {
  "null", "true", "false", "0", "5", "-1", "5.0", "5.5", "1e400", "1e-400", "1e300", "12345678901234567890",
  "9223372036854775807", "9007199254740991", "9007199254740992", '""', '"x"', '"e"', '".."', '"a/b"', '"\\ud83d"',
  '"\\u0000"', '"' .. KEY .. '"', '"2026-01-01T00:00:00Z"', '"nan"', '"0x10"', '"WF_1101"', '"RUNNING"', '"COMPLETED"',
  '"FAILED"', '"CANCELED"', '"TIMED_OUT"', '"CONTINUED_AS_NEW"', "{}", "[]",
}
-- The members that the library reads.
local names = {
  "status", "result", "execution_id", "workflow_name", "workflow", "workflow_registration", "name", "start_time",
  "end_time", "pending_inputs", "error", "detail", "message", "code", "type", "msg", "loc", "deployments", "executions",
  "runs", "events", "results", "archived", "unarchived", "errored", "next_cursor", "next_page_token", "data",
  "attributes", "failure", "event_type", "workflow_exec_id", "broker_sequence", "event_timestamp", "payload", "value",
  "op", "path", "reason", "error_description", "title", "errors", "id",
}
local event_types = {
  '"WORKFLOW_EXECUTION_STARTED"', '"WORKFLOW_EXECUTION_COMPLETED"', '"WORKFLOW_EXECUTION_FAILED"',
  '"CUSTOM_TASK_IN_PROGRESS"',
}
local bodies = {
  signal_workflow_execution = { name = "n" }, query_workflow_execution = { name = "n" },
  update_workflow_execution = { name = "n" }, reset_workflow = { event_id = 1 },
  schedule_workflow = { workflow_identifier = "w", schedule = { input = {} } },
  update_schedule = { schedule = { input = {} } },
  create_deployment = { name = "n", spec = { github_url = "https://github.com/a/b" } },
}
local statuses = { 200, 200, 200, 200, 200, 200, 201, 204, 300, 302, 304, 400, 401, 404, 409, 422, 429, 500, 503, 999 }

local function member(name, value) return ('"%s":%s'):format(name, value) end

local function any_value(depth)
  local kind, parts = random(10), {}
  if depth > 4 or kind <= 4 then return one_of(scalars) end
  for index = 1, random(0, 4) do
    parts[index] = kind <= 8 and member(one_of(names), any_value(depth + 1)) or any_value(depth + 1)
  end
  return kind <= 8 and "{" .. table.concat(parts, ",") .. "}" or "[" .. table.concat(parts, ",") .. "]"
end

-- Mostly what the operation promises.
local function likely_value(operation)
  local parts = {}
  if operation.paging then
    local list = {}
    for index = 1, random(0, 3) do list[index] = any_value(3) end
    parts[1] = member(operation.paging.items, "[" .. table.concat(list, ",") .. "]")
    parts[2] = member(operation.paging.next, random() < 0.5 and "null" or '"c' .. random(50) .. '"')
  end
  for index = 1, 12 do
    if random() < 0.4 then parts[#parts + 1] = member(names[index], any_value(3)) end
  end
  return "{" .. table.concat(parts, ",") .. "}"
end

local function events()
  local parts, sequence = {}, 0
  local function line(share, text)
    if random() < share then parts[#parts + 1] = text .. one_of { "\n", "\r", "\r\n" } end
  end
  for _ = 1, random(0, 6) do
    sequence = sequence + random(0, 3)
    line(0.2, ": comment")
    line(0.3, "event: " .. one_of { "error", "log", "workflow.event", "\0", KEY })
    line(0.4, "id: " .. one_of { sequence, "x y", "\255", "é", "", "a\0b", ("i"):rep(2000), '"' })
    line(0.2, "retry: " .. one_of { "1", "0", ("9"):rep(20), "-1", "x" })
    local event = "{" .. member("workflow_exec_id", one_of { '"e"', any_value(3) }) .. ","
      .. member("event_type", one_of { one_of(event_types), any_value(3) }) .. ","
      .. member("event_timestamp", one_of { "1769000000000000000", any_value(3) }) .. ","
      .. member("attributes", any_value(2)) .. "}"
    line(0.9, "data: " .. one_of { any_value(0), "{" .. member("data", event) .. ","
      .. member("broker_sequence", one_of { sequence, any_value(3) }) .. "}" })
    line(0.9, "")
  end
  return table.concat(parts)
end

local function headers()
  local list = {}
  local function header(share, name, values)
    if random() < share then list[name] = one_of(values) end
  end
  header(0.1, "Content-Type", { "text/html", "application/json", "text/event-stream", "" })
  header(0.2, "Retry-After", { "0", "-1", "x", "1e9", "3", "Wed, 21 Oct 2015 07:28:00 GMT" })
  header(0.2, "Date", { "Wed, 21 Oct 2015 07:28:00 GMT", "x", "" })
  header(0.1, "Location", { "https://x/" .. KEY, "/a", "", ("l"):rep(10000), "\255" })
  header(0.1, "X-Request-Id", { "r", KEY, "", ("l"):rep(10000) })
  return list
end

local function answer_of(operation)
  return function()
    if random() < 0.04 then return one_of { "drop", "refuse", "timeout" } end
    local body = random() < 0.6 and likely_value(operation) or any_value(0)
    if operation.response == "events" and random() < 0.7 then body = events() end
    if random() < 0.05 then body = input.mutated(body) end
    return one_of(statuses), body, headers()
  end
end

local function holds_key(value)
  if type(value) == "string" then return value:find(KEY, 1, true) end
  for name, item in next, type(value) == "table" and value or {} do
    if holds_key(name) or holds_key(item) then return true end
  end
  return false
end

local function check(err)
  if not workflows.is_error(err) then error(err, 0) end
  assert(type(err.kind) == "string" and err.kind ~= "invalid", tostring(err))
  assert(type(err.message) == "string" and #err.message < 5000)
  assert(type(err.attempts) == "number" and type(err.retryable) == "boolean" and type(err.operation) == "string")
  assert(not err.message:find "table: " and not err.message:find "userdata", err.message)
  assert(not tostring(err):find "[%z\1-\31\127]" and not holds_key(tostring(err)) and not holds_key(err))
end

-- Goes through an iterator, at most so far.
local function walk(iterator, look)
  local ok, err = pcall(function()
    local count = 0
    for a, b, c in iterator() do
      count = count + 1
      if look then look(a, b, c) end
      if count > 20 then return end
    end
  end)
  if not ok then check(err) end
end

local function see_event(event)
  for _, name in ipairs { "event_type", "attributes", "broker_sequence" } do local _ = event[name] end
  local ok, err = pcall(workflows.fold, nil, event)
  if not ok then check(err) end
end

local jobs = {}

local function add(fn)
  jobs[#jobs + 1] = function(client)
    local value, err, gap = fn(client)
    if value == nil then check(err) end
    if gap then check(gap) end
  end
end

local function add_walk(fn, look)
  jobs[#jobs + 1] = function(client) walk(function() return fn(client) end, look) end
end

-- Calls a method of an operation with what it needs.
local function call(client, operation, verb, options)
  local resource = operation.call:match "^(.-):"
  local object = resource == "" and client or client[resource]
  if operation.call:find "_many$" then
    local ids = {}
    for index = 1, random() < 0.1 and 150 or random(0, 3) do ids[index] = ("%08x"):format(index) .. ID:sub(9) end
    return object[verb](object, ids, options)
  elseif operation.path:find "{" then
    return object[verb](object, ID, bodies[operation.name], options)
  end
  return object[verb](object, bodies[operation.name], options)
end

-- The options of a call that may want less than all, or the text.
local function wanting(operation, options)
  options = options or {}
  if random() < 0.2 then options.raw = true end
  if not options.raw and random() < 0.2 and operation.method == "GET" then
    options.fields = { "id", { "workflow", "name" }, "status", "data.name" }
  end
  return options
end

for _, operation in ipairs(operations) do
  local verb = operation.call:match ":(.*)$"
  if operation.response == "events" then
    add_walk(function(client) return call(client, operation, verb, { deadline = 30 }) end, see_event)
  else
    add(function(client) return call(client, operation, verb, wanting(operation)) end)
  end
  if operation.paging then
    local item = verb:gsub("s$", "")
    for _, name in ipairs(verb == "list" and { "each", "pages" } or { "each_" .. item, item .. "_pages" }) do
      add_walk(function(client)
        return call(client, operation, name, wanting(operation, { prefetch = random() < 0.5 }))
      end)
    end
  end
end

local function waiting() return { timeout = 30, on_event = random() < 0.5 and see_event or nil } end

local function joining()
  local options = waiting()
  options.join = true
  return options
end

for _, fn in ipairs {
  function(client) return client.executions:wait("e", waiting()) end,
  function(client) return client.workflows:run("w", {}, waiting()) end,
  function(client) return client.workflows:run("w", { execution_id = "e" }, waiting()) end,
  function(client) return client.workflows:run("w", { execution_id = "e" }, joining()) end,
  function(client) return client.workflows:run("w", { execution_id = false }, waiting()) end,
  function(client) return client.registrations:run(ID, { execution_id = "e" }, joining()) end,
  function(client) return client.workflows:execute("w", { execution_id = "e" }) end,
  function(client) return client.workflows:execute("w", { wait_for_result = true, timeout_seconds = 5 }) end,
  function(client) return client.executions:pending_inputs "e" end,
  function(client) return client.executions:submit_input("e", "t", {}) end,
} do
  add(fn)
end

add_walk(function(client) return client.executions:waiting() end, function(_, _, err)
  if err then check(err) end
end)
add_walk(function(client) return client.executions:as_completed({ "e", "f", "g" }, { timeout = 30 }) end,
  function(_, err)
    if err then check(err) end
  end)

local answers = {}
for _, operation in ipairs(operations) do answers[operation.name] = answer_of(operation) end

input.run(function()
  local client = testing.client(answers, {
    api_key = KEY, parameters = "open", retry = random() < 0.5 and { attempts = 2, base = 1 } or false,
    observer = function(info) assert(not holds_key(info)) end,
  })
  for _ = 1, 10 do one_of(jobs)(client) end
  client:close()
end)
