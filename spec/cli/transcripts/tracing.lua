-- Answers for the commands in tracing.txt.

local function problem(status, detail)
  return function() return status, { detail = detail } end
end

-- A span of `name` from second `from` to second `to`.
local function span(name, from, to, children)
  return ('{"name":"%s","start_time_unix_nano":%d000000000,"end_time_unix_nano":%d000000000,"children":[%s]}'):format(
    name, 1769860800 + from, 1769860800 + to, children or "")
end

local trees = {
  root = span("workflow:tree", 0, 4, span("activity", 1, 2)), child = span("workflow:child", 1, 3),
  running = '{"name":"workflow:running","start_time_unix_nano":1769860798000000000}',
  grandchild = span("workflow:grandchild", 2, 3), orphan = span("workflow:orphan", 0, 1), bare = "null",
}

local function summary(request)
  local id = request.path_value
  if not trees[id] then return 404, { detail = "Workflow execution not found" } end
  return 200, ('{"execution_id":"%s","workflow_name":"tree","status":"COMPLETED","start_time":"%s","span_tree":%s}')
    :format(id, id == "child" and "" or "2026-01-31T12:00:00Z", trees[id])
end

local runs = [[{"executions":[{"execution_id":"root"},{"execution_id":"child","parent_execution_id":"root"},
{"execution_id":"grandchild","parent_execution_id":"child"},{"execution_id":"child","parent_execution_id":"root"},
{"execution_id":"orphan","parent_execution_id":"unknown"},{"execution_id":"bare","parent_execution_id":"root"}]}]]

local metrics = [==[{"execution_count":{"value":10},"success_count":{"value":7},"error_count":{"value":3},
"average_latency_ms":{"value":1500},"retry_rate":{"value":0.125},
"latency_over_time":{"value":[[1,0],[2,10],[3,20],[4,30],[5,40],[6,50],[7,60],[8,70],[9,80],[10,"x"]]}}]==]

return {
  usual = { get_workflow_execution_trace_summary = summary, list_runs = runs, get_workflow_metrics = metrics },
  broken = {
    get_workflow_execution_trace_summary = function(request)
      if request.path_value ~= "root" then return 403, { detail = "not yours" } end
      return summary(request)
    end,
    list_runs = runs, get_workflow_metrics = problem(404, "Workflow not found"), get_workflows = '{"workflows":[]}',
  },
  quiet = {
    get_workflow_metrics = '{"execution_count":{"value":0},"latency_over_time":{"value":[[1,0],[2,0]]}}',
  },
}
