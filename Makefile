# sluice: see README. `make help` lists the targets.

VERSION := 0.1.0
PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
MANDIR ?= $(PREFIX)/share/man
DATADIR ?= $(PREFIX)/share/sluice
PKG_CONFIG ?= pkg-config
PROVEFLAGS ?= -j4 --timer
CFLAGS ?= -O2 -g
HARDENING ?= -fPIE -fstack-protector-strong -D_FORTIFY_SOURCE=2
override CPPFLAGS := -D_GNU_SOURCE -DSLUICE_VERSION='"$(VERSION)"' -Icommon -MMD -MP $(CPPFLAGS)
override CFLAGS := -std=c11 -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wwrite-strings -Wpointer-arith $(HARDENING) $(CFLAGS)
override LDFLAGS := -pie -Wl,-z,relro,-z,now -Wl,--as-needed $(LDFLAGS)

# B: where objects and binaries go; `make B=out` keeps a second build apart.
B ?= .
CMDS   := $(patsubst cmd/%.c,%,$(wildcard cmd/*.c))
BINS   := $(CMDS:%=$(B)/bin/%)
LIB    := $(B)/build/libsluice.a
LIBSRC := $(wildcard common/*.c common/*/*.c)
LIBOBJ := $(LIBSRC:%.c=$(B)/build/%.o)
SANDSRC := $(wildcard tests/sandbox/*.c)
SANDOBJ := $(SANDSRC:%.c=$(B)/build/%.o)
UNITS  := $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/*.c))
OBJ    := $(LIBOBJ) $(SANDOBJ) $(CMDS:%=$(B)/build/cmd/%.o) $(UNITS:%=$(B)/build/tests/unit/%.o)
MANS1  := $(wildcard man/*.1)
MANS7  := $(wildcard man/*.7)

JSON   := -ljansson
CRYPTO := -lcrypto
CURL   := -lcurl
EXPAT  := -lexpat
AWS    := $(CURL) $(CRYPTO) $(EXPAT)

all: $(BINS)

# What each filter links beyond Jansson.
$(B)/bin/ami-find:  private LDLIBS += $(AWS)
$(B)/bin/asg-list:  private LDLIBS += $(AWS)
$(B)/bin/asg-rm:    private LDLIBS += $(AWS)
$(B)/bin/asg-roll:  private LDLIBS += $(AWS)
$(B)/bin/aws-call:  private LDLIBS += $(AWS)
$(B)/bin/aws-sign:  private LDLIBS += $(CRYPTO)
$(B)/bin/http-send: private LDLIBS += $(CURL)

$(BINS): $(B)/bin/%: $(B)/build/cmd/%.o $(LIB) | $(B)/bin
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< $(LIB) $(JSON) $(LDLIBS)
$(LIB): $(LIBOBJ)
	rm -f $@ && $(AR) rcs $@ $^
$(OBJ): $(B)/build/%.o: %.c $(B)/build/flags
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<
$(B)/bin $(B)/build:
	mkdir -p $@
# Rewritten only when the flags change, so that new CFLAGS rebuild everything.
$(B)/build/flags: FORCE | $(B)/build
	@printf '%s\n' '$(subst ','\'',$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS))' | cmp -s - $@ || \
		printf '%s\n' '$(subst ','\'',$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS))' >$@

sandbox: $(B)/build/sandbox
$(B)/build/sandbox: $(SANDOBJ) $(LIB)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(SANDOBJ) $(LIB) -lmicrohttpd $(JSON) $(CRYPTO)

# Test programs: each links all that the library may need.
units: $(UNITS:%=$(B)/build/unit/%)
$(B)/build/unit/%: $(B)/build/tests/unit/%.o $(LIB)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< $(LIB) $(JSON) $(AWS)

check: all sandbox units
	SLUICE_BIN="$(abspath $(B))/bin" SLUICE_BUILD="$(abspath $(B))/build" prove $(PROVEFLAGS) tests/*.t

clean:
	rm -rf $(B)/bin $(B)/build
FORCE:
.PHONY: all check clean sandbox units FORCE
.DELETE_ON_ERROR:
-include $(OBJ:.o=.d)
