--- Commands that find and manage workflows.

local parser = require "mistral.workflows.cli.parser"
local problem = require "mistral.workflows.cli.problem"
local schema = require "mistral.workflows.cli.schema"
local screen = require "mistral.workflows.cli.screen"
local time = require "mistral.workflows.cli.time"
local workflows = require "mistral.workflows"
local reading = require "mistral.workflows.cli.reading"

local WORKFLOW = { name = "workflow", description = "Name or id of the workflow.", complete = "workflows" }
local WORKFLOWS = {
  name = "workflow", args = "+", description = "Names or ids of workflows, any number.", complete = "workflows",
}

local function flag(value)
  if value then return "yes", "green" end
  return "no", "dim"
end

local function list(asked, args)
  local archived = args.archived or false
  if args.all then archived = nil end
  asked:list {
    resource = asked:client().workflows, member = "workflows", none = "no workflows",
    params = {
      search = args.search, tags = args.tag or nil, deployment_name = args.deployment or nil,
      deployment_status = args.active and "active", archived = archived, limit = 200,
    },
    columns = {
      { title = "NAME", field = "name", keep = true },
      { title = "DISPLAY NAME", field = "display_name", least = 12, drop = true },
      { title = "TAGS", field = "tags", drop = true,
        show = function(tags) return reading.join(tags, ", "), "blue" end },
      { title = "ARCHIVED", field = "archived", drop = true,
        show = function(value) return value and "archived" or "", "yellow" end },
      { title = "DESCRIPTION", field = "description", least = 20, drop = true },
    },
  }
end

-- The newest active registration of a workflow, or nil.
local function registration_of(client, id)
  local page = client.registrations:list { workflow_id = id, active_only = true, limit = 1 }
  return page and reading.objects(page.workflow_registrations)[1]
end

local function show_definition(definition)
  local columns = screen.columns() and screen.columns() - 2
  local function section(title, lines)
    if #lines == 0 then return end
    screen.write("\n", screen.paint("bold", title), "\n")
    for _, line in ipairs(lines) do screen.write("  ", line, "\n") end
  end
  section("Input", schema.outline(definition.input_schema, columns))
  section("Result", schema.outline(definition.output_schema, columns))
  for _, kind in ipairs { { "signals", "Signal" }, { "queries", "Query" }, { "updates", "Update" } } do
    for _, handler in ipairs(reading.objects(definition[kind[1]])) do
      local lines = schema.outline(handler.input_schema, columns)
      if #lines == 0 then lines = { "(no input)" } end
      section(("%s %s"):format(kind[2], reading.line(handler.name)), lines)
    end
  end
end

local function show(asked, args)
  local client = asked:client()
  asked:show(function(options) return client.workflows:get(args.workflow, options) end, function(answer)
    local workflow = reading.list(answer.workflow)
    local registration = registration_of(client, reading.text(workflow.id))
    asked:details {
      { "name", workflow.name }, { "display name", workflow.display_name }, { "id", workflow.id },
      { "description", workflow.description },
      { "tags", reading.join(workflow.tags, ", ") },
      { "active", flag(workflow.active) },
      { "archived", workflow.archived and "yes" },
      { "chat assistant", workflow.available_in_chat_assistant and "yes" },
      { "deployment", registration and registration.deployment_name },
      { "registration", registration and registration.id },
    }
    if registration then show_definition(reading.list(registration.definition)) end
  end)
end

-- The id of a workflow by its name or id.
local function id_of(client, name)
  return client.workflows:get(name, { fields = { "workflow.id", "workflow.name" } })
end

local function registrations(asked, args)
  local client = asked:client()
  local id = args.workflow and reading.text(reading.value(asked:try(id_of(client, args.workflow)), "workflow.id"))
  asked:list {
    resource = client.registrations, member = "workflow_registrations", none = "no registrations",
    params = {
      workflow_id = id, workflow_search = args.search, active_only = args.active, with_workflow = true, limit = 200,
    },
    columns = {
      { title = "ID", field = "id", keep = true },
      { title = "WORKFLOW", field = "workflow.name", keep = true },
      { title = "DEPLOYMENT", field = "deployment_name", drop = true },
      { title = "TIME LIMIT", field = "definition.execution_timeout", right = true, drop = true,
        show = function(value) return reading.number(value) and time.length(value) or value end },
      { title = "CHAT", field = "compatible_with_chat_assistant", drop = true, show = flag },
    },
  }
end

