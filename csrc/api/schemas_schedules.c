/* Schedules: when they start executions, and what becomes of those. */
#include "api/words.h"

static const struct schema range = {"ScheduleRange",
	FIELDS({"start", INTEGER REQUIRED}, {"end", INTEGER, NULL, "0: only `start`; in Lua `[\"end\"]`"},
		{"step", INTEGER, NULL, "0: every one"})};

static const struct schema calendar = {"ScheduleCalendar",
	FIELDS({"second", LIST OBJECT, &range, "default 0"}, {"minute", LIST OBJECT, &range, "default 0"},
		{"hour", LIST OBJECT, &range, "default 0"}, {"day_of_month", LIST OBJECT, &range, "default: every"},
		{"month", LIST OBJECT, &range, "default: every"}, {"year", LIST OBJECT, &range, "default: every"},
		{"day_of_week", LIST OBJECT, &range, "0 is Sunday; default: every"}, {"comment", STRING NULLABLE})};

static const struct schema interval = {
	"ScheduleInterval", FIELDS({"every", STRING REQUIRED, NULL, "ISO 8601 duration, as PT15M"},
				    {"offset", STRING NULLABLE, NULL, "ISO 8601 duration"})};

static const struct schema overlap = {"ScheduleOverlap", .values = VALUES("1", "2", "3", "4", "5", "6")};

#define OVERLAP_NOTE "1 SKIP, 2 BUFFER_ONE, 3 BUFFER_ALL, 4 CANCEL_OTHER, 5 TERMINATE_OTHER, 6 ALLOW_ALL"

static const struct schema policy = {"SchedulePolicy",
	FIELDS({"catchup_window_seconds", INTEGER, NULL, "how late a missed start is made up for; default 31536000"},
		{"overlap", INTEGER, &overlap, OVERLAP_NOTE "; default 1"},
		{"pause_on_failure", BOOLEAN, NULL, "default false"})};

static const struct schema times = {"ScheduleTimes",
	FIELDS({"calendars", LIST OBJECT, &calendar}, {"intervals", LIST OBJECT, &interval},
		{"cron_expressions", LIST STRING, NULL, "5 fields, as 0 3 * * *"},
		{"skip", LIST OBJECT, &calendar, "times to leave out"},
		{"start_at", TIME NULLABLE, NULL, "none before"}, {"end_at", TIME NULLABLE, NULL, "none after"},
		{"jitter", STRING NULLABLE, NULL, "ISO 8601 duration by which starts are spread"},
		{"time_zone_name", STRING NULLABLE, NULL, "IANA name, as Europe/Paris; default UTC"},
		{"policy", OBJECT, &policy})};

static const struct schema spec = {"ScheduleSpec",
	FIELDS({"input", ANY REQUIRED NULLABLE, NULL, "what the workflow gets; {} for none"},
		{"max_executions", INTEGER NULLABLE, NULL, "starts in all; null: any number"},
		{"schedule_id", STRING NULLABLE}),
	.base = &times};

static const struct schema changes = {"ScheduleChanges",
	FIELDS({"input", ANY NULLABLE, NULL, "what the workflow gets"},
		{"max_executions", INTEGER NULLABLE, NULL, "starts in all; null: any number"}),
	.base = &times};

static const struct schema future = {"FutureExecution", FIELDS({"scheduled_at", TIME REQUIRED})};

static const struct schema recent = {"RecentExecution",
	FIELDS({"scheduled_at", TIME REQUIRED}, {"started_at", TIME REQUIRED}, {"execution_id", STRING REQUIRED})};

const struct schema schema_schedule = {"Schedule",
	FIELDS({"schedule_id", STRING REQUIRED}, {"workflow_name", STRING REQUIRED},
		{"deployment_name", STRING NULLABLE}, {"input", ANY REQUIRED NULLABLE}, {"paused", BOOLEAN REQUIRED},
		{"note", STRING NULLABLE, NULL, "said when it was paused or resumed"},
		{"remaining_executions", INTEGER NULLABLE, NULL, "starts that are left; null: any number"},
		{"future_executions", LIST OBJECT, &future, "the next ten"},
		{"recent_executions", LIST OBJECT, &recent, "the last ten"}),
	.base = &times};

const struct schema schema_schedule_page = {
	"SchedulePage", FIELDS({"schedules", LIST OBJECT REQUIRED, &schema_schedule},
				{"next_page_token", STRING NULLABLE, NULL, "null on the last page"})};

const struct schema schema_schedule_answer = {"ScheduleAnswer", FIELDS({"schedule_id", STRING REQUIRED})};

const struct schema schema_schedule_request = {"ScheduleRequest",
	FIELDS({"schedule", OBJECT REQUIRED, &spec},
		{"workflow_identifier", STRING NULLABLE, NULL, "name or id; this or workflow_registration_id"},
		{"workflow_registration_id", STRING NULLABLE, NULL, "UUID"},
		{"workflow_version_id", STRING NULLABLE, NULL, "deprecated"},
		{"workflow_task_queue", STRING NULLABLE, NULL, "deprecated"},
		{"schedule_id", STRING NULLABLE, NULL, "of one's own; else the service makes one"},
		{"deployment_name", STRING NULLABLE})};

const struct schema schema_schedule_update = {"ScheduleUpdate", FIELDS({"schedule", OBJECT REQUIRED, &changes})};

const struct schema schema_schedule_note = {"ScheduleNote", FIELDS({"note", STRING NULLABLE})};

const struct schema schema_schedule_trigger = {
	"ScheduleTrigger", FIELDS({"overlap", INTEGER NULLABLE, &overlap, OVERLAP_NOTE})};
