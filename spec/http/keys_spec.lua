-- Keys that change: from a function, from a file.

local clients = require "spec.support.clients"
local fault = require "spec.support.fault"
local frames = require "spec.support.frames"
local process = require "spec.support.process"
local workflows = require "mistral.workflows"

local REFUSED = { respond = { status = 401, body = '{"detail":"expired"}' } }

describe("a key", function()
  local server, path

  setup(function() server = fault.start() end)
  teardown(function() server:stop() end)
  before_each(function()
    server:reset()
    path = process.output "mktemp"
  end)
  after_each(function() os.remove(path) end)

  local function write(text)
    local file = assert(io.open(path, "wb"))
    file:write(text)
    file:close()
  end

  local function file_client(options)
    local all = { api_key_file = path, server_url = server.url, retry = false }
    for name, value in pairs(options or {}) do all[name] = value end
    return workflows.new(all)
  end

  local function sent()
    local list = {}
    for index, request in ipairs(server:log()) do list[index] = clients.header(request, "Authorization") end
    return list
  end

  it("is read from a file for each attempt, without its line end", function()
    local client = file_client()
    for _, text in ipairs { "first-token\n", "second-token\r\n", "third-token" } do
      write(text)
      assert(client:whoami())
    end
    assert.same({ "Bearer first-token", "Bearer second-token", "Bearer third-token" }, sent())
    client:close()
  end)

  it("that cannot be had from a file is an error of the attempt, which does not show it", function()
    local client = file_client()
    for text, message in pairs {
      ["two\nlines"] = "control characters", [""] = "missing or empty", [" spaces"] = "a space",
      [("lines"):rep(20000)] = "more than 65536 bytes", [("l"):rep(65537)] = "more than 65536 bytes",
    } do
      write(text)
      local _, err = client:whoami()
      assert.equal("connect", err.kind)
      assert.truthy(err.message:find(message, 1, true), err.message)
      assert.is_nil(tostring(err):find("lines", 1, true))
    end
    os.remove(path)
    local _, err = client:whoami()
    assert.equal("connect", err.kind)
    assert.truthy(err.message:find(path, 1, true))
    assert.equal(0, server:stats().requests)
    client:close()
  end)

  it("that was refused is asked for once more, and the request repeated where it is another one", function()
    local number = 0
    local client = clients.new(server, { api_key = function()
      number = number + 1
      return "key-number-" .. number
    end })
    server:script { REFUSED }
    assert(client:whoami())
    local refused = sent()[1]
    assert.not_equal(refused, sent()[2])
    server:reset()
    server:script { REFUSED, REFUSED }
    local _, err = client:whoami()
    assert.same({ "http", 401 }, { err.kind, err.status })
    assert.equal(2, server:stats().requests)
    client:close()
  end)

  it("is not sent by a client that its function has closed", function()
    local client
    client = clients.new(server, { api_key = function()
      client:close()
      return "key-that-comes-late"
    end })
    local _, err = client:whoami()
    assert.same({ "cancelled", 0 }, { err.kind, server:stats().requests })
  end)

  it("that stays the same is not sent again", function()
    local client = clients.new(server, { api_key = function() return "always-this-key" end })
    server:script { REFUSED }
    local _, err = client:whoami()
    assert.equal(401, err.status)
    assert.equal(1, server:stats().requests)
    client:close()
    server:reset()
    server:script { REFUSED }
    local fixed = clients.new(server)
    _, err = fixed:whoami()
    assert.equal(401, err.status)
    assert.equal(1, server:stats().requests)
    fixed:close()
  end)

  it("that expires does not end a stream", function()
    local number = 0
    local client = clients.new(server, { retry = { attempts = 3, base = 0.01 }, api_key = function()
      number = number + 1
      return "key-number-" .. number
    end })
    server:script { frames.step("/v1/workflows/events/stream", frames.event(1)), REFUSED,
      frames.step("/v1/workflows/events/stream", frames.event(2)), REFUSED,
      frames.step("/v1/workflows/events/stream", frames.event(3)) }
    local stream = client.events:stream()
    for sequence = 1, 3 do assert.equal(sequence, stream().broker_sequence) end
    assert.equal(5, server:stats().requests)
    stream:close()
    client:close()
  end)
end)
