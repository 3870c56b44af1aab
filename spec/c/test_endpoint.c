#include "api/endpoint.h"

#include "http/url.h"
#include "unit.h"

#include <string.h>

#define ROWS 54

/* Calls `check` for every row; says which one it was about when it fails. */
static void for_each(void (*check)(const struct endpoint *row))
{
	for (size_t i = 0; i < endpoint_count; i++) {
		print_message("# %s\n", endpoint_table[i].name);
		check(&endpoint_table[i]);
	}
}

static void check_row(const struct endpoint *row)
{
	static const char *const methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};
	bool known = false;
	for (size_t i = 0; i < COUNT(methods); i++)
		known = known || strcmp(row->method, methods[i]) == 0;
	assert_true(known);
	assert_int_equal(strncmp(row->path, "/v1/workflows", 13), 0);
	assert_true(url_path_values(row->path) <= ENDPOINT_MAX_PATH_VALUES);
	assert_non_null(row->resource);
	assert_non_null(row->verb);
	assert_int_equal(row->summary[strlen(row->summary) - 1], '.');
	/* A row has a query or a body: they share one argument. */
	assert_true(row->query.fields == NULL || row->body == NULL);
}

static void test_rows_are_complete(void **state)
{
	(void)state;
	assert_int_equal(endpoint_count, ROWS);
	for_each(check_row);
}

static void test_rows_differ(void **state)
{
	(void)state;
	for (size_t i = 0; i < endpoint_count; i++)
		for (size_t j = 0; j < i; j++) {
			const struct endpoint *a = &endpoint_table[i], *b = &endpoint_table[j];
			assert_string_not_equal(a->name, b->name);
			assert_false(strcmp(a->method, b->method) == 0 && strcmp(a->path, b->path) == 0);
			assert_false(strcmp(a->resource, b->resource) == 0 && strcmp(a->verb, b->verb) == 0);
		}
}

static const struct field *field_of(const struct schema *schema, const char *name)
{
	return schema_field(schema, name, strlen(name));
}

/* Each field is the one that its name finds, and what is below it fits its type. */
static void check_schema(const struct schema *schema, int depth)
{
	if (schema == NULL || depth > 8)
		return;
	check_schema(schema->base, depth + 1);
	for (const struct schema *const *variant = schema->variants; variant != NULL && *variant != NULL; variant++)
		check_schema(*variant, depth + 1);
	for (const struct field *field = schema->fields; field != NULL && field->name != NULL; field++) {
		unsigned type = field->type & FIELD_TYPE;
		assert_ptr_equal(field_of(schema, field->name), field);
		if (field->of == NULL)
			continue;
		assert_true(field->of->name != NULL || field->of->values[1] == NULL);
		if (type == FIELD_OBJECT)
			assert_true(field->of->fields != NULL || field->of->variants != NULL);
		else
			assert_true((type == FIELD_STRING || type == FIELD_INTEGER) && field->of->values != NULL);
		check_schema(field->of, depth + 1);
	}
}

static void check_names(const struct endpoint *row)
{
	check_schema(&row->query, 0);
	check_schema(row->body, 0);
	check_schema(row->answer, 0);
}

static void test_names_of_a_row_differ(void **state)
{
	(void)state;
	for_each(check_names);
}

static void check_references(const struct endpoint *row)
{
	if (row->paging.cursor != NULL) {
		assert_int_equal(field_of(&row->query, row->paging.cursor)->type, FIELD_STRING);
		assert_int_equal(field_of(&row->query, row->paging.size)->type, FIELD_INTEGER);
		assert_int_equal(
			field_of(row->answer, row->paging.items)->type, FIELD_OBJECT | FIELD_LIST | FIELD_REQUIRED);
		assert_int_equal(field_of(row->answer, row->paging.next)->type & ~(unsigned)FIELD_REQUIRED,
			FIELD_STRING | FIELD_NULLABLE);
	}
	if (row->batch != NULL) {
		const unsigned type = field_of(row->body, row->batch)->type;
		assert_true((type & FIELD_TYPE) == FIELD_STRING || (type & FIELD_TYPE) == FIELD_UUID);
		assert_int_equal(type & ~(unsigned)FIELD_TYPE, FIELD_LIST | FIELD_REQUIRED);
		for (size_t i = 0; i < ENDPOINT_BATCH_MEMBERS && row->batch_answer[i] != NULL; i++)
			assert_non_null(field_of(row->answer, row->batch_answer[i]));
	}
	assert_int_equal(row->response == RESPONSE_EVENTS, row->resume != NULL);
	if (row->resume != NULL)
		assert_non_null(field_of(&row->query, row->resume));
}

