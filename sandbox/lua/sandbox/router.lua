--- From a method and a raw path to a route.
--
-- Paths are split while they are still encoded, so an encoded slash stays inside its segment. Of the routes whose
-- template fits, the first one with the request's method is taken: fixed words are listed before `{parameters}`.

local parameters = require "sandbox.parameters"

local router = {}

local by_length = {}

local function split(path)
  local segments = {}
  for segment in path:gmatch("/([^/]*)") do
    segments[#segments + 1] = segment
  end
  return segments
end

--- Adds a route: a table with `method`, `path` and whatever else the caller wants back.
function router.add(route)
  route.segments = split(route.path)
  local length = #route.segments
  by_length[length] = by_length[length] or {}
  table.insert(by_length[length], route)
end

local function fixed_words(route)
  local rank = ""
  for _, segment in ipairs(route.segments) do
    rank = rank .. (segment:sub(1, 1) == "{" and "1" or "0")
  end
  return rank
end

--- To be called once, after the last `add`.
function router.sort()
  for _, routes in pairs(by_length) do
    for index, route in ipairs(routes) do
      route.order = fixed_words(route) .. ("%04d"):format(index)
    end
    table.sort(routes, function(a, b) return a.order < b.order end)
  end
end

local function fits(route, segments)
  local values = {}
  for index, part in ipairs(route.segments) do
    local segment = segments[index]
    if part:byte() == 123 then
      if segment == "" then
        return nil
      end
      values[part:sub(2, -2)] = parameters.unescape(segment)
    elseif part ~= segment then
      return nil
    end
  end
  return values
end

--- Returns the route and its path values; nil and the allowed methods if only the method is wrong; nil if nothing fits.
function router.find(method, path)
  local segments = split(path)
  local allowed
  for _, route in ipairs(by_length[#segments] or {}) do
    local values = fits(route, segments)
    if values then
      if route.method == method then
        return route, values
      end
      allowed = allowed and allowed .. ", " .. route.method or route.method
    end
  end
  return nil, allowed
end

return router
