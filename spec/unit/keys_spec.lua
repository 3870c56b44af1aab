-- Keys that change: when a function is asked for one, what becomes of a call that gets none, and what is hidden.

local clocked = require "spec.support.clocked"
local process = require "spec.support.process"
local secrets = require "mistral.workflows.secrets"

local near, passed = clocked.near, clocked.passed

local function refused() return 401, { detail = "expired" } end

describe("a key that a function gives", function()
  local client, asked, sent

  -- @param given list of what the function returns: texts, or functions that are called; the last one again and again
  local function new(given, answers, options)
    asked, sent = 0, {}
    local all = { api_key = function()
      asked = asked + 1
      local value = given[math.min(asked, #given)]
      if type(value) == "function" then return value() end
      return value
    end }
    for name, value in pairs(options or {}) do all[name] = value end
    client = clocked.client(answers, all)
    local transport = client.options.transport
    client.options.transport = function(request)
      sent[#sent + 1] = request.headers.Authorization
      return transport(request)
    end
    return client
  end

  after_each(clocked.close)

  it("is asked for before each attempt, and sent with Bearer unless it has that", function()
    new({ "first-key", "Bearer second-key", "bearer third-key", "Bearers fourth-key", "Bearer" },
      { get_worker_info = {} })
    for _ = 1, 5 do assert(client:whoami()) end
    assert.same({
      "Bearer first-key", "Bearer second-key", "bearer third-key", "Bearer Bearers fourth-key", "Bearer Bearer",
    }, sent)
  end)

  it("stands before the header lines of the client, and of the call", function()
    new({ "first-key", "second-key" }, { get_worker_info = {} }, { headers = { ["X-One"] = "1" } })
    for number, key in ipairs { "Bearer first-key", "Bearer second-key" } do
      assert(client:whoami { headers = { ["X-Two"] = "2" } })
      local headers = client.requests[number].headers
      assert.same({ key, "1", "2" }, { sent[number], headers["X-One"], headers["X-Two"] })
    end
    assert(client:whoami())
    assert.is_nil(client.requests[3].headers["X-Two"])
  end)

  it("is asked for once more after a 401, and sent where it is another one", function()
    local left
    local function answers()
      return { get_worker_info = function()
        left = left - 1
        if left >= 0 then return refused() end
        return {}
      end }
    end
    local function check(refusals, given, status, asks, requests)
      left = refusals
      new(given, answers())
      local _, err = client:whoami()
      assert.same({ status, asks, requests }, { err and err.status, asked, #client.requests })
      client:close()
    end
    check(1, { "old-key", "new-key" }, nil, 3, 2) -- it is asked for again for the attempt
    check(2, { "old-key", "new-key" }, 401, 3, 2)
    check(9, { "key-1", "key-2", "key-3", "key-4", "key-5", "key-6" }, 401, 3, 2)
    check(9, { "same-key" }, 401, 2, 1)
    check(9, { "old-key", function() return nil, "no more keys" end }, 401, 2, 1)
  end)

  it("that is fixed is not sent again", function()
    new({}, { get_worker_info = refused }, { api_key = "fixed-key" })
    local _, err = client:whoami()
    assert.same({ 401, 1, 1 }, { err.status, err.attempts, #client.requests })
  end)

  it("that cannot be had is an error of the call, word for word", function()
    for message, given in pairs {
      ["no key today"] = function() return nil, "no key today" end,
      ["api_key function failed: boom"] = function() error("boom", 0) end,
      ["the key that the api_key function returned is missing or empty"] = function() return nil end,
      ["the key that the api_key function returned is missing or empty "] = function() return "" end,
      ["the key that the api_key function returned is missing or empty  "] = function() return 5, "text" end,
      ["the key that the api_key function returned is missing or empty   "] = function() return nil, 5 end,
      ["the key that the api_key function returned begins or ends with a space"] = function() return " a-key" end,
      ["the key that the api_key function returned holds control characters (a line end from a file?)"] = function()
        return "a-key\n"
      end,
    } do
      new({ given }, { get_worker_info = {} })
      local _, err = client:whoami()
      assert.same({
        kind = "connect", message = message:gsub(" +$", ""), operation = "get_worker_info", call = "whoami",
        attempts = 0, retryable = false,
      }, setmetatable(err, nil))
      assert.same({ 1, 0 }, { asked, #client.requests })
      client:close()
    end
  end)

  it("is hidden as soon as it is given, also one that cannot be sent, and those that were given before", function()
    new({ "secret-1", "secret-2", "secret-3\n" }, {
      get_worker_info = function() return 400, { detail = "secret-1 secret-2 secret-3 secret-4" } end,
    })
    assert.equal("HTTP 400: *** secret-2 secret-3 secret-4", select(2, client:whoami()).message)
    assert.equal("HTTP 400: *** *** secret-3 secret-4", select(2, client:whoami()).message)
    assert.is_nil(select(2, client:whoami()).message:find("secret", 1, true))
  end)

  it("is hidden in what the function says when it gives none", function()
    new({ "secret-1", function() return nil, "secret-1 is no more" end }, { get_worker_info = {} })
    assert(client:whoami())
    assert.equal("*** is no more", select(2, client:whoami()).message)
  end)

  it("that is given again is the last one, and pushes no other out", function()
    local vault = secrets.new(function() end)
    for number = 1, 8 do secrets.note(vault, "secret-" .. number) end
    for _ = 1, 3 do secrets.note(vault, "secret-7") end
    secrets.note(vault, "secret-8")
    secrets.note(vault, "secret-7")
    assert.equal("***", secrets.hide(vault, "secret-1"))
    for number = 9, 15 do secrets.note(vault, "secret-" .. number) end
    assert.same({ "***", "secret-8", "secret-6" },
      { secrets.hide(vault, "secret-7"), secrets.hide(vault, "secret-8"), secrets.hide(vault, "secret-6") })
  end)

  it("that cannot be had for a moment does not end a wait", function()
    local since = 0
    new({ "key-1", function() return nil, "no key today" end, "key-3" }, {
      get_workflow_execution = function()
        since = since + 1
        return { execution_id = "e", status = since == 1 and "RUNNING" or "COMPLETED" }
      end,
      stream = clocked.silent,
    }, { observer = function() end })
    assert.equal("COMPLETED", assert(client.executions:wait("e", { timeout = 100 })).status)
  end)

  it("that was refused to a stream is asked for once more, each time that one was good for a while", function()
    local opened = 0
    new({ "key-1", "key-2", "key-3", "key-4", "key-5", "key-6", "key-7" }, { get_stream_events = function()
      opened = opened + 1
      if opened % 2 == 0 then return refused() end
      return { { broker_sequence = opened }, "drop" }
    end })
    local stream = client.events:stream()
    for _, sequence in ipairs { 1, 3, 5 } do assert.equal(sequence, stream().broker_sequence) end
    near(0, passed())
    stream:close()
    client:close()
    local keys = {}
    for number = 1, 9 do keys[number] = "key-" .. number end
    new(keys, { get_stream_events = refused })
    local ok, err = pcall(client.events:stream())
    assert.is_false(ok)
    assert.same({ 401, 2 }, { err.status, #client.requests })
  end)

  it("that was refused while a program waits may be another one the next time", function()
    local function answers()
      return {
        get_workflow_execution = function()
          if passed() < 3 then return refused() end
          return { execution_id = "e", status = "COMPLETED" }
        end,
        stream = refused,
      }
    end
    new({ "key-1" }, answers())
    assert.equal("COMPLETED", assert(client.executions:wait("e", { timeout = 100 })).status)
    assert.truthy(passed() >= 3 and passed() < 12, passed())
    client:close()
    new({}, answers(), { api_key = "fixed-key" })
    local _, err = client.executions:wait("e", { timeout = 100 })
    assert.same({ "http", 401 }, { err.kind, err.status })
    near(0, passed())
  end)
end)

describe("a file of a key", function()
  it("is closed as soon as it was read", function()
    local path = os.tmpname()
    finally(function() os.remove(path) end)
    local file = assert(io.open(path, "wb"))
    file:write "key-of-a-file\n"
    file:close()
    local client = clocked.client({ get_worker_info = {} }, { api_key_file = path })
    finally(clocked.close)
    local function open_files()
      return tonumber((process.output(("ls -l /proc/%s/fd 2>/dev/null | grep -c %s || true"):format("$PPID",
        process.quote(path)))))
    end
    collectgarbage "stop"
    for _ = 1, 3 do assert(client:whoami()) end
    local count = open_files()
    collectgarbage "restart"
    assert.equal(0, count)
  end)
end)
