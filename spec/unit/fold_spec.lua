-- workflows.fold.

local growth = require "spec.support.growth"
local workflows = require "mistral.workflows"

local fold, null, array = workflows.fold, workflows.null, workflows.array

local function json(text)
  return (assert(workflows.json.decode(text)))
end

-- A payload with changes, given as JSON text.
local function patch(text)
  return { type = "json_patch", value = json(text) }
end

-- What is raised when a patch does not fit, as text: the patch is the service's, so an error object.
local function refusal(state, payload)
  local ok, err = pcall(fold, state, payload)
  assert.is_false(ok)
  assert(workflows.is_error(err), tostring(err))
  assert.same({ "decode", false }, { err.kind, err.retryable })
  return tostring(err)
end

describe("workflows.fold", function()
  describe("takes", function()
    local payload = { type = "json", value = { text = "so far" } }
    local event = { event_type = "CUSTOM_TASK_STARTED", workflow_exec_id = "x",
      attributes = { custom_task_id = "t", payload = payload } }

    for name, given in pairs {
      ["a payload"] = payload,
      ["a workflow event"] = event,
      ["what a stream carries"] = { stream = "token", broker_sequence = 4, data = event },
      ["an event of a stream"] = { id = "4", event = "workflow.event", data = { broker_sequence = 4, data = event } },
    } do
      it(name, function() assert.same({ text = "so far" }, fold(nil, given)) end)
    end

    it("the whole state from a payload of JSON, null too", function()
      assert.equal(3, fold({ old = true }, { type = "json", value = 3 }))
      assert.equal(false, fold({ old = true }, { type = "json", value = false }))
      assert.equal(null, fold({ old = true }, { type = "json", value = null }))
    end)

    it("no other event for a change", function()
      local state = {}
      for _, other in ipairs {
        { data = { data = { event_type = "WORKFLOW_EXECUTION_STARTED", attributes = { input = {} } } } },
        { data = { data = { event_type = "CUSTOM_TASK_FAILED", attributes = { failure = { message = "no" } } } } },
        { data = "text" }, { data = null }, { type = "xml", value = 1 }, {}, "text", false, null,
      } do
        assert.equal(state, fold(state, other))
      end
      assert.equal(state, fold(state, nil))
      assert.is_nil(fold(nil, {}))
    end)
  end)

  for _, case in ipairs {
    -- what, state, changes, expected
    { "adds a member", '{"a":1}', '[{"op":"add","path":"/b","value":[1]}]', '{"a":1,"b":[1]}' },
    { "adds over a member", '{"a":1}', '[{"op":"add","path":"/a","value":null}]', '{"a":null}' },
    { "adds before an item", '{"a":[1,2]}', '[{"op":"add","path":"/a/0","value":0}]', '{"a":[0,1,2]}' },
    { "adds behind the last item by index", "[1]", '[{"op":"add","path":"/1","value":2}]', "[1,2]" },
    { "adds behind the last item by -", '{"a":[]}', '[{"op":"add","path":"/a/-","value":{}}]', '{"a":[{}]}' },
    { "adds the root", '{"a":1}', '[{"op":"add","path":"","value":[]}]', "[]" },
    { "replaces a member", '{"a":{"b":1,"c":2}}', '[{"op":"replace","path":"/a/b","value":"x"}]',
      '{"a":{"b":"x","c":2}}' },
    { "replaces an item", "[[1],[2]]", '[{"op":"replace","path":"/1/0","value":3}]', "[[1],[3]]" },
    { "replaces the root, called /", '{"a":1}', '[{"op":"replace","path":"/","value":"all"}]', '"all"' },
    { "replaces the root, called []", "1", '[{"op":"replace","path":[],"value":2}]', "2" },
    { "removes a member", '{"a":1,"b":2}', '[{"op":"remove","path":"/a","value":null}]', '{"b":2}' },
    { "removes an item", "[1,2,3]", '[{"op":"remove","path":"/1"}]', "[1,3]" },
    { "leaves an empty array an array", "[1]", '[{"op":"remove","path":"/0"}]', "[]" },
    { "leaves an empty object an object", '{"a":1}', '[{"op":"remove","path":"/a"}]', "{}" },
    { "appends to a text", '{"t":["ab"]}', '[{"op":"append","path":"/t/0","value":"cd"}]', '{"t":["abcd"]}' },
    { "appends to the root", '"ab"', '[{"op":"append","path":"","value":"c"}]', '"abc"' },
    { "applies changes in their order", '{"t":""}',
      '[{"op":"append","path":"/t","value":"a"},{"op":"add","path":"/n","value":[]},' ..
      '{"op":"add","path":"/n/-","value":1},{"op":"append","path":"/t","value":"b"}]', '{"t":"ab","n":[1]}' },
    { "reads ~1 as / and ~0 as ~", '{"a/b":1,"m~n":2,"~1":3}',
      '[{"op":"remove","path":"/a~1b"},{"op":"replace","path":"/m~0n","value":4},{"op":"remove","path":"/~01"}]',
      '{"m~n":4}' },
    { "knows members with odd names", '{"":{"0":1},"-":2}',
      '[{"op":"replace","path":"//0","value":3},{"op":"remove","path":"/-"}]', '{"":{"0":3}}' },
  } do
    it(case[1], function()
      local state, changes = json(case[2]), patch(case[3])
      local result = fold(state, changes)
      assert.same(json(case[4]), result)
      assert.same(json(case[2]), state)
      assert.same(json(case[3]), changes.value)
      assert.equal(type(result) == "table" and next(result) == nil and case[4] or nil,
        type(result) == "table" and next(result) == nil and workflows.json.encode(result) or nil)
    end)
  end

  it("sets and removes a state that there was not", function()
    assert.equal(1, fold(nil, patch '[{"op":"replace","path":"","value":1}]'))
    assert.is_nil(fold({ 1 }, patch '[{"op":"remove","path":""}]'))
  end)

  it("shares what it does not change, and changes no earlier state", function()
    local first = json '{"big":{"list":[1,2]},"text":""}'
    local second = fold(first, patch '[{"op":"append","path":"/text","value":"x"}]')
    assert.equal(first.big, second.big)
    assert.not_equal(first, second)
    local third = fold(second, patch '[{"op":"add","path":"/big/list/-","value":3}]')
    assert.same({ 1, 2 }, second.big.list)
    assert.same({ 1, 2, 3 }, third.big.list)
    local added = patch '[{"op":"add","path":"/more","value":{}},{"op":"add","path":"/more/a","value":1}]'
    assert.same({ a = 1 }, fold(third, added).more)
    assert.same({}, added.value[1].value)
  end)

  it("works with states that the program made", function()
    assert.same({ list = { 1, 2 } }, fold({ list = { 1 } }, patch '[{"op":"add","path":"/list/-","value":2}]'))
    assert.same(array { 1 }, fold(array {}, patch '[{"op":"add","path":"/-","value":1}]'))
  end)

  it("works with a state whose metatable is not shown", function()
    local state = setmetatable({ a = 1 }, { __metatable = "none of yours" })
    assert.same({ a = 1, b = 2 }, fold(state, patch '[{"op":"add","path":"/b","value":2}]'))
  end)

  for _, case in ipairs {
    { '{"a":1}', '[{"op":"replace","path":"/b","value":1}]', "replace '/b': there is no 'b'" },
    { '{"a":1}', '[{"op":"remove","path":"/a/b"}]', "remove '/a/b': there is no 'b' in a single value" },
    { '{"a":1}', '[{"op":"add","path":"/x/y","value":1}]', "add '/x/y': there is no 'x'" },
    { '{"a":1}', '[{"op":"append","path":"/a","value":"x"}]', "append '/a': only text can be lengthened, not a num" },
    { '{"a":null}', '[{"op":"append","path":"/a","value":"x"}]', "append '/a': only text can be lengthened, not null" },
    { '{"a":""}', '[{"op":"append","path":"/a","value":1}]', "append '/a': only text can be appended, not a number" },
    { '{}', '[{"op":"append","path":"/a","value":"x"}]', "append '/a': there is no 'a'" },
    { "[1]", '[{"op":"add","path":"/3","value":1}]', "add '/3': the array has 1 items only" },
    { "[1]", '[{"op":"add","path":"/9223372036854775807","value":1}]', "5807': the array has 1 items only" },
    { "[1]", '[{"op":"replace","path":"/9223372036854775807","value":1}]', "5807': the array has 1 items only" },
    { "[1]", '[{"op":"add","path":"/18446744073709551616","value":1}]', "1616': the array has 1 items only" },
    { "[1]", '[{"op":"replace","path":"/-","value":1}]', "replace '/-': '-' is no index of an array" },
    { "[1]", '[{"op":"remove","path":"/01"}]', "remove '/01': '01' is no index of an array" },
    { "[1]", '[{"op":"remove","path":"/-1"}]', "remove '/-1': '-1' is no index of an array" },
    { '{"a":1}', '[{"op":"remove","path":"a"}]', "remove 'a': a path begins with a slash" },
    { '{"a":1}', '[{"op":"remove","path":"/~2"}]', "remove '/~2': '~' stands before 0 or 1 only" },
    { '{"a~":1}', '[{"op":"remove","path":"/a~"}]', "remove '/a~': '~' stands before 0 or 1 only" },
    { '{"a":1}', '[{"op":"move","path":"/a","from":"/b"}]', "move '/a': the operation is unknown" },
    { '{"a":1}', '[{"op":"add","path":"/b"}]', "add '/b': there is no value" },
    { '{"a":1}', '[{"op":"add","value":1}]', "add '': a path is text, not nothing" },
    { '{"a":1}', '[{"op":"add","path":null,"value":1}]', "add 'null': a path is text, not null" },
    { '{"a":1}', '[{"op":"add","path":["b"],"value":1}]', "add '': a path is text, not a table" },
    { '{"a":1}', '[{"path":"/a"}]', "'/a': the operation is unknown" },
    { '{"a":"x"}', '[{"op":"append","path":"/a","value":null}]', "only text can be appended, not null" },
    { '[1]', '[{"op":"add","path":"/1e9","value":1}]', "add '/1e9': '1e9' is no index of an array" },
    { '[1]', '[{"op":"add","path":"/0x0","value":1}]', "add '/0x0': '0x0' is no index of an array" },
    { '{"a/b":[]}', '[{"op":"add","path":"/a~1b/1","value":1}]', "add '/a~1b/1': the array has 0 items only" },
    { '{"__index":1}', '[{"op":"add","path":"/__index/x","value":1}]', "there is no 'x' in a single value" },
    { '{"a":1}', "[7]", "item 1 of the patch is no object: 7" },
    { '{"a":1}', '"aGVsbG8="', 'is it encrypted? "aGVsbG8="' },
    { '{"a":1}', '{"op":"remove","path":"/a"}', "the patch is no list" },
    { '{"a":[1]}', '[{"op":"add","path":"/a/-","value":2},{"op":"remove","path":"/a/7"}]',
      "the array has 2 items only" },
    { '{"a":"x"}', '[{"op":"append","path":"/a","value":"y"},{"op":"add","path":"/a/b","value":1}]',
      "add '/a/b': there is no 'b' in a single value" },
  } do
    it("refuses: " .. case[3], function()
      local state = json(case[1])
      local message = refusal(state, patch(case[2]))
      assert(message:find(case[3], 1, true), message)
      assert.equal(1, (message:find("workflows.fold: ", 1, true)))
      assert.same(json(case[1]), state)
    end)
  end

  it("cuts what it says of a change", function()
    for _, changes in ipairs {
      { { op = "remove", path = "/" .. ("x"):rep(1e6) } },
      { { op = ("x"):rep(1e6), path = "" } },
      { { op = "remove", path = "/list/" .. ("0"):rep(1e6) } },
      { { op = "add", path = "/list/" .. ("9"):rep(1e6), value = 1 } },
    } do
      local message = refusal({ list = { 1 } }, { type = "json_patch", value = changes })
      assert(#message < 600, #message)
    end
  end)

  it("says what is wrong in an error object", function()
    local ok, err = pcall(fold, { a = 1 }, patch '[{"op":"remove","path":"/b"}]')
    assert.is_false(ok)
    assert.same({
      kind = "decode", operation = "fold", call = "workflows.fold", attempts = 0, retryable = false,
      message = "remove '/b': there is no 'b'",
    }, err)
  end)

  it("shows 200 bytes of a path, and no more", function()
    for count, shown in pairs { [199] = ("x"):rep(199), [200] = ("x"):rep(199) .. "..." } do
      local given = { { op = "remove", path = "/" .. ("x"):rep(count), value = 1 } }
      local message = refusal({ y = 1 }, { type = "json_patch", value = given })
      assert(message:find(("remove '/%s': there is no '"):format(shown), 1, true), message)
    end
  end)

  it("shows no key of a client", function()
    local key = "the-key-0123456789"
    local client = workflows.new { api_key = key, server_url = "http://127.0.0.1:9" }
    for _, given in ipairs {
      { { op = "remove", path = "/" .. key } }, { { op = key, path = "" } }, { key }, key,
    } do
      local message = refusal({ y = 1 }, { type = "json_patch", value = given })
      assert.is_nil(message:find(key, 1, true))
    end
    client:close()
  end)

  it("takes a payload without a value for none", function()
    local state = { a = 1 }
    for _, event in ipairs { { type = "json" }, { value = 7 }, { type = "text", value = 7 }, { attributes = {} } } do
      assert.equal(state, fold(state, event))
    end
  end)

  it("refuses a change of no state", function()
    local message = refusal(nil, patch '[{"op":"append","path":"/t","value":"x"}]')
    assert(message:find("there is no 't' in an empty state", 1, true), message)
  end)

  describe("with random changes", function()
    -- The same, plainly: a copy of everything for each change.
    local function plainly(state, changes)
      local root = { json(workflows.json.encode(state)) }
      for _, change in ipairs(changes) do
        local parent, key = root, 1
        for name in change.path:gmatch "/([^/]+)" do
          parent = parent[key]
          key = name == "-" and #parent + 1 or tonumber(name) and tonumber(name) + 1 or name
        end
        if change.op == "append" then
          parent[key] = parent[key] .. change.value
        elseif change.op == "replace" or type(key) == "string" and change.op == "add" then
          parent[key] = change.value
        elseif change.op == "add" then
          table.insert(parent, key, change.value)
        elseif type(key) == "number" then
          table.remove(parent, key)
        else
          parent[key] = nil
        end
      end
      return root[1]
    end

    -- Changes of { list = texts, lists = lists of numbers, text }, with the sizes that there will be.
    local function random_changes(count, sizes)
      local changes, lists, texts = {}, sizes.lists, sizes.texts
      local function note(op, path, value) changes[#changes + 1] = { op = op, path = path, value = value } end
      for number = 1, count do
        local kind = math.random(8)
        local place = math.random(0, texts)
        if kind <= 2 then
          note("add", "/list/" .. (place == texts and "-" or place), "t" .. number)
          texts = texts + 1
        elseif kind == 3 and place < texts then
          note("remove", "/list/" .. place)
          texts = texts - 1
        elseif kind <= 5 and place < texts then
          note("append", "/list/" .. place, "+" .. number)
        elseif kind == 6 and place < texts then
          note("replace", "/list/" .. place, "r" .. number)
        elseif kind == 7 then
          note("append", "/text", "+" .. number)
        else
          local which = math.random(#lists)
          note("add", ("/lists/%d/%d"):format(which - 1, math.random(0, lists[which])), number)
          lists[which] = lists[which] + 1
        end
      end
      return changes
    end

    for seed = 1, 20 do
      it("gives what they say, and changes no earlier state: " .. seed, function()
        math.randomseed(seed)
        local state = { list = array {}, lists = array { array {}, array {} }, text = "" }
        local sizes = { texts = 0, lists = { 0, 0 } }
        for index = 1, math.random(0, 700) do
          state.list[index], sizes.texts = "s" .. index, index
        end
        for index = 1, math.random(0, 700) do
          state.lists[2][index], sizes.lists[2] = index, index
        end
        local before = workflows.json.encode(state.list)
        local changes = random_changes(500, sizes)
        local encoded = workflows.json.encode(changes)
        local result = fold(state, { type = "json_patch", value = changes })
        assert.same(plainly(state, changes), result)
        assert.equal(before, workflows.json.encode(state.list))
        assert.equal(encoded, workflows.json.encode(changes))
      end)
    end
  end)

  describe("takes a time that grows like", function()
    -- A state and as many changes as there are.
    local function check(what, size, make)
      it(what, function()
        growth.check(what, size, function(count)
          local state, changes = make(count)
          return function() fold(state, { type = "json_patch", value = changes }) end
        end)
      end)
    end

    local function list_of(count, make)
      local list = array {}
      for index = 1, count do list[index] = make(index) end
      return list
    end

    check("additions to an object", 5000, function(count)
      return {}, list_of(count, function(index) return { op = "add", path = "/member" .. index, value = {} } end)
    end)

    check("additions at the front", 5000, function(count)
      return { list = array {} }, list_of(count, function() return { op = "add", path = "/list/0", value = 1 } end)
    end)

    check("additions at both ends", 5000, function(count)
      local list = list_of(count, tostring)
      return { list = list }, list_of(count, function(index)
        return { op = "add", path = "/list/" .. (index % 2) * (count - 1), value = 1 }
      end)
    end)

    check("removals at the front", 5000, function(count)
      return { list = list_of(count, tostring) },
        list_of(count, function() return { op = "remove", path = "/list/0" } end)
    end)

    check("texts that are lengthened", 10000, function(count)
      return { list = array { "" } }, list_of(count, function()
        return { op = "append", path = "/list/0", value = "twelve bytes" }
      end)
    end)

    check("deep paths", 30, function(count)
      local state = {}
      local inner = state
      for _ = 1, 900 do
        inner.a = {}
        inner = inner.a
      end
      return state, list_of(count, function(index)
        return { op = "add", path = ("/a"):rep(900) .. "/" .. index, value = 1 }
      end)
    end)

    check("changes of an object with many members", 5000, function(count)
      local state = {}
      for index = 1, count do state["m" .. index] = index end
      return state, list_of(count, function(index) return { op = "replace", path = "/m" .. index, value = 1 } end)
    end)
  end)
end)
