--- Checks of the options of a client and of a call: one table a kind, one check an option.
-- @module mistral.workflows.options

local core = require "mistral.workflows.core"
local keys = require "mistral.workflows.keys"
local later = require "mistral.workflows.later"
local retry = require "mistral.workflows.retry"
local rows = require "mistral.workflows.rows"

local adapter, shape, suggest = later "loop.adapter", later "shape", later "suggest"

local options = {}

-- Each check returns the value to use, or nil and what the value must be.

local function positive(value)
  if type(value) == "number" and value > 0 and value < math.huge then return value end
  return nil, "must be a positive number of seconds"
end

local function whole(least)
  return function(value)
    if type(value) == "number" and value >= least and value % 1 == 0 and value < 2 ^ 53 then return value end
    return nil, ("must be a whole number, at least %d"):format(least)
  end
end

local function boolean(value)
  if type(value) == "boolean" then return value end
  return nil, "must be true or false"
end

-- What libcurl sends in front of a body has room for one megabyte.
local LONGEST_TEXT, LONGEST_HEADERS = 65536, 262144

local function text(value)
  if type(value) ~= "string" or value == "" or value:find "[%z\1-\31\127]" then
    return nil, "must be a string without control characters"
  end
  if #value > LONGEST_TEXT then return nil, ("has more than %d bytes"):format(LONGEST_TEXT) end
  return value
end

-- "" is a value of its own for libcurl: no proxy, whatever the environment says.
local function text_or_empty(value)
  if value == "" then return value end
  return text(value)
end

local function readable(value)
  local path, problem = text(value)
  if not path then return nil, problem end
  if core.is_readable(path) then return path end
  return nil, ("names '%s', which is not there"):format(path)
end

local function one_of(...)
  local known, list = {}, { ... }
  for _, name in ipairs(list) do known[name] = true end
  return function(value)
    if known[value] then return value end
    return nil, "must be " .. table.concat(list, " or ")
  end
end

local function callable(value)
  if type(value) == "function" then return value end
  local metatable = getmetatable(value)
  if type(metatable) == "table" and metatable.__call then return value end
  return nil, "must be a function"
end

local function api_key(value)
  if type(value) == "function" then return value end
  if value ~= nil and type(value) ~= "string" then
    return nil, ("must be a string or a function, not a %s"):format(type(value))
  end
  return keys.check(value)
end

local reserved_headers = {}
for _, name in ipairs { "accept", "authorization", "content-length", "content-type", "expect", "transfer-encoding" } do
  reserved_headers[name] = true
end

