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

dependencies = { "lua >= 5.1, < 5.6, ~= 5.2" }

-- No file is looked for, because the Makefile says better what is missing; with these, CURL_DIR, CURL_INCDIR and the like
-- reach it.
external_dependencies = { CURL = {}, CJSON = {} }

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
    INST_DOCDIR = "$(PREFIX)",
    INST_SHAREDIR = "", -- LuaRocks has no place for completion scripts and man pages
  },
  -- The Makefile puts them there; without this LuaRocks would make another folder for the pages.
  copy_directories = { "docs", "examples" },
}

test_dependencies = { "busted" }
test = { type = "busted" }