-- Ids of all workflows that are named, asked for at the same time.
local function resolve(asked, names)
  local client = asked:client()
  local found, errors = client:map(names, function(name) return id_of(client, name) end)
  for index in ipairs(names) do
    if errors and errors[index] then
      asked.args.workflow = names[index]
      error(errors[index], 0)
    end
  end
  local ids, labels = {}, {}
  for index, answer in ipairs(found) do
    ids[index] = reading.text(reading.value(answer, "workflow.id"))
    labels[index] = ("%s (%s)"):format(reading.text(reading.value(answer, "workflow.name")), ids[index])
  end
  return ids, labels
end

local function archiver(verb, member)
  return function(asked, args)
    local ids, labels = resolve(asked, args.workflow)
    local answer = asked:change(verb .. " " .. table.concat(labels, ", "), function()
      return asked:try(asked:client().workflows[verb .. "_many"](asked:client().workflows, ids))
    end)
    if not answer then return end
    if args.json then return asked:json(answer) end
    for _, workflow in ipairs(reading.objects(answer[member])) do
      screen.write(member, " ", reading.line(workflow.name), "\n")
    end
    local failures = reading.objects(answer.errored)
    for _, failure in ipairs(failures) do
      screen.note("%s: %s: %s", parser.program, reading.line(failure.workflow_id), reading.line(failure.message))
    end
    if #failures > 0 then return problem.status.service end
  end
end

local function update(asked, args)
  local changes = {
    display_name = args.display_name, description = args.description,
    tags = args.no_tags and workflows.array {} or args.tag and workflows.array(args.tag) or nil,
  }
  if args.chat_assistant then changes.available_in_chat_assistant = args.chat_assistant == "yes" end
  if next(changes) == nil then problem.usage "nothing to change: give --display-name, --description, --tag, ..." end
  local what = ("update %s: %s"):format(args.workflow, workflows.json.encode(changes, { sort_keys = true }))
  local answer = asked:change(what, function()
    return asked:content(asked:client().workflows:update(args.workflow, changes, { raw = args.json }))
  end)
  if not answer then return end
  if args.json then return screen.write(answer, "\n") end
  screen.write("updated ", reading.line(reading.value(answer, "workflow.name")), "\n")
end

return {
  title = "Workflows",
  {
    name = "list",
    summary = "List the workflows of the workspace.",
    description = "Without the archived ones, unless --archived or --all is given.",
    options = {
      { name = "--search", argname = "TEXT", description = "Only those whose name has this in it." },
      { name = "--tag", argname = "TAG", count = "*", description = "Only those with this tag; may be repeated." },
      { name = "--deployment", argname = "NAME", count = "*", complete = "deployments",
        description = "Only those of this deployment; may be repeated." },
      { flag = "--active", description = "Only those that a worker serves." },
      { flag = "--archived", description = "Only the archived ones." },
      { flag = "--all", description = "The archived ones too." },
      parser.limit,
    },
    examples = {
      { "list --search invoice" },
      { "list --json | jq -r .name", "the names alone" },
    },
    run = list,
  },
  {
    name = "show",
    summary = "Show a workflow with its input, result, signals, queries and updates.",
    arguments = { WORKFLOW },
    examples = { { "show hello" }, { "show hello --fields workflow.id" } },
    run = show,
  },
  {
    name = "registrations",
    summary = "List registrations: the definitions that workers have announced.",
    options = {
      { name = "--workflow", argname = "NAME", complete = "workflows", description = "Only those of this workflow." },
      { name = "--search", argname = "TEXT", description = "Only those whose workflow's name has this in it." },
      { flag = "--active", description = "Only those that a worker serves." },
      parser.limit,
    },
    examples = { { "registrations --workflow hello --json | jq .definition.input_schema", "what it takes" } },
    run = registrations,
  },
  {
    name = "archive",
    summary = "Archive workflows.",
    arguments = { WORKFLOWS },
    options = { parser.dry_run },
    examples = { { "archive legacy-import old-report --dry-run" } },
    run = archiver("archive", "archived"),
  },
  {
    name = "unarchive",
    summary = "Take workflows out of the archive.",
    arguments = { WORKFLOWS },
    options = { parser.dry_run },
    examples = { { "unarchive legacy-import" } },
    run = archiver("unarchive", "unarchived"),
  },
  {
    name = "update",
    summary = "Change the display name, description, tags or visibility of a workflow.",
    arguments = { WORKFLOW },
    options = {
      { name = "--display-name", argname = "TEXT", description = "The name that people see." },
      { name = "--description", argname = "TEXT", description = "What it does." },
      { name = "--tag", argname = "TAG", count = "*",
        description = "The tags it has from now on; may be repeated." },
      { flag = "--no-tags", description = "Take all tags away." },
      { name = "--chat-assistant", argname = "yes|no", choices = { "yes", "no" }, description = "Available there?" },
      parser.dry_run,
    },
    examples = { { "update hello --display-name 'Hello!' --tag greeting --tag demo" } },
    run = update,
  },
}
