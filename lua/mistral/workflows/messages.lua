--- What the message of an error says: what happened and, where something can be done about it, what.
-- @module mistral.workflows.messages

local answers = require "mistral.workflows.answers"

local status_hints = {
  [401] = "check api_key (MISTRAL_API_KEY)",
  [403] = "the key has no permission for this",
  [407] = "the proxy wants other credentials",
}

-- Where an identifier belongs that is none here.
local RUN = "runs have ids of their own: executions:get and executions:history take that of an execution"
local elsewhere = {
  get_run = RUN, get_run_history = RUN,
  get_workflow_registration = "registrations have ids of their own: workflows:get takes a name",
}

local function redirect_message(failure)
  local place = failure.location and (" (this one leads to %s)"):format(failure.location) or ""
  return ("redirects are not followed%s; check server_url"):format(place)
end

local function http_hints(failure, context)
  local hints = {}
  hints[1] = status_hints[failure.status]
  if failure.status == 404 and (context.server:find "/v1$" or context.server:find "/v1/workflows$") then
    hints[#hints + 1] = "server_url is to end before /v1, which the library adds"
  end
  if failure.status == 404 or failure.status == 422 then hints[#hints + 1] = elsewhere[context.operation] end
  local points = type(failure.detail) == "table" and answers.words(failure.detail.valid_reset_events) or {}
  if points[1] then hints[#hints + 1] = "event_id may be " .. table.concat(points, ", ") end
  if failure.retry_after then
    hints[#hints + 1] = ("it asks to wait %g seconds (Retry-After)"):format(failure.retry_after)
  end
  return #hints > 0 and "; " .. table.concat(hints, "; ") or ""
end

local function encoding_text(failure)
  local encoding = failure.content_encoding
  return ("its content encoding%s was not asked for"):format(encoding and (" '%s'"):format(encoding) or "")
end

local function http_message(failure, context)
  local message, code = answers.message(failure.detail, failure.body)
  failure.code = code
  if failure.reason == "content encoding" then message = encoding_text(failure) end
  if failure.status >= 300 and failure.status < 400 then message = redirect_message(failure) end
  return ("HTTP %d: %s%s"):format(failure.status, message or "no message in the answer", http_hints(failure, context))
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
  ["descriptors"] = "too many files are open: close what is not needed, or raise the limit (ulimit -n)",
  ["proxy credentials"] = "the proxy wants other credentials; check the user and password in proxy",
}

local function cause_text(failure)
  return failure.cause and ("%s (%s)"):format(failure.cause.message, failure.cause.name) or "unknown cause"
end

-- What a port may speak that is not what server_url says.
local function protocol_hint(failure, context)
  local is_secure = context.server:lower():find "^https:" ~= nil
  if failure.hint == "plain http" and is_secure then
    return "; does the port speak plain http? server_url begins with https:"
  elseif (failure.hint == "tls" or failure.hint == "nothing") and not failure.status and not is_secure then
    return "; does the port speak TLS? server_url begins with http:"
  end
  return ""
end

local function connect_message(failure, context)
  local message = lasting_messages[failure.reason]
  if message then
    if failure.hint == "proxy" then message = message:gsub("server's", "proxy's"):gsub("server_url", "proxy") end
    local place = failure.trust_store and (" [trust store: %s]"):format(failure.trust_store) or ""
    return ("%s%s: %s"):format(message, place, cause_text(failure))
  end
  return ("no connection to %s: %s%s"):format(context.server, cause_text(failure), protocol_hint(failure, context))
end

local function network_message(failure, context)
  if failure.hint == "refused" then
    return ("the service refused the request before it acted upon it (HTTP/2): %s"):format(cause_text(failure))
  end
  local what = failure.hint == "tls" and "the answer is not HTTP" or "the connection broke"
  return ("%s: %s; what the service did is unknown%s"):format(
    what, cause_text(failure), protocol_hint(failure, context))
end

local function timeout_message(failure, context)
  if not failure.cause and failure.phase ~= "idle" then
    return "the time is over (deadline)" .. (failure.unsent and "; nothing was sent" or "")
  end
  if failure.phase == "connect" then
    local text = "no connection to %s in time (connect_timeout, timeout, deadline): %s"
    return text:format(context.server, cause_text(failure))
  end
  if failure.phase == "idle" then
    return ("nothing came for %g seconds (idle_timeout)"):format(context.idle_timeout)
  end
  return ("no complete answer in time (timeout, deadline): %s; what the service did is unknown"):format(
    cause_text(failure))
end

local function decode_message(failure)
  local answer = ("the answer (HTTP %d, %s)"):format(failure.status, failure.content_type or "no content type")
  local excerpt = answers.excerpt(failure.body or "")
  if failure.reason == "content encoding" then
    return ("%s cannot be read: %s"):format(answer, encoding_text(failure))
  end
  if failure.reason == "content type" then return ("%s is no event stream: %s"):format(answer, excerpt) end
  return ("%s is not the JSON that was promised: %s: %s"):format(answer, failure.reason, excerpt)
end

local function too_large_message(failure)
  if failure.reason == "header" then
    return ("the answer's header is larger than %d bytes"):format(failure.limit)
  end
  if failure.reason == "value" then
    return ("the values of the answer need more memory than 4 times max_response_bytes = %d"):format(failure.limit)
  end
  local what = failure.reason == "event" and "an event of the stream" or "the answer"
  return ("%s is larger than max_response_bytes = %d"):format(what, failure.limit)
end

--- kind -> function of the facts of a failure and of the context of its call, giving the message
local messages = {
  connect = connect_message,
  timeout = timeout_message,
  network = network_message,
  http = http_message,
  decode = decode_message,
  too_large = too_large_message,
  stream = function(failure)
    failure.reason = answers.reason(failure.detail)
    return "the service ended the stream: " .. (answers.message(failure.detail, failure.body) or "it gives no reason")
  end,
  cancelled = function(failure)
    if failure.reason == "fork" then return "the process forked during the call" end
    if failure.reason == "leaving" then return "the worker of nginx is about to leave" end
    return "cancelled by the program"
  end,
}

return messages
