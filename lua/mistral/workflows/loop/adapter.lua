--- What the library knows of an event loop: a table of functions, the library's own or a program's.
-- @module mistral.workflows.loop.adapter

local core = require "mistral.workflows.core"
local suggest = require "mistral.workflows.suggest"

local adapter = {}

--- All fields, in the order in which they are best explained: name ("?": optional), type, meaning.
adapter.fields = {
  { "wait", "fun(pollable: mistral.workflows.Pollable, deadline?: number)",
    "returns when the pollable has work, or at the monotonic time `deadline` (as of `workflows.now()`; nil: no "
    .. "limit); may return early at any time" },
  { "sleep", "fun(seconds: number, pollable: mistral.workflows.Pollable)", "returns after so many seconds" },
  { "spawn", "fun(fn: fun()): boolean?",
    "runs `fn` in a coroutine of its own; returns false when that is not possible now" },
  { "is_running?", "fun(): boolean", "false where the adapter cannot be used now: the call blocks" },
  { "yields?", "boolean",
    "false: `wait` and `sleep` do not yield but wait in a way of their own, which is good everywhere; `spawn` is not "
    .. "needed" },
  { "drives?", "boolean", "true: `wait` does what is due, as `client:drive()` would" },
  { "condition?", "fun(): mistral.workflows.Condition",
    "what one coroutine waits for: an object with `wait(deadline)`, which suspends the coroutine, and `signal()`, "
    .. "which lets it go on soon, also when it comes first. With it, one coroutine waits for the pollable, and all "
    .. "others for their condition: this saves work when many wait" },
  { "watch?", "fun(pollable: mistral.workflows.Pollable, turn: fun(): boolean): boolean?",
    "with `condition`, in place of that one coroutine: calls `turn()` whenever the pollable has work until it returns "
    .. "false. Returns true when this has begun, false when it is not possible now; nil when it will begin, with a "
    .. "call of `turn()`" },
  { "release?", "fun(pollable: mistral.workflows.Pollable)",
    "the client is about to be closed, and the descriptor with it: `watch` ends, and whatever else holds it" },
  { "owner?", "fun(): any",
    "what a coroutine made by `spawn` depends on, when a program can have several such loops" },
}

local optional, types = {}, {}
for _, field in ipairs(adapter.fields) do
  local name, mark = field[1]:match "^([%w_]+)(%??)$"
  types[name] = field[2]:match "^%a+" == "fun" and "function" or field[2]
  optional[name] = mark ~= ""
end

local function problem_of(value)
  for name, wanted in pairs(types) do
    local given = type(value[name])
    local missing = given == "nil" and (optional[name] or (name == "spawn" and value.yields == false))
    if given ~= wanted and not missing then return ("its field '%s' must be a %s"):format(name, wanted) end
  end
  -- Other names are the program's own, unless they are known ones misspelt.
  for name in next, value do
    if type(name) == "string" and not types[name] then
      for known in pairs(types) do
        if core.distance(name, known) == 1 then return suggest("field", name, types) end
      end
    end
  end
end

--- Is this a table that can be used as an adapter?
-- @return the table; or nil and what is wrong with it
function adapter.check(value)
  if type(value) ~= "table" then return nil, "it is no table" end
  local problem = problem_of(value)
  if problem then return nil, problem end
  return value
end

return adapter