-- { ["X-Name"] = "value" } as header lines.
local function headers(value)
  if type(value) ~= "table" then return nil, "must be a table of names and values" end
  local lines, size = {}, 0
  for name, content in next, value do
    if type(name) ~= "string" or not name:find "^[%w!#$%%&'*+%-.^_`|~]+$" then
      return nil, ("holds a name that is not a header name: %q"):format(tostring(name))
    end
    if reserved_headers[name:lower()] then return nil, ("must not hold %s: the library sets it"):format(name) end
    if type(content) == "number" then content = tostring(content) end
    if type(content) ~= "string" or content:find "[%z\1-\8\10-\31\127]" then
      return nil, ("must hold strings without control characters; %s does not"):format(name)
    end
    -- libcurl drops "Name:" and sends an empty field for "Name;"
    lines[#lines + 1] = content:find "%S" and name .. ": " .. content or name .. ";"
    size = size + #lines[#lines]
  end
  if size > LONGEST_HEADERS then return nil, ("have more than %d bytes"):format(LONGEST_HEADERS) end
  table.sort(lines)
  return lines
end

local retry_checks = {
  attempts = whole(1),
  base = function(value) if value == 0 then return 0 end return positive(value) end,
  cap = function(value) if value == 0 then return 0 end return positive(value) end,
  budget = function(value) if value == 0 then return 0 end return positive(value) end,
}

local retry_words = {
  max = "attempts", max_attempts = "attempts", max_retries = "attempts", retries = "attempts", tries = "attempts",
  count = "attempts", delay = "base", min = "base", initial = "base", backoff = "base", max_delay = "cap",
  timeout = "budget", deadline = "budget",
}

-- false, true or a table; what the table leaves out is taken from `base`, or from the default where that is no policy.
local function retry_policy(value, base)
  if base == retry.never then base = retry.default end
  if value == false then return retry.never end
  if value == true then return retry.default end
  if type(value) ~= "table" then return nil, "must be false or a table { attempts, base, cap, budget }" end
  local policy = {}
  for name, default in pairs(base) do policy[name] = default end
  for name, setting in next, value do
    local check = retry_checks[name]
    if not check then return nil, "has an " .. suggest("setting", name, retry_checks, retry_words) end
    local checked, problem = check(setting)
    if checked == nil then return nil, ("%s %s"):format(name, problem) end
    policy[name] = checked
  end
  return policy
end

local function loop(value)
  if type(value) == "string" then
    return one_of("auto", "blocking", "cqueues", "luv", "copas", "ngx")(value)
  end
  local checked, problem = adapter.check(value)
  if checked then return checked end
  return nil, "must be the name of a loop or an adapter table { wait, sleep, spawn }: " .. problem
end

-- What other libraries call options.
local meant = {
  base_url = "server_url", url = "server_url", host = "server_url", endpoint = "server_url", server = "server_url",
  key = "api_key", token = "api_key", apiKey = "api_key", auth = "api_key", key_file = "api_key_file",
  retries = "retry", max_retries = "retry", attempts = "retry", seconds = "timeout",
  verify = "insecure", ca = "ca_file", cert = "client_cert", adapter = "loop", debug = "observer",
  interval = "poll", polling_interval = "poll", callback = "on_event", limit = "concurrency", workers = "concurrency",
}

local client_checks = {
  api_key = api_key,
  api_key_file = text,
  transport = callable,
  server_url = text,
  allow_insecure_http = boolean,
  timeout = positive,
  connect_timeout = positive,
  idle_timeout = positive,
  retry = function(value) return retry_policy(value, retry.default) end,
  max_response_bytes = whole(1),
  max_connections = whole(1),
  http_version = one_of("auto", "1.1", "2"),
  proxy = text_or_empty,
  no_proxy = text_or_empty,
  ca_file = readable,
  ca_path = readable,
  client_cert = readable,
  client_key = readable,
  insecure = boolean,
  headers = headers,
  user_agent = text,
  loop = loop,
  observer = callable,
  parameters = one_of("strict", "open"),
}

local function environment(name)
  local value = os.getenv(name)
  return value ~= "" and value or nil
end

local unknown_option

local function client_defaults(version)
  return {
    server_url = environment "MISTRAL_SERVER_URL" or "https://api.mistral.ai",
    timeout = 300,
    connect_timeout = 10,
    idle_timeout = 60,
    retry = retry.default,
    max_response_bytes = 64 * 1024 * 1024,
    max_connections = 64,
    http_version = "auto",
    ca_file = environment "SSL_CERT_FILE",
    insecure = false,
    headers = {},
    user_agent = ("mistral-workflows-lua/%s (%s; libcurl/%s)"):format(version, _VERSION, core.curl_version),
    loop = "auto",
    parameters = "strict",
    allow_insecure_http = false,
  }
end

-- The key or the function that gives it: of the options, then of the environment.
local function key_of(given)
  local path = given.api_key_file or environment "MISTRAL_SA_TOKEN_PATH"
  if given.api_key == nil and path then return keys.from_file(path) end
  return api_key(given.api_key == nil and environment "MISTRAL_API_KEY" or given.api_key)
end

--- The options of a client, complete and checked, or nil and a message.
-- @param given what the caller wrote; not changed
-- @param version of the library, for the user agent
function options.client(given, version)
  if given ~= nil and type(given) ~= "table" then return nil, "the options must be a table, as { api_key = ... }" end
  local checked = client_defaults(version)
  for name, value in next, given or {} do
    local check = client_checks[name]
    if not check then return nil, unknown_option(name, client_checks) end
    local use, problem = check(value)
    if use == nil then return nil, ("option '%s' %s"):format(name, problem) end
    checked[name] = use
  end
  local key, problem = key_of(checked)
  if not key and not checked.transport then
    return nil, ("api_key %s: pass api_key or set MISTRAL_API_KEY"):format(problem)
  end
  checked.api_key, checked.api_key_file = key, nil
  problem = core.check_server(checked.server_url, checked.allow_insecure_http)
  if problem then return nil, ("option 'server_url' %s"):format(problem) end
  checked.server_url = checked.server_url:gsub("/+$", "")
  return checked
end

local none = {}

-- Seconds for all of a call; from here on it is a monotonic time, which nothing that is done for the call can put off.
local function deadline(value)
  local seconds, problem = positive(value)
  if not seconds then return nil, problem end
  return core.now() + seconds
end

local call_checks = {
  timeout = positive,
  deadline = deadline,
  retry = retry_policy,
  headers = headers,
  prefetch = boolean,
}

local operation_checks = { fields = shape.paths, raw = boolean }
for name, check in pairs(call_checks) do operation_checks[name] = check end

local wait_checks = {
  timeout = positive,
  deadline = positive,
  retry = retry_policy,
  headers = headers,
  on_event = callable,
  poll = function(value)
    if type(value) ~= "table" then return nil, "must be a table { min, max }" end
    local poll = { min = 0.25, max = 5 }
    for name, setting in next, value do
      if poll[name] == nil then return nil, "has an " .. suggest("setting", name, poll) end
      local seconds, problem = positive(setting)
      if not seconds then return nil, ("%s %s"):format(name, problem) end
      poll[name] = seconds
    end
    if poll.min > poll.max then return nil, "must have min <= max" end
    return poll
  end,
}

local completed_checks = {}
for _, name in ipairs { "timeout", "deadline", "retry", "headers" } do completed_checks[name] = wait_checks[name] end

local run_checks = { join = boolean, on_start = callable, on_timeout = one_of("leave", "cancel") }
for name, check in pairs(wait_checks) do run_checks[name] = check end

-- Where an option that is not known here is known: `row` is that of the operation, if there is one.
local function place_of(name, checks, row)
  if row and rows.takes(row.name, name) then return "it goes into the table before the options" end
  if checks == client_checks then
    return (operation_checks[name] or run_checks[name]) and "it is an option of a call" or nil
  end
  if run_checks[name] then return "it is an option of " .. (wait_checks[name] and "run and wait" or "run") end
  return client_checks[name] and "it is an option of workflows.new" or nil
end

-- What refuses an option that is not known; one without a name is not shown, as it may be a key.
function unknown_option(name, checks, row)
  if type(name) ~= "string" then return "the options need names, as timeout = 5" end
  local place = place_of(name, checks, row)
  if place then return ("unknown option '%s'; %s"):format(name, place) end
  return suggest("option", name, checks, meant)
end

local function check_call(given, checks, base, row)
  if given == nil then return {} end
  if type(given) ~= "table" then return nil, ("the options must be a table, not a %s"):format(type(given)) end
  local checked = {}
  for name, value in next, given do
    local check = checks[name]
    if not check then return nil, unknown_option(name, checks, row) end
    local use, problem = check(value, base)
    if use == nil then return nil, ("option '%s' %s"):format(name, problem) end
    checked[name] = use
  end
  return checked
end

--- The per-call options, checked, or nil and a message.
-- @param given the caller's table or nil
-- @param base the client's options
function options.call(given, base)
  if given == nil then return none end
  return check_call(given, call_checks, base.retry)
end

--- The same of a method for one operation, with the `shape` of its answers, if they are not to be as they come.
function options.operation(given, base, definition)
  if given == nil then return none end
  local checked, problem = check_call(given, operation_checks, base.retry, definition.row)
  if not checked then return nil, problem end
  checked.shape, problem = shape.new(definition, checked, base.parameters == "open")
  if problem then return nil, problem end
  return checked
end

--- The options of map, checked, or nil and a message.
function options.map(given)
  local checked, problem = check_call(given, { concurrency = whole(1), on_done = callable })
  if checked and not checked.concurrency then checked.concurrency = 16 end
  return checked, problem
end

-- The options of what waits for an end. `timeout` is the smaller of the two times given, and `deadline` the monotonic
-- time when it is over.
local function waiting(checks)
  return function(given, base, definition)
    local checked, problem = check_call(given, checks, base.retry, definition.row)
    if not checked then return nil, problem end
    if checked.timeout or checked.deadline then
      checked.timeout = math.min(checked.timeout or math.huge, checked.deadline or math.huge)
      checked.deadline = core.now() + checked.timeout
    end
    return checked
  end
end

--- The options of wait, of run and of as_completed, checked, or nil and a message.
options.wait = waiting(wait_checks)
options.run = waiting(run_checks)
options.completed = waiting(completed_checks)

return options
