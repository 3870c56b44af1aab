-- The messages that docs/errors.md shows are those of the library, line by line.

local testing = require "mistral.workflows.testing"
local workflows = require "mistral.workflows"

local function answered(answer, options)
  options = options or {}
  options.retry, options.transport = false, function() return answer end
  return workflows.new(options).workflows
end

local function html(text)
  return { status = 200, headers = { ["Content-Type"] = "text/html" }, body = text }
end

local cases = {
  connect = function()
    local client = workflows.new { api_key = "k", server_url = "http://127.0.0.1:1", retry = false }
    return client.workflows:get "invoice-check"
  end,
  timeout = function()
    local client = testing.client { get_workflow = function() return "timeout" end }
    return client.workflows:get("invoice-check", { retry = false })
  end,
  network = function()
    local client = testing.client { signal_workflow_execution = function() return "drop" end }
    return client.executions:signal("A-17", { name = "approve" })
  end,
  http = function()
    return answered { status = 404, body = { detail = "Workflow 'invoice-chek' not found", code = "WF_1100" } }
      :get "invoice-chek"
  end,
  decode = function() return answered(html "<!doctype html><title>Sign in</title>"):get "invoice-check" end,
  too_large = function()
    return answered({ status = 200, body = ("x"):rep(2000) }, { max_response_bytes = 1000 }):get "invoice-check"
  end,
  stream = function()
    local client = testing.client {
      stream = function() return 200, { 'event: error\ndata: {"error":"the broker is away"}\n\n' } end,
      get_workflow_execution = function() return 200, { execution_id = "A-17", status = "RUNNING" } end,
    }
    local _, err = pcall(client.executions:stream "A-17")
    return nil, err
  end,
  execution = function()
    local client = testing.client {
      execute_workflow = function() return 200, { execution_id = "A-17", status = "RUNNING" } end,
      get_workflow_execution = function() return 200, { execution_id = "A-17", status = "TERMINATED" } end,
    }
    return client.workflows:run("invoice-check", { execution_id = false })
  end,
  cancelled = function()
    local client
    client = workflows.new { transport = function() client:close() end }
    return client.workflows:get "invoice-check"
  end,
  invalid = function() return answered {}:get "runs" end,
}

describe("docs/errors.md", function()
  local file = assert(io.open("docs/errors.md", "rb"))
  local page = file:read "*a"
  file:close()

  local shown = {}
  for line in page:match "\n```\n(.-)```":gmatch "[^\n]+" do
    local kind, message = line:match "^(%S+): (.*)$"
    shown[kind] = message
  end

  -- Why no connection was made is told in libcurl's words, which change.
  local function constant(message)
    return (message:gsub("(no connection to %S+: ).-( %(CURLE)", "%1%2"))
  end

  for kind, fn in pairs(cases) do
    it("shows a message of kind " .. kind .. " as it is", function()
      local result, err = fn()
      assert.is_nil(result)
      assert.equal(kind, err.kind)
      assert.equal(constant(shown[kind]), constant(tostring(err)))
    end)
  end

  it("shows one of each kind, and no other", function()
    for kind in page:gmatch "\n| `([%l_]+)` |" do assert.is_string(shown[kind], kind) end
    for kind in pairs(shown) do assert.is_function(cases[kind], kind) end
  end)
end)
