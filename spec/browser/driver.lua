--- A headless Chromium, driven by chromedriver (https://www.w3.org/TR/webdriver/).

local json = require("mistral.workflows").json
local process = require "spec.support.process"

local driver = {}

local methods = {}
local metatable = { __name = "browser", __index = methods }

-- Ends with standard input, and so with the test, however that ends.
local SCRIPT = [[
exec 3<&0
port=$((20000 + $(od -An -N2 -tu2 /dev/urandom) % 12000))
chromedriver --port=$port >"$1/output" 2>&1 3<&- & pid=$!
( cat <&3 >/dev/null; kill -TERM $pid ) & exec 3<&-
until curl --noproxy '*' -s -o "$1/status" http://127.0.0.1:$port/status; do
  kill -0 $pid || { cat "$1/output" >&2; exit 1; }
  sleep 0.05
done
echo port=$port >"$1/ready"
wait $pid
]]

local OPTIONS = { capabilities = { alwaysMatch = { ["goog:chromeOptions"] = {
  args = { "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-proxy-server",
    "--window-size=900,900" },
} } } }

local function request(self, method, path, body)
  local data = body and "-H 'Content-Type: application/json' -d " .. process.quote(assert(json.encode(body))) or ""
  local text = process.output(("curl --noproxy '*' -sS -m 60 -X %s %s http://127.0.0.1:%s/session%s"):format(method,
    data, self.port, path))
  local answer = assert(json.decode(text))
  if type(answer.value) == "table" and answer.value.error then error(answer.value.message, 2) end
  return answer.value
end

--- Starts a browser.
function driver.start()
  local self = setmetatable(process.start("chromedriver", "sh -c " .. process.quote(SCRIPT) .. " sh"), metatable)
  self.session = "/" .. request(self, "POST", "", OPTIONS).sessionId
  return self
end

--- Ends it.
function methods:stop()
  pcall(request, self, "DELETE", self.session)
  self.pipe:close()
end

--- Opens a page.
function methods:open(url)
  request(self, "POST", self.session .. "/url", { url = url })
end

--- The value of an expression of JavaScript.
function methods:value(expression)
  return request(self, "POST", self.session .. "/execute/sync", { script = "return " .. expression,
    args = require("mistral.workflows").array {} })
end

--- Writes what the page looks like to a PNG file.
function methods:screenshot(path)
  local file = assert(io.popen("base64 -d >" .. process.quote(path), "w"))
  file:write(request(self, "GET", self.session .. "/screenshot"))
  file:close()
end

return driver
