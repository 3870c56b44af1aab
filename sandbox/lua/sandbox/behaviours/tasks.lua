--- Workflows whose events show what events can be: patches, encrypted values, failures and time-outs of tasks, runs
-- that continue as new ones, a sign-in to a connector. See `simple` for what a behaviour is.

local identifier = require "sandbox.identifier"
local json = require "sandbox.json"

local object, null = json.object, json.null

local URL = os.getenv "SANDBOX_URL" or "http://127.0.0.1"

-- {"a":1} with AES-GCM, key 000102…1f and nonce 000102…0b.
local ENCRYPTED = "AAECAwQFBgcICQoLPCC3Of/Uv/leDUorNT/XZP722B+wgyY="

local nothing = object("type", "object", "properties", json.empty_object)

local function id_of(run, name)
  return run.run:sub(1, 8) .. "-" .. name
end

local function event(at, kind, stream, id, name, attributes)
  return { at = at, emit = kind, stream = stream, task = { id = id, name = name }, attributes = attributes }
end

local function custom(run, at, what, name, ...)
  return event(at, "CUSTOM_TASK_" .. what, name, id_of(run, name), name,
    object("custom_task_id", id_of(run, name), "custom_task_type", name, ...))
end

local function activity(at, what, id, name, ...)
  return event(at, "ACTIVITY_TASK_" .. what, "activity", id, name, object("task_id", id, "activity_name", name, ...))
end

local function whole(value, options)
  return object("type", "json", "value", value, "encoding_options", options)
end

local function patch(operations, options)
  return object("type", "json_patch", "value", operations, "encoding_options", options)
end

local function operation(op, path, value)
  return object("op", op, "path", path, "value", value)
end

-- Steps from a list of functions of the run.
local function listed(list)
  return function(run, index)
    return list[index] and list[index](run)
  end
end

local document = { name = "document", display_name = "Document", description = "Writes a document by patches of all " ..
  "kinds, and one whose values are encrypted.", input = nothing, output = object("type", "object") }

local written = object("title", "Report", "text", "First draft.", "sections", json.list { "Introduction", "End" })

local first_patches = { operation("replace", "/title", "Report"), operation("append", "/text", "First "),
  operation("add", "/sections/-", "Introduction"), operation("add", "/sections/1", "Superfluous") }
local more_patches = { operation("append", "/text", "draft."), operation("remove", "/sections/1", null),
  operation("add", "/sections/-", "End") }

document.steps = listed {
  function(run)
    return custom(run, 0, "STARTED", "document", "payload",
      whole(object("title", "Untitled", "text", "", "sections", json.empty_array)))
  end,
  function(run) return custom(run, 0.01, "IN_PROGRESS", "document", "payload", patch(json.list(first_patches))) end,
  function(run) return custom(run, 0.02, "IN_PROGRESS", "document", "payload", patch(json.list(more_patches))) end,
  function(run)
    return custom(run, 0.03, "STARTED", "secret", "payload", whole(ENCRYPTED, json.list { "encrypted" }))
  end,
  function(run)
    local value = object("type", "__encrypted__", "value", ENCRYPTED)
    return custom(run, 0.04, "IN_PROGRESS", "secret", "payload", patch(json.list { operation("append", "/text", value),
      operation("replace", "/state", value) }, json.list { "encrypted-partial" }))
  end,
  function(run)
    return custom(run, 0.05, "IN_PROGRESS", "secret", "payload", patch(ENCRYPTED, json.list { "encrypted" }))
  end,
  function(run)
    return custom(run, 0.06, "COMPLETED", "secret", "payload", whole(ENCRYPTED, json.list { "encrypted" }))
  end,
  function(run)
    return custom(run, 0.07, "IN_PROGRESS", "document", "payload",
      patch(json.list { operation("replace", "", written) }))
  end,
  function(run) return custom(run, 0.08, "COMPLETED", "document", "payload", whole(written)) end,
  function() return { at = 0.08, finish = "COMPLETED", result = written } end,
}

