--- Finding texts by something like what they contain.

local fuzzy = {}

local LONGEST = 100

local function words_of(text)
  local words = {}
  for word in text:gmatch "[%w\128-\255]+" do
    words[#words + 1] = word
  end
  return words
end

-- True when one letter less, more or different, or two exchanged, make one word of the other.
local function is_near(a, b)
  if math.abs(#a - #b) > 1 then
    return false
  end
  local first = 1
  while first <= #a and a:byte(first) == b:byte(first) do
    first = first + 1
  end
  local rest_a, rest_b = a:sub(first), b:sub(first)
  return rest_a == rest_b:sub(2) or rest_a:sub(2) == rest_b or rest_a:sub(2) == rest_b:sub(2)
    or (rest_a:sub(1, 2):reverse() == rest_b:sub(1, 2) and rest_a:sub(3) == rest_b:sub(3))
end

local function has_word(words, wanted)
  for _, word in ipairs(words) do
    if word:find(wanted, 1, true) or (#wanted >= 4 and is_near(word, wanted)) then
      return true
    end
  end
  return false
end

--- True when one of the texts contains `search`, or together they have something like each of its words.
function fuzzy.matches(search, ...)
  search = search:sub(1, LONGEST):lower()
  local words = {}
  for _, text in ipairs { ... } do
    text = text:lower()
    if text:find(search, 1, true) then
      return true
    end
    for _, word in ipairs(words_of(text)) do
      words[#words + 1] = word
    end
  end
  local wanted = words_of(search)
  for _, word in ipairs(wanted) do
    if not has_word(words, word) then
      return false
    end
  end
  return wanted[1] ~= nil
end

return fuzzy
