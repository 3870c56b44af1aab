-- testing.sandbox: the local service, for tests of programs.

local lua = require "spec.support.lua"
local process = require "spec.support.process"
local testing = require "mistral.workflows.testing"

describe("testing.sandbox", function()
  local sandbox

  after_each(function()
    if sandbox then sandbox:stop() end
    sandbox = nil
  end)

  local function is_there(url)
    return process.output(("curl --noproxy '*' -s -o /dev/null -w '%%{http_code}' %s/_sandbox/stats; true"):format(
      url)) == "200"
  end

  it("starts the local service, gives clients of it, and stops it", function()
    sandbox = testing.sandbox { registrations = 30 }
    local client = sandbox:client { timeout = 20 }
    assert.equal("Hello, Ada!", assert(client.workflows:run("hello", { input = { name = "Ada" } })).message)
    local count = 0
    for _ in client.registrations:each() do count = count + 1 end
    assert.truthy(count < 300, count)
    client:close()
    local url = sandbox.url
    assert.is_true(is_there(url))
    sandbox:stop()
    sandbox:stop()
    assert.is_false(is_there(url))
  end)

  it("answers a client that works beside a testing client, which lets it wait", function()
    sandbox = testing.sandbox()
    local client, other = testing.client {}, sandbox:client()
    local results, errors = client:gather { function() return other:whoami() end }
    assert.is_nil(errors)
    assert.is_table(results[1])
    client:close()
    other:close()
  end)

  it("takes a port that one chooses, and says when it is taken", function()
    local first = testing.sandbox()
    local port, tls_port = tonumber(first.url:match "(%d+)$"), tonumber(first.tls_url:match "(%d+)$")
    local ok, message = pcall(testing.sandbox, { port = port })
    assert.is_false(ok)
    assert.truthy(message:find("testing.sandbox: it did not start: sandbox: nginx did not start", 1, true), message)
    first:stop()
    sandbox = testing.sandbox { port = port, tls_port = tls_port }
    assert.equal("http://127.0.0.1:" .. port, sandbox.url)
    assert.equal(tls_port, tonumber(sandbox.tls_url:match "(%d+)$"))
  end)

  it("writes a log where that is wanted, has TLS, and leaves nothing behind", function()
    local path = os.tmpname()
    finally(function() os.remove(path) end)
    sandbox = testing.sandbox { log = path, registrations = 3 }
    local metatable = getmetatable(sandbox)
    assert.equal("mistral.workflows.testing.sandbox", metatable.__name)
    local client = sandbox:client { server_url = sandbox.tls_url, ca_file = sandbox.ca_file }
    assert(client:whoami())
    client:close()
    local directory = sandbox.ca_file:match "^(.*)/"
    assert.equal("", process.output("test -d " .. process.quote(directory) .. " || echo none"))
    metatable.__close(sandbox)
    assert.is_nil(sandbox.pipe)
    assert.equal("none", process.output("test -d " .. process.quote(directory) .. " || echo none"))
    assert.is_false(is_there(sandbox.url))
    local log = assert(io.open(path))
    assert.truthy(log:read("*a"):find("/v1/workflows/workers/whoami", 1, true))
    log:close()
  end)

  it("answers as it is told", function()
    sandbox = testing.sandbox {
      fixtures = {
        { method = "GET", path = "/v1/workflows/hello", status = 200, body = { workflow = { name = "other" } } },
        "WF_1100",
      },
    }
    local client = sandbox:client { retry = false }
    assert.equal("other", assert(client.workflows:get "hello").workflow.name)
    local _, err = client.workflows:get "hello"
    assert.equal("WF_1100", err.code)
    sandbox:fixture "rate_limited"
    _, err = client.workflows:get "hello"
    assert.equal(429, err.status)
    sandbox:fixture { path = "/v1/workflows/hello", status = 503, times = -1, body = { detail = "away" } }
    _, err = client.workflows:get "hello"
    assert.equal(503, err.status)
    sandbox:reset()
    assert.equal("hello", assert(client.workflows:get "hello").workflow.name)
    assert.equal("number", type(sandbox:control("GET", "stats").requests))
    for _, path in ipairs { "nonsense", "it's" } do
      local ok, message = pcall(sandbox.control, sandbox, "GET", path)
      assert.is_false(ok)
      assert.equal(('sandbox: GET %s: {"detail":"No such control request"}'):format(path), message:match "sandbox: .*")
    end
    client:close()
  end)

  it("says what is wrong with how it is told", function()
    sandbox = testing.sandbox { registrations = 30 }
    local given = sandbox
    for expected, fn in pairs {
      ["sandbox:fixture: unknown error 'rate_limitd'; did you mean 'rate_limited'?"] = function()
        given:fixture "rate_limitd"
      end,
      ["sandbox:fixture: it takes { path = "] = function() given:fixture { status = 500 } end,
      ["sandbox:reset: call it with a colon: sandbox:reset(...)"] = function() given.reset() end,
      ["sandbox:client: unknown option 'timout'; did you mean 'timeout'?"] = function()
        given:client { timout = 5 }
      end,
    } do
      local ok, message = pcall(fn)
      assert.is_false(ok)
      assert.truthy(message:find(expected, 1, true), message)
      assert.truthy(message:find "^[^:]*testing_sandbox_spec.lua:%d+: ", message)
    end
    sandbox:stop()
    local ok, message = pcall(function() given:reset() end)
    assert.is_false(ok)
    assert.truthy(message:find("sandbox: it was stopped", 1, true), message)
  end)

  it("refuses what it does not know", function()
    local ok, message = pcall(function() testing.sandbox { prot = 1 } end)
    assert.is_false(ok)
    assert.truthy(message:find("_spec.lua:%d+: testing.sandbox: unknown option 'prot'; did you mean 'port'?"))
  end)

  it("says where it is not installed", function()
    local directory = process.output "mktemp -d"
    process.output(("cp -r lua/mistral %s"):format(process.quote(directory)))
    local output = lua.run([[-e 'print(pcall(require("mistral.workflows.testing").sandbox))']],
      { LUA_PATH = ("%s/?.lua;%s/?/init.lua;;"):format(directory, directory) })
    process.output("rm -rf " .. process.quote(directory))
    local expected = "testing.sandbox: it is not installed; it is in the folder sandbox of the project's source"
    assert.truthy(output:find(expected, 1, true), output)
  end)

  it("says what to install where something is missing", function()
    local output, status = lua.run([[-e 'require("mistral.workflows.testing").sandbox()']],
      { NGINX_MODULES = "/nowhere" })
    assert.equal(1, status, output)
    assert.truthy(output:find("testing.sandbox: it did not start: sandbox: nginx module ndk_http_module is missing in "
      .. "/nowhere (NGINX_MODULES); on Debian: apt-get install nginx-light ", 1, true), output)
  end)

  it("comes with what is installed", function()
    local directory = process.output "mktemp -d"
    local output, status = lua.shell(([[
      env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -s LUA=%s install PREFIX=%s >/dev/null && cd / && %s -e '
        local sandbox = require("mistral.workflows.testing").sandbox()
        local client = sandbox:client()
        print(client.workflows:run("hello").message)
        sandbox:stop()']]):format(lua.name, directory, lua.command), lua.variables {
      LUA_PATH = ("%s/share/lua/%s/?.lua;%s/share/lua/%s/?/init.lua;;"):format(directory, _VERSION:match "[%d.]+",
        directory, _VERSION:match "[%d.]+"),
      LUA_CPATH = ("%s/lib/lua/%s/?.so"):format(directory, _VERSION:match "[%d.]+"),
    })
    os.execute("rm -rf " .. process.quote(directory))
    assert.equal("Hello, world!\n", output)
    assert.equal(0, status)
  end)
end)
