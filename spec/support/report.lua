--- What `spec/job` reads of busted: TAP, with a line before each test and one with its seconds behind it. A test that
-- goes on for longer than SPEC_TEST_SECONDS, whatever it hangs in, is ended together with its process.

local busted = require "busted"
local tap = require "busted.outputHandlers.TAP"

local has_library, fork = pcall(require, "spec.support.fork")
local limit = tonumber(os.getenv "SPEC_TEST_SECONDS")

local function begin_limit()
  if has_library and limit then fork.alarm(limit) end
end

return function(options)
  local handler = tap(options)
  local began = busted.monotime()

  busted.subscribe({ "test", "start" }, function(element)
    print("# begins: " .. handler.getFullName(element))
    io.stdout:flush()
    begin_limit()
    return nil, true
  end)

  busted.subscribe({ "test", "end" }, function(element)
    local now = busted.monotime()
    print(("# took: %.3f %s"):format(now - began, handler.getFullName(element)))
    began = now
    begin_limit()
    return nil, true
  end)

  begin_limit()
  return handler
end
