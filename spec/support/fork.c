/*
** Processes for the tests, as Lua has none: a module of four functions.
** In the child no Lua state is closed and no exit handler runs, unless the
** test asks for it with os.exit.
*/
#include <lauxlib.h>
#include <lua.h>

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int luaopen_spec_support_fork(lua_State *L);

/* [-0, +1, v] fork.fork(): 0 in the child, the child's process id in the parent */
static int fork_fork(lua_State *L)
{
	pid_t pid = fork();
	if (pid < 0)
		return luaL_error(L, "fork failed");
	lua_pushinteger(L, pid);
	return 1;
}

/* [-0, +1, v] fork.wait(pid): the exit status of the child, or the negative number of the signal that ended it */
static int fork_wait(lua_State *L)
{
	int status;
	if (waitpid((pid_t)luaL_checkinteger(L, 1), &status, 0) < 0)
		return luaL_error(L, "waitpid failed");
	lua_pushinteger(L, WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status));
	return 1;
}

/* [-0, +0, v] fork.leave(status): ends this process at once */
static int fork_leave(lua_State *L)
{
	_exit((int)luaL_checkinteger(L, 1));
}

/* [-0, +0, v] fork.alarm(seconds): ends this process after so many seconds, counted from the last call */
static int fork_alarm(lua_State *L)
{
	alarm((unsigned)luaL_checkinteger(L, 1));
	return 0;
}

int luaopen_spec_support_fork(lua_State *L)
{
	lua_createtable(L, 0, 4);
	lua_pushcfunction(L, fork_fork);
	lua_setfield(L, -2, "fork");
	lua_pushcfunction(L, fork_wait);
	lua_setfield(L, -2, "wait");
	lua_pushcfunction(L, fork_leave);
	lua_setfield(L, -2, "leave");
	lua_pushcfunction(L, fork_alarm);
	lua_setfield(L, -2, "alarm");
	return 1;
}
