--- The command that writes types for editors.

local annotations = require "mistral.workflows.cli.annotations"
local reading = require "mistral.workflows.cli.reading"
local screen = require "mistral.workflows.cli.screen"
local workflows = require "mistral.workflows"

local HEAD = [[
---@meta _
---@diagnostic disable: duplicate-set-field, duplicate-doc-field
-- The workflows of a workspace, for editors that read LuaCATS annotations. Made by `mistral-workflows types`.
]]

-- What a definition declares: the method of the library that takes it, and the answer of that method.
local handlers = {
  { kind = "signals", method = "signal", answer = "mistral.workflows.SignalAnswer" },
  { kind = "queries", method = "query", answer = "mistral.workflows.QueryAnswer" },
  { kind = "updates", method = "update", answer = "mistral.workflows.UpdateAnswer" },
}

-- The newest definition of each workflow, or of those that are named, in order.
local function definitions(asked, names)
  local wanted, list, seen = nil, {}, {}
  for _, name in ipairs(names) do
    asked.args.workflow = name
    local workflow = asked:try(asked:client().workflows:get(name))
    wanted = wanted or {}
    wanted[reading.text(reading.value(workflow, "workflow.name"))] = true
  end
  local params = { active_only = true, with_workflow = true, limit = 200 }
  local options = { fields = { "workflow.name", "definition" } }
  for registration in asked:client().registrations:each(params, options) do
    local name = reading.text(reading.value(registration, "workflow.name"))
    if name ~= "" and not seen[name] and (not wanted or wanted[name]) then
      seen[name] = true
      list[#list + 1] = { name = name, definition = reading.list(registration.definition) }
    end
  end
  table.sort(list, function(a, b) return a.name < b.name end)
  return list
end

-- One handler: the class of the body that calls it, and that of its answer where its result is known.
local function add_handler(types, prefix, kind, handler)
  local name = ("%s.%s"):format(kind.method, annotations.word(reading.text(handler.name)))
  local input = types:add(handler.input_schema, prefix, name .. ".input") or "table"
  local result = types:add(handler.output_schema, prefix, name .. ".result")
  local class = types:class(("%s.%s"):format(prefix, name), "mistral.workflows.Invocation",
    { "name " .. workflows.json.encode(reading.text(handler.name)), "input? " .. input })
  local answer = result and types:class(class .. ".answer", kind.answer, { "result " .. result })
  return { body = class, answer = answer or kind.answer }
end

local function add_handlers(types, invocations, prefix, definition)
  for _, kind in ipairs(handlers) do
    for _, handler in ipairs(reading.objects(definition[kind.kind])) do
      table.insert(invocations[kind.method], add_handler(types, prefix, kind, handler))
    end
  end
end

local RUN = "---@overload fun(self: mistral.workflows.workflows, workflow: %s, request?: %s, "
  .. "options?: mistral.workflows.WaitOptions): %s, mistral.workflows.Execution|mistral.workflows.Error"
local EXECUTE = "---@overload fun(self: mistral.workflows.workflows, workflow: %s, body?: %s, "
  .. "options?: mistral.workflows.CallOptions): mistral.workflows.StartedExecution?, mistral.workflows.Error?"
local INVOKE = "---@overload fun(self: mistral.workflows.executions, id: string, body: %s, "
  .. "options?: mistral.workflows.CallOptions): %s?, mistral.workflows.Error?"

local function workflow_methods(list)
  local lines = { "---@class mistral.workflows.workflows", "local workflows = {}", "" }
  for _, each in ipairs(list) do lines[#lines + 1] = RUN:format(each.literal, each.request, each.result) end
  lines[#lines + 1] = "function workflows:run(workflow, request, options) end\n"
  for _, each in ipairs(list) do lines[#lines + 1] = EXECUTE:format(each.literal, each.request) end
  lines[#lines + 1] = "function workflows:execute(workflow, body, options) end\n"
  return table.concat(lines, "\n")
end

local function execution_methods(invocations)
  local lines = { "---@class mistral.workflows.executions", "local executions = {}", "" }
  for _, kind in ipairs(handlers) do
    local list = invocations[kind.method]
    for _, each in ipairs(list) do lines[#lines + 1] = INVOKE:format(each.body, each.answer) end
    if #list > 0 then lines[#lines + 1] = ("function executions:%s(id, body, options) end\n"):format(kind.method) end
  end
  return table.concat(lines, "\n")
end

local function write_types(asked, args)
  local types, invocations, list = annotations.new(), { signal = {}, query = {}, update = {} }, {}
  for index, each in ipairs(definitions(asked, args.name)) do
    local prefix = "workflows." .. annotations.word(each.name)
    local input = types:add(each.definition.input_schema, prefix, "input") or "table"
    local request = types:class(prefix .. ".request", "mistral.workflows.ExecuteRequest", { "input? " .. input })
    local result = types:add(each.definition.output_schema, prefix, "result")
    list[index] = {
      literal = workflows.json.encode(each.name), request = request, result = result and result .. "?" or "any",
    }
    add_handlers(types, invocations, prefix, each.definition)
  end
  screen.write(HEAD, "\n", table.concat(types.lines, "\n"), "\n", workflow_methods(list), "\n",
    execution_methods(invocations))
end

return {
  title = "Editors",
  {
    name = "types",
    summary = "Write LuaCATS types of the workspace's own workflows.",
    description = "Of their inputs, results, signals, queries and updates, from the JSON schemas of their "
      .. "registrations. Editors with lua-language-server complete and check them: "
      .. "client.workflows:run(\"invoice-check\", { input = {",
    arguments = {
      { name = "name", args = "*", complete = "workflows", description = "Names of workflows; default: all." },
    },
    examples = { { "types > types/workflows.lua" } },
    run = write_types,
  },
}
