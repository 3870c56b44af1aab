/* Executions and runs: what starts them, what is asked of them, and what is read of them. */
#include "api/words.h"

const struct schema schema_execution_status = {
	"ExecutionStatus", .values = VALUES("RUNNING", "COMPLETED", "FAILED", "CANCELED", "TERMINATED",
				   "CONTINUED_AS_NEW", "TIMED_OUT", "RETRYING_AFTER_ERROR")};

static const struct schema run = {
	"Run", FIELDS({"workflow_name", STRING REQUIRED}, {"workflow_id", STRING NULLABLE, NULL, "UUID"},
		       {"deployment_name", STRING NULLABLE}, {"execution_id", STRING REQUIRED},
		       {"parent_execution_id", STRING NULLABLE, NULL, "of the execution that started it"},
		       {"root_execution_id", STRING REQUIRED, NULL, "of the outermost; its own where it is that"},
		       {"run_id", STRING NULLABLE, NULL, "UUID; events have another"},
		       {"user_id", STRING NULLABLE, NULL, "who started it"},
		       {"status", STRING REQUIRED NULLABLE, &schema_execution_status}, {"start_time", TIME REQUIRED},
		       {"end_time", TIME REQUIRED NULLABLE, NULL, "null while it runs"},
		       {"total_duration_ms", INTEGER NULLABLE, NULL, "milliseconds"},
		       {"search_keys", MAP STRING NULLABLE, NULL, "with `include_search_keys`"})};

const struct schema schema_execution = {"Execution",
	FIELDS({"result", ANY REQUIRED NULLABLE, NULL, "null unless it COMPLETED with one"}), .base = &run};

static const struct schema execution_result = {
	"ExecutionResult", FIELDS({"workflow_name", STRING REQUIRED}, {"execution_id", STRING REQUIRED},
				   {"result", ANY REQUIRED NULLABLE})};

const struct schema schema_started_execution = {
	"StartedExecution", .variants = (const struct schema *const[]){&schema_execution, &execution_result, NULL}};

const struct schema schema_run_page = {
	"RunPage", FIELDS({"executions", LIST OBJECT REQUIRED, &run},
			   {"next_page_token", STRING NULLABLE, NULL, "null on the last page"})};

/* ----- requests ----- */

static const struct schema payload_encoding = {
	"PayloadEncoding", .values = VALUES("offloaded", "encrypted", "encrypted-partial", "compressed")};

static const struct schema encoded_input = {
	"EncodedInput", FIELDS({"b64payload", STRING REQUIRED, NULL, "base64"},
				{"encoding_options", LIST STRING, &payload_encoding}, {"empty", BOOLEAN})};

const struct schema schema_execute_request = {"ExecuteRequest",
	FIELDS({"execution_id", STRING NULLABLE, NULL, "1 to 256 of A-Z a-z 0-9 _ -"},
		{"input", OBJECT NULLABLE, NULL, "what the workflow gets"}, {"wait_for_result", BOOLEAN},
		{"timeout_seconds", NUMBER NULLABLE, NULL, "seconds the service waits at most; with wait_for_result"},
		{"custom_tracing_attributes", MAP STRING NULLABLE}, {"force_new_trace", BOOLEAN},
		{"extensions", OBJECT NULLABLE, NULL, "data for plugins"},
		{"task_queue", STRING NULLABLE, NULL, "deprecated"},
		{"deployment_name", STRING NULLABLE, NULL, "needed where several serve the workflow"},
		{"traceparent", STRING NULLABLE, NULL, "W3C trace context"},
		{"encoded_input", OBJECT NULLABLE, &encoded_input, "instead of input"})};

const struct schema schema_invocation = {
	"Invocation", FIELDS({"name", STRING REQUIRED, NULL, "of the handler"},
			      {"input", OBJECT NULLABLE, NULL, "what the handler gets"})};

const struct schema schema_reset_request = {"ResetRequest",
	FIELDS({"event_id", INTEGER REQUIRED, NULL, "of a workflow-task-completed event"}, {"reason", STRING NULLABLE},
		{"exclude_signals", BOOLEAN, NULL, "those after the event"},
		{"exclude_updates", BOOLEAN, NULL, "those after the event"})};

const struct schema schema_execution_ids = {"ExecutionIds", FIELDS({"execution_ids", LIST STRING REQUIRED})};

/* ----- answers ----- */

const struct schema schema_signal_answer = {"SignalAnswer", FIELDS({"message", STRING})};

const struct schema schema_query_answer = {
	"QueryAnswer", FIELDS({"query_name", STRING REQUIRED}, {"result", ANY REQUIRED NULLABLE})};

const struct schema schema_update_answer = {
	"UpdateAnswer", FIELDS({"update_name", STRING REQUIRED}, {"result", ANY REQUIRED NULLABLE})};

static const struct schema batch_result = {
	"BatchResult", FIELDS({"status", STRING REQUIRED}, {"error", STRING NULLABLE, NULL, "null when it went well"})};

const struct schema schema_batch_answer = {
	"BatchAnswer", FIELDS({"results", MAP OBJECT, &batch_result, "by execution id"})};

const struct schema schema_log_record = {
	"LogRecord", FIELDS({"timestamp", TIME REQUIRED}, {"trace_id", STRING REQUIRED}, {"span_id", STRING REQUIRED},
			     {"severity_text", STRING REQUIRED}, {"body", STRING REQUIRED, NULL, "the message"},
			     {"log_attributes", MAP STRING REQUIRED})};

const struct schema schema_log_page = {
	"LogPage", FIELDS({"results", LIST OBJECT REQUIRED, &schema_log_record},
			   {"next_cursor", STRING NULLABLE, NULL, "null on the last page"})};

const struct schema schema_worker_info = {
	"WorkerInfo", FIELDS({"scheduler_url", STRING REQUIRED}, {"namespace", STRING REQUIRED}, {"tls", BOOLEAN})};
