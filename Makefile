# Every task of the project. `make help` lists them.
# LUA is 5.4, 5.3, 5.1 or luajit, or 5.5 with LUA_INCDIR and LUA_BIN; each has its own build/<lua>/.

LUA ?= 5.4
ifeq ($(filter 5.1 5.3 5.4 5.5 luajit,$(LUA)),)
$(error LUA=$(LUA) is not supported: LUA is 5.4, 5.3, 5.1 or luajit (5.5 with LUA_INCDIR and LUA_BIN))
endif
BUILD ?= build/$(LUA)
CC ?= cc
CFLAGS ?= -O2 -g
PREFIX ?= /usr/local
PKG_CONFIG ?= pkg-config
LUAROCKS ?= luarocks

ifeq ($(LUA),luajit)
LUA_BIN ?= luajit
LUA_PC ?= luajit
LUA_API := 5.1
else
LUA_BIN ?= lua$(LUA)
LUA_PC ?= lua$(LUA)
LUA_API := $(LUA)
endif

# pkg-config only gives defaults: whatever is set by the caller is used as it is. LuaRocks sets the *DIR variables.
ask_pkg_config = $(shell $(PKG_CONFIG) $(1) 2>/dev/null)
LUA_INCDIR ?= $(or $(patsubst -I%,%,$(firstword $(call ask_pkg_config,--cflags-only-I $(LUA_PC)))),/usr/include/lua$(LUA_API))
CURL_CFLAGS ?= $(CURL_INCDIR:%=-I%) $(call ask_pkg_config,--cflags libcurl)
CURL_LIBS ?= $(CURL_LIBDIR:%=-L%) $(or $(call ask_pkg_config,--libs libcurl),-lcurl)
CJSON_CFLAGS ?= $(CJSON_INCDIR:%=-I%) $(call ask_pkg_config,--cflags libcjson)
CJSON_LIBS ?= $(CJSON_LIBDIR:%=-L%) $(or $(call ask_pkg_config,--libs libcjson),-lcjson)
LIBFLAG ?= -shared
INST_LUADIR ?= $(PREFIX)/share/lua/$(LUA_API)
INST_LIBDIR ?= $(PREFIX)/lib/lua/$(LUA_API)
INST_BINDIR ?= $(PREFIX)/bin
INST_SHAREDIR ?= $(PREFIX)/share
INST_DOCDIR ?= $(PREFIX)/share/doc/mistral-workflows

WARNINGS = -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes
C_FLAGS = -std=c11 -D_GNU_SOURCE $(CPPFLAGS) -fPIC -fvisibility=hidden -pthread $(WARNINGS) $(CFLAGS)
ALL_CFLAGS = $(C_FLAGS) -I$(LUA_INCDIR) $(CURL_CFLAGS) $(CJSON_CFLAGS)

# The folders of csrc/ are floors: what each may include. While a file is compiled, no other is in reach.
FLOORS := base api http lua json binding
base_SEES := base
api_SEES := api
http_SEES := base api http
lua_SEES := lua
json_SEES := base lua json
binding_SEES := base api http lua json binding
http_FLAGS = $(CURL_CFLAGS)
lua_FLAGS = -I$(LUA_INCDIR)
json_FLAGS = -I$(LUA_INCDIR) $(CJSON_CFLAGS)
binding_FLAGS = -I$(LUA_INCDIR) $(CURL_CFLAGS)

