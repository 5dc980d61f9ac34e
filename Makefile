# sluice: see README. `make help` lists the targets.

VERSION := 0.1.0
PREFIX  ?= /usr/local
BINDIR  ?= $(PREFIX)/bin
MANDIR  ?= $(PREFIX)/share/man
DATADIR ?= $(PREFIX)/share/sluice
# What waits for a network all the time is made small, not fast.
SMALL   := $(if $(filter undefined,$(origin CFLAGS)),-Os)
CFLAGS  ?= -O2 -g
# B: where objects and binaries go; `make B=out` keeps a second build apart.
B       ?= .

JSON   := -ljansson
CRYPTO := -lcrypto
CURL   := -lcurl
EXPAT  := -lexpat
YAML   := -lyaml
# libcrypto and libc before curl: the loader looks there first, and most names are there.
AWS    := $(CRYPTO) -lc $(CURL) $(EXPAT)
DO     := $(CRYPTO) -lc $(CURL) $(YAML)
CLOUDS := $(CRYPTO) -lc $(CURL) $(EXPAT) $(YAML)

# What each filter links beyond Jansson.
$(B)/bin/ami-find:  private LDLIBS += $(AWS)
$(B)/bin/asg-list:  private LDLIBS += $(AWS)
$(B)/bin/asg-rm:    private LDLIBS += $(AWS)
$(B)/bin/asg-roll:  private LDLIBS += $(AWS)
$(B)/bin/aws-call:  private LDLIBS += $(AWS)
$(B)/bin/aws-sign:  private LDLIBS += $(CRYPTO)
$(B)/bin/bake-spec: private LDLIBS += $(YAML)
$(B)/bin/do-droplets: private LDLIBS += $(DO)
$(B)/bin/do-keys:   private LDLIBS += $(DO) $(CRYPTO)
$(B)/bin/do-records: private LDLIBS += $(DO)
$(B)/bin/http-send: private LDLIBS += $(CURL)
$(B)/bin/img-bake:  private LDLIBS += $(CLOUDS)
$(B)/bin/img-copy:  private LDLIBS += $(CLOUDS)
$(B)/bin/img-list:  private LDLIBS += $(CLOUDS)
$(B)/bin/img-rm:    private LDLIBS += $(CLOUDS)
$(B)/bin/run-reap:  private LDLIBS += $(CLOUDS)
$(B)/bin/ssh-run:   private LDLIBS += $(CRYPTO)
$(B)/bin/yaml-put:  private LDLIBS += $(YAML)

# Debian packages: to build, for the tests and the sandbox besides, for `make bench`, for CI's checks.
DEBS       := gcc libc6-dev libcurl4-openssl-dev libexpat1-dev libjansson-dev libssl-dev libyaml-dev
DEBS_TEST  := awscli binutils ca-certificates curl git jq libmicrohttpd-dev mandoc openssh-client \
	openssh-server openssl perl procps proot python3-yaml strace
DEBS_BENCH := hyperfine time
DEBS_CI    := clang clang-format libclang-rt-14-dev python3-venv shellcheck valgrind

HARDENING ?= -fPIE -fstack-protector-strong -D_FORTIFY_SOURCE=2
override CPPFLAGS := -D_GNU_SOURCE -DSLUICE_VERSION='"$(VERSION)"' -Icommon -MMD -MP $(CPPFLAGS)
override CFLAGS := -std=c11 -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wwrite-strings -Wpointer-arith -ffunction-sections -fdata-sections \
	-fno-asynchronous-unwind-tables $(HARDENING) $(CFLAGS)
override LDFLAGS := -pie -Wl,-z,relro,-z,now,--as-needed,--gc-sections $(LDFLAGS)

