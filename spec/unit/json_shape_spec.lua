-- json.decode where only some of a text is wanted: core.json.shape.
-- luacheck: std max+busted

local json = require("mistral.workflows.core").json

local null = json.null

local function decode(text, description)
  return assert(json.decode(text, nil, json.shape(description)))
end

-- A text of a list that is large enough to be recognised when it comes again.
local function large_list(name)
  local items = {}
  for i = 1, 400 do items[i] = ('{"id":%d,"%s":"%s"}'):format(i, name, ("x"):rep(50)) end
  return "[" .. table.concat(items, ",") .. "]"
end

describe("a shape of fields", function()
  local text = [[{"id":"i","workflow":{"name":"n","tags":["a"],"owner":{"name":"o","id":1}},
    "signals":[{"name":"s1","x":1},{"name":"s2"},{}],"empty":[],"nothing":null,"count":3,"\u0061b":4}]]

  local function found(...) return decode(text, { fields = { ... } }) end

  it("makes values of these members only", function()
    assert.same({ id = "i" }, found { "id" })
    assert.same({ id = "i", count = 3, nothing = null }, found({ "count" }, { "id" }, { "nothing" }))
    assert.same({ workflow = { name = "n", tags = { "a" }, owner = { name = "o", id = 1 } } }, found { "workflow" })
    assert.same({}, found { "missing" })
    assert.same({}, found { "ID" })
  end)

  it("goes along paths, and through arrays item by item", function()
    assert.same({ workflow = { name = "n" } }, found { "workflow", "name" })
    assert.same({ workflow = { owner = { id = 1 }, name = "n" } },
      found({ "workflow", "owner", "id" }, { "workflow", "name" }))
    local value = found({ "signals", "name" }, { "empty", "name" })
    assert.same({ signals = { { name = "s1" }, { name = "s2" }, {} }, empty = {} }, value)
    assert.equal("[]", json.encode(value.empty))
    assert.equal(getmetatable(json.array()), getmetatable(value.signals))
  end)

  it("takes the whole where a path and its beginning are named", function()
    local whole = { workflow = { name = "n", tags = { "a" }, owner = { name = "o", id = 1 } } }
    assert.same(whole, found({ "workflow" }, { "workflow", "name" }))
    assert.same(whole, found({ "workflow", "name" }, { "workflow" }))
  end)

  it("leaves what stands in the way of a path as it is", function()
    assert.same({ count = 3, nothing = null, id = "i" },
      found({ "count", "x" }, { "nothing", "x", "y" }, { "id", "x" }))
    assert.same({ a = { 1, null, { b = 2 }, { { b = 3 } } } },
      decode('{"a":[1,null,{"b":2,"c":0},[{"b":3,"c":0}]]}', { fields = { { "a", "b" } } }))
    assert.equal(5, decode("5", { fields = { { "a" } } }))
  end)

  it("knows names however they are written", function()
    assert.same({ ab = 4 }, found { "ab" })
    assert.same({ ["a.b"] = 1 }, decode('{"a.b":1,"a":{"b":2}}', { fields = { { "a.b" } } }))
    assert.same({ ["\0"] = 1, ["ä"] = 2 },
      decode([[{"\u0000":1,"\u00e4":2,"\u00e5":3}]], { fields = { { "\0" }, { "ä" } } }))
    assert.same({ [""] = 1 }, decode('{"":1,"a":2}', { fields = { { "" } } }))
  end)

  it("lets the last of equal names count", function()
    assert.same({ a = { b = 3 } }, decode('{"a":1,"a":{"b":2,"b":3,"c":4}}', { fields = { { "a", "b" } } }))
  end)

  it("still checks all of the text", function()
    for _, bad in ipairs { '{"a":1,"b":01}', '{"b":[1,],"a":1}', '{"a":1} x', '{"b":"\255","a":1}', '{"a":1,"b":' } do
      local whole, whole_message = json.decode(bad)
      local value, message = json.decode(bad, nil, json.shape { fields = { { "a" } } })
      assert.is_nil(whole)
      assert.is_nil(value)
      assert.equal(whole_message, message)
    end
  end)
end)

