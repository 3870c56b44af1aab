-- run, start, wait and follow: results on standard output, the outcome as the exit status.

local sandbox = require "spec.support.sandbox"
local tool = require "spec.support.tool"
local workflows = require "mistral.workflows"

describe("mistral-workflows", function()
  local server

  local function run(arguments) return tool.run(server, arguments) end

  -- What a command prints that ends with this status; nothing else may be said when it is 0.
  local function output(arguments, status)
    local out, actual, err = run(arguments)
    assert.equal(status or 0, actual, err)
    if actual == 0 then assert.equal("", err) end
    return out, err
  end

  local function is_one_line(err)
    assert.equal(1, #tool.lines(err), err)
    assert(err:find "^mistral%-workflows: ", err)
  end

  setup(function() server = sandbox.start() end)
  teardown(function() server:stop() end)

  describe("run", function()
    it("prints the result", function()
      assert.equal('{"message":"Hello, Ada!"}\n', output "run hello name=Ada")
      assert.equal('{"message":"Hello, world!"}\n', output "run hello")
    end)

    it("takes the input as JSON, from a file, from standard input and as single values", function()
      local given = '{"a":{"b":[1,2]},"text":"x=1"}'
      local file = os.tmpname()
      local handle = assert(io.open(file, "w"))
      handle:write(given)
      handle:close()
      local quoted = "'" .. given .. "'"
      assert.equal(given .. "\n", output("run echo --input " .. quoted))
      assert.equal(given .. "\n", output("run echo " .. quoted))
      assert.equal(given .. "\n", output("run echo --input @" .. file))
      assert.equal(given .. "\n", output("run echo @" .. file))
      assert.equal(given .. "\n", (tool.shell(server, "mwf run echo --input - <" .. file)))
      assert.equal(given .. "\n", output "run echo a:='{\"b\": [1, 2]}' text=x=1")
      assert.equal('{"a":1,"b":true,"c":null,"d":"1"}\n',
        output "run echo --input '{\"a\": 0, \"b\": true}' a:=1 c:=null d=1")
      os.remove(file)
    end)

    it("prints what the service tells of the execution with --json", function()
      local id = "json-of-run"
      local out = output("run hello --json --id " .. id)
      assert.equal(server:client().executions:get(id, nil, { raw = true }) .. "\n", out)
      assert.equal("Hello, world!\tCOMPLETED\n", output "run hello --fields result.message,status")
    end)

    it("says by its exit status how it ended", function()
      local _, err = output("run fail", 1)
      is_one_line(err)
      assert(err:find "boom", err)
      local ids = { FAILED = 1, CANCELED = 3, TERMINATED = 3, TIMED_OUT = 4 }
      for status, expected in pairs(ids) do
        local id = "ends-" .. status
        output("start forever --id " .. id)
        server:control("POST", ("complete?execution_id=%s&status=%s"):format(id, status))
        local _, said = output("wait " .. id, expected)
        is_one_line(said)
      end
    end)

    it("ends with 4 when its time is over, and says how to come back", function()
      local out, err = output("run forever --id too-long --timeout 0.3s", 4)
      assert.equal("", out)
      is_one_line(err)
      assert(err:find("mistral-workflows wait too-long", 1, true), err)
      assert.equal("RUNNING", server:client().executions:get("too-long").status)
    output("run forever --id cancelled --timeout 0.3s --on-timeout cancel", 4)
    assert.equal("CANCELED", server:client().executions:get("cancelled").status)
    end)

    it("ends with 5 for what the service or the network refuses", function()
      local _, err = output("run helo", 5)
      assert.equal("mistral-workflows: unknown workflow 'helo'; did you mean 'hello'?\n", err)
      _, err = output("run strict n=3", 5)
      is_one_line(err)
      assert(err:find("key:=value", 1, true), err)
      _, err = output("run ambiguous", 5)
    assert(err:find("--deployment", 1, true), err)
    output "start forever --id there"
    _, err = output("start forever --id there", 5)
    assert(err:find("run --join", 1, true), err)
    _, err = output("run hello --server http://127.0.0.1:1", 5)
      is_one_line(err)
      assert(err:find("--server", 1, true), err)
    end)

    it("ends with 2 for what cannot be understood", function()
      for _, arguments in ipairs {
        "run", "run hello name", "run hello name:=x", "run hello --input '[1]'", "run hello --input @/nowhere",
        "run hello --join", "run hello --timeout never", "run hello --on-interrupt no", "rnu hello",
        "run hello --unknown", "list hello", "wait", "",
      } do
        local out, err = output(arguments, 2)
        assert.equal("", out)
        is_one_line(err)
      end
    end)

    it("joins an execution that there is", function()
      server:reset()
      for _ = 1, 3 do assert.equal('{"seconds":0.2}\n', output "run slow seconds:=0.2 --id joined --join") end
      assert.equal(1, server:stats().executions_started)
    end)

    it("starts nothing with --dry-run", function()
      server:reset()
      assert.equal('would start hello with {"name":"Ada"}\n', output "run hello name=Ada --dry-run")
      assert.equal('would start hello with no input as x\n', output "start hello --id x -n")
      assert.equal(0, server:stats().executions_started)
    end)

    it("prints the text of a stream", function()
      local out, status, err = run "run tokens count:=5 --stream token"
      assert.equal(0, status)
      local result = assert(workflows.json.decode(out))
      assert.equal(result.text .. "\n", err)
    end)
  end)

  it("start prints the id", function()
    local id = output "start slow seconds:=0.1":match "^(%x+)\n$"
    assert.equal('{"seconds":0.1}\n', output("wait " .. id))
    assert.equal("chosen\n", output "start hello --id chosen")
    assert(output "start hello --json":find '^{"workflow_name":"hello"')
  end)

  it("wait shows executions as they end, and ends like the first that did not complete", function()
    output "start slow seconds:=1 --id sooner"
    output "start fail after:=2.5 --id failing"
    output "start slow seconds:=4 --id later"
    local out, status, err = run "wait later sooner failing nosuch"
    local places, lines = {}, tool.lines(out)
    for index, line in ipairs(lines) do places[line:match "^%S+"] = index end
    assert.equal(4, #lines, err)
    assert(places.sooner < places.failing and places.failing < places.later, out)
    assert.equal(places.nosuch < places.failing and 5 or 1, status)
    assert.equal('sooner\tCOMPLETED\t{"seconds":1}', lines[places.sooner])
    assert(lines[places.failing]:find "^failing\tFAILED\t.*boom")
  end)

  it("follow shows events to the end", function()
    output "start slow seconds:=0.3 --id followed"
    local lines = tool.lines((output "follow followed"))
    assert.equal(8, #lines)
    assert(lines[1]:find '^%d%d:%d%d:%d%d%.%d%d%d\tworkflow started\tslow\t{"seconds":0.3}$', lines[1])
    assert(lines[8]:find '\tworkflow completed\tslow\t{"seconds":0.3}$', lines[8])
    local client = server:client()
    local events = client.executions:stream("followed", {}, { raw = true })
    for _, line in ipairs(tool.lines((output "follow followed --json"))) do
      assert.equal(events().data, line)
    end
    client:close()
    assert.equal('{"data":{"event_type":"WORKFLOW_EXECUTION_STARTED"}}',
      tool.lines((output "follow followed --json --fields data.event_type"))[1])
    output "start fail after:=0.3 --id follow-failing"
    lines = tool.lines((output("follow follow-failing followed", 1)))
    assert.equal(10, #lines)
    assert(table.concat(lines, "\n"):find "\tfollow%-faili\tworkflow failed\tfail\tboom")
  end)

  it("logs shows records, and goes on with -f to the end", function()
    output "start slow seconds:=0.3 --id logged"
    local lines = tool.lines((output "logs logged -f"))
    assert.equal(8, #lines)
    assert(lines[1]:find "^[%dT:.-]+Z\tINFO\tworkflow execution started: slow$", lines[1])
    assert.same(lines, tool.lines((output "logs logged")))
    assert(output "logs logged --newest --limit 1":find "workflow execution completed")
    assert.equal("INFO\tworkflow execution started: slow\n",
      (output "logs logged --fields severity_text,body --limit 1"))
    assert.equal(8, #tool.lines((output "logs logged -f --fields body")))
    assert.equal("INFO", workflows.json.decode((output "logs logged --json --limit 1")).severity_text)
  end)
end)
