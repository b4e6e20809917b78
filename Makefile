# SPDX-License-Identifier: GPL-2.0
#
# The person's entry points; `make help` lists them. Kbuild reads Kbuild instead.

# What the caller set, in the environment or as VAR=value, reaches the scripts as
# it is. Who names a kernel's tree means the kernel built from it.
export KERNEL ?= $(if $(KERNEL_SRC),src,stock)

# Archives lose the modes of files, and some disks are mounted with noexec.
ifneq ($(shell test -x scripts/build || echo no),)
$(error scripts/build cannot be executed: run `chmod +x $$(grep -rlI --exclude-dir=build '^#!' .)`; if that does not help, move the project to a disk that is not mounted with noexec)
endif

.PHONY: all run test test-all matrix fuzz bench bench-docs bench-accept shell setup menuconfig bundle unbundle report update lint fmt doc rust-analyzer gdb sign install uninstall dkms doctor clean cache-clean help

# The settings, and the targets that take them. `ready` are the targets that make the toolchain and
# a kernel ready. The # at the ends keep a space, as scripts/new-driver removes " TARGET ".
ready := all run test test-all matrix fuzz bench bench-accept shell gdb setup menuconfig bundle \
	 report update lint fmt doc rust-analyzer #
takes_KERNEL := all test test-all matrix shell setup bundle sign install doctor #
takes_KERNEL_SRC := all test test-all matrix shell setup menuconfig sign install doctor #
takes_KDIR := all sign install doctor #
takes_ARCH := all run test test-all matrix shell setup update sign install doctor #
takes_V := all run test test-all matrix fuzz bench bench-accept shell gdb #
takes_SUITE := test test-all matrix #
takes_SEED := test test-all matrix fuzz #
takes_STRESS := test test-all matrix #
takes_TRACE := test test-all matrix #
takes_SECONDS := fuzz #
takes_MODULE_KEY := sign #
takes_MODULE_CERT := sign #
takes_INSTALL_MOD_PATH := install uninstall #
takes_INSTALL_MOD_DIR := install uninstall #
takes_BUNDLE := $(ready) #
takes_MIRROR := $(ready) #
takes_RUST_SAMPLE_CACHE := $(ready) sign install doctor cache-clean #
takes_RUST_SAMPLE_TOOLCHAIN := $(takes_RUST_SAMPLE_CACHE) #

# A setting on the command line that no target of this call takes is an error: it would have no
# effect. In the environment it may be there for other programs, so only a kernel is an error
# there, and only for targets that build for another one. With KDIR, Kbuild has settings of its own.
goals := $(or $(MAKECMDGOALS),all)
origin_is = $(filter $1,$(firstword $(origin $2)))
kbuild := $(if $(KDIR),$(filter all install doctor,$(goals)))
given := $(foreach v,$(.VARIABLES),$(if $(call origin_is,command,$v),$v)) \
	$(if $(filter $(takes_V),$(goals)),$(foreach v,KERNEL KERNEL_SRC,$(if $(call origin_is,environment,$v),$v)))
unused := $(strip $(foreach v,$(filter-out HOME PATH TMPDIR XDG_% %_proxy %_PROXY,$(given)),\
	$(if $(or $(filter $(takes_$v),$(goals)),$(if $(takes_$v),,$(kbuild))),,$v)) \
	$(if $(and $(KDIR),$(filter $(takes_KDIR),$(goals))),$(filter KERNEL KERNEL_SRC,$(given))))
ifneq ($(and $(call origin_is,command,KDIR),$(if $(KDIR),,empty)),)
$(error KDIR is empty: name the build folder of a kernel, or leave it out)
endif
ifneq ($(unused),)
$(error 'make $(goals)' does not take $(firstword $(unused))$(if $(kbuild), together with KDIR): \
	$(if $(call origin_is,environment,$(firstword $(unused))),unset it,leave it out) (see 'make help'))
endif

ifneq ($(KDIR),)
all: ## build rust_sample.ko for KERNEL, or for KDIR with the host's own toolchain
	@scripts/toolchain in-place
	@echo "Building for the kernel in $(KDIR), with the host's own toolchain"
	scripts/hold built $(MAKE) -C '$(KDIR)' M='$(CURDIR)'
else
all:
	@scripts/build $(KERNEL)
endif

run: ## show the module at work in a VM, from a bare machine
	@scripts/build stock
	@scripts/run

test: ## run all test suites; KERNEL="stock ..." and SUITE="..." choose
	@scripts/build --bench $(KERNEL)
	@tests/run

test-all: ## the same, and the slow tests of the set-up, from empty caches
	@scripts/build --bench $(KERNEL)
	@tests/run --all

matrix: ## build and test on all of Debian's kernels, and on arm64's; one table
	@tests/matrix $(if $(or $(KERNEL_SRC),$(filter-out file,$(origin KERNEL))),$(KERNEL))

fuzz: ## call the module at random, guided by what that reaches; SECONDS=600, SEED=...
	@scripts/build debug
	@tests/fuzz/run

