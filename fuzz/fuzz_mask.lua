-- Secrets in texts: a secret is gone however it was written, and what holds none stays as it was.

local input = require "fuzz.input"
local mask = require "mistral.workflows.mask"

local digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

local function base64(text)
  return (text:gsub("..?.?", function(bytes)
    local a, b, c = bytes:byte(1, 3)
    local bits, code = a * 65536 + (b or 0) * 256 + (c or 0), ""
    for place = 3, 3 - #bytes, -1 do
      local index = math.floor(bits / 64 ^ place) % 64 + 1
      code = code .. digits:sub(index, index)
    end
    return code .. ("="):rep(3 - #bytes)
  end))
end

local function format_byte(pattern)
  return function(c) return pattern:format(c:byte()) end
end

-- Escapes some characters, always those in `needed`.
local function escaper(needed, write)
  return function(text)
    local share = math.random()
    return (text:gsub("[%z\1-\127]", function(c)
      if c:find(needed) or math.random() < share then return write(c) end
    end))
  end
end

local writers = {
  escaper("[^%w]", format_byte "%%%02x"), escaper("%%", format_byte "%%%02X"),
  escaper('["\\]', format_byte "\\u%04x"), escaper('["\\]', function(c)
    return c:find "%p" and "\\" .. c or ("\\u%04X"):format(c:byte())
  end),
  escaper("[&<>]", format_byte "&#%d;"), escaper("&", format_byte "&#x%x;"),
}

local function written(text)
  if math.random() < 0.2 then
    return base64(input.bytes(math.random(0, 5)) .. text .. input.bytes(math.random(0, 5)))
  end
  for _ = 1, math.random(0, 2) do text = input.one_of(writers)(text) end
  return text
end

local function random_secret()
  local kind = math.random(4)
  if kind == 1 then return input.bytes(math.random(8, 100), "ab") end
  if kind == 2 then return input.bytes(math.random(8, 20), "\\%&u0041;#") end
  return input.bytes(math.random(8, 100), digits .. "-_.~=!$%&<>\"'\\ ")
end

input.run(function()
  local secret = random_secret()
  local needles = mask.needles(secret)
  -- hidden, with something around it that no escape or base64 goes on into
  local text = written(secret)
  local hidden = mask.hide("\n" .. text .. "\n", needles)
  assert(hidden:find("***", 1, true), ("%q is not hidden in %q: %q"):format(secret, text, hidden))
  assert(#hidden <= 2 + 3 + 16 + 3 * 12, ("%q is not all hidden in %q: %q"):format(secret, text, hidden))
  assert(mask.hide(hidden, needles) == hidden)
  -- anything at all
  text = input.text(20000, { secret, secret:sub(1, -2), secret:sub(1, 9), written(secret), base64(secret) })
  hidden = mask.hide(text, needles)
  assert(#hidden <= #text + 3 and not hidden:find(secret, 1, true), ("%q: %q"):format(secret, text))
  -- nothing to hide
  text = input.text(2000)
  assert(mask.hide(text, mask.needles "never to be found") == text)
end)
