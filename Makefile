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
	@tests/matrix $(if $(filter-out file,$(origin KERNEL)),$(KERNEL))

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
	@scripts/sign

install: ## as root: install what was built, and a udev rule; INSTALL_MOD_PATH=DIR
	@scripts/install

uninstall: ## as root: remove what install put there
	@scripts/install --remove

dkms: ## as root: give the sources to DKMS, for each kernel of this machine
	@scripts/install --dkms

setup: ## make the toolchain and the kernel ready, as the others do by themselves
	@scripts/toolchain setup
	@for kernel in $(KERNEL); do scripts/kernel $$kernel; done

bundle: ## what the others need, in one file for machines without network; BUNDLE=FILE
	@scripts/bundle make "$${BUNDLE:-build/bundle.tar.zst}" $(KERNEL)

ifneq ($(BUNDLE),)
$(filter-out bundle unbundle doctor clean cache-clean help,$(or $(MAKECMDGOALS),all)): unbundle

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
	scripts/hold all rm -rf build rust-project.json *.o .*.o *.ko *.mod *.mod.c .*.cmd modules.order Module.symvers

cache-clean: ## remove the cache with toolchain and kernels, and say how much went
	@scripts/toolchain remove-cache

help: ## this list
	@echo 'make [TARGET] [KERNEL=stock] [KDIR=DIR] [V=1]'
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14 | sed 's/^/  /'
	@echo
	@echo 'RUST_SAMPLE_CACHE=DIR  where toolchain and kernels are kept (~/.cache/rust_sample)'
	@echo 'KERNEL=NAME            stock, full, rt, previous, debug, kobject; test takes several'
	@echo 'ARCH=arm64             the same for another architecture than this machine'\''s'
	@echo 'KERNEL_SRC=DIR         build the kernel from this tree, like debug or by its own .config'
	@echo 'BUNDLE=FILE            take toolchain and kernels from there, without a network'
	@echo 'MIRROR=URL             the Debian mirror to fetch them from'
