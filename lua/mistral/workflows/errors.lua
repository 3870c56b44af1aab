--- Error objects: what every failing call returns after nil.
--
-- An error is a table with these fields, present where known:
--
-- * `kind`: connect, timeout, network, http, decode, too_large, stream, execution or cancelled
-- * `message`: what happened and, where something can be done about it, what
-- * `operation`: the name of the operation, as in `mistral.workflows.core`
-- * `attempts`: how often the request was sent or tried
-- * `retryable`: another attempt later may succeed without a change
-- * `status`: HTTP status; for kind "execution" the status of the execution
-- * `code`: the service's code (WF_1100, AMBIGUOUS_WORKFLOW, ...)
-- * `detail`: the decoded body of the answer
-- * `body`: its text, at most 64 KiB
-- * `request_id`, `retry_after` (seconds), `execution_id`, `cursor`
-- * `phase`: of a timeout: connect, response or idle
-- * `reason`: why a connection will fail again (which TLS check, ...), why a body is not JSON, why a stream ended
-- * `cause`: `{ name, code, message }` of libcurl
-- * `execution`: kind "execution": the execution as it ended
-- * `partial`: of a call that was sent in parts: the joined answers before the part that failed
--
-- `tostring(err)` is one line. The API key is in none of this.
-- @module mistral.workflows.errors

local core = require "mistral.workflows.core"
local secrets = require "mistral.workflows.secrets"

local errors = {}

local LONGEST_EXCERPT = 200
local MOST_LINES = 20 -- of what a validation found

local error_metatable = { __name = "mistral.workflows.error" }

