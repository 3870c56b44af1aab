--- What the message of an error says: what happened and, where something can be done about it, what.
-- @module mistral.workflows.messages

local answers = require "mistral.workflows.answers"

local status_hints = {
  [401] = "check api_key (MISTRAL_API_KEY)",
  [403] = "the key has no permission for this",
  [407] = "the proxy wants other credentials",
}

local function http_message(failure)
  local text = failure.body or ""
  local message, code = answers.read_detail(failure.detail)
  failure.code = code
  if not message then
    local readable = answers.excerpt(text)
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
    failure.content_type or "no content type", failure.reason, answers.excerpt((failure.body or ""):sub(1, 1000)))
end

local function too_large_message(failure)
  if failure.reason == "header" then
    return ("the answer's header is larger than %d bytes"):format(failure.limit)
  end
  local what = failure.reason == "event" and "an event of the stream" or "the answer"
  return ("%s is larger than max_response_bytes = %d"):format(what, failure.limit)
end

--- kind -> function of the facts of a failure and of the context of its call, giving the message
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

return messages
