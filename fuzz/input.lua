--- Random inputs for the fuzzers that are written in Lua.
--
--     lua fuzz/fuzz_NAME.lua SECONDS [SEED]
--
-- tries one seed after the other; with SECONDS = 0 this seed alone. An input that is not dealt with ends it, with the
-- seed to look at.

local input = {}

local SLOWEST = 2 -- seconds of CPU that an input may take

--- Calls `try(number)` with one seed after the other.
function input.run(try)
  local seconds, seed = tonumber(arg[1] or 60), tonumber(arg[2] or 1)
  local started, count = os.clock(), 0
  repeat
    math.randomseed(seed + count)
    local before = os.clock()
    local ok, problem = xpcall(try, debug.traceback)
    if ok and os.clock() - before > SLOWEST then ok, problem = false, ("took %g s"):format(os.clock() - before) end
    if not ok then
      io.stderr:write(("%s: seed %d: %s\n"):format(arg[0], seed + count, tostring(problem)))
      os.exit(1)
    end
    count = count + 1
  until os.clock() - started >= seconds
  print(("%s: %d inputs"):format(arg[0], count))
end

--- One of the list.
function input.one_of(list)
  return list[math.random(#list)]
end

--- A number between 0 and `most`; small ones are as likely as large ones.
function input.size(most)
  return math.floor(most ^ math.random() * 1.001) - 1 + math.random(0, 1)
end

--- Bytes; of the given ones, or any.
function input.bytes(count, of)
  local bytes = {}
  for index = 1, count do
    local at = of and math.random(#of)
    bytes[index] = of and of:sub(at, at) or string.char(math.random(0, 255))
  end
  return table.concat(bytes)
end

-- What readers of texts may stumble over.
local pieces = {
  '"', "'", "\\", "\\u", "\\ud800", "\\u0000", "\\n", "%", "%2", "%41", "&", "&#", "&#x41;", "&amp;", "&lt", "<", ">",
  "<!--", "{", "}", "[", "]", ",", ":", "null", "true", "1e999", "-0", "\r\n", "\n", "\0", " ", "\t", "\239\187\191",
  "\255", "\192\128", "\237\160\128", "\226\130\172", "é", "~", "/", "~1", "-", "..",
}

--- Text of odd pieces, some of them repeated often.
-- @param more pieces to choose from, or nil
function input.text(most, more)
  local parts, size = {}, input.size(most)
  while size > 0 do
    local piece = more and math.random() < 0.3 and input.one_of(more) or input.one_of(pieces)
    if math.random() < 0.3 then piece = input.bytes(math.random(12)) end
    local times = math.random() < 0.1 and math.random(math.max(1, math.floor(size / #piece))) or 1
    parts[#parts + 1] = piece:rep(times)
    size = size - #piece * times
  end
  return table.concat(parts)
end

--- The text with some of its bytes changed, left out or doubled.
function input.mutated(text, more)
  for _ = 1, math.random(0, 4) do
    local from = math.random(1, #text + 1)
    local to = from + math.random(-1, 8)
    local kind = math.random(3)
    local between = kind == 1 and "" or kind == 2 and text:sub(from, to):rep(2) or input.text(8, more)
    text = text:sub(1, from - 1) .. between .. text:sub(to + 1)
  end
  return text
end

return input
