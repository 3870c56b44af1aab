--- What the reference and the type annotations say beyond the endpoint table: options, the methods that are no single
-- operation, error fields. `docs/generate/main.lua` reads it; a spec compares it with the code.
--
-- A field or parameter is { name, type, text, default }, types as LuaCATS writes them.

local facts = {}

-- What all that waits for an end takes, with `more` in the middle.
local function waiting(more)
  local fields = {
    { "timeout", "number", "seconds in all; afterwards the error has the kind `timeout`", "none" },
    { "deadline", "number", "the same; the smaller one counts", "none" },
    { "retry", "boolean|mistral.workflows.Retry", "of the start; its `budget` also bounds how long nobody may be able "
      .. "to tell the status", "the client's" },
    { "headers", "table<string, string|number>", "sent after the client's", "none" },
  }
  for index, field in ipairs(more) do table.insert(fields, 2 + index, field) end
  return fields
end

--- Tables that the caller writes or gets; `class` is the name of the type.
facts.tables = {
  { class = "Options", title = "Client options", text = "The table given to `workflows.new`.", fields = {
    { "api_key", "string|fun(): string", "the key; a function is called for each attempt, for keys that change. After "
      .. "a 401 it is asked once more, and the request repeated if it has another key", "`api_key_file`, else "
      .. "`MISTRAL_API_KEY`" },
    { "api_key_file", "string", "file that holds the key or a token, read for each attempt",
      "`MISTRAL_SA_TOKEN_PATH`" },
    { "server_url", "string", "plain `http://` only to a loopback host",
      "`MISTRAL_SERVER_URL`, else `https://api.mistral.ai`" },
    { "allow_insecure_http", "boolean", "lets `http://` through to any host", "false" },
    { "timeout", "number", "seconds for one attempt of a plain call, body included", "300" },
    { "connect_timeout", "number", "seconds until a connection is ready, TLS included", "10" },
    { "idle_timeout", "number", "seconds without a byte before an event stream is dropped and resumed", "60" },
    { "retry", "boolean|mistral.workflows.Retry", "`false`: one attempt",
      "`{ attempts = 4, base = 0.5, cap = 30, budget = 120 }`" },
    { "max_response_bytes", "integer", "largest body, and largest single event of a stream, after decompression",
      "64 MiB" },
    { "max_connections", "integer", "open at once. Over HTTP/1.1 as many calls run at a time, over HTTP/2 256 where "
      .. "that is more; others wait, within their `timeout`", "64" },
    { "http_version", '"auto"|"1.1"|"2"', "`auto`: 2 over TLS where the server has it, else 1.1", "`auto`" },
    { "proxy", "string", "URL of a proxy; an empty string: none",
      "libcurl's environment variables, but not for a loopback host" },
    { "no_proxy", "string", "hosts that need no proxy, separated by commas", "`NO_PROXY`" },
    { "ca_file", "string", "file with the trusted certificates (PEM)", "`SSL_CERT_FILE`, else libcurl's" },
    { "ca_path", "string", "directory with trusted certificates, hashed", "none" },
    { "client_cert", "string", "file with a client certificate (PEM)", "none" },
    { "client_key", "string", "file with its key (PEM)", "none" },
    { "insecure", "boolean", "`true` accepts any certificate", "false" },
    { "headers", "table<string, string|number>",
      "sent with each request; not those that the library sets; 256 KiB at most", "none" },
    { "user_agent", "string", "", "`mistral-workflows-lua/VERSION ...`" },
    { "loop", '"auto"|"blocking"|"cqueues"|"luv"|"copas"|"ngx"|mistral.workflows.Adapter',
      "what a call does while it waits; see [loops](loops.md)", "`auto`" },
    { "observer", "fun(attempt: mistral.workflows.Attempt)", "called after each attempt", "none" },
    { "transport", "fun(request: mistral.workflows.Request): mistral.workflows.Response?, any",
      "answers requests in place of the network; see [there](configuration.md#a-transport-of-your-own)", "none" },
    { "parameters", '"strict"|"open"', "`open` sends parameter and body names that the library does not know",
      "`strict`" },
  } },
  { class = "Retry", title = "Retry settings", text = "What is left out is taken from the client, or the default.",
    fields = {
      { "attempts", "integer", "in all", "4" },
      { "base", "number", "seconds; the wait after attempt n is random, at most `base * 2^(n - 1)`", "0.5" },
      { "cap", "number", "seconds a wait is at most, unless the service asks for longer", "30" },
      { "budget", "number", "seconds from the start of the call after which no attempt is begun", "120" },
    } },
  { class = "CallOptions", title = "Call options", text = "The last argument of every method for one operation.",
    fields = {
      { "timeout", "number", "seconds for one attempt", "the client's" },
      { "deadline", "number", "seconds for all of it: attempts, the pages of a walk with the loop body, the requests "
        .. "of a batch; a stream ends with the kind `timeout`", "none" },
      { "retry", "boolean|mistral.workflows.Retry", "`false`: one attempt; `true`: the default", "the client's" },
      { "headers", "table<string, string|number>", "sent after the client's", "none" },
      { "prefetch", "boolean", "walks: request the next page before it is asked for", "true" },
      { "fields", "(string|string[])[]", "only these members of the answer, or of each item of a list, become values: "
        .. "paths as `\"workflow.name\"` or `{ \"workflow\", \"name\" }`; not for event streams", "all" },
      { "raw", "boolean", "the text of the answer instead of values; in a walk of each item or page, in a stream "
        .. "`data`", "false" },
    } },
  { class = "InputOptions", title = "Options of human input",
    text = "The last argument of `pending_inputs`, `submit_input` and `waiting`.", fields = {
      { "timeout", "number", "seconds for one attempt", "the client's" },
      { "deadline", "number", "seconds for all of it", "none" },
      { "retry", "boolean|mistral.workflows.Retry", "`false`: one attempt; `true`: the default", "the client's" },
      { "headers", "table<string, string|number>", "sent after the client's", "none" },
      { "prefetch", "boolean", "`waiting`: request the next page before it is asked for", "true" },
    } },
  { class = "WaitOptions", title = "Options of wait", text = "The last argument of `wait`.", fields = waiting {
    { "on_event", "fun(event: mistral.workflows.Event)", "called with each event of the execution", "none" },
    { "poll", "{ min?: number, max?: number }", "seconds between two questions for the status",
      "`{ min = 0.25, max = 5 }`" },
  } },
  { class = "RunOptions", title = "Options of run", text = "The last argument of `run`.", fields = waiting {
    { "on_event", "fun(event: mistral.workflows.Event)", "called with each event of the execution", "none" },
    { "poll", "{ min?: number, max?: number }", "seconds between two questions for the status",
      "`{ min = 0.25, max = 5 }`" },
    { "join", "boolean", "with an `execution_id` of your own: waits for the execution that has it instead of "
      .. "starting another one", "false" },
    { "on_start", "fun(execution: mistral.workflows.Execution)", "called when the execution has started", "none" },
    { "on_timeout", '"leave"|"cancel"', "what becomes of an execution that goes on after `timeout`", "`leave`" },
  } },
  { class = "CompletedOptions", title = "Options of as_completed", text = "The last argument of `as_completed`.",
    fields = waiting {} },
  { class = "Request", title = "What a transport gets", text = "The request as it would have been sent.", fields = {
    { "operation", "string", "as in the headings above" },
    { "method", "string", "of HTTP" },
    { "url", "string", "all of it" },
    { "path", "string", "without the query" },
    { "query?", "string", "without the question mark" },
    { "headers", "table<string, string>", "by name" },
    { "body?", "string", "JSON" },
  } },
  { class = "Response", title = "What a transport gives", text = "Or nil and what went wrong: a text, or "
    .. "`{ kind, message }` with the kind `network`, `connect` or `timeout`.", fields = {
    { "status", "integer", "of HTTP" },
    { "headers?", "table<string, string>|string[]", "by name, or lines; a content type that is not given is the "
      .. "operation's own" },
    { "body?", "string|table|fun(): string?, any", "text, a table that is sent as JSON, or a function that gives "
      .. "pieces of text" },
  } },
  { class = "Event", title = "Events", text = "What a stream of events gives; see [events](events.md). What the event "
    .. "tells can be read from it by the service's names too, as from one that was listed.",
    fields = {
      { "data", "mistral.workflows.StreamedEvent", "the decoded event, or its text when it is no JSON" },
      { "event_type", "mistral.workflows.EventType", "of the workflow event in `data.data`" },
      { "attributes", "mistral.workflows.EventAttributes", "of the workflow event" },
      { "workflow_exec_id", "string", "the execution" },
      { "workflow_name", "string", "its workflow" },
      { "event_timestamp", "mistral.workflows.Nanoseconds", "when it happened" },
      { "broker_sequence", "integer", "its place in the stream" },
      { "event", "string", "its name; `message` where it has none" },
      { "id?", "string", "its id" },
      { "retry?", "integer", "milliseconds the service asks to wait before reconnecting" },
    } },
  { class = "LogEvent", title = "Streamed log records", text = "What a stream of log records gives.", fields = {
    { "data", "mistral.workflows.LogRecord", "the record" },
    { "event", "string", "its name; `message` where it has none" },
    { "id?", "string", "its id" },
    { "retry?", "integer", "milliseconds the service asks to wait before reconnecting" },
  } },
  { class = "PendingInput", title = "Pending inputs", text = "What an execution waits for; see [events](events.md).",
    fields = {
      { "task_id", "string", "what `submit_input` wants" },
      { "label", "string", "the question" },
      { "input_schema?", "table", "JSON schema of the input" },
    } },
  { class = "Attempt", title = "What the observer gets", text = "Times are libcurl's, in seconds from the start.",
    fields = {
      { "operation", "string", "as in the headings above" },
      { "method", "string", "of HTTP" },
      { "path", "string", "with the query, as sent" },
      { "attempt", "integer", "1 for the first" },
      { "status?", "integer", "HTTP status" },
      { "error?", "string", "the kind of the error" },
      { "request_id?", "string", "the service's" },
      { "http_version?", "string", "`1.0`, `1.1` or `2`" },
      { "bytes_in", "number", "received, header included" },
      { "bytes_out", "number", "sent, header included" },
      { "dns", "number", "host name known" },
      { "connect", "number", "connected" },
      { "tls", "number", "TLS done; 0 without" },
      { "first_byte", "number", "first byte of the answer" },
      { "total", "number", "end" },
      { "reused", "boolean", "the connection was there already" },
    } },
  { class = "Adapter", title = "Loop adapters", text = "What the option `loop` takes; see [loops](loops.md).",
    fields = require("mistral.workflows.loop.adapter").fields },
}

