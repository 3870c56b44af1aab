--- Reads what the service wrote where something went wrong: bodies of error answers, pages of gateways.
-- @module mistral.workflows.answers

local core = require "mistral.workflows.core"
local secrets = require "mistral.workflows.secrets"

local answers = {}

local LONGEST_EXCERPT = 200
local MOST_LINES = 20 -- of what a validation found

local function is_object(value)
  return type(value) == "table"
end

local function is_text(value)
  return type(value) == "string" and value ~= ""
end

-- {"loc":["body","limit"],"msg":"..."} -> "body.limit: ..."
local function validation_line(item)
  if not is_object(item) then return tostring(item) end
  local place = {}
  for _, part in ipairs(is_object(item.loc) and item.loc or {}) do place[#place + 1] = tostring(part) end
  local text = is_text(item.msg) and item.msg or "invalid"
  return #place > 0 and table.concat(place, ".") .. ": " .. text or text
end

local function ambiguous_message(deployments)
  local names = {}
  for _, deployment in ipairs(is_object(deployments) and deployments or {}) do
    names[#names + 1] = is_object(deployment) and tostring(deployment.name or deployment.id) or tostring(deployment)
  end
  return ("several active deployments register this workflow%s: pass deployment_name"):format(
    #names > 0 and " (" .. table.concat(names, ", ") .. ")" or "")
end

local function code_of(detail)
  for _, name in ipairs { "code", "type" } do
    local code = detail[name]
    if is_text(code) or type(code) == "number" then return code end
  end
end

--- Message and code of a decoded error body, in any of the service's shapes.
function answers.read_detail(detail)
  if is_text(detail) then return detail end
  if not is_object(detail) then return nil end
  if #detail > 0 then
    local lines, more = {}, #detail - MOST_LINES
    for index = 1, math.min(#detail, MOST_LINES) do lines[index] = validation_line(detail[index]) end
    return table.concat(lines, "; ") .. (more > 0 and ("; and %d more in detail"):format(more) or "")
  end
  local inner = detail.detail or detail.error
  local message, code = answers.read_detail(inner)
  if is_text(detail.message) then message = detail.message end
  code = code_of(detail) or code
  if code == "AMBIGUOUS_WORKFLOW" and not message then message = ambiguous_message(detail.deployments) end
  return message, code
end

--- The beginning of a text as a part of a message.
function answers.excerpt(text)
  text = text:gsub("<[^>]*>", " "):gsub("[%z\1-\32\127]+", " "):gsub("^ +", ""):gsub(" +$", "")
  if #text > LONGEST_EXCERPT then
    local cut = LONGEST_EXCERPT
    while cut > 1 and text:byte(cut + 1) >= 0x80 and text:byte(cut + 1) < 0xC0 do cut = cut - 1 end
    text = text:sub(1, cut) .. "..."
  end
  return text
end

--- Decodes the body of an error answer. What was hidden in it is hidden in its text too, where JSON escapes kept it
-- from being found.
function answers.read_body(failure, hidden)
  local text = failure.body or ""
  if not text:find "^%s*[{%[\"]" then return end
  local detail, changed = secrets.hide(core.json.decode(text), hidden)
  failure.detail = detail
  if changed then failure.body = core.json.encode(detail) end
end

return answers
