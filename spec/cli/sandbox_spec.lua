-- sandbox: the local service, started by the tool.

local tool = require "spec.support.tool"

describe("mistral-workflows sandbox", function()
  -- Starts it, calls it with what it says to export, and ends it.
  local function try(ending)
    return tool.shell(nil, ([[out=$(mktemp); $MWF sandbox >$out & pid=$!
      until grep -q API_KEY $out; do sleep 0.02; done
      eval "$(grep ^export $out)"
      mwf whoami; %s; wait $pid; echo "status $?"
      until ! mwf whoami >/dev/null 2>&1; do :; done
      rm $out]]):format(ending))
  end

  it("says what to export, and ends with Ctrl-C", function()
    local out, _, err = try "kill -INT $pid"
    assert(out:find "namespace\tsandbox", out .. err)
    assert(out:find "status 130\n$", out)
    assert(err:find("a local service; Ctrl-C ends it\n", 1, true), err)
  end)

  it("ends with the tool, however that ends", function()
    assert((try "kill -9 $pid"):find "status 137\n$")
  end)

  it("refuses what is no port", function()
    for _, port in ipairs { "x", "0", "65536", "1.5" } do
      local out, status = tool.run(nil, "sandbox --port " .. port)
      assert.equal("", out)
      assert.equal(2, status)
    end
  end)

  it("takes a port", function()
    local out = tool.shell(nil, [[port=$((20000 + $$ % 10000)); MISTRAL_API_KEY=any; export MISTRAL_API_KEY
      $MWF sandbox --port $port >/dev/null & pid=$!
      until mwf whoami --server http://127.0.0.1:$port 2>/dev/null; do :; done
      kill -INT $pid; wait $pid]])
    assert(out:find "namespace\tsandbox", out)
  end)
end)
