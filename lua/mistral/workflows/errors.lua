--- Error objects: what every failing call returns after nil.
--
-- An error is a table with these fields, present where known:
--
-- * `kind`: connect, timeout, network, http, decode, too_large, stream, execution, cancelled or invalid
-- * `message`: what happened and, where something can be done about it, what
-- * `operation`: the name of the operation, as in `mistral.workflows.core`
-- * `call`: what the program called, as `tostring` shows it: `run 'invoice-check'`
-- * `attempts`: how often the request was sent or tried
-- * `retryable`: another attempt later may succeed without a change
-- * `status`: HTTP status; for kind "execution" the status of the execution
-- * `code`: the service's code (WF_1100, AMBIGUOUS_WORKFLOW, ...)
-- * `detail`: the decoded body of the answer
-- * `body`: its text, at most 64 KiB
-- * `request_id`, `retry_after` (seconds), `execution_id`, `cursor`
-- * `location`: where a redirect leads
-- * `phase`: of a timeout: connect, response or idle
-- * `reason`: why a connection will fail again (which TLS check, ...), why a body is not JSON, why a stream ended
-- * `cause`: `{ name, code, message }` of libcurl
-- * `execution`: kind "execution": the execution as it ended
-- * `partial`: of a call that was sent in parts: the joined answers before the part that failed
--
-- `tostring(err)` is one line. The API key is in none of this.
-- @module mistral.workflows.errors

local later = require "mistral.workflows.later"
local secrets = require "mistral.workflows.secrets"

local answers, messages = later "answers", later "messages"

local errors = {}

local LONGEST_VALUE = 80 -- of what was asked for
local LONGEST_NOTE = 256
local LONGEST_MESSAGE = 5000 -- longer than any, but where a service names an execution at length

-- Members with words of this library: a key that is such a word is not found in them.
local own = { kind = true, operation = true, phase = true, reason = true, hint = true, cause = { name = true } }

local error_metatable = { __name = "mistral.workflows.error" }

-- Is `word` in the text, and not only a part of something longer?
local function mentions(text, word)
  local from, to = text:find(word, 1, true)
  while from do
    if not text:find("^%w", to + 1) and not text:sub(from - 1, from - 1):find "%w" then return true end
    from, to = text:find(word, to + 1, true)
  end
  return false
end

--- The line that is shown when an error is printed or raised and not caught. It says nothing twice.
function error_metatable.__tostring(err)
  local line, notes = (err.call or err.operation or "mistral.workflows") .. ": " .. tostring(err.message), {}
  local function note(prefix, value)
    local text = value and answers.shortened(tostring(value), LONGEST_NOTE)
    if text and text ~= "" and not mentions(line, text) then notes[#notes + 1] = prefix .. text end
  end
  note("", err.code)
  note("execution ", err.execution_id)
  note("request ", err.request_id)
  if (err.attempts or 1) > 1 then notes[#notes + 1] = err.attempts .. " attempts" end
  if #notes > 0 then line = line .. " (" .. table.concat(notes, ", ") .. ")" end
  return (line:gsub("[%z\1-\32\127]+", " "):gsub("\194[\128-\159]", " ")) -- no control characters of either kind
end

--- `"it failed: " .. err`
function error_metatable.__concat(a, b)
  return tostring(a) .. tostring(b)
end

--- Is the value an error of this library, also of another load of it?
function errors.is_error(value)
  local metatable = getmetatable(value)
  return type(metatable) == "table" and rawget(metatable, "__name") == error_metatable.__name
end

--- Makes an error object of a table of fields.
-- @param vault the client's secrets, of which nothing is to be in it; nil where none can be
function errors.new(fields, vault)
  if vault then fields = secrets.hide_members(vault, fields, own) end
  if fields.retryable == nil then fields.retryable = false end
  if fields.message then fields.message = answers.shortened(fields.message, LONGEST_MESSAGE) end
  return setmetatable(fields, error_metatable)
end

--- Adds to an error object what is known only later.
function errors.add(err, vault, name, value)
  err[name] = secrets.hide(vault, value)
end

--- What the program called, for people: "get 'hello'".
-- @param title of the method
-- @param value in the path, or nil
function errors.call_text(title, value)
  if type(value) ~= "string" then return title end
  return ("%s '%s'"):format(title, (answers.shortened(value, LONGEST_VALUE):gsub("[%z\1-\31\127]", "?")))
end

--- Makes an error of the facts that a transfer gives.
-- @param failure table of transfer:result()
-- @param context `{ operation, call, server, secrets, attempts, retryable, execution_id, idle_timeout }`
function errors.from_failure(failure, context)
  local facts = {}
  for name, value in next, failure do facts[name] = value end
  facts.body = facts.body and answers.kept(facts.body)
  if facts.kind == "http" or facts.kind == "stream" then facts.detail = answers.detail(facts.body) end
  -- before anything is cut, in the middle of a secret perhaps
  local err = secrets.hide_members(context.secrets, facts, own)
  err.message = messages[err.kind](err, context)
  err.operation = context.operation
  err.call = context.call
  err.attempts = context.attempts
  err.execution_id = context.execution_id
  err.retryable = context.retryable
  err.unsent, err.trust_store, err.limit, err.hint, err.content_encoding = nil, nil, nil, nil, nil
  return errors.new(err, context.secrets)
end

return errors
