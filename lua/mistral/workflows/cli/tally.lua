--- What has become of the inputs of a batch so far.
-- @module mistral.workflows.cli.tally

local core = require "mistral.workflows.core"
local progress = require "mistral.workflows.cli.progress"
local screen = require "mistral.workflows.cli.screen"
local text = require "mistral.workflows.cli.text"
local time = require "mistral.workflows.cli.time"

local tally = {}

local methods = {}
local metatable = { __index = methods }

local MOST_FAILURES_SHOWN = 10
local LONGEST_BAR, SHORTEST_BAR = 40, 6

--- Begins.
-- @param total number of inputs
function tally.new(total)
  local self = { total = total, done = 0, kept = 0, counts = {}, failures = {}, started = core.now() }
  return setmetatable(self, metatable)
end

--- Counts an input that is done.
-- @param kept it was done before this program began
function methods:add(number, status, message, kept)
  self.done = self.done + 1
  if kept then self.kept = self.kept + 1 end
  self.counts[status] = (self.counts[status] or 0) + 1
  if status ~= "COMPLETED" then
    self.failures[#self.failures + 1] = { number = number, status = status, message = message }
  end
end

--- The line of the live area: a bar, how many are done, the rate, the failures and the time left.
function methods:lines(columns)
  local rate = (self.done - self.kept) / math.max(core.now() - self.started, 0.001)
  local words = { ("%d/%d"):format(self.done, self.total) }
  if rate > 0 then
    words[2] = ("%.1f/s"):format(rate)
    words[3] = time.length((self.total - self.done) / rate) .. " left"
  end
  if #self.failures > 0 then words[#words + 1] = ("%d failed"):format(#self.failures) end
  local line = text.cut(table.concat(words, "  "), columns)
  local room = columns - text.width(line) - 2
  if room < SHORTEST_BAR then return { line } end
  return { progress.bar(self.done / math.max(1, self.total), math.min(room, LONGEST_BAR)) .. "  " .. line }
end

--- Writes how it went.
function methods:summarize()
  local parts = {}
  for status, number in pairs(self.counts) do parts[#parts + 1] = ("%d %s"):format(number, status) end
  table.sort(parts)
  screen.note("%s: %s, in %s", text.count(self.done, "input"), #parts > 0 and table.concat(parts, ", ") or "none",
    time.length(core.now() - self.started))
  table.sort(self.failures, function(a, b) return a.number < b.number end)
  for index = 1, math.min(#self.failures, MOST_FAILURES_SHOWN) do
    local failure = self.failures[index]
    screen.note("  input %d: %s%s", failure.number, failure.status,
      failure.message and ": " .. text.clean(failure.message) or "")
  end
  local more = #self.failures - MOST_FAILURES_SHOWN
  if more > 0 then screen.note("  and %d more", more) end
end

return tally
