--- Operations on many ids: requests of 100, joined to one answer.
-- @module mistral.workflows.batch

local core = require "mistral.workflows.core"
local call = require "mistral.workflows.call"

local batch = {}

local MOST_IDS = 100 -- of one request; a limit of the service

local function check_ids(ids)
  if type(ids) ~= "table" then return nil, ("the ids must be a list of strings, not a %s"):format(type(ids)) end
  local count = 0
  for key, id in next, ids do
    if type(key) ~= "number" then return nil, "the ids must be a plain list of strings" end
    if type(id) ~= "string" or id == "" then
      return nil, ("id %s must be a non-empty string"):format(tostring(key))
    end
    count = count + 1
  end
  if count ~= #ids then return nil, "the list of ids has holes" end
  return true
end

local function make_state(work, from)
  local chunk = core.json.array()
  for index = from, math.min(from + MOST_IDS - 1, #work.ids) do chunk[#chunk + 1] = work.ids[index] end
  local transfer, problem = core[work.row.name](work.client.handle, { [work.row.batch] = chunk })
  if not transfer then return nil, problem end
  return call.state(work.client, work.row, transfer, work.options)
end

-- The answer to no ids at all, for which there is nothing to ask.
local function empty_answer(row)
  local answer = {}
  for _, name in ipairs(row.batch_answer) do answer[name] = {} end
  return answer
end

--- Checks the arguments and makes the first request.
-- @param ids list of ids
function batch.prepare(client, row, _, ids, options)
  local ok, problem = check_ids(ids)
  if not ok then return nil, problem end
  local copy = {}
  for index, id in ipairs(ids) do copy[index] = id end
  local work = { client = client, row = row, ids = copy, options = options }
  work.state, problem = make_state(work, 1)
  if not work.state then return nil, problem end
  return work
end

-- Adds the members of an answer to the joined one: lists are appended, tables by id merged.
local function join(joined, answer)
  for name, value in pairs(answer) do
    local target = joined[name]
    if type(target) ~= "table" or type(value) ~= "table" then
      joined[name] = value
    elseif #value > 0 then
      for _, item in ipairs(value) do target[#target + 1] = item end
    else
      for id, item in pairs(value) do target[id] = item end
    end
  end
end

--- Sends the requests one after the other.
-- @return the joined answer; or nil and an error object whose `partial` is the answer to the
-- requests before the one that failed
function batch.perform(client, work)
  if #work.ids == 0 then return empty_answer(work.row) end
  local joined
  for from = 1, #work.ids, MOST_IDS do
    local state = from == 1 and work.state or make_state(work, from)
    local answer, err = call.perform(client, state)
    if not answer then
      err.partial = joined
      return nil, err
    end
    if joined then join(joined, answer) else joined = answer end
  end
  return joined
end

return batch
