--- Texts that are made to cost much: how the time grows with their size.
--
--     lua bench/programs/hostile.lua SHAPE SIZE
--
-- Everything goes through the public interface, with a transport in place of the network, and in this process, so that
-- processor time is that of the library alone. It is the least of some repetitions.
local shared = require "bench.programs.shared"
local workflows = require "mistral.workflows"

local KEY = "sk-Abc/def+GHI=0123456789"
local SECONDS = 0.2 -- of repetitions

local function filled(piece, size)
  return piece:rep(math.ceil(size / #piece)):sub(1, size)
end

-- A client that gets one answer, and no other.
local function client_of(answer)
  local given = false
  return workflows.new {
    api_key = KEY, retry = false,
    transport = function()
      if given then return nil, "there is nothing more" end
      given = true
      return answer
    end,
  }
end

local shapes = {}

-- An error answer whose body is a piece over and over.
local function error_body(piece)
  return function(size)
    local body = filled(piece, size)
    return function()
      local _, err = client_of({ status = 502, body = body }).workflows:get "x"
      return assert(tostring(err))
    end
  end
end

-- An event stream with this body.
local function stream(make)
  return function(size)
    local body = make(size)
    return function()
      for _ in client_of({ status = 200, body = body }).executions:stream("x", nil, { retry = false }) do end
    end
  end
end

-- A text that is decoded or refused.
local function json(make)
  return function(size)
    local text = make(size)
    return function() return workflows.json.decode(text) end
  end
end

-- A page of which two fields are wanted.
local function fields(piece)
  return function(size)
    local item = ('{"id":"1","definition":[%s0]}'):format(filled(piece, size - size % #piece))
    local body = ('{"workflow_registrations":[%s],"next_cursor":null}'):format(item)
    return function()
      return client_of({ status = 200, body = body }).registrations:list({}, { fields = { "id", "workflow_id" } })
    end
  end
end

-- A state and a patch of so many changes.
local function fold(make)
  return function(count)
    local state, change = make(count)
    local changes = workflows.array {}
    for index = 1, count do changes[index] = change(index) end
    return function() return assert(workflows.fold(state, { type = "json_patch", value = changes })) end
  end
end

local function list_of(count)
  local list = workflows.array {}
  for index = 1, count do list[index] = index end
  return list
end

-- So many strings that differ only where Lua 5.1 and 5.3 do not hash: in 7 of the bytes between every second, third ...
-- byte from the last. They do not become strings of this Lua, which would take as long.
local function colliding(count, length, between)
  local step, pieces, free = math.floor(length / 32) + 1, {}, {}
  for position = 1, length do
    if (length - position) % step ~= 0 and #free < 7 then free[#free + 1] = position end
  end
  for number = 1, count do
    local digits, last = ("%07d"):format(number), 0
    pieces[#pieces + 1] = '"'
    for index, position in ipairs(free) do
      pieces[#pieces + 1] = ("x"):rep(position - last - 1)
      pieces[#pieces + 1] = digits:sub(index, index)
      last = position
    end
    pieces[#pieces + 1] = ("x"):rep(length - last) .. '"' .. between
  end
  return table.concat(pieces)
end

-- So many strings that differ in the middle only, where LuaJIT may not look.
local function long_alike(count, between)
  local before, after, pieces = '"' .. ("x"):rep(300), ("y"):rep(200) .. '"' .. between, {}
  for number = 1, count do pieces[number] = before .. ("%07d"):format(number) .. after end
  return table.concat(pieces)
end

shapes["error-html"] = error_body "<p>bad <b>gateway</b>"
shapes["error-tags"] = error_body "<"
shapes["error-key"] = error_body(KEY)
shapes["error-part-of-key"] = error_body(KEY:sub(1, -2))
shapes["error-escapes"] = error_body "\\u0041%41&#65;"
shapes["error-objects"] = error_body '{"message":'

shapes["stream-error-key"] = stream(function(size)
  return 'event: error\ndata: {"error":"' .. filled(KEY, size) .. '"}\n\n'
end)
shapes["stream-cr"] = stream(function(size) return ("\r"):rep(size) end)
shapes["stream-cr-events"] = stream(function(size) return filled("data: {}\r\r", size) end)
shapes["stream-one-line"] = stream(function(size) return "data: " .. ("x"):rep(size) end)
shapes["stream-one-event"] = stream(function(size) return filled("data: x\n", size) .. "\n" end)
shapes["stream-comments"] = stream(function(size) return filled(":\n", size) end)

shapes["json-empty-lists"] = json(function(size) return "[" .. filled("[],", size - size % 3) .. "0]" end)
shapes["json-deep-lists"] = json(function(size) return ("["):rep(size) end)
shapes["json-deep-objects"] = json(function(size) return filled('{"a":', size) end)
shapes["json-one-name"] = json(function(size) return "{" .. filled('"a":0,', size - size % 6) .. '"a":0}' end)
shapes["json-digits"] = json(function(size) return ("9"):rep(size) end)
shapes["json-escapes"] = json(function(size) return '"' .. filled("\\u00e9", size - size % 6) .. '"' end)
shapes["json-names"] = json(function(count)
  local pieces = {}
  for number = 1, count do pieces[number] = ('"%d":0,'):format(number) end
  return "{" .. table.concat(pieces) .. '"":0}'
end)
shapes["json-short-strings"] = json(function(count)
  return "[" .. colliding(count, 36, ",") .. "0]"
end)
shapes["json-colliding-values"] = json(function(count) return "[" .. colliding(count, 64, ",") .. "0]" end)
shapes["json-colliding-names"] = json(function(count) return "{" .. colliding(count, 64, ":0,") .. '"":0}' end)
shapes["json-alike-values"] = json(function(count) return "[" .. long_alike(count, ",") .. "0]" end)
shapes["json-alike-names"] = json(function(count) return "{" .. long_alike(count, ":0,") .. '"":0}' end)

shapes["fields-empty-lists"] = fields "[],"
shapes["fields-objects"] = fields '{"id":{}},'

shapes["fold-add-end"] = fold(function()
  return { list = workflows.array {} }, function() return { op = "add", path = "/list/-", value = 1 } end
end)
shapes["fold-add-front"] = fold(function()
  return { list = workflows.array {} }, function() return { op = "add", path = "/list/0", value = 1 } end
end)
shapes["fold-remove-front"] = fold(function(count)
  return { list = list_of(count) }, function() return { op = "remove", path = "/list/0" } end
end)
shapes["fold-append"] = fold(function()
  return { text = "" }, function() return { op = "append", path = "/text", value = "twelve bytes" } end
end)

local work = shapes[arg[1]](tonumber(arg[2]))
local least, began = math.huge, os.clock()
repeat
  collectgarbage()
  local start = os.clock()
  pcall(work)
  least = math.min(least, os.clock() - start)
until os.clock() - began > SECONDS
shared.print { seconds = least, cpu = least, count = 1 }