static void test_references_name_fields(void **state)
{
	(void)state;
	for_each(check_references);
}

static void check_rule(const struct endpoint *row)
{
	static const char *const once[] = {"signal_workflow_execution", "update_workflow_execution", "reset_workflow",
		"schedule_workflow", "trigger_schedule"};
	if (strcmp(row->method, "GET") == 0)
		assert_int_equal(row->repeat, REPEAT_SAFE);
	if (strcmp(row->verb, "execute") == 0)
		assert_int_equal(row->repeat, REPEAT_ASK_FIRST);
	for (size_t i = 0; i < COUNT(once); i++)
		if (strcmp(row->name, once[i]) == 0)
			assert_int_equal(row->repeat, REPEAT_NEVER);
}

static void test_what_acts_twice_is_not_repeated(void **state)
{
	(void)state;
	for_each(check_rule);
}

static void test_find(void **state)
{
	(void)state;
	for (size_t i = 0; i < endpoint_count; i++)
		assert_ptr_equal(endpoint_find(endpoint_table[i].name), &endpoint_table[i]);
	assert_null(endpoint_find("get_workflo"));
	assert_null(endpoint_find(""));
}

static void test_what_an_answer_lists(void **state)
{
	(void)state;
	const struct endpoint *list = endpoint_find("get_workflows"), *one = endpoint_find("get_workflow");
	assert_ptr_equal(endpoint_item(list), field_of(list->answer, "workflows")->of);
	assert_ptr_equal(endpoint_item(one), one->answer);
}

static void test_fixed_routes_are_reserved(void **state)
{
	static const char *const fixed[] = {"runs", "schedules", "deployments", "registrations", "archive", "unarchive",
		"executions", "events", "workers"};
	static const char *const open[] = {
		"run", "rans", "runs2", "Runs", "hello", "list", "v1", "whoami", "a/runs", "", "{workflow_identifier}"};
	const struct endpoint *rows[] = {endpoint_find("get_workflow"), endpoint_find("execute_workflow"),
		endpoint_find("archive_workflow"), endpoint_find("get_workflow_metrics")};
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		for (size_t j = 0; j < COUNT(fixed); j++)
			assert_true(endpoint_is_reserved(rows[i], fixed[j]));
		for (size_t j = 0; j < COUNT(open); j++)
			assert_false(endpoint_is_reserved(rows[i], open[j]));
	}
	assert_false(endpoint_is_reserved(endpoint_find("get_workflow_execution"), "runs"));
	assert_false(endpoint_is_reserved(endpoint_find("get_workflow_registration"), "runs"));
}

static void test_distance(void **state)
{
	(void)state;
	assert_int_equal(schema_distance("", "", 3), 0);
	assert_int_equal(schema_distance("limit", "limit", 3), 0);
	assert_int_equal(schema_distance("limits", "limit", 3), 1);
	assert_int_equal(schema_distance("lmit", "limit", 3), 1);
	assert_int_equal(schema_distance("lumit", "limit", 3), 1);
	assert_int_equal(schema_distance("", "abc", 3), 3);
	assert_int_equal(schema_distance("abcdef", "", 3), 4);
	assert_int_equal(schema_distance("kitten", "sitting", 9), 3);
	char longer[200];
	memset(longer, 'a', sizeof longer - 1);
	longer[sizeof longer - 1] = '\0';
	assert_int_equal(schema_distance(longer, longer, 3), 4);
	assert_int_equal(schema_distance("a", longer, 3), 4);
}

