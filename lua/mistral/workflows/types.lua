---@meta _
-- luacheck: ignore
-- Made by `make docs`; for editors only. Nothing loads this file.

---@alias mistral.workflows.Null lightuserdata

--- RFC 3339, or seconds since 1970.
---@alias mistral.workflows.Time string|number

--- Nanoseconds since 1970; digits where this Lua has no such integers.
---@alias mistral.workflows.Nanoseconds integer|string

---@class mistral.workflows.Pollable
---@field pollfd fun(self: mistral.workflows.Pollable): integer?
---@field events fun(self: mistral.workflows.Pollable): string
---@field timeout fun(self: mistral.workflows.Pollable): number?

---@class mistral.workflows.Condition
---@field wait fun(self: mistral.workflows.Condition, deadline?: number) suspends the coroutine
---@field signal fun(self: mistral.workflows.Condition) lets it go on

--- What `each`, `pages`, `as_completed` and `waiting` give besides being called: it may be left at any time.
---@class mistral.workflows.Walk
local Walk = {}

--- Leaves it and gives up the requests that are under way. May be called again.
function Walk:close() end

--- Answers as text.
---@class mistral.workflows.RawOptions : mistral.workflows.CallOptions
---@field raw true

---@class mistral.workflows.Stream
---@operator call: mistral.workflows.Event?
local Stream = {}

--- The next event; nil and "timeout" after so many seconds; nil at the end. Raises error objects.
---@param seconds? number
---@return mistral.workflows.Event? event
---@return "timeout"? problem
function Stream:next(seconds) end

--- Leaves the stream and closes its connection. May be called again.
function Stream:close() end

---@class mistral.workflows.LogStream
---@operator call: mistral.workflows.LogEvent?
local LogStream = {}

--- The next event; nil and "timeout" after so many seconds; nil at the end. Raises error objects.
---@param seconds? number
---@return mistral.workflows.LogEvent? event
---@return "timeout"? problem
function LogStream:next(seconds) end

--- Leaves the stream and closes its connection. May be called again.
function LogStream:close() end

---@class mistral.workflows.Error
---@field kind "connect"|"timeout"|"network"|"http"|"decode"|"too_large"|"stream"|"execution"|"cancelled"|"invalid" connect, timeout, network, http, decode, too_large, stream, execution, cancelled or invalid
---@field message string what happened and, where something can be done about it, what
---@field operation string the name of the operation, as in `mistral.workflows.core`
---@field call string? what the program called, as `tostring` shows it: `run 'invoice-check'`
---@field attempts integer how often the request was sent or tried
---@field retryable boolean another attempt later may succeed without a change
---@field status integer|string? HTTP status; for kind "execution" the status of the execution
---@field code string|integer? the service's code (WF_1100, AMBIGUOUS_WORKFLOW, ...)
---@field detail any the decoded body of the answer
---@field body string? its text, at most 64 KiB
---@field request_id string?
---@field retry_after number?
---@field execution_id string?
---@field cursor string?
---@field location string? where a redirect leads
---@field phase "connect"|"response"|"idle"|nil of a timeout: connect, response or idle
---@field reason string? why a connection will fail again (which TLS check, ...), why a body is not JSON, why a stream ended
---@field cause { name: string, code: integer, message: string }? `{ name, code, message }` of libcurl
---@field execution mistral.workflows.Execution? kind "execution": the execution as it ended
---@field partial table? of a call that was sent in parts: the joined answers before the part that failed

