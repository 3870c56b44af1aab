/*
** cJSON does the work. Only two things it does not do: it refuses lone
** surrogates, so they are replaced before it sees them, and it does not tell
** how long a string with \u0000 in it is.
*/
#include "json/escape.h"

#include "json/bytes.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

static int unit_of(cursor escape)
{
	return hex_value(escape + 2);
}

static bool is_surrogate(int unit)
{
	return unit >= 0xD800 && unit <= 0xDFFF;
}

/* `p` is at a \u escape. */
static bool is_pair(cursor p)
{
	int high = unit_of(p);
	int low = high >= 0xD800 && high < 0xDC00 && p[6] == '\\' && p[7] == 'u' ? unit_of(p + 6) : -1;
	return low >= 0xDC00 && low <= 0xDFFF;
}

/* How many bytes the string stands for; sets `*lone` if a lone surrogate is in it. */
static size_t measure(cursor p, cursor end, bool *lone)
{
	size_t length = 0;
	*lone = false;
	while (p < end) {
		cursor run = p;
		while (p < end && *p != '\\')
			p++;
		length += (size_t)(p - run);
		if (p == end)
			break;
		if (p[1] != 'u') {
			length++;
			p += 2;
			continue;
		}
		int unit = unit_of(p);
		bool pair = is_pair(p);
		*lone = *lone || (is_surrogate(unit) && !pair);
		length += pair ? 4 : unit < 0x80 ? 1 : unit < 0x800 ? 2 : 3;
		p += pair ? 12 : 6;
	}
	return length;
}

static void replace_lone(unsigned char *p, const unsigned char *end)
{
	while (p < end) {
		if (*p != '\\') {
			p++;
		} else if (p[1] != 'u') {
			p += 2;
		} else {
			bool pair = is_pair(p);
			if (is_surrogate(unit_of(p)) && !pair)
				memcpy(p + 2, "FFFD", 4);
			p += pair ? 12 : 6;
		}
	}
}

static cJSON *parse_replaced(const char *token, size_t size)
{
	unsigned char *copy = malloc(size);
	if (copy == NULL)
		return NULL;
	memcpy(copy, token, size);
	replace_lone(copy + 1, copy + size - 1);
	cJSON *tree = cJSON_ParseWithLengthOpts((const char *)copy, size, NULL, 0);
	free(copy);
	return tree;
}

char *json_unescape(const char *token, size_t size, size_t *length)
{
	bool lone;
	*length = measure((cursor)token + 1, (cursor)token + 1 + size, &lone);
	cJSON *tree = lone ? parse_replaced(token, size + 2) : cJSON_ParseWithLengthOpts(token, size + 2, NULL, 0);
	if (tree == NULL)
		return NULL;
	char *bytes = tree->valuestring;
	tree->valuestring = NULL;
	cJSON_Delete(tree);
	return bytes;
}

void json_unescaped_free(char *bytes)
{
	cJSON_free(bytes);
}
