---@meta _
-- luacheck: ignore
-- Made by `make docs`; for editors only. Nothing loads this file.

---@alias mistral.workflows.Null lightuserdata

---@class mistral.workflows.Pollable
---@field pollfd fun(self: mistral.workflows.Pollable): integer?
---@field events fun(self: mistral.workflows.Pollable): string
---@field timeout fun(self: mistral.workflows.Pollable): number?

---@class mistral.workflows.Stream
---@operator call: mistral.workflows.Event?
local Stream = {}

--- Leaves the stream and closes its connection. May be called again.
function Stream:close() end

---@class mistral.workflows.Error
---@field kind "connect"|"timeout"|"network"|"http"|"decode"|"too_large"|"stream"|"execution"|"cancelled" connect, timeout, network, http, decode, too_large, stream, execution or cancelled
---@field message string what happened and, where something can be done about it, what
---@field operation string the name of the operation, as in `mistral.workflows.core`
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
---@field execution table? kind "execution": the execution as it ended
---@field partial table? of a call that was sent in parts: the joined answers before the part that failed

---@class mistral.workflows.Options
---@field api_key? string|fun(): string the key; a function is called for each attempt, for keys that change (default: `MISTRAL_API_KEY`)
---@field server_url? string plain `http://` only to a loopback host (default: `MISTRAL_SERVER_URL`, else `https://api.mistral.ai`)
---@field allow_insecure_http? boolean lets `http://` through to any host (default: false)
---@field timeout? number seconds for one attempt of a plain call, body included (default: 300)
---@field connect_timeout? number seconds until a connection is ready, TLS included (default: 10)
---@field idle_timeout? number seconds without a byte before an event stream is dropped and resumed (default: 60)
---@field retry? boolean|mistral.workflows.Retry `false`: one attempt (default: `{ attempts = 4, base = 0.5, cap = 30, budget = 120 }`)
---@field max_response_bytes? integer largest body, and largest single event of a stream, after decompression (default: 64 MiB)
---@field max_connections? integer open at once (default: 64)
---@field http_version? "auto"|"1.1"|"2" `auto`: 2 over TLS where the server has it, else 1.1 (default: `auto`)
---@field proxy? string URL of a proxy; an empty string: none (default: libcurl's environment variables)
---@field no_proxy? string hosts that need no proxy, separated by commas (default: `NO_PROXY`)
---@field ca_file? string file with the trusted certificates (PEM) (default: `SSL_CERT_FILE`, else libcurl's)
---@field ca_path? string directory with trusted certificates, hashed (default: none)
---@field client_cert? string file with a client certificate (PEM) (default: none)
---@field client_key? string file with its key (PEM) (default: none)
---@field insecure? boolean `true` accepts any certificate (default: false)
---@field headers? table<string, string|number> sent with each request; not those that the library sets (default: none)
---@field user_agent? string  (default: `mistral-workflows-lua/VERSION ...`)
---@field loop? "auto"|"blocking"|"cqueues"|"luv"|"copas"|"ngx"|mistral.workflows.Adapter what a call does while it waits; see [loops](loops.md) (default: `auto`)
---@field observer? fun(attempt: mistral.workflows.Attempt) called after each attempt (default: none)
---@field parameters? "strict"|"open" `open` sends parameter and body names that the library does not know (default: `strict`)

---@class mistral.workflows.Retry
---@field attempts? integer in all (default: 4)
---@field base? number seconds; the wait after attempt n is random, at most `base * 2^(n - 1)` (default: 0.5)
---@field cap? number seconds a wait is at most, unless the service asks for longer (default: 30)
---@field budget? number seconds from the start of the call after which no attempt is begun (default: 120)

---@class mistral.workflows.CallOptions
---@field timeout? number seconds for one attempt (default: the client's)
---@field deadline? number seconds for the whole call, retries included (default: none)
---@field retry? boolean|mistral.workflows.Retry `false`: one attempt; `true`: the default (default: the client's)
---@field headers? table<string, string|number> sent after the client's (default: none)
---@field prefetch? boolean walks: request the next page before it is asked for (default: true)

---@class mistral.workflows.WaitOptions
---@field timeout? number seconds in all; afterwards the error has the kind `timeout` (default: none)
---@field on_event? fun(event: mistral.workflows.Event) called with each event of the execution (default: none)
---@field poll? { min?: number, max?: number } seconds between two questions for the status (default: `{ min = 0.25, max = 5 }`)
---@field retry? boolean|mistral.workflows.Retry of each request (default: the client's)
---@field headers? table<string, string|number> sent after the client's (default: none)

---@class mistral.workflows.Event
---@field data any the decoded JSON of the event, or its text when it is no JSON
---@field event string its name; `message` where it has none
---@field id? string its id
---@field retry? integer milliseconds the service asks to wait before reconnecting

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
---@field wait fun(pollable: mistral.workflows.Pollable, deadline?: number) returns when there is work or the monotonic time has come
---@field sleep fun(seconds: number) lets time pass
---@field spawn? fun(fn: fun()) runs a function in a coroutine of its own

---@class mistral.workflows.get_workflows.params
---@field status? string[]|string execution statuses
---@field include_shared? boolean
---@field available_in_chat_assistant? boolean
---@field deployment_name? string[]|string
---@field deployment_status? string active | inactive
---@field archived? boolean
---@field tags? string[]|string
---@field sort_by? string display_name
---@field order? string asc | desc
---@field cursor? string
---@field limit? integer 1 to 1000, default 50
---@field active_only? boolean
---@field search? string

---@class mistral.workflows.update_workflow.body
---@field display_name? string|mistral.workflows.Null
---@field description? string|mistral.workflows.Null
---@field available_in_chat_assistant? boolean|mistral.workflows.Null
---@field tags? string[]|mistral.workflows.Null

---@class mistral.workflows.execute_workflow.body
---@field execution_id? string|false|mistral.workflows.Null 1 to 256 of A-Z a-z 0-9 _ -
---@field input? table|mistral.workflows.Null
---@field wait_for_result? boolean|mistral.workflows.Null
---@field timeout_seconds? number|mistral.workflows.Null seconds the service waits at most; with wait_for_result
---@field custom_tracing_attributes? table|mistral.workflows.Null
---@field force_new_trace? boolean|mistral.workflows.Null
---@field extensions? table|mistral.workflows.Null
---@field task_queue? string|mistral.workflows.Null deprecated
---@field deployment_name? string|mistral.workflows.Null
---@field traceparent? string|mistral.workflows.Null W3C trace context
---@field encoded_input? table|mistral.workflows.Null instead of input

---@class mistral.workflows.get_workflow_metrics.params
---@field start_time? string RFC 3339 date-time
---@field end_time? string RFC 3339 date-time

---@class mistral.workflows.workflows
local workflows = {}

--- Lists workflows.
---
--- `GET /v1/workflows`
---@param params? mistral.workflows.get_workflows.params
---@param options? mistral.workflows.CallOptions
---@return table? answer
---@return mistral.workflows.Error? err
function workflows:list(params, options) end

--- Walks the `workflows` of all pages; raises an error object when a page cannot be had.
---@param params? mistral.workflows.get_workflows.params
---@param options? mistral.workflows.CallOptions
---@return fun(): table? iterator
function workflows:each(params, options) end

--- Walks whole pages; raises an error object when one cannot be had.
---@param params? mistral.workflows.get_workflows.params
---@param options? mistral.workflows.CallOptions
---@return fun(): table? iterator
function workflows:pages(params, options) end

--- Reads a workflow by name or id.
---
--- `GET /v1/workflows/{workflow_identifier}`
---@param workflow string
---@param options? mistral.workflows.CallOptions
---@return table? answer
---@return mistral.workflows.Error? err
function workflows:get(workflow, options) end

--- Changes the display name, description, tags or visibility of a workflow.
---
--- `PUT /v1/workflows/{workflow_identifier}`
---@param workflow string
---@param body? mistral.workflows.update_workflow.body
---@param options? mistral.workflows.CallOptions
---@return table? answer
---@return mistral.workflows.Error? err
function workflows:update(workflow, body, options) end

--- Archives a workflow.
---
--- `PUT /v1/workflows/{workflow_identifier}/archive`
---@param workflow string
---@param options? mistral.workflows.CallOptions
---@return table? answer
---@return mistral.workflows.Error? err
function workflows:archive(workflow, options) end

--- Takes a workflow out of the archive.
---
--- `PUT /v1/workflows/{workflow_identifier}/unarchive`
---@param workflow string
---@param options? mistral.workflows.CallOptions
---@return table? answer
---@return mistral.workflows.Error? err
function workflows:unarchive(workflow, options) end

--- Archives any number of workflows, 100 in a request.
---
--- `PUT /v1/workflows/archive`
---@param ids string[]
---@param options? mistral.workflows.CallOptions
---@return table? answer
---@return mistral.workflows.Error? err
function workflows:archive_many(ids, options) end

--- Takes any number of workflows out of the archive, 100 in a request.
---
--- `PUT /v1/workflows/unarchive`
---@param ids string[]
---@param options? mistral.workflows.CallOptions
---@return table? answer
---@return mistral.workflows.Error? err
function workflows:unarchive_many(ids, options) end

--- Starts an execution of a workflow.
---
--- `POST /v1/workflows/{workflow_identifier}/execute`
---@param workflow string
---@param body? mistral.workflows.execute_workflow.body
---@param options? mistral.workflows.CallOptions
---@return table? answer
---@return mistral.workflows.Error? err
function workflows:execute(workflow, body, options) end

--- Reads counts, latencies and retries of a workflow, addressed by its name.
---
--- `GET /v1/workflows/{workflow_name}/metrics`
---@param workflow_name string
---@param params? mistral.workflows.get_workflow_metrics.params
---@param options? mistral.workflows.CallOptions
---@return table? answer
---@return mistral.workflows.Error? err
function workflows:metrics(workflow_name, params, options) end

--- Starts an execution and waits until it has ended. Returns the result (`workflows.null` for none) and the execution; or nil and an error, of the kind `execution` when it ended other than COMPLETED.
---@param workflow string
---@param request? mistral.workflows.execute_workflow.body
---@param options? mistral.workflows.WaitOptions
---@return any result
---@return table|mistral.workflows.Error execution_or_err
function workflows:run(workflow, request, options) end

---@class mistral.workflows.get_workflow_registrations.params
---@field workflow_id? string UUID
---@field task_queue? string
---@field active_only? boolean
---@field include_shared? boolean
---@field workflow_search? string
---@field archived? boolean
---@field with_workflow? boolean
---@field available_in_chat_assistant? boolean
---@field limit? integer 1 to 1000, default 50
---@field cursor? string

---@class mistral.workflows.get_workflow_registration.params
---@field with_workflow? boolean
---@field include_shared? boolean

---@class mistral.workflows.execute_workflow_registration.body
---@field execution_id? string|false|mistral.workflows.Null 1 to 256 of A-Z a-z 0-9 _ -
---@field input? table|mistral.workflows.Null
---@field wait_for_result? boolean|mistral.workflows.Null
---@field timeout_seconds? number|mistral.workflows.Null seconds the service waits at most; with wait_for_result
---@field custom_tracing_attributes? table|mistral.workflows.Null
---@field force_new_trace? boolean|mistral.workflows.Null
---@field extensions? table|mistral.workflows.Null
---@field task_queue? string|mistral.workflows.Null deprecated
---@field deployment_name? string|mistral.workflows.Null
---@field traceparent? string|mistral.workflows.Null W3C trace context
---@field encoded_input? table|mistral.workflows.Null instead of input

---@class mistral.workflows.registrations
local registrations = {}

--- Lists workflow registrations.
---
--- `GET /v1/workflows/registrations`
---@param params? mistral.workflows.get_workflow_registrations.params
---@param options? mistral.workflows.CallOptions
---@return table? answer
---@return mistral.workflows.Error? err
function registrations:list(params, options) end

--- Walks the `workflow_registrations` of all pages; raises an error object when a page cannot be had.
---@param params? mistral.workflows.get_workflow_registrations.params
---@param options? mistral.workflows.CallOptions
---@return fun(): table? iterator
function registrations:each(params, options) end

--- Walks whole pages; raises an error object when one cannot be had.
---@param params? mistral.workflows.get_workflow_registrations.params
---@param options? mistral.workflows.CallOptions
---@return fun(): table? iterator
function registrations:pages(params, options) end

--- Reads a workflow registration.
---
--- `GET /v1/workflows/registrations/{workflow_registration_id}`
---@param id string
---@param params? mistral.workflows.get_workflow_registration.params
---@param options? mistral.workflows.CallOptions
---@return table? answer
---@return mistral.workflows.Error? err
function registrations:get(id, params, options) end

--- Starts an execution of a registration (deprecated by the service: execute the workflow).
---
--- `POST /v1/workflows/registrations/{workflow_registration_id}/execute`
---@param id string
---@param body? mistral.workflows.execute_workflow_registration.body
---@param options? mistral.workflows.CallOptions
---@return table? answer
---@return mistral.workflows.Error? err
function registrations:execute(id, body, options) end

--- Starts an execution and waits until it has ended. Returns the result (`workflows.null` for none) and the execution; or nil and an error, of the kind `execution` when it ended other than COMPLETED.
---@param id string
---@param request? mistral.workflows.execute_workflow_registration.body
---@param options? mistral.workflows.WaitOptions
---@return any result
---@return table|mistral.workflows.Error execution_or_err
function registrations:run(id, request, options) end

---@class mistral.workflows.get_workflow_execution.params
---@field include_search_keys? boolean

---@class mistral.workflows.get_workflow_execution_history.params
---@field decode_payloads? boolean

---@class mistral.workflows.signal_workflow_execution.body
---@field name string|mistral.workflows.Null required
---@field input? table|mistral.workflows.Null

---@class mistral.workflows.query_workflow_execution.body
---@field name string|mistral.workflows.Null required
---@field input? table|mistral.workflows.Null

---@class mistral.workflows.update_workflow_execution.body
---@field name string|mistral.workflows.Null required
---@field input? table|mistral.workflows.Null

---@class mistral.workflows.reset_workflow.body
---@field event_id integer|mistral.workflows.Null required; a workflow-task-completed event
---@field reason? string|mistral.workflows.Null
---@field exclude_signals? boolean|mistral.workflows.Null
---@field exclude_updates? boolean|mistral.workflows.Null

---@class mistral.workflows.get_workflow_execution_trace_events.params
---@field merge_same_id_events? boolean
---@field include_internal_events? boolean

---@class mistral.workflows.stream.params
---@field event_source? string DATABASE | LIVE | HYBRID
---@field last_event_id? string

---@class mistral.workflows.get_workflow_execution_logs.params
---@field run_id? string UUID
---@field activity_id? string digits
---@field after? string RFC 3339 date-time
---@field before? string RFC 3339 date-time
---@field order? string asc | desc
---@field cursor? string
---@field limit? integer 1 to 100, default 50

---@class mistral.workflows.stream_workflow_execution_logs.params
---@field run_id? string UUID
---@field activity_id? string digits
---@field after? string RFC 3339 date-time
---@field last_event_id? string

---@class mistral.workflows.executions
local executions = {}

--- Reads the state and result of an execution.
---
--- `GET /v1/workflows/executions/{execution_id}`
---@param id string
---@param params? mistral.workflows.get_workflow_execution.params
---@param options? mistral.workflows.CallOptions
---@return table? answer
---@return mistral.workflows.Error? err
function executions:get(id, params, options) end

--- Reads the history of an execution.
---
--- `GET /v1/workflows/executions/{execution_id}/history`
---@param id string
---@param params? mistral.workflows.get_workflow_execution_history.params
---@param options? mistral.workflows.CallOptions
---@return table? answer
---@return mistral.workflows.Error? err
function executions:history(id, params, options) end

--- Sends a signal to a running execution.
---
--- `POST /v1/workflows/executions/{execution_id}/signals`
---@param id string
---@param body mistral.workflows.signal_workflow_execution.body
---@param options? mistral.workflows.CallOptions
---@return table? answer
---@return mistral.workflows.Error? err
function executions:signal(id, body, options) end

--- Asks a running execution for its state.
---
--- `POST /v1/workflows/executions/{execution_id}/queries`
---@param id string
---@param body mistral.workflows.query_workflow_execution.body
---@param options? mistral.workflows.CallOptions
---@return table? answer
---@return mistral.workflows.Error? err
function executions:query(id, body, options) end

--- Changes a running execution and returns its handler's answer.
---
--- `POST /v1/workflows/executions/{execution_id}/updates`
---@param id string
---@param body mistral.workflows.update_workflow_execution.body
---@param options? mistral.workflows.CallOptions
---@return table? answer
---@return mistral.workflows.Error? err
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
---@param body mistral.workflows.reset_workflow.body
---@param options? mistral.workflows.CallOptions
---@return true? answer
---@return mistral.workflows.Error? err
function executions:reset(id, body, options) end

--- Asks any number of executions to stop, 100 in a request.
---
--- `POST /v1/workflows/executions/cancel`
---@param ids string[]
---@param options? mistral.workflows.CallOptions
---@return table? answer
---@return mistral.workflows.Error? err
function executions:cancel_many(ids, options) end

--- Stops any number of executions at once, 100 in a request.
---
--- `POST /v1/workflows/executions/terminate`
---@param ids string[]
---@param options? mistral.workflows.CallOptions
---@return table? answer
---@return mistral.workflows.Error? err
function executions:terminate_many(ids, options) end

--- Tells whether an execution has trace data.
---
--- `GET /v1/workflows/executions/{execution_id}/trace/info`
---@param id string
---@param options? mistral.workflows.CallOptions
---@return table? answer
---@return mistral.workflows.Error? err
function executions:trace_info(id, options) end

--- Reads the OpenTelemetry spans of an execution.
---
--- `GET /v1/workflows/executions/{execution_id}/trace/otel`
---@param id string
---@param options? mistral.workflows.CallOptions
---@return table? answer
---@return mistral.workflows.Error? err
function executions:trace_otel(id, options) end

--- Reads the span tree of an execution.
---
--- `GET /v1/workflows/executions/{execution_id}/trace/summary`
---@param id string
---@param options? mistral.workflows.CallOptions
---@return table? answer
---@return mistral.workflows.Error? err
function executions:trace_summary(id, options) end

--- Reads the trace of an execution as a flat list of events.
---
--- `GET /v1/workflows/executions/{execution_id}/trace/events`
---@param id string
---@param params? mistral.workflows.get_workflow_execution_trace_events.params
---@param options? mistral.workflows.CallOptions
---@return table? answer
---@return mistral.workflows.Error? err
function executions:trace_events(id, params, options) end

--- Follows the events of an execution.
---
--- `GET /v1/workflows/executions/{execution_id}/stream`
---@param id string
---@param params? mistral.workflows.stream.params
---@param options? mistral.workflows.CallOptions
---@return mistral.workflows.Stream stream
function executions:stream(id, params, options) end

--- Lists log records of an execution.
---
--- `GET /v1/workflows/executions/{execution_id}/logs`
---@param id string
---@param params? mistral.workflows.get_workflow_execution_logs.params
---@param options? mistral.workflows.CallOptions
---@return table? answer
---@return mistral.workflows.Error? err
function executions:logs(id, params, options) end

--- Walks the `results` of all pages; raises an error object when a page cannot be had.
---@param id string
---@param params? mistral.workflows.get_workflow_execution_logs.params
---@param options? mistral.workflows.CallOptions
---@return fun(): table? iterator
function executions:each_log(id, params, options) end

--- Walks whole pages; raises an error object when one cannot be had.
---@param id string
---@param params? mistral.workflows.get_workflow_execution_logs.params
---@param options? mistral.workflows.CallOptions
---@return fun(): table? iterator
function executions:log_pages(id, params, options) end

--- Follows the log records of an execution.
---
--- `GET /v1/workflows/executions/{execution_id}/logs/stream`
---@param id string
---@param params? mistral.workflows.stream_workflow_execution_logs.params
---@param options? mistral.workflows.CallOptions
---@return mistral.workflows.Stream stream
function executions:stream_logs(id, params, options) end

--- Waits until an execution has ended. Returns the execution; or nil and an error, of the kind `execution` when it ended other than COMPLETED, `timeout` when it goes on after `timeout` seconds.
---@param id string
---@param options? mistral.workflows.WaitOptions
---@return table? execution
---@return mistral.workflows.Error? err
function executions:wait(id, options) end

--- What an interactive execution waits for: a list of tables with `task_id`, `label` and the schema of the input.
---@param id string
---@param options? mistral.workflows.CallOptions
---@return table[]? inputs
---@return mistral.workflows.Error? err
function executions:pending_inputs(id, options) end

--- Gives an execution an input that it waits for. Returns what the workflow answers; or nil and an error, of the kind `execution` with the reason `input_refused` when the workflow does not take it.
---@param id string
---@param task_id string
---@param input table
---@param options? mistral.workflows.CallOptions
---@return table|true|nil answer
---@return mistral.workflows.Error? err
function executions:submit_input(id, task_id, input, options) end

---@class mistral.workflows.list_runs.params
---@field workflow_identifier? string
---@field root_execution_id? string
---@field search? string
---@field status? string[]|string execution statuses
---@field deployment_name? string
---@field sort_by? string start_time | end_time
---@field order? string asc | desc
---@field start_time_after? string RFC 3339 date-time
---@field start_time_before? string RFC 3339 date-time
---@field end_time_after? string RFC 3339 date-time
---@field end_time_before? string RFC 3339 date-time
---@field user_id? string
---@field workflow_tags? string[]|string up to 20, all must match
---@field include_internal? boolean
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
---@return table? answer
---@return mistral.workflows.Error? err
function runs:list(params, options) end

--- Walks the `executions` of all pages; raises an error object when a page cannot be had.
---@param params? mistral.workflows.list_runs.params
---@param options? mistral.workflows.CallOptions
---@return fun(): table? iterator
function runs:each(params, options) end

--- Walks whole pages; raises an error object when one cannot be had.
---@param params? mistral.workflows.list_runs.params
---@param options? mistral.workflows.CallOptions
---@return fun(): table? iterator
function runs:pages(params, options) end

--- Reads a run.
---
--- `GET /v1/workflows/runs/{run_id}`
---@param run_id string
---@param options? mistral.workflows.CallOptions
---@return table? answer
---@return mistral.workflows.Error? err
function runs:get(run_id, options) end

--- Reads the history of a run.
---
--- `GET /v1/workflows/runs/{run_id}/history`
---@param run_id string
---@param params? mistral.workflows.get_run_history.params
---@param options? mistral.workflows.CallOptions
---@return table? answer
---@return mistral.workflows.Error? err
function runs:history(run_id, params, options) end

---@class mistral.workflows.get_schedules.params
---@field workflow_name? string
---@field user_id? string
---@field status? string active | paused
---@field search? string
---@field page_size? integer 1 to 1000
---@field next_page_token? string

---@class mistral.workflows.schedule_workflow.body
---@field schedule table|mistral.workflows.Null required
---@field workflow_registration_id? string|mistral.workflows.Null UUID
---@field workflow_version_id? string|mistral.workflows.Null deprecated
---@field workflow_identifier? string|mistral.workflows.Null
---@field workflow_task_queue? string|mistral.workflows.Null deprecated
---@field schedule_id? string|mistral.workflows.Null
---@field deployment_name? string|mistral.workflows.Null

---@class mistral.workflows.update_schedule.body
---@field schedule table|mistral.workflows.Null required

---@class mistral.workflows.pause_schedule.body
---@field note? string|mistral.workflows.Null

---@class mistral.workflows.resume_schedule.body
---@field note? string|mistral.workflows.Null

---@class mistral.workflows.trigger_schedule.body
---@field overlap? integer|mistral.workflows.Null 1 to 6: SKIP, BUFFER_ONE, BUFFER_ALL, CANCEL_OTHER, TERMINATE_OTHER, ALLOW_ALL

---@class mistral.workflows.schedules
local schedules = {}

--- Lists schedules.
---
--- `GET /v1/workflows/schedules`
---@param params? mistral.workflows.get_schedules.params
---@param options? mistral.workflows.CallOptions
---@return table? answer
---@return mistral.workflows.Error? err
function schedules:list(params, options) end

--- Walks the `schedules` of all pages; raises an error object when a page cannot be had.
---@param params? mistral.workflows.get_schedules.params
---@param options? mistral.workflows.CallOptions
---@return fun(): table? iterator
function schedules:each(params, options) end

--- Walks whole pages; raises an error object when one cannot be had.
---@param params? mistral.workflows.get_schedules.params
---@param options? mistral.workflows.CallOptions
---@return fun(): table? iterator
function schedules:pages(params, options) end

--- Creates a schedule.
---
--- `POST /v1/workflows/schedules`
---@param body mistral.workflows.schedule_workflow.body
---@param options? mistral.workflows.CallOptions
---@return table? answer
---@return mistral.workflows.Error? err
function schedules:create(body, options) end

--- Reads a schedule.
---
--- `GET /v1/workflows/schedules/{schedule_id}`
---@param id string
---@param options? mistral.workflows.CallOptions
---@return table? answer
---@return mistral.workflows.Error? err
function schedules:get(id, options) end

--- Changes the given members of a schedule.
---
--- `PATCH /v1/workflows/schedules/{schedule_id}`
---@param id string
---@param body mistral.workflows.update_schedule.body
---@param options? mistral.workflows.CallOptions
---@return table? answer
---@return mistral.workflows.Error? err
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
---@param body? mistral.workflows.pause_schedule.body
---@param options? mistral.workflows.CallOptions
---@return true? answer
---@return mistral.workflows.Error? err
function schedules:pause(id, body, options) end

--- Resumes a paused schedule.
---
--- `POST /v1/workflows/schedules/{schedule_id}/resume`
---@param id string
---@param body? mistral.workflows.resume_schedule.body
---@param options? mistral.workflows.CallOptions
---@return true? answer
---@return mistral.workflows.Error? err
function schedules:resume(id, body, options) end

--- Starts an execution of a schedule now.
---
--- `POST /v1/workflows/schedules/{schedule_id}/trigger`
---@param id string
---@param body? mistral.workflows.trigger_schedule.body
---@param options? mistral.workflows.CallOptions
---@return true? answer
---@return mistral.workflows.Error? err
function schedules:trigger(id, body, options) end

---@class mistral.workflows.list_deployments.params
---@field active_only? boolean
---@field is_hardened? boolean
---@field workflow_name? string
---@field search? string
---@field order_by? string updated_at | created_at
---@field order? string asc | desc
---@field limit? integer 1 to 100
---@field cursor? string
---@field workspace_id? string UUID
---@field created_by? string
---@field location_types? string[]|string local | k8s | managed

---@class mistral.workflows.create_deployment.body
---@field name string|mistral.workflows.Null required
---@field spec table|mistral.workflows.Null required
---@field resources? table|mistral.workflows.Null
---@field hardened? boolean|mistral.workflows.Null

---@class mistral.workflows.get_deployment.params
---@field workflow_name? string

---@class mistral.workflows.update_deployment.body
---@field spec? table|mistral.workflows.Null
---@field resources? table|mistral.workflows.Null

---@class mistral.workflows.list_deployment_workers.params
---@field worker_status? string active | inactive
---@field limit? integer 1 to 100, default 50
---@field cursor? string

---@class mistral.workflows.get_deployment_logs.params
---@field worker_name? string
---@field workflow_name? string
---@field after? string RFC 3339 date-time
---@field before? string RFC 3339 date-time
---@field order? string asc | desc
---@field cursor? string
---@field limit? integer 1 to 100, default 50

---@class mistral.workflows.stream_deployment_logs.params
---@field worker_name? string
---@field workflow_name? string
---@field after? string RFC 3339 date-time
---@field last_event_id? string

---@class mistral.workflows.deployments
local deployments = {}

--- Lists deployments.
---
--- `GET /v1/workflows/deployments`
---@param params? mistral.workflows.list_deployments.params
---@param options? mistral.workflows.CallOptions
---@return table? answer
---@return mistral.workflows.Error? err
function deployments:list(params, options) end

--- Walks the `deployments` of all pages; raises an error object when a page cannot be had.
---@param params? mistral.workflows.list_deployments.params
---@param options? mistral.workflows.CallOptions
---@return fun(): table? iterator
function deployments:each(params, options) end

--- Walks whole pages; raises an error object when one cannot be had.
---@param params? mistral.workflows.list_deployments.params
---@param options? mistral.workflows.CallOptions
---@return fun(): table? iterator
function deployments:pages(params, options) end

--- Creates a managed deployment.
---
--- `POST /v1/workflows/deployments`
---@param body mistral.workflows.create_deployment.body
---@param options? mistral.workflows.CallOptions
---@return table? answer
---@return mistral.workflows.Error? err
function deployments:create(body, options) end

--- Reads a deployment.
---
--- `GET /v1/workflows/deployments/{name}`
---@param name string
---@param params? mistral.workflows.get_deployment.params
---@param options? mistral.workflows.CallOptions
---@return table? answer
---@return mistral.workflows.Error? err
function deployments:get(name, params, options) end

--- Changes a managed deployment.
---
--- `PATCH /v1/workflows/deployments/{name}`
---@param name string
---@param body? mistral.workflows.update_deployment.body
---@param options? mistral.workflows.CallOptions
---@return table? answer
---@return mistral.workflows.Error? err
function deployments:update(name, body, options) end

--- Deletes a managed deployment.
---
--- `DELETE /v1/workflows/deployments/{name}`
---@param name string
---@param options? mistral.workflows.CallOptions
---@return table? answer
---@return mistral.workflows.Error? err
function deployments:delete(name, options) end

--- Starts a managed deployment.
---
--- `POST /v1/workflows/deployments/{name}/start`
---@param name string
---@param options? mistral.workflows.CallOptions
---@return table? answer
---@return mistral.workflows.Error? err
function deployments:start(name, options) end

--- Stops a managed deployment.
---
--- `POST /v1/workflows/deployments/{name}/stop`
---@param name string
---@param options? mistral.workflows.CallOptions
---@return table? answer
---@return mistral.workflows.Error? err
function deployments:stop(name, options) end

--- Restarts a managed deployment.
---
--- `POST /v1/workflows/deployments/{name}/restart`
---@param name string
---@param options? mistral.workflows.CallOptions
---@return table? answer
---@return mistral.workflows.Error? err
function deployments:restart(name, options) end

--- Lists the workers of a deployment.
---
--- `GET /v1/workflows/deployments/{name}/workers`
---@param name string
---@param params? mistral.workflows.list_deployment_workers.params
---@param options? mistral.workflows.CallOptions
---@return table? answer
---@return mistral.workflows.Error? err
function deployments:workers(name, params, options) end

--- Walks the `workers` of all pages; raises an error object when a page cannot be had.
---@param name string
---@param params? mistral.workflows.list_deployment_workers.params
---@param options? mistral.workflows.CallOptions
---@return fun(): table? iterator
function deployments:each_worker(name, params, options) end

--- Walks whole pages; raises an error object when one cannot be had.
---@param name string
---@param params? mistral.workflows.list_deployment_workers.params
---@param options? mistral.workflows.CallOptions
---@return fun(): table? iterator
function deployments:worker_pages(name, params, options) end

--- Lists log records of a deployment.
---
--- `GET /v1/workflows/deployments/{name}/logs`
---@param name string
---@param params? mistral.workflows.get_deployment_logs.params
---@param options? mistral.workflows.CallOptions
---@return table? answer
---@return mistral.workflows.Error? err
function deployments:logs(name, params, options) end

--- Walks the `results` of all pages; raises an error object when a page cannot be had.
---@param name string
---@param params? mistral.workflows.get_deployment_logs.params
---@param options? mistral.workflows.CallOptions
---@return fun(): table? iterator
function deployments:each_log(name, params, options) end

--- Walks whole pages; raises an error object when one cannot be had.
---@param name string
---@param params? mistral.workflows.get_deployment_logs.params
---@param options? mistral.workflows.CallOptions
---@return fun(): table? iterator
function deployments:log_pages(name, params, options) end

--- Follows the log records of a deployment.
---
--- `GET /v1/workflows/deployments/{name}/logs/stream`
---@param name string
---@param params? mistral.workflows.stream_deployment_logs.params
---@param options? mistral.workflows.CallOptions
---@return mistral.workflows.Stream stream
function deployments:stream_logs(name, params, options) end

---@class mistral.workflows.get_workflow_events.params
---@field root_workflow_exec_id? string
---@field workflow_exec_id? string
---@field workflow_run_id? string
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
---@field workflow_event_types? string[]|string event types

---@class mistral.workflows.events
local events = {}

--- Lists workflow events.
---
--- `GET /v1/workflows/events/list`
---@param params? mistral.workflows.get_workflow_events.params
---@param options? mistral.workflows.CallOptions
---@return table? answer
---@return mistral.workflows.Error? err
function events:list(params, options) end

--- Walks the `events` of all pages; raises an error object when a page cannot be had.
---@param params? mistral.workflows.get_workflow_events.params
---@param options? mistral.workflows.CallOptions
---@return fun(): table? iterator
function events:each(params, options) end

--- Walks whole pages; raises an error object when one cannot be had.
---@param params? mistral.workflows.get_workflow_events.params
---@param options? mistral.workflows.CallOptions
---@return fun(): table? iterator
function events:pages(params, options) end

--- Follows workflow events of any execution.
---
--- `GET /v1/workflows/events/stream`
---@param params? mistral.workflows.get_stream_events.params
---@param options? mistral.workflows.CallOptions
---@return mistral.workflows.Stream stream
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
---@return table? answer
---@return mistral.workflows.Error? err
function Client:whoami(options) end

--- Calls `fn(item, index)` for each item, at most `concurrency` (16) at a time; each waits for the network without holding up the others. Results and errors are indexed like the items; errors is nil when all succeeded. An error that `fn` raises cancels the others and is raised.
---@param items any[]
---@param fn fun(item: any, index: integer): any, any
---@param options? { concurrency?: integer }
---@return any[] results
---@return any[]? errors
function Client:map(items, fn, options) end

--- Calls all functions at the same time; results and errors as of `map`.
---@param functions (fun(): any, any)[]
---@return any[] results
---@return any[]? errors
function Client:gather(functions) end

--- What an outside loop waits for: `pollfd()` is a descriptor that is readable when `drive` has work (nil where the platform has none), `events()` is `"r"`, `timeout()` the seconds until there is work anyway, or nil.
---@return mistral.workflows.Pollable
function Client:pollable() end

--- Does what is due, without waiting.
function Client:drive() end

--- Cancels the calls in flight and closes all connections. May be called again; `<close>` and collection do it too. Calls on a closed client raise.
function Client:close() end

---@class mistral.workflows
---@field null mistral.workflows.Null JSON null: the light userdata NULL, equal to `cjson.null` and `ngx.null`.
---@field json { encode: (fun(value: any): string?, string?), decode: (fun(text: string): any, string?) } The codec of requests and answers: `encode(value)` and `decode(text)`; nil and a message when they fail.
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

--- The state of a custom task after an event: whole states replace it, patches (JSON Patch with `append`) change a copy. Begin with nil. Raises an error when a patch does not fit the state.
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
