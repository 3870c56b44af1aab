-- Ctrl-C at each stage.

local process = require "spec.support.process"
local sandbox = require "spec.support.sandbox"
local tool = require "spec.support.tool"

describe("SIGINT", function()
  local server, client

  setup(function()
    server = sandbox.start()
    client = server:client()
  end)
  teardown(function()
    client:close()
    server:stop()
  end)
  before_each(function() server:reset() end)

  -- Runs a command in the background, waits for what `until_then` (shell text) waits for, and interrupts it.
  -- What a shell starts so begins with SIGINT ignored.
  local function interrupt(command, until_then, again)
    return tool.shell(server, ("$MWF %s & pid=$!; %s; kill -INT $pid; %s wait $pid"):format(
      command, until_then, again or ""))
  end

  local function wait_for(id)
    return ("until mwf get %s >/dev/null 2>&1; do :; done"):format(id)
  end

  it("leaves a run running, and says how to come back", function()
    local out, status, err = interrupt("run forever --id left", wait_for "left" .. "; sleep 0.2")
    assert.equal(130, status)
    assert.equal("", out)
    assert.equal("mistral-workflows: left is left running; to come back: mistral-workflows wait left; "
      .. "to stop it: mistral-workflows cancel left\n", err)
    assert.equal("RUNNING", client.executions:get("left").status)
  end)

  it("says what is not known before the start was confirmed", function()
    server:control("POST", "delay?seconds=3")
    local _, status, err = interrupt("run forever --id unsure", "sleep 0.4")
    assert.equal(130, status)
    assert(err:find("interrupted before the service said that it had started unsure", 1, true), err)
  end)

  it("cancels the run when asked to, and waits for its end", function()
    local _, status, err = interrupt("run forever --id stopped --on-interrupt cancel",
      wait_for "stopped" .. "; sleep 0.2")
    assert.equal(3, status, err)
    assert.equal("CANCELED", client.executions:get("stopped").status)
  end)

  it("cancels a run that had not started yet as soon as it has", function()
    server:control("POST", "delay?seconds=1")
    local _, status = interrupt("run forever --id early --on-interrupt cancel", "sleep 0.3")
    server:control("POST", "delay?seconds=0")
    assert.equal(3, status)
    assert.equal("CANCELED", client.executions:get("early").status)
  end)

  it("ends at once the second time", function()
    server:control("POST", "delay?seconds=30")
    local started = process.output "date +%s"
    local _, status = interrupt("run forever --id twice --on-interrupt cancel", "sleep 0.4",
      "sleep 0.3; kill -INT $pid;")
    assert.equal(130, status)
    assert(process.output "date +%s" - started < 15)
  end)

  it("leaves what is waited for", function()
    assert.equal(0, select(2, tool.run(server, "start forever --id waited")))
    for _, command in ipairs { "wait waited", "follow waited", "logs waited -f" } do
      local _, status = interrupt(command, "sleep 0.5")
      assert.equal(130, status, command)
    end
    assert.equal("RUNNING", client.executions:get("waited").status)
  end)

  it("cancels what is waited for when asked to", function()
    assert.equal(0, select(2, tool.run(server, "start forever --id wait-cancel")))
    local _, status = interrupt("wait wait-cancel --on-interrupt cancel", "sleep 0.5")
    assert.equal(3, status)
    assert.equal("CANCELED", client.executions:get("wait-cancel").status)
  end)

  it("leaves the inputs of a batch running, and the same command goes on", function()
    local path = process.output "mktemp"
    os.execute(("for i in 1 2 3 4 5 6; do echo \"{\\\"seconds\\\": 1, \\\"n\\\": $i}\"; done >%s"):format(path))
    local command = ("batch slow --concurrency 3 --name interrupted --inputs %s"):format(path)
    local _, status, err = interrupt(command, "sleep 0.6")
    assert.equal(130, status)
    assert(err:find "interrupted, 3 executions left running; the same command goes on\n", err)
    _, status = tool.run(server, command)
    assert.equal(0, status)
    assert.equal(6, server:stats().executions_started)
    os.remove(path)
  end)

  it("cancels the inputs of a batch when asked to", function()
    local path = process.output "mktemp"
    os.execute(("for i in 1 2; do echo \"{\\\"n\\\": $i}\"; done >%s"):format(path))
    local _, status, err = interrupt(("batch forever --name stopped --on-interrupt cancel --inputs %s"):format(path),
      "sleep 0.6")
    assert.equal(130, status)
    assert(err:find "interrupted, 2 executions cancelled", err)
    for run in client.runs:each { workflow_identifier = "forever", status = "RUNNING" } do
      assert.not_equal(64, #run.execution_id)
    end
    os.remove(path)
  end)
end)
