--- Records the example answers of the reference, docs/generate/answers.json, from the sandbox. `make answers` calls it.
--
-- Of each list of tables the first is kept: an example shows what an answer is like, not how long it may be.

local core = require "mistral.workflows.core"
local operation_cases = require "spec.support.operation_cases"
local operations = require "spec.support.operations"
local sandbox = require "spec.support.sandbox"

local PATH = "docs/generate/answers.json"

local array_metatable = getmetatable(core.json.array {})

local function shortened(value)
  if type(value) ~= "table" then return value end
  local copy = setmetatable({}, getmetatable(value))
  for key, member in pairs(value) do
    local kept = getmetatable(value) ~= array_metatable or key == 1 or type(member) ~= "table"
    if kept then copy[key] = shortened(member) end
  end
  return copy
end

local server = sandbox.start { SANDBOX_REGISTRATIONS = 100 }
local client = server:client()
local cases, make = operation_cases(server, client)

local function call(operation)
  local case = cases[operation.name]
  local path_value = case.path and case.path()
  local given = case.ids and case.ids() or case.table
  if type(given) == "function" then given = given(path_value) end
  local resource, verb = operation.call:match "^(.*):(.*)$"
  local object = resource == "" and client or client[resource]
  if path_value then return object[verb](object, path_value, given) end
  return object[verb](object, given)
end

local function first_event(operation)
  local stream = operation.name == "get_stream_events" and client.events:stream { start_seq = 0 } or call(operation)
  local event = stream()
  stream:close()
  return event.data
end

local lines = {}
assert(client.workflows:run("hello", { execution_id = "op-1", input = { name = "Ada" } }))
make.schedule()
for _, operation in ipairs(operations) do
  if operation.response ~= "none" then
    local answer = operation.response == "events" and first_event(operation) or assert(call(operation))
    lines[#lines + 1] = ("%s: %s"):format(core.json.encode(operation.name), assert(core.json.encode(shortened(answer))))
  end
end
client:close()
server:stop()

table.sort(lines)
local file = assert(io.open(PATH, "wb"))
assert(file:write("{\n", table.concat(lines, ",\n"), "\n}\n"))
file:close()
print("wrote " .. PATH)
