rockspec_format = "3.0"
package = "mistral-workflows"
version = "scm-1"

source = {
  -- Not used by `luarocks make`, which builds the tree it is called in.
  url = "git+file://.",
}

description = {
  summary = "Client for the Mistral Workflows REST API",
  detailed = [[
    Finds workflows and their registrations, runs them, follows them live, waits for and reads their results, and
    manages them. Built on libcurl and cJSON; blocking, in coroutines, and in nginx without blocking a worker.]],
  license = "MIT",
  labels = { "http", "rest", "client", "mistral", "workflows" },
}

dependencies = { "lua >= 5.1, < 5.6" }

-- Libraries only: LuaRocks looks for headers in include/ alone, and Debian keeps curl.h in include/<triplet>/. A header
-- that is missing is reported by the C sources, with the package to install.
external_dependencies = {
  CURL = { library = "curl" },
  CJSON = { library = "cjson" },
}

-- The Makefile, because the module needs compiler flags that the builtin type cannot pass (hidden visibility above all: only
-- luaopen_* may leave the module), and because so there is one list of the files and one way to build them.
build = {
  type = "make",
  variables = {
    BUILD = "build/luarocks$(LUA_INCDIR)", -- another one for each Lua
    LUA_INCDIR = "$(LUA_INCDIR)",
    CURL_INCDIR = "$(CURL_INCDIR)",
    CURL_LIBDIR = "$(CURL_LIBDIR)",
    CJSON_INCDIR = "$(CJSON_INCDIR)",
    CJSON_LIBDIR = "$(CJSON_LIBDIR)",
    CFLAGS = "$(CFLAGS)",
    LIBFLAG = "$(LIBFLAG)",
  },
  install_variables = {
    INST_LUADIR = "$(LUADIR)",
    INST_LIBDIR = "$(LIBDIR)",
    INST_BINDIR = "$(BINDIR)",
    INST_SHAREDIR = "", -- LuaRocks has no place for completion scripts and man pages
  },
}

test_dependencies = { "busted" }
test = { type = "busted" }
