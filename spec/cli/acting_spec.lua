-- Commands that change something, and --dry-run, which does not.

local sandbox = require "spec.support.sandbox"
local tool = require "spec.support.tool"
local workflows = require "mistral.workflows"

describe("mistral-workflows", function()
  local server, client

  local function output(arguments, status)
    local out, actual, err = tool.run(server, arguments)
    assert.equal(status or 0, actual, err)
    return out, err
  end

  setup(function()
    server = sandbox.start()
    client = server:client()
  end)
  teardown(function()
    client:close()
    server:stop()
  end)

  it("archives and unarchives by name or id", function()
    local id = client.workflows:get("hello").workflow.id
    assert.equal(("would archive hello (%s), echo (%s)\n"):format(id, client.workflows:get("echo").workflow.id),
      output "archive hello echo --dry-run")
    assert.is_false(client.workflows:get("hello").workflow.archived)
    assert.equal("archived hello\narchived echo\n", output("archive " .. id .. " echo"))
    assert.is_true(client.workflows:get("hello").workflow.archived)
    assert.equal("unarchived hello\nunarchived echo\n", output "unarchive hello echo")
    local _, err = output("archive hello ecko", 5)
    assert.equal("mistral-workflows: unknown workflow 'ecko'; did you mean 'echo'?\n", err)
    assert.is_false(client.workflows:get("hello").workflow.archived)
  end)

  it("says which workflows the service did not archive", function()
    local answer = '{"archived":[{"name":"hello"}],"errored":[{"workflow_id":"w2","message":"it runs"}]}'
    server:fixture { method = "PUT", path = "/v1/workflows/archive", body = answer, times = 1 }
    local out, err = output("archive hello echo", 5)
    assert.equal("archived hello\n", out)
    assert.equal("mistral-workflows: w2: it runs\n", err)
  end)

  it("updates a workflow", function()
    assert.equal('would update hello: {"display_name":"Hi","tags":["a","b"]}\n',
      output "update hello --display-name Hi --tag a --tag b -n")
    assert.equal("updated hello\n", output "update hello --display-name Hi --tag a --tag b")
    local workflow = client.workflows:get("hello").workflow
    assert.equal("Hi", workflow.display_name)
    assert.same({ "a", "b" }, { workflow.tags[1], workflow.tags[2] })
    output "update hello --no-tags --chat-assistant yes"
    workflow = client.workflows:get("hello").workflow
    assert.equal(0, #workflow.tags)
    assert.is_true(workflow.available_in_chat_assistant)
    output("update hello", 2)
  end)

  it("signals, queries and updates executions", function()
    output "start counter --id counted"
    assert.equal('would send add to counted: {"n":2}\n', output "signal counted add n:=2 --dry-run")
    assert.equal("sent add to counted\n", output "signal counted add n:=2")
    assert.equal("2\n", output "query counted get")
    assert.equal("5\n", output "update-execution counted add n:=3")
    assert.equal('{"query_name":"get","result":5}\n', output "query counted get --json")
    output "start approval --id approved"
    output "signal approved approve approved:=true"
    assert(output "wait approved":find "true")
  end)

  it("shows and answers human input", function()
    output "start form --id asked"
    local task, label = output "inputs asked":match "^(%S+)\t([^\t]+)\t{.*}\n$"
    assert.equal("Approve the order", label)
    assert.equal(("asked\tform\t%s\tApprove the order\n"):format(task), output "inputs")
    assert.equal("", output "inputs --workflow counter")
    local _, err = output(("answer asked %s approved=true"):format(task), 1)
    assert(err:find("key:=value", 1, true), err)
    _, err = output("answer asked approved:=true", 2)
    local advice = "'approved:=true' is no task; `mistral-workflows inputs asked` shows what it waits for"
    assert(err:find(advice, 1, true), err)
    local answer = ("answer asked %s approved:=true"):format(task)
    assert(output(answer .. " -n"):find '^would answer %S+ of asked: {"approved":true}\n')
    assert.equal("answered " .. task .. "\n", output(answer))
    assert.equal("COMPLETED", client.executions:wait("asked", { timeout = 10 }).status)
  end)

  it("cancels and terminates any number, each with its outcome", function()
    for _, id in ipairs { "c1", "c2", "t1" } do output("start forever --id " .. id) end
    assert.equal("would cancel c1, c2\n", output "cancel c1 c2 --dry-run")
    assert.equal("cancelled c1\ncancelled c2\n", output "cancel c1 c2")
    local out, err = output("terminate t1 nosuch", 5)
    assert.equal("terminated t1\n", out)
    assert(err:find "^mistral%-workflows: nosuch: Workflow execution not found", err)
    assert.equal("CANCELED", client.executions:get("c1").status)
    assert.equal("TERMINATED", client.executions:get("t1").status)
  end)

  it("resets to an event of the history", function()
    output "run slow seconds:=0.1 --id again"
    local event
    for _, line in ipairs(tool.lines((output "history again"))) do
      event = line:match "^(%d+)\t[^\t]*\tworkflow task completed\t" or event
    end
    assert.equal(("would reset again to event %s\n"):format(event), output("reset again -n --event " .. event))
    assert.equal(("reset again to event %s\n"):format(event), output("reset again --reason test --event " .. event))
    assert.equal("COMPLETED", client.executions:wait("again", { timeout = 10 }).status)
    local _, err = output("reset again --event 1", 5)
    assert(err:find("these are: " .. event, 1, true), err)
    output("reset again", 2)
    output("reset again --event first", 2)
  end)

  it("schedules, with the next five times, and manages schedules", function()
    local lines = tool.lines((output "schedule hello --cron '0 9 * * 1-5' --id nine --utc name=Ada"))
    assert.equal("nine", lines[1])
    assert.equal(6, #lines)
    for index = 2, 6 do assert(lines[index]:find "^  %u%l%l %d+%-%d%d%-%d%d 09:00:00  in %d+%l$", lines[index]) end
    local schedule = client.schedules:get "nine"
    assert.same({ name = "Ada" }, schedule.input)
    assert.equal("nine\thello\tactive\t0 9 * * 1-5\t", (output "schedules":match "^(.-)\t*%d%d%d%d%-" .. "\t"))
    assert.equal("would pause nine\n", output "pause-schedule nine -n")
    assert.equal("paused nine\n", output "pause-schedule nine --note later")
    assert.is_true(client.schedules:get("nine").paused)
    assert.equal("resumed nine\n", output "resume-schedule nine")
    assert.equal("triggered nine\n", output "trigger-schedule nine --overlap allow-all")
    assert.equal("deleted nine\n", output "delete-schedule nine")
    assert.equal("", output "schedules")
    assert.equal('would schedule {"schedule":{"input":{},"intervals":[{"every":"PT5400S"}]},'
      .. '"workflow_identifier":"hello"}\n', output "schedule hello --every 1h30m --dry-run")
    output("schedule hello", 2)
    local _, err = output("schedule hello --cron nonsense", 5)
    assert(err:find "nonsense", err)
  end)

  it("starts, stops and restarts managed deployments", function()
    assert.equal("would stop managed-ocr\n", output "stop-deployment managed-ocr --dry-run")
    assert(output "stop-deployment managed-ocr":find "^stop managed%-ocr: ")
    assert(output "start-deployment managed-ocr":find "^start managed%-ocr: ")
    assert(workflows.json.decode((output "restart-deployment managed-ocr --json")).name)
    local _, err = output("stop-deployment manged-ocr", 5)
    assert.equal("mistral-workflows: unknown deployment 'manged-ocr'; did you mean 'managed-ocr'?\n", err)
  end)
end)
