--- Sending server-sent events: frames as they come, signs of life in between, and the faults that tests order.

local clock = require "sandbox.clock"
local fail = require "sandbox.fail"
local json = require "sandbox.json"
local statistics = require "sandbox.statistics"
local store = require "sandbox.store"
local stream_faults = require "sandbox.stream_faults"
local wake = require "sandbox.wake"

local sse = {}

local KEEP_ALIVE = tonumber(os.getenv "SANDBOX_KEEPALIVE") or 5
local BATCH = 64 * 1024
local RETRY = 1000
local BOM = "\239\187\191"

--- One frame. `id` and `event` may be nil; `data` is JSON text.
function sse.frame(id, event, data)
  local head = id and "id: " .. id .. "\n" or ""
  if event then
    head = head .. "event: " .. event .. "\n"
  end
  if store.setting "multi_line" == "on" then
    data = data:gsub("^{(.*)}$", "{\ndata: %1\ndata: }")
  end
  return head .. "data: " .. data .. "\n\n"
end

local function error_frame(text, reason)
  return sse.frame(nil, "error", json.object("error", text, "reason", reason)[1])
end

local line_ends = { crlf = "\r\n", cr = "\r" }

-- Hands text to the client at once; false when it has left.
local function send(text)
  if line_ends[store.setting "line_end"] then
    text = text:gsub("\n", line_ends[store.setting "line_end"])
  end
  return ngx.print(text) and ngx.flush(true)
end

local function begin()
  ngx.status = 200
  ngx.header.content_type = "text/event-stream; charset=utf-8"
  ngx.header.cache_control = "no-cache"
  ngx.ctx.streaming = true
  statistics.count("open_streams", 1)
  return send((store.setting "bom" == "on" and BOM or "") .. "retry: " .. RETRY .. "\n\n")
end

local endings = {}

function endings.clean()
  ngx.eof()
end

function endings.error(_, fault)
  send(error_frame(fault.text or "Stream reading failed", fault.reason or "read_error"))
  ngx.eof()
end

function endings.hang()
  ngx.sleep(3600)
end

-- Half of a frame, then the connection is closed.
function endings.abort(frame)
  frame = frame or sse.frame(nil, nil, '{"stream":"workflow"}')
  send(frame:sub(1, math.floor(#frame / 2)))
  ngx.exit(444)
end

-- Sends what there is now. Returns false when the client left, and the frame at which the fault strikes.
local function drain(source, fault, delivered)
  local parts, bytes = {}, 0
  while true do
    local frame = source.next()
    local struck = fault and delivered >= fault.after
    if not frame or struck or bytes > BATCH then
      if parts[1] and not send(table.concat(parts)) then
        return false
      end
      if not frame or struck then
        return true, delivered, struck, frame
      end
      ngx.sleep(0)
      parts, bytes = {}, 0
    end
    parts[#parts + 1], bytes, delivered = frame, bytes + #frame, delivered + 1
  end
end

-- The head is out, so a refusal becomes an error event.
local function fail_midway(problem)
  if not fail.is_failure(problem) then
    error(problem, 0)
  end
  send(error_frame(json.unpack(problem.body).detail, "internal_error"))
  ngx.eof()
end

local function keep_alive()
  return store.setting "keepalive" or KEEP_ALIVE
end

local function check_status(fault)
  local status = fault and fault.status or tonumber(store.setting "streams")
  if status == 404 then
    fail.coded(404, "WF_1100", "Workflow execution not found")
  elseif status then
    fail.coded(status, "WF_1400", "Service temporarily unavailable")
  end
end

--- Answers the request with a stream. A source has `next()`, the next frame's text or nil; `ended()`, true when no more
-- will come; `key`, what to wait on; and `idle()`, seconds until it is worth looking again, or nil.
function sse.serve(source)
  local fault = stream_faults.take()
  check_status(fault)
  if not begin() then
    return
  end
  local delivered, alive, last, listener = 0, clock.now(), 0, wake.listen(source.key)
  while alive do
    local asked, ended = pcall(source.ended)
    if not asked then
      return fail_midway(ended)
    end
    local present, count, struck, frame = drain(source, fault, delivered)
    if not present then
      return
    elseif struck then
      return endings[fault.mode](frame, fault)
    elseif ended then
      return ngx.eof()
    end
    last = count > delivered and clock.now() or last
    delivered = count
    if clock.now() - math.max(alive, last) >= keep_alive() then
      if not send(": keep-alive\n\n") then
        return
      end
      alive = clock.now()
    end
    local left = math.max(alive, last) + keep_alive() - clock.now()
    listener:wait(math.min(left, source.idle and source.idle() or left))
  end
end

return sse
