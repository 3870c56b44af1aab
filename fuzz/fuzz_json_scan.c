/*
** What the scan accepts, cJSON accepts, but for numbers that its buffer does
** not hold and lone surrogates; whether a text is accepted does not depend on
** what is wanted of it; and the tape goes forward in the text.
** Small limits (-DJSON_KEPT_SIZE=12 -DJSON_KNOWN_TEXT=16) reach more with small inputs.
*/
#include "json/scan.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

/* cJSON copies a number to a buffer of 64 bytes. */
#define CJSON_NUMBER_SIZE 63

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool condition)
{
	if (!condition)
		abort();
}

static bool has_long_number(const char *text, size_t length)
{
	size_t run = 0;
	for (size_t i = 0; i < length && run <= CJSON_NUMBER_SIZE; i++)
		run = text[i] != '\0' && strchr("0123456789+-.eE", text[i]) != NULL ? run + 1 : 0;
	return run > CJSON_NUMBER_SIZE;
}

/* Escapes of surrogates, lone ones among them, are not looked at. */
static bool has_surrogate(const char *text)
{
	return strstr(text, "\\ud") != NULL || strstr(text, "\\uD") != NULL;
}

static void check_tape(const struct json_scan *scan, const char *text, size_t size)
{
	const struct json_token *tape = (const struct json_token *)(const void *)scan->tape.data;
	size_t count = scan->tape.length / sizeof *tape;
	for (size_t i = 0; i < count; i++) {
		const struct json_token *token = &tape[i];
		check(token->start < size && (i == 0 || token->start > tape[i - 1].start));
		if (text[token->start] != '"')
			continue;
		const struct json_token *first = token->kind == JSON_AGAIN ? &tape[token->size] : token;
		check(first->start + first->size <= size && first <= token);
		if (first != token)
			check(first->kind == JSON_PLAIN &&
				memcmp(text + token->start, text + first->start, first->size + 2) == 0);
	}
	for (size_t i = 0; i < scan->kept_count; i++)
		check(text[scan->kept[i].start] == '[' && text[scan->kept[i].end - 1] == ']');
}

static struct json_scan scan_wanting(
	const struct json_field *wanted, const char *text, size_t size, enum json_status *status)
{
	struct json_scan scan = {.wanted = wanted, .memory_limit = SIZE_MAX};
	*status = json_scan(&scan, text, size);
	check(*status == JSON_OK || *status == JSON_INVALID || *status == JSON_ENDS_EARLY);
	check((*status == JSON_OK) == (scan.error == NULL) && scan.offset <= size);
	check((*status == JSON_ENDS_EARLY) == (scan.error != NULL && scan.offset == size));
	check_tape(&scan, text, size);
	return scan;
}

static const struct json_field *some_members(void)
{
	static struct json_field root = {.wanted = JSON_MEMBERS};
	if (root.members == NULL) {
		json_field_add(&root, "a", 1)->wanted = JSON_ALL;
		json_field_add(&root, "i", 1)->wanted = JSON_ITEMS;
		json_field_add(&root, "t", 1)->wanted = JSON_ITSELF;
		struct json_field *inner = json_field_add(&root, "b", 1);
		inner->wanted = JSON_MEMBERS;
		json_field_add(inner, "c", 1)->wanted = JSON_ALL;
	}
	return &root;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct json_field *const shapes[] = {&json_nothing, &json_itself, some_members()};
	char *text = malloc(size + 1);
	check(text != NULL);
	memcpy(text, data, size);
	text[size] = '\0';
	enum json_status status, other_status;
	struct json_scan scan = scan_wanting(&json_all, text, size, &status);
	for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
		struct json_scan other = scan_wanting(shapes[i], text, size, &other_status);
		check(other_status == status && other.offset == scan.offset);
		json_scan_free(&other);
	}
	if (status == JSON_OK) {
		cJSON *tree = cJSON_ParseWithLength(text, size);
		check(tree != NULL || has_long_number(text, size) || has_surrogate(text));
		cJSON_Delete(tree);
	}
	json_scan_free(&scan);
	free(text);
	return 0;
}
