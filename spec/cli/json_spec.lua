-- --json: what each command prints is JSON of the service's own shape, and nothing else.

local sandbox = require "spec.support.sandbox"
local tool = require "spec.support.tool"
local workflows = require "mistral.workflows"

-- Arguments; "list" where each line is an item, "one" for one answer; a member that each must have.
local cases = {
  { "list --limit 3", "list", "display_name" }, { "registrations --limit 3", "list", "workflow_id" },
  { "runs --limit 3", "list", "execution_id" }, { "schedules", "list", "schedule_id" },
  { "deployments", "list", "is_active" }, { "workers default", "list", "name" },
  { "logs done", "list", "severity_text" }, { "logs done -f", "list", "severity_text" },
  { "deployment-logs default --limit 3", "list", "severity_text" }, { "follow done", "list", "broker_sequence" },
  { "inputs asked", "list", "task_id" }, { "wait done other", "list", "execution_id" },
  { "show hello", "one", "workflow" }, { "get done", "one", "execution_id" }, { "wait done", "one", "execution_id" },
  { "run hello", "one", "execution_id" }, { "start hello", "one", "execution_id" }, { "history done", "one", "events" },
  { "trace done", "one", "span_tree" }, { "metrics hello", "one", "execution_count" }, { "whoami", "one", "namespace" },
  { "query counting get", "one", "query_name" }, { "update-execution counting add n:=1", "one", "update_name" },
  { "signal counting add n:=1", "one", "message" }, { "cancel leaving", "one", "results" },
  { "terminate ending", "one", "results" }, { "archive echo", "one", "archived" },
  { "unarchive echo", "one", "unarchived" }, { "update hello --no-tags", "one", "workflow" },
  { "schedule hello --every 1h --id s2", "one", "schedule_id" },
  { "stop-deployment managed-ocr", "one", "name" }, { "start-deployment managed-ocr", "one", "name" },
  { "restart-deployment managed-ocr", "one", "name" },
}

describe("with --json mistral-workflows", function()
  local server

  setup(function()
    server = sandbox.start()
    tool.shell(server, "mwf run slow seconds:=0.1 --id done; mwf run hello --id other; mwf start form --id asked; "
      .. "mwf start counter --id counting; mwf start forever --id leaving; "
      .. "mwf start forever --id ending; mwf schedule hello --every 1h --id s1")
  end)
  teardown(function() server:stop() end)

  for _, case in ipairs(cases) do
    local shape = case[2] == "list" and "an object a line" or "one object"
    it(("%s prints %s"):format(case[1], shape), function()
      local out, _, err = tool.run(server, case[1] .. " --json")
      local lines = tool.lines(out)
      assert(#lines > 0, err)
      if case[2] == "one" then assert.equal(1, #lines) end
      for _, line in ipairs(lines) do
        local object = assert(workflows.json.decode(line), line)
        assert.not_nil(object[case[3]], line)
      end
    end)
  end
end)
