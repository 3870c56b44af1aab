--- All behaviours by the name of their workflow.

local json = require "sandbox.json"
local ordinary = require "sandbox.behaviours.ordinary"

local programs = { list = {}, by_name = {} }

for _, list in ipairs { require "sandbox.behaviours.simple", require "sandbox.behaviours.interactive",
  require "sandbox.behaviours.tasks" } do
  for _, behaviour in ipairs(list) do
    programs.list[#programs.list + 1] = behaviour
    programs.by_name[behaviour.name] = behaviour
  end
end

--- What a workflow does; the workflows without a behaviour of their own share one.
function programs.of(workflow_name)
  return programs.by_name[workflow_name] or ordinary
end

local function handlers(from, with_output)
  local names, list = {}, {}
  for name in pairs(from or {}) do
    names[#names + 1] = name
  end
  table.sort(names)
  for index, name in ipairs(names) do
    local handler = from[name]
    list[index] = json.object("name", name, "description", handler.description, "input_schema", handler.input,
      "output_schema", with_output and handler.output or nil)
  end
  return json.array(list)
end

--- The definition (raw) of a workflow with a behaviour of its own.
function programs.definition(behaviour)
  return json.object("input_schema", behaviour.input, "output_schema", behaviour.output or json.null,
    "signals", handlers(behaviour.signals), "queries", handlers(behaviour.queries, true),
    "updates", handlers(behaviour.updates, true), "enforce_determinism", false, "on_behalf_of", false,
    "execution_timeout", 3600, "plugin_metadata", json.null)
end

return programs
