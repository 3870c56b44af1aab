--- A gateway in front of Mistral Workflows: browsers and other programs get what it offers, and never see the key.

local workflows = require "mistral.workflows"

local gateway = {}

local RUN_SECONDS = 300
local SILENT_SECONDS = 15 -- after this long without an event a comment is sent, which finds out who has left
local LOOK_SECONDS = 0.5 -- how soon a follower notices that the worker leaves

-- Made before nginx forks: each worker has connections of its own.
local client = workflows.new()

local function encode(value)
  return assert(workflows.json.encode(value))
end

local function answer(status, value)
  ngx.status = status
  ngx.header.content_type = "application/json"
  ngx.header.cache_control = "no-store"
  ngx.print(encode(value), "\n")
end

-- What the service says about a request is passed on; what it says about the gateway is the gateway's trouble.
local passed_on = { [400] = true, [404] = true, [409] = true, [413] = true, [422] = true, [429] = true }
local statuses = { timeout = 504, execution = 500, cancelled = 503 }

local function status_of(err)
  if err.kind == "http" and passed_on[err.status] then return err.status end
  return statuses[err.kind] or 502
end

-- An error of the library holds no key, so that its text can be shown.
local function facts_of(err)
  return {
    message = workflows.is_error(err) and tostring(err) or err.message,
    kind = err.kind, code = err.code, execution_id = err.execution_id, retryable = err.retryable,
  }
end

local function fail(err)
  if err.retry_after then ngx.header.retry_after = math.ceil(err.retry_after) end
  answer(status_of(err), { error = facts_of(err) })
end

local function refuse(status, message)
  answer(status, { error = { message = message } })
end

-- The input of a workflow: the body, which is JSON or empty. Returns nil when it was refused.
local function read_input()
  ngx.req.read_body()
  local text = ngx.req.get_body_data() or ""
  if not text:find "%S" then return {} end
  local input, problem = workflows.json.decode(text)
  if input == nil then refuse(400, "the body is not JSON: " .. problem) end
  return input
end

-- Like `err`, but for what the library calls misuse and raises: a name or an input that can never be sent.
local function guarded(fn, ...)
  local ok, value, second = pcall(fn, ...)
  if ok then return value, second end
  return nil, { kind = "http", status = 400, message = value, retryable = false }
end

local function start(name, input)
  local execution, err = guarded(client.workflows.execute, client.workflows, name, { input = input })
  if not execution then return fail(err) end
  ngx.header.location = "/follow/" .. ngx.escape_uri(execution.execution_id)
  answer(202, { execution_id = execution.execution_id, status = execution.status })
end

--- POST /run/WORKFLOW: runs it with the body as its input and answers with its result. With the header
-- "Prefer: respond-async" it answers once the workflow has started, and says where to follow it.
function gateway.run()
  if ngx.req.get_method() ~= "POST" then
    ngx.header.allow = "POST"
    return refuse(405, "POST runs a workflow")
  end
  local input = read_input()
  if input == nil then return end
  if (ngx.var.http_prefer or ""):find("respond-async", 1, true) then return start(ngx.var.workflow, input) end
  local result, execution = guarded(client.workflows.run, client.workflows, ngx.var.workflow, { input = input },
    { timeout = RUN_SECONDS })
  if result == nil then return fail(execution) end
  answer(200, { execution_id = execution.execution_id, status = execution.status, result = result })
end

-- Hands a frame to the browser; waits until the system took it, so that a slow browser slows down the service instead
-- of filling the memory. Returns false when the browser has left.
local function send(id, name, value)
  local head = (id and "id: " .. id .. "\n" or "") .. (name and "event: " .. name .. "\n" or "")
  return ngx.print(head, "data: ", encode(value), "\n\n") and ngx.flush(true)
end

-- Closes the stream when the worker is about to leave: the browser comes back, to another one.
local function watch(stream)
  local silent = 0
  while not ngx.worker.exiting() do
    ngx.sleep(LOOK_SECONDS)
    silent = silent + LOOK_SECONDS
    if silent >= SILENT_SECONDS then
      silent = 0
      ngx.print ": still here\n\n"
      ngx.flush()
    end
  end
  stream:close()
end

-- The last frame: what became of the execution. Without it the browser asks again.
local function finish(id)
  if ngx.worker.exiting() then return end
  local execution, err = client.executions:get(id)
  if execution then
    send(nil, "end", { status = execution.status, result = execution.result })
  else
    send(nil, "trouble", facts_of(err))
  end
end

--- GET /events/EXECUTION: its events as server-sent events, from the first one or behind Last-Event-ID, then a frame
-- "end" with its status and result, or "trouble" with an error.
function gateway.events()
  local id = ngx.var.execution
  local execution, err = guarded(client.executions.get, client.executions, id)
  if not execution then return fail(err) end
  ngx.header.content_type = "text/event-stream"
  ngx.header.cache_control = "no-store"
  ngx.header.x_accel_buffering = "no"
  ngx.print "retry: 1000\n\n"
  ngx.flush()
  local stream = client.executions:stream(id, { last_event_id = ngx.var.http_last_event_id })
  ngx.on_abort(function()
    stream:close()
    ngx.exit(499)
  end)
  local watcher = ngx.thread.spawn(watch, stream)
  local ok, problem = pcall(function()
    for event in stream do
      if not send(event.id, nil, event.data) then break end
    end
  end)
  stream:close()
  ngx.thread.kill(watcher)
  if ok then
    finish(id)
  else
    send(nil, "trouble", workflows.is_error(problem) and facts_of(problem) or { message = "internal error" })
    if not workflows.is_error(problem) then error(problem, 0) end
  end
end

return gateway
