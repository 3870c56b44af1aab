-- The sandbox's lists: filters, orders, pages; and that these do not depend on how many runs there are.

local http = require "spec.support.http"
local sandbox = require "spec.support.sandbox"

local null = require("mistral.workflows").null
local W = "/v1/workflows"

describe("the sandbox's lists", function()
  local server, connection

  setup(function()
    server = sandbox.start()
    connection = http.open(server)
  end)

  teardown(function()
    connection:close()
    server:stop()
  end)

  before_each(function() server:reset() end)

  local function get(path)
    local status, body = connection:request("GET", W .. path)
    assert.equal(200, status, path .. ": " .. tostring(body))
    return body
  end

  local function post(path, body)
    local status, answer = connection:request("POST", W .. path, body or {})
    assert.truthy(status < 300, path .. ": " .. status)
    return answer
  end

  local function all(list, name)
    local values = {}
    for index, item in ipairs(list) do values[index] = item[name] end
    return values
  end

  local function runs(query) return get("/runs?page_size=1000&" .. query).executions end

  -- All runs of a query, page by page.
  local function walk(query, size)
    local list, token = {}, ""
    repeat
      local page = get(("/runs?%s&page_size=%d&next_page_token=%s"):format(query, size, token:gsub("=", "%%3D")))
      for _, run in ipairs(page.executions) do list[#list + 1] = run end
      token = page.next_page_token
    until token == null
    return list
  end

  it("has runs from before the start in the order of their start and of their end, both ways", function()
    for _, by in ipairs { "start_time", "end_time" } do
      local up, down = runs("order=asc&sort_by=" .. by), runs("sort_by=" .. by)
      assert.equal(250, #up)
      for index = 2, #up do assert.truthy(up[index - 1][by] <= up[index][by]) end
      for index, run in ipairs(down) do assert.equal(up[#up + 1 - index].run_id, run.run_id) end
    end
    assert.same(all(runs "", "run_id"), all(runs "sort_by=start_time&order=desc", "run_id"))
    assert.same(all(runs "order=asc", "run_id"), all(runs "sort_by=start_time&order=asc", "run_id"))
  end)

  it("puts runs that have not ended last in ascending order of the end, and first in descending", function()
    post("/forever/execute", { execution_id = "a" })
    post("/forever/execute", { execution_id = "b" })
    local up, down = runs "order=asc&sort_by=end_time", runs "sort_by=end_time"
    assert.same({ "a", "b" }, { up[#up - 1].execution_id, up[#up].execution_id })
    assert.same({ "b", "a" }, { down[1].execution_id, down[2].execution_id })
  end)

  it("includes the bounds of time", function()
    local list = runs "order=asc"
    for _, by in ipairs { "start_time", "end_time" } do
      table.sort(list, function(a, b) return a[by] < b[by] end)
      local from, to = list[50][by], list[60][by]
      assert.equal(11, #runs(("%s_after=%s&%s_before=%s"):format(by, from, by, to)))
      assert.equal(11, #runs(("%s_after=%s&%s_before=%s&sort_by=end_time&order=asc"):format(by, from, by, to)))
      assert.equal(60, #runs(("%s_before=%s"):format(by, to)))
      assert.equal(201, #runs(("%s_after=%s"):format(by, from)))
    end
    post("/forever/execute")
    assert.equal(250, #runs "end_time_after=2000-01-01")
    assert.equal(250, #runs "end_time_before=2100-01-01")
  end)

  it("filters runs by status, workflow, deployment, user, tags, root and search keys, all at once", function()
    local counts = {}
    for _, run in ipairs(runs "") do counts[run.status] = (counts[run.status] or 0) + 1 end
    local total = 0
    for status, count in pairs(counts) do
      assert.equal(count, #runs("status=" .. status))
      total = total + count
    end
    assert.equal(250, total)
    assert.equal(counts.FAILED + counts.TIMED_OUT, #runs "status=FAILED&status=TIMED_OUT&sort_by=end_time")
    local one = runs("status=FAILED")[1]
    for _, query in ipairs { "workflow_identifier=" .. one.workflow_name, "workflow_identifier=" .. one.workflow_id,
      "deployment_name=" .. one.deployment_name, "user_id=" .. one.user_id, "root_execution_id=" .. one.execution_id,
      "search=" .. one.execution_id:sub(5, 20), "search=" .. one.workflow_name:upper() } do
      local found = {}
      for _, run in ipairs(runs(query)) do found[run.run_id] = true end
      assert.is_true(found[one.run_id], query)
      assert.truthy(#runs(query .. "&status=FAILED") <= #runs(query))
    end
    assert.equal(0, #runs "workflow_identifier=nobody")
    assert.truthy(#runs "search=Invoice%20extr" > 0)
    post("/hello/execute", { custom_tracing_attributes = { team = "Blue" } })
    assert.equal(1, #runs "search_key=team:blue")
    assert.equal(0, #runs "search_key=team:blue&search_key=region:eu")
    assert.truthy(#runs "workflow_tags=ocr&workflow_tags=finance" > 0)
    assert.equal(0, #runs "workflow_tags=ocr&workflow_tags=nothing")
  end)

  it("gives each run once, whatever the size of the pages and whatever starts or ends meanwhile", function()
    for _, query in ipairs { "order=asc", "order=desc", "sort_by=end_time&order=asc",
      "sort_by=end_time&status=FAILED&status=COMPLETED", "end_time_after=2000-01-01&order=desc" } do
      assert.same(all(runs(query), "run_id"), all(walk(query, 7), "run_id"))
    end
    local first = get "/runs?page_size=10"
    for _ = 1, 30 do post "/hello/execute" end
    local second = get("/runs?page_size=10&next_page_token=" .. first.next_page_token:gsub("=", "%%3D"))
    assert.same(all(runs "page_size=1000", "run_id")[41], second.executions[1].run_id)
  end)

  it("finds workflows by something like their name, display name, description or identifier", function()
    local function found(search) return all(get("?search=" .. search).workflows, "name") end
    assert.same({ "invoice-extraction" }, found "invoise")
    assert.same({ "invoice-extraction" }, found "Invoice%20extraction")
    assert.same({ "invoice-extraction" }, found "lines%20totals")
    assert.same({ "slow" }, found(get("/slow").workflow.id:sub(1, 13)))
    assert.same({}, found "zzzz")
    assert.same({}, found "%25")
  end)

  it("turns the order of workflows without sort_by, too", function()
    local up, down = all(get("?limit=1000").workflows, "name"), all(get("?limit=1000&order=desc").workflows, "name")
    for index, name in ipairs(up) do assert.equal(down[#down + 1 - index], name) end
  end)

  it("has deployments in groups, or in an order that is asked for", function()
    local function names(query) return all(get("/deployments?active_only=false" .. query).deployments, "name") end
    assert.same({ "laptop", "green", "blue", "managed-ocr", "staging", "production-eu", "default", "legacy" }, names "")
    assert.same({ "default", "production-eu", "staging", "managed-ocr", "blue", "green", "laptop", "legacy" },
      names "&order=asc")
    assert.same({ "legacy", "default", "production-eu", "staging", "managed-ocr", "blue", "green", "laptop" },
      names "&order=asc&order_by=created_at")
    assert.same({ "managed-ocr" }, names "&search=MANA")
    assert.same({}, names "&search=ocr")
    assert.same({ "blue" }, names("&search=" .. get("/deployments/blue").id:sub(1, 9)))
    local other = "00000000-0000-4000-8000-000000000000"
    local list = get("/deployments?workspace_id=" .. other)
    assert.same({}, list.deployments)
    assert.equal(other, list.workspace_id)
    assert.equal(7, #get("/deployments?workspace_id=" .. get("/deployments").workspace_id).deployments)
  end)

  it("narrows one deployment to a workflow without hiding it", function()
    assert.is_true(get("/deployments/blue?workflow_name=ambiguous").is_active)
    local narrowed = get "/deployments/blue?workflow_name=hello"
    assert.is_false(narrowed.is_active)
    assert.same({}, narrowed.workers)
    assert.equal(0, narrowed.active_worker_count)
  end)

  it("hides the registration of a shared workflow on demand", function()
    local id = get("/deep-research").workflow.id
    local registration = get("/registrations?limit=1&workflow_id=" .. id).workflow_registrations[1].id
    get("/registrations/" .. registration)
    assert.equal(404, (connection:request("GET", W .. "/registrations/" .. registration .. "?include_shared=false")))
  end)

  it("filters the events and logs of runs from before the start", function()
    local run = runs("status=FAILED")[1]
    local list = get("/events/list?workflow_exec_id=" .. run.execution_id).events
    assert.equal(6, #list)
    local engine_run = list[1].workflow_run_id
    for query, count in pairs {
      ["root_workflow_exec_id=" .. run.execution_id] = 6, ["workflow_run_id=" .. engine_run] = 6,
      ["workflow_exec_id=" .. run.execution_id .. "&root_workflow_exec_id=other"] = 0,
      ["workflow_exec_id=" .. run.execution_id .. "&workflow_run_id=" .. run.run_id] = 0,
      ["workflow_exec_id=" .. run.execution_id .. "&limit=2"] = 2,
    } do
      assert.equal(count, #get("/events/list?" .. query).events, query)
    end
    local logs = "/executions/" .. run.execution_id .. "/logs?"
    local records = get(logs).results
    assert.equal(6, #records)
    for query, count in pairs { ["activity_id=1"] = 2, ["activity_id=9"] = 0, ["run_id=" .. run.run_id] = 6,
      ["run_id=" .. engine_run] = 0, ["after=" .. records[3].timestamp] = 4, ["before=" .. records[3].timestamp] = 2,
      ["order=desc&limit=1"] = 1 } do
      assert.equal(count, #get(logs .. query).results, query)
    end
    assert.equal(records[6].body, get(logs .. "order=desc&limit=1").results[1].body)
    local page = get(logs .. "order=desc&limit=4")
    local cursor = page.next_cursor:gsub("=", "%%3D"):gsub("%+", "%%2B")
    local rest = get(logs .. "limit=4&cursor=" .. cursor)
    assert.equal(2, #rest.results)
    assert.equal(records[1].body, rest.results[2].body)
  end)

  it("has the same pages among thousands of runs", function()
    for index = 1, 3000 do
      connection:send("POST", W .. "/hello/execute", { execution_id = "e" .. index })
      assert.equal(200, (connection:receive()))
    end
    for index = 1, 1000 do post("/forever/execute", { execution_id = "f" .. index }) end
    assert.equal(1000, #walk("status=RUNNING", 300))
    assert.equal(1000, #walk("workflow_identifier=forever&order=asc", 1000))
    assert.equal(3000, #walk("workflow_identifier=hello&status=COMPLETED&sort_by=end_time", 999))
    local newest = get("/executions/e2990").end_time
    local ended = all(runs("end_time_after=" .. newest), "execution_id")
    assert.equal(11, #ended)
    assert.same({ "e3000", "e2990" }, { ended[1], ended[11] })
    assert.same({ "f1000", "e3000" }, { runs("page_size=1")[1].execution_id,
      runs("page_size=1&sort_by=end_time&status=COMPLETED")[1].execution_id })
  end)
end)
