--- Checks of a request as the sandbox saw it.

local assert = require "luassert"
local sandbox = require "spec.support.sandbox"
local workflows = require "mistral.workflows"

local wire = {}

--- Checks the last request: request line, the headers that every request has, body.
-- @param expected `{ method, uri, body }`: body is a table to compare with the decoded one, or nil for none
-- @return its headers
function wire.check(server, expected)
  local seen = server:last_request()
  assert.equal(expected.method .. " " .. expected.uri, seen.method .. " " .. seen.uri)
  local headers = seen.headers
  assert.equal("Bearer " .. sandbox.key, headers.authorization)
  assert.equal("application/json", headers.accept)
  assert.equal(server.url:match "//(.*)$", headers.host)
  assert.truthy(headers["user-agent"]:find("^mistral%-workflows%-lua/" .. workflows._VERSION:gsub("%p", "%%%0")))
  assert.is_nil(headers.expect)
  assert.is_nil(headers["transfer-encoding"])
  if expected.body then
    assert.equal("application/json", headers["content-type"])
    assert.equal(tostring(#seen.body), headers["content-length"])
    assert.same(expected.body, (assert(workflows.json.decode(seen.body))))
  else
    assert.is_nil(headers["content-type"])
    assert.truthy(seen.body == nil or seen.body == workflows.null)
    assert.equal(expected.method ~= "GET" and "0" or nil, headers["content-length"])
  end
  return headers
end

--- How many requests to the API the sandbox has seen.
function wire.count(server)
  return server:stats().requests
end

return wire
