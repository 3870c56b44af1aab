local clients = require "spec.support.clients"
local fault = require "spec.support.fault"
local interpreter = require "spec.support.interpreter"
local process = require "spec.support.process"

local HEAD = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"

describe("TLS", function()
  local server

  setup(function() server = fault.start() end)
  teardown(function() server:stop() end)
  before_each(function() server:reset() end)

  local function whoami(options)
    return clients.use(server, options, function(client) return client:whoami() end)
  end

  local function refused(reason, options)
    local value, err = whoami(options)
    assert.is_nil(value)
    assert.equal("connect", err.kind)
    assert.equal(reason, err.reason)
    assert.is_false(err.retryable)
    assert.equal(0, server:stats().requests)
    return err
  end

  it("works with ca_file", function()
    assert.same({ ok = true }, (whoami { server_url = server.tls_url, ca_file = server.ca_file }))
    assert.equal(1, server:stats().tls_handshakes)
  end)

  it("works with ca_path, alone and beside the ca_file of another authority", function()
    local directory = process.output "mktemp -d"
    process.output(("cp %s %s/authority.pem && openssl rehash %s"):format(process.quote(server.ca_file), directory,
      directory))
    local other = server.client_cert
    refused("unknown issuer", { server_url = server.tls_url, ca_file = other })
    assert.same({ ok = true }, (whoami { server_url = server.tls_url, ca_path = directory }))
    assert.same({ ok = true }, (whoami { server_url = server.tls_url, ca_file = other, ca_path = directory }))
    process.output("rm -r " .. directory)
  end)

  it("tells an expired certificate", function()
    local err = refused("expired", { server_url = server.tls_expired_url, ca_file = server.ca_file })
    assert.equal("CURLE_PEER_FAILED_VERIFICATION", err.cause.name)
    assert.truthy(err.message:find "has expired")
  end)

  it("tells a certificate for another host", function()
    local err = refused("wrong host", { server_url = server.tls_wrong_host_url, ca_file = server.ca_file })
    assert.equal("CURLE_PEER_FAILED_VERIFICATION", err.cause.name)
    assert.truthy(err.message:find "another host name")
  end)

  it("tells an unknown issuer, and where it looked for it", function()
    local err = refused("unknown issuer", { server_url = server.tls_self_signed_url, ca_file = server.ca_file })
    assert.equal("CURLE_PEER_FAILED_VERIFICATION", err.cause.name)
    assert.truthy(err.message:find("ca_file", 1, true))
    assert.truthy(err.message:find("trust store: " .. server.ca_file, 1, true))
    err = refused("unknown issuer", { server_url = server.tls_url })
    assert.truthy(err.message:find "trust store: ")
    assert.truthy(tostring(err):find "trust store: ")
  end)

  it("does not try a refused certificate again", function()
    local loop = clients.impatient_loop()
    for _, url in ipairs { server.tls_expired_url, server.tls_wrong_host_url, server.tls_self_signed_url } do
      local _, err = whoami { server_url = url, ca_file = server.ca_file, retry = { attempts = 4 }, loop = loop }
      assert.equal(1, err.attempts)
    end
    assert.same({}, loop.slept)
  end)

  it("passes any certificate with insecure = true, and only then", function()
    for _, url in ipairs { server.tls_expired_url, server.tls_wrong_host_url, server.tls_self_signed_url } do
      assert.same({ ok = true }, (whoami { server_url = url, insecure = true }))
      assert.is_nil((whoami { server_url = url, insecure = false }))
    end
  end)

  it("reads SSL_CERT_FILE", function()
    local output = interpreter.run({ SSL_CERT_FILE = server.ca_file }, ([[
      local client = require("mistral.workflows").new { api_key = "key-of-a-test", server_url = %q, retry = false }
      print((assert(client:whoami())).ok)]]):format(server.tls_url))
    assert.equal("true", output)
  end)

  it("names files that cannot be used, at once", function()
    local text = os.tmpname()
    local err = refused("trust store", { server_url = server.tls_url, ca_file = text, retry = { attempts = 4 } })
    assert.equal("CURLE_SSL_CACERT_BADFILE", err.cause.name)
    assert.equal(1, err.attempts)
    assert.truthy(err.message:find(text, 1, true))
    err = refused("client certificate",
      { server_url = server.tls_url, ca_file = server.ca_file, client_cert = text, retry = { attempts = 4 } })
    assert.equal(1, err.attempts)
    assert.truthy(err.message:find("client_cert", 1, true))
    os.remove(text)
  end)

  it("shows a client certificate", function()
    assert.same({ ok = true }, (whoami { server_url = server.tls_url, ca_file = server.ca_file,
      client_cert = server.client_cert, client_key = server.client_cert }))
    assert.equal("client", server:log()[1].client)
  end)

  it("that breaks in the handshake is a connect error, tried again for every operation", function()
    server:script { on = "accept", port = "tls", actions = { { "close" } } }
    local _, err = whoami { server_url = server.tls_url, ca_file = server.ca_file }
    assert.equal("connect", err.kind)
    assert.equal("CURLE_SSL_CONNECT_ERROR", err.cause.name)
    assert.is_true(err.retryable)
    server:script { on = "accept", port = "tls", actions = { { "close" } } }
    local signalled = clients.use(server, { server_url = server.tls_url, ca_file = server.ca_file,
      retry = { attempts = 2 }, loop = clients.impatient_loop() },
      function(client) return client.executions:signal("e", { name = "s" }) end)
    assert.truthy(signalled)
    assert.equal(1, clients.count(server, "POST"))
  end)

  it("that is cut in a body is no success, whatever marks the end of the body", function()
    for _, head in ipairs { HEAD .. "\r\n", HEAD .. "Content-Length: 11\r\n\r\n",
      HEAD .. "Transfer-Encoding: chunked\r\n\r\nb\r\n" } do
      server:script { port = "tls", actions = { { "send", head .. '{"ok":tr' }, { "half_close" }, { "hang" } } }
      local value, err = whoami { server_url = server.tls_url, ca_file = server.ca_file }
      assert.is_nil(value)
      assert.equal("network", err.kind)
      assert.equal(200, err.status)
      assert.is_nil(err.detail)
    end
  end)

  it("that is reset instead of an answer is a network error", function()
    server:script { port = "tls", actions = { { "reset" } } }
    local _, err = whoami { server_url = server.tls_url, ca_file = server.ca_file }
    assert.equal("network", err.kind)
    assert.equal("CURLE_RECV_ERROR", err.cause.name)
  end)

  it("is asked about where a port speaks something else", function()
    local _, err = whoami { server_url = (server.tls_url:gsub("^https", "http")) }
    assert.equal("network", err.kind)
    assert.truthy(err.message:find("does the port speak TLS? server_url begins with http:", 1, true))
    server:script { on = "accept", actions = { { "send", "HTTP/1.1 400 Bad Request\r\n\r\n" }, { "close" } } }
    _, err = whoami { server_url = (server.url:gsub("^http", "https")), ca_file = server.ca_file }
    assert.equal("connect", err.kind)
    assert.truthy(err.message:find("does the port speak plain http? server_url begins with https:", 1, true))
  end)

  it("speaks version 1.2 with who knows no later one", function()
    assert(whoami { server_url = server.tls_12_url, ca_file = server.ca_file })
  end)

  it("speaks version 1.2 at least, whatever the machine's policy allows", function()
    local config = os.tmpname()
    local file = assert(io.open(config, "w"))
    file:write("openssl_conf = a\n[a]\nssl_conf = b\n[b]\nsystem_default = c\n",
      "[c]\nMinProtocol = TLSv1\nCipherString = DEFAULT:@SECLEVEL=0\n")
    file:close()
    local handshake = ("OPENSSL_CONF=%s openssl s_client -connect 127.0.0.1:%s -tls1_1 </dev/null 2>&1"):format(config,
      server.tls_old_url:match ":(%d+)$")
    assert.truthy(process.output(handshake):find("Protocol *: TLSv1%.1"))
    local output = interpreter.run({ OPENSSL_CONF = config }, ([[
      local client = require("mistral.workflows").new {
        api_key = "key-of-a-test", server_url = %q, ca_file = %q, retry = false,
      }
      print(select(2, client:whoami()))]]):format(server.tls_old_url, server.ca_file))
    os.remove(config)
    assert.truthy(output:find("CURLE_SSL_CONNECT_ERROR", 1, true), output)
    assert.equal(0, server:stats().requests)
  end)
end)
