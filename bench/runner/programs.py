"""The programs that rows compare: ours on two Luas, the references in C, the peers."""

import dataclasses
import os

from .measure import BUILD, ROOT


@dataclasses.dataclass
class Program:
    """`command` holds `{n}` where the size of the work belongs, `{20n}` where 20 times as much."""
    name: str
    command: list
    environment: dict = dataclasses.field(default_factory=dict)
    n: int | None = None  # where it is given less to do than the others
    ours: bool = False


LUAS = [("5.4", "lua5.4", "5.4"), ("LuaJIT", "luajit", "luajit")]
ALL_LUAS = [*LUAS, ("5.1", "lua5.1", "5.1"), ("5.3", "lua5.3", "5.3")]


def _lua(name, lua, build, file, arguments, **more):
    environment = {
        "LUA_PATH": ";".join("%s/%s" % (ROOT, path) for path in ("?.lua", "lua/?.lua", "lua/?/init.lua")) + ";;",
        "LUA_CPATH": "%s/build/%s/?.so;;" % (ROOT, build),
        "BENCH_LUA": lua,
    }
    return Program(name, [lua, "%s/bench/programs/%s" % (ROOT, file), *arguments.split()], environment, **more)


def ours(arguments, file="mistral.lua", luas=tuple(LUAS)):
    return [_lua("ours, %s" % name, lua, build, file, arguments, ours=True) for name, lua, build in luas]


def reference(arguments, name="C"):
    program, *rest = arguments.split()
    return Program(name, [os.path.join(BUILD, program), *rest])


def peer(library, arguments, n=None):
    """A library for Lua, on LuaJIT; lua-curl, which Debian has for Lua 5.1 and LuaJIT, on both of them."""
    on = [("LuaJIT", "luajit")] + ([("5.1", "lua5.1")] if library == "lua-curl" else [])
    return [_lua("%s, %s" % (library, name), lua, name, "peers.lua", "%s %s" % (library, arguments), n=n)
            for name, lua in on]


def sdk(arguments, n=None):
    return Program("TypeScript SDK", ["node", "%s/bench/programs/sdk.mjs" % ROOT, *arguments.split()],
                   {"BENCH_SDK": os.path.join(BUILD, "sdk")}, n)


def codec(library, task, case, n=None):
    name = "ours" if library == "mistral" else library
    return [_lua("%s, %s" % (name, lua_name), lua, build, "json.lua", "%s %s %s {n}" % (library, task, case), n=n,
                 ours=library == "mistral") for lua_name, lua, build in LUAS]


def script(name, file, arguments, mine=False):
    return Program(name, ["python3", "%s/bench/programs/%s" % (ROOT, file), *arguments.split()], ours=mine)
