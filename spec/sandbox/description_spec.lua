-- The sandbox against the service's official description.

local process = require "spec.support.process"
local sandbox = require "spec.support.sandbox"
local workflows = require "mistral.workflows"

local here = debug.getinfo(1, "S").source:match("^@(.*)spec/sandbox/")

describe("the official description", function()
  it("has 53 operations", function()
    local file = assert(io.open(here .. "spec/support/description.json"))
    local description = assert(workflows.json.decode(file:read "*a"))
    file:close()
    assert.equal(53, #description.operations)
  end)
end)

describe("the sandbox, held against the official description,", function()
  local server

  before_each(function() server = sandbox.start() end)

  after_each(function() server:stop() end)

  -- The first Python that has a JSON Schema validator: the system's may not be the first in PATH.
  local python = process.output("for python in python3 /usr/bin/python3; do " ..
    "$python -c 'import jsonschema' 2>/dev/null && echo $python && break; done")

  -- What the check prints, and what the service logged.
  local function check(what)
    return process.output(("%s %s %s %s 2>&1; cat %s"):format(python,
      process.quote(here .. "spec/support/check_sandbox.py"), what, server.url, process.quote(server.log)))
  end

  it("answers all operations, sends events and refuses as that says", function()
    assert.truthy(check("answers"):find "^%d+ answers of 53 operations, %d+ events of 17 types, %d+ errors$")
  end)

  it("refuses bodies that it does not allow, and fails at none", function()
    assert.truthy(check("bodies"):find "^%d+ mutated bodies of 18 operations$")
  end)

  it("refuses queries that it does not allow, and fails at none", function()
    assert.truthy(check("queries"):find "^%d+ mutated values of 150 parameters$")
  end)
end)
