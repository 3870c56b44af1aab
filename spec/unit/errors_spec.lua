-- Error objects: what they say for every shape of an answer, and what they never say.

local growth = require "spec.support.growth"
local errors = require "mistral.workflows.errors"
local secrets = require "mistral.workflows.secrets"
local workflows = require "mistral.workflows"

local KEY = "key-0123456789-secret"

local no_secrets = secrets.new(nil, nil)

-- The error of an answer.
local function answered(status, body, hidden)
  return errors.from_failure({ kind = "http", status = status, body = body }, {
    operation = "get_workflow", server = "https://api.mistral.ai", attempts = 1, secrets = hidden or no_secrets,
  })
end

describe("the error of an answer", function()
  it("has message and code of every shape that the service uses", function()
    local cases = {
      -- a request that was not valid
      { 422, '{"detail":[{"type":"less_than_equal","loc":["query","limit"],"msg":"Input should be less than 1000",' ..
        '"input":"5000","ctx":{"le":1000}},{"loc":["body","items",3,"name"],"msg":"Field required"}]}',
        "query.limit: Input should be less than 1000; body.items.3.name: Field required" },
      { 422, '{"detail":[{"msg":"Field required"},{"loc":[],"msg":"b"},{"loc":["c"]},"d",{}]}',
        "Field required; b; c: invalid; d; invalid" },
      -- the Workflows API
      { 404, '{"detail":"Workflow execution not found","code":"WF_1100"}', "Workflow execution not found", "WF_1100" },
      { 409, '{"detail":"closed","code":"WF_1102","status":"COMPLETED"}', "closed", "WF_1102" },
      { 422, '{"detail":"wrong event","code":"WF_1001","valid_reset_events":[4,10]}',
        "wrong event; event_id may be 4, 10", "WF_1001" },
      -- an input that does not fit the schema
      { 422, '{"detail":"Invalid input: \'n\' is a required property"}', "Invalid input: 'n' is a required property" },
      -- the gateway
      { 401, '{"object":"error","message":"Unauthorized","type":"authentication_error","code":"unauthorized"}',
        "Unauthorized; check api_key (MISTRAL_API_KEY)", "unauthorized" },
      { 400, '{"object":"error","message":"Bad","type":"invalid_request_error","param":null,"code":null}', "Bad",
        "invalid_request_error" },
      { 400, '{"object":"error","message":"Bad","type":"invalid_request_error","code":"1910"}', "Bad", "1910" },
      { 400, '{"message":"Bad","code":1910}', "Bad", 1910 },
      { 429, '{"message":"Requests rate limit exceeded"}', "Requests rate limit exceeded" },
      -- several deployments
      { 409, '{"code":"AMBIGUOUS_WORKFLOW","deployments":["blue","green"]}',
        "several active deployments register this workflow (blue, green): pass deployment_name", "AMBIGUOUS_WORKFLOW" },
      { 409, '{"code":"AMBIGUOUS_WORKFLOW","deployments":[{"name":"blue","id":"1"},{"id":"2"}]}',
        "several active deployments register this workflow (blue, 2): pass deployment_name", "AMBIGUOUS_WORKFLOW" },
      { 409, '{"detail":{"code":"AMBIGUOUS_WORKFLOW","deployments":["blue"]}}',
        "several active deployments register this workflow (blue): pass deployment_name", "AMBIGUOUS_WORKFLOW" },
      { 409, '{"code":"AMBIGUOUS_WORKFLOW"}', "several active deployments register this workflow: pass deployment_name",
        "AMBIGUOUS_WORKFLOW" },
      -- nested
      { 500, '{"detail":{"message":"deep","code":"WF_1300"}}', "deep", "WF_1300" },
      { 500, '{"error":{"message":"deep","type":"server_error"}}', "deep", "server_error" },
      { 500, '{"error":"flat"}', "flat" },
      { 403, '{"detail":"No"}', "No; the key has no permission for this" },
      -- a text
      { 500, '"only a text"', "only a text" },
    }
    for _, case in ipairs(cases) do
      local err = answered(case[1], case[2])
      assert.equal(("HTTP %d: %s"):format(case[1], case[3]), err.message)
      assert.equal(case[4], err.code)
      assert.equal(case[1], err.status)
      assert.equal(case[2], err.body)
      assert.same(workflows.json.decode(case[2]), err.detail)
      assert.is_true(workflows.is_error(err))
    end
  end)

  it("shows what a page says that is not JSON", function()
    local page = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center>" ..
      "<h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
    local err = answered(502, page)
    assert.equal("HTTP 502: 502 Bad Gateway 502 Bad Gateway nginx", err.message)
    assert.equal(page, err.body)
    assert.is_nil(err.detail)
    assert.is_nil(err.code)
    assert.equal("HTTP 503: upstream connect error", answered(503, "upstream connect error").message)
    assert.equal("HTTP 500: {broken", answered(500, "{broken").message)
  end)

  it("cuts a long text, never inside a character", function()
    for shift = 0, 3 do
      local message = answered(500, ("x"):rep(shift) .. ("\195\169"):rep(500)).message
      assert.truthy(#message < 250)
      assert.equal("...", message:sub(-3))
      assert.truthy(message:sub(1, -4):find "\195\169$")
    end
  end)

  it("says that there is no message when there is none", function()
    for _, body in ipairs { "", "   \n", "{}", "[]", "<html></html>", '{"detail":null,"code":null}', "null" } do
      local err = answered(500, body ~= "" and body or nil)
      assert.truthy(err.message:find "^HTTP 500: ", err.message)
      assert.truthy(#err.message > #"HTTP 500: ", err.message)
    end
    assert.equal("HTTP 500: no message in the answer", answered(500, nil).message)
  end)

  it("explains redirects and the proxy's refusal", function()
    assert.equal("HTTP 307: redirects are not followed; check server_url", answered(307, "<html>moved</html>").message)
    assert.equal("HTTP 407: who?; the proxy wants other credentials", answered(407, "who?").message)
  end)
end)

describe("the message of many faults", function()
  it("names the first ones and where the others are", function()
    local items = {}
    for index = 1, 23 do items[index] = ('{"loc":["body","ids",%d],"msg":"bad"}'):format(index) end
    local err = answered(422, '{"detail":[' .. table.concat(items, ",") .. "]}")
    assert.truthy(err.message:find "^HTTP 422: body.ids.1: bad; .*body.ids.20: bad; and 3 more in detail$")
    assert.equal(23, #err.detail.detail)
  end)
end)

describe("a secret", function()
  local hidden = secrets.new(KEY, "http://proxyuser:proxysecret@proxy:3128")

  local function assert_absent(value, seen)
    seen = seen or {}
    if type(value) == "string" then
      assert.is_nil(value:find(KEY, 1, true))
      assert.is_nil(value:find("proxysecret", 1, true))
      assert.is_nil(value:find("cHJveHl1c2VyOnByb3h5c2VjcmV0", 1, true))
    elseif type(value) == "table" and not seen[value] then
      seen[value] = true
      for key, item in pairs(value) do
        assert_absent(key, seen)
        assert_absent(item, seen)
      end
    end
  end

  it("is cut from everything that the server said", function()
    local bodies = {
      '{"detail":"Bad key ' .. KEY .. '","code":"WF_1000"}',
      '{"detail":[{"loc":["header","authorization"],"msg":"no","input":"Bearer ' .. KEY .. '"}]}',
      '{"detail":{"a":{"b":[1,{"' .. KEY .. '":"proxysecret"}]}}}',
      '{"message":"' .. KEY .. KEY .. " " .. KEY .. '"}',
      "<html>" .. KEY .. "</html>",
      '{"code":"' .. KEY .. '"}',
      KEY,
      "you sent Proxy-Authorization: Basic cHJveHl1c2VyOnByb3h5c2VjcmV0",
    }
    for _, body in ipairs(bodies) do
      local err = answered(401, body, hidden)
      assert_absent(err)
      assert_absent(tostring(err))
      assert.truthy(err.body:find("***", 1, true))
      assert.is_true(workflows.is_error(err))
    end
  end)

  it("is cut when the server wrote it with escapes", function()
    local escaped = KEY:gsub("%-", "\\u002d")
    local err = answered(401, '{"detail":"Bad key ' .. escaped .. '"}', hidden)
    assert_absent(err)
    assert_absent(tostring(err))
    assert.truthy(err.message:find("***", 1, true), err.message)
  end)

  it("is cut from the fields of the header", function()
    local err = errors.from_failure({ kind = "http", status = 500, request_id = KEY, content_type = KEY },
      { operation = "get_workflow", server = "x", attempts = 1, secrets = hidden })
    assert_absent(err)
    assert_absent(tostring(err))
  end)

  it("is cut from what libcurl says", function()
    local err = errors.from_failure({ kind = "connect", unsent = true,
      cause = { name = "CURLE_COULDNT_RESOLVE_PROXY", code = 5, message = "no proxyuser:proxysecret@x" } },
      { operation = "get_workflow", server = "https://api.mistral.ai", attempts = 1, secrets = hidden })
    assert_absent(err)
    assert.equal("no ***@x", err.cause.message)
  end)

  it("that only the message has in one piece is cut from it", function()
    local err = answered(422, '{"detail":[{"loc":["key-0123456789-secret"],"msg":"no"},{"loc":["key-01","x"]}]}',
      secrets.new "key-01.x")
    assert.is_nil(err.message:find("key-01.x", 1, true))
  end)
end)

describe("an error", function()
  it("has the message of the service however it is nested", function()
    for body, expected in pairs {
      ['{"message":{"detail":[{"loc":["body","n"],"msg":"Field required"}]},"object":"error","code":null}'] =
        "body.n: Field required",
      ['{"message":[{"loc":["body","n"],"msg":"Field required"},{"msg":"b"}]}'] = "body.n: Field required; b",
      ['{"message":["a","b"]}'] = "a; b",
      ['{"message":{"message":{"error":"deep"}}}'] = "deep",
      ['{"errors":[{"message":"one"},{"detail":"two"}]}'] = "one; two",
      ['{"detail":{"loc":["path","id"],"msg":"not a UUID","type":"uuid"}}'] = "path.id: not a UUID",
      ['{"detail":[{"loc":[null,{},1.5,"x"],"msg":{"a":1}},5,null,true]}'] = "1.5.x: invalid; 5; invalid; invalid",
      ['{"message":null,"detail":[],"error":{},"title":"Bad Gateway"}'] = "Bad Gateway",
    } do
      assert.equal("HTTP 400: " .. expected, answered(400, body).message)
    end
  end)

  it("has the code where there is one", function()
    for body, expected in pairs {
      ['{"type":"about:blank","title":"Not Found","status":404,"detail":"no such thing"}'] = false,
      ['{"type":"https://errors.example/gone","title":"Gone"}'] = "https://errors.example/gone",
      ['{"error":"invalid_token","error_description":"The token expired"}'] = "invalid_token",
      ['{"message":{"code":"WF_1300","detail":"x"},"type":"about:blank"}'] = "WF_1300",
      ['{"code":{},"type":[],"detail":"x"}'] = false,
      ['{"code":"","type":"t","detail":"x"}'] = "t",
    } do
      local err = answered(404, body)
      assert.equal(expected or nil, err.code)
    end
    assert.equal("HTTP 401: The token expired; check api_key (MISTRAL_API_KEY)",
      answered(401, '{"error":"invalid_token","error_description":"The token expired"}').message)
  end)

  it("says where a redirect leads", function()
    local err = errors.from_failure({ kind = "http", status = 308, location = "https://other.example/" },
      { operation = "get_workflow", server = "http://api.mistral.ai", attempts = 1, secrets = no_secrets })
    assert.equal("HTTP 308: redirects are not followed (this one leads to https://other.example/); check server_url",
      err.message)
    assert.equal("https://other.example/", err.location)
  end)

  it("hints at a server_url that has /v1 already", function()
    local context = { operation = "get_workflow", attempts = 1, secrets = no_secrets }
    for server, hinted in pairs {
      ["https://api.mistral.ai/v1"] = true, ["https://proxy.example/mistral/v1/workflows"] = true,
      ["https://api.mistral.ai"] = false, ["https://v1.example"] = false,
    } do
      context.server = server
      local failure = { kind = "http", status = 404, body = '{"detail":"Not Found"}' }
      local message = errors.from_failure(failure, context).message
      local hint = hinted and "; server_url is to end before /v1, which the library adds" or ""
      assert.equal("HTTP 404: Not Found" .. hint, message)
    end
  end)

  it("hints at a port that speaks another protocol than server_url says", function()
    local plain = "; does the port speak plain http? server_url begins with https:"
    local tls = "; does the port speak TLS? server_url begins with http:"
    for _, case in ipairs {
      { "connect", "https://h:1", "plain http", plain }, { "connect", "http://h:1", "plain http", "" },
      { "network", "http://h:1", "tls", tls }, { "network", "HTTPS://h:1", "tls", "" },
      { "network", "http://h", nil, "" }, { "network", "http://h:1", "tls", "", 200 },
    } do
      local err = errors.from_failure(
        { kind = case[1], hint = case[3], status = case[5], cause = { name = "CURLE_X", code = 1, message = "odd" } },
        { operation = "get_workflow", server = case[2], attempts = 1, secrets = no_secrets })
      assert.equal(case[4], err.message:match "(; does.*)$" or "", err.message)
      assert.is_nil(err.hint)
      assert.equal(case[3] == "tls", err.message:find "^the answer is not HTTP: odd" ~= nil)
    end
  end)

  it("says what is too large", function()
    for reason, expected in pairs {
      header = "the answer's header is larger than 7 bytes",
      body = "the answer is larger than max_response_bytes = 7",
      event = "an event of the stream is larger than max_response_bytes = 7",
      value = "the values of the answer need more memory than 4 times max_response_bytes = 7",
    } do
      local err = errors.from_failure({ kind = "too_large", reason = reason, limit = 7 },
        { operation = "get_workflow", server = "https://h", attempts = 1, secrets = no_secrets })
      assert.equal(expected, err.message)
    end
  end)

  it("says what keeps an answer from being read", function()
    local context = { operation = "get_workflow", server = "https://h", attempts = 1, secrets = no_secrets }
    for expected, failure in pairs {
      ["the answer (HTTP 200, no content type) cannot be read: its content encoding 'br' was not asked for"] =
        { kind = "decode", status = 200, reason = "content encoding", content_encoding = "br" },
      ["HTTP 502: its content encoding was not asked for"] =
        { kind = "http", status = 502, reason = "content encoding" },
      ["HTTP 502: its content encoding 'br' was not asked for"] =
        { kind = "http", status = 502, reason = "content encoding", content_encoding = "br" },
      ["the answer (HTTP 200, text/html) is no event stream: Sign in"] =
        { kind = "decode", status = 200, reason = "content type", content_type = "text/html", body = "<b>Sign in</b>" },
      ["the answer (HTTP 200, text/html) is not the JSON that was promised: no value at byte 1: Sign in"] =
        { kind = "decode", status = 200, reason = "no value at byte 1", content_type = "text/html", body = "Sign in" },
    } do
      assert.equal(expected, errors.from_failure(failure, context).message)
    end
  end)

  it("is bounded whatever the service wrote", function()
    local long = ("x"):rep(60000)
    local items = '{"loc":["' .. long:sub(1, 3000) .. '"],"msg":"' .. long:sub(1, 3000) .. '"}'
    for _, body in ipairs {
      ('{"detail":"%s","code":"%s"}'):format(long, long:sub(1, 5000)),
      ('{"detail":[%s]}'):format((items .. ","):rep(8) .. items),
      ('{"code":"AMBIGUOUS_WORKFLOW","deployments":["%s"]}'):format(long),
      ('{"message":'):rep(2000) .. '"deep"' .. ("}"):rep(2000),
      ("["):rep(900) .. "1" .. ("]"):rep(900),
      '{"detail":[' .. ("[],"):rep(20000) .. "1]}",
      ('{"detail":{"loc":[%s1]}}'):format(("1,"):rep(30000)),
      long,
    } do
      local err = answered(500, body)
      assert(#err.message < 4200, #err.message)
      assert(#tostring(err) < 4400, #tostring(err))
      assert(#(err.code or "") < 200)
      assert(#err.body <= 64 * 1024)
    end
  end)

  it("is bounded whatever it names", function()
    local err = errors.new { kind = "timeout", message = "the execution goes on: " .. ("x"):rep(1e6) }
    assert(#err.message < 5100, #err.message)
    assert.equal(1, (err.message:find("the execution goes on", 1, true)))
  end)
end)

describe("a hostile page", function()
  it("is looked at in a time that grows like it", function()
    for name, piece in pairs {
      ["beginnings of tags"] = "<", ["ends of tags"] = ">", ["tags"] = "<a>", ["spaces"] = " ", ["NULs"] = "\0",
      ["ends of characters"] = "\128", ["quotes"] = '"', ["brackets"] = "[", ["objects"] = '{"a":',
      ["strings"] = '["<","', ["messages"] = '{"message":', ["escapes"] = "\\u0041%41&#65;",
      ["the key"] = KEY, ["most of the key"] = KEY:sub(1, -2),
    } do
      local hidden = secrets.new(KEY)
      growth.check(name, 16000, function(size)
        local body = piece:rep(math.ceil(size / #piece)):sub(1, size)
        return function() tostring(answered(502, body, hidden)) end
      end)
    end
  end)
end)

describe("tostring of an error", function()
  it("is one line", function()
    local err = answered(500, '{"detail":"first\\nsecond\\r\\n\\tthird"}')
    assert.equal("get_workflow: HTTP 500: first second third", tostring(err))
    for _, body in ipairs { "<html>\n<p>a\n</p></html>", '{"detail":[{"msg":"a\\nb"}],"code":"x\\ny"}', "a\0b" } do
      assert.is_nil(tostring(answered(500, body)):find "[\r\n%z]")
    end
  end)

  it("has what helps to find the request", function()
    local err = errors.new { kind = "http", message = "HTTP 500: no", operation = "execute_workflow", code = "WF_1000",
      execution_id = "e1", request_id = "r1", attempts = 4 }
    assert.equal("execute_workflow: HTTP 500: no (WF_1000, execution e1, request r1, 4 attempts)", tostring(err))
    assert.equal("mistral.workflows: m", tostring(errors.new { kind = "http", message = "m" }))
  end)

  it("says what the program called, and nothing twice", function()
    local fields = { kind = "execution", message = "the execution FAILED: boom", execution_id = "51dc" }
    fields.call = errors.call_text("run", "fail")
    assert.equal("run 'fail': the execution FAILED: boom (execution 51dc)", tostring(errors.new(fields)))
    fields.call = errors.call_text("wait", "51dc")
    assert.equal("wait '51dc': the execution FAILED: boom", tostring(errors.new(fields)))
    fields.execution_id = "51"
    assert.equal("wait '51dc': the execution FAILED: boom (execution 51)", tostring(errors.new(fields)))
    local err = errors.new { kind = "http", message = "HTTP 409: WF_1101: it runs", code = "WF_1101",
      call = errors.call_text("whoami") }
    assert.equal("whoami: HTTP 409: WF_1101: it runs", tostring(err))
    err = errors.new { kind = "http", message = "WF_11012, WF_1101", code = "WF_1101", call = "whoami" }
    assert.equal("whoami: WF_11012, WF_1101", tostring(err))
    assert.equal("get 'a?b?' it: m", tostring(errors.new { kind = "http", message = "m",
      call = errors.call_text("get", "a\nb\0") .. " it" }))
    assert.equal("get '" .. ("x"):rep(80) .. "...'", errors.call_text("get", ("x"):rep(1000)))
  end)

  it("is what it is in a concatenation", function()
    local err = errors.new { kind = "http", message = "m", operation = "get_workflow" }
    assert.equal("failed: get_workflow: m", "failed: " .. err)
    assert.equal("get_workflow: m.", err .. ".")
    assert.equal("get_workflow: mget_workflow: m", err .. err)
    assert.equal("1get_workflow: m", 1 .. err)
  end)
end)

describe("is_error", function()
  it("knows errors from other values", function()
    assert.is_true(workflows.is_error(errors.new { kind = "http", message = "m" }))
    local other = setmetatable({}, { __name = "other" })
    for _, value in ipairs { "text", 5, true, {}, setmetatable({}, {}), other, print } do
      assert.is_false(workflows.is_error(value))
    end
    assert.is_false(workflows.is_error(nil))
    assert.is_false(workflows.is_error(setmetatable({}, { __metatable = "locked" })))
    assert.is_false(workflows.is_error(workflows.null))
    assert.is_false(workflows.is_error())
  end)

  it("knows errors of another load of the module", function()
    local err = errors.new { kind = "http", message = "m" }
    local loaded = {}
    for name, module in pairs(package.loaded) do
      if name:find "^mistral%.workflows" then loaded[name] = module end
    end
    for name in pairs(loaded) do package.loaded[name] = nil end
    local again = require "mistral.workflows"
    local errors_again = require "mistral.workflows.errors"
    for name, module in pairs(loaded) do package.loaded[name] = module end
    assert.not_equal(workflows, again)
    assert.is_true(again.is_error(err))
    assert.is_true(workflows.is_error(errors_again.new { kind = "http", message = "m" }))
  end)
end)
