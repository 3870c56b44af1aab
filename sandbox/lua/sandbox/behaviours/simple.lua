--- Workflows that run by themselves.
--
-- A behaviour has `steps(run, index, input)`: the index-th thing that happens to a run, or nil when nothing more is
-- planned. A step is `{ at = seconds after the start, ... }` with one of
--   emit = type, attributes =, stream =, task =      an event
--   child = workflow, input =                        a child execution
--   join = true                                      children are brought up to this moment
--   finish = status, result = or message =           the end
-- `input` is the decoded input, an empty table if there was none.

local json = require "sandbox.json"
local payloads = require "sandbox.payloads"

local object = json.object

local function schema(properties, ...)
  return object("type", "object", "properties", properties, ...)
end

local function field(kind, description, ...)
  return object("type", kind, "description", description, ...)
end

--- An event of a custom task.
local function task(at, what, kind, id, payload, ...)
  return { at = at, emit = "CUSTOM_TASK_" .. what, stream = kind, task = { id = id, name = kind },
    attributes = object("custom_task_id", id, "custom_task_type", kind, "payload", payload, ...) }
end

local function whole(value)
  return object("type", "json", "value", value)
end

local function patch(operations)
  return object("type", "json_patch", "value", json.list(operations))
end

-- Bounds of what callers choose.
local DAY, MOST = 86400, 50000

local function number_or(value, default)
  return json.number(value) or default
end

local hello = { name = "hello", display_name = "Hello", description = "Greets; done at once.",
  input = schema(object("name", field("string", "Whom to greet.", "default", "world"))),
  output = schema(object("message", field("string", "The greeting."))) }

function hello.steps(_, index, input)
  if index == 1 then
    local name = type(input.name) == "string" and input.name or "world"
    return { at = 0, finish = "COMPLETED", result = object("message", "Hello, " .. name .. "!") }
  end
end

local echo = { name = "echo", display_name = "Echo", description = "Returns its input, byte for byte.",
  input = schema(json.empty_object, "additionalProperties", true) }

function echo.steps(run, index)
  if index == 1 then
    return { at = 0, finish = "COMPLETED", result = json.raw(payloads.input(run) or "null") }
  end
end

local slow = { name = "slow", display_name = "Slow", description = "Runs for some seconds and tells how far it is.",
  input = schema(object("seconds", field("number", "How long to run.", "minimum", 0, "maximum", DAY, "default", 1))),
  output = schema(object("seconds", field("number", "How long it ran."))) }

function slow.steps(run, index, input)
  local seconds, marks = number_or(input.seconds, 1), 4
  local id = run.run:sub(1, 8) .. "-progress"
  if index == 1 then
    return task(0, "STARTED", "progress", id, whole(object("progress", 0)))
  elseif index <= marks + 1 then
    local share = (index - 1) / (marks + 1)
    return task(seconds * share, "IN_PROGRESS", "progress", id, whole(object("progress", share)))
  elseif index == marks + 2 then
    return task(seconds, "COMPLETED", "progress", id, whole(object("progress", 1)))
  elseif index == marks + 3 then
    return { at = seconds, finish = "COMPLETED", result = object("seconds", seconds) }
  end
end

local fail = { name = "fail", display_name = "Fail", description = "Fails with the message it was given.",
  input = schema(object("message", field("string", "What the failure says.", "default", "boom"),
    "after", field("number", "Seconds before it fails.", "minimum", 0, "maximum", DAY, "default", 0))) }

function fail.steps(_, index, input)
  if index == 1 then
    return { at = number_or(input.after, 0), finish = "FAILED",
      message = type(input.message) == "string" and input.message or "boom" }
  end
end

local tokens = { name = "tokens", display_name = "Tokens", description = "Emits a text token by token.",
  input = schema(object("count", field("integer", "How many tokens.", "minimum", 0, "maximum", MOST, "default", 200),
    "interval", field("number", "Seconds between two tokens.", "minimum", 0, "maximum", DAY,
    "default", 0.005))),
  output = schema(object("count", field("integer", "How many tokens."), "text", field("string", "All of them."))) }

local words = { "The ", "cat ", "sat ", "on ", "the ", "mat ", "and ", "watched ", "the ", "rain. " }

local function text_of(count)
  local parts = {}
  for index = 1, count do
    parts[index] = words[(index - 1) % #words + 1]
  end
  return table.concat(parts)
end

function tokens.steps(run, index, input)
  local count, interval = number_or(input.count, 200), number_or(input.interval, 0.005)
  local id = run.run:sub(1, 8) .. "-token"
  local token = index - 1
  if index == 1 then
    return task(0, "STARTED", "token", id, whole(object("text", "")))
  elseif token <= count then
    return task(token * interval, "IN_PROGRESS", "token", id,
      patch { object("op", "append", "path", "/text", "value", words[(token - 1) % #words + 1]) })
  elseif token == count + 1 then
    return task(count * interval, "COMPLETED", "token", id, whole(object("text", text_of(count))))
  elseif token == count + 2 then
    return { at = count * interval, finish = "COMPLETED", result = object("count", count, "text", text_of(count)) }
  end
end

local CHILDREN = 3

local tree = { name = "tree", display_name = "Tree", description = "Starts three children and waits for them.",
  input = schema(object("seconds", field("number", "How long the last child runs.", "minimum", 0, "maximum", DAY,
    "default", 0.3))),
  output = schema(object("children", field("integer", "How many children there were."))) }

function tree.steps(_, index, input)
  local seconds = number_or(input.seconds, 0.3)
  if index <= CHILDREN then
    return { at = 0.02 * (index - 1), child = "slow", input = object("seconds", seconds * index / CHILDREN) }
  elseif index == CHILDREN + 1 then
    return { at = 0.02 * CHILDREN + seconds, join = true }
  elseif index == CHILDREN + 2 then
    return { at = 0.02 * CHILDREN + seconds, finish = "COMPLETED", result = object("children", CHILDREN) }
  end
end

local forever = { name = "forever", display_name = "Forever", description = "Runs until it is cancelled or terminated.",
  input = schema(json.empty_object, "additionalProperties", true), steps = function() end }

local ambiguous = { name = "ambiguous", display_name = "Ambiguous", description = "Served by two deployments at once.",
  deployments = { "blue", "green" }, input = hello.input, output = hello.output, steps = hello.steps }

local retired = { name = "retired", display_name = "Retired", description = "An archived workflow.", archived = true,
  input = hello.input, output = hello.output, steps = hello.steps }

local strict = { name = "strict", display_name = "Strict", description = "Wants an integer n and nothing else.",
  input = schema(object("n", field("integer", "Any integer.")), "required", json.list { "n" },
    "additionalProperties", false),
  output = schema(object("n", field("integer", "The same integer."))), steps = echo.steps }

return { hello, echo, slow, fail, tokens, tree, forever, ambiguous, retired, strict }
