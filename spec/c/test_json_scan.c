/* json_scan: what is JSON, where it is not, and which containers are to be walked. */
#include "json/scan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A copy that ends with the 0 and nothing behind it, so that a sanitizer sees a byte read too far. */
static char *exact_copy(const char *text, size_t length)
{
	char *copy = malloc(length + 1);
	assert_non_null(copy);
	memcpy(copy, text, length);
	copy[length] = '\0';
	return copy;
}

static enum json_status scan_bytes(struct json_scan *scan, const char *text, size_t length)
{
	char *copy = exact_copy(text, length);
	enum json_status status = json_scan(scan, copy, length);
	free(copy);
	return status;
}

static void accepts(const char *text)
{
	struct json_scan scan = {0};
	if (scan_bytes(&scan, text, strlen(text)) != JSON_OK)
		fail_msg("%s: %s at %zu", text, scan.error, scan.offset);
	json_scan_free(&scan);
}

static void refuses_bytes(const char *text, size_t length, const char *error, size_t offset)
{
	struct json_scan scan = {0};
	enum json_status status = scan_bytes(&scan, text, length);
	if (status != (offset == length ? JSON_ENDS_EARLY : JSON_INVALID))
		fail_msg("%s: status %d", text, (int)status);
	if (strcmp(scan.error, error) != 0 || scan.offset != offset)
		fail_msg("%s: %s at %zu, not %s at %zu", text, scan.error, scan.offset, error, offset);
	json_scan_free(&scan);
}

static void refuses(const char *text, const char *error, size_t offset)
{
	refuses_bytes(text, strlen(text), error, offset);
}

static void test_accepts(void **state)
{
	(void)state;
	static const char *const texts[] = {"null", "true", "false", "0", "-0", "-1", "10", "0.5", "1e5", "1E+5",
		"1.25e-5", "\"\"", "\"a\"", "[]", "{}", "[[]]", "[{}]", "{\"\":{}}",
		"{\"a\":[1,2,{\"b\":null}],\"c\":\"d\"}", " \t\r\n[ 1 , 2 ] \t\r\n", " { \"a\" : 1 , \"b\" : [ ] } ",
		"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\u0000\\u001F\\uabCD\\uFFFF\"",
		"\"\\uD800\\uDC00\\udbff\\udfff\"", "\"\\uD800\"", "\"\\uD800\\n\"", "\"\\uD800\\uD800\"",
		"\"\\uD800\\u0041\"", "\"a\\uDC00\"", "\"\x7F\"", "\"/\"",
		"\"\xC2\x80\xDF\xBF\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBF\"",
		"\"\xF0\x90\x80\x80\xF4\x8F\xBF\xBF\"", "\"\xEF\xBB\xBF\""};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		accepts(texts[i]);
}

