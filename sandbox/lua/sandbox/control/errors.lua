--- Control of errors: each of the service's, laid down as the answer to the next requests.

local control = require "sandbox.control"
local fail = require "sandbox.fail"
local fixtures = require "sandbox.fixtures"
local json = require "sandbox.json"

local object = json.object

local function coded(status, code, detail, ...)
  return { status = status, body = object("detail", detail, "code", code, ...)[1] }
end

local function gateway(status, message, kind, code)
  return { status = status,
    body = object("object", "error", "message", message, "type", kind, "param", json.null, "code", code)[1] }
end

local problems = json.list { object("loc", json.list { "body", "input" }, "msg", "Field required", "type", "missing") }

local errors = {
  WF_1000 = coded(500, "WF_1000", "An internal error occurred"),
  WF_1001 = coded(422, "WF_1001", "Event 2 is not a workflow task completed event", "valid_reset_events",
    json.list { 4, 10 }),
  WF_1100 = coded(404, "WF_1100", "Workflow execution not found"),
  WF_1101 = coded(409, "WF_1101", "Workflow execution is already running"),
  WF_1102 = coded(409, "WF_1102", "Workflow execution is closed", "status", "COMPLETED"),
  WF_1103 = coded(504, "WF_1103", "Deadline exceeded"),
  WF_1104 = coded(500, "WF_1104", "Workflow registration failed"),
  WF_1105 = coded(500, "WF_1105", "Workflow execution could not be found"),
  WF_1200 = coded(503, "WF_1200", "The workspace is still being set up"),
  WF_1201 = coded(404, "WF_1201", "Schedule not found"),
  WF_1300 = coded(500, "WF_1300", "Infrastructure error"),
  WF_1301 = coded(500, "WF_1301", "Infrastructure error"),
  WF_1302 = coded(500, "WF_1302", "Payload encoding is enforced"),
  WF_1400 = coded(500, "WF_1400", "Streaming failed"),
  WF_1500 = coded(500, "WF_1500", "Tracing failed"),
  WF_1600 = coded(500, "WF_1600", "Event store failed"),
  AMBIGUOUS_WORKFLOW = { status = 409,
    body = object("code", "AMBIGUOUS_WORKFLOW", "deployments", json.list { "blue", "green" })[1] },
  validation = { status = 422, body = object("detail", problems)[1] },
  invalid_input = { status = 422, body = object("detail", "Invalid input: 'n' is a required property")[1] },
  unauthorized = gateway(401, "Unauthorized", "authentication_error", "unauthorized"),
  forbidden = gateway(403, "You have no permission to do this", "permission_error", "forbidden"),
  rate_limited = gateway(429, "Requests rate limit exceeded", "rate_limited", "1300"),
  unavailable = gateway(503, "Service unavailable", "service_unavailable", "3000"),
  message_object = gateway(422, object("detail", problems), "invalid_request_error", json.null),
  message_list = gateway(422, problems, "invalid_request_error", json.null),
  bad_gateway = { status = 502, headers = { ["Content-Type"] = "text/html" },
    body = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>" },
}

-- The next `times` requests for method and path (both "*") get the error of a name; status, retry_after and delay may
-- be chosen.
control.add("POST error", function(query)
  local found = errors[query.name]
  if not found then
    fail.plain(422, ("There is no error '%s'"):format(tostring(query.name)))
  end
  local headers = { ["Retry-After"] = query.retry_after }
  for name, value in pairs(found.headers or {}) do
    headers[name] = value
  end
  fixtures.add { method = query.method, path = query.path, times = tonumber(query.times) or 1,
    delay = tonumber(query.delay), status = tonumber(query.status) or found.status, headers = headers,
    body = found.body }
  return control.done
end)

control.add("GET errors", function()
  local names = {}
  for name in pairs(errors) do
    names[#names + 1] = name
  end
  table.sort(names)
  return json.array(names)
end)
