--- What to do about an error of the service or the network, in one line.
-- @module mistral.workflows.cli.advice

local parser = require "mistral.workflows.cli.parser"
local reading = require "mistral.workflows.cli.reading"
local suggest = require "mistral.workflows.suggest"

-- Which argument of a command is the name of what, and how the names that exist are found.
local named = {
  { argument = "workflow", resource = "workflows", member = "name", what = "workflow" },
  { argument = "deployment", resource = "deployments", member = "name", what = "deployment" },
  { argument = "schedule", resource = "schedules", member = "schedule_id", what = "schedule" },
}

local MOST_NAMES = 1000

-- The names that the service has, as keys; nil when it does not tell.
local function names_of(client, kind)
  local names, count = {}, 0
  local ok = pcall(function()
    local options = { fields = { kind.member }, retry = false, deadline = 5 }
    local params = kind.resource == "deployments" and { active_only = false } or nil
    for item in client[kind.resource]:each(params, options) do
      count = count + 1
      names[item[kind.member]] = true
      if count >= MOST_NAMES then break end
    end
  end)
  return ok and count > 0 and names or nil
end

-- "unknown workflow 'helo'; did you mean 'hello'?" for a name that the service does not have.
local function suggestion(asked)
  for _, kind in ipairs(named) do
    local name = asked.args[kind.argument]
    local names = type(name) == "string" and names_of(asked:client(), kind)
    if names and not names[name] then return suggest(kind.what, name, names) end
  end
end

-- Are there values on the command line that can only be text?
local function has_plain_values(asked)
  for _, word in ipairs(asked and asked.args.values or {}) do
    if word:find "^[^=:{@]+=" then return true end
  end
  return false
end

-- What helps against errors with these codes.
local by_code = {
  AMBIGUOUS_WORKFLOW = function() return "say which with --deployment" end,
  WF_1101 = function() return "wait for it with `wait`, or start it with `run --join`" end,
  WF_1001 = function(err)
    local events = reading.join(reading.value(err.detail, "valid_reset_events"), ", ")
    return events ~= "" and "these are: " .. events or nil
  end,
}

-- What to do about an error: a list of notes.
local function notes_on(err, asked)
  local notes = {}
  if has_plain_values(asked) and (err.status == 422 or err.reason == "input_refused") then
    notes[1] = "key=value is text; key:=value is JSON: a number, true, a list"
  end
  if err.kind == "connect" then notes[#notes + 1] = "check --server (MISTRAL_SERVER_URL) and the network" end
  if by_code[err.code] then notes[#notes + 1] = by_code[err.code](err) end
  if err.request_id then notes[#notes + 1] = "request " .. err.request_id end
  return notes
end

-- A longer line, of a name that is like none of many, says less than the service does.
local LONGEST_SUGGESTION = 300

--- The line for an error object.
-- @param asked the context of the command, or nil
return function(err, asked)
  if err.kind == "timeout" and err.execution then
    return ("%s goes on; to come back: %s wait %s"):format(err.execution_id, parser.program, err.execution_id)
  end
  local better = err.status == 404 and asked and suggestion(asked)
  if better and #better <= LONGEST_SUGGESTION then return better end
  local notes = notes_on(err, asked)
  return err.message:gsub("%s+", " ") .. (#notes > 0 and (" (%s)"):format(table.concat(notes, "; ")) or "")
end
