--- Walking paged lists.
--
-- The walk ends only on a missing, null or empty next cursor. The next page is requested as soon as
-- one has arrived, so that the network works while the loop body does.
-- @module mistral.workflows.pages

local core = require "mistral.workflows.core"
local call = require "mistral.workflows.call"
local errors = require "mistral.workflows.errors"

local pages = {}

local null = core.json.null

-- The caller's parameters with the cursor for the next page.
local function with_cursor(paging, params, cursor)
  local next_params = {}
  for name, value in next, params do
    if not paging.cursor_holds_filters or name == paging.size then next_params[name] = value end
  end
  next_params[paging.cursor] = cursor
  return next_params
end

local function first_params(paging, params)
  local copy = {}
  for name, value in next, params or {} do copy[name] = value end
  if paging.default_size and copy[paging.size] == nil then copy[paging.size] = paging.default_size end
  return copy
end

--- The parameters of a single request for a page: the caller's, and a page size where one is always sent.
function pages.params(row, params)
  if row.paging.default_size == nil or (params ~= nil and type(params) ~= "table") then return params end
  return first_params(row.paging, params)
end

-- Makes the request for the page at `cursor` and sends it.
local function request(walk, params)
  local transfer, problem
  if walk.path_value then
    transfer, problem = core[walk.row.name](walk.client.handle, walk.path_value, params)
  else
    transfer, problem = core[walk.row.name](walk.client.handle, params)
  end
  if not transfer then return nil, problem end
  local state = call.state(walk.client, walk.row, transfer, walk.options)
  local started, start_problem = call.start(walk.client, state, walk.options.timeout or walk.client.options.timeout)
  if not started then state.problem = start_problem end
  walk.pending = state
  return true
end

local function cancel(walk)
  local pending = walk.pending
  walk.pending, walk.ended = nil, true
  if pending then pending.transfer:cancel() end
end

local function fail(walk, err)
  cancel(walk)
  if err.cursor == nil then err.cursor = walk.cursor end
  error(err, 0)
end

local function cursor_of(walk, page)
  local cursor = page[walk.row.paging.next]
  if cursor == nil or cursor == null or cursor == "" then return nil end
  if type(cursor) == "string" and not walk.seen[cursor] then return cursor end
  -- The page itself is good: its items come first.
  walk.problem = errors.new {
    kind = "decode", operation = walk.row.name, attempts = 1, cursor = cursor,
    message = type(cursor) == "string"
      and ("the service repeated the cursor '%s': the list would never end"):format(cursor)
      or ("the service sent a %s as the next cursor"):format(type(cursor)),
  }
  return nil
end

-- What keeps an answer from being a page, or nil.
local function problem_of(walk, page)
  if type(page) ~= "table" then return ("a page must be an object, not a %s"):format(type(page)) end
  local name = walk.row.paging.items
  local items = page[name]
  if items == nil or items == null or type(items) == "table" then return nil end
  return ("'%s' of a page must be an array, not a %s"):format(name, type(items))
end

local function next_page(walk)
  if walk.ended then return nil end
  if walk.problem then fail(walk, walk.problem) end
  if not walk.pending then
    if not walk.next_cursor then
      walk.ended = true
      return nil
    end
    assert(request(walk, with_cursor(walk.row.paging, walk.params, walk.next_cursor)))
  end
  if walk.next_cursor then walk.cursor = walk.next_cursor end
  local state = walk.pending
  local page, err
  if state.problem then err = state.problem else page, err = call.perform(walk.client, state) end
  walk.pending = nil
  if not page then fail(walk, err) end
  local problem = problem_of(walk, page)
  if problem then
    fail(walk, errors.new { kind = "decode", operation = walk.row.name, attempts = state.attempts, message = problem })
  end
  local cursor = cursor_of(walk, page)
  walk.next_cursor = cursor
  if cursor then
    walk.seen[cursor] = true
    if walk.options.prefetch ~= false then
      assert(request(walk, with_cursor(walk.row.paging, walk.params, cursor)))
    end
  end
  return page
end

--- Begins a walk and requests its first page.
-- @param path_value of the operation, or nil
-- @param params the caller's parameters, or nil
-- @param options checked per-call options
-- @return the walk; or nil and what is wrong with the arguments
function pages.walk(client, row, path_value, params, options)
  if params ~= nil and type(params) ~= "table" then
    return nil, ("the parameters must be a table, not a %s"):format(type(params))
  end
  local walk = {
    client = client, row = row, path_value = path_value, options = options,
    params = first_params(row.paging, params),
    seen = {},
  }
  local cursor = walk.params[row.paging.cursor]
  if type(cursor) == "string" then
    walk.cursor = cursor
    walk.seen[cursor] = true
  end
  local started, problem = request(walk, walk.params)
  if not started then return nil, problem end
  return walk
end

local closing = {}
closing.__index = closing
closing.__name = "mistral.workflows.walk"
closing.__close = function(self) cancel(self.walk) end

-- What a generic `for` of Lua 5.4 closes when the loop is left; elsewhere collection does it.
local function closer(walk)
  return setmetatable({ walk = walk }, closing)
end

--- The iterator over whole pages: `for page in ...`.
function pages.each_page(walk)
  local function next_one()
    local page = next_page(walk)
    return page -- no tail call: a generic `for` of Lua 5.1 must stay visible to core.yieldable
  end
  return next_one, nil, nil, closer(walk)
end

--- The iterator over items: `for item in ...`.
function pages.each_item(walk)
  local items, index = {}, 0
  local name = walk.row.paging.items
  local function next_item()
    index = index + 1
    local item = items[index]
    while item == nil do
      local page = next_page(walk)
      if not page then return nil end
      items, index = page[name], 1
      if items == nil or items == null then items = {} end
      item = items[1]
    end
    return item
  end
  return next_item, nil, nil, closer(walk)
end

return pages