--- Types of the error fields; their meaning is in the header of errors.lua.
facts.error_types = {
  kind = '"connect"|"timeout"|"network"|"http"|"decode"|"too_large"|"stream"|"execution"|"cancelled"|"invalid"',
  message = "string", operation = "string", call = "string?", attempts = "integer", retryable = "boolean",
  status = "integer|string?", code = "string|integer?", detail = "any", body = "string?", request_id = "string?",
  retry_after = "number?", execution_id = "string?", cursor = "string?", location = "string?",
  phase = '"connect"|"response"|"idle"|nil',
  reason = "string?", cause = "{ name: string, code: integer, message: string }?",
  execution = "mistral.workflows.Execution?",
  partial = "table?",
}

local ERR = { "mistral.workflows.Error?", "err" }

local function run(resource, target)
  return { resource = resource, name = "run", args = {
    { target, "string" },
    { "request?", "mistral.workflows.ExecuteRequest" },
    { "options?", "mistral.workflows.RunOptions" } },
    returns = { { "any", "result" },
      { "mistral.workflows.Execution|mistral.workflows.Error", "execution_or_err" },
      { "mistral.workflows.Error?", "gap" } },
    text = "Starts an execution and waits until it has ended. Returns the result (`workflows.null` for none) and the "
      .. "execution; or nil and an error, of the kind `execution` when it ended other than COMPLETED. With `on_event` "
      .. "a third value says that events are missing." }
