--- B4: a codec at work on a text that is like an answer of the service.
--
--     lua bench/programs/json.lua LIBRARY TASK CASE REPEATS
--
-- LIBRARY is mistral, lua-cjson or dkjson, TASK decode or encode. Ends with status 77 where the library is missing. A
-- full collection at the end is measured, so that none gains by leaving garbage to others. With one repeat only, the
-- answer is made of all values that came out.

local mistral = require("mistral.workflows.core").json

local function need(name)
  local found, library = pcall(require, name)
  if not found then os.exit(77) end
  return library
end

local libraries = {
  mistral = function() return mistral end,
  ["lua-cjson"] = function() return need "cjson" end,
  dkjson = function() return need "dkjson" end,
}

local function uuid(n)
  local high = n * 2654435761 % 2 ^ 32
  return ("%08x-%04x-4%03x-8%03x-%012x"):format(high, n % 65536, n % 4096, n * 7 % 4096, n * 40503)
end

local function property(name, kind, description)
  return ([["%s":{"title":"%s","type":"%s","description":"%s"}]]):format(name, name, kind, description)
end

local function schema(title, n)
  local properties = {
    property("customer_id", "string", "Identifier of the customer whose documents are processed"),
    property("document_urls", "array", "Where the documents are, in the order of their processing"),
    property("language", "string", "Language of the documents, as an ISO 639-1 code"),
    property("max_pages", "integer", "Pages beyond this number are left out"),
    property("threshold", "number", n % 100 .. "% and less are sent to a person"),
  }
  return ([[{"title":"%s","type":"object","properties":{%s},"required":["customer_id","document_urls"]}]]):format(
    title, table.concat(properties, ","))
end

local function handler(name, n)
  return ([[{"name":"%s","description":"%s of registration %d","input_schema":{"type":"object","properties":{%s}}}]])
    :format(name, name, n, property("reason", "string", "Why"))
end

local function registration(n)
  return ([[{"id":"%s","deployment_id":null,"task_queue":"queue-%d","definition":{"input_schema":%s,]]
    .. [["output_schema":%s,"signals":[%s],"queries":[%s],"updates":[],"enforce_determinism":false,]]
    .. [["on_behalf_of":false,"execution_timeout":3600,"plugin_metadata":null},"workflow_id":"%s",]]
    .. [["workflow":{"id":"%s","name":"document-pipeline-%d","display_name":"Document pipeline \"%d\"","type":"code",]]
    .. [["description":"Reads, classifies and files the documents of one customer – %d pages at most",]]
    .. [["customer_id":"%s","workspace_id":"%s","shared_namespace":null,"available_in_chat_assistant":true,]]
    .. [["is_technical":false,"archived":false,"tags":["documents","ocr","team-%d"]},"deployment_name":"main",]]
    .. [["compatible_with_chat_assistant":true}]]):format(
    uuid(n), n % 10, schema("Input", n), schema("Output", n), handler("pause", n), handler("progress", n),
    uuid(n + 1), uuid(n + 1), n, n, n % 500, uuid(1), uuid(2), n % 7)
end

local function list(first, count)
  local items = {}
  for i = 1, count do
    items[i] = registration(first + i)
  end
  return "[" .. table.concat(items, ",") .. "]"
end

local function page(registrations, versions)
  return ([[{"workflow_registrations":%s,"next_cursor":"%s","workflow_versions":%s}]])
    :format(registrations, uuid(3), versions)
end

local answer = ([[{"workflow_name":"document-pipeline","execution_id":"%s","root_execution_id":"%s",]]
  .. [["status":"RUNNING","start_time":"2026-11-24T08:00:00.123456Z","end_time":null,"total_duration_ms":null,]]
  .. [["parent_execution_id":null,"result":{"pages":12,"tags":["a","b"]}}]]):format(uuid(4), uuid(4))

local cases = {}

function cases.answer() return answer end

function cases.page50()
  local fifty = list(0, 50)
  return page(fifty, fifty)
end

function cases.page1000()
  local thousand = list(0, 1000)
  return page(thousand, thousand)
end

function cases.differ() return page(list(0, 1000), list(5000, 1000)) end

-- A number made of all names and values, but for nulls, which one of the libraries leaves out.
local function digest(value)
  local sum = 7
  if type(value) == "table" then
    for name, member in pairs(value) do
      if type(member) ~= "userdata" then sum = (sum + digest(name) * digest(member)) % 2 ^ 20 end
    end
  elseif type(value) == "string" then
    for index = 1, #value do sum = (sum * 33 + value:byte(index)) % 2 ^ 20 end
  elseif type(value) == "number" then
    sum = value % 2 ^ 20
  elseif value == true then
    sum = 1
  end
  return sum
end

local library, task, case, repeats = libraries[arg[1]](), arg[2], arg[3], tonumber(arg[4])
local text = cases[case]()
local input = task == "decode" and text or library.decode(text)
local work, output = library[task], nil
collectgarbage()
collectgarbage()
local start = os.clock()
for _ = 1, repeats do output = assert(work(input)) end
collectgarbage()
print(("megabytes=%.3f"):format(#text * repeats / 1e6 / (os.clock() - start)))
if repeats == 1 then
  print(("answer=%d"):format(digest(task == "decode" and output or mistral.decode(output))))
end