static void test_refuses(void **state)
{
	(void)state;
	static const char END[] = "unexpected end of the text";
	static const struct {
		const char *text;
		const char *error;
		size_t offset;
	} cases[] = {
		{"", END, 0},
		{"  ", END, 2},
		{"nul", END, 3},
		{"nulL", "unexpected character", 3},
		{"True", "unexpected character", 0},
		{"NaN", "unexpected character", 0},
		{"Infinity", "unexpected character", 0},
		{"+1", "unexpected character", 0},
		{".5", "unexpected character", 0},
		{"'a'", "unexpected character", 0},
		{"-", END, 1},
		{"-a", "digit expected", 1},
		{"01", "leading zero", 0},
		{"-01", "leading zero", 1},
		{"[00]", "leading zero", 1},
		{"1.", END, 2},
		{"[1.]", "digit expected after the decimal point", 3},
		{"1.e5", "digit expected after the decimal point", 2},
		{"[1e]", "digit expected in the exponent", 3},
		{"1e+", END, 3},
		{"0x10", "trailing bytes after the JSON text", 1},
		{"1 2", "trailing bytes after the JSON text", 2},
		{"[] ]", "trailing bytes after the JSON text", 3},
		{"{}\x0B", "trailing bytes after the JSON text", 2},
		{"[", END, 1},
		{"[1", END, 2},
		{"[1,", END, 3},
		{"[1,]", "unexpected character", 3},
		{"[,1]", "unexpected character", 1},
		{"[1 2]", "',' or ']' expected", 3},
		{"[1}", "',' or ']' expected", 2},
		{"[1:2]", "',' or ']' expected", 2},
		{"]", "unexpected character", 0},
		{"{", END, 1},
		{"{\"a\"", END, 4},
		{"{\"a\":", END, 5},
		{"{\"a\":1", END, 6},
		{"{\"a\":1,", END, 7},
		{"{\"a\":1,}", "key expected", 7},
		{"{,}", "key expected", 1},
		{"{1:1}", "key expected", 1},
		{"{a:1}", "key expected", 1},
		{"{\"a\" 1}", "':' expected", 5},
		{"{\"a\",1}", "':' expected", 4},
		{"{\"a\":}", "unexpected character", 5},
		{"{\"a\":1]", "',' or '}' expected", 6},
		{"[1] // c", "trailing bytes after the JSON text", 4},
		{"[/**/1]", "unexpected character", 1},
		{"\"a", END, 2},
		{"\"a\\", END, 3},
		{"\"\\x\"", "invalid escape", 1},
		{"\"\\u12\"", "invalid escape", 1},
		{"\"\\u", END, 3},
		{"\"\\u12", END, 5},
		{"\"\\u1g", "invalid escape", 1},
		{"\"\\u12g4\"", "invalid escape", 1},
		{"\"\\U0041\"", "invalid escape", 1},
		{"\"a\nb\"", "control character in a string", 2},
		{"\"a\x1F\"", "control character in a string", 2},
		{"[\"\t\"]", "control character in a string", 2},
		{"\"\x80\"", "invalid UTF-8", 1},
		{"\"\xBF\"", "invalid UTF-8", 1},
		{"\"\xC0\x80\"", "invalid UTF-8", 1},
		{"\"\xC1\xBF\"", "invalid UTF-8", 1},
		{"\"\xC2\"", "invalid UTF-8", 1},
		{"\"\xC2", END, 2},
		{"\"\xE0\x9F", "invalid UTF-8", 1},
		{"\"\xE0\xA0", END, 3},
		{"\"\xED\x9F", END, 3},
		{"\"\xED\xA0", "invalid UTF-8", 1},
		{"\"\xF4\x8F", END, 3},
		{"\"\xF4\x90", "invalid UTF-8", 1},
		{"\"\xF0\x90\x80", END, 4},
		{"\"\x80", "invalid UTF-8", 1},
		{"\"\xC2\x7F\"", "invalid UTF-8", 1},
		{"\"\xC2\xC0\"", "invalid UTF-8", 1},
		{"\"\xE0\x9F\xBF\"", "invalid UTF-8", 1},
		{"\"\xE2\x82\"", "invalid UTF-8", 1},
		{"\"\xED\xA0\x80\"", "invalid UTF-8", 1},
		{"\"\xF0\x8F\xBF\xBF\"", "invalid UTF-8", 1},
		{"\"\xF0\x9F\x98\"", "invalid UTF-8", 1},
		{"\"\xF4\x90\x80\x80\"", "invalid UTF-8", 1},
		{"\"\xF5\x80\x80\x80\"", "invalid UTF-8", 1},
		{"\"\xFF\"", "invalid UTF-8", 1},
		{"\xEF\xBB\xBF{}", "byte order mark", 0},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		refuses(cases[i].text, cases[i].error, cases[i].offset);
	refuses_bytes("[1]\0", 4, "trailing bytes after the JSON text", 3);
	refuses_bytes("[\0]", 3, "unexpected character", 1);
	refuses_bytes("\"\0\"", 3, "control character in a string", 1);
	refuses_bytes("\"\\\0\"", 4, "invalid escape", 1);
}

/* No proper beginning of an array or object is a text; none is read beyond its end. */
static void test_every_cut_is_refused(void **state)
{
	(void)state;
	static const char text[] = "{\"a\":[true,false,null,-12.5e+10,\"\\u00e4\\uD83D\\uDE00 \xC3\xA4\xE2\x82\xAC\","
				   "\"0123456789abcdef0123456789abcdef\"],   \"\\n\" :  {\"b\":{}}}";
	accepts(text);
	for (size_t length = 0; length < sizeof text - 1; length++) {
		struct json_scan scan = {0};
		assert_int_equal(scan_bytes(&scan, text, length), JSON_ENDS_EARLY);
		assert_int_equal(scan.offset, length);
		json_scan_free(&scan);
	}
}

/* Each special byte is found wherever it stands in a run: the runs are tested in steps of 8 and 16 bytes. */
static void test_runs(void **state)
{
	(void)state;
	char text[80];
	for (size_t length = 0; length < 70; length++) {
		for (size_t at = 0; at < length; at++) {
			text[0] = '"';
			memset(text + 1, '~', length);
			text[length + 1] = '"';
			text[length + 2] = '\0';
			accepts(text);
			text[at + 1] = '\x1F';
			refuses(text, "control character in a string", at + 1);
			text[at + 1] = '\x80';
			refuses(text, "invalid UTF-8", at + 1);
			text[at + 1] = '"';
			if (at + 1 < length)
				refuses(text, "trailing bytes after the JSON text", at + 2);
			memset(text, ' ', length);
			text[at] = '\t';
			strcpy(text + length, "0x");
			refuses(text, "trailing bytes after the JSON text", length + 1);
			text[at] = '\f';
			refuses(text, "unexpected character", at);
		}
	}
}

static char *nested(size_t depth, const char *open, const char *inner, char close)
{
	size_t step = strlen(open);
	char *text = malloc(depth * (step + 1) + strlen(inner) + 1);
	assert_non_null(text);
	for (size_t i = 0; i < depth; i++)
		memcpy(text + i * step, open, step);
	strcpy(text + depth * step, inner);
	size_t length = depth * step + strlen(inner);
	memset(text + length, close, depth);
	text[length + depth] = '\0';
	return text;
}

/* Containers are listed before they end, so there can be as many as bytes. */
static void test_open_containers(void **state)
{
	(void)state;
	char text[300] = "";
	memset(text, '[', 200);
	strcpy(text + 200, "1.5");
	refuses(text, "unexpected end of the text", 203);
	strcpy(text + 200, "-0x");
	refuses(text, "',' or ']' expected", 202);
}

static void test_depth(void **state)
{
	(void)state;
	static const char too_deep[] = "nested deeper than 1000";
	char *text = nested(JSON_MAX_DEPTH, "[", "", ']');
	accepts(text);
	free(text);
	text = nested(JSON_MAX_DEPTH, "{\"a\":", "1", '}');
	accepts(text);
	free(text);
	text = nested(JSON_MAX_DEPTH + 1, "[", "", ']');
	refuses(text, too_deep, JSON_MAX_DEPTH);
	free(text);
	text = nested(JSON_MAX_DEPTH, "{\"a\":", "[]", '}');
	refuses(text, too_deep, JSON_MAX_DEPTH * 5);
	free(text);
	text = malloc(1000001);
	assert_non_null(text);
	memset(text, '[', 1000000);
	text[1000000] = '\0';
	refuses(text, too_deep, JSON_MAX_DEPTH);
	free(text);
}

static const struct json_container *container(const struct json_scan *scan, size_t i)
{
	return (const struct json_container *)(const void *)scan->walked.data + i;
}

static size_t walked_count(const struct json_scan *scan)
{
	return scan->walked.length / sizeof(struct json_container);
}

/* What cJSON carries is given to it, and what it does not is walked. */
static void test_walked_for_their_tokens(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		size_t walked;
	} cases[] = {
		{"[[1],[-1],[0],[123456789012345],[-123456789012345]]", 0},
		{"[[true,null,\"\\u0001\"],{\"a\":{}}]", 0},
		{"[[1234567890123456]]", 1},
		{"[[-1234567890123456]]", 1},
		{"[[-0]]", 1},
		{"[[0.5]]", 1},
		{"[[1e2]]", 1},
		{"[[\"\\u0000\"]]", 1},
		{"[[\"\\uD83D\\uDE00\"]]", 0},
		{"[[\"\\uD83D\"]]", 1},
		{"[{\"\\u0000\":1}]", 1},
		{"[[1],[[2],[1.5],[3]],[4]]", 2},
		{"[{\"a\":{\"b\":[],\"c\":{\"d\":-0}}}]", 3},
		{"1.5", 0},
		{"[1.5]", 0},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct json_scan scan = {0};
		assert_int_equal(json_scan(&scan, cases[i].text, strlen(cases[i].text)), JSON_OK);
		if (walked_count(&scan) != cases[i].walked)
			fail_msg("%s: %zu", cases[i].text, walked_count(&scan));
		json_scan_free(&scan);
	}
}

