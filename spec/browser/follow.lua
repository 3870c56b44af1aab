-- The page of examples/nginx in a real browser; run by script/test-browser.

local driver = require "spec.browser.driver"
local gateway = require "spec.support.gateway"
local nginx = require "spec.support.nginx"
local process = require "spec.support.process"
local sandbox = require "spec.support.sandbox"

describe("follow.html", function()
  local server, web, browser

  setup(function()
    server = sandbox.start { SANDBOX_KEEPALIVE = "1" }
    web = gateway.start { MISTRAL_API_KEY = sandbox.key, MISTRAL_SERVER_URL = server.url }
    browser = driver.start()
  end)
  teardown(function()
    browser:stop()
    web.stop()
    server:stop()
  end)

  local function start(workflow, input)
    local text = process.output(("curl --noproxy '*' -sS -H 'Prefer: respond-async' -d %s %s/run/%s"):format(
      process.quote(input), web.url, workflow))
    return assert(text:match '"execution_id":"([^"]+)"', text)
  end

  local function state() return browser:value "document.getElementById('state').textContent" end
  local function count() return browser:value "document.getElementById('events').children.length" end

  it("shows events as they come, and the result at the end", function()
    browser:open(web.url .. "/follow/" .. start("slow", '{"seconds":3}'))
    nginx.eventually("it is live", function() return state() == "live" end)
    nginx.eventually("there is an event", function() return count() >= 1 end)
    assert.truthy(count() < 8)
    browser:screenshot "build/browser/live.png"
    nginx.eventually("it has ended", function() return state() == "COMPLETED" end)
    browser:screenshot "build/browser/completed.png"
    assert.equal(8, count())
    assert.truthy(browser:value("document.getElementById('events').textContent"):find("CUSTOM_TASK", 1, true))
    assert.truthy(browser:value("document.getElementById('result').textContent"):find('"seconds": 3', 1, true))
    nginx.eventually("no stream is open", function() return server:stats().open_streams == 0 end)
  end)

  it("comes back to the new workers after a reload, without showing an event twice", function()
    browser:open(web.url .. "/follow/" .. start("counter", "{}"))
    nginx.eventually("it is live", function() return state() == "live" end)
    nginx.eventually("there is an event", function() return count() >= 1 end)
    local before = count()
    browser:value "(window.states = [], new MutationObserver(() => states.push(document.getElementById('state').textContent)).observe(document.getElementById('state'), { childList: true }), true)" -- luacheck: ignore 631
    process.output(("kill -HUP $(cat %s)"):format(process.quote((web.log:gsub("error%.log$", "nginx.pid")))))
    nginx.eventually("it came back", function()
      return state() == "live" and browser:value "states.includes('reconnecting')"
    end)
    assert.equal(before, count())
    nginx.eventually("one stream is open", function() return server:stats().open_streams == 1 end)
  end)

  it("says when there is no such execution, and when one failed", function()
    browser:open(web.url .. "/follow/no-such-execution")
    nginx.eventually("it says so", function() return state():find("no such execution", 1, true) end)
    browser:open(web.url .. "/follow/" .. start("fail", '{"message":"<b>boom</b>"}'))
    nginx.eventually("it has ended", function() return state() == "FAILED" end)
    browser:screenshot "build/browser/failed.png"
    assert.truthy(browser:value("document.getElementById('events').textContent"):find("<b>boom</b>", 1, true))
    nginx.eventually("leaving closes the stream", function() return server:stats().open_streams == 0 end)
  end)
end)
