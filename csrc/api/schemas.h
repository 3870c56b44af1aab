/*
** The schemas that the endpoint table, and the files of schemas among each
** other, refer to.
*/
#ifndef API_SCHEMAS_H
#define API_SCHEMAS_H

#include "api/schema.h"

extern const struct schema schema_workflow_page, schema_workflow_detail_answer, schema_workflow_answer,
	schema_workflow_changes, schema_workflow_ids, schema_archived_workflows, schema_unarchived_workflows,
	schema_registration_page, schema_registration_answer, schema_workflow_metrics;
extern const struct schema schema_execution_status, schema_execution, schema_started_execution, schema_run_page,
	schema_execute_request, schema_invocation, schema_reset_request, schema_execution_ids, schema_signal_answer,
	schema_query_answer, schema_update_answer, schema_batch_answer, schema_log_record, schema_log_page,
	schema_worker_info;
extern const struct schema schema_trace_info, schema_execution_otel, schema_execution_summary,
	schema_execution_trace_events;
extern const struct schema schema_event_source, schema_event_type, schema_event_page, schema_streamed_event;
extern const struct schema schema_schedule, schema_schedule_page, schema_schedule_answer, schema_schedule_request,
	schema_schedule_update, schema_schedule_note, schema_schedule_trigger;
extern const struct schema schema_location_type, schema_deployment_request, schema_deployment_changes,
	schema_managed_deployment, schema_deployment_detail, schema_deployment_page, schema_worker_page;

#endif
