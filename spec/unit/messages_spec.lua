-- What errors say of each kind of failure, word for word, and which facts they keep.

local errors = require "mistral.workflows.errors"
local secrets = require "mistral.workflows.secrets"
local workflows = require "mistral.workflows"

local no_secrets = secrets.new(nil, nil)

local CAUSE = { name = "CURLE_X", code = 35, message = "odd" }

-- The error of a failure.
local function failed(failure, context)
  local all = {
    operation = "get_workflow", call = "get 'hello'", server = "https://api.mistral.ai", attempts = 2,
    idle_timeout = 60, secrets = no_secrets,
  }
  for name, value in pairs(context or {}) do all[name] = value end
  return errors.from_failure(failure, all)
end

local function check(expected, failure, context)
  assert.equal(expected, failed(failure, context).message)
end

describe("the message of a failure", function()
  it("says why a connection will fail again, and what to do", function()
    for reason, expected in pairs {
      ["expired"] = "the server's certificate has expired",
      ["not yet valid"] = "the server's certificate is not valid yet; check this machine's clock",
      ["wrong host"] = "the server's certificate is for another host name than the one in server_url",
      ["unknown issuer"] = "the server's certificate has an unknown issuer; set ca_file to the bundle that holds it",
      ["not verified"] = "the server's certificate was not accepted",
      ["trust store"] = "the trusted certificates cannot be read; check ca_file",
      ["client certificate"] = "the client's own certificate cannot be used; check client_cert and client_key",
      ["descriptors"] = "too many files are open: close what is not needed, or raise the limit (ulimit -n)",
      ["proxy credentials"] = "the proxy wants other credentials; check the user and password in proxy",
    } do
      check(expected .. ": odd (CURLE_X)", { kind = "connect", reason = reason, cause = CAUSE })
    end
    check("the server's certificate has expired [trust store: /etc/ssl]: odd (CURLE_X)",
      { kind = "connect", reason = "expired", cause = CAUSE, trust_store = "/etc/ssl" })
    check("the proxy's certificate is for another host name than the one in proxy: odd (CURLE_X)",
      { kind = "connect", reason = "wrong host", cause = CAUSE, hint = "proxy" })
    check("the server's certificate was not accepted: unknown cause", { kind = "connect", reason = "not verified" })
  end)

  it("says to where no connection was made, and what the port may speak", function()
    check("no connection to https://api.mistral.ai: odd (CURLE_X)", { kind = "connect", cause = CAUSE })
    check("no connection to http://h:1: odd (CURLE_X); does the port speak TLS? server_url begins with http:",
      { kind = "connect", cause = CAUSE, hint = "nothing" }, { server = "http://h:1" })
    check("no connection to https://h:1: odd (CURLE_X)", { kind = "connect", cause = CAUSE, hint = "nothing" },
      { server = "https://h:1" })
  end)

  it("says what is known of a connection that broke", function()
    check("the connection broke: odd (CURLE_X); what the service did is unknown", { kind = "network", cause = CAUSE })
    check("the answer is not HTTP: odd (CURLE_X); what the service did is unknown",
      { kind = "network", cause = CAUSE, hint = "tls" })
    check("the service refused the request before it acted upon it (HTTP/2): odd (CURLE_X)",
      { kind = "network", cause = CAUSE, hint = "refused" })
  end)

  it("says which time was over", function()
    check("the time is over (deadline)", { kind = "timeout" })
    check("the time is over (deadline); nothing was sent", { kind = "timeout", phase = "connect", unsent = true })
    check("no connection to https://api.mistral.ai in time (connect_timeout, timeout, deadline): odd (CURLE_X)",
      { kind = "timeout", phase = "connect", unsent = true, cause = CAUSE })
    check("no complete answer in time (timeout, deadline): odd (CURLE_X); what the service did is unknown",
      { kind = "timeout", phase = "response", cause = CAUSE })
    check("nothing came for 2.5 seconds (idle_timeout)", { kind = "timeout", phase = "idle" }, { idle_timeout = 2.5 })
  end)

  it("says who cancelled", function()
    check("cancelled by the program", { kind = "cancelled" })
    check("the process forked during the call", { kind = "cancelled", reason = "fork" })
    check("the worker of nginx is about to leave", { kind = "cancelled", reason = "leaving" })
  end)

  it("says why a stream ended", function()
    for body, expected in pairs {
      ['{"reason":"overload","message":"too much"}'] = { "too much", "overload" },
      ['{"reason":"overload"}'] = { '{"reason":"overload"}', "overload" },
      ["gone"] = { "gone", "stream_error" },
      ['"gone"'] = { "gone", "stream_error" },
      [""] = { "it gives no reason", "stream_error" },
    } do
      local err = failed { kind = "stream", body = body }
      assert.same({ "the service ended the stream: " .. expected[1], expected[2] }, { err.message, err.reason })
    end
  end)

  it("gives one hint for each status, and the time that the service asks for", function()
    for status, expected in pairs {
      [400] = "no", [401] = "no; check api_key (MISTRAL_API_KEY)", [402] = "no",
      [403] = "no; the key has no permission for this", [407] = "no; the proxy wants other credentials",
      [299] = "no", [300] = "redirects are not followed; check server_url",
      [399] = "redirects are not followed; check server_url",
    } do
      check(("HTTP %d: %s"):format(status, expected), { kind = "http", status = status, body = "no" })
    end
    check("HTTP 503: no; it asks to wait 1.5 seconds (Retry-After)",
      { kind = "http", status = 503, body = "no", retry_after = 1.5 })
    check("HTTP 401: no; check api_key (MISTRAL_API_KEY); it asks to wait 7 seconds (Retry-After)",
      { kind = "http", status = 401, body = "no", retry_after = 7 })
  end)

  it("hints at the path of server_url only where nothing was found", function()
    local told = "; server_url is to end before /v1, which the library adds"
    for status, hint in pairs { [404] = told, [400] = "", [500] = "" } do
      check(("HTTP %d: no%s"):format(status, hint), { kind = "http", status = status, body = "no" },
        { server = "https://h/v1" })
    end
  end)

  it("says where ids belong that are none here, for what was not found or not understood", function()
    local runs = "; runs have ids of their own: executions:get and executions:history take that of an execution"
    for operation, expected in pairs {
      get_run = runs, get_run_history = runs, get_workflow = "",
      get_workflow_registration = "; registrations have ids of their own: workflows:get takes a name",
    } do
      for status, told in pairs { [404] = true, [422] = true, [400] = false } do
        check(("HTTP %d: no%s"):format(status, told and expected or ""),
          { kind = "http", status = status, body = "no" }, { operation = operation })
      end
    end
  end)
end)