local troubles = { name = "troubles", display_name = "Troubles", description = "Completes after tasks of all kinds " ..
  "have failed, timed out or were cancelled.", input = nothing, output = object("type", "object") }

local function failure(message)
  return object("message", message)
end

troubles.steps = listed {
  function() return event(0, "WORKFLOW_TASK_TIMED_OUT", "workflow", nil, nil,
    object("task_id", "workflow-task-1", "timeout_type", "START_TO_CLOSE")) end,
  function() return event(0.01, "WORKFLOW_TASK_FAILED", "workflow", nil, nil,
    object("task_id", "workflow-task-2", "failure", failure "non-deterministic change")) end,
  function() return activity(0.02, "STARTED", "1", "fetch_document", "input", whole(json.empty_object)) end,
  function() return activity(0.03, "RETRYING", "1", "fetch_document", "attempt", 1, "failure", failure "no answer") end,
  function() return activity(0.04, "FAILED", "1", "fetch_document", "attempt", 2, "failure", failure "no answer") end,
  function(run) return custom(run, 0.05, "STARTED", "upload", "payload", whole(object("progress", 0))) end,
  function(run) return custom(run, 0.06, "FAILED", "upload", "failure", failure "the disk is full") end,
  function(run) return custom(run, 0.07, "STARTED", "review", "payload", whole(json.empty_object)) end,
  function(run) return custom(run, 0.08, "TIMED_OUT", "review", "timeout_type", "SCHEDULE_TO_CLOSE") end,
  function(run) return custom(run, 0.09, "STARTED", "summary", "payload", whole(json.empty_object)) end,
  function(run) return custom(run, 0.1, "CANCELED", "summary", "reason", "no longer needed") end,
  function() return { at = 0.11, finish = "COMPLETED", result = object("troubles", 6) } end,
}

local generations = { name = "generations", display_name = "Generations",
  description = "Continues as a new run some times before it completes.",
  input = object("type", "object", "properties", object(
    "count", object("type", "integer", "description", "How many runs.", "minimum", 1, "maximum", 100, "default", 3),
    "seconds", object("type", "number", "description", "How long each one is.", "minimum", 0, "maximum", 3600,
      "default", 0.1))),
  output = object("type", "object", "properties", object("generation", object("type", "integer"))) }

function generations.steps(run, index, input)
  local count, seconds = json.number(input.count) or 3, json.number(input.seconds) or 0.1
  local generation = run.vars.generation or 1
  if index == 1 and generation < count then
    return { at = seconds, again = { generation = generation + 1 } }
  elseif index == 1 then
    return { at = seconds, finish = "COMPLETED", result = object("generation", generation) }
  end
end

local connector = { name = "connector", display_name = "Connector",
  description = "Waits until somebody has signed in to a connector.",
  input = object("type", "object", "properties", object("connector", object("type", "string",
    "description", "Name of the connector.", "default", "gmail"))),
  output = object("type", "object", "properties", object("connected", object("type", "boolean"))) }

-- The binding that the caller gave as an extension: connector_name and credentials_name.
local function binding_of(run)
  local value = run.extensions and json.decode(run.extensions)
  for _, name in ipairs { "mistralai", "connectors", "bindings", 1 } do
    value = type(value) == "table" and value[name] or nil
  end
  return json.is_object(value) and value or {}
end

function connector.steps(run, index, input)
  if index == 1 then
    local binding = binding_of(run)
    local name = binding.connector_name or input.connector or "gmail"
    return custom(run, 0, "STARTED", "connector_auth", "payload", whole(object("connector_name", name,
      "connector_id", identifier.uuid("connector/" .. json.encode(name)),
      "credentials_name", binding.credentials_name or null,
      "auth_url", ("%s/_sandbox/connect?execution_id=%s"):format(URL, ngx.escape_uri(run.id)),
      "message", "Sign in to go on.")))
  end
end

--- The step that a sign-in leads to.
function connector.connected(run)
  return { finish = "COMPLETED", result = object("connected", true),
    before = custom(run, nil, "COMPLETED", "connector_auth", "payload", whole(object("status", "connected"))) }
end

return { document, troubles, generations, connector }