describe("a shape of a page", function()
  it("keeps the list and the cursor", function()
    local text = '{"items":[{"id":1,"x":2},{"id":2}],"next":"c","more":[1,2,3]}'
    assert.same({ items = { { id = 1 }, { id = 2 } }, next = "c" },
      decode(text, { list = "items", cursor = "next", fields = { { "id" } } }))
    assert.same({ items = { {}, {} } }, decode(text, { list = "items", fields = {} }))
    assert.same({ items = { { id = 1, x = 2 }, { id = 2 } }, next = "c" },
      decode(text, { list = "items", cursor = "next" }))
  end)

  it("finds the list under several names", function()
    local shape = json.shape { list = { "executions", "runs" }, fields = { { "id" } } }
    assert.same({ runs = { { id = 1 } } }, json.decode('{"runs":[{"id":1,"x":2}]}', nil, shape))
    assert.same({ executions = { { id = 1 } } }, json.decode('{"executions":[{"id":1,"x":2}]}', nil, shape))
  end)

  it("shows what is no page as it is", function()
    local shape = { list = "items", cursor = "next", fields = { { "id" } } }
    for _, text in ipairs { "false", "5", '"x"', "null" } do
      assert.equal(json.decode(text), (json.decode(text, nil, json.shape(shape))))
    end
    assert.same({}, decode('{"detail":"maintenance"}', shape))
    assert.same({ items = 5 }, decode('{"items":5}', shape))
    assert.equal(getmetatable(json.array()), getmetatable(decode('[{"id":1}]', shape)))
    assert.is_nil(getmetatable(decode('{"items":{"a":1}}', shape).items))
  end)

  it("is not confused by a list that comes twice", function()
    local list, other = large_list "a", large_list "b"
    local text = ('{"unwanted":%s,"items":%s,"items":%s,"other":%s,"next":null}'):format(list, list, list, other)
    local page = decode(text, { list = "items", cursor = "next", fields = { { "id" } } })
    assert.equal(400, #page.items)
    assert.same({ id = 400 }, page.items[400])
    assert.equal(null, page.next)
    assert.is_nil(page.unwanted)
    page = decode(text, { fields = { { "unwanted" }, { "items", "a" }, { "other" } } })
    assert.same({ a = ("x"):rep(50) }, page.items[7])
    assert.same({ id = 7, a = ("x"):rep(50) }, page.unwanted[7])
    assert.same({ id = 7, b = ("x"):rep(50) }, page.other[7])
  end)
end)

describe("a raw shape", function()
  it("is the text of the answer", function()
    for _, text in ipairs { "null", ' {"a" : [1, 2.50, "\\u00e4"]}\n', "[]", '"x\\n"', "1e5" } do
      assert.equal(text, decode(text, { raw = true }))
    end
  end)

  it("is the text of each item of a page", function()
    local text = '{"items":[ {"id" : 1.50} ,"x\\n",[ ],null, -1e3],"next":"c","more":{"items":[1]}}'
    local page = decode(text, { raw = true, list = "items", cursor = "next" })
    assert.same({ items = { '{"id" : 1.50}', '"x\\n"', "[ ]", "null", "-1e3" }, next = "c" }, page)
    assert.equal("[]", json.encode(decode('{"items":[]}', { raw = true, list = "items" }).items))
  end)

  it("shows what is no page as it is", function()
    local shape = { raw = true, list = "items" }
    assert.same({ items = {} }, decode('{"items":{"a":1}}', shape))
    assert.same({ items = 5 }, decode('{"items":5}', shape))
    assert.equal(false, json.decode("false", nil, json.shape(shape)))
  end)

  it("is checked to be JSON", function()
    assert.is_nil((json.decode("[1", nil, json.shape { raw = true })))
    assert.is_nil((json.decode('{"items":[01]}', nil, json.shape { raw = true, list = "items" })))
  end)
end)

describe("json.shape", function()
  it("raises for what is no description", function()
    for _, wrong in ipairs { 5, { fields = 1 }, { fields = { "id" } }, { fields = { { {} } } },
      { list = {}, cursor = {} }, { fields = {}, raw = true } } do
      assert.has_error(function() json.shape(wrong) end)
    end
    assert.has_error(function() json.decode("1", nil, {}) end)
    assert.has_error(function() json.decode("1", nil, io.stdout) end)
  end)

  it("takes paths of up to 1000 names", function()
    local path = {}
    for index = 1, 1000 do path[index] = "a" end
    assert.is_userdata(json.shape { fields = { path } })
    path[1001] = "a"
    assert.has_error(function() json.shape { fields = { path } } end,
      "bad argument #1 to 'shape' (a path of more than 1000 names)")
  end)

  it("can be used many times, and is collected", function()
    local shape = json.shape { fields = { { "a", "b" }, { "c" } } }
    for i = 1, 100 do
      assert.same({ c = i }, json.decode(('{"c":%d,"d":1}'):format(i), nil, shape))
      collectgarbage("step")
    end
    for _ = 1, 1000 do json.shape { fields = { { "a", "b" }, { "c" } }, list = "x" } end
    collectgarbage()
  end)
end)
