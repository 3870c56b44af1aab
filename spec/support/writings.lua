--- Ways to write a text, in which a server may repeat a key.

local writings = {}

-- A text made by `write` of each character.
local function each_character(write)
  return function(key) return (key:gsub(".", write)) end
end

local function percent(c) return ("%%%02X"):format(c:byte()) end

local function json(c)
  if c:find '["\\/]' then return "\\" .. c end
  return c
end

local digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

local function base64(text)
  local bits = text:gsub(".", function(c)
    local byte, result = c:byte(), ""
    for place = 7, 0, -1 do result = result .. math.floor(byte / 2 ^ place) % 2 end
    return result
  end)
  bits = bits .. ("0"):rep(-#bits % 6)
  local code = bits:gsub("......", function(six)
    local index = tonumber(six, 2) + 1
    return digits:sub(index, index)
  end)
  return code .. ("="):rep(-#code % 4)
end

local entities = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["'"] = "&#39;", ["/"] = "&sol;" }

--- Each is a name and a function that writes any text so.
writings.all = {
  { "as it is", function(key) return key end },
  { "percent-encoded where needed", function(key) return (key:gsub("[^%w._~-]", percent)) end },
  { "percent-encoded all over", each_character(percent) },
  { "percent-encoded in small letters", each_character(function(c) return percent(c):lower() end) },
  { "as a form sends it", function(key) return (key:gsub("[^%w._~ -]", percent):gsub(" ", "+")) end },
  { "in JSON", each_character(json) },
  { "with JSON escapes all over", each_character(function(c)
    return c:byte() < 0x80 and ("\\u%04x"):format(c:byte()) or c
  end) },
  { "with JSON escapes in capitals", each_character(function(c)
    return c:byte() < 0x80 and ("\\u%04X"):format(c:byte()) or c
  end) },
  { "as a program writes it", each_character(function(c) return ("\\x%02x"):format(c:byte()) end) },
  { "in JSON in JSON", function(key) return (key:gsub(".", json):gsub(".", json)) end },
  { "in HTML", each_character(function(c) return entities[c] end) },
  { "with decimal entities", each_character(function(c)
    return c:byte() < 0x80 and ("&#%d;"):format(c:byte()) or c
  end) },
  { "with hexadecimal entities", each_character(function(c)
    return c:byte() < 0x80 and ("&#x%02X;"):format(c:byte()) or c
  end) },
  { "with decimal entities that have no semicolon", each_character(function(c)
    return c:byte() < 0x80 and ("&#%d"):format(c:byte()) or c
  end) },
  { "percent-encoded in JSON", function(key) return (key:gsub("[^%w]", percent):gsub(".", json)) end },
  { "in JSON in HTML", function(key)
    return (key:gsub(".", json):gsub(".", function(c) return entities[c] end))
  end },
  { "in HTML in JSON", function(key)
    return (key:gsub(".", function(c) return entities[c] end):gsub(".", json))
  end },
  { "in base64", base64 },
  { "in base64 behind one byte", function(key) return base64(":" .. key) end },
  { "in base64 behind two bytes and before others", function(key) return base64("a:" .. key .. "@host") end },
  { "in base64 for URLs", function(key)
    return (base64("Bearer " .. key):gsub("+", "-"):gsub("/", "_"):gsub("=", ""))
  end },
  { "in base64 that is percent-encoded", function(key) return (base64(key):gsub("[^%w]", percent)) end },
}

--- A key of characters that can stand in a header.
function writings.random_key()
  local characters = {}
  for index = 1, math.random(8, 80) do characters[index] = string.char(math.random(33, 126)) end
  return table.concat(characters)
end

return writings