bench: ## measure it against pipe(2), its twin in C and more; into build/bench
	@bench/run

bench-docs: ## put what was measured last into docs/performance.md
	@bench/docs

bench-accept: ## record the speed that `make test` asks for: that of now
	@bench/run --quick
	@scripts/toolchain run bench/gate --accept build/bench/quick.csv

shell: ## a shell in the VM with the module loaded; leaving it powers off
	@scripts/build $(KERNEL)
	@scripts/vm --kernel $(KERNEL) --shell

gdb: ## a debugger at the debug kernel in the VM, stopped as the module is loaded
	@scripts/build debug
	@scripts/gdb

sign: ## sign what was built, for Secure Boot; MODULE_KEY=FILE, MODULE_CERT=FILE
	@scripts/packaging/sign

install: ## as root: install what was built, and a udev rule; INSTALL_MOD_PATH=DIR
	@scripts/packaging/install

uninstall: ## as root: remove what install put there
	@scripts/packaging/install --remove

dkms: ## as root: give the sources to DKMS, for each kernel of this machine
	@scripts/packaging/install --dkms

setup: ## make the toolchain and the kernel ready, as the others do by themselves
	@scripts/toolchain setup
	@for kernel in $(KERNEL); do scripts/kernel $$kernel; done

bundle: ## what the others need, in one file for machines without network; BUNDLE=FILE
	@scripts/bundle make "$${BUNDLE:-build/bundle.tar.zst}" $(KERNEL)

ifneq ($(BUNDLE),)
$(filter-out bundle,$(filter $(takes_BUNDLE),$(goals))): unbundle

unbundle:
	@scripts/bundle use "$$BUNDLE"
endif

report: ## Rust in the kernel today and in 2022, into docs/report.md; builds two kernels
	@scripts/report

menuconfig: ## show and edit the debug kernel's options
	@scripts/kernel $(if $(KERNEL_SRC),src,debug) --menuconfig

update: ## ask the archive for a newer toolchain and kernel; nothing else does
	@scripts/toolchain update
	@scripts/kernel update
	@scripts/toolchain prune

lint: ## check the sources alone: format, warnings, rules; a table at the end
	@scripts/lint

fmt: ## mend the format of the sources in Rust, C and shell
	@scripts/lint --fix

doc: ## pages of the module's Rust, with links into the kernel crate's
	@scripts/doc

rust-analyzer: ## rust-project.json, for an editor on this machine
	@scripts/rust-analyzer

doctor: ## say what is there, what is missing and how to get it; KDIR=... works
	@scripts/doctor

clean: ## remove what was built here
	scripts/hold all rm -rf build rust-project.json *.o .*.o *.ko *.mod *.mod.c .*.cmd modules.order Module.symvers \
		kernel_ext/*.o kernel_ext/.*.cmd

cache-clean: ## remove the cache with toolchain and kernels, and say how much went
	@scripts/toolchain remove-cache

help: ## this list
	@echo 'make [TARGET] [SETTING=VALUE...]'
	@LC_ALL=C sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14 | sed 's/^/  /'
	@echo
	@echo 'Settings, and the targets that take them:'
	@printf '  %s\n      %s\n' \
		'KERNEL=NAME: stock, full, rt, previous, debug, kobject; test takes several' '$(takes_KERNEL)' \
		'KERNEL_SRC=DIR: build the kernel from this tree, like debug or by its own .config' '$(takes_KERNEL_SRC)' \
		"KDIR=DIR: a prepared kernel, for the host's own toolchain; Kbuild's settings, too" '$(takes_KDIR)' \
		"ARCH=arm64: the same for another architecture than this machine's" '$(takes_ARCH)' \
		'V=1: show the commands of the build' '$(takes_V)' \
		'SUITE="NAME...": these suites alone' '$(takes_SUITE)' \
		'SEED=N: the same random numbers again' '$(takes_SEED)' \
		'STRESS=full: ten million operations; TRACE=1: the trace of the shell' '$(takes_STRESS)' \
		'SECONDS=N: how long' '$(takes_SECONDS)' \
		'MODULE_KEY=FILE, MODULE_CERT=FILE: the key to sign with' '$(takes_MODULE_KEY)' \
		'INSTALL_MOD_PATH=DIR, INSTALL_MOD_DIR=DIR: for /, and for the folder updates' '$(takes_INSTALL_MOD_PATH)' \
		'BUNDLE=FILE: take toolchain and kernels from there; MIRROR=URL: or from there' '$(ready)' \
		'RUST_SAMPLE_CACHE=DIR, RUST_SAMPLE_TOOLCHAIN=cache|system: where they are' \
		'the same, $(filter-out $(ready),$(takes_RUST_SAMPLE_CACHE))'
	@echo 'On the command line each other target refuses them. In the environment they count, too; what'
	@echo 'a target does not take is passed over there, but for a KERNEL where another one is built for.'
