--- The command that writes types for editors.

local annotations = require "mistral.workflows.cli.annotations"
local screen = require "mistral.workflows.cli.screen"
local workflows = require "mistral.workflows"

local HEAD = [[
---@meta _
---@diagnostic disable: duplicate-set-field, duplicate-doc-field
-- The workflows of a workspace, for editors that read LuaCATS annotations. Made by `mistral-workflows types`.
]]

-- What a method of the library takes, by the kind of what a definition declares.
local handlers = {
  { kind = "signals", method = "signal" }, { kind = "queries", method = "query" },
  { kind = "updates", method = "update" },
}

-- The newest definition of each workflow, or of those that are named, in order.
local function definitions(asked, names)
  local wanted, list, seen = nil, {}, {}
  for _, name in ipairs(names) do
    asked.args.workflow = name
    local workflow = asked:try(asked:client().workflows:get(name)).workflow
    wanted = wanted or {}
    wanted[workflow.name] = true
  end
  local params = { active_only = true, with_workflow = true, limit = 200 }
  local options = { fields = { "workflow.name", "definition" } }
  for registration in asked:client().registrations:each(params, options) do
    local name = workflows.value(registration.workflow) and registration.workflow.name
    if name and not seen[name] and (not wanted or wanted[name]) then
      seen[name] = true
      list[#list + 1] = { name = name, definition = registration.definition }
    end
  end
  table.sort(list, function(a, b) return a.name < b.name end)
  return list
end

local function add_handlers(types, bodies, prefix, definition)
  for _, each in ipairs(handlers) do
    for _, handler in ipairs(workflows.value(definition[each.kind], {})) do
      local name = ("%s.%s"):format(each.method, annotations.word(handler.name))
      local input = types:add(handler.input_schema, prefix, name .. ".input") or "table"
      local parent = ("mistral.workflows.%s_workflow_execution.body"):format(each.method)
      local fields = { "name " .. workflows.json.encode(handler.name), "input? " .. input }
      local class = types:class(("%s.%s"):format(prefix, name), parent, fields)
      table.insert(bodies[each.method], class)
    end
  end
end

local OVERLOAD = "---@overload fun(self: mistral.workflows.workflows, workflow: %s, %s, options?: %s): %s"

local function workflow_methods(list)
  local lines = { "---@class mistral.workflows.workflows", "local workflows = {}", "" }
  for _, each in ipairs(list) do
    lines[#lines + 1] = OVERLOAD:format(each.literal, each.request, "mistral.workflows.WaitOptions",
      (each.result == "any" and "any" or each.result .. "?") .. ", table|mistral.workflows.Error")
  end
  lines[#lines + 1] = "function workflows:run(workflow, request, options) end\n"
  for _, each in ipairs(list) do
    lines[#lines + 1] = OVERLOAD:format(each.literal, each.request, "mistral.workflows.CallOptions",
      "table?, mistral.workflows.Error?")
  end
  lines[#lines + 1] = "function workflows:execute(workflow, body, options) end\n"
  return table.concat(lines, "\n")
end

local function execution_methods(bodies)
  local lines = { "---@class mistral.workflows.executions", "local executions = {}", "" }
  for _, each in ipairs(handlers) do
    if #bodies[each.method] > 0 then
      lines[#lines + 1] = "---@param id string\n---@param body " .. table.concat(bodies[each.method], "|")
        .. "\n---@param options? mistral.workflows.CallOptions"
        .. "\n---@return table? answer\n---@return mistral.workflows.Error? err"
      lines[#lines + 1] = ("function executions:%s(id, body, options) end\n"):format(each.method)
    end
  end
  return table.concat(lines, "\n")
end

local function write_types(asked, args)
  local types, bodies, list = annotations.new(), { signal = {}, query = {}, update = {} }, {}
  for index, each in ipairs(definitions(asked, args.name)) do
    local prefix = "workflows." .. annotations.word(each.name)
    local input = types:add(each.definition.input_schema, prefix, "input") or "table"
    local request = types:class(prefix .. ".request", "mistral.workflows.execute_workflow.body", { "input? " .. input })
    list[index] = {
      literal = workflows.json.encode(each.name), request = "request?: " .. request,
      result = types:add(each.definition.output_schema, prefix, "result") or "any",
    }
    add_handlers(types, bodies, prefix, each.definition)
  end
  screen.write(HEAD, "\n", table.concat(types.lines, "\n"), "\n", workflow_methods(list), "\n",
    execution_methods(bodies))
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
