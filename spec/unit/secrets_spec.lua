-- What is a secret, and that it is in no value that was cleaned.

local secrets = require "mistral.workflows.secrets"
local workflows = require "mistral.workflows"

local KEY = "key-0123456789-secret"

describe("secrets", function()
  local function check(expected, value, vault)
    assert.equal(expected, secrets.hide(vault, value))
  end

  it("are the key, without Bearer", function()
    for _, key in ipairs { KEY, "Bearer " .. KEY, "bearer  " .. KEY, "BEARER " .. KEY } do
      check("the key Bearer *** is wrong", "the key Bearer " .. KEY .. " is wrong", secrets.new(key))
    end
  end)

  it("are not looked for when they have a few characters only", function()
    check("abc", "abc", secrets.new "abc")
    check("***", "abcd", secrets.new "abcd")
  end)

  it("are the last eight keys of a function", function()
    local vault = secrets.new(function() end)
    for number = 1, 10 do secrets.note(vault, ("key-number-%d!"):format(number)) end
    secrets.note(vault, "key-number-4!") -- again
    secrets.note(vault, "key-number-11!")
    check("key-number-1! key-number-2! key-number-3! *** *** *** *** *** *** *** ***",
      "key-number-1! key-number-2! key-number-3! key-number-4! key-number-5! key-number-6! key-number-7! " ..
      "key-number-8! key-number-9! key-number-10! key-number-11!", vault)
  end)

  it("are in a vault that nobody else can open", function()
    local function source() return KEY end
    for _, key in ipairs { KEY, source } do
      local vault = secrets.new(key, "http://user:password@proxy")
      assert.equal(key, secrets.key(vault))
      local equal_to_all = setmetatable({}, { __eq = function() return true end })
      for _, given in ipairs { 1, "", true, {}, equal_to_all, print } do assert.is_nil(vault(given)) end
      assert.is_nil(vault())
    end
  end)

  describe("of a proxy", function()
    local getenv = os.getenv
    teardown(function() os.getenv = getenv end) -- luacheck: ignore

    -- The proxy comes as the option, and by each variable of the environment.
    local function each_vault(proxy, look)
      look(secrets.new(nil, proxy))
      for _, name in ipairs { "http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY" } do
        os.getenv = function(asked) return asked == name and proxy or nil end -- luacheck: ignore
        local vault = secrets.new(nil, nil)
        os.getenv = getenv -- luacheck: ignore
        look(vault)
      end
    end

    for _, case in ipairs {
      { "http://user:password@proxy:3128", "user:password", "password" },
      { "user:password@proxy", "user:password", "password" },
      { "socks5h://user:pass:word@proxy", "user:pass:word", "pass:word" },
      { "http://user:p@ss@proxy", "user:p@ss", "p@ss" },
      { "http://user:pass%2Fword%40@proxy", "user:pass%2Fword%40", "pass%2Fword%40", "user:pass/word@", "pass/word@" },
      { "http:/user:password@proxy:x", "user:password", "password" },
      { "http://token-without-colon@proxy", "token-without-colon" },
    } do
      it("are credentials and password: " .. case[1], function()
        each_vault(case[1], function(vault)
          for index = 2, #case do
            check("<***>", "<" .. case[index] .. ">", vault)
          end
        end)
      end)
    end

    it("are none without credentials", function()
      each_vault("http://proxy.example:3128", function(vault)
        check("http://proxy.example:3128 is silent", "http://proxy.example:3128 is silent", vault)
      end)
    end)

    it("are hidden as Proxy-Authorization has them", function()
      each_vault("http://proxyuser:proxysecret@proxy", function(vault)
        check("Basic ***", "Basic cHJveHl1c2VyOnByb3h5c2VjcmV0", vault)
      end)
    end)
  end)

  it("that are words of the library are not cut out of its own names and words", function()
    for _, key in ipairs { "http", "kind", "message", "cause", "name", "operation", "network", "path", "timeout" } do
      local seen
      local client = workflows.new {
        api_key = key, retry = false, observer = function(info) seen = info end,
        transport = function(request)
          if request.operation == "get_worker_info" then return nil, "gone" end
          return { status = 500, body = '{"detail":"the key ' .. key .. ' is wrong"}' }
        end,
      }
      local _, err = client:whoami()
      assert.same({ "network", "CURLE_RECV_ERROR" }, { err.kind, err.cause.name })
      assert.same({ "get_worker_info", "GET", "network" }, { seen.operation, seen.method, seen.error })
      assert.is_string(seen.path)
      _, err = client.workflows:get "w"
      assert.equal("http", err.kind)
      assert.equal("HTTP 500: the key *** is wrong", (err.message:gsub("^%*%*%*", "HTTP")))
      assert(tostring(err):find("the key *** is wrong", 1, true))
      client:close()
    end
  end)

  it("that are words of the service are not cut out of what the observer gets of them", function()
    for _, key in ipairs { "POST", "signal_workflow_execution", "network" } do
      local seen
      local client = workflows.new {
        api_key = key, retry = false, observer = function(info) seen = info end, transport = function() end,
      }
      client.executions:signal(key .. "-1", { name = "s" })
      assert.same({ "POST", "signal_workflow_execution", "network" }, { seen.method, seen.operation, seen.error })
      assert.equal("/v1/workflows/executions/***-1/signals", seen.path)
      client:close()
    end
  end)

  it("that are words of the library are not cut out of the facts of a failure", function()
    for key, case in pairs {
      ["response"] = { "phase", nil, { kind = "timeout" } },
      ["content type"] = { "reason", { status = 200, headers = { ["Content-Type"] = "text/html" }, body = "<p>" } },
    } do
      local client = workflows.new {
        api_key = key, retry = false, transport = function() return case[2], case[3] end,
      }
      local ok, err = pcall(client.events:stream())
      assert.is_false(ok)
      if case[3] then err = select(2, client:whoami()) end
      assert.equal(key, err[case[1]])
      client:close()
    end
  end)

  it("of all clients are hidden where it is not known whose a value is, as long as there are any", function()
    local one, other = secrets.new "first-secret", secrets.new "other-secret"
    assert.equal("<***> <***>", secrets.hide_all "<first-secret> <other-secret>")
    assert.equal("<***> <other-secret>", secrets.hide(one, "<first-secret> <other-secret>"))
    local gone = setmetatable({ one, other }, { __mode = "v" })
    one, other = nil, nil -- luacheck: ignore 311
    collectgarbage()
    collectgarbage()
    assert.same({}, gone)
    assert.equal("<first-secret>", secrets.hide_all "<first-secret>")
  end)

  describe("are cut out of tables", function()
    local vault = secrets.new(KEY)

    it("with their names", function()
      local expected = '{"***":{"a***":["***",1,true,null,["x***y"]]},"b":"c"}'
      local value = workflows.json.decode((expected:gsub("%*%*%*", KEY)))
      expected = workflows.json.decode(expected)
      assert.same(expected, secrets.hide(vault, value))
    end)

    it("that are copied, not changed, and only where they hold one", function()
      local value = { clean = { a = 1 }, [KEY] = 1, list = { { KEY }, {} } }
      local hidden = secrets.hide(vault, value)
      assert.equal(1, value[KEY])
      assert.equal(KEY, value.list[1][1])
      assert.equal(value.clean, hidden.clean)
      assert.equal(value.list[2], hidden.list[2])
      local clean = { a = { "b" } }
      assert.equal(clean, secrets.hide(vault, clean))
    end)

    it("which stay arrays, and null stays null", function()
      local value = workflows.json.decode(('{"list":["%s"],"none":[],"null":null}'):format(KEY))
      value.list[1], value.none[1] = nil, KEY
      local hidden = secrets.hide(vault, value)
      assert.equal("[]", workflows.json.encode(hidden.list))
      assert.equal('["***"]', workflows.json.encode(hidden.none))
      assert.equal(workflows.null, hidden.null)
    end)

    it("that are as deep as an answer can be", function()
      local value = assert(workflows.json.decode(("["):rep(1000) .. '"' .. KEY .. '"' .. ("]"):rep(1000)))
      local hidden = workflows.json.encode(secrets.hide(vault, value))
      assert.equal(("["):rep(1000) .. '"***"' .. ("]"):rep(1000), hidden)
    end)

    it("as texts as a whole where there is more to look at than can be paid for", function()
      local many = ("%25"):rep(100000)
      assert.same({ "***", many, "***" }, {
        secrets.hide(vault, many:rep(3)), secrets.hide(vault, many), secrets.hide(vault, ("&"):rep(300000)),
      })
      assert.equal(1e6, #secrets.hide(vault, ("x"):rep(1e6)))
      local _, hidden = table.concat(secrets.hide(vault, { many, many, many, many }), " "):gsub("%*%*%*", "")
      assert.equal(2, hidden)
    end)

    it("and out of nothing else", function()
      for _, value in ipairs { 1, 0.5, true, false, workflows.null, print } do
        assert.equal(value, secrets.hide(vault, value))
      end
      assert.is_nil(secrets.hide(vault, nil))
    end)
  end)
end)