SOURCES := $(foreach floor,$(FLOORS),$(wildcard csrc/$(floor)/*.c))
OBJECTS := $(SOURCES:csrc/%.c=$(BUILD)/%.o)
MODULE := $(BUILD)/mistral/workflows/core.so
LUA_FILES := $(shell find lua -name '*.lua')
SANDBOX_FILES := $(shell find sandbox -type f)
DOC_FILES := README.md CHANGELOG.md SECURITY.md LICENSE $(shell find docs examples -type f ! -path 'docs/generate/*' ! -path 'docs/pictures/*.lua')
VERSION := $(shell sed -n 's/.*_VERSION = "\(.*\)".*/\1/p' lua/mistral/workflows/init.lua)
ROCKSPEC := rockspec/mistral-workflows-scm-1.rockspec

.PHONY: all env help install uninstall version rockspec rock dist deb clean unit sweep spec-libraries test test-browser mutants demo sandbox \
	sandbox-figures bench bench-docs check check-lint check-format check-cppcheck check-floors check-symbols check-mutants check-docs asan valgrind \
	fuzz docs docs-html answers pictures changed-flags

all: $(MODULE) ## builds the C module for LUA (5.4, 5.3, 5.1, luajit)

$(MODULE): $(OBJECTS)
	@mkdir -p $(@D)
	$(CC) $(LIBFLAG) -pthread $(LDFLAGS) -o $@.new $(OBJECTS) $(CURL_LIBS) $(CJSON_LIBS) -lm
	mv $@.new $@

# Holds the flags of the last build: with others, everything is compiled again. What is missing is said before anything is.
MISSING = $(shell script/missing $(LUA) $(CC) $(ALL_CFLAGS))
$(BUILD)/flags: changed-flags
	$(if $(MISSING),$(error $(MISSING)))
	@mkdir -p $(@D)
	@echo '$(CC) $(ALL_CFLAGS) $(LIBFLAG) $(LDFLAGS)' | cmp -s - $@ || echo '$(CC) $(ALL_CFLAGS) $(LIBFLAG) $(LDFLAGS)' >$@

# build/floors/FLOOR holds links to the floors that FLOOR may include.
.PRECIOUS: build/floors/%/made
build/floors/%/made: Makefile
	@rm -rf $(@D) && mkdir -p $(@D)
	@for floor in $($*_SEES); do ln -sfn ../../../csrc/$$floor $(@D)/$$floor || exit 1; done
	@touch $@

define compile_floor
$(BUILD)/$(1)/%.o: csrc/$(1)/%.c build/floors/$(1)/made $(BUILD)/flags
	@mkdir -p $$(@D)
	$$(CC) $$(C_FLAGS) -Ibuild/floors/$(1) $$($(1)_FLAGS) -MMD -MP -c -o $$@ $$<
endef
$(foreach floor,$(FLOORS),$(eval $(call compile_floor,$(floor))))

-include $(OBJECTS:.o=.d)

env: ## prints what makes the tree usable in place: eval "$(make -s env)"
	@echo 'export LUA_PATH="$(CURDIR)/lua/?.lua;$(CURDIR)/lua/?/init.lua;$(CURDIR)/?.lua;;"'
	@echo 'export LUA_CPATH="$(CURDIR)/$(BUILD)/?.so;;"'
	@echo 'export PATH="$(CURDIR)/bin:$$PATH"'

help: ## lists the tasks
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

TOOLS := mistral-workflows mwf

# $(1): files; $(2): what is before their names here; $(3): where they go.
define place
	@for file in $(1); do \
		mkdir -p "$(DESTDIR)$(3)/$$(dirname "$$file")" && test -x "$(2)$$file" && mode=755 || mode=644 && \
		install -m $$mode "$(2)$$file" "$(DESTDIR)$(3)/$$file" || exit 1; \
	done
endef

install: $(MODULE) ## installs to PREFIX/share/lua/X.Y and PREFIX/lib/lua/X.Y (DESTDIR is put in front)
	$(call place,$(LUA_FILES:lua/%=%),lua/,$(INST_LUADIR))
	$(call place,$(SANDBOX_FILES),,$(INST_LUADIR)/mistral/workflows)
	$(call place,$(DOC_FILES),,$(INST_DOCDIR))
	@mkdir -p "$(DESTDIR)$(INST_LIBDIR)/mistral/workflows"
	@install -m 755 $(MODULE) "$(DESTDIR)$(INST_LIBDIR)/mistral/workflows/core.so"
	@mkdir -p "$(DESTDIR)$(INST_BINDIR)"
	@for name in $(TOOLS); do \
		sed '1s/lua5.4$$/$(LUA_BIN)/' bin/mistral-workflows >"$(DESTDIR)$(INST_BINDIR)/$$name" && \
		chmod 755 "$(DESTDIR)$(INST_BINDIR)/$$name" || exit 1; \
	done
ifneq ($(INST_SHAREDIR),)
	@script/install-tool "$(DESTDIR)$(INST_SHAREDIR)" "$(LUA_BIN)" "$(BUILD)"
	@test -n "$(DESTDIR)" || { $(PATHS_ADVICE); }
endif

# What `make install` says at its end, unless the interpreter finds the module already.
define PATHS_ADVICE
cd / && MISTRAL_API_KEY=none "$(LUA_BIN)" -e 'require "mistral.workflows"' >/dev/null 2>&1 || printf '%s\n' \
	"installed; $(LUA_BIN) does not look there by itself:" \
	"export LUA_PATH='$(INST_LUADIR)/?.lua;$(INST_LUADIR)/?/init.lua;;'" \
	"export LUA_CPATH='$(INST_LIBDIR)/?.so;;'"
endef

TOOL_FILES := $(TOOLS:%=bash-completion/completions/%) $(TOOLS:%=fish/vendor_completions.d/%.fish) $(TOOLS:%=man/man1/%.1) \
	zsh/site-functions/_mistral-workflows

uninstall: ## takes away what `make install` with the same PREFIX and DESTDIR has put there
	@for path in "$(INST_LUADIR)/mistral/workflows" "$(INST_LIBDIR)/mistral/workflows" "$(INST_DOCDIR)" \
		$(TOOLS:%="$(INST_BINDIR)/%") $(TOOL_FILES:%="$(INST_SHAREDIR)/%"); do \
		rm -rf "$(DESTDIR)$$path" && cd "$(DESTDIR)/" && case $$path in \
		/usr/bin/* | /usr/local/bin/*) ;; \
		*) rmdir -p ".$${path%/*}" 2>/dev/null || true ;; \
		esac || exit 1; \
	done

rock: ## packs a source and a binary rock with LuaRocks and tries both in empty trees
	@LUAROCKS="$(LUAROCKS)" script/rock $(LUA)

RELEASE := mistral-workflows-$(VERSION)
SOURCE_URL ?= file://$(CURDIR)/build/$(RELEASE).tar.gz

version: ## prints the version, which stands in lua/mistral/workflows/init.lua
	@echo $(VERSION)

rockspec: ## makes the rockspec of the version, in build/; SOURCE_URL is where the tarball will be
	@mkdir -p build
	@sed -e 's|^version = .*|version = "$(VERSION)-1"|' -e '/Not used by .luarocks make/d' -e 's|  url = .*|  url = "$(SOURCE_URL)",|' \
		$(ROCKSPEC) >build/$(RELEASE)-1.rockspec

# The same commit gives the same bytes, wherever and whenever: names, modes and times are those of the commit.
dist: rockspec ## makes the tarball of what is committed, and its rockspec, in build/
	@git rev-parse --verify -q HEAD >/dev/null 2>&1 || { echo "make dist needs the git repository" >&2; exit 1; }
	@git -c tar.umask=0022 -c core.autocrlf=false archive --format=tar --prefix=$(RELEASE)/ HEAD | gzip -9n >build/$(RELEASE).tar.gz

deb: ## builds Debian's package, lua-mistral-workflows, in build/deb/
	@script/deb

clean: ## removes everything that was built
	rm -rf build

# The C core knows no Lua: its tests are built without a Lua header in reach.
LUAS ?= 5.4 luajit 5.1 5.3
CORE := $(wildcard csrc/base/*.c csrc/api/*.c csrc/http/*.c) \
	$(addprefix csrc/json/,number.c scan.c shape.c escape.c chains.c)
UNIT ?= build/c
CORE_OBJECTS := $(CORE:csrc/%.c=$(UNIT)/%.o)
UNIT_TESTS := $(patsubst spec/c/%.c,$(UNIT)/%,$(wildcard spec/c/test_*.c))

$(UNIT)/%.o: csrc/%.c
	@mkdir -p $(@D)
	$(CC) $(C_FLAGS) $(CURL_CFLAGS) $(CJSON_CFLAGS) -Icsrc -MMD -MP -c -o $@ $<

$(UNIT)/test_%: spec/c/test_%.c $(wildcard spec/c/*.h) $(CORE_OBJECTS)
	$(CC) $(filter-out -I$(LUA_INCDIR),$(ALL_CFLAGS)) -Icsrc $(LDFLAGS) -o $@ $< $(CORE_OBJECTS) \
		-lcmocka $(CURL_LIBS) $(CJSON_LIBS) -lm

$(UNIT)/test_json_portable: spec/c/test_json_scan.c

-include $(CORE_OBJECTS:.o=.d)

# The codec with memory that ends needs a Lua.
$(UNIT)/test_json_memory: spec/c/test_json_memory.c $(wildcard csrc/json/*.[ch]) $(addprefix csrc/binding/,json.c shape.c push.c) csrc/lua/type.c csrc/base/buffer.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -Icsrc $(LDFLAGS) -o $@ $< $(filter %.c,$(filter-out $<,$^)) \
		-lcmocka $(CJSON_LIBS) -l$(LUA_BIN) -lm

unit: $(UNIT_TESTS)

# What specs need of C: a Lua module with fork, and a library that is preloaded.
SPEC_LIBRARIES := $(BUILD)/spec/support/fork.so build/spec/slow_resolver.so

$(BUILD)/spec/support/fork.so: spec/support/fork.c
build/spec/slow_resolver.so: spec/support/slow_resolver.c
$(SPEC_LIBRARIES):
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -fvisibility=default $(LIBFLAG) $(LDFLAGS) -o $@ $<

spec-libraries: $(SPEC_LIBRARIES)

# With FAST=1, for after each change: LUA alone, and not the tests that take long.
ifneq ($(FAST),)
LUAS := $(LUA)
endif
test: unit $(if $(FAST),,sweep) ## builds for every Lua in LUAS and runs all tests; FAST=1: in a minute, on LUA alone
	@for lua in $(LUAS); do $(MAKE) -s LUA=$$lua all spec-libraries || exit 1; done
	@LUAS="$(LUAS)" FAST="$(FAST)" spec/run

mutants: ## puts mistakes into a copy and tells which of them no test notices; FILE=PART and EVERY=3 choose, NAMED=1 is quick
	@mkdir -p build
	@FILE="$(FILE)" EVERY="$(or $(EVERY),1)" NAMED="$(NAMED)" JOBS="$(or $(JOBS),2)" flock build/mutants.lock script/mutants

SANITIZE := -O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined

# Memory that ends at each allocation in turn: see spec/memory/sweep.c. The module is one of its own, whose
# allocations go through the program.
SWEEP := $(UNIT)/test_sweep
WRAP := -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=strdup
sweep: ## builds the allocation sweep
	@$(MAKE) -s LUA=5.4 BUILD=build/sweep CFLAGS="-g $(SANITIZE)" LDFLAGS="$(SANITIZE) $(WRAP)" all
	@$(MAKE) -s LUA=5.4 CFLAGS="-g $(SANITIZE)" $(SWEEP)

$(SWEEP): spec/memory/sweep.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -Wno-missing-prototypes -rdynamic -o $@ $< -llua5.4

# The same code with AddressSanitizer, UndefinedBehaviorSanitizer and, at exit, LeakSanitizer.
ASAN_LUA ?= 5.4
asan: ## C unit tests and specs of ASAN_LUA with sanitizers
	@$(MAKE) -s LUA=$(ASAN_LUA) BUILD=build/asan/$(ASAN_LUA) UNIT=build/asan/c CFLAGS="-g $(SANITIZE)" LDFLAGS="$(SANITIZE)" \
		all unit spec-libraries
	@LUAS=$(ASAN_LUA) SPEC_BUILD=build/asan SPEC_SECONDS=400 SPEC_PRELOAD="$$($(CC) -print-file-name=libasan.so)" \
		ASAN_OPTIONS=detect_leaks=1 LSAN_OPTIONS=suppressions=$(CURDIR)/spec/support/leaks.txt:print_suppressions=0 spec/run

valgrind: unit ## C unit tests with valgrind
	@for program in $(UNIT_TESTS); do \
		echo $$program; \
		valgrind -q --suppressions=spec/support/valgrind.supp --leak-check=full --errors-for-leak-kinds=definite --error-exitcode=1 $$program >/dev/null || exit 1; \
	done

# libFuzzer, a program for each fuzz/fuzz_NAME.c, from the corpus in fuzz/corpus/NAME; what is new goes to build/fuzz.
# What is written in Lua reads random inputs in fuzz/fuzz_NAME.lua.
FUZZ_SECONDS ?= 60
# The codec's sizes are made small, so that small inputs reach all of it.
FUZZ_FLAGS := -O1 -g -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined \
	-DJSON_KEPT_SIZE=12 -DJSON_KNOWN_TEXT=16
FUZZERS := $(patsubst fuzz/fuzz_%.c,%,$(wildcard fuzz/fuzz_*.c))
FUZZ_LUA_SOURCES = $(filter-out csrc/binding/core.c,$(SOURCES))
FUZZERS_IN_LUA := $(wildcard fuzz/fuzz_*.lua)
fuzz: all ## runs each fuzzer for FUZZ_SECONDS; needs clang
	@eval "$$($(MAKE) -s env)" && for file in $(FUZZERS_IN_LUA); do $(LUA_BIN) $$file $(FUZZ_SECONDS) || exit 1; done
	@for name in $(FUZZERS); do \
		mkdir -p build/fuzz/$$name && \
		clang $(filter-out -O% -g,$(ALL_CFLAGS)) $(FUZZ_FLAGS) -Icsrc -o build/fuzz/fuzz_$$name fuzz/fuzz_$$name.c \
			$(FUZZ_LUA_SOURCES) $(CURL_LIBS) $(CJSON_LIBS) -l$(LUA_BIN) -lm && \
		echo "fuzz_$$name: $(FUZZ_SECONDS) s" && \
		build/fuzz/fuzz_$$name -max_total_time=$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=2048 -verbosity=0 \
			-print_final_stats=1 -artifact_prefix=build/fuzz/$$name- build/fuzz/$$name fuzz/corpus/$${name%_*} $$(ls -d fuzz/corpus/$$name 2>/dev/null) \
			2>&1 | grep -E 'number_of_executed|ERROR|Assertion|SUMMARY' ; \
		test -z "$$(ls build/fuzz/$$name-* 2>/dev/null)" || exit 1; \
	done

test-browser: ## tests the page of examples/nginx in Chromium, which it installs
	@script/test-browser

demo: ## runs the quickstart against the sandbox
	@script/demo

BENCH_PROGRAMS := $(patsubst bench/programs/%.c,build/bench/%,$(wildcard bench/programs/*.c))

build/bench/%: bench/programs/%.c bench/programs/bench.h
	@mkdir -p $(@D)
	$(CC) -std=c11 -D_GNU_SOURCE $(WARNINGS) -O2 $(CURL_CFLAGS) $(CJSON_CFLAGS) -o $@ $< $(CURL_LIBS) $(CJSON_LIBS)

bench: $(BENCH_PROGRAMS) ## measures against C programs and peers; ROWS="B1 W2" selects, ROUNDS=1 is quicker
	@for lua in $(LUAS); do $(MAKE) -s LUA=$$lua all || exit 1; done
	@bench/run.py $(ROUNDS:%=--rounds %) $(ROWS)

bench-docs: ## writes the tables and charts of docs/performance.md from what `make bench` has measured
	@bench/run.py --docs

sandbox: ## starts the local Workflows service in the foreground
	@sandbox/run

answers: all ## records the example answers of the reference from the sandbox
	@eval "$$($(MAKE) -s env)" && $(LUA_BIN) docs/generate/record.lua

sandbox-figures: ## measures the sandbox among 20,000 runs that have ended and 10,000 that are waited for
	@python3 spec/support/sandbox_figures.py

docs: all ## makes docs/reference.md, docs/types.md and the type annotations again
	@eval "$$($(MAKE) -s env)" && $(LUA_BIN) docs/generate/main.lua

docs-html: all ## renders the manual into build/html, with a search; needs cmark-gfm
	@eval "$$($(MAKE) -s env)" && $(LUA_BIN) docs/generate/site/main.lua build/html

pictures: all ## makes the pictures of docs/cli.md and README.md from real sessions; needs tmux
	@eval "$$($(MAKE) -s env)" && $(LUA_BIN) docs/generate/pictures.lua

check: check-lint check-format check-cppcheck check-floors check-symbols check-mutants check-docs ## linters, formatters, symbols, generated files

check-lint:
	luacheck -q lua bin/mistral-workflows script/mutants spec sandbox examples docs fuzz bench rockspec .luacheckrc .busted

check-format:
	clang-format --dry-run --Werror $(wildcard csrc/*/*.[ch] spec/c/*.[ch] fuzz/*.[ch] bench/programs/*.[ch])

check-cppcheck:
	cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr --error-exitcode=1 \
		--suppress=missingIncludeSystem -D__linux__ -Icsrc csrc

# That no arrow goes upwards shows when a file is compiled; here, that none goes round.
check-floors:
	@for file in csrc/*/*.[ch]; do \
		from=$${file#csrc/} && sed -n "s!^#include \"\\(.*\\)\\.h\".*!$${from%.*} \1!p" $$file; \
	done | awk '$$1 != $$2' | tsort >/dev/null

check-symbols: all
	@extra=$$(nm -D --defined-only $(MODULE) | awk '$$3 != "luaopen_mistral_workflows_core" { print $$3 }'); \
	if [ -n "$$extra" ]; then echo "exported symbols besides luaopen: $$extra"; exit 1; fi

check-mutants:
	@script/mutants check

check-docs: all
	@eval "$$($(MAKE) -s env)" && $(LUA_BIN) docs/generate/main.lua --check
