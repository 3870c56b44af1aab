--- Coroutines of the library in nginx: light threads of a few timer contexts, since nginx has few of these.
-- @module mistral.workflows.loop.ngx_crew

local core = require "mistral.workflows.core"
local semaphores = require "ngx.semaphore"

local ngx = ngx -- luacheck: ignore 113

local ngx_crew = {}

-- nginx keeps something of each thread until its context ends: so many, and the next ones have another context.
local MOST_MEMBERS = 100
-- How long a context may take to begin before another one is asked for.
local BEGIN_SECONDS = 1
-- Longer than any member works; the semaphore tells the end in time.
local LONG_SECONDS = 3600

local crew -- that takes new members, or nil

local function work(self, fn)
  local ok, problem = pcall(fn)
  if not ok then ngx.log(ngx.ERR, "mistral.workflows: ", tostring(problem)) end
  self.working = self.working - 1
  if self.working == 0 then self.news:post(1) end
end

-- The timer context: begins what is new until nobody works any longer.
local function lead(self)
  self.asked = nil
  while self.working > 0 do
    local new = self.new
    self.new = {}
    for _, fn in ipairs(new) do ngx.thread.spawn(work, self, fn) end
    if self.working > 0 and #self.new == 0 then self.news:wait(LONG_SECONDS) end
  end
  if crew == self then crew = nil end
end

local function is_open(self)
  return self.members < MOST_MEMBERS and (not self.asked or core.now() < self.asked + BEGIN_SECONDS)
end

--- Runs a function in a coroutine of its own; returns false when that is not possible now.
function ngx_crew.spawn(fn)
  local self = crew
  if not (self and is_open(self)) then
    self = { asked = core.now(), new = {}, members = 0, working = 0, news = semaphores.new() }
    if not ngx.timer.at(0, function() lead(self) end) then return false end
    crew = self
  end
  self.new[#self.new + 1] = fn
  self.members, self.working = self.members + 1, self.working + 1
  if not self.asked then self.news:post(1) end
end

return ngx_crew
