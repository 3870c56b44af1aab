--- Runs test bodies inside an event loop, beside a timer that must keep ticking.
--
-- As a helper of busted (`--helper=spec/support/loops.lua`, with SPEC_LOOP=cqueues, luv or copas; `spec/run -e LOOP`
-- does both), it puts the body of every test into a coroutine of that loop and makes all clients use the loop. A test
-- fails when the timer stood still for too long: then the library blocked instead of yielding.
--
-- What test helpers themselves block for does not count: functions that do are marked with `loops.mark`. Nor does the
-- time in which the process computes.

local loops = {}

local TICK_SECONDS = 0.005
local LONGEST_GAP = 2
-- A test that waited for longer than this, but without the loop, must have let the timer tick now and then.
local SHORT_BLOCK = 0.1

local now -- the library's clock: it is loaded late, so that a spec may load this first

local marked, depth = 0, 0 -- seconds in marked functions since the last tick; how deep they are nested
local blocked = 0 -- seconds of a test in waits of the library that do not yield

--- Marks a function that blocks on purpose: the time in it counts for no gap.
function loops.mark(fn)
  local function leave(began, ...)
    depth = depth - 1
    if depth == 0 then marked = marked + (now() - began) end
    return ...
  end
  return function(...)
    depth = depth + 1
    return leave(now(), fn(...))
  end
end

local function mark_all(module)
  for name, value in pairs(module) do
    if type(value) == "function" then module[name] = loops.mark(value) end
  end
end

-- The timer of one test.
local function new_clock()
  local clock = { ticks = 0, gap = 0 }
  local last, last_cpu = now(), os.clock()
  marked, blocked = 0, 0
  function clock.look()
    clock.gap = math.max(clock.gap, now() - last - marked - (os.clock() - last_cpu))
    last, last_cpu, marked = now(), os.clock(), 0
  end
  function clock.tick()
    clock.ticks = clock.ticks + 1
    clock.look()
  end
  return clock
end

-- Each runs fn in a coroutine of its loop, calls tick every few milliseconds, and returns when fn has.
local runners = {}

function runners.cqueues()
  local cqueues = require "cqueues"
  local controller = cqueues.new()
  return function(fn, tick)
    local done = false
    controller:wrap(function()
      fn()
      done = true
    end)
    controller:wrap(function()
      while not done do
        cqueues.sleep(TICK_SECONDS)
        tick()
      end
    end)
    while not done do assert(controller:step()) end
  end
end

function runners.luv()
  local uv = require "luv"
  return function(fn, tick)
    local done = false
    local timer = uv.new_timer()
    timer:start(TICK_SECONDS * 1000, TICK_SECONDS * 1000, tick)
    coroutine.wrap(function()
      fn()
      done = true
    end)()
    while not done do uv.run("once") end
    timer:close()
    for _ = 1, 2 do uv.run("nowait") end -- what is being closed at exit would end in a crash of luv
  end
end

function runners.copas()
  local copas = require "copas"
  return function(fn, tick)
    local done = false
    copas.addthread(function()
      fn()
      done = true
    end)
    while not done do
      copas.step(TICK_SECONDS)
      tick()
    end
  end
end

-- PUC Lua 5.1 cannot yield inside pcall: there a failure ends the whole loop, or the file when its time is over.
local protect = pcall
if _VERSION == "Lua 5.1" and not rawget(_G, "jit") then
  protect = function(fn)
    fn()
    return true
  end
end

--- Makes a function that runs another inside a loop.
-- @param name of the loop
-- @return run(fn): calls fn in a coroutine of the loop, raises what it raises, and returns how often the timer ticked
-- meanwhile and the longest time that it did not, in seconds
function loops.runner(name)
  now = require("mistral.workflows").now
  local run = runners[name]()
  return function(fn)
    local clock, ok, problem = new_clock(), nil, nil
    run(function() ok, problem = protect(fn) end, clock.tick)
    clock.look()
    if not ok then error(problem, 0) end
    return clock.ticks, clock.gap
  end
end

--- Makes all clients use a loop unless they are told otherwise.
local function set_default(name)
  local client = require "mistral.workflows.client"
  local new = client.new
  function client.new(options, version)
    if options ~= nil and type(options) ~= "table" then return new(options, version) end
    local all = { loop = name }
    for key, value in pairs(options or {}) do all[key] = value end
    return new(all, version)
  end
end

-- The loop that notes its sleeps must wait as the others do.
local function adapt_impatient_loop(name)
  local clients = require "spec.support.clients"
  function clients.impatient_loop()
    local adapter = setmetatable({ slept = {} }, { __index = require("mistral.workflows.loop." .. name) })
    function adapter.sleep(seconds) adapter.slept[#adapter.slept + 1] = seconds end
    return adapter
  end
end

local function mark_helpers()
  mark_all(require "spec.support.process")
  os.execute = loops.mark(os.execute) -- luacheck: ignore 122
  local fault = require "spec.support.fault"
  local start = fault.start
  local methods
  function fault.start(...)
    local server = start(...)
    if not methods then
      methods = getmetatable(server).__index
      mark_all(methods)
    end
    return server
  end
end

-- Waits of the library that do not yield are counted; those that a spec asks the core for are its own.
local function count_blocking()
  local handles = getmetatable(require("mistral.workflows").new({ api_key = "a-key-of-a-spec" }).handle).__index
  handles.wait = loops.mark(handles.wait)
  local blocking = require "mistral.workflows.loop.blocking"
  for _, name in ipairs { "wait", "sleep" } do
    local fn = blocking[name]
    blocking[name] = function(...)
      local began = now()
      fn(...)
      blocked = blocked + (now() - began)
    end
  end
end

-- Puts the body of each test into the loop, when busted is about to run it.
local function wrap_tests(name)
  local run = loops.runner(name)
  require("busted").subscribe({ "test", "start" }, function(test)
    local body = test.run
    test.run = function()
      local ticks, gap = run(body)
      if gap > LONGEST_GAP or blocked > LONGEST_GAP or (ticks == 0 and blocked > SHORT_BLOCK) then
        error(("the %s loop was held up for %.2f seconds; %d ticks, %.2f seconds of blocking"):format(
          name, gap, ticks, blocked), 0)
      end
    end
    return nil, true
  end)
end

local name = os.getenv "SPEC_LOOP"
if name and name ~= "" and not package.loaded["spec.support.loops"] then
  now = require("mistral.workflows").now
  set_default(name)
  adapt_impatient_loop(name)
  mark_helpers()
  count_blocking()
  wrap_tests(name)
end

return loops