describe("the error of a failure", function()
  it("has the facts of the call and of the answer, and nothing else", function()
    local err = failed({
      kind = "http", status = 503, body = '{"detail":"busy","code":"WF_1300"}', request_id = "r", retry_after = 3,
      content_type = "application/json", content_encoding = "br", unsent = true, trust_store = "t", limit = 5,
      hint = "h",
    }, { execution_id = "e", retryable = true })
    assert.same({
      kind = "http", status = 503, body = '{"detail":"busy","code":"WF_1300"}', code = "WF_1300",
      detail = { detail = "busy", code = "WF_1300" }, request_id = "r", retry_after = 3,
      content_type = "application/json", execution_id = "e", retryable = true, attempts = 2,
      operation = "get_workflow", call = "get 'hello'",
      message = "HTTP 503: busy; it asks to wait 3 seconds (Retry-After)",
    }, setmetatable(err, nil))
    err = failed { kind = "network", cause = CAUSE }
    assert.same({
      kind = "network", cause = CAUSE, retryable = false, attempts = 2, operation = "get_workflow",
      call = "get 'hello'", message = "the connection broke: odd (CURLE_X); what the service did is unknown",
    }, setmetatable(err, nil))
  end)

  it("has what the body holds, as it is written and where it is JSON of some size", function()
    for body, expected in pairs {
      ['{\n  "detail": "a",\r\n  "code": "c"\n}\n'] = { { detail = "a", code = "c" }, "a", "c" },
      ['{"detail":"a\r\nb\nc"}'] = { { detail = "a\nb\nc" }, "a\nb\nc" }, [' \n["a"]'] = { { "a" }, "a" },
      ['"a"'] = { "a", "a" }, ["5"] = { nil, "5" }, ["true"] = { nil, "true" }, ["null"] = { nil, "null" },
      ["{"] = { nil, "{" }, ["<b>a</b>"] = { nil, "a" },
    } do
      local err = failed { kind = "http", status = 500, body = body }
      assert.same({ expected[1], "HTTP 500: " .. expected[2], expected[3] }, { err.detail, err.message, err.code })
      assert.equal(body, err.body)
    end
  end)

  it("keeps 64 KiB of a text", function()
    local err = failed { kind = "stream", body = ("x"):rep(65536) .. "y" }
    assert.equal(("x"):rep(65536), err.body)
  end)

  it("does not change the facts", function()
    local failure = { kind = "http", status = 500, body = '{"code":"c"}' }
    failed(failure)
    assert.same({ kind = "http", status = 500, body = '{"code":"c"}' }, failure)
  end)
end)

