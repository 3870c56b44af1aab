local clients = require "spec.support.clients"
local fault = require "spec.support.fault"
local interpreter = require "spec.support.interpreter"

describe("a proxy", function()
  local server, with_credentials, with_wrong_credentials

  setup(function()
    server = fault.start()
    with_credentials = server.proxy_auth:gsub("//", "//proxyuser:proxysecret@")
    with_wrong_credentials = server.proxy_auth:gsub("//", "//proxyuser:wrongsecret@")
  end)
  teardown(function() server:stop() end)
  before_each(function() server:reset() end)

  local function whoami(options)
    return clients.use(server, options, function(client) return client:whoami() end)
  end

  local function tls(options)
    options.server_url, options.ca_file = options.server_url or server.tls_url, server.ca_file
    return options
  end

  local function to_proxy()
    local list = {}
    for _, request in ipairs(server:log()) do
      if request.port:find "^proxy" then list[#list + 1] = request end
    end
    return list
  end

  it("is used by option, with CONNECT for https: it sees neither key nor path", function()
    assert.truthy((whoami(tls { proxy = server.proxy })))
    assert.same({ (server.tls_url:gsub("https://", "")) }, server:stats().proxy_connects)
    local request = to_proxy()[1]
    assert.equal("CONNECT", request.request_line:match "^%u+")
    assert.is_nil(clients.header(request, "Authorization"))
    assert.is_nil(request.request_line:find("whoami", 1, true))
  end)

  it("keeps its tunnel for the next calls", function()
    clients.use(server, tls { proxy = server.proxy }, function(client)
      for _ = 1, 5 do assert(client:whoami()) end
    end)
    assert.equal(1, #server:stats().proxy_connects)
  end)

  it("is used by option for http", function()
    assert.truthy((whoami { proxy = server.proxy }))
    assert.equal(1, server:stats().proxy_requests)
  end)

  it("may be reached over TLS, and has to show a certificate that is trusted as the server's is", function()
    assert.truthy((whoami(tls { proxy = server.proxy_tls })))
    assert.truthy((whoami { proxy = server.proxy_tls, ca_file = server.ca_file }))
    assert.truthy((whoami { proxy = server.proxy_tls, insecure = true }))
    assert.equal(3, server:stats().proxy_requests)
    local _, err = whoami { proxy = server.proxy_tls }
    assert.equal("connect", err.kind)
    assert.equal("unknown issuer", err.reason)
    assert.truthy(err.message:find "^the proxy's certificate has an unknown issuer; set ca_file ")
    local elsewhere = server.proxy_tls:gsub("localhost", "elsewhere.localhost")
    _, err = whoami(tls { proxy = elsewhere })
    assert.equal("wrong host", err.reason)
    assert.truthy(err.message:find "^the proxy's certificate is for another host name than the one in proxy")
    assert.equal(3, server:stats().proxy_requests)
    _, err = whoami(tls { proxy = server.proxy_tls, server_url = server.tls_wrong_host_url })
    assert.truthy(err.message:find "^the server's certificate is for another host name than the one in server_url")
  end)

  it("gets its credentials, which the server does not see", function()
    assert.truthy((whoami(tls { proxy = with_credentials })))
    assert.truthy((whoami { proxy = with_credentials }))
    for _, request in ipairs(to_proxy()) do
      assert.equal("Basic cHJveHl1c2VyOnByb3h5c2VjcmV0", clients.header(request, "Proxy-Authorization"))
    end
    for _, request in ipairs(server:log()) do
      if not request.port:find "^proxy" then assert.is_nil(clients.header(request, "Proxy-Authorization")) end
    end
  end)

  it("that refuses the tunnel for its credentials is a connect error, not tried again", function()
    for _, proxy in ipairs { server.proxy_auth, with_wrong_credentials } do
      server:reset()
      local _, err = whoami(tls { proxy = proxy, retry = { attempts = 4 } })
      assert.equal("connect", err.kind)
      assert.equal("proxy credentials", err.reason)
      assert.truthy(err.message:find("407", 1, true))
      assert.equal(1, err.attempts)
      assert.is_false(err.retryable)
      assert.equal(1, server:stats().proxy_requests)
      assert.equal(0, server:stats().requests)
    end
  end)

  it("that answers 407 over http is an http error with a hint", function()
    local _, err = whoami { proxy = server.proxy_auth }
    assert.equal("http", err.kind)
    assert.equal(407, err.status)
    assert.truthy(err.message:find "proxy")
  end)

  it("that cannot reach the server, refuses or does not exist is a connect error", function()
    local refused = server.refused:gsub("http:", "https:")
    for _, options in ipairs {
      tls { proxy = server.proxy, server_url = refused }, tls { proxy = server.refused },
      tls { proxy = "http://proxy.invalid:3128" }, { proxy = server.refused },
    } do
      local _, err = whoami(options)
      assert.equal("connect", err.kind)
      assert.truthy(err.cause.name)
      assert.is_true(err.retryable)
    end
    assert.equal(0, server:stats().requests)
  end)

  it("that is silent is a time-out of the connection", function()
    local _, err = whoami(tls { proxy = (server.silent_tcp:gsub("https", "http")), connect_timeout = 0.2 })
    assert.equal("timeout", err.kind)
    assert.equal("connect", err.phase)
  end)

  it("that breaks in CONNECT is a connect error: nothing was sent, so every operation may be tried again", function()
    server:script { port = "proxy", actions = { { "reset" } } }
    clients.use(server, tls { proxy = server.proxy, retry = { attempts = 2 }, loop = clients.impatient_loop() },
      function(client) assert(client.executions:signal("e", { name = "s" })) end)
    assert.equal(1, clients.count(server, "POST"))
  end)

  it("is passed by for the hosts in no_proxy", function()
    assert.truthy((whoami(tls { proxy = server.proxy, no_proxy = "elsewhere.example,localhost" })))
    assert.truthy((whoami { proxy = server.proxy, no_proxy = "127.0.0.1" }))
    assert.truthy((whoami { proxy = server.proxy, no_proxy = "*" }))
    assert.equal(0, server:stats().proxy_connections)
    assert.truthy((whoami(tls { proxy = server.proxy, no_proxy = "elsewhere.example" })))
    assert.equal(1, server:stats().proxy_connections)
  end)

  describe("in the environment", function()
    local function run(environment, options)
      local output = interpreter.run(environment, ([[
        local client = require("mistral.workflows").new {
          api_key = "key-of-a-test", server_url = %q, ca_file = %q, retry = false, %s
        }
        local value, err = client:whoami()
        print(value and "success" or err.kind .. ": " .. err)]]):format(
        options and options.url or server.tls_url, server.ca_file,
        options and options.text or "allow_insecure_http = true"))
      return output
    end

    it("is not used for what stays on this machine, unless the program says so", function()
      for _, url in ipairs { server.url, server.tls_url, (server.url:gsub("127%.0%.0%.1", "LocalHost")) } do
        for _, name in ipairs { "http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY" } do
          assert.equal("success", run({ [name] = server.refused }, { url = url, text = "" }))
        end
      end
      assert.truthy(run({ all_proxy = server.refused }, { url = server.url }):find("^connect: "))
      assert.truthy(run({}, { url = server.url, text = ("proxy = %q"):format(server.refused) }):find("^connect: "))
    end)

    it("is used, with its credentials", function()
      assert.equal("success", run { https_proxy = server.proxy })
      assert.equal("success", run { HTTPS_PROXY = with_credentials })
      assert.equal("success", run { all_proxy = server.proxy })
      assert.equal("success", run { ALL_PROXY = server.proxy })
      assert.equal("success", run({ http_proxy = server.proxy }, { url = server.url }))
      assert.equal(5, server:stats().proxy_requests)
    end)

    it("is passed by for the hosts in no_proxy", function()
      assert.equal("success", run { https_proxy = server.proxy, no_proxy = "localhost,127.0.0.1" })
      assert.equal(0, server:stats().proxy_connections)
    end)

    it("is overruled by the options", function()
      assert.equal("success", run({ https_proxy = server.refused }, { text = ("proxy = %q"):format(server.proxy) }))
      assert.equal(1, server:stats().proxy_connections)
      assert.equal("success", run({ https_proxy = server.refused }, { text = "proxy = ''" }))
      assert.equal("success", run({ https_proxy = server.refused },
        { text = "allow_insecure_http = true, no_proxy = 'localhost'" }))
      assert.equal(1, server:stats().proxy_connections)
    end)

    it("is named in an error without its credentials", function()
      for _, proxy in ipairs { with_wrong_credentials, "http://proxyuser:wrongsecret@127.0.0.1:999999",
        "wat://proxyuser:wrongsecret@127.0.0.1:1", "http://proxyuser:wrongsecret@proxy.invalid:1" } do
        local output = run { https_proxy = proxy }
        assert.truthy(output:find("connect", 1, true))
        assert.is_nil(output:find("wrongsecret", 1, true))
        assert.is_nil(output:find("proxyuser", 1, true))
      end
    end)
  end)
end)
