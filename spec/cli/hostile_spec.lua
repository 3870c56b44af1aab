-- Whatever the service answers, the tool ends with a status of its own and not with a fault.

local process = require "spec.support.process"
local sandbox = require "spec.support.sandbox"
local tool = require "spec.support.tool"
local workflows = require "mistral.workflows"

-- How often each answer is changed; SPEC_ROUNDS=100 looks for more.
local ROUNDS = tonumber(os.getenv "SPEC_ROUNDS") or 3

-- What a command reads: its arguments, the path, and how curl asks for a real answer.
local cases = {
  { "list", "", "-G -d limit=3" }, { "show form", "/form" },
  { "registrations --limit 2", "/registrations", "-G -d limit=3 -d with_workflow=true" },
  { "types", "/registrations", "-G -d limit=3 -d with_workflow=true" },
  { "runs --limit 3", "/runs", "-G -d page_size=3" }, { "get done", "/executions/done" },
  { "wait done", "/executions/done" }, { "history done", "/executions/done/history" },
  { "trace done", "/executions/done/trace/summary" }, { "trace done --svg -", "/executions/done/trace/summary" },
  { "logs done", "/executions/done/logs" }, { "metrics hello", "/hello/metrics" }, { "schedules", "/schedules" },
  { "schedule hello --every 1h --id s1", "/schedules/s1" }, { "deployments", "/deployments" },
  { "workers default", "/deployments/default/workers" }, { "deployment-logs default", "/deployments/default/logs" },
  { "whoami", "/workers/whoami" }, { "names workflows", "", "-G -d limit=3" },
  { "inputs asked", "/executions/asked/queries", "--json '{\"name\": \"__get_pending_inputs\"}'" },
  { "start hello", "/hello/execute", "--json '{}'" },
  { "cancel done", "/executions/cancel", "--json '{\"execution_ids\": [\"done\"]}'" },
  { "update hello --no-tags", "/hello" }, { "stop default", "/deployments/default/stop" },
  { "query asked state", "/executions/asked/queries" }, { "update-execution asked x", "/executions/asked/updates" },
  { "signal asked x", "/executions/asked/signals" }, { "reset done 5", "/executions/done/reset" },
}

local strange = {
  '"text"', "7", "-1.5", "true", "null", "[]", "{}", '[1,"a",null]', '{"a":{"b":[]}}', "1e308", '"\\u001b[31m\\n%"',
  "99999999999999999999", '[[[["x"]]]]',
}

-- The JSON with up to four members or items that are something else.
local function changed(json)
  local value, places = assert(workflows.json.decode(json)), {}
  local function look(node)
    local keys = {}
    for key in pairs(type(node) == "table" and node or {}) do keys[#keys + 1] = key end
    table.sort(keys, function(a, b) return tostring(a) < tostring(b) end) -- the same in each run
    for _, key in ipairs(keys) do
      places[#places + 1] = { node, key }
      look(node[key])
    end
  end
  look(value)
  for _ = 1, #places > 0 and math.random(4) or 0 do
    local place = places[math.random(#places)]
    place[1][place[2]] = workflows.json.decode(strange[math.random(#strange)])
  end
  return workflows.json.encode(value)
end

describe("whatever the service answers, mistral-workflows", function()
  local server

  setup(function()
    server = sandbox.start()
    tool.shell(server, "mwf run tree seconds:=0.1 --id done; mwf start form --id asked; "
      .. "mwf schedule hello --every 1h --id s1")
  end)
  teardown(function() server:stop() end)

  -- How a command ends, on a pipe or on a terminal of some width.
  local function run(arguments, body, columns)
    local command = "timeout 20 $MWF " .. arguments
    if columns then command = ("script -qec \"stty cols %d; %s\" /dev/null"):format(columns, command) end
    local out, status, err = tool.shell(server, command)
    server:control("DELETE", "fixture")
    assert(status ~= 70 and status ~= 124, ("%s ends with %d\n%s%s\n%s"):format(arguments, status, out, err, body))
    assert(not out:find "\27%[31m\n", body)
  end

  for _, case in ipairs(cases) do
    it("ends " .. case[1] .. " in order", function()
      local path = "/v1/workflows" .. case[2]
      local real = process.output(("curl -sS -H 'Authorization: Bearer %s' %s %s"):format(sandbox.key, case[3] or "",
        process.quote(server.url .. path)))
      math.randomseed(#case[1])
      for round = 1, ROUNDS do
        local body = changed(real)
        server:fixture { method = "*", path = path, status = 200, headers = { ["content-type"] = "application/json" },
          body = body, times = 1 }
        run(case[1], body, round % 3 == 0 and math.random(20, 140) or nil)
      end
      server:fixture { method = "*", path = path, status = 204, times = 1 }
      run((case[1]:find "svg" and "" or "--json ") .. case[1], "nothing")
      server:fixture { method = "*", path = path, status = 204, times = 1 }
      run(case[1], "nothing")
    end)
  end
end)