static void test_a_name_with_nul_is_unknown(void **state)
{
	(void)state;
	const struct schema *query = &endpoint_find("get_workflows")->query;
	assert_non_null(schema_field(query, "limit", 5));
	assert_null(schema_field(query, "limit\0", 6));
	assert_null(schema_field(query, "limit", 4));
}

static void test_fields_of_bases_and_variants(void **state)
{
	(void)state;
	const struct schema *summary = endpoint_find("get_workflow_execution_trace_summary")->answer;
	const struct field *events = field_of(endpoint_find("get_workflow_events")->answer, "events");
	assert_non_null(field_of(summary, "span_tree"));
	assert_non_null(field_of(summary, "run_id"));
	assert_non_null(field_of(events->of, "event_timestamp"));
	assert_null(field_of(events->of, "failure"));
	assert_non_null(field_of(endpoint_find("execute_workflow")->answer, "result"));
}

/* What is said about an unknown name of a query or body: a kind, and the name that belongs to it. */
static void test_hints(void **state)
{
	static const struct {
		const char *operation, *unknown;
		enum hint_kind kind;
		const char *name;
	} cases[] = {
		{"get_workflow_registrations", "activeonly", HINT_NAME, "active_only"},
		{"get_workflow_registrations", "Limit", HINT_NAME, "limit"},
		{"get_workflow_registrations", "something_else", HINT_NONE, NULL},
		{"get_run", "limit", HINT_NONE, NULL},
		{"list_runs", "limit", HINT_NAME, "page_size"},
		{"list_runs", "workflow", HINT_NAME, "workflow_identifier"},
		{"list_runs", "workflow_name", HINT_NAME, "workflow_identifier"},
		{"list_runs", "timeout", HINT_OPTION, NULL},
		{"get_schedules", "cursor", HINT_NAME, "next_page_token"},
		{"get_schedules", "workflow", HINT_NAME, "workflow_name"},
		{"get_workflow_execution_logs", "since", HINT_NAME, "after"},
		{"execute_workflow", "seconds", HINT_INPUT, NULL},
		{"execute_workflow", "inputs", HINT_NAME, "input"},
		{"execute_workflow", "payload", HINT_NAME, "input"},
		{"execute_workflow", "timeout", HINT_OPTION, NULL},
		{"execute_workflow", "wait", HINT_NAME, "wait_for_result"},
		{"execute_workflow", "x", HINT_INPUT, NULL},
		{"signal_workflow_execution", "approved", HINT_INPUT, NULL},
		{"schedule_workflow", "cron_expressions", HINT_MEMBER, "schedule"},
		{"create_deployment", "github_url", HINT_MEMBER, "spec"},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct endpoint *row = endpoint_find(cases[i].operation);
		print_message("# %s: %s\n", cases[i].operation, cases[i].unknown);
		struct hint hint = schema_hint(row->body != NULL ? row->body : &row->query, cases[i].unknown, true);
		assert_int_equal(hint.kind, cases[i].kind);
		if (cases[i].name != NULL)
			assert_string_equal(hint.name, cases[i].name);
	}
	const struct schema *schedule = field_of(endpoint_find("schedule_workflow")->body, "schedule")->of;
	assert_string_equal(schema_hint(schedule, "cron", false).name, "cron_expressions");
	assert_string_equal(schema_hint(schedule, "timezone", false).name, "time_zone_name");
	assert_int_equal(schema_hint(schedule, "timeout", false).kind, HINT_NONE);
	assert_int_equal(schema_hint(schedule, "seconds", false).kind, HINT_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows_are_complete),
		cmocka_unit_test(test_rows_differ),
		cmocka_unit_test(test_names_of_a_row_differ),
		cmocka_unit_test(test_references_name_fields),
		cmocka_unit_test(test_what_acts_twice_is_not_repeated),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_what_an_answer_lists),
		cmocka_unit_test(test_fixed_routes_are_reserved),
		cmocka_unit_test(test_distance),
		cmocka_unit_test(test_a_name_with_nul_is_unknown),
		cmocka_unit_test(test_fields_of_bases_and_variants),
		cmocka_unit_test(test_hints),
	};
	return cmocka_run_group_tests_name("endpoint", tests, NULL, NULL);
}
