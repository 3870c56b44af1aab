/* json_unescape: the bytes that strings with escapes stand for. */
#include "json/escape.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define REPLACED "\xEF\xBF\xBD"

static void stands_for(const char *inside, const char *bytes, size_t length)
{
	/* Nothing behind it, so that a sanitizer sees a byte read too far. */
	size_t size = strlen(inside), found_length;
	char *token = malloc(size + 2);
	assert_non_null(token);
	token[0] = token[size + 1] = '"';
	memcpy(token + 1, inside, size);
	char *found = json_unescape(token, size, &found_length);
	assert_non_null(found);
	if (found_length != length || memcmp(found, bytes, length) != 0)
		fail_msg("%s: %.*s", inside, (int)found_length, found);
	json_unescaped_free(found);
	free(token);
}

static void test_escapes(void **state)
{
	(void)state;
	stands_for("\\\"\\\\\\/\\b\\f\\n\\r\\t", "\"\\/\b\f\n\r\t", 8);
	stands_for(
		"a\\u0000b\\u007f\\u0080\\u07FF\\u0800\\uFFFF", "a\0b\x7F\xC2\x80\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBF", 14);
	stands_for("\\uD83D\\uDE00\xC3\xA4", "\xF0\x9F\x98\x80\xC3\xA4", 6);
}

static void test_lone_surrogates(void **state)
{
	(void)state;
	stands_for("\\uD83D", REPLACED, 3);
	stands_for("\\uD800", REPLACED, 3);
	stands_for("\\uDFFF", REPLACED, 3);
	stands_for("a\\uD83Dbc\\n\\uDE00", "a" REPLACED "bc\n" REPLACED, 10);
	stands_for("\\\\\\uD800\\uDFFF\\uDC00\\uDBFF",
		"\\"
		"\xF0\x90\x8F\xBF" REPLACED REPLACED,
		11);
	stands_for("\\ude00\\ud83d", REPLACED REPLACED, 6);
	stands_for("\\uD83D\\uD83D\\uDE00\\uDE00", REPLACED "\xF0\x9F\x98\x80" REPLACED, 10);
	stands_for("\\uD83D\\n\\\\uD83D", REPLACED "\n\\uD83D", 10);
	stands_for("\\uD83D\\u0000\\u0041", REPLACED "\0A", 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_escapes), cmocka_unit_test(test_lone_surrogates)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
