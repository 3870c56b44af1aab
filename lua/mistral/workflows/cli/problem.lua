--- What ends a command: tables that are raised, each with the exit status that it means.
-- @module mistral.workflows.cli.problem

local problem = {}

--- Exit statuses.
problem.status = {
  ok = 0, failed = 1, usage = 2, cancelled = 3, timed_out = 4, service = 5, fault = 70, interrupted = 130,
}

local metatable = { __name = "mistral.workflows.cli.problem" }

local function raise(fields)
  error(setmetatable(fields, metatable), 0)
end

--- Is the value one of these tables?
function problem.is(value)
  return getmetatable(value) == metatable
end

--- Raises: the command was called in a way that it does not understand.
function problem.usage(message, ...)
  raise { status = problem.status.usage, message = message:format(...) }
end

--- Raises: something on this machine went wrong.
function problem.failure(message, ...)
  raise { status = problem.status.failed, message = message:format(...) }
end

--- Raises: the command ends with this status, after it has said why by itself.
function problem.exit(status)
  raise { status = status }
end

local status_of_execution = {
  COMPLETED = problem.status.ok,
  CANCELED = problem.status.cancelled,
  TERMINATED = problem.status.cancelled,
  TIMED_OUT = problem.status.timed_out,
}

--- The exit status for how an execution ended.
function problem.of_execution(status)
  return status_of_execution[status] or problem.status.failed
end

--- The exit status for an error object of the library.
function problem.of_error(err)
  if err.kind == "execution" then return problem.of_execution(err.status) end
  if err.kind == "invalid" then return problem.status.usage end
  -- What `run` and `wait` say when their time is over, and not one request.
  if err.kind == "timeout" and err.execution then return problem.status.timed_out end
  return problem.status.service
end

return problem
