/*
** Decoding and encoding with the N-th allocation failing, for N = 1, 2, 3 …
** until none fails: in Lua, and in C (ours and cJSON's). Nothing may leak, and
** the same state must do the same work afterwards.
**
** Links Lua 5.4 and the binding's side of the codec. malloc is replaced in this
** program; a sanitizer brings its own, and then only Lua's allocations fail.
*/
#if defined(__has_include)
#if __has_include(<lua.h>)
#define WITH_LUA 1
#endif
#endif

#ifndef WITH_LUA

#include <stdio.h>

int main(void)
{
	puts("1..1\nok 1 - built without Lua # SKIP");
	return 0;
}

#else

#include "binding/json.h"
#include "json/chains.h"
#include "json/decode.h"
#include "json/encode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The allocation that fails counts down to 0; below 0 none does. */
struct failing {
	long countdown;
	bool once; /* else every later one fails, too */
	bool reached;
	long blocks; /* alive */
};

static struct failing in_lua = {.countdown = -1};
static struct failing in_c = {.countdown = -1};

static bool fails_now(struct failing *failing)
{
	if (failing->countdown < 0 || (failing->reached && failing->once))
		return false;
	if (failing->countdown > 0 && --failing->countdown > 0)
		return false;
	failing->reached = true;
	return true;
}

static void arm(struct failing *failing, long countdown, bool once)
{
	failing->countdown = countdown;
	failing->once = once;
	failing->reached = false;
}

#if defined(__SANITIZE_ADDRESS__) || !defined(__GLIBC__)
#define C_ALLOCATIONS_FAIL 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define C_ALLOCATIONS_FAIL 0
#endif
#endif

#ifndef C_ALLOCATIONS_FAIL
#define C_ALLOCATIONS_FAIL 1

/* They are those of the libraries, too: what is hidden here would not be found there. */
#pragma GCC visibility push(default)

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);
void __libc_free(void *block);

void *malloc(size_t size)
{
	void *block = fails_now(&in_c) ? NULL : __libc_malloc(size);
	in_c.blocks += block != NULL;
	return block;
}

void *calloc(size_t count, size_t size)
{
	void *block = fails_now(&in_c) ? NULL : __libc_calloc(count, size);
	in_c.blocks += block != NULL;
	return block;
}

void *realloc(void *block, size_t size)
{
	void *moved = fails_now(&in_c) ? NULL : __libc_realloc(block, size);
	in_c.blocks += block == NULL && moved != NULL;
	return moved;
}

void free(void *block)
{
	in_c.blocks -= block != NULL;
	__libc_free(block);
}

#pragma GCC visibility pop

#else

#define __libc_realloc realloc
#define __libc_free free

#endif

/* Lua's allocator: apart from the one of C, so that each has its own count. */
static void *allocate(void *context, void *block, size_t old_size, size_t new_size)
{
	struct failing *failing = context;
	if (new_size == 0) {
		failing->blocks -= block != NULL;
		__libc_free(block);
		return NULL;
	}
	if ((block == NULL || new_size > old_size) && fails_now(failing))
		return NULL;
	void *moved = __libc_realloc(block, new_size);
	failing->blocks += block == NULL && moved != NULL;
	return moved;
}

/* decode(text) -> value, or of an object what the light userdata wants */
static int decode(lua_State *L)
{
	size_t length;
	const struct json_field *wanted = lua_touserdata(L, lua_upvalueindex(1));
	const char *text = lua_tolstring(L, 1, &length);
	int top = lua_gettop(L);
	bool decoded = json_decode(L, text, length, SIZE_MAX, wanted) == JSON_OK;
	assert_int_equal(lua_gettop(L), top + 1);
	if (!decoded)
		return lua_error(L);
	return 1;
}

/* encode(value) -> text; the buffer is the program's, so that a leak is not repaired by the collector */
static int encode(lua_State *L)
{
	struct buffer *out = lua_touserdata(L, lua_upvalueindex(1));
	int top = lua_gettop(L);
	bool encoded = json_encode(L, 1, out, "input", NULL);
	assert_int_equal(lua_gettop(L), top + !encoded);
	if (!encoded)
		return lua_error(L);
	lua_pushlstring(L, out->data, out->length);
	return 1;
}

/* again(json, text) -> text: the codec as programs use it */
static int again(lua_State *L)
{
	lua_getfield(L, 1, "decode");
	lua_pushvalue(L, 2);
	lua_call(L, 1, 2);
	if (lua_isnil(L, -2))
		return lua_error(L);
	lua_pop(L, 1);
	lua_getfield(L, 1, "encode");
	lua_insert(L, -2);
	lua_call(L, 1, 2);
	if (lua_isnil(L, -2))
		return lua_error(L);
	lua_pop(L, 1);
	return 1;
}

static int open(lua_State *L)
{
	json_open(L);
	return 1;
}

