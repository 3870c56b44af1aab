--- Pages of a list. A cursor names the place and the last item that was handed out, so that items which appear in front
-- or disappear meanwhile neither repeat nor hide others.

local fail = require "sandbox.fail"
local json = require "sandbox.json"

local page = {}

local function malformed(parameter, cursor)
  fail.invalid { fail.problem("value_error", { "query", parameter }, "Value error, Invalid cursor", cursor,
    json.object("error", json.empty_object)) }
end

local function mark_of(text)
  return ngx.md5("cursor/" .. text):sub(1, 8)
end

--- Opaque text of any short string. It has a mark, so that only what was handed out can come back.
function page.seal(text)
  return ngx.encode_base64(mark_of(text) .. text)
end

--- The string that was sealed; raises a 422 that names `parameter` otherwise.
function page.open(cursor, parameter)
  local text = ngx.decode_base64(cursor)
  local inner = text and text:sub(9)
  return inner and mark_of(inner) == text:sub(1, 8) and inner or malformed(parameter, cursor)
end

local function start_after(items, cursor, parameter, id_of)
  local place, id = page.open(cursor, parameter):match("^(%d+):(.*)$")
  place = tonumber(place) or malformed(parameter, cursor)
  if items[place] and id_of(items[place]) == id then
    return place + 1
  end
  for index = 1, #items do
    if id_of(items[index]) == id then
      return index + 1
    end
  end
  return place + 1
end

--- The bounds of a page in `items`, and the next cursor or null.
-- `id_of(item)` is unique; `limit` nil means everything.
function page.bounds(items, limit, cursor, parameter, id_of)
  local first = 1
  if cursor and cursor ~= "" then
    first = start_after(items, cursor, parameter, id_of)
  end
  local last = limit and math.min(first + limit - 1, #items) or #items
  if last >= #items or last < first then
    return first, last, json.null
  end
  return first, last, page.seal(last .. ":" .. id_of(items[last]))
end

--- The items of a page as a raw array, each written by `view`, and the next cursor or null.
function page.cut(items, limit, cursor, parameter, id_of, view)
  local first, last, next_cursor = page.bounds(items, limit, cursor, parameter, id_of)
  local parts = {}
  for index = first, last do
    parts[#parts + 1] = view(items[index])
  end
  return json.array(parts), next_cursor
end

return page
