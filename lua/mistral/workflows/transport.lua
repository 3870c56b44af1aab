--- Answers requests by a function in place of the network: the option `transport` of a client.
--
-- The function gets `{ operation, method, path, query, headers, body, url }` and runs in a task of its own. What it
-- gives enters where libcurl's bytes do, so that all that is done with an answer is the same:
--
-- * `{ status, headers, body }`: `body` is text, a table that is sent as JSON, or a function that gives pieces of text:
--   `""` for nothing yet, nil for the end, nil and a problem for a connection that breaks
-- * nil and a problem: a text, or `{ kind, message }` with the kind network, connect or timeout
--
-- An error that it raises is a problem, too.
-- @module mistral.workflows.transport

local core = require "mistral.workflows.core"
local inner = require "mistral.workflows.loop.inner"
local lists = require "mistral.workflows.lists"
local loop = require "mistral.workflows.loop"

local transport = {}

-- Bytes that are handed over at once: the time is looked at in between.
local PIECE_BYTES = 64 * 1024
-- How long to wait where there is nothing yet, or no room for more.
local PAUSE_SECONDS = 0.005

local kinds = { network = true, connect = true, timeout = true }

-- Nothing keeps the transfer of a stream that was given up.
local weak_values = { __mode = "v" }

-- Calls a method of the transfer, unless its attempt is over. No frame keeps the transfer while something waits.
local function tell(exchange, name, ...)
  local transfer = exchange.transfer
  if not transfer or transfer:done() then return nil end
  if exchange.expires and core.now() >= exchange.expires then return transfer:expire() end
  return transfer[name](transfer, ...)
end

-- The connection breaks.
local function fail(exchange, problem)
  local kind, message = "network", problem
  if type(problem) == "table" then
    kind = kinds[problem.kind] and problem.kind or kind
    message = problem.message or problem
  end
  tell(exchange, "feed_end", kind, message == nil and "the transport gave no answer" or inner.told(message))
end

-- Hands over a text, as there is room for it. Returns false when the attempt is over.
local function feed(exchange, text)
  if text == "" then return tell(exchange, "status") ~= nil end -- no sign of life
  for from = 1, #text, PIECE_BYTES do
    local piece = text:sub(from, from + PIECE_BYTES - 1)
    local outcome = tell(exchange, "feed", piece)
    while outcome == "full" do
      loop.sleep(exchange.client, PAUSE_SECONDS)
      outcome = tell(exchange, "feed", piece)
    end
    if outcome ~= "more" then return false end
  end
  return true
end

local function feed_pieces(exchange, next_piece)
  local piece, problem = next_piece()
  while piece ~= nil do
    if type(piece) ~= "string" then return fail(exchange, "the transport gave a piece that is no text") end
    if piece == "" then loop.sleep(exchange.client, PAUSE_SECONDS) end
    if not feed(exchange, piece) then return end
    piece, problem = next_piece()
  end
  if problem ~= nil then return fail(exchange, problem) end
  tell(exchange, "feed_end")
end

-- What is wrong with what the function gave, or nil.
local function problem_of(response)
  if type(response) ~= "table" then return ("the transport gave a %s, not a table"):format(type(response)) end
  local status = response.status
  if type(status) ~= "number" or status % 1 ~= 0 or status < 100 or status > 999 then
    return "the transport gave no status"
  end
  if response.headers ~= nil and type(response.headers) ~= "table" then
    return ("the transport's headers are a %s, not a table"):format(type(response.headers))
  end
end

-- The body as something to feed: a text or a function; or nil and what is wrong with it.
local function body_of(request, body)
  if body == nil then return "" end
  if type(body) == "string" or type(body) == "function" then return body end
  if type(body) ~= "table" then return nil, ("the transport's body is a %s"):format(type(body)) end
  local text, problem = core.json.encode(lists.marked(request.operation, body))
  return text, problem and "the transport's body: " .. problem
end

local function answer(exchange, request, response, problem)
  if response == nil then return fail(exchange, problem) end
  problem = problem_of(response)
  if problem then return fail(exchange, problem) end
  local body
  body, problem = body_of(request, response.body)
  if problem then return fail(exchange, problem) end
  tell(exchange, "feed_head", response.status, response.headers)
  if type(body) == "function" then return feed_pieces(exchange, body) end
  if feed(exchange, body) then tell(exchange, "feed_end") end
end

--- Begins an attempt.
-- @param timeout seconds that it may take, 0: without limit
-- @param lines of the request's header
-- @param event_bytes above which an event of a stream is skipped, or nil
-- @return when it began, and the task, which is cancelled when nobody wants the answer any longer; nil where the client
-- is closed
function transport.start(client, transfer, timeout, lines, event_bytes)
  local begun = transfer:start_fed(event_bytes)
  if not begun then return nil end
  local request = transfer:request(lines)
  local expires = timeout > 0 and begun + timeout or nil
  local exchange = setmetatable({ client = client, transfer = transfer, expires = expires }, weak_values)
  return begun, loop.spawn(client, function() answer(exchange, request, client.options.transport(request)) end,
    function(problem) fail(exchange, problem) end)
end

return transport
