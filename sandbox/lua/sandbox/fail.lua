--- Refusals. Each function raises; `app` turns what was raised into the answer, in one of the service's error shapes.

local json = require "sandbox.json"

local fail = {}

local Failure = { __name = "sandbox.failure" }

local function raise(status, body, headers)
  error(setmetatable({ status = status, body = body[1], headers = headers }, Failure), 0)
end

function fail.is_failure(value)
  return getmetatable(value) == Failure
end

--- `{"detail": text, "code": code, ...}`; more members by pairs of arguments.
function fail.coded(status, code, detail, ...)
  raise(status, json.object("detail", detail, "code", code, ...))
end

--- `{"detail": text}`.
function fail.plain(status, detail, headers)
  raise(status, json.object("detail", detail), headers)
end

--- The framework's list of what is wrong with a request. `problems` come from `problem`.
function fail.invalid(problems)
  raise(422, json.object("detail", json.array(problems)))
end

--- One entry of that list. `location` is a list such as { "query", "limit" }.
function fail.problem(kind, location, message, input, context)
  return json.object("type", kind, "loc", json.list(location), "msg", message, "input", input, "ctx", context)
end

--- The shape of the gateway in front of the service.
function fail.gateway(status, kind, code, message, headers)
  raise(status, json.object("object", "error", "message", message, "type", kind, "param", json.null, "code", code),
    headers)
end

--- An answer with the given members and no others.
function fail.bare(status, ...)
  raise(status, json.object(...))
end

return fail
