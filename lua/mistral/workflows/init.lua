--- Client for the Mistral Workflows REST API.
--
--     local workflows = require "mistral.workflows"
--     local client = workflows.new { api_key = "..." }   -- or MISTRAL_API_KEY
--     for registration in client.registrations:each { active_only = true } do
--       print(registration.id)
--     end
--
-- @module mistral.workflows

local core = require "mistral.workflows.core"
local client = require "mistral.workflows.client"
local later = require "mistral.workflows.later"
local method = require "mistral.workflows.method"

local errors, fold = later "errors", later "fold"

---@class mistral.workflows
local workflows = { _VERSION = "0.9.0" }

--- Makes a client. Raises at the caller's line when an option is unknown or wrong.
---@param options? mistral.workflows.Options see docs/configuration.md and the option table of docs/reference.md
---@return mistral.workflows.Client
function workflows.new(options)
  if options == workflows then method.raise "workflows.new: call it with a dot: workflows.new { ... }" end
  local made, problem = client.new(options, workflows._VERSION)
  if not made then method.raise("workflows.new: " .. problem) end
  return made
end

--- JSON null: the light userdata NULL, equal to `cjson.null` and `ngx.null`.
workflows.null = core.json.null

--- Marks a table as a JSON array, so that it is sent as `[]` even when empty.
-- @param list table, or nil for a new one
-- @return the same table
workflows.array = core.json.array

--- The codec of requests and answers: `encode(value)` and `decode(text)`.
-- Both return nil and a message when they fail. `encode(value, { indent = 2, sort_keys = true })` writes for people:
-- in lines, `indent` spaces for each level, and the keys in the order of their bytes.
workflows.json = { encode = core.json.encode, decode = core.json.decode }

--- Date-times: `parse(text)` gives seconds since 1970, `format(seconds)` RFC 3339 in UTC.
-- Both return nil and a message when they fail.
workflows.time = core.time

--- A value, or `default` where it is nil or JSON null.
function workflows.value(value, default)
  if value == nil or value == core.json.null then return default end
  return value
end

--- True for the error objects of this library.
workflows.is_error = errors.is_error

--- The state of a custom task after an event: `state = workflows.fold(state, event)`; see `mistral.workflows.fold`.
function workflows.fold(state, event)
  return fold(state, event)
end

--- Monotonic seconds: the clock of the deadlines that loop adapters get.
workflows.now = core.now

return workflows
