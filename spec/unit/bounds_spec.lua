-- Bounds at their exact values: the last one that is taken, and the first one that is not.

local answers = require "mistral.workflows.answers"
local escapes = require "mistral.workflows.escapes"
local keys = require "mistral.workflows.keys"
local mask = require "mistral.workflows.mask"
local misuse = require "spec.support.misuse"
local secrets = require "mistral.workflows.secrets"
local shape = require "mistral.workflows.shape"
local testing = require "mistral.workflows.testing"
local workflows = require "mistral.workflows"

local function x(count) return ("x"):rep(count) end

local function list_of(count, item)
  local list = {}
  for index = 1, count do list[index] = item end
  return workflows.array(list)
end

describe("the bound of", function()
  local client

  local function new(answer, options)
    client = testing.client(answer or {}, options)
    return client
  end

  after_each(function()
    if client then client:close() end
    client = nil
  end)

  it("a message is 4000 bytes, of a fault 400, of a word 100", function()
    assert.equal(x(4000), (answers.message(x(4000))))
    assert.equal(x(4000) .. "...", (answers.message(x(4001))))
    assert.equal(x(400), (answers.message { x(400) }))
    assert.equal(x(400) .. "...", (answers.message { x(401) }))
    for _, name in ipairs { "code", "type" } do
      assert.equal(x(100), select(2, answers.message { message = "m", [name] = x(100) }))
      assert.equal(x(100) .. "...", select(2, answers.message { message = "m", [name] = x(101) }))
    end
    assert.same({ x(100), x(100) .. "...", "5" }, answers.words { x(100), x(101), 5, {}, "" })
    assert.equal(x(100), answers.reason { reason = x(100) })
    assert.equal(x(100) .. "...", answers.reason { reason = x(101) })
  end)

  it("lists is 20 items", function()
    assert.equal(20, #answers.words(list_of(20, "a")))
    assert.equal(20, #answers.words(list_of(21, "a")))
    assert.same({}, answers.words "text")
    assert.same({}, answers.words(nil))
    assert.equal(("f; "):rep(19) .. "f", (answers.message(list_of(20, "f"))))
    assert.equal(("f; "):rep(19) .. "f; and 1 more in detail", (answers.message(list_of(21, "f"))))
    for count, shown in pairs { [20] = 20, [21] = 20 } do
      assert.equal("several active deployments register this workflow (" .. ("d, "):rep(shown - 1) .. "d): " ..
        "pass deployment_name", (answers.message { code = "AMBIGUOUS_WORKFLOW", deployments = list_of(count, "d") }))
    end
  end)

  it("what is searched for something readable is 8 KiB", function()
    local function page(spaces) return (" "):rep(spaces) .. "ab" end
    assert.equal("ab", answers.excerpt(page(8190)))
    assert.equal("a", answers.excerpt(page(8191)))
    assert.equal("", answers.excerpt(page(8192)))
    assert.equal("<a", answers.excerpt((" "):rep(8190) .. "<a")) -- a tag that was cut is none of the text
    assert.equal("", answers.excerpt((" "):rep(8190) .. "<a b"))
  end)

  it("a shown value is 200 bytes, and of a text in it 100", function()
    assert.equal('"' .. x(100) .. '"', answers.shown(x(100)))
    assert.equal('"' .. x(100) .. '..."', answers.shown(x(101)))
    local digits = ("1"):rep(1) .. (",1"):rep(98) -- 197 bytes
    local list = list_of(99, 1)
    assert.equal("[" .. digits .. "]", answers.shown(list))
    list[99] = 1234 -- 202 bytes in all
    assert.equal("[" .. digits .. "23...", answers.shown(list))
    assert.equal("null", answers.shown(workflows.null))
    assert.equal("{}", answers.shown {})
  end)

  it("a text that is cut is none of its characters", function()
    assert.equal("abc", answers.shortened("abc", 3))
    assert.equal("abc...", answers.shortened("abcd", 3))
    assert.equal("...", answers.shortened("\240\159\152\128", 3))
    assert.equal("\240\159\152\128", answers.shortened("\240\159\152\128", 4))
    assert.equal("a...", answers.shortened("a\240\159\152\128", 4))
    assert.equal("ab\128...", answers.shortened("ab" .. ("\128"):rep(9), 7)) -- no UTF-8
  end)

  it("a key is 65536 bytes, in a file as well", function()
    assert.equal(x(65536), keys.check(x(65536)))
    assert.same({ nil, "has more than 65536 bytes" }, { keys.check(x(65537)) })
    local path = os.tmpname()
    finally(function() os.remove(path) end)
    for text, expected in pairs {
      [x(65536)] = x(65536), [x(65536) .. "\n"] = x(65536), [x(65536) .. "\r\n"] = x(65536), ["a\n"] = "a",
      ["a\r\n"] = "a",
    } do
      local file = assert(io.open(path, "wb"))
      file:write(text)
      file:close()
      assert.equal(expected, (keys.from_file(path)()))
    end
    for text, problem in pairs {
      [x(65537)] = "has more than 65536 bytes", [x(65536) .. "\r\n\n"] = "has more than 65536 bytes",
      [""] = "is missing or empty", ["\n"] = "is missing or empty",
      ["a\n\n"] = "holds control characters (a line end from a file?)",
      ["a "] = "begins or ends with a space", ["\194\160"] = false,
    } do
      local file = assert(io.open(path, "wb"))
      file:write(text)
      file:close()
      local key, told = keys.from_file(path)()
      if problem then
        assert.same({ nil, ("the key in api_key_file '%s' %s"):format(path, problem) }, { key, told })
      else
        assert.equal(text, key)
      end
    end
  end)

  it("a path of fields is 1000 names", function()
    local names = list_of(1000, "a")
    assert.same({ names }, shape.paths { names })
    assert.same({ names }, shape.paths { table.concat(names, ".") })
    for _, wrong in ipairs { { [2] = "a" }, { [0] = "a" }, { "a", nil, "b" }, { [1.5] = "a" } } do
      assert.truthy(select(2, shape.paths(wrong)):find("; it has holes", 1, true))
    end
    names[1001] = "a"
    for _, path in ipairs { names, table.concat(names, ".") } do
      local paths, problem = shape.paths { path }
      assert.is_nil(paths)
      assert.truthy(problem:find("; item 1: it has more than 1000 names", 1, true), problem)
    end
  end)

  it("a cursor is 64 KiB", function()
    for size, fine in pairs { [65536] = true, [65537] = false } do
      new { get_workflows = function(request)
        if request.params.cursor then return { workflows = { { name = "b" } } } end
        return { workflows = { { name = "a" } }, next_cursor = x(size) }
      end }
      local names = {}
      local ok, err = pcall(function()
        for workflow in client.workflows:each() do names[#names + 1] = workflow.name end
      end)
      assert.equal(fine, ok)
      assert.same(fine and { "a", "b" } or { "a" }, names)
      if not fine then
        assert.same({ "decode", 200, "get_workflows", x(200) .. "..." },
          { err.kind, err.status, err.operation, err.cursor })
        assert.equal("the service sent a next cursor of 65537 bytes: '" .. x(200) .. "...'", err.message)
      end
      client:close()
    end
  end)

  it("a secret is four bytes, of the end of a text eight, of a long one 32", function()
    assert.equal("abc", secrets.hide(secrets.new "abc", "abc"))
    assert.equal("***", secrets.hide(secrets.new "abcd", "abcd"))
    assert.equal("<***>", secrets.hide(secrets.new "s3cret", "<czNjcmV0>")) -- base64 of as many bytes as are enough
    assert.equal("<czNjcmU>", secrets.hide(secrets.new "s3cre", "<czNjcmU>"))
    local needles = mask.needles "0123456789abcdefghijklmnopqrstuvwxyz"
    assert.equal("<0123456", mask.hide("<0123456", needles))
    assert.equal("<***", mask.hide("<01234567", needles))
    assert.equal("<01234567>", mask.hide("<01234567>", needles))
    assert.equal("<0123456789abcdefghijklmnopqrstu>", mask.hide("<0123456789abcdefghijklmnopqrstu>", needles))
    assert.equal("<***>", mask.hide("<0123456789abcdefghijklmnopqrstuv>", needles))
    assert.equal("<***>", mask.hide("<0123456789abcdefghijklmnopqrstuvwx>", needles))
  end)

  it("escapes that are looked at is 262144 of a value", function()
    local vault = secrets.new "key-0123456789"
    assert.equal(("&"):rep(262144), secrets.hide(vault, ("&"):rep(262144)))
    assert.equal("***", secrets.hide(vault, ("&"):rep(262145)))
  end)

  it("escapes of escapes is two", function()
    local needles = mask.needles "/secret/"
    for text, expected in pairs {
      ["<%2Fsecret%2F>"] = "<***>", ["<%252Fsecret%252F>"] = "<***>",
      ["<%25252Fsecret%25252F>"] = "<%25252Fsecret%25252F>",
    } do
      assert.equal(expected, mask.hide(text, needles))
    end
  end)

  it("code points is U+10FFFF", function()
    for text, expected in pairs {
      ["&#x7F;"] = "\127", ["&#x80;"] = "\194\128", ["&#x7FF;"] = "\223\191", ["&#x800;"] = "\224\160\128",
      ["&#x2F801;"] = "\240\175\160\129", ["&#x103F;"] = "\225\128\191", ["&#x7C0;"] = "\223\128",
      ["&#xFFFF;"] = "\239\191\191", ["&#x10000;"] = "\240\144\128\128", ["&#x10FFFF;"] = "\244\143\191\191",
      ["&#1114111;"] = "\244\143\191\191",
    } do
      assert.equal(expected, (escapes.removed(text, "&")))
    end
    for _, text in ipairs { "&#x110000;", "&#1114112;", "&#xFFFFFF;", "&#12345678;" } do
      assert.is_nil((escapes.removed(text, "&")))
    end
    assert.equal("\240\144\128\128\244\143\191\191", (escapes.removed("\\ud800\\udc00\\uDBFF\\uDFFF", "\\")))
  end)

  it("whole numbers in options is 1 and 2^53 - 1", function()
    for _, name in ipairs { "max_response_bytes", "max_connections" } do
      for value, fine in pairs { [1] = true, [2 ^ 53 - 1] = true, [2 ^ 53] = false, [0] = false, [1.5] = false } do
        if fine and (name == "max_connections" and value > 1) then fine = nil end -- libcurl's
        if fine then
          new({}, { [name] = value }):close()
        elseif fine == false then
          assert.equal(("testing.client: option '%s' must be a whole number, at least 1"):format(name),
            misuse.message(function() testing.client({}, { [name] = value }) end))
        end
      end
    end
  end)

  it("polls is that min is no more than max", function()
    new { get_workflow_execution = { execution_id = "e", status = "COMPLETED" } }
    for _, poll in ipairs { {}, { min = 5 }, { max = 0.25 }, { min = 1, max = 1 }, { min = 0.001, max = 1000 } } do
      assert(client.executions:wait("e", { poll = poll }))
    end
    for expected, poll in pairs {
      ["must have min <= max"] = { min = 5.01 }, ["must have min <= max "] = { max = 0.24 },
      ["min must be a positive number of seconds"] = { min = 0 },
      ["max must be a positive number of seconds"] = { max = math.huge },
      ["has an unknown setting 'mim'; did you mean 'min'?"] = { mim = 1 },
      ["must be a table { min, max }"] = 5,
    } do
      assert.equal("executions:wait: option 'poll' " .. expected:gsub(" $", ""),
        misuse.message(function() client.executions:wait("e", { poll = poll }) end))
    end
  end)

  it("concurrency is 1, and 16 where nothing is said", function()
    new()
    for given, expected in pairs { [1] = 1, [3] = 3, [0] = 16 } do
      local open, most = 0, 0
      client:map(list_of(40, true), function()
        open = open + 1
        most = math.max(most, open)
        client:sleep(1)
        open = open - 1
        return true
      end, given > 0 and { concurrency = given } or nil)
      assert.equal(expected, most)
    end
    assert.equal("client:map: option 'concurrency' must be a whole number, at least 1",
      misuse.message(function() client:map({}, print, { concurrency = 0 }) end))
  end)
end)