end

--- Methods that are more than one request.
facts.methods = {
  run("workflows", "workflow"),
  run("registrations", "id"),
  { resource = "executions", name = "wait", args = { { "id", "string" },
    { "options?", "mistral.workflows.WaitOptions" } },
    returns = { { "mistral.workflows.Execution?", "execution" }, ERR, { "mistral.workflows.Error?", "gap" } },
    text = "Waits until an execution has ended. Returns the execution; or nil and an error, of the kind `execution` "
      .. "when it ended other than COMPLETED, `timeout` when it goes on after `timeout` seconds. With `on_event` a "
      .. "third value says that events are missing." },
  { resource = "executions", name = "as_completed", args = { { "ids", "string[]" },
    { "options?", "mistral.workflows.CompletedOptions" } },
    returns = { { "(fun(): mistral.workflows.Execution?, mistral.workflows.Error?)|mistral.workflows.Walk",
      "iterator" } },
    text = "Gives each execution as its end becomes known, with an error object for those that did not end as "
      .. "COMPLETED; after `timeout` seconds the rest, each with its `timeout` error. Equal ids come once. `close()` "
      .. "leaves it." },
  { resource = "executions", name = "pending_inputs", args = { { "id", "string" },
    { "options?", "mistral.workflows.InputOptions" } },
    returns = { { "mistral.workflows.PendingInput[]?", "inputs" }, ERR },
    text = "What an interactive execution waits for: a list of tables with `task_id`, `label` and the schema of the "
      .. "input; empty where it waits for none." },
  { resource = "executions", name = "waiting", args = { { "params?", "mistral.workflows.list_runs.params" },
    { "options?", "mistral.workflows.InputOptions" } },
    returns = { { "(fun(): mistral.workflows.Run?, mistral.workflows.PendingInput[], mistral.workflows.Error?)"
      .. "|mistral.workflows.Walk", "iterator" } },
    text = "Gives the executions that wait for human input, each with the list of what it waits for: of the running "
      .. "runs, or of those that `params` of `runs:list` select. They are asked side by side. Where one could not be "
      .. "asked, the list is empty and a third value says why. `close()` leaves it." },
  { resource = "executions", name = "submit_input", args = { { "id", "string" }, { "task_id", "string" },
    { "input", "table" }, { "options?", "mistral.workflows.InputOptions" } },
    returns = { { "table|true|nil", "answer" }, ERR },
    text = "Gives an execution an input that it waits for. Returns what the workflow answers; or nil and an error, of "
      .. "the kind `execution` with the reason `input_refused` when the workflow does not take it." },
  { resource = "", name = "map", args = { { "items", "any[]|(fun(): any)|mistral.workflows.Walk" },
    { "fn", "fun(item: any, index: integer): any, any" },
    { "options?", "{ concurrency?: integer, on_done?: fun(index: integer, result: any, err: any) }" } },
    returns = { { "any[]", "results" }, { "any[]?", "errors" } },
    text = "Calls `fn(item, index)` for each item of a list or an iterator, at most `concurrency` (16) at a time; each "
      .. "waits for the network without holding up the others. Results and errors are indexed like the items; errors "
      .. "is nil when all succeeded. An error object that `fn` raises is the error of its item; any other error "
      .. "cancels the rest and is raised. `on_done` tells of each item as it is done." },
  { resource = "", name = "gather", args = { { "functions", "(fun(): any, any)[]" } },
    returns = { { "any[]", "results" }, { "any[]?", "errors" } },
    text = "Calls all functions at the same time; results and errors as of `map`." },
  { resource = "", name = "sleep", args = { { "seconds", "number" } }, returns = {},
    text = "Lets time pass as a call does while it waits: yields to the loop, or to the other functions of `map`, "
      .. "where a call would." },
  { resource = "", name = "pollable", args = {}, returns = { { "mistral.workflows.Pollable" } },
    text = "What an outside loop waits for: `pollfd()` is a descriptor that is readable when `drive` has work (nil "
      .. "where the platform has none), `events()` is `\"r\"`, `timeout()` the seconds until there is work "
      .. "anyway, or nil." },
  { resource = "", name = "drive", args = {}, returns = {},
    text = "Does what is due, without waiting." },
  { resource = "", name = "close", args = {}, returns = {},
    text = "Cancels the calls in flight and closes all connections. May be called again; `<close>` and collection do "
      .. "it too. Calls on a closed client raise." },
}

