--- Workflows that wait for somebody.
--
-- Beside `steps` (see `simple`), a behaviour has handlers by name: `signals`, `queries` and `updates`, each with a
-- `description`, the `input` schema, for the latter two the `output` schema, and `handle(run, input)`. A signal returns
-- a step to take at once, or nil; a query and an update return their result, an update also a step. `run.vars` is the
-- state. A step's `before` is an event that goes ahead of it.

local json = require "sandbox.json"

local object = json.object

local nothing = object("type", "object", "properties", json.empty_object, "additionalProperties", false)

local function integer_member(description)
  return object("type", "object", "properties", object("n", object("type", "integer", "description", description,
    "minimum", -1000000000, "maximum", 1000000000)), "required", json.list { "n" }, "additionalProperties", false)
end

local approval = { name = "approval", display_name = "Approval", description = "Waits for the signal `approve`.",
  input = object("type", "object", "properties", object("subject", object("type", "string",
    "description", "What is to be approved."))),
  output = object("type", "object", "properties", object("approved", object("type", "boolean"))),
  steps = function() end,
  signals = {
    approve = { description = "The decision.",
      input = object("type", "object", "properties", object("approved", object("type", "boolean",
        "description", "true to go on, false to stop.")), "required", json.list { "approved" },
        "additionalProperties", false),
      handle = function(_, input)
        return { finish = "COMPLETED", result = object("approved", input.approved) }
      end },
  } }

local function value_of(run)
  return run.vars.value or 0
end

local function add(run, input)
  run.vars.value = value_of(run) + json.number(input.n)
  return run.vars.value
end

local counter = { name = "counter", display_name = "Counter", description = "Keeps a number until the signal `stop`.",
  input = object("type", "object", "properties", json.empty_object),
  output = object("type", "object", "properties", object("value", object("type", "integer"))),
  steps = function() end,
  signals = {
    add = { description = "Adds to the number.", input = integer_member "What to add.",
      handle = function(run, input) add(run, input) end },
    stop = { description = "Ends the workflow.", input = nothing,
      handle = function(run)
        return { finish = "COMPLETED", result = object("value", value_of(run)) }
      end },
  },
  queries = {
    get = { description = "The number.", input = nothing, output = object("type", "integer"), handle = value_of },
  },
  updates = {
    add = { description = "Adds to the number and returns it.", input = integer_member "What to add.",
      output = object("type", "integer"), handle = add },
  } }

local form_schema = object("type", "object", "title", "Approve the order", "properties", object(
  "approved", object("type", "boolean", "title", "Approved"),
  "comment", object("type", "string", "title", "Comment")), "required", json.list { "approved" })

local function form_task(run)
  return run.run:sub(1, 8) .. "-input"
end

local form = { name = "form", display_name = "Form", description = "Asks a person for input.",
  input = object("type", "object", "properties", object("order", object("type", "string",
    "description", "Number of the order."))),
  output = object("type", "object", "properties", object("submitted", object("type", "object"))) }

function form.steps(run, index)
  if index == 1 then
    local id = form_task(run)
    return { at = 0, emit = "CUSTOM_TASK_STARTED", stream = "wait_for_input",
      task = { id = id, name = "wait_for_input" },
      attributes = object("custom_task_id", id, "custom_task_type", "wait_for_input", "payload", object("type", "json",
        "value", object("label", "Approve the order", "input_schema", form_schema))) }
  end
end

local function submit(run, input)
  if input.task_id ~= form_task(run) then
    return object("error", "No pending input with this task_id")
  elseif not json.is_object(input.input) or type(input.input.approved) ~= "boolean" then
    return object("error", "Invalid input: 'approved' must be a boolean")
  end
  local submitted = json.raw(json.encode(input.input))
  return object("error", json.null), { finish = "COMPLETED", result = object("submitted", submitted),
    before = { emit = "CUSTOM_TASK_COMPLETED", stream = "wait_for_input",
      task = { id = input.task_id, name = "wait_for_input" },
      attributes = object("custom_task_id", input.task_id, "custom_task_type", "wait_for_input", "payload",
        object("type", "json", "value", submitted)) } }
end

form.queries = {
  __get_pending_inputs = { description = "Inputs that a person has to give.", input = nothing,
    output = object("type", "object"),
    handle = function(run)
      return object("pending_inputs", json.list { object("task_id", form_task(run), "label", "Approve the order",
        "input_schema", form_schema) })
    end },
}
form.updates = {
  __submit_input = { description = "Gives one of them.",
    input = object("type", "object", "properties", object("task_id", object("type", "string"),
      "input", object("type", "object")), "required", json.list { "task_id", "input" }),
    output = object("type", "object"), handle = submit },
}

return { approval, counter, form }
