--- Large requests and answers, with the server of the specs. See shared.lua.
--
--     lua bench/programs/bodies.lua send|receive KILOBYTES

local fault = require "spec.support.fault"
local shared = require "bench.programs.shared"

-- A list of records of 1,000 bytes.
local function records(count)
  local list = {}
  for index = 1, count do
    list[index] = { id = ("record-%09d"):format(index), pages = index, text = ("text "):rep(192) }
  end
  return list
end

local record = ('{"id":"8e7f7a06-4e25-4a0b-9d9d-0b8b3a2d5e11","active":true,"text":"%s"},'):format(("text "):rep(184))

local work = {}

function work.send(server, client, kilobytes)
  local input = { records = records(kilobytes) }
  server:respond(200, '{"execution_id":"x","status":"RUNNING"}')
  collectgarbage()
  local start = shared.begin()
  local execution = assert(client.workflows:execute("x", { input = input }))
  shared.report(start, 1, execution.status)
end

function work.receive(server, client, kilobytes)
  local first, last = '{"workflow_registrations":[', '0],"next_cursor":null}'
  server:script { actions = {
    { "send", ("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"):format(
      #first + kilobytes * #record + #last) .. first },
    { "repeat", record:rep(20), kilobytes / 20 }, { "send", last }, { "keep" },
  } }
  local start = shared.begin()
  local page = assert(client.registrations:list {})
  shared.report(start, 1, #page.workflow_registrations)
end

local server = fault.start()
work[arg[1]](server, shared.client { server_url = server.url, retry = false }, tonumber(arg[2]))
shared.print { memory_kb = shared.peak() }
server:stop()
