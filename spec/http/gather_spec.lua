-- client:gather: several functions side by side.

local maps = require "spec.support.maps"
local sandbox = require "spec.support.sandbox"

describe("client:gather", function()
  local server, client

  setup(function()
    server = sandbox.start { SANDBOX_REGISTRATIONS = 10 }
    client = server:client()
  end)

  teardown(function()
    client:close()
    server:stop()
  end)

  it("calls all functions at once", function()
    local count, reached = 40, 0
    local functions = {}
    for index = 1, count do
      functions[index] = function()
        reached = reached + 1
        assert(client.workflows:get("hello", nil, { headers = { ["X-Sandbox-Delay"] = "0.05" } }))
        assert.equal(count, reached)
        return index
      end
    end
    assert.same(maps.numbers(count), (client:gather(functions)))
  end)

  it("gives results and errors", function()
    local results, errors = client:gather {
      function() return client.workflows:get "nope" end,
      function() return 2 end,
      function() end,
    }
    assert.same({ [2] = 2 }, results)
    assert.equal(404, errors[1].status)
    assert.same({ {}, nil }, { client:gather {} })
  end)
end)
