--- What must not be seen in an error: the API key, and the credentials of a proxy.
-- @module mistral.workflows.secrets

local secrets = {}

local SHORTEST = 4 -- shorter ones are part of too many words
local SHORTEST_PIECE = 8
local MASK = "***"

local proxy_variables = {
  "http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY",
}

local function decoded(text)
  return (text:gsub("%%(%x%x)", function(digits) return string.char(tonumber(digits, 16)) end))
end

local digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

local function base64(text)
  local function digit(bits, place)
    local index = math.floor(bits / place) % 64 + 1
    return digits:sub(index, index)
  end
  local code = text:gsub("..?.?", function(bytes)
    local a, b, c = bytes:byte(1, 3)
    local bits = a * 65536 + (b or 0) * 256 + (c or 0)
    return digit(bits, 262144) .. digit(bits, 4096) .. (b and digit(bits, 64) or "=") .. (c and digit(bits, 1) or "=")
  end)
  return code
end

local function add(list, secret)
  if secret and #secret >= SHORTEST then list[#list + 1] = secret end
end

-- "http://user:password@host", also where it is too malformed for a URL parser.
local function add_proxy(list, proxy)
  local userinfo = proxy:match "^%a[%w+.-]*://(.*)@" or proxy:match "^(.*)@"
  if not userinfo then return end
  for _, text in ipairs { userinfo, decoded(userinfo) } do
    add(list, text)
    add(list, text:match ":(.*)$")
    add(list, base64(text)) -- as Proxy-Authorization sends it
  end
end

--- The texts to hide: for a key, and for the proxy of the options or of the environment.
-- @param key as the caller gave it, or nil
-- @param proxy option or nil
function secrets.list(key, proxy)
  local list = {}
  if key then add(list, key:match "^[Bb][Ee][Aa][Rr][Ee][Rr] +(.*)$" or key) end
  if proxy then add_proxy(list, proxy) end
  for _, name in ipairs(proxy_variables) do add_proxy(list, os.getenv(name) or "") end
  return list
end

-- Where a text ends in the first bytes of a secret: it may have been cut there.
local function piece_at_end(text, secret)
  for size = math.min(#secret, #text), SHORTEST_PIECE, -1 do
    if text:sub(-size) == secret:sub(1, size) then return #text - size + 1 end
  end
end

local function hide_in_text(text, secret)
  local from, to = text:find(secret, 1, true)
  while from do
    text = text:sub(1, from - 1) .. MASK .. text:sub(to + 1)
    from, to = text:find(secret, from + #MASK, true)
  end
  from = piece_at_end(text, secret)
  return from and text:sub(1, from - 1) .. MASK or text
end

--- A copy of the value, keys of tables included, without any of the secrets.
-- @return the copy, and whether anything was hidden
function secrets.hide(value, list)
  if type(value) == "string" then
    local text = value
    for _, secret in ipairs(list) do text = hide_in_text(text, secret) end
    return text, text ~= value
  end
  if type(value) ~= "table" then return value, false end
  local copy, changed = {}, false
  for key, item in next, value do
    local clean_key, key_changed = secrets.hide(key, list)
    local clean_item, item_changed = secrets.hide(item, list)
    copy[clean_key] = clean_item
    changed = changed or key_changed or item_changed
  end
  return setmetatable(copy, getmetatable(value)), changed
end

return secrets