--- The line that is shown when an error is printed or raised and not caught.
function error_metatable.__tostring(err)
  local notes = {}
  if err.code then notes[#notes + 1] = tostring(err.code) end
  if err.execution_id then notes[#notes + 1] = "execution " .. err.execution_id end
  if err.request_id then notes[#notes + 1] = "request " .. err.request_id end
  if (err.attempts or 1) > 1 then notes[#notes + 1] = err.attempts .. " attempts" end
  local suffix = #notes > 0 and " (" .. table.concat(notes, ", ") .. ")" or ""
  local line = ("%s: %s: %s%s"):format(err.operation or "mistral.workflows", err.kind, err.message, suffix)
  return (line:gsub("%s+", " "))
end

--- Is the value an error of this library, also of another load of it?
function errors.is_error(value)
  if type(value) ~= "table" then return false end
  local metatable = getmetatable(value)
  return type(metatable) == "table" and rawget(metatable, "__name") == error_metatable.__name
end

--- Makes an error object of a table of fields.
function errors.new(fields)
  if fields.retryable == nil then fields.retryable = false end
  return setmetatable(fields, error_metatable)
end

local function is_object(value)
  return type(value) == "table"
end

local function is_text(value)
  return type(value) == "string" and value ~= ""
end

-- {"loc":["body","limit"],"msg":"..."} -> "body.limit: ..."
local function validation_line(item)
  if not is_object(item) then return tostring(item) end
  local place = {}
  for _, part in ipairs(is_object(item.loc) and item.loc or {}) do place[#place + 1] = tostring(part) end
  local text = is_text(item.msg) and item.msg or "invalid"
  return #place > 0 and table.concat(place, ".") .. ": " .. text or text
end

local function ambiguous_message(deployments)
  local names = {}
  for _, deployment in ipairs(is_object(deployments) and deployments or {}) do
    names[#names + 1] = is_object(deployment) and tostring(deployment.name or deployment.id) or tostring(deployment)
  end
  return ("several active deployments register this workflow%s: pass deployment_name"):format(
    #names > 0 and " (" .. table.concat(names, ", ") .. ")" or "")
end

local function code_of(detail)
  for _, name in ipairs { "code", "type" } do
    local code = detail[name]
    if is_text(code) or type(code) == "number" then return code end
  end
end

-- Message and code of a decoded error body, in any of the service's shapes.
local function read_detail(detail)
  if is_text(detail) then return detail end
  if not is_object(detail) then return nil end
  if #detail > 0 then
    local lines, more = {}, #detail - MOST_LINES
    for index = 1, math.min(#detail, MOST_LINES) do lines[index] = validation_line(detail[index]) end
    return table.concat(lines, "; ") .. (more > 0 and ("; and %d more in detail"):format(more) or "")
  end
  local inner = detail.detail or detail.error
  local message, code = read_detail(inner)
  if is_text(detail.message) then message = detail.message end
  code = code_of(detail) or code
  if code == "AMBIGUOUS_WORKFLOW" and not message then message = ambiguous_message(detail.deployments) end
  return message, code
end

local function excerpt(text)
  text = text:gsub("<[^>]*>", " "):gsub("[%z\1-\32\127]+", " "):gsub("^ +", ""):gsub(" +$", "")
  if #text > LONGEST_EXCERPT then
    local cut = LONGEST_EXCERPT
    while cut > 1 and text:byte(cut + 1) >= 0x80 and text:byte(cut + 1) < 0xC0 do cut = cut - 1 end
    text = text:sub(1, cut) .. "..."
  end
  return text
end

local status_hints = {
  [401] = "check api_key (MISTRAL_API_KEY)",
  [403] = "the key has no permission for this",
  [407] = "the proxy wants other credentials",
}

-- Decodes the body of an error answer. What was hidden in it is hidden in its text too, where JSON escapes kept it
-- from being found.
local function read_body(failure, hidden)
  local text = failure.body or ""
  if not text:find "^%s*[{%[\"]" then return end
  local detail, changed = secrets.hide(core.json.decode(text), hidden)
  failure.detail = detail
  if changed then failure.body = core.json.encode(detail) end
end

local function http_message(failure)
  local text = failure.body or ""
  local message, code = read_detail(failure.detail)
  failure.code = code
  if not message then
    local readable = excerpt(text)
    message = readable ~= "" and readable or "no message in the answer"
  end
  if failure.status >= 300 and failure.status < 400 then
    message = "redirects are not followed; check server_url"
  end
  local hints = ""
  if status_hints[failure.status] then hints = "; " .. status_hints[failure.status] end
  if failure.retry_after then
    hints = hints .. ("; it asks to wait %g seconds (Retry-After)"):format(failure.retry_after)
  end
  return ("HTTP %d: %s%s"):format(failure.status, message, hints)
end

-- Of a connection that cannot be made with these settings, by `reason`.
local lasting_messages = {
  ["expired"] = "the server's certificate has expired",
  ["not yet valid"] = "the server's certificate is not valid yet; check this machine's clock",
  ["wrong host"] = "the server's certificate is for another host name than the one in server_url",
  ["unknown issuer"] = "the server's certificate has an unknown issuer; set ca_file to the bundle that holds it",
  ["not verified"] = "the server's certificate was not accepted",
  ["trust store"] = "the trusted certificates cannot be read; check ca_file",
  ["client certificate"] = "the client's own certificate cannot be used; check client_cert and client_key",
  ["proxy credentials"] = "the proxy wants other credentials; check the user and password in proxy",
}

local function cause_text(failure)
  return failure.cause and ("%s (%s)"):format(failure.cause.message, failure.cause.name) or "unknown cause"
end

local function connect_message(failure, context)
  local message = lasting_messages[failure.reason]
  if message then
    local place = failure.trust_store and (" [trust store: %s]"):format(failure.trust_store) or ""
    return ("%s%s: %s"):format(message, place, cause_text(failure))
  end
  return ("no connection to %s: %s"):format(context.server, cause_text(failure))
end

local function timeout_message(failure, context)
  if failure.phase == "connect" then
    return ("no connection to %s in time (connect_timeout, timeout): %s"):format(context.server, cause_text(failure))
  end
  if failure.phase == "idle" then
    return ("nothing came for %g seconds (idle_timeout)"):format(context.idle_timeout)
  end
  return ("no complete answer in time (timeout): %s; what the service did is unknown"):format(cause_text(failure))
end

local function decode_message(failure)
  return ("the answer (HTTP %d, %s) is not the JSON that was promised: %s: %s"):format(failure.status,
    failure.content_type or "no content type", failure.reason, excerpt((failure.body or ""):sub(1, 1000)))
end

local function too_large_message(failure)
  if failure.reason == "header" then
    return ("the answer's header is larger than %d bytes"):format(failure.limit)
  end
  local what = failure.reason == "event" and "an event of the stream" or "the answer"
  return ("%s is larger than max_response_bytes = %d"):format(what, failure.limit)
end

local messages = {
  connect = connect_message,
  timeout = timeout_message,
  network = function(failure)
    return ("the connection broke: %s; what the service did is unknown"):format(cause_text(failure))
  end,
  http = http_message,
  decode = decode_message,
  too_large = too_large_message,
  cancelled = function(failure)
    if failure.reason == "fork" then return "the process forked during the call" end
    return "cancelled by the program"
  end,
}

--- Makes an error of the facts that a transfer gives.
-- @param failure table of transfer:result()
-- @param context `{ operation, server, secrets, attempts, retryable, execution_id, idle_timeout }`
function errors.from_failure(failure, context)
  local err = secrets.hide(failure, context.secrets)
  if err.kind == "http" then read_body(err, context.secrets) end
  err.message = messages[err.kind](err, context)
  err.operation = context.operation
  err.attempts = context.attempts
  err.execution_id = context.execution_id
  err.retryable = context.retryable or false
  err.unsent, err.trust_store, err.limit = nil, nil, nil
  return errors.new(err)
end

return errors
