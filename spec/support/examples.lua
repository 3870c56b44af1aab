--- The example answers that the service's reference prints, as text and as the tables they must decode to.

local null = require("mistral.workflows").null

local examples = {}

local function add(name, text, value)
  examples[name] = { text = text, value = value }
end

add("registrations", [[
{"next_cursor":null,
 "workflow_registrations":[{"definition":{"input_schema":[null]},"id":"ipsum eiusmod","task_queue":"consequat do",]] ..
[["workflow_id":"reprehenderit ut dolore"}],
 "workflow_versions":[{"definition":{"input_schema":[null]},"id":"occaecat dolor sit","task_queue":"nostrud",]] ..
[["workflow_id":"aute aliqua aute commodo"}]}
]], {
  next_cursor = null,
  workflow_registrations = {
    {
      definition = { input_schema = { null } },
      id = "ipsum eiusmod",
      task_queue = "consequat do",
      workflow_id = "reprehenderit ut dolore",
    },
  },
  workflow_versions = {
    {
      definition = { input_schema = { null } },
      id = "occaecat dolor sit",
      task_queue = "nostrud",
      workflow_id = "aute aliqua aute commodo",
    },
  },
})

add("execution", '{"end_time":null,"execution_id":"ipsum eiusmod","result":null,"root_execution_id":"consequat do",' ..
  '"start_time":"2025-10-07T20:56:01.974Z","status":"RUNNING","workflow_name":"reprehenderit ut dolore"}', {
  end_time = null,
  execution_id = "ipsum eiusmod",
  result = null,
  root_execution_id = "consequat do",
  start_time = "2025-10-07T20:56:01.974Z",
  status = "RUNNING",
  workflow_name = "reprehenderit ut dolore",
})

add("workflow", '{"workflow":{"active":false,"customer_id":"ipsum eiusmod","display_name":"consequat do",' ..
  '"id":"reprehenderit ut dolore","name":"occaecat dolor sit","type":"code","workspace_id":"nostrud"}}', {
  workflow = {
    active = false,
    customer_id = "ipsum eiusmod",
    display_name = "consequat do",
    id = "reprehenderit ut dolore",
    name = "occaecat dolor sit",
    type = "code",
    workspace_id = "nostrud",
  },
})

add("no_workflow", '{"workflow":null}', { workflow = null })

add("registration", [[
{"workflow_registration":{"active":false,"definition":{"input_schema":[null]},"id":"ipsum eiusmod",]] ..
[["task_queue":"consequat do","workflow_id":"reprehenderit ut dolore"},
 "workflow_version":{"active":false,"definition":{"input_schema":[null]},"id":"occaecat dolor sit",]] ..
[["task_queue":"nostrud","workflow_id":"aute aliqua aute commodo"}}
]], {
  workflow_registration = {
    active = false,
    definition = { input_schema = { null } },
    id = "ipsum eiusmod",
    task_queue = "consequat do",
    workflow_id = "reprehenderit ut dolore",
  },
  workflow_version = {
    active = false,
    definition = { input_schema = { null } },
    id = "occaecat dolor sit",
    task_queue = "nostrud",
    workflow_id = "aute aliqua aute commodo",
  },
})

--- Makes the sandbox answer the next request to a path with an example.
-- @param name of the example
function examples.serve(server, method, path, name)
  server:fixture { method = method, path = path, status = 200, body = examples[name].text,
    headers = { ["Content-Type"] = "application/json" } }
  return examples[name].value
end

return examples