---@class mistral.workflows.Options
---@field api_key? string|fun(): string the key; a function is called for each attempt, for keys that change. After a 401 it is asked once more, and the request repeated if it has another key (default: `api_key_file`, else `MISTRAL_API_KEY`)
---@field api_key_file? string file that holds the key or a token, read for each attempt (default: `MISTRAL_SA_TOKEN_PATH`)
---@field server_url? string plain `http://` only to a loopback host (default: `MISTRAL_SERVER_URL`, else `https://api.mistral.ai`)
---@field allow_insecure_http? boolean lets `http://` through to any host (default: false)
---@field timeout? number seconds for one attempt of a plain call, body included (default: 300)
---@field connect_timeout? number seconds until a connection is ready, TLS included (default: 10)
---@field idle_timeout? number seconds without a byte before an event stream is dropped and resumed (default: 60)
---@field retry? boolean|mistral.workflows.Retry `false`: one attempt (default: `{ attempts = 4, base = 0.5, cap = 30, budget = 120 }`)
---@field max_response_bytes? integer largest body, and largest single event of a stream, after decompression (default: 64 MiB)
---@field max_connections? integer open at once. Over HTTP/1.1 as many calls run at a time, over HTTP/2 256 where that is more; others wait, within their `timeout` (default: 64)
---@field http_version? "auto"|"1.1"|"2" `auto`: 2 over TLS where the server has it, else 1.1 (default: `auto`)
---@field proxy? string URL of a proxy; an empty string: none (default: libcurl's environment variables, but not for a loopback host)
---@field no_proxy? string hosts that need no proxy, separated by commas (default: `NO_PROXY`)
---@field ca_file? string file with the trusted certificates (PEM) (default: `SSL_CERT_FILE`, else libcurl's)
---@field ca_path? string directory with trusted certificates, hashed (default: none)
---@field client_cert? string file with a client certificate (PEM) (default: none)
---@field client_key? string file with its key (PEM) (default: none)
---@field insecure? boolean `true` accepts any certificate (default: false)
---@field headers? table<string, string|number> sent with each request; not those that the library sets; 256 KiB at most (default: none)
---@field user_agent? string  (default: `mistral-workflows-lua/VERSION ...`)
---@field loop? "auto"|"blocking"|"cqueues"|"luv"|"copas"|"ngx"|mistral.workflows.Adapter what a call does while it waits; see [loops](loops.md) (default: `auto`)
---@field observer? fun(attempt: mistral.workflows.Attempt) called after each attempt (default: none)
---@field transport? fun(request: mistral.workflows.Request): mistral.workflows.Response?, any answers requests in place of the network; see [there](configuration.md#a-transport-of-your-own) (default: none)
---@field parameters? "strict"|"open" `open` sends parameter and body names that the library does not know (default: `strict`)

---@class mistral.workflows.Retry
---@field attempts? integer in all (default: 4)
---@field base? number seconds; the wait after attempt n is random, at most `base * 2^(n - 1)` (default: 0.5)
---@field cap? number seconds a wait is at most, unless the service asks for longer (default: 30)
---@field budget? number seconds from the start of the call after which no attempt is begun (default: 120)

---@class mistral.workflows.CallOptions
---@field timeout? number seconds for one attempt (default: the client's)
---@field deadline? number seconds for all of it: attempts, the pages of a walk with the loop body, the requests of a batch; a stream ends with the kind `timeout` (default: none)
---@field retry? boolean|mistral.workflows.Retry `false`: one attempt; `true`: the default (default: the client's)
---@field headers? table<string, string|number> sent after the client's (default: none)
---@field prefetch? boolean walks: request the next page before it is asked for (default: true)
---@field fields? (string|string[])[] only these members of the answer, or of each item of a list, become values: paths as `"workflow.name"` or `{ "workflow", "name" }`; not for event streams (default: all)
---@field raw? boolean the text of the answer instead of values; in a walk of each item or page, in a stream `data` (default: false)

---@class mistral.workflows.InputOptions
---@field timeout? number seconds for one attempt (default: the client's)
---@field deadline? number seconds for all of it (default: none)
---@field retry? boolean|mistral.workflows.Retry `false`: one attempt; `true`: the default (default: the client's)
---@field headers? table<string, string|number> sent after the client's (default: none)
---@field prefetch? boolean `waiting`: request the next page before it is asked for (default: true)

---@class mistral.workflows.WaitOptions
---@field timeout? number seconds in all; afterwards the error has the kind `timeout` (default: none)
---@field deadline? number the same; the smaller one counts (default: none)
---@field on_event? fun(event: mistral.workflows.Event) called with each event of the execution (default: none)
---@field poll? { min?: number, max?: number } seconds between two questions for the status (default: `{ min = 0.25, max = 5 }`)
---@field retry? boolean|mistral.workflows.Retry of the start; its `budget` also bounds how long nobody may be able to tell the status (default: the client's)
---@field headers? table<string, string|number> sent after the client's (default: none)

---@class mistral.workflows.RunOptions
---@field timeout? number seconds in all; afterwards the error has the kind `timeout` (default: none)
---@field deadline? number the same; the smaller one counts (default: none)
---@field on_event? fun(event: mistral.workflows.Event) called with each event of the execution (default: none)
---@field poll? { min?: number, max?: number } seconds between two questions for the status (default: `{ min = 0.25, max = 5 }`)
---@field join? boolean with an `execution_id` of your own: waits for the execution that has it instead of starting another one (default: false)
---@field on_start? fun(execution: mistral.workflows.Execution) called when the execution has started (default: none)
---@field on_timeout? "leave"|"cancel" what becomes of an execution that goes on after `timeout` (default: `leave`)
---@field retry? boolean|mistral.workflows.Retry of the start; its `budget` also bounds how long nobody may be able to tell the status (default: the client's)
---@field headers? table<string, string|number> sent after the client's (default: none)

---@class mistral.workflows.CompletedOptions
---@field timeout? number seconds in all; afterwards the error has the kind `timeout` (default: none)
---@field deadline? number the same; the smaller one counts (default: none)
---@field retry? boolean|mistral.workflows.Retry of the start; its `budget` also bounds how long nobody may be able to tell the status (default: the client's)
---@field headers? table<string, string|number> sent after the client's (default: none)

---@class mistral.workflows.Request
---@field operation string as in the headings above
---@field method string of HTTP
---@field url string all of it
---@field path string without the query
---@field query? string without the question mark
---@field headers table<string, string> by name
---@field body? string JSON

---@class mistral.workflows.Response
---@field status integer of HTTP
---@field headers? table<string, string>|string[] by name, or lines; a content type that is not given is the operation's own
---@field body? string|table|fun(): string?, any text, a table that is sent as JSON, or a function that gives pieces of text

---@class mistral.workflows.Event
---@field data mistral.workflows.StreamedEvent the decoded event, or its text when it is no JSON
---@field event_type mistral.workflows.EventType of the workflow event in `data.data`
---@field attributes mistral.workflows.EventAttributes of the workflow event
---@field workflow_exec_id string the execution
---@field workflow_name string its workflow
---@field event_timestamp mistral.workflows.Nanoseconds when it happened
---@field broker_sequence integer its place in the stream
---@field event string its name; `message` where it has none
---@field id? string its id
---@field retry? integer milliseconds the service asks to wait before reconnecting

---@class mistral.workflows.LogEvent
---@field data mistral.workflows.LogRecord the record
---@field event string its name; `message` where it has none
---@field id? string its id
---@field retry? integer milliseconds the service asks to wait before reconnecting

---@class mistral.workflows.PendingInput
---@field task_id string what `submit_input` wants
---@field label string the question
---@field input_schema? table JSON schema of the input

---@class mistral.workflows.Attempt
---@field operation string as in the headings above
---@field method string of HTTP
---@field path string with the query, as sent
---@field attempt integer 1 for the first
---@field status? integer HTTP status
---@field error? string the kind of the error
---@field request_id? string the service's
---@field http_version? string `1.0`, `1.1` or `2`
---@field bytes_in number received, header included
---@field bytes_out number sent, header included
---@field dns number host name known
---@field connect number connected
---@field tls number TLS done; 0 without
---@field first_byte number first byte of the answer
---@field total number end
---@field reused boolean the connection was there already

---@class mistral.workflows.Adapter
---@field wait fun(pollable: mistral.workflows.Pollable, deadline?: number) returns when the pollable has work, or at the monotonic time `deadline` (as of `workflows.now()`; nil: no limit); may return early at any time
---@field sleep fun(seconds: number, pollable: mistral.workflows.Pollable) returns after so many seconds
---@field spawn fun(fn: fun()): boolean? runs `fn` in a coroutine of its own; returns false when that is not possible now
---@field is_running? fun(): boolean false where the adapter cannot be used now: the call blocks
---@field yields? boolean false: `wait` and `sleep` do not yield but wait in a way of their own, which is good everywhere; `spawn` is not needed
---@field drives? boolean true: `wait` does what is due, as `client:drive()` would
---@field condition? fun(): mistral.workflows.Condition what one coroutine waits for: an object with `wait(deadline)`, which suspends the coroutine, and `signal()`, which lets it go on soon, also when it comes first. With it, one coroutine waits for the pollable, and all others for their condition: this saves work when many wait
---@field watch? fun(pollable: mistral.workflows.Pollable, turn: fun(): boolean): boolean? with `condition`, in place of that one coroutine: calls `turn()` whenever the pollable has work until it returns false. Returns true when this has begun, false when it is not possible now; nil when it will begin, with a call of `turn()`
---@field release? fun(pollable: mistral.workflows.Pollable) the client is about to be closed, and the descriptor with it: `watch` ends, and whatever else holds it
---@field owner? fun(): any what a coroutine made by `spawn` depends on, when a program can have several such loops

---@alias mistral.workflows.ExecutionStatus "RUNNING"|"COMPLETED"|"FAILED"|"CANCELED"|"TERMINATED"|"CONTINUED_AS_NEW"|"TIMED_OUT"|"RETRYING_AFTER_ERROR"|string

---@class mistral.workflows.WorkflowPage
---@field workflows mistral.workflows.ListedWorkflow[]
---@field next_cursor string|mistral.workflows.Null null on the last page

---@class mistral.workflows.ListedWorkflow
---@field id string UUID
---@field name string
---@field display_name string
---@field description? string|mistral.workflows.Null
---@field metadata? mistral.workflows.WorkflowMetadata
---@field archived boolean
---@field tags? string[]

---@class mistral.workflows.WorkflowMetadata
---@field shared_namespace? string|mistral.workflows.Null null for a workflow of one's own

---@class mistral.workflows.WorkflowDetailAnswer
---@field workflow mistral.workflows.WorkflowDetail

---@class mistral.workflows.WorkflowDetail : mistral.workflows.Workflow
---@field active boolean at least one worker serves it

---@class mistral.workflows.Workflow
---@field id string UUID
---@field name string
---@field display_name string
---@field type mistral.workflows.WorkflowType
---@field description? string|mistral.workflows.Null
---@field customer_id string UUID
---@field workspace_id string UUID
---@field shared_namespace? string|mistral.workflows.Null of a shared workflow
---@field available_in_chat_assistant? boolean
---@field is_technical? boolean made by the service's own tools
---@field archived? boolean
---@field tags? string[]

---@alias mistral.workflows.WorkflowType "code"|string

---@class mistral.workflows.WorkflowChanges
---@field display_name? string|mistral.workflows.Null up to 128 characters
---@field description? string|mistral.workflows.Null
---@field available_in_chat_assistant? boolean|mistral.workflows.Null
---@field tags? string[]|mistral.workflows.Null replace those there are

---@class mistral.workflows.WorkflowAnswer
---@field workflow mistral.workflows.Workflow|mistral.workflows.Null

---@class mistral.workflows.WorkflowIds
---@field workflow_ids string[]

---@class mistral.workflows.ArchivedWorkflows
---@field archived mistral.workflows.Workflow[]
---@field errored? mistral.workflows.WorkflowError[] those that were not

---@class mistral.workflows.WorkflowError
---@field workflow_id string UUID, as it was asked for
---@field workflow? mistral.workflows.Workflow|mistral.workflows.Null null when there is none
---@field message string

---@class mistral.workflows.UnarchivedWorkflows
---@field unarchived mistral.workflows.Workflow[]
---@field errored? mistral.workflows.WorkflowError[] those that were not

---@class mistral.workflows.ExecuteRequest
---@field execution_id? false|string|mistral.workflows.Null 1 to 256 of A-Z a-z 0-9 _ -
---@field input? table|mistral.workflows.Null what the workflow gets
---@field wait_for_result? boolean
---@field timeout_seconds? number|mistral.workflows.Null seconds the service waits at most; with wait_for_result
---@field custom_tracing_attributes? table<string, string>|mistral.workflows.Null
---@field force_new_trace? boolean
---@field extensions? table|mistral.workflows.Null data for plugins
---@field task_queue? string|mistral.workflows.Null deprecated
---@field deployment_name? string|mistral.workflows.Null needed where several serve the workflow
---@field traceparent? string|mistral.workflows.Null W3C trace context
---@field encoded_input? mistral.workflows.EncodedInput|mistral.workflows.Null instead of input

---@class mistral.workflows.EncodedInput
---@field b64payload string base64
---@field encoding_options? mistral.workflows.PayloadEncoding[]
---@field empty? boolean

---@alias mistral.workflows.PayloadEncoding "offloaded"|"encrypted"|"encrypted-partial"|"compressed"|string

---@alias mistral.workflows.StartedExecution mistral.workflows.Execution|mistral.workflows.ExecutionResult

---@class mistral.workflows.Execution : mistral.workflows.Run
---@field result any null unless it COMPLETED with one

---@class mistral.workflows.Run
---@field workflow_name string
---@field workflow_id? string|mistral.workflows.Null UUID
---@field deployment_name? string|mistral.workflows.Null
---@field execution_id string
---@field parent_execution_id? string|mistral.workflows.Null of the execution that started it
---@field root_execution_id string of the outermost; its own where it is that
---@field run_id? string|mistral.workflows.Null UUID; events have another
---@field user_id? string|mistral.workflows.Null who started it
---@field status mistral.workflows.ExecutionStatus|mistral.workflows.Null
---@field start_time string
---@field end_time string|mistral.workflows.Null null while it runs
---@field total_duration_ms? integer|mistral.workflows.Null milliseconds
---@field search_keys? table<string, string>|mistral.workflows.Null with `include_search_keys`

---@class mistral.workflows.ExecutionResult
---@field workflow_name string
---@field execution_id string
---@field result any

---@class mistral.workflows.WorkflowMetrics
---@field execution_count mistral.workflows.ScalarMetric
---@field success_count mistral.workflows.ScalarMetric
---@field error_count mistral.workflows.ScalarMetric
---@field average_latency_ms mistral.workflows.ScalarMetric
---@field latency_over_time mistral.workflows.TimeSeriesMetric
---@field retry_rate mistral.workflows.ScalarMetric

---@class mistral.workflows.ScalarMetric
---@field value number

---@class mistral.workflows.TimeSeriesMetric
---@field value mistral.workflows.MetricPoint[]

---@class mistral.workflows.MetricPoint
---@field [1] integer time
---@field [2] number value

---@class mistral.workflows.RegistrationPage
---@field workflow_registrations mistral.workflows.Registration[]
---@field workflow_versions mistral.workflows.Registration[] the same list, deprecated
---@field next_cursor string|mistral.workflows.Null null on the last page

---@class mistral.workflows.Registration
---@field id string UUID
---@field deployment_id? string|mistral.workflows.Null UUID; deprecated
---@field task_queue? string|mistral.workflows.Null deprecated
---@field definition mistral.workflows.WorkflowDefinition
---@field workflow_id string UUID
---@field workflow? mistral.workflows.Workflow|mistral.workflows.Null with `with_workflow`
---@field deployment_name? string|mistral.workflows.Null
---@field compatible_with_chat_assistant? boolean

---@class mistral.workflows.WorkflowDefinition
---@field input_schema table JSON schema of the input
---@field output_schema? table|mistral.workflows.Null JSON schema of the result
---@field signals? mistral.workflows.SignalDefinition[]
---@field queries? mistral.workflows.HandlerDefinition[]
---@field updates? mistral.workflows.HandlerDefinition[]
---@field enforce_determinism? boolean
---@field on_behalf_of? boolean runs with the identity of a user
---@field execution_timeout? number seconds in all, retries and continuations included
---@field plugin_metadata? table|mistral.workflows.Null

---@class mistral.workflows.SignalDefinition
---@field name string
---@field description? string|mistral.workflows.Null
---@field input_schema table JSON schema

---@class mistral.workflows.HandlerDefinition
---@field name string
---@field description? string|mistral.workflows.Null
---@field input_schema table JSON schema
---@field output_schema? table|mistral.workflows.Null JSON schema

---@class mistral.workflows.RegistrationAnswer
---@field workflow_registration mistral.workflows.RegistrationDetail
---@field workflow_version mistral.workflows.RegistrationDetail the same, deprecated

---@class mistral.workflows.RegistrationDetail : mistral.workflows.Registration
---@field active boolean at least one worker serves it

---@class mistral.workflows.Invocation
---@field name string of the handler
---@field input? table|mistral.workflows.Null what the handler gets

---@class mistral.workflows.SignalAnswer
---@field message? string

---@class mistral.workflows.QueryAnswer
---@field query_name string
---@field result any

---@class mistral.workflows.UpdateAnswer
---@field update_name string
---@field result any

---@class mistral.workflows.ResetRequest
---@field event_id integer of a workflow-task-completed event
---@field reason? string|mistral.workflows.Null
---@field exclude_signals? boolean those after the event
---@field exclude_updates? boolean those after the event

---@class mistral.workflows.ExecutionIds
---@field execution_ids string[]

---@class mistral.workflows.BatchAnswer
---@field results? table<string, mistral.workflows.BatchResult> by execution id

---@class mistral.workflows.BatchResult
---@field status string
---@field error? string|mistral.workflows.Null null when it went well

---@class mistral.workflows.TraceInfo
---@field otel_trace_id? string|mistral.workflows.Null
---@field has_trace_data? boolean

---@class mistral.workflows.ExecutionOtel : mistral.workflows.Execution
---@field data_source string where the trace was read
---@field otel_trace_id? string|mistral.workflows.Null
---@field otel_trace_data? mistral.workflows.OtelTrace|mistral.workflows.Null

---@class mistral.workflows.OtelTrace
---@field batches? mistral.workflows.OtelBatch[]

---@class mistral.workflows.OtelBatch
---@field resource mistral.workflows.OtelResource
---@field scopeSpans? mistral.workflows.OtelScopeSpans[]

---@class mistral.workflows.OtelResource
---@field attributes? mistral.workflows.OtelAttribute[]

---@class mistral.workflows.OtelAttribute
---@field key string
---@field value mistral.workflows.OtelValue

---@class mistral.workflows.OtelValue
---@field stringValue? string|mistral.workflows.Null
---@field intValue? string|mistral.workflows.Null digits
---@field boolValue? boolean|mistral.workflows.Null
---@field doubleValue? number|mistral.workflows.Null
---@field arrayValue? mistral.workflows.OtelArray

---@class mistral.workflows.OtelArray
---@field values? mistral.workflows.OtelValue[]

---@class mistral.workflows.OtelScopeSpans
---@field scope mistral.workflows.OtelScope
---@field spans? mistral.workflows.OtelSpan[]

---@class mistral.workflows.OtelScope
---@field name string

---@class mistral.workflows.OtelSpan
---@field traceId string
---@field spanId string
---@field parentSpanId? string|mistral.workflows.Null
---@field name string
---@field kind mistral.workflows.OtelSpanKind
---@field startTimeUnixNano string digits
---@field endTimeUnixNano string digits
---@field attributes? mistral.workflows.OtelAttribute[]
---@field events? mistral.workflows.OtelEvent[]

---@alias mistral.workflows.OtelSpanKind "SPAN_KIND_INTERNAL"|"SPAN_KIND_SERVER"|"SPAN_KIND_CLIENT"|string

---@class mistral.workflows.OtelEvent
---@field name string
---@field timeUnixNano string digits
---@field attributes? mistral.workflows.OtelAttribute[]

---@class mistral.workflows.ExecutionSummary : mistral.workflows.Execution
---@field span_tree? mistral.workflows.TraceSpan|mistral.workflows.Null the root

---@class mistral.workflows.TraceSpan
---@field span_id string
---@field name string
---@field start_time_unix_nano mistral.workflows.Nanoseconds
---@field end_time_unix_nano mistral.workflows.Nanoseconds|mistral.workflows.Null null while it goes on
---@field attributes table
---@field events mistral.workflows.TraceEvent[]
---@field children? mistral.workflows.TraceSpan[]

---@class mistral.workflows.TraceEvent
---@field type? mistral.workflows.TraceEventType
---@field name string
---@field id string
---@field timestamp_unix_nano mistral.workflows.Nanoseconds
---@field attributes table
---@field internal? boolean
---@field status? mistral.workflows.TraceProgressStatus of an EVENT_PROGRESS
---@field start_time_unix_ms? integer of an EVENT_PROGRESS: milliseconds since 1970
---@field end_time_unix_ms? integer|mistral.workflows.Null of an EVENT_PROGRESS
---@field error? string|mistral.workflows.Null of an EVENT_PROGRESS

---@alias mistral.workflows.TraceEventType "EVENT"|"EVENT_PROGRESS"|string

---@alias mistral.workflows.TraceProgressStatus "RUNNING"|"COMPLETED"|"FAILED"|string

---@class mistral.workflows.ExecutionTraceEvents : mistral.workflows.Execution
---@field events? mistral.workflows.TraceEvent[]

---@alias mistral.workflows.EventSource "DATABASE"|"LIVE"|"HYBRID"|string

---@class mistral.workflows.StreamedEvent
---@field stream string topic
---@field timestamp? string
---@field data mistral.workflows.WorkflowEvent
---@field workflow_context mistral.workflows.StreamContext
---@field metadata? table
---@field broker_sequence integer ascending; where a stream resumes

---@alias mistral.workflows.WorkflowEvent mistral.workflows.AnyEvent|mistral.workflows.WorkflowExecutionStarted|mistral.workflows.WorkflowExecutionCompleted|mistral.workflows.WorkflowExecutionFailed|mistral.workflows.WorkflowExecutionCanceled|mistral.workflows.WorkflowExecutionContinuedAsNew|mistral.workflows.WorkflowTaskTimedOut|mistral.workflows.WorkflowTaskFailed|mistral.workflows.CustomTaskStarted|mistral.workflows.CustomTaskInProgress|mistral.workflows.CustomTaskCompleted|mistral.workflows.CustomTaskFailed|mistral.workflows.CustomTaskTimedOut|mistral.workflows.CustomTaskCanceled|mistral.workflows.ActivityTaskStarted|mistral.workflows.ActivityTaskCompleted|mistral.workflows.ActivityTaskRetrying|mistral.workflows.ActivityTaskFailed

---@class mistral.workflows.AnyEvent
---@field event_id string
---@field event_timestamp mistral.workflows.Nanoseconds
---@field root_workflow_exec_id string of the outermost execution
---@field parent_workflow_exec_id string|mistral.workflows.Null of the execution that started this one
---@field continued_run_id? string|mistral.workflows.Null of the run that this one continues
---@field first_execution_run_id? string|mistral.workflows.Null of the first run of the chain
---@field schedule_id? string|mistral.workflows.Null of the schedule that started it
---@field chain_run_id? string|mistral.workflows.Null
---@field workflow_exec_id string of the execution
---@field workflow_run_id string of the run; not the `run_id` of lists
---@field workflow_name string
---@field event_type mistral.workflows.EventType
---@field attributes mistral.workflows.EventAttributes

---@alias mistral.workflows.EventType "WORKFLOW_EXECUTION_STARTED"|"WORKFLOW_EXECUTION_COMPLETED"|"WORKFLOW_EXECUTION_FAILED"|"WORKFLOW_EXECUTION_CANCELED"|"WORKFLOW_EXECUTION_CONTINUED_AS_NEW"|"WORKFLOW_TASK_TIMED_OUT"|"WORKFLOW_TASK_FAILED"|"CUSTOM_TASK_STARTED"|"CUSTOM_TASK_IN_PROGRESS"|"CUSTOM_TASK_COMPLETED"|"CUSTOM_TASK_FAILED"|"CUSTOM_TASK_TIMED_OUT"|"CUSTOM_TASK_CANCELED"|"ACTIVITY_TASK_STARTED"|"ACTIVITY_TASK_COMPLETED"|"ACTIVITY_TASK_RETRYING"|"ACTIVITY_TASK_FAILED"|string

---@alias mistral.workflows.EventAttributes mistral.workflows.WorkflowExecutionStartedAttributes|mistral.workflows.WorkflowExecutionCompletedAttributes|mistral.workflows.WorkflowExecutionFailedAttributes|mistral.workflows.WorkflowExecutionCanceledAttributes|mistral.workflows.WorkflowExecutionContinuedAsNewAttributes|mistral.workflows.WorkflowTaskTimedOutAttributes|mistral.workflows.WorkflowTaskFailedAttributes|mistral.workflows.CustomTaskStartedAttributes|mistral.workflows.CustomTaskInProgressAttributes|mistral.workflows.CustomTaskCompletedAttributes|mistral.workflows.CustomTaskFailedAttributes|mistral.workflows.CustomTaskTimedOutAttributes|mistral.workflows.CustomTaskCanceledAttributes|mistral.workflows.ActivityTaskStartedAttributes|mistral.workflows.ActivityTaskCompletedAttributes|mistral.workflows.ActivityTaskRetryingAttributes|mistral.workflows.ActivityTaskFailedAttributes

---@class mistral.workflows.WorkflowExecutionStartedAttributes
---@field task_id string
---@field workflow_name string
---@field display_name? string|mistral.workflows.Null
---@field input mistral.workflows.Payload
---@field attempt? integer 1 for the first

---@class mistral.workflows.Payload
---@field type "json"
---@field value any base64 text where it is encoded
---@field encoding_options? string[]|mistral.workflows.Null how the value is encoded

---@class mistral.workflows.WorkflowExecutionCompletedAttributes
---@field task_id string
---@field result mistral.workflows.Payload
---@field attempt? integer 1 for the first

---@class mistral.workflows.WorkflowExecutionFailedAttributes
---@field task_id string
---@field failure mistral.workflows.Failure
---@field attempt? integer 1 for the first

---@class mistral.workflows.Failure
---@field message string

---@class mistral.workflows.WorkflowExecutionCanceledAttributes
---@field task_id string
---@field reason? string|mistral.workflows.Null
---@field attempt? integer 1 for the first

---@class mistral.workflows.WorkflowExecutionContinuedAsNewAttributes
---@field task_id string
---@field new_execution_run_id string
---@field workflow_name string
---@field input mistral.workflows.Payload

---@class mistral.workflows.WorkflowTaskTimedOutAttributes
---@field task_id string
---@field timeout_type? string|mistral.workflows.Null

---@class mistral.workflows.WorkflowTaskFailedAttributes
---@field task_id string
---@field failure mistral.workflows.Failure

---@class mistral.workflows.CustomTaskStartedAttributes
---@field custom_task_id string
---@field custom_task_type string
---@field payload? mistral.workflows.Payload

---@class mistral.workflows.CustomTaskInProgressAttributes
---@field custom_task_id string
---@field custom_task_type string
---@field payload mistral.workflows.ProgressPayload

---@alias mistral.workflows.ProgressPayload mistral.workflows.Payload|mistral.workflows.PatchPayload|mistral.workflows.EncodedPatchPayload

---@class mistral.workflows.PatchPayload
---@field type "json_patch"
---@field value mistral.workflows.Patch[]
---@field encoding_options? string[]|mistral.workflows.Null how the value is encoded

---@class mistral.workflows.Patch
---@field op mistral.workflows.PatchOp
---@field path any JSON Pointer; [] for the root
---@field value? any append: the text to add

---@alias mistral.workflows.PatchOp "add"|"replace"|"remove"|"append"|string

---@class mistral.workflows.EncodedPatchPayload
---@field type "json_patch"
---@field value string base64
---@field encoding_options? string[]|mistral.workflows.Null how the value is encoded

---@class mistral.workflows.CustomTaskCompletedAttributes
---@field custom_task_id string
---@field custom_task_type string
---@field payload mistral.workflows.Payload

---@class mistral.workflows.CustomTaskFailedAttributes
---@field custom_task_id string
---@field custom_task_type string
---@field failure mistral.workflows.Failure

---@class mistral.workflows.CustomTaskTimedOutAttributes
---@field custom_task_id string
---@field custom_task_type string
---@field timeout_type? string|mistral.workflows.Null

---@class mistral.workflows.CustomTaskCanceledAttributes
---@field custom_task_id string
---@field custom_task_type string
---@field reason? string|mistral.workflows.Null

---@class mistral.workflows.ActivityTaskStartedAttributes
---@field task_id string
---@field activity_name string
---@field input mistral.workflows.Payload

---@class mistral.workflows.ActivityTaskCompletedAttributes
---@field task_id string
---@field activity_name string
---@field result mistral.workflows.Payload

---@class mistral.workflows.ActivityTaskRetryingAttributes
---@field task_id string
---@field activity_name string
---@field attempt integer the one that failed
---@field failure mistral.workflows.Failure

---@class mistral.workflows.ActivityTaskFailedAttributes
---@field task_id string
---@field activity_name string
---@field attempt integer the last
---@field failure mistral.workflows.Failure

---@class mistral.workflows.WorkflowExecutionStarted : mistral.workflows.AnyEvent
---@field event_type "WORKFLOW_EXECUTION_STARTED"
---@field attributes mistral.workflows.WorkflowExecutionStartedAttributes

---@class mistral.workflows.WorkflowExecutionCompleted : mistral.workflows.AnyEvent
---@field event_type "WORKFLOW_EXECUTION_COMPLETED"
---@field attributes mistral.workflows.WorkflowExecutionCompletedAttributes

---@class mistral.workflows.WorkflowExecutionFailed : mistral.workflows.AnyEvent
---@field event_type "WORKFLOW_EXECUTION_FAILED"
---@field attributes mistral.workflows.WorkflowExecutionFailedAttributes

---@class mistral.workflows.WorkflowExecutionCanceled : mistral.workflows.AnyEvent
---@field event_type "WORKFLOW_EXECUTION_CANCELED"
---@field attributes mistral.workflows.WorkflowExecutionCanceledAttributes

---@class mistral.workflows.WorkflowExecutionContinuedAsNew : mistral.workflows.AnyEvent
---@field event_type "WORKFLOW_EXECUTION_CONTINUED_AS_NEW"
---@field attributes mistral.workflows.WorkflowExecutionContinuedAsNewAttributes

---@class mistral.workflows.WorkflowTaskTimedOut : mistral.workflows.AnyEvent
---@field event_type "WORKFLOW_TASK_TIMED_OUT"
---@field attributes mistral.workflows.WorkflowTaskTimedOutAttributes

---@class mistral.workflows.WorkflowTaskFailed : mistral.workflows.AnyEvent
---@field event_type "WORKFLOW_TASK_FAILED"
---@field attributes mistral.workflows.WorkflowTaskFailedAttributes

---@class mistral.workflows.CustomTaskStarted : mistral.workflows.AnyEvent
---@field event_type "CUSTOM_TASK_STARTED"
---@field attributes mistral.workflows.CustomTaskStartedAttributes

---@class mistral.workflows.CustomTaskInProgress : mistral.workflows.AnyEvent
---@field event_type "CUSTOM_TASK_IN_PROGRESS"
---@field attributes mistral.workflows.CustomTaskInProgressAttributes

---@class mistral.workflows.CustomTaskCompleted : mistral.workflows.AnyEvent
---@field event_type "CUSTOM_TASK_COMPLETED"
---@field attributes mistral.workflows.CustomTaskCompletedAttributes

---@class mistral.workflows.CustomTaskFailed : mistral.workflows.AnyEvent
---@field event_type "CUSTOM_TASK_FAILED"
---@field attributes mistral.workflows.CustomTaskFailedAttributes

---@class mistral.workflows.CustomTaskTimedOut : mistral.workflows.AnyEvent
---@field event_type "CUSTOM_TASK_TIMED_OUT"
---@field attributes mistral.workflows.CustomTaskTimedOutAttributes

---@class mistral.workflows.CustomTaskCanceled : mistral.workflows.AnyEvent
---@field event_type "CUSTOM_TASK_CANCELED"
---@field attributes mistral.workflows.CustomTaskCanceledAttributes

---@class mistral.workflows.ActivityTaskStarted : mistral.workflows.AnyEvent
---@field event_type "ACTIVITY_TASK_STARTED"
---@field attributes mistral.workflows.ActivityTaskStartedAttributes

---@class mistral.workflows.ActivityTaskCompleted : mistral.workflows.AnyEvent
---@field event_type "ACTIVITY_TASK_COMPLETED"
---@field attributes mistral.workflows.ActivityTaskCompletedAttributes

---@class mistral.workflows.ActivityTaskRetrying : mistral.workflows.AnyEvent
---@field event_type "ACTIVITY_TASK_RETRYING"
---@field attributes mistral.workflows.ActivityTaskRetryingAttributes

---@class mistral.workflows.ActivityTaskFailed : mistral.workflows.AnyEvent
---@field event_type "ACTIVITY_TASK_FAILED"
---@field attributes mistral.workflows.ActivityTaskFailedAttributes

---@class mistral.workflows.StreamContext
---@field namespace string
---@field workflow_name string
---@field workflow_exec_id string
---@field parent_workflow_exec_id? string|mistral.workflows.Null
---@field root_workflow_exec_id? string|mistral.workflows.Null

---@class mistral.workflows.LogPage
---@field results mistral.workflows.LogRecord[]
---@field next_cursor? string|mistral.workflows.Null null on the last page

---@class mistral.workflows.LogRecord
---@field timestamp string
---@field trace_id string
---@field span_id string
---@field severity_text string
---@field body string the message
---@field log_attributes table<string, string>

---@class mistral.workflows.RunPage
---@field executions mistral.workflows.Run[]
---@field next_page_token? string|mistral.workflows.Null null on the last page

---@class mistral.workflows.SchedulePage
---@field schedules mistral.workflows.Schedule[]
---@field next_page_token? string|mistral.workflows.Null null on the last page

---@class mistral.workflows.Schedule : mistral.workflows.ScheduleTimes
---@field schedule_id string
---@field workflow_name string
---@field deployment_name? string|mistral.workflows.Null
---@field input any
---@field paused boolean
---@field note? string|mistral.workflows.Null said when it was paused or resumed
---@field remaining_executions? integer|mistral.workflows.Null starts that are left; null: any number
---@field future_executions? mistral.workflows.FutureExecution[] the next ten
---@field recent_executions? mistral.workflows.RecentExecution[] the last ten

---@class mistral.workflows.ScheduleTimes
---@field calendars? mistral.workflows.ScheduleCalendar[]
---@field intervals? mistral.workflows.ScheduleInterval[]
---@field cron_expressions? string[] 5 fields, as 0 3 * * *
---@field skip? mistral.workflows.ScheduleCalendar[] times to leave out
---@field start_at? mistral.workflows.Time|mistral.workflows.Null none before
---@field end_at? mistral.workflows.Time|mistral.workflows.Null none after
---@field jitter? string|mistral.workflows.Null ISO 8601 duration by which starts are spread
---@field time_zone_name? string|mistral.workflows.Null IANA name, as Europe/Paris; default UTC
---@field policy? mistral.workflows.SchedulePolicy

---@class mistral.workflows.ScheduleCalendar
---@field second? mistral.workflows.ScheduleRange[] default 0
---@field minute? mistral.workflows.ScheduleRange[] default 0
---@field hour? mistral.workflows.ScheduleRange[] default 0
---@field day_of_month? mistral.workflows.ScheduleRange[] default: every
---@field month? mistral.workflows.ScheduleRange[] default: every
---@field year? mistral.workflows.ScheduleRange[] default: every
---@field day_of_week? mistral.workflows.ScheduleRange[] 0 is Sunday; default: every
---@field comment? string|mistral.workflows.Null

---@class mistral.workflows.ScheduleRange
---@field start integer
---@field end? integer 0: only `start`; in Lua `["end"]`
---@field step? integer 0: every one

---@class mistral.workflows.ScheduleInterval
---@field every string ISO 8601 duration, as PT15M
---@field offset? string|mistral.workflows.Null ISO 8601 duration

---@class mistral.workflows.SchedulePolicy
---@field catchup_window_seconds? integer how late a missed start is made up for; default 31536000
---@field overlap? mistral.workflows.ScheduleOverlap 1 SKIP, 2 BUFFER_ONE, 3 BUFFER_ALL, 4 CANCEL_OTHER, 5 TERMINATE_OTHER, 6 ALLOW_ALL; default 1
---@field pause_on_failure? boolean default false

---@alias mistral.workflows.ScheduleOverlap 1|2|3|4|5|6|integer

---@class mistral.workflows.FutureExecution
---@field scheduled_at string

---@class mistral.workflows.RecentExecution
---@field scheduled_at string
---@field started_at string
---@field execution_id string

---@class mistral.workflows.ScheduleRequest
---@field schedule mistral.workflows.ScheduleSpec
---@field workflow_identifier? string|mistral.workflows.Null name or id; this or workflow_registration_id
---@field workflow_registration_id? string|mistral.workflows.Null UUID
---@field workflow_version_id? string|mistral.workflows.Null deprecated
---@field workflow_task_queue? string|mistral.workflows.Null deprecated
---@field schedule_id? string|mistral.workflows.Null of one's own; else the service makes one
---@field deployment_name? string|mistral.workflows.Null

---@class mistral.workflows.ScheduleSpec : mistral.workflows.ScheduleTimes
---@field input any what the workflow gets; {} for none
---@field max_executions? integer|mistral.workflows.Null starts in all; null: any number
---@field schedule_id? string|mistral.workflows.Null

---@class mistral.workflows.ScheduleAnswer
---@field schedule_id string

---@class mistral.workflows.ScheduleUpdate
---@field schedule mistral.workflows.ScheduleChanges

---@class mistral.workflows.ScheduleChanges : mistral.workflows.ScheduleTimes
---@field input? any what the workflow gets
---@field max_executions? integer|mistral.workflows.Null starts in all; null: any number

---@class mistral.workflows.ScheduleNote
---@field note? string|mistral.workflows.Null

---@class mistral.workflows.ScheduleTrigger
---@field overlap? mistral.workflows.ScheduleOverlap|mistral.workflows.Null 1 SKIP, 2 BUFFER_ONE, 3 BUFFER_ALL, 4 CANCEL_OTHER, 5 TERMINATE_OTHER, 6 ALLOW_ALL

---@alias mistral.workflows.LocationType "local"|"k8s"|"managed"|string

---@class mistral.workflows.DeploymentPage
---@field deployments mistral.workflows.Deployment[]
---@field next_cursor string|mistral.workflows.Null null on the last page
---@field workspace_id string UUID

---@class mistral.workflows.Deployment
---@field id string UUID
---@field name string
---@field is_active boolean at least one worker is
---@field is_hardened? boolean
---@field created_at string
---@field updated_at string
---@field location? mistral.workflows.Location|mistral.workflows.Null
---@field worker_count? integer
---@field active_worker_count? integer
---@field locations? mistral.workflows.LocationType[] of its workers
---@field managed? mistral.workflows.ManagedDeployment|mistral.workflows.Null null where the service does not keep it
---@field owner? string|mistral.workflows.Null

---@class mistral.workflows.Location
---@field location_type mistral.workflows.LocationType
---@field k8s_cluster? string|mistral.workflows.Null
---@field k8s_namespace? string|mistral.workflows.Null

---@class mistral.workflows.ManagedDeployment
---@field service_id string
---@field name string
---@field spec mistral.workflows.ManagedSpec
---@field resources mistral.workflows.DeploymentResources
---@field status mistral.workflows.ManagedStatus
---@field created_at string
---@field updated_at string
---@field stopped? boolean
---@field rollout_status? string|mistral.workflows.Null
---@field created_by? string|mistral.workflows.Null
---@field updated_by? string|mistral.workflows.Null
---@field deployed_by? string|mistral.workflows.Null
---@field deployed_at? string|mistral.workflows.Null
---@field is_hardened? boolean

---@class mistral.workflows.ManagedSpec
---@field github_url string
---@field type? string
---@field revision? string|mistral.workflows.Null
---@field entrypoint? string|mistral.workflows.Null deprecated
---@field working_dir? string|mistral.workflows.Null deprecated
---@field backend_spec? mistral.workflows.BackendSpec
---@field restarted_at? string|mistral.workflows.Null
---@field commit_sha? string|mistral.workflows.Null deprecated: commit
---@field commit? mistral.workflows.Commit|mistral.workflows.Null

---@class mistral.workflows.BackendSpec
---@field type mistral.workflows.BackendType
---@field build_directory? string|mistral.workflows.Null koyeb
---@field dockerfile_path? string|mistral.workflows.Null koyeb
---@field entrypoint? string|mistral.workflows.Null kubernetes
---@field working_dir? string|mistral.workflows.Null kubernetes

---@alias mistral.workflows.BackendType "koyeb"|"kubernetes"|string

---@class mistral.workflows.Commit
---@field sha string
---@field message? string|mistral.workflows.Null
---@field author? mistral.workflows.CommitAuthor|mistral.workflows.Null
---@field html_url? string|mistral.workflows.Null

---@class mistral.workflows.CommitAuthor
---@field name? string|mistral.workflows.Null
---@field username? string|mistral.workflows.Null
---@field html_url? string|mistral.workflows.Null

---@class mistral.workflows.DeploymentResources
---@field replicas? integer|mistral.workflows.Null
---@field cpu_request? string|mistral.workflows.Null
---@field cpu_limit? string|mistral.workflows.Null
---@field memory_request? string|mistral.workflows.Null
---@field memory_limit? string|mistral.workflows.Null

---@class mistral.workflows.ManagedStatus
---@field phase? string|mistral.workflows.Null
---@field available_replicas? integer
---@field ready_replicas? integer
---@field endpoint? string|mistral.workflows.Null
---@field message? string|mistral.workflows.Null
---@field last_seen? string|mistral.workflows.Null
---@field deployed_revision? string|mistral.workflows.Null
---@field generation? integer|mistral.workflows.Null
---@field build_state? mistral.workflows.BuildState|mistral.workflows.Null

---@class mistral.workflows.BuildState
---@field phase? string|mistral.workflows.Null
---@field commit_sha? string|mistral.workflows.Null
---@field image? string|mistral.workflows.Null
---@field message? string|mistral.workflows.Null
---@field started_at? string|mistral.workflows.Null
---@field finished_at? string|mistral.workflows.Null

---@class mistral.workflows.DeploymentRequest
---@field name string letters, digits, - _ .
---@field spec mistral.workflows.DeploymentSpec
---@field resources? mistral.workflows.DeploymentResources|mistral.workflows.Null
---@field hardened? boolean default false

---@class mistral.workflows.DeploymentSpec : mistral.workflows.DeploymentSpecOptions
---@field github_url string

---@class mistral.workflows.DeploymentSpecOptions
---@field revision? string|mistral.workflows.Null default main
---@field entrypoint? string|mistral.workflows.Null deprecated: backend_spec
---@field working_dir? string|mistral.workflows.Null deprecated: backend_spec
---@field backend_spec? mistral.workflows.BackendSpec|mistral.workflows.Null not with entrypoint or working_dir

---@class mistral.workflows.DeploymentDetail : mistral.workflows.Deployment
---@field workers mistral.workflows.Worker[]

---@class mistral.workflows.Worker
---@field name string
---@field created_at string
---@field updated_at string
---@field is_active boolean it was heard of lately
---@field location? mistral.workflows.Location|mistral.workflows.Null

---@class mistral.workflows.DeploymentChanges
---@field spec? mistral.workflows.DeploymentSpecChanges|mistral.workflows.Null
---@field resources? mistral.workflows.DeploymentResources|mistral.workflows.Null

---@class mistral.workflows.DeploymentSpecChanges : mistral.workflows.DeploymentSpecOptions
---@field github_url? string|mistral.workflows.Null

---@class mistral.workflows.WorkerPage
---@field workers mistral.workflows.Worker[]
---@field next_cursor string|mistral.workflows.Null null on the last page

---@class mistral.workflows.EventPage
---@field events mistral.workflows.WorkflowEvent[]
---@field next_cursor? string|mistral.workflows.Null null on the last page

---@class mistral.workflows.WorkerInfo
---@field scheduler_url string
---@field namespace string
---@field tls? boolean

---@class mistral.workflows.get_workflows.params
---@field status? mistral.workflows.ExecutionStatus[]|mistral.workflows.ExecutionStatus
---@field include_shared? boolean default true
---@field available_in_chat_assistant? boolean
---@field deployment_name? string[]|string
---@field deployment_status? string active | inactive
---@field archived? boolean true: only those; default: all
---@field tags? string[]|string all must match
---@field sort_by? string display_name
---@field order? string asc | desc
---@field cursor? string
---@field limit? integer 1 to 1000, default 50
---@field active_only? boolean deprecated: deployment_status
---@field search? string

---@class mistral.workflows.get_workflow_metrics.params
---@field start_time? mistral.workflows.Time
---@field end_time? mistral.workflows.Time

---@class mistral.workflows.workflows
local workflows = {}

--- Lists workflows.
---
--- `GET /v1/workflows`
---@param params? mistral.workflows.get_workflows.params
---@param options? mistral.workflows.CallOptions
---@return mistral.workflows.WorkflowPage? answer
---@return mistral.workflows.Error? err
---@overload fun(self: mistral.workflows.workflows, params?: mistral.workflows.get_workflows.params, options: mistral.workflows.RawOptions): string?, mistral.workflows.Error?
function workflows:list(params, options) end

--- Walks the `workflows` of all pages: each is a `ListedWorkflow` as it stands in the list. Raises an error object when a page cannot be had.
---@param params? mistral.workflows.get_workflows.params
---@param options? mistral.workflows.CallOptions
---@return (fun(): mistral.workflows.ListedWorkflow?)|mistral.workflows.Walk walk
---@overload fun(self: mistral.workflows.workflows, params?: mistral.workflows.get_workflows.params, options: mistral.workflows.RawOptions): (fun(): string?)|mistral.workflows.Walk
function workflows:each(params, options) end

--- Walks whole pages; raises an error object when one cannot be had.
---@param params? mistral.workflows.get_workflows.params
---@param options? mistral.workflows.CallOptions
---@return (fun(): mistral.workflows.WorkflowPage?)|mistral.workflows.Walk walk
---@overload fun(self: mistral.workflows.workflows, params?: mistral.workflows.get_workflows.params, options: mistral.workflows.RawOptions): (fun(): string?)|mistral.workflows.Walk
function workflows:pages(params, options) end

--- Reads a workflow by name or id: it is in `answer.workflow`.
---
--- `GET /v1/workflows/{workflow_identifier}`
---@param workflow string
---@param options? mistral.workflows.CallOptions
---@return mistral.workflows.WorkflowDetailAnswer? answer
---@return mistral.workflows.Error? err
---@overload fun(self: mistral.workflows.workflows, workflow: string, options: mistral.workflows.RawOptions): string?, mistral.workflows.Error?
function workflows:get(workflow, options) end

--- Changes the display name, description, tags or visibility of a workflow, which is in `answer.workflow`.
---
--- `PUT /v1/workflows/{workflow_identifier}`
---@param workflow string
---@param body? mistral.workflows.WorkflowChanges
---@param options? mistral.workflows.CallOptions
---@return mistral.workflows.WorkflowAnswer? answer
---@return mistral.workflows.Error? err
---@overload fun(self: mistral.workflows.workflows, workflow: string, body?: mistral.workflows.WorkflowChanges, options: mistral.workflows.RawOptions): string?, mistral.workflows.Error?
function workflows:update(workflow, body, options) end

--- Archives a workflow, which is in `answer.workflow`.
---
--- `PUT /v1/workflows/{workflow_identifier}/archive`
---@param workflow string
---@param options? mistral.workflows.CallOptions
---@return mistral.workflows.WorkflowAnswer? answer
---@return mistral.workflows.Error? err
---@overload fun(self: mistral.workflows.workflows, workflow: string, options: mistral.workflows.RawOptions): string?, mistral.workflows.Error?
function workflows:archive(workflow, options) end

--- Takes a workflow out of the archive; it is in `answer.workflow`.
---
--- `PUT /v1/workflows/{workflow_identifier}/unarchive`
---@param workflow string
---@param options? mistral.workflows.CallOptions
---@return mistral.workflows.WorkflowAnswer? answer
---@return mistral.workflows.Error? err
---@overload fun(self: mistral.workflows.workflows, workflow: string, options: mistral.workflows.RawOptions): string?, mistral.workflows.Error?
function workflows:unarchive(workflow, options) end

--- Archives any number of workflows, 100 in a request.
---
--- `PUT /v1/workflows/archive`
---@param ids string[]
---@param options? mistral.workflows.CallOptions
---@return mistral.workflows.ArchivedWorkflows? answer
---@return mistral.workflows.Error? err
---@overload fun(self: mistral.workflows.workflows, ids: string[], options: mistral.workflows.RawOptions): string?, mistral.workflows.Error?
function workflows:archive_many(ids, options) end

--- Takes any number of workflows out of the archive, 100 in a request.
---
--- `PUT /v1/workflows/unarchive`
---@param ids string[]
---@param options? mistral.workflows.CallOptions
---@return mistral.workflows.UnarchivedWorkflows? answer
---@return mistral.workflows.Error? err
---@overload fun(self: mistral.workflows.workflows, ids: string[], options: mistral.workflows.RawOptions): string?, mistral.workflows.Error?
function workflows:unarchive_many(ids, options) end

--- Starts an execution of a workflow; answers at once, or with `wait_for_result` when it has ended.
---
--- `POST /v1/workflows/{workflow_identifier}/execute`
---@param workflow string
---@param body? mistral.workflows.ExecuteRequest
---@param options? mistral.workflows.CallOptions
---@return mistral.workflows.StartedExecution? answer
---@return mistral.workflows.Error? err
---@overload fun(self: mistral.workflows.workflows, workflow: string, body?: mistral.workflows.ExecuteRequest, options: mistral.workflows.RawOptions): string?, mistral.workflows.Error?
function workflows:execute(workflow, body, options) end

--- Reads counts, latencies and retries of a workflow, addressed by its name.
---
--- `GET /v1/workflows/{workflow_name}/metrics`
---@param workflow_name string
---@param params? mistral.workflows.get_workflow_metrics.params
---@param options? mistral.workflows.CallOptions
---@return mistral.workflows.WorkflowMetrics? answer
---@return mistral.workflows.Error? err
---@overload fun(self: mistral.workflows.workflows, workflow_name: string, params?: mistral.workflows.get_workflow_metrics.params, options: mistral.workflows.RawOptions): string?, mistral.workflows.Error?
function workflows:metrics(workflow_name, params, options) end

--- Starts an execution and waits until it has ended. Returns the result (`workflows.null` for none) and the execution; or nil and an error, of the kind `execution` when it ended other than COMPLETED. With `on_event` a third value says that events are missing.
---@param workflow string
---@param request? mistral.workflows.ExecuteRequest
---@param options? mistral.workflows.RunOptions
---@return any result
---@return mistral.workflows.Execution|mistral.workflows.Error execution_or_err
---@return mistral.workflows.Error? gap
function workflows:run(workflow, request, options) end

---@class mistral.workflows.get_workflow_registrations.params
---@field workflow_id? string UUID
---@field task_queue? string
---@field active_only? boolean served by a worker
---@field include_shared? boolean default true
---@field workflow_search? string
---@field archived? boolean true: only those; default: all
---@field with_workflow? boolean
---@field available_in_chat_assistant? boolean
---@field limit? integer 1 to 1000, default 50
---@field cursor? string

---@class mistral.workflows.get_workflow_registration.params
---@field with_workflow? boolean
---@field include_shared? boolean default true

---@class mistral.workflows.registrations
local registrations = {}

--- Lists workflow registrations.
---
--- `GET /v1/workflows/registrations`
---@param params? mistral.workflows.get_workflow_registrations.params
---@param options? mistral.workflows.CallOptions
---@return mistral.workflows.RegistrationPage? answer
---@return mistral.workflows.Error? err
---@overload fun(self: mistral.workflows.registrations, params?: mistral.workflows.get_workflow_registrations.params, options: mistral.workflows.RawOptions): string?, mistral.workflows.Error?
function registrations:list(params, options) end

--- Walks the `workflow_registrations` of all pages: each is a `Registration` as it stands in the list. Raises an error object when a page cannot be had.
---@param params? mistral.workflows.get_workflow_registrations.params
---@param options? mistral.workflows.CallOptions
---@return (fun(): mistral.workflows.Registration?)|mistral.workflows.Walk walk
---@overload fun(self: mistral.workflows.registrations, params?: mistral.workflows.get_workflow_registrations.params, options: mistral.workflows.RawOptions): (fun(): string?)|mistral.workflows.Walk
function registrations:each(params, options) end

--- Walks whole pages; raises an error object when one cannot be had.
---@param params? mistral.workflows.get_workflow_registrations.params
---@param options? mistral.workflows.CallOptions
---@return (fun(): mistral.workflows.RegistrationPage?)|mistral.workflows.Walk walk
---@overload fun(self: mistral.workflows.registrations, params?: mistral.workflows.get_workflow_registrations.params, options: mistral.workflows.RawOptions): (fun(): string?)|mistral.workflows.Walk
function registrations:pages(params, options) end

--- Reads a workflow registration: it is in `answer.workflow_registration`.
---
--- `GET /v1/workflows/registrations/{workflow_registration_id}`
---@param id string
---@param params? mistral.workflows.get_workflow_registration.params
---@param options? mistral.workflows.CallOptions
---@return mistral.workflows.RegistrationAnswer? answer
---@return mistral.workflows.Error? err
---@overload fun(self: mistral.workflows.registrations, id: string, params?: mistral.workflows.get_workflow_registration.params, options: mistral.workflows.RawOptions): string?, mistral.workflows.Error?
function registrations:get(id, params, options) end

--- Starts an execution of a registration (deprecated by the service: execute the workflow).
---
--- `POST /v1/workflows/registrations/{workflow_registration_id}/execute`
---@param id string
---@param body? mistral.workflows.ExecuteRequest
---@param options? mistral.workflows.CallOptions
---@return mistral.workflows.StartedExecution? answer
---@return mistral.workflows.Error? err
---@overload fun(self: mistral.workflows.registrations, id: string, body?: mistral.workflows.ExecuteRequest, options: mistral.workflows.RawOptions): string?, mistral.workflows.Error?
function registrations:execute(id, body, options) end

--- Starts an execution and waits until it has ended. Returns the result (`workflows.null` for none) and the execution; or nil and an error, of the kind `execution` when it ended other than COMPLETED. With `on_event` a third value says that events are missing.
---@param id string
---@param request? mistral.workflows.ExecuteRequest
---@param options? mistral.workflows.RunOptions
---@return any result
---@return mistral.workflows.Execution|mistral.workflows.Error execution_or_err
---@return mistral.workflows.Error? gap
function registrations:run(id, request, options) end

---@class mistral.workflows.get_workflow_execution.params
---@field include_search_keys? boolean

---@class mistral.workflows.get_workflow_execution_history.params
---@field decode_payloads? boolean

---@class mistral.workflows.get_workflow_execution_trace_events.params
---@field merge_same_id_events? boolean
---@field include_internal_events? boolean

---@class mistral.workflows.stream.params
---@field event_source? mistral.workflows.EventSource
---@field last_event_id? string

---@class mistral.workflows.get_workflow_execution_logs.params
---@field run_id? string UUID
---@field activity_id? string digits
---@field after? mistral.workflows.Time inclusive
---@field before? mistral.workflows.Time exclusive
---@field order? string asc | desc
---@field cursor? string
---@field limit? integer 1 to 100, default 50

---@class mistral.workflows.stream_workflow_execution_logs.params
---@field run_id? string UUID
---@field activity_id? string digits
---@field after? mistral.workflows.Time inclusive
---@field last_event_id? string

---@class mistral.workflows.executions
local executions = {}

--- Reads the state and result of an execution.
---
--- `GET /v1/workflows/executions/{execution_id}`
---@param id string
---@param params? mistral.workflows.get_workflow_execution.params
---@param options? mistral.workflows.CallOptions
---@return mistral.workflows.Execution? answer
---@return mistral.workflows.Error? err
---@overload fun(self: mistral.workflows.executions, id: string, params?: mistral.workflows.get_workflow_execution.params, options: mistral.workflows.RawOptions): string?, mistral.workflows.Error?
function executions:get(id, params, options) end

--- Reads the history of an execution.
---
--- `GET /v1/workflows/executions/{execution_id}/history`
---@param id string
---@param params? mistral.workflows.get_workflow_execution_history.params
---@param options? mistral.workflows.CallOptions
---@return any answer
---@return mistral.workflows.Error? err
---@overload fun(self: mistral.workflows.executions, id: string, params?: mistral.workflows.get_workflow_execution_history.params, options: mistral.workflows.RawOptions): string?, mistral.workflows.Error?
function executions:history(id, params, options) end

--- Sends a signal to a running execution.
---
--- `POST /v1/workflows/executions/{execution_id}/signals`
---@param id string
---@param body mistral.workflows.Invocation
---@param options? mistral.workflows.CallOptions
---@return mistral.workflows.SignalAnswer? answer
---@return mistral.workflows.Error? err
---@overload fun(self: mistral.workflows.executions, id: string, body: mistral.workflows.Invocation, options: mistral.workflows.RawOptions): string?, mistral.workflows.Error?
function executions:signal(id, body, options) end

--- Asks a running execution for its state.
---
--- `POST /v1/workflows/executions/{execution_id}/queries`
---@param id string
---@param body mistral.workflows.Invocation
---@param options? mistral.workflows.CallOptions
---@return mistral.workflows.QueryAnswer? answer
---@return mistral.workflows.Error? err
---@overload fun(self: mistral.workflows.executions, id: string, body: mistral.workflows.Invocation, options: mistral.workflows.RawOptions): string?, mistral.workflows.Error?
function executions:query(id, body, options) end

--- Changes a running execution and returns its handler's answer.
---
--- `POST /v1/workflows/executions/{execution_id}/updates`
---@param id string
---@param body mistral.workflows.Invocation
---@param options? mistral.workflows.CallOptions
---@return mistral.workflows.UpdateAnswer? answer
---@return mistral.workflows.Error? err
---@overload fun(self: mistral.workflows.executions, id: string, body: mistral.workflows.Invocation, options: mistral.workflows.RawOptions): string?, mistral.workflows.Error?
function executions:update(id, body, options) end

--- Asks an execution to stop.
---
--- `POST /v1/workflows/executions/{execution_id}/cancel`
---@param id string
---@param options? mistral.workflows.CallOptions
---@return true? answer
---@return mistral.workflows.Error? err
function executions:cancel(id, options) end

--- Stops an execution at once.
---
--- `POST /v1/workflows/executions/{execution_id}/terminate`
---@param id string
---@param options? mistral.workflows.CallOptions
---@return true? answer
---@return mistral.workflows.Error? err
function executions:terminate(id, options) end

--- Sets an execution back to an earlier event of its history.
---
--- `POST /v1/workflows/executions/{execution_id}/reset`
---@param id string
---@param body mistral.workflows.ResetRequest
---@param options? mistral.workflows.CallOptions
---@return true? answer
---@return mistral.workflows.Error? err
function executions:reset(id, body, options) end

--- Asks any number of executions to stop, 100 in a request.
---
--- `POST /v1/workflows/executions/cancel`
---@param ids string[]
---@param options? mistral.workflows.CallOptions
---@return mistral.workflows.BatchAnswer? answer
---@return mistral.workflows.Error? err
---@overload fun(self: mistral.workflows.executions, ids: string[], options: mistral.workflows.RawOptions): string?, mistral.workflows.Error?
function executions:cancel_many(ids, options) end

--- Stops any number of executions at once, 100 in a request.
---
--- `POST /v1/workflows/executions/terminate`
---@param ids string[]
---@param options? mistral.workflows.CallOptions
---@return mistral.workflows.BatchAnswer? answer
---@return mistral.workflows.Error? err
---@overload fun(self: mistral.workflows.executions, ids: string[], options: mistral.workflows.RawOptions): string?, mistral.workflows.Error?
function executions:terminate_many(ids, options) end

--- Tells whether an execution has trace data.
---
--- `GET /v1/workflows/executions/{execution_id}/trace/info`
---@param id string
---@param options? mistral.workflows.CallOptions
---@return mistral.workflows.TraceInfo? answer
---@return mistral.workflows.Error? err
---@overload fun(self: mistral.workflows.executions, id: string, options: mistral.workflows.RawOptions): string?, mistral.workflows.Error?
function executions:trace_info(id, options) end

--- Reads the OpenTelemetry spans of an execution.
---
--- `GET /v1/workflows/executions/{execution_id}/trace/otel`
---@param id string
---@param options? mistral.workflows.CallOptions
---@return mistral.workflows.ExecutionOtel? answer
---@return mistral.workflows.Error? err
---@overload fun(self: mistral.workflows.executions, id: string, options: mistral.workflows.RawOptions): string?, mistral.workflows.Error?
function executions:trace_otel(id, options) end

--- Reads the span tree of an execution.
---
--- `GET /v1/workflows/executions/{execution_id}/trace/summary`
---@param id string
---@param options? mistral.workflows.CallOptions
---@return mistral.workflows.ExecutionSummary? answer
---@return mistral.workflows.Error? err
---@overload fun(self: mistral.workflows.executions, id: string, options: mistral.workflows.RawOptions): string?, mistral.workflows.Error?
function executions:trace_summary(id, options) end

--- Reads the trace of an execution as a flat list of events.
---
--- `GET /v1/workflows/executions/{execution_id}/trace/events`
---@param id string
---@param params? mistral.workflows.get_workflow_execution_trace_events.params
---@param options? mistral.workflows.CallOptions
---@return mistral.workflows.ExecutionTraceEvents? answer
---@return mistral.workflows.Error? err
---@overload fun(self: mistral.workflows.executions, id: string, params?: mistral.workflows.get_workflow_execution_trace_events.params, options: mistral.workflows.RawOptions): string?, mistral.workflows.Error?
function executions:trace_events(id, params, options) end

--- Follows the events of an execution.
---
--- `GET /v1/workflows/executions/{execution_id}/stream`
---@param id string
---@param params? mistral.workflows.stream.params
---@param options? mistral.workflows.CallOptions
---@return (fun(): mistral.workflows.Event?)|mistral.workflows.Stream stream
function executions:stream(id, params, options) end

--- Lists log records of an execution.
---
--- `GET /v1/workflows/executions/{execution_id}/logs`
---@param id string
---@param params? mistral.workflows.get_workflow_execution_logs.params
---@param options? mistral.workflows.CallOptions
---@return mistral.workflows.LogPage? answer
---@return mistral.workflows.Error? err
---@overload fun(self: mistral.workflows.executions, id: string, params?: mistral.workflows.get_workflow_execution_logs.params, options: mistral.workflows.RawOptions): string?, mistral.workflows.Error?
function executions:logs(id, params, options) end

--- Walks the `results` of all pages: each is a `LogRecord` as it stands in the list. Raises an error object when a page cannot be had.
---@param id string
---@param params? mistral.workflows.get_workflow_execution_logs.params
---@param options? mistral.workflows.CallOptions
---@return (fun(): mistral.workflows.LogRecord?)|mistral.workflows.Walk walk
---@overload fun(self: mistral.workflows.executions, id: string, params?: mistral.workflows.get_workflow_execution_logs.params, options: mistral.workflows.RawOptions): (fun(): string?)|mistral.workflows.Walk
function executions:each_log(id, params, options) end

--- Walks whole pages; raises an error object when one cannot be had.
---@param id string
---@param params? mistral.workflows.get_workflow_execution_logs.params
---@param options? mistral.workflows.CallOptions
---@return (fun(): mistral.workflows.LogPage?)|mistral.workflows.Walk walk
---@overload fun(self: mistral.workflows.executions, id: string, params?: mistral.workflows.get_workflow_execution_logs.params, options: mistral.workflows.RawOptions): (fun(): string?)|mistral.workflows.Walk
function executions:log_pages(id, params, options) end

--- Follows the log records of an execution.
---
--- `GET /v1/workflows/executions/{execution_id}/logs/stream`
---@param id string
---@param params? mistral.workflows.stream_workflow_execution_logs.params
---@param options? mistral.workflows.CallOptions
---@return (fun(): mistral.workflows.LogEvent?)|mistral.workflows.LogStream stream
function executions:stream_logs(id, params, options) end

--- Waits until an execution has ended. Returns the execution; or nil and an error, of the kind `execution` when it ended other than COMPLETED, `timeout` when it goes on after `timeout` seconds. With `on_event` a third value says that events are missing.
---@param id string
---@param options? mistral.workflows.WaitOptions
---@return mistral.workflows.Execution? execution
---@return mistral.workflows.Error? err
---@return mistral.workflows.Error? gap
function executions:wait(id, options) end

--- Gives each execution as its end becomes known, with an error object for those that did not end as COMPLETED; after `timeout` seconds the rest, each with its `timeout` error. Equal ids come once. `close()` leaves it.
---@param ids string[]
---@param options? mistral.workflows.CompletedOptions
---@return (fun(): mistral.workflows.Execution?, mistral.workflows.Error?)|mistral.workflows.Walk iterator
function executions:as_completed(ids, options) end

--- What an interactive execution waits for: a list of tables with `task_id`, `label` and the schema of the input; empty where it waits for none.
---@param id string
---@param options? mistral.workflows.InputOptions
---@return mistral.workflows.PendingInput[]? inputs
---@return mistral.workflows.Error? err
function executions:pending_inputs(id, options) end

--- Gives the executions that wait for human input, each with the list of what it waits for: of the running runs, or of those that `params` of `runs:list` select. They are asked side by side. Where one could not be asked, the list is empty and a third value says why. `close()` leaves it.
---@param params? mistral.workflows.list_runs.params
---@param options? mistral.workflows.InputOptions
---@return (fun(): mistral.workflows.Run?, mistral.workflows.PendingInput[], mistral.workflows.Error?)|mistral.workflows.Walk iterator
function executions:waiting(params, options) end

--- Gives an execution an input that it waits for. Returns what the workflow answers; or nil and an error, of the kind `execution` with the reason `input_refused` when the workflow does not take it.
---@param id string
---@param task_id string
---@param input table
---@param options? mistral.workflows.InputOptions
---@return table|true|nil answer
---@return mistral.workflows.Error? err
function executions:submit_input(id, task_id, input, options) end

---@class mistral.workflows.list_runs.params
---@field workflow_identifier? string name or id
---@field root_execution_id? string it and all below it
---@field search? string
---@field status? mistral.workflows.ExecutionStatus[]|mistral.workflows.ExecutionStatus
---@field deployment_name? string
---@field sort_by? string start_time | end_time
---@field order? string asc | desc
---@field start_time_after? mistral.workflows.Time
---@field start_time_before? mistral.workflows.Time
---@field end_time_after? mistral.workflows.Time without those that run
---@field end_time_before? mistral.workflows.Time without those that run
---@field user_id? string current: the key's
---@field workflow_tags? string[]|string up to 20, all must match
---@field include_internal? boolean default true
---@field page_size? integer 1 to 1000, default 50
---@field next_page_token? string
---@field search_key? string[]|string up to 3 of key:value

---@class mistral.workflows.get_run_history.params
---@field decode_payloads? boolean

---@class mistral.workflows.runs
local runs = {}

--- Lists runs.
---
--- `GET /v1/workflows/runs`
---@param params? mistral.workflows.list_runs.params
---@param options? mistral.workflows.CallOptions
---@return mistral.workflows.RunPage? answer
---@return mistral.workflows.Error? err
---@overload fun(self: mistral.workflows.runs, params?: mistral.workflows.list_runs.params, options: mistral.workflows.RawOptions): string?, mistral.workflows.Error?
function runs:list(params, options) end

--- Walks the `executions` of all pages: each is a `Run` as it stands in the list. Raises an error object when a page cannot be had.
---@param params? mistral.workflows.list_runs.params
---@param options? mistral.workflows.CallOptions
---@return (fun(): mistral.workflows.Run?)|mistral.workflows.Walk walk
---@overload fun(self: mistral.workflows.runs, params?: mistral.workflows.list_runs.params, options: mistral.workflows.RawOptions): (fun(): string?)|mistral.workflows.Walk
function runs:each(params, options) end

--- Walks whole pages; raises an error object when one cannot be had.
---@param params? mistral.workflows.list_runs.params
---@param options? mistral.workflows.CallOptions
---@return (fun(): mistral.workflows.RunPage?)|mistral.workflows.Walk walk
---@overload fun(self: mistral.workflows.runs, params?: mistral.workflows.list_runs.params, options: mistral.workflows.RawOptions): (fun(): string?)|mistral.workflows.Walk
function runs:pages(params, options) end

--- Reads a run.
---
--- `GET /v1/workflows/runs/{run_id}`
---@param run_id string
---@param options? mistral.workflows.CallOptions
---@return mistral.workflows.Execution? answer
---@return mistral.workflows.Error? err
---@overload fun(self: mistral.workflows.runs, run_id: string, options: mistral.workflows.RawOptions): string?, mistral.workflows.Error?
function runs:get(run_id, options) end

--- Reads the history of a run.
---
--- `GET /v1/workflows/runs/{run_id}/history`
---@param run_id string
---@param params? mistral.workflows.get_run_history.params
---@param options? mistral.workflows.CallOptions
---@return any answer
---@return mistral.workflows.Error? err
---@overload fun(self: mistral.workflows.runs, run_id: string, params?: mistral.workflows.get_run_history.params, options: mistral.workflows.RawOptions): string?, mistral.workflows.Error?
function runs:history(run_id, params, options) end

---@class mistral.workflows.get_schedules.params
---@field workflow_name? string exact
---@field user_id? string current: the key's
---@field status? string active | paused
---@field search? string
---@field page_size? integer 1 to 1000
---@field next_page_token? string

---@class mistral.workflows.schedules
local schedules = {}

--- Lists schedules.
---
--- `GET /v1/workflows/schedules`
---@param params? mistral.workflows.get_schedules.params
---@param options? mistral.workflows.CallOptions
---@return mistral.workflows.SchedulePage? answer
---@return mistral.workflows.Error? err
---@overload fun(self: mistral.workflows.schedules, params?: mistral.workflows.get_schedules.params, options: mistral.workflows.RawOptions): string?, mistral.workflows.Error?
function schedules:list(params, options) end

--- Walks the `schedules` of all pages: each is a `Schedule` as it stands in the list. Raises an error object when a page cannot be had.
---@param params? mistral.workflows.get_schedules.params
---@param options? mistral.workflows.CallOptions
---@return (fun(): mistral.workflows.Schedule?)|mistral.workflows.Walk walk
---@overload fun(self: mistral.workflows.schedules, params?: mistral.workflows.get_schedules.params, options: mistral.workflows.RawOptions): (fun(): string?)|mistral.workflows.Walk
function schedules:each(params, options) end

--- Walks whole pages; raises an error object when one cannot be had.
---@param params? mistral.workflows.get_schedules.params
---@param options? mistral.workflows.CallOptions
---@return (fun(): mistral.workflows.SchedulePage?)|mistral.workflows.Walk walk
---@overload fun(self: mistral.workflows.schedules, params?: mistral.workflows.get_schedules.params, options: mistral.workflows.RawOptions): (fun(): string?)|mistral.workflows.Walk
function schedules:pages(params, options) end

--- Creates a schedule.
---
--- `POST /v1/workflows/schedules`
---@param body mistral.workflows.ScheduleRequest
---@param options? mistral.workflows.CallOptions
---@return mistral.workflows.ScheduleAnswer? answer
---@return mistral.workflows.Error? err
---@overload fun(self: mistral.workflows.schedules, body: mistral.workflows.ScheduleRequest, options: mistral.workflows.RawOptions): string?, mistral.workflows.Error?
function schedules:create(body, options) end

--- Reads a schedule.
---
--- `GET /v1/workflows/schedules/{schedule_id}`
---@param id string
---@param options? mistral.workflows.CallOptions
---@return mistral.workflows.Schedule? answer
---@return mistral.workflows.Error? err
---@overload fun(self: mistral.workflows.schedules, id: string, options: mistral.workflows.RawOptions): string?, mistral.workflows.Error?
function schedules:get(id, options) end

--- Changes the given members of a schedule.
---
--- `PATCH /v1/workflows/schedules/{schedule_id}`
---@param id string
---@param body mistral.workflows.ScheduleUpdate
---@param options? mistral.workflows.CallOptions
---@return mistral.workflows.ScheduleAnswer? answer
---@return mistral.workflows.Error? err
---@overload fun(self: mistral.workflows.schedules, id: string, body: mistral.workflows.ScheduleUpdate, options: mistral.workflows.RawOptions): string?, mistral.workflows.Error?
function schedules:update(id, body, options) end

--- Deletes a schedule.
---
--- `DELETE /v1/workflows/schedules/{schedule_id}`
---@param id string
---@param options? mistral.workflows.CallOptions
---@return true? answer
---@return mistral.workflows.Error? err
function schedules:delete(id, options) end

--- Pauses a schedule.
---
--- `POST /v1/workflows/schedules/{schedule_id}/pause`
---@param id string
---@param body? mistral.workflows.ScheduleNote
---@param options? mistral.workflows.CallOptions
---@return true? answer
---@return mistral.workflows.Error? err
function schedules:pause(id, body, options) end

--- Resumes a paused schedule.
---
--- `POST /v1/workflows/schedules/{schedule_id}/resume`
---@param id string
---@param body? mistral.workflows.ScheduleNote
---@param options? mistral.workflows.CallOptions
---@return true? answer
---@return mistral.workflows.Error? err
function schedules:resume(id, body, options) end

--- Starts an execution of a schedule now.
---
--- `POST /v1/workflows/schedules/{schedule_id}/trigger`
---@param id string
---@param body? mistral.workflows.ScheduleTrigger
---@param options? mistral.workflows.CallOptions
---@return true? answer
---@return mistral.workflows.Error? err
function schedules:trigger(id, body, options) end

---@class mistral.workflows.list_deployments.params
---@field active_only? boolean default true
---@field is_hardened? boolean
---@field workflow_name? string
---@field search? string
---@field order_by? string updated_at | created_at
---@field order? string asc | desc
---@field limit? integer 1 to 100
---@field cursor? string
---@field workspace_id? string UUID
---@field created_by? string
---@field location_types? mistral.workflows.LocationType[]|mistral.workflows.LocationType

---@class mistral.workflows.get_deployment.params
---@field workflow_name? string

---@class mistral.workflows.list_deployment_workers.params
---@field worker_status? string active | inactive
---@field limit? integer 1 to 100, default 50
---@field cursor? string

---@class mistral.workflows.get_deployment_logs.params
---@field worker_name? string
---@field workflow_name? string
---@field after? mistral.workflows.Time inclusive
---@field before? mistral.workflows.Time exclusive
---@field order? string asc | desc
---@field cursor? string
---@field limit? integer 1 to 100, default 50

---@class mistral.workflows.stream_deployment_logs.params
---@field worker_name? string
---@field workflow_name? string
---@field after? mistral.workflows.Time inclusive
---@field last_event_id? string

---@class mistral.workflows.deployments
local deployments = {}

--- Lists deployments.
---
--- `GET /v1/workflows/deployments`
---@param params? mistral.workflows.list_deployments.params
---@param options? mistral.workflows.CallOptions
---@return mistral.workflows.DeploymentPage? answer
---@return mistral.workflows.Error? err
---@overload fun(self: mistral.workflows.deployments, params?: mistral.workflows.list_deployments.params, options: mistral.workflows.RawOptions): string?, mistral.workflows.Error?
function deployments:list(params, options) end

--- Walks the `deployments` of all pages: each is a `Deployment` as it stands in the list. Raises an error object when a page cannot be had.
---@param params? mistral.workflows.list_deployments.params
---@param options? mistral.workflows.CallOptions
---@return (fun(): mistral.workflows.Deployment?)|mistral.workflows.Walk walk
---@overload fun(self: mistral.workflows.deployments, params?: mistral.workflows.list_deployments.params, options: mistral.workflows.RawOptions): (fun(): string?)|mistral.workflows.Walk
function deployments:each(params, options) end

--- Walks whole pages; raises an error object when one cannot be had.
---@param params? mistral.workflows.list_deployments.params
---@param options? mistral.workflows.CallOptions
---@return (fun(): mistral.workflows.DeploymentPage?)|mistral.workflows.Walk walk
---@overload fun(self: mistral.workflows.deployments, params?: mistral.workflows.list_deployments.params, options: mistral.workflows.RawOptions): (fun(): string?)|mistral.workflows.Walk
function deployments:pages(params, options) end

--- Creates a managed deployment.
---
--- `POST /v1/workflows/deployments`
---@param body mistral.workflows.DeploymentRequest
---@param options? mistral.workflows.CallOptions
---@return mistral.workflows.ManagedDeployment? answer
---@return mistral.workflows.Error? err
---@overload fun(self: mistral.workflows.deployments, body: mistral.workflows.DeploymentRequest, options: mistral.workflows.RawOptions): string?, mistral.workflows.Error?
function deployments:create(body, options) end

--- Reads a deployment.
---
--- `GET /v1/workflows/deployments/{name}`
---@param name string
---@param params? mistral.workflows.get_deployment.params
---@param options? mistral.workflows.CallOptions
---@return mistral.workflows.DeploymentDetail? answer
---@return mistral.workflows.Error? err
---@overload fun(self: mistral.workflows.deployments, name: string, params?: mistral.workflows.get_deployment.params, options: mistral.workflows.RawOptions): string?, mistral.workflows.Error?
function deployments:get(name, params, options) end

--- Changes a managed deployment.
---
--- `PATCH /v1/workflows/deployments/{name}`
---@param name string
---@param body? mistral.workflows.DeploymentChanges
---@param options? mistral.workflows.CallOptions
---@return mistral.workflows.ManagedDeployment? answer
---@return mistral.workflows.Error? err
---@overload fun(self: mistral.workflows.deployments, name: string, body?: mistral.workflows.DeploymentChanges, options: mistral.workflows.RawOptions): string?, mistral.workflows.Error?
function deployments:update(name, body, options) end

--- Deletes a managed deployment.
---
--- `DELETE /v1/workflows/deployments/{name}`
---@param name string
---@param options? mistral.workflows.CallOptions
---@return mistral.workflows.ManagedDeployment? answer
---@return mistral.workflows.Error? err
---@overload fun(self: mistral.workflows.deployments, name: string, options: mistral.workflows.RawOptions): string?, mistral.workflows.Error?
function deployments:delete(name, options) end

--- Starts a managed deployment.
---
--- `POST /v1/workflows/deployments/{name}/start`
---@param name string
---@param options? mistral.workflows.CallOptions
---@return mistral.workflows.ManagedDeployment? answer
---@return mistral.workflows.Error? err
---@overload fun(self: mistral.workflows.deployments, name: string, options: mistral.workflows.RawOptions): string?, mistral.workflows.Error?
function deployments:start(name, options) end

--- Stops a managed deployment.
---
--- `POST /v1/workflows/deployments/{name}/stop`
---@param name string
---@param options? mistral.workflows.CallOptions
---@return mistral.workflows.ManagedDeployment? answer
---@return mistral.workflows.Error? err
---@overload fun(self: mistral.workflows.deployments, name: string, options: mistral.workflows.RawOptions): string?, mistral.workflows.Error?
function deployments:stop(name, options) end

--- Restarts a managed deployment.
---
--- `POST /v1/workflows/deployments/{name}/restart`
---@param name string
---@param options? mistral.workflows.CallOptions
---@return mistral.workflows.ManagedDeployment? answer
---@return mistral.workflows.Error? err
---@overload fun(self: mistral.workflows.deployments, name: string, options: mistral.workflows.RawOptions): string?, mistral.workflows.Error?
function deployments:restart(name, options) end

--- Lists the workers of a deployment.
---
--- `GET /v1/workflows/deployments/{name}/workers`
---@param name string
---@param params? mistral.workflows.list_deployment_workers.params
---@param options? mistral.workflows.CallOptions
---@return mistral.workflows.WorkerPage? answer
---@return mistral.workflows.Error? err
---@overload fun(self: mistral.workflows.deployments, name: string, params?: mistral.workflows.list_deployment_workers.params, options: mistral.workflows.RawOptions): string?, mistral.workflows.Error?
function deployments:workers(name, params, options) end

--- Walks the `workers` of all pages: each is a `Worker` as it stands in the list. Raises an error object when a page cannot be had.
---@param name string
---@param params? mistral.workflows.list_deployment_workers.params
---@param options? mistral.workflows.CallOptions
---@return (fun(): mistral.workflows.Worker?)|mistral.workflows.Walk walk
---@overload fun(self: mistral.workflows.deployments, name: string, params?: mistral.workflows.list_deployment_workers.params, options: mistral.workflows.RawOptions): (fun(): string?)|mistral.workflows.Walk
function deployments:each_worker(name, params, options) end

--- Walks whole pages; raises an error object when one cannot be had.
---@param name string
---@param params? mistral.workflows.list_deployment_workers.params
---@param options? mistral.workflows.CallOptions
---@return (fun(): mistral.workflows.WorkerPage?)|mistral.workflows.Walk walk
---@overload fun(self: mistral.workflows.deployments, name: string, params?: mistral.workflows.list_deployment_workers.params, options: mistral.workflows.RawOptions): (fun(): string?)|mistral.workflows.Walk
function deployments:worker_pages(name, params, options) end

--- Lists log records of a deployment.
---
--- `GET /v1/workflows/deployments/{name}/logs`
---@param name string
---@param params? mistral.workflows.get_deployment_logs.params
---@param options? mistral.workflows.CallOptions
---@return mistral.workflows.LogPage? answer
---@return mistral.workflows.Error? err
---@overload fun(self: mistral.workflows.deployments, name: string, params?: mistral.workflows.get_deployment_logs.params, options: mistral.workflows.RawOptions): string?, mistral.workflows.Error?
function deployments:logs(name, params, options) end

--- Walks the `results` of all pages: each is a `LogRecord` as it stands in the list. Raises an error object when a page cannot be had.
---@param name string
---@param params? mistral.workflows.get_deployment_logs.params
---@param options? mistral.workflows.CallOptions
---@return (fun(): mistral.workflows.LogRecord?)|mistral.workflows.Walk walk
---@overload fun(self: mistral.workflows.deployments, name: string, params?: mistral.workflows.get_deployment_logs.params, options: mistral.workflows.RawOptions): (fun(): string?)|mistral.workflows.Walk
function deployments:each_log(name, params, options) end

--- Walks whole pages; raises an error object when one cannot be had.
---@param name string
---@param params? mistral.workflows.get_deployment_logs.params
---@param options? mistral.workflows.CallOptions
---@return (fun(): mistral.workflows.LogPage?)|mistral.workflows.Walk walk
---@overload fun(self: mistral.workflows.deployments, name: string, params?: mistral.workflows.get_deployment_logs.params, options: mistral.workflows.RawOptions): (fun(): string?)|mistral.workflows.Walk
function deployments:log_pages(name, params, options) end

--- Follows the log records of a deployment.
---
--- `GET /v1/workflows/deployments/{name}/logs/stream`
---@param name string
---@param params? mistral.workflows.stream_deployment_logs.params
---@param options? mistral.workflows.CallOptions
---@return (fun(): mistral.workflows.LogEvent?)|mistral.workflows.LogStream stream
function deployments:stream_logs(name, params, options) end

---@class mistral.workflows.get_workflow_events.params
---@field root_workflow_exec_id? string
---@field workflow_exec_id? string
---@field workflow_run_id? string as events have it; not the run_id of lists
---@field limit? integer 1 to 1000, default 100
---@field cursor? string

---@class mistral.workflows.get_stream_events.params
---@field scope? string activity | workflow | *
---@field activity_name? string
---@field activity_id? string
---@field workflow_name? string
---@field workflow_exec_id? string
---@field root_workflow_exec_id? string
---@field parent_workflow_exec_id? string
---@field stream? string
---@field start_seq? integer first broker_sequence, inclusive
---@field metadata_filters? table
---@field workflow_event_types? mistral.workflows.EventType[]|mistral.workflows.EventType

---@class mistral.workflows.events
local events = {}

--- Lists workflow events.
---
--- `GET /v1/workflows/events/list`
---@param params? mistral.workflows.get_workflow_events.params
---@param options? mistral.workflows.CallOptions
---@return mistral.workflows.EventPage? answer
---@return mistral.workflows.Error? err
---@overload fun(self: mistral.workflows.events, params?: mistral.workflows.get_workflow_events.params, options: mistral.workflows.RawOptions): string?, mistral.workflows.Error?
function events:list(params, options) end

--- Walks the `events` of all pages: each is a `WorkflowEvent` as it stands in the list. Raises an error object when a page cannot be had.
---@param params? mistral.workflows.get_workflow_events.params
---@param options? mistral.workflows.CallOptions
---@return (fun(): mistral.workflows.WorkflowEvent?)|mistral.workflows.Walk walk
---@overload fun(self: mistral.workflows.events, params?: mistral.workflows.get_workflow_events.params, options: mistral.workflows.RawOptions): (fun(): string?)|mistral.workflows.Walk
function events:each(params, options) end

--- Walks whole pages; raises an error object when one cannot be had.
---@param params? mistral.workflows.get_workflow_events.params
---@param options? mistral.workflows.CallOptions
---@return (fun(): mistral.workflows.EventPage?)|mistral.workflows.Walk walk
---@overload fun(self: mistral.workflows.events, params?: mistral.workflows.get_workflow_events.params, options: mistral.workflows.RawOptions): (fun(): string?)|mistral.workflows.Walk
function events:pages(params, options) end

--- Follows workflow events of any execution.
---
--- `GET /v1/workflows/events/stream`
---@param params? mistral.workflows.get_stream_events.params
---@param options? mistral.workflows.CallOptions
---@return (fun(): mistral.workflows.Event?)|mistral.workflows.Stream stream
function events:stream(params, options) end

---@class mistral.workflows.Client
---@field workflows mistral.workflows.workflows
---@field registrations mistral.workflows.registrations
---@field executions mistral.workflows.executions
---@field runs mistral.workflows.runs
---@field schedules mistral.workflows.schedules
---@field deployments mistral.workflows.deployments
---@field events mistral.workflows.events
local Client = {}

--- Reads the scheduler address and namespace that belong to the key.
---
--- `GET /v1/workflows/workers/whoami`
---@param options? mistral.workflows.CallOptions
---@return mistral.workflows.WorkerInfo? answer
---@return mistral.workflows.Error? err
---@overload fun(self: mistral.workflows.Client, options: mistral.workflows.RawOptions): string?, mistral.workflows.Error?
function Client:whoami(options) end

--- Calls `fn(item, index)` for each item of a list or an iterator, at most `concurrency` (16) at a time; each waits for the network without holding up the others. Results and errors are indexed like the items; errors is nil when all succeeded. An error object that `fn` raises is the error of its item; any other error cancels the rest and is raised. `on_done` tells of each item as it is done.
---@param items any[]|(fun(): any)|mistral.workflows.Walk
---@param fn fun(item: any, index: integer): any, any
---@param options? { concurrency?: integer, on_done?: fun(index: integer, result: any, err: any) }
---@return any[] results
---@return any[]? errors
function Client:map(items, fn, options) end

--- Calls all functions at the same time; results and errors as of `map`.
---@param functions (fun(): any, any)[]
---@return any[] results
---@return any[]? errors
function Client:gather(functions) end

--- Lets time pass as a call does while it waits: yields to the loop, or to the other functions of `map`, where a call would.
---@param seconds number
function Client:sleep(seconds) end

--- What an outside loop waits for: `pollfd()` is a descriptor that is readable when `drive` has work (nil where the platform has none), `events()` is `"r"`, `timeout()` the seconds until there is work anyway, or nil.
---@return mistral.workflows.Pollable
function Client:pollable() end

--- Does what is due, without waiting.
function Client:drive() end

--- Cancels the calls in flight and closes all connections. May be called again; `<close>` and collection do it too. Calls on a closed client raise.
function Client:close() end

--- What a function of a testing client gets.
---@class mistral.workflows.testing.Request : mistral.workflows.Request
---@field path_value? string whose the request is: the name of a workflow, the id of an execution
---@field params table<string, string|string[]> the query
---@field json? any the decoded body

--- What it gives: a status and a body, a body alone, or what happens in place of an answer.
---@alias mistral.workflows.testing.Given integer|table|"drop"|"refuse"|"timeout"

---@alias mistral.workflows.testing.Body table|string|function

---@alias mistral.workflows.testing.Function fun(request: mistral.workflows.testing.Request): mistral.workflows.testing.Given, mistral.workflows.testing.Body?, table?

---@alias mistral.workflows.testing.Answer table|"drop"|"refuse"|"timeout"|mistral.workflows.testing.Function

---@class mistral.workflows.testing.Client : mistral.workflows.Client
---@field requests mistral.workflows.testing.Request[] what was asked

---@class mistral.workflows.testing.SandboxOptions
---@field port? integer
---@field tls_port? integer
---@field registrations? integer how many there are
---@field log? string file of an access log
---@field fixtures? (string|mistral.workflows.testing.Fixture)[]

---@class mistral.workflows.testing.Fixture
---@field path string of the requests that it answers, or `*`
---@field method? string of HTTP
---@field status? integer
---@field headers? table<string, string>
---@field body? string|table a table is JSON
---@field times? integer how many requests: 1; -1 for all
---@field delay? number seconds before the answer

---@class mistral.workflows.testing.Answers
---@field get_workflows? mistral.workflows.testing.Answer Lists workflows.
---@field get_workflow? mistral.workflows.testing.Answer Reads a workflow by name or id: it is in `answer.workflow`.
---@field update_workflow? mistral.workflows.testing.Answer Changes the display name, description, tags or visibility of a workflow, which is in `answer.workflow`.
---@field archive_workflow? mistral.workflows.testing.Answer Archives a workflow, which is in `answer.workflow`.
---@field unarchive_workflow? mistral.workflows.testing.Answer Takes a workflow out of the archive; it is in `answer.workflow`.
---@field bulk_archive_workflows? mistral.workflows.testing.Answer Archives any number of workflows, 100 in a request.
---@field bulk_unarchive_workflows? mistral.workflows.testing.Answer Takes any number of workflows out of the archive, 100 in a request.
---@field execute_workflow? mistral.workflows.testing.Answer Starts an execution of a workflow; answers at once, or with `wait_for_result` when it has ended.
---@field get_workflow_metrics? mistral.workflows.testing.Answer Reads counts, latencies and retries of a workflow, addressed by its name.
---@field get_workflow_registrations? mistral.workflows.testing.Answer Lists workflow registrations.
---@field get_workflow_registration? mistral.workflows.testing.Answer Reads a workflow registration: it is in `answer.workflow_registration`.
---@field execute_workflow_registration? mistral.workflows.testing.Answer Starts an execution of a registration (deprecated by the service: execute the workflow).
---@field get_workflow_execution? mistral.workflows.testing.Answer Reads the state and result of an execution.
---@field get_workflow_execution_history? mistral.workflows.testing.Answer Reads the history of an execution.
---@field signal_workflow_execution? mistral.workflows.testing.Answer Sends a signal to a running execution.
---@field query_workflow_execution? mistral.workflows.testing.Answer Asks a running execution for its state.
---@field update_workflow_execution? mistral.workflows.testing.Answer Changes a running execution and returns its handler's answer.
---@field cancel_workflow_execution? mistral.workflows.testing.Answer Asks an execution to stop.
---@field terminate_workflow_execution? mistral.workflows.testing.Answer Stops an execution at once.
---@field reset_workflow? mistral.workflows.testing.Answer Sets an execution back to an earlier event of its history.
---@field batch_cancel_workflow_executions? mistral.workflows.testing.Answer Asks any number of executions to stop, 100 in a request.
---@field batch_terminate_workflow_executions? mistral.workflows.testing.Answer Stops any number of executions at once, 100 in a request.
---@field get_workflow_execution_trace_info? mistral.workflows.testing.Answer Tells whether an execution has trace data.
---@field get_workflow_execution_trace_otel? mistral.workflows.testing.Answer Reads the OpenTelemetry spans of an execution.
---@field get_workflow_execution_trace_summary? mistral.workflows.testing.Answer Reads the span tree of an execution.
---@field get_workflow_execution_trace_events? mistral.workflows.testing.Answer Reads the trace of an execution as a flat list of events.
---@field stream? mistral.workflows.testing.Answer Follows the events of an execution.
---@field get_workflow_execution_logs? mistral.workflows.testing.Answer Lists log records of an execution.
---@field stream_workflow_execution_logs? mistral.workflows.testing.Answer Follows the log records of an execution.
---@field list_runs? mistral.workflows.testing.Answer Lists runs.
---@field get_run? mistral.workflows.testing.Answer Reads a run.
---@field get_run_history? mistral.workflows.testing.Answer Reads the history of a run.
---@field get_schedules? mistral.workflows.testing.Answer Lists schedules.
---@field schedule_workflow? mistral.workflows.testing.Answer Creates a schedule.
---@field get_schedule? mistral.workflows.testing.Answer Reads a schedule.
---@field update_schedule? mistral.workflows.testing.Answer Changes the given members of a schedule.
---@field unschedule_workflow? mistral.workflows.testing.Answer Deletes a schedule.
---@field pause_schedule? mistral.workflows.testing.Answer Pauses a schedule.
---@field resume_schedule? mistral.workflows.testing.Answer Resumes a paused schedule.
---@field trigger_schedule? mistral.workflows.testing.Answer Starts an execution of a schedule now.
---@field list_deployments? mistral.workflows.testing.Answer Lists deployments.
---@field create_deployment? mistral.workflows.testing.Answer Creates a managed deployment.
---@field get_deployment? mistral.workflows.testing.Answer Reads a deployment.
---@field update_deployment? mistral.workflows.testing.Answer Changes a managed deployment.
---@field delete_deployment? mistral.workflows.testing.Answer Deletes a managed deployment.
---@field start_deployment? mistral.workflows.testing.Answer Starts a managed deployment.
---@field stop_deployment? mistral.workflows.testing.Answer Stops a managed deployment.
---@field restart_deployment? mistral.workflows.testing.Answer Restarts a managed deployment.
---@field list_deployment_workers? mistral.workflows.testing.Answer Lists the workers of a deployment.
---@field get_deployment_logs? mistral.workflows.testing.Answer Lists log records of a deployment.
---@field stream_deployment_logs? mistral.workflows.testing.Answer Follows the log records of a deployment.
---@field get_workflow_events? mistral.workflows.testing.Answer Lists workflow events.
---@field get_stream_events? mistral.workflows.testing.Answer Follows workflow events of any execution.
---@field get_worker_info? mistral.workflows.testing.Answer Reads the scheduler address and namespace that belong to the key.

---@class mistral.workflows
---@field null mistral.workflows.Null JSON null: the light userdata NULL, equal to `cjson.null` and `ngx.null`.
---@field json { encode: (fun(value: any, style?: { indent?: integer, sort_keys?: boolean }): string?, string?), decode: (fun(text: string): any, string?) } The codec of requests and answers: `encode(value)` and `decode(text)`; nil and a message when they fail. `encode(value, { indent = 2, sort_keys = true })` writes lines, `indent` spaces for each level, and keys in the order of their bytes.
---@field time { parse: (fun(text: string|integer|mistral.workflows.Null?): number?, string?), format: (fun(seconds: number): string?, string?) } Date-times: `parse(text)` gives the seconds since 1970, of each form in which the service writes times: RFC 3339, with a space or an offset, and its integers of nanoseconds; microseconds are exact; nil of null. `format(seconds)` gives RFC 3339 in UTC. Nil and a message when they fail.
---@field _VERSION string The version of the library.
local workflows = {}

--- Makes a client. Raises at the caller's line when an option is unknown or wrong. Nothing is sent yet.
---@param options? mistral.workflows.Options
---@return mistral.workflows.Client
function workflows.new(options) end

--- Marks a table as a JSON array, so that it is sent as `[]` even when empty. Returns it.
---@param list? table
---@return table
function workflows.array(list) end

--- The value, or `default` where it is nil or null: `workflows.value(workflow.description, "none")`.
---@param value any
---@param default? any
---@return any
function workflows.value(value, default) end

--- The state of a custom task after an event: whole states replace it, patches (JSON Patch with `append`) change a copy. Begin with nil. Raises an error object of kind decode when a patch does not fit the state.
---@param state any
---@param event mistral.workflows.Event|table
---@return any state
function workflows.fold(state, event) end

--- True for the error objects of this library.
---@param value any
---@return boolean
function workflows.is_error(value) end

--- Monotonic seconds: the clock of the deadlines that loop adapters get.
---@return number
function workflows.now() end

return workflows
