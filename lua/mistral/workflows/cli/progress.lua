--- What an execution does at the moment, from its events: the lines that are drawn while it is waited for.
-- @module mistral.workflows.cli.progress

local core = require "mistral.workflows.core"
local screen = require "mistral.workflows.cli.screen"
local text = require "mistral.workflows.cli.text"
local time = require "mistral.workflows.cli.time"
local workflows = require "mistral.workflows"
local reading = require "mistral.workflows.cli.reading"

local progress = {}

local methods = {}
local metatable = { __index = methods }

local FRAMES = { "⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏" }
local FRAMES_A_SECOND = 10
local LONGEST_BAR, SHORTEST_BAR = 30, 6
local WIDEST_CHARACTER = 2

--- A sign that turns.
function progress.spinner()
  return screen.paint_note("cyan", FRAMES[math.floor(core.now() * FRAMES_A_SECOND) % #FRAMES + 1])
end

--- A bar of so many columns.
-- @param share from 0 to 1
function progress.bar(share, columns)
  local full = math.floor(share * columns + 0.5)
  return screen.paint_note("green", ("━"):rep(full)) .. screen.paint_note("dim", ("─"):rep(columns - full))
end

--- Begins.
-- @param name of the workflow
-- @param stream name of the event stream whose text is shown, or nil
function progress.new(name, stream)
  return setmetatable({
    name = name, stream = stream, status = "STARTING", started = core.now(),
    open = {}, -- what has begun and not ended, in order: { key, label, share }
    states = {}, texts = {}, tail = "",
  }, metatable)
end

local done_names = { "current", "completed", "done", "processed" }

-- How much of a task is done, from 0 to 1, where its state tells.
local function share_of(state)
  if type(state) ~= "table" then return nil end
  local share = tonumber(state.progress) or tonumber(state.percent) and tonumber(state.percent) / 100
  if share and share > 1 then share = share / 100 end
  local total = tonumber(state.total)
  for _, name in ipairs(done_names) do
    if not share and total and total > 0 and tonumber(state[name]) then share = tonumber(state[name]) / total end
  end
  return share and math.max(0, math.min(1, share))
end

-- The text in the state of a task: all of it, its member `text` or `content`, or its only text.
local function text_of(state)
  if type(state) == "string" then return state end
  if type(state) ~= "table" then return nil end
  local only, count = nil, 0
  for _, value in pairs(state) do
    if type(value) == "string" then only, count = value, count + 1 end
  end
  for _, name in ipairs { "text", "content" } do
    if type(state[name]) == "string" then return state[name] end
  end
  return count == 1 and only or nil
end

-- Text that came: whole lines are written, the last one stays in the live area while it grows.
local function add_text(self, added)
  if not screen.size_of_errors() then
    io.stderr:write(added)
    self.unfinished = not added:find "\n$"
    return
  end
  local columns = math.max(WIDEST_CHARACTER, screen.size_of_errors() - 1) -- each line takes one at least
  self.tail = self.tail .. added:gsub("\r", "")
  while true do
    local line, rest = self.tail:match "^([^\n]*)\n(.*)$"
    if not line then line, rest = text.split(text.clean(self.tail), columns) end
    if rest == "" and not self.tail:find "\n" then return end
    screen.note("%s", text.clean(line))
    self.tail = rest
  end
end

local function see_text(self, key, state)
  local now, before = text_of(state), self.texts[key] or ""
  if not now or now == before then return end
  self.texts[key] = now
  if now:sub(1, #before) == before then return add_text(self, now:sub(#before + 1)) end
  add_text(self, "\n" .. now)
end

local function close(self, key)
  for index, each in ipairs(self.open) do
    if each.key == key then return table.remove(self.open, index) end
  end
end

local function open(self, key, label)
  local task = close(self, key) or { key = key }
  task.label = label
  self.open[#self.open + 1] = task
  return task
end

local function see_task(self, event, attributes)
  local key = reading.text(attributes.custom_task_id)
  local ok, state = pcall(workflows.fold, self.states[key], event)
  if ok then self.states[key] = state end
  if self.stream and event.data and event.data.stream == self.stream then see_text(self, key, self.states[key]) end
  if event.event_type == "CUSTOM_TASK_STARTED" or event.event_type == "CUSTOM_TASK_IN_PROGRESS" then
    open(self, key, reading.text(attributes.custom_task_type)).share = share_of(self.states[key])
  else
    close(self, key)
    self.states[key] = nil
  end
end

--- Takes an event of the execution.
function methods:see(event)
  local attributes = event.attributes
  if type(attributes) ~= "table" then return end
  if attributes.custom_task_id then return see_task(self, event, attributes) end
  local key = reading.text(attributes.task_id)
  if attributes.activity_name then
    if reading.text(event.event_type):find "STARTED$" or reading.text(event.event_type):find "RETRYING$" then
      open(self, key, reading.text(attributes.activity_name))
    else
      close(self, key)
    end
  elseif event.event_type == "WORKFLOW_EXECUTION_STARTED" then
    self.status = "RUNNING"
  end
end

-- What was begun last, with a bar where it tells how far it is.
local function task_text(self, columns)
  local task = self.open[#self.open]
  if not task or columns < 4 then return "" end
  local label = text.cut(text.clean(task.label), columns)
  local room = columns - text.width(label) - #"  100%"
  if not task.share or room < SHORTEST_BAR then return label end
  local bar = progress.bar(task.share, math.min(room, LONGEST_BAR))
  return ("%s %s %3d%%"):format(label, bar, math.floor(task.share * 100))
end

--- The lines to draw.
function methods:lines(columns)
  local lines = {}
  if self.tail ~= "" then lines[1] = text.cut(text.clean(self.tail), columns) end
  local room, parts = columns - 2, {}
  for _, part in ipairs {
    { text.clean(self.name) }, { self.status, screen.status_colour(self.status) or "cyan" },
    { time.length(core.now() - self.started) },
  } do
    local shown = text.cut(part[1], math.max(0, room))
    room = room - text.width(shown) - 2
    parts[#parts + 1] = shown ~= "" and screen.paint_note(part[2], shown) or nil
  end
  local task = task_text(self, room)
  parts[#parts + 1] = task ~= "" and task or nil
  lines[#lines + 1] = progress.spinner() .. " " .. table.concat(parts, "  ")
  return lines
end

--- Ends: what is left of the text is written.
function methods:finish()
  if self.tail ~= "" then screen.note("%s", text.clean(self.tail)) end
  if self.unfinished then io.stderr:write "\n" end
  self.tail, self.unfinished = "", false
  screen.live(nil)
end

return progress
