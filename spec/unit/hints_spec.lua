-- What goes by another name here: all that the library is told of by the names that others have for it.

local retry = require "mistral.workflows.retry"
local workflows = require "mistral.workflows"

local methods = {
  [""] = {
    run = "workflows:run", execute = "workflows:execute", start = "workflows:execute", get = "workflows:get",
    list = "workflows:list", cancel = "executions:cancel", stream = "executions:stream",
  },
  workflows = {
    start = "workflows:execute", delete = "workflows:archive", stop = "executions:cancel", status = "executions:get",
    stream = "executions:stream", logs = "executions:logs", history = "executions:history", runs = "runs:list",
  },
  registrations = { start = "registrations:execute" },
  executions = {
    list = "runs:list", each = "runs:each", pages = "runs:pages", run = "workflows:run",
    execute = "workflows:execute", start = "workflows:execute", create = "workflows:execute",
    stop = "executions:cancel", abort = "executions:cancel", kill = "executions:terminate",
    delete = "executions:terminate", restart = "executions:reset", rerun = "executions:reset",
    retry = "executions:reset", approve = "executions:submit_input", answer = "executions:submit_input",
    join = "executions:wait", await = "executions:wait", status = "executions:get", result = "executions:wait",
    events = "executions:stream", inputs = "executions:pending_inputs",
  },
  runs = {
    run = "workflows:run", execute = "workflows:execute", start = "workflows:execute", stream = "executions:stream",
    stop = "executions:cancel", kill = "executions:terminate",
  },
  schedules = {
    run = "schedules:trigger", start = "schedules:resume", unpause = "schedules:resume", stop = "schedules:pause",
    remove = "schedules:delete",
  },
  events = { get = "events:list", logs = "executions:logs" },
}

local client_options = {
  base_url = "server_url", url = "server_url", host = "server_url", endpoint = "server_url", server = "server_url",
  key = "api_key", token = "api_key", apiKey = "api_key", auth = "api_key", key_file = "api_key_file",
  retries = "retry", max_retries = "retry", attempts = "retry", timeout_seconds = "timeout", seconds = "timeout",
  verify = "insecure", ca = "ca_file", cert = "client_cert", adapter = "loop", debug = "observer",
}

local policy_settings = {
  max = "attempts", max_attempts = "attempts", max_retries = "attempts", retries = "attempts", tries = "attempts",
  count = "attempts", delay = "base", min = "base", initial = "base", backoff = "base", max_delay = "cap",
  timeout = "budget", deadline = "budget",
}

