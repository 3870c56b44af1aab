/* What an unknown name was meant for, in a schema that is made for it. */
#include "api/schema.h"

#include "unit.h"

#include <string.h>

static const struct field inner[] = {{.name = "alpha"}, {.name = "omega"}, {.name = NULL}};
static const struct schema object = {.fields = inner};
static const struct field of_base[] = {{.name = "display_name"}, {.name = "abcdefghij"}, {.name = NULL}};
static const struct schema base = {.fields = of_base};
static const struct field outer[] = {
	{.name = "id"},
	{.name = "limit"},
	{.name = "cursors"},
	{.name = "workflow_name"},
	{.name = "date_at"},
	{.name = "date_by"},
	{.name = "many", .type = FIELD_OBJECT | FIELD_LIST, .of = &object},
	{.name = "named", .type = FIELD_OBJECT | FIELD_MAP, .of = &object},
	{.name = "whole", .type = FIELD_OBJECT},
	{.name = NULL},
};
static const struct schema schema = {.fields = outer, .base = &base};

/* The name that is meant, or NULL. */
static const char *meant(const char *unknown)
{
	struct hint hint = schema_hint(&schema, unknown, false);
	assert_true(hint.kind == HINT_NONE || hint.kind == HINT_NAME);
	return hint.name;
}

static void test_letters_that_may_be_wrong(void **state)
{
	static const struct {
		const char *unknown, *name;
	} cases[] = {/* one of up to three */
		{"ix", "id"}, {"i", "id"}, {"id_", "id"}, {"idx", "id"}, {"xx", NULL}, {"xyz", NULL},
		/* two of up to six */
		{"lima", "limit"}, {"limitxx", "limit"}, {"lxxit", "limit"}, {"lxxxt", NULL}, {"lximxx", NULL},
		{"cuxxor", NULL}, {"cursxr", "cursors"}, {"xursor", "cursors"},
		/* three of more */
		{"cxxxors", "cursors"}, {"cxxxxrs", NULL}, {"abcdexxxij", "abcdefghij"}, {"abcdxxxxij", NULL},
		/* the nearest */
		{"limid", "limit"}, {"cursorx", "cursors"}, {"date_a", "date_at"}, {"date_b", "date_by"}};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		print_message("# %s\n", cases[i].unknown);
		if (cases[i].name == NULL)
			assert_null(meant(cases[i].unknown));
		else
			assert_string_equal(meant(cases[i].unknown), cases[i].name);
	}
}

static void test_names_that_begin_alike(void **state)
{
	(void)state;
	assert_string_equal(meant("dis"), "display_name");
	assert_null(meant("di"));
	assert_string_equal(meant("workflowname_of_it_all"), "workflow_name");
	assert_string_equal(meant("workflow_"), "workflow_name");
	assert_null(meant("workflowx_of_it_all"));
}

static void test_what_belongs_into_a_table(void **state)
{
	static const struct field with[] = {
		{.name = "list", .type = FIELD_OBJECT | FIELD_LIST, .of = &object},
		{.name = "text", .type = FIELD_STRING, .of = &object},
		{.name = "table", .type = FIELD_OBJECT | FIELD_REQUIRED, .of = &object},
		{.name = NULL},
	};
	const struct schema tables = {.fields = with}, derived = {.base = &tables};
	(void)state;
	struct hint hint = schema_hint(&tables, "alpha", false);
	assert_int_equal(hint.kind, HINT_MEMBER);
	assert_string_equal(hint.name, "table");
	assert_string_equal(schema_hint(&derived, "omega", false).name, "table");
	assert_null(meant("alpha"));
}

static void test_longest_names(void **state)
{
	char a[66], b[66];
	(void)state;
	memset(a, 'a', sizeof a);
	memset(b, 'a', sizeof b);
	a[64] = b[64] = '\0';
	assert_int_equal(schema_distance(a, b, 3), 0);
	b[63] = 'b';
	assert_int_equal(schema_distance(a, b, 3), 1);
	a[64] = 'a';
	a[65] = '\0';
	assert_int_equal(schema_distance(a, b, 3), 4);
	assert_int_equal(schema_distance(b, a, 3), 4);
	a[63] = '\0';
	assert_int_equal(schema_distance(a, b, 3), 1);
	assert_int_equal(schema_distance("ab", "ba", 3), 2);
	assert_int_equal(schema_distance("abc", "b", 3), 2);
	assert_int_equal(schema_distance("b", "abc", 3), 2);
	assert_int_equal(schema_distance("abcd", "wxyz", 3), 4);
	assert_int_equal(schema_distance("abcd", "wxyz", 4), 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_letters_that_may_be_wrong),
		cmocka_unit_test(test_names_that_begin_alike),
		cmocka_unit_test(test_what_belongs_into_a_table),
		cmocka_unit_test(test_longest_names),
	};
	return cmocka_run_group_tests_name("hint", tests, NULL, NULL);
}
