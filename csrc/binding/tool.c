#include "binding/tool.h"

#include "base/sha256.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* How often SIGINT came since it is caught, and what is written before it ends the process. */
static volatile sig_atomic_t interrupts;
static char farewell[16];

/* The first one only counts: the program looks. The second one ends the process. */
static void note_interrupt(int number)
{
	interrupts++;
	if (interrupts > 1) {
		if (write(STDERR_FILENO, farewell, strlen(farewell)) < 0)
			interrupts = 2;
		signal(number, SIG_DFL);
		raise(number);
	}
}

/* [-0, +2|+1, v] tool.terminal(descriptor): columns and rows of the terminal, 0 where it does not say; nil for no
 * terminal */
static int tool_terminal(lua_State *L)
{
	int descriptor = (int)luaL_checkinteger(L, 1);
	struct winsize size = {0};
	if (!isatty(descriptor)) {
		lua_pushnil(L);
		return 1;
	}
	ioctl(descriptor, TIOCGWINSZ, &size);
	lua_pushinteger(L, size.ws_col);
	lua_pushinteger(L, size.ws_row);
	return 2;
}

/* [-0, +1, v] tool.is_closed(descriptor): nobody can read any longer what is written there */
static int tool_is_closed(lua_State *L)
{
	struct pollfd request = {.fd = (int)luaL_checkinteger(L, 1)};
	lua_pushboolean(L, poll(&request, 1, 0) > 0 && (request.revents & (POLLERR | POLLHUP | POLLNVAL)) != 0);
	return 1;
}

/*
** [-0, +0, v] tool.catch_interrupts(text): from now on the first SIGINT is counted; the second writes the text, of up
*to 15
** bytes, to standard error and ends the process
*/
static int tool_catch_interrupts(lua_State *L)
{
	struct sigaction action = {.sa_handler = note_interrupt};
	snprintf(farewell, sizeof farewell, "%s", luaL_checkstring(L, 1));
	interrupts = 0;
	sigaction(SIGINT, &action, NULL);
	return 0;
}

/* [-0, +1, -] tool.interrupts(): how many were counted */
static int tool_interrupts(lua_State *L)
{
	lua_pushinteger(L, interrupts);
	return 1;
}

/* [-0, +0, v] tool.die(name): ends the process as the signal INT or PIPE does, so that a shell knows */
static int tool_die(lua_State *L)
{
	static const char *const names[] = {"INT", "PIPE", NULL};
	static const int numbers[] = {SIGINT, SIGPIPE};
	int number = numbers[luaL_checkoption(L, 1, NULL, names)];
	signal(number, SIG_DFL);
	raise(number);
	return 0;
}

/* [-0, +1, v] tool.sha256(text): in hexadecimal */
static int tool_sha256(lua_State *L)
{
	size_t length;
	const char *text = luaL_checklstring(L, 1, &length);
	unsigned char digest[SHA256_SIZE];
	char hexadecimal[2 * SHA256_SIZE + 1];
	sha256(text, length, digest);
	for (size_t i = 0; i < sizeof digest; i++)
		snprintf(hexadecimal + 2 * i, 3, "%02x", digest[i]);
	lua_pushlstring(L, hexadecimal, 2 * sizeof digest);
	return 1;
}

static const luaL_Reg tool_functions[] = {
	{"terminal", tool_terminal},
	{"is_closed", tool_is_closed},
	{"catch_interrupts", tool_catch_interrupts},
	{"interrupts", tool_interrupts},
	{"die", tool_die},
	{"sha256", tool_sha256},
	{NULL, NULL},
};

int tool_new(lua_State *L)
{
	lua_createtable(L, 0, sizeof tool_functions / sizeof *tool_functions - 1);
	luaL_setfuncs(L, tool_functions, 0);
	return 1;
}
