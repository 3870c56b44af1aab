/* Workflow events: what all of them have, and the attributes that each type has. */
#include "api/words.h"

const struct schema schema_event_source = {"EventSource", .values = VALUES("DATABASE", "LIVE", "HYBRID")};

const struct schema schema_event_type = {"EventType",
	.values = VALUES("WORKFLOW_EXECUTION_STARTED", "WORKFLOW_EXECUTION_COMPLETED", "WORKFLOW_EXECUTION_FAILED",
		"WORKFLOW_EXECUTION_CANCELED", "WORKFLOW_EXECUTION_CONTINUED_AS_NEW", "WORKFLOW_TASK_TIMED_OUT",
		"WORKFLOW_TASK_FAILED", "CUSTOM_TASK_STARTED", "CUSTOM_TASK_IN_PROGRESS", "CUSTOM_TASK_COMPLETED",
		"CUSTOM_TASK_FAILED", "CUSTOM_TASK_TIMED_OUT", "CUSTOM_TASK_CANCELED", "ACTIVITY_TASK_STARTED",
		"ACTIVITY_TASK_COMPLETED", "ACTIVITY_TASK_RETRYING", "ACTIVITY_TASK_FAILED")};

#define FIELD(...)                                                                                                     \
	{                                                                                                              \
		__VA_ARGS__                                                                                            \
	}

/* ----- what attributes hold ----- */

static const struct schema failure = {"Failure", FIELDS({"message", STRING REQUIRED})};

static const struct schema patch_op = {"PatchOp", .values = VALUES("add", "replace", "remove", "append")};

static const struct schema patch = {"Patch",
	FIELDS({"op", STRING REQUIRED, &patch_op}, {"path", ANY REQUIRED, NULL, "JSON Pointer; [] for the root"},
		{"value", ANY NULLABLE, NULL, "append: the text to add"})};

#define ENCODING FIELD("encoding_options", LIST STRING NULLABLE, NULL, "how the value is encoded")

static const struct schema is_json = {NULL, .values = VALUES("json")};
static const struct schema payload = {
	"Payload", FIELDS({"type", STRING REQUIRED, &is_json},
			   {"value", ANY REQUIRED NULLABLE, NULL, "base64 text where it is encoded"}, ENCODING)};

static const struct schema is_patch = {NULL, .values = VALUES("json_patch")};
static const struct schema patch_payload = {"PatchPayload",
	FIELDS({"type", STRING REQUIRED, &is_patch}, {"value", LIST OBJECT REQUIRED, &patch}, ENCODING)};

static const struct schema encoded_patch_payload = {"EncodedPatchPayload",
	FIELDS({"type", STRING REQUIRED, &is_patch}, {"value", STRING REQUIRED, NULL, "base64"}, ENCODING)};

static const struct schema progress_payload = {"ProgressPayload",
	.variants = (const struct schema *const[]){&payload, &patch_payload, &encoded_patch_payload, NULL}};

/* ----- the types ----- */

static const struct schema any_event;

#define FIELD(...)                                                                                                     \
	{                                                                                                              \
		__VA_ARGS__                                                                                            \
	}
#define TASK_ID FIELD("task_id", STRING REQUIRED)
#define ATTEMPT FIELD("attempt", INTEGER, NULL, "1 for the first")
#define FAILURE FIELD("failure", OBJECT REQUIRED, &failure)
#define PAYLOAD(name) FIELD(name, OBJECT REQUIRED, &payload)
#define CUSTOM_TASK FIELD("custom_task_id", STRING REQUIRED), FIELD("custom_task_type", STRING REQUIRED)
#define ACTIVITY TASK_ID, FIELD("activity_name", STRING REQUIRED)

