/*
** The scan checks the text and tells which arrays and objects to walk in it.
** The others, small and with nothing in them that cJSON cannot carry, become a
** cJSON tree, which is turned into Lua values and freed before the next; so do
** strings with escapes.
**
** struct decoder lives in json_decode's C frame and owns all C memory. What
** can throw runs in a protected call, after which it is freed.
*/
#include "json/decode.h"

#include "json/array.h"
#include "json/bytes.h"
#include "json/number.h"
#include "json/scan.h"

#if defined(__has_include)
#if !__has_include(<cjson/cJSON.h>)
#error "cjson/cJSON.h was not found: install libcjson-dev (Debian) or set CJSON_INCDIR"
#endif
#endif

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

/* Smaller texts are not worth a word to the collector. */
#define COLLECTOR_TEXT (32 * 1024)
/* Lua memory for a byte of text, at most, in answers of the service. */
#define MEMORY_PER_BYTE 4

enum slot { SLOT_DECODER = 1, SLOT_METATABLE, SLOT_KEPT, SLOT_COUNT = SLOT_KEPT + JSON_KEPT_ARRAYS - 1 };

struct decoder {
	lua_State *L;
	struct json_scan scan;
	cJSON *tree;
	const char *position; /* in the text */
	const char *text;
	size_t length;
	const struct json_container *walked; /* the next one */
	size_t walked_left;
	bool no_memory; /* in C; in Lua it is an error */
	bool held;      /* the collector, until compat_gc_release */
};

static bool push_value(struct decoder *d);

static int count_children(const cJSON *node)
{
	int count = 0;
	for (const cJSON *child = node->child; child != NULL; child = child->next)
		count++;
	return count;
}

static void push_array_table(lua_State *L, int count)
{
	lua_createtable(L, count, 0);
	lua_pushvalue(L, SLOT_METATABLE);
	lua_setmetatable(L, -2);
}

/* [-0, +1, m] */
static void push_node(lua_State *L, const cJSON *node)
{
	int i = 0;
	switch (node->type & 0xFF) {
	case cJSON_String:
		lua_pushlstring(L, node->valuestring, strlen(node->valuestring));
		break;
	case cJSON_Number:
		compat_pushint64(L, (int64_t)node->valuedouble);
		break;
	case cJSON_Object:
		lua_createtable(L, 0, count_children(node));
		for (const cJSON *child = node->child; child != NULL; child = child->next) {
			lua_pushlstring(L, child->string, strlen(child->string));
			push_node(L, child);
			lua_rawset(L, -3);
		}
		break;
	case cJSON_Array:
		push_array_table(L, count_children(node));
		for (const cJSON *child = node->child; child != NULL; child = child->next) {
			push_node(L, child);
			lua_rawseti(L, -2, ++i);
		}
		break;
	case cJSON_NULL:
		lua_pushlightuserdata(L, NULL);
		break;
	default:
		lua_pushboolean(L, (node->type & 0xFF) == cJSON_True);
	}
}

/* Sets `tree` to the value at `position`, and goes behind it. */
static bool parse_tree(struct decoder *d)
{
	size_t rest = d->length - (size_t)(d->position - d->text);
	d->tree = cJSON_ParseWithLengthOpts(d->position, rest, &d->position, 0);
	d->no_memory = d->tree == NULL;
	return !d->no_memory;
}

static void free_tree(struct decoder *d)
{
	cJSON_Delete(d->tree);
	d->tree = NULL;
}

/* Sets `tree` to the string at `position`, with U+FFFD for lone surrogates, and goes behind it. cJSON refuses those. */
static bool parse_replaced(struct decoder *d)
{
	const char *token = d->position;
	const char *close = token + 1;
	while (*close != '"')
		close += *close == '\\' ? 2 : 1;
	d->position = close + 1;
	size_t length = (size_t)(d->position - token);
	char *copy = malloc(length + 1);
	if (copy != NULL) {
		memcpy(copy, token, length);
		copy[length] = '\0';
		json_replace_surrogates(copy);
		d->tree = cJSON_ParseWithLengthOpts(copy, length + 1, NULL, 0);
		free(copy);
	}
	d->no_memory = d->tree == NULL;
	return !d->no_memory;
}

/* [-0, +1, m] pushes the array or object at `position` */
static bool push_tree(struct decoder *d)
{
	if (!parse_tree(d))
		return false;
	push_node(d->L, d->tree);
	free_tree(d);
	return true;
}

/* [-0, +1, m] pushes the string at `position` */
static bool push_string(struct decoder *d)
{
	const char *token = d->position;
	cursor close = (cursor)token + 1;
	while (*(close = skip_plain(close, (cursor)d->text + d->length)) >= 0x80)
		close++;
	if (*close == '"') {
		d->position = (const char *)close + 1;
		lua_pushlstring(d->L, token + 1, (size_t)(d->position - token) - 2);
		return true;
	}
	bool lone = false;
	size_t size = json_string_size(token, &lone);
	if (!(lone ? parse_replaced(d) : parse_tree(d)))
		return false;
	/* cJSON writes \u0000 as it does any byte; only its length is not known from the tree. */
	lua_pushlstring(d->L, d->tree->valuestring, size);
	free_tree(d);
	return true;
}