--- When there is an event of each type.
facts.events = {
  WORKFLOW_EXECUTION_STARTED = "a run begins",
  WORKFLOW_EXECUTION_COMPLETED = "it ended with a result: **an end**",
  WORKFLOW_EXECUTION_FAILED = "it ended with a failure: **an end**",
  WORKFLOW_EXECUTION_CANCELED = "it was asked to stop, and did: **an end**",
  WORKFLOW_EXECUTION_CONTINUED_AS_NEW = "the run is over, the execution goes on in another",
  WORKFLOW_TASK_TIMED_OUT = "a step of the workflow's own code took too long; it is tried again",
  WORKFLOW_TASK_FAILED = "a step of the workflow's own code failed; it is tried again",
  CUSTOM_TASK_STARTED = "a custom task begins",
  CUSTOM_TASK_IN_PROGRESS = "its state changed",
  CUSTOM_TASK_COMPLETED = "it is done",
  CUSTOM_TASK_FAILED = "it failed",
  CUSTOM_TASK_TIMED_OUT = "it took too long",
  CUSTOM_TASK_CANCELED = "it was given up",
  ACTIVITY_TASK_STARTED = "an activity begins; once, however often it is tried",
  ACTIVITY_TASK_COMPLETED = "an activity is done",
  ACTIVITY_TASK_RETRYING = "an activity failed and is tried again",
  ACTIVITY_TASK_FAILED = "an activity failed for good",
}

