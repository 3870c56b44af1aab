-- workflows.fold: a patch either fits or is refused with an error object; the state and the patch that were given stay
-- as they were.

local input = require "fuzz.input"
local workflows = require "mistral.workflows"

local fold, null, array = workflows.fold, workflows.null, workflows.array

local names = {
  "a", "b", "list", "0", "1", "-", "01", "~0", "~1", "~", "", "300", "9223372036854775807", "18446744073709551615",
}

local function random_value(depth)
  local kind = math.random(depth > 3 and 5 or 8)
  if kind == 1 then return math.random(1000) end
  if kind == 2 then return null end
  if kind == 3 then return math.random() < 0.5 end
  if kind <= 5 then return input.bytes(math.random(0, 20), "ab~/\"\\01 ") end
  local value = kind == 6 and array {} or {}
  for index = 1, depth < 2 and math.random() < 0.05 and 400 or math.random(0, 4) do
    local key = kind == 6 and index or input.one_of(names)
    value[key] = random_value(depth + 1)
  end
  return value
end

local function random_path(state)
  if math.random() < 0.05 then return random_value(3) end
  local parts = {}
  for depth = 1, math.random(0, 5) do
    local name = input.one_of(names)
    if type(state) == "table" and math.random() < 0.8 then -- mostly a path that there is
      local members = {}
      for key in pairs(state) do members[#members + 1] = key end
      table.sort(members, function(a, b) return tostring(a) < tostring(b) end) -- the same in each run
      local key = members[1] ~= nil and input.one_of(members) or name
      state = state[key]
      name = type(key) == "number" and tostring(key - 1) or key
    end
    parts[depth] = "/" .. name:gsub("~", "~0"):gsub("/", "~1")
  end
  return table.concat(parts)
end

local operations = { "add", "add", "replace", "remove", "append", "append", "move" }

local function random_patch(state)
  local patch = array {}
  for index = 1, input.size(200) + 1 do
    patch[index] = math.random() < 0.01 and random_value(1)
      or { op = input.one_of(operations), path = random_path(state), value = random_value(2) }
  end
  return math.random() < 0.99 and patch or random_value(1)
end

local function text_of(value)
  return workflows.json.encode { value }
end

input.run(function()
  local state = random_value(0)
  for _ = 1, 20 do
    local patch = random_patch(state)
    local before, given = text_of(state), text_of(patch)
    local ok, result = pcall(fold, state, { type = "json_patch", value = patch })
    if text_of(state) ~= before then error("the state was changed: " .. before .. " by " .. given) end
    if text_of(patch) ~= given then error("the patch was changed: " .. given) end
    if ok then
      if result ~= nil then assert(workflows.json.encode { result }) end
      state = result
    elseif not workflows.is_error(result) or result.kind ~= "decode" or #tostring(result) > 1000 then
      error(result)
    end
  end
end)
