/* json_scan: what is JSON, where it is not, what of it is on the tape, and what memory that will take. */
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

static struct json_scan wanting(const struct json_field *wanted)
{
	return (struct json_scan){.wanted = wanted, .memory_limit = SIZE_MAX};
}

static enum json_status scan_bytes(struct json_scan *scan, const char *text, size_t length)
{
	*scan = wanting(&json_all);
	char *copy = exact_copy(text, length);
	enum json_status status = json_scan(scan, copy, length);
	free(copy);
	return status;
}

static void accepts(const char *text)
{
	struct json_scan scan;
	if (scan_bytes(&scan, text, strlen(text)) != JSON_OK)
		fail_msg("%s: %s at %zu", text, scan.error, scan.offset);
	json_scan_free(&scan);
}

static void refuses_bytes(const char *text, size_t length, const char *error, size_t offset)
{
	struct json_scan scan;
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
		struct json_scan scan;
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

/* ----- the tape ----- */

static const struct json_token *token_at(const struct json_scan *scan, size_t i)
{
	return (const struct json_token *)(const void *)scan->tape.data + i;
}

static size_t token_count(const struct json_scan *scan)
{
	return scan->tape.length / sizeof(struct json_token);
}

/* Each token as its first byte, or the number of what it repeats, a letter where it is not plain, and its size. */
static void describe(const struct json_scan *scan, const char *text, char *out)
{
	static const char letters[] = {[JSON_PLAIN] = ' ', [JSON_SPECIAL] = 's', [JSON_AGAIN] = '=', [JSON_TEXT] = 't'};
	*out = '\0';
	for (size_t i = 0; i < token_count(scan); i++) {
		const struct json_token *token = token_at(scan, i);
		char letter[2] = {letters[token->kind], '\0'};
		out += sprintf(out, "%s%c%s%u", i > 0 ? " " : "", token->kind == JSON_AGAIN ? '#' : text[token->start],
			token->kind == JSON_PLAIN ? "" : letter, (unsigned)token->size);
	}
}

static void assert_tape(const struct json_field *wanted, const char *text, const char *expected)
{
	char found[1000];
	struct json_scan scan = wanting(wanted);
	if (json_scan(&scan, text, strlen(text)) != JSON_OK)
		fail_msg("%s: %s at %zu", text, scan.error, scan.offset);
	describe(&scan, text, found);
	if (strcmp(found, expected) != 0)
		fail_msg("%s: %s, not %s", text, found, expected);
	json_scan_free(&scan);
}

/* Makes a text large enough for strings that come again to be recognised. */
#define SPACES "                                                                "
#define PADDING                                                                                                        \
	SPACES SPACES SPACES SPACES SPACES SPACES SPACES SPACES SPACES SPACES SPACES SPACES SPACES SPACES SPACES SPACES

static void test_tape(void **state)
{
	(void)state;
	static const char *const cases[][2] = {
		{"null", "n4"},
		{" \"ab\" ", "\"2"},
		{"\"\"", "\"0"},
		{"\"a\\n\"", "\"s3"},
		{"[true,false]", "[2 t4 f5"},
		{"[12,-1,0,123456789012345,-123456789012345]", "[5 12 -2 01 115 -16"},
		{"[1234567890123456,-0,0.5,1e2]", "[4 1s16 -s2 0s3 1s3"},
		{"[[],{},[[]]]", "[3 [0 {0 [1 [0"},
		{"{\"a\":1,\"b\":{\"a\":[2]}}" PADDING, "{2 \"1 11 \"1 {1 #=1 [1 21"},
		{"[{\"a\\n\":1},{\"a\\n\":2}]" PADDING, "[2 {1 \"s3 11 {1 \"s3 21"},
		{"[{\"\":1},{\"\":2}]" PADDING, "[2 {1 \"0 11 {1 \"0 21"},
		{"{\"a\":\"bc\",\"bc\":[\"a\",\"b\",\"bc\"]}" PADDING, "{2 \"1 \"2 #=2 [3 #=1 \"1 #=2"},
		{"[\"a\",\"a\"]", "[2 \"1 \"1"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_tape(&json_all, cases[i][0], cases[i][1]);
}

static struct json_field *add(struct json_field *field, const char *name, enum json_wanted wanted)
{
	struct json_field *member = json_field_add(field, name, strlen(name));
	assert_non_null(member);
	member->wanted = wanted;
	return member;
}

static void test_wanted(void **state)
{
	(void)state;
	struct json_field shape = {.wanted = JSON_MEMBERS};
	add(&shape, "a", JSON_ALL);
	add(add(&shape, "b", JSON_MEMBERS), "c", JSON_ALL);
	add(&shape, "t", JSON_ITSELF);
	add(&shape, "i", JSON_ITEMS);
	static const char *const cases[][2] = {
		{"{\"x\":[1,{\"a\":2}],\"a\":[1],\"y\":\"\\n\"}" PADDING, "{1 \"1 [1 11"},
		{"{\"x\":{\"a\":1}}", "{0"},
		{"[{\"a\":1,\"x\":2},3,{\"y\":4}]" PADDING, "[3 {1 \"1 11 31 {0"},
		{"{\"b\":{\"c\":1,\"d\":2}}" PADDING, "{1 \"1 {1 \"1 11"},
		{"{\"b\":[{\"c\":1},[{\"d\":1}],null]}" PADDING, "{1 \"1 [3 {1 \"1 11 [1 {0 n4"},
		{"{\"b\":\"text\"}" PADDING, "{1 \"1 \"4"},
		{"{\"\\u0061\":1,\"\\u0078\":2}", "{1 \"s6 11"},
		{"{\"t\":{\"a\" :[1]}, \"t\": \"x\\n\", \"t\":-1.5}" PADDING, "{3 \"1 {t10 #=1 \"t5 #=1 -t4"},
		{"{\"i\":[ {\"a\":1} ,[ ],2]}" PADDING, "{1 \"1 [3 {t7 [t3 2t1"},
		{"{\"i\":{\"a\":1}}" PADDING, "{1 \"1 {0"},
		{"{\"i\":null}" PADDING, "{1 \"1 n4"},
		{"5", "51"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_tape(&shape, cases[i][0], cases[i][1]);
	assert_tape(&json_itself, " [1, 2] ", " t8");
	assert_tape(&json_nothing, " [1, 2] ", "");
	json_field_free_members(&shape);
}

/* What is not wanted is checked all the same. */
static void test_unwanted_is_checked(void **state)
{
	(void)state;
	static const char *const texts[] = {"[01]", "{\"a\":tru}", "{\"a\":1,}", "[\"\x80\"]", "[1]]", "{\"a\" 1}"};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct json_scan scan = wanting(&json_nothing);
		assert_int_equal(json_scan(&scan, texts[i], strlen(texts[i])), JSON_INVALID);
		assert_int_equal(token_count(&scan), 0);
		json_scan_free(&scan);
	}
	char *text = nested(JSON_MAX_DEPTH + 1, "[", "", ']');
	struct json_scan scan = wanting(&json_nothing);
	assert_int_equal(json_scan(&scan, text, strlen(text)), JSON_INVALID);
	json_scan_free(&scan);
	free(text);
}

/* Appends an array of so many strings, `size` bytes each, their numbers in front. */
static char *put_strings(char *p, int count, int size)
{
	for (int i = 0; i < count; i++)
		p += sprintf(p, ",\"%0*d\"", size, i);
	return p;
}

/* How many tokens repeat an earlier one, which is the same string. */
static size_t count_again(const struct json_scan *scan, const char *text)
{
	size_t count = 0;
	for (size_t i = 0; i < token_count(scan); i++) {
		const struct json_token *token = token_at(scan, i);
		if (token->kind != JSON_AGAIN)
			continue;
		const struct json_token *first = token_at(scan, token->size);
		assert_true(token->size < i);
		assert_int_equal(first->kind, JSON_PLAIN);
		assert_memory_equal(text + token->start, text + first->start, first->size + 2);
		count++;
	}
	return count;
}

static void test_known_strings(void **state)
{
	(void)state;
	static const int sizes[] = {3, 7, 8, 9, 15, 16, 17, 40, 255};
	char *text = malloc(1024 * 1024);
	assert_non_null(text);
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		strcpy(text, "[0");
		char *p = text + 2;
		for (int round = 0; round < 4; round++)
			p = put_strings(p, 100, sizes[i]);
		strcpy(p, "]" PADDING);
		struct json_scan scan = wanting(&json_all);
		assert_int_equal(json_scan(&scan, text, strlen(text)), JSON_OK);
		size_t again = count_again(&scan, text);
		assert_true(again >= 200); /* those in places of others are not recognised */
		assert_true(scan.strings_again <= 100 && scan.strings_again * 3 >= again);
		assert_int_equal(scan.strings, 400 - again + scan.strings_again);
		json_scan_free(&scan);
	}
	free(text);
}

static void test_unknown_strings(void **state)
{
	(void)state;
	static const int sizes[] = {256, 1000};
	char text[16 * 1024];
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		strcpy(text, "[0");
		strcpy(put_strings(put_strings(text + 2, 3, sizes[i]), 3, sizes[i]), "]" PADDING);
		struct json_scan scan = wanting(&json_all);
		assert_int_equal(json_scan(&scan, text, strlen(text)), JSON_OK);
		assert_int_equal(count_again(&scan, text), 0);
		assert_int_equal(scan.strings, 6);
		json_scan_free(&scan);
	}
	/* Empty ones are not worth it. */
	strcpy(text, "[\"\",\"\",\"\"");
	strcpy(put_strings(text + strlen(text), 3, 1000), "]" PADDING);
	struct json_scan empty = wanting(&json_all);
	assert_int_equal(json_scan(&empty, text, strlen(text)), JSON_OK);
	assert_int_equal(count_again(&empty, text), 0);
	assert_int_equal(empty.strings, 6);
	json_scan_free(&empty);
	/* So near to the end nothing is read ahead. */
	strcpy(text, "[" PADDING "\"abc\",\"abc\"]");
	struct json_scan scan = wanting(&json_all);
	assert_int_equal(json_scan(&scan, text, strlen(text)), JSON_OK);
	assert_int_equal(count_again(&scan, text), 0);
	json_scan_free(&scan);
}

/* More strings than places, all of them different, in their first, last or middle bytes. */
static void test_strings_in_the_same_place(void **state)
{
	(void)state;
	static const char *const forms[] = {
		"%08d", "%012d", "%016d", "%d-------------------------------", "%040d", "00000000%08d00000000"};
	char *text = malloc(1024 * 1024);
	assert_non_null(text);
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		strcpy(text, "[0");
		char *p = text + 2;
		for (int number = 100000; number < 104000; number++) {
			p += sprintf(p, ",\"");
			p += sprintf(p, forms[i], number);
			p += sprintf(p, "\"");
		}
		strcpy(p, "]" PADDING);
		struct json_scan scan = wanting(&json_all);
		assert_int_equal(json_scan(&scan, text, strlen(text)), JSON_OK);
		assert_int_equal(count_again(&scan, text), 0);
		json_scan_free(&scan);
	}
	free(text);
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

static void assert_lists(const struct json_field *wanted, const char *characters, size_t size, const char *expected)
{
	char *text = lists(characters, size);
	assert_tape(wanted, text, expected);
	free(text);
}

#define LIST " \"1 [3 11 [1 21 \"16374"

static void test_repetitions(void **state)
{
	(void)state;
	assert_lists(&json_all, "xyxzyx", JSON_KEPT_SIZE, "{6" LIST LIST " \"1 #=1" LIST " \"1 #=2 \"1 #=1");
	assert_lists(&json_all, "xx", JSON_KEPT_SIZE - 1, "{2 \"1 [3 11 [1 21 \"16373 \"1 [3 11 [1 21 \"16373");
	/* More lists than are remembered. */
	assert_lists(&json_all, "1234515", JSON_KEPT_SIZE, "{7" LIST LIST LIST LIST LIST " \"1 #=1" LIST);

	/* One that is cut off where it would have to end. */
	char *text = lists("1231", JSON_KEPT_SIZE);
	size_t length = strlen(text);
	for (size_t cut = 1; cut < 4; cut++) {
		struct json_scan scan = wanting(&json_all);
		text[length - cut] = '\0';
		assert_int_equal(json_scan(&scan, text, length - cut), JSON_ENDS_EARLY);
		assert_int_equal(scan.offset, length - cut);
		json_scan_free(&scan);
	}
	free(text);

	/* Only members of the outermost object, not elements of an array. */
	char *object = lists("xx", JSON_KEPT_SIZE);
	text = malloc(strlen(object) + 3);
	assert_non_null(text);
	sprintf(text, "[%s]", object);
	assert_tape(&json_all, text, "[1 {2" LIST LIST);
	free(text);
	free(object);
}

static void test_wanted_repetitions(void **state)
{
	(void)state;
	struct json_field shape = {.wanted = JSON_MEMBERS};
	add(&shape, "b", JSON_ALL);
	add(&shape, "d", JSON_ITEMS);
	add(&shape, "e", JSON_ITSELF);
	add(&shape, "f", JSON_ITEMS);
	assert_lists(&shape, "xxxxxx", JSON_KEPT_SIZE, "{4" LIST " \"1 [3 1t1 [t3 \"t16376 \"1 [t16384 \"1 #=3");
	json_field_free_members(&shape);
}

static void test_kept_arrays_are_on_the_tape(void **state)
{
	(void)state;
	char *text = lists("xy", JSON_KEPT_SIZE);
	struct json_scan scan = wanting(&json_all);
	assert_int_equal(json_scan(&scan, text, strlen(text)), JSON_OK);
	assert_int_equal(scan.kept_count, 2);
	for (size_t i = 0; i < 2; i++) {
		const struct json_kept *kept = &scan.kept[i];
		assert_int_equal(token_at(&scan, kept->token)->start, kept->start);
		assert_int_equal(text[kept->start], '[');
		assert_int_equal(text[kept->end - 1], ']');
		assert_int_equal(kept->end - kept->start, JSON_KEPT_SIZE);
	}
	assert_int_equal(scan.depth, 3);
	json_scan_free(&scan);
	free(text);
}

/* ----- sizes ----- */

static size_t memory_of(const char *text, size_t limit, enum json_status expected)
{
	struct json_scan scan = wanting(&json_all);
	scan.costs = (struct json_costs){.table = 100, .element = 10, .member = 20, .least = 1, .string = 50};
	scan.memory_limit = limit;
	assert_int_equal(json_scan(&scan, text, strlen(text)), expected);
	json_scan_free(&scan);
	return scan.memory;
}

static void test_memory(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		size_t memory;
	} cases[] = {
		{"null", 0},
		{"1.5", 0},
		{"\"abc\"", 53},
		{"[]", 100},
		{"[1,2]", 120},
		{"[[],[]]", 320},
		{"{}", 100},
		{"{\"a\":1}", 100 + 20 + 51},
		{"{\"a\":1,\"b\":2,\"c\":3}", 100 + 4 * 20 + 3 * 51},
		{"[{\"a\":1},{\"a\":1},{\"a\":1}]" PADDING, 100 + 3 * (10 + 100 + 20) + 2 * 51 + 10},
		{"[1234567890123456]", 100 + 10 + 50 + 16},
		{"[1e400]", 100 + 10 + 50 + 5},
		{"[1e99]", 100 + 10},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(memory_of(cases[i].text, SIZE_MAX, JSON_OK), cases[i].memory);
		memory_of(cases[i].text, cases[i].memory, JSON_OK);
		if (cases[i].memory > 0)
			memory_of(cases[i].text, cases[i].memory - 1, JSON_TOO_LARGE);
	}
}

/* It ends where the limit is passed: no tape grows beyond what is allowed. */
static void test_memory_limit_ends_the_scan(void **state)
{
	(void)state;
	size_t count = 300000;
	char *text = malloc(3 * count + 3), *p = text;
	assert_non_null(text);
	*p++ = '[';
	for (size_t i = 0; i < count; i++, p += 3)
		memcpy(p, "[],", 3);
	strcpy(p, "x");
	struct json_scan scan = wanting(&json_all);
	scan.costs = (struct json_costs){.table = 56, .element = 16};
	scan.memory_limit = 72000;
	assert_int_equal(json_scan(&scan, text, strlen(text)), JSON_TOO_LARGE);
	assert_in_range(token_count(&scan), 990, 1001);
	assert_in_range(scan.offset, 2990, 3001);
	json_scan_free(&scan);
	free(text);
}

static void test_texts_of_4_gib(void **state)
{
	(void)state;
#if SIZE_MAX > UINT32_MAX
	struct json_scan scan = wanting(&json_all);
	/* It is not read. */
	assert_int_equal(json_scan(&scan, "[]", (size_t)UINT32_MAX + 1), JSON_TOO_LARGE);
	json_scan_free(&scan);
#else
	skip();
#endif
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_accepts),
		cmocka_unit_test(test_refuses),
		cmocka_unit_test(test_every_cut_is_refused),
		cmocka_unit_test(test_runs),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_tape),
		cmocka_unit_test(test_wanted),
		cmocka_unit_test(test_unwanted_is_checked),
		cmocka_unit_test(test_known_strings),
		cmocka_unit_test(test_unknown_strings),
		cmocka_unit_test(test_strings_in_the_same_place),
		cmocka_unit_test(test_repetitions),
		cmocka_unit_test(test_wanted_repetitions),
		cmocka_unit_test(test_kept_arrays_are_on_the_tape),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_memory_limit_ends_the_scan),
		cmocka_unit_test(test_texts_of_4_gib),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