CMDS    := $(patsubst cmd/%.c,%,$(wildcard cmd/*.c))
BINS    := $(CMDS:%=$(B)/bin/%)
# A filter with steps: cmd/NAME.c is the sequence, cmd/NAME/*.c the steps.
STEPS   := $(wildcard cmd/*/*.c)
LIB     := $(B)/build/libsluice.a
LIBOBJ  := $(patsubst %.c,$(B)/build/%.o,$(wildcard common/*.c common/*/*.c))
SANDOBJ := $(patsubst %.c,$(B)/build/%.o,$(wildcard tests/sandbox/*.c))
UNITS   := $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/*.c))
FUZZ    := $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/*.c))
OBJ     := $(LIBOBJ) $(SANDOBJ) $(CMDS:%=$(B)/build/cmd/%.o) $(STEPS:%.c=$(B)/build/%.o) \
	$(UNITS:%=$(B)/build/tests/unit/%.o) $(FUZZ:%=$(B)/build/tests/fuzz/%.o)
MANS1   := $(notdir $(wildcard man/*.1))
MANS7   := $(notdir $(wildcard man/*.7))
DATA    := $(shell find pipelines -type f ! -name '.*' 2>/dev/null)
DATADIRS := $(sort $(dir $(DATA)))
TESTENV := SLUICE_BIN="$(abspath $(B))/bin" SLUICE_BUILD="$(abspath $(B))/build"
# `make V=1` shows the commands themselves, `make -s` nothing.
say = $(if $(V)$(findstring s,$(firstword -$(MAKEFLAGS))),,@printf '  %-4s %s\n' $(1) $(2); )

.DEFAULT_GOAL := all
all: $(BINS) ## the filters, into bin/

$(BINS): $(B)/bin/%: $(B)/build/cmd/%.o $(LIB) | $(B)/bin
	$(call say,LD,$@)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(LIB) $(LDLIBS) $(JSON)
$(foreach s,$(STEPS),$(eval $(patsubst cmd/%/,$(B)/bin/%,$(dir $(s))): $(s:%.c=$(B)/build/%.o)))
$(B)/build/common/do/%.o $(B)/build/common/aws/%.o: private override CFLAGS += $(SMALL)
$(LIB): $(LIBOBJ)
	$(call say,AR,$@)rm -f $@ && $(AR) rcs $@ $^
$(OBJ): $(B)/build/%.o: %.c $(B)/build/flags
	$(call say,CC,$@)mkdir -p $(@D) && $(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<
$(B)/bin $(B)/build $(B)/build/unit $(B)/build/fuzz:
	@mkdir -p $@
# The script that boot-script writes by itself, as a C string.
$(B)/build/cmd/boot-script.o: private override CPPFLAGS += -I$(B)/build
$(B)/build/cmd/boot-script.o: $(B)/build/first-boot.inc
$(B)/build/first-boot.inc: pipelines/boot/first-boot.sh | $(B)/build
	$(call say,GEN,$@)sed 's/[\\"]/\\&/g; s/^/"/; s/$$/\\n"/' $< >$@
# Rewritten only when the flags change, so that new CFLAGS rebuild everything.
$(B)/build/flags: FORCE | $(B)/build
	@printf '%s\n' '$(subst ','\'',$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS))' | cmp -s - $@ || \
		printf '%s\n' '$(subst ','\'',$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS))' >$@

# What is put into the sandbox's machines, as C strings.
$(B)/build/tests/sandbox/machine-files.o: private override CPPFLAGS += -I$(B)/build
$(B)/build/tests/sandbox/machine-files.o: $(B)/build/machine-tools.inc
$(B)/build/machine-tools.inc: $(wildcard tests/sandbox/machine/*) | $(B)/build
	$(call say,GEN,$@)for file in $^; do \
		echo "{\"$${file##*/}\","; sed 's/[\\"]/\\&/g; s/^/"/; s/$$/\\n"/' $$file; echo '},'; \
	done >$@
sandbox: $(B)/build/sandbox ## the clouds on loopback, into build/
$(B)/build/sandbox: $(SANDOBJ) $(LIB)
	$(call say,LD,$@)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(SANDOBJ) $(LIB) -lmicrohttpd $(JSON) \
		$(CRYPTO) $(EXPAT)

# Test programs and fuzz targets: each links all that the library may need.
units: $(UNITS:%=$(B)/build/unit/%)
$(B)/build/unit/%: $(B)/build/tests/unit/%.o $(LIB) | $(B)/build/unit
	$(call say,LD,$@)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< $(LIB) $(JSON) $(AWS) $(YAML)
fuzz: $(FUZZ:%=$(B)/build/fuzz/%)
$(B)/build/fuzz/%: $(B)/build/tests/fuzz/%.o $(LIB) | $(B)/build/fuzz
	$(call say,LD,$@)$(CC) $(CFLAGS) $(LDFLAGS) -fsanitize=fuzzer -o $@ $< $(LIB) $(JSON) $(AWS) $(YAML)

# check, demo and try are all that a fresh Debian needs: they install what is missing first.
ifneq ($(filter check demo try,$(MAKECMDGOALS)),)
$(OBJ): | deps
endif
ifneq ($(filter bench,$(MAKECMDGOALS)),)
$(OBJ): | deps-bench
endif
deps: ## the Debian packages to build and test with, those that are missing
	@sh tests/need $(DEBS) $(DEBS_TEST)
deps-bench:
	@sh tests/need $(DEBS) $(DEBS_BENCH)
deps-ci: ## the same for everything that .ci/run does
	@sh tests/need $(DEBS) $(DEBS_TEST) $(DEBS_BENCH) $(DEBS_CI)

PROVEFLAGS ?= -j4
check: deps all sandbox units ## all tests
	$(TESTENV) prove $(PROVEFLAGS) tests/*.t
demo: deps all sandbox ## the main workflows against the sandbox, with their results
	@$(TESTENV) sh tests/demo.sh
try: deps all sandbox ## a shell with the filters and the sandbox
	@echo "the filters are in PATH, AWS and DigitalOcean are the sandbox; leave with ctrl-D"
	@PATH="$(abspath $(B))/bin:$$PATH" $(B)/build/sandbox --machines --run "$${SHELL:-sh}"
bench: deps-bench all units sandbox ## start, CPU and size beside the peers, as ratios
	@for script in tests/bench/*.sh; do $(TESTENV) CC="$(CC)" sh $$script || exit; done

install: all ## the filters, manual pages and pipelines, below DESTDIR
	install -d "$(DESTDIR)$(BINDIR)" "$(DESTDIR)$(MANDIR)/man1" "$(DESTDIR)$(MANDIR)/man7" \
		$(DATADIRS:%="$(DESTDIR)$(DATADIR)/%")
	$(if $(BINS),install -m 755 $(BINS) "$(DESTDIR)$(BINDIR)")
	$(if $(MANS1),install -m 644 $(MANS1:%=man/%) "$(DESTDIR)$(MANDIR)/man1")
	$(if $(MANS7),install -m 644 $(MANS7:%=man/%) "$(DESTDIR)$(MANDIR)/man7")
	@for file in $(DATA); do \
		mode=644; if [ -x "$$file" ]; then mode=755; fi; \
		install -m $$mode "$$file" "$(DESTDIR)$(DATADIR)/$$file" || exit; \
	done
uninstall: ## what install put there
	rm -f $(CMDS:%="$(DESTDIR)$(BINDIR)/%") $(MANS1:%="$(DESTDIR)$(MANDIR)/man1/%") \
		$(MANS7:%="$(DESTDIR)$(MANDIR)/man7/%") $(DATA:%="$(DESTDIR)$(DATADIR)/%")
	@cd "$(DESTDIR)$(DATADIR)" 2>/dev/null && rmdir -p --ignore-fail-on-non-empty $(DATADIRS) \
		2>/dev/null || :
	@rmdir --ignore-fail-on-non-empty "$(DESTDIR)$(DATADIR)" 2>/dev/null || :
	@# in a staging directory the shared ones are ours too, if nobody else put something there
	@[ -z "$(DESTDIR)" ] || { cd "$(DESTDIR)" && rmdir -p --ignore-fail-on-non-empty \
		".$(BINDIR)" ".$(MANDIR)/man1" ".$(MANDIR)/man7" ".$(dir $(DATADIR))" 2>/dev/null || :; }

DIST := sluice-$(VERSION)
dist: ## the sources as sluice-VERSION.tar.gz
	@git rev-parse --git-dir >/dev/null 2>&1 || { echo "make dist: not in a git working copy" >&2; exit 1; }
	git ls-files -z | tar --null --files-from=- --transform 's,^,$(DIST)/,' --sort=name --owner=0 \
		--group=0 --numeric-owner --mtime="@$$(git log -1 --format=%ct)" -cf - | gzip -n >$(DIST).tar.gz
clean: ## what was built
	rm -rf $(B)/bin $(B)/build $(DIST).tar.gz
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s%s\n", $$1, $$2 }' Makefile
	@echo "Variables: B, CC, CFLAGS, LDFLAGS, PREFIX, BINDIR, MANDIR, DATADIR, DESTDIR, V=1"

FORCE:
.PHONY: all bench check clean demo deps deps-bench deps-ci dist fuzz help install sandbox try \
	uninstall units FORCE
.DELETE_ON_ERROR:
-include $(OBJ:.o=.d)
