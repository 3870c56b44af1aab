--- Calls that must raise at the caller's line.

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

return misuse