describe("by another name", function()
  local client

  setup(function() client = workflows.new { api_key = "none", server_url = "http://127.0.0.1:9" } end)
  teardown(function() client:close() end)

  local function refusal(fn, ...)
    local ok, message = pcall(fn, ...)
    assert.is_false(ok)
    return (message:gsub("^.-:%d+: ", "", 1))
  end

  for resource, names in pairs(methods) do
    it("methods of " .. (resource == "" and "the client" or resource) .. " are told, and are there", function()
      local object = resource == "" and client or client[resource]
      for name, meant in pairs(names) do
        local what = resource == "" and "name" or "method"
        assert.equal(("unknown %s '%s'; see client.%s"):format(what, name, meant), (refusal(function()
          return object[name]
        end):gsub("^client[%w.]*: ", "")))
        local place, verb = meant:match "^(.*):(.*)$"
        assert.is_function(client[place][verb])
      end
    end)
  end

  it("options of a client are told", function()
    for name, meant in pairs(client_options) do
      assert.equal(("workflows.new: unknown option '%s'; did you mean '%s'?"):format(name, meant),
        refusal(workflows.new, { [name] = "x" }))
    end
  end)

  it("options of a call are told", function()
    for name, meant in pairs {
      interval = "poll", polling_interval = "poll", callback = "on_event", seconds = "timeout",
    } do
      assert.equal(("executions:wait: unknown option '%s'; did you mean '%s'?"):format(name, meant),
        refusal(client.executions.wait, client.executions, "e", { [name] = "x" }))
    end
    for name in pairs { limit = true, workers = true } do
      assert.equal(("client:map: unknown option '%s'; did you mean 'concurrency'?"):format(name),
        refusal(client.map, client, {}, print, { [name] = 1 }))
    end
  end)

  it("settings of a policy are told", function()
    for name, meant in pairs(policy_settings) do
      assert.is_number(retry.default[meant])
      local expected = "workflows.new: option 'retry' has an unknown setting '%s'; did you mean '%s'?"
      assert.equal(expected:format(name, meant), refusal(workflows.new, { api_key = "none", retry = { [name] = 1 } }))
    end
  end)

  it("names that others ask for whatever they get are nothing, and no error", function()
    for _, object in ipairs { client, client.workflows } do
      for _, name in ipairs { "pollfd", "timeout", "__name", "__tostring" } do assert.is_nil(object[name]) end
      assert.is_nil(object[1])
      assert.is_nil(object[true])
    end
    assert.is_nil(client.client)
  end)

  it("methods that other objects have are told, all of them in order", function()
    local each = {}
    for _, name in ipairs { "deployments", "events", "registrations", "runs", "schedules", "workflows" } do
      each[#each + 1] = ("client.%s:each"):format(name)
    end
    for expected, fn in pairs {
      ["client: unknown name 'each'; see " .. table.concat(each, ", ")] = function() return client.each end,
      ["client.workflows: unknown method 'whoami'; see client:whoami"] = function() return client.workflows.whoami end,
      ["client.runs: unknown method 'create'; see client.deployments:create, client.schedules:create"] = function()
        return client.runs.create
      end,
    } do
      assert.equal(expected, refusal(fn))
    end
  end)

  it("methods that nobody has are refused with those that there are", function()
    local what = refusal(function() return client.zzzzzzzz end)
    assert.equal("client: unknown name 'zzzzzzzz'; known are close, deployments, drive, events, executions, gather, "
      .. "map, pollable, registrations, runs, schedules, sleep, whoami, workflows", what)
    assert.equal("client: unknown name 'whoam'; did you mean 'whoami'?",
      refusal(function() return client.whoam end))
    assert.equal("client: unknown name 'workflow'; did you mean 'workflows'?",
      refusal(function() return client.workflow end))
    assert.equal("client.runs: unknown method 'zzzzzzzz'; known are each, get, history, list, pages",
      refusal(function() return client.runs.zzzzzzzz end))
  end)

  it("settings without a name are refused", function()
    assert.equal("workflows.new: option 'retry' has an unknown setting '1'; known are attempts, base, budget, cap",
      refusal(workflows.new, { api_key = "none", retry = { 3 } }))
    assert.equal("executions:wait: option 'poll' has an unknown setting '1'; known are max, min",
      refusal(client.executions.wait, client.executions, "e", { poll = { 3 } }))
  end)

  it("options that stand elsewhere are told where", function()
    for expected, fn in pairs {
      ["workflows:get: unknown option 'on_event'; it is an option of run and wait"] = function()
        client.workflows:get("w", { on_event = print })
      end,
      ["workflows:get: unknown option 'join'; it is an option of run"] = function()
        client.workflows:get("w", { join = true })
      end,
      ["workflows:get: unknown option 'proxy'; it is an option of workflows.new"] = function()
        client.workflows:get("w", { proxy = "" })
      end,
      ["workflows.new: unknown option 'join'; it is an option of a call"] = function()
        workflows.new { join = true }
      end,
      ["workflows.new: unknown option 'fields'; it is an option of a call"] = function()
        workflows.new { fields = {} }
      end,
      ["runs:each: unknown option 'page_size'; it goes into the table before the options"] = function()
        client.runs:each({}, { page_size = 1 })
      end,
      ["workflows:run: unknown option 'input'; it goes into the table before the options"] = function()
        client.workflows:run("w", {}, { input = {} })
      end,
    } do
      assert.equal(expected, refusal(fn))
    end
  end)
end)
