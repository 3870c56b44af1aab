/*
** What the scan accepts, cJSON accepts, but for numbers that its buffer does
** not hold and lone surrogates; and the list of containers says the truth about the text.
** Small limits (-DJSON_TREE_SIZE=8 -DJSON_KEPT_SIZE=12) reach more with small
** inputs.
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

static void check_containers(const struct json_scan *scan, const char *text)
{
	const struct json_container *containers = (const struct json_container *)(const void *)scan->walked.data;
	size_t count = scan->walked.length / sizeof *containers;
	for (size_t i = 0; i < count; i++) {
		const struct json_container *container = &containers[i];
		check(container->start > scan->outermost.start && container->end < scan->outermost.end);
		check(i == 0 || container->start > containers[i - 1].start);
		check(text[container->start] == '[' ? text[container->end - 1] == ']'
						    : text[container->end - 1] == '}');
		check(container->kept <= JSON_KEPT_ARRAYS && container->same <= JSON_KEPT_ARRAYS);
		size_t first = 0;
		while (container->same > 0 && containers[first].kept != container->same)
			first++;
		size_t bytes = container->end - container->start;
		if (container->same > 0) {
			check(first < i && containers[first].count == container->count);
			check(containers[first].end - containers[first].start == bytes);
			check(memcmp(text + containers[first].start, text + container->start, bytes) == 0);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct json_scan scan;
	char *text = malloc(size + 1);
	check(text != NULL);
	memcpy(text, data, size);
	text[size] = '\0';
	enum json_status status = json_scan(&scan, text, size);
	check(status != JSON_NO_MEMORY);
	if (status != JSON_OK) {
		check(scan.error != NULL && scan.offset <= size);
	} else {
		check_containers(&scan, text);
		cJSON *tree = cJSON_ParseWithLength(text, size);
		check(tree != NULL || has_long_number(text, size) || has_surrogate(text));
		cJSON_Delete(tree);
	}
	free(text);
	return 0;
}
