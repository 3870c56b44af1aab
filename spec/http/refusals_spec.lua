-- What run, execute and wait do when one of the requests that they make gets silence, a slow answer, a cut one, none,
-- or a refusal: how it ends, how long it takes, and how often what is asked.

local player = require "spec.support.player"
local refusals = require "spec.support.refusals"

local FOREVER = refusals.forever

local cases = {
  { "run", "execute", { 502, 429, "reset", "silence" }, 2, true, { execute = 3, started = 1, status = { 1, 4 } }, 4 },
  { "run", "execute", { "cut", "slow" }, 1, true, { execute = 1, started = 1, status = { 1, 3 } }, 4 },
  { "execute", "execute", { 502, 503, "silence", "reset" }, 2, true, { execute = 3, started = 1, status = 3 }, 4 },
  { "execute", "execute", { "cut" }, 2, true, { execute = 1, started = 1, status = 2 }, 4 },
  { "execute", "execute", { "slow" }, 2, true, { execute = 1, started = 1, status = 1 }, 4 },
  { "execute", "status", { 502, 429, "silence", "reset" }, 2, true, { execute = 1, started = 1, status = 3 }, 4 },
  { "wait", "status", { 502, 429, "silence", "reset", "cut", "slow" }, 2, true,
    { status = { 2, 4 }, stream = { 1, 3 } }, 4 },
  { "wait", "stream", { 502, "silence", "reset", "cut", "slow" }, 2, true,
    { status = { 2, 6 }, stream = { 1, 4 } }, 4 },
  { "run", "execute", { 502 }, FOREVER, { "http", 502 }, { execute = 3, status = 3 }, 4 },
  { "run", "execute", { 429 }, FOREVER, { "http", 429 }, { execute = 3 }, 4 },
  { "run", "execute", { "silence" }, FOREVER, { "timeout", "response" }, { execute = 3, status = 3 }, 6 },
  { "run", "execute", { "reset" }, FOREVER, { "network" }, { execute = { 3, 5 }, status = 3 }, 4 },
  { "run", "execute", { 401, 422 }, FOREVER, { "http" }, { execute = 1 }, 2 },
  { "run", "execute", { "page" }, FOREVER, { "decode" }, { execute = 1 }, 2 },
  { "run", "status", { 502, "silence" }, FOREVER, { "timeout", "response" },
    { execute = 1, started = 1, status = { 1, 9 }, stream = { 1, 2 } }, 5 },
  { "execute", "status", { 502 }, FOREVER, { "http", 502 }, { status = 3, execute = 0 }, 4 },
  { "execute", "status", { "silence" }, FOREVER, { "timeout", "response" }, { status = 3, execute = 0 }, 4 },
  { "execute", "status", { 204, "page" }, FOREVER, { "decode" }, { status = 1, execute = 0 }, 2 },
  { "wait", "status", { 503, "reset" }, FOREVER, { "timeout", "response" }, { status =
    { 3, 12 }, stream = { 0, 2 } }, 5 },
  { "wait", "status", { 401, 404 }, FOREVER, { "http" }, { status = 1 }, 2 },
  { "wait", "status", { "page", 204 }, FOREVER, { "decode" }, { status = 1 }, 2 },
  { "wait", "stream", { 401, 503, 204, "page", "silence", "reset", "cut" }, FOREVER, true,
    { status = { 2, 8 }, stream = { 1, 9 } }, 5 },
}

describe("troubles at each request of run, execute and wait:", function()
  local server

  setup(function() server = player.start() end)
  teardown(function() server:stop() end)

  for _, case in ipairs(cases) do
    it(refusals.title(case), function()
      for _, trouble in ipairs(case[3]) do refusals.check(server, case, trouble) end
    end)
  end
end)
