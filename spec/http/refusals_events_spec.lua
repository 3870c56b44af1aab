-- What streams, walks, as_completed and a wait for events do when one of the requests that they make gets silence, a
-- slow answer, a cut one, none, or a refusal: how it ends, how long it takes, and how often what is asked.

local player = require "spec.support.player"
local refusals = require "spec.support.refusals"

local FOREVER = refusals.forever

local cases = {
  { "wait_for_events", "status", { 502, "silence", "reset" }, 2, true, { status = { 2, 4 }, stream = { 1, 3 } }, 4 },
  { "wait_for_events", "stream", { 404, 502, "silence", "reset", "cut" }, 2, true,
    { status = { 2, 6 }, stream = { 3, 4 } }, 5 },
  { "wait_for_events", "stream", { 204, "page" }, 1, true, { status = { 2, 4 }, stream = 2 }, 10 },
  { "as_completed", "status", { 502, "silence", "reset", "cut", "slow" }, 2, true,
    { status = { 4, 9 }, stream = { 0, 2 }, events_stream = { 0, 1 }, runs = { 0, 1 } }, 8 },
  { "stream", "stream", { 502, 429, "silence", "reset", "cut" }, 2, true,
    { stream = { 3, 4 }, status = { 1, 5 } }, 5 },
  { "stream", "status", { 502, 429, "silence", "reset", "cut", "slow" }, 2, true,
    { stream = { 1, 3 }, status = { 1, 5 } }, 6 },
  { "walk", "events", { 502, 429, "silence", "reset", "cut" }, 2, true, { events = 3 }, 4 },
  { "walk", "events", { "slow" }, 2, true, { events = 1 }, 4 },
  { "wait_for_events", "stream", { 503, "page", "silence" }, FOREVER, { "stream", "incomplete" },
    { status = { 2, 8 }, stream = { 1, 12 } }, 5 },
  { "as_completed", "status", { 502, "silence" }, FOREVER, { "timeout", "response" }, { status = { 4, 24 } }, 6 },
  { "as_completed", "status", { 401, 404 }, FOREVER, { "http" }, { status = 2 }, 2 },
  { "as_completed", "status", { "page", 204 }, FOREVER, { "decode" }, { status = 2 }, 2 },
  { "as_completed", "stream", { 503 }, FOREVER, true, { status = { 4, 6 }, runs = { 1, 2 }, events_stream = 0 }, 9 },
  { "as_completed", "events_stream", { 204 }, FOREVER, true,
    { status = { 4, 6 }, runs = { 1, 2 }, events_stream = { 1, 3 } }, 9 },
  { "as_completed", "runs", { 503, "page" }, FOREVER, true,
    { status = { 4, 6 }, runs = { 0, 1 }, events_stream = { 1, 3 } }, 9 },
  { "stream", "stream", { 502 }, FOREVER, { "http", 502 }, { stream = 3 }, 3 },
  { "stream", "stream", { 401, 403, 404, 422 }, FOREVER, { "http" }, { stream = 1 }, 2 },
  { "stream", "stream", { "silence" }, FOREVER, { "timeout", "idle" }, { stream = 3 }, 4 },
  { "stream", "stream", { "reset", "cut" }, FOREVER, { "network" }, { stream = { 3, 5 } }, 3 },
  { "stream", "stream", { 204, "page" }, FOREVER, { "decode" }, { stream = 1 }, 2 },
  { "stream", "status", { 401, 404, 204, "page" }, FOREVER, true, { stream = { 1, 3 }, status = 1 }, 4 },
  { "stream", "status", { 502, "silence", "reset" }, FOREVER, true, { stream = { 1, 3 }, status = { 1, 8 } }, 8 },
  { "walk", "events", { 502 }, FOREVER, { "http", 502 }, { events = 3 }, 4 },
  { "walk", "events", { "silence" }, FOREVER, { "timeout", "response" }, { events = 3 }, 4 },
  { "walk", "events", { "reset", "cut" }, FOREVER, { "network" }, { events = { 3, 5 } }, 4 },
  { "walk", "events", { 401, 403, 404, 422 }, FOREVER, { "http" }, { events = 1 }, 2 },
  { "walk", "events", { 204, "page" }, FOREVER, { "decode" }, { events = 1 }, 2 },
}

describe("troubles at each request of what reads events and of as_completed:", function()
  local server

  setup(function() server = player.start() end)
  teardown(function() server:stop() end)

  for _, case in ipairs(cases) do
    it(refusals.title(case), function()
      for _, trouble in ipairs(case[3]) do refusals.check(server, case, trouble) end
    end)
  end
end)
