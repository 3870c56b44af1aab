#include "binding/time.h"

#include "base/rfc3339.h"
#include "binding/check.h"

#include <math.h>
#include <string.h>

/* The service also writes nanoseconds since 1970, of which there are 19 digits from 2001 to 2286. */
#define NANOSECOND_DIGITS 19

static bool is_nanoseconds(const char *text, size_t length)
{
	return length == NANOSECOND_DIGITS && strspn(text, "0123456789") == length;
}

static double from_nanoseconds(const char *digits)
{
	double micros = 0, rest = 0;
	for (int i = 0; i < NANOSECOND_DIGITS - 3; i++)
		micros = micros * 10 + (digits[i] - '0');
	for (int i = NANOSECOND_DIGITS - 3; i < NANOSECOND_DIGITS; i++)
		rest = rest * 10 + (digits[i] - '0');
	return (micros + rest / 1000) / 1e6;
}

/* [-0, +1|+2, v] time.parse(text): seconds since 1970; or nil and what is wrong with the text */
static int time_parse(lua_State *L)
{
	size_t length;
	double seconds;
	const char *problem = NULL;
	if (lua_isnil(L, 1) || check_is_null(L, 1)) { /* of an answer, where there is none yet */
		lua_pushnil(L);
		lua_pushliteral(L, "there is no time: null");
		return 2;
	}
	luaL_checkany(L, 1);
	const char *text = lua_tolstring(L, 1, &length);
	if (text == NULL) { /* of an answer, where something else stands */
		lua_pushnil(L);
		lua_pushfstring(L, "a time is text or a number, not a %s", luaL_typename(L, 1));
		return 2;
	}
	if (is_nanoseconds(text, length))
		seconds = from_nanoseconds(text);
	else
		problem = rfc3339_parse(text, length, &seconds);
	if (problem != NULL) {
		lua_pushnil(L);
		lua_pushstring(L, problem);
		return 2;
	}
#if COMPAT_HAS_INTEGERS
	if (seconds == floor(seconds)) {
		lua_pushinteger(L, (lua_Integer)seconds);
		return 1;
	}
#endif
	lua_pushnumber(L, seconds);
	return 1;
}

/* [-0, +1|+2, v] time.format(seconds): RFC 3339 in UTC; or nil and what is wrong with the number */
static int time_format(lua_State *L)
{
	char text[RFC3339_SIZE];
	if (!rfc3339_format(luaL_checknumber(L, 1), text)) {
		lua_pushnil(L);
		lua_pushliteral(L, "not a time of the years 0 to 9999");
		return 2;
	}
	lua_pushstring(L, text);
	return 1;
}

void time_open(lua_State *L)
{
	static const luaL_Reg functions[] = {{"parse", time_parse}, {"format", time_format}, {NULL, NULL}};
	lua_newtable(L);
	luaL_setfuncs(L, functions, 0);
}
