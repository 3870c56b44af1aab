--- A tour: walks the registrations, runs a workflow, shows its result, and shows an error.
--
--     MISTRAL_API_KEY=... lua examples/quickstart.lua [WORKFLOW [INPUT-AS-JSON]]
--
-- Talks to the server in MISTRAL_SERVER_URL, or to the real service. Nothing is started unless a workflow is named:
-- starting one is yours to decide. With `make demo` this runs against the local sandbox.

local workflows = require "mistral.workflows"

io.stdout:setvbuf "line"

local workflow, input_text = arg[1], arg[2]
local PAGES = 5 -- of the walk; a tour needs no more

local function heading(text)
  io.write("\n", text, "\n", ("-"):rep(#text), "\n")
end

local function row(label, text)
  print(("  %-14s  %s"):format(label, text))
end

-- Ends the program with what went wrong on one line, as an error reads for its user.
local function check(value, err)
  if value == nil then
    io.stderr:write("\nquickstart: ", tostring(err), "\n")
    os.exit(1)
  end
  return value
end

local function or_dash(value)
  if value == nil or value == workflows.null then return "-" end
  return tostring(value)
end

-- The first few workflows of a page of registrations, by name.
local function names_of(registrations)
  local names = {}
  for index = 1, math.min(3, #registrations) do
    local owner = registrations[index].workflow
    names[index] = or_dash(type(owner) == "table" and owner.name or nil)
  end
  return table.concat(names, ", ")
end

local function walk_registrations(client)
  heading "Registrations, page by page"
  local pages, count, last = 0, 0, nil
  local ok, err = pcall(function()
    for page in client.registrations:pages { limit = 100, with_workflow = true } do
      local list = page.workflow_registrations
      pages, count, last = pages + 1, count + #list, page
      row("page " .. pages, ("%3d  %5d so far   %s, ..."):format(#list, count, names_of(list)))
      if pages == PAGES then break end
    end
  end)
  if not ok then check(nil, err) end
  local more = last and last.next_cursor
  if more ~= nil and more ~= workflows.null and more ~= "" then
    print "  There are more: each() and pages() walk all of them."
  elseif count == 0 then
    print "  There are none yet: deploy a worker, and its workflows are listed here."
  end
end

local function find_workflows(client)
  heading "Workflows that a worker serves now"
  local page = check(client.workflows:list { active_only = true, limit = 8 })
  for _, item in ipairs(page.workflows) do
    row(item.name, (or_dash(item.description):gsub("%s+", " ")))
  end
  if #page.workflows == 0 then print "  None: start a worker first." end
end

local function run(client, name, input)
  heading(("Running '%s'"):format(name))
  local started = workflows.now()
  local function step(text)
    row(("%8.2f s"):format(workflows.now() - started), text)
  end
  local execution = check(client.workflows:execute(name, { input = input }))
  step(("%s  (execution %s)"):format(or_dash(execution.status), execution.execution_id))
  local ended = check(client.executions:wait(execution.execution_id, {
    timeout = 300,
    on_event = function(event)
      if event.event_type then step("  event " .. event.event_type) end
    end,
  }))
  step(ended.status)
  row("    result", check(workflows.json.encode(ended.result)))
end

local function show_error(client)
  heading "An error, as its user sees it"
  local missing, err = client.workflows:get "no-such-workflow"
  if missing then return end
  print("  " .. tostring(err))
  for _, field in ipairs { "kind", "status", "code", "retryable", "request_id" } do
    row("err." .. field, or_dash(err[field]))
  end
end

if (os.getenv "MISTRAL_API_KEY" or "") == "" then
  io.stderr:write "quickstart: set MISTRAL_API_KEY; `make demo` needs no key: it runs this against the sandbox\n"
  os.exit(1)
end

local input
if input_text then
  local problem
  input, problem = workflows.json.decode(input_text)
  check(input, problem and "the input is not JSON: " .. problem)
end

local ok, client = pcall(workflows.new)
if not ok then check(nil, client) end
print(tostring(client))
walk_registrations(client)
find_workflows(client)
if workflow then
  run(client, workflow, input)
else
  heading "Running a workflow"
  print "  Name one to run it:  lua examples/quickstart.lua NAME '{\"some\": \"input\"}'"
end
show_error(client)
client:close()
