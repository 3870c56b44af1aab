--- Waits in nginx with lua-nginx-module (OpenResty) without blocking the worker.
-- @module mistral.workflows.loop.ngx

local core = require "mistral.workflows.core"
local ngx_crew = require "mistral.workflows.loop.ngx_crew"
local ngx_waker = require "mistral.workflows.loop.ngx_waker"
local semaphores = require "ngx.semaphore"
local tick = require "mistral.workflows.loop.tick"

local ngx = ngx -- luacheck: ignore 113
local get_phase = ngx.get_phase

local adapter = {}

-- Descriptors tell the end of a wait in time; the semaphore's own limit is only a bound.
local SEMAPHORE_SECONDS = 3600
-- A coroutine made in another phase can yield too, but nginx would not come back to it.
local phases = {}
for _, phase in ipairs {
  "rewrite", "access", "content", "timer", "ssl_cert", "ssl_session_fetch", "ssl_client_hello",
} do
  phases[phase] = true
end

--- Can a call that is made now wait?
function adapter.is_running()
  return phases[get_phase()] == true
end

--- Waits where there is no driver.
function adapter.wait(_, deadline)
  ngx.sleep(tick(deadline))
end

adapter.watch, adapter.release = ngx_waker.watch, ngx_waker.release

function adapter.sleep(seconds)
  ngx.sleep(seconds)
end

adapter.spawn = ngx_crew.spawn

local condition_methods = {}
local condition_metatable = { __index = condition_methods }
local spare_conditions = {}

function adapter.condition()
  local last = #spare_conditions
  local condition = spare_conditions[last]
  if condition then
    spare_conditions[last] = nil
    return condition
  end
  return setmetatable({ semaphore = semaphores.new(), signalled = false }, condition_metatable)
end

--- Waits once; afterwards the condition may be another's as soon as the caller yields.
function condition_methods:wait(deadline)
  local seconds = deadline and math.max(0.001, deadline - core.now()) or SEMAPHORE_SECONDS
  local taken = self.semaphore:wait(seconds)
  if taken or not self.signalled then
    self.signalled = false
    spare_conditions[#spare_conditions + 1] = self
  end
end

function condition_methods:signal()
  if not self.signalled then
    self.signalled = true
    self.semaphore:post(1)
  end
end

return adapter
