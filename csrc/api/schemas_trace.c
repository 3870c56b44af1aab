/* The trace of an execution: as OpenTelemetry has it, as a tree of spans, as a list of events. */
#include "api/words.h"

const struct schema schema_trace_info = {
	"TraceInfo", FIELDS({"otel_trace_id", STRING NULLABLE}, {"has_trace_data", BOOLEAN})};

/* ----- OpenTelemetry; its integers are text ----- */

static const struct schema otel_value;

static const struct schema otel_array = {"OtelArray", FIELDS({"values", LIST OBJECT, &otel_value})};

static const struct schema otel_value = {
	"OtelValue", FIELDS({"stringValue", STRING NULLABLE}, {"intValue", STRING NULLABLE, NULL, "digits"},
			     {"boolValue", BOOLEAN NULLABLE}, {"doubleValue", NUMBER NULLABLE},
			     {"arrayValue", OBJECT, &otel_array})};

static const struct schema otel_attribute = {
	"OtelAttribute", FIELDS({"key", STRING REQUIRED}, {"value", OBJECT REQUIRED, &otel_value})};

static const struct schema otel_span_kind = {
	"OtelSpanKind", .values = VALUES("SPAN_KIND_INTERNAL", "SPAN_KIND_SERVER", "SPAN_KIND_CLIENT")};

static const struct schema otel_event = {
	"OtelEvent", FIELDS({"name", STRING REQUIRED}, {"timeUnixNano", STRING REQUIRED, NULL, "digits"},
			     {"attributes", LIST OBJECT, &otel_attribute})};

static const struct schema otel_span = {
	"OtelSpan", FIELDS({"traceId", STRING REQUIRED}, {"spanId", STRING REQUIRED}, {"parentSpanId", STRING NULLABLE},
			    {"name", STRING REQUIRED}, {"kind", STRING REQUIRED, &otel_span_kind},
			    {"startTimeUnixNano", STRING REQUIRED, NULL, "digits"},
			    {"endTimeUnixNano", STRING REQUIRED, NULL, "digits"},
			    {"attributes", LIST OBJECT, &otel_attribute}, {"events", LIST OBJECT, &otel_event})};

static const struct schema otel_scope = {"OtelScope", FIELDS({"name", STRING REQUIRED})};

static const struct schema otel_scope_spans = {
	"OtelScopeSpans", FIELDS({"scope", OBJECT REQUIRED, &otel_scope}, {"spans", LIST OBJECT, &otel_span})};

static const struct schema otel_resource = {"OtelResource", FIELDS({"attributes", LIST OBJECT, &otel_attribute})};

static const struct schema otel_batch = {"OtelBatch",
	FIELDS({"resource", OBJECT REQUIRED, &otel_resource}, {"scopeSpans", LIST OBJECT, &otel_scope_spans})};

static const struct schema otel_trace = {"OtelTrace", FIELDS({"batches", LIST OBJECT, &otel_batch})};

const struct schema schema_execution_otel = {"ExecutionOtel",
	FIELDS({"data_source", STRING REQUIRED, NULL, "where the trace was read"}, {"otel_trace_id", STRING NULLABLE},
		{"otel_trace_data", OBJECT NULLABLE, &otel_trace}),
	.base = &schema_execution};

/* ----- events and spans of the service's own; the value of an attribute may be text, number, boolean, list or null
 * ----- */

static const struct schema trace_event_type = {"TraceEventType", .values = VALUES("EVENT", "EVENT_PROGRESS")};

static const struct schema trace_progress_status = {
	"TraceProgressStatus", .values = VALUES("RUNNING", "COMPLETED", "FAILED")};

static const struct schema trace_event = {
	"TraceEvent", FIELDS({"type", STRING, &trace_event_type}, {"name", STRING REQUIRED}, {"id", STRING REQUIRED},
			      {"timestamp_unix_nano", NANOSECONDS REQUIRED}, {"attributes", OBJECT REQUIRED},
			      {"internal", BOOLEAN}, {"status", STRING, &trace_progress_status, "of an EVENT_PROGRESS"},
			      {"start_time_unix_ms", INTEGER, NULL, "of an EVENT_PROGRESS: milliseconds since 1970"},
			      {"end_time_unix_ms", INTEGER NULLABLE, NULL, "of an EVENT_PROGRESS"},
			      {"error", STRING NULLABLE, NULL, "of an EVENT_PROGRESS"})};

static const struct schema trace_span = {"TraceSpan",
	FIELDS({"span_id", STRING REQUIRED}, {"name", STRING REQUIRED}, {"start_time_unix_nano", NANOSECONDS REQUIRED},
		{"end_time_unix_nano", NANOSECONDS REQUIRED NULLABLE, NULL, "null while it goes on"},
		{"attributes", OBJECT REQUIRED}, {"events", LIST OBJECT REQUIRED, &trace_event},
		{"children", LIST OBJECT, &trace_span})};

const struct schema schema_execution_summary = {
	"ExecutionSummary", FIELDS({"span_tree", OBJECT NULLABLE, &trace_span, "the root"}), .base = &schema_execution};

const struct schema schema_execution_trace_events = {
	"ExecutionTraceEvents", FIELDS({"events", LIST OBJECT, &trace_event}), .base = &schema_execution};
