-- Commands that list and show, on pipes: what they print, and how little they need.

local sandbox = require "spec.support.sandbox"
local tool = require "spec.support.tool"
local workflows = require "mistral.workflows"

describe("mistral-workflows", function()
  local server

  local function run(arguments, environment) return tool.run(server, arguments, environment) end

  -- Runs a command that succeeds and says nothing on standard error.
  local function output(arguments)
    local out, status, err = run(arguments)
    assert.equal("", err)
    assert.equal(0, status)
    return out
  end

  local function decoded(arguments)
    local list = {}
    for index, line in ipairs(tool.lines(output(arguments))) do list[index] = assert(workflows.json.decode(line)) end
    return list
  end

  setup(function() server = sandbox.start() end)
  teardown(function() server:stop() end)

  it("lists workflows between tabs where the output is no terminal", function()
    local lines = tool.lines(output "list")
    assert.equal("hello\tHello\tsandbox\t\tGreets; done at once.", lines[1])
    assert(#lines > 30)
    for _, line in ipairs(lines) do assert(not line:find "\27") end
  end)

  it("lists what is archived only when asked", function()
    local function names(arguments)
      local set = {}
      for _, item in ipairs(decoded("list --json --fields name " .. arguments)) do set[item.name] = true end
      return set
    end
    assert.is_nil(names("").retired)
    assert.is_true(names("--all").retired)
    assert.is_true(names("--all").hello)
    assert.is_true(names("--archived").retired)
    assert.is_nil(names("--archived").hello)
  end)

  it("prints the service's JSON unchanged, one object a line", function()
    local raw = assert(server:client().workflows:list({ archived = false, limit = 200 }, { raw = true }))
    for _, line in ipairs(tool.lines(output "list --json --limit 3")) do
      assert(raw:find(line, 1, true), line)
    end
    assert.equal(server:client().workflows:get("hello", { raw = true }) .. "\n", output "show hello --json")
    assert.equal(server:client():whoami { raw = true } .. "\n", output "whoami --json")
  end)

  it("prints one object a line however the service writes it", function()
    local page = '{"workflows": [\r\n  {\r\n    "name": "a\\n"\r\n  },\n{"name":"b"}], "next_cursor": null}'
    server:fixture { method = "GET", path = "/v1/workflows", body = page, times = 1 }
    assert.equal('{      "name": "a\\n"    }\n{"name":"b"}\n', output "list --json")
  end)

  it("prints the members that --fields names", function()
    assert.equal("hello\tfalse\n", output "list --fields name,archived --limit 1")
    assert.same({ { name = "hello" } }, decoded "list --fields name --limit 1 --json")
    assert.equal("hello\tfalse\n", output "show hello --fields workflow.name,workflow.archived")
    local registration = decoded "registrations --workflow hello --fields id,workflow.name --json --limit 1"[1]
    assert.equal("hello", registration.workflow.name)
    assert.is_nil(registration.definition)
  end)

  it("asks only for what it shows", function()
    server:record()
    server:control("DELETE", "requests")
    output "registrations --limit 5"
    assert(server:last_request().uri:find("/v1/workflows/registrations?", 1, true))
    assert(#server:requests(100) <= 2) -- the second page may be asked for while the first is shown
  end)

  it("walks all pages", function()
    assert.equal(3000, #tool.lines(output "registrations"))
    assert.equal(7, #tool.lines(output "runs --limit 7"))
    assert.equal("", (output "runs --limit 0"))
  end)

  it("stops when the pipe closes", function()
    server:record()
    server:control("DELETE", "requests")
    local out, _, err = tool.shell(server, "mwf registrations --json | head -n 1")
    assert.equal("", err)
    assert.equal(1, #tool.lines(out))
    local pages = 0
    for _, request in ipairs(server:requests(100)) do
      if request.uri:find("/registrations?", 1, true) then pages = pages + 1 end
    end
    assert(pages < 10, pages .. " of 15 pages were read")
  end)

  it("ends a live list when the pipe closes", function()
    local out = tool.shell(server, "mwf deployment-logs default -f | head -n 2")
    assert.equal(2, #tool.lines(out))
    -- A silent one, too: it has nothing to write that could fail.
    out = tool.shell(server, "mwf start forever --id silent >/dev/null; s=$(mktemp); "
      .. "{ timeout 20 $MWF logs silent -f; echo $? >$s; } | head -n 1; cat $s; rm $s")
    assert.equal("141", tool.lines(out)[2])
  end)

  it("filters runs", function()
    for _, run_of in ipairs(decoded "runs --status FAILED --status TIMED_OUT --json --since 30d") do
      assert(run_of.status == "FAILED" or run_of.status == "TIMED_OUT")
    end
    assert.same(tool.lines(output "runs --status FAILED --status TIMED_OUT --since 30d"),
      tool.lines(output "runs --status failed timed-out --since 30d"))
    assert.equal(0, #decoded "runs --json --before 2020-01-01T00:00:00Z")
    for _, run_of in ipairs(decoded "runs --workflow hello --json") do assert.equal("hello", run_of.workflow_name) end
  end)

  it("shows deployments, workers and their logs", function()
    assert(output "deployments":find "default\tactive\t2/3\tk8s")
    assert(not output "deployments":find "legacy")
    assert(output "deployments --all":find "legacy\tinactive")
    assert(output "workers default":find "^default%-worker%-1\tactive\tk8s")
    assert.equal(1, #tool.lines(output "workers default --status inactive"))
    local line = tool.lines(output "deployment-logs default --limit 1")[1]
    assert(line:find "^%d+%-%d+%-%d+T[%d:.]+Z\t%u+\tdefault%-worker%-%d\t%S", line)
  end)

  it("shows who the key belongs to, and metrics", function()
    assert(output "whoami":find "namespace\tsandbox\n")
    assert(output "metrics hello":find "^executions\t")
    assert(output "metrics hello --json":find '^{"execution_count"')
  end)

  it("shows a workflow with what it takes and gives", function()
    local out = output "show form"
    assert(out:find "name\tform\n")
    assert(out:find "\nInput\n  order  string  Number of the order%.\n")
    assert(out:find "\nUpdate __submit_input\n")
  end)

  it("draws a trace, and makes a picture of it", function()
    assert.equal("", select(3, run "run tree seconds:=0.3 --id traced"))
    local lines = tool.lines(output "trace traced --children")
    assert(lines[1]:find "^ +╷0 +╷%d+ms", lines[1])
    assert(lines[2]:find "^workflow:tree +%d+ms  [█]+$", lines[2])
    assert(lines[4]:find "^│ └ progress +%d+ms  +[█]+$", lines[4])
    assert.equal(8, #lines)
    assert(output "trace traced --svg -":find "^<svg .*<title>workflow:tree&#10;.*</svg>\n$")
    local file = os.tmpname()
    assert.equal("wrote " .. file .. "\n", output("trace traced --svg " .. file))
    os.remove(file)
    assert.equal(1, select(2, run "trace traced --svg /nowhere/x.svg"))
  end)

  it("shows each request with --verbose, and never the key", function()
    local _, status, err = run "list --limit 1 --verbose"
    assert.equal(0, status)
    assert(err:find "^> GET /v1/workflows%?[^ ]+  200, ")
    assert(not err:find(sandbox.key, 1, true))
  end)

  it("reads the key from a file", function()
    local out, status = tool.shell(server,
      "unset MISTRAL_API_KEY; f=$(mktemp); echo key-of-a-file >$f; mwf whoami --key-file $f; s=$?; rm $f; exit $s")
    assert.equal(0, status)
    assert(out:find "namespace\tsandbox")
  end)
end)
