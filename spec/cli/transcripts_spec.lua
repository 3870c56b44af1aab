-- What the commands ask the service for, print and end with, as spec/cli/transcripts has it: after the command, `>` is
-- in front of each request, `|` of each line of standard output, `!` of standard error; `=` of an exit status other
-- than 0. COLUMNS makes the outputs a terminal, with colours as <red text>; ANSWERS names the answers in the .lua file
-- beside; SORTED puts what happens at the same time in the order of its text, each line once. A command that is new
-- gets its lines from `SPEC_KEEP=1 spec/run -l 5.4 spec/cli/transcripts_spec.lua`: read them in `git diff`.

local commands = require "spec.support.commands"

local GROUPS = {
  "deployments", "executions", "following", "interaction", "running", "schedules", "service", "tracing", "workflows",
}

local function path_of(group) return ("spec/cli/transcripts/%s.txt"):format(group) end

-- The commands of a transcript, and what is said of each: { command, text }.
local function read(group)
  local file, blocks = assert(io.open(path_of(group), "rb")), {}
  for line in file:lines() do
    if line:find "^%$ " then blocks[#blocks + 1] = { command = line:sub(3), lines = {} } end
    table.insert(blocks[#blocks].lines, line)
  end
  file:close()
  return blocks
end

local function write(group, blocks)
  local file = assert(io.open(path_of(group), "wb"))
  for _, block in ipairs(blocks) do file:write(table.concat(block.lines, "\n"), "\n") end
  file:close()
end

local function add_text(lines, mark, text)
  for line, ending in text:gmatch "([^\n]*)(\n?)" do
    if line ~= "" or ending ~= "" then lines[#lines + 1] = mark .. line .. (ending == "" and "\\" or "") end
  end
end

-- Answers of a testing client: what is text and no function is the body.
local function answers_of(given)
  local answers = {}
  for name, answer in pairs(given) do
    answers[name] = type(answer) == "string" and function() return 200, answer end or answer
  end
  return answers
end

-- The lines in order, those that are there several times once.
local function sorted(lines)
  table.sort(lines)
  local once = {}
  for _, line in ipairs(lines) do
    if line ~= once[#once] then once[#once + 1] = line end
  end
  return once
end

local function perform(sets, command)
  local variables, arguments = command:match "^(.-)%f[%w]mwf%s*(.*)$"
  local columns, name = variables:match "COLUMNS=(%d+)", variables:match "ANSWERS=(%w+)" or "usual"
  local ended = commands.run(arguments, answers_of(assert(sets[name], name)), { columns = tonumber(columns) })
  local lines = {}
  for _, request in ipairs(ended.requests) do lines[#lines + 1] = "> " .. request end
  add_text(lines, "|", ended.out)
  add_text(lines, "!", ended.err)
  if variables:find "SORTED" then lines = sorted(lines) end
  table.insert(lines, 1, "$ " .. command)
  if ended.status ~= 0 then lines[#lines + 1] = "= " .. tostring(ended.status) end
  lines[#lines + 1] = ""
  return lines
end

for _, group in ipairs(GROUPS) do
  describe("mistral-workflows", function()
    local blocks, sets = read(group), dofile(path_of(group):gsub("txt$", "lua"))
    for _, block in ipairs(blocks) do
      it(block.command, function()
        local lines = perform(sets, block.command)
        if os.getenv "SPEC_KEEP" then block.lines = lines end
        assert.equal(table.concat(block.lines, "\n"), table.concat(lines, "\n"))
      end)
    end
    teardown(function()
      if os.getenv "SPEC_KEEP" then write(group, blocks) end
    end)
  end)
end
