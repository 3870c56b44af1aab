-- What is a secret, and that it is in no value that was cleaned.

local secrets = require "mistral.workflows.secrets"
local workflows = require "mistral.workflows"

local KEY = "key-0123456789-secret"

describe("secrets", function()
  local function check(expected, value, list)
    assert.equal(expected, secrets.hide(value, list))
  end

  it("are the key, without Bearer", function()
    for _, key in ipairs { KEY, "Bearer " .. KEY, "bearer  " .. KEY, "BEARER " .. KEY } do
      check("the key Bearer *** is wrong", "the key Bearer " .. KEY .. " is wrong", secrets.list(key))
    end
  end)

  it("are not looked for when they have a few characters only", function()
    check("abc", "abc", secrets.list "abc")
    check("***", "abcd", secrets.list "abcd")
  end)

  describe("of a proxy", function()
    local getenv = os.getenv
    teardown(function() os.getenv = getenv end) -- luacheck: ignore

    -- The proxy comes as the option, and by each variable of the environment.
    local function each_list(proxy, look)
      look(secrets.list(nil, proxy))
      for _, name in ipairs { "http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY" } do
        os.getenv = function(asked) return asked == name and proxy or nil end -- luacheck: ignore
        local list = secrets.list(nil, nil)
        os.getenv = getenv -- luacheck: ignore
        look(list)
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
        each_list(case[1], function(list)
          for index = 2, #case do
            check("<***>", "<" .. case[index] .. ">", list)
          end
        end)
      end)
    end

    it("are none without credentials", function()
      each_list("http://proxy.example:3128", function(list)
        check("http://proxy.example:3128 is silent", "http://proxy.example:3128 is silent", list)
      end)
    end)

    it("are hidden as Proxy-Authorization has them", function()
      each_list("http://proxyuser:proxysecret@proxy", function(list)
        check("Basic ***", "Basic cHJveHl1c2VyOnByb3h5c2VjcmV0", list)
      end)
    end)
  end)

  describe("are cut out of tables", function()
    local list = secrets.list(KEY)

    it("with their names", function()
      local expected = '{"***":{"a***":["***",1,true,null,["x***y"]]},"b":"c"}'
      local value = workflows.json.decode((expected:gsub("%*%*%*", KEY)))
      expected = workflows.json.decode(expected)
      assert.same(expected, secrets.hide(value, list))
    end)

    it("that are copied, not changed, and only where they hold one", function()
      local value = { clean = { a = 1 }, [KEY] = 1, list = { { KEY }, {} } }
      local hidden = secrets.hide(value, list)
      assert.equal(1, value[KEY])
      assert.equal(KEY, value.list[1][1])
      assert.equal(value.clean, hidden.clean)
      assert.equal(value.list[2], hidden.list[2])
      local clean = { a = { "b" } }
      assert.equal(clean, secrets.hide(clean, list))
    end)

    it("which stay arrays, and null stays null", function()
      local value = workflows.json.decode(('{"list":["%s"],"none":[],"null":null}'):format(KEY))
      value.list[1], value.none[1] = nil, KEY
      local hidden = secrets.hide(value, list)
      assert.equal("[]", workflows.json.encode(hidden.list))
      assert.equal('["***"]', workflows.json.encode(hidden.none))
      assert.equal(workflows.null, hidden.null)
    end)

    it("that are as deep as an answer can be", function()
      local value = assert(workflows.json.decode(("["):rep(1000) .. '"' .. KEY .. '"' .. ("]"):rep(1000)))
      local hidden = workflows.json.encode(secrets.hide(value, list))
      assert.equal(("["):rep(1000) .. '"***"' .. ("]"):rep(1000), hidden)
    end)

    it("and out of nothing else", function()
      for _, value in ipairs { 1, 0.5, true, false, workflows.null, print } do
        assert.equal(value, secrets.hide(value, list))
      end
      assert.is_nil(secrets.hide(nil, list))
    end)
  end)
end)
