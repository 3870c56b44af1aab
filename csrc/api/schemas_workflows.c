/* Workflows, their registrations and their numbers. */
#include "api/words.h"

static const struct schema workflow_type = {"WorkflowType", .values = VALUES("code")};

static const struct schema metadata = {
	"WorkflowMetadata", FIELDS({"shared_namespace", STRING NULLABLE, NULL, "null for a workflow of one's own"})};

static const struct schema listed_workflow = {"ListedWorkflow",
	FIELDS({"id", STRING REQUIRED, NULL, "UUID"}, {"name", STRING REQUIRED}, {"display_name", STRING REQUIRED},
		{"description", STRING NULLABLE}, {"metadata", OBJECT, &metadata}, {"archived", BOOLEAN REQUIRED},
		{"tags", LIST STRING})};

static const struct schema workflow = {"Workflow",
	FIELDS({"id", STRING REQUIRED, NULL, "UUID"}, {"name", STRING REQUIRED}, {"display_name", STRING REQUIRED},
		{"type", STRING REQUIRED, &workflow_type}, {"description", STRING NULLABLE},
		{"customer_id", STRING REQUIRED, NULL, "UUID"}, {"workspace_id", STRING REQUIRED, NULL, "UUID"},
		{"shared_namespace", STRING NULLABLE, NULL, "of a shared workflow"},
		{"available_in_chat_assistant", BOOLEAN},
		{"is_technical", BOOLEAN, NULL, "made by the service's own tools"}, {"archived", BOOLEAN},
		{"tags", LIST STRING})};

static const struct schema workflow_detail = {"WorkflowDetail",
	FIELDS({"active", BOOLEAN REQUIRED, NULL, "at least one worker serves it"}), .base = &workflow};

const struct schema schema_workflow_page = {
	"WorkflowPage", FIELDS({"workflows", LIST OBJECT REQUIRED, &listed_workflow},
				{"next_cursor", STRING REQUIRED NULLABLE, NULL, "null on the last page"})};

const struct schema schema_workflow_detail_answer = {
	"WorkflowDetailAnswer", FIELDS({"workflow", OBJECT REQUIRED, &workflow_detail})};

const struct schema schema_workflow_answer = {
	"WorkflowAnswer", FIELDS({"workflow", OBJECT REQUIRED NULLABLE, &workflow})};

const struct schema schema_workflow_changes = {
	"WorkflowChanges", FIELDS({"display_name", STRING NULLABLE, NULL, "up to 128 characters"},
				   {"description", STRING NULLABLE}, {"available_in_chat_assistant", BOOLEAN NULLABLE},
				   {"tags", LIST STRING NULLABLE, NULL, "replace those there are"})};

const struct schema schema_workflow_ids = {"WorkflowIds", FIELDS({"workflow_ids", LIST UUID REQUIRED})};

static const struct schema workflow_error = {"WorkflowError",
	FIELDS({"workflow_id", STRING REQUIRED, NULL, "UUID, as it was asked for"},
		{"workflow", OBJECT NULLABLE, &workflow, "null when there is none"}, {"message", STRING REQUIRED})};

const struct schema schema_archived_workflows = {
	"ArchivedWorkflows", FIELDS({"archived", LIST OBJECT REQUIRED, &workflow},
				     {"errored", LIST OBJECT, &workflow_error, "those that were not"})};

const struct schema schema_unarchived_workflows = {
	"UnarchivedWorkflows", FIELDS({"unarchived", LIST OBJECT REQUIRED, &workflow},
				       {"errored", LIST OBJECT, &workflow_error, "those that were not"})};

/* ----- registrations: what a worker has said about a workflow ----- */

static const struct schema signal_definition = {
	"SignalDefinition", FIELDS({"name", STRING REQUIRED}, {"description", STRING NULLABLE},
				    {"input_schema", OBJECT REQUIRED, NULL, "JSON schema"})};

static const struct schema handler_definition = {
	"HandlerDefinition", FIELDS({"name", STRING REQUIRED}, {"description", STRING NULLABLE},
				     {"input_schema", OBJECT REQUIRED, NULL, "JSON schema"},
				     {"output_schema", OBJECT NULLABLE, NULL, "JSON schema"})};

static const struct schema definition = {"WorkflowDefinition",
	FIELDS({"input_schema", OBJECT REQUIRED, NULL, "JSON schema of the input"},
		{"output_schema", OBJECT NULLABLE, NULL, "JSON schema of the result"},
		{"signals", LIST OBJECT, &signal_definition}, {"queries", LIST OBJECT, &handler_definition},
		{"updates", LIST OBJECT, &handler_definition}, {"enforce_determinism", BOOLEAN},
		{"on_behalf_of", BOOLEAN, NULL, "runs with the identity of a user"},
		{"execution_timeout", NUMBER, NULL, "seconds in all, retries and continuations included"},
		{"plugin_metadata", OBJECT NULLABLE})};

static const struct schema registration = {"Registration",
	FIELDS({"id", STRING REQUIRED, NULL, "UUID"}, {"deployment_id", STRING NULLABLE, NULL, "UUID; deprecated"},
		{"task_queue", STRING NULLABLE, NULL, "deprecated"}, {"definition", OBJECT REQUIRED, &definition},
		{"workflow_id", STRING REQUIRED, NULL, "UUID"},
		{"workflow", OBJECT NULLABLE, &workflow, "with `with_workflow`"}, {"deployment_name", STRING NULLABLE},
		{"compatible_with_chat_assistant", BOOLEAN})};

static const struct schema registration_detail = {"RegistrationDetail",
	FIELDS({"active", BOOLEAN REQUIRED, NULL, "at least one worker serves it"}), .base = &registration};

const struct schema schema_registration_page = {"RegistrationPage",
	FIELDS({"workflow_registrations", LIST OBJECT REQUIRED, &registration},
		{"workflow_versions", LIST OBJECT REQUIRED, &registration, "the same list, deprecated"},
		{"next_cursor", STRING REQUIRED NULLABLE, NULL, "null on the last page"})};

const struct schema schema_registration_answer = {"RegistrationAnswer",
	FIELDS({"workflow_registration", OBJECT REQUIRED, &registration_detail},
		{"workflow_version", OBJECT REQUIRED, &registration_detail, "the same, deprecated"})};

/* ----- metrics ----- */

static const struct schema scalar_metric = {"ScalarMetric", FIELDS({"value", NUMBER REQUIRED})};

static const struct schema metric_point = {
	"MetricPoint", FIELDS({"[1]", INTEGER REQUIRED, NULL, "time"}, {"[2]", NUMBER REQUIRED, NULL, "value"})};

static const struct schema time_series_metric = {
	"TimeSeriesMetric", FIELDS({"value", LIST OBJECT REQUIRED, &metric_point})};

const struct schema schema_workflow_metrics = {"WorkflowMetrics",
	FIELDS({"execution_count", OBJECT REQUIRED, &scalar_metric}, {"success_count", OBJECT REQUIRED, &scalar_metric},
		{"error_count", OBJECT REQUIRED, &scalar_metric},
		{"average_latency_ms", OBJECT REQUIRED, &scalar_metric},
		{"latency_over_time", OBJECT REQUIRED, &time_series_metric},
		{"retry_rate", OBJECT REQUIRED, &scalar_metric})};