--- The functions and values of the module.
facts.module = {
  { name = "new", args = { { "options?", "mistral.workflows.Options" } }, returns = { { "mistral.workflows.Client" } },
    text = "Makes a client. Raises at the caller's line when an option is unknown or wrong. Nothing is sent yet." },
  { name = "null", type = "mistral.workflows.Null",
    text = "JSON null: the light userdata NULL, equal to `cjson.null` and `ngx.null`." },
  { name = "array", args = { { "list?", "table" } }, returns = { { "table" } },
    text = "Marks a table as a JSON array, so that it is sent as `[]` even when empty. Returns it." },
  { name = "json", type = "{ encode: (fun(value: any, style?: { indent?: integer, sort_keys?: boolean }): string?, "
    .. "string?), decode: (fun(text: string): any, string?) }",
    text = "The codec of requests and answers: `encode(value)` and `decode(text)`; nil and a message when they fail. "
      .. "`encode(value, { indent = 2, sort_keys = true })` writes lines, `indent` spaces for each level, and keys in "
      .. "the order of their bytes." },
  { name = "time", type = "{ parse: (fun(text: string|integer|mistral.workflows.Null?): number?, string?), "
    .. "format: (fun(seconds: number): string?, string?) }",
    text = "Date-times: `parse(text)` gives the seconds since 1970, of each form in which the service writes times: "
      .. "RFC 3339, with a space or an offset, and its integers of nanoseconds; microseconds are exact; nil of null. "
      .. "`format(seconds)` gives RFC 3339 in UTC. Nil and a message when they fail." },
  { name = "value", args = { { "value", "any" }, { "default?", "any" } }, returns = { { "any" } },
    text = "The value, or `default` where it is nil or null: `workflows.value(workflow.description, \"none\")`." },
  { name = "fold", args = { { "state", "any" }, { "event", "mistral.workflows.Event|table" } },
    returns = { { "any", "state" } },
    text = "The state of a custom task after an event: whole states replace it, patches (JSON Patch with `append`) "
      .. "change a copy. Begin with nil. Raises an error object of kind decode when a patch does not fit the state." },
  { name = "is_error", args = { { "value", "any" } }, returns = { { "boolean" } },
    text = "True for the error objects of this library." },
  { name = "now", args = {}, returns = { { "number" } },
    text = "Monotonic seconds: the clock of the deadlines that loop adapters get." },
  { name = "_VERSION", type = "string", text = "The version of the library." },
}

return facts
