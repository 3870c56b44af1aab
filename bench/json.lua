-- B4: speed of the codec beside lua-cjson and dkjson, on the same text and the
-- same Lua: the text is decoded, and the values are encoded. Prints megabytes
-- of text per second, the medians of rounds in which the codecs take turns, and
-- the ratio to lua-cjson.
--
--   lua5.4 bench/json.lua [rounds]
--
-- Every sample ends with a full collection inside the measured time, so that
-- none gains by leaving garbage to others.
-- luacheck: std max+luajit

local codec = require("mistral.workflows.core").json
local rounds = tonumber(arg and arg[1]) or 7

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

local fifty = list(0, 50)
local thousand = list(0, 1000)
local cases = {
  { name = "small answer", text = answer, repeats = 3000, rounds = 5 * rounds, goal = { decode = 1.0, encode = 1.0 } },
  { name = "page of 50", text = page(fifty, fifty), repeats = 60, goal = { decode = 1.9, encode = 1.0 } },
  { name = "page of 1,000", text = page(thousand, thousand), repeats = 4, goal = { decode = 2.5, encode = 1.0 } },
  { name = "1,000, lists differ", text = page(thousand, list(5000, 1000)), repeats = 4,
    goal = { decode = 1.4, encode = 1.0 } },
}

local codecs = { { name = "mistral", decode = codec.decode, encode = codec.encode } }
for _, peer in ipairs { "cjson", "dkjson" } do
  local found, library = pcall(require, peer)
  if found then
    codecs[#codecs + 1] =
      { name = peer, decode = library.decode, encode = library.encode, slow = peer == "dkjson" }
  else
    print("missing: " .. peer .. " (Debian: lua-" .. peer .. ")")
  end
end

local function same(a, b)
  if type(a) ~= "table" or type(b) ~= "table" then return a == b end
  for key, value in pairs(a) do
    if not same(value, b[key]) then return false end
  end
  for key in pairs(b) do
    if a[key] == nil then return false end
  end
  return true
end

-- Megabytes of text per second.
local function speed(work, input, size, repeats)
  collectgarbage()
  collectgarbage()
  local start = os.clock()
  for _ = 1, repeats do
    assert(work(input))
  end
  collectgarbage()
  return size * repeats / 1e6 / (os.clock() - start)
end

local function median(values)
  table.sort(values)
  return values[math.ceil(#values / 2)]
end

-- The median speeds of all codecs at "decode" or "encode".
local function measure(case, task)
  local samples = {}
  for _, one in ipairs(codecs) do
    samples[one.name] = {}
    assert(one.slow or same(codec.decode(one.encode(one.decode(case.text))), codec.decode(case.text)))
  end
  for _ = 1, case.rounds or rounds do
    for _, one in ipairs(codecs) do
      local input = task == "decode" and case.text or one.decode(case.text) -- no other values are alive meanwhile
      local repeats = one.slow and math.ceil(case.repeats / 20) or case.repeats
      table.insert(samples[one.name], speed(one[task], input, #case.text, repeats))
    end
  end
  for name, values in pairs(samples) do samples[name] = median(values) end
  return samples
end

local function show(rate, format)
  return rate and format:format(rate) or "-"
end

print(("%s, %d rounds, MB/s (median)"):format(jit and jit.version or _VERSION, rounds))
for _, task in ipairs { "decode", "encode" } do
  print(("%-28s %10s %10s %10s %10s %10s %6s"):format(task, "bytes", "mistral", "cjson", "dkjson", "x cjson", "goal"))
  for _, case in ipairs(cases) do
    local rates = measure(case, task)
    print(("%-28s %10d %10.1f %10s %10s %10s %6.1f"):format(case.name, #case.text, rates.mistral,
      show(rates.cjson, "%.1f"), show(rates.dkjson, "%.1f"),
      show(rates.cjson and rates.mistral / rates.cjson, "%.2f"), case.goal[task]))
  end
end