static void test_walked_for_their_size(void **state)
{
	(void)state;
	static const char filler[] = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
	char text[400];
	size_t start_of_second = (size_t)snprintf(text, sizeof text, " [ [1,2], ");
	size_t start_of_inner = start_of_second + strlen("[{\"a\":0},");
	snprintf(text + start_of_second, sizeof text - start_of_second, "[{\"a\":0},{\"b\":\"%s\",\"c\":1}],[3] ] ",
		filler);
	struct json_scan scan = {0};
	assert_int_equal(json_scan(&scan, text, strlen(text)), JSON_OK);
	assert_int_equal(scan.outermost.start, 1);
	assert_int_equal(scan.outermost.end, strlen(text) - 1);
	assert_int_equal(scan.outermost.count, 3);
	assert_int_equal(scan.depth, 3);
	assert_int_equal(walked_count(&scan), 2);
	assert_int_equal(container(&scan, 0)->start, start_of_second);
	assert_int_equal(container(&scan, 0)->count, 2);
	assert_int_equal(container(&scan, 1)->start, start_of_inner);
	assert_int_equal(container(&scan, 1)->count, 2);
	assert_int_equal(container(&scan, 1)->end + 1, container(&scan, 0)->end);
	json_scan_free(&scan);

	size_t length = (size_t)snprintf(
		text, sizeof text, "[[\"%.*s\"],[\"%.*s\"]]", JSON_TREE_SIZE - 4, filler, JSON_TREE_SIZE - 3, filler);
	assert_int_equal(json_scan(&scan, text, length), JSON_OK);
	assert_int_equal(walked_count(&scan), 1);
	assert_int_equal(container(&scan, 0)->end, length - 1);
	json_scan_free(&scan);
}

