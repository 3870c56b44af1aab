--- Walking paged lists.
--
-- The walk ends only on a missing, null or empty next cursor. The next page is requested as soon as
-- one has arrived, so that the network works while the loop body does.
-- @module mistral.workflows.pages

local core = require "mistral.workflows.core"
local answers = require "mistral.workflows.answers"
local call = require "mistral.workflows.call"
local errors = require "mistral.workflows.errors"
local iterator = require "mistral.workflows.iterator"
local shape = require "mistral.workflows.shape"

local pages = {}

local null = core.json.null

local LONGEST_CURSOR = 64 * 1024

local methods = {}
local metatable = iterator.metatable("walk", methods)

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
  if params ~= nil and type(params) ~= "table" then return params end
  return first_params(row.paging, params)
end

-- Sends the request that was made for the next page. A problem shows when the page is wanted.
local function send(walk, request, problem)
  walk.request, walk.problem = request, problem
  if request then request:begin() end
end

local function request_next(walk)
  local params = with_cursor(walk.paging, walk.params, walk.next_cursor)
  send(walk, call.internal(nil, walk.client, walk.definition, walk.options, walk.path_value, params))
end

--- Ends the walk; the request for the next page is cancelled. May be called again.
function methods:close()
  self.ended, self.items = true, {}
  if self.request then self.request:cancel() end
end

metatable.__close = methods.close

local function fail(walk, err)
  walk:close()
  if err.cursor == nil then errors.add(err, walk.client.secrets, "cursor", walk.cursor) end
  error(err, 0)
end

-- The items of a page, or nil.
local function items_of(walk, page)
  if type(page) ~= "table" then return nil end
  local name = walk.paging.items
  local items = page[name]
  if items == nil then items = page[shape.other_names[name]] end
  return answers.is_list(items) and items or nil
end

-- The cursor for the page after this one, or nil. One that cannot be is a problem for later: the page itself is good,
-- its items come first.
local function cursor_after(walk, page)
  local cursor = page[walk.paging.next]
  if cursor == nil or cursor == null or cursor == "" then return nil end
  local message
  if type(cursor) ~= "string" then
    message = ("the service sent a %s as the next cursor: %%s"):format(type(cursor))
    cursor = answers.shown(walk.request:clean(cursor))
  elseif #cursor > LONGEST_CURSOR then
    message = ("the service sent a next cursor of %d bytes: '%%s'"):format(#cursor)
  elseif walk.seen[cursor] then
    message = "the service repeated the cursor '%s': the list would never end"
  else
    return cursor
  end
  cursor = answers.excerpt(walk.request:clean(cursor))
  walk.problem = walk.request:reported {
    kind = "decode", status = walk.request.transfer:status(), cursor = cursor, message = message:format(cursor),
  }
  return nil
end

-- What the walk itself reads of a page, of which the program may want the text: all where it is none; or nil and an
-- error object.
local function readable(walk, page)
  if type(page) ~= "string" then return page end
  local limit = walk.client.options.max_response_bytes
  local most = core.json.memory_per_byte * limit
  local head = shape.head(walk.paging, page, most)
  if head and not items_of(walk, head) then head = core.json.decode(page, most) end
  if head then return head end
  return nil, walk.request:failed { kind = "too_large", reason = "value", limit = limit }
end

-- Waits for the page that was requested. Returns it, and what the walk reads of it.
local function receive(walk)
  local request = walk.request
  request.started = core.now() -- the loop body's time is no attempt's
  local page, err = request:perform()
  local head
  if not err then head, err = readable(walk, page) end
  if not err and not items_of(walk, head) then
    err = request:lacks(("list '%s'"):format(walk.paging.items), head)
  end
  if err then fail(walk, err) end
  return page, head
end

local function next_page(walk)
  if walk.ended then return nil end
  if not walk.request and walk.next_cursor then request_next(walk) end
  if walk.next_cursor then walk.cursor = walk.next_cursor end
  if walk.problem then fail(walk, walk.problem) end
  if not walk.request then return nil end
  local page, head = receive(walk)
  walk.next_cursor = cursor_after(walk, head)
  walk.request = nil
  if walk.next_cursor then
    walk.seen[walk.next_cursor] = true
    if walk.options.prefetch ~= false then request_next(walk) end
  end
  return page
end

local nothing = {}

local function next_item(walk)
  walk.index = walk.index + 1
  local item = walk.items[walk.index]
  while item == nil do
    walk.items = nothing -- those of the last page are garbage now, not when the next one stands beside them
    local page = next_page(walk)
    if not page then return nil end
    walk.items, walk.index = items_of(walk, page), 1
    item = walk.items[1]
  end
  return item
end

--- `for item in walk`: the next one, nil at the end; raises error objects.
function metatable:__call()
  local item = self:step()
  return item -- no tail call: a generic `for` of Lua 5.1 must stay visible to core.yieldable
end

--- Makes a walk and requests its first page.
-- @param path_value of the operation, or nil
-- @param params the caller's parameters, or nil; not changed
-- @return the walk; or nil and what is wrong with the arguments
function pages.prepare(client, definition, options, path_value, params)
  if params ~= nil and type(params) ~= "table" then
    return nil, ("the parameters must be a table, not a %s"):format(type(params))
  end
  local paging = definition.row.paging
  local walk = setmetatable({
    client = client, definition = definition, options = options, path_value = path_value, paging = paging,
    params = first_params(paging, params),
    seen = {}, items = {}, index = 0,
  }, metatable)
  local cursor = walk.params[paging.cursor]
  if type(cursor) == "string" then
    walk.cursor = cursor
    walk.seen[cursor] = true
  end
  local request, problem = call.new(client, definition, options, path_value, walk.params)
  if type(problem) == "string" then return nil, problem end
  send(walk, request, problem)
  return walk
end

--- What the methods return: the walk, which is its own iterator and is closed when a `for` of Lua 5.4 is left.
function pages.each_page(walk)
  walk.step = next_page
  return walk, nil, nil, walk
end

function pages.each_item(walk)
  walk.step = next_item
  return walk, nil, nil, walk
end

return pages
