--- A unit test without a network and without a framework; docs/testing.md has others, for busted.
--
--     lua examples/unit_test.lua

local testing = require "mistral.workflows.testing"

-- What is tested: the total of an order, from a workflow that is started once even when the connection breaks.
local function total_of(client, order)
  local result, err = client.workflows:run("price", { input = { order = order } }, { timeout = 60 })
  if result == nil then return nil, "no total: " .. err end
  return result.total
end

local posts, known = 0, nil
local client = testing.client {
  execute_workflow = function(request)
    posts, known = posts + 1, request.json.execution_id
    return "drop" -- it was started, and the answer is lost
  end,
  get_workflow_execution = function(request)
    if request.path_value ~= known then return 404, { detail = "unknown", code = "WF_1100" } end
    return { execution_id = known, workflow_name = "price", status = "COMPLETED", result = { total = 12.5 } }
  end,
}
assert(total_of(client, "A-17") == 12.5)
assert(posts == 1, "started twice")
assert(client.requests[1].json.input.order == "A-17")

local broken = testing.client { execute_workflow = function() return 403, { message = "not yours" } end }
local total, problem = total_of(broken, "A-17")
assert(total == nil)
assert(problem:find("no total: run 'price': HTTP 403: not yours", 1, true), problem)

local slow = testing.client {
  execute_workflow = function(request) return { execution_id = request.json.execution_id, status = "RUNNING" } end,
  get_workflow_execution = function(request) return { execution_id = request.path_value, status = "RUNNING" } end,
}
total, problem = total_of(slow, "A-17") -- a minute, which takes no time
assert(total == nil and problem:find "^no total: run 'price': ", problem)

print "ok"