/* An event type, and the schema called `title` of its events. */
#define EVENT(id, type_name, title, ...)                                                                               \
	static const struct schema id##_type = {NULL, .values = VALUES(type_name)};                                    \
	static const struct schema id##_attributes = {title "Attributes", FIELDS(__VA_ARGS__)};                        \
	static const struct schema id = {title,                                                                        \
		FIELDS({"event_type", STRING REQUIRED, &id##_type},                                                    \
			{"attributes", OBJECT REQUIRED, &id##_attributes}),                                            \
		.base = &any_event}

EVENT(execution_started, "WORKFLOW_EXECUTION_STARTED", "WorkflowExecutionStarted", TASK_ID,
	{"workflow_name", STRING REQUIRED}, {"display_name", STRING NULLABLE}, PAYLOAD("input"), ATTEMPT);
EVENT(execution_completed, "WORKFLOW_EXECUTION_COMPLETED", "WorkflowExecutionCompleted", TASK_ID, PAYLOAD("result"),
	ATTEMPT);
EVENT(execution_failed, "WORKFLOW_EXECUTION_FAILED", "WorkflowExecutionFailed", TASK_ID, FAILURE, ATTEMPT);
EVENT(execution_canceled, "WORKFLOW_EXECUTION_CANCELED", "WorkflowExecutionCanceled", TASK_ID,
	{"reason", STRING NULLABLE}, ATTEMPT);
EVENT(execution_continued, "WORKFLOW_EXECUTION_CONTINUED_AS_NEW", "WorkflowExecutionContinuedAsNew", TASK_ID,
	{"new_execution_run_id", STRING REQUIRED}, {"workflow_name", STRING REQUIRED}, PAYLOAD("input"));
EVENT(task_timed_out, "WORKFLOW_TASK_TIMED_OUT", "WorkflowTaskTimedOut", TASK_ID, {"timeout_type", STRING NULLABLE});
EVENT(task_failed, "WORKFLOW_TASK_FAILED", "WorkflowTaskFailed", TASK_ID, FAILURE);
EVENT(custom_started, "CUSTOM_TASK_STARTED", "CustomTaskStarted", CUSTOM_TASK, {"payload", OBJECT, &payload});
EVENT(custom_in_progress, "CUSTOM_TASK_IN_PROGRESS", "CustomTaskInProgress", CUSTOM_TASK,
	FIELD("payload", OBJECT REQUIRED, &progress_payload));
EVENT(custom_completed, "CUSTOM_TASK_COMPLETED", "CustomTaskCompleted", CUSTOM_TASK, PAYLOAD("payload"));
EVENT(custom_failed, "CUSTOM_TASK_FAILED", "CustomTaskFailed", CUSTOM_TASK, FAILURE);
EVENT(custom_timed_out, "CUSTOM_TASK_TIMED_OUT", "CustomTaskTimedOut", CUSTOM_TASK, {"timeout_type", STRING NULLABLE});
EVENT(custom_canceled, "CUSTOM_TASK_CANCELED", "CustomTaskCanceled", CUSTOM_TASK, {"reason", STRING NULLABLE});
EVENT(activity_started, "ACTIVITY_TASK_STARTED", "ActivityTaskStarted", ACTIVITY, PAYLOAD("input"));
EVENT(activity_completed, "ACTIVITY_TASK_COMPLETED", "ActivityTaskCompleted", ACTIVITY, PAYLOAD("result"));
EVENT(activity_retrying, "ACTIVITY_TASK_RETRYING", "ActivityTaskRetrying", ACTIVITY,
	{"attempt", INTEGER REQUIRED, NULL, "the one that failed"}, FAILURE);
EVENT(activity_failed, "ACTIVITY_TASK_FAILED", "ActivityTaskFailed", ACTIVITY,
	{"attempt", INTEGER REQUIRED, NULL, "the last"}, FAILURE);

/* EACH(x) is x of each type, with commas. */
#define EACH(x)                                                                                                        \
	x(execution_started), x(execution_completed), x(execution_failed), x(execution_canceled),                      \
		x(execution_continued), x(task_timed_out), x(task_failed), x(custom_started), x(custom_in_progress),   \
		x(custom_completed), x(custom_failed), x(custom_timed_out), x(custom_canceled), x(activity_started),   \
		x(activity_completed), x(activity_retrying), x(activity_failed)
#define ATTRIBUTES(id) &id##_attributes
#define EVENT_ITSELF(id) &id

static const struct schema any_attributes = {
	"EventAttributes", .variants = (const struct schema *const[]){EACH(ATTRIBUTES), NULL}};

static const struct schema any_event = {"AnyEvent",
	FIELDS({"event_id", STRING REQUIRED}, {"event_timestamp", NANOSECONDS REQUIRED},
		{"root_workflow_exec_id", STRING REQUIRED, NULL, "of the outermost execution"},
		{"parent_workflow_exec_id", STRING REQUIRED NULLABLE, NULL, "of the execution that started this one"},
		{"continued_run_id", STRING NULLABLE, NULL, "of the run that this one continues"},
		{"first_execution_run_id", STRING NULLABLE, NULL, "of the first run of the chain"},
		{"schedule_id", STRING NULLABLE, NULL, "of the schedule that started it"},
		{"chain_run_id", STRING NULLABLE}, {"workflow_exec_id", STRING REQUIRED, NULL, "of the execution"},
		{"workflow_run_id", STRING REQUIRED, NULL, "of the run; not the `run_id` of lists"},
		{"workflow_name", STRING REQUIRED}, {"event_type", STRING REQUIRED, &schema_event_type},
		{"attributes", OBJECT REQUIRED, &any_attributes})};

/* What a name means in all of them stands first. */
static const struct schema event = {
	"WorkflowEvent", .variants = (const struct schema *const[]){&any_event, EACH(EVENT_ITSELF), NULL}};

const struct schema schema_event_page = {
	"EventPage", FIELDS({"events", LIST OBJECT REQUIRED, &event},
			     {"next_cursor", STRING NULLABLE, NULL, "null on the last page"})};

static const struct schema context = {
	"StreamContext", FIELDS({"namespace", STRING REQUIRED}, {"workflow_name", STRING REQUIRED},
				 {"workflow_exec_id", STRING REQUIRED}, {"parent_workflow_exec_id", STRING NULLABLE},
				 {"root_workflow_exec_id", STRING NULLABLE})};

const struct schema schema_streamed_event = {"StreamedEvent",
	FIELDS({"stream", STRING REQUIRED, NULL, "topic"}, {"timestamp", TIME}, {"data", OBJECT REQUIRED, &event},
		{"workflow_context", OBJECT REQUIRED, &context}, {"metadata", OBJECT},
		{"broker_sequence", INTEGER REQUIRED, NULL, "ascending; where a stream resumes"})};
