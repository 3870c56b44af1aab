--- The client of a command, from the options of the command line.
-- @module mistral.workflows.cli.client

local workflows = require "mistral.workflows"
local problem = require "mistral.workflows.cli.problem"
local screen = require "mistral.workflows.cli.screen"
local text = require "mistral.workflows.cli.text"
local time = require "mistral.workflows.cli.time"
local waiting = require "mistral.workflows.cli.waiting"

-- A line for each request. The observer is never given the key.
local function show_request(attempt)
  local notes = { tostring(attempt.status or attempt.error), time.length(attempt.total),
    ("%d bytes"):format(attempt.bytes_in) }
  if attempt.attempt > 1 then notes[#notes + 1] = "attempt " .. attempt.attempt end
  if attempt.reused then notes[#notes + 1] = "connection reused" end
  if attempt.request_id then notes[#notes + 1] = "request " .. attempt.request_id end
  screen.note("%s", screen.paint_note("dim", text.clean(("> %s %s  %s"):format(
    attempt.method, attempt.path, table.concat(notes, ", ")))))
end

local function has_key(args)
  for _, name in ipairs { "MISTRAL_SA_TOKEN_PATH", "MISTRAL_API_KEY" } do
    if (os.getenv(name) or "") ~= "" then return true end
  end
  return args.key_file ~= nil
end

--- Makes a client, or raises what is wrong with the options.
return function(args)
  if not has_key(args) then
    problem.usage "there is no API key: set MISTRAL_API_KEY, or name a file with --key-file"
  end
  local ok, client = pcall(workflows.new, {
    server_url = args.server, api_key_file = args.key_file, loop = waiting.loop,
    observer = args.verbose and show_request or nil,
  })
  if not ok then problem.usage("%s", (tostring(client):gsub("^.-workflows%.new: ", ""))) end
  return client
end
