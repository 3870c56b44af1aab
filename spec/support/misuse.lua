--- Calls that must be refused: misuse raises at the caller's line, a value that cannot be sent is an error object.

local workflows = require "mistral.workflows"

local misuse = {}

--- Calls `fn`, which must raise an error that is placed on a line of `fn` itself.
-- @return the message without its place
function misuse.message(fn, ...)
  local ok, message = pcall(fn, ...)
  if ok then error("nothing was raised", 2) end
  if type(message) ~= "string" then error("a string was expected, not a " .. type(message), 2) end
  local info = debug.getinfo(fn, "S")
  local place, line = message:match "^(.-):(%d+): "
  line = tonumber(line)
  if place ~= info.short_src or line < info.linedefined or line > info.lastlinedefined then
    error(("not raised at the caller's line (%s:%d): %s"):format(info.short_src, info.linedefined, message), 2)
  end
  return (message:gsub("^.-:%d+: ", "", 1))
end

--- Calls `fn`, which must return nil and an error object: a value cannot be sent.
-- @return the message
function misuse.invalid(fn, ...)
  local value, err = fn(...)
  if value ~= nil then error("nothing was refused", 2) end
  if not workflows.is_error(err) then error("an error object was expected, not " .. tostring(err), 2) end
  if err.kind ~= "invalid" or err.attempts ~= 0 or err.retryable ~= false then
    error(("not an invalid value: %s, %d attempts: %s"):format(err.kind, err.attempts, tostring(err)), 2)
  end
  return err.message
end

return misuse
