--- Reads what the service wrote where something went wrong: bodies of error answers, pages of gateways, error events.
--
-- It may be of any shape and size. What is looked at and what is kept of it is bounded, and looked at once.
-- @module mistral.workflows.answers

local core = require "mistral.workflows.core"

local answers = {}

local array_metatable = getmetatable(core.json.array {})

local LONGEST_BODY = 64 * 1024 -- what an error keeps of a text
local LOOKED_AT = 8 * 1024 -- where something readable is sought
local LONGEST_EXCERPT = 200
local LONGEST_MESSAGE = 4000
local LONGEST_LINE = 400 -- of one fault of many
local LONGEST_WORD = 100
local MOST_ITEMS = 20 -- of a list
local DEEPEST = 8 -- messages in messages

--- At most `longest` bytes of a text, never a part of a character.
function answers.shortened(text, longest)
  if #text <= longest then return text end
  local size = longest
  while size > longest - 4 and text:find("^[\128-\191]", size + 1) do size = size - 1 end
  return text:sub(1, size) .. "..."
end

local shortened = answers.shortened

local function one_line(text)
  return (text:gsub("[%z\1-\32\127]+", " "):gsub("^ ", ""):gsub(" $", ""))
end

--- The beginning of a text as a part of a message, without the tags of HTML.
function answers.excerpt(text)
  local piece = text:sub(1, LOOKED_AT):gsub("<[^<>]*>", " ")
  if #text > LOOKED_AT then piece = piece:gsub("<[^<>]*$", "") end -- a tag that was cut
  return shortened(one_line(piece), LONGEST_EXCERPT)
end

local function is_text(value)
  return type(value) == "string" and value ~= ""
end

-- The text of a word or number that the service chose, or nil.
local function word(value)
  if type(value) == "number" then return tostring(value) end
  return is_text(value) and shortened(value, LONGEST_WORD) or nil
end

--- The texts and numbers of a list that the service sent; its first ones.
local function words(list)
  local found = {}
  for index = 1, type(list) == "table" and math.min(#list, MOST_ITEMS) or 0 do
    found[#found + 1] = word(list[index])
  end
  return found
end

answers.words = words

local function ambiguous_message(deployments)
  local names = {}
  for index = 1, type(deployments) == "table" and math.min(#deployments, MOST_ITEMS) or 0 do
    local item = deployments[index]
    names[#names + 1] = type(item) == "table" and (word(item.name) or word(item.id)) or word(item)
  end
  return ("several active deployments register this workflow%s: pass deployment_name"):format(
    #names > 0 and " (" .. table.concat(names, ", ") .. ")" or "")
end

-- The members that tell what happened, the most telling one first.
local telling = { "message", "detail", "error_description", "error", "errors", "msg", "title" }

-- "about:blank" as the type of a problem says that there is no type (RFC 9457).
local function code_of(object)
  for _, name in ipairs { "code", "type" } do
    local code = object[name]
    if type(code) == "number" then return code end
    if is_text(code) and code ~= "about:blank" then return shortened(code, LONGEST_WORD) end
  end
  return is_text(object.error_description) and word(object.error) or nil
end

local read

local function read_object(object, depth)
  local message, code
  for _, name in ipairs(telling) do
    local text, inner = read(object[name], depth + 1)
    message, code = message or text, code or inner
  end
  code = code_of(object) or code
  if code == "AMBIGUOUS_WORKFLOW" and not message then message = ambiguous_message(object.deployments) end
  local place = table.concat(words(object.loc), ".") -- {"loc":["body","limit"],"msg":"..."}
  if place ~= "" then message = place .. ": " .. (message or "invalid") end
  return message, code
end

local function read_list(list, depth)
  local lines, more = {}, #list - MOST_ITEMS
  for index = 1, math.min(#list, MOST_ITEMS) do
    local item = list[index]
    lines[index] = shortened(read(item, depth + 1) or word(item) or "invalid", LONGEST_LINE)
  end
  return table.concat(lines, "; ") .. (more > 0 and ("; and %d more in detail"):format(more) or "")
end

-- Message and code of what the service wrote, in any of its shapes; nil for what there is not.
function read(value, depth)
  if is_text(value) then return value end
  if type(value) ~= "table" or depth > DEEPEST then return nil end
  if #value > 0 then return read_list(value, depth) end
  return read_object(value, depth)
end

--- What an error keeps of a text of the service.
function answers.kept(text)
  return text:sub(1, LONGEST_BODY)
end

--- The decoded text of an error answer or event, or nil where it is not JSON that could hold a message.
function answers.detail(body)
  if not body or not body:find "^%s*[{%[\"]" then return nil end
  local detail = core.json.decode(body)
  if detail ~= nil then return detail end
  return (core.json.decode((body:gsub("\r?\n", "\\n")))) -- in error events, line ends in strings are not rare
end

--- Message and code of an error answer; without a message in it, the beginning of its text, or nil.
function answers.message(detail, body)
  local message, code = read(detail, 1)
  if message then return shortened(message, LONGEST_MESSAGE), code end
  local readable = answers.excerpt(body or "")
  return readable ~= "" and readable or nil, code
end

--- The reason in an error event.
function answers.reason(detail)
  return type(detail) == "table" and word(detail.reason) or "stream_error"
end

--- Is the value a list of the service's?
function answers.is_list(value)
  return type(value) == "table" and getmetatable(value) == array_metatable
end

local function quoted(text)
  return '"' .. shortened(one_line(text:sub(1, 2 * LONGEST_WORD)), LONGEST_WORD) .. '"'
end

-- A value as JSON, as far as there is room for it.
local function show(value, pieces, depth)
  local function put(text)
    pieces[#pieces + 1] = text
    pieces.room = pieces.room - #text
  end
  if type(value) == "string" then return put(quoted(value)) end
  if type(value) ~= "table" then return put(value == core.json.null and "null" or tostring(value)) end
  if depth > DEEPEST then return put "..." end
  local is_list = answers.is_list(value)
  put(is_list and "[" or "{")
  local comma = ""
  for key, item in next, value do
    if pieces.room < 0 then break end
    put(is_list and comma or comma .. quoted(tostring(key)) .. ":")
    show(item, pieces, depth + 1)
    comma = ","
  end
  put(is_list and "]" or "}")
end

--- The beginning of a decoded answer as a part of a message.
function answers.shown(value)
  local pieces = { room = LONGEST_EXCERPT }
  show(value, pieces, 1)
  return shortened(table.concat(pieces), LONGEST_EXCERPT)
end

return answers
