-- Bodies of error answers, pages and error events: whatever they are, an error object of bounded size comes of them,
-- without the key.

local answers = require "mistral.workflows.answers"
local errors = require "mistral.workflows.errors"
local input = require "fuzz.input"
local secrets = require "mistral.workflows.secrets"
local workflows = require "mistral.workflows"

local KEY = "sk-Abc/def+GHI=0123456789"
local LONGEST_BODY, LONGEST_MESSAGE = 64 * 1024, 5000

local samples = {
  '{"detail":[{"type":"less_than","loc":["query","limit"],"msg":"too large","input":"5000","ctx":{"le":1000}}]}',
  '{"detail":"Workflow execution not found","code":"WF_1100"}',
  '{"detail":"wrong event","code":"WF_1001","valid_reset_events":[4,10]}',
  '{"object":"error","message":"Unauthorized","type":"authentication_error","param":null,"code":"unauthorized"}',
  '{"object":"error","message":{"detail":[{"loc":["body"],"msg":"no"}]},"type":"invalid_request_error"}',
  '{"code":"AMBIGUOUS_WORKFLOW","deployments":["blue",{"name":"green"},{"id":3}]}',
  '{"error":"invalid_token","error_description":"The token expired"}',
  '{"type":"about:blank","title":"Bad Gateway","status":502}',
  '{"error":"the broker is gone","reason":"read_error"}',
  "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502</h1></center></body></html>",
  '"only a text"', "upstream connect error or disconnect/reset before headers", "",
}

local words = { '"detail":', '"message":', '"code":', '"type":', '"error":', '"errors":', '"loc":', '"msg":',
  '"reason":', '"deployments":', '"AMBIGUOUS_WORKFLOW"', "[[", "]]", "{}", '{"a":', KEY, KEY:sub(1, 13),
  '"' .. KEY .. '"', "<b>" }

local vault = secrets.new(KEY)

local function check(err)
  assert(errors.is_error(err))
  assert(type(err.message) == "string" and #err.message < LONGEST_MESSAGE, #err.message)
  assert(#tostring(err) < LONGEST_MESSAGE + 1000 and not tostring(err):find "[%z\r\n]")
  assert(not err.body or #err.body <= LONGEST_BODY)
  for _, text in ipairs { err.message, tostring(err), err.body or "", tostring(err.code), tostring(err.reason),
    workflows.json.encode(err.detail) or "" } do
    assert(not text:find(KEY, 1, true))
  end
end

local statuses = { 200, 302, 400, 401, 404, 409, 422, 429, 500, 503 }

input.run(function()
  local body = math.random() < 0.7 and input.mutated(input.one_of(samples), words) or input.text(LONGEST_BODY, words)
  body = body:sub(1, LONGEST_BODY)
  local status = input.one_of(statuses)
  check(errors.from_failure({
    kind = status == 200 and "decode" or "http", status = status, body = body, reason = "not JSON",
    content_type = input.text(100, words), request_id = input.text(100, words), location = input.text(100, words),
  }, { operation = "get_workflow", server = "https://api.mistral.ai", attempts = 1, secrets = vault }))
  check(errors.from_failure({ kind = "stream", body = body:rep(math.random(1, 3)) },
    { operation = "stream", server = "https://api.mistral.ai", attempts = 1, secrets = vault }))
  local shown = answers.shown(workflows.json.decode(body))
  assert(#shown < 300, #shown)
end)