describe("the line of an error", function()
  local function line(fields)
    fields.message = fields.message or "it failed"
    return tostring(errors.new(fields))
  end

  it("has what the message lacks, in brackets", function()
    assert.equal("get 'a': it failed", line { call = "get 'a'", operation = "get_workflow" })
    assert.equal("get_workflow: it failed", line { operation = "get_workflow" })
    assert.equal("mistral.workflows: it failed", line {})
    assert.equal("get 'a': it failed (WF_1, execution e, request r, 2 attempts)",
      line { call = "get 'a'", code = "WF_1", execution_id = "e", request_id = "r", attempts = 2 })
    assert.equal("get 'a': it failed (5)", line { call = "get 'a'", code = 5, attempts = 1 })
    assert.equal("get 'a': it failed", line { call = "get 'a'", code = "", request_id = "", attempts = 0 })
  end)

  it("takes a code for what it is, not for a pattern", function()
    assert.equal("a: axb (a.b)", line { call = "a", message = "axb", code = "a.b" })
    assert.equal("a: b (100%)", line { call = "a", message = "b", code = "100%" })
    assert.equal("a: [b] c", line { call = "a", message = "[b] c", code = "[b]" })
  end)

  it("says nothing twice, also not within other punctuation", function()
    assert.equal("get 'a': it failed", line { call = "get 'a'", execution_id = "a" })
    assert.equal("get 'ab': it failed (execution a)", line { call = "get 'ab'", execution_id = "a" })
    assert.equal("get 'ba': it failed (execution a)", line { call = "get 'ba'", execution_id = "a" })
    assert.equal("get 'ab-a': it failed", line { call = "get 'ab-a'", execution_id = "a" })
  end)

  it("is one, without control characters, and as long as it may be", function()
    assert.equal("a: b c d e\194\160f g", line { call = "a", message = "b\r\n\tc\0d\194\133e\194\160f\127g" })
    assert.equal("a: b (c d)", line { call = "a", message = "b", code = "c\0d" })
    assert.equal("a: it failed (" .. ("x"):rep(256) .. ")", line { call = "a", code = ("x"):rep(256) })
    assert.equal("a: it failed (" .. ("x"):rep(256) .. "...)", line { call = "a", code = ("x"):rep(257) })
    assert.equal("a: " .. ("x"):rep(5000), line { call = "a", message = ("x"):rep(5000) })
    assert.equal("a: " .. ("x"):rep(5000) .. "...", line { call = "a", message = ("x"):rep(5001) })
  end)

  it("can be joined with texts on both sides", function()
    local err = errors.new { call = "a", message = "b" }
    assert.equal("<a: b>", "<" .. err .. ">")
    assert.equal("a: ba: b", err .. err)
  end)

  it("names what was called in 80 bytes", function()
    assert.equal("get 'a?b'", errors.call_text("get", "a\nb"))
    assert.equal("get '" .. ("x"):rep(80) .. "'", errors.call_text("get", ("x"):rep(80)))
    assert.equal("get '" .. ("x"):rep(80) .. "...'", errors.call_text("get", ("x"):rep(81)))
    assert.equal("runs:list", errors.call_text("runs:list", nil))
    assert.equal("runs:list", errors.call_text("runs:list", {}))
  end)
end)

describe("an error object", function()
  it("is told from everything else", function()
    assert.is_true(workflows.is_error(errors.new { message = "m" }))
    assert.is_true(workflows.is_error(setmetatable({}, { __name = "mistral.workflows.error" })))
    for _, value in ipairs { "text", 5, {}, setmetatable({}, {}), setmetatable({}, { __metatable = "closed" }),
      setmetatable({}, setmetatable({}, { __index = { __name = "mistral.workflows.error" } })) } do
      assert.is_false(workflows.is_error(value))
    end
    assert.is_false(workflows.is_error(nil))
  end)

  it("is not retryable where nothing says so", function()
    assert.is_false(errors.new({ message = "m" }).retryable)
    assert.is_true(errors.new({ message = "m", retryable = true }).retryable)
    assert.is_false(failed({ kind = "network", cause = CAUSE }).retryable)
  end)
end)
