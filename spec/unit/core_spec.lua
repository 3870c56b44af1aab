-- What each function of the C module gives: all of its results, and no more.

local clients = require "spec.support.clients"
local core = require "mistral.workflows.core"
local fork = require "spec.support.fork"
local process = require "spec.support.process"
local workflows = require "mistral.workflows"

local null = workflows.null

local function pack(...) return { n = select("#", ...), ... } end

-- The results of a call, each number that is only near as its type.
local function gives(expected, ...)
  local found = pack(...)
  for index = 1, found.n do
    if expected[index] == "a number" and type(found[index]) == "number" then found[index] = "a number" end
  end
  assert.same(expected, found)
end

describe("the module", function()
  it("gives times, and takes them", function()
    gives({ n = 1, "a number" }, core.now())
    gives({ n = 0 }, core.skip(0))
    gives({ n = 0 }, core.sleep(0))
    gives({ n = 1, 0 }, core.time.parse "1970-01-01T00:00:00Z")
    gives({ n = 2, nil, "there is no time: null" }, core.time.parse(workflows.null))
    gives({ n = 2, nil, "a time is text or a number, not a table" }, core.time.parse {})
    gives({ n = 2, nil, "not a time of the years 0 to 9999" }, core.time.format(1e300))
    gives({ n = 1, "1970-01-01T00:00:00.500000Z" }, core.time.format(0.5))
    local before = core.now()
    core.skip(100)
    local skipped = core.now() - before
    assert.truthy(skipped >= 100 and skipped < 160, skipped)
  end)

  it("tells where it is", function()
    gives({ n = 1, true }, core.is_readable "/")
    gives({ n = 1, false }, core.is_readable "/no such file")
    gives({ n = 1, nil }, core.check_server("https://example.com", false))
    gives({ n = 1, "must not hold NUL bytes" }, core.check_server("https://example.com\0", false))
    assert.is_string(core.check_server("http://example.com", false))
    gives({ n = 1, nil }, core.check_server("http://example.com", true))
    assert.truthy(core.curl_version:find "^%d+%.%d+%.%d+")
    local inside
    coroutine.wrap(function() (""):gsub("", function() inside = pack(core.yieldable()) end) end)()
    assert.same({ n = 1, false }, inside)
    gives({ n = 1, true }, coroutine.wrap(function()
      local yieldable = core.yieldable()
      return yieldable
    end)())
  end)

  it("compares names, up to a distance of 4", function()
    gives({ n = 1, 0 }, core.distance("name", "name"))
    gives({ n = 1, 3 }, core.distance("name", "n"))
    gives({ n = 1, 4 }, core.distance("names", "f"))
    gives({ n = 1, 4 }, core.distance("names", "something else"))
  end)

  it("gives random bytes that differ", function()
    local seen = {}
    for _ = 1, 20 do
      local text = core.random(16)
      assert.truthy(text:find "^%x+$")
      assert.equal(32, #text)
      assert.is_nil(seen[text])
      seen[text] = true
    end
    assert.has_error(function() core.random(33) end, "bad argument #1 to 'random' (1 to 32 bytes)")
  end)

  it("reads and writes JSON", function()
    local json = core.json
    gives({ n = 1, "[1]" }, json.encode { 1 })
    gives({ n = 2, nil, "a function is not JSON" }, json.encode(print))
    gives({ n = 1, true }, json.decode "true")
    gives({ n = 3, nil, "unexpected character at byte 1", "decode" }, json.decode "x")
    gives({ n = 3, nil, "more memory is needed than allowed at byte 1", "too_large" }, json.decode("[]", 1))
    gives({ n = 1, {} }, json.array())
    gives({ n = 1, "{\n  \"a\": 1\n}" }, json.encode({ a = 1 }, { indent = 2, sort_keys = true }))
    for name, value in pairs { indent = 17, sort_keys = 1, indents = 2 } do
      assert.has_error(function() json.encode({}, { [name] = value }) end, ("json.encode: option '%s' is not known or "
        .. "has a wrong value; there are indent (a whole number, 0 to 16) and sort_keys (a boolean)"):format(name))
    end
    for _, indent in ipairs { -1, 0.5, 16.5, "2", 0 / 0 } do
      assert.is_false((pcall(json.encode, {}, { indent = indent })))
    end
    gives({ n = 1, "[\n" .. (" "):rep(16) .. "1\n]" }, json.encode({ 1 }, { indent = 16 }))
    gives({ n = 1, "[1]" }, json.encode({ 1 }, { indent = 0 }))
    assert.equal(2 ^ 22 + 2, #json.encode(("x"):rep(2 ^ 22)))
    gives({ n = 2, nil, ("k"):rep(511) .. ": a function is not JSON" }, json.encode { [("k"):rep(511)] = print })
    gives({ n = 2, nil, ("k"):rep(512) .. "...: a function is not JSON" }, json.encode { [("k"):rep(513)] = print })
    local deep = ("["):rep(1000) .. ("]"):rep(1000)
    assert.equal(deep, json.encode(json.decode(deep)))
    gives({ n = 3, nil, "nested deeper than 1000 at byte 1001", "decode" }, json.decode("[" .. deep .. "]"))
    assert.truthy(select(2, json.encode { json.decode(deep) }):find("nested deeper than 1000", 1, true))
    assert.is_false((pcall(json.encode, {}, { "indent" })))
    assert.has_error(function() json.array(5) end)
    assert.has_error(function() json.decode(5) end)
    assert.has_error(function() json.encode() end)
  end)

  it("writes lists in their order, in whatever order they were filled", function()
    local text = ""
    for count = 1, 40 do
      text = text .. (count > 1 and "," or "") .. count
      for kept = 0, math.min(count, 8) do
        local list = {}
        for index = 1, kept do list[index] = index end
        for index = count, kept + 1, -1 do list[index] = index end
        assert.equal("[" .. text .. "]", core.json.encode(list))
      end
    end
  end)

  it("serves the program", function()
    local tool = core.tool()
    gives({ n = 1, nil }, tool.terminal(-1))
    gives({ n = 1, true }, tool.is_closed(1000000))
    gives({ n = 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
      tool.sha256 "abc")
    assert.is_number(tool.interrupts())
    assert.has_error(function() tool.die "TERM" end)
  end)

  it("ends the process as a signal does, whether it is caught or not", function()
    for name, number in pairs { INT = 2, PIPE = 13 } do
      local pid = fork.fork()
      if pid == 0 then
        core.tool().catch_interrupts ""
        core.tool().die(name)
        fork.leave(7)
      end
      assert.equal(-number, fork.wait(pid))
    end
  end)
end)

describe("a client of the module", function()
  local client, handle

  before_each(function()
    client = workflows.new { api_key = "key-of-a-spec", server_url = "http://127.0.0.1:1" }
    handle = client.handle
  end)
  after_each(function() client:close() end)

  it("gives what it says", function()
    local descriptor = handle:pollfd()
    assert.equal("mistral.workflows.core.client", getmetatable(handle).__name)
    gives({ n = 1, false }, handle:closed())
    gives({ n = 0 }, handle:drive())
    gives({ n = 1, false }, handle:wait(core.now()))
    gives({ n = 1, "r" }, handle:events())
    gives({ n = 1, nil }, handle:timeout())
    gives({ n = 1, nil }, handle:ready())
    gives({ n = 1, 0 }, handle:running())
    gives({ n = 0 }, handle:nudge())
    if descriptor then
      gives({ n = 1, descriptor }, handle:pollfd())
      local copy = handle:duplicate()
      local number = copy:pollfd()
      assert.is_number(number)
      assert.not_equal(descriptor, number)
      gives({ n = 1, number }, copy:pollfd())
      gives({ n = 0 }, copy:close())
      gives({ n = 1, nil }, copy:pollfd())
      gives({ n = 0 }, copy:close())
    else
      gives({ n = 1, nil }, handle:pollfd())
      gives({ n = 1, nil }, handle:duplicate())
    end
    gives({ n = 0 }, handle:close())
    gives({ n = 0 }, handle:close())
    gives({ n = 1, true }, handle:closed())
    gives({ n = 0 }, handle:drive())
    gives({ n = 0 }, handle:nudge())
    assert.has_error(function() handle:wait(0) end, "the client is closed")
    assert.has_error(function() handle:duplicate() end, "the client is closed")
    gives({ n = 2, nil, "the client is closed" }, core.get_worker_info(handle))
    gives({ n = 0 }, handle:give_back())
    gives({ n = 1, nil }, handle:pollfd())
  end)

  it("waits without a limit where it is given none", function()
    local transfer = core.get_worker_info(handle)
    transfer:start(0.2, {})
    for _ = 1, 20 do
      if transfer:done() then break end
      gives({ n = 1, true }, handle:wait())
    end
    assert.is_true(transfer:done())
    gives({ n = 1, false }, handle:wait())
  end)

  it("is made of the options that it cannot do without", function()
    for _, missing in ipairs { "server_url", "user_agent" } do
      local options = { server_url = "http://127.0.0.1:1", user_agent = "spec" }
      options[missing] = nil
      assert.has_error(function() core.client(options) end, "server_url and user_agent are missing")
    end
    assert.has_error(function() core.client() end)
  end)
end)

describe("a transfer of the module", function()
  local client

  before_each(function()
    client = workflows.new { api_key = "key-of-a-spec", server_url = "http://127.0.0.1:1", max_response_bytes = 1000 }
  end)
  after_each(function() client:close() end)

  local function start(operation, ...)
    local transfer = assert(core[operation](client.handle, ...))
    gives({ n = 1, "a number" }, transfer:start_fed())
    return transfer
  end

  it("gives what it says while it runs", function()
    local transfer = start("get_workflow", "a b", nil)
    assert.same({ n = 3, nil, nil, false }, pack(transfer:result()))
    gives({ n = 1, false }, transfer:done())
    gives({ n = 1, false }, transfer:is_queued())
    gives({ n = 1, 0 }, transfer:status())
    gives({ n = 1, nil }, transfer:date())
    gives({ n = 1, "a number" }, transfer:last_byte())
    gives({ n = 1, "/v1/workflows/a%20b" }, transfer:path())
    assert.equal(1, pack(transfer:request {}).n)
    assert.equal(1, pack(transfer:key()).n)
    gives({ n = 2, nil, "a userdata is not JSON" }, core.json.encode(transfer:key()))
    gives({ n = 2, nil, "[2].a: a userdata is not JSON" }, core.json.encode { null, { a = transfer:key() } })
    gives({ n = 1, "more" }, transfer:feed_head(200, { Date = "Thu, 01 Jan 1970 00:01:00 GMT" }))
    gives({ n = 1, 60 }, transfer:date())
    gives({ n = 1, 200 }, transfer:status())
    gives({ n = 1, "more" }, transfer:feed "{}")
    gives({ n = 0 }, transfer:feed_end())
    gives({ n = 1, true }, transfer:done())
    gives({ n = 1, {} }, transfer:result())
    assert.has_error(function() transfer:result() end, "the result is no longer there")
    gives({ n = 0 }, transfer:cancel())
    gives({ n = 0 }, transfer:expire())
  end)

  it("gives the events of a stream, with all that is said of each", function()
    local transfer = start("stream", "e")
    transfer:feed_head(200, {})
    gives({ n = 1, nil }, transfer:next_event())
    gives({ n = 1, -1 }, transfer:retry())
    transfer:feed "retry: 70\nid: 7\nevent: e\ndata: a\n\ndata: b"
    gives({ n = 6, "a", "e", "7", 70, false, false }, transfer:next_event())
    gives({ n = 1, 70 }, transfer:retry())
    gives({ n = 1, nil }, transfer:next_event())
    transfer:feed_end()
    gives({ n = 6, "b", "", "7", 70, true, false }, transfer:next_event())
    gives({ n = 1, nil }, transfer:next_event())
  end)

  it("passes over the events that are larger than it is told, of a sensible size", function()
    local whole, nothing = { "123456", false }, { "", true }
    for cap, expected in pairs { [1] = nothing, [6] = nothing, [7] = whole, [0.5] = whole, [2e9] = whole } do
      local transfer = core.stream(client.handle, "e")
      transfer:start_fed(cap)
      transfer:feed_head(200, {})
      transfer:feed "data: 123456\n\n"
      local data, _, _, _, unfinished, skipped = transfer:next_event()
      assert.same(expected, { data, skipped }, cap)
      assert.is_false(unfinished)
    end
  end)

  it("gives of an answer what a shape wants, and all of what is no page", function()
    local function answer(text, description)
      local transfer = start("get_workflows")
      transfer:feed_head(200, {})
      transfer:feed(text)
      transfer:feed_end()
      return transfer:result(core.json.shape(description))
    end
    local page = { list = { "items", "others" }, cursor = "next", fields = { { "id" } } }
    for text, expected in pairs {
      ['{"items":[{"id":1,"x":2}],"next":"n","y":3}'] = { items = { { id = 1 } }, next = "n" },
      ['{"others":[{"id":1,"x":2}],"y":3}'] = { others = { { id = 1 } } },
      ['{"others":[{"x":2}]}'] = { others = { {} } },
      ['{"next":"n","y":3}'] = { next = "n", y = 3 },
      ['{"next":{"a":1},"y":3}'] = { next = { a = 1 }, y = 3 },
      ['{"items":5,"y":3}'] = { items = 5, y = 3 },
      ["{}"] = {},
    } do
      gives({ n = 1, expected }, answer(text, page))
    end
    gives({ n = 1, {} }, answer('{"y":3}', { fields = { { "id" } } }))
    gives({ n = 1, { id = 7 } }, answer('{"y":3,"id":7}', { fields = { { "id" } } }))
    gives({ n = 1, ' {"y":3.0} ' }, answer(' {"y":3.0} ', { raw = true }))
  end)

  it("makes no more of an answer than its size allows, even where it is no page", function()
    local text = '{"next":[' .. ("[],"):rep(320) .. "1]}"
    for _, shape in ipairs { false, { list = "items", fields = { { "id" } } } } do
      local transfer = start("get_workflows")
      transfer:feed_head(200, {})
      transfer:feed(text)
      transfer:feed_end()
      gives({ n = 2, nil, {
        kind = "too_large", reason = "value", limit = 1000, status = 200, content_type = "application/json",
        unsent = false, body = text,
      } }, transfer:result(shape and core.json.shape(shape) or nil))
    end
  end)

  it("tells when it last had a sign of life", function()
    local transfer = start("stream", "e")
    local begun = transfer:last_byte()
    core.skip(50)
    assert.equal(begun, transfer:last_byte())
    transfer:feed_head(200, {})
    assert.truthy(transfer:last_byte() - begun >= 50)
    local head = transfer:last_byte()
    core.skip(50)
    transfer:feed ": alive\n"
    assert.truthy(transfer:last_byte() - head >= 50)
  end)

  it("refuses an answer that is none of the operation", function()
    for _, text in ipairs { "[]", " 5", '\n"{"' } do
      local transfer = start("get_workflows")
      transfer:feed_head(200, {})
      transfer:feed(text)
      transfer:feed_end()
      gives({ n = 2, nil, {
        kind = "decode", status = 200, content_type = "application/json", unsent = false, body = text,
        reason = "it is not an object",
      } }, transfer:result())
    end
    local transfer = start("get_run_history", "r") -- may be anything
    transfer:feed_head(200, {})
    transfer:feed "[7]"
    transfer:feed_end()
    gives({ n = 1, { 7 } }, transfer:result())
  end)

  it("tells of a failure all that is known of it, and no more", function()
    local transfer = start("get_worker_info")
    transfer:feed_head(503, { "Retry-After: 7", "X-Request-Id: r", "Content-Type: text/plain",
      "Content-Encoding: br", "Location: /there" })
    transfer:feed "busy"
    transfer:feed_end()
    gives({ n = 2, nil, {
      kind = "http", status = 503, retry_after = 7, request_id = "r", content_type = "text/plain",
      content_encoding = "br", location = "/there", body = "busy", unsent = false,
    } }, transfer:result())

    transfer = start("get_worker_info")
    transfer:feed_head(429, { ["Retry-After"] = "0" })
    transfer:feed(("x"):rep(70000))
    transfer:feed_end()
    gives({ n = 2, nil, {
      kind = "http", status = 429, retry_after = 0, content_type = "application/json", unsent = false,
      body = ("x"):rep(65536),
    } }, transfer:result())

    transfer = start("get_worker_info")
    transfer:feed_end("connect", "the cable is cut")
    gives({ n = 2, nil, {
      kind = "connect", unsent = true,
      cause = { name = "CURLE_COULDNT_CONNECT", code = 7, message = "the cable is cut" },
    } }, transfer:result())

    transfer = start("get_worker_info")
    transfer:feed_head(200, {})
    transfer:feed "[1]x"
    transfer:feed_end()
    gives({ n = 2, nil, {
      kind = "decode", status = 200, content_type = "application/json", unsent = false, body = "[1]x",
      reason = "trailing bytes after the JSON text at byte 4",
    } }, transfer:result())

    transfer = start("get_worker_info")
    transfer:feed_head(200, {})
    transfer:feed "{"
    transfer:cancel()
    local failure = select(2, transfer:result())
    assert.same({ "cancelled", 200, false }, { failure.kind, failure.status, failure.unsent })
  end)

  it("sends the header lines of each attempt, and none of the one before", function()
    local transfer = start("get_worker_info")
    assert.equal("1", transfer:request({ "X-One: 1" }).headers["X-One"])
    local headers = transfer:request({ "X-Two: 2" }).headers
    assert.is_nil(headers["X-One"])
    assert.equal("2", headers["X-Two"])
    assert.has_error(function() transfer:request() end)
    assert.has_error(function() transfer:request { {} } end)
  end)
end)

describe("a waker", function()
  local waker = core.waker()
  local system = io.open "/proc/version"
  if not system then return end -- there is none on other systems than Linux
  system:close()
  local client = clients.new({ url = "http://127.0.0.1:1", key = "none" })
  local descriptor = client.handle:pollfd()
  local other

  teardown(function()
    waker:close()
    client:close()
    if other then other:close() end
  end)

  if not descriptor then return end

  it("names what is readable to whoever has connected", function()
    gives({ n = 2, nil, "Resource temporarily unavailable" }, waker:accept())
    local path = waker:path()
    assert.truthy(path:find "/waker$")
    other = io.popen("python3 -c " .. process.quote [[
import socket, sys
loop = socket.socket(socket.AF_UNIX)
loop.connect(sys.argv[1])
print("connected", flush=True)
name = loop.recv(8, socket.MSG_WAITALL)
while name:
    print(name.decode() if name.strip(b"\0") else "bell", flush=True)
    name = loop.recv(8, socket.MSG_WAITALL)
print("closed", flush=True)
]] .. " " .. process.quote(path))
    assert.equal("connected", other:read "*l")
    gives({ n = 1, true }, waker:accept())
    gives({ n = 1, "" }, waker:path())
    gives({ n = 1, true }, waker:ring())
    assert.equal("bell", other:read "*l")
    gives({ n = 1, true }, waker:watch(descriptor, "a client"))
    client.handle:nudge()
    assert.equal("a client", other:read "*l")
    client.handle:drive()
    gives({ n = 1, true }, waker:watch(descriptor, "unwanted"))
    gives({ n = 0 }, waker:forget(descriptor))
    client.handle:nudge()
    waker:ring()
    assert.equal("bell", other:read "*l")
    gives({ n = 2, nil, "Bad file descriptor" }, waker:watch(-1, "a client"))
    for _, name in ipairs { "1234567", "123456789" } do
      local ok, message = pcall(waker.watch, waker, descriptor, name)
      assert.is_false(ok)
      assert.truthy(message:find("8 bytes", 1, true))
    end
    gives({ n = 0 }, waker:close())
    assert.equal("closed", other:read "*l")
    gives({ n = 0 }, waker:close())
    for _, method in ipairs { "path", "accept", "ring" } do
      assert.has_error(function() waker[method](waker) end, "the waker is closed")
    end
    assert.has_error(function() waker.path(client.handle) end)
  end)
end)