/* All that is needed stands at 1 and above: function, arguments. Calls a copy of it with one result. */
static int call(lua_State *L)
{
	int top = lua_gettop(L);
	for (int i = 1; i <= top; i++)
		lua_pushvalue(L, i);
	return lua_pcall(L, top - 1, 1, 0);
}

static void check_failure(lua_State *L, int status)
{
	assert_int_equal(lua_type(L, -1), LUA_TSTRING);
	const char *message = lua_tostring(L, -1);
	if (strcmp(message, "out of memory") != 0 && strcmp(message, "not enough memory") != 0)
		fail_msg("status %d: %s", status, message);
}

/* The call on the stack: `buffer`, if not NULL, is emptied after each. */
static void sweep(lua_State *L, struct failing *failing, bool once, struct buffer *buffer)
{
	int top = lua_gettop(L);
	bool reached = true;
	lua_gc(L, LUA_GCCOLLECT, 0);
	for (long n = 1; reached; n++) {
		long blocks = in_c.blocks;
		assert_true(lua_checkstack(L, top + 4));
		arm(failing, n, once);
		int status = call(L);
		reached = failing->reached;
		arm(failing, -1, false);
		if (status != LUA_OK)
			check_failure(L, status);
		else if (!once)
			assert_false(reached);
		lua_settop(L, top);
		if (buffer != NULL)
			buffer_free(buffer);
		/* What the codec may leave to the collector is a userdata's. */
		if (in_c.blocks != blocks)
			lua_gc(L, LUA_GCCOLLECT, 0);
		assert_int_equal(in_c.blocks, blocks);
#ifdef LUA_GCISRUNNING
		assert_int_equal(lua_gc(L, LUA_GCISRUNNING, 0), 1);
#endif
	}
	assert_int_equal(call(L), LUA_OK);
	lua_settop(L, top + 1);
	lua_replace(L, 1);
	lua_settop(L, 1);
	if (buffer != NULL)
		buffer_free(buffer);
}

static void sweep_all(
	lua_State *L, void (*push)(lua_State *, const void *), const void *argument, struct buffer *buffer)
{
	struct failing *const failing[] = {&in_lua, &in_lua, &in_c, &in_c};
	for (int i = 0; i < (C_ALLOCATIONS_FAIL ? 4 : 2); i++) {
		lua_settop(L, 0);
		push(L, argument);
		sweep(L, failing[i], i % 2 == 1, buffer);
	}
}

static void push_decode(lua_State *L, const void *text)
{
	lua_pushlightuserdata(L, (void *)(uintptr_t)&json_all);
	lua_pushcclosure(L, decode, 1);
	lua_pushstring(L, text);
}

/* Of a text whose keys have to be read before they can be compared. */
static void push_decode_members(lua_State *L, const void *wanted)
{
	lua_pushlightuserdata(L, (void *)(uintptr_t)wanted);
	lua_pushcclosure(L, decode, 1);
	lua_pushliteral(L, "[{\"\\u0061\":\"x\",\"\\u0062\":\"\\n\"},{\"\\u0061\":{}}]");
}

/* json.shape { fields = { { "a", "b" }, { "a", "c" } } } */
static void push_shape(lua_State *L, const void *unused)
{
	(void)unused;
	json_open(L);
	lua_getfield(L, -1, "shape");
	lua_replace(L, -2);
	assert_int_equal(luaL_dostring(L, "return { fields = { { 'a', 'b' }, { 'a', 'c' } } }"), LUA_OK);
}

static void push_again(lua_State *L, const void *text)
{
	lua_pushcfunction(L, again);
	json_open(L);
	lua_pushstring(L, text);
}

static void push_open(lua_State *L, const void *unused)
{
	(void)unused;
	lua_pushcfunction(L, open);
}

struct encoding {
	const char *text;
	struct buffer *buffer;
};

static void push_encode(lua_State *L, const void *argument)
{
	const struct encoding *encoding = argument;
	lua_pushlightuserdata(L, encoding->buffer);
	lua_pushcclosure(L, encode, 1);
	assert_int_equal(json_decode(L, encoding->text, strlen(encoding->text), SIZE_MAX, &json_all), JSON_OK);
}

/* A page whose two lists are the same, with tokens of every kind that are read from the text. */
static char *page(size_t items)
{
	static const char item[] =
		"{\"id\":1234567890123456789,\"ratio\":0.5,\"name\":\"a\\u0000b\",\"tags\":[\"x\",\"\\n\"],"
		"\"input\":{\"type\":\"object\",\"properties\":{\"x\":{\"type\":\"string\"}}},\"e\":1e400}";
	char *text = malloc(2 * items * sizeof item + 100);
	assert_non_null(text);
	char *p = text + sprintf(text, "{\"a\":");
	for (int list = 0; list < 2; list++) {
		for (size_t i = 0; i < items; i++)
			p += sprintf(p, "%c%s", i == 0 ? '[' : ',', item);
		p += sprintf(p, "]%s", list == 0 ? ",\"b\":" : "}");
	}
	return text;
}