/* An object of lists, named a, b, c, …; each list is `size` bytes of the given character in a string. */
static char *lists(const char *characters, size_t size)
{
	size_t count = strlen(characters);
	char *text = malloc(count * (size + 16) + 3);
	assert_non_null(text);
	char *p = text;
	*p++ = '{';
	for (size_t i = 0; i < count; i++) {
		p += sprintf(p, "%s\"%c\":[1,[2],\"", i > 0 ? "," : "", (char)('a' + i));
		memset(p, characters[i], size - 10);
		p += size - 10;
		*p++ = '"';
		*p++ = ']';
	}
	strcpy(p, "}");
	return text;
}

static void test_repetitions(void **state)
{
	(void)state;
	struct json_scan scan = {0};
	char *text = lists("xyxzyx", JSON_KEPT_SIZE);
	assert_int_equal(json_scan(&scan, text, strlen(text)), JSON_OK);
	static const uint16_t kept[] = {1, 2, 0, 3, 0, 0};
	static const uint16_t same[] = {0, 0, 1, 0, 2, 1};
	assert_int_equal(walked_count(&scan), 6);
	for (size_t i = 0; i < 6; i++) {
		assert_int_equal(container(&scan, i)->kept, kept[i]);
		assert_int_equal(container(&scan, i)->same, same[i]);
		assert_int_equal(container(&scan, i)->count, 3);
		assert_int_equal(container(&scan, i)->end - container(&scan, i)->start, JSON_KEPT_SIZE);
		assert_int_equal(text[container(&scan, i)->start], '[');
		assert_int_equal(text[container(&scan, i)->end - 1], ']');
	}
	assert_int_equal(scan.repeated, 3 * JSON_KEPT_SIZE);
	free(text);

	text = lists("xx", JSON_KEPT_SIZE - 1);
	assert_int_equal(json_scan(&scan, text, strlen(text)), JSON_OK);
	assert_int_equal(scan.repeated, 0);
	free(text);

	/* More lists than are remembered, and one that is cut off where it would have to end. */
	text = lists("123456165", JSON_KEPT_SIZE);
	assert_int_equal(json_scan(&scan, text, strlen(text)), JSON_OK);
	assert_int_equal(scan.repeated, JSON_KEPT_SIZE);
	size_t length = strlen(text);
	for (size_t cut = 1; cut < 4; cut++) {
		text[length - cut] = '\0';
		assert_int_equal(json_scan(&scan, text, length - cut), JSON_ENDS_EARLY);
		assert_int_equal(scan.offset, length - cut);
	}
	free(text);

	/* Only members of the outermost object, not elements of an array. */
	char *object = lists("xx", JSON_KEPT_SIZE);
	text = malloc(strlen(object) + 3);
	assert_non_null(text);
	sprintf(text, "[%s]", object);
	assert_int_equal(json_scan(&scan, text, strlen(text)), JSON_OK);
	assert_int_equal(scan.repeated, 0);
	free(text);
	free(object);
	json_scan_free(&scan);
}

