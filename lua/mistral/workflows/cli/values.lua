--- Inputs from the command line: JSON, files, and single values.
-- @module mistral.workflows.cli.values

local problem = require "mistral.workflows.cli.problem"
local waiting = require "mistral.workflows.cli.waiting"
local workflows = require "mistral.workflows"

local values = {}

--- The description of the argument that gives them.
values.argument = {
  name = "values", argname = "key=value", args = "*", complete = "files",
  description = "The input: key=value for text, key:=json for anything else; or JSON, @FILE, - for standard input.",
}

--- The option that gives them.
values.option = {
  name = "--input", argname = "JSON|@FILE|-", complete = "files", description = "The input as a whole.",
}

local function read_file(name)
  local file, reason = io.stdin, nil
  if name ~= "-" then file, reason = io.open(name, "rb") end
  if not file then problem.usage("the input cannot be read: %s", reason) end
  local content, failure = file:read "*a"
  if name ~= "-" then file:close() end
  waiting.check()
  if not content then problem.usage("the input cannot be read: %s: %s", name, tostring(failure)) end
  return content
end

--- The JSON object in a text; `what` says in a message what the text is.
function values.object(json, what)
  local value, reason = workflows.json.decode(json)
  if value == nil then problem.usage("%s is not JSON: %s", what, reason) end
  if not json:find "^%s*{" then problem.usage("%s must be a JSON object, {...}", what) end
  return value
end

local function member(word)
  local key, json = word:match "^([^=]-):=(.*)$"
  if key then
    local value, reason = workflows.json.decode(json)
    if value == nil then problem.usage("%s:= takes JSON, which '%s' is not: %s", key, json, reason) end
    return key, value
  end
  return word:match "^([^=]+)=(.*)$"
end

local function whole(word)
  if word == "-" then return values.object(read_file "-", "standard input") end
  if word:find "^@" then return values.object(read_file(word:sub(2)), word:sub(2)) end
  if word:find "^%s*{" then return values.object(word, "the input") end
end

--- The input that the words mean, the later ones over the earlier; nil for no words.
-- @param given the value of --input, or nil
-- @param words list, or nil
function values.read(given, words)
  local input
  local list = { given }
  for _, word in ipairs(words or {}) do list[#list + 1] = word end
  for _, word in ipairs(list) do
    input = input or {}
    local object, key, value = whole(word), nil, nil
    if not object then key, value = member(word) end
    if not object and not key then
      problem.usage("'%s' is no input: write key=value, key:=json, JSON, @FILE or -", word)
    end
    for name, each in pairs(object or { [key] = value }) do input[name] = each end
  end
  return input
end

return values
