--- Operations on many ids: requests of 100, joined to one answer.
-- @module mistral.workflows.batch

local core = require "mistral.workflows.core"
local answers = require "mistral.workflows.answers"
local call = require "mistral.workflows.call"
local errors = require "mistral.workflows.errors"
local copy_of_ids = require("mistral.workflows.ids").copy
local shape = require "mistral.workflows.shape"

local batch = {}

local null = core.json.null

local MOST_IDS = 100 -- of one request; a limit of the service

-- The call for 100 ids, from this one on.
local function part(work, from)
  local ids = core.json.array()
  for index = from, math.min(from + MOST_IDS - 1, #work.ids) do ids[#ids + 1] = work.ids[index] end
  return call.new(work.client, work.definition, work.each, nil, { [work.definition.row.batch] = ids })
end

--- Checks the ids and makes the requests.
-- @param ids list of ids
function batch.prepare(client, definition, options, _, ids)
  local problem
  local work = { client = client, definition = definition, shape = options.shape, each = {}, calls = {} }
  for name, value in next, options do work.each[name] = value end
  work.each.shape = nil -- it is one of the joined answer
  work.ids, problem = copy_of_ids(ids)
  if not work.ids then return nil, problem end
  for index, id in ipairs(work.ids) do
    if id == "" then return nil, call.problem(client, definition, nil, "invalid", ("id %d is empty"):format(index)) end
  end
  for from = 1, #work.ids, MOST_IDS do
    work.calls[#work.calls + 1], problem = part(work, from)
    if problem then return nil, problem end
  end
  return work
end

-- What is by id; all else is in lists.
local by_id = { results = true }

-- The answer to no ids at all, for which there is nothing to ask.
local function empty_answer(row)
  local answer = {}
  for _, name in ipairs(row.batch_answer) do answer[name] = by_id[name] and {} or core.json.array() end
  return answer
end

-- What an answer lacks that is to be joined, or nil.
local function lacking(row, answer)
  if answer == true then return "body" end
  for index, name in ipairs(row.batch_answer) do
    local value
    if type(answer) == "table" then value = answer[name] end
    local fits = type(value) == "table" and answers.is_list(value) == not by_id[name]
    if not fits and (index == 1 or value ~= nil and value ~= null) then
      return (by_id[name] and "table '%s'" or "list '%s'"):format(name)
    end
  end
end

local function is_object(value)
  return type(value) == "table" and not answers.is_list(value)
end

-- Adds the members of an answer to the joined one: lists are appended, tables by id merged.
local function join(joined, answer)
  for name, value in next, answer do
    local target = joined[name]
    if target == nil or target == null then
      joined[name] = value
    elseif answers.is_list(target) and answers.is_list(value) then
      for _, item in ipairs(value) do target[#target + 1] = item end
    elseif is_object(target) and is_object(value) then
      for id, item in next, value do target[id] = item end
    end
  end
end

--- Sends the requests one after the other.
-- @return the joined answer; or nil and an error object whose `partial` is the answer to the
-- requests before the one that failed
function batch.perform(work)
  local joined
  local row = work.definition.row
  for _, request in ipairs(work.calls) do
    local answer, err = request:perform()
    local what = not err and lacking(row, answer)
    if what then err = request:lacks(what, answer) end
    if err then
      errors.add(err, work.client.secrets, "partial", shape.apply(work.shape, joined))
      return nil, err
    end
    if joined then join(joined, answer) else joined = answer end
  end
  return shape.apply(work.shape, joined or empty_answer(row))
end

return batch