static void test_reuse(void **state)
{
	(void)state;
	struct json_scan scan = {0};
	assert_int_equal(json_scan(&scan, "[[1.5],[1.5]]", 13), JSON_OK);
	assert_int_equal(walked_count(&scan), 2);
	assert_int_equal(json_scan(&scan, "[[1.5],x", 8), JSON_INVALID);
	assert_string_equal(scan.error, "unexpected character");
	assert_int_equal(json_scan(&scan, "[[1]]", 5), JSON_OK);
	assert_int_equal(walked_count(&scan), 0);
	assert_null(scan.error);
	json_scan_free(&scan);
	json_scan_free(&scan);
}

static size_t string_size(const char *token, bool expect_lone)
{
	bool lone = false;
	size_t size = json_string_size(token, &lone);
	assert_int_equal(lone, expect_lone);
	return size;
}

static void test_sizes(void **state)
{
	(void)state;
	assert_int_equal(string_size("\"\"", false), 0);
	assert_int_equal(string_size("\"abc\",\"d\"", false), 3);
	assert_int_equal(string_size("\"\\\"\\\\\\n\"", false), 3);
	assert_int_equal(string_size("\"\\u0000\\u007f\\u0080\\u07FF\\u0800\\uFFFF\"", false), 1 + 1 + 2 + 2 + 3 + 3);
	assert_int_equal(string_size("\"\\uD83D\\uDE00\xC3\xA4\"", false), 4 + 2);
	assert_int_equal(string_size("\"\\uD83D\\uD83D\\uDE00\"", true), 3 + 4);
	assert_int_equal(string_size("\"\\uDE00\\uD83D\"", true), 3 + 3);
	assert_int_equal(json_number_size("-12.5E+3]"), 8);
	assert_int_equal(json_number_size("0"), 1);
	assert_int_equal(json_number_size("17 "), 2);
}

static void test_replaced_surrogates(void **state)
{
	(void)state;
	static const char *const cases[][2] = {
		{"\"\\uD83D\"", "\"\\uFFFD\""},
		{"\"\\ude00\\ud83d\"", "\"\\uFFFD\\uFFFD\""},
		{"\"\\uD83D\\uDE00\\n\\uDC00\\uD83D\\uD83D\\uDE00\"",
			"\"\\uD83D\\uDE00\\n\\uFFFD\\uFFFD\\uD83D\\uDE00\""},
		{"\"\\\\uD83D\\u0041\"", "\"\\\\uD83D\\u0041\""},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char token[80];
		strcpy(token, cases[i][0]);
		json_replace_surrogates(token);
		assert_string_equal(token, cases[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_accepts),
		cmocka_unit_test(test_refuses),
		cmocka_unit_test(test_every_cut_is_refused),
		cmocka_unit_test(test_runs),
		cmocka_unit_test(test_open_containers),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_walked_for_their_tokens),
		cmocka_unit_test(test_walked_for_their_size),
		cmocka_unit_test(test_repetitions),
		cmocka_unit_test(test_reuse),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_replaced_surrogates),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
