# SPDX-License-Identifier: GPL-2.0
# `make help` lists the targets. Everything built goes to build/.

# A release whose headers are on this machine, or one of 6.1, 6.12, 7.3 (see selftests/vm/setup)
KVER ?= $(shell ls -d /lib/modules/*/build/Makefile 2>/dev/null | cut -d / -f 4 | sort -V | tail -n 1)
export CTRACK_CACHE ?= /var/cache/ctrack

VERSION := 0.1

vm := selftests/vm
Q := $(if $(V),,@)

CC ?= gcc
PKGS := libmnl jansson
# What the unit tests compare with, besides.
TEST_PKGS := libnetfilter_conntrack
CFLAGS ?= -O2 -g
ctctl_cflags = -std=gnu11 -DCTRACK_VERSION='"$(VERSION)"' -Wall -Wextra -W -D_GNU_SOURCE -I. $(shell pkg-config --cflags $(PKGS)) -MMD -MP
ctctl_objects := $(patsubst userspace/%.c,build/obj/%.o,$(wildcard userspace/*.c))
tool_cflags = -std=gnu11 -Wall -Wextra -Wno-missing-field-initializers -D_GNU_SOURCE -MMD -MP
sanitize := -fsanitize=address,undefined -fno-sanitize-recover=all
test_cflags := -std=gnu11 -O1 -g -Wall -Wextra -Wno-unused-parameter -D_GNU_SOURCE -I. -Itests/include -MMD -MP $(sanitize)
tools := $(patsubst selftests/%.c,build/%,$(wildcard selftests/tools/*.c))
unit_tests := $(patsubst tests/%.c,build/tests/%,$(wildcard tests/*_test.c))

# A fuzzer is linked with what it does not include: the pure files, and ctctl without its main().
CLANG ?= clang
fuzz_cflags := $(test_cflags) -fno-omit-frame-pointer
fuzz_sources := $(wildcard proto/*.c) nf/key.c nf/reason.c nat/port.c $(filter-out userspace/main.c,$(wildcard userspace/*.c))
fuzz_objects := $(fuzz_sources:%.c=build/fuzz/obj/%.o)
fuzzers := $(patsubst tests/fuzz/%.c,build/fuzz/%,$(wildcard tests/fuzz/*.c))

.PHONY: all modules ctctl unit-tests tools fuzzers fuzz help setup demo check check-debug check-differential check-healthy
.PHONY: check-peers bench shell style clean install uninstall dkms dkms-remove
.DELETE_ON_ERROR:

## all (the default): the modules in build/$KVER and build/ctctl; KVER=6.1|6.12|7.3|any release with headers here
all: modules ctctl

## modules: build/$KVER/{ctrack,ctrack_nat,ctrack_xt,ctrack_iptable_nat}.ko
modules:
	$(if $(KVER),,$(error no kernel headers here: apt install linux-headers-amd64, or give KVER=6.1))
	$(Q)$(vm)/modules $(KVER) $(if $(V),V=$(V)) $(if $(W),W=$(W)) $(if $(C),C=$(C))

## ctctl: build/ctctl
ctctl: $(if $(ctctl_objects),build/ctctl)

build/ctctl: $(ctctl_objects)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(shell pkg-config --libs $(PKGS))

build/obj/%.o: userspace/%.c Makefile
	@mkdir -p $(@D)
	$(Q)$(CC) $(ctctl_cflags) $(CFLAGS) -c -o $@ $<

## unit-tests: build/tests/*_test, with ASan and UBSan; selftests/vm/unit runs them
unit-tests: $(unit_tests)

# What it sees from outside only, because the statics of all of proto/ do not go together
build/tests/icmp_test: others := proto/dccp.c proto/gre.c proto/sctp.c proto/sctp_chunk.c
build/tests/icmp_test: proto/dccp.c proto/gre.c proto/sctp.c proto/sctp_chunk.c

build/tests/%_test: tests/%_test.c Makefile
	@mkdir -p $(@D)
	$(Q)$(CC) $(test_cflags) -MT $@ -o $@ $< $(others) -lcmocka $(shell pkg-config --libs $(PKGS) $(TEST_PKGS))

## tools: build/tools/*, programs that the selftests need
tools: $(tools)

# It is started more often than all else.
build/tools/in_ns: tool_cflags += -static

build/tools/%: selftests/tools/%.c Makefile
	@mkdir -p $(@D)
	$(Q)$(CC) $(tool_cflags) $(CFLAGS) -o $@ $<

## fuzzers: build/fuzz/NAME, with ASan and UBSan, and what they start from in build/fuzz/seeds; selftests/vm/fuzz runs them
fuzzers: $(fuzzers) build/fuzz/seeds

build/fuzz/%: tests/fuzz/%.c build/fuzz/pure.a Makefile
	$(Q)$(CLANG) $(fuzz_cflags) -fsanitize=fuzzer -o $@ $< build/fuzz/pure.a $(shell pkg-config --libs $(PKGS))

build/fuzz/pure.a: $(fuzz_objects)
	$(Q)rm -f $@ && $(AR) crs $@ $^

build/fuzz/obj/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(fuzz_cflags) -fsanitize=fuzzer-no-link -c -o $@ $<

build/fuzz/seeds: tests/fuzz/seeds.py Makefile
	$(Q)rm -rf $@ && python3 $< $@

-include $(wildcard build/obj/*.d build/tests/*.d build/tools/*.d build/fuzz/*.d) $(fuzz_objects:.o=.d)

PREFIX ?= /usr/local
sbin = $(DESTDIR)$(PREFIX)/sbin
share = $(DESTDIR)$(PREFIX)/share
# Where bash and modprobe look, whatever the prefix.
completions = $(DESTDIR)/usr/share/bash-completion/completions
modprobe_d = $(DESTDIR)/etc/modprobe.d
kos = $(wildcard build/$(KVER)/ctrack*.ko)
# modinfo is not in everybody's PATH.
modinfo := PATH="$$PATH:/usr/sbin:/sbin" modinfo
# KVER may be a series; the modules know for which release they were built.
release = $(or $(shell $(modinfo) -F vermagic build/$(KVER)/ctrack.ko 2>/dev/null | cut -d ' ' -f 1),$(KVER))
updates = $(DESTDIR)/lib/modules/$(release)/updates
dkms_src = /usr/src/ctrack-$(VERSION)
# The kernel's own modules have the same aliases; modprobe takes those that stand here instead.
define aliases
echo "# Rules and tools that want connection tracking get ctrack. modprobe nft_ct still loads the kernel's own."; \
for ko in $(kos); do $(modinfo) -F alias $$ko | sed "s/.*/alias & $$(basename $$ko .ko)/"; done
endef

## install: what was built, to /lib/modules, /etc/modprobe.d and PREFIX; with DESTDIR, there, and without depmod
install:
	$(if $(kos),,$(error nothing is built for KVER=$(KVER): run make KVER=$(KVER) first))
	$(Q)install -D -m 644 -t $(updates) $(kos)
	$(Q)install -D -m 755 -t $(sbin) build/ctctl
	$(Q)install -D -m 644 -t $(share)/man/man8 Documentation/ctctl.8
	$(Q)install -D -m 644 userspace/ctctl.bash-completion $(completions)/ctctl
	$(Q){ $(aliases); } | install -D -m 644 /dev/stdin $(modprobe_d)/ctrack.conf
	$(if $(DESTDIR),,$(Q)depmod $(release))
	$(if $(DESTDIR),,$(Q)echo "Installed for $(release) alone: rules with ct fail in a kernel without it. make dkms has it built for each.")

# What is for all kernels stays while one of them has the modules.
define uninstall_the_rest
others=$$(ls $(DESTDIR)/lib/modules/*/updates/ctrack.ko $(DESTDIR)/lib/modules/*/updates/dkms/ctrack.ko* 2>/dev/null); \
if [ -n "$$others" ]; then echo "ctctl and ctrack.conf stay, because of:" $$others; \
else rm -f $(sbin)/ctctl $(share)/man/man8/ctctl.8 $(completions)/ctctl $(modprobe_d)/ctrack.conf; fi
endef

## uninstall: takes away what install put there for this KVER, and with the last kernel's modules the rest
uninstall:
	$(Q)rm -f $(updates)/ctrack*.ko
	$(if $(DESTDIR),,$(Q)[ ! -d /lib/modules/$(release) ] || depmod $(release))
	$(Q)$(uninstall_the_rest)

# It replaces no module that it does not know. Later kernels it finds itself.
define dkms_install
status=0; \
for kernel in $$(ls -d /lib/modules/*/build 2>/dev/null | cut -d / -f 4); do \
	rm -f "/lib/modules/$$kernel/updates"/ctrack*.ko; \
	dkms install -m ctrack -v $(VERSION) -k "$$kernel" || status=1; \
done; \
exit $$status
endef

## dkms: the modules' sources to /usr/src, and dkms builds them for each kernel that has headers, and each later one; with DESTDIR, only there
dkms:
	$(if $(DESTDIR),,$(Q)$(MAKE) -s dkms-remove)
	$(Q)rm -rf $(DESTDIR)$(dkms_src)
	$(Q)install -D -m 644 -t $(DESTDIR)$(dkms_src) Kbuild COPYING
	$(Q)for dir in nf nat proto; do install -D -m 644 -t $(DESTDIR)$(dkms_src)/$$dir $$dir/*.[ch]; done
	$(Q)sed 's/@VERSION@/$(VERSION)/' dkms.conf > $(DESTDIR)$(dkms_src)/dkms.conf
	$(if $(DESTDIR),,$(Q)$(dkms_install))

## dkms-remove: takes away what dkms put there, for all kernels
dkms-remove:
	$(Q)[ ! -d /var/lib/dkms/ctrack/$(VERSION) ] || dkms remove -m ctrack -v $(VERSION) --all
	$(Q)rm -rf $(dkms_src)

## fuzz: set-up, build, and the fuzzers for an hour; FUZZ_TIME=seconds and FUZZ="tcp ctctl_nl" choose
fuzz:
	$(Q)$(vm)/fuzz

## demo: set-up, build, and a tour of a NAT router in a virtual machine; KERNELS=6.1|6.12|7.3
demo:
	$(Q)$(vm)/check --demo

## check: set-up, build and every test; KERNELS="6.1 7.3" and TESTS="masquerade udp" choose
check:
	$(Q)$(vm)/check

## check-debug: the selftests in kernels that check memory, locks and leaks (their first build takes an hour)
check-debug: export KERNELS ?= debug uml-debug
check-debug:
	$(Q)$(vm)/check

## check-peers: tests that the kernel and others ship, on nf_conntrack and on ctrack; TESTS="nft_nat", PEERS=6.1|7.3|DIR
check-peers:
	$(Q)$(vm)/check --peers

## check-healthy: 10,000 TCP connections over a bad network, none of whose packets may be invalid
check-healthy:
	$(Q)SELFTEST_ENVIRONMENT='HEALTHY=10000;SELFTEST_LIMIT=1500' TESTS=healthy $(vm)/check

## check-differential: generated packets through nf_conntrack and ctrack; SEED=N COUNT=N PROTOCOLS=tcp,udp KERNELS=6.1
check-differential: export SEED ?= $(shell date +%s)
check-differential: export COUNT ?= 3000
check-differential: export KERNELS ?= 6.1
check-differential: export TESTS = differential
check-differential: export SELFTEST_WHOLE = 14400
check-differential: export SELFTEST_SILENCE = 1800
check-differential: export SELFTEST_ENVIRONMENT = SELFTEST_LIMIT=14000;SEED=$(SEED);COUNT=$(COUNT);SHRINK=1200;$\
	PROTOCOLS=$(PROTOCOLS);ORDER=$(ORDER);SUSPECT=$(SUSPECT)
check-differential:
	$(Q)$(vm)/check

## bench: ctrack beside nf_conntrack, a table of ratios; KERNELS="6.1 uml" and BENCH="new/* established/udp4/*" choose
bench:
	$(Q)tests/bench/run

## shell: a prompt in the virtual machine, ctrack loaded; leave it with `exit`
shell:
	$(Q)$(vm)/check --shell

## setup: what check and demo would set up first
setup:
	$(Q)$(vm)/setup packages 6.1 7.3

## style: checkpatch, sparse and W=1 on our C files
style:
	$(Q)$(vm)/style

## clean: removes build/; what setup fetched stays in $CTRACK_CACHE
clean:
	$(Q)rm -rf build

## help: this list
help:
	@sed -n 's/^## \([^:]*\): /\1\t/p' $(MAKEFILE_LIST) | expand -t 16