/* [-0, +1, m] pushes the number at `position` */
static void push_number(struct decoder *d)
{
	const char *token = d->position;
	size_t length = json_number_size(token);
	int64_t integer;
	double number;
	d->position += length;
	switch (json_number_read(token, length, &integer, &number)) {
	case JSON_NUMBER_INTEGER:
		compat_pushint64(d->L, integer);
		break;
	case JSON_NUMBER_DOUBLE:
		lua_pushnumber(d->L, number);
		break;
	case JSON_NUMBER_TEXT:
		lua_pushlstring(d->L, token, length);
	}
}

static void skip_white(struct decoder *d)
{
	d->position = (const char *)skip_space((cursor)d->position, (cursor)d->text + d->length);
}

/* [-0, +1, m] pushes the array or object at `position` */
static bool push_walked(struct decoder *d, const struct json_container *container)
{
	lua_State *L = d->L;
	if (container->same > 0) {
		lua_pushvalue(L, SLOT_KEPT + container->same - 1);
		d->position = d->text + container->end;
		return true;
	}
	bool object = *d->position == '{';
	if (object)
		lua_createtable(L, 0, (int)container->count);
	else
		push_array_table(L, (int)container->count);
	for (uint32_t i = 1; i <= container->count; i++) {
		d->position++;
		skip_white(d);
		if (object) {
			if (!push_string(d))
				return false;
			skip_white(d);
			d->position++;
			skip_white(d);
		}
		if (!push_value(d))
			return false;
		if (object)
			lua_rawset(L, -3);
		else
			lua_rawseti(L, -2, (int)i);
		skip_white(d);
	}
	d->position = d->text + container->end;
	if (container->kept > 0) {
		lua_pushvalue(L, -1);
		lua_replace(L, SLOT_KEPT + container->kept - 1);
	}
	return true;
}

/* [-0, +1, m] pushes the value at `position` and goes behind it */
static bool push_value(struct decoder *d)
{
	switch (*d->position) {
	case '"':
		return push_string(d);
	case 'n':
		lua_pushlightuserdata(d->L, NULL);
		d->position += strlen("null");
		return true;
	case 't':
		lua_pushboolean(d->L, 1);
		d->position += strlen("true");
		return true;
	case 'f':
		lua_pushboolean(d->L, 0);
		d->position += strlen("false");
		return true;
	case '{':
	case '[':
		if (d->walked_left == 0 || d->position != d->text + d->walked->start)
			return push_tree(d);
		d->walked_left--;
		return push_walked(d, d->walked++);
	default:
		push_number(d);
		return true;
	}
}

/* The protected part: [-1, +1, e] replaces the decoder by the value; leaves nothing where `no_memory` is set */
static int decode_protected(lua_State *L)
{
	struct decoder *d = lua_touserdata(L, SLOT_DECODER);
	json_push_array_metatable(L);
	lua_settop(L, SLOT_COUNT);
	/* Two slots for each open container, a few for the innermost value. */
	d->no_memory = !lua_checkstack(L, (int)d->scan.depth * 2 + 8);
	if (d->no_memory)
		return 0;
	if (d->length >= COLLECTOR_TEXT)
		d->held = compat_gc_hold(L, (d->length - d->scan.repeated) * MEMORY_PER_BYTE);
	skip_white(d);
	if (*d->position == '{' || *d->position == '[')
		return push_walked(d, &d->scan.outermost);
	return push_value(d);
}

/* [-0, +1, m] */
static void push_scan_error(lua_State *L, const struct json_scan *scan)
{
	char text[96];
	snprintf(text, sizeof text, "%s at byte %zu", scan->error, scan->offset + 1);
	lua_pushstring(L, text);
}

enum json_status json_decode(lua_State *L, const char *text, size_t length)
{
	struct decoder d = {.L = L, .position = text, .text = text, .length = length};
	int top = lua_gettop(L);
	int thrown = LUA_OK;
	/* These two can throw, so they come before the first allocation. */
	lua_pushcfunction(L, decode_protected);
	lua_pushlightuserdata(L, &d);
	enum json_status status = json_scan(&d.scan, text, length);
	if (status == JSON_OK) {
		d.walked = (const struct json_container *)(const void *)d.scan.walked.data;
		d.walked_left = d.scan.walked.length / sizeof *d.walked;
		thrown = lua_pcall(L, 1, 1, 0);
	}
	cJSON_Delete(d.tree);
	json_scan_free(&d.scan);
	if (d.held)
		compat_gc_release(L);
	if (thrown != LUA_OK)
		return lua_error(L);
	if (d.no_memory)
		status = JSON_NO_MEMORY;
	if (status == JSON_OK)
		return status;
	lua_settop(L, top);
	if (status == JSON_NO_MEMORY)
		lua_pushliteral(L, "out of memory");
	else
		push_scan_error(L, &d.scan);
	return status;
}
