--- Keys: what can be sent as one, and where those that change come from.
-- @module mistral.workflows.keys

local inner = require "mistral.workflows.loop.inner"
local secrets = require "mistral.workflows.secrets"

local keys = {}

local LONGEST = 65536

--- A key that can be sent; messages about it never show it.
-- @return the key; or nil and what is wrong with it
function keys.check(value)
  if type(value) ~= "string" or value == "" then return nil, "is missing or empty" end
  if #value > LONGEST then return nil, ("has more than %d bytes"):format(LONGEST) end
  if value:find "[%z\1-\31\127]" then return nil, "holds control characters (a line end from a file?)" end
  if value:find "^%s" or value:find "%s$" then return nil, "begins or ends with a space" end
  return value
end

--- A source of keys: a function that gives one, or nil and what is wrong.
-- @param path of a file that holds a key, with a line end or without; it is read each time
function keys.from_file(path)
  return function()
    local file, problem = io.open(path, "rb")
    if not file then return nil, ("api_key_file cannot be read: %s"):format(problem) end
    local text = file:read(LONGEST + #"\r\n" + 1)
    file:close()
    local key
    key, problem = keys.check(text and text:gsub("\r?\n$", "") or "")
    return key, problem and ("the key in api_key_file '%s' %s"):format(path, problem)
  end
end

--- Asks a source for a key. What it gives is a secret from now on.
-- @return the key; or nil and what is wrong
function keys.ask(vault, source)
  local ok, value, problem = inner.pcall(source)
  if not ok then return nil, "api_key function failed: " .. inner.told(value) end
  if type(value) == "string" then secrets.note(vault, value) end
  if value == nil and type(problem) == "string" then return nil, problem end
  local key
  key, problem = keys.check(value)
  return key, problem and "the key that the api_key function returned " .. problem
end

return keys
