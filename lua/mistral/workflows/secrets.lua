--- What must not be seen in an error: the API key, and the credentials of a proxy.
-- @module mistral.workflows.secrets

local mask = require "mistral.workflows.mask"

local secrets = {}

local SHORTEST = 4 -- shorter ones are part of too many words

local proxy_variables = {
  "http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY",
}

local function decoded(text)
  return (text:gsub("%%(%x%x)", function(digits) return string.char(tonumber(digits, 16)) end))
end

local function add(list, secret)
  if not secret or #secret < SHORTEST then return end
  for _, needle in ipairs(mask.needles(secret)) do list[#list + 1] = needle end
end

-- "http://user:password@host", also where it is too malformed for a URL parser.
local function add_proxy(list, proxy)
  local userinfo = proxy:match "^%a[%w+.-]*:/+(.*)@" or proxy:match "^(.*)@"
  if not userinfo then return end
  for _, text in ipairs { userinfo, decoded(userinfo) } do
    add(list, text)
    add(list, text:match ":(.*)$")
  end
end

--- What to hide for a key, and for the proxy of the options or of the environment.
-- @param key as the caller gave it, or nil
-- @param proxy option or nil
function secrets.list(key, proxy)
  local list = {}
  if key then add(list, key:match "^[Bb][Ee][Aa][Rr][Ee][Rr] +(.*)$" or key) end
  if proxy then add_proxy(list, proxy) end
  for _, name in ipairs(proxy_variables) do add_proxy(list, os.getenv(name) or "") end
  return list
end

local hide

local function hide_in_table(value, list)
  local clean
  for key, item in next, value do
    local clean_key, clean_item = hide(key, list), hide(item, list)
    if not rawequal(clean_key, key) or not rawequal(clean_item, item) then
      if not clean then
        clean = {}
        for name, member in next, value do clean[name] = member end
        setmetatable(clean, getmetatable(value))
      end
      if not rawequal(clean_key, key) then clean[key] = nil end
      clean[clean_key] = clean_item
    end
  end
  return clean or value
end

--- The value without any of the secrets, names in tables included. What holds none is given back as it is; a table that
-- holds one is not changed but copied.
function hide(value, list)
  if type(value) == "string" then return mask.hide(value, list) end
  if type(value) == "table" then return hide_in_table(value, list) end
  return value
end

secrets.hide = hide

return secrets