static const char *const texts[] = {"null", "\"a\\n\"", "1e400", "[]", "[[],{},null,\"a\\n\",{\"a\\n\":[0.5]}]",
	"{\"\\ud83d\":\"a\\udc00\"}",
	"{\"execution_id\":\"0000\",\"status\":\"RUNNING\",\"end_time\":null,\"result\":{\"pages\":12,\"tags\":[\"a\"]}"
	"}",
	"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"
	"]]]]]]]]]]]"};

static void sweep_text(lua_State *L, const char *text)
{
	struct buffer buffer = {.limit = 1 << 30};
	struct encoding encoding = {.text = text, .buffer = &buffer};
	sweep_all(L, push_decode, text, NULL);
	sweep_all(L, push_encode, &encoding, &buffer);
	sweep_all(L, push_again, text, NULL);
}

static int with_state(void **state)
{
	*state = lua_newstate(allocate, &in_lua);
	return *state == NULL;
}

static int close_state(void **state)
{
	lua_close(*state);
	return in_lua.blocks != 0;
}

static void test_open(void **state)
{
	sweep_all(*state, push_open, NULL, NULL);
}

static void test_small_texts(void **state)
{
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		sweep_text(*state, texts[i]);
}

static void test_large_text(void **state)
{
	/* Large enough for the repetition to be recognised and for the collector to be held. */
	char *text = page(150);
	sweep_all(*state, push_decode, text, NULL);
	free(text);
}

static void test_page(void **state)
{
	char *text = page(4);
	sweep_text(*state, text);
	free(text);
}

static void test_shapes(void **state)
{
	struct json_field shape = {.wanted = JSON_MEMBERS};
	struct json_field *member = json_field_add(&shape, "a", 1);
	assert_non_null(member);
	member->wanted = JSON_ALL;
	sweep_all(*state, push_decode_members, &shape, NULL);
	json_field_free_members(&shape);
	sweep_all(*state, push_shape, NULL, NULL);
}

static void test_chains(void **state)
{
	(void)state;
	static const char strings[100];
	long blocks = in_c.blocks;
	struct chains chains = {0};
	assert_int_equal(chains_open(&chains, 100, 1000), CHAINS_OK);
	for (uint32_t i = 0; i < 100; i++)
		assert_int_equal(chains_add(&chains, i, &strings[i]), CHAINS_OK);
	chains_free(&chains);
	assert_int_equal(in_c.blocks, blocks);
#if C_ALLOCATIONS_FAIL
	arm(&in_c, 1, true);
	assert_int_equal(chains_open(&chains, 100, 1000), CHAINS_NO_MEMORY);
	arm(&in_c, 2, true);
	chains = (struct chains){0};
	assert_int_equal(chains_open(&chains, 100, 1000), CHAINS_OK);
	assert_int_equal(chains_add(&chains, 1, &strings[1]), CHAINS_NO_MEMORY);
	arm(&in_c, -1, false);
	chains_free(&chains);
	assert_int_equal(in_c.blocks, blocks);
#endif
}

/* What is larger than the buffer may become is refused wherever it comes to its end, and nothing is written there. */
static void limit_each_byte(lua_State *L, const char *text, const struct json_style *style)
{
	struct buffer whole = {.limit = SIZE_MAX / 2};
	assert_int_equal(json_decode(L, text, strlen(text), SIZE_MAX, &json_all), JSON_OK);
	assert_true(json_encode(L, 1, &whole, NULL, style));
	for (size_t limit = 0; limit <= whole.length; limit++) {
		char message[64];
		struct buffer out = {.limit = limit};
		bool encoded = json_encode(L, 1, &out, NULL, style);
		assert_int_equal(encoded, limit == whole.length);
		assert_true(out.length <= limit);
		snprintf(message, sizeof message, "larger than %zu bytes", limit);
		if (!encoded)
			assert_string_equal(lua_tostring(L, -1), message);
		assert_memory_equal(encoded || out.length == 0 ? whole.data : out.data, whole.data, out.length);
		lua_settop(L, 1);
		buffer_free(&out);
	}
	buffer_free(&whole);
	lua_settop(L, 0);
}

static void test_limits(void **state)
{
	const struct json_style styles[] = {{.indent = 0}, {.indent = 3, .sort_keys = true}};
	for (size_t style = 0; style < sizeof styles / sizeof *styles; style++)
		for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
			limit_each_byte(*state, texts[i], &styles[style]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_chains),
		cmocka_unit_test_setup_teardown(test_shapes, with_state, close_state),
		cmocka_unit_test_setup_teardown(test_limits, with_state, close_state),
		cmocka_unit_test_setup_teardown(test_open, with_state, close_state),
		cmocka_unit_test_setup_teardown(test_small_texts, with_state, close_state),
		cmocka_unit_test_setup_teardown(test_page, with_state, close_state),
		cmocka_unit_test_setup_teardown(test_large_text, with_state, close_state),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

#endif
