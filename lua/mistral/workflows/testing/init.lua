--- For tests of programs that use the library: a client without a network, errors, and the local service.
--
--     local testing = require "mistral.workflows.testing"
--     local client = testing.client {
--       get_workflow = function(request) return 200, { workflow = { name = request.path_value } } end,
--     }
--
-- `docs/testing.md` has examples.
-- @module mistral.workflows.testing

local client = require "mistral.workflows.client"
local errors = require "mistral.workflows.errors"
local loop = require "mistral.workflows.loop"
local messages = require "mistral.workflows.messages"
local method = require "mistral.workflows.method"
local new_clock = require "mistral.workflows.testing.clock"
local answers = require "mistral.workflows.testing.answers"
local retry = require "mistral.workflows.retry"
local rows = require "mistral.workflows.rows"
local service = require "mistral.workflows.testing.service"
local suggest = require "mistral.workflows.suggest"
local workflows = require "mistral.workflows"

---@class mistral.workflows.testing
local testing = {}

-- What is wrong with the answers of a testing client, or nil.
local function problem_of(given)
  if type(given) ~= "table" then return "the answers must be a table: { get_workflow = function(request) ... end }" end
  for name, answer in next, given do
    if not rows.by_name[name] then return suggest("operation", name, rows.by_name) end
    if type(answer) ~= "function" and type(answer) ~= "table" and type(answer) ~= "string" then
      return ("the answer of %s must be a function or a table, not a %s"):format(name, type(answer))
    end
  end
end

-- The answer of the test to a request, as a transport gives it.
local function answer(given, request, sleep)
  local wanted = given[request.operation]
  if wanted == nil then
    return answers.problem(("nothing answers %s; add %s = function(request) return 200, { ... } end"):format(
      request.operation, request.operation))
  end
  if type(wanted) ~= "function" then return answers.response(request, sleep, wanted) end
  local ok, status, body, headers = pcall(wanted, request)
  if not ok then return answers.problem(("%s failed: %s"):format(request.operation, tostring(status))) end
  return answers.response(request, sleep, status, body, headers)
end

-- The options of a testing client: the caller's, nothing of the environment, and what makes it one.
local function options_of(options, own)
  local all = { server_url = "https://workflows.test" }
  if not options or options.api_key == nil and options.api_key_file == nil then
    all.api_key = "the-key-of-a-testing-client"
  end
  for name, value in next, options or {} do
    if own[name] ~= nil then return nil, ("option '%s' is the testing client's own"):format(name) end
    all[name] = value
  end
  for name, value in next, own do all[name] = value end
  return all
end

--- Makes a client that asks functions of the test in place of the service. All above the wire is the real client:
-- checks, retries, pages, decoding, streams, run and wait. It never waits: the clock is set forward instead.
--
-- `client.requests` lists what was asked: `{ operation, method, path, query, headers, body, url, path_value, params,
-- json }`, without the key. The answers are functions of such a request, by the name of the operation, or what those
-- would always give: a body, "drop", "refuse" or "timeout". The options are those of `workflows.new`, but for
-- `transport` and `loop`.
---@param given mistral.workflows.testing.Answers
---@param options? mistral.workflows.Options
---@return mistral.workflows.testing.Client
function testing.client(given, options)
  local problem = problem_of(given)
  if problem then method.raise("testing.client: " .. problem) end
  local self
  local requests = {}
  local function sleep(seconds) loop.sleep(self, seconds) end
  local all
  all, problem = options_of(options, {
    loop = new_clock(function() return self.handle end),
    transport = function(sent)
      local request = answers.request(sent)
      requests[#requests + 1] = request
      return answer(given, request, sleep)
    end,
  })
  if all then self, problem = client.new(all, workflows._VERSION) end
  if not self then method.raise("testing.client: " .. problem) end
  self.requests = requests
  return self
end

local kinds = { execution = true, invalid = true }
for kind in pairs(messages) do kinds[kind] = true end

--- Makes an error object as calls return them.
---@param fields { kind: string, [string]: any } whatever else the program looks at
---@return mistral.workflows.Error
function testing.error(fields)
  if type(fields) ~= "table" then
    method.raise 'testing.error: the argument must be a table, as { kind = "timeout" }'
  end
  if not kinds[fields.kind] then
    local problem = fields.kind == nil and 'a kind is needed, as { kind = "timeout" }'
      or suggest("kind", fields.kind, kinds)
    method.raise("testing.error: " .. problem)
  end
  local copy = {}
  for name, value in next, fields do copy[name] = value end
  copy.attempts = copy.attempts or 1
  copy.message = copy.message or ("an error of kind %s (made by a test)"):format(copy.kind)
  if copy.retryable == nil then
    copy.retryable = retry.may_repeat("safe", {
      kind = copy.kind, status = copy.status, reason = copy.reason, unsent = copy.kind == "connect",
    })
  end
  return errors.new(copy)
end

--- Starts the local service, which needs nginx; raises what is missing where it cannot. It ends with `stop()`, and with
-- this program. The options:
--
-- * `port`, `tls_port`: of the loopback interface; free ones are taken otherwise
-- * `registrations`: how many there are
-- * `log`: file of an access log
-- * `fixtures`: list of what the method `fixture` takes
---@param options? mistral.workflows.testing.SandboxOptions
---@return mistral.workflows.testing.Sandbox
function testing.sandbox(options)
  local started, problem = service.start(options)
  if not started then method.raise("testing.sandbox: " .. problem) end
  return started
end

return testing
