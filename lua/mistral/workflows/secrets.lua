--- What must not be seen: the API key, and the credentials of a proxy.
--
-- A client holds its secrets in a vault, which only this module can open: from outside they are reachable by `debug`
-- alone. They are cut from all errors, and from what the observer gets, by `secrets.hide`.
-- @module mistral.workflows.secrets

local mask = require "mistral.workflows.later" "mask"

local secrets = {}

local SHORTEST = 4 -- shorter ones are part of too many words
local MOST_KEYS = 8 -- of a function, the last ones
local MOST_ESCAPES = 256 * 1024 -- in texts of one value

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

-- What opens a vault.
local seal = {}

-- The vaults of all clients.
local vaults = setmetatable({}, { __mode = "k" })

--- Makes a vault.
-- @param key the key or the function that gives it
-- @param proxy option or nil; that of the environment counts too
function secrets.new(key, proxy)
  local proxies = { proxy }
  for _, name in ipairs(proxy_variables) do proxies[#proxies + 1] = os.getenv(name) end
  local content = { key = key, proxies = proxies, sent = {}, needles = nil }
  local function vault(given)
    return rawequal(given, seal) and content or nil
  end
  if type(key) == "string" then secrets.note(vault, key) end
  vaults[vault] = true
  return vault
end

--- The key or the function that gives it.
function secrets.key(vault)
  return vault(seal).key
end

--- Notes a key that is going to be sent: it is a secret from now on.
function secrets.note(vault, key)
  local content = vault(seal)
  local sent = content.sent
  if sent[#sent] == key then return end
  for index, earlier in ipairs(sent) do
    if earlier == key then table.remove(sent, index) end
  end
  sent[#sent + 1] = key
  if #sent > MOST_KEYS then table.remove(sent, 1) end
  content.needles = nil
end

local function needles_of(content)
  if content.needles then return content.needles end
  local list = {}
  for _, key in ipairs(content.sent) do add(list, key:match "^[Bb][Ee][Aa][Rr][Ee][Rr] +(.*)$" or key) end
  for _, proxy in ipairs(content.proxies) do add_proxy(list, proxy) end
  content.needles = list
  return list
end

local hide

local function hide_in_table(value, list, budget)
  local clean
  for key, item in next, value do
    local clean_key, clean_item = hide(key, list, budget), hide(item, list, budget)
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

function hide(value, list, budget)
  if type(value) == "string" then return mask.hide(value, list, budget) end
  if type(value) == "table" then return hide_in_table(value, list, budget) end
  return value
end

--- The value without any of the secrets, names in tables included. What holds none is given back as it is; a table that
-- holds one is not changed but copied. What costs too much to be looked at is hidden, too.
function secrets.hide(vault, value)
  return hide(value, needles_of(vault(seal)), { escapes = MOST_ESCAPES })
end

--- A copy of a table whose members have names of this library, without any of the secrets: the names stay as they are,
-- whatever the key is.
-- @param own name -> true for members with words of this library, which stay too; or the same for a table in it
function secrets.hide_members(vault, members, own)
  local clean = {}
  for name, item in next, members do
    if type(own[name]) == "table" then
      clean[name] = secrets.hide_members(vault, item, own[name])
    else
      clean[name] = own[name] and item or secrets.hide(vault, item)
    end
  end
  return clean
end

--- The value where it is not known which client a value comes from: without any secret of any client.
function secrets.hide_all(value)
  for vault in next, vaults do value = secrets.hide(vault, value) end
  return value
end

return secrets
