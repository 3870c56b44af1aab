# Every task of the project. `make help` lists them.
# LUA is 5.4, 5.3, 5.1 or luajit; each has its own build/<lua>/.

LUA ?= 5.4
BUILD ?= build/$(LUA)
CC ?= cc
CFLAGS ?= -O2 -g
PREFIX ?= /usr/local
PKG_CONFIG ?= pkg-config

ifeq ($(LUA),luajit)
LUA_BIN ?= luajit
LUA_PC ?= luajit
LUA_API := 5.1
else
LUA_BIN ?= lua$(LUA)
LUA_PC ?= lua$(LUA)
LUA_API := $(LUA)
endif

LUA_INCDIR ?= $(patsubst -I%,%,$(firstword $(shell $(PKG_CONFIG) --cflags-only-I $(LUA_PC))))
CURL_CFLAGS ?= $(shell $(PKG_CONFIG) --cflags libcurl)
CURL_LIBS ?= $(or $(shell $(PKG_CONFIG) --libs libcurl),-lcurl)
CJSON_CFLAGS ?= $(shell $(PKG_CONFIG) --cflags libcjson)
CJSON_LIBS ?= $(or $(shell $(PKG_CONFIG) --libs libcjson),-lcjson)
LIBFLAG ?= -shared

WARNINGS = -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes
ALL_CFLAGS = -std=c11 -D_GNU_SOURCE -fPIC -fvisibility=hidden -pthread $(WARNINGS) $(CFLAGS) \
	-I$(LUA_INCDIR) $(CURL_CFLAGS) $(CJSON_CFLAGS)

SOURCES := $(wildcard csrc/*.c)
OBJECTS := $(SOURCES:csrc/%.c=$(BUILD)/%.o)
MODULE := $(BUILD)/mistral/workflows/core.so
LUA_FILES := $(wildcard lua/mistral/workflows/*.lua lua/mistral/workflows/*/*.lua)

.PHONY: all env help install clean unit test demo sandbox bench check check-lint check-format check-cppcheck \
	check-symbols asan fuzz docs dist

all: $(MODULE) ## builds the C module for LUA (5.4, 5.3, 5.1, luajit)

$(MODULE): $(OBJECTS)
	@mkdir -p $(@D)
	$(CC) $(LIBFLAG) -pthread $(LDFLAGS) -o $@ $(OBJECTS) $(CURL_LIBS) $(CJSON_LIBS) -lm

$(BUILD)/%.o: csrc/%.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

-include $(OBJECTS:.o=.d)

env: ## prints what makes the tree usable in place: eval "$(make -s env)"
	@echo 'export LUA_PATH="$(CURDIR)/lua/?.lua;$(CURDIR)/lua/?/init.lua;$(CURDIR)/?.lua;;"'
	@echo 'export LUA_CPATH="$(CURDIR)/$(BUILD)/?.so;;"'

help: ## lists the tasks
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(MODULE) ## installs to PREFIX/share/lua/X.Y and PREFIX/lib/lua/X.Y (DESTDIR is put in front)
	@for file in $(LUA_FILES); do \
		install -D -m 644 $$file "$(DESTDIR)$(PREFIX)/share/lua/$(LUA_API)/$${file#lua/}" || exit 1; \
	done
	install -D -m 755 $(MODULE) "$(DESTDIR)$(PREFIX)/lib/lua/$(LUA_API)/mistral/workflows/core.so"

clean: ## removes everything that was built
	rm -rf build

# The C core knows no Lua: its tests are built without a Lua header in reach.
LUAS ?= 5.4 luajit 5.1 5.3
CORE := buffer endpoint endpoint_table engine engine_epoll engine_poll failure head json_number json_scan sse transfer url
CORE_OBJECTS := $(CORE:%=build/c/%.o)
UNIT_TESTS := $(patsubst spec/c/%.c,build/c/%,$(wildcard spec/c/test_*.c))

build/c/%.o: csrc/%.c
	@mkdir -p $(@D)
	$(CC) $(filter-out -I$(LUA_INCDIR),$(ALL_CFLAGS)) -MMD -MP -c -o $@ $<

build/c/test_%: spec/c/test_%.c $(CORE_OBJECTS)
	$(CC) $(filter-out -I$(LUA_INCDIR),$(ALL_CFLAGS)) -Icsrc $(LDFLAGS) -o $@ $< $(CORE_OBJECTS) \
		-lcmocka $(CURL_LIBS) $(CJSON_LIBS) -lm

-include $(CORE_OBJECTS:.o=.d)

unit: $(UNIT_TESTS)

test: unit ## builds for every Lua in LUAS and runs all tests
	@for lua in $(LUAS); do $(MAKE) -s LUA=$$lua all || exit 1; done
	@LUAS="$(LUAS)" spec/run

demo: ## runs the quickstart against the sandbox
	@script/demo

sandbox: ## starts the local Workflows service in the foreground
	@sandbox/run

check: check-lint check-format check-cppcheck check-symbols ## linters, formatters, symbol check

check-lint:
	luacheck -q lua spec sandbox examples rockspec .luacheckrc .busted

check-format:
	clang-format --dry-run --Werror $(wildcard csrc/*.[ch] spec/c/*.[ch] fuzz/*.[ch] bench/*.[ch])

check-cppcheck:
	cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr --error-exitcode=1 \
		--suppress=missingIncludeSystem -D__linux__ -Icsrc csrc

check-symbols: all
	@extra=$$(nm -D --defined-only $(MODULE) | awk '$$3 != "luaopen_mistral_workflows_core" { print $$3 }'); \
	if [ -n "$$extra" ]; then echo "exported symbols besides luaopen: $$extra"; exit 1; fi
