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

static size_t count_fields(const struct field *fields)
{
	size_t count = 0;
	while (fields != NULL && count < ENDPOINT_MAX_FIELDS && fields[count].name != NULL)
		count++;
	return count;
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
	assert_true(count_fields(row->query) < ENDPOINT_MAX_FIELDS);
	/* A row has a query or a body: they share one argument. */
	assert_true(count_fields(row->query) == 0 || !row->has_body);
	assert_true(count_fields(row->body) == 0 || row->has_body);
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

static void check_names(const struct endpoint *row)
{
	const struct field *lists[] = {row->query, row->body};
	for (size_t list = 0; list < COUNT(lists); list++)
		for (const struct field *field = lists[list]; field != NULL && field->name != NULL; field++)
			assert_ptr_equal(endpoint_field(lists[list], field->name), field);
}

static void test_names_of_a_row_differ(void **state)
{
	(void)state;
	for_each(check_names);
}

static void check_references(const struct endpoint *row)
{
	if (row->paging.cursor != NULL) {
		assert_int_equal(endpoint_field(row->query, row->paging.cursor)->type, FIELD_STRING);
		assert_int_equal(endpoint_field(row->query, row->paging.size)->type, FIELD_INTEGER);
		assert_non_null(row->paging.items);
		assert_non_null(row->paging.next);
	}
	if (row->batch != NULL) {
		assert_int_equal(endpoint_field(row->body, row->batch)->type, FIELD_STRINGS);
		assert_non_null(row->batch_answer[0]);
	}
	assert_int_equal(row->response == RESPONSE_EVENTS, row->resume != NULL);
	if (row->resume != NULL)
		assert_non_null(endpoint_field(row->query, row->resume));
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

static void test_fixed_routes_are_reserved(void **state)
{
	static const char *const fixed[] = {"runs", "schedules", "deployments", "registrations", "archive", "unarchive",
		"executions", "events", "workers"};
	static const char *const open[] = {
		"run", "runs2", "Runs", "hello", "list", "v1", "whoami", "a/runs", "", "{workflow_identifier}"};
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
	assert_int_equal(endpoint_distance("", "", 3), 0);
	assert_int_equal(endpoint_distance("limit", "limit", 3), 0);
	assert_int_equal(endpoint_distance("limits", "limit", 3), 1);
	assert_int_equal(endpoint_distance("lmit", "limit", 3), 1);
	assert_int_equal(endpoint_distance("lumit", "limit", 3), 1);
	assert_int_equal(endpoint_distance("", "abc", 3), 3);
	assert_int_equal(endpoint_distance("abcdef", "", 3), 4);
	assert_int_equal(endpoint_distance("kitten", "sitting", 9), 3);
	char longer[200];
	memset(longer, 'a', sizeof longer - 1);
	longer[sizeof longer - 1] = '\0';
	assert_int_equal(endpoint_distance(longer, longer, 3), 4);
	assert_int_equal(endpoint_distance("a", longer, 3), 4);
}

static void test_suggest(void **state)
{
	const struct field *fields = endpoint_find("get_workflow_registrations")->query;
	(void)state;
	assert_string_equal(endpoint_suggest(fields, "activeonly"), "active_only");
	assert_string_equal(endpoint_suggest(fields, "Limit"), "limit");
	assert_null(endpoint_suggest(fields, "something_else"));
	assert_null(endpoint_suggest(endpoint_find("get_run")->query, "limit"));
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
		cmocka_unit_test(test_fixed_routes_are_reserved),
		cmocka_unit_test(test_distance),
		cmocka_unit_test(test_suggest),
	};
	return cmocka_run_group_tests_name("endpoint", tests, NULL, NULL);
}
